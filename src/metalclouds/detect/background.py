"""Background of each profile, and which profiles can be used.

The background decides more than the detector of lines. It starts from the lowest altitude blocks, which a cloud
in other blocks does not lift, smoothed in time towards the low side; then it is the mean of all cells above
150 km in which nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numba import njit

from metalclouds.detect.image import Image
from metalclouds.detect.method import Method
from metalclouds.schema.variables import PROFILE_FLAGS

# Median of a chi-square variable of one degree of freedom.
_MEDIAN_CHI2 = 0.4549


@dataclass(frozen=True)
class Blocks:
    """Counts and bins of altitude blocks above 150 km, the given background as one more block; (block, slot)."""

    counts: np.ndarray
    bins: np.ndarray
    inverse_square: np.ndarray  # (block) (100 km / range)^2, 0 for the given background
    shape: np.ndarray | float = 1.0  # (slot) the bins hold it as a factor: rates are multiples of it

    @property
    def rate(self) -> np.ndarray:
        """Counts in a bin; NaN where a block is empty."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.bins > 0, self.counts / self.bins, np.nan)

    def without(self, bad: np.ndarray) -> Blocks:
        """The blocks with some slots empty.

        Parameters
        ----------
        bad
            bool, dims (slot,).
        """
        return replace(self, counts=np.where(bad, 0.0, self.counts), bins=np.where(bad, 0.0, self.bins))


