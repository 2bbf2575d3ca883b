"""Groups of parallel stripes and how parallel they are."""

from __future__ import annotations

import math

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes.model import Stripe


def linked(stripes: list[Stripe], method: Method) -> np.ndarray:
    """Pairs of neighbours, (stripe, stripe): near in time, overlapping in altitude, of like slowness.

    Returns
    -------
    ndarray
        bool.
    """
    theta = np.array([stripe.theta[:3] for stripe in stripes])
    low, high = np.array([stripe.ends for stripe in stripes]).T
    variance = np.array([stripe.covariance[1, 1] for stripe in stripes])
    bottom, top = np.maximum.outer(low, low), np.minimum.outer(high, high)
    u = 0.5 * (bottom + top) - 0.5 * (low + high)[:, None]  # middle of what a pair shares, from each one's middle
    time = theta[:, :1] + theta[:, 1:2] * u + theta[:, 2:] * (u**2 - (high - low)[:, None] ** 2 / 12.0)
    spread = np.hypot(method.groups.slowness_s_per_km, 2.0 * np.sqrt(np.add.outer(variance, variance)))
    near = np.abs(time - time.T) <= 60.0 * method.groups.gap_minutes
    return (top > bottom) & near & (np.abs(np.subtract.outer(theta[:, 1], theta[:, 1])) <= spread)


def groups(stripes: list[Stripe], method: Method) -> list[int]:
    """Number of the group of each stripe, from 1 in order of the stripes; 0 for a stripe without a neighbour."""
    if not stripes:
        return []
    near, group = linked(stripes, method), np.arange(len(stripes))
    while True:
        # Each takes the lowest number among its neighbours', until nothing changes; each is its own neighbour.
        lowest = np.where(near, group, group.size).min(axis=1)
        if np.array_equal(lowest, group):
            break
        group = lowest
    roots, sizes = np.unique(group, return_counts=True)
    order = {int(root): n + 1 for n, root in enumerate(roots[sizes > 1])}
    return [order.get(int(root), 0) for root in group]


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
