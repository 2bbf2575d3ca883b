"""Every panel beside what the paper says can be seen in it.

`python -m metalclouds.figures.contact_sheet results/<run>`; the statements, in words of our own and with their lines,
come from `claims/verdicts.json`; only which panel illustrates which claim stands here.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import io as byte_streams
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.transforms import Bbox, BboxBase

from metalclouds.errors import ReadError
from metalclouds.figures import style
from metalclouds.figures.opened import cases_of
from metalclouds.figures.settings import FiguresSettings
from metalclouds.io import replacing
from metalclouds.schema.documents import RunRecord, Verdict

LETTER = re.compile(r"\(([a-z])\)")
CLOUDS = ("L1", "L2", "L3a", "L3b", "L3c", "L3d", "L3e", "L3f", "L5", "L11", "D2", "S1", "S2", "S6", "S7")
MERGING = ("L4", "L6")
WIDENING = ("S8", "S12")
# Figure and letters of panels -> ids of the claims that they illustrate.
PANELS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (1, "ab", (*CLOUDS, *MERGING)),
    (1, "cdef", (*CLOUDS, *MERGING, *WIDENING, "L7", "L8", "L9", "L10", "S11", "I1")),
    (2, "abcdefghi", ("T1", "T3", "T4", "T5", "T6", "A1")),
    (2, "jkl", ("T2", "T7", "A1")),
    (3, "abcde", ("L3b", "L3c", "L3d", "L3e", "L3f", "L7", "E1a", "E1b", "E7")),
    (3, "fhi", ("E2", "E6", "F1")),
    (3, "g", ("E3",)),
    (3, "jklmn", ("E4a", "E4b", "E7")),
    (4, "a", ("N1", "N2", "N3", "N4", "N5", "M3")),
    (4, "b", ("M1", "M2", "M3")),
    (4, "c", ("M4",)),
    (5, "a", ("S5a", "S5b", "S5c", "S13")),
    (5, "b", ("S3", "S4", "S9", "S10", "S12", "S14")),
    (5, "c", ("D1",)),
    (5, "d", ("W1",)),
    (6, "", ("S3", "L1", "S10")),
)
# Room around a panel in its picture, pixels; pixels per inch of the pictures.
MARGIN, DPI = 1, 130


def lettered(figure: Figure) -> dict[str, Axes]:
    """Panel letter -> its axes."""
    found = {}
    for ax in figure.axes:
        letters = [match[1] for text in ax.texts if (match := LETTER.fullmatch(text.get_text()))]
        found.update(dict.fromkeys(letters, ax))
    return found


def panel_box(figure: Figure, ax: Axes) -> BboxBase:
    """Where a panel lies in the figure with its labels and with the axes that share its place (pixels)."""
    place = ax.get_position().bounds
    same = [one for one in figure.axes if one.get_position().bounds == place]
    boxes = [box for one in same if (box := one.get_tightbbox()) is not None]
    return Bbox.union(boxes).padded(MARGIN)


def pictures(figure: Figure) -> dict[str, str]:
    """Panel letter -> data URI of its picture; the whole figure under the empty letter."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    figure.canvas.draw()
    whole = figure.canvas.buffer_rgba()  # type: ignore[attr-defined]
    whole_box = Bbox.from_bounds(0.0, 0.0, figure.bbox.width, figure.bbox.height)
    boxes = {letter: panel_box(figure, ax) for letter, ax in lettered(figure).items()}
    return {"": _picture(whole, whole_box)} | {letter: _picture(whole, box) for letter, box in boxes.items()}


def _picture(whole: Any, box: BboxBase) -> str:
    pixels = np.asarray(whole)
    height, width = pixels.shape[:2]
    left, right = max(0, int(box.x0)), min(width, int(box.x1) + 1)
    top, bottom = max(0, height - int(box.y1) - 1), min(height, height - int(box.y0))
    stream = byte_streams.BytesIO()
    imsave(stream, pixels[top:bottom, left:right], format="png", metadata={"Software": None})  # type: ignore[dict-item]
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def entries(
    run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings, verdicts: Sequence[Verdict]
) -> list[dict[str, Any]]:
    """Each figure: its whole picture, and its groups of panels with the claims that each illustrates."""
    known = {verdict.id: verdict for verdict in verdicts}
    out = []
    for number in sorted({number for number, _, _ in PANELS}):
        module = importlib.import_module(f"metalclouds.figures.figure{number}")
        with style.journal(settings):
            shown = pictures(module.draw(module.load(run_dir, cases, settings), settings))
        groups = [
            {
                "panels": [{"name": f"{number}{letter}", "picture": shown[letter]} for letter in letters],
                "claims": [known[one] for one in ids if one in known],
            }
            for _, letters, ids in (group for group in PANELS if group[0] == number)
        ]
        out.append({"number": number, "picture": shown[""], "groups": groups})
    return out


def build(run_dir: str | Path, out: str | Path | None = None) -> Path:
    """Write the contact sheet of a finished run, by default to RUN_DIR/figures/contact_sheet.html.

    Raises
    ------
    ReadError
        If the run has no run.json or no verdicts.
    """
    run_dir = Path(run_dir)
    needed = [run_dir / "run.json", run_dir / "claims/verdicts.json"]
    for path in needed:
        if not path.is_file():
            raise ReadError("a contact sheet needs a finished run", file=path, remedy="let the run come to its end")
    record, verdicts = RunRecord.read(needed[0]), Verdict.read_all(needed[1])
    settings = FiguresSettings.model_validate(record.configuration["figures"]).model_copy(update={"dpi": DPI})
    environment = Environment(
        loader=PackageLoader("metalclouds.figures"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    figures = entries(run_dir, cases_of(run_dir), settings, verdicts)
    html = environment.get_template("contact_sheet.html.j2").render(figures=figures, run=run_dir.name)
    out = Path(out) if out is not None else run_dir / "figures/contact_sheet.html"
    with replacing(out) as temporary:
        temporary.write_text(html, encoding="utf-8")
    return out


def main() -> None:
    """Write the sheet of the run named on the command line and say where it is."""
    parser = argparse.ArgumentParser(description="Every panel of a run beside what the paper says of it.")
    parser.add_argument("run_dir", help="folder of a finished run: results/<run>")
    parser.add_argument("--out", help="file to write; by default figures/contact_sheet.html in that folder")
    given = parser.parse_args()
    print(build(given.run_dir, given.out))


if __name__ == "__main__":
    main()
