"""Processor time and memory of the jobs of a run, from the benchmark files that Snakemake left."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

STAGES = ("twin", "fetch", "ingest", "detect", "derive", "figures", "claims", "report")
# Rules outside a folder of their stage's name.
STAGE_OF = {"detect_tables": "detect", "claims": "claims", "sensitivity": "claims", "report": "report",
            "rulegraph": "report", "night_pages": "figures"}  # fmt: skip


def stages(run: Path) -> list[dict[str, Any]]:
    """Jobs, processor time (s), its share of the run's, and largest resident memory (MB) of each stage.

    A run that was finished in pieces holds the last execution of each job. Empty where there are no benchmark files.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for path in sorted((run / "benchmarks").rglob("*.tsv")):
        name = path.relative_to(run / "benchmarks").with_suffix("")
        found.setdefault(stage_of(name), []).append(_last(path))
    total = sum(seconds for jobs in found.values() for seconds, _ in jobs)
    return [
        {
            "stage": stage,
            "jobs": len(found[stage]),
            "processor_s": round(sum(seconds for seconds, _ in found[stage]), 2),
            "share": round(sum(seconds for seconds, _ in found[stage]) / total, 4) if total else None,
            "memory_mb": max(memory for _, memory in found[stage]),
        }
        for stage in (*STAGES, "other")
        if stage in found
    ]


def stage_of(job: Path) -> str:
    """The stage of a job, from the place of its benchmark file; derive has its files at the top."""
    first = job.parts[0]
    if first in STAGES and len(job.parts) > 1:
        return first
    if first in STAGE_OF:
        return STAGE_OF[first]
    if first.startswith("figure"):
        return "figures"
    return "other" if first in ("evaluate", "run_record", "manifest") else "derive"


def _last(path: Path) -> tuple[float, float]:
    with open(path, encoding="utf-8", newline="") as stream:
        row = list(csv.DictReader(stream, delimiter="\t"))[-1]
    return _number(row.get("cpu_time")), _number(row.get("max_rss"))


def _number(text: str | None) -> float:
    """A figure of a benchmark file; Snakemake writes NA or - for a job that was over before it looked."""
    try:
        return float(text or 0.0)
    except ValueError:
        return 0.0
