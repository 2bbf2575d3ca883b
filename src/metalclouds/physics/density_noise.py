"""A density in place of counts: its noise from the data, and counts that stand for it.

The lidar equation makes n / z^2 = c (N - B): the noise of a density grows as z^2, the noise of n / z^2 does not. With
c and the variance c^2 B of n / z^2 where there is no signal, N = n / (c z^2) + B are counts with Poisson's mean
and variance, and everything that was made for counts serves for a density.

c comes from the slope of the variance against the signal: of the stated error where the source has one, else of
the squared differences of neighbouring bins. The quiet variance comes from squared differences of neighbouring
bins above 150 km: means of squares, since counts of one or two photons make medians jump from step to step.

A density that was smoothed more the higher it lies, or comes from elsewhere, may have another noise: where what is
measured disagrees with z^2 by more than `UNLIKE`, the measured growth takes the place of z^2 (`growth`).

A source that lost its negative values shows a half of the noise. A lost value is then replaced by the mean of the
lost half, -0.8 times sigma (Gaussian; sigma from the mean of the values kept), which keeps 0.82 of the signal where
a zero would keep half of it; mean and variance of what results are taken from the data like any other background.
"""

from __future__ import annotations

import itertools
import warnings

import numpy as np

LOST = ("lost_nan", "lost_zero")
# Below this share of the night's median, the dark variance of a profile counts as unknown.
LEAST_DARK_SHARE = 0.1
# The noise is measured in blocks of this height (km) from this altitude on, above the main layer.
GROWTH_BLOCK_KM, GROWTH_BOTTOM_KM = 12.0, 118.0
# Largest over least variance of n / z^2 of these blocks from which noise does not grow as z^2.
UNLIKE = 2.5


