"""What a stripe is above its flare: below some 130 km it widens and brightens."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.ends import Ends
from metalclouds.detect.stripes.fit import fit_between, fit_shape
from metalclouds.detect.stripes.model import FWHM, Failure, Patch, Stripe, covering, knots_for, rebased


def above_flare(patch: Patch, stripe: Stripe, method: Method) -> np.ndarray:
    """Presence of a stripe (row) in the rows above the flare, 0 below.

    Returns
    -------
    ndarray
        0 to 1, dims (row,).
    """
    top = float(patch.altitude[-1] + patch.row_km)
    return np.minimum(stripe.presence, covering(patch, (method.flare.straight_bottom_km, top)))


def upper_part(patch: Patch, stripe: Stripe, expected: np.ndarray, method: Method) -> Stripe | None:
    """The part of a stripe above the flare, fitted by itself; None if it has no flare or is too short above.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    bottom = method.flare.straight_bottom_km
    if stripe.ends[0] >= bottom or stripe.ends[1] - bottom < method.flare.straight_least_km:
        return None
    edges = (bottom, stripe.ends[1])
    presence = above_flare(patch, stripe, method)
    start = rebased(stripe, edges, knots_for(stripe.clear_significance, edges[1] - edges[0], method))
    if stripe.clear_significance > method.fit.shape_sigma:
        ends = Ends(edges, stripe.ends_sigma, presence, stripe.clear_significance)
        return fit_shape(patch, expected, start, ends, method)
    return fit_between(patch, expected, start, edges, False, method, presence)


def with_line_above_flare(patch: Patch, expected: np.ndarray, stripe: Stripe, method: Method) -> Stripe:
    """A stripe with the line, width and density of its part above the flare, if it has a flare.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    part = upper_part(patch, stripe, expected, method)
    return with_line_of(stripe, part) if part is not None and flares(stripe, part, method) else stripe


def flares(stripe: Stripe, part: Stripe, method: Method) -> bool:
    """Whether the part above has another slowness or width than the whole, at which its flare then pulls.

    Of two estimates, one from a part of the other's data, the difference has the difference of the variances
    (Hausman 1978, Econometrica 46, 1251). Without a flare the whole is the better one.
    """
    if not np.isfinite(part.theta).all() or not (np.diag(part.covariance)[[1, 3]] > 0).all():
        return False
    slowness = float(part.theta[1] + 2 * part.theta[2] * (stripe.middle - part.middle) - stripe.theta[1])
    width = math.log(float(part.sigma_at(part.middle)) / float(stripe.sigma_at(part.middle)))
    return any(
        abs(difference) > method.flare.flare_sigma * _spread_of_difference(stripe, part, index)
        for difference, index in ((slowness, kernels.SLOWNESS), (width, kernels.LOG_WIDTH))
    )


def _spread_of_difference(stripe: Stripe, part: Stripe, index: int) -> float:
    variance = float(part.covariance[index, index])
    return math.sqrt(max(variance - float(stripe.covariance[index, index]), 0.05 * variance))


def with_line_of(stripe: Stripe, part: Stripe) -> Stripe:
    """A stripe with the line, width and density of a part of it, and that part's errors of slowness and width."""
    covariance = stripe.covariance.copy()
    for index in (kernels.SLOWNESS, kernels.LOG_WIDTH):
        covariance[index, :] = covariance[:, index] = 0.0
        covariance[index, index] = part.covariance[index, index]
    theta = rebased(part, stripe.ends, stripe.theta.size - kernels.FIRST_DENSITY)
    return replace(stripe, theta=theta, covariance=covariance, flared=True)


def without_flares(stripes: list[Stripe], patch: Patch, method: Method) -> list[Stripe]:
    """Without the pieces that are the foot of a longer stripe.

    Among the thin layers these are its flare, on whose line they lie; elsewhere short pieces that begin where it
    ends: a trail turns round where ions leave the field line.
    """
    out = []
    for stripe in stripes:
        top = method.settings.stripe_least_top_km
        if any(
            (stripe.ends[1] < top <= other.ends[1] and _flare_of(stripe, other, patch, method))
            or _hook_of(stripe, other, patch, method)
            for other in stripes
            if other is not stripe
        ):
            patch.reject(stripe, Failure("foot", math.nan, math.nan))
        else:
            out.append(stripe)
    return out


def _hook_of(piece: Stripe, stripe: Stripe, patch: Patch, method: Method) -> bool:
    """Whether a piece begins where a longer stripe ends, within a width of it."""
    if piece.length > method.pieces.hook_share * stripe.length:
        return False
    lower = piece.middle < stripe.middle
    end = stripe.ends[0] if lower else stripe.ends[1]
    gap = max(piece.ends[0] - end, end - piece.ends[1], 0.0)
    inside = stripe.length * method.pieces.hook_inside
    beyond = piece.middle < end + inside if lower else piece.middle > end - inside
    if gap > method.pieces.hook_gap_km or not beyond or end > method.pieces.hook_top_km:
        return False
    z = float(np.clip(end, *piece.ends))
    width = FWHM * max(float(piece.sigma_at(z)), float(stripe.sigma_at(stripe.ends[0] if lower else stripe.ends[1])))
    slope = float(stripe.theta[1] + 2 * stripe.theta[2] * (end - stripe.middle))
    there = float(stripe.time_at(end)) + slope * (z - end)
    return abs(float(piece.time_at(z)) - there) < method.pieces.hook_widths * width + 0.5 * patch.step


def _flare_of(foot: Stripe, stripe: Stripe, patch: Patch, method: Method) -> bool:
    """Whether the line of a stripe leads into a foot below it; a flare may lie half its width beside the line."""
    if stripe.ends[0] - foot.ends[1] > method.pieces.merge_gap_km or stripe.middle < foot.ends[1]:
        return False
    slope = float(stripe.theta[1] + 2 * stripe.theta[2] * (stripe.ends[0] - stripe.middle))
    here = float(stripe.time_at(stripe.ends[0])) + slope * (foot.middle - stripe.ends[0])
    error = math.sqrt(stripe.covariance[1, 1]) * (stripe.middle - foot.middle)
    reach = method.pieces.merge_slots * patch.step + 3 * error + 0.5 * FWHM * math.exp(foot.theta[3])
    return abs(here - float(foot.theta[0])) < reach
