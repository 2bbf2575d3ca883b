"""Wind at the time of a stripe, and the columns of wind and beta that follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds import batches, io
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ReadError
from metalclouds.physics.trail import beta


@dataclass(frozen=True)
class Wind:
    """Horizontal wind against time (datetime64, UTC, increasing), m/s, with standard errors."""

    time: np.ndarray
    eastward: np.ndarray
    northward: np.ndarray
    eastward_error: np.ndarray
    northward_error: np.ndarray


def wind_from(table: pd.DataFrame) -> Wind:
    """Wind from columns time, eastward_wind, northward_wind and optional _error; rows with a missing wind dropped."""
    good = table.dropna(subset=["time", "eastward_wind", "northward_wind"])
    good = good.sort_values("time").drop_duplicates("time")
    error = {name: good.get(f"{name}_error", pd.Series(0.0, good.index)).fillna(0.0).to_numpy(float)
             for name in ("eastward_wind", "northward_wind")}  # fmt: skip
    return Wind(
        good["time"].to_numpy("datetime64[ns]"), good["eastward_wind"].to_numpy(float),
        good["northward_wind"].to_numpy(float), error["eastward_wind"], error["northward_wind"],
    )  # fmt: skip


def read_wind_csv(path: Path) -> Wind:
    """Read a wind file: CSV with time (ISO, UTC), eastward_wind, northward_wind (m/s), optional _error columns.

    Raises
    ------
    ReadError
        If it is no such file.
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


def read_ingested_wind(indices: list[Path], settings: DetectSettings) -> Wind:
    """The wind of the emission of `wind_emission_nm` of all nights of the FPI's ingest batches."""
    parts = []
    for path in batches.nights_of(indices).values():
        night = io.read_netcdf(path)
        which = int(np.argmin(np.abs(night["emission_wavelength"].values - settings.wind_emission_nm)))
        if abs(float(night["emission_wavelength"][which]) - settings.wind_emission_nm) > 1.0:
            continue
        one = night.isel(emission=which)
        parts.append(one[[n for n in one.data_vars if str(n).startswith(("eastward", "northward"))]]
                     .to_dataframe().reset_index())  # fmt: skip
    columns = ["time", "eastward_wind", "northward_wind", "eastward_wind_error", "northward_wind_error"]
    return wind_from(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({c: [] for c in columns}))


def between(
    seconds: np.ndarray, components: np.ndarray, errors: np.ndarray, at: float, gap_s: float, change_m_s: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Components of a measured wind at a time, linear between the measurements around it, and their errors.

    The variance of a component is that of the interpolated errors; plus w (1 - w) times the squared change between
    the two measurements beyond that of their errors, w the weight of the later one (a wind that wanders between them
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
        (2,) each; None if the measurement before or after is farther than `gap_s`. Outside the measured span the
        nearest one counts if it is that near.
    """
    after = int(np.searchsorted(seconds, at))
    before, after = (0, 0) if after == 0 else (after - 1, min(after, seconds.size - 1))
    if max(abs(seconds[[before, after]] - at)) > gap_s:
        return None
    span = seconds[after] - seconds[before]
    weight = (at - seconds[before]) / span if span > 0 else 0.0
    first, last = components[before], components[after]
    variance = ((1 - weight) * errors[before]) ** 2 + (weight * errors[after]) ** 2
    change = np.maximum((last - first) ** 2 - errors[before] ** 2 - errors[after] ** 2, 0.0)
    variance += weight * (1 - weight) * change + change_m_s**2
    return (1 - weight) * first + weight * last, np.sqrt(variance)


def wind_at(wind: Wind, time: Any, settings: DetectSettings) -> tuple[float, float]:
    """Speed (m/s) and its standard error at a time; NaN where no wind of tolerable error is near."""
    errors = np.column_stack([wind.eastward_error, wind.northward_error])
    used = (errors <= settings.wind_largest_error_m_s).all(axis=1)
    if not used.any():
        return float("nan"), float("nan")
    times = wind.time[used]
    seconds = (times - times[0]) / np.timedelta64(1, "s")
    at = float((np.datetime64(time, "ns") - times[0]) / np.timedelta64(1, "s"))
    components = np.column_stack([wind.eastward, wind.northward])[used]
    found = between(
        seconds, components, errors[used], at, 60.0 * settings.wind_longest_minutes, settings.wind_change_m_s
    )
    if found is None:
        return float("nan"), float("nan")
    value, error = found
    speed = float(np.hypot(*value))
    if speed == 0.0:
        return 0.0, float(np.hypot(*error))
    return speed, float(np.hypot(*(value * error)) / speed)


def with_wind(stripes: pd.DataFrame, wind: Wind, settings: DetectSettings) -> pd.DataFrame:
    """The table of stripes with the columns of wind and beta filled."""
    out = stripes.copy()
    if not len(out):
        return out
    middle = out["time_bottom"] + (out["time_top"] - out["time_bottom"]) / 2
    winds = [wind_at(wind, time.to_datetime64(), settings) for time in middle]
    columns = ("slowness_s_per_km", "slowness_sigma_s_per_km", "bottom_km", "top_km", "resolved")
    rows = zip(*(out[name].tolist() for name in columns), winds, strict=True)
    angles = [
        beta(
            slowness, error, speed, sigma, top - bottom, bool(resolved), sampling_s=settings.profile_s,
            value_length_km=settings.beta_value_length_km, confidence_sigma=settings.beta_confidence_sigma,
        )
        for slowness, error, bottom, top, resolved, (speed, sigma) in rows
    ]  # fmt: skip
    out["wind_m_s"], out["wind_sigma_m_s"] = [w[0] for w in winds], [w[1] for w in winds]
    out["beta_deg"], out["beta_kind"] = [a.value for a in angles], [a.kind for a in angles]
    out["beta_low_deg"], out["beta_high_deg"] = [a.low for a in angles], [a.high for a in angles]
    return out
