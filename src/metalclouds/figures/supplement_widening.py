"""Supplement: how stripes change their width with altitude, and what spreads a trail."""

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
from metalclouds.physics import ions
from metalclouds.schema.results import WIDTHS
from metalclouds.supplements import spread

HEIGHT_CM = 15.0
# Speeds of atoms that have just left a meteoroid, km/s.
FRESH_KM_S = (20.0, 70.0)
SHADES = (style.ORANGE, style.GREEN, style.PURPLE)

OBSERVED = {
    "widening": "d ln(width) in 100 km above 130 km (median)",
    "widening_fresh": "the same of the free path, 150 to 250 km",
    "radius_log_ratio": "log10 of the radius over the mean free path, above 150 km (median)",
    "peak_after_hour": "share of a vertical trail's peak that is left after 1 h at 200 km",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes with their widening, and the air."""
    return supplement.load(run_dir, ["stripes", "air"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Widening and radii above, peaks and what moves ions along the field below."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        (slopes, radii), (peaks, falls) = figure.subplots(2, 2)
        slope_panel(data, slopes)
        radius_panel(data, radii)
        peak_panel(data, peaks)
        fall_panel(data, falls)
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
    ax.set_xlabel("d ln(width) per 100 km, above 130 km")
    ax.set_ylabel("stripes")
    if np.isfinite(fresh):
        supplement.legend_below(ax)
    return ax


def _air(data: SupplementData, ax: Axes) -> pd.DataFrame | None:
    """The air; None where there is none, which the panel then says."""
    air = data.tables["air"]
    if not air.empty:
        return air
    style.draw_missing(ax, Missing("no air", "no night was observed"))
    return None


def radius_panel(data: SupplementData, ax: Axes) -> Axes:
    """Radii of stripes beside the free path and the narrow and wide side of a vertical trail of three ages."""
    style.panel_letter(ax, "b", "how wide a trail is")
    air = _air(data, ax)
    if air is None:
        return ax
    stripes = data.tables["stripes"]
    ax.plot(stripes["radius_km"], stripes["altitude_km"], ".", color=style.GREY, markersize=2, label="stripes")
    _say_what_lacks(data, ax, "no radii of stripes")
    ax.fill_betweenx(air["altitude_km"], air["free_path_short_km"], air["free_path_long_km"], color=style.BLUE,
                     alpha=0.4, linewidth=0.0, label="mean free path")  # fmt: skip
    ax.axvspan(*(speed / ions.gyrofrequency_s() for speed in FRESH_KM_S), color=style.GREY, alpha=0.25, linewidth=0.0,
               label="gyroradius, fresh ion\n(above about 200 km)")  # fmt: skip
    for (age, seconds), colour in zip(spread.AGES_S.items(), SHADES, strict=True):
        trail = spread.after(air, seconds)
        ax.plot(trail["wide_km"], trail["altitude_km"], color=colour, linewidth=0.8, label=f"wide side, {age}")
    ax.plot(trail["narrow_km"], trail["altitude_km"], color="black", linestyle="--", label="narrow side, up to 1 h")
    ax.set_xscale("log")
    ax.set_xlim(1e-3, 2e2)
    ax.set_ylim(100.0, 300.0)
    ax.set_xlabel("radius W (km)")
    ax.set_ylabel("altitude (km)")
    supplement.legend_below(ax, 2)
    return ax


def _say_what_lacks(data: SupplementData, ax: Axes, what: str) -> None:
    """A line in a panel whose curves stand but whose stripes have no radius."""
    missing = data.missing("radius_log_ratio", what)
    if missing is not None:
        words = "\n".join(textwrap.wrap(f"{missing.what}: {missing.why}", 32))
        ax.text(0.03, 0.96, words, transform=ax.transAxes, ha="left", va="top", fontsize=style.SMALL_PT)


def peak_panel(data: SupplementData, ax: Axes) -> Axes:
    """Peak densities of stripes beside what a trail has left of its ions per metre, those of the median stripe."""
    style.panel_letter(ax, "c", "what is left of its peak")
    air = _air(data, ax)
    if air is None:
        return ax
    stripes = data.tables["stripes"]
    ax.plot(stripes["peak_density_cm3"], stripes["altitude_km"], ".", color=style.GREY, markersize=2, label="stripes")
    line = float((stripes["peak_density_cm3"] * stripes["radius_km"] ** 2).median())
    _say_what_lacks(data, ax, "no model trails")
    if np.isfinite(line):
        for (age, seconds), colour in zip(spread.AGES_S.items(), SHADES, strict=True):
            trail = spread.after(air, seconds)
            peak = line / (trail["narrow_km"] * trail["wide_km"])
            ax.plot(peak, trail["altitude_km"], color=colour, linewidth=0.8, label=f"a trail after {age}")
    ax.set_xscale("log")
    ax.set_xlim(1e-3, 1e4)
    ax.set_ylim(120.0, 300.0)
    ax.set_xlabel("peak density (cm$^{-3}$)")
    ax.set_ylabel("altitude (km)")
    supplement.legend_below(ax, 2)
    return ax


def fall_panel(data: SupplementData, ax: Axes) -> Axes:
    """Speed along a vertical field by gravity and by the ambipolar field of a bottomside."""
    style.panel_letter(ax, "d", "what moves ions down the field")
    air = _air(data, ax)
    if air is None:
        return ax
    ax.plot(air["fall_m_s"], air["altitude_km"], color=style.BLUE, label="gravity")
    ax.plot(air["ambipolar_m_s"], air["altitude_km"], color=style.ORANGE, linestyle="--",
            label="ambipolar field, electrons fewer by e in 20 km")  # fmt: skip
    ax.set_xscale("log")
    ax.set_ylim(100.0, 300.0)
    ax.set_xlabel("speed (m s$^{-1}$)")
    ax.set_ylabel("altitude (km)")
    supplement.legend_below(ax)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The stripes with radius and widening.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["stripes"][list(WIDTHS)]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Do stripes widen upwards? (a) Change of the logarithm of the width per 100 km of altitude, above 130 km: "
        f"median {data.words('widening')}; a fresh trail, some free paths wide, would show "
        f"{data.value('widening_fresh'):.1f} (orange). (b) Radii of the stripes (if they cross the beam broadside) "
        "beside the mean free path of a metal atom, the gyroradius of an ion that still has the meteoroid's speed "
        "(20 to 70 km/s; it limits the width only where collisions are rare and the free path is longer, above about "
        "200 km), and a vertical trail that is born three free paths wide: its wide "
        "side spreads by diffusion along the magnetic field, its narrow side hardly above 200 km but by one "
        "or two km in an hour below about 180 km, with 1e5 electrons per cm3. "
        f"Log10 of the radius over the free path above 150 km: {data.words('radius_log_ratio')}. (c) Peak "
        "densities beside what such a trail has left if it holds the ions per metre of the median stripe; after 1 h "
        f"at 200 km {data.value('peak_after_hour'):.2f} of the first peak. (d) Speeds along a vertical field by "
        "gravity, and by the field that electrons set up where they become fewer downwards by a factor e in 20 km: "
        "both pull down at a bottomside, the second lifts above the peak.",
    )


numbers = supplement.numbers_of(OBSERVED)