def altitude_blocks(image: Image, method: Method, found: np.ndarray | None = None) -> Blocks:
    """Sum the image over altitude blocks, without the cells of the mask `found`.

    Parameters
    ----------
    found
        mask of the cells left out, dims (row, slot); None for none.
    """
    start = image.rows_above(method.settings.background_bottom_km)
    edges = np.arange(
        0, max(image.altitude.size - start - method.background.block_rows // 2, 1), method.background.block_rows
    )
    left_out = np.zeros((0, 0), np.bool_) if found is None else found[start:]
    summed, used = block_sums(image.counts[start:], image.bins[start:], left_out, edges)
    given_counts, given_bins = _given_block(image)
    square = (100.0 / image.range_km[start:]) ** 2
    inverse = np.add.reduceat(square, edges) / np.diff(np.append(edges, square.size))
    shape = known_shape(image)
    return Blocks(
        np.vstack([summed, given_counts]), np.vstack([used, given_bins]) * shape, np.append(inverse, 0.0), shape
    )


@njit(nogil=True, cache=True, error_model="numpy")
def block_sums(
    counts: np.ndarray, bins: np.ndarray, left_out: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of counts and bins over the rows from each edge on, (block, slot), without the cells left out, if any.

    Parameters
    ----------
    counts, bins
        of each cell, dims (row, slot).
    left_out
        mask, dims (row, slot); of size 0 for none.
    edges
        first row of each block, dims (block,).

    Returns
    -------
    tuple
        counts and bins, dims (block, slot) each.
    """
    rows, slots = counts.shape
    summed, used = np.zeros((edges.size, slots)), np.zeros((edges.size, slots))
    block = 0
    for k in range(rows):
        if block + 1 < edges.size and k >= edges[block + 1]:
            block += 1
        light, number = summed[block], used[block]
        if left_out.size == 0:
            for i in range(slots):
                light[i] += counts[k, i]
                number[i] += bins[k, i]
        else:
            for i in range(slots):
                kept = 0.0 if left_out[k, i] else 1.0
                light[i] += kept * counts[k, i]
                number[i] += kept * bins[k, i]
    return summed, used


def known_shape(image: Image) -> np.ndarray:
    """The background known beforehand, 1 where there is none.

    Returns
    -------
    ndarray
        1, dims (slot,).
    """
    if image.level_shape is None:
        return np.ones(image.time.size)
    good = np.isfinite(image.level_shape) & (image.level_shape > 0)
    return np.where(good, image.level_shape, 1.0)


def _given_block(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """The source's own background as a block with the number of bins that its error says."""
    rate, error = image.given_background, image.given_background_error
    good = np.isfinite(rate) & np.isfinite(error) & (error > 0) & (rate > 0) & (image.bins.max(axis=0) > 0)
    bins = np.where(good, rate / np.where(good, error, 1.0) ** 2, 0.0)
    bins = np.minimum(bins, 4.0 * image.bins.sum(axis=0))
    return np.where(good, rate * bins, 0.0), bins


def running_sum(values: np.ndarray, half: int) -> np.ndarray:
    """Sum over 2 half + 1 slots along the last axis, shortened at the ends.

    Parameters
    ----------
    values
        any unit, dims (..., slot).

    Returns
    -------
    ndarray
        in the unit of `values`, dims (..., slot).
    """
    padded = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    size = values.shape[-1]
    low = np.maximum(np.arange(size) - half, 0)
    high = np.minimum(np.arange(size) + half + 1, size)
    return padded[..., high] - padded[..., low]


def low_order_background(blocks: Blocks, half: int, share: float) -> np.ndarray:
    """Mean of the lowest share of the altitude blocks, each smoothed in time first; NaN far from any profile.

    The lowest of several noisy numbers lies below their mean; the bias of order statistics is small after the
    smoothing (some 7000 counts a block) and is taken off by its Gaussian expectation.

    Parameters
    ----------
    half
        half width of the smoothing, in slots.

    Returns
    -------
    ndarray
        counts in a bin, dims (slot,).
    """
    counts, bins = running_sum(blocks.counts, half), running_sum(blocks.bins, half)
    rate = replace(blocks, counts=counts, bins=bins).rate
    number = np.isfinite(rate).sum(axis=0)
    lowest = np.maximum(np.ceil(share * number).astype(int), 1)
    ordered = np.sort(rate, axis=0)
    ranks = np.arange(rate.shape[0])[:, None]
    chosen = (ranks < lowest) & np.isfinite(ordered)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(chosen, ordered, 0).sum(axis=0) / chosen.sum(axis=0)
        # The blocks are alike but for the given background; their mean number of bins serves for all.
        typical = bins.sum(axis=0) / np.maximum((bins > 0).sum(axis=0), 1)
        return mean + _lowest_bias(share) * np.sqrt(mean / typical)


def _lowest_bias(share: float) -> float:
    """By how many sigma the mean of the lowest share of many Gaussian numbers lies below their mean."""
    if share >= 1:
        return 0.0
    unit = NormalDist()
    return unit.pdf(unit.inv_cdf(share)) / share


def running_median(values: np.ndarray, seen: np.ndarray, half: int) -> np.ndarray:
    """Median over 2 half + 1 slots of the values that were seen; 0 where there are none.

    Parameters
    ----------
    values
        any unit, dims (slot,).
    seen
        bool, dims (slot,).

    Returns
    -------
    ndarray
        in the unit of `values`, dims (slot,).
    """
    padded = np.pad(np.where(seen, values, np.inf), half, constant_values=np.inf)
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    number = running_sum(seen * 1.0, half).astype(int)
    middle = ordered[np.arange(values.size), np.maximum(number - 1, 0) // 2]
    return np.where(np.isfinite(middle), middle, 0.0)


def masked_background(blocks: Blocks, half: int, fallback: np.ndarray) -> np.ndarray:
    """Mean rate of what is left after masking, smoothed in time; each profile's own level where it differs.

    Parameters
    ----------
    fallback
        counts in a bin where nothing is left around, (slot).
    half
        half width of the smoothing, in slots.

    Returns
    -------
    ndarray
        counts in a bin, dims (slot,).
    """
    counts, bins = blocks.counts.sum(axis=0), blocks.bins.sum(axis=0)
    seen = bins > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        smooth = running_line(counts, bins, half, fallback / blocks.shape)
        own = np.where(seen, counts / bins, smooth)
        variance = np.where(seen, smooth / bins, 0.0)
        # Scatter of the profiles about the smooth level beyond Poisson's is real and followed. Of the scatter the
        # median is taken: a single tall stripe that was not masked must not lift its own background.
        real = np.maximum(running_median((own - smooth) ** 2, seen, half) / _MEDIAN_CHI2 - variance, 0.0)
        weight = np.where(seen & (variance > 0), real / (real + variance), 0.0)
    return (smooth + weight * (own - smooth)) * blocks.shape


def running_line(counts: np.ndarray, bins: np.ndarray, half: int, fallback: np.ndarray) -> np.ndarray:
    """Rate of each slot from the weighted straight line through 2 half + 1 slots; `fallback` without bins.

    A mean would be wrong where the window is cut off, at the edge of twilight above all: the background changes
    fastest there. The line is not extrapolated to less than half or more than twice the mean.

    Parameters
    ----------
    counts, bins
        dims (slot,).
    fallback
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        counts in a bin, dims (slot,).
    """
    slot = np.arange(bins.size, dtype=np.float64)
    weight, first, second = (running_sum(bins * slot**power, half) for power in (0, 1, 2))
    light, moment = running_sum(counts, half), running_sum(counts * slot, half)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, mean = first / weight, light / weight
        spread = second / weight - middle**2
        slope = np.where(spread > 0.5, (moment / weight - middle * mean) / spread, 0.0)
        line = np.clip(mean + slope * (slot - middle), 0.5 * mean, 2.0 * mean)
        return np.where(weight > 0, line, fallback)


def level_and_flags(
    image: Image, sun_elevation: np.ndarray, half: int, method: Method
) -> tuple[np.ndarray, np.ndarray]:
    """Background of each slot and why a profile is not used (variables.PROFILE_FLAGS, uint8).

    A burst or a misfire spoils the level of its neighbours, so the level is made again without what was found:
    bursts first, since a strong one makes its neighbours look like misfires.

    Parameters
    ----------
    sun_elevation
        degrees, dims (slot,).

    Returns
    -------
    tuple
        counts in a bin and flags, dims (slot,) each.
    """
    blocks = altitude_blocks(image, method)
    share = method.background.low_share
    level = low_order_background(blocks, half, share)
    misfire, burst = np.zeros(image.time.size, np.bool_), is_burst(blocks, level, method)
    for _ in range(2):
        before = misfire | burst
        left = blocks.without(before) if before.any() else blocks
        level = following_steps(left, low_order_background(left, half, share), method)
        misfire, burst = is_misfire(blocks, level, method), is_burst(blocks, level, method)
        if np.array_equal(misfire | burst, before):
            break
    flags = np.zeros(image.time.size, np.uint8)
    flags[misfire] = PROFILE_FLAGS["low_signal"]
    flags[burst] = PROFILE_FLAGS["burst"]
    observed = blocks.bins.sum(axis=0) > 0
    twilight = sun_elevation > method.profiles.twilight_sun_elevation_deg
    flags[twilight] = PROFILE_FLAGS["twilight"]
    flags[~(level > 0) | ~observed] = PROFILE_FLAGS["no_background"]
    return level * blocks.shape, flags


def following_steps(blocks: Blocks, level: np.ndarray, method: Method) -> np.ndarray:
    """The level with single profiles' own where the background itself steps for longer than a burst lasts.

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        counts in a bin, dims (slot,).
    """
    stepped = _longer_than(is_lifted(blocks, level, method), method.profiles.burst_longest_profiles)
    if not stepped.any():
        return level
    return np.where(stepped, low_order_background(blocks, 1, method.background.low_share), level)


def is_misfire(blocks: Blocks, level: np.ndarray, method: Method) -> np.ndarray:
    """Profiles with hardly any light: the detector or the laser was off.

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        bool, dims (slot,).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        own = blocks.counts.sum(axis=0) / blocks.bins.sum(axis=0)
        return own < method.profiles.low_signal_share * level


def is_burst(blocks: Blocks, level: np.ndarray, method: Method) -> np.ndarray:
    """Profiles that are lifted at all altitudes alike, not for longer than a burst lasts.

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        bool, dims (slot,).
    """
    high = is_lifted(blocks, level, method)
    return high & ~_longer_than(high, method.profiles.burst_longest_profiles)


def is_lifted(blocks: Blocks, level: np.ndarray, method: Method) -> np.ndarray:
    """Profiles that are lifted at all altitudes alike.

    A burst (a lamp, an aircraft) lifts all altitude blocks at once for a few profiles, and the given background
    with them. A stripe as tall as that lifts them as 1 / z^2 and leaves out what lies above its top: so the
    lowest third of the blocks must stand out, and of b + s / z^2 fitted to the excess b must be the larger part.

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        bool, dims (slot,).
    """
    rate = blocks.rate
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = (rate - level) / np.sqrt(level / blocks.bins)
    ordered = np.sort(excess, axis=0)
    number = np.isfinite(excess).sum(axis=0)
    lowest = np.maximum(number // 3, 1)
    ranks = np.arange(rate.shape[0])[:, None]
    chosen = (ranks < lowest) & np.isfinite(ordered)
    score = np.where(chosen, ordered, 0).sum(axis=0) / np.sqrt(lowest)
    # The low third of pure noise lies about one sigma a block below zero.
    score = score + _lowest_bias(1 / 3) * np.sqrt(lowest)
    return (score > method.profiles.burst_sigma) & (flat_share(blocks, level) > method.profiles.burst_flat_share)


def flat_share(blocks: Blocks, level: np.ndarray) -> np.ndarray:
    """b over the mean excess, b + s / z^2 fitted to the excess of each profile by weighted least squares.

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    ndarray
        1, dims (slot,).
    """
    rate = blocks.rate
    weight = np.where(np.isfinite(rate), blocks.bins, 0.0)
    excess = np.where(weight > 0, np.nan_to_num(rate) - level, 0.0)
    shape = blocks.inverse_square[:, None]
    w, wx, wxx = weight.sum(axis=0), (weight * shape).sum(axis=0), (weight * shape**2).sum(axis=0)
    wy, wxy = (weight * excess).sum(axis=0), (weight * shape * excess).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (wxx * wy - wx * wxy) / (w * wxx - wx**2) / (wy / w)


def _longer_than(flag: np.ndarray, longest: int) -> np.ndarray:
    """Runs of True of more than `longest`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flag.astype(np.int8), [0]])))
    out = np.zeros_like(flag)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start > longest:
            out[start:stop] = True
    return out
