"""One picture of the figures: against what is wanted, against the committed ones, stages of the run, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import LogLocator, NullFormatter

from metalclouds.bench.figures import GOALS, Figure
from metalclouds.files import replacing

KEPT, MISSED, PLAIN = "#1b7837", "#b2182b", "#4d4d4d"
# Figures whose history is drawn.
FOLLOWED = ("detect.quiet", "detect.busy", "detect.mixture", "mask.all", "ingest.read_write", "workflow.dag")


@dataclass(frozen=True)
class Page:
    """What is drawn."""

    figures: Sequence[Figure]
    reference: dict[str, Figure]
    stages: Sequence[dict[str, Any]]
    history: Sequence[dict[str, Any]]
    same_machine: bool


def draw(page: Page, path: Path) -> None:
    """Write the page as PNG."""
    canvas = Canvas(figsize=(15, 10), layout="constrained")
    axes = canvas.subplots(2, 2)
    _against_goals(axes[0, 0], [figure for figure in page.figures if figure.goal.must is not None])
    _against_reference(axes[0, 1], page)
    _stages(axes[1, 0], page.stages)
    _history(axes[1, 1], page.history)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        canvas.savefig(temporary, dpi=110, format="png", metadata={"Software": None})


def badness(figure: Figure, value: float, one: float) -> float:
    """How many times as bad a value is as another of the same figure; below 1 is better."""
    return one / value if figure.goal.more_is_better else value / one


def _dots(axes: Axes, figures: Sequence[Figure], ones: Sequence[float], colours: Sequence[str]) -> None:
    """A dot and its range for each figure, as multiples of `ones`, the first on top."""
    for row, (figure, one, colour) in enumerate(zip(figures, ones, colours, strict=True)):
        ends = sorted(badness(figure, value, one) for value in (figure.low, figure.high))
        axes.plot(ends, [row, row], color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
        axes.plot(badness(figure, figure.value, one), row, "o", color=colour)
    axes.axvline(1.0, color=PLAIN, linewidth=1)
    axes.set_yticks(range(len(figures)), [_label(figure) for figure in figures], fontsize=8)
    axes.set_ylim(max(len(figures), 1) - 0.5, -0.5)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", alpha=0.2)


def _label(figure: Figure) -> str:
    unit = "" if figure.goal.unit == "1" else f" {figure.goal.unit}"
    return f"{figure.goal.text}: {figure.value:.3g}{unit}"


def _against_goals(axes: Axes, figures: Sequence[Figure]) -> None:
    colours = [KEPT if figure.meets(figure.goal.must) else MISSED for figure in figures]
    _dots(axes, figures, [float(figure.goal.must or 1.0) for figure in figures], colours)
    for row, figure in enumerate(figures):
        if figure.goal.aim is not None and figure.goal.must is not None:
            axes.plot(badness(figure, figure.goal.aim, figure.goal.must), row, "|", color=PLAIN, markersize=14)
    axes.set_title("Against what is wanted: left of the line is kept; the tick is the aim", fontsize=10)
    axes.set_xlabel("times the limit")


def _against_reference(axes: Axes, page: Page) -> None:
    known = [figure for figure in page.figures
             if figure.key in page.reference and (page.same_machine or figure.goal.unit != "s")]  # fmt: skip
    _dots(axes, known, [page.reference[figure.key].value for figure in known], [PLAIN] * len(known))
    axes.axvspan(1 / 1.2, 1.2, color=PLAIN, alpha=0.08, linewidth=0)
    axes.set_title("Against the committed figures: right of the band is worse by more than 20 %", fontsize=10)
    axes.set_xlabel("times as bad as before")
    if not known:
        _say(axes, "no committed figures to compare with")


def _stages(axes: Axes, stages: Sequence[dict[str, Any]]) -> None:
    axes.set_title("Processor time of the run by stage (last execution of each job)", fontsize=10)
    if not stages:
        _say(axes, "the run left no benchmark files")
        return
    bars = axes.barh(
        [entry["stage"] for entry in stages], [entry["processor_s"] for entry in stages], color="#4393c3"
    )
    texts = [f"{entry['jobs']} jobs, most {entry['memory_mb']:.0f} MB" for entry in stages]
    axes.bar_label(bars, texts, fontsize=8, padding=3)
    axes.margins(x=0.25)
    axes.invert_yaxis()
    axes.set_xlabel("s")


def _history(axes: Axes, history: Sequence[dict[str, Any]]) -> None:
    axes.set_title("History on this computer, times the first value", fontsize=10)
    for key in FOLLOWED:
        values = [(n, line["figures"][key]) for n, line in enumerate(history) if key in line["figures"]]
        if values:
            first = values[0][1]
            axes.plot([n for n, _ in values], [value / first for _, value in values], "o-", label=GOALS[key].text)
    if not history:
        _say(axes, "no history yet")
        return
    axes.set_xticks(range(len(history)), [f"{line['date']}\n{line['commit']}" for line in history], fontsize=7)
    axes.set_yscale("log")
    axes.legend(fontsize=7)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center")
