"""Clouds of the mask and their connections to the main layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLOUD, DIRECT, DESCENDING = "cloud", "direct_connection", "descending_merge"


@dataclass(frozen=True)
class Event:
    """A cloud or a connection; times in s of the night, altitudes in km."""

    kind: str
    start: float
    end: float
    bottom: float
    top: float
    start_altitude: float
    end_altitude: float
    descent: float
    significance: float
    p_false: float
    peak_density: float
    detached: bool


def lower_edge(
    density: np.ndarray, altitude: np.ndarray, half_row: float, share: float, floor_km: float
) -> np.ndarray:
    """Lower edge (km) of a cloud in each slot: going down from its peak, where it falls below a share of it.

    A share of the peak and not the limit of the mask, which lies lower for a brighter cloud.

    Parameters
    ----------
    density
        smoothed density (row, slot), NaN outside the cloud.
    floor_km
        the peak is sought above this altitude, so that the main layer is not taken for the cloud's peak.
    """
    out = np.full(density.shape[1], np.nan)
    start = int(np.searchsorted(altitude, floor_km))
    filled = np.where(np.isfinite(density), density, 0.0)
    peaks = start + np.argmax(filled[start:], axis=0)
    for slot in np.flatnonzero(filled[start:].max(axis=0) > 0):
        column, peak = filled[:, slot], int(peaks[slot])
        below = np.flatnonzero(column[: peak + 1] < share * column[peak])
        out[slot] = altitude[below[-1] + 1 if below.size else 0] - half_row
    return out


def merge_onset(
    edge: np.ndarray, time: np.ndarray, merge_km: float, least_descent_km: float, window: int
) -> tuple[int, int] | None:
    """Slots of the start of the descent and of the merging of a cloud's lower edge.

    The edge (running median over `window` slots) must come from at least `least_descent_km` above the altitude
    where it merges.
    """
    slots = np.flatnonzero(np.isfinite(edge))
    if slots.size < window:
        return None
    smooth = running_median(edge[slots], window)
    below = np.flatnonzero(smooth <= merge_km)
    for index in below:
        before = smooth[:index]
        if before.size and np.nanmax(before) >= merge_km + least_descent_km:
            start = int(np.flatnonzero(before >= merge_km + least_descent_km)[-1])
            high = int(np.argmax(before[: start + 1]))
            return int(slots[high]), int(slots[index])
        if index == 0:
            return None
    return None


def running_median(values: np.ndarray, window: int) -> np.ndarray:
    """Median over a centred window, shortened at the ends."""
    half = window // 2
    padded = np.pad(values, half, constant_values=np.nan)
    view = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    return np.nanmedian(view, axis=1)


def descent_rate(time: np.ndarray, edge: np.ndarray) -> float:
    """Speed at which an edge comes down (m/s), Theil-Sen; NaN with fewer than three points."""
    good = np.isfinite(edge)
    if good.sum() < 3:
        return float("nan")
    from scipy.stats import theilslopes

    every = max(1, int(good.sum() // 200))
    return float(-1000.0 * theilslopes(edge[good][::every], time[good][::every])[0])
