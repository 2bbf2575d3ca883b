"""The wind that moves a stripe: measured against time, and interpolated to a time with its error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.physics.settings import TrailSettings

# A file's wavelength may be rounded: 630.0, 630.03 and 630 nm are one emission.
EMISSION_TOLERANCE_NM = 1.0
COMPONENTS = ("eastward_wind", "northward_wind")


@dataclass(frozen=True)
class WindVector:
    """Horizontal wind and the standard errors of its components, m/s; NaN where there is none."""

    eastward: float
    northward: float
    eastward_sigma: float
    northward_sigma: float

    @property
    def azimuth(self) -> float:
        """Where the wind blows to, degrees from north over east."""
        return math.degrees(math.atan2(self.eastward, self.northward)) % 360


UNKNOWN = WindVector(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Wind:
    """Measured horizontal wind against time.

    Attributes
    ----------
    time
        (time,) datetime64, UTC, increasing.
    components, errors
        (time, 2) eastward and northward wind and their standard errors, m/s; an error is NaN where the source
        gives none.
    """

    time: np.ndarray
    components: np.ndarray
    errors: np.ndarray


def wind_from(table: pd.DataFrame) -> Wind:
    """Wind from columns time, eastward_wind, northward_wind and optional _error.

    Rows without a wind are dropped; of rows of one time the first is kept.

    Parameters
    ----------
    table
        a row a measurement: time (naive UTC), winds and errors in m/s, NaN where missing.
    """
    good = table.dropna(subset=["time", *COMPONENTS]).sort_values("time", kind="stable").drop_duplicates("time")
    missing = pd.Series(np.nan, good.index)
    errors = [good.get(f"{name}_error", missing).to_numpy(float) for name in COMPONENTS]
    values = [good[name].to_numpy(float) for name in COMPONENTS]
    return Wind(good["time"].to_numpy("datetime64[ns]"), np.column_stack(values), np.column_stack(errors))


def read_wind_csv(path: Path) -> Wind:
    """Read a wind file: CSV with time (ISO, UTC), eastward_wind, northward_wind (m/s), optional _error columns.

    Raises
    ------
    ReadError
        If the file is not such a table.
    """
    if not path.is_file():
        raise ReadError("no such wind file", file=path)
    try:
        table = pd.read_csv(path)
        table["time"] = pd.to_datetime(table["time"], utc=True, format="ISO8601").dt.tz_localize(None)
        return wind_from(table)
    except (OSError, KeyError, ValueError) as error:
        raise ReadError(
            "not a wind file", file=path, given=str(error),
            rule="CSV with columns time (ISO, UTC), eastward_wind, northward_wind (m/s), optional _error columns",
        ) from error  # fmt: skip


def measured_wind(nights: Iterable[xr.Dataset], settings: TrailSettings) -> Wind:
    """The wind of the emission `emission_nm` of nights of `ingest/fpi`; nights without that emission add nothing.

    Parameters
    ----------
    nights
        datasets of `ingest/fpi`, dims (time, emission).
    """
    parts = [table for night in nights if (table := _of_emission(night, settings.emission_nm)) is not None]
    columns = ["time", *COMPONENTS, *(f"{name}_error" for name in COMPONENTS)]
    return wind_from(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({name: [] for name in columns}))


def _of_emission(night: xr.Dataset, emission_nm: float) -> pd.DataFrame | None:
    distance = np.abs(night["emission_wavelength"].values - emission_nm)
    if not distance.size or distance.min() > EMISSION_TOLERANCE_NM:
        return None
    one = night.isel(emission=int(distance.argmin()))
    names = [f"{name}{end}" for name in COMPONENTS for end in ("", "_error")]
    return pd.DataFrame({"time": one["time"].values} | {name: one[name].values for name in names})


def between(
    seconds: np.ndarray, components: np.ndarray, errors: np.ndarray, at: float, gap_s: float, change_m_s: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Components of a measured wind at a time, linear between the measurements around it, and their errors.

    The variance of a component: of the interpolated errors, plus w (1 - w) times the squared change between
    the two measurements beyond what their errors explain; w weighs the later one (a wind that wanders between them
    as a Brownian bridge does); plus the assumed change over the distance to the lidar.

    Parameters
    ----------
    seconds
        (time,), increasing.
    components, errors
        (time, 2), m/s.

    Returns
    -------
    components, errors
        (2,) each; None if the measurement before or after is farther than `gap_s`. Outside a measured span (of a
        night, or beside a pause of more than twice the gap) the nearest one counts if it is that near.
    """
    after = int(np.searchsorted(seconds, at))
    before, after = (0, 0) if after == 0 else (after - 1, min(after, seconds.size - 1))
    if seconds[after] - seconds[before] > 2 * gap_s:  # a day, or a long pause, lies between them
        before = after = before if at - seconds[before] < seconds[after] - at else after
    if max(abs(seconds[[before, after]] - at)) > gap_s:
        return None
    span = seconds[after] - seconds[before]
    weight = (at - seconds[before]) / span if span > 0 else 0.0
    first, last = components[before], components[after]
    variance = ((1 - weight) * errors[before]) ** 2 + (weight * errors[after]) ** 2
    change = np.maximum((last - first) ** 2 - errors[before] ** 2 - errors[after] ** 2, 0.0)
    variance += weight * (1 - weight) * change + change_m_s**2
    return (1 - weight) * first + weight * last, np.sqrt(variance)


def wind_at(wind: Wind, time: Any, settings: TrailSettings) -> WindVector:
    """Wind at a time (UTC); all NaN where no wind of tolerable error is near."""
    errors = np.where(np.isfinite(wind.errors), wind.errors, settings.wind_default_error_m_s)
    used = (errors <= settings.wind_largest_error_m_s).all(axis=1)
    if not used.any() or pd.isna(time):
        return UNKNOWN
    times = wind.time[used]
    seconds = (times - times[0]) / np.timedelta64(1, "s")
    at = float((np.datetime64(time, "ns") - times[0]) / np.timedelta64(1, "s"))
    gap = 60.0 * settings.wind_gap_minutes
    found = between(seconds, wind.components[used], errors[used], at, gap, settings.wind_change_m_s)
    return UNKNOWN if found is None else WindVector(*found[0].tolist(), *found[1].tolist())
