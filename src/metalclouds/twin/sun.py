"""Elevation of the sun, and moonlight, by short series: good enough for twilight and background."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Times = NDArray[Any]
Values = NDArray[Any]

J2000 = np.datetime64("2000-01-01T12:00:00")
NEW_MOON = np.datetime64("2000-01-06T18:14:00")
SYNODIC_MONTH_DAYS = 29.530589
"""Mean new moon and synodic month: Meeus 1998, Astronomical Algorithms, ch. 49."""


def solar_elevation_deg(times: Times, latitude_deg: float, longitude_deg: float) -> Values:
    """Elevation of the sun's centre above the horizon, without refraction.

    Low precision formulae of the Astronomical Almanac (page C5): 0.01 deg in the sun's place, 1950-2050.

    Parameters
    ----------
    times
        UTC.
    latitude_deg, longitude_deg
        geodetic, north and east positive.

    Returns
    -------
    elevation in degrees, shape of `times`.
    """
    return np.rad2deg(np.arcsin(_sine_of_elevation(times, _solar_longitude(times), latitude_deg, longitude_deg)))


def moonlight(times: Times, latitude_deg: float, longitude_deg: float) -> Values:
    """Moonlight on a horizontal plane as a share of a full moon in the zenith; 0 with the moon below the horizon.

    The moon moves evenly along the ecliptic from a mean new moon: good to some 8 deg, enough for a background.

    Parameters
    ----------
    times
        UTC.
    latitude_deg, longitude_deg
        geodetic, north and east positive.

    Returns
    -------
    share, shape of `times`: lit part of the disc times the sine of the elevation.
    """
    elongation = 2 * np.pi * _days_since(NEW_MOON, times) / SYNODIC_MONTH_DAYS
    longitude = _solar_longitude(times) + elongation
    sine = _sine_of_elevation(times, longitude, latitude_deg, longitude_deg)
    return np.clip(sine, 0, None) * (1 - np.cos(elongation)) / 2


def _days_since(epoch: np.datetime64, times: Times) -> Values:
    return (np.asarray(times, dtype="datetime64[ms]") - epoch).astype("timedelta64[ms]").astype(np.float64) / 8.64e7


def _solar_longitude(times: Times) -> Values:
    """Ecliptic longitude of the sun, rad."""
    days = _days_since(J2000, times)
    anomaly = np.deg2rad(357.528 + 0.9856003 * days)
    return np.deg2rad(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))


def _sine_of_elevation(times: Times, ecliptic_longitude: Values, latitude_deg: float, longitude_deg: float) -> Values:
    """Sine of the elevation of a body on the ecliptic."""
    days = _days_since(J2000, times)
    obliquity = np.deg2rad(23.439 - 0.0000004 * days)
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic_longitude))
    ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic_longitude), np.cos(ecliptic_longitude))
    # Greenwich mean sidereal time: 18.697374558 h at J2000, 24.06570982441908 h a day.
    sidereal = np.deg2rad(15 * ((18.697374558 + 24.06570982441908 * days) % 24))
    hour_angle = sidereal + np.deg2rad(longitude_deg) - ascension
    latitude = np.deg2rad(latitude_deg)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return np.clip(sine, -1, 1)
