"""Where a radiant stands over the lidar: sidereal time, the sun, the apex of the Earth's motion, corrections.

Equatorial coordinates may be of J2000 or of date: precession since 2000 is 0.3 degrees, less than any error
here; a test compares with astropy. Azimuths from north over east, all angles in degrees.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.physics.meteoroid import ESCAPE_KM_S

J2000 = np.datetime64("2000-01-01T12:00:00", "ns")
NANOSECONDS_PER_DAY = 8.64e13
OBLIQUITY_DEG = 23.439
# Mean motion of the Earth about the sun, km/s, and the eccentricity of its orbit (Astronomical Almanac).
EARTH_KM_S, ECCENTRICITY, PERIHELION_DEG = 29.7847, 0.0167, 102.9
# Speed of the ground at the equator by the turning of the Earth, km/s.
ROTATION_KM_S = 0.4651


def days_since_j2000(time: Any) -> Any:
    """Days since 2000-01-01 12:00 UT."""
    return (np.asarray(time, dtype="datetime64[ns]") - J2000).astype("int64") / NANOSECONDS_PER_DAY


def sidereal_deg(time: Any, longitude_deg: float = LIDAR_LONGITUDE_DEG) -> Any:
    """Local mean sidereal time (Astronomical Almanac, page B8)."""
    return (280.46061837 + 360.98564736629 * days_since_j2000(time) + longitude_deg) % 360.0


def solar_longitude_deg(time: Any) -> Any:
    """Ecliptic longitude of the sun, equinox J2000, to 0.01 degrees (low-precision formula of the Almanac)."""
    days = days_since_j2000(time)
    anomaly = np.radians(357.528 + 0.9856003 * days)
    of_date = 280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly)
    return (of_date - precession_deg(time)) % 360.0


def precession_deg(time: Any) -> Any:
    """Excess of ecliptic longitudes of date over J2000 longitudes (50.29 arc seconds a year)."""
    return 50.29 / 3600.0 * days_since_j2000(time) / 365.25


def distance_au(time: Any) -> Any:
    """Distance of the Earth from the sun, au."""
    anomaly = np.radians(357.528 + 0.9856003 * days_since_j2000(time))
    return 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)


def earth_speed_km_s(time: Any) -> Any:
    """Speed of the Earth about the sun, km/s, by vis viva."""
    return EARTH_KM_S * np.sqrt(2.0 / distance_au(time) - 1.0)


def apex_longitude_deg(time: Any) -> Any:
    """Ecliptic longitude (J2000) to which the Earth moves: 90 degrees behind the sun, corrected for the ellipse."""
    sun = solar_longitude_deg(time)
    turned = np.degrees(ECCENTRICITY * np.sin(np.radians(sun + 180.0 - PERIHELION_DEG)))
    return (sun - 90.0 - turned) % 360.0


def equatorial_deg(longitude_deg: Any, latitude_deg: Any) -> tuple[Any, Any]:
    """Right ascension and declination of a point of the ecliptic."""
    lon, lat, tilt = np.radians(longitude_deg), np.radians(latitude_deg), math.radians(OBLIQUITY_DEG)
    declination = np.arcsin(np.sin(lat) * np.cos(tilt) + np.cos(lat) * np.sin(tilt) * np.sin(lon))
    ascension = np.arctan2(np.sin(lon) * np.cos(tilt) - np.tan(lat) * np.sin(tilt), np.cos(lon))
    return np.degrees(ascension) % 360.0, np.degrees(declination)


def horizontal(ascension_deg: Any, declination_deg: Any, time: Any) -> tuple[Any, Any]:
    """Zenith angle and azimuth over the lidar."""
    hour = np.radians(sidereal_deg(time) - np.asarray(ascension_deg))
    dec, lat = np.radians(declination_deg), math.radians(LIDAR_LATITUDE_DEG)
    up = math.sin(lat) * np.sin(dec) + math.cos(lat) * np.cos(dec) * np.cos(hour)
    north = math.cos(lat) * np.sin(dec) - math.sin(lat) * np.cos(dec) * np.cos(hour)
    east = -np.cos(dec) * np.sin(hour)
    return np.degrees(np.arccos(np.clip(up, -1.0, 1.0))), np.degrees(np.arctan2(east, north)) % 360.0


def elongation_deg(first: tuple[Any, Any], second: tuple[Any, Any]) -> Any:
    """Angle between two directions, each (azimuth or ascension, altitude or declination)."""
    a, b, c, d = (np.radians(angle) for angle in (*first, *second))
    cosine = np.sin(b) * np.sin(d) + np.cos(b) * np.cos(d) * np.cos(a - c)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def trail_attraction_deg(zenith_deg: Any, geocentric_km_s: Any) -> Any:
    """By how much a trail lies nearer to the zenith than its true radiant (Schiaparelli's formula).

    2 atan[(v - v_g) / (v + v_g) tan(z / 2)], v the entry speed.

    Parameters
    ----------
    zenith_deg
        of the trail.
    """
    geocentric = np.asarray(geocentric_km_s)
    entry = np.hypot(geocentric, ESCAPE_KM_S)
    pull = (entry - geocentric) / (entry + geocentric)
    return np.degrees(2.0 * np.arctan(pull * np.tan(np.radians(zenith_deg) / 2.0)))


def zenith_attraction_deg(zenith_deg: Any, geocentric_km_s: Any) -> Any:
    """By how much the Earth's pull lifts a true radiant towards the zenith.

    `trail_attraction_deg` of the trail, whose zenith angle is the true one less the result: a quadratic equation for
    the tangent of half of it.

    Parameters
    ----------
    zenith_deg
        of the true radiant.
    """
    geocentric = np.asarray(geocentric_km_s)
    entry = np.hypot(geocentric, ESCAPE_KM_S)
    pull = (entry - geocentric) / (entry + geocentric)
    half = np.tan(np.radians(zenith_deg) / 2.0)
    trail = 2.0 * half / (1.0 + pull + np.sqrt((1.0 + pull) ** 2 + 4.0 * pull * half**2))
    return np.asarray(zenith_deg) - np.degrees(2.0 * np.arctan(trail))


def apparent(zenith_deg: Any, azimuth_deg: Any, geocentric_km_s: Any) -> tuple[Any, Any]:
    """Zenith angle and azimuth of a trail, from its geocentric radiant: zenith attraction and diurnal aberration.

    The lidar moves eastwards, so that a body seems to come from farther east.
    """
    lifted = np.radians(np.asarray(zenith_deg) - zenith_attraction_deg(zenith_deg, geocentric_km_s))
    azimuth, entry = np.radians(azimuth_deg), np.hypot(np.asarray(geocentric_km_s), ESCAPE_KM_S)
    turning = ROTATION_KM_S * math.cos(math.radians(LIDAR_LATITUDE_DEG))
    east = entry * np.sin(lifted) * np.sin(azimuth) + turning
    north, up = entry * np.sin(lifted) * np.cos(azimuth), entry * np.cos(lifted)
    return np.degrees(np.arctan2(np.hypot(east, north), up)), np.degrees(np.arctan2(east, north)) % 360.0
