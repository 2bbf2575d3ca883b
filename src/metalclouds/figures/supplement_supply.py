"""Supplement: the body that would supply a stripe's calcium, bodies that arrive, and how warm a meteoroid gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metalclouds.figures import captions, style, supplement
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.supplement import SupplementData

HEIGHT_CM = 8.0
# Metals and stone evaporate in quantity from about here, K.
EVAPORATES_K = 1800.0
OBSERVED = {
    "supply_area": "cross-section needed, usual values (median)",
    "supply_area_least": "cross-section needed, every uncertain number chosen in favour of trails (median)",
    "supply_area_that_comes": "cross-section of bodies that come often enough",
    "supply_log_ratio": "log10 of needed, in favour of trails, over available (median)",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes with the areas that they need, and the air."""
    return supplement.load(run_dir, ["stripes", "air"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Areas against altitude at the left, temperatures at the right."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.6, 1.0))
        area_panel(data, left)
        warmth_panel(data, right)
        # Room for the legend below the stripes.
        left.set_ylim(bottom=60.0)
        if data.synthetic:
            style.mark_synthetic(figure, "panel a")
    return figure


def area_panel(data: SupplementData, ax: Axes) -> Axes:
    """A bar a stripe: from all in favour of trails to all against, its usual value as a point."""
    style.panel_letter(ax, "a", "body that sputtering needs")
    ax.set_ylabel("altitude (km)")
    missing = data.missing("supply_area", "no supply to ask for")
    if missing is not None:
        return style.draw_missing(ax, missing)
    sized = data.tables["stripes"].dropna(subset=["area_m2"])
    ax.hlines(sized["altitude_km"], sized["area_least_m2"], sized["area_largest_m2"], color=style.GREY, linewidth=0.4,
              alpha=0.25, label="up to every uncertain number against trails")  # fmt: skip
    ax.plot(sized["area_m2"], sized["altitude_km"], ".", color=style.BLUE, markersize=2.0, label="usual values")
    ax.plot(sized["area_least_m2"], sized["altitude_km"], "|", color=style.GREEN, markersize=3, markeredgewidth=0.4,
            label="every uncertain number in favour of trails")  # fmt: skip
    comes = data.value("supply_area_that_comes")
    ax.axvline(comes, color=style.RED, label="bodies that come often enough")
    ax.set_xscale("log")
    ax.set_xlabel("cross-section (m$^2$)")
    ax.legend(loc="lower left", bbox_to_anchor=(0.12, 0.0), fontsize=style.SMALL_PT, frameon=True)
    return ax


def warmth_panel(data: SupplementData, ax: Axes) -> Axes:
    """Temperature that a meteoroid reaches, against altitude."""
    style.panel_letter(ax, "b", "how warm a body gets")
    air = data.tables["air"]
    if air.empty:
        return style.draw_missing(ax, Missing("no air", "no night was observed"))
    for column, words, colour in (("surface_slow_K", "20 km s$^{-1}$", style.BLUE),
                                  ("surface_fast_K", "70 km s$^{-1}$", style.ORANGE)):  # fmt: skip
        ax.plot(air[column], air["altitude_km"], color=colour, label=words)
    ax.axvline(EVAPORATES_K, color=style.RED, linestyle="--", label=f"stone evaporates ({EVAPORATES_K:.0f} K)")
    ax.set_xscale("log")
    ax.set_xlabel("temperature (K)")
    ax.legend(loc="lower left", fontsize=style.SMALL_PT)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The stripes with the areas drawn.

    Returns
    -------
    DataFrame
        a row a stripe: altitude and radius in km, areas in m2.
    """
    names = ["night", "id", "altitude_km", "radius_km", "area_least_m2", "area_m2", "area_largest_m2"]
    return data.tables["stripes"].dropna(subset=["area_m2"])[names]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Can meteoroids supply the stripes? (a) Cross-section of the body that would leave each stripe's calcium "
        "behind by sputtering, from the measured density and width: with usual values (points), with yield, calcium "
        "and width in favour of trails (green; far to the left where the width is uncertain, "
        "since it is taken one standard error smaller), and against them (right end of the bar). "
        "Median with usual values: "
        f"{data.words('supply_area')}; all chosen in favour of trails: {data.words('supply_area_least')}. Orange: "
        "bodies that come often enough for the number of stripes seen, with the longest life and the flattest trails "
        f"({data.words('supply_area_that_comes')}). (b) Temperature of a body that radiates all the energy it meets: "
        "above the altitude where a curve meets the dashed line "
        f"({EVAPORATES_K:.0f} K) no heat evaporates stone.",
    )


numbers = supplement.numbers_of(OBSERVED)
