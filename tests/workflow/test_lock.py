"""One run in a folder at a time, however it is started; a killed one leaves nothing that stands in the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metalclouds.files import read_json
from metalclouds.run_lock import LOCK, OWNER
from tests.workflow.checkout import ROOT, Checkout

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
TARGET = "results/twin/raw/fpi.json"
HOLD = "from metalclouds import run_lock; run_lock.hold('results', 'zenodo'); print('held', flush=True); input()"


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def started(checkout, *command: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, *command], cwd=checkout.folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def test_second_run_is_refused_and_told_what_runs(checkout):
    holder = started(checkout, "-c", HOLD)
    assert holder.stdout.readline() == "held\n"
    done = checkout.snakemake(TARGET, check=False)
    assert done.returncode == 1
    assert "another run works in this folder" in done.stderr
    assert "run zenodo since 20" in done.stderr
    assert f"process {holder.pid}" in done.stderr
    assert not checkout.path(TARGET).exists()
    assert checkout.snakemake(TARGET, "-n").returncode == 0, "looking is no run"
    asked = started(checkout, "-m", "metalclouds.run_lock", "results")
    assert asked.wait(20) == 3
    checkout.path("results/twin/sums").mkdir(parents=True)
    repair = started(checkout, "-m", "metalclouds.cli", "verify", "--repair", "results/twin")
    assert repair.wait(20) == 2, "a run that goes on is not repaired"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    (checkout.path("results") / ".half.nc.0123abcd.part").write_text("")
    scripts = checkout.path(".snakemake/scripts")
    scripts.mkdir(parents=True, exist_ok=True)
    for name in ("tmpa1b2_c3d.detect.py", "notes.txt"):
        (scripts / name).write_text("")
    checkout.snakemake(TARGET)
    assert not list(checkout.path("results").rglob("*.part")), "what a killed run left is removed"
    assert [path.name for path in scripts.iterdir()] == ["notes.txt"], "and the scripts of its jobs, nothing else"
    assert read_json(checkout.path("results") / OWNER)["run"] == "twin"
    assert checkout.path(f"results/{LOCK}").exists()


@pytest.mark.parametrize("is_damaged", [False, True])
def test_make_beside_a_bare_snakemake_is_refused(checkout, is_damaged):
    """`make run` first looks for lost products, then starts Snakemake: either is told what runs."""
    if is_damaged:
        checkout.path("results/twin/sums").mkdir(parents=True)
    with open(checkout.folder / "said", "w") as said:
        bare = subprocess.Popen(
            [Path(sys.executable).with_name("snakemake"), "results/twin/raw/lidar.json", "--cores", "1",
             "--configfile", "config/config.yaml", "settings.yaml"], cwd=checkout.folder, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        end = time.monotonic() + 60
        while not checkout.path(f"results/{OWNER}").exists() and time.monotonic() < end:
            time.sleep(0.05)
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        make = subprocess.run(
            ["make", "-f", ROOT / "Makefile", "ENV=none", "run"], cwd=checkout.folder, env=environment, text=True,
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert bare.poll() is None, "it was still going on"
    finally:
        bare.kill()
        bare.wait()
    assert make.returncode == 2
    assert "another run works in this folder" in make.stderr
    assert "run twin since 20" in make.stderr
    assert f"process {bare.pid}" in make.stderr
    assert "Page:" not in make.stdout


def test_job_ends_with_its_run(checkout, tmp_path):
    script = (
        "import subprocess, sys, time; from metalclouds import run_lock; run_lock.end_with_run(); "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "print(child.pid, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    environment = {**os.environ, "METALCLOUDS_RUN_PROCESS": f"{os.uname().nodename} {run.pid}"}
    job = subprocess.Popen([sys.executable, "-c", script], env=environment, text=True, stdout=subprocess.PIPE)
    child = int(job.stdout.readline())
    time.sleep(1.5)
    assert job.poll() is None, "its run is there"
    run.kill()
    run.wait()
    assert job.wait(10) == 1
    time.sleep(0.2)
    status = Path(f"/proc/{child}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()


def test_job_of_another_node_is_left_alone():
    environment = {**os.environ, "METALCLOUDS_RUN_PROCESS": "another 999999999"}
    script = "import time; from metalclouds import run_lock; run_lock.end_with_run(); time.sleep(2)"
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


def test_a_fresh_start_beside_a_living_run_takes_nothing_away(checkout):
    """The part of `make ci FRESH=1` that comes before `rm`."""
    recipe = (ROOT / "Makefile").read_text().split("\nci:")[1].split("\n\n")[0]
    assert "-m metalclouds.run_lock results && rm -rf results/small" in recipe
    holder = started(checkout, "-c", HOLD)
    assert holder.stdout.readline() == "held\n"
    done = subprocess.run(
        [sys.executable, "-m", "metalclouds.run_lock", "results"], cwd=checkout.folder, capture_output=True, text=True
    )
    holder.communicate("\n")
    assert done.returncode == 3
    assert "another run works in this folder" in done.stderr
