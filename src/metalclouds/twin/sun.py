"""Position of the sun by short series, good to about a quarter of a degree: enough for twilight."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def solar_elevation_deg(
    times: NDArray[np.datetime64], latitude_deg: float, longitude_deg: float
) -> NDArray[np.float64]:
    """Elevation of the sun's centre above the horizon, without refraction.

    Declination and equation of time by the Fourier series of Spencer (1971), Search 2(5), 172; error below
    0.1 deg in declination and about half a minute in time.

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
    times = np.asarray(times, dtype="datetime64[ms]")
    day = times.astype("datetime64[D]")
    hour = (times - day).astype(np.float64) / 3.6e6
    day_of_year = (day - times.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.float64)
    angle = 2 * np.pi * (day_of_year + (hour - 12) / 24) / 365.25
    declination = (
        0.006918
        - 0.399912 * np.cos(angle)
        + 0.070257 * np.sin(angle)
        - 0.006758 * np.cos(2 * angle)
        + 0.000907 * np.sin(2 * angle)
        - 0.002697 * np.cos(3 * angle)
        + 0.00148 * np.sin(3 * angle)
    )
    equation_of_time_min = 229.18 * (
        0.000075
        + 0.001868 * np.cos(angle)
        - 0.032077 * np.sin(angle)
        - 0.014615 * np.cos(2 * angle)
        - 0.040849 * np.sin(2 * angle)
    )
    hour_angle = np.deg2rad(15 * (hour + longitude_deg / 15 + equation_of_time_min / 60 - 12))
    latitude = np.deg2rad(latitude_deg)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return np.rad2deg(np.arcsin(np.clip(sine, -1, 1)))


def moonlight(times: NDArray[np.datetime64], latitude_deg: float, longitude_deg: float) -> NDArray[np.float64]:
    """Moonlight on a horizontal plane as a share of a full moon in the zenith; 0 with the moon below the horizon.

    The moon moves evenly along the ecliptic from the new moon of 2000-01-06 18:14 UT with the mean synodic month of
    29.530589 d (Meeus 1998, Astronomical Algorithms, ch. 49): good to some 8 deg, enough for a background.

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
    days = (np.asarray(times, dtype="datetime64[ms]") - np.datetime64("2000-01-06T18:14:00")).astype(float) / 8.64e7
    elongation = 2 * np.pi * days / 29.530589
    # Mean longitude of the sun: 280.0 deg on 2000-01-01 12 UT, 360 deg in a tropical year.
    longitude = np.deg2rad(285.4) + 2 * np.pi * days / 365.2422 + elongation
    obliquity = np.deg2rad(23.44)
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    # Greenwich sidereal time: 18.697374 h on 2000-01-01 12 UT, 24.06570983 h a day; the epoch is 5.2597 d later.
    sidereal = 2 * np.pi * ((18.697374 + 24.06570983 * (days + 5.259722)) % 24) / 24
    hour_angle = sidereal + np.deg2rad(longitude_deg) - ascension
    latitude = np.deg2rad(latitude_deg)
    sine = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return np.clip(sine, 0, None) * (1 - np.cos(elongation)) / 2
