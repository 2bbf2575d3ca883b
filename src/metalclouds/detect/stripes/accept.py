"""What counts as a stripe."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.fit import significance_of
from metalclouds.detect.stripes.model import FWHM, Failure, Patch, Stripe, covering, light_near


def acceptable(stripe: Stripe, method: Method) -> bool:
    """Whether a fit is a stripe wherever it lies."""
    return failure(stripe, method) is None and unusual(stripe, method) is None


def failure(stripe: Stripe, method: Method) -> Failure | None:
    """The first rule that a fit does not keep and that no stripe may break; None if it keeps all."""
    settings, accept = method.settings, method.accept
    if not np.isfinite(stripe.theta).all():
        return Failure("fit", math.nan, math.nan)
    width, slowness = width_of(stripe), abs(float(stripe.theta[1]))
    if not accept.least_width_s <= width:
        return Failure("fit", width, accept.least_width_s)
    broken = _below(
        ("significance", stripe.significance, settings.stripe_least_sigma),
        ("height", stripe.length, settings.stripe_least_length_km),
        ("elongation", elongation(stripe, method), accept.least_elongation_alone),
    )
    if broken is None and not slowness <= 1.1 * method.search.largest_slowness_s_per_km:
        return Failure("slowness", slowness, 1.1 * method.search.largest_slowness_s_per_km)
    if broken is None and not width <= accept.longest_width_s:
        return Failure("width", width, accept.longest_width_s)
    return broken


def unusual(stripe: Stripe, method: Method) -> Failure | None:
    """The first rule that only a stripe which stands alone may break; None if it keeps all."""
    broken = _below(
        ("height", stripe.length, method.accept.least_height_km),
        ("elongation", elongation(stripe, method), method.accept.least_elongation),
    )
    if broken is None and not (is_high(stripe, method) or is_foot(stripe, method) or is_descent(stripe, method)):
        return _low(stripe, method)
    return broken


def _below(*rules: tuple[str, float, float]) -> Failure | None:
    return next((Failure(*rule) for rule in rules if not rule[1] >= rule[2]), None)


def _low(stripe: Stripe, method: Method) -> Failure:
    """What a stripe lacks that is not high enough above the thin layers."""
    if stripe.ends[1] < method.settings.stripe_least_top_km:
        return Failure("top", stripe.ends[1], method.settings.stripe_least_top_km)
    return Failure("significance above the thin layers", stripe.clear_significance, method.accept.least_clear_sigma)


def width_of(stripe: Stripe) -> float:
    """Full width at half maximum (s)."""
    return FWHM * math.exp(min(float(stripe.theta[3]), 20.0))


def is_high(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe rises above the thin layers and stands out there."""
    return (
        stripe.ends[1] >= method.settings.stripe_least_top_km
        and stripe.clear_significance >= method.accept.least_clear_sigma
    )


def elongation(stripe: Stripe, method: Method) -> float:
    """Length over width across, in a picture whose axes are altitude and the distance drifted (km both)."""
    width = method.accept.drift_km_s * width_of(stripe)
    slant = method.accept.drift_km_s * float(stripe.theta[1])
    return stripe.length * (1.0 + slant**2) / width


