"""What counts as a stripe."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.fit import significance_of
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, add, covering


def acceptable(stripe: Stripe, method: Method) -> bool:
    """The rule of acceptance, written once."""
    rules = [
        stripe.significance >= method.settings.stripe_least_sigma,
        stripe.length >= method.settings.stripe_least_length_km,
        is_high(stripe, method) or is_foot(stripe, method) or is_descent(stripe, method),
        abs(stripe.theta[1]) <= 1.1 * method.search.largest_slowness_s_per_km,
        elongation(stripe, method) >= method.accept.least_elongation,
        method.accept.least_width_s
        <= FWHM * math.exp(min(float(stripe.theta[3]), 20.0))
        <= method.accept.longest_width_s,
        bool(np.isfinite(stripe.theta).all()),
    ]
    return all(rules)


def is_high(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe rises above the thin layers and stands out there."""
    return (
        stripe.ends[1] >= method.settings.stripe_least_top_km
        and stripe.clear_significance >= method.accept.least_clear_sigma
    )


def elongation(stripe: Stripe, method: Method) -> float:
    """Length over width across, in a picture whose axes are altitude and the distance drifted (km both)."""
    width = method.accept.drift_km_s * FWHM * math.exp(min(float(stripe.theta[3]), 20.0))
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


def is_in_place(stripe: Stripe, patch: Patch, base: np.ndarray, known: np.ndarray, method: Method) -> bool:
    """Whether a stripe stands out of what lies about it: a ridge, and nothing that its profiles alone explain.

    Parameters
    ----------
    base, known
        expected counts without the stripe, (row, slot): of all else, and of all else but smooth clouds.
    """
    return (
        is_ridge(stripe, patch, known, method)
        and not is_instrument(stripe, patch, base, method)
        and (is_high(stripe, method) or is_foot(stripe, method) or is_whole(stripe, patch, base, method))
    )


def is_whole(stripe: Stripe, patch: Patch, base: np.ndarray, method: Method) -> bool:
    """Whether each third of a stripe's height stands out by itself: not one bright spot that a line crosses.

    Parameters
    ----------
    base
        expected counts without the stripe, dims (row, slot).
    """
    edges = np.linspace(*stripe.ends, 4)
    thirds = [np.minimum(stripe.presence, covering(patch, ends)) for ends in itertools.pairwise(edges)]
    return all(
        significance_of(patch, base, replace(stripe, presence=third)) >= method.accept.least_clear_sigma
        for third in thirds
    )


def is_instrument(stripe: Stripe, patch: Patch, base: np.ndarray, method: Method) -> bool:
    """Whether an upright stripe is explained by an offset and a gain of the profiles that it lies in.

    Both are fitted with the stripe, the gain inside a prior. What the stripe adds to them must be significant, and be
    a part of the whole.

    Parameters
    ----------
    base
        expected counts without the stripe, dims (row, slot).
    """
    width = FWHM * math.exp(min(float(stripe.theta[3]), 20.0)) + patch.step
    if abs(float(stripe.theta[1])) * stripe.length > method.accept.upright_widths * width:
        return False
    low, high = np.searchsorted(patch.time, stripe.theta[0] + np.array([-1.5, 1.5]) * width)
    cut = (slice(None), slice(int(low), int(high)))
    light = np.zeros_like(base)
    add(stripe, patch, 1.0, light)
    profile = light[cut].sum(axis=0)
    profile = profile / max(float(profile.max()), 1e-9)
    parts = np.stack([profile * patch.expected[cut], profile * (base[cut] - patch.expected[cut]), light[cut]])
    seen = patch.coefficient[cut] > 0
    weight = seen / base[cut]
    matrix = np.einsum("akt,bkt,kt->ab", parts, parts, weight)
    vector = np.einsum("akt,kt->a", parts, weight * (patch.counts[cut] - base[cut]))
    matrix += np.diag([0.0, method.accept.gain_error**-2, 0.0]) + 1e-9 * np.diag(np.diag(matrix))
    whole, without = (float(vector[:n] @ np.linalg.pinv(matrix[:n, :n]) @ vector[:n]) for n in (3, 2))
    needed = max(method.accept.beside_profile_sigma**2, method.accept.beside_profile_share * whole)
    return whole - without < needed


def is_ridge(stripe: Stripe, patch: Patch, base: np.ndarray, method: Method) -> bool:
    """Whether the light falls off on both sides of a stripe's line: the edge of a cloud does so on one side only.

    Parameters
    ----------
    base
        expected counts of background and other stripes, without any smooth cloud, (row, slot).
    """
    density, error = kernels.side_contrast(
        stripe.theta, patch.counts, base, patch.coefficient, patch.time, patch.altitude, patch.row_km, patch.step,
        stripe.presence, np.array(stripe.ends),
    )  # fmt: skip
    least = method.accept.side_contrast - method.accept.side_sigma * error
    return bool((density >= least).all())
