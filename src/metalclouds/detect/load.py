"""From an ingested night of lidar to the coarse image: counts as they are, a density as counts that stand for it."""

from __future__ import annotations

import numpy as np
import xarray as xr

from metalclouds.detect import image as imaging
from metalclouds.detect.image import Image
from metalclouds.detect.method import Method
from metalclouds.errors import ContractError
from metalclouds.physics import density_noise as noise

# Below this range lies the main layer, whose signal outshines the background.
MAIN_LAYER_REACH_KM = 130.0
DAY_S = 86400.0


def seconds_of_night(time: np.ndarray, night: str) -> np.ndarray:
    """Seconds after 00 UT of the date of the night.

    Parameters
    ----------
    time
        UTC, datetime64, dims (time,).

    Returns
    -------
    ndarray
        s, dims (time,).
    """
    return (time.astype("datetime64[ns]") - np.datetime64(night, "ns")) / np.timedelta64(1, "s")


def load_image(dataset: xr.Dataset, method: Method) -> Image:
    """Coarse image of a night in the ingest contract.

    Parameters
    ----------
    dataset
        of `ingest/lidar`, dims (time, altitude).

    Raises
    ------
    ContractError
        If the night holds neither counts nor a density, fewer than two altitude bins, nothing above the altitude
        from which the background is known, counts without any calibration, or profiles of another night.
    """
    altitude = np.asarray(dataset["altitude"].values, dtype=np.float64)
    if altitude.size < 2 or dataset.sizes.get("time", 0) < 1:
        raise ContractError("a night needs profiles and altitude bins", given=dict(dataset.sizes))
    if altitude[-1] < method.settings.background_bottom_km + method.background.block_rows * method.image.row_km:
        raise ContractError(
            "the night ends too low to know the background", where="altitude", given=f"up to {altitude[-1]:.1f} km",
            rule=f"it reaches well above {method.settings.background_bottom_km:g} km (detect.background_bottom_km)",
        )  # fmt: skip
    time = seconds_of_night(dataset["time"].values, str(dataset.attrs["night"]))
    if not -0.5 * DAY_S <= float(np.median(time)) <= 2 * DAY_S:
        raise ContractError(
            "the profiles are of another night", where="attribute night", given=str(dataset.attrs["night"]),
            rule=f"the UT date of the evening, here of {dataset['time'].values[time.size // 2]}",
        )  # fmt: skip
    exposure = np.asarray(dataset["integration_time"].values, dtype=np.float64)
    slots, axis, step = imaging.slot_axis(time, method.image.longest_gap_slots)
    exposure = np.where(np.isfinite(exposure) & (exposure > 0), exposure, step)
    first, row_km, middle = imaging.row_edges(altitude, method.image.row_km, method.image.bottom_km)
    counts = np.zeros((middle.size, axis.size), np.float32)
    bins = np.zeros_like(counts)
    growth = noise_growth(dataset, method)
    if "photon_counts" in dataset:
        gain, given, given_error = _from_counts(dataset, first, slots, counts, bins)
        # The light of the sky in a profile goes with its accumulation.
        shape = imaging.on_slots(exposure / float(np.median(exposure)), slots, axis.size)
    elif "ca_ion_number_density" in dataset:
        gain, given, given_error, known = _from_density(dataset, growth, first, slots, counts, bins, method)
        shape = imaging.on_slots(known, slots, axis.size)
    else:
        raise ContractError("the night holds neither photon_counts nor ca_ion_number_density",
                            given=sorted(map(str, dataset.data_vars)))  # fmt: skip
    source = np.full(axis.size, -1, np.int64)
    source[slots] = np.arange(time.size)
    size, range_km = axis.size, middle - float(dataset.attrs["station_altitude_km"])
    return Image(
        axis, imaging.on_slots(exposure, slots, size, step), middle, row_km,
        range_km, range_km**2 * np.interp(middle, altitude, growth), counts, bins,
        imaging.on_slots(gain, slots, size), imaging.on_slots(given, slots, size),
        imaging.on_slots(given_error, slots, size), source, shape,
    )  # fmt: skip


def _profile_values(dataset: xr.Dataset, name: str) -> np.ndarray:
    if name not in dataset:
        return np.full(dataset.sizes["time"], np.nan)
    return np.asarray(dataset[name].values, dtype=np.float64)


def _from_counts(dataset, first, slots, counts, bins):
    values = np.ascontiguousarray(dataset["photon_counts"].transpose("time", "altitude").values)
    if values.dtype == np.uint16:
        imaging.rebin_counts(values, first, slots, counts)
        bins[:, slots] = np.diff(first)[:, None]
    else:
        imaging.rebin_values(values.astype(np.float32), first, slots, counts, bins)
    calibration = _profile_values(dataset, "calibration_factor")
    if not (calibration > 0).any():
        raise ContractError(
            "no profile has a calibration", where="calibration_factor", given=f"{calibration.size} profiles",
            rule="n = calibration_factor z^2 (counts - background) in cm-3, above 0",
            remedy="give the calibration, or the density in place of the counts",
        )  # fmt: skip
    return tuple(_profile_values(dataset, name) for name in
                 ("calibration_factor", "background_counts", "background_counts_error"))  # fmt: skip


