"""A job says on the terminal why it failed, also where its log cannot be written."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from types import SimpleNamespace
from metalclouds.errors import ReadError
from metalclouds.workflow import job
snakemake = SimpleNamespace(rule="detect", log=["results/twin/logs/detect/a.log"], input=[], output=[], threads=1)
with job(snakemake):
    {body}
"""


def run(folder, body: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", SCRIPT.format(body=body)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_reason_of_a_full_disk_reaches_the_terminal(tmp_path):
    log = tmp_path / "results/twin/logs/detect/a.log"
    log.parent.mkdir(parents=True)
    log.symlink_to("/dev/full")
    done = run(tmp_path, "print('working')")
    assert done.returncode == 1
    assert done.stderr.startswith("detect: No space left on device")
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr


def test_error_of_the_input_is_told_on_the_terminal_and_in_the_log(tmp_path):
    done = run(tmp_path, "raise ReadError('no such night', file='x.nc')")
    assert done.returncode == 1
    for text in (done.stderr, (tmp_path / "results/twin/logs/detect/a.log").read_text()):
        assert "no such night\n  file: x.nc" in text
        assert "Traceback" not in text


def test_fault_of_the_code_has_its_trace_in_the_log_alone(tmp_path):
    done = run(tmp_path, "{}['missing']")
    assert done.stderr.startswith("detect: KeyError: 'missing'")
    assert "Traceback" not in done.stderr
    assert "Traceback" in (tmp_path / "results/twin/logs/detect/a.log").read_text()
