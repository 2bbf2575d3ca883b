"""Final estimates of a stripe and errors that hold: scatter, misfit, neighbours, finite profiles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.accept import acceptable
from metalclouds.detect.stripes.fit import fit_between, priors, significance_of
from metalclouds.detect.stripes.flare import above_flare, unflared
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, add, model_of


def without_prior(stripe: Stripe, settings: DetectSettings) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and covariance of a fit with the Gaussian priors of curvature and widening taken off again.

    That of the curvature only where the signal has made it narrower: of a bend that nothing bears there is nothing
    to tell.
    """
    size = stripe.theta.size
    mean, precision, _step = priors(stripe.theta, True, settings)
    prior = np.zeros((size, size))
    # A sliver of the prior stays, so that a shape that nothing bears keeps a finite error.
    for i in (kernels.CURVATURE, kernels.WIDENING):
        borne = stripe.covariance[i, i] * precision[i] < settings.stripe_bend_borne
        prior[i, i] = 0.9999 * precision[i] if borne or i == kernels.WIDENING else 0.0
    with_prior = np.linalg.inv(stripe.covariance)
    covariance = np.linalg.inv(with_prior - prior)
    theta = covariance @ (with_prior @ stripe.theta - prior @ mean)
    return theta, covariance


def within_a_profile(stripe: Stripe, step: float, settings: DetectSettings) -> bool:
    """Whether a stripe is so steep that its slowness shows in the edges of one or two profiles only."""
    return abs(float(stripe.theta[1])) * stripe.length < settings.stripe_steep_profiles * step


def steep(patch: Patch, stripe: Stripe, base: np.ndarray, settings: DetectSettings) -> Stripe:
    """A stripe within a profile with the mean and the spread of the slowness over its posterior, if it is wide.

    Its likelihood is flat between slants at which light would pass into the next profile, so that the curvature at
    the maximum says nothing of the error. At each slowness of a grid the rest is fitted and integrated over as a
    Gaussian (Tierney and Kadane 1986, J. Am. Stat. Assoc. 81, 82).
    """
    reach = 1.2 * settings.stripe_steep_profiles * patch.step / stripe.length
    grid = np.linspace(-reach, reach, settings.stripe_steep_points)
    start = stripe.theta.copy()
    start[3] = math.log(settings.stripe_prior_width_s / FWHM)
    # With the light that it has.
    start[kernels.FIRST_DENSITY :] *= math.exp(float(stripe.theta[3]) - start[3])
    chance = np.empty(grid.size)
    first = int(np.argmin(np.abs(grid - stripe.theta[1])))
    for way in (np.arange(first, grid.size), np.arange(first, -1, -1)):
        # Outwards, each from the fit before it.
        theta = start
        for n in way:
            chance[n], theta = _log_posterior(patch, base, stripe, theta, float(grid[n]), settings)
    weight = np.exp(chance - chance.max())
    weight /= weight.sum()
    mean = float(np.sum(weight * grid))
    square = (grid[1] - grid[0]) ** 2
    variance = float(np.sum(weight * (grid - mean) ** 2)) + square / 12.0
    if float(np.sum(weight * (grid - stripe.theta[1]) ** 2)) < 2.0 * float(stripe.covariance[1, 1]) + square:
        return stripe
    best = fit_between(patch, base, start, stripe.ends, False, settings, stripe.presence, mean)
    covariance = best.covariance.copy()
    covariance[1, 1] = variance
    return replace(stripe, theta=best.theta, covariance=covariance, significance=best.significance)


def _log_posterior(
    patch: Patch, base: np.ndarray, stripe: Stripe, start: np.ndarray, slowness: float, settings: DetectSettings
) -> tuple[float, np.ndarray]:
    """Logarithm of the posterior of a slowness, the rest integrated over, up to a constant; the parameters there."""
    found = fit_between(patch, base, start, stripe.ends, False, settings, stripe.presence, slowness)
    mean, precision, _step = priors(start, False, settings)
    penalty = 0.5 * precision[3] * (found.theta[3] - mean[3]) ** 2
    rest = np.array([0, 3, *range(kernels.FIRST_DENSITY, start.size)])
    sign, volume = np.linalg.slogdet(found.covariance[np.ix_(rest, rest)])
    value = 0.5 * found.significance**2 - penalty + 0.5 * float(volume)
    if sign > 0 and math.isfinite(value):
        return value, found.theta
    return -math.inf, start


