"""Clouds in the coarse image: variance-stabilised box sums at several scales, hysteresis, components."""

from __future__ import annotations

import math

import cc3d
import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def integral(values: np.ndarray) -> np.ndarray:
    """Sums over all cells below and before, (row + 1, slot + 1), float64: box sums are exact differences.

    Parameters
    ----------
    values
        any unit, dims (row, slot).

    Returns
    -------
    ndarray
        in the unit of `values`.
    """
    rows, slots = values.shape
    out = np.zeros((rows + 1, slots + 1))
    for k in range(rows):
        line = 0.0
        for i in range(slots):
            line += values[k, i]
            out[k + 1, i + 1] = out[k, i + 1] + line
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _band(table: np.ndarray, low: int, high: int, half_slots: int, out: np.ndarray) -> None:
    """Sums over the rows [low, high) up to each slot, continued flat by half_slots beyond both ends."""
    slots = table.shape[1]
    upper, lower, inner = table[high], table[low], out[half_slots : half_slots + slots]
    for i in range(slots):
        inner[i] = upper[i] - lower[i]
    out[:half_slots] = inner[0]
    out[half_slots + slots :] = inner[slots - 1]


@njit(nogil=True, cache=True, error_model="numpy")
def box_score(
    counts: np.ndarray, expected: np.ndarray, half_rows: int, half_slots: int, relative: float
) -> np.ndarray:
    """Significance of the box around each cell, from the integrals of counts and of the background expected.

    Anscombe: 2 (sqrt(N + 3/8) - sqrt(M + 1/8)) is a standard normal for Poisson counts N of mean M >= 1. A
    relative error of the background adds M^2 relative^2 to the variance. Boxes are cut at the edges; one that
    expects less than a count gives 0.

    Parameters
    ----------
    counts, expected
        integrals, dims (row + 1, slot + 1).

    Returns
    -------
    ndarray
        standard deviations, dims (row, slot).
    """
    rows, slots = counts.shape[0] - 1, counts.shape[1] - 1
    out = np.empty((rows, slots), np.float32)
    size = slots + 1 + 2 * half_slots
    # Single precision all through, so that eight cells are done at once.
    zero, one, two = np.float32(0.0), np.float32(1.0), np.float32(2.0)
    eighth, three_eighths, square = np.float32(0.125), np.float32(0.375), np.float32(relative * relative)
    number, mean = np.empty(size), np.empty(size)
    for k in range(rows):
        low, high = max(k - half_rows, 0), min(k + half_rows + 1, rows)
        _band(counts, low, high, half_slots, number)
        _band(expected, low, high, half_slots, mean)
        reach = 2 * half_slots + 1
        number_high, number_low = number[reach:], number[: size - reach]
        mean_high, mean_low, target = mean[reach:], mean[: size - reach], out[k]
        for i in range(slots):
            m = np.float32(mean_high[i] - mean_low[i])
            n = np.float32(number_high[i] - number_low[i])
            m = max(m, zero)
            n = max(n, zero)
            score = two * (math.sqrt(n + three_eighths) - math.sqrt(m + eighth)) / math.sqrt(one + m * square)
            target[i] = score if m >= one else zero
    return out


