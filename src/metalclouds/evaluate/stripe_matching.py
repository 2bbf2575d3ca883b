"""Which found stripe belongs to which true one."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from metalclouds.evaluate.scores import groups

# A found stripe may belong to a true one if they share this part of the shorter one's altitudes and pass each other
# within one profile (s) and one width.
SHARED_ALTITUDES = 0.3
MATCH_SECONDS = 33.3
MATCH_WIDTHS = 1.0


def track(stripe: pd.Series, altitude: np.ndarray) -> np.ndarray:
    """Seconds (Unix) at which a stripe passes altitudes, by its ends and, where it has one, its curvature.

    Parameters
    ----------
    stripe
        a row of stripes.csv, found or true.
    altitude
        km, dims (altitude,).

    Returns
    -------
    ndarray
        s since 1970, dims (altitude,).
    """
    start, end = (stripe[name].timestamp() for name in ("time_bottom", "time_top"))
    length = max(stripe["top_km"] - stripe["bottom_km"], 1e-6)
    rise = altitude - stripe["bottom_km"]
    bend = stripe.get("curvature_s_per_km2", 0.0)
    bend = bend if np.isfinite(bend) else 0.0
    return start + (end - start) * rise / length + bend * rise * (rise - length)


def shared(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Altitudes (km) that two stripes share; empty if too few.

    Parameters
    ----------
    one, other
        rows of stripes.csv.

    Returns
    -------
    ndarray
        km, dims (5,) or (0,).
    """
    low, high = max(one["bottom_km"], other["bottom_km"]), min(one["top_km"], other["top_km"])
    shorter = min(one["top_km"] - one["bottom_km"], other["top_km"] - other["bottom_km"])
    return np.linspace(low, high, 5) if high - low > SHARED_ALTITUDES * shorter else np.empty(0)


def passing(truth: pd.Series, found: pd.Series) -> float:
    """Median time (s) between two stripes over the altitudes that they share; infinite where that is too long.

    Parameters
    ----------
    truth, found
        rows of stripes.csv, the true one with `width_s`.
    """
    altitude = shared(truth, found)
    if not altitude.size:
        return math.inf
    seconds = float(np.median(np.abs(track(truth, altitude) - track(found, altitude))))
    return seconds if seconds <= MATCH_SECONDS + MATCH_WIDTHS * truth["width_s"] else math.inf


def match_night(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[list[tuple[int, int]], int]:
    """Pairs of labels (true, found), one to one with least time between them, and the number of fragments.

    A fragment is a found stripe that lies on a true one which already has a partner.

    Parameters
    ----------
    truth, found
        stripes of one night, a row a stripe.
    """
    cost = np.array([[passing(one, other) for _, other in found.iterrows()] for _, one in truth.iterrows()])
    if not cost.size:
        return [], 0
    rows, others = linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e9))
    pairs = [(i, j) for i, j in zip(rows, others, strict=True) if np.isfinite(cost[i, j])]
    single = set(range(len(found))) - {j for _, j in pairs}
    fragments = sum(bool(np.isfinite(cost[:, j]).any()) for j in single)
    return [(truth.index[i], found.index[j]) for i, j in pairs], fragments


def match(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[list[tuple[int, int]], int]:
    """`match_night` over all nights.

    Parameters
    ----------
    truth, found
        stripes of all nights, a row a stripe.
    """
    pairs, fragments = [], 0
    parts = groups(found, "night")
    for night, one in groups(truth, "night").items():
        if night in parts:
            more, pieces = match_night(one, parts[night])
            pairs += more
            fragments += pieces
    return pairs, fragments


def true_slowness(truth: pd.Series, found: pd.Series) -> float:
    """Mean slowness (s/km) of a true stripe between the ends of the found one that belongs to it.

    Parameters
    ----------
    truth, found
        rows of stripes.csv.
    """
    low, high = max(truth["bottom_km"], found["bottom_km"]), min(truth["top_km"], found["top_km"])
    seconds = track(truth, np.array([low, high]))
    return float((seconds[1] - seconds[0]) / max(high - low, 1e-6))
