"""Detect one night: the labelled face of the detection, xarray in, xarray and tables out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.detect import core, tables
from metalclouds.detect.clouds import clouds_of, connections_and_clouds, mask_flags
from metalclouds.detect.image import Image
from metalclouds.detect.load import load_image
from metalclouds.detect.mask import cell_significance
from metalclouds.detect.method import Method, method_with
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes.groups import groups
from metalclouds.physics.sun import solar_elevation


@dataclass(frozen=True)
class DetectedNight:
    """What the detection gives for a night: DETECT, STRIPES, STRIPE_PROFILES, EVENTS, DETECT_NIGHTS, REJECTED."""

    dataset: xr.Dataset
    stripes: pd.DataFrame
    stripe_profiles: pd.DataFrame
    events: pd.DataFrame
    night: pd.DataFrame
    rejected: pd.DataFrame


def detect_night(dataset: xr.Dataset, settings: DetectSettings, input_sha256: str = "") -> DetectedNight:
    """Find clouds and stripes in one night of lidar.

    A stripe's slowness dt/dz comes from the time of maximum at each altitude, fitted with the profile integrated
    over its accumulation time.

    Parameters
    ----------
    dataset
        a night in the contract ingest/lidar: counts, or density with or without an error.
    input_sha256
        checksum of the file it came from, for the product's attributes.

    Raises
    ------
    ContractError
        If the night holds neither counts nor density.
    """
    night, method = str(dataset.attrs["night"]), method_with(settings)
    image = load_image(dataset, method)
    noise = noise_text(dataset) + growth_text(image)
    # The image holds what is needed: drop the matrices to free memory.
    dataset = dataset.drop_dims("altitude")
    origin = np.datetime64(night, "ns")
    stamps = origin + np.rint(image.time * 1e9).astype("timedelta64[ns]")
    sun = solar_elevation(stamps, float(dataset.attrs["station_latitude"]), float(dataset.attrs["station_longitude"]))
    analysis = core.analyse(image, sun, method)
    clouds = clouds_of(analysis, method)
    mask = mask_flags(analysis, clouds)
    found = connections_and_clouds(analysis, clouds, method)
    numbers = groups(analysis.stripes, method)
    stripes, along = tables.stripe_tables(analysis, numbers, night, method)
    return DetectedNight(
        _product(dataset, analysis, mask, noise, method, input_sha256),
        stripes,
        along,
        tables.event_table(found, night),
        tables.night_table(analysis, numbers, found, mask, night, method),
        tables.rejected_table(analysis, night),
    )


def _product(
    dataset: xr.Dataset,
    analysis: core.Analysis,
    mask: np.ndarray,
    noise: str,
    method: Method,
    sha256: str,
) -> xr.Dataset:
    """The night's netCDF product, on the profiles of the source and the coarse altitude grid."""
    image = analysis.image
    slots = np.flatnonzero(image.source >= 0)
    significance = cell_significance(image.counts[:, slots], analysis.expected[:, slots])
    night = str(dataset.attrs["night"])
    attributes = io.provenance(
        title=f"Clouds and stripes of {dataset.attrs['species']} on {night}",
        source="detection in lidar data",
        synthetic=str(dataset.attrs.get("synthetic", "false")) == "true",
        inputs={f"ingest/lidar/{night}.nc": sha256},
        night=night,
        species=str(dataset.attrs["species"]),
        references=str(dataset.attrs.get("references", io.REFERENCES)),
        slowness="dt/dz of the time of maximum at each altitude",
        noise=noise,
        method=method.version,
        settings=method.settings.model_dump_json(),
    )
    return xr.Dataset(
        {
            "significance": (("time", "altitude"), significance.T),
            "mic_mask": (("time", "altitude"), mask[:, slots].T.astype(np.uint8)),
            "background": ("time", analysis.background[slots].astype(np.float32)),
            "profile_flag": ("time", analysis.flags[slots]),
        },
        coords={"time": dataset["time"].values, "altitude": ("altitude", image.altitude)},
        attrs=attributes,
    )


def growth_text(image: Image) -> str:
    """In words, that the noise of a density does not grow as the square of the distance; empty where it does."""
    ratio = np.sqrt(image.square_km2) / image.range_km
    if np.all(ratio == 1.0):
        return ""
    low, high = (float(np.interp(km, image.altitude, ratio**2)) for km in (130.0, 250.0))
    return (
        "; its noise does not grow as the square of the distance and is taken as measured at each altitude: "
        f"{low:.2g} at 130 km and {high:.2g} at 250 km of what the square would make it"
    )


def noise_text(dataset: xr.Dataset) -> str:
    """In words, where the noise comes from.

    Parameters
    ----------
    dataset
        of `ingest/lidar`.
    """
    if "photon_counts" in dataset:
        return "Poisson noise of photon counts"
    lost = str(dataset.attrs.get("negatives", "kept"))
    given = "stated error" if "ca_ion_number_density_error" in dataset else "scatter of neighbouring bins"
    if lost == "kept":
        return f"from the density itself: scatter above 150 km, growth with the signal from the {given}"
    return (
        f"from the positive half of the scatter above 150 km ({lost}): a lost value is taken as the mean of the "
        f"negative half of a Gaussian; growth with the signal from the {given}"
    )
