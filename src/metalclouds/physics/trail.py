"""Zenith angle of a trail from the slowness of its stripe and the wind.

A trail of zenith angle b whose upper end points to azimuth a drifts with velocity V, D the angle between V and
a. A stripe's slowness p = dt/dz is fitted to the **time of maximum at each altitude**; then a filament shows
p = -tan b cos D / v, so that tan b = v |p| / |cos D| and arctan(v |p|) is a lower limit of b. It is b itself
where the trail lies along the drift (D = 0), which a long stripe selects: a filament of half-width W stays in
the beam over a height H ~ 2 W / (tan b |sin D|).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.constants import MAGNETIC_DECLINATION_DEG, MAGNETIC_DIP_DEG
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import Wind, WindVector, wind_at

VALUE, LOWER_LIMIT, UPPER_LIMIT, NO_WIND = "value", "lower_limit", "upper_limit", "no_wind"


@dataclass(frozen=True)
class Beta:
    """Zenith angle in degrees with its 68 % interval; for limits only one bound is meaningful."""

    value: float
    low: float
    high: float
    kind: str


def zenith_angle(slowness: float, wind: float) -> float:
    """arctan(v |p|) in degrees; slowness in s/km, wind speed in m/s."""
    return math.degrees(math.atan(abs(slowness) * wind / 1000.0))


def interval(slowness: float, slowness_sigma: float, wind: float, wind_sigma: float) -> tuple[float, float]:
    """68 % interval of arctan(v |p|) in degrees, errors of wind and slowness propagated in tan b.

    The relative errors add in quadrature; the lower end is cut at 0.
    """
    tangent = abs(slowness) * wind / 1000.0
    sigma = math.hypot(slowness_sigma * wind, slowness * wind_sigma) / 1000.0
    low, high = max(tangent - sigma, 0.0), tangent + sigma
    return math.degrees(math.atan(low)), math.degrees(math.atan(high))


@dataclass(frozen=True)
class Drift:
    """How a trail moves: horizontal speed with its standard error, and vertical velocity, m/s, upward positive."""

    speed: float
    sigma: float
    upward: float = 0.0


@dataclass(frozen=True)
class Slant:
    """How a stripe leans in time.

    Attributes
    ----------
    slowness, sigma
        dt/dz of the time of maximum at each altitude and its standard error, s/km.
    length_km
        height of the stripe.
    resolved
        whether the slant is larger than the sampling can show.
    sampling_s
        accumulation time of a profile.
    """

    slowness: float
    sigma: float
    length_km: float
    resolved: bool
    sampling_s: float


def beta(slant: Slant, drift: Drift, long_km: float = 80.0, confidence_sigma: float = 2.0) -> Beta:
    """Zenith angle of a trail, as a value or as a limit.

    Parameters
    ----------
    drift
        its speed is NaN where there is no wind; an error that is NaN counts as 0.
    long_km
        a longer stripe has its angle for a value (Chen et al. 2026 take stripes longer than 80 km); of a shorter
        one it is a lower limit, since the angle between trail and drift is free.
    confidence_sigma
        an interval of this many standard errors that contains no slant makes the angle an upper limit.

    Returns
    -------
    Beta
        `upper_limit`: low is 0 and high (= value) is arctan(v (|p| + confidence_sigma sigma)), or, where it is
        more, the angle of a slant of one accumulation time over the stripe's height.
        `lower_limit`: high is 90. `no_wind`: all NaN.
    """
    if not (np.isfinite(drift.speed) and np.isfinite(slant.slowness)):
        return Beta(math.nan, math.nan, math.nan, NO_WIND)
    sigma = drift.sigma if np.isfinite(drift.sigma) else 0.0
    if not slant.resolved or abs(slant.slowness) <= confidence_sigma * slant.sigma:
        largest = abs(slant.slowness) + confidence_sigma * slant.sigma
        if not slant.resolved:
            largest = max(largest, slant.sampling_s / slant.length_km)
        limit = zenith_angle(largest, drift.speed + confidence_sigma * sigma)
        return Beta(limit, 0.0, limit, UPPER_LIMIT)
    low, high = interval(slant.slowness, slant.sigma, drift.speed, sigma)
    value = zenith_angle(slant.slowness, drift.speed)
    if slant.length_km > long_km:
        return Beta(value, low, high, VALUE)
    return Beta(value, low, 90.0, LOWER_LIMIT)


# ---- drifts ----------------------------------------------------------------------------------------------


def neutral_drift(wind: WindVector) -> Drift:
    """The wind's speed (the paper's choice); its error: of the component along the wind."""
    speed = math.hypot(wind.eastward, wind.northward)
    if not speed > 0:
        return Drift(speed, math.hypot(wind.eastward_sigma, wind.northward_sigma))
    sigma = math.hypot(wind.eastward * wind.eastward_sigma, wind.northward * wind.northward_sigma) / speed
    return Drift(speed, sigma)


def zonal_drift(wind: WindVector) -> Drift:
    """The magnitude of the zonal wind."""
    return Drift(abs(wind.eastward), wind.eastward_sigma)


def ion_drift(
    wind: WindVector, dip_deg: float = MAGNETIC_DIP_DEG, declination_deg: float = MAGNETIC_DECLINATION_DEG
) -> Drift:
    """Motion along the magnetic field that the wind drives: (U . b) b, b the field's unit vector.

    b = (cos I sin D, cos I cos D, -sin I) eastward, northward, upward, with dip I (downward positive) and
    declination D (eastward positive). A northward wind U at D = 0 moves ions U cos^2 I northward and
    -U sin I cos I upward. Drift across the field (E x B) is not in it: no electric field was measured.
    """
    dip, declination = math.radians(dip_deg), math.radians(declination_deg)
    east, north = math.cos(dip) * math.sin(declination), math.cos(dip) * math.cos(declination)
    along = wind.eastward * east + wind.northward * north
    along_sigma = math.hypot(wind.eastward_sigma * east, wind.northward_sigma * north)
    return Drift(abs(along) * math.cos(dip), along_sigma * math.cos(dip), -along * math.sin(dip))


def slowness_at_rest(slowness_s_per_km: float, upward_m_s: float) -> float:
    """Slowness that the same trail would show without its vertical motion w: p / (1 - p w).

    A trail along its drift with dt/dz = p moves past the beam at v_c = 1/p, which includes its own rise w:
    tan b = v / |v_c - w| = v |p| / |1 - p w|.
    """
    return slowness_s_per_km / (1 - slowness_s_per_km * upward_m_s / 1000.0)


# ---- tables ----------------------------------------------------------------------------------------------


def slant_at_rest(slant: Slant, drift: Drift) -> Slant:
    """The slant that the same trail would show without the vertical motion of its drift."""
    at_rest = slowness_at_rest(slant.slowness, drift.upward)
    scale = abs(at_rest / slant.slowness) if slant.slowness else 1.0
    return replace(slant, slowness=at_rest, sigma=slant.sigma * scale)


def sampling_of(nights: pd.DataFrame) -> dict[str, float]:
    """Accumulation time of a profile in each night (s), from detect/nights.csv.

    Parameters
    ----------
    nights
        table DETECT_NIGHTS.
    """
    return dict(zip(nights["night"], nights["profile_seconds"].astype(float), strict=True))


def middle_time(stripe: Any) -> pd.Timestamp:
    """Time halfway along a stripe, a row of stripes.csv."""
    return stripe.time_bottom + (stripe.time_top - stripe.time_bottom) / 2


def slant_of(stripe: Any, sampling_s: float) -> Slant:
    """The slant of a row of stripes.csv."""
    length = stripe.top_km - stripe.bottom_km
    return Slant(stripe.slowness_s_per_km, stripe.slowness_sigma_s_per_km, length, bool(stripe.resolved), sampling_s)


def with_angles(
    stripes: pd.DataFrame, wind: Wind, sampling_s: Mapping[str, float], settings: TrailSettings
) -> pd.DataFrame:
    """stripes.csv with its columns of wind and zenith angle filled, for the neutral wind's speed.

    Parameters
    ----------
    stripes
        detect/stripes.csv.
    sampling_s
        night -> accumulation time of a profile, s.

    Returns
    -------
    DataFrame
        the same rows; angles in degrees, wind in m/s, NaN where there is no wind.
    """
    if not len(stripes):
        return stripes.copy()
    drifts = [neutral_drift(wind_at(wind, middle_time(row), settings)) for row in stripes.itertuples()]
    angles = [
        beta(slant_of(row, sampling_s[row.night]), drift, settings.long_km, settings.confidence_sigma)
        for row, drift in zip(stripes.itertuples(), drifts, strict=True)
    ]
    return stripes.assign(
        wind_m_s=[drift.speed for drift in drifts],
        wind_sigma_m_s=[drift.sigma for drift in drifts],
        beta_deg=[angle.value for angle in angles],
        beta_low_deg=[angle.low for angle in angles],
        beta_high_deg=[angle.high for angle in angles],
        beta_kind=[angle.kind for angle in angles],
    )
