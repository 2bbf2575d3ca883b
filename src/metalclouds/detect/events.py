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
    """Speed at which an edge comes down (m/s), Theil-Sen; NaN with fewer than three points."""
    good = np.isfinite(edge)
    if good.sum() < 3:
        return float("nan")
    from scipy.stats import theilslopes

    every = max(1, int(good.sum() // 200))
    return float(-1000.0 * theilslopes(edge[good][::every], time[good][::every])[0])
