"""A stripe, the cells it lies in, and its light in them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels

FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))


@dataclass(frozen=True)
class Failure:
    """A rule of acceptance that a candidate does not keep, its value and the rule's limit."""

    rule: str  # of `schema.tables.REJECTED`
    value: float
    limit: float


@dataclass(frozen=True)
class Rejection:
    """A candidate that is no stripe, and why."""

    stripe: Stripe
    failure: Failure


@dataclass(frozen=True)
class Patch:
    """What the fits need: arrays (row, slot) of the region of stripes, float32, and the axes."""

    counts: np.ndarray
    background: np.ndarray  # expected counts of the background alone
    coefficient: np.ndarray  # expected counts of a cell for 1 cm-3; 0 where the cell is not used
    time: np.ndarray
    exposure: np.ndarray
    altitude: np.ndarray
    row_km: float
    step: float  # median time between profiles (s)
    rejected: list[Rejection] = field(default_factory=list)  # filled as the search goes

    def reject(self, stripe: Stripe, failure: Failure) -> None:
        """Keep a candidate that is no stripe, and why."""
        self.rejected.append(Rejection(stripe, failure))


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

    @cached_property
    def middle(self) -> float:
        """Middle altitude (km)."""
        return 0.5 * (self.ends[0] + self.ends[1])

    @cached_property
    def length(self) -> float:
        """Height between the ends (km)."""
        return self.ends[1] - self.ends[0]

    @cached_property
    def longest(self) -> float:
        """A time (s) that nothing of the stripe's line lies further from theta[0]."""
        return 0.5 * abs(float(self.theta[1])) * self.length + 0.25 * abs(float(self.theta[2])) * self.length**2

    @cached_property
    def knots(self) -> np.ndarray:
        """Altitudes (km) of the densities in `theta`, dims (knot,)."""
        return np.linspace(*self.ends, self.theta.size - kernels.FIRST_DENSITY)

    @cached_property
    def widest(self) -> float:
        """Largest standard deviation of the Gaussian in time (s) between the ends."""
        return float(self.sigma_at(np.array(self.ends)).max())

    def time_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Time of maximum (s) at an altitude (km).

        Parameters
        ----------
        altitude
            km, of any dims.

        Returns
        -------
        ndarray
            s, dims of `altitude`.
        """
        u, half = np.asarray(altitude) - self.middle, 0.5 * self.length
        t0, p, q = self.theta[:3]
        return t0 + p * u + q * (u**2 - half**2 / 3.0)

    def density_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Peak density (cm-3) at an altitude (km).

        Parameters
        ----------
        altitude
            km, of any dims.

        Returns
        -------
        ndarray
            cm-3, dims of `altitude`.
        """
        return np.interp(altitude, self.knots, self.theta[kernels.FIRST_DENSITY :])

    def sigma_at(self, altitude: np.ndarray | float) -> np.ndarray:
        """Standard deviation of the Gaussian in time (s) at an altitude (km).

        Parameters
        ----------
        altitude
            km, of any dims.

        Returns
        -------
        ndarray
            s, dims of `altitude`.
        """
        # A failed fit, which is thrown away afterwards, may widen beyond all numbers.
        return np.exp(np.minimum(self.theta[3] + self.theta[4] * (np.asarray(altitude) - self.middle), 20.0))


def row_ends(patch: Patch, first: int, last: int) -> tuple[float, float]:
    """Edges of the rows [first, last) in km."""
    half = 0.5 * patch.row_km
    return float(patch.altitude[first] - half), float(patch.altitude[last - 1] + half)


def covering(patch: Patch, ends: tuple[float, float]) -> np.ndarray:
    """Presence of a stripe with known ends: the share of each row between them.

    Returns
    -------
    ndarray
        0 to 1, dims (row,).
    """
    half = 0.5 * patch.row_km
    low, high = np.maximum(patch.altitude - half, ends[0]), np.minimum(patch.altitude + half, ends[1])
    return np.clip((high - low) / patch.row_km, 0.0, 1.0)


def knots_for(significance: float, length: float, method: Method) -> int:
    """Number of density knots that a stripe of this significance and length can bear."""
    by_signal = int(significance / method.fit.knot_sigma)
    by_length = 1 + int(length / method.fit.knot_km)
    return max(1, min(by_signal, by_length, 8))


def rebased(stripe: Stripe, ends: tuple[float, float], knots: int) -> np.ndarray:
    """Parameters of a stripe about new ends with another number of knots.

    Returns
    -------
    ndarray
        dims (parameter,), units as `Stripe.theta`.
    """
    return kernels.rebased(stripe.theta, np.array(stripe.ends), np.array(ends), knots)


def model_of(stripes: list[Stripe], patch: Patch) -> np.ndarray:
    """Expected counts of all stripes, float64 (row, slot).

    Returns
    -------
    ndarray
        counts in a cell.
    """
    out = np.zeros(patch.counts.shape)
    for stripe in stripes:
        add(stripe, patch, 1.0, out)
    return out


def add(stripe: Stripe, patch: Patch, sign: float, out: np.ndarray) -> slice:
    """Add the expected counts of a stripe, times sign, in place.

    Parameters
    ----------
    out
        counts in a cell, dims (row, slot), changed in place.

    Returns
    -------
    slice
        the slots outside which nothing was changed.
    """
    low, high = kernels.add_model(
        stripe.theta, patch.coefficient, patch.time, patch.exposure, patch.altitude, patch.row_km,
        stripe.presence, np.array(stripe.ends), sign, out,
    )  # fmt: skip
    return slice(low, high)


def light_near(stripe: Stripe, patch: Patch, reach_s: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """Expected counts of a stripe alone in the slots up to `reach_s` from its line, and where these are.

    Returns
    -------
    tuple
        rows and slots of the patch; counts in a cell, dims (row, slot).
    """
    far = stripe.longest + reach_s
    low, high = np.searchsorted(patch.time, [stripe.theta[0] - far, stripe.theta[0] + far])
    cut = (slice(None), slice(int(low), int(high)))
    light = np.zeros((patch.altitude.size, int(high - low)))
    kernels.add_model(
        stripe.theta, np.ascontiguousarray(patch.coefficient[cut]), patch.time[cut[1]], patch.exposure[cut[1]],
        patch.altitude, patch.row_km, stripe.presence, np.array(stripe.ends), 1.0, light,
    )  # fmt: skip
    return cut, light


def time_between(a: Stripe, b: Stripe) -> float:
    """A time (s) that two stripes are apart at least at every altitude that both reach; below 0: not known."""
    return abs(float(a.theta[0] - b.theta[0])) - a.longest - b.longest


def same_place(a: Stripe, b: Stripe, within_s: float) -> bool:
    """Whether two stripes run within some seconds of each other over half of the shorter one."""
    low, high = max(a.ends[0], b.ends[0]), min(a.ends[1], b.ends[1])
    if high - low < 0.5 * min(a.length, b.length) or time_between(a, b) > within_s:
        return False
    z = np.linspace(low, high, 5)
    return bool(np.median(np.abs(a.time_at(z) - b.time_at(z))) < within_s)


def slots_of(stripe: Stripe, patch: Patch) -> tuple[int, int]:
    """Slots between the ends of a stripe, as a range."""
    low, high = np.searchsorted(patch.time, np.sort(stripe.time_at(np.array(stripe.ends))))
    return int(low), int(high)
