"""Which found stripe belongs to which true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from metalclouds.evaluate.scores import groups

# A found stripe may belong to a true one if they share this part of the shorter one's altitudes and pass each other
# within one profile (s) and one width.
SHARED_ALTITUDES = 0.3
MATCH_SECONDS = 33.3
MATCH_WIDTHS = 1.0
TIMES, ENDS, BEND = ("time_bottom", "time_top"), ("bottom_km", "top_km"), "curvature_s_per_km2"


@dataclass(frozen=True)
class Tracks:
    """Lines of stripes by their ends and, where they have one, their curvature; arrays of any dims."""

    start: np.ndarray  # s since 1970, at the bottom
    end: np.ndarray  # s since 1970, at the top
    bottom: np.ndarray  # km
    top: np.ndarray  # km
    bend: np.ndarray  # s/km2

    @classmethod
    def of(cls, stripes: pd.DataFrame) -> Tracks:
        """Those of a table.

        Parameters
        ----------
        stripes
            rows of stripes.csv, found or true.
        """
        start, end = (stripes[name].to_numpy("datetime64[us]").astype(float) / 1e6 for name in TIMES)
        bottom, top = (stripes[name].to_numpy(float) for name in ENDS)
        bend = stripes[BEND].to_numpy(float) if BEND in stripes else np.zeros(len(stripes))
        return cls(start, end, bottom, top, np.where(np.isfinite(bend), bend, 0.0))

    def down(self) -> Tracks:
        """The same with dims (stripe, 1)."""
        return Tracks(*(part[:, None] for part in (self.start, self.end, self.bottom, self.top, self.bend)))

    def at(self, altitude: np.ndarray) -> np.ndarray:
        """Seconds (s since 1970) at which the stripes pass altitudes.

        Parameters
        ----------
        altitude
            km, dims (..., stripe).

        Returns
        -------
        ndarray
            dims of `altitude`.
        """
        length, rise = np.maximum(self.top - self.bottom, 1e-6), altitude - self.bottom
        return self.start + (self.end - self.start) * rise / length + self.bend * rise * (rise - length)


def passing(truth: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Median time (s) between stripes over the altitudes that they share; infinite where that is too long.

    Parameters
    ----------
    truth, found
        rows of stripes.csv, the true ones with `width_s`.

    Returns
    -------
    ndarray
        dims (true, found).
    """
    one, other = Tracks.of(truth).down(), Tracks.of(found)
    low, high = np.maximum(one.bottom, other.bottom), np.minimum(one.top, other.top)
    shorter = np.minimum(one.top - one.bottom, other.top - other.bottom)
    altitude = np.linspace(low, high, 5)
    seconds = np.median(np.abs(one.at(altitude) - other.at(altitude)), axis=0)
    most = MATCH_SECONDS + MATCH_WIDTHS * truth["width_s"].to_numpy(float)[:, None]
    return np.where((high - low > SHARED_ALTITUDES * shorter) & (seconds <= most), seconds, np.inf)


def match_night(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[list[tuple[int, int]], int]:
    """Pairs of labels (true, found), one to one with least time between them, and the number of fragments.

    A fragment is a found stripe that lies on a true one which already has a partner.

    Parameters
    ----------
    truth, found
        stripes of one night, a row a stripe.
    """
    if truth.empty or found.empty:
        return [], 0
    cost = passing(truth, found)
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


def true_slowness(truth: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Mean slowness (s/km) of true stripes between the ends of the found ones that belong to them.

    Parameters
    ----------
    truth, found
        rows of stripes.csv, pair by pair.

    Returns
    -------
    ndarray
        dims (pair,).
    """
    line, other = Tracks.of(truth), Tracks.of(found)
    low, high = np.maximum(line.bottom, other.bottom), np.minimum(line.top, other.top)
    return (line.at(high) - line.at(low)) / np.maximum(high - low, 1e-6)
