"""Figure 2: maps of vertical TEC with the enhanced region that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import AbstractPathEffect, withStroke

from metalclouds.figures import captions, style
from metalclouds.figures.axes import label_outermost
from metalclouds.figures.inputs import Missing, Run
from metalclouds.figures.maps import credit, draw_lines, map_axes
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import Station, offset_words, station_of
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import TEC_ENHANCEMENT, TEC_SERIES
from metalclouds.schema.variables import VARIABLES

LETTERS = "abcdefghijkl"
COLUMNS, ROW_CM, EXTRA_CM = 3, 4.15, 2.8
MAIN_METHOD = "quiet_days"
# The lidar, and the axis of the region.
LIDAR, AXIS = "black", "#E00000"
DASHES = (0, (3, 1.5))
# The axis is drawn where the excess of a map passes this many standard errors of the peak.
AXIS_SIGMA = 3.0
# The line of half the peak is white; its dark edge shows it where the map, or the paper, is pale.
CONTOUR_PT = 0.6
CASING: list[AbstractPathEffect] = [withStroke(linewidth=1.3, foreground="#333333")]
# The small map of the excess: its place in a map, and the ends of its scale (TECU).
INSET, EXCESS, EXCESS_TECU = (0.72, 0.02, 0.27, 0.3), "excess", 3.0
# A value of the series belongs to a map if it is no farther from it than this.
NEAR_MINUTES = 6.0


@dataclass(frozen=True)
class Figure2Data:
    """Twelve maps, the enhanced region of each night and the excess at the lidar, or why there is nothing."""

    maps: xr.Dataset | Missing
    regions: pd.DataFrame
    series: pd.DataFrame
    missing: Missing
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)
    station: Station | None = None

    def local_offset_hours(self, settings: FiguresSettings) -> float | None:
        """Local time of the site minus UT (h); None where neither settings nor file say it."""
        if self.station is None:
            return settings.local_time_offset_hours
        return self.station.local_offset_hours(settings.local_time_offset_hours)


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure2Data:
    """Read the maps of the panels and the enhanced regions."""
    run = Run(run_dir)
    maps = run.dataset("derive/tec_maps.nc")
    regions = run.table("derive/tec_enhancement.csv", TEC_ENHANCEMENT)
    series = run.table("derive/tec_series.csv", TEC_SERIES, optional=True)
    missing = run.missing("tec", "no TEC")
    empty = maps is None or not maps.sizes.get("panel", 0) or bool(maps["vertical_tec"].isnull().all())
    shown = missing if maps is None or empty else maps
    station = station_of(maps.attrs) if maps is not None else None
    return Figure2Data(shown, regions, series, missing, run.synthetic("tec"), run.inputs, station)


def letters(maps: xr.Dataset) -> list[str]:
    """Letters of the maps, from the file where it names them.

    Parameters
    ----------
    maps
        dataset TEC_MAPS, dim panel.
    """
    named = [str(value) for value in maps["panel"].values] if "panel" in maps.coords else []
    usable = len(named) and all(len(name) == 1 and name.isalpha() for name in named)
    return named if usable else list(LETTERS[: maps.sizes["panel"]])


def region_of(regions: pd.DataFrame, night: str) -> pd.Series | None:
    """The enhanced region of a night by the first method that found one, no satellite left out.

    Parameters
    ----------
    regions
        table TEC_ENHANCEMENT.

    Returns
    -------
    Series
        a row of it; None where no method found one.
    """
    found = regions[(regions["night"] == night) & regions["left_out"].isna() & is_true(regions["found"])]
    if found.empty:
        return None
    return found.assign(order=found["method"] != MAIN_METHOD).sort_values("order", kind="stable").iloc[0]


def excess_at_lidar(series: pd.DataFrame, time: pd.Timestamp) -> tuple[float, float] | None:
    """Excess around the lidar and its error (TECU) at a time, by the first method; None where there is none near.

    Parameters
    ----------
    series
        table TEC_SERIES.
    time
        naive UTC.
    """
    near = series[(series["time_utc"] - time).abs() <= pd.Timedelta(minutes=NEAR_MINUTES)].dropna(
        subset=["excess_tecu"]
    )
    if near.empty:
        return None
    best = near.assign(order=near["method"] != MAIN_METHOD, apart=(near["time_utc"] - time).abs())
    row = best.sort_values(["order", "apart"], kind="stable").iloc[0]
    return float(row["excess_tecu"]), float(row["excess_error_tecu"])


def night_of(time: pd.Timestamp) -> str:
    """Night of a time: the UT date, since darkness lies within one UT day."""
    return f"{time:%Y-%m-%d}"


def tec_norm(maps: xr.Dataset, settings: FiguresSettings) -> Normalize:
    """The shared scale: spans all but a hundredth of the cells, in full TECU.

    Parameters
    ----------
    maps
        dataset TEC_MAPS.
    """
    if settings.tec_range_tecu is not None:
        return Normalize(*settings.tec_range_tecu)
    values = maps["vertical_tec"].values
    low, high = np.nanpercentile(values, [0.5, 99.5])
    return Normalize(float(np.floor(low)), float(np.ceil(high)))


def draw(data: Figure2Data, settings: FiguresSettings) -> Figure:
    """Twelve maps with one colour scale, or a line where there is none."""
    rows = len(LETTERS) // COLUMNS
    with style.journal(settings):
        if isinstance(data.maps, Missing):
            return style.line_of_missing(data.maps)
        figure = style.new_figure(style.PAGE_CM, rows * ROW_CM + EXTRA_CM)
        grid = figure.subplots(rows, COLUMNS, sharex=True, sharey=True)
        _draw_maps(figure, grid, data.maps, data, settings)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def _draw_maps(
    figure: Figure, grid: np.ndarray, maps: xr.Dataset, data: Figure2Data, settings: FiguresSettings
) -> None:
    from matplotlib.cm import ScalarMappable

    colours, norm = style.colour_map("batlow", under=None, bad="none"), tec_norm(maps, settings)
    assumed = assumed_times(maps)
    for number, (letter, ax) in enumerate(zip(letters(maps), grid.flat, strict=False)):
        style.panel_letter(ax, letter)
        map_panel(maps.isel(panel=number), data, ax, colours, norm, settings)
        if letter in assumed:
            ax.set_title(ax.get_title("right") + "*", loc="right", pad=4.0, fontsize=style.SMALL_PT)
    for ax in grid.flat[maps.sizes["panel"] :]:
        ax.set_axis_off()
    label_outermost(grid)
    below: dict[str, Any] = {"orientation": "horizontal", "extend": "both", "fraction": 0.025}
    bar = figure.colorbar(ScalarMappable(norm, colours), ax=grid[:, :-1], aspect=40, shrink=0.8, **below)
    bar.set_label(VARIABLES["vertical_tec"].label, labelpad=1.5)
    small = ScalarMappable(Normalize(-EXCESS_TECU, EXCESS_TECU), style.colour_map("vik", under=None, bad="white"))
    bar = figure.colorbar(small, ax=grid[:, -1], aspect=20, shrink=0.8, **below)
    bar.set_label("small maps: excess (TECU)", labelpad=1.5)
    handles = _legend(settings)
    if assumed:
        handles.append(Line2D([], [], linestyle="none", label="* time assumed"))
    figure.legend(handles=handles, loc="outside lower center", ncols=5, columnspacing=1.2)


def assumed_times(maps: xr.Dataset) -> list[str]:
    """Letters of the panels whose times the paper does not print.

    Parameters
    ----------
    maps
        dataset TEC_MAPS.
    """
    return [letter for letter in str(maps.attrs.get("assumed_times", "")).split(", ") if letter]


def _legend(settings: FiguresSettings) -> list[Artist]:
    dot: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 3.5, "markeredgewidth": 0.5}
    lidar = Line2D([], [], color=LIDAR, markeredgecolor="white", label="lidar's site", **dot)
    region: list[Artist] = [
        Line2D([], [], color=AXIS, linestyle=DASHES, label="axis of the enhanced region"),
        Line2D([], [], color="white", linewidth=CONTOUR_PT, path_effects=CASING, label="half of its peak"),
    ]
    nothing = Patch(facecolor="#F4F4F4", edgecolor="#BBBBBB", hatch=style.HATCH, label="not observed")
    return [lidar, *(region if settings.overlays else []), nothing]


def map_panel(
    one: xr.Dataset, data: Figure2Data, ax: Axes, colours: Colormap, norm: Normalize, settings: FiguresSettings
) -> Axes:
    """One map: TEC, coast and borders, the lidar, and the axis of the enhanced region while it lasts.

    Parameters
    ----------
    one
        one panel of TEC_MAPS, dims (latitude, longitude).
    """
    longitude, latitude = one["longitude"].values, one["latitude"].values
    map_axes(ax, _limits(longitude), _limits(latitude))
    values = one["vertical_tec"].values
    if pd.isna(one["time"].values) or not np.isfinite(values).any():
        return style.draw_missing(ax, Missing("no TEC map", "none near this time", data.missing.where))
    style.hatch_background(ax)
    ax.pcolormesh(
        longitude, latitude, np.ma.masked_invalid(values), cmap=colours, norm=norm, shading="nearest", rasterized=True
    )
    draw_lines(ax)
    time = pd.Timestamp(one["time"].values.item())
    _draw_lidar(time, data, ax)
    region = region_of(data.regions, night_of(time))
    if settings.overlays and region is not None and draw_region(region, one, ax):
        draw_contour(one, region, ax)
    excess_inset(one, ax)
    offset = data.local_offset_hours(settings)
    local = "" if offset is None else f", {time + pd.Timedelta(hours=offset):%H:%M} LT"
    ax.set_title(f"{time:%Y-%m-%d %H:%M} UT{local}", loc="right", pad=4.0, fontsize=style.SMALL_PT)
    return ax


def excess_inset(one: xr.Dataset, ax: Axes) -> None:
    """A small map of the excess over the background, in the lower right corner; none where there is no background.

    Parameters
    ----------
    one
        one panel of TEC_MAPS, dims (latitude, longitude).
    """
    excess = one["tec_excess"].values
    if not np.isfinite(excess).any():
        return
    small = ax.inset_axes(INSET)
    small.set_xticks([])
    small.set_yticks([])
    small.set_gid(EXCESS)
    colours = style.colour_map("vik", under=None, bad="white")
    small.pcolormesh(
        one["longitude"].values, one["latitude"].values, np.ma.masked_invalid(excess), cmap=colours,
        norm=Normalize(-EXCESS_TECU, EXCESS_TECU), shading="nearest", rasterized=True,
    )  # fmt: skip


def _draw_lidar(time: pd.Timestamp, data: Figure2Data, ax: Axes) -> None:
    """The lidar and the excess around it."""
    if data.station is None:
        return
    style_of_dot: dict[str, Any] = {
        "markersize": 3.2,
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
        "zorder": 6,
    }
    ax.plot(data.station.longitude, data.station.latitude, "o", color=LIDAR, **style_of_dot)
    found = excess_at_lidar(data.series, time)
    if found is None:
        return
    # Rounded first, so that zero has no minus.
    words = f"lidar: {round(found[0], 1) + 0.0:+.1f} ± {found[1]:.1f} TECU".replace("-", "−")
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    ax.text(0.03, 0.04, words, transform=ax.transAxes, ha="left", va="bottom", fontsize=style.SMALL_PT, bbox=box)


def draw_region(region: pd.Series, one: xr.Dataset, ax: Axes) -> bool:
    """The meridional axis of the enhanced region, red and dashed, where the map's excess passes its noise.

    Parameters
    ----------
    region
        a row of TEC_ENHANCEMENT.
    one
        one panel of TEC_MAPS, dims (latitude, longitude).
    """
    time = pd.Timestamp(one["time"].values.item())
    if not region["onset_utc"] <= time <= region["end_utc"]:
        return False
    axis = region["axis_longitude"]
    latitude = one["latitude"].values
    excess = one["tec_excess"].sel(longitude=axis, method="nearest").values
    shown = (latitude >= region["latitude_south"]) & (latitude <= region["latitude_north"])
    shown &= excess > AXIS_SIGMA * region["peak_error_tecu"]
    if not shown.any():
        return False
    ax.plot(np.full(latitude.size, axis), np.where(shown, latitude, np.nan), color=AXIS, linewidth=1.0,
            linestyle=DASHES)  # fmt: skip
    return True


def draw_contour(one: xr.Dataset, region: pd.Series, ax: Axes) -> None:
    """Where the excess over the background passes half the region's peak.

    Parameters
    ----------
    one
        one panel of TEC_MAPS, dims (latitude, longitude).
    region
        a row of TEC_ENHANCEMENT.
    """
    excess = one["tec_excess"].values
    level = 0.5 * float(region["peak_tecu"])
    if np.isfinite(excess).any() and np.nanmax(excess) > level > 0:
        lines = ax.contour(
            one["longitude"].values,
            one["latitude"].values,
            excess,
            levels=[level],
            colors="white",
            linewidths=CONTOUR_PT,
        )
        lines.set_path_effects(CASING)


def _limits(centres: np.ndarray) -> tuple[float, float]:
    half = 0.5 * abs(float(centres[1] - centres[0]))
    return float(centres.min()) - half, float(centres.max()) + half


def plotted(data: Figure2Data) -> xr.Dataset:
    """The maps as drawn.

    Returns
    -------
    Dataset
        TECU, dims (panel, latitude, longitude); empty where there are no maps.
    """
    return data.maps if isinstance(data.maps, xr.Dataset) else xr.Dataset()


def caption(data: Figure2Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    if isinstance(data.maps, Missing):
        return captions.paragraph("Maps of vertical TEC could not be drawn.", captions.missing(data.maps))
    times = [pd.Timestamp(value) for value in data.maps["time"].values]
    panels = ", ".join(
        f"({letter}) {time:%Y-%m-%d %H:%M}"
        for letter, time in zip(letters(data.maps), times, strict=True)
        if not pd.isna(time)
    )
    return captions.paragraph(
        captions.synthetic(data.synthetic),
        f"Vertical TEC at {panels} UT, one colour scale. {_dot_words(data, settings)} Hatched: no observation.",
        "Number: excess over the background around the lidar at that time, with the scatter of quiet nights."
        if len(data.series)
        else "",
        "Red dashed line: axis of the enhanced region found against the background, in maps within its duration and "
        f"where their excess passes {AXIS_SIGMA:g} standard errors; white line: where the "
        "excess passes half of the region's peak. Onset and end are those of a straight or parabolic rise and fall, "
        "with standard errors in the noise of quiet nights.",
        f"Small maps: the excess, from {-EXCESS_TECU:g} (blue) to {EXCESS_TECU:g} TECU (red).".replace(" -", " −"),
        _assumed_words(data.maps),
        *_region_words(data, times),
        str(data.maps.attrs.get("why", "")),
        credit(),
    )


def _assumed_words(maps: xr.Dataset) -> str:
    """Which maps have times that the paper does not print."""
    assumed = assumed_times(maps)
    if not assumed:
        return ""
    return (
        f"Times of {captions.listed(assumed)} (stars) are assumed, evenly spaced between those that the paper prints."
    )


def _dot_words(data: Figure2Data, settings: FiguresSettings) -> str:
    if data.station is None:
        return ""
    local = offset_words(data.local_offset_hours(settings))
    return f"Dot: the lidar's site ({data.station.words()}). {local}."


def _region_words(data: Figure2Data, times: list[pd.Timestamp]) -> list[str]:
    out = []
    for night in dict.fromkeys(night_of(time) for time in times if not pd.isna(time)):
        region = region_of(data.regions, night)
        if region is None:
            out.append(f"{night}: no enhanced region found.")
            continue
        out.append(
            f"{night}: {_moment(region, 'onset')} to {_moment(region, 'end')} UT at "
            f"{region['axis_longitude']:.1f}°E, {region['latitude_south']:.0f} to {region['latitude_north']:.0f}°N, "
            f"peak {region['peak_tecu']:.1f} ± {region['peak_error_tecu']:.1f} TECU, "
            f"{region['area_km2'] / 1e4:.0f} × 10⁴ km²."
        )
    return out


def _moment(region: pd.Series, name: str) -> str:
    """Time of onset or end with its standard error, where it lies within the hours searched."""
    error = region[f"{name}_error_minutes"]
    return captions.clock(region[f"{name}_utc"]) + (f" ± {error:.0f} min" if np.isfinite(error) else "")


def numbers(data: Figure2Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows = []
    shown = (
        set() if isinstance(data.maps, Missing) else {night_of(t) for t in pd.DatetimeIndex(data.maps["time"].values)}
    )
    chosen = data.regions[data.regions["left_out"].isna() & data.regions["night"].isin(shown)]
    for _, region in chosen.iterrows():
        rows += _region_rows(region)
    return captions.table(rows)


def _region_rows(region: pd.Series) -> list[tuple[str, str, object, str]]:
    where = f"{region['night']}, {region['method']}"
    if pd.isna(region["found"]):
        return [("", f"{where}: enhanced region", "could not be searched", "")]
    if not is_true(pd.Series([region["found"]])).iloc[0]:
        return [("", f"{where}: enhanced region", "not found", "")]
    values = {
        "onset": (_moment(region, "onset"), "UT"),
        "end": (_moment(region, "end"), "UT"),
        "axis": (f"{region['axis_longitude']:.1f} ± {region['axis_longitude_error']:.1f}", "°E"),
        "latitudes": (f"{region['latitude_south']:.1f} to {region['latitude_north']:.1f}", "°N"),
        "peak": (f"{region['peak_tecu']:.2f} ± {region['peak_error_tecu']:.2f}", "TECU"),
        "area": (f"{region['area_km2']:.3g}", "km2"),
    }
    return [("", f"{where}: {name}", value, unit) for name, (value, unit) in values.items()]
