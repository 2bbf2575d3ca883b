"""Supplement: electrons of metal beside the enhancement of TEC, and lifetimes of ions."""

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
# Metal ions or atoms that others reported: what, altitudes (km).
# Compared with the abstracts: OGO-4 (Gerard 1976, J. Geophys. Res. 81, 83), Raizada et al. 2020 (Geophys. Res. Lett.
# 47, doi:10.1029/2020GL087113), Jiao et al. 2022. The others as later publications give them.
REPORTED = (
    ("twilight Ca$^+$ (Broadfoot 1967)*", 100.0, 280.0),
    ("AE-C*", 220.0, 320.0),
    ("ARGOS*", 100.0, 340.0),
    ("OGO-6*", 600.0, 950.0),
    ("OGO-4 Mg$^+$ (Gérard 1976)", 110.0, 250.0),
    ("lidar Ca$^+$ (Raizada 2020)", 80.0, 180.0),
    ("lidar Ca$^+$ (Jiao 2022)", 80.0, 300.0),
    ("this paper", 120.0, 300.0),
)

OBSERVED = {
    "metal_tecu": "electrons of all metal ions, uncertain numbers in favour of trails (median, range of nights)",
    "metal_log_ratio": "X9: log10 of that over the enhancement of TEC, 0 if equal (median, range of nights)",
    "influx_days": "X10: days in which meteoroids bring the metal (brackets: least to most)",
    "lifetime_days": "lifetime of Ca+ against recombination at 200 km",
    "lifetime_log_ratio": "log10 of it over that of molecular ions",
    "neutral_life": "hours for which a Ca atom not ionised at once is neutral (10000 to 100 molecular ions per cm3)",
    "neutral_share": "neutral Ca over Ca+ in stripes",
    "review_differing": "energies in Table 2.2 of the review by Yamauchi et al. that differ from first principles",
    "review_differing_protons": "the same if each nucleon has a proton's mass",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read nights and lifetimes."""
    return supplement.load(run_dir, ["nights", "lifetimes", "escape"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Electrons, lifetimes, altitudes reported."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 1.1, 0.9))
        content_panel(data, left)
        lifetime_panel(data, middle)
        altitude_panel(right)
        if data.synthetic:
            style.mark_synthetic(figure, "panel a")
    return figure


def content_panel(data: SupplementData, ax: Axes) -> Axes:
    """Metal's electrons against the enhancement, a point a night."""
    style.panel_letter(ax, "a", "metal and TEC")
    missing = data.missing("metal_log_ratio", "nothing to compare")
    if missing is not None:
        return style.draw_missing(ax, missing)
    both = data.tables["nights"].dropna(subset=["metal_tecu", "tec_tecu"])
    ax.plot(both["tec_tecu"], both["metal_tecu"], "o", color=style.BLUE, markersize=4)
    ends = [0.5 * float(both["metal_tecu"].min()), 2.0 * float(both["tec_tecu"].max())]
    ax.plot(ends, ends, color=style.GREY, linewidth=0.6, label="metal is the enhancement")
    ax.legend(loc="upper left", fontsize=style.SMALL_PT)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("enhancement (TECU)")
    ax.set_ylabel("metal, in favour of trails (TECU)")
    return ax


def lifetime_panel(data: SupplementData, ax: Axes) -> Axes:
    """Lifetime of each ion against altitude."""
    style.panel_letter(ax, "b", "lifetimes, recombination only")
    lives = data.tables["lifetimes"]
    if lives.empty:
        return style.draw_missing(ax, Missing("no air", "no night was observed"))
    colours = (style.GREY, style.GREEN, style.PURPLE, style.ORANGE, style.BLUE)
    for (ion, own), colour in zip(lives.groupby("ion", sort=False), colours, strict=False):
        ax.plot(own["lifetime_days"], own["altitude_km"], color=colour, label=_formula(ion))
    ax.set_xscale("log")
    ax.set_xlabel("lifetime (days)")
    ax.set_ylabel("altitude (km)")
    ax.legend(loc="center", fontsize=style.SMALL_PT)
    return ax


def _formula(ion: str) -> str:
    """`O2+` as it is printed."""
    return ion.replace("2", "$_2$").replace("+", "$^+$")


def altitude_panel(ax: Axes) -> Axes:
    """Altitudes at which metal was reported."""
    style.panel_letter(ax, "c", "metal reported")
    for place, (words, bottom, top) in enumerate(REPORTED):
        ax.plot([place, place], [bottom, top], color=style.BLUE, linewidth=4.0, solid_capstyle="butt")
        ax.text(place, top + 15.0, words, rotation=90, ha="center", va="bottom", fontsize=style.SMALL_PT)
    ax.set_xlim(-0.6, len(REPORTED) - 0.4)
    ax.set_ylim(0.0, 1300.0)
    ax.set_xticks([])
    ax.set_ylabel("altitude (km)")
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The nights with metal and enhancement.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["nights"][["night", "metal_tecu", "tec_tecu"]]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Metal around the clouds. (a) Electrons of all meteoric ions, every uncertain number chosen in favour of "
        "trails (the night's brightest stripe over the whole depth of the clouds, calcium depleted tenfold), beside "
        "the enhancement of TEC of the same "
        f"night: {data.words('metal_tecu')} (median and range of the nights that have both); on the line metal would "
        "be the enhancement. Meteoroids bring the median column of all nights with a cloud in "
        f"{data.words('influx_days')} (brackets: from calcium not "
        "held back and 300 t a day to tenfold and 5). Neither bracket is a 95 % interval. "
        "(b) Lifetimes, recombination only, from published rates with 1e5 electrons per cm3 in a model of the air: "
        f"Ca+ at 200 km {data.words('lifetime_days')}. (c) Altitudes at which metal was reported (* as later "
        "publications give them). Neither (b) nor (c) uses the lidar data. As a check of the review that lists the "
        f"rates (Yamauchi et al.): of the escape energies in its Table 2.2, "
        f"{data.value('review_differing'):.0f} differ from those of the atoms' masses, "
        f"{data.value('review_differing_protons'):.0f} if each nucleon has a proton's mass.",
    )


numbers = supplement.numbers_of(OBSERVED)
