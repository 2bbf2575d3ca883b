"""The upper side of the main layer, which is background to clouds.

The layer is bright, and its upper side moves with the tide by several km in hours. Unlike a cloud it is steady
for tens of minutes, joins the layer without a gap, and falls steeply with altitude. So its density is the running
median in time of each row, made to fall upwards from one row to the next by at least the factor of a scale height.
A cloud above a gap is left out since the gap is, and so is a stripe, which lasts for minutes.
"""

from __future__ import annotations

import numpy as np

from metalclouds.detect.image import Image
from metalclouds.detect.method import Method


def topside_rows(image: Image, method: Method) -> slice:
    """Rows in which the layer's upper side is followed."""
    return slice(image.rows_above(method.topside.bottom_km), image.rows_above(method.topside.top_km))


def expected_topside(
    image: Image, level: np.ndarray, method: Method, found: np.ndarray | None = None
) -> tuple[slice, np.ndarray]:
    """Rows of the layer's upper side and its expected counts there, (row, slot).

    Parameters
    ----------
    level
        background counts in a bin of the source, (slot).
    found
        cells of clouds in these rows, (row, slot), which are left out of the median; where nothing else is in its
        window, the nearest in time counts.

    Returns
    -------
    rows, counts
        rows from `topside_bottom_km` to `topside_top_km`; 0 counts in cells without data.
    """
    rows = topside_rows(image, method)
    bins = image.bins[rows]
    usable = np.isfinite(image.gain) & (image.gain > 0)
    gain = np.where(usable, image.gain, 1.0)
    light = np.where(usable, bins / (gain * image.square_km2[rows, None]), 0.0)
    seen = light if found is None else np.where(found, 0.0, light)
    excess = np.where(seen > 0, image.counts[rows] - bins * np.nan_to_num(level), 0.0)
    block = method.topside.block_profiles
    starts = np.arange(0, image.time.size, block)
    half = max(1, round(30.0 * method.topside.window_minutes / (block * image.step)))
    density = running_median(_block_density(excess, seen, starts), half)
    density = falling(density, image.row_km, method.topside.scale_height_km)
    middle = np.minimum(starts + 0.5 * (block - 1), image.time.size - 1)
    slots = np.arange(image.time.size)
    return rows, light * np.array([np.interp(slots, middle, row) for row in density]).reshape(light.shape)


def _block_density(excess: np.ndarray, light: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Mean density of blocks of slots, NaN without data."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.add.reduceat(excess, starts, axis=1) / np.add.reduceat(light, starts, axis=1)


def running_median(values: np.ndarray, half: int) -> np.ndarray:
    """Median over 2 half + 1 columns, NaN left out; the nearest in its row where there is nothing else, or 0.

    Parameters
    ----------
    values
        any unit, dims (row, slot), NaN where missing.

    Returns
    -------
    ndarray
        in the unit of `values`, dims (row, slot).
    """
    padded = np.pad(values, ((0, 0), (half, half)), constant_values=np.nan)
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=1), axis=2)
    number = np.isfinite(ordered).sum(axis=2)
    middle = np.maximum(number - 1, 0) // 2
    out = np.take_along_axis(ordered, middle[:, :, None], axis=2)[:, :, 0]
    for row in np.flatnonzero(~number.all(axis=1)):
        out[row] = filled(out[row])
    return out


def filled(row: np.ndarray) -> np.ndarray:
    """NaN replaced by the nearest value, 0 if there is none.

    Parameters
    ----------
    row
        any unit, dims (slot,), NaN where missing.

    Returns
    -------
    ndarray
        in the unit of `row`, dims (slot,).
    """
    good = np.flatnonzero(np.isfinite(row))
    if not good.size:
        return np.zeros_like(row)
    column = np.arange(row.size)
    after = np.clip(np.searchsorted(good, column), 0, good.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(np.abs(good[before] - column) <= np.abs(good[after] - column), before, after)
    return row[good[nearer]]


def falling(density: np.ndarray, row_km: float, scale_height_km: float) -> np.ndarray:
    """The largest density below the given one that falls upwards at least as exp(-z / scale height).

    Parameters
    ----------
    density
        cm-3, dims (row,).

    Returns
    -------
    ndarray
        cm-3, dims (row,).
    """
    out = np.maximum(density, 0.0)
    share = np.exp(-row_km / scale_height_km)
    for row in range(1, out.shape[0]):
        out[row] = np.minimum(out[row], share * out[row - 1])
    return out
