"""What speaks against a reading: its result held against the bounds of `schema/plausible.py`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from metalclouds import io
from metalclouds.ingest import naming
from metalclouds.ingest.settings import IngestSettings
from metalclouds.physics.sun import solar_elevation
from metalclouds.schema import plausible
from metalclouds.schema.plausible import Bounds
from metalclouds.schema.variables import AIR_RETURN, DENSITY

_CM_PER_KM = 1e5
# The layer is whole where no more of it is cut off.
_MAY_BE_MISSING_KM = 5.0
DARKNESS = "share of times in darkness"


# Quantities whose bounds are those of one metal.
OF_SPECIES = ("mean peak of the main layer", "column of the main layer")
# A record of fewer nights has no usual night that an odd one could be told from.
FEWEST_NIGHTS_OF_A_RECORD = 3


@dataclass(frozen=True)
class Measured:
    """A quantity of a night, its value and the bounds that it must keep.

    `option` names the option of the catalogue that answers the question behind it, e.g. clock for darkness.
    """

    name: str
    value: float
    bounds: Bounds
    option: str

    @property
    def objection(self) -> str:
        """Why the value cannot be; "" where it can."""
        if not np.isfinite(self.value) or self.bounds.holds(self.value):
            return ""
        low, high, unit = self.bounds.low, self.bounds.high, self.bounds.unit
        return f"{self.name} {self.value:.3g}, plausible {low:g} to {high:g} {unit}".removesuffix(" 1")


def objections(dataset: xr.Dataset, instrument: str, settings: IngestSettings) -> list[str]:
    """What speaks against a dataset as a reader gave it; empty where nothing does.

    Parameters
    ----------
    dataset
        what a reader gave, in the names of the contract.
    """
    return [found.objection for found in measured(dataset, instrument, settings) if found.objection]


def measured(dataset: xr.Dataset, instrument: str, settings: IngestSettings) -> list[Measured]:
    """Quantities of a dataset that have bounds.

    Parameters
    ----------
    dataset
        what a reader gave, in the names of the contract.
    """
    if instrument != "lidar":
        return [_median(dataset, name, bounds) for name, bounds in plausible.OTHERS.items() if name in dataset]
    return [*of_times(dataset, settings), *_of_layer(dataset, settings)]


def _median(dataset: xr.Dataset, name: str, bounds: Bounds) -> Measured:
    values = dataset[name].values.astype(float)
    median = float(np.nanmedian(values)) if np.isfinite(values).any() else np.nan
    return Measured(f"median of {name}", median, bounds, "unit")


def of_times(dataset: xr.Dataset, settings: IngestSettings) -> list[Measured]:
    """Darkness, length of the night, step and year of the profiles of a lidar.

    Parameters
    ----------
    dataset
        of a lidar, times UTC, with the attributes of its station.
    """
    times = dataset["time"].values
    latitude, longitude = (float(dataset.attrs[f"station_{name}"]) for name in ("latitude", "longitude"))
    sun = solar_elevation(times, latitude, longitude)
    nights = naming.nights_of(times, longitude)
    hours = [np.ptp(times[nights == night]) / np.timedelta64(1, "h") for night in np.unique(nights)]
    steps = np.diff(times) / np.timedelta64(1, "s")
    year = float(np.median(times.astype("datetime64[Y]").astype(int))) + 1970.0
    lidar = plausible.LIDAR
    return [
        Measured(DARKNESS, float(np.mean(sun < settings.lidar.dark_sun_elevation_deg)), lidar["dark_share"], "clock"),
        Measured("hours from first to last profile", float(np.median(hours)), lidar["duration_hours"], "time"),
        Measured("median step of time", float(np.median(steps)) if steps.size else np.nan, lidar["step_s"], "time"),
        Measured("year", year, plausible.YEARS, "time"),
    ]


def _of_layer(dataset: xr.Dataset, settings: IngestSettings) -> list[Measured]:
    """Where the mean profile peaks, how high, and its column; nothing where the layer is beyond the altitudes."""
    profile = mean_density(dataset)
    altitude = dataset["altitude"].values
    limits = settings.lidar
    layer = Bounds(limits.layer_bottom_km, limits.layer_top_km, "km", "settings ingest.lidar.layer_*")
    inside = (altitude >= layer.low) & (altitude <= layer.high)
    if inside.sum() < 3 or not np.isfinite(profile[inside]).any():
        return []
    peak = altitude[int(np.nanargmax(profile))]
    found = [Measured("altitude of the densest mean", float(peak), layer, "altitude_unit")]
    if altitude.min() > layer.low + _MAY_BE_MISSING_KM or altitude.max() < layer.high - _MAY_BE_MISSING_KM:
        # What is cut out of a night above or below the layer says nothing of its size.
        return found
    bounds = layer_bounds(str(dataset.attrs.get("species", limits.species)), settings)
    if bounds is not None:
        column = float(np.trapezoid(np.nan_to_num(profile[inside]), altitude[inside]) * _CM_PER_KM)
        # Of counts it is the retrieval that a person would answer for, not a unit.
        how = " as retrieved" if dataset.attrs.get("quantity") == "photon_counts" else ""
        found += [
            Measured(f"{OF_SPECIES[0]}{how}", float(np.nanmax(profile[inside])), bounds.peak, "unit"),
            Measured(f"{OF_SPECIES[1]}{how}", column, bounds.column, "unit"),
        ]
    return found


def of_record(nights: Sequence[Sequence[Measured]]) -> list[Measured]:
    """The median of each quantity over the nights of a record.

    Of one or two nights there is no usual one. Of them only the size of the layer is looked at, and a person says
    whether it is right: a wrong unit is as likely there as an odd night.
    """
    if len(nights) < FEWEST_NIGHTS_OF_A_RECORD:
        nights = [[one for one in night if one.name in OF_SPECIES] for night in nights]
        if any(not one.objection for night in nights for one in night):
            return []
    by_name: dict[str, list[Measured]] = {}
    for one in (one for night in nights for one in night if np.isfinite(one.value)):
        by_name.setdefault(one.name, []).append(one)
    return [replace(same[0], value=float(np.median([one.value for one in same]))) for same in by_name.values()]


def mean_density(dataset: xr.Dataset) -> np.ndarray:
    """Density averaged over the profiles, cm-3; of counts without calibration all NaN.

    Parameters
    ----------
    dataset
        of a lidar, dims (time, altitude).

    Returns
    -------
    ndarray
        dims (altitude,).
    """
    if DENSITY in dataset:
        return _mean_over_time(dataset[DENSITY].values)
    if not {"photon_counts", "background_counts", "calibration_factor"} <= set(dataset.variables):
        return np.full(dataset.sizes["altitude"], np.nan)
    counts = dataset["photon_counts"].transpose("time", "altitude").values
    if counts.dtype.kind == "f" and np.isnan(counts).any():
        return _mean_over_time(io.number_density(dataset)[0].values)
    return _mean_of_counts(dataset, counts)


def _mean_over_time(values: np.ndarray) -> np.ndarray:
    """Mean of the known values of each bin; the sum of all tells at once whether there is any other."""
    total = values.sum(axis=0, dtype=float)
    if np.isfinite(total).all():
        return total / values.shape[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values.astype(float), axis=0)


_PROFILES_OF_A_MEAN = 100


def _mean_of_counts(dataset: xr.Dataset, counts: np.ndarray) -> np.ndarray:
    """The mean of `io.number_density`, which is linear in the counts, without the density of each bin."""
    factor, background = (dataset[name].values.astype(float) for name in ("calibration_factor", "background_counts"))
    good = np.isfinite(factor) & np.isfinite(background)
    # Bounds of a factor of ten or more need no more profiles than these, spread over the night.
    good &= np.arange(good.size) % max(good.size // _PROFILES_OF_A_MEAN, 1) == 0
    if not good.any():
        return np.full(counts.shape[1], np.nan)
    distance = dataset["altitude"].values - float(dataset.attrs["station_altitude_km"])
    weighted = factor[good].astype("float32") @ counts[good].astype("float32") - float(
        factor[good] @ background[good]
    )
    mean = weighted.astype(float) / int(good.sum()) * distance**2
    return mean - dataset[AIR_RETURN].values if AIR_RETURN in dataset else mean


def layer_bounds(species: str, settings: IngestSettings) -> plausible.Layer | None:
    """Bounds of a species' main layer; the settings' range of the peak goes before the table."""
    known = plausible.LAYERS.get(species)
    given = settings.lidar.density_peak_cm3
    if given is None:
        return known
    peak = Bounds(*given, "cm-3", "settings ingest.lidar.density_peak_cm3")
    column = Bounds(0.0, np.inf, "cm-2", "not bounded where the settings give the peak")
    return plausible.Layer(peak, column)
