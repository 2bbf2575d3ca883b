"""Supplement: how fast bodies may be that come from where stripes point, and whether one radiant orders a night."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metalclouds.figures import captions, style, supplement
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.supplement import SupplementData

HEIGHT_CM = 8.0
FAST_KM_S = 40.0

OBSERVED = {
    "speed_zenith": "highest entry speed from the zenith at the stripes' times (median)",
    "speed_long": "highest entry speed that long stripes allow (median)",
    "radiant_nights": "share of nights that one radiant orders",
    "radiant_over_sheet": "misfit of a sheet less that of a radiant (median)",
    "shower_nights": "share of nights that an established shower fits",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes with their highest speeds and the nights with their fits."""
    return supplement.load(run_dir, ["stripes", "nights"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Highest speeds against the hour at the left, fits of nights at the right."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1.0))
        speed_panel(data, left)
        fit_panel(data, right)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def speed_panel(data: SupplementData, ax: Axes) -> Axes:
    """Highest entry speed of a bound body against local solar time: from the zenith, and as each stripe allows."""
    style.panel_letter(ax, "a", "highest speed allowed")
    stripes = data.tables["stripes"]
    missing = data.missing("speed_zenith", "no speed to ask for")
    if missing is not None:
        return style.draw_missing(ax, missing)
    hours = _hours(stripes)
    ax.plot(hours, stripes["speed_limit_km_s"], "o", color=style.BLUE, markersize=2, label="as the stripe allows")
    ax.plot(hours, stripes["zenith_speed_km_s"], ".", color=style.GREY, markersize=2, label="from the zenith")
    ax.axhline(FAST_KM_S, color=style.RED, linestyle="--", label="slowest meteors seen to begin above 130 km")
    ax.set_xlabel("UT (h)")
    ax.set_ylabel("entry speed (km s$^{-1}$)")
    ax.legend(loc="upper left", fontsize=style.SMALL_PT)
    ax.set_ylim(10.0, 90.0)
    return ax


def _hours(stripes: pd.DataFrame) -> np.ndarray:
    times = pd.to_datetime(stripes["time_utc"])
    return ((times - pd.to_datetime(stripes["night"])) / pd.Timedelta(hours=1)).to_numpy(float)


def fit_panel(data: SupplementData, ax: Axes) -> Axes:
    """Misfit of the best radiant against misfit of the best sheet, a point a night."""
    style.panel_letter(ax, "b", "one radiant or sheets")
    nights = data.tables["nights"].dropna(subset=["radiant_cost"])
    missing = data.missing("radiant_nights", "no slopes to compare")
    if missing is not None:
        return style.draw_missing(ax, missing)
    ordered = nights["radiant_p"] <= 0.05
    for rows, marker, words in ((nights[~ordered], "o", "slopes as good when shuffled"),
                                (nights[ordered], "D", "one radiant orders the night")):  # fmt: skip
        ax.plot(rows["sheet_cost"], rows["radiant_cost"], marker, markersize=3.5, linestyle="none", label=words,
                color=style.ORANGE if marker == "D" else style.BLUE)  # fmt: skip
    top = 1.05 * float(nights[["sheet_cost", "radiant_cost"]].max().max())
    ax.plot([0.0, top], [0.0, top], color=style.GREY, linewidth=0.6)
    ax.set_xlabel("misfit of a field-aligned sheet")
    ax.set_ylabel("misfit of one radiant")
    ax.legend(loc="lower right", fontsize=style.SMALL_PT)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The nights with their fits.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["nights"]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "From where, and how fast? (a) Highest entry speed of a body bound to the sun, for the time of each "
        f"stripe: from the zenith (median {data.words('speed_zenith')}) and from the most favourable radiant that "
        f"the stripe allows (long stripes: {data.words('speed_long')}). Dashed: the slowest meteors that were seen "
        "to begin above 130 km. (b) How badly the slopes of a night go with one radiant that moves with the sky, "
        "and with sheets along the magnetic field carried by the zonal wind; squares a stripe, cut off at nine; "
        "below the line a radiant fits better. Nights that one radiant orders in time: share "
        f"{data.words('radiant_nights')}; that an established shower fits: {data.words('shower_nights')}.",
    )


numbers = supplement.numbers_of(OBSERVED)
