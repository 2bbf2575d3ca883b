"""Stripes of one night: search, fit, ends, removal, joint refits, merging of pieces.

Works on the rows above `stripe_bottom_km` of the coarse image, on top of a base of background and smooth cloud.
"""

from __future__ import annotations

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
    significance: float
    clear_significance: float = math.inf  # of the part above the region of thin layers

    @property
    def middle(self) -> float:
        """Middle altitude (km)."""
        return 0.5 * (self.ends[0] + self.ends[1])

    @property
    def length(self) -> float:
        """Height between the ends (km)."""
        return self.ends[1] - self.ends[0]

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
        return np.exp(self.theta[3] + self.theta[4] * (np.asarray(altitude) - self.middle))


def rows_between(patch: Patch, ends: tuple[float, float]) -> tuple[int, int]:
    """First and last row (exclusive) whose middle lies between the ends."""
    first = int(np.searchsorted(patch.altitude, ends[0]))
    last = int(np.searchsorted(patch.altitude, ends[1]))
    return first, max(last, first + 1)


def row_ends(patch: Patch, first: int, last: int) -> tuple[float, float]:
    """Edges of the rows [first, last) in km."""
    half = 0.5 * patch.row_km
    return float(patch.altitude[first] - half), float(patch.altitude[last - 1] + half)


