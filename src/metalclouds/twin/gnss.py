"""Receivers, satellites and the lines of sight between them, on a spherical Earth."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metalclouds.constants import EARTH_RADIUS_KM

# Mean radius and inclination of the GPS orbits (IS-GPS-200): semi-major axis 26 560 km, 55 deg; half a sidereal day.
ORBIT_RADIUS_KM = 26560.0
INCLINATION_DEG = 55.0
SIDEREAL_DAY_S = 86164.0905
PLANES = 6

# Outline of mainland China in steps of some hundred km (longitude, latitude): where receivers may stand, no border.
# fmt: off
OUTLINE = np.array([
    (74, 39.4), (75, 40.3), (77, 41), (80.2, 42), (80.3, 44.8), (82.5, 45.2), (83, 47.1),
    (85.5, 47.1), (85.8, 48.3), (87.8, 49), (90, 47.8), (91, 45.2), (95.2, 44.2), (96.4, 42.7),
    (101, 42.5), (105, 41.6), (107.5, 42.3), (110, 42.6), (111.9, 43.6), (111.9, 45), (116, 46.3),
    (119.7, 46.7), (117.8, 47.7), (115.8, 47.8), (116.8, 49.7), (119.3, 50.2), (120.2, 52.6), (123.3, 53.4),
    (126, 52.5), (127.5, 49.9), (130.6, 48.8), (134.5, 48.2), (133, 45.1), (131.2, 44.9), (131, 42.9),
    (129.5, 42.4), (128.1, 42), (126.4, 41.4), (124.3, 40), (121.3, 38.9), (121.6, 40.8), (119.5, 39.8),
    (117.8, 39.1), (118.9, 37.5), (120.8, 37.7), (122.4, 37.2), (120.2, 36), (119.2, 34.9), (120.7, 33),
    (121.7, 31.6), (121.8, 29.5), (121, 28), (119.6, 26), (118, 24.5), (116.4, 23), (114.1, 22.5),
    (111.8, 21.7), (110.3, 20.5), (109.6, 21.6), (108.1, 21.7), (106.7, 22.1), (105.4, 23.2), (103.9, 22.6),
    (102.2, 22.5), (101.6, 21.4), (100.1, 21.6), (98.9, 23.2), (97.8, 24.2), (98.7, 26), (98.2, 28),
    (96.2, 28.5), (94.3, 29.1), (91.8, 27.9), (89, 27.5), (86, 28.1), (82.2, 30.3), (79.4, 31.4),
    (79, 33.5), (78.2, 35.4), (76, 36.7), (74.8, 37.4),
])
# fmt: on


def inside(longitude: np.ndarray, latitude: np.ndarray, outline: np.ndarray = OUTLINE) -> np.ndarray:
    """Whether points lie inside a closed outline of (longitude, latitude), by counting crossings eastwards.

    Parameters
    ----------
    longitude, latitude
        degrees, of equal shape.
    outline
        longitude and latitude in degrees, dims (point, 2).

    Returns
    -------
    ndarray
        bool, dims of `longitude`.
    """
    within = np.zeros(np.shape(longitude), dtype=bool)
    for (x1, y1), (x2, y2) in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        if y1 != y2:
            crosses = (y1 > latitude) != (y2 > latitude)
            within ^= crosses & (longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1))
    return within


def density(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Relative density of receivers: few in the west, many in North China, Sichuan and Yunnan.

    Parameters
    ----------
    longitude, latitude
        degrees, of equal shape.

    Returns
    -------
    ndarray
        0 to 1, dims of `longitude`.
    """
    east = 0.22 + 0.5 / (1 + np.exp((100.0 - longitude) / 2.0))
    north_china = np.exp(-(((longitude - 115.5) / 4) ** 2) - ((latitude - 38) / 3.5) ** 2)
    south_west = np.exp(-(((longitude - 102) / 3) ** 2) - ((latitude - 27.5) / 4) ** 2)
    return np.minimum(east + 0.5 * north_china + 0.45 * south_west, 1.0)


def distance_km(latitude: ArrayLike, longitude: ArrayLike, latitudes: ArrayLike, longitudes: ArrayLike) -> np.ndarray:
    """Distance along the Earth's surface (haversine), broadcast.

    Parameters
    ----------
    latitude, longitude
        degrees, of the one end.
    latitudes, longitudes
        degrees, of the other end.

    Returns
    -------
    ndarray
        km, dims of the inputs broadcast.
    """
    phi1, phi2 = np.radians(latitude), np.radians(latitudes)
    half = np.sin((phi2 - phi1) / 2) ** 2
    half = half + np.cos(phi1) * np.cos(phi2) * np.sin(np.radians(np.subtract(longitudes, longitude)) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))


