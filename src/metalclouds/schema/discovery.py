"""Attributes by which a product is found (ACDD 1.3), from what it holds; without time or place of a run."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np
import xarray as xr

KEYWORDS = "metal ions, thermosphere, ionosphere, lidar, sporadic E, total electron content"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
AS_THE_SOURCE = "as the sources of the data ask; see the attribute source"
SIMULATED = "none: simulated by metalclouds"
OF_THE_SOURCE = "that of the data's source; see the attribute source"


def discovery(dataset: xr.Dataset) -> dict[str, Any]:
    """ACDD attributes of a product: summary, keywords, licence, coverage in time and space.

    Parameters
    ----------
    dataset
        with the attributes of `io.provenance`; coverage is taken from `time`, `altitude` (km), `latitude` and
        `longitude` (degrees), else from the attributes of the station.
    """
    attributes = dataset.attrs
    synthetic = attributes.get("synthetic") == "true"
    return {
        "id": _identifier(str(attributes["title"]), str(attributes["input_sha256"])),
        "institution": SIMULATED if synthetic else OF_THE_SOURCE,
        "summary": f"{attributes['title']}. {attributes['source']}",
        "keywords": KEYWORDS,
        "license": CC0 if synthetic else AS_THE_SOURCE,
        "processing_level": "derived" if "quantity" not in attributes else f"as ingested ({attributes['quantity']})",
        "creator_name": "The metalclouds developers",
        "standard_name_vocabulary": "CF Standard Name Table v85",
        **_times(dataset),
        **_extent(dataset, "vertical", "altitude", None),
        **_extent(dataset, "lat", "latitude", attributes.get("station_latitude")),
        **_extent(dataset, "lon", "longitude", attributes.get("station_longitude")),
        **(
            {"geospatial_vertical_units": "km", "geospatial_vertical_positive": "up"} if "altitude" in dataset else {}
        ),
    }


def _identifier(title: str, inputs: str) -> str:
    """Title without spaces, and a checksum of the inputs: equal products of equal inputs share it."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"{words}-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"


def _times(dataset: xr.Dataset) -> dict[str, str]:
    times = dataset.variables["time"].values if "time" in dataset.variables else np.array([])
    if not np.issubdtype(times.dtype, np.datetime64):
        return {}
    times = times[~np.isnat(times)]
    if not times.size:
        return {}
    ends = {"start": times.min(), "end": times.max()}
    return {f"time_coverage_{name}": f"{value.astype('datetime64[s]')}Z" for name, value in ends.items()}


def _extent(dataset: xr.Dataset, short: str, name: str, station: float | None) -> dict[str, float]:
    held = dataset.variables.get(name)
    values = np.array([] if station is None else [station]) if held is None else held.values
    values = values[np.isfinite(values.astype(float))].astype(float)
    if not values.size:
        return {}
    return {f"geospatial_{short}_min": float(values.min()), f"geospatial_{short}_max": float(values.max())}
