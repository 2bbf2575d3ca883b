"""Supplement: slopes of stripes beside those of sheets along the field, and the gaps between stripes."""

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
from metalclouds.supplements.directions import with_sheet
from metalclouds.supplements.spacing import gaps

HEIGHT_CM = 9.5
# Share of stripes that the axes of slopes hold at least.
MOST_SHOWN = 0.95
COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, style.RED, style.GREY)

OBSERVED = {
    "sheet_sign": "share of slopes with the same sign as a sheet along the TEC region (mean of nights)",
    "sheet_nights": "nights behind it",
    "sheet_spread": "log10 of the slopes' scatter in a night over that of such sheets (median of nights)",
    "sheet_course": "rank correlation of slopes and sheets through a night (median of nights)",
    "spacing_cv": "coefficient of variation of the gaps at 200 km",
    "spacing_chance": "the same of chance, with what the detector loses (median and 90 % of simulated records)",
    "spacing_train": "the same of trains of waves whose gaps scatter by 0.4 of their mean (median and 90 %)",
    "spacing_power": "share of such trains that lie below 95 % of the records of chance",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes and the nights."""
    return supplement.load(run_dir, ["stripes", "nights"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Predicted and measured slopes at the left, gaps at the right."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        left, right = figure.subplots(1, 2)
        slope_panel(data, left)
        gap_panel(data, right)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def slope_panel(data: SupplementData, ax: Axes) -> Axes:
    """Measured slowness against that of a sheet along the night's region of enhanced TEC."""
    style.panel_letter(ax, "a", "slopes of sheets")
    missing = data.missing("sheet_sign", "no axis to compare")
    if missing is not None:
        return style.draw_missing(ax, missing)
    known = slopes(data)
    for night, colour in zip(sorted(known["night"].unique()), COLOURS, strict=False):
        own = known[known["night"] == night]
        ax.plot(own["sheet_s_per_km"], own["slowness_s_per_km"], "o", markersize=2.5, color=colour, label=night)
    both = known[["sheet_s_per_km", "slowness_s_per_km"]].abs().max(axis=1)
    top = 1.2 * float(both.quantile(MOST_SHOWN))
    outside = int((both > top).sum())
    ax.axhline(0.0, color=style.GREY, linewidth=0.5)
    ax.axvline(0.0, color=style.GREY, linewidth=0.5)
    ax.plot([-top, top], [-top, top], color=style.GREY, linewidth=0.6, label="equal")
    if outside:
        ax.text(0.97, 0.03, f"{outside} stripes outside", transform=ax.transAxes, ha="right", fontsize=style.SMALL_PT)
    ax.set_xlim(-top, top)
    ax.set_ylim(-top, top)
    ax.set_xlabel("slowness of a sheet along the TEC region (s km$^{-1}$)")
    ax.set_ylabel("slowness measured (s km$^{-1}$)")
    supplement.legend_below(ax, 2)
    return ax


def slopes(data: SupplementData) -> pd.DataFrame:
    """Stripes of nights whose region of enhanced TEC has an axis, with the slowness of a sheet along it.

    Returns
    -------
    DataFrame
        rows of derive/supplement_stripes.csv with `sheet_s_per_km`.
    """
    return with_sheet(data.tables["stripes"], data.tables["nights"].set_index("night")["tec_tilt_deg"].dropna())


def gap_panel(data: SupplementData, ax: Axes) -> Axes:
    """Gaps between stripes over the night's mean, beside those of chance."""
    style.panel_letter(ax, "b", "gaps at 200 km")
    missing = data.missing("spacing_cv", "too few gaps")
    if missing is not None:
        return style.draw_missing(ax, missing)
    found = gaps(data.tables["stripes"])["gap"]
    edges = np.arange(0.0, 4.01, 0.25)
    ax.hist(found.clip(upper=3.99), bins=edges.tolist(), density=True, color=style.BLUE, label="stripes")
    ax.plot(edges, np.exp(-edges), color=style.ORANGE, label="chance (Poisson)")
    rows = (
        ("measured", "spacing_cv"),
        ("chance, with losses", "spacing_chance"),
        ("waves, with losses", "spacing_train"),
    )
    words = [f"{what}: {data.value(name):.2f}" for what, name in rows]
    ax.text(0.97, 0.95, "\n".join(["coefficient of variation", *words]), transform=ax.transAxes, ha="right", va="top",
            fontsize=style.SMALL_PT)  # fmt: skip
    ax.set_xlabel("gap over the night's mean gap")
    ax.set_ylabel("probability density")
    supplement.legend_below(ax)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """Stripes with the slowness of a sheet.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return slopes(data)[["night", "id", "slowness_s_per_km", "sheet_s_per_km"]]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "Sheets or trails? (a) Measured slowness of each stripe beside that of a sheet spanned by the magnetic "
        "field and the axis of the night's region of enhanced TEC, carried by the zonal wind. Such a sheet shows a "
        "slanted stripe without any meteoroid. Share of slopes with the same sign as the sheet, mean of nights: "
        f"{data.words('sheet_sign')}. "
        "Stripes of one night share wind and axis, so that nights count, not stripes. Log10 of their scatter in a "
        f"night over that of such sheets: {data.words('sheet_spread')}; rank correlation with them through a night: "
        f"{data.words('sheet_course')}. (b) Gaps between stripes: "
        f"coefficient of variation {data.words('spacing_cv')} (95 % interval). Stripes that come independently, as "
        "meteoroids do, have 1; regular ones, as waves, less. With the stripes and long gaps that are lost, "
        f"simulated records of chance give {data.words('spacing_chance')} and trains of waves "
        f"{data.words('spacing_train')} (median and 90 % of n records). A measured interval below the range of "
        "chance means that the gaps are more regular than chance.",
    )


numbers = supplement.numbers_of(OBSERVED)
