"""A night as it was read, in a line: how many, from when to when, where, in which unit, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.evidence.plausible import mean_density
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.variables import ES_FLAGS

# Decisions that say what was dropped.
_LEFT_OUT = re.compile(r"left out|^region$|cannot be read|not recorded|lost|no time")


def in_short(dataset: xr.Dataset, instrument: str, settings: IngestSettings, decisions: Decisions) -> str:
    """Number and span (UT) of the times of a night, its range, unit and size, and what was left out.

    Parameters
    ----------
    dataset
        one night as the contract of the instrument has it.
    decisions
        what was decided about its files.
    """
    words = {"lidar": _lidar, "tec": _tec, "fpi": _fpi, "ionosonde": _ionosonde}[instrument](dataset, settings)
    lost = [f"{one['what']}: {one['decided']}" for one in decisions.entries if _LEFT_OUT.search(one["what"])]
    return f"{words}; {', '.join(lost) or 'nothing left out'}"


def _span(times: np.ndarray) -> str:
    known = times[~np.isnat(times)].astype("datetime64[m]")
    if not known.size:
        return "no time"
    first, last = str(known.min()).replace("T", " "), str(known.max()).replace("T", " ")
    return f"{first} to {last[11:] if last[:10] == first[:10] else last} UT"


def _lidar(dataset: xr.Dataset, settings: IngestSettings) -> str:
    altitude = dataset["altitude"].values
    species = dataset.attrs.get("species", settings.lidar.species)
    kind = "photon counts" if dataset.attrs.get("quantity") == "photon_counts" else "density in cm-3"
    return (
        f"{dataset.sizes['time']} profiles {_span(dataset['time'].values)}, {altitude.min():.1f} to "
        f"{altitude.max():.1f} km, {species} {kind}, {_peak(dataset, settings)}"
    )


def _peak(dataset: xr.Dataset, settings: IngestSettings) -> str:
    """Height and size of the largest mean density in the main layer."""
    limits, altitude, profile = settings.lidar, dataset["altitude"].values, mean_density(dataset)
    inside = (altitude >= limits.layer_bottom_km) & (altitude <= limits.layer_top_km) & np.isfinite(profile)
    if not inside.any():
        return "no density within the main layer"
    at = np.flatnonzero(inside)[int(np.argmax(profile[inside]))]
    return f"layer's mean peak {profile[at]:.3g} cm-3 at {altitude[at]:.1f} km"


def _middle(dataset: xr.Dataset, names: Sequence[str], unit: str) -> str:
    """Medians of some variables, those that have values."""
    found = []
    for name in names:
        values = dataset[name].values.astype(float) if name in dataset else np.array([])
        if np.isfinite(values).any():
            found.append(f"{name} {np.nanmedian(values):.3g}")
    return f"medians in {unit}: {', '.join(found)}" if found else f"no value in {unit}"


def _tec(dataset: xr.Dataset, settings: IngestSettings) -> str:
    axes = [
        f"{dataset[axis].values.min():.4g} to {dataset[axis].values.max():.4g} {where}"
        for axis, where in (("latitude", "N"), ("longitude", "E"))
        if axis in dataset and dataset[axis].size
    ]
    maps = f"{dataset.sizes.get('time', 0)} maps {_span(dataset['time'].values)}"
    return ", ".join([maps, *axes, _middle(dataset, ["vertical_tec"], "TECU")])


def _fpi(dataset: xr.Dataset, settings: IngestSettings) -> str:
    lines = ", ".join(f"{value:.1f} nm" for value in np.atleast_1d(dataset["emission_wavelength"].values))
    winds = _middle(dataset, ["eastward_wind", "northward_wind", "upward_wind"], "m s-1")
    return f"{dataset.sizes['time']} times {_span(dataset['time'].values)}, {lines}, {winds}"


def _ionosonde(dataset: xr.Dataset, settings: IngestSettings) -> str:
    status = dataset["es_status"].values
    es = ", ".join(f"{word.replace('_', ' ')} {int((status == flag).sum())}" for word, flag in ES_FLAGS.items())
    critical, heights = _middle(dataset, ["foEs", "foF2"], "MHz"), _middle(dataset, ["hEs"], "km")
    return f"{dataset.sizes['time']} soundings {_span(dataset['time'].values)}, Es {es}, {critical}, {heights}"
