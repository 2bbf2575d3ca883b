"""Final estimates of a stripe and errors that hold: scatter, misfit, neighbours, finite profiles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from metalclouds.detect.events import theil_sen
from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.accept import failure
from metalclouds.detect.stripes.ends import find_ends, is_peaked
from metalclouds.detect.stripes.fit import fit_between, priors, significance_of
from metalclouds.detect.stripes.flare import above_flare, with_line_above_flare
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, add, model_of, rebased


def without_prior(stripe: Stripe, method: Method) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and covariance of a fit with the Gaussian priors of curvature and widening taken off again.

    That of the curvature only where the signal has made it narrower: of a bend that nothing bears there is nothing
    to tell.

    Returns
    -------
    tuple
        dims (parameter,) and (parameter, parameter), units as `Stripe.theta`.
    """
    size = stripe.theta.size
    mean, precision, _step = priors(stripe.theta, True, method)
    prior = np.zeros((size, size))
    # A sliver of the prior stays, so that a shape that nothing bears keeps a finite error.
    for i in (kernels.CURVATURE, kernels.WIDENING):
        borne = stripe.covariance[i, i] * precision[i] < method.errors.bend_borne
        prior[i, i] = 0.9999 * precision[i] if borne or i == kernels.WIDENING else 0.0
    with_prior = np.linalg.inv(stripe.covariance)
    covariance = np.linalg.inv(with_prior - prior)
    theta = covariance @ (with_prior @ stripe.theta - prior @ mean)
    return theta, covariance


def within_a_profile(stripe: Stripe, step: float, method: Method) -> bool:
    """Whether a stripe is so steep that its slowness shows in the edges of one or two profiles only."""
    return abs(float(stripe.theta[1])) * stripe.length < method.errors.steep_profiles * step


