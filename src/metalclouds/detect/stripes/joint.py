"""Fit of neighbouring stripes together: where their light overlaps, one's slowness depends on the other's."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.fit import priors
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, add, model_of


def overlap(a: Stripe, b: Stripe, step: float) -> bool:
    """Whether the light of two stripes falls into the same cells somewhere."""
    low, high = max(a.ends[0], b.ends[0]), min(a.ends[1], b.ends[1])
    reach = step + 0.5 * FWHM * (math.exp(a.theta[3]) + math.exp(b.theta[3]))
    if high <= low or abs(a.theta[0] - b.theta[0]) > a.longest + b.longest + reach:
        return False
    z = np.linspace(low, high, 9)
    apart = a.time_at(z) - b.time_at(z)
    return bool(np.abs(apart).min() < reach or apart.min() < 0 < apart.max())


def clusters(stripes: list[Stripe], step: float) -> list[list[int]]:
    """Indices of the stripes that hang together by their overlaps, two or more each."""
    left, out = set(range(len(stripes))), []
    while left:
        cluster, new = [], [min(left)]
        while new:
            i = new.pop()
            left.discard(i)
            cluster.append(i)
            touching = [j for j in sorted(left) if overlap(stripes[i], stripes[j], step)]
            left.difference_update(touching)
            new += touching
        if len(cluster) > 1:
            out.append(sorted(cluster))
    return out


def fit_overlapping(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """The stripes with those that overlap fitted together, ends held; covariances as of the joint fit.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    out = list(stripes)
    current = expected + model_of(out, patch)
    for cluster in clusters(out, patch.step):
        if len(cluster) > method.errors.joint_most:
            continue
        for i in cluster:
            add(out[i], patch, -1.0, current)
        together = _fit_together([out[i] for i in cluster], patch, current, method)
        for i, stripe in zip(cluster, together, strict=True):
            out[i] = stripe
            add(stripe, patch, 1.0, current)
    return out


def _window(stripes: list[Stripe], patch: Patch) -> tuple[slice, slice]:
    """Rows and slots that the stripes' light reaches."""
    rows = np.flatnonzero(np.any([s.presence > 0 for s in stripes], axis=0))
    z = patch.altitude[[rows[0], rows[-1]]]
    times = np.concatenate([s.time_at(np.clip(z, *s.ends)) for s in stripes])
    reach = 3 * max(float(np.exp(s.theta[3])) for s in stripes) + patch.step
    low, high = np.searchsorted(patch.time, [times.min() - reach, times.max() + reach])
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(low), int(high))


def _fit_together(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """Newton steps of all parameters at once; a step that leads downhill is shortened."""
    cut = _window(stripes, patch)
    part = replace(
        patch, counts=patch.counts[cut], background=patch.background[cut],
        coefficient=np.ascontiguousarray(patch.coefficient[cut]), time=patch.time[cut[1]],
        exposure=patch.exposure[cut[1]], altitude=patch.altitude[cut[0]],
    )  # fmt: skip
    cropped = [replace(s, presence=np.ascontiguousarray(s.presence[cut[0]])) for s in stripes]
    known = [priors(s.theta, s.shape is not None, method) for s in stripes]
    mean, precision, largest = (np.concatenate([k[n] for k in known]) for n in range(3))
    edges = np.cumsum([s.theta.size for s in stripes])[:-1]
    theta = np.concatenate([s.theta for s in stripes])
    kept, covariance, step, best = theta, np.eye(theta.size), np.zeros(theta.size), -math.inf
    for _ in range(method.errors.joint_steps):
        value, score, information = _newton(theta, edges, cropped, part, expected[cut])
        value -= 0.5 * float(np.sum(precision * (theta - mean) ** 2))
        if value < best:
            step = 0.3 * step
        else:
            kept, best = theta, value
            covariance = np.linalg.inv(information + np.diag(precision + 1e-9))
            step = np.clip(covariance @ (score - precision * (kept - mean)), -largest, largest)
        theta = _bounded(kept + step, edges)
    return [
        _with(stripe, own, block)
        for stripe, own, block in zip(stripes, np.split(kept, edges), _blocks(covariance, edges), strict=True)
    ]


def _bounded(theta: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Parameters with positive densities."""
    parts = np.split(theta.copy(), edges)
    for part in parts:
        part[kernels.FIRST_DENSITY :] = np.maximum(part[kernels.FIRST_DENSITY :], 1e-3)
    return np.concatenate(parts)


def _newton(
    theta: np.ndarray, edges: np.ndarray, stripes: list[Stripe], patch: Patch, expected: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood ratio against no stripe, score and Fisher information of all stripes on top of the expected."""
    own = [replace(stripe, theta=part) for stripe, part in zip(stripes, np.split(theta, edges), strict=True)]
    light = model_of(own, patch)
    lit = (light > 0) & (patch.coefficient > 0)
    cell = np.where(lit, np.cumsum(lit).reshape(lit.shape) - 1, -1)
    gradient = np.zeros((theta.size, int(lit.sum())))
    for stripe, part in zip(own, np.split(gradient, edges), strict=True):
        kernels.gradients(
            stripe.theta, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
            stripe.presence, np.array(stripe.ends), cell, part,
        )  # fmt: skip
    counts, below, above = patch.counts[lit], expected[lit], light[lit]
    mean = below + above
    value = float(np.sum(counts * np.log(mean / below) - above))
    weighted = gradient / mean
    return value, weighted @ (counts - mean), weighted @ gradient.T


def _blocks(covariance: np.ndarray, edges: np.ndarray) -> list[np.ndarray]:
    """The diagonal blocks."""
    bounds = [0, *edges.tolist(), covariance.shape[0]]
    return [covariance[a:b, a:b] for a, b in itertools.pairwise(bounds)]


def _with(stripe: Stripe, theta: np.ndarray, covariance: np.ndarray) -> Stripe:
    shape = None if stripe.shape is None else (theta, covariance)
    return replace(stripe, theta=theta, covariance=covariance, shape=shape)
