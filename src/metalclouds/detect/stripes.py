"""Stripes of one night: search, fit, ends, removal, joint refits, merging of pieces.

Works on the rows above `stripe_bottom_km` of the coarse image, on top of a base of background and smooth cloud.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import numpy as np

from metalclouds.detect import fit as fitting
from metalclouds.detect import radon
from metalclouds.detect.settings import DetectSettings

FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))


@dataclass(frozen=True)
class Patch:
    """What the fits need: arrays (row, slot) of the region of stripes, float32, and the axes."""

    counts: np.ndarray
    expected: np.ndarray  # counts of the background alone
    coefficient: np.ndarray  # expected counts of a cell for 1 cm-3; 0 where the cell is not used
    time: np.ndarray
    exposure: np.ndarray
    altitude: np.ndarray
    row_km: float
    step: float  # median time between profiles (s)


@dataclass(frozen=True)
class Stripe:
    """A fitted stripe; `theta` as in fit.py about the middle of `ends` (km)."""

    theta: np.ndarray
    covariance: np.ndarray
    ends: tuple[float, float]
    ends_sigma: tuple[float, float]
    presence: np.ndarray  # (row of the patch) probability that the stripe reaches it
    significance: float
    clear_significance: float = math.inf  # of the part above the region of thin layers
    # Parameters and covariance with curvature and widening free; None where the signal does not bear them.
    shape: tuple[np.ndarray, np.ndarray] | None = None
    flared: bool = False  # line, width and density are those of the part above the flare

    @property
    def middle(self) -> float:
        """Middle altitude (km)."""
        return 0.5 * (self.ends[0] + self.ends[1])

    @property
    def length(self) -> float:
        """Height between the ends (km)."""
        return self.ends[1] - self.ends[0]

    @property
    def longest(self) -> float:
        """A time (s) that nothing of the stripe's line lies further from theta[0]."""
        return 0.5 * abs(float(self.theta[1])) * self.length + 0.25 * abs(float(self.theta[2])) * self.length**2

    def time_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Time of maximum (s) at an altitude (km)."""
        u, half = np.asarray(altitude) - self.middle, 0.5 * self.length
        t0, p, q = self.theta[:3]
        return t0 + p * u + q * (u**2 - half**2 / 3.0)

    def density_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Peak density (cm-3) at an altitude (km)."""
        knots = self.theta.size - fitting.FIRST_DENSITY
        return np.interp(altitude, np.linspace(*self.ends, knots), self.theta[fitting.FIRST_DENSITY :])

    def sigma_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Standard deviation of the Gaussian in time (s) at an altitude (km)."""
        # A failed fit, which is thrown away afterwards, may widen beyond all numbers.
        return np.exp(np.minimum(self.theta[3] + self.theta[4] * (np.asarray(altitude) - self.middle), 20.0))


def row_ends(patch: Patch, first: int, last: int) -> tuple[float, float]:
    """Edges of the rows [first, last) in km."""
    half = 0.5 * patch.row_km
    return float(patch.altitude[first] - half), float(patch.altitude[last - 1] + half)


def priors(size: int, free_shape: bool, settings: DetectSettings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Prior means, precisions and largest steps of the parameters, not to be written into.

    The width of a stripe narrower than a profile and its density cannot be told apart: the prior on ln sigma
    holds the width near `stripe_prior_width_s` by a factor e^`stripe_prior_width_spread`.
    """
    return _priors(
        size,
        settings.stripe_prior_width_s,
        settings.stripe_prior_width_spread,
        settings.stripe_prior_curvature if free_shape else 1e-6,
        settings.stripe_prior_widening_per_km if free_shape else 1e-6,
    )