def is_foot(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe among the thin layers is too bright, too steep and too narrow to be one of their waves."""
    return (
        stripe.ends[1] < method.accept.clear_of_waves_km
        and stripe.significance >= method.accept.foot_sigma
        and abs(float(stripe.theta[1])) <= method.accept.foot_slowness_s_per_km
        and FWHM * math.exp(stripe.theta[3]) <= method.accept.foot_width_s
    )


def is_descent(stripe: Stripe, method: Method) -> bool:
    """Whether a flat stripe is too bright and too tall to be the wave of a thin layer."""
    return stripe.significance >= method.accept.foot_sigma and stripe.length >= method.accept.taller_than_waves_km


def out_of_place(
    stripe: Stripe, patch: Patch, expected: np.ndarray, known: np.ndarray, method: Method
) -> Failure | None:  # fmt: skip
    """Why a stripe does not stand out of what lies about it; None if it is a ridge, and more than its profiles.

    Parameters
    ----------
    expected, known
        expected counts without the stripe, (row, slot): of all else, and of all else but smooth clouds.
    """
    broken = unusual(stripe, method)
    if broken is not None and not stands_alone(stripe, patch, known, method):
        return broken
    contrast, lacking = side_contrast(stripe, patch, known, method)
    if not contrast >= lacking:
        return Failure("sides", contrast, lacking)
    if width_of(stripe) > method.accept.even_width_s:
        steps, most = unevenness(stripe, patch, expected, method), method.accept.most_uneven
        if not steps <= most:
            return Failure("uneven", steps, most)
    else:
        within, most = cloud_share(stripe, patch, expected, known, method), method.accept.most_cloud
        if not within <= most:
            return Failure("cloud", within, most)
    added, needed = beyond_profiles(stripe, patch, expected, method)
    if not added >= needed:
        return Failure("profiles", added, needed)
    if broken is None and not (is_high(stripe, method) or is_foot(stripe, method)):
        third, least = weakest_third(stripe, patch, expected), method.accept.least_clear_sigma
        if not third >= least:
            return Failure("thirds", third, least)
    return None


def stands_alone(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> bool:
    """Whether a bright stripe has hardly any light but its own about it: no part of a layer or a cloud.

    Parameters
    ----------
    expected
        expected counts of background and other stripes, without any smooth cloud, (row, slot).
    """
    accept = method.accept
    if stripe.significance < accept.alone_sigma or stripe.ends[1] < accept.alone_top_km:
        return False
    rows = np.flatnonzero(np.abs(patch.altitude - stripe.middle) < 0.5 * stripe.length + accept.alone_km)
    time = stripe.time_at(patch.altitude[rows])
    reach = accept.alone_widths * width_of(stripe) + patch.step
    low, high = np.searchsorted(patch.time, [time.min() - reach, time.max() + reach])
    cut = (slice(int(rows[0]), int(rows[-1]) + 1), slice(int(low), int(high)))
    near = np.abs(patch.time[None, cut[1]] - time[:, None]) < reach
    own = float(light_near(stripe, patch, reach)[1][cut[0]].sum())
    rest = float((patch.counts[cut] - expected[cut])[near].sum()) - own
    noise = math.sqrt(float(np.maximum(patch.counts[cut], expected[cut])[near].sum()))
    return rest < accept.alone_share * own + noise


def weakest_third(stripe: Stripe, patch: Patch, expected: np.ndarray) -> float:
    """Least significance of the thirds of a stripe's height: low for one bright spot that a line crosses.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    edges = np.linspace(*stripe.ends, 4)
    thirds = [np.minimum(stripe.presence, covering(patch, ends)) for ends in itertools.pairwise(edges)]
    return min(significance_of(patch, expected, replace(stripe, presence=third)) for third in thirds)


def cloud_share(stripe: Stripe, patch: Patch, expected: np.ndarray, known: np.ndarray, method: Method) -> float:
    """Light of the smooth cloud where a stripe lies, in the stripe's own: its ripples and waves look like faint ones.

    Without the flare, where the layers are.

    Parameters
    ----------
    expected, known
        expected counts without the stripe, (row, slot): of all else, and of all else but smooth clouds.
    """
    cut, light = light_near(stripe, patch, 2.0 * width_of(stripe) + patch.step)
    rows = without_flare(stripe, patch, method)
    cloud = expected[cut][rows] - known[cut][rows]
    return float(np.sum(light[rows] * cloud)) / max(float(np.sum(light[rows] ** 2)), 1e-9)


def without_flare(stripe: Stripe, patch: Patch, method: Method) -> np.ndarray:
    """Rows of a stripe above the altitude where it flares; all of one that hardly rises above it.

    Returns
    -------
    ndarray
        indices, dims (row,).
    """
    bottom = method.flare.straight_bottom_km
    return np.flatnonzero((stripe.presence > 0.5) & ((patch.altitude > bottom) | (stripe.ends[1] < bottom + 10.0)))


def unevenness(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> float:
    """Squared steps of the light from an eighth of a wide stripe to the next, in its own squared light.

    Steps are those of the residuals beyond photon noise, two errors taken off, without the flare: near 0 for one
    trail, near 1 for a row of narrow ones.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    rows = without_flare(stripe, patch, method)
    cut, light = light_near(stripe, patch, 2.0 * width_of(stripe) + patch.step)
    size = max(round(width_of(stripe) / (8.0 * patch.step)), 1)
    first = np.searchsorted(patch.time[cut[1]], stripe.time_at(patch.altitude[rows]) - 0.5 * width_of(stripe))
    slots = first[:, None] + np.arange(8 * size)
    inside = slots[:, -1] < light.shape[1]
    cells = (rows[inside, None], slots[inside])
    shape = (int(inside.sum()), 8, size)
    seen = patch.coefficient[cut][cells] > 0
    counts, own, below = (
        np.where(seen, part[cells], 0.0).reshape(shape).sum(axis=2)
        for part in (patch.counts[cut], light, expected[cut])
    )
    step = np.diff(counts - own - below, axis=1)
    noise = (own + below)[:, 1:] + (own + below)[:, :-1]
    excess = float(np.sum(step**2 - noise)) - 2.0 * math.sqrt(2.0 * float(np.sum(noise**2)))
    return max(excess, 0.0) / max(float(np.sum(own[:, 1:] ** 2 + own[:, :-1] ** 2)), 1e-9)


def beyond_profiles(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> tuple[float, float]:
    """Significance that an upright stripe adds to an offset and a gain of its profiles, and what it must add.

    Both are fitted with the stripe, the gain inside a prior. What is added must be significant, and most of its
    significance. A stripe that slants may do as it likes.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).
    """
    width = width_of(stripe) + patch.step
    if abs(float(stripe.theta[1])) * stripe.length > method.accept.upright_widths * width:
        return math.inf, 0.0
    cut, light = light_near(stripe, patch, 1.5 * width)
    profile = light.sum(axis=0)
    profile = profile / max(float(profile.max()), 1e-9)
    parts = np.stack([profile * patch.background[cut], profile * (expected[cut] - patch.background[cut]), light])
    seen = patch.coefficient[cut] > 0
    weight = seen / expected[cut]
    matrix = np.einsum("akt,bkt,kt->ab", parts, parts, weight)
    vector = np.einsum("akt,kt->a", parts, weight * (patch.counts[cut] - expected[cut]))
    matrix += np.diag([0.0, method.accept.gain_error**-2, 0.0]) + 1e-9 * np.diag(np.diag(matrix))
    whole, without = (float(vector[:n] @ np.linalg.pinv(matrix[:n, :n]) @ vector[:n]) for n in (3, 2))
    low, high = method.accept.beside_profile_sigma
    faint, bright = (share * stripe.significance for share in method.accept.beside_profile_share)
    needed = min(max(faint, low), max(bright, high))
    return math.sqrt(max(whole - without, 0.0)), needed


def side_contrast(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> tuple[float, float]:
    """How much light falls off on the flatter side of a stripe's line, in its own light, and how much must.

    The edge of a cloud falls off on one side only. Where one side was not observed, the other must fall off for sure:
    a cloud that is there when the observation begins looks like half a stripe.

    Parameters
    ----------
    expected
        expected counts of background and other stripes, without any smooth cloud, (row, slot).
    """
    density, error = kernels.side_contrast(
        stripe.theta, patch.counts, expected, patch.coefficient, patch.time, patch.altitude, patch.row_km, patch.step,
        stripe.presence, np.array(stripe.ends),
    )  # fmt: skip
    sure = -1.0 if np.isfinite(density).all() else 1.0
    least = method.accept.side_contrast + sure * method.accept.side_sigma * error
    worst = int(np.argmin(np.nan_to_num(density - least, nan=math.inf)))
    return float(density[worst]), float(least[worst])
