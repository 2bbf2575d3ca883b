"""Supplement: how stripes change their width with altitude, and what spreads a trail."""

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
AGES_S = {"1 min": 60.0, "10 min": 600.0, "1 h": 3600.0}
# Radius W of exp(-r^2/W^2) in standard deviations.
RADIUS_IN_SIGMAS = 2.0**0.5

OBSERVED = {
    "widening": "d ln(width) in 100 km above 130 km (median)",
    "widening_fresh": "the same of the free path, 150 to 250 km",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes with their widening, and the air."""
    return supplement.load(run_dir, ["stripes", "air"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Widening at the left, radii against altitude at the right."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, right = figure.subplots(1, 2)
        slope_panel(data, left)
        radius_panel(data, right)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def slope_panel(data: SupplementData, ax: Axes) -> Axes:
    """How many stripes widen upwards or downwards, and by how much."""
    style.panel_letter(ax, "a", "widening upwards")
    missing = data.missing("widening", "no widths to compare")
    if missing is not None:
        return style.draw_missing(ax, missing)
    found = data.tables["stripes"]["widening"].dropna().clip(-5.0, 5.0)
    ax.hist(found, bins=np.arange(-5.0, 5.01, 0.5).tolist(), color=style.BLUE)
    ax.axvline(0.0, color="black", linewidth=0.6)
    fresh = data.value("widening_fresh")
    if np.isfinite(fresh):
        ax.axvline(fresh, color=style.ORANGE, label="a fresh trail (free path)")
        ax.legend(loc="upper left", fontsize=style.SMALL_PT)
    ax.set_ylim(top=1.2 * ax.get_ylim()[1])
    ax.set_xlabel("d ln(width) in 100 km, above 130 km")
    ax.set_ylabel("stripes")
    return ax


def radius_panel(data: SupplementData, ax: Axes) -> Axes:
    """Radii of stripes beside the free path, the gyroradius and diffusion along the field."""
    style.panel_letter(ax, "b", "what spreads a trail")
    air = data.tables["air"]
    if air.empty:
        return style.draw_missing(ax, Missing("no air", "no night was observed"))
    stripes = data.tables["stripes"]
    ax.plot(stripes["radius_km"], stripes["altitude_km"], ".", color=style.GREY, markersize=2, label="stripes")
    ax.fill_betweenx(air["altitude_km"], air["free_path_short_km"], air["free_path_long_km"], color=style.ORANGE,
                     alpha=0.5, linewidth=0.0, label="free path")  # fmt: skip
    for seconds in AGES_S.values():
        spread = RADIUS_IN_SIGMAS * 1e-3 * np.sqrt(2.0 * air["along_m2_s"] * seconds)
        ax.plot(spread, air["altitude_km"], color=style.BLUE, linewidth=0.8)
    ax.plot([], [], color=style.BLUE, label=f"along the field, {', '.join(AGES_S)}")
    across = RADIUS_IN_SIGMAS * 1e-3 * np.sqrt(2.0 * air["across_m2_s"] * AGES_S["1 h"])
    ax.plot(across, air["altitude_km"], color=style.GREEN, linestyle="--", label="across it, 1 h")
    ax.set_xscale("log")
    ax.set_xlim(1e-3, 2e2)
    ax.set_ylim(100.0, 300.0)
    ax.set_xlabel("radius (km)")
    ax.set_ylabel("altitude (km)")
    ax.legend(loc="upper left", fontsize=style.SMALL_PT, frameon=True)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The stripes with radius and widening.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["stripes"][["night", "id", "altitude_km", "radius_km", "widening", "widening_sigma"]]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Do stripes widen upwards? (a) Change of the logarithm of the width in 100 km of altitude, above 130 km: "
        f"median {data.words('widening')}; a fresh trail, some free paths wide, would show "
        f"{data.value('widening_fresh'):.1f} (orange). (b) Radii of the stripes (if they cross the beam broadside) "
        "beside the mean free path of a metal atom and the spread of Ca+ by diffusion along the magnetic field "
        "after 1 min, 10 min and 1 h and across it after 1 h, with 1e5 electrons a cm3. Trails are born wider, "
        "and spread faster, the higher they are.",
    )


numbers = supplement.numbers_of(OBSERVED)
