"""The workflow as a module of somebody's own: from a folder that holds a configuration and the lines that name it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.checkout import ROOT, planned

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
# As docs/cluster.md has it.
LINES = """\
configfile: "config/config.yaml"


module metalclouds:
    snakefile:
        "{project}/workflow/Snakefile"
    config:
        config


use rule * from metalclouds{names}
"""


@pytest.fixture(params=["", " as clouds_*"], ids=["own names", "prefix"])
def folder(tmp_path, request) -> Path:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/Snakefile").write_text(LINES.format(project=ROOT, names=request.param))
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [str(Path(sys.executable).with_name("snakemake")), "--cores", "2", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def test_the_whole_graph_is_built(folder):
    done = snakemake(folder, "-n")
    assert done.returncode == 0, done.stderr
    assert {"twin_lidar", "figure1", "report"} <= {name.removeprefix("clouds_") for name in planned(done)}


def test_jobs_run_and_find_the_projects_own_files(folder):
    """A job with a data file of the library, and one behind the checkpoint's inventory with a catalogue."""
    targets = ["results/twin/derive/density_profile.csv", "results/twin/raw/inventory/fpi.json"]
    done = snakemake(folder, *targets)
    assert done.returncode == 0, done.stderr
    assert all((folder / target).is_file() for target in targets)


def test_the_documentation_shows_these_lines():
    text = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    for line in LINES.format(project="/path/to/metalclouds", names="").splitlines():
        assert line in text
