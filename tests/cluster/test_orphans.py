"""What a killed Snakemake left in the queue is cancelled; nobody else's jobs are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from tests.workflow.checkout import ROOT

SCRIPT = ROOT / "workflow/cluster/snakemake.sh"


@pytest.fixture
def folder(tmp_path):
    """A checkout, and commands that stand for SLURM's: a queue in a file, and a list of what was cancelled."""
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    commands = {
        "squeue": 'echo "$*" > asked; cat queue',
        "scancel": 'echo "$*" > cancelled; : > queue',
        "snakemake": 'echo "$*" > run',
    }
    (tmp_path / "bin").mkdir()
    for name, text in commands.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def run(folder: Path, queue: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    (folder / "queue").write_text(queue)
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SNAKEMAKE": "snakemake", "PYTHON": sys.executable}
    return subprocess.run(
        [SCRIPT, *arguments, "all"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=check,
        timeout=30,
    )


def test_only_jobs_of_this_folder_and_prefix_are_cancelled(folder):
    here = os.path.realpath(folder)
    queue = [
        f"11|metalclouds_1b4e|{here}", f"12|metalclouds_1b4e|{here}", f"13|metalclouds_77aa|{here}2",
        f"14|other_metalclouds_|{here}", "15|metalclouds_77aa|/elsewhere",
    ]  # fmt: skip
    done = run(folder, "\n".join(queue) + "\n")
    assert (folder / "cancelled").read_text().split() == ["11", "12"]
    assert "--me" in (folder / "asked").read_text().split()
    assert "11 12" in done.stderr


def test_an_empty_queue_is_left_alone_and_arguments_are_passed_on(folder):
    run(folder, "")
    assert not (folder / "cancelled").exists()
    assert (folder / "run").read_text().split() == [
        "--nolock", "--workflow-profile", "workflow/profiles/slurm", "all",
    ]  # fmt: skip


def test_a_dry_run_cancels_nothing_and_says_so(folder):
    done = run(folder, f"11|metalclouds_1b4e|{os.path.realpath(folder)}\n", "-n")
    assert not (folder / "cancelled").exists()
    assert "would cancel them: 11" in done.stderr
    assert (folder / "run").read_text().split()[-2:] == ["-n", "all"]


def test_jobs_of_a_run_that_goes_on_are_left_alone(folder):
    (folder / "results").mkdir()
    with filelock.FileLock(folder / "results/.lock"):
        done = run(folder, f"11|metalclouds_1b4e|{os.path.realpath(folder)}\n", check=False)
    assert done.returncode == 3
    assert "another run works in this folder" in done.stderr
    assert not (folder / "cancelled").exists()