def lost_value(reduced: np.ndarray, half: int) -> np.ndarray:
    """What stands for a lost value in each profile: minus the mean of the values kept; NaN without any.

    The two halves of a symmetric noise have the same mean but for the sign. Median over 2 half + 1 profiles.

    Parameters
    ----------
    reduced
        n / z^2, dims (time, bin), bins above the main layer, NaN or 0 where lost.
    half
        half width of the median, in profiles.

    Returns
    -------
    ndarray
        n / z^2, dims (time,); negative.
    """
    positive = np.where(reduced > 0, reduced, 0.0)
    number = (reduced > 0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return smoothed(-positive.sum(axis=1) / number, half)


def own_variance(reduced: np.ndarray) -> np.ndarray:
    """Variance of n / z^2 in each profile, half the mean square of neighbours' differences; NaN without data.

    Parameters
    ----------
    reduced
        n / z^2 (cm-3 km-2), dims (time, bin), NaN where missing.

    Returns
    -------
    ndarray
        (cm-3 km-2)^2, dims (time,). For white noise the variance of a difference of neighbours is twice a
        value's variance.
    """
    step = np.diff(reduced, axis=1)
    good = np.isfinite(step)
    number = good.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 0.5 * (np.where(good, step, 0.0) ** 2).sum(axis=1) / number


def dark_variance(reduced: np.ndarray, gain: float, block: int) -> np.ndarray:
    """Variance of n / z^2 in each profile without what its own light adds (gain times its mean); NaN without data.

    Median over blocks of `block` bins, so that a cloud in some of them does not matter. The light of a cloud brings
    noise of its own: without this a bright cloud at midnight would look like twilight.

    Parameters
    ----------
    reduced
        n / z^2 (cm-3 km-2), dims (time, bin), NaN where missing.
    gain
        variance that a unit of signal adds, cm-3 km-2 (`counts_scale`).

    Returns
    -------
    ndarray
        (cm-3 km-2)^2, dims (time,); NaN also where it is unbelievably small.
    """
    size = max(reduced.shape[1] // block, 1)
    parts = [reduced[:, k * block : (k + 1) * block if k + 1 < size else None] for k in range(size)]
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # profiles without any data
        own = [own_variance(part) - gain * np.maximum(np.nanmean(part, axis=1), 0.0) for part in parts]
        out = np.nanmedian(own, axis=0)
        return np.where(out < LEAST_DARK_SHARE * np.nanmedian(out), np.nan, out)


def growth(reduced: np.ndarray, reach: np.ndarray, quiet_km: float) -> np.ndarray:
    """Noise at each altitude over one that grows as the square of the distance, 1 where no other is sure.

    From the change from profile to profile of second differences in altitude, in blocks of altitude; of each block
    the lower quartile over the night, since clouds bring noise of their own.

    Parameters
    ----------
    reduced
        n / z^2 (cm-3 km-2), dims (time, bin), NaN where missing.
    reach
        distance from the lidar, km, dims (bin,).
    quiet_km
        distance above which the growth is 1 in the median.

    Returns
    -------
    ndarray
        1, dims (bin,).
    """
    one = np.ones(reach.size)
    edges = np.arange(GROWTH_BOTTOM_KM, float(reach[-1]), GROWTH_BLOCK_KM)
    cuts = np.searchsorted(reach, edges)
    if edges.size < 5 or np.diff(cuts).min() < 3 or reduced.shape[0] < 10:
        return one
    part = reduced[:, cuts[0] : cuts[-1]]
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # profiles without any data
        cells = local_variance(part)
        blocks = [cells[:, a - cuts[0] : b - cuts[0]] for a, b in itertools.pairwise(cuts)]
        level = np.array([np.nanpercentile(np.nanmean(block, axis=1), 25) for block in blocks])
    middle = 0.5 * (edges[:-1] + edges[1:])
    if not (level > 0).all() or level.max() < UNLIKE * level.min() or not (middle > quiet_km).any():
        return one
    ratio = level / np.median(level[middle > quiet_km])
    return np.exp(np.interp(reach, middle, 0.5 * np.log(ratio)))


def lifted_variance(dark: np.ndarray, quiet: np.ndarray, factor: float) -> np.ndarray:
    """Own variance of profiles whose variance exceeds `factor` times their neighbours', the quiet one elsewhere.

    Subtracting the background hides a burst in a density: the mean becomes zero, the noise of the burst stays.

    Parameters
    ----------
    dark, quiet
        variance of each profile and of its neighbours, (cm-3 km-2)^2, dims (time,).

    Returns
    -------
    ndarray
        (cm-3 km-2)^2, dims (time,).
    """
    with np.errstate(invalid="ignore"):
        return np.where(dark > factor * quiet, dark, quiet)


def smoothed(values: np.ndarray, half: int) -> np.ndarray:
    """Running median over 2 half + 1 profiles, NaN left out; the median of all where nothing else is around.

    Parameters
    ----------
    values
        dims (time,), any unit.

    Returns
    -------
    ndarray
        in the unit of `values`, dims (time,).
    """
    padded = np.pad(values, half, constant_values=np.nan)
    window = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    number = np.isfinite(window).sum(axis=1)
    middle = window[np.arange(values.size), np.maximum(number - 1, 0) // 2]
    known = values[np.isfinite(values)]
    return np.where(np.isfinite(middle), middle, np.median(known) if known.size else np.nan)


def counts_scale(signal: np.ndarray, variance: np.ndarray, quiet: float) -> float:
    """The slope c of variance = c signal + quiet variance, from the bins that are bright.

    Ratio of the sums of (variance - quiet) and of signal over bins well above the noise; a tenth of the noise
    where nothing is bright, i.e. a background of a hundred counts, for which the noise is Gaussian.

    Parameters
    ----------
    signal, variance
        mean of n / z^2 (cm-3 km-2) and its variance, squared, of equal shape.
    quiet
        variance without signal, (cm-3 km-2)^2.
    """
    bright = np.isfinite(signal) & np.isfinite(variance) & (signal > 8 * np.sqrt(quiet))
    if bright.sum() < 50:
        return 0.1 * float(np.sqrt(quiet))
    ratio = np.sum(variance[bright] - quiet) / np.sum(signal[bright])
    return float(np.clip(ratio, 0.02 * np.sqrt(quiet), 3.0 * np.sqrt(quiet)))


def local_variance(reduced: np.ndarray) -> np.ndarray:
    """Variance of n / z^2 from the change from profile to profile of its second difference in altitude.

    What changes slowly in time, such as the slopes of the main layer in coarse bins, drops out.

    Parameters
    ----------
    reduced
        n / z^2 (cm-3 km-2), dims (time, bin).

    Returns
    -------
    ndarray
        (cm-3 km-2)^2, dims as the input, NaN at the ends: the second difference of white noise has six times the
        variance of a value, the difference of two of them twelve times.
    """
    out = np.full(reduced.shape, np.nan, reduced.dtype)
    second = reduced[:, :-2] - 2 * reduced[:, 1:-1] + reduced[:, 2:]
    out[1:, 1:-1] = np.diff(second, axis=0) ** 2 / 12.0
    return out
