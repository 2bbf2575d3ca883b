"""What a person says, and what a file says by its name, stands in the decisions as what it is."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.io import savemat

import metalclouds
from metalclouds.errors import ConfigError, UndecidedError

PLACE = {"latitude": 54.12, "longitude": 11.77, "altitude_km": 0.07}


@pytest.fixture
def winter_night(tmp_path):
    """A December night of Ca+ whose hours, 18.2 to 22.6, are dark as UT and as local time."""
    km = np.arange(75.0, 300.0, 1.0)
    hours = np.arange(18.2, 22.6, 1 / 120)
    layer = 80.0 * np.exp(-0.5 * ((km - 96.0) / 4.0) ** 2)
    density = layer + np.random.default_rng(1).normal(0.0, 1.0, (hours.size, km.size))
    path = tmp_path / "CaII_20231212.mat"
    savemat(path, {"dens": density, "hours": hours, "altitude": km, "readme": "number density, cm^-3"})
    return path


def test_the_clock_is_a_keyword(winter_night):
    with pytest.raises(UndecidedError, match="clock="):
        metalclouds.open_nights(winter_night, site=PLACE)
    (night,) = metalclouds.open_nights(winter_night, site=PLACE, clock="UTC+1")
    assert night["time"].values[0] == np.datetime64("2023-12-12T17:12")
    with pytest.raises(ConfigError, match="no clock"):
        metalclouds.open_nights(winter_night, site=PLACE, clock="noon")


def test_a_name_is_told_as_a_name(winter_night):
    (night,) = metalclouds.open_nights(winter_night, site=PLACE, clock="UT")
    because = {one["what"]: one["because"] for one in json.loads(night.attrs["decisions"])}
    assert because["species"] == "the file is named after it: CaII_20231212.mat"
    assert because["altitude above"].startswith("called altitude; if above the station")
