"""What a notebook shows when somebody opens it: the run of this checkout and its case nights; it leaves no file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from metalclouds.errors import ReadError
from metalclouds.files import read_yaml, shipped_file
from metalclouds.schema.documents import RunRecord

# Runs that a person has after `make run`, `make tour` or `make paper`, in this order.
RUNS = ("twin", "tour", "zenodo")
CHECKOUT = Path(__file__).resolve().parents[3]


class Opened(NamedTuple):
    """Where a notebook reads and writes, and the case nights."""

    run_dir: Path
    cases: list[dict]
    png: Path
    pdf: Path


def opened(run_dir: str, cases: list[dict], png: str, pdf: str) -> Opened:
    """The parameters of a notebook; what was not given: a run of this checkout, its case nights, a scratch folder.

    Raises
    ------
    ReadError
        If no run is given and none is there.
    """
    folder = Path(run_dir) if run_dir else found_run()
    scratch = Path(png).parent if png else Path(tempfile.mkdtemp(prefix="metalclouds-"))
    return Opened(
        folder,
        cases or cases_of(folder),
        Path(png) if png else scratch / "figure.png",
        Path(pdf) if pdf else scratch / "figure.pdf",
    )


def found_run() -> Path:
    """Folder of the first run that has tables, of this checkout or of the folder that the notebook lies in.

    Raises
    ------
    ReadError
        If there is none.
    """
    roots = (CHECKOUT, Path(), Path(".."))
    for root in roots:
        for name in RUNS:
            if (root / "results" / name / "derive").is_dir():
                return root / "results" / name
    raise ReadError(
        "no run to draw", file=roots[0] / "results", rule=f"one of {', '.join(RUNS)}",
        remedy="run `make tour` (30 s) or `make run`, or set run_dir in the cell of parameters",
    )  # fmt: skip


def cases_of(run_dir: Path) -> list[dict]:
    """Case nights of a run: from run.json, else chosen by its inventory, else from config/config.yaml."""
    if (run_dir / "run.json").is_file():
        cases = RunRecord.read(run_dir / "run.json").cases()
        if cases:
            return [{"panel": case.panel, "night": case.night} for case in cases]
    path = shipped_file("config/config.yaml")
    content = read_yaml(path) if path is not None else {}
    return [{"panel": one["panel"], "night": str(one["night"])} for one in content.get("cases", [])]
