"""When the sun rises for a point high above the ground."""

from __future__ import annotations

import numpy as np

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.physics.sun import solar_elevation


def horizon_dip(altitude_km: float) -> float:
    """Angle by which the horizon lies below the horizontal at an altitude, degrees: arccos(R / (R + z)).

    A ray that grazes the ground of a spherical Earth; refraction and the screening height of ozone and dust,
    which delay sunrise by a few minutes, are left out.
    """
    return float(np.degrees(np.arccos(EARTH_RADIUS_KM / (EARTH_RADIUS_KM + altitude_km))))


def sunrise(night: str, latitude: float, longitude: float, altitude_km: float) -> np.datetime64:
    """First time after local midnight at which the sun is seen from an altitude above a place.

    Parameters
    ----------
    night
        UT date of the evening; local solar midnight is looked for within the 24 h from 00 UT on.
    latitude, longitude
        degrees north and east.
    altitude_km
        altitude above the ground, km.

    Returns
    -------
    time
        UTC, to 10 s; NaT where the sun does not rise or set that day.
    """
    midnight_hour = (24.0 - longitude / 15.0) % 24.0
    start = np.datetime64(night, "s") + np.timedelta64(round(3600 * midnight_hour), "s")
    times = start + np.arange(0, 12 * 3600, 10) * np.timedelta64(1, "s")
    sunlit = solar_elevation(times, latitude, longitude) > -horizon_dip(altitude_km)
    if sunlit[0] or not sunlit.any():
        return np.datetime64("NaT", "s")
    return times[int(np.argmax(sunlit))]
