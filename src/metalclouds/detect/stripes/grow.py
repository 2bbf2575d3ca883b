"""From a line of the search to a stripe with ends."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import line_search
from metalclouds.detect.stripes.accept import failure
from metalclouds.detect.stripes.ends import find_ends, is_peaked
from metalclouds.detect.stripes.fit import fit_between, fit_shape
from metalclouds.detect.stripes.flare import with_line_above_flare
from metalclouds.detect.stripes.model import FWHM, Failure, Patch, Stripe, knots_for, rebased, row_ends


class TooShort(Exception):
    """Ends that leave less than a stripe's least length.

    Parameters
    ----------
    height_km
        what they leave.
    """

    def __init__(self, height_km: float) -> None:
        super().__init__(f"{height_km:.1f} km")
        self.height_km = height_km


def fit_with_ends(
    patch: Patch, expected: np.ndarray, stripe: Stripe, rounds: int, free: bool, method: Method
) -> Stripe | None:
    """Find the ends and fit between them in turns; None if less than the least length is left.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    try:
        return _ends_and_fit(patch, expected, stripe, rounds, free, method)
    except TooShort:
        return None


def refitted(patch: Patch, expected: np.ndarray, stripe: Stripe, method: Method) -> Stripe | None:
    """Ends and fit once more; None, and the stripe kept among the rejected, if less than the least length is left.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    try:
        return _ends_and_fit(patch, expected, stripe, 1, True, method)
    except TooShort as short:
        patch.reject(stripe, Failure("height", short.height_km, method.settings.stripe_least_length_km))
        return None


def _ends_and_fit(
    patch: Patch, expected: np.ndarray, stripe: Stripe, rounds: int, free: bool, method: Method, body: bool = False
) -> Stripe:
    """As `fit_with_ends`; with `body`, a faint body above a bright foot is sought as well.

    Raises
    ------
    TooShort
        If less than the least length is left.
    """
    for _ in range(rounds):
        ends = find_ends(patch, expected, stripe, method, body)
        if ends.edges[1] - ends.edges[0] < method.settings.stripe_least_length_km and is_peaked(stripe, method):
            ends = find_ends(patch, expected, stripe, method, body, peaked=True)
        low, high = ends.edges
        if high - low < method.settings.stripe_least_length_km:
            raise TooShort(high - low)
        same = ends.edges == stripe.ends
        knots = knots_for(stripe.significance, high - low, method)
        start = rebased(stripe, ends.edges, knots)
        if free and stripe.significance > method.fit.shape_sigma:
            stripe = fit_shape(patch, expected, start, ends, method)
        else:
            stripe = fit_between(patch, expected, start, ends.edges, False, method, ends.presence)
        stripe = replace(stripe, ends_sigma=ends.sigma, clear_significance=ends.clear_significance)
        stripe = with_line_above_flare(patch, expected, stripe, method)
        if same:
            break
    return stripe


def fit_line(patch: Patch, expected: np.ndarray, line: line_search.Line, method: Method) -> Stripe | None:
    """Fit a candidate, find its ends, and fit again with as many knots as it bears; None if it is nothing.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    first, last = line.first, min(line.last, patch.altitude.size)
    if last - first < 3:
        return None
    ends = row_ends(patch, first, last)
    time = float(np.interp(line.slot, np.arange(patch.time.size), patch.time))
    slowness = line.shear * patch.step / ((line.last - line.first) * patch.row_km)
    # The line refers to the middle of its block, which may reach beyond the image.
    middle = 0.5 * (line.first + line.last) * patch.row_km + patch.altitude[0] - 0.5 * patch.row_km
    time += slowness * (0.5 * (ends[0] + ends[1]) - middle)
    sigma = max(line.width * patch.step / FWHM * 0.8, method.fit.prior_width_s / FWHM)
    start = np.array([time, slowness, 0.0, math.log(sigma), 0.0, 1.0])
    stripe = fit_between(patch, expected, start, ends, False, method)
    try:
        found = _ends_and_fit(patch, expected, stripe, method.ends.rounds, False, method, body=True)
    except TooShort as short:
        patch.reject(stripe, Failure("height", short.height_km, method.settings.stripe_least_length_km))
        return None
    broken = failure(found, method)
    if broken is not None:
        patch.reject(found, broken)
        return None
    return found
