"""What a job of the workflow leaves: a log of all that was said, checksums, and the reason of a failure outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from metalclouds import progress
from metalclouds.progress import Progress

# A job as Snakemake starts one; it and a process that it starts speak on both streams, and a warning comes twice.
JOB = """
import subprocess, sys, types, warnings
from metalclouds import progress, workflow
job = types.SimpleNamespace(
    rule="columns", input=["a", "b"], output=["results/twin/derive/columns.csv"], threads=2,
    log=["results/twin/logs/columns.log"], config={},
)
with workflow.job(job):
    print("said")
    print("complained", file=sys.stderr)
    subprocess.run([sys.executable, "-c", "import sys; print('child'); print('child complained', file=sys.stderr)"])
    for _ in range(2):
        warnings.warn("odd value", UserWarning)
    print("12 of 20 nights", file=progress.terminal)
    import pathlib
    pathlib.Path("results/twin/derive").mkdir(parents=True)
    pathlib.Path(job.output[0]).write_text("night\\n")
    if sys.argv[1:]:
        raise ValueError("no such thing")
print("after")
"""


def run(folder, *arguments: str) -> tuple[subprocess.CompletedProcess, str]:
    done = subprocess.run(
        [sys.executable, "-c", JOB, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done, (folder / "results/twin/logs/columns.log").read_text(encoding="utf-8")


def test_all_that_is_said_stands_in_the_log_and_progress_on_the_terminal(tmp_path):
    done, log = run(tmp_path)
    assert done.returncode == 0
    for text in ("said", "complained", "child\n", "child complained"):
        assert text in log
    assert log.count("odd value") == 1, "a warning once"
    assert re.search(
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ columns: 2 inputs, threads 2, metalclouds \S+$", log, re.MULTILINE
    )
    assert "wrote results/twin/derive/columns.csv (0 rows, 0.0 kB)" in log
    assert re.search(r"columns: done in \d+\.\d s", log)
    assert done.stderr == "12 of 20 nights\n"
    assert done.stdout == "after\n", "afterwards the streams are as before"


def test_sums_of_a_job_are_recorded_when_it_ends_well(tmp_path):
    run(tmp_path)
    record = json.loads((tmp_path / "results/twin/sums/columns.json").read_text())
    # printf 'night\n' | sha256sum
    assert record["derive/columns.csv"]["."]["sha256"].startswith("2dcfeed8362a3553")


def test_a_failure_is_told_outside_and_leaves_no_sums(tmp_path):
    done, log = run(tmp_path, "fail")
    assert done.returncode == 1
    assert "columns: ValueError: no such thing" in done.stderr
    assert "log: results/twin/logs/columns.log" in done.stderr
    assert "Traceback" in log
    assert not (tmp_path / "results/twin/sums/columns.json").exists()


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes 4 s at each look."""
    ticks = iter(range(0, 1000, 4))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(ticks)))


def test_the_terminal_hears_of_it_now_and_then(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress, "terminal", sys.stderr)
    told = Progress("detect 2021", 9)
    for number in range(9):
        told.night(f"2021-01-0{number + 1}: fine")
    said = capsys.readouterr()
    # A night takes 4 s: first after 8 s (not before 5), then each 12 s (not before 10); the last says nothing.
    assert said.err.splitlines() == [
        "detect 2021: 2 of 9 nights, about 28 s left",
        "detect 2021: 5 of 9 nights, about 16 s left",
        "detect 2021: 8 of 9 nights, about 4 s left",
    ]
    assert len(said.out.splitlines()) == 10
    assert said.out.splitlines()[-1].endswith("Z 2021-01-09: fine")
