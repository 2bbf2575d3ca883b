"""The coarse image of a night: counts summed over rows of about 1.44 km, on a regular axis of profile slots.

Rebinning 15 bins of 96 m loses nothing (a stripe moves by far less than a profile in 1.44 km, unless its
slowness is large) and makes a night small enough for the processor's cache.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numba import njit


@dataclass(frozen=True)
class Image:
    """Counts of one night on (row, slot).

    `counts` are detected photons, or what stands for them where the source holds a density (noise.py); an empty
    slot or cell has `bins` 0. n = gain(slot) * square_km2(row) * (counts / bins - background), in cm-3.
    """

    time: np.ndarray  # (slot) s from the night's 00 UT, middle of the accumulation; interpolated where empty
    exposure: np.ndarray  # (slot) s
    altitude: np.ndarray  # (row) km above sea level, middle of the row
    row_km: float
    range_km: np.ndarray  # (row) km from the lidar
    # (row) its square, by which noise grows; of a density whose noise grows otherwise, what takes its place
    square_km2: np.ndarray
    counts: np.ndarray  # (row, slot) float32
    bins: np.ndarray  # (row, slot) float32, usable bins of the source
    gain: np.ndarray  # (slot) cm-3 km-2
    given_background: np.ndarray  # (slot) counts in a bin of the source, NaN where there is none
    given_background_error: np.ndarray  # (slot)
    source: np.ndarray  # (slot) index of the profile in the source, -1 where empty
    # (slot) background known beforehand, e.g. of a density from its noise; the level is sought as a multiple of it
    level_shape: np.ndarray | None = None

    @functools.cached_property
    def step(self) -> float:
        """Time between slots (s)."""
        return float(np.median(np.diff(self.time))) if self.time.size > 1 else float(self.exposure[0])

    def rows_above(self, altitude_km: float) -> int:
        """First row that lies wholly above an altitude."""
        return int(np.searchsorted(self.altitude - 0.5 * self.row_km, altitude_km - 1e-6))


@njit(nogil=True, cache=True, error_model="numpy")
def rebin_counts(counts: np.ndarray, first: np.ndarray, slots: np.ndarray, out: np.ndarray) -> None:
    """Sum unsigned counts (time, bin) into out (row, slot); row k takes the bins first[k] to first[k + 1].

    Parameters
    ----------
    counts
        unsigned, dims (time, bin).
    first
        first bin of each row and one past the last, dims (row + 1,).
    slots
        slot of each profile, dims (time,).
    out
        is added to, dims (row, slot).
    """
    for i in range(counts.shape[0]):
        for k in range(first.size - 1):
            total = 0
            for j in range(first[k], first[k + 1]):
                total += counts[i, j]
            out[k, slots[i]] = total


@njit(nogil=True, cache=True, error_model="numpy")
def rebin_values(
    values: np.ndarray, first: np.ndarray, slots: np.ndarray, out: np.ndarray, bins: np.ndarray
) -> None:  # fmt: skip
    """Sum values (time, bin) into out (row, slot) and count the bins that are not NaN.

    Parameters
    ----------
    values
        any unit, dims (time, bin), NaN where missing.
    first
        first bin of each row and one past the last, dims (row + 1,).
    slots
        slot of each profile, dims (time,).
    out, bins
        are added to, dims (row, slot).
    """
    for i in range(values.shape[0]):
        for k in range(first.size - 1):
            total, number = 0.0, 0
            for j in range(first[k], first[k + 1]):
                value = values[i, j]
                if value == value:
                    total += value
                    number += 1
            out[k, slots[i]] = total
            bins[k, slots[i]] = number


def row_edges(altitude: np.ndarray, row_km: float, bottom_km: float) -> tuple[np.ndarray, float, np.ndarray]:
    """First bin of each row (one more than rows), the rows' height, and their middles (km).

    Parameters
    ----------
    altitude
        km, dims (bin,), ascending.

    Returns
    -------
    tuple
        dims (row + 1,); km; km, dims (row,).
    """
    step = float(np.median(np.diff(altitude)))
    height = max(1, round(row_km / step)) * step
    # Rows are equally high also where bins are not, or are missing.
    start = altitude[np.searchsorted(altitude, bottom_km)] - 0.5 * step
    rows = int((altitude[-1] + 0.5 * step - start) / height + 1e-6)
    edges = start + height * np.arange(rows + 1)
    return np.searchsorted(altitude, edges).astype(np.int64), height, edges[:-1] + 0.5 * height


def slot_axis(time: np.ndarray, longest_gap: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Give each profile a slot on a regular axis; gaps become empty slots, a long gap at most `longest_gap`.

    Parameters
    ----------
    time
        s, dims (time,), increasing.

    Returns
    -------
    slots
        slot of each profile, strictly increasing.
    axis
        time of each slot (s); between profiles interpolated.
    step
        median step (s).
    """
    if time.size == 1:
        return np.zeros(1, np.int64), time.copy(), 33.0
    steps = np.diff(time)
    step = float(np.median(steps))
    jumps = np.clip(np.rint(steps / step), 1, longest_gap).astype(np.int64)
    # Small drifts of the step must not add up: a jump of one stays one, a gap is rounded by itself.
    slots = np.concatenate([[0], np.cumsum(jumps)])
    axis = np.interp(np.arange(slots[-1] + 1), slots, time)
    return slots, axis, step


def on_slots(values: np.ndarray, slots: np.ndarray, size: int, fill: float = np.nan) -> np.ndarray:
    """Values of the profiles on the axis of slots.

    Parameters
    ----------
    values
        any unit, dims (time,).
    slots
        slot of each profile, dims (time,).

    Returns
    -------
    ndarray
        in the unit of `values`, dims (slot,).
    """
    out = np.full(size, fill, dtype=np.float64)
    out[slots] = values
    return out
