"""The fit of one stripe: priors, maximum likelihood, its shape."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.ends import Ends
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, covering


def priors(start: np.ndarray, free_shape: bool, method: Method) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Prior means, precisions and largest steps of the parameters about a start.

    The width of a stripe narrower than a profile and its density cannot be told apart: the prior on ln sigma holds
    the width near `prior_width_s` by a factor e^`prior_width_spread`. Wider ones are held where they
    are, more loosely; a wide or flat stripe may bend more.

    Parameters
    ----------
    start
        parameters, dims (parameter,), units as `Stripe.theta`.

    Returns
    -------
    tuple
        dims (parameter,) each.
    """
    size, spread = start.size, method.fit.prior_width_spread
    mean, precision, step = np.zeros(size), np.zeros(size), np.full(size, np.inf)
    narrow = math.log(method.fit.prior_width_s / FWHM)
    wide = max(1.0, math.exp(min(float(start[3]) - narrow, 5.0)) / 2.0, abs(float(start[1])) / 4.0)
    mean[3] = max(narrow, float(start[3]) - spread)
    curvature = method.fit.prior_curvature * wide if free_shape else 1e-6
    widening = method.fit.prior_widening_per_km if free_shape else 1e-6
    precision[2:5] = curvature**-2, spread**-2, widening**-2
    step[:5] = 30.0 * wide, 2.0 * wide, 0.05, 0.7, 0.01
    return mean, precision, step


def fit_between(
    patch: Patch, expected: np.ndarray, start: np.ndarray, ends: tuple[float, float], free_shape: bool,
    method: Method, presence: np.ndarray | None = None, slowness: float | None = None,
) -> Stripe:  # fmt: skip
    """Fit a stripe between fixed ends from the parameters `start`, with a given slowness if there is one.

    A fit that ends at hardly any width, at the edge of a profile, is made again with the width held by its prior.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    start
        parameters, dims (parameter,), units as `Stripe.theta`.
    presence
        share of each row that the stripe takes, dims (row,); None: from the ends.
    """
    presence = covering(patch, ends) if presence is None else presence
    mean, precision, step = priors(start, free_shape, method)
    start = start.copy()
    if not free_shape:
        start[2] = start[4] = 0.0
    if slowness is not None:
        mean, precision = mean.copy(), precision.copy()
        start[1], mean[1], precision[1] = slowness, slowness, 1e12
        # Within a profile a slope and a width do the same to the light: one of them has to be held.
        precision[3] *= 4
    for held in (False, True):
        if held:
            precision = np.where(np.arange(start.size) == kernels.LOG_WIDTH, 16 * precision, precision)
            start[kernels.FIRST_DENSITY :] *= math.exp(start[kernels.LOG_WIDTH] - mean[kernels.LOG_WIDTH])
            start[kernels.LOG_WIDTH] = mean[kernels.LOG_WIDTH]
        theta, covariance, gain = kernels.fit(
            start, patch.counts, expected, patch.coefficient, patch.time, patch.exposure, patch.altitude,
            patch.row_km, presence, np.array(ends), mean, precision, step, method.fit.rounds,
        )  # fmt: skip
        if FWHM * math.exp(theta[kernels.LOG_WIDTH]) >= method.accept.least_width_s:
            break
    unknown = (patch.row_km, patch.row_km)
    return Stripe(theta, covariance, ends, unknown, presence, math.sqrt(max(2 * gain, 0.0)))


def fit_shape(patch: Patch, expected: np.ndarray, start: np.ndarray, ends: Ends, method: Method) -> Stripe:
    """Fit with curvature and widening free inside their priors.

    The prior of the curvature keeps the slowness of a faint stripe near that of a straight one and gives it the
    error that an unseen bend makes. A straight fit alone is pulled to the slope where a bent stripe is brightest.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    start
        parameters, dims (parameter,), units as `Stripe.theta`.
    """
    free = fit_between(patch, expected, start, ends.edges, True, method, ends.presence)
    return replace(free, shape=(free.theta, free.covariance))


def significance_of(patch: Patch, expected: np.ndarray, stripe: Stripe) -> float:
    """Matched SNR of a stripe as it is on top of all else, from its likelihood ratio.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    size = stripe.theta.size
    gain = kernels.accumulate(
        stripe.theta, patch.counts, expected, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, stripe.presence, np.array(stripe.ends), np.empty((size, size)), np.empty(size),
    )  # fmt: skip
    return math.sqrt(max(2 * gain, 0.0))
