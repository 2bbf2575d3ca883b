"""What counts as a stripe."""

from __future__ import annotations

import math

import numpy as np

from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe


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
        elongation(stripe, settings) >= settings.stripe_least_elongation,
        FWHM * math.exp(stripe.theta[3]) >= settings.stripe_least_width_s,
        bool(np.isfinite(stripe.theta).all()),
    ]
    return all(rules)


def elongation(stripe: Stripe, settings: DetectSettings) -> float:
    """Length over width across, in a picture whose axes are altitude and the distance drifted (km both)."""
    width = settings.drift_km_s * FWHM * math.exp(min(float(stripe.theta[3]), 20.0))
    slant = settings.drift_km_s * float(stripe.theta[1])
    return stripe.length * (1.0 + slant**2) / width


def is_foot(stripe: Stripe, settings: DetectSettings) -> bool:
    """Whether a stripe among the thin layers is too bright, too steep and too narrow to be one of their waves."""
    return (
        stripe.ends[1] < settings.stripe_clear_of_waves_km
        and stripe.significance >= settings.stripe_foot_sigma
        and abs(float(stripe.theta[1])) <= settings.stripe_foot_slowness_s_per_km
        and FWHM * math.exp(stripe.theta[3]) <= settings.stripe_foot_width_s
    )


def is_ridge(stripe: Stripe, patch: Patch, base: np.ndarray, settings: DetectSettings) -> bool:
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
    least = settings.stripe_side_contrast - settings.stripe_side_sigma * error
    return bool((density >= least).all())
