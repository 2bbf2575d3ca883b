"""Number density of a lidar night: from counts or as given, its background and error, and lost values.

This is the one place where the density of a profile is decided. Figures, columns and claims take it from here;
the detector works on counts, or on what stands for them (`density_noise`).

**Lost negatives.** Some sources keep max(n, 0), or NaN in place of a negative value. A mean of such values is too
high wherever the noise is as large as the density. For Gaussian noise s the mean of what was kept is
E[max(x, 0)] = m Phi(m/s) + s phi(m/s) (a censored normal variable; Greene, Econometric Analysis, ch. 19), which
`clipped_mean_inverse` solves for m. So an average over cells, blocks or nights is taken first, with 0 for what was
lost, and corrected afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.schema.variables import AIR_RETURN, DENSITY, PROFILE_FLAGS, named_by_contract

# Above this altitude the noise of a source that lost its negative values is measured (km).
QUIET_BOTTOM_KM = 280.0
# Fewer bins than these above it measure no noise.
LEAST_QUIET_BINS = 10
# Below this many standard deviations the mean of the values kept says nothing more about the true mean.
LOWEST_RATIO = -3.0


@dataclass(frozen=True)
class UsableDensity:
    """Density of a night as averages may use it.

    Attributes
    ----------
    values, error
        (time, altitude), cm-3, float64. NaN: not observed, or a profile that detection excludes. Where negative
        values were lost they are 0.
    clipped_noise
        (altitude), cm-3: standard deviation of a bin before its negative values were lost, for
        `clipped_mean_inverse`; None where they were kept, NaN where the source has no quiet altitudes.
    """

    values: np.ndarray
    error: np.ndarray
    clipped_noise: np.ndarray | None


def number_density(lidar: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Number density of an ingested lidar night and its standard error, as the source has it.

    Counts N become n = calibration_factor * r^2 * (N - background_counts) - air_return_density, r = altitude -
    station altitude in km (equation of a resonance lidar; the calibration holds the Rayleigh normalisation and
    cross sections; the last term is there for counts that the ingest calibrated). The error follows from Poisson
    counts; it leaves out the errors of the calibration and of the air.

    Parameters
    ----------
    lidar
        Dataset of `ingest/lidar`, dims (time, altitude), of any species.

    Returns
    -------
    density, error
        float32, dims (time, altitude), cm-3; NaN where the source has none.
    """
    lidar = named_by_contract(lidar)
    if DENSITY in lidar:
        density = lidar[DENSITY]
        return density, lidar.get(f"{DENSITY}_error", xr.full_like(density, np.nan))
    distance = (lidar["altitude"] - float(lidar.attrs["station_altitude_km"])).astype("float32")
    scale = lidar["calibration_factor"] * distance**2
    counts = lidar["photon_counts"].astype("float32")
    density = scale * (counts - lidar["background_counts"])
    if AIR_RETURN in lidar:
        density = density - lidar[AIR_RETURN]
    density = density.transpose("time", "altitude")
    error = (scale * np.sqrt(np.maximum(counts, 1.0))).transpose("time", "altitude")
    return density.astype("float32").rename(DENSITY), error.astype("float32").rename(f"{DENSITY}_error")


def with_background(lidar: xr.Dataset, detected: xr.Dataset | None) -> xr.Dataset:
    """Give profiles whose source holds no background the one that detection found.

    Parameters
    ----------
    lidar
        Dataset of `ingest/lidar`; `background_counts(time)` is NaN where the source has none.
    detected
        Dataset of detect/<night>.nc; None where the night was not searched.

    Returns
    -------
    Dataset
        the lidar's night; counts in an altitude bin, dims (time,).
    """
    if detected is None or "background_counts" not in lidar:
        return lidar
    found = detected["background"].reindex(time=lidar["time"]).drop_vars("time")
    return lidar.assign(background_counts=lidar["background_counts"].fillna(found))


