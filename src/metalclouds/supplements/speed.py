"""The highest speed that the direction of a stripe and its hour allow.

A body bound to the sun is no faster there than sqrt(2 GM / r). Seen from a radiant at an angle eps from the apex of
the Earth's motion its geocentric speed obeys v_g^2 - 2 v_g V_E cos(eps) + V_E^2 <= v_h^2. In the evening the zenith
lies away from the apex, and only slow bodies come from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metalclouds.constants import LIDAR_LATITUDE_DEG
from metalclouds.physics import meteoroid, sky
from metalclouds.supplements.observable import NotTestable, Observable, median
from metalclouds.supplements.stripes import FWHM_IN_RADII

# How many standard errors a zenith angle may be larger, in favour of fast bodies.
SIGMAS = 2.0
# Speed and pull depend on each other; after so many turns the speed is known to 0.01 km/s.
TURNS = 4


def fastest_km_s(time: Any, zenith_deg: Any = 0.0) -> Any:
    """Highest entry speed (km/s) of a bound body from within an angle of the zenith at a time (UTC)."""
    ascension, declination = sky.sidereal_deg(time), LIDAR_LATITUDE_DEG
    # Sidereal time is of date, and so must the apex be.
    apex = sky.equatorial_deg(sky.apex_longitude_deg(time) + sky.precession_deg(time), 0.0)
    elongation = np.maximum(sky.elongation_deg((ascension, declination), apex) - np.asarray(zenith_deg), 0.0)
    bound = meteoroid.parabolic_speed_km_s(1.0) / np.sqrt(sky.distance_au(time))
    geocentric = meteoroid.geocentric_speed_km_s(elongation, sky.earth_speed_km_s(time), bound)
    return meteoroid.entry_speed_km_s(geocentric)


def fastest_trail_km_s(time: Any, zenith_deg: Any) -> Any:
    """Highest entry speed (km/s) of a bound body whose trail lies within an angle of the zenith at a time (UTC).

    The Earth's pull lifts trails towards the zenith, slow ones most: their radiants may lie farther away.
    """
    speed = fastest_km_s(time, zenith_deg)
    for _ in range(TURNS):
        geocentric = np.sqrt(speed**2 - meteoroid.ESCAPE_KM_S**2)
        speed = fastest_km_s(time, zenith_deg + sky.trail_attraction_deg(zenith_deg, geocentric))
    return speed


def limits(stripes: pd.DataFrame, slant_deg: float, long_km: float) -> pd.DataFrame:
    """Stripes with `zenith_speed_km_s` and, where the drift is known, `speed_limit_km_s`.

    The limit holds for the most favourable radiant the stripe allows. The slope gives how far a trail leans along the
    drift, two standard errors added. How far it leans across the drift follows from its height: all the way up the
    beam stays within a full width at half maximum of its axis, at one side or the other. That holds for a long
    stripe; any other may lie within `slant_deg`.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    slant_deg
        largest zenith angle of a trail.
    long_km
        height of a long stripe.

    Returns
    -------
    DataFrame
        the stripes with the two speeds (km/s) and `is_long`.
    """
    known = stripes["tangent"].notna()
    height = stripes["top_km"] - stripes["bottom_km"]
    along = stripes["tangent"].abs() + SIGMAS * stripes["tangent_sigma"]
    across = 2.0 * FWHM_IN_RADII * stripes["radius_km"] / height
    angle, long = np.degrees(np.arctan(np.hypot(along, across))), height > long_km
    reach = np.where(long, angle, np.maximum(slant_deg, angle))
    time = stripes["time_utc"].to_numpy("datetime64[ns]")
    return stripes.assign(
        zenith_speed_km_s=fastest_km_s(time),
        speed_limit_km_s=np.where(known, fastest_trail_km_s(time, np.where(known, reach, 0.0)), np.nan),
        is_long=long,
    )


def from_zenith(stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """Median highest speed at the zenith for all stripes, which needs no wind.

    Parameters
    ----------
    stripes
        as `limits` gives them.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without stripes.
    """
    if stripes.empty:
        raise NotTestable("no stripe was found")
    return [median("speed_zenith", stripes["zenith_speed_km_s"], confidence, "km s-1")]


def of_long(stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """Median highest speed that the long stripes allow.

    Parameters
    ----------
    stripes
        as `limits` gives them.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a long stripe with a wind.
    """
    long = stripes[stripes["is_long"] & stripes["speed_limit_km_s"].notna()]
    if long.empty:
        raise NotTestable("no long stripe has a wind near enough in time")
    return [median("speed_long", long["speed_limit_km_s"], confidence, "km s-1")]
