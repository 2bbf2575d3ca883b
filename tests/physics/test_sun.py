"""Elevation of the sun against values from outside."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, get_sun
from astropy.time import Time
from astropy.utils import iers

from metalclouds.physics.sun import solar_elevation


def test_agrees_with_astropy():
    times = np.array(
        ["2021-01-08T13:00", "2021-06-18T19:30", "2022-01-16T22:50", "2021-05-10T10:05"], "datetime64[ns]"
    )
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("iers_degraded_accuracy", "ignore"):
        frame = AltAz(obstime=Time(times), location=EarthLocation(lat=40.4, lon=116.0))
        expected = get_sun(Time(times)).transform_to(frame).alt.deg
    # The almanac's low-precision formula is good to 0.01 deg; the sun's parallax adds 0.0024.
    assert solar_elevation(times, 40.4, 116.0) == pytest.approx(expected, abs=0.02)


def test_noon_of_the_solstice_at_the_tropic():
    # The sun stands in the zenith of 23.44 N near local noon of 21 June.
    day = np.arange("2021-06-21T11:30", "2021-06-21T12:30", dtype="datetime64[m]").astype("datetime64[ns]")
    assert solar_elevation(day, 23.44, 0.0).max() == pytest.approx(90.0, abs=0.1)