def usable_profiles(
    lidar: xr.Dataset, detected: xr.Dataset | None, excluded: Sequence[str] = ("burst",)
) -> np.ndarray:
    """Whether each profile takes part: (time,), False where detection flags it as one of `excluded`.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`.
    detected
        dataset of detect/<night>.nc; None where the night was not searched: all profiles take part.
    excluded
        names of `schema.variables.PROFILE_FLAGS`.

    Returns
    -------
    ndarray
        bool, dims (time,).
    """
    if detected is None:
        return np.ones(lidar.sizes["time"], dtype=bool)
    where = pd.Index(detected["time"].values).get_indexer(lidar["time"].values)
    flags = np.where(where >= 0, detected["profile_flag"].values[where], PROFILE_FLAGS["good"])
    return ~np.isin(flags, [PROFILE_FLAGS[name] for name in excluded])


def usable_density(
    lidar: xr.Dataset, detected: xr.Dataset | None, excluded: Sequence[str] = ("burst",)
) -> UsableDensity:
    """Density of a whole night with its background filled, excluded profiles NaN and lost values 0.

    Parameters
    ----------
    lidar
        Dataset of `ingest/lidar`.
    detected
        Dataset of detect/<night>.nc of the same night, or None.
    excluded
        names of `PROFILE_FLAGS`.
    """
    lidar = with_background(lidar, detected)
    density, error = (part.values.astype("float64") for part in number_density(lidar))
    used = usable_profiles(lidar, detected, excluded)
    density[~used] = np.nan
    if lidar.attrs["negatives"] == "kept":
        return UsableDensity(density, error, None)
    station = float(lidar.attrs["station_altitude_km"])
    altitude = lidar["altitude"].values.astype(float)
    noise = noise_at_unit_distance(density, altitude - station, altitude > QUIET_BOTTOM_KM, lost=True)
    return UsableDensity(filled(density), error, noise * (altitude - station) ** 2)


def filled(density: np.ndarray) -> np.ndarray:
    """Density with 0 for each lost value; a profile or an altitude without any value stays NaN.

    Parameters
    ----------
    density
        (time, altitude), NaN or 0 where a value was lost.

    Returns
    -------
    ndarray
        in the unit of `density`, dims (time, altitude).
    """
    known = np.isfinite(density)
    seen = known.any(axis=1)[:, None] & known.any(axis=0)[None, :]
    return np.where(seen, np.nan_to_num(np.maximum(density, 0.0)), np.nan)


def noise_at_unit_distance(density: np.ndarray, distance_km: np.ndarray, quiet: np.ndarray, lost: bool) -> float:
    """Standard deviation of the density of one bin where there is no signal, over the distance squared.

    The noise of a density grows with the distance squared, since the signal falls with it and the background
    does not.

    Parameters
    ----------
    density
        (time, altitude), cm-3.
    distance_km
        (altitude), from the lidar.
    quiet
        (altitude), True where no signal is expected.
    lost
        whether negative values were lost: half of a Gaussian of mean 0 holds half of its mean square.

    Returns
    -------
    float
        cm-3 km-2; NaN with fewer than ten quiet bins or without data in them.
    """
    if quiet.sum() < LEAST_QUIET_BINS:
        return np.nan
    scaled = density[:, quiet] / distance_km[quiet] ** 2
    if not lost:
        return float(np.nanstd(scaled)) if np.isfinite(scaled).any() else np.nan
    has_data = (np.nan_to_num(scaled) > 0).any(axis=1)
    return float(np.sqrt(2.0 * np.mean(np.nan_to_num(scaled[has_data]) ** 2))) if has_data.any() else np.nan


def clipped_mean_inverse(mean: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """True mean m of a Gaussian variable x, from the mean of max(x, 0), which is all that was kept.

    Solves mean = m Phi(m / s) + s phi(m / s) by a table; below -3 s the answer is -3 s, since so few values are
    left there that their mean says nothing more.

    Parameters
    ----------
    mean, noise
        of equal shape and unit; noise is the standard deviation s before the loss. NaN stays NaN.

    Returns
    -------
    ndarray
        the true mean, in the unit and shape of `mean`.
    """
    # Imported here: it takes longer than pandas' tables, and whoever reads or writes a product needs this module.
    from scipy.special import ndtr

    steps = np.linspace(LOWEST_RATIO, 8.0, 2201)
    clipped = steps * ndtr(steps) + np.exp(-0.5 * steps**2) / np.sqrt(2 * np.pi)
    ratio = mean / noise
    inverse = np.interp(ratio, clipped, steps) * noise
    return np.where(ratio > clipped[-1], mean, np.where(np.isfinite(ratio), inverse, np.nan))
