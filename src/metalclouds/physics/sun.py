"""Elevation of the sun: twilight or night, and evidence for UT or local time."""

from __future__ import annotations

import numpy as np

_J2000 = np.datetime64("2000-01-01T12:00:00", "ns")


def solar_elevation(time: np.ndarray, latitude: float, longitude: float) -> np.ndarray:
    """Elevation of the sun's centre above the horizon, without refraction.

    Low-precision solar coordinates of the Astronomical Almanac (page C5; 0.01 deg between 1950 and 2050).

    Parameters
    ----------
    time
        datetime64, UTC.
    latitude, longitude
        degrees north and east.

    Returns
    -------
    elevation
        degrees, one a time.
    """
    days = (time.astype("datetime64[ns]") - _J2000) / np.timedelta64(1, "D")
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    # Greenwich mean sidereal time, Astronomical Almanac page B8, to 0.1 s.
    sidereal = np.radians((280.46062 + 360.98564737 * days + longitude) % 360.0)
    hour_angle, phi = sidereal - right_ascension, np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))
