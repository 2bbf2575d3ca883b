"""Background of each profile, and which profiles can be used.

The background decides more than the detector of lines. It starts from the lowest altitude blocks, which a cloud
in other blocks does not lift, smoothed in time towards the low side; then it is the mean of all cells above
150 km in which nothing was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metalclouds.detect.image import Image
from metalclouds.detect.settings import DetectSettings
from metalclouds.variables import PROFILE_FLAGS


@dataclass(frozen=True)
class Blocks:
    """Counts and bins of altitude blocks above 150 km, the given background as one more block; (block, slot)."""

    counts: np.ndarray
    bins: np.ndarray

    @property
    def rate(self) -> np.ndarray:
        """Counts in a bin; NaN where a block is empty."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.bins > 0, self.counts / self.bins, np.nan)


def altitude_blocks(image: Image, settings: DetectSettings, found: np.ndarray | None = None) -> Blocks:
    """Sum the image over altitude blocks, without the cells of the mask `found`."""
    start = image.rows_above(settings.background_bottom_km)
    counts, bins = image.counts[start:], image.bins[start:]
    if found is not None:
        keep = ~found[start:]
        counts, bins = np.where(keep, counts, 0), np.where(keep, bins, 0)
    edges = np.arange(
        0, max(counts.shape[0] - settings.background_block_rows // 2, 1), settings.background_block_rows
    )
    summed = np.add.reduceat(counts, edges, axis=0, dtype=np.float64)
    used = np.add.reduceat(bins, edges, axis=0, dtype=np.float64)
    given_counts, given_bins = _given_block(image)
    return Blocks(np.vstack([summed, given_counts]), np.vstack([used, given_bins]))


def _given_block(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """The source's own background as a block with the number of bins that its error says."""
    rate, error = image.given_background, image.given_background_error
    good = np.isfinite(rate) & np.isfinite(error) & (error > 0) & (rate > 0) & (image.bins.max(axis=0) > 0)
    bins = np.where(good, rate / np.where(good, error, 1.0) ** 2, 0.0)
    bins = np.minimum(bins, 4.0 * image.bins.sum(axis=0))
    return np.where(good, rate * bins, 0.0), bins


def running_sum(values: np.ndarray, half: int) -> np.ndarray:
    """Sum over 2 half + 1 slots along the last axis, shortened at the ends."""
    padded = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    size = values.shape[-1]
    low = np.maximum(np.arange(size) - half, 0)
    high = np.minimum(np.arange(size) + half + 1, size)
    return padded[..., high] - padded[..., low]


def low_order_background(blocks: Blocks, half: int, share: float) -> np.ndarray:
    """Mean of the lowest share of the altitude blocks, each smoothed in time first; NaN far from any profile.

    The lowest of several noisy numbers lies below their mean; the bias of order statistics is small after the
    smoothing (some 7000 counts a block) and is taken off by its Gaussian expectation.
    """
    counts, bins = running_sum(blocks.counts, half), running_sum(blocks.bins, half)
    rate = Blocks(counts, bins).rate
    number = np.isfinite(rate).sum(axis=0)
    lowest = np.maximum(np.ceil(share * number).astype(int), 1)
    ordered = np.sort(rate, axis=0)
    ranks = np.arange(rate.shape[0])[:, None]
    chosen = (ranks < lowest) & np.isfinite(ordered)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(chosen, ordered, 0).sum(axis=0) / chosen.sum(axis=0)
        spread = np.sqrt(mean / np.where(bins > 0, bins, np.nan))
        return mean + _lowest_bias(share) * np.nanmedian(spread, axis=0)


def _lowest_bias(share: float) -> float:
    """By how many sigma the mean of the lowest share of many Gaussian numbers lies below their mean."""
    from scipy.stats import norm

    if share >= 1:
        return 0.0
    return float(norm.pdf(norm.ppf(share)) / share)


def masked_background(blocks: Blocks, half: int, fallback: np.ndarray) -> np.ndarray:
    """Mean rate of what is left after masking, smoothed in time; each profile's own level where it differs."""
    counts, bins = blocks.counts.sum(axis=0), blocks.bins.sum(axis=0)
    wide_counts, wide_bins = running_sum(counts, half), running_sum(bins, half)
    with np.errstate(invalid="ignore", divide="ignore"):
        smooth = np.where(wide_bins > 0, wide_counts / wide_bins, fallback)
        own = np.where(bins > 0, counts / bins, smooth)
        variance = smooth / np.where(bins > 0, bins, np.inf)
        extra = running_sum((own - smooth) ** 2, half) / np.maximum(running_sum((bins > 0) * 1.0, half), 1)
        real = np.maximum(extra - running_sum(variance, half) / np.maximum(running_sum((bins > 0) * 1.0, half), 1), 0)
        weight = np.where(variance > 0, real / (real + variance), 0.0)
    return smooth + weight * (own - smooth)


def profile_flags(
    image: Image, blocks: Blocks, level: np.ndarray, sun_elevation: np.ndarray, settings: DetectSettings
) -> np.ndarray:
    """Why a profile is not used (variables.PROFILE_FLAGS), uint8 (slot); an empty slot is no_background.

    A burst (a lamp, an aircraft) lifts all altitude blocks at once for a few profiles, and the given background
    with them; a stripe that is as tall lifts them as 1 / z^2 and leaves out what lies above its top.
    """
    flags = np.zeros(image.time.size, np.uint8)
    own_bins = blocks.bins.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = blocks.counts.sum(axis=0) / own_bins
    flags[(own < settings.low_signal_share * level) | ~np.isfinite(own)] = PROFILE_FLAGS["low_signal"]
    flags[is_burst(blocks, level, image, settings)] = PROFILE_FLAGS["burst"]
    median = np.nanmedian(np.where(own_bins > 0, level, np.nan))
    twilight = sun_elevation > settings.twilight_sun_elevation_deg
    twilight |= level > settings.twilight_background_factor * median
    flags[twilight] = PROFILE_FLAGS["twilight"]
    flags[~np.isfinite(level) | (own_bins <= 0)] = PROFILE_FLAGS["no_background"]
    return flags


def is_burst(blocks: Blocks, level: np.ndarray, image: Image, settings: DetectSettings) -> np.ndarray:
    """Profiles whose lowest blocks all stand above the level of their neighbours."""
    rate = blocks.rate
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = (rate - level) / np.sqrt(level / blocks.bins)
    ordered = np.sort(excess, axis=0)
    number = np.isfinite(excess).sum(axis=0)
    lowest = np.maximum(number // 3, 1)
    ranks = np.arange(rate.shape[0])[:, None]
    chosen = (ranks < lowest) & np.isfinite(ordered)
    score = np.where(chosen, ordered, 0).sum(axis=0) / np.sqrt(np.maximum(lowest, 1))
    # The low third of pure noise lies about one sigma a block below zero.
    score = score + _lowest_bias(1 / 3) * np.sqrt(lowest)
    high = score > settings.burst_sigma
    return high & ~_longer_than(high, settings.burst_longest_profiles)


def _longer_than(flag: np.ndarray, longest: int) -> np.ndarray:
    """Runs of True of more than `longest`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flag.astype(np.int8), [0]])))
    out = np.zeros_like(flag)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start > longest:
            out[start:stop] = True
    return out
