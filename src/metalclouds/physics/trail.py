"""Zenith angle of a trail from the slowness of its stripe and the wind.

A trail of zenith angle b whose upper end points to azimuth a drifts with velocity V, D the angle between V and
a. A stripe's slowness p = dt/dz is fitted to the **time of maximum at each altitude**; then a filament shows
p = -tan b cos D / v, so that tan b = v |p| / |cos D| and arctan(v |p|) is a lower limit of b. It is b itself
where the trail lies along the drift (D = 0), which a long stripe selects: a filament of half-width W stays in
the beam over a height H ~ 2 W / (tan b |sin D|).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

VALUE, LOWER_LIMIT, UPPER_LIMIT, NO_WIND = "value", "lower_limit", "upper_limit", "no_wind"


@dataclass(frozen=True)
class Beta:
    """Zenith angle in degrees with its 68 % interval; of a limit only one end means something."""

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


def beta(
    slowness: float,
    slowness_sigma: float,
    wind: float,
    wind_sigma: float,
    length_km: float,
    resolved: bool,
    *,
    sampling_s: float = 33.0,
    value_length_km: float = 80.0,
    confidence_sigma: float = 2.0,
) -> Beta:
    """Zenith angle of a trail, as a value or as a limit.

    Parameters
    ----------
    slowness, slowness_sigma
        dt/dz of the time of maximum at each altitude and its standard error (s/km).
    wind, wind_sigma
        speed of the trail's drift and its standard error (m/s); NaN where there is no wind.
    length_km
        height of the stripe; from `value_length_km` on the paper takes the angle for a value
        (Chen et al. 2026: stripes longer than 80 km), below it is a lower limit since D is free.
    resolved
        whether the slant is larger than the sampling can show.
    sampling_s
        accumulation time of a profile: a slant of less than this over the stripe's height is not resolved.
    confidence_sigma
        an interval of this many standard errors that contains no slant makes the angle an upper limit.

    Returns
    -------
    Beta
        `upper_limit`: low is 0 and high (= value) is arctan(v (|p| + confidence_sigma sigma)), or, where it is
        more, the angle of a slant of one accumulation time over the stripe's height.
        `lower_limit`: high is 90. `no_wind`: all NaN.
    """
    if not (np.isfinite(wind) and np.isfinite(slowness)):
        return Beta(math.nan, math.nan, math.nan, NO_WIND)
    wind_sigma = wind_sigma if np.isfinite(wind_sigma) else 0.0
    if not resolved or abs(slowness) <= confidence_sigma * slowness_sigma:
        slant = abs(slowness) + confidence_sigma * slowness_sigma
        if not resolved:
            slant = max(slant, sampling_s / length_km)
        limit = zenith_angle(slant, wind + confidence_sigma * wind_sigma)
        return Beta(limit, 0.0, limit, UPPER_LIMIT)
    low, high = interval(slowness, slowness_sigma, wind, wind_sigma)
    value = zenith_angle(slowness, wind)
    if length_km > value_length_km:
        return Beta(value, low, high, VALUE)
    return Beta(value, low, 90.0, LOWER_LIMIT)
