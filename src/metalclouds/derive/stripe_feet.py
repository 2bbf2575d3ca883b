"""What the density of the case nights shows where stripes run into the main layer, measured on n(t, z) itself.

Around the line of a stripe, continued down to the main layer, profiles are shifted in time so that the line is
upright, and averaged over bands of altitude. What lasts longer than the window around the line is background. No
number of the fit but its line is used, so that neither the fit's lower end nor its smooth width decides. Means of a
source that lost its negative values are corrected (`physics.density`) where its noise is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import find_peaks
from scipy.special import ndtr

from metalclouds.derive.settings import FootSettings
from metalclouds.physics.density import clipped_mean_inverse, usable_density
from metalclouds.schema.table import Table
from metalclouds.schema.tables import LAYER_MAXIMA, STRIPE_FEET

Array = NDArray[np.floating]
# A rise needs this many points for a break to be told from a smooth one, each known to a third.
LEAST_POINTS, MOST_RELATIVE_ERROR = 7, 1.0 / 3.0
# Step in which the altitude of a break is tried (km).
BREAK_STEP_KM = 0.5


@dataclass(frozen=True)
class Density:
    """n(t, z) of a night: seconds since its first profile, altitude (km), density (cm-3), dims (time, altitude).

    `clipped_noise` (cm-3, dims (altitude,)) is the noise of a bin before negative values were lost; None where they
    were kept, or where the noise is not known and means stay as they are.
    """

    night: str
    start: np.datetime64
    seconds: Array
    altitude: Array
    values: Array
    clipped_noise: Array | None = None


def density_of(lidar: xr.Dataset, detected: xr.Dataset | None, top_km: float) -> Density:
    """Density of a night below an altitude, excluded profiles NaN.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`.
    detected
        dataset of detect/<night>.nc; None where the night was not searched.
    """
    time = lidar["time"].values
    altitude = lidar["altitude"].values.astype(float)
    below = altitude <= top_km
    density = usable_density(lidar, detected)
    noise = density.clipped_noise
    known = None if noise is None or not np.isfinite(noise).all() else noise[below]
    seconds = (time - time[0]) / np.timedelta64(1, "s")
    return Density(str(lidar.attrs["night"]), time[0], seconds, altitude[below], density.values[:, below], known)


# ---- feet of stripes -------------------------------------------------------------------------------------


def along_line(density: Density, stripe: pd.Series, band: tuple[float, float], lags: Array) -> Array:
    """Mean density of a band of altitudes against the time from the line of a stripe, at some lags (s).

    It is corrected for lost negative values. The line passes through the lower end with the stripe's slowness at
    its middle and its curvature.

    Parameters
    ----------
    stripe
        a row of STRIPES.
    band
        lower and upper altitude, km.
    lags
        s, dims (lag,).
    """
    rows = np.flatnonzero((density.altitude >= band[0]) & (density.altitude <= band[1]))
    bottom, top = float(stripe["bottom_km"]), float(stripe["top_km"])
    curvature = float(stripe["curvature_s_per_km2"]) if pd.notna(stripe["curvature_s_per_km2"]) else 0.0
    middle = 0.5 * (bottom + top)
    start = (pd.Timestamp(stripe["time_bottom"]) - pd.Timestamp(density.start)).total_seconds()
    shifted = []
    for row in rows:
        z = float(np.clip(density.altitude[row], bottom, None))
        # The fitted curve within the stripe, below it the straight line through its lower end.
        bend = curvature * ((z - middle) ** 2 - (bottom - middle) ** 2)
        slope = float(stripe["slowness_s_per_km"])
        at = start + slope * (z - bottom) + bend + slope * (density.altitude[row] - z)
        good = np.isfinite(density.values[:, row])
        if good.sum() > 2:
            shifted.append(np.interp(at + lags, density.seconds[good], density.values[good, row], np.nan, np.nan))
    if not shifted:
        return np.full(lags.size, np.nan)
    count = np.isfinite(shifted).sum(axis=0)
    mean = np.where(count > 0, np.nansum(shifted, axis=0) / np.maximum(count, 1), np.nan)
    if density.clipped_noise is None:
        return mean
    return clipped_mean_inverse(mean, np.full(lags.size, density.clipped_noise[rows].mean()))


@dataclass(frozen=True)
class Peak:
    """A peak over its surroundings: height (cm-3), its error, and full width at half of it (s)."""

    height: float
    error: float
    width_s: float


NO_PEAK = Peak(float("nan"), float("nan"), float("nan"))


def peak_of(lags: Array, values: Array, settings: FootSettings) -> Peak:
    """The peak near lag 0 over the median of what is farther away than `window_s`; the error is the scatter there."""
    near, far = np.abs(lags) <= settings.centre_s, np.abs(lags) > settings.window_s
    if np.isfinite(values[far]).sum() < 4 or not np.isfinite(values[near]).any():
        return NO_PEAK
    base = float(np.nanmedian(values[far]))
    error = float(1.4826 * np.nanmedian(np.abs(values[far] - base)))
    excess = values - base
    top = int(np.flatnonzero(near)[np.nanargmax(excess[near])])
    return Peak(float(excess[top]), error, _full_width(lags, excess, top))


def _full_width(lags: Array, excess: Array, top: int) -> float:
    """Time between the places on both sides of the peak where the excess falls to half, linearly interpolated."""
    half, ends = 0.5 * excess[top], []
    for step in (-1, 1):
        index = top
        while 0 <= index + step < excess.size and excess[index + step] > half:
            index += step
        beyond = index + step
        if not 0 <= beyond < excess.size or not np.isfinite(excess[beyond]):
            return float("nan")
        share = (excess[index] - half) / (excess[index] - excess[beyond])
        ends.append(lags[index] + share * (lags[beyond] - lags[index]))
    return float(abs(ends[1] - ends[0]))


def lowest_excess(density: Density, stripe: pd.Series, lags: Array, settings: FootSettings) -> tuple[float, float]:
    """Lowest altitude (km) down to which the line stands out without a gap, and altitude of its largest excess below.

    It is sought from the upper band downwards in steps of `step_km`; NaN where it does not stand out at all.

    Parameters
    ----------
    stripe
        a row of STRIPES.
    lags
        s, dims (lag,).
    """
    lowest, densest, most = np.nan, np.nan, 0.0
    for bottom in np.arange(settings.upper_km[0], settings.search_bottom_km, -settings.step_km):
        found = peak_of(lags, along_line(density, stripe, (bottom - settings.step_km, bottom), lags), settings)
        if not found.height > settings.least_sigma * found.error:
            break
        lowest = bottom - settings.step_km
        if bottom <= settings.lower_km[1] and found.height > most:
            densest, most = bottom - 0.5 * settings.step_km, found.height
    return float(lowest), float(densest)


# ---- breaks of the rise ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Break:
    """Where the rise of a stripe's density downwards breaks: altitude, its error (km), and what a break gains.

    `gain` is the Bayesian information criterion of a smooth rise, a parabola of ln(density), minus that of two
    straight lines that meet at any altitude (Schwarz 1978, Ann. Stat. 6, 461): above 0 the break explains more.
    """

    altitude_km: float
    error_km: float
    gain: float


NO_BREAK = Break(float("nan"), float("nan"), float("nan"))


def break_of(altitude: Array, density: Array, error: Array) -> Break:
    """The break of a rise through points of a density with errors; NaN of fewer than `LEAST_POINTS` points."""
    good = density > MOST_RELATIVE_ERROR**-1 * error
    if good.sum() < LEAST_POINTS:
        return NO_BREAK
    z, y, weight = altitude[good], np.log(density[good]), density[good] / error[good]
    smooth = _misfit(np.vander(z - z.mean(), 3), y, weight)
    tried = np.arange(z.min() + BREAK_STEP_KM, z.max(), BREAK_STEP_KM)
    broken = np.array(
        [_misfit(np.column_stack([np.ones_like(z), z - one, np.maximum(z - one, 0.0)]), y, weight) for one in tried]
    )
    # Points of one stripe scatter about any line by more than their noise: errors are scaled to the better fit.
    best = int(broken.argmin())
    scale = max(1.0, min(float(broken[best]) / (z.size - 4), smooth / (z.size - 3)))
    inside = tried[broken <= broken[best] + scale]
    gain = (smooth - float(broken[best])) / scale - np.log(z.size)
    return Break(float(tried[best]), float(0.5 * (inside[-1] - inside[0] + BREAK_STEP_KM)), float(gain))


def _misfit(matrix: Array, y: Array, weight: Array) -> float:
    """Least sum of squares, in errors, of a linear model."""
    coefficients = np.linalg.lstsq(matrix * weight[:, None], y * weight, rcond=None)[0]
    return float(np.sum(((y - matrix @ coefficients) * weight) ** 2))


def rise_of(density: Density, stripe: pd.Series, lags: Array, settings: FootSettings) -> Break:
    """The break in the rise of a stripe's peak downwards, from bands of n(t, z) along its line.

    Parameters
    ----------
    stripe
        a row of STRIPES.
    lags
        s, dims (lag,).
    """
    bottoms = np.arange(*settings.break_km, settings.break_step_km)
    bands = [(bottom, bottom + settings.break_step_km) for bottom in bottoms]
    peaks = [peak_of(lags, along_line(density, stripe, band, lags), settings) for band in bands]
    height, error = (np.array([getattr(one, name) for one in peaks]) for name in ("height", "error"))
    return break_of(bottoms + 0.5 * settings.break_step_km, height, error)


def stripe_feet(density: Density, stripes: pd.DataFrame, settings: FootSettings) -> pd.DataFrame:
    """Table STRIPE_FEET: a row for each stripe of a night that runs from above the upper band towards the layer.

    Parameters
    ----------
    stripes
        table STRIPES.

    Returns
    -------
    DataFrame
        table STRIPE_FEET.
    """
    step = float(np.median(np.diff(density.seconds))) if density.seconds.size > 1 else np.nan
    own = stripes[(stripes["night"] == density.night) & (stripes["bottom_km"] <= settings.upper_km[0])]
    own = own[own["top_km"] >= settings.upper_km[1]]
    rows = []
    for stripe in own.to_dict("records"):
        lags = np.arange(-2 * settings.window_s, 2 * settings.window_s + step, step)
        upper, lower = (
            peak_of(lags, along_line(density, pd.Series(stripe), band, lags), settings)
            for band in (settings.upper_km, settings.lower_km)
        )
        lowest, densest = lowest_excess(density, pd.Series(stripe), lags, settings)
        bent = rise_of(density, pd.Series(stripe), lags, settings)
        rows.append({
            "night": density.night, "id": stripe["id"],
            "upper_density_cm3": upper.height, "upper_error_cm3": upper.error, "upper_width_s": upper.width_s,
            "lower_density_cm3": lower.height, "lower_error_cm3": lower.error, "lower_width_s": lower.width_s,
            "lowest_km": lowest, "densest_km": densest,
            "break_km": bent.altitude_km, "break_error_km": bent.error_km, "break_gain": bent.gain,
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(STRIPE_FEET)) if rows else STRIPE_FEET.empty()


# ---- maxima of the layer ---------------------------------------------------------------------------------


def layer_maxima(density: Density, settings: FootSettings) -> pd.DataFrame:
    """Table LAYER_MAXIMA: the maxima in altitude of the density averaged over some minutes, near the main layer.

    A maximum counts if it stands out by `least_sigma` standard errors, from the scatter of its profiles, over the
    lowest density between it and any larger one (its prominence).

    Parameters
    ----------
    density
        that of one night.

    Returns
    -------
    DataFrame
        table LAYER_MAXIMA.
    """
    block = np.floor(density.seconds / (60.0 * settings.maxima_minutes)).astype(int)
    inside = (density.altitude >= settings.maxima_km[0]) & (density.altitude <= settings.maxima_km[1])
    rows = []
    for one in np.unique(block):
        profiles = density.values[block == one][:, inside]
        profiles = profiles[np.isfinite(profiles).all(axis=1)]
        if len(profiles) < 2:
            continue
        middle = float(density.seconds[block == one].mean())
        time = density.start.astype("datetime64[s]") + np.timedelta64(round(middle), "s")
        noise = None if density.clipped_noise is None else density.clipped_noise[inside]
        for z, value, prominence, error in _maxima(density.altitude[inside], profiles, noise, settings):
            if prominence > settings.least_sigma * error:
                rows.append({
                    "night": density.night, "time_utc": time, "altitude_km": z, "density_cm3": value,
                    "prominence_cm3": prominence, "error_cm3": error,
                })  # fmt: skip
    return pd.DataFrame(rows, columns=list(LAYER_MAXIMA)) if rows else LAYER_MAXIMA.empty()


def _maxima(
    altitude: Array, profiles: Array, clipped_noise: Array | None, settings: FootSettings
) -> list[tuple[float, float, float, float]]:
    """Altitude, density, prominence and error of each maximum of the smoothed mean of some profiles."""
    step = float(np.median(np.diff(altitude)))
    bins = max(round(settings.smooth_km / step), 1)
    kernel = np.ones(bins) / bins
    smooth = np.apply_along_axis(np.convolve, 1, profiles, kernel, mode="same")
    mean, error = smooth.mean(axis=0), smooth.std(axis=0, ddof=1) / np.sqrt(len(smooth))
    if clipped_noise is not None:
        # At the ends the kernel holds fewer bins, and zeros would be taken for lost values.
        whole = np.convolve(np.ones(altitude.size), kernel, mode="same")
        mean, error = _corrected(mean / whole, error / whole, clipped_noise)
    peaks, properties = find_peaks(mean, prominence=0.0)
    return [
        (float(altitude[index]), float(mean[index]), float(prominence), float(error[index]))
        for index, prominence in zip(peaks, properties["prominences"], strict=True)
    ]


def _corrected(mean: Array, error: Array, clipped_noise: Array) -> tuple[Array, Array]:
    """True mean and its error from those of max(x, 0), whose mean grows by Phi(m / s) with the true mean m."""
    true = clipped_mean_inverse(mean, clipped_noise)
    return true, error / ndtr(true / clipped_noise)


def feet_and_maxima(
    nights: Iterable[tuple[xr.Dataset, xr.Dataset | None]], stripes: pd.DataFrame, settings: FootSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables STRIPE_FEET and LAYER_MAXIMA of some nights.

    Parameters
    ----------
    nights
        ingested lidar and detect/<night>.nc of each night.
    stripes
        detect/stripes.csv.

    Returns
    -------
    tuple
        the two tables.
    """
    feet, maxima = [], []
    for lidar, detected in nights:
        density = density_of(
            lidar, detected, max(settings.upper_km[1], settings.break_km[1]) + settings.break_step_km
        )
        feet.append(stripe_feet(density, stripes, settings))
        maxima.append(layer_maxima(density, settings))
    return _joined(feet, STRIPE_FEET), _joined(maxima, LAYER_MAXIMA)


def _joined(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    rows = [part for part in parts if len(part)]
    return table.ordered(pd.concat(rows, ignore_index=True)) if rows else table.empty()