@functools.lru_cache(maxsize=64)
def _priors(
    size: int, width_s: float, spread: float, curvature: float, widening: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, precision, step = np.zeros(size), np.zeros(size), np.full(size, np.inf)
    mean[3] = math.log(width_s / FWHM)
    precision[2:5] = curvature**-2, spread**-2, widening**-2
    step[:5] = 30.0, 2.0, 0.05, 0.7, 0.01
    return mean, precision, step


def covering(patch: Patch, ends: tuple[float, float]) -> np.ndarray:
    """Presence of a stripe with known ends: the share of each row between them."""
    half = 0.5 * patch.row_km
    low, high = np.maximum(patch.altitude - half, ends[0]), np.minimum(patch.altitude + half, ends[1])
    return np.clip((high - low) / patch.row_km, 0.0, 1.0)


def fit_between(
    patch: Patch, base: np.ndarray, start: np.ndarray, ends: tuple[float, float], free_shape: bool,
    settings: DetectSettings, presence: np.ndarray | None = None, slowness: float | None = None,
) -> Stripe:  # fmt: skip
    """Fit a stripe between fixed ends from the parameters `start`, with a given slowness if there is one.

    A fit that ends at hardly any width, at the edge of a profile, is made again with the width held by its prior.
    """
    presence = covering(patch, ends) if presence is None else presence
    mean, precision, step = priors(start.size, free_shape, settings)
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
            precision = np.where(np.arange(start.size) == fitting.LOG_WIDTH, 16 * precision, precision)
            start[fitting.FIRST_DENSITY :] *= math.exp(start[fitting.LOG_WIDTH] - mean[fitting.LOG_WIDTH])
            start[fitting.LOG_WIDTH] = mean[fitting.LOG_WIDTH]
        theta, covariance, gain = fitting.fit(
            start, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
            presence, np.array(ends), mean, precision, step, settings.stripe_fit_rounds,
        )  # fmt: skip
        if FWHM * math.exp(theta[fitting.LOG_WIDTH]) >= settings.stripe_least_width_s:
            break
    unknown = (patch.row_km, patch.row_km)
    return Stripe(theta, covariance, ends, unknown, presence, math.sqrt(max(2 * gain, 0.0)))


def knots_for(significance: float, length: float, settings: DetectSettings) -> int:
    """Number of density knots that a stripe of this significance and length can bear."""
    by_signal = int(significance / settings.stripe_knot_sigma)
    by_length = 1 + int(length / settings.stripe_knot_km)
    return max(1, min(by_signal, by_length, 8))


def moved(stripe: Stripe, ends: tuple[float, float], knots: int) -> np.ndarray:
    """Parameters of a stripe about new ends with another number of knots."""
    return fitting.moved(stripe.theta, np.array(stripe.ends), np.array(ends), knots)


@dataclass(frozen=True)
class Ends:
    """Ends of a stripe from the likelihood along its line."""

    edges: tuple[float, float]
    sigma: tuple[float, float]
    presence: np.ndarray
    clear_significance: float


def find_ends(patch: Patch, base: np.ndarray, stripe: Stripe, settings: DetectSettings, body: bool = False) -> Ends:
    """Ends (km) from the likelihood along the line, continued straight beyond its ends.

    The top may lie at the upper edge of any row above the middle; its probability is the exponential of the log
    likelihood gained up to there. The end is the median of these, its error their spread; likewise the bottom.
    A row's density is taken a little low on purpose: one that is overestimated by more than 2 would argue against
    a stripe that is there, one that is underestimated loses little. Beyond the ends it is the mean, since the end
    knots are the least certain. Where a `body` is sought, a stripe may go on above a bright foot with much less.
    """
    presence = np.empty(patch.altitude.size)
    footed = body and stripe.ends[0] < settings.stripe_straight_bottom_km
    faint = settings.stripe_body_share * float(stripe.theta[fitting.FIRST_DENSITY :].mean()) if footed else 0.0
    bottom, top, bottom_sigma, top_sigma, clear = fitting.reaches(
        stripe.theta, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, np.array(stripe.ends), settings.stripe_end_density_share, clear_altitude(stripe, settings),
        faint, settings.stripe_body_loss, presence,
    )  # fmt: skip
    least = 0.3  # an edge inside a row: a uniform share of it
    sigma = (patch.row_km * math.hypot(least, bottom_sigma), patch.row_km * math.hypot(least, top_sigma))
    return Ends((bottom, top), sigma, presence, clear)


def clear_altitude(stripe: Stripe, settings: DetectSettings) -> float:
    """Altitude (km) above which thin layers cannot be taken for the stripe: their waves are flat, and reach up."""
    flat = abs(float(stripe.theta[1])) > settings.stripe_foot_slowness_s_per_km
    return settings.stripe_clear_of_waves_km if flat else settings.stripe_clear_km


def fit_shape(patch: Patch, base: np.ndarray, start: np.ndarray, ends: Ends, settings: DetectSettings) -> Stripe:
    """Fit with curvature and widening free inside their priors.

    The prior of the curvature keeps the slowness of a faint stripe near that of a straight one and gives it the
    error that an unseen bend makes. A straight fit alone is pulled to the slope where a bent stripe is brightest.
    """
    free = fit_between(patch, base, start, ends.edges, True, settings, ends.presence)
    return replace(free, shape=(free.theta, free.covariance))


def without_prior(stripe: Stripe, settings: DetectSettings) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and covariance of a fit with the Gaussian priors of curvature and widening taken off again.

    That of the curvature only where the signal has made it narrower: of a bend that nothing bears there is nothing
    to tell.
    """
    size = stripe.theta.size
    mean, precision, _step = priors(size, True, settings)
    prior = np.zeros((size, size))
    # A sliver of the prior stays, so that a shape that nothing bears keeps a finite error.
    for i in (fitting.CURVATURE, fitting.WIDENING):
        borne = stripe.covariance[i, i] * precision[i] < settings.stripe_bend_borne
        prior[i, i] = 0.9999 * precision[i] if borne or i == fitting.WIDENING else 0.0
    with_prior = np.linalg.inv(stripe.covariance)
    covariance = np.linalg.inv(with_prior - prior)
    theta = covariance @ (with_prior @ stripe.theta - prior @ mean)
    return theta, covariance


def grow(
    patch: Patch,
    base: np.ndarray,
    stripe: Stripe,
    rounds: int,
    free: bool,
    settings: DetectSettings,
    body: bool = False,
) -> Stripe | None:
    """Find the ends and fit between them in turns; None if nothing of the least length is left.

    `body`: a faint body above a bright foot is sought as well.
    """
    for _ in range(rounds):
        ends = find_ends(patch, base, stripe, settings, body)
        low, high = ends.edges
        if high - low < settings.stripe_least_length_km:
            return None
        same = ends.edges == stripe.ends
        knots = knots_for(stripe.significance, high - low, settings)
        start = moved(stripe, ends.edges, knots)
        if free and stripe.significance > settings.stripe_shape_sigma:
            stripe = fit_shape(patch, base, start, ends, settings)
        else:
            stripe = fit_between(patch, base, start, ends.edges, False, settings, ends.presence)
        stripe = replace(stripe, ends_sigma=ends.sigma, clear_significance=ends.clear_significance)
        stripe = unflared(patch, base, stripe, settings)
        if same:
            break
    return stripe


def fit_line(patch: Patch, base: np.ndarray, line: radon.Line, settings: DetectSettings) -> Stripe | None:
    """Fit a candidate, find its ends, and fit again with as many knots as it bears; None if it is nothing."""
    first, last = line.first, min(line.last, patch.altitude.size)
    if last - first < 3:
        return None
    ends = row_ends(patch, first, last)
    time = float(np.interp(line.slot, np.arange(patch.time.size), patch.time))
    slowness = line.shear * patch.step / ((line.last - line.first) * patch.row_km)
    # The line refers to the middle of its block, which may reach beyond the image.
    middle = 0.5 * (line.first + line.last) * patch.row_km + patch.altitude[0] - 0.5 * patch.row_km
    time += slowness * (0.5 * (ends[0] + ends[1]) - middle)
    sigma = max(line.width * patch.step / FWHM * 0.8, settings.stripe_prior_width_s / FWHM)
    start = np.array([time, slowness, 0.0, math.log(sigma), 0.0, 1.0])
    stripe = fit_between(patch, base, start, ends, False, settings)
    found = grow(patch, base, stripe, settings.stripe_end_rounds, False, settings, body=True)
    return found if found is not None and acceptable(found, settings) else None


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
        for difference, index in ((slowness, fitting.SLOWNESS), (width, fitting.LOG_WIDTH))
    )


def _spread_of_difference(stripe: Stripe, part: Stripe, index: int) -> float:
    variance = float(part.covariance[index, index])
    return math.sqrt(max(variance - float(stripe.covariance[index, index]), 0.05 * variance))


def with_line_of(stripe: Stripe, part: Stripe) -> Stripe:
    """A stripe with the line, width and density of a part of it, and that part's errors of slowness and width."""
    covariance = stripe.covariance.copy()
    for index in (fitting.SLOWNESS, fitting.LOG_WIDTH):
        covariance[index, :] = covariance[:, index] = 0.0
        covariance[index, index] = part.covariance[index, index]
    theta = moved(part, stripe.ends, stripe.theta.size - fitting.FIRST_DENSITY)
    return replace(stripe, theta=theta, covariance=covariance, flared=True)


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
    start[fitting.FIRST_DENSITY :] *= math.exp(float(stripe.theta[3]) - start[3])
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
    mean, precision, _step = priors(start.size, False, settings)
    penalty = 0.5 * precision[3] * (found.theta[3] - mean[3]) ** 2
    rest = np.array([0, 3, *range(fitting.FIRST_DENSITY, start.size)])
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
    fitting.add_model(
        stripe.theta, light, patch.time[cut[1]], patch.exposure[cut[1]], patch.altitude[cut[0]],
        patch.row_km, stripe.presence[cut[0]], np.array(stripe.ends), 1.0, model,
    )  # fmt: skip
    mean = base[cut] + model
    near = np.abs(patch.time[None, cut[1]] - stripe.time_at(patch.altitude[cut[0]])[:, None]) < reach.max()
    near &= (patch.coefficient[cut] > 0) & (stripe.presence[cut[0]] > 0.5)[:, None]
    if near.sum() < 20:
        return 1.0
    return max(float(np.mean((patch.counts[cut] - mean)[near] ** 2 / mean[near])), 1.0)


def significance_of(patch: Patch, base: np.ndarray, stripe: Stripe) -> float:
    """Matched SNR of a stripe as it is on top of all else, from its likelihood ratio."""
    size = stripe.theta.size
    gain = fitting.accumulate(
        stripe.theta, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
        stripe.presence, np.array(stripe.ends), np.empty((size, size)), np.empty(size),
    )  # fmt: skip
    return math.sqrt(max(2 * gain, 0.0))


def acceptable(stripe: Stripe, settings: DetectSettings) -> bool:
    """The rule of acceptance, written once."""
    high = (
        stripe.ends[1] >= settings.stripe_least_top_km
        and stripe.clear_significance >= settings.stripe_least_clear_sigma
    )
    rules = [
        stripe.significance >= settings.stripe_least_sigma,
        stripe.length >= settings.stripe_least_length_km,
        high or is_foot(stripe, settings),
        abs(stripe.theta[1]) <= 1.1 * settings.stripe_largest_slowness_s_per_km,
        FWHM * math.exp(stripe.theta[3]) <= settings.stripe_longest_width_s,
        FWHM * math.exp(stripe.theta[3]) >= settings.stripe_least_width_s,
        bool(np.isfinite(stripe.theta).all()),
    ]
    return all(rules)


def is_foot(stripe: Stripe, settings: DetectSettings) -> bool:
    """Whether a stripe among the thin layers is too bright, too steep and too narrow to be one of their waves."""
    return (
        stripe.ends[1] < settings.stripe_clear_of_waves_km
        and stripe.significance >= settings.stripe_foot_sigma
        and abs(float(stripe.theta[1])) <= settings.stripe_foot_slowness_s_per_km
        and FWHM * math.exp(stripe.theta[3]) <= settings.stripe_foot_width_s
    )


def model_of(stripes: list[Stripe], patch: Patch) -> np.ndarray:
    """Expected counts of all stripes, float64 (row, slot)."""
    out = np.zeros(patch.counts.shape)
    for stripe in stripes:
        add(stripe, patch, 1.0, out)
    return out


def add(stripe: Stripe, patch: Patch, sign: float, out: np.ndarray) -> None:
    """Add the expected counts of a stripe, times sign, in place."""
    fitting.add_model(
        stripe.theta, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
        stripe.presence, np.array(stripe.ends), sign, out,
    )  # fmt: skip
