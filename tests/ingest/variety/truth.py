"""What the instruments saw, before anybody wrote it down."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FIRST_DAY = np.datetime64("2020-06-15", "D")
DAYS = 860


@dataclass(frozen=True)
class Series:
    """Values at times (UT, whole seconds); NaN where nothing is known; in MHz, km, m/s, TECU, cm-3."""

    instrument: str
    times: np.ndarray
    values: dict[str, np.ndarray]
    points: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Matrix:
    """Values on a grid: `axes` in the order of the dims, the first of them the times (UT)."""

    instrument: str
    axes: dict[str, np.ndarray]
    name: str
    values: np.ndarray


def some_day(rng: np.random.Generator) -> np.datetime64:
    """A day of the campaign."""
    return FIRST_DAY + int(rng.integers(DAYS))


def ionosonde(rng: np.random.Generator) -> Series:
    """Soundings every quarter of an hour from 12 to 20 UT: over midnight in local time."""
    times = some_day(rng).astype("datetime64[s]") + np.arange(12 * 3600, 20 * 3600, 900).astype("timedelta64[s]")
    n = times.size
    fo_es = np.round(rng.uniform(1.6, 8.0, n), 2)
    fo_es[rng.choice(n, 3, replace=False)] = np.nan
    h_es = np.where(np.isnan(fo_es), np.nan, np.round(rng.uniform(95.0, 125.0, n), 1))
    return Series("ionosonde", times, {"foEs": fo_es, "hEs": h_es, "foF2": np.round(rng.uniform(3.0, 9.0, n), 2)})


def winds(rng: np.random.Generator) -> Series:
    """Hourly winds at 250 km, 13 to 20 UT: it is dark all year."""
    times = some_day(rng).astype("datetime64[s]") + np.arange(13 * 3600, 21 * 3600, 3600).astype("timedelta64[s]")
    east, north = (np.round(rng.normal(20.0, 40.0, times.size), 1) for _ in range(2))
    east[3] = north[3] = np.nan
    return Series("fpi", times, {"eastward": east, "northward": north})


def tec_points(rng: np.random.Generator) -> Series:
    """Vertical TEC of some cells at four epochs."""
    epochs = some_day(rng).astype("datetime64[s]") + np.array([12, 14, 15.5, 17.5]).repeat(24) * np.timedelta64(
        3600, "s"
    )
    lat, lon = np.meshgrid(np.arange(22.0, 46.0, 4.0), np.arange(100.0, 128.0, 8.0), indexing="ij")
    points = {"latitude": np.tile(lat.ravel(), 4), "longitude": np.tile(lon.ravel(), 4)}
    tec = np.round(rng.uniform(4.0, 30.0, epochs.size), 1)
    tec[[5, 50]] = np.nan
    return Series("tec", epochs.astype("datetime64[s]"), {"tec": tec}, points)


def tec_maps(rng: np.random.Generator) -> Matrix:
    """Maps of China at five epochs."""
    times = some_day(rng).astype("datetime64[s]") + np.arange(12, 17).astype("timedelta64[h]")
    lat, lon = np.arange(15.0, 56.0, 2.5), np.arange(70.0, 141.0, 5.0)
    values = np.round(5.0 + 0.3 * (55.0 - lat)[None, :, None] + rng.uniform(0, 3, (5, lat.size, lon.size)), 1)
    values[2, 3, 4] = np.nan
    return Matrix("tec", {"time": times, "latitude": lat, "longitude": lon}, "tec", values)


def lidar(rng: np.random.Generator) -> Matrix:
    """Four hours of a main layer near 95 km, noise of both signs above it; local midnight inside."""
    start = some_day(rng).astype("datetime64[s]") + np.timedelta64(int(rng.integers(13, 15)), "h")
    times = start + np.arange(48) * np.timedelta64(300, "s")
    altitude = 75.0 + 1.5 * np.arange(70)
    layer = rng.uniform(30.0, 300.0) * np.exp(-0.5 * ((altitude - 95.0) / 5.0) ** 2)
    values = np.round(layer * rng.uniform(0.8, 1.2, (48, 1)) + rng.normal(0.0, 0.8, (48, 70)), 4)
    values[7, 30:33] = np.nan
    return Matrix("lidar", {"time": times, "altitude": altitude}, "density", values)
