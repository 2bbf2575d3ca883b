"""Supplement: the decision table, each explanation against each observable."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metalclouds.figures import captions, style, supplement
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.supplement import SupplementData
from metalclouds.schema.words import campaigns_in_words

HEIGHT_CM = 18.0
WORDS = {
    "shower": "trails of a shower",
    "sporadic": "sporadic trails",
    "sheets": "sheets along the field",
    "fronts": "wave fronts",
    "patches": "patches of old metal",
}
# Letters in a line of a cell, of a heading and of the observable, whose column is so many columns wide.
WRAP, HEADING_WRAP, WIDE_WRAP, WIDE = 20, 13, 34, 1.7


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the decision table."""
    return supplement.load(run_dir, ["decisions"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """A row for each observable, a column for what was seen and for each explanation."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        table_panel(data, figure.subplots())
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def table_panel(data: SupplementData, ax: Axes) -> Axes:
    """Words of the table; shares of simulated campaigns for and against trails below what is predicted."""
    table = data.tables["decisions"]
    if table.empty:
        return style.draw_missing(ax, Missing("no supplements", "not in this run"))
    claims = list(dict.fromkeys(table["claim"]))
    ax.set_xlim(0.0, 1.0 + WIDE + len(WORDS))
    ax.set_ylim(len(claims), -0.7)
    ax.axis("off")
    for column, words in enumerate(("observable", "seen", *WORDS.values())):
        ax.text(
            _left(column),
            -0.35,
            _wrapped(words, HEADING_WRAP),
            fontweight="bold",
            va="center",
            fontsize=style.SMALL_PT,
        )
    for place, claim in enumerate(claims):
        own = table[table["claim"] == claim].set_index("explanation")
        first = own.iloc[0]
        ax.axhline(place, color=style.GREY, linewidth=0.4)
        for column, (words, width) in enumerate(
            ((f"{claim}: {first['observable']}", WIDE_WRAP), (first["seen"], WRAP))
        ):
            ax.text(_left(column), place + 0.5, _wrapped(words, width), va="center", fontsize=5.5)
        for column, name in enumerate(WORDS, start=2):
            ax.text(_left(column), place + 0.5, _cell(own.loc[name]), va="center", fontsize=5.5)
    return ax


def _cell(row: pd.Series) -> str:
    """What an explanation predicts and how often its simulated campaigns came out for and against trails."""
    words = _wrapped(str(row["predicts"]), WRAP)
    if not np.isfinite(row["campaigns"]):
        return words
    known = campaigns_in_words(row["campaigns"], row["for_trails"], row["against_trails"])
    return f"{words}\n{_wrapped(f'[{known}]', WRAP)}"


def _left(column: int) -> float:
    """Where the words of a column begin."""
    return 0.03 + column + (WIDE - 1.0 if column else 0.0)


def _wrapped(words: str, width: int) -> str:
    return "\n".join(textwrap.wrap(words, width))


def plotted(data: SupplementData) -> pd.DataFrame:
    """The decision table.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["decisions"]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Decision table: what each explanation predicts for X1 to X10, and what was seen in this run. In square "
        "brackets: of the campaigns that were simulated with that explanation (six nights each, not this run), how "
        "many came out for trails and how many against them; all others were undecided. A test without power with "
        "six nights comes out the right way in less than a fifth of the campaigns of every explanation. Without "
        "them: the prediction follows from physics, or the simulation assumes the effect, so that testing it "
        "would be circular. Not in the table: X11 (lifetimes), since each explanation expects it, and the exponents "
        "of season and hour, which have no claim of their own. The rows are not combined into a likelihood.",
    )


def numbers(data: SupplementData) -> pd.DataFrame:
    """The decision table, one row an observable.

    Returns
    -------
    DataFrame
        what, and its value in words.
    """
    table = data.tables["decisions"]
    wide = table.pivot_table(index=["claim", "observable", "seen"], columns="explanation", values="predicts",
                             aggfunc="first", sort=False)  # fmt: skip
    return wide.reindex(columns=list(WORDS)).reset_index()