def priors(size: int, free_shape: bool, settings: DetectSettings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Prior means, precisions and largest steps of the parameters.

    The width of a stripe narrower than a profile and its density cannot be told apart: the prior on ln sigma
    holds the width near `stripe_prior_width_s` by a factor e^`stripe_prior_width_spread`.
    """
    mean, precision = np.zeros(size), np.zeros(size)
    mean[3] = math.log(settings.stripe_prior_width_s / FWHM)
    precision[3] = settings.stripe_prior_width_spread**-2
    precision[2] = settings.stripe_prior_curvature**-2 if free_shape else 1e12
    precision[4] = settings.stripe_prior_widening_per_km**-2 if free_shape else 1e12
    step = np.full(size, np.inf)
    step[0], step[1], step[2], step[3], step[4] = 30.0, 2.0, 0.05, 0.7, 0.01
    return mean, precision, step


def fit_between(
    patch: Patch, base: np.ndarray, start: np.ndarray, ends: tuple[float, float], free_shape: bool,
    settings: DetectSettings,
) -> Stripe:  # fmt: skip
    """Fit a stripe between fixed ends from the parameters `start`."""
    first, last = rows_between(patch, ends)
    mean, precision, step = priors(start.size, free_shape, settings)
    if not free_shape:
        start = start.copy()
        start[2] = start[4] = 0.0
    theta, covariance, gain = fitting.fit(
        start, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
        first, last, np.array(ends), mean, precision, step, settings.stripe_fit_rounds,
    )  # fmt: skip
    return Stripe(theta, covariance, ends, (patch.row_km, patch.row_km), math.sqrt(max(2 * gain, 0.0)))


def knots_for(significance: float, length: float, settings: DetectSettings) -> int:
    """Number of density knots that a stripe of this significance and length can bear."""
    by_signal = int(significance / settings.stripe_knot_sigma)
    by_length = 1 + int(length / settings.stripe_knot_km)
    return max(1, min(by_signal, by_length, 8))


def moved(stripe: Stripe, ends: tuple[float, float], knots: int) -> np.ndarray:
    """Parameters of a stripe about new ends with another number of knots."""
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    shift = middle - stripe.middle
    _t0, p, q, width, widening = stripe.theta[:5]
    positions = np.linspace(*ends, knots) if knots > 1 else np.array([middle])
    density = np.maximum(stripe.density_at(positions), 0.05)
    # t0 is the mean time over the stripe, not the time at its middle.
    head = [
        float(stripe.time_at(middle)) + q * half**2 / 3.0,
        p + 2 * q * shift,
        q,
        width + widening * shift,
        widening,
    ]
    return np.concatenate([head, density])


def ridge_density(patch: Patch, stripe: Stripe) -> np.ndarray:
    """Density (cm-3) expected in each row if the stripe reached it, a little low on purpose.

    Between the ends it is the fitted one, beyond them the mean: the end knots are the least certain. A row whose
    density is overestimated by more than 2 would argue against a stripe that is there, one that is
    underestimated loses little.
    """
    inside = stripe.density_at(patch.altitude)
    mean = float(np.mean(stripe.theta[fitting.FIRST_DENSITY :]))
    beyond = (patch.altitude < stripe.ends[0]) | (patch.altitude > stripe.ends[1])
    return np.where(beyond, 0.6 * mean, np.clip(0.85 * inside, 0.3 * mean, None))


def find_ends(
    patch: Patch, base: np.ndarray, stripe: Stripe, clear_km: float
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Ends (km) that maximise the likelihood along the line, continued straight beyond its ends.

    Returns
    -------
    ends, errors, clear
        clear is the matched signal-to-noise ratio of the part above `clear_km`.
    """
    size = patch.altitude.size
    number, variance = np.zeros(size), np.zeros(size)
    fitting.row_fluxes(
        stripe.theta, patch.counts, base, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, np.array(stripe.ends), number, variance,
    )  # fmt: skip
    density = ridge_density(patch, stripe)
    gain = density * number - 0.5 * density**2 * variance
    centre = min(max(int(np.searchsorted(patch.altitude, stripe.middle)), 1), size - 1)
    up, down = np.cumsum(gain[centre:]), np.cumsum(gain[:centre][::-1])
    top, bottom = centre + int(np.argmax(up)), centre - 1 - int(np.argmax(down))
    power = np.maximum(density**2 * variance, 1e-6)
    # A row more or less costs half its power in log likelihood: the error of an edge is a geometric walk.
    errors = (patch.row_km * max(0.4, 2.0 / power[bottom]), patch.row_km * max(0.4, 2.0 / power[top]))
    high = slice(max(bottom, int(np.searchsorted(patch.altitude, clear_km))), top + 1)
    clear = float(number[high].sum() / math.sqrt(max(variance[high].sum(), 1e-12)))
    return row_ends(patch, bottom, top + 1), errors, clear


def grow(
    patch: Patch, base: np.ndarray, stripe: Stripe, rounds: int, free: bool, settings: DetectSettings
) -> Stripe | None:
    """Find the ends and fit between them in turns; None if nothing of the least length is left."""
    for _ in range(rounds):
        ends, errors, clear = find_ends(patch, base, stripe, settings.stripe_clear_km)
        if ends[1] - ends[0] < settings.stripe_least_length_km:
            return None
        same = ends == stripe.ends
        knots = knots_for(stripe.significance, ends[1] - ends[0], settings)
        shape = free and stripe.significance > settings.stripe_shape_sigma
        stripe = fit_between(patch, base, moved(stripe, ends, knots), ends, shape, settings)
        stripe = replace(stripe, ends_sigma=errors, clear_significance=clear)
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
    found = grow(patch, base, stripe, settings.stripe_end_rounds, False, settings)
    return found if found is not None and acceptable(found, settings) else None


def acceptable(stripe: Stripe, settings: DetectSettings) -> bool:
    """The rule of acceptance, written once."""
    rules = [
        stripe.significance >= settings.stripe_least_sigma,
        stripe.length >= settings.stripe_least_length_km,
        stripe.ends[1] >= settings.stripe_least_top_km,
        stripe.clear_significance >= settings.stripe_least_clear_sigma,
        abs(stripe.theta[1]) <= 1.1 * settings.stripe_largest_slowness_s_per_km,
        FWHM * math.exp(stripe.theta[3]) <= settings.stripe_longest_width_s,
        bool(np.isfinite(stripe.theta).all()),
    ]
    return all(rules)


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
        np.array(stripe.ends), sign, out,
    )  # fmt: skip