def network(count: int, spacing_km: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Latitudes and longitudes (deg) of an irregular network on the Chinese mainland.

    Places are drawn uniformly on the sphere, kept by the relative density, and dropped if one stands within
    `spacing_km`; the spacing is given up after many draws so that the wanted number is always reached.

    Returns
    -------
    tuple
        the two, dims (receiver,) each.
    """
    latitudes, longitudes = np.empty(0), np.empty(0)
    draws = 0
    while len(latitudes) < count:
        longitude = rng.uniform(73.0, 135.0)
        latitude = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(20.0)), np.sin(np.radians(54.0)))))
        draws += 1
        point = np.array([longitude]), np.array([latitude])
        if not inside(*point)[0] or rng.uniform() > density(*point)[0]:
            continue
        near = distance_km(latitude, longitude, latitudes, longitudes) < spacing_km
        if near.any() and draws < 200 * count:
            continue
        latitudes, longitudes = np.append(latitudes, latitude), np.append(longitudes, longitude)
    return latitudes, longitudes


def satellite_positions(count: int, times: np.ndarray) -> np.ndarray:
    """Earth-fixed positions of a constellation on circular orbits.

    Six planes 60 deg apart with evenly spread satellites, period half a sidereal day.

    Parameters
    ----------
    times
        UTC, dims (time,).

    Returns
    -------
    positions
        km, dims (time, satellite, 3).
    """
    seconds = (np.asarray(times, dtype="datetime64[s]") - np.datetime64("2020-01-01")) / np.timedelta64(1, "s")
    index = np.arange(count)
    plane, slot = index % PLANES, index // PLANES
    slots = -(-count // PLANES)
    node = 2 * np.pi * plane / PLANES - 2 * np.pi * seconds[:, None] / SIDEREAL_DAY_S
    # An uneven spread keeps two satellites from sharing one track over the ground.
    anomaly = 2 * np.pi * (slot / slots + 0.137 * plane + 0.021 * np.sin(5.0 * index))
    anomaly = anomaly + 4 * np.pi * seconds[:, None] / SIDEREAL_DAY_S
    tilt = np.radians(INCLINATION_DEG)
    x, y = np.cos(anomaly), np.sin(anomaly) * np.cos(tilt)
    east = np.cos(node) * x - np.sin(node) * y
    north = np.sin(node) * x + np.cos(node) * y
    return ORBIT_RADIUS_KM * np.stack([east, north, np.sin(anomaly) * np.sin(tilt)], axis=-1)


def look_angles(positions: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Elevation and azimuth (deg; azimuth from north through east) of satellites seen from receivers.

    Parameters
    ----------
    positions
        km, Earth-fixed, dims (..., satellite, 3).
    latitude, longitude
        deg, dims (receiver,).

    Returns
    -------
    elevation, azimuth
        dims (..., receiver, satellite).
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    up = np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)
    east = np.stack([-np.sin(lam), np.cos(lam), np.zeros_like(lam)], axis=-1)
    north = np.cross(up, east)
    u, e, n = (np.einsum("...sk,rk->...rs", positions, axis) for axis in (up, east, north))
    u = u - EARTH_RADIUS_KM
    return np.degrees(np.arctan2(u, np.hypot(e, n))), np.degrees(np.arctan2(e, n)) % 360.0


def pierce_point(
    latitude: np.ndarray, longitude: np.ndarray, elevation: np.ndarray, azimuth: np.ndarray, altitude_km: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where a line of sight crosses a thin shell, and the factor by which it lengthens the path there.

    Parameters
    ----------
    latitude, longitude
        of the receiver, degrees.
    elevation, azimuth
        of the satellite, degrees, of equal shape.

    Returns
    -------
    latitude, longitude, factor
        deg, deg, slant over vertical TEC: 1 / sqrt(1 - (R cos(elevation) / (R + h))^2).
    """
    el, az, phi = np.radians(elevation), np.radians(azimuth), np.radians(latitude)
    sine = EARTH_RADIUS_KM * np.cos(el) / (EARTH_RADIUS_KM + altitude_km)
    angle = np.pi / 2 - el - np.arcsin(sine)
    pierce_phi = np.arcsin(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(az))
    turn = np.arctan2(np.sin(angle) * np.sin(az) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(pierce_phi))
    return np.degrees(pierce_phi), longitude + np.degrees(turn), 1 / np.sqrt(1 - sine**2)
