"""Real files against numbers from other software or read from the file by hand; each says how."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from metalclouds.ingest.assemble.tec import pierce_points
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.readers import ionex, tec_slant
from metalclouds.ingest.settings import IngestSettings, TecSettings
from metalclouds.ingest.source import Member
from tests.ingest.papers import read_any

DATA = Path(__file__).parents[1] / "data"
SLANT = DATA / "tec/madrigal_los_japan_2024-01-01_two_sites.csv"


def context() -> Context:
    settings = IngestSettings()
    return Context(settings=settings, site=settings.site("lidar"))


@pytest.mark.parametrize("name", ["codg0080.20i.Z", "esag0080.20i.Z", "CKMG0090.21I.gz"])
def test_ionex_maps_equal_those_of_spinifex(name):
    """PyPI spinifex 2.0 reads the same files; it gives TECU as time x longitude x latitude (south to north)."""
    from spinifex.ionospheric.ionex_parser import read_ionex

    ours = ionex.read([Member(DATA / "tec" / name)], context())
    theirs = read_ionex(DATA / "tec" / name)
    latitude, longitude = np.argsort(theirs.lats), np.argsort(theirs.lons)
    tec = theirs.tec.reshape(len(theirs.times), len(theirs.lons), len(theirs.lats))
    expected = tec[:, longitude][:, :, latitude].transpose(0, 2, 1)
    assert np.allclose(ours["latitude"], theirs.lats[latitude])
    assert np.allclose(ours["longitude"], theirs.lons[longitude])
    assert ours["vertical_tec"].shape == expected.shape
    assert np.allclose(ours["vertical_tec"], expected, atol=1e-9)
    seconds = (theirs.times.mjd - 40587.0) * 86400.0
    assert np.allclose(ours["time"].values.astype("datetime64[ms]").astype(float) / 1e3, seconds, atol=1e-2)


def test_ionex_with_one_map_by_hand():
    """By hand from the file, in 0.1 TECU: row 87.5 N begins 91 90 90, row 85 N ends 98 103 102."""
    maps = ionex.read([Member(DATA / "tec/one_map.xxi")], context())
    assert maps["time"].values[0] == np.datetime64("1999-01-02T01:00")
    assert maps.attrs["pierce_point_altitude_km"] == 450.0
    assert maps["vertical_tec"].sel(latitude=87.5).values[0, :3] == pytest.approx([9.1, 9.0, 9.0])
    assert maps["vertical_tec"].sel(latitude=85.0).values[0, -3:] == pytest.approx([9.8, 10.3, 10.2])


def test_map_of_the_region_by_hand():
    """CODE, 2020-01-08 06 h, 40 N 115 E: seventh map, row 40.0, value 60 (from 180 W in steps of 5)."""
    night = read_any(DATA / "tec/codg0080.20i.Z")[0]
    lines = Member(DATA / "tec/codg0080.20i.Z").text().splitlines()
    start = [i for i, line in enumerate(lines) if "START OF TEC MAP" in line][6]
    row = next(i for i in range(start, start + 1000) if lines[i].startswith("    40.0-180.0"))
    value = int("".join(lines[row + 1 : row + 6]).split()[59])
    assert float(night["vertical_tec"].sel(time="2020-01-08T06:00", latitude=40, longitude=115)) == pytest.approx(
        value / 10, abs=1e-5
    )
    assert night["latitude"].values[[0, -1]].tolist() == [15.0, 55.0]


def test_pierce_points_equal_those_that_madrigal_states():
    """Madrigal gives receiver, azimuth, elevation and its own pierce point at 350 km. It uses the ellipsoid, we a
    sphere: along 10 degrees of arc the two differ by less than 0.1 degree."""
    table = pd.read_csv(SLANT)
    settings = TecSettings(pierce_point_altitude_km=350.0)
    latitude, longitude, _ = pierce_points(table.gdlatr, table.gdlonr, table.elm, table.azm, settings)
    high = table.elm > 20
    assert np.abs(latitude - table.gdlat)[high].max() < 0.1
    assert np.abs(longitude - table.glon)[high].max() < 0.1


def test_vertical_tec_equals_that_of_madrigal_up_to_the_shell():
    """Madrigal's vertical TEC of the same lines of sight: within 2 % above 30 degrees with our shell at 350 km."""
    settings = IngestSettings(tec=TecSettings(pierce_point_altitude_km=350.0))
    night = read_any(SLANT, settings)[0]
    table = pd.read_csv(SLANT).query("elm > 30")
    letters = {"GPS": "G", "GLONASS": "R", "GALILEO": "E", "BEIDOU": "C"}
    table["satellite"] = table.gnss_type.str.strip().map(letters) + table.sat_id.map("{:02d}".format)
    table["time"] = pd.to_datetime(table.ut1_unix, unit="s")
    expected = table.set_index(["time", "gps_site", "satellite"]).tec
    keys = zip(night["observation_time"].values, night["receiver"].values, night["satellite"].values, strict=True)
    ratio = night["observation_vertical_tec"].values / np.array([expected[pd.Timestamp(t), r, s] for t, r, s in keys])
    assert night.sizes["observation"] == len(table)
    assert np.abs(ratio - 1).max() < 0.02