def scatter(patch: Patch, stripe: Stripe, base: np.ndarray, settings: DetectSettings) -> float:
    """Mean squared residual of the cells around a stripe's line over Poisson's, at least 1; without its flare."""
    rows = np.flatnonzero(
        (stripe.presence > 0.5)
        & (
            (patch.altitude > settings.stripe_straight_bottom_km)
            | (stripe.ends[0] > settings.stripe_straight_bottom_km)
        )
    )
    if rows.size < 5:
        return 1.0
    centre = stripe.time_at(patch.altitude[rows])
    reach = FWHM * stripe.sigma_at(patch.altitude[rows]) + 0.5 * patch.step
    first, last = int(rows[0]), int(rows[-1]) + 1
    low, high = np.searchsorted(patch.time, [(centre - reach).min(), (centre + reach).max()])
    model = np.zeros((last - first, int(high - low)))
    cut = (slice(first, last), slice(int(low), int(high)))
    light = np.ascontiguousarray(patch.coefficient[cut])
    kernels.add_model(
        stripe.theta, light, patch.time[cut[1]], patch.exposure[cut[1]], patch.altitude[cut[0]],
        patch.row_km, stripe.presence[cut[0]], np.array(stripe.ends), 1.0, model,
    )  # fmt: skip
    mean = base[cut] + model
    near = np.abs(patch.time[None, cut[1]] - stripe.time_at(patch.altitude[cut[0]])[:, None]) < reach.max()
    near &= (patch.coefficient[cut] > 0) & (stripe.presence[cut[0]] > 0.5)[:, None]
    if near.sum() < 20:
        return 1.0
    return max(float(np.mean((patch.counts[cut] - mean)[near] ** 2 / mean[near])), 1.0)


def misfit(stripe: Stripe, patch: Patch, base: np.ndarray, settings: DetectSettings) -> float:
    """Factor of the slowness' variance that the scatter of the altitude blocks about the line shows, at least 1.

    The sandwich I^-1 (sum s s') I^-1 over I^-1 with the scores s of the blocks (White 1982, Econometrica 50, 1):
    what bends, swaps and neighbours leave is alike within a block and not between blocks. Few blocks say little,
    so it is drawn to 1 as by `stripe_misfit_prior` blocks more.
    """
    score, information = row_scores(stripe, patch, base)
    edges = np.arange(0, score.size, settings.stripe_misfit_rows)
    u = patch.altitude - np.sum(information * patch.altitude) / max(float(np.sum(information)), 1e-12)
    moment = np.add.reduceat(score * u, edges)
    blocks = int((np.add.reduceat(information, edges) > 0).sum())
    expected = float(np.sum(information * u**2))
    if blocks < 3 or expected <= 0:
        return 1.0
    found = float(np.sum(moment**2)) / expected * blocks / (blocks - 2)
    prior = settings.stripe_misfit_prior
    return max(1.0, (blocks * found + prior) / (blocks + prior))


def row_scores(stripe: Stripe, patch: Patch, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and information of a shift in time of each row of a stripe (row)."""
    score, information = np.zeros(patch.altitude.size), np.zeros(patch.altitude.size)
    kernels.row_scores(
        stripe.theta, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, stripe.presence, np.array(stripe.ends), score, information,
    )  # fmt: skip
    return score, information


def blending(stripe: Stripe, others: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> float:
    """Factor of the slowness' variance for rows whose light may be a neighbour's, at least 1.

    Where two stripes run less than a profile and a width apart, which light is whose is not known but assumed:
    such rows count `stripe_blend_share` of what they would.
    """
    _score, information = row_scores(stripe, patch, base)
    time, width = stripe.time_at(patch.altitude), FWHM * math.exp(stripe.theta[3])
    weight = np.ones(patch.altitude.size)
    for other in others:
        reach = patch.step + 0.5 * (width + FWHM * math.exp(other.theta[3]))
        near = np.abs(other.time_at(patch.altitude) - time) < reach
        weight[near & (other.presence > 0.5)] = settings.stripe_blend_share
    u = patch.altitude - stripe.middle
    full, left = _slope_information(information, u), _slope_information(weight * information, u)
    return full / left if 0 < left < full else 1.0


def _slope_information(information: np.ndarray, u: np.ndarray) -> float:
    """Information of a slowness, the time unknown."""
    a, b, c = float(np.sum(information)), float(np.sum(information * u)), float(np.sum(information * u**2))
    return c - b**2 / a if a > 0 else 0.0


def final_estimates(stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """Line and width of each stripe from its part above the flare, its error from the scatter about the fit as well.

    Below some 130 km a stripe widens and brightens several times, not always evenly about its line. Its many
    photons would decide the slope of the whole.
    """
    current = base + model_of(stripes, patch)
    out = []
    for index, stripe in enumerate(stripes):
        add(stripe, patch, -1.0, current)
        if stripe.shape is not None:
            stripe = replace(stripe, shape=without_prior(stripe, settings))
        new = sure = unflared(patch, current, stripe, settings)
        if new.flared:
            sure = replace(new, presence=above_flare(patch, new, settings))
        if within_a_profile(new, patch.step, settings):
            new = steep(patch, new, current, settings)
        growth = np.ones(new.theta.size)
        excess = max(scatter(patch, new, current, settings), misfit(sure, patch, current, settings))
        others = stripes[:index] + stripes[index + 1 :]
        growth[1] = growth[2] = math.sqrt(excess * blending(sure, others, patch, current, settings))
        shape = None if new.shape is None else (new.shape[0], new.shape[1] * np.outer(growth, growth))
        power = significance_of(patch, current, new)
        new = replace(new, covariance=new.covariance * np.outer(growth, growth), shape=shape, significance=power)
        if acceptable(new, settings):
            out.append(new)
            add(new, patch, 1.0, current)
    return out
