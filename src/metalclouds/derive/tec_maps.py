"""Maps of vertical TEC and its excess at the times of Figure 2."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from metalclouds.derive.tec_background import Grid, common_grid, on_cells
from metalclouds.derive.tec_settings import EnhancementSettings, TecPanel
from metalclouds.schema.datasets import TEC_MAPS, check_dataset

Array = NDArray[np.floating]


def panel_times(panels: Sequence[TecPanel], epoch_minutes: float) -> list[np.datetime64]:
    """Times of the panels, UTC.

    A panel without a time lies evenly between the dated panels before and after it, rounded to the epochs; NaT
    where its night has none on one side.
    """
    minutes = [_minutes(panel.time) for panel in panels]
    nights = [panel.night for panel in panels]
    times: list[np.datetime64] = []
    for index, panel in enumerate(panels):
        value = minutes[index] if minutes[index] is not None else _between(minutes, nights, index, epoch_minutes)
        midnight = np.datetime64(panel.night, "s")
        times.append(
            np.datetime64("NaT", "s") if value is None else midnight + np.timedelta64(round(60 * value), "s")
        )
    return times


def _minutes(time: str | None) -> float | None:
    if time is None:
        return None
    hour, minute = time.split(":")
    return 60.0 * int(hour) + int(minute)


def _between(minutes: list[float | None], nights: list[str], index: int, step: float) -> float | None:
    dated = [i for i, value in enumerate(minutes) if value is not None and nights[i] == nights[index]]
    before = [i for i in dated if i < index]
    after = [i for i in dated if i > index]
    if not before or not after:
        return None
    first, last = before[-1], after[0]
    value = np.interp(index, [first, last], np.array([minutes[first], minutes[last]], float))
    return float(np.rint(value / step) * step)


def tec_maps(
    nights: Sequence[xr.Dataset], excess: dict[str, Array], settings: EnhancementSettings, grid: Grid | None = None
) -> xr.Dataset:
    """Vertical TEC and its excess at each panel's time.

    Parameters
    ----------
    nights
        datasets of `ingest/tec`.
    excess
        night -> excess on the common grid, dims (epoch, latitude, longitude), TECU.

    Returns
    -------
    maps
        contract TEC_MAPS; a panel is the map nearest to its time, NaN where none lies within the tolerance. `time`
        is that of the map, or the wanted time where there is none. `why` says what is missing, `assumed_times` which
        panels have no time of their own.
    """
    grid = grid or common_grid(settings)
    by_night = {str(night.attrs["night"]): night for night in nights}
    wanted = panel_times(settings.panels, settings.epoch_minutes)
    panels = [
        _panel(by_night.get(panel.night), excess.get(panel.night), panel.night, time, grid, settings)
        for panel, time in zip(settings.panels, wanted, strict=True)
    ]
    times, values, over = zip(*panels, strict=True)
    dims = ("panel", "latitude", "longitude")
    out = xr.Dataset(
        {
            "time": ("panel", np.array(times, dtype="datetime64[ns]")),
            "vertical_tec": (dims, np.stack(values).astype("float32")),
            "tec_excess": (
                dims,
                np.stack(over).astype("float32"),
                {"units": "1e16 m-2", "long_name": "vertical TEC above the background of quiet days"},
            ),
        },
        coords={
            "panel": [panel.panel for panel in settings.panels],
            "latitude": grid.latitude,
            "longitude": grid.longitude,
        },
    )
    out.attrs["why"] = _why(by_night, out, settings)
    out.attrs["assumed_times"] = ", ".join(panel.panel for panel in settings.panels if panel.time is None)
    return check_dataset(out, TEC_MAPS, "tec_maps.nc")


def _panel(
    night: xr.Dataset | None,
    excess: Array | None,
    name: str,
    time: np.datetime64,
    grid: Grid,
    settings: EnhancementSettings,
) -> tuple[np.datetime64, Array, Array]:
    """Time, map and excess of one panel, on the common grid."""
    empty = np.full((grid.latitude.size, grid.longitude.size), np.nan)
    if night is None or np.isnat(time) or not night.sizes["time"]:
        return time, empty, empty
    distance = np.abs(night["time"].values.astype("datetime64[s]") - time)
    index = int(np.argmin(distance))
    if distance[index] > np.timedelta64(round(60 * settings.panel_tolerance_minutes), "s"):
        return time, empty, empty
    value = on_cells(night["vertical_tec"].isel(time=index), grid).transpose("latitude", "longitude").values
    epoch = int(np.argmin(np.abs(grid.times(name) - time)))
    return night["time"].values[index], value, empty if excess is None else excess[epoch]


def _why(by_night: dict, maps: xr.Dataset, settings: EnhancementSettings) -> str:
    """Which panels have no map, and for what reason."""
    lines = []
    for index, panel in enumerate(settings.panels):
        if bool(maps["vertical_tec"].isel(panel=index).isnull().all()):
            reason = "no TEC map near the time" if panel.night in by_night else "no TEC of that night"
            lines.append(f"{panel.panel}: {reason}")
    return "; ".join(lines)
