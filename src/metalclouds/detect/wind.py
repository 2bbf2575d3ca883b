"""Wind at the time of a stripe, and the columns of wind and beta that follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds import io
from metalclouds.detect.beta import beta
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ReadError


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
    try:
        table = pd.read_csv(path)
        table["time"] = pd.to_datetime(table["time"], utc=True, format="ISO8601").dt.tz_localize(None)
        return wind_from(table)
    except (OSError, KeyError, ValueError) as error:
        raise ReadError(
            "not a wind file", file=path, given=str(error),
            rule="CSV with columns time (ISO, UTC), eastward_wind, northward_wind (m/s), optional _error columns",
        ) from error  # fmt: skip


def read_ingested_wind(indices: list[Path], run_dir: Path, settings: DetectSettings) -> Wind:
    """The wind of the emission of `wind_emission_nm` of all nights of the FPI's ingest batches."""
    parts = []
    for index in indices:
        for entry in io.read_json(index)["nights"]:
            night = io.read_netcdf(run_dir / entry["path"])
            which = int(np.argmin(np.abs(night["emission_wavelength"].values - settings.wind_emission_nm)))
            if abs(float(night["emission_wavelength"][which]) - settings.wind_emission_nm) > 1.0:
                continue
            one = night.isel(emission=which)
            parts.append(one[[n for n in one.data_vars if str(n).startswith(("eastward", "northward"))]]
                         .to_dataframe().reset_index())  # fmt: skip
    columns = ["time", "eastward_wind", "northward_wind", "eastward_wind_error", "northward_wind_error"]
    return wind_from(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({c: [] for c in columns}))


def wind_at(wind: Wind, time: Any, settings: DetectSettings) -> tuple[float, float]:
    """Speed (m/s) and its error at a time, linear between the measurements; NaN too far from any.

    The error of a component between two measurements holds their own errors and, since the wind is known hourly
    and half the difference of two hours is what it may stray by, a sixth of that difference as a standard error.
    """
    if not wind.time.size:
        return float("nan"), float("nan")
    seconds = (wind.time - wind.time[0]) / np.timedelta64(1, "s")
    at = float((np.datetime64(time, "ns") - wind.time[0]) / np.timedelta64(1, "s"))
    nearest = np.abs(seconds - at).min()
    if nearest > 60.0 * settings.wind_longest_minutes:
        return float("nan"), float("nan")
    after = int(np.clip(np.searchsorted(seconds, at), 1, max(seconds.size - 1, 1)))
    before, after = (after - 1, after) if seconds.size > 1 else (0, 0)
    share = (
        0.0 if before == after else float(np.clip((at - seconds[before]) / (seconds[after] - seconds[before]), 0, 1))
    )
    value, error = [], []
    for name in ("eastward", "northward"):
        component, sigma = getattr(wind, name), getattr(wind, f"{name}_error")
        value.append((1 - share) * component[before] + share * component[after])
        own = np.hypot((1 - share) * sigma[before], share * sigma[after])
        stray = share * (1 - share) * abs(component[after] - component[before]) * 2 / 3
        error.append(float(np.hypot(own, stray)))
    speed = float(np.hypot(value[0], value[1]))
    if speed == 0.0:
        return 0.0, float(np.hypot(error[0], error[1]))
    return speed, float(np.hypot(value[0] * error[0], value[1] * error[1]) / speed)


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