@pytest.mark.parametrize(
    ("rule", "keeps"),
    [
        ("elevation", lambda elevation: elevation > 30),
        ("zenith_at_receiver", lambda elevation: elevation > 60),
        # sin 30 = R / (R + 250 km) cos(elevation) at 58.7 degree of elevation, by hand
        ("zenith_at_pierce_point", lambda elevation: elevation > 58.69),
    ],
)
def test_three_readings_of_inclined_below_30_degrees(rule, keeps):
    settings = IngestSettings(tec=TecSettings(elevation_rule=rule))
    night = read_any(SLANT, settings)[0]
    assert night.sizes["observation"] == int(keeps(pd.read_csv(SLANT).elm).sum())
    assert night.attrs["elevation_rule"] == f"{rule} 30 degree"


def test_cells_count_their_observations():
    """Cells are one degree wide about whole degrees from 70 to 140 E; some pierce points lie further east."""
    night = read_any(SLANT)[0]
    inside = night["pierce_longitude"] < 140.5
    assert int(night["vertical_tec_count"].sum()) == int(inside.sum())
    filled = night["vertical_tec_count"] > 0
    assert np.array_equal(np.isfinite(night["vertical_tec"]), filled)


def test_satellites_of_two_constellations_stay_apart():
    part = tec_slant.read([Member(SLANT)], context())
    names = set(part["satellite"].values)
    assert {"G08", "R08"} <= names


def test_fpi_night_against_means_by_hand():
    """2022-03-01 22 to 23 UT, by awk: VNHLU 66.77 73.65 55.44 48.42 37.38 to the east, -45.40 -69.58 to the west
    (quality 0 or 1). East minus west over two is 56.9 m/s; a fit that shares the vertical wind between unequal
    numbers of looks may differ by its own error."""
    night = read_any(DATA / "fpi/bfp220301g.7100.txt")[0]
    east = (np.mean([66.77, 73.65, 55.44, 48.42, 37.38]) - np.mean([-45.40, -69.58])) / 2
    hour = night.sel(time="2022-03-01T22:30").isel(emission=0)
    assert abs(float(hour["eastward_wind"]) - east) < float(hour["eastward_wind_error"])
    assert night["emission_wavelength"].values.tolist() == [630.0]
    assert night["altitude"].values.tolist() == [250.0]


def test_fpi_hours_with_equal_numbers_of_looks():
    """With four looks each way, eastward is (E - W) / 2 of the means and northward (N - S) / 2, whatever the vertical
    wind: 2022-03-02 05 UT, by pandas."""
    table = pd.read_csv(DATA / "fpi/bfp220301g.7100.txt", sep=r"\s+")
    table["time"] = pd.to_datetime(table.UT1_UNIX, unit="s")
    hour = table[(table.time.dt.floor("h") == "2022-03-02 05:00") & (table.FPI_DATAQUAL <= 1) & table.VNHLU.notna()]
    mean = hour.groupby("AZM").VNHLU.mean()
    assert hour.groupby("AZM").size().tolist() == [4, 4, 4, 4]
    night = read_any(DATA / "fpi/bfp220301g.7100.txt")[0].sel(time="2022-03-02T05:30").isel(emission=0)
    assert float(night["eastward_wind"]) == pytest.approx((mean[90.0] - mean[-90.0]) / 2, abs=1e-6)
    assert float(night["northward_wind"]) == pytest.approx((mean[0.0] - mean[180.0]) / 2, abs=1e-6)


def test_fpi_errors_that_follow_the_wind_are_not_weights():
    night = read_any(DATA / "fpi/bfp211007g.7100.txt")[0]
    decisions = {entry["what"]: entry for entry in json.loads(night.attrs["decisions"])}
    assert decisions["stated errors"]["decided"].startswith("not used")


def test_fpi_quality_in_its_own_sense():
    """FPI_DATAQUAL 2 is bad: with quality 2 allowed more looks are used (51 of 2021-10-07 have it, by awk)."""
    strict = IngestSettings()
    lax = strict.model_copy(update={"fpi": strict.fpi.model_copy(update={"worst_quality": 2})})
    used = [json.loads(read_any(DATA / "fpi/bfp211007g.7100.txt", s)[0].attrs["decisions"]) for s in (strict, lax)]
    counts = [int(next(e for e in d if e["what"] == "looks")["decided"].split()[0]) for d in used]
    assert counts == [103, 154]


def test_ionogram_of_kirtland_by_h5py():
    """h5py, without our reader: the strongest echo of the file; its `range` is group delay times c, so the virtual
    height is half of it, less the 39 km of kirtland_reading.json."""
    path = DATA / "ionosonde/DPS4D_Kirtland0_2023-10-14_160000.nc"
    with h5py.File(path) as file:
        power, frequency, way = file["power"][:], file["frequency"][:], file["range"][:]
    night = read_any(path)[0]
    image = night["echo_amplitude"].isel(ionogram_time=0).transpose("frequency", "virtual_height").values
    height = way / 2 - 39.0
    assert np.array_equal(image, power[:, height >= 0])
    assert np.allclose(night["virtual_height"], height[height >= 0], atol=1e-5)
    assert np.allclose(night["frequency"], frequency, atol=1e-5)
    assert str(night["ionogram_time"].values[0])[:19] == "2023-10-14T16:00:00"
    assert night.attrs["station_longitude"] == -106.5
