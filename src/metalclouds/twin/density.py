"""Ca+ number density of a night's truth, averaged over the accumulation of each profile.

Dims (time, altitude), cm-3. Stripes move through the beam while a profile accumulates, so they are integrated over
time in closed form; the main layer and clouds change slowly and are taken at the middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from metalclouds.twin.packs import ATTACHED_KM
from metalclouds.twin.sky import Cloud, MainLayer, NightTruth, SporadicLayer, Time, TrueStripe, hour_of

Field = NDArray[Any]
Axis = NDArray[Any]

# Shape of a stripe; all assumed but for what the paper says in words (lines 234-236).
EDGE_KM = 2.0
"""Ends fade as a hyperbolic tangent of this scale; the stated end is where half the density is left."""
BROADENING_PER_KM = 0.0035
"""Growth of the width downwards over the whole height, as a share of the width at 200 km."""
FOOT_BELOW_KM = 130.0
FOOT_DEPTH_KM = 20.0
FOOT_WIDENING = 3.5
FOOT_BRIGHTENING = 4.0
THIN_LAYER_KM = 1.0
THIN_LAYER_BRIGHTNESS = 9.0
THIN_LAYER_WIDENING = 7.0
DECREASE_KM = 400.0
"""Scale height of a stripe's density above 130 km."""
REACH = 4.0
"""Gaussians are cut off at this many standard deviations."""

CLOUD_EDGE_KM = 3.0
CLOUD_EDGE_S = 120.0
LAYER_EDGE_S = 180.0
MAIN_LAYER_TOP_KM = 140.0
COLUMN_KM = (83.0, 120.0)
"""Altitudes of the column density (paper, line 195)."""
WAVE_COLUMN_PER_KM = 0.15
"""Relative change of the column that goes with a kilometre of a wave's displacement; assumed."""
BOTTOM_SHARE, TOP_SHARE = 0.8, 1.2
"""Standard deviations of the main layer below and above its peak, as shares of its width."""


@dataclass(frozen=True)
class Axes:
    """Profiles and bins: start and length of each accumulation (s since `origin`), bin centres (km)."""

    origin: Time
    start_s: Axis
    length_s: float
    altitude_km: Axis

    @property
    def middle_s(self) -> Axis:
        """Middle of each accumulation, s since `origin`."""
        return self.start_s + self.length_s / 2

    def seconds(self, time: Time) -> float:
        """Seconds since `origin`."""
        return float((time - self.origin).astype("timedelta64[ms]").astype(float)) / 1e3

    def bins(self, bottom_km: float, top_km: float) -> slice:
        """Bins between two altitudes."""
        return slice(*np.searchsorted(self.altitude_km, (bottom_km, top_km)))

    def profiles(self, first_s: float, last_s: float) -> slice:
        """Profiles that accumulate at some time between the two."""
        return slice(
            int(np.searchsorted(self.start_s + self.length_s, first_s)), int(np.searchsorted(self.start_s, last_s))
        )


def density(truth: NightTruth, axes: Axes) -> Field:
    """Number density of everything in the sky (cm-3), float32, dims (time, altitude)."""
    field = np.zeros((axes.start_s.size, axes.altitude_km.size), dtype=np.float32)
    add_main_layer(field, truth.main_layer, truth.night, axes)
    for layer in truth.main_layer.sporadic:
        add_sporadic_layer(field, layer, axes)
    for cloud in truth.clouds:
        add_cloud(field, cloud, axes)
    for stripe in truth.stripes:
        add_stripe(field, stripe, axes)
    return field


def add_main_layer(field: Field, layer: MainLayer, night: str, axes: Axes) -> None:
    """Add a two-sided Gaussian whose integral over 83-120 km is the column of the moment."""
    hours = hour_of(night, axes.origin + np.round(1e3 * axes.middle_s).astype("timedelta64[ms]"))
    wave = np.sin(2 * np.pi * (hours - layer.wave_phase_h) / layer.wave_period_h)
    centroid = layer.centroid_km + layer.tide_km * np.cos(2 * np.pi * (hours - layer.tide_phase_h) / 12)
    centroid += layer.wave_km * wave
    column = 1 + layer.column_tide * np.cos(2 * np.pi * (hours - layer.column_phase_h) / 24)
    column *= layer.column_cm2 * (1 + WAVE_COLUMN_PER_KM * layer.wave_km * wave)
    # The mean of a two-sided Gaussian lies sqrt(2/pi) (s_top - s_bottom) above its peak.
    peak_km = centroid - np.sqrt(2 / np.pi) * (TOP_SHARE - BOTTOM_SHARE) * layer.width_km
    bins = axes.bins(0.0, MAIN_LAYER_TOP_KM)
    offset = axes.altitude_km[bins] - peak_km[:, None]
    sigma = np.where(offset < 0, BOTTOM_SHARE, TOP_SHARE) * layer.width_km
    shape = np.exp(-0.5 * (offset / sigma) ** 2)
    low, high = ((edge - peak_km) / layer.width_km for edge in COLUMN_KM)
    area = BOTTOM_SHARE * (0.5 - ndtr(low / BOTTOM_SHARE)) + TOP_SHARE * (ndtr(high / TOP_SHARE) - 0.5)
    area_cm = 1e5 * np.sqrt(2 * np.pi) * layer.width_km * area
    field[:, bins] += ((column / area_cm)[:, None] * shape).astype(np.float32)