def cell_significance(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Signed root of the Poisson deviance of each cell, float32; NaN where nothing was observed.

    sign(N - M) sqrt(2 (N ln(N / M) - N + M)): nearly standard normal down to a few counts.

    Parameters
    ----------
    counts, expected
        counts in a cell, dims (row, slot).

    Returns
    -------
    ndarray
        standard deviations, dims (row, slot).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        number = np.maximum(counts, 0.0)
        term = np.where(number > 0, number * np.log(number / expected), 0.0)
        deviance = np.maximum(2.0 * (term - number + expected), 0.0)
        out = np.sign(number - expected) * np.sqrt(deviance)
    return np.where(expected > 0, out, np.nan).astype(np.float32)


def scale_scores(
    summed: np.ndarray, mean: np.ndarray, scales: tuple[tuple[int, int], ...], relative: float
) -> list[np.ndarray]:
    """Box scores of each scale from the integrals of counts and background.

    Rows [a, b) of an integral of b - a + 1 rows are the integral of the image cropped to them, up to a constant
    that differences do not see.

    Parameters
    ----------
    summed, mean
        integrals of counts and expected counts, dims (row + 1, slot + 1).

    Returns
    -------
    list
        standard deviations, dims (row, slot), one a scale.
    """
    return [box_score(summed, mean, rows // 2, slots // 2, relative) for rows, slots in scales]


def cloud_mask(scores: list[np.ndarray], high: float, low: float, least_cells: int) -> np.ndarray:
    """Labels of the clouds, uint32 (row, slot), 0 where there is none.

    A cell belongs to a cloud where any scale exceeds `low` and its component reaches `high` somewhere; a large
    box counts only where the next smaller one is at least positive at half of `low`, so that clouds do not grow
    by the box's size.

    Parameters
    ----------
    scores
        standard deviations, dims (row, slot), one a scale.

    Returns
    -------
    ndarray
        dims (row, slot).
    """
    grown, seeds = np.zeros(scores[0].shape, np.uint8), np.zeros(scores[0].shape, np.uint8)
    for small, large in zip([scores[0], *scores], scores, strict=False):
        mark(small, large, low, high, grown, seeds)
    labels = cc3d.connected_components(grown, connectivity=8)
    return keep_components(labels, seeds, least_cells)


@njit(nogil=True, cache=True, error_model="numpy")
def mark(
    small: np.ndarray, large: np.ndarray, low: float, high: float, grown: np.ndarray, seeds: np.ndarray
) -> None:  # fmt: skip
    """Mark in place the cells where a box exceeds `low` or `high` and the next smaller one half of `low`.

    Parameters
    ----------
    small, large
        scores of two scales, standard deviations, dims (row, slot).
    grown, seeds
        are marked, uint8, dims (row, slot).
    """
    one = np.uint8(1)
    for k in range(small.shape[0]):
        inner, outer, cells, starts = small[k], large[k], grown[k], seeds[k]
        for i in range(inner.size):
            inside = inner[i] > np.float32(0.5 * low)
            cells[i] |= one * (inside & (outer[i] > np.float32(low)))
            starts[i] |= one * (inside & (outer[i] > np.float32(high)))


@njit(nogil=True, cache=True, error_model="numpy")
def keep_components(labels: np.ndarray, seeds: np.ndarray, least_cells: int) -> np.ndarray:
    """Drop components without a seed or with too few cells; renumber from 1 in order of their labels, uint32.

    Parameters
    ----------
    labels, seeds
        dims (row, slot).

    Returns
    -------
    ndarray
        dims (row, slot).
    """
    rows, slots = labels.shape
    largest = 0
    for k in range(rows):
        for i in range(slots):
            largest = max(largest, int(labels[k, i]))
    out = np.zeros(labels.shape, np.uint32)
    if largest == 0:
        return out
    cells, seeded = np.zeros(largest + 1, np.int64), np.zeros(largest + 1, np.bool_)
    for k in range(rows):
        for i in range(slots):
            cells[labels[k, i]] += 1
            seeded[labels[k, i]] |= seeds[k, i] > 0
    renumber, number = np.zeros(largest + 1, np.uint32), 0
    for label in range(1, largest + 1):
        if seeded[label] and cells[label] >= least_cells:
            number += 1
            renumber[label] = number
    for k in range(rows):
        for i in range(slots):
            out[k, i] = renumber[labels[k, i]]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def box_ratio(counts: np.ndarray, expected: np.ndarray, half_rows: int, half_slots: int) -> np.ndarray:
    """Counts over expected counts in the box around each cell, 1 where nothing was observed.

    Parameters
    ----------
    counts, expected
        integrals, dims (row + 1, slot + 1).

    Returns
    -------
    ndarray
        1, dims (row, slot).
    """
    rows, slots = counts.shape[0] - 1, counts.shape[1] - 1
    out = np.ones((rows, slots))
    for k in range(rows):
        low, high = max(k - half_rows, 0), min(k + half_rows + 1, rows)
        for i in range(slots):
            left, right = max(i - half_slots, 0), min(i + half_slots + 1, slots)
            mean = expected[high, right] - expected[low, right] - expected[high, left] + expected[low, left]
            if mean > 0.0:
                number = counts[high, right] - counts[low, right] - counts[high, left] + counts[low, left]
                out[k, i] = number / mean
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def lift(
    base: np.ndarray, counts: np.ndarray, expected: np.ndarray, half_rows: int, half_slots: int, least: float
) -> None:  # fmt: skip
    """Multiply base, in place, by the ratio of the box around each cell where its significance exceeds `least`.

    `counts` and `expected` are integrals as for `box_score`; its score exceeds s where
    N > M + s sqrt(M + 1/8) + s^2 / 4 - 1/4.

    Parameters
    ----------
    base
        counts in a cell, dims (row, slot), changed in place.
    counts, expected
        integrals, dims (row + 1, slot + 1).
    """
    rows, slots = base.shape
    for k in range(rows):
        low, high = max(k - half_rows, 0), min(k + half_rows + 1, rows)
        for i in range(slots):
            left, right = max(i - half_slots, 0), min(i + half_slots + 1, slots)
            mean = expected[high, right] - expected[low, right] - expected[high, left] + expected[low, left]
            number = counts[high, right] - counts[low, right] - counts[high, left] + counts[low, left]
            if mean >= 1.0 and number > mean + least * math.sqrt(mean + 0.125) + 0.25 * (least * least - 1.0):
                base[k, i] *= number / mean


def region_score(counts: np.ndarray, expected: np.ndarray, cells: np.ndarray) -> float:
    """Significance of all the light of some cells together (Anscombe).

    Parameters
    ----------
    counts, expected
        counts in a cell, dims (row, slot).
    cells
        bool, dims (row, slot).
    """
    # The counts that stand for a density may have a background below none.
    number, mean = float(counts[cells].sum()), max(float(expected[cells].sum()), 0.0)
    return 2.0 * (math.sqrt(max(number, 0.0) + 0.375) - math.sqrt(mean + 0.125))
