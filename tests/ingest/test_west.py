"""Longitudes that are counted westward come out positive eastward."""

import numpy as np
import pytest

from tests.ingest.papers import read_any
from tests.ingest.test_tec_maps import with_entry

WEST = np.arange(60.0, 76.0, 2.0)
NORTH = np.arange(14.0, 28.0, 2.0)


def points(folder, heading, west):
    """A map an hour as rows; vertical TEC grows northward."""
    rows = [f"time,glat,{heading},vTEC (TECU)"]
    rows += [
        f"2021-05-10T{hour:02d}:00:00Z,{north:g},{one:g},{10.0 + 0.1 * north:.2f}"
        for hour in (2, 3, 4, 5)
        for north in NORTH
        for one in west
    ]
    path = folder / "tec_20210510.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def longitudes(found):
    name = "longitude" if "longitude" in found else "pierce_longitude"
    return np.unique(found[name].values)


@pytest.mark.parametrize("heading", ["glon_west", "lon (°W)", "longitude_west"])
def test_west_without_a_sign_is_turned_round(tmp_path, heading):
    settings = with_entry(tmp_path, {"variables": {"longitude": heading}})
    (found,) = read_any(points(tmp_path, heading, WEST), settings)
    assert np.allclose(longitudes(found) % 360.0, np.sort(360.0 - WEST))


@pytest.mark.parametrize("eastward", [-WEST, 360.0 - WEST])
def test_west_that_is_counted_eastward_stays(tmp_path, eastward):
    settings = with_entry(tmp_path, {"variables": {"longitude": "glon_west"}})
    (found,) = read_any(points(tmp_path, "glon_west", eastward), settings)
    assert np.allclose(longitudes(found) % 360.0, np.sort(360.0 - WEST))


def test_a_name_that_says_nothing_of_west_is_eastward(tmp_path):
    (found,) = read_any(points(tmp_path, "glon", 20.0 + WEST), with_entry(tmp_path, {}))
    assert np.allclose(longitudes(found), 20.0 + WEST)
