"""What a notebook shows when somebody opens it: the newest run of this checkout; it leaves no file."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from IPython.display import Image, display

from metalclouds.errors import ReadError
from metalclouds.figures import style
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.files import read_yaml, shipped_file
from metalclouds.schema.documents import RunRecord

# What makes everything of a run; of any other: the command that made it.
WHOLE = {"twin": "make run", "tour": "make run", "small": "make ci", "zenodo": "make paper"}
CHECKOUT = Path(__file__).resolve().parents[3]


class Opened(NamedTuple):
    """Where a notebook reads and writes, and the case nights."""

    run_dir: Path
    cases: list[dict]
    png: Path
    pdf: Path


class NotInThisRun(ReadError):
    """A run lacks a file that a figure is drawn from; a notebook says so in a line, without a trace of calls."""

    def _render_traceback_(self) -> list[str]:
        return [self.problem]


def opened(run_dir: str, cases: list[dict], png: str, pdf: str) -> Opened:
    """The parameters of a notebook; what was not given: a run of this checkout, its case nights, a scratch folder.

    Raises
    ------
    NotInThisRun
        If no run is given and none is there.
    """
    folder = Path(run_dir) if run_dir else found_run()
    if not run_dir:
        print(f"Drawn: results/{folder.name}, the newest run here; run_dir in the cell of parameters takes another.")
    scratch = Path(png).parent if png else Path(tempfile.mkdtemp(prefix="metalclouds-"))
    return Opened(
        folder,
        cases or cases_of(folder),
        Path(png) if png else scratch / "figure.png",
        Path(pdf) if pdf else scratch / "figure.pdf",
    )


def loaded(module: ModuleType, run_dir: Path, cases: list[dict], settings: FiguresSettings) -> Any:
    """What a figure's module loads from a run; where the run lacks a file, the figure says which, and what to run.

    Parameters
    ----------
    module
        of a figure: `figure1`, ...
    cases
        [{"panel", "night"}].

    Raises
    ------
    NotInThisRun
        If a file that the figure needs is not there.
    ReadError
        If a file cannot be read.
    """
    try:
        return module.load(run_dir, cases, settings)
    except ReadError as error:
        file = Path(error.file) if error.file is not None else None
        if file is None or file.exists():
            raise
        name = file.relative_to(run_dir).as_posix() if file.is_relative_to(run_dir) else file.name
        figure = module.__name__.rpartition(".")[2].replace("figure", "Figure ").replace("_", " ")
        missing = Missing(f"no {figure}", f"{name} is not in this run, results/{run_dir.name}", whole(run_dir.name))
        display(_panel(missing, settings))
        raise NotInThisRun(missing.text(), file=file) from error


def _panel(missing: Missing, settings: FiguresSettings) -> Image:
    """The band that says what is missing, as a picture for a notebook."""
    picture = io.BytesIO()
    with style.journal(settings):
        style.line_of_missing(missing).savefig(picture, format="png", dpi=settings.dpi)
    return Image(picture.getvalue(), width=900)


def whole(run: str) -> str:
    """The command that makes everything of a run, or a run that has everything."""
    if run in WHOLE:
        return f"`{WHOLE[run]}` makes all that the notebooks draw"
    return "the command that made it makes the rest when no target is named"


def found_run() -> Path:
    """Folder of the newest run that has tables, of this checkout or of the folder that the notebook lies in.

    Raises
    ------
    NotInThisRun
        If there is none.
    """
    roots = (CHECKOUT, Path(), Path(".."))
    for root in roots:
        runs = [folder.parent for folder in (root / "results").glob("*/derive") if folder.is_dir()]
        if runs:
            return max(runs, key=_age)
    raise NotInThisRun(
        "no run to draw: run `make tour` (half a minute) or `make run`, or set run_dir in the cell of parameters",
        file=roots[0] / "results",
    )


def _age(run_dir: Path) -> tuple[float, str]:
    """When a run was last written to (s since 1970), and its name."""
    return max(one.stat().st_mtime for one in (run_dir, *run_dir.iterdir())), run_dir.name


def cases_of(run_dir: Path) -> list[dict]:
    """Case nights of a run: from run.json, else chosen by its inventory, else from config/config.yaml."""
    if (run_dir / "run.json").is_file():
        cases = RunRecord.read(run_dir / "run.json").cases()
        if cases:
            return [{"panel": case.panel, "night": case.night} for case in cases]
    path = shipped_file("config/config.yaml")
    content = read_yaml(path) if path is not None else {}
    return [{"panel": one["panel"], "night": str(one["night"])} for one in content.get("cases", [])]
