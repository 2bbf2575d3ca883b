"""Panel d of Figure 5: the wind of the night."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from metalclouds.figures import style
from metalclouds.figures.axes import ut_axis
from metalclouds.figures.inputs import Missing, hours_of_night
from metalclouds.figures.marked_stripes import MARK_COLOURS
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import station_of


def wind_panel(
    wind: xr.Dataset | Missing, night: str, marked: pd.DataFrame, ax: Axes, settings: FiguresSettings
) -> Axes:
    """Eastward and northward wind with errors through the night, and the vector above them.

    Parameters
    ----------
    wind
        ingest/fpi of the night at one emission.
    marked
        rows of `marked_stripes`; their times are shown.
    """
    style.panel_letter(ax, "d", night, above_ticks=True)
    if isinstance(wind, Missing):
        return style.draw_missing(ax, wind)
    hours = hours_of_night(wind["time"].values, night)
    for name, colour, marker in (("eastward_wind", style.RED, "o"), ("northward_wind", style.BLUE, "s")):
        ax.errorbar(
            hours,
            wind[name].values,
            yerr=wind[f"{name}_error"].values,
            color=colour,
            marker=marker,
            markersize=3,
            elinewidth=0.7,
            capsize=1.5,
            label=name.split("_")[0],
        )
    _vectors(wind, hours, ax)
    ax.axhline(0.0, color="0.6", linewidth=0.5, zorder=0)
    for (_, stripe), colour in zip(marked.iterrows(), MARK_COLOURS, strict=False):
        ax.axvline(
            hours_of_night([stripe["time_top"]], night)[0],
            color=colour,
            linewidth=0.8,
            linestyle=(0, (4, 2)),
            zorder=0,
        )
    station = station_of(wind.attrs)
    offset = station.local_offset_hours(settings.local_time_offset_hours) if station else None
    ut_axis(ax, float(hours.min()) - 0.5, float(hours.max()) + 0.8, offset)
    ax.set_ylabel(f"wind at {float(wind['altitude']):.0f} km (m s$^{{-1}}$)")
    ax.legend(loc="lower left", ncols=2, frameon=True, framealpha=0.9, edgecolor="none", borderaxespad=0.2)
    return ax


def _vectors(wind: xr.Dataset, hours: np.ndarray, ax: Axes) -> None:
    """Arrows in a row above the curves: up is northward, right is eastward, the key gives the length."""
    east, north = wind["eastward_wind"].values.astype(float), wind["northward_wind"].values.astype(float)
    low, high = _reach(wind)
    span = max(high - low, 1.0)
    ax.set_ylim(low - 0.22 * span, high + 0.62 * span)
    row = np.full(hours.size, high + 0.34 * span)
    scale = 22.0 * max(float(np.nanmax(np.hypot(east, north))), 1.0)
    arrows = ax.quiver(hours, row, east, north, angles="uv", scale=scale / 2.2, width=0.004, color="black", zorder=3)
    length = float(np.round(np.nanmedian(np.hypot(east, north)), -1)) or 10.0
    ax.quiverkey(
        arrows,
        0.78,
        0.94,
        length,
        f"{length:.0f} m s$^{{-1}}$",
        labelpos="E",
        labelsep=0.04,
        fontproperties={"size": 7},
    )


def _reach(wind: xr.Dataset) -> tuple[float, float]:
    lows, highs = [0.0], [0.0]
    for name in ("eastward_wind", "northward_wind"):
        value, error = wind[name].values, np.nan_to_num(wind[f"{name}_error"].values)
        lows.append(float(np.nanmin(value - error)))
        highs.append(float(np.nanmax(value + error)))
    return min(lows), max(highs)
