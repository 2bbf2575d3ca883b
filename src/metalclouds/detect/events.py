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


def descent_rate(time: np.ndarray, edge: np.ndarray) -> float:
    """Speed at which an edge comes down (m/s), Theil-Sen; NaN with fewer than three points.

    Parameters
    ----------
    time
        s, dims (slot,).
    edge
        km, dims (slot,), NaN where there is none.
    """
    good = np.isfinite(edge)
    return -1000.0 * theil_sen(time[good], edge[good])[0] if good.sum() > 2 else float("nan")


def theil_sen(x: np.ndarray, y: np.ndarray, most: int = 100) -> tuple[float, float]:
    """Slope and offset of a straight line: medians of the slopes of all pairs, and of what is left.

    Of many points some `most`, evenly chosen, are enough.

    Parameters
    ----------
    x, y
        any units, dims (point,).
    """
    every = max(1, x.size // most)
    x, y = x[::every], y[::every]
    one, other = np.triu_indices(x.size, 1)
    slope = float(np.median((y[other] - y[one]) / (x[other] - x[one])))
    return slope, float(np.median(y - slope * x))
