"""Supplement: stripes an hour by season and by hour of the night, beside the flux of sporadic meteors."""

from __future__ import annotations

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

HEIGHT_CM = 8.0

OBSERVED = {
    "season_exponent": "exponent of the meteor flux that the nights' stripes go with",
    "season_power": "chance that this record tells 1 from 0 by season",
    "hour_exponent": "exponent of the meteor flux that the hours' stripes go with",
    "hour_power": "chance that this record tells 1 from 0 by hour",
}
WORDS = {"month": "calendar month", "hour": "UT (h)"}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read stripes and flux by month and hour."""
    return supplement.load(run_dir, ["season"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Months at the left, hours at the right."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, right = figure.subplots(1, 2)
        rate_panel(data, left, "a", "month")
        rate_panel(data, right, "b", "hour")
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def rate_panel(data: SupplementData, ax: Axes, letter: str, by: str) -> Axes:
    """Stripes for each usable hour, and what they would be if they came as meteors do."""
    style.panel_letter(ax, letter, f"by {by}")
    table = data.tables["season"]
    own = table[table["by"] == by]
    if not own["stripes"].sum():
        return style.draw_missing(ax, Missing("nothing to count", "no stripe was found"))
    error = np.sqrt(own["stripes"]) / own["hours"]
    ax.bar(own["part"], own["stripes_per_hour"], color=style.BLUE, label="stripes")
    ax.errorbar(own["part"], own["stripes_per_hour"], yerr=error, fmt="none", color="black", linewidth=0.6)
    expected = own["flux"] * own["stripes"].sum() / (own["flux"] * own["hours"]).sum()
    ax.plot(
        own["part"], expected, "o-", color=style.ORANGE, markersize=2.5, label="if they came as sporadic meteors do"
    )
    ax.set_xticks(own["part"][::2])
    ax.set_xlabel(WORDS[by])
    ax.set_ylabel("stripes per usable hour (h$^{-1}$)")
    supplement.legend_below(ax, 2)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """Stripes and flux by month and hour.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["season"]


def _reading(data: SupplementData, name: str) -> str:
    """What the interval of an exponent says, in words; empty where there is none."""
    rows = data.observed.loc[data.observed["name"] == name, ["low", "high"]].dropna()
    if rows.empty:
        return ""
    low, high = (float(one) for one in rows.iloc[0])
    none, meteors = low <= 0.0 <= high, low <= 1.0 <= high
    if none and meteors:
        return " (decides nothing: it holds both 0 and 1)"
    if none:
        return " (no dependence seen, and not as meteors)"
    if meteors:
        return " (as meteors)"
    return " (mostly when few meteors come)" if high < 0.0 else " (neither as meteors nor without dependence)"


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Do stripes come when meteors come? Stripes for each usable hour (bars; black: the root of their number, "
        "too short since stripes are clustered) by calendar month (a) and hour (b, UT), and the same number of "
        "stripes in proportion to the flux of sporadic meteors through a horizontal area (orange). The exponent of "
        "the flux that fits best is by season "
        f"{data.words('season_exponent')}{_reading(data, 'season_exponent')}, and by hour "
        f"{data.words('hour_exponent')}{_reading(data, 'hour_exponent')}; 1 is as meteors, 0 is no "
        "dependence. The chance that this record tells 1 from 0, one-sided at 5 %: by season "
        f"{data.words('season_power')}, by hour {data.words('hour_power')}.",
    )


numbers = supplement.numbers_of(OBSERVED)
