"""Compare the results of a run with the truth of the simulated campaign, subject by subject."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from metalclouds.errors import ReadError
from metalclouds.evaluate.ionosphere import enhancement, wind
from metalclouds.evaluate.nights import columns, nights
from metalclouds.evaluate.scores import plain
from metalclouds.evaluate.sporadic_e import connections, es_response, sporadic_e
from metalclouds.evaluate.statements import statements
from metalclouds.evaluate.stripes import beta, ridges, stripes
from metalclouds.evaluate.tables import Section, Tables

SECTIONS: dict[str, Callable[[Tables], Section]] = {
    "nights": nights,
    "columns": columns,
    "stripes": stripes,
    "beta": beta,
    "connections": connections,
    "enhancement": enhancement,
    "sporadic_e": sporadic_e,
    "es_response": es_response,
    "wind": wind,
    "statements": statements,
}


def evaluate(truth_dir: str | Path, run_dir: str | Path) -> dict[str, Section]:
    """Score a run against the truth.

    Parameters
    ----------
    truth_dir
        Folder with the truth tables of the twin.
    run_dir
        `results/<run>`.

    Returns
    -------
    sections
        For each subject a dict of numbers (None: could not be computed), or {"status": "not there", "missing": file}
        where the run has no such product. Errors are found minus true.

    Raises
    ------
    ReadError
        If a folder or a truth table does not exist.
    """
    for label, folder in (("truth", truth_dir), ("run", run_dir)):
        if not Path(folder).is_dir():
            raise ReadError(f"no such folder of the {label}", file=folder)
    tables = Tables(Path(truth_dir), Path(run_dir))
    if (tables.truth_dir / "ridges.csv").is_file():
        return {"ridges": plain(ridges(tables))}
    return {name: plain(section(tables)) for name, section in SECTIONS.items()}
