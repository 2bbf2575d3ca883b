"""Panels of Figure 3: foEs of a night as bars, beside the connections found in the lidar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from metalclouds.derive.ionogram_choice import DESCENDING, DIRECT, CaseSoundings
from metalclouds.figures import style
from metalclouds.figures.axes import joined, outermost, rounded_limits, ut_axis
from metalclouds.figures.inputs import Missing, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import Station
from metalclouds.schema.variables import VARIABLES

BAR_LETTERS = "abcde"

# Rows of marks above the bars, as shares of the panel's height.
BLANKETING_ROW = 0.94
DOUBLE_ROW = 0.85
NO_SOUNDING = Missing("no ionosonde data", "no sounding on this night")


@dataclass(frozen=True)
class EsNight(CaseSoundings):
    """A night with its panel, the least foEs that the sounder could tell (MHz), and where it was sounded."""

    panel: str
    limit_mhz: float
    missing: Missing = NO_SOUNDING
    station: Station | None = None

    def local_offset_hours(self, settings: FiguresSettings) -> float | None:
        """Local time minus UT (h); None where neither settings nor file say it."""
        if self.station is None:
            return settings.local_time_offset_hours
        return self.station.local_offset_hours(settings.local_time_offset_hours)


@dataclass(frozen=True)
class BarScale:
    """What the panels share: hours shown, top of foEs, and time between soundings."""

    hours: tuple[float, float]
    top_mhz: float
    cadence_hours: float


def window(nights: list[EsNight], settings: FiguresSettings) -> tuple[float, float]:
    """Hours shown in all panels: from the settings if they hold all connections, else around the connections."""
    starts = [hours_of_night(night.events["start_utc"], night.night) for night in nights]
    ends = [hours_of_night(night.events["end_utc"], night.night) for night in nights]
    hours = np.concatenate([*starts, *ends]) if starts else np.array([])
    if not hours.size:
        hours = np.concatenate([hours_of_night(n.soundings["time_utc"], n.night) for n in nights] or [np.array([])])
    hours = hours[np.isfinite(hours)]
    if not hours.size:
        return 0.0, 24.0
    fixed = settings.es_hours
    if fixed is not None and fixed[0] <= hours.min() and hours.max() <= fixed[1]:
        return fixed
    return rounded_limits(hours.min() - settings.es_margin_hours, hours.max() + settings.es_margin_hours, 0.5)


def draw_bars(figure: Figure, nights: list[EsNight], cadence_hours: float, settings: FiguresSettings) -> None:
    """A panel for each night, and a legend in the last place."""
    grid = figure.subplots(3, 2, sharex=True)
    limits = window(nights, settings)
    scale = BarScale(limits, _top_mhz(nights, limits), cadence_hours)
    for number, ax in enumerate(grid.flat[:-1]):
        if number < len(nights):
            style.panel_letter(ax, BAR_LETTERS[number], nights[number].night, above_ticks=True)
            bars_panel(nights[number], ax, scale, settings)
        else:
            ax.set_axis_off()
    grid.flat[-1].set_axis_off()
    _name_axes(grid)
    grid.flat[-1].legend(handles=_legend(), loc="center left", ncols=1, labelspacing=0.45)


def _name_axes(grid: np.ndarray) -> None:
    """Every panel has its hours; the outermost ones also name their axes."""
    left, lowest, topmost = outermost(grid)
    for ax in left:
        ax.set_ylabel(VARIABLES["foEs"].label)
    for ax in lowest:
        # Seaborn hides the name of an axis whose tick labels sharing had hidden.
        ax.set_xlabel("UT (h)", labelpad=1.5, visible=True)
    for ax in grid.flat:
        for local in ax.child_axes if ax not in topmost else []:
            local.set_xlabel("")


def _top_mhz(nights: list[EsNight], limits: tuple[float, float]) -> float:
    largest = [0.0]
    for night in nights:
        hours = hours_of_night(night.soundings["time_utc"], night.night)
        inside = (hours >= limits[0]) & (hours <= limits[1])
        largest.append(float(np.nanmax(np.append(night.soundings["foEs_MHz"].to_numpy(float)[inside], 0.0))))
    return max(1.0, 1.4 * max(largest))


def bars_panel(night: EsNight, ax: Axes, scale: BarScale, settings: FiguresSettings) -> Axes:
    """foEs of one night as bars; connections, blanketing and double Es marked."""
    import seaborn

    if night.soundings.empty:
        return style.draw_missing(ax, night.missing)
    rows = night.soundings.assign(hours=hours_of_night(night.soundings["time_utc"], night.night))
    rows = rows[rows["hours"].between(*scale.hours, inclusive="neither")]
    present = rows[rows["es_status"] == "present"]
    if len(present):
        seaborn.barplot(
            present,
            x="hours",
            y="foEs_MHz",
            native_scale=True,
            color=style.GREY,
            ax=ax,
            legend=False,
            saturation=1.0,
            width=0.9,
            errorbar=None,
            edgecolor="none",
        )
        for bar in (patch for patch in ax.patches if isinstance(patch, Rectangle)):
            middle = bar.get_x() + 0.5 * bar.get_width()
            bar.set_width(0.85 * scale.cadence_hours)
            bar.set_x(middle - 0.425 * scale.cadence_hours)
    _mark_soundings(rows, ax, night.limit_mhz, scale.cadence_hours)
    _mark_connections(night, ax)
    ax.set_ylim(0.0, scale.top_mhz)
    ax.set_ylabel("")
    ax.tick_params(labelbottom=True)
    ut_axis(ax, *scale.hours, night.local_offset_hours(settings), below=False)
    ax.set_xlabel("")
    return ax


def _mark_soundings(rows: pd.DataFrame, ax: Axes, limit_mhz: float, cadence: float) -> None:
    """Absent Es as an upper limit, soundings not made, blanketing and double Es."""
    absent = rows[rows["es_status"] == "absent"]
    if np.isfinite(limit_mhz):
        ax.plot(
            absent["hours"],
            np.full(len(absent), limit_mhz),
            "v",
            color=style.GREY,
            markersize=2.2,
            markerfacecolor="none",
            markeredgewidth=0.5,
        )
    for hour in rows.loc[rows["es_status"] == "not_observed", "hours"]:
        ax.axvspan(
            hour - cadence / 2,
            hour + cadence / 2,
            facecolor="none",
            edgecolor="#BBBBBB",
            hatch=style.HATCH,
            linewidth=0.0,
        )
    across = ax.get_xaxis_transform()
    for name, row, face in (("blanketing", BLANKETING_ROW, style.PURPLE), ("double_es", DOUBLE_ROW, "none")):
        hits = rows.loc[rows[name], "hours"]
        ax.plot(
            hits,
            np.full(len(hits), row),
            "s",
            transform=across,
            markersize=3.6,
            color=style.PURPLE,
            markerfacecolor=face,
            markeredgewidth=0.8,
            linestyle="none",
        )


def _mark_connections(night: EsNight, ax: Axes) -> None:
    """A red dashed box for as long as stripes reach the main layer, a blue line where a cloud begins to merge."""
    direct = night.events[night.events["kind"] == DIRECT]
    for start, end in joined(
        hours_of_night(direct["start_utc"], night.night), hours_of_night(direct["end_utc"], night.night), gap=0.25
    ):
        ax.add_patch(
            Rectangle(
                (start, 0.02),
                end - start,
                0.76,
                transform=ax.get_xaxis_transform(),
                fill=False,
                edgecolor="#E00000",
                linestyle=(0, (3, 1.5)),
                linewidth=0.9,
                zorder=5,
            )
        )
    onset = night.events.loc[night.events["kind"] == DESCENDING, "start_utc"]
    for hour in hours_of_night(onset, night.night):
        ax.axvline(hour, ymax=0.78, color="#0050D0", linewidth=1.3, zorder=6)


def _legend() -> list:
    square: dict[str, Any] = {"color": style.PURPLE, "marker": "s", "linestyle": "none", "markersize": 4}
    return [
        Patch(facecolor=style.GREY, label="foEs"),
        Line2D(
            [],
            [],
            color=style.GREY,
            marker="v",
            linestyle="none",
            markersize=3,
            markerfacecolor="none",
            markeredgewidth=0.5,
            label="no Es (foEs below the limit shown)",
        ),
        Patch(
            facecolor="none",
            edgecolor="#E00000",
            linestyle=(0, (3, 1.5)),
            label="stripes reach the main layer (lidar)",
        ),
        Line2D([], [], color="#0050D0", linewidth=1.3, label="descending cloud begins to merge (lidar)"),
        Line2D([], [], **square, label="blanketing Es"),
        Line2D([], [], **square, markerfacecolor="none", markeredgewidth=0.8, label="double Es"),
        Line2D(
            [],
            [],
            color="#E00000",
            marker="o",
            linestyle="none",
            markersize=5,
            markerfacecolor="none",
            label="Es absent or weaker a sounding before (f–n)",
        ),
        Patch(facecolor="#3C3C3C", label="ordinary echo (f–n)"),
        Patch(facecolor="#2E9A53", label="extraordinary echo (f–n)"),
    ]
