"""Small nights of known truth, written as the stages before `derive` would write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from metalclouds import io
from metalclouds.schema.variables import MASK_FLAGS, PROFILE_FLAGS

STATION_KM = 0.5


def gaussian_layer(altitude: np.ndarray, peak: float = 100.0, centre: float = 98.6, sigma: float = 4.0) -> np.ndarray:
    """Density of a Gaussian layer, cm-3."""
    return peak * np.exp(-0.5 * ((altitude - centre) / sigma) ** 2)


def counts_night(
    density: np.ndarray,
    altitude: np.ndarray,
    seed: int = 0,
    background: float = 5.0,
    calibration: float = 2e-5,
    night: str = "2021-05-10",
    seconds: float = 33.0,
) -> xr.Dataset:
    """Photon counts of a night whose true density (time, altitude) is given, Poisson noise included."""
    rng = np.random.default_rng(seed)
    profiles = density.shape[0]
    expected = density / (calibration * (altitude - STATION_KM) ** 2) + background
    time = np.datetime64(f"{night}T12:00:00", "ns") + (np.arange(profiles) * seconds * 1e9).astype("timedelta64[ns]")
    return xr.Dataset(
        {
            "photon_counts": (("time", "altitude"), rng.poisson(expected).astype("uint16")),
            "background_counts": ("time", np.full(profiles, background, "float32")),
            "background_counts_error": ("time", np.full(profiles, 0.1, "float32")),
            "calibration_factor": ("time", np.full(profiles, calibration, "float32")),
            "integration_time": ("time", np.full(profiles, seconds, "float32")),
        },
        coords={"time": time, "altitude": altitude},
        attrs=attributes(night, "photon_counts"),
    )


def attributes(night: str, quantity: str, negatives: str = "kept") -> dict:
    """Global attributes of an ingested lidar night."""
    return io.provenance(
        title="test night", source="scene of known truth", synthetic=True, inputs={}, night=night, quantity=quantity,
        negatives=negatives, species="Ca+", station_latitude=40.4, station_longitude=116.0,
        station_altitude_km=STATION_KM, decisions="{}",
    )  # fmt: skip


def as_density(counts: xr.Dataset, negatives: str) -> xr.Dataset:
    """The same night as a file of densities without error, its negatives kept, lost to NaN or lost to zero."""
    density, _ = io.number_density(counts)
    if negatives == "lost_nan":
        density = density.where(density > 0)
    elif negatives == "lost_zero":
        density = density.clip(min=0)
    return xr.Dataset(
        {"ca_ion_number_density": density, "integration_time": counts["integration_time"]},
        attrs=attributes(counts.attrs["night"], "number_density", negatives),
    )


def detected(lidar: xr.Dataset, rows_km: float = 1.44) -> xr.Dataset:
    """A detection of nothing: all profiles good, the mask clear."""
    altitude = np.arange(80.0, 300.0, rows_km) + rows_km / 2
    shape = (lidar.sizes["time"], altitude.size)
    good, clear = PROFILE_FLAGS["good"], MASK_FLAGS["clear"]
    return xr.Dataset(
        {
            "significance": (("time", "altitude"), np.zeros(shape, "float32")),
            "mic_mask": (("time", "altitude"), np.full(shape, clear, "uint8")),
            "background": ("time", np.full(shape[0], 5.0, "float32")),
            "profile_flag": ("time", np.full(shape[0], good, "uint8")),
        },
        coords={"time": lidar["time"], "altitude": altitude},
        attrs=io.provenance(
            title="test", source="test", synthetic=True, inputs={}, night=lidar.attrs["night"], species="Ca+"
        ),
    )


def written(folder: Path, name: str, dataset: xr.Dataset) -> Path:
    """Write a product and return its path."""
    path = folder / name / f"{dataset.attrs['night']}.nc"
    io.write_netcdf(path, dataset)
    return path
