"""run.json: all that may differ between two equal runs - times, machine, versions, git state, configuration."""

from __future__ import annotations

import csv
import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

from pydantic import JsonValue

from metalclouds import __version__
from metalclouds.schema.documents import GitState, JobCost, Machine, RunRecord

PROGRAMS = ("snakemake", "papermill")


def run_record(run_dir: Path, configuration: dict[str, JsonValue]) -> RunRecord:
    """Everything about a run that is not a result.

    Parameters
    ----------
    run_dir
        folder of the run; the benchmark files below it give the time and the memory of each job.
    configuration
        the whole configuration, defaults included.
    """
    return RunRecord(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        elapsed_s=elapsed(run_dir / "benchmarks"),
        configuration=configuration,
        git=_git_state(),
        machine=machine(),
        jobs=tuple(_jobs(run_dir / "benchmarks")),
        versions={"metalclouds": __version__, "python": platform.python_version(), **_versions()},
    )


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in packages()}


def packages() -> list[str]:
    """Names of the packages that the code imports, by its own pins, and of the programs of the workflow."""
    pins = importlib.metadata.requires("metalclouds") or []
    imported = [pin for pin in pins if "extra ==" not in pin]
    names = (*PROGRAMS, *(re.split(r"[^\w.-]", pin, maxsplit=1)[0] for pin in imported))
    return [importlib.metadata.metadata(name)["Name"] for name in names]


def machine() -> Machine:
    """System, processor, cores and memory of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(platform.platform(), _processor(), os.cpu_count(), round(memory / 2**30, 1))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine()
    )


def _git_state() -> GitState:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    return GitState(git("rev-parse", "HEAD"), bool(git("status", "--porcelain")))


def _jobs(folder: Path) -> list[JobCost]:
    """Name, wall time, processor time and largest memory of each job, from Snakemake's benchmark files."""
    jobs = []
    for path in sorted(folder.rglob("*.tsv")):
        with open(path, encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                name = path.relative_to(folder).with_suffix("").as_posix()
                numbers = (_number(row.get(key)) for key in ("s", "cpu_time", "max_rss"))
                jobs.append(JobCost(name, *numbers))
    return jobs


def elapsed(folder: Path) -> float | None:
    """Seconds from the start of the first job to the end of the last, pauses included; None without a job.

    Snakemake writes a job's benchmark file when the job ends.
    """
    jobs = _jobs(folder)
    ends = [(folder / f"{job.job}.tsv").stat().st_mtime for job in jobs]
    starts = [end - (job.wall_s or 0.0) for end, job in zip(ends, jobs, strict=True)]
    return round(max(ends) - min(starts), 1) if jobs else None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
