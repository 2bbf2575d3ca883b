"""Groups of parallel stripes and how parallel they are."""

from __future__ import annotations

import math

import numpy as np

from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import Stripe


def linked(a: Stripe, b: Stripe, settings: DetectSettings) -> bool:
    """Whether two stripes are neighbours of one group: near in time, overlapping in altitude, of like slowness."""
    low, high = max(a.ends[0], b.ends[0]), min(a.ends[1], b.ends[1])
    if high <= low:
        return False
    middle = 0.5 * (low + high)
    if abs(float(a.time_at(middle)) - float(b.time_at(middle))) > 60.0 * settings.group_gap_minutes:
        return False
    spread = math.hypot(settings.group_slowness_s_per_km, 2.0 * math.sqrt(a.covariance[1, 1] + b.covariance[1, 1]))
    return abs(a.theta[1] - b.theta[1]) <= spread


def groups(stripes: list[Stripe], settings: DetectSettings) -> list[int]:
    """Number of the group of each stripe, from 1 in order of the stripes; 0 for a stripe without a neighbour."""
    parent = list(range(len(stripes)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i in range(len(stripes)):
        for j in range(i):
            if linked(stripes[i], stripes[j], settings):
                parent[max(root(i), root(j))] = min(root(i), root(j))
    roots = [root(i) for i in range(len(stripes))]
    sizes = np.bincount(roots, minlength=len(stripes)) if roots else np.zeros(0, int)
    order = {r: n + 1 for n, r in enumerate(sorted({r for r in roots if sizes[r] > 1}))}
    return [order.get(r, 0) for r in roots]


def parallelism(stripes: list[Stripe], group: list[int]) -> float:
    """Spread of the slowness inside groups (s/km) beyond its errors; NaN where there is no group.

    Root of the excess of the weighted variance about each group's mean over what the errors alone give.
    """
    excess, freedom = 0.0, 0.0
    for number in sorted(set(group) - {0}):
        chosen = [s for s, g in zip(stripes, group, strict=True) if g == number]
        p = np.array([s.theta[1] for s in chosen])
        weight = 1.0 / np.array([s.covariance[1, 1] for s in chosen])
        mean = np.sum(weight * p) / np.sum(weight)
        excess += np.sum(weight * (p - mean) ** 2) - (p.size - 1)
        freedom += np.sum(weight) - np.sum(weight**2) / np.sum(weight)
    if freedom == 0.0:
        return float("nan")
    return math.sqrt(max(excess / freedom, 0.0))
