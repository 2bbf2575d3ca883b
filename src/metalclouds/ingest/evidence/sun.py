"""Elevation of the sun, as evidence for UT or local time."""

from __future__ import annotations

import numpy as np


def sun_elevation(times: np.ndarray, latitude: float, longitude: float) -> np.ndarray:
    """Elevation of the sun's centre without refraction, degree.

    Low-precision formulas of the Astronomical Almanac, good to 0.01 degree from 1950 to 2050
    (Michalsky 1988, Solar Energy 40, 227).

    Parameters
    ----------
    times
        UTC, datetime64.
    latitude, longitude
        degrees north and east.
    """
    days = (times.astype("datetime64[ms]") - np.datetime64("2000-01-01T12:00", "ms")).astype(float) / 86_400_000.0
    anomaly = np.radians(357.528 + 0.9856003 * days)
    ecliptic = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 4e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    sidereal = np.radians(280.46062 + 360.98564737 * days + longitude)
    phi = np.radians(latitude)
    sine = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(sidereal - ascension)
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0)))
