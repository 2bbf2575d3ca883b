"""What a stripe is above its flare: below some 130 km it widens and brightens."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.ends import Ends
from metalclouds.detect.stripes.fit import fit_between, fit_shape
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, covering, knots_for, moved


def above_flare(patch: Patch, stripe: Stripe, settings: DetectSettings) -> np.ndarray:
    """Presence of a stripe (row) in the rows above the flare, 0 below."""
    top = float(patch.altitude[-1] + patch.row_km)
    return np.minimum(stripe.presence, covering(patch, (settings.stripe_straight_bottom_km, top)))


def upper_part(patch: Patch, stripe: Stripe, base: np.ndarray, settings: DetectSettings) -> Stripe | None:
    """The part of a stripe above the flare, fitted by itself; None if it has no flare or is too short above."""
    bottom = settings.stripe_straight_bottom_km
    if stripe.ends[0] >= bottom or stripe.ends[1] - bottom < settings.stripe_straight_least_km:
        return None
    edges = (bottom, stripe.ends[1])
    presence = above_flare(patch, stripe, settings)
    start = moved(stripe, edges, knots_for(stripe.clear_significance, edges[1] - edges[0], settings))
    if stripe.clear_significance > settings.stripe_shape_sigma:
        ends = Ends(edges, stripe.ends_sigma, presence, stripe.clear_significance)
        return fit_shape(patch, base, start, ends, settings)
    return fit_between(patch, base, start, edges, False, settings, presence)


def unflared(patch: Patch, base: np.ndarray, stripe: Stripe, settings: DetectSettings) -> Stripe:
    """A stripe with the line, width and density of its part above the flare, if it has a flare."""
    part = upper_part(patch, stripe, base, settings)
    return with_line_of(stripe, part) if part is not None and flares(stripe, part, settings) else stripe


def flares(stripe: Stripe, part: Stripe, settings: DetectSettings) -> bool:
    """Whether the part above has another slowness or width than the whole, at which its flare then pulls.

    Of two estimates, one from a part of the other's data, the difference has the difference of the variances
    (Hausman 1978, Econometrica 46, 1251). Without a flare the whole is the better one.
    """
    if not np.isfinite(part.theta).all() or not (np.diag(part.covariance)[[1, 3]] > 0).all():
        return False
    slowness = float(part.theta[1] + 2 * part.theta[2] * (stripe.middle - part.middle) - stripe.theta[1])
    width = math.log(float(part.sigma_at(part.middle)) / float(stripe.sigma_at(part.middle)))
    return any(
        abs(difference) > settings.stripe_flare_sigma * _spread_of_difference(stripe, part, index)
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
    theta = moved(part, stripe.ends, stripe.theta.size - kernels.FIRST_DENSITY)
    return replace(stripe, theta=theta, covariance=covariance, flared=True)


def without_flares(stripes: list[Stripe], patch: Patch, settings: DetectSettings) -> list[Stripe]:
    """Without the pieces that are the foot of a longer stripe.

    Among the thin layers these are its flare, on whose line they lie; elsewhere short pieces that begin where it
    ends: a trail turns round where ions leave the field line.
    """
    return [
        stripe
        for stripe in stripes
        if not any(
            (
                stripe.ends[1] < settings.stripe_least_top_km <= other.ends[1]
                and _flare_of(stripe, other, patch, settings)
            )
            or _hook_of(stripe, other, patch, settings)
            for other in stripes
            if other is not stripe
        )
    ]


def _hook_of(piece: Stripe, stripe: Stripe, patch: Patch, settings: DetectSettings) -> bool:
    """Whether a piece begins where a longer stripe ends, within a width of it."""
    if piece.length > settings.stripe_hook_share * stripe.length:
        return False
    lower = piece.middle < stripe.middle
    end = stripe.ends[0] if lower else stripe.ends[1]
    gap = max(piece.ends[0] - end, end - piece.ends[1], 0.0)
    inside = stripe.length * settings.stripe_hook_inside
    beyond = piece.middle < end + inside if lower else piece.middle > end - inside
    if gap > settings.stripe_hook_gap_km or not beyond or end > settings.stripe_hook_top_km:
        return False
    z = float(np.clip(end, *piece.ends))
    width = FWHM * max(float(piece.sigma_at(z)), float(stripe.sigma_at(stripe.ends[0] if lower else stripe.ends[1])))
    slope = float(stripe.theta[1] + 2 * stripe.theta[2] * (end - stripe.middle))
    there = float(stripe.time_at(end)) + slope * (z - end)
    return abs(float(piece.time_at(z)) - there) < settings.stripe_hook_widths * width + 0.5 * patch.step


def _flare_of(foot: Stripe, stripe: Stripe, patch: Patch, settings: DetectSettings) -> bool:
    """Whether the line of a stripe leads into a foot below it; a flare may lie half its width beside the line."""
    if stripe.ends[0] - foot.ends[1] > settings.stripe_merge_gap_km or stripe.middle < foot.ends[1]:
        return False
    slope = float(stripe.theta[1] + 2 * stripe.theta[2] * (stripe.ends[0] - stripe.middle))
    here = float(stripe.time_at(stripe.ends[0])) + slope * (foot.middle - stripe.ends[0])
    error = math.sqrt(stripe.covariance[1, 1]) * (stripe.middle - foot.middle)
    reach = settings.stripe_merge_slots * patch.step + 3 * error + 0.5 * FWHM * math.exp(foot.theta[3])
    return abs(here - float(foot.theta[0])) < reach