def add_sporadic_layer(field: Field, layer: SporadicLayer, axes: Axes) -> None:
    """Add a thin Gaussian layer that comes and goes within a few minutes and moves evenly between its altitudes."""
    first, last = axes.seconds(layer.start), axes.seconds(layer.end)
    rows = axes.profiles(first - REACH * LAYER_EDGE_S, last + REACH * LAYER_EDGE_S)
    middle = axes.middle_s[rows]
    height = layer.start_km + np.clip((middle - first) / (last - first), 0, 1) * (layer.end_km - layer.start_km)
    reach = REACH * layer.width_km
    bins = axes.bins(min(layer.start_km, layer.end_km) - reach, max(layer.start_km, layer.end_km) + reach)
    strength = layer.density_cm3 * _window(middle, first, last, LAYER_EDGE_S)
    offset = (axes.altitude_km[bins] - height[:, None]) / layer.width_km
    field[rows, bins] += (strength[:, None] * np.exp(-0.5 * offset**2)).astype(np.float32)


def add_cloud(field: Field, cloud: Cloud, axes: Axes) -> None:
    """Add the diffuse part of a cloud, fading at its edges."""
    if cloud.density_cm3 <= 0:
        return
    first, last = axes.seconds(cloud.start), axes.seconds(cloud.end)
    rows = axes.profiles(first - 3 * CLOUD_EDGE_S, last + 3 * CLOUD_EDGE_S)
    middle = axes.middle_s[rows]
    bottom, top = cloud.edges_km(axes.origin + np.round(1e3 * middle).astype("timedelta64[ms]"))
    bins = axes.bins(bottom.min(initial=400) - 12, top.max(initial=0) + 12)
    altitude = axes.altitude_km[bins]
    band = _window(altitude, bottom[:, None], top[:, None], CLOUD_EDGE_KM)
    strength = cloud.density_cm3 * _window(middle, first, last, CLOUD_EDGE_S)
    field[rows, bins] += (strength[:, None] * band).astype(np.float32)


def stripe_width_s(stripe: TrueStripe, altitude_km: Axis) -> Axis:
    """Standard deviation in time at each altitude: grows downwards, several times faster below 130 km."""
    growth = 1 + BROADENING_PER_KM * (200.0 - altitude_km)
    return stripe.width_s * growth * (1 + FOOT_WIDENING * _foot(altitude_km))


def stripe_peak_cm3(stripe: TrueStripe, altitude_km: Axis) -> Axis:
    """Density at the time of maximum at each altitude, without the thin layer at the foot."""
    reference = max(stripe.bottom_km, FOOT_BELOW_KM)
    decrease = np.exp(-np.clip(altitude_km - reference, 0, None) / DECREASE_KM)
    foot = 1 + FOOT_BRIGHTENING * _foot(altitude_km)
    ends = _window(altitude_km, stripe.bottom_km, stripe.top_km, EDGE_KM)
    return stripe.peak_density_cm3 * decrease * foot * ends


def add_stripe(field: Field, stripe: TrueStripe, axes: Axes) -> None:
    """Add a stripe: a Gaussian in time at each altitude, averaged exactly over each accumulation."""
    bins = axes.bins(stripe.bottom_km - 3 * EDGE_KM, stripe.top_km + 3 * EDGE_KM)
    altitude = axes.altitude_km[bins]
    if not altitude.size:
        return
    rise = altitude - stripe.bottom_km
    middle = axes.seconds(stripe.time_bottom) + stripe.slowness_s_per_km * rise + stripe.curvature_s_per_km2 * rise**2
    width = stripe_width_s(stripe, altitude)
    _add_passage(field, bins, middle, width, stripe_peak_cm3(stripe, altitude), axes)
    if stripe.bottom_km < ATTACHED_KM:
        _add_thin_layer(field, stripe, axes)


def _add_thin_layer(field: Field, stripe: TrueStripe, axes: Axes) -> None:
    bins = axes.bins(stripe.bottom_km - REACH * THIN_LAYER_KM, stripe.bottom_km + REACH * THIN_LAYER_KM)
    offset = (axes.altitude_km[bins] - stripe.bottom_km) / THIN_LAYER_KM
    peak = THIN_LAYER_BRIGHTNESS * stripe.peak_density_cm3 * np.exp(-0.5 * offset**2)
    width = np.full(offset.shape, THIN_LAYER_WIDENING * stripe.width_s)
    _add_passage(field, bins, np.full(offset.shape, axes.seconds(stripe.time_bottom)), width, peak, axes)


def _add_passage(field: Field, bins: slice, middle_s: Axis, width_s: Axis, peak: Axis, axes: Axes) -> None:
    """Mean over each accumulation of peak exp(-(t - middle)^2 / (2 width^2)), a column of values per bin."""
    if not middle_s.size:
        return
    rows = axes.profiles((middle_s - REACH * width_s).min(), (middle_s + REACH * width_s).max())
    start = axes.start_s[rows][:, None]
    passed = ndtr((start + axes.length_s - middle_s) / width_s) - ndtr((start - middle_s) / width_s)
    field[rows, bins] += (peak * width_s * (np.sqrt(2 * np.pi) / axes.length_s) * passed).astype(np.float32)


def _foot(altitude_km: Axis) -> Axis:
    """0 above 130 km, rising to 1 at 110 km."""
    return np.clip((FOOT_BELOW_KM - altitude_km) / FOOT_DEPTH_KM, 0, 1)


def _window(x: Axis, low: Axis | float, high: Axis | float, edge: float) -> Axis:
    """1 between low and high, one half at each, fading as a hyperbolic tangent."""
    return 0.5 * (np.tanh((x - low) / edge) - np.tanh((x - high) / edge))
