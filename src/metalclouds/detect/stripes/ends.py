"""Where a stripe begins and ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.model import Patch, Stripe


@dataclass(frozen=True)
class Ends:
    """Ends of a stripe from the likelihood along its line."""

    edges: tuple[float, float]
    sigma: tuple[float, float]
    presence: np.ndarray
    clear_significance: float


def find_ends(
    patch: Patch, expected: np.ndarray, stripe: Stripe, method: Method, body: bool = False, peaked: bool = False
) -> Ends:
    """Ends (km) from the likelihood along the line, continued straight beyond its ends.

    The top may lie at the upper edge of any row above the middle; its probability is the exponential of the log
    likelihood gained up to there. The end is the median of these, its error their spread; likewise the bottom.
    A row's density is taken a little low on purpose: one that is overestimated by more than 2 would argue against
    a stripe that is there, one that is underestimated loses little. Beyond the ends it is the mean, since the end
    knots are the least certain. Where a `body` is sought, a stripe may go on above a bright foot with much less.
    A `peaked` one, bright and short, goes on where a row shows far less than the mean.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    presence = np.empty(patch.altitude.size)
    footed = body and stripe.ends[0] < method.flare.straight_bottom_km
    faint = method.ends.body_share * float(stripe.theta[kernels.FIRST_DENSITY :].mean()) if footed else 0.0
    share = method.ends.floor if peaked else method.ends.density_share
    bottom, top, bottom_sigma, top_sigma, clear = kernels.reaches(
        stripe.theta, patch.counts, expected, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, np.array(stripe.ends), share, method.ends.floor,
        method.ends.sigma, clear_altitude(stripe, method), faint, method.ends.body_loss, presence,
    )  # fmt: skip
    least = 0.3  # an edge inside a row: a uniform share of it
    sigma = (patch.row_km * math.hypot(least, bottom_sigma), patch.row_km * math.hypot(least, top_sigma))
    return Ends((bottom, top), sigma, presence, clear)


def clear_altitude(stripe: Stripe, method: Method) -> float:
    """Altitude (km) above which thin layers cannot be taken for the stripe: their waves are flat, and reach up."""
    flat = abs(float(stripe.theta[1])) > method.accept.foot_slowness_s_per_km
    return method.accept.clear_of_waves_km if flat else method.accept.clear_km


def is_peaked(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe is bright and so short that its one density does not follow it: it fades at both ends."""
    return stripe.theta.size == kernels.FIRST_DENSITY + 1 and stripe.significance >= method.ends.peaked_sigma