def steep(patch: Patch, stripe: Stripe, expected: np.ndarray, method: Method) -> Stripe:
    """A stripe within a profile with the mean and the spread of the slowness over its posterior, if it is wide.

    Its likelihood is flat between slants at which light would pass into the next profile, so that the curvature at
    the maximum says nothing of the error. At each slowness of a grid the rest is fitted and integrated over as a
    Gaussian (Tierney and Kadane 1986, J. Am. Stat. Assoc. 81, 82).

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    reach = 1.2 * method.errors.steep_profiles * patch.step / stripe.length
    grid = np.linspace(-reach, reach, method.errors.steep_points)
    start = stripe.theta.copy()
    start[3] = math.log(method.fit.prior_width_s / FWHM)
    # With the light that it has.
    start[kernels.FIRST_DENSITY :] *= math.exp(float(stripe.theta[3]) - start[3])
    chance = np.empty(grid.size)
    first = int(np.argmin(np.abs(grid - stripe.theta[1])))
    for way in (np.arange(first, grid.size), np.arange(first, -1, -1)):
        # Outwards, each from the fit before it.
        theta = start
        for n in way:
            chance[n], theta = _log_posterior(patch, expected, stripe, theta, float(grid[n]), method)
    weight = np.exp(chance - chance.max())
    weight /= weight.sum()
    mean = float(np.sum(weight * grid))
    square = (grid[1] - grid[0]) ** 2
    variance = float(np.sum(weight * (grid - mean) ** 2)) + square / 12.0
    if float(np.sum(weight * (grid - stripe.theta[1]) ** 2)) < 2.0 * float(stripe.covariance[1, 1]) + square:
        return stripe
    best = fit_between(patch, expected, start, stripe.ends, False, method, stripe.presence, mean)
    covariance = best.covariance.copy()
    covariance[1, 1] = variance
    return replace(stripe, theta=best.theta, covariance=covariance, significance=best.significance)


def _log_posterior(
    patch: Patch, expected: np.ndarray, stripe: Stripe, start: np.ndarray, slowness: float, method: Method
) -> tuple[float, np.ndarray]:
    """Logarithm of the posterior of a slowness, the rest integrated over, up to a constant; the parameters there."""
    found = fit_between(patch, expected, start, stripe.ends, False, method, stripe.presence, slowness)
    mean, precision, _step = priors(start, False, method)
    penalty = 0.5 * precision[3] * (found.theta[3] - mean[3]) ** 2
    rest = np.array([0, 3, *range(kernels.FIRST_DENSITY, start.size)])
    sign, volume = np.linalg.slogdet(found.covariance[np.ix_(rest, rest)])
    value = 0.5 * found.significance**2 - penalty + 0.5 * float(volume)
    if sign > 0 and math.isfinite(value):
        return value, found.theta
    return -math.inf, start


def scatter(patch: Patch, stripe: Stripe, expected: np.ndarray, method: Method) -> float:
    """Mean squared residual of the cells around a stripe's line over Poisson's, at least 1; without its flare.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    rows = np.flatnonzero(
        (stripe.presence > 0.5)
        & ((patch.altitude > method.flare.straight_bottom_km) | (stripe.ends[0] > method.flare.straight_bottom_km))
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
    mean = expected[cut] + model
    near = np.abs(patch.time[None, cut[1]] - stripe.time_at(patch.altitude[cut[0]])[:, None]) < reach.max()
    near &= (patch.coefficient[cut] > 0) & (stripe.presence[cut[0]] > 0.5)[:, None]
    if near.sum() < 20:
        return 1.0
    return max(float(np.mean((patch.counts[cut] - mean)[near] ** 2 / mean[near])), 1.0)


def row_scores(stripe: Stripe, patch: Patch, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and information of a shift in time of each row of a stripe (row).

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).

    Returns
    -------
    tuple
        s-1 and s-2, dims (row,) each.
    """
    score, information = np.zeros(patch.altitude.size), np.zeros(patch.altitude.size)
    kernels.row_scores(
        stripe.theta, patch.counts, expected, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, stripe.presence, np.array(stripe.ends), score, information,
    )  # fmt: skip
    return score, information


@dataclass(frozen=True)
class BlockLine:
    """A straight or bent line through the shifts of altitude blocks against a stripe's own line."""

    change: np.ndarray  # of time, slowness (and curvature)
    variance: np.ndarray  # of these
    counting: np.ndarray  # what the variances would be if photons alone made the shifts
    left_out: float = 0.0  # variance of the slowness from its change when a part of the stripe is left out


def block_line(
    stripe: Stripe, others: list[Stripe], patch: Patch, expected: np.ndarray, method: Method
) -> BlockLine | None:
    """The line through the altitude blocks, each with the error of its photons and what all blocks scatter besides.

    A model that is not quite a trail's shape leaves shifts alike within a block, not between blocks. Their variance
    comes from the scatter beyond the photons' (DerSimonian and Laird 1986, Control. Clin. Trials 7, 177), so that a
    bright part of a patchy stripe does not decide its slope. None with too few blocks.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    score, information = row_scores(stripe, patch, expected)
    weight = shared_rows(stripe, others, patch, method)
    edges = np.arange(0, score.size, method.errors.misfit_rows)
    light = np.add.reduceat(weight * information, edges)
    used = light > 1e-3 * light.max()
    bend = stripe.shape is not None
    if used.sum() < method.errors.least_blocks + bend or not light.max() > 0:
        return None
    u = np.add.reduceat(weight * information * (patch.altitude - stripe.middle), edges)[used] / light[used]
    width = FWHM * math.exp(float(stripe.theta[3]))
    shift = np.add.reduceat(weight * score, edges)[used] / light[used]
    shift = np.clip(shift, -width - 0.3 * patch.step, width + 0.3 * patch.step)
    precision, least = light[used], method.errors.least_scatter * width
    curve = u**2 - stripe.length**2 / 12.0
    own = float(stripe.theta[2]) * curve if bend else np.zeros(u.size)
    left_out = without_a_part(u, shift, 1.0 / (1.0 / precision + least**2), method.errors.parts)
    near = on_one_line(u, shift + own, 1.0 / np.sqrt(precision), least)
    if near.sum() < method.errors.least_blocks + bend:
        return None
    u, shift, precision, curve = u[near], shift[near], precision[near], curve[near]
    design = np.stack([np.ones(u.size), u, curve][: 2 + bend])
    between = max(_between(design, shift, precision), least**2)
    both = 1.0 / (1.0 / precision + between)
    covariance = np.linalg.pinv((design * both) @ design.T)
    counting = np.linalg.pinv((design * precision) @ design.T)
    change = covariance @ (design * both) @ shift
    alike = _correlation(shift - design.T @ change, both)
    return BlockLine(change, np.diag(covariance) * alike, np.diag(counting), left_out)


def without_a_part(u: np.ndarray, shift: np.ndarray, weight: np.ndarray, parts: int) -> float:
    """Variance (s2/km2) of the slope through blocks from leaving out one part of equal weight after the other.

    A bend that a parabola does not follow, or another light at one end, moves a whole part of a stripe: the scatter
    from block to block does not tell. Jackknife over groups (Shao and Tu 1995, The Jackknife and Bootstrap). Where
    blocks are independent it is some twice the variance of least squares: a part at an end bears much of a slope.

    Parameters
    ----------
    u
        altitude from the middle of the stripe, km, dims (block,).
    shift, weight
        s and s-2, dims (block,).
    """
    part = np.minimum((np.cumsum(weight) - 0.5 * weight) / weight.sum() * parts, parts - 1).astype(int)
    kept = [part != one for one in np.unique(part)]
    if len(kept) < 3 or min(int(rest.sum()) for rest in kept) < 3:
        return 0.0
    slopes = np.array([np.polyfit(u[rest], shift[rest], 1, w=np.sqrt(weight[rest]))[0] for rest in kept])
    return (len(kept) - 1) * float(np.var(slopes))


def on_one_line(u: np.ndarray, time: np.ndarray, error: np.ndarray, least: float) -> np.ndarray:
    """Blocks that lie on the straight line through most of them (Theil and Sen): a hook at an end does not.

    Below some 150 km ions leave the field line, and what was one straight trail turns round.

    Parameters
    ----------
    u
        altitude from the middle of the stripe, km, dims (block,).
    time, error
        s, dims (block,).

    Returns
    -------
    ndarray
        bool, dims (block,).
    """
    slope, offset = theil_sen(u, time)
    residual = np.abs(time - slope * u - offset)
    scale = max(1.4826 * float(np.median(residual)), 2.0 * least)
    return residual <= 3.0 * np.hypot(error, scale)


def _correlation(residual: np.ndarray, weight: np.ndarray) -> float:
    """Factor of the variance of a mean of blocks of which neighbours are alike."""
    scaled = residual * np.sqrt(weight)
    power = float(np.sum(scaled**2))
    alike = float(np.sum(scaled[1:] * scaled[:-1])) / power if power > 0 else 0.0
    alike = min(max(alike + 1.0 / max(residual.size, 1), 0.0), 0.6)
    return (1.0 + alike) / (1.0 - alike)


def _between(design: np.ndarray, shift: np.ndarray, precision: np.ndarray) -> float:
    """Variance of the blocks' shifts beyond their own errors, by moments; not below 0."""
    inverse = np.linalg.pinv((design * precision) @ design.T)
    residual = shift - design.T @ (inverse @ (design * precision) @ shift)
    freedom = shift.size - design.shape[0]
    if freedom < 1:
        return 0.0
    spread = float(np.sum(precision * residual**2)) - freedom
    trace = float(np.sum(precision) - np.sum(np.diag(inverse @ ((design * precision**2) @ design.T))))
    return max(spread / trace, 0.0) if trace > 0 else 0.0


def shared_rows(stripe: Stripe, others: list[Stripe], patch: Patch, method: Method) -> np.ndarray:
    """Weight of each row for the error: less where two stripes run less than a profile and a width apart.

    Which light is whose is not known there but assumed.

    Returns
    -------
    ndarray
        0 to 1, dims (row,).
    """
    time, width = stripe.time_at(patch.altitude), FWHM * math.exp(stripe.theta[3])
    weight = np.ones(patch.altitude.size)
    first, last = float(time.min()), float(time.max())
    for other in others:
        reach = patch.step + 0.5 * (width + FWHM * math.exp(other.theta[3]))
        far = reach + other.longest
        if not first - far < float(other.theta[0]) < last + far:
            continue
        near = np.abs(other.time_at(patch.altitude) - time) < reach
        weight[near & (other.presence > 0.5)] = method.errors.blend_share
    return weight


def with_block_line(stripe: Stripe, line: BlockLine, excess: float) -> Stripe:
    """A stripe with the time, slowness and curvature of the line through its blocks, and their errors.

    The errors of the fit, which know of neighbours and priors, grow by as much as the blocks scatter beyond photons.
    That of the slowness is not below what leaving out a part of the stripe says.
    """
    theta, covariance = stripe.theta.copy(), stripe.covariance.copy()
    growth = np.ones(theta.size)
    size = line.change.size
    theta[:size] += line.change
    growth[:size] = np.sqrt(np.maximum(excess, line.variance / line.counting))
    growth[1] = max(growth[1], math.sqrt(line.left_out / float(covariance[1, 1])))
    covariance = covariance * np.outer(growth, growth)
    shape = None
    if stripe.shape is not None:
        own = stripe.shape[0].copy()
        own[:size] += line.change
        shape = (own, stripe.shape[1] * np.outer(growth, growth))
    return replace(stripe, theta=theta, covariance=covariance, shape=shape)


def with_shape_error(stripe: Stripe, step: float, method: Method) -> Stripe:
    """A stripe whose slowness has the error of its shape as well: no trail is a straight line of even width.

    A share of its width over its height, and of the change of its slope from end to end. Of a stripe narrower
    than a profile (`step`, s) there is less to see of its shape.
    """
    width = FWHM * math.exp(float(stripe.theta[3]))
    width *= width / (width + step)
    change = 0.0 if stripe.shape is None else 2.0 * abs(float(stripe.shape[0][2])) * stripe.length
    error = math.hypot(method.errors.shape_widths * width / stripe.length, method.errors.shape_bend * change)
    covariance = stripe.covariance.copy()
    covariance[1, 1] += error**2
    return replace(stripe, covariance=covariance)


# A stripe with too few blocks does not show its misfit: it errs by twice the fit's error in simulations.
NO_SCATTER = BlockLine(np.zeros(3), np.array([1.0, 4.0, 1.0]), np.ones(3))


def final_estimates(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """Line and width of each stripe from its part above the flare, its error from the scatter about the fit as well.

    Below some 130 km a stripe widens and brightens several times, not always evenly about its line. Its many
    photons would decide the slope of the whole.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    current = expected + model_of(stripes, patch)
    out = []
    for index, stripe in enumerate(stripes):
        add(stripe, patch, -1.0, current)
        if stripe.shape is not None:
            stripe = replace(stripe, shape=without_prior(stripe, method))
        new = sure = with_line_above_flare(patch, current, stripe, method)
        if new.flared:
            sure = replace(new, presence=above_flare(patch, new, method))
        others = stripes[:index] + stripes[index + 1 :]
        excess = scatter(patch, new, current, method)
        line = block_line(sure, others, patch, current, method)
        if within_a_profile(new, patch.step, method):
            new = steep(patch, new, current, method)
            line = None if line is None else replace(line, change=np.zeros(line.change.size))
        new = with_block_line(new, line or NO_SCATTER, excess)
        new = with_shape_error(new, patch.step, method)
        ends = find_ends(patch, current, new, method, peaked=is_peaked(new, method))
        if ends.edges[1] - ends.edges[0] >= method.settings.stripe_least_length_km:
            theta = rebased(new, ends.edges, new.theta.size - kernels.FIRST_DENSITY)
            if new.shape is not None:
                new = replace(new, shape=(theta, new.shape[1]))
            new = replace(new, theta=theta, ends=ends.edges, ends_sigma=ends.sigma, presence=ends.presence)
        new = replace(new, significance=significance_of(patch, current, new))
        broken = failure(new, method)
        if broken is not None:
            patch.reject(new, broken)
        else:
            out.append(new)
            add(new, patch, 1.0, current)
    return out
