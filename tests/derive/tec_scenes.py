"""Simple skies of TEC whose enhancement is known, for tests."""

from __future__ import annotations

import numpy as np
import xarray as xr

from metalclouds.derive.tec_settings import EnhancementSettings, TecPanel

LATITUDE = np.arange(20.0, 50.5, 1.0)
LONGITUDE = np.arange(100.0, 130.5, 1.0)
NIGHT = "2021-06-18"
QUIET = ("2021-06-10", "2021-06-12", "2021-06-15", "2021-06-20", "2021-06-22")
TRUTH = {
    "onset": 14.6, "full": 15.4, "fading": 17.0, "end": 18.6, "axis": 114.3, "south": 26.0, "north": 41.0,
    "width_km": 420.0, "peak": 3.0,
}  # fmt: skip


def settings(**changes: object) -> EnhancementSettings:
    """Settings on a smaller map."""
    small = {
        "latitude_range": (20.0, 50.0),
        "longitude_range": (100.0, 130.0),
        "start_hour": 12.0,
        "end_hour": 21.0,
        "highpass_degree": 2,
        "panels": (TecPanel(panel="a", night=NIGHT, time="16:00"),),
    }
    return EnhancementSettings(**{**small, **changes})


def hours_of_night(step_minutes: float = 6.0) -> np.ndarray:
    """UT hours of the maps."""
    return np.arange(12.0, 21.0 + 1e-9, step_minutes / 60)


def strength(hours: np.ndarray, truth: dict) -> np.ndarray:
    """A trapezium: linear rise, constant, linear fall."""
    knots = [truth["onset"], truth["full"], truth["fading"], truth["end"]]
    return np.interp(hours, knots, [0.0, 1.0, 1.0, 0.0])


def enhancement(hours: np.ndarray, latitude: np.ndarray, longitude: np.ndarray, truth: dict) -> np.ndarray:
    """Gaussian across a meridian, sharp ends; full width at half maximum from the sphere's degree of 111.19 km."""
    across = 111.19 * (longitude - truth["axis"]) * np.cos(np.radians(latitude))
    inside = (latitude >= truth["south"]) & (latitude <= truth["north"])
    return truth["peak"] * strength(hours, truth) * inside * 0.5 ** ((2 * across / truth["width_km"]) ** 2)


def sky(hours: np.ndarray, latitude: np.ndarray, longitude: np.ndarray, level: float, tilt: float) -> np.ndarray:
    """A decay after sunset that depends on local time, on a crest at low latitude; a day's own level and tilt."""
    local = hours + longitude / 15.0
    crest = 3.0 + 9.0 * np.exp(-(((latitude - 22.0) / 8.0) ** 2))
    decay = 0.4 + 1.2 * np.exp(-(local - 19.0) / 4.0)
    return crest * decay * level * (1 + tilt * (longitude - 115.0) / 15.0)


def night(name: str, truth: dict | None, seed: int, noise: float = 0.15) -> xr.Dataset:
    """One ingested night with maps."""
    rng = np.random.default_rng([seed, *name.encode()])
    hours = hours_of_night()
    place = hours[:, None, None], LATITUDE[:, None], LONGITUDE[None, :]
    values = sky(*place, level=np.exp(rng.normal(0, 0.07)), tilt=rng.normal(0, 0.03))
    if truth is not None:
        values = values + enhancement(*place, truth)
    values = values + rng.normal(0, noise, values.shape)
    values[rng.random(values.shape) < 0.05] = np.nan
    dims = ("time", "latitude", "longitude")
    times = np.datetime64(name, "ns") + np.rint(3600 * hours).astype("timedelta64[s]")
    return xr.Dataset(
        {"vertical_tec": (dims, values), "vertical_tec_count": (dims, np.isfinite(values).astype("int32"))},
        coords={"time": times, "latitude": LATITUDE, "longitude": LONGITUDE},
        attrs={"night": name, "synthetic": "true", "source": "test"},
    )


def campaign(truth: dict | None = TRUTH, seed: int = 1) -> list[xr.Dataset]:
    """One night, enhanced where `truth` is given, and five quiet ones."""
    return [night(NIGHT, truth, seed), *(night(name, None, seed) for name in QUIET)]


def with_observations(maps: xr.Dataset, truth: dict, biased: str, bias: float, seed: int = 3) -> xr.Dataset:
    """The night with single observations: eight satellites that pass over the map, one of them biased."""
    rng = np.random.default_rng(seed)
    count = 160_000
    hours = rng.uniform(12.0, 21.0, count)
    satellite = rng.integers(0, 8, count)
    latitude = rng.uniform(20.0, 50.0, count)
    longitude = rng.uniform(100.0, 130.0, count)
    value = sky(hours, latitude, longitude, 1.0, 0.0) + enhancement(hours, latitude, longitude, truth)
    value += rng.normal(0, 0.3, count)
    names = np.array([f"G{number + 1:02d}" for number in range(8)])[satellite]
    value[names == biased] += bias
    time = np.datetime64(NIGHT, "ns") + np.rint(3600 * hours).astype("timedelta64[s]")
    columns = {
        "observation_time": time, "satellite": names, "pierce_latitude": latitude, "pierce_longitude": longitude,
        "elevation": np.full(count, 60.0), "observation_vertical_tec": value,
    }  # fmt: skip
    return maps.assign({name: ("observation", column) for name, column in columns.items()})
