"""Figure 4: how often metal is seen above the main layer, and the main layer itself, month by month."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from metalclouds.figures import captions, style
from metalclouds.figures.inputs import Missing, Run
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.style import is_shown
from metalclouds.schema.tables import MONTHLY
from metalclouds.schema.variables import VARIABLES, density_variable, with_charge

HEIGHT_CM = 15.5
MONTHS = np.arange(1, 13)
# Decades of the colour scale below its upper end.
DECADES = 2.0
BELOW_SCALE = "#BDBDBD"


@dataclass(frozen=True)
class Figure4Data:
    """Monthly statistics of all nights, and mean density by month and altitude."""

    monthly: pd.DataFrame
    density: xr.Dataset | None
    missing: Missing | None
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def species(self) -> str:
        """Whose density it is; "metal" where no file says it."""
        return str(self.density.attrs.get("species", "metal")) if self.density is not None else "metal"


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure4Data:
    """Read the monthly tables."""
    run = Run(run_dir)
    monthly = run.table("derive/monthly.csv", MONTHLY)
    density = run.dataset("derive/monthly_density.nc")
    missing = run.missing("lidar", "no lidar data")
    observed = len(monthly) and monthly["nights_observed"].sum() > 0
    return Figure4Data(monthly, density, None if observed else missing, run.synthetic("lidar"), run.inputs)


def draw(data: Figure4Data, settings: FiguresSettings) -> Figure:
    """Three panels above one axis of months."""
    with style.journal(settings):
        figure = style.new_figure(style.MIDDLE_CM, HEIGHT_CM)
        axes = figure.subplots(3, 1, height_ratios=(1.0, 0.8, 1.0))
        for letter, panel, ax in zip("abc", (occurrence_panel, column_panel, density_panel), axes, strict=True):
            style.panel_letter(ax, letter)
            if data.missing is not None:
                style.draw_missing(ax, data.missing)
            else:
                panel(data, ax)
                _months(ax, named=letter == "c")
        _altitudes(axes[-1], settings)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def _altitudes(ax: Axes, settings: FiguresSettings) -> None:
    if is_shown(ax):
        ax.set_ylim(*settings.month_altitude_km)


def _months(ax: Axes, named: bool) -> None:
    ax.set_xlim(0.5, 12.5)
    ax.set_xticks(MONTHS, [calendar.month_abbr[int(month)] for month in MONTHS])
    ax.set_xlabel("month" if named else "")


def occurrence_panel(data: Figure4Data, ax: Axes) -> Axes:
    """Bars of nights observed and nights with metal above the boundary; curve of their ratio with its interval."""
    import seaborn

    table = data.monthly
    bars = {"x": "month", "native_scale": True, "ax": ax, "saturation": 1.0, "errorbar": None, "legend": False}
    seaborn.barplot(table, y="nights_observed", color="#C4C4C4", width=0.8, label="nights observed", **bars)
    seaborn.barplot(
        table,
        y="nights_above_150",
        color="#6BAED6",
        width=0.45,
        label=f"nights with {with_charge(data.species)} above 150 km",
        **bars,
    )
    ax.set_ylabel("nights")
    ax.set_ylim(0.0, 1.45 * float(table["nights_observed"].max()))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_yticks([tick for tick in ax.get_yticks() if tick <= float(table["nights_observed"].max())])
    rate = ax.twinx()
    _curve(table, ("occurrence", "occurrence_low", "occurrence_high"), rate, RATE_COLOUR, 100.0)
    rate.set_ylabel("occurrence rate (%)", color=RATE_COLOUR)
    rate.tick_params(axis="y", colors=RATE_COLOUR)
    rate.set_ylim(0.0, _rate_top(table))
    rate.set_yticks([tick for tick in rate.get_yticks() if tick <= _ALL])
    rate.set_ylim(0.0, _rate_top(table))
    handles, labels = ax.get_legend_handles_labels()
    ax.legend([*handles, rate.lines[0]], [*labels, "occurrence rate"], loc="upper left", ncols=2, columnspacing=1.0)
    return ax


# That of the bars is another: they belong to the other axis.
RATE_COLOUR = "#1A1A1A"
# No rate is higher (%).
_ALL = 100.0


def _rate_top(table: pd.DataFrame) -> float:
    """Upper end of the axis of rates (%), with room for the legend."""
    return 1.45 * min(_ALL, max(1.0, 100.0 * float(np.nanmax(table["occurrence_high"]))))


def _curve(table: pd.DataFrame, names: tuple[str, str, str], ax: Axes, colour: str, factor: float) -> None:
    """A line through monthly values with error bars; a month without a value breaks it."""
    value, low, high = (factor * table[name].to_numpy(float) for name in names)
    # Not seaborn's lineplot: it draws across months without a value.
    ax.plot(table["month"], value, color=colour, marker="o", markersize=4, markeredgewidth=0.0)
    spread = np.clip(np.array([value - low, high - value]), 0.0, None)
    ax.errorbar(table["month"], value, yerr=spread, fmt="none", ecolor=colour, elinewidth=0.8, capsize=2.0)


def column_panel(data: Figure4Data, ax: Axes) -> Axes:
    """Monthly mean column density with its interval, and the number of nights behind each."""
    _curve(data.monthly, ("column_density_cm2", "column_low_cm2", "column_high_cm2"), ax, "#C00000", 1e-7)
    ax.set_ylabel("column density\n(10$^7$ cm$^{-2}$)")
    top = 1e-7 * float(np.nanmax(data.monthly[["column_density_cm2", "column_high_cm2"]].to_numpy(float)))
    ax.set_ylim(0.0, 1.18 * top)
    for month, nights in zip(data.monthly["month"], data.monthly["column_nights"], strict=True):
        if np.isfinite(nights):
            ax.text(month, 1.16 * top, f"{nights:.0f}", ha="center", va="top", color="0.35", fontsize=6.5)
    ax.annotate(
        "nights:",
        xy=(0.0, 1.0),
        xytext=(16.0, 3.0),
        xycoords="axes fraction",
        textcoords="offset points",
        color="0.35",
        fontsize=6.5,
        ha="left",
        va="bottom",
    )
    return ax


def density_panel(data: Figure4Data, ax: Axes) -> Axes:
    """Mean density by month and altitude on a logarithmic scale; months without nights are hatched."""
    if data.density is None:
        return style.draw_missing(ax, Missing("no monthly densities", "not derived in this run"))
    style.hatch_background(ax)
    values = data.density["ca_ion_number_density"].transpose("altitude", "month")
    top = float(np.nanmax(values.values)) if np.isfinite(values.values).any() else 1.0
    low = top / 10**DECADES
    norm = LogNorm(low, top)
    shown = np.ma.masked_invalid(np.maximum(values.values, low * 0.5))
    mesh = ax.pcolormesh(
        values["month"].values,
        values["altitude"].values,
        shown,
        norm=norm,
        shading="nearest",
        cmap=style.colour_map("lipari", under=BELOW_SCALE, bad="none"),
        rasterized=True,
    )
    bar = ax.figure.colorbar(mesh, cax=ax.inset_axes((1.025, 0.0, 0.03, 1.0)), extend="min")
    bar.set_label(density_variable(data.species).label)
    ax.set_ylabel(VARIABLES["altitude"].label)
    return ax


def plotted(data: Figure4Data) -> pd.DataFrame:
    """The monthly table.

    Returns
    -------
    DataFrame
        table MONTHLY.
    """
    return data.monthly


def caption(data: Figure4Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    if data.missing is not None:
        return captions.paragraph("Monthly statistics could not be drawn.", captions.missing(data.missing))
    table = data.monthly
    names = ("nights_observed", "nights_above_150", "nights_clear_200_300")
    total, above, clear = (int(table[name].sum()) for name in names)
    return captions.paragraph(
        captions.synthetic(data.synthetic),
        f"(a) By calendar month, all years together: nights observed (grey, {total} in all), nights with "
        f"{data.species} above 150 km (blue, {above}; a clear layer at 200 to 300 km on {clear}; "
        f"{table['false_nights_expected'].sum():.1f} expected to be false), and their ratio (curve) with its "
        "binomial interval.",
        "(b) Mean of the nights' column densities, each night with the same weight, with the interval of the "
        "arithmetic mean of log-normal nights; above, the number of nights.",
        "(c) Mean density by month and altitude; grey: less than a hundredth of the largest.",
        str(data.density.attrs.get("intervals", "")) if data.density is not None else "",
        _extremes(table),
    )


def _extremes(table: pd.DataFrame) -> str:
    """Which months stand out; nothing where all months with a value would be named, or all are alike."""
    words = []
    for name, what, count in (("occurrence", "occurrence", 3), ("column_density_cm2", "column density", 4)):
        known = table[name].dropna()
        count = min(count, len(known) // 2)
        if count and known.nunique() > 1:
            words.append(f"highest {what}: {_ranked(table, name, count)}")
            if name != "occurrence":
                words.append(f"lowest: {_ranked(table, name, 1, True)}")
    text = "; ".join(words)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _ranked(table: pd.DataFrame, name: str, count: int, smallest: bool = False) -> str:
    ranked = table.dropna(subset=[name]).sort_values(name, ascending=smallest, kind="stable")["month"].head(count)
    return captions.listed(calendar.month_name[int(month)] for month in ranked)


def numbers(data: Figure4Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows = []
    for _, month in data.monthly.iterrows():
        name = calendar.month_abbr[int(month["month"])]
        ratio = f"{month['nights_above_150']:.0f} of {month['nights_observed']:.0f}"
        between = f"({month['column_low_cm2']:.1e} to {month['column_high_cm2']:.1e})"
        rows.append(("a", f"{name}: nights above 150 km, of observed", ratio, "1"))
        rows.append(("b", f"{name}: column density", f"{month['column_density_cm2']:.2e} {between}", "cm-2"))
    return captions.table(rows)
