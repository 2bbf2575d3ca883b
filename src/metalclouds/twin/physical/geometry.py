"""Directions on the sky and of the magnetic field, as unit vectors (east, north, up)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.constants import (
    LIDAR_LATITUDE_DEG,
    LIDAR_LONGITUDE_DEG,
    MAGNETIC_DECLINATION_DEG,
    MAGNETIC_DIP_DEG,
)

Values = NDArray[Any]

J2000 = np.datetime64("2000-01-01T12:00:00", "ms")
OBLIQUITY_DEG = 23.439


def direction(zenith_deg: Any, azimuth_deg: Any) -> Values:
    """Unit vector towards a point of the sky; azimuth from north over east. The last axis is (east, north, up)."""
    zenith, azimuth = np.radians(zenith_deg), np.radians(azimuth_deg)
    return np.stack([np.sin(zenith) * np.sin(azimuth), np.sin(zenith) * np.cos(azimuth), np.cos(zenith)], axis=-1)


def horizontal(azimuth_deg: Any) -> Values:
    """Horizontal unit vector towards an azimuth."""
    return direction(90.0, azimuth_deg)


FIELD = direction(90.0 + MAGNETIC_DIP_DEG, MAGNETIC_DECLINATION_DEG)
"""Magnetic field: northwards and down."""

MAGNETIC_EAST = horizontal(90.0 + MAGNETIC_DECLINATION_DEG)
MAGNETIC_NORTH = horizontal(MAGNETIC_DECLINATION_DEG)
UPWARD_ACROSS = np.cross(MAGNETIC_EAST, FIELD)
"""Across the field in the magnetic meridian: polewards and up."""


def sidereal_deg(time: np.datetime64) -> float:
    """Local mean sidereal time at the lidar (deg)."""
    days = (time - J2000).astype("timedelta64[ms]").astype(float) / 8.64e7
    return float((280.46061837 + 360.98564736629 * days + LIDAR_LONGITUDE_DEG) % 360)


def solar_longitude_deg(time: np.datetime64) -> float:
    """Ecliptic longitude of the sun, to 0.01 deg (Astronomical Almanac, low precision)."""
    days = (time - J2000).astype("timedelta64[ms]").astype(float) / 8.64e7
    anomaly = np.radians(357.528 + 0.9856003 * days)
    return float((280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)) % 360)


def equatorial_deg(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """Right ascension and declination of a point of the ecliptic system (deg)."""
    lon, lat, tilt = np.radians([longitude_deg, latitude_deg, OBLIQUITY_DEG])
    declination = np.arcsin(np.sin(lat) * np.cos(tilt) + np.cos(lat) * np.sin(tilt) * np.sin(lon))
    ascension = np.arctan2(np.sin(lon) * np.cos(tilt) - np.tan(lat) * np.sin(tilt), np.cos(lon))
    return float(np.degrees(ascension) % 360), float(np.degrees(declination))


def on_the_sky(ascension_deg: float, declination_deg: float, time: np.datetime64) -> tuple[float, float]:
    """Zenith angle and azimuth at the lidar (deg; azimuth from north over east)."""
    hour = np.radians(sidereal_deg(time) - ascension_deg)
    dec, lat = np.radians([declination_deg, LIDAR_LATITUDE_DEG])
    up = np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour)
    north = np.cos(lat) * np.sin(dec) - np.sin(lat) * np.cos(dec) * np.cos(hour)
    east = -np.cos(dec) * np.sin(hour)
    return float(np.degrees(np.arccos(np.clip(up, -1, 1)))), float(np.degrees(np.arctan2(east, north)) % 360)