def reach_of(dataset: xr.Dataset) -> np.ndarray:
    """Distance from the lidar, km, dims (altitude,).

    Parameters
    ----------
    dataset
        of `ingest/lidar`.

    Returns
    -------
    ndarray
        km, dims (altitude,).
    """
    return np.asarray(dataset["altitude"].values, np.float64) - float(dataset.attrs["station_altitude_km"])


def noise_growth(dataset: xr.Dataset, method: Method) -> np.ndarray:
    """Noise of a density at each altitude over one that grows as the square of the distance; 1 where it does.

    Parameters
    ----------
    dataset
        of `ingest/lidar`, dims (time, altitude). Of counts it is 1, and where negative values were lost: what is
        left of the noise there is too little to measure it by altitude.

    Returns
    -------
    ndarray
        1, dims (altitude,).
    """
    reach = reach_of(dataset)
    lost = str(dataset.attrs.get("negatives", "kept")) in noise.LOST
    if lost or "photon_counts" in dataset or "ca_ion_number_density" not in dataset:
        return np.ones(reach.size)
    # Some two hundred profiles are enough.
    density = dataset["ca_ion_number_density"].transpose("time", "altitude").values
    density = density[:: max(1, density.shape[0] // 200)]
    return noise.growth(density / np.maximum(reach, 1.0) ** 2, reach, method.settings.background_bottom_km)


def _from_density(dataset, growth, first, slots, counts, bins, method):
    """Counts that stand for a density, in place; the gain, no background of its own, and the one of its noise."""
    reach = reach_of(dataset)
    negatives = str(dataset.attrs.get("negatives", "kept"))
    density = np.ascontiguousarray(dataset["ca_ion_number_density"].transpose("time", "altitude").values, np.float32)
    square = np.maximum(reach, 1.0) ** 2 * growth
    reduced = density / square.astype(np.float32)
    quiet = slice(int(np.searchsorted(reach, method.settings.background_bottom_km)), None)
    half = method.noise.half_profiles
    lost = np.full(density.shape[0], np.nan)
    if negatives in noise.LOST:
        lost = noise.lost_value(reduced[:, quiet], half)
        missing = ~(reduced > 0) & (np.isfinite(reduced) | (negatives == "lost_nan"))
        empty = ~np.isfinite(density).any(axis=1)
        reduced = np.where(missing & ~np.asarray(empty)[:, None], lost[:, None].astype(np.float32), reduced)
    gain = density_gain(dataset, reduced, square, noise.own_variance(reduced[:, quiet]))
    block = method.background.block_rows * (first[1] - first[0])
    dark = noise.dark_variance(reduced[:, quiet], gain, int(block))
    observed = np.isfinite(reduced[:, quiet]).any(axis=1)
    variance = np.where(observed, noise.smoothed(dark, half), np.nan)
    if np.mean(dark > method.noise.burst_factor * variance) > method.noise.burst_most_share:
        # No bursts: each profile has a noise of its own, as where a minute holds one accumulation or two.
        variance = np.where(np.isfinite(dark), dark, variance)
    imaging.rebin_values(reduced, first, slots, counts, bins)
    # counts = n / (c z^2) + B in each bin of the source, B the variance over c^2.
    good = np.isfinite(variance) & (variance > 0)
    background = np.where(good, variance / gain**2, 0.0)
    lifted = noise.lifted_variance(dark, variance, burst_factor(dark / variance, method))
    stood_for = np.where(good, lifted / gain**2, 0.0)
    counts[:, slots] = np.where(good, counts[:, slots] / gain + bins[:, slots] * stood_for, 0.0)
    bins[:, slots] = np.where(good, bins[:, slots], 0.0)
    nothing = np.full(variance.size, np.nan)
    return np.where(good, gain, np.nan), nothing, nothing, background


def burst_factor(ratio: np.ndarray, method: Method) -> float:
    """Noise variance of a burst over its neighbours' at least: in coarse bins chance alone reaches `burst_factor`.

    Parameters
    ----------
    ratio
        noise variance of each profile over its neighbours', dims (time,).
    """
    spread = float(np.nanmedian(np.abs(ratio - np.nanmedian(ratio)))) / 0.6745
    return max(method.noise.burst_factor, 1.0 + method.profiles.burst_sigma * spread)


def density_gain(dataset: xr.Dataset, reduced: np.ndarray, square: np.ndarray, quiet: np.ndarray) -> float:
    """c of the night, n / z^2 for one count, from the stated error or the scatter of neighbouring bins.

    From the bright bins of the main layer, where the counts' own noise is far above the background's.

    Parameters
    ----------
    dataset
        of `ingest/lidar`, dims (time, altitude).
    reduced
        n / z^2, cm-3 km-2, dims (time, altitude).
    square
        z^2, or what the noise grows by in its place, km2, dims (altitude,).
    quiet
        variance of `reduced` without signal, dims (time,).
    """
    bright = reach_of(dataset) < MAIN_LAYER_REACH_KM
    if "ca_ion_number_density_error" in dataset:
        error = dataset["ca_ion_number_density_error"].transpose("time", "altitude").values[:, bright]
        variance = (error / square[bright]) ** 2
    else:
        variance = noise.local_variance(reduced[:, bright])
    return noise.counts_scale(reduced[:, bright], variance, float(np.nanmedian(quiet)))
