"""Simulated TEC: geometry against closed forms, the ionosphere's course, the files' layout."""

from __future__ import annotations

import hashlib
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from metalclouds.twin import gnss, tec
from metalclouds.twin.randomness import generator
from metalclouds.twin.scenario import campaign
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sun import solar_elevation_deg
from metalclouds.twin.tec_field import Day, production, shape
from metalclouds.twin.tec_settings import SimulatedTecSettings

QUIET = SimulatedTecSettings(
    day_to_day=0,
    gradient=0,
    slow_wave=0,
    large_disturbance_tecu=0,
    medium_disturbance_tecu=0,
    slant_noise_tecu=0,
    satellite_bias_tecu=0,
    receiver_bias_tecu=0,
    map_noise_tecu=0,
    map_correlated_noise_tecu=0,
    ripple=0,
    meander_deg=0,
)
SMALL = {"epoch_minutes": 60, "receivers": 30, "quiet_days": 1}
BEIJING = (40.4, 116.0)


@pytest.fixture(scope="module")
def cases():
    return {night.listed_as: night for night in campaign(TwinSettings(nights="cases"))}


@pytest.fixture(scope="module")
def record_dir(tmp_path_factory, cases):
    folder = tmp_path_factory.mktemp("record")
    tec.write(TwinSettings(tec=SimulatedTecSettings(**SMALL)), list(cases.values()), folder)
    return folder


@pytest.mark.parametrize(("elevation", "factor", "distance"), [(30.0, 1.81, 396.0), (60.0, 1.14, 138.0)])
def test_pierce_point_as_in_the_notes_on_the_elevation_rule(elevation, factor, distance):
    """Factors and distances stand in the project's notes on the paper (shell at 250 km)."""
    latitude, longitude, mapping = gnss.pierce_point(*BEIJING, elevation, 73.0, 250.0)
    assert mapping == pytest.approx(factor, abs=0.006)
    # 396 km and 138 km are measured along the shell's foot point on the ground.
    assert gnss.distance_km(*BEIJING, latitude, longitude) == pytest.approx(distance, abs=1.0)


def test_pierce_point_lies_on_the_line_to_the_satellite():
    """Independent of spherical trigonometry: the point is on the straight line and on the shell."""
    satellite = gnss.satellite_positions(31, np.array(["2021-06-18T14:36"], "datetime64[s]"))
    receiver = np.array([BEIJING[0]]), np.array([BEIJING[1]])
    elevation, azimuth = (angles[0, 0] for angles in gnss.look_angles(satellite, *receiver))
    seen = int(np.argmax((elevation > 20) & (elevation < 60)))
    latitude, longitude, _ = gnss.pierce_point(*BEIJING, elevation[seen], azimuth[seen], 250.0)

    def cartesian(phi, lam, radius):
        phi, lam = np.radians(phi), np.radians(lam)
        return radius * np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])

    ground, point = cartesian(*BEIJING, 6371.0088), cartesian(latitude, longitude, 6621.0088)
    to_satellite, to_point = satellite[0, seen] - ground, point - ground
    cosine = to_satellite @ to_point / np.linalg.norm(to_satellite) / np.linalg.norm(to_point)
    assert np.degrees(np.arccos(min(cosine, 1.0))) < 0.01


def test_constellation_repeats_after_a_sidereal_day_and_shows_8_to_10_satellites():
    start = np.datetime64("2021-06-18T10:00", "ms")
    day = np.timedelta64(86164090, "ms")
    first, second = (gnss.satellite_positions(31, np.array([t])) for t in (start, start + day))
    assert np.abs(first - second).max() < 5.0
    times = start + np.arange(0, 43200, 600) * np.timedelta64(1, "s")
    elevation, _ = gnss.look_angles(gnss.satellite_positions(31, times), np.array([35.0]), np.array([105.0]))
    assert 7 <= (elevation > 15).sum(axis=-1).mean() <= 11


def test_network_stands_inside_the_outline_and_is_denser_in_the_east():
    latitude, longitude = gnss.network(260, 60.0, generator(1, "test"))
    assert len(latitude) == 260
    assert gnss.inside(longitude, latitude).all()
    assert (longitude > 100).sum() > 4 * (longitude < 95).sum() > 0
    assert not gnss.inside(np.array([127.0, 85.0]), np.array([37.5, 26.0])).any()  # Korea, Nepal


def test_f_region_is_sunlit_to_106_degrees_and_production_is_nearly_the_cosine():
    assert production(np.cos(np.radians(112.0))) < 0.01 * production(1.0)
    assert production(np.cos(np.radians(100.0))) > 5 * production(np.cos(np.radians(108.0)))
    ratio = production(np.cos(np.radians(40.0))) - production(np.cos(np.radians(60.0)))
    assert ratio == pytest.approx(np.cos(np.radians(40.0)) - 0.5, rel=0.01)


def test_background_declines_after_sunset_and_rises_at_sunrise_and_has_the_crest():
    day = Day(QUIET, "2021-06-08", generator(1, "test"))
    hours = np.datetime64("2021-06-08T00:00:00") + np.arange(0, 24 * 3600, 600) * np.timedelta64(1, "s")
    beijing = day.at(hours, *BEIJING)
    elevation = solar_elevation_deg(hours, *BEIJING)
    night = (elevation < -16.5) & (np.arange(len(hours)) > 66)
    assert night.sum() > 15
    assert (np.diff(beijing[night]) < 0).all()
    assert beijing[131] > beijing[114:130].min()  # 21:50 UT, an hour after sunrise on the ground
    assert 8 < beijing.max() < 20
    assert 2 < beijing.min() < 5
    latitudes = np.arange(15.0, 50.0)
    evening = day.at(np.datetime64("2021-06-08T12:00:00"), latitudes, 110.0)
    assert latitudes[np.argmax(evening)] == pytest.approx(22.0, abs=2.0)


def test_shape_has_the_stated_width_and_half_value_edges():
    place = {"axis": 116.0, "south": 25.0, "north": 42.0, "width_km": 300.0, "edge": 1.0}
    assert shape(33.5, 116.0, **place) == pytest.approx(1.0, abs=0.001)
    degrees = 150.0 / (6371.0088 * np.pi / 180 * np.cos(np.radians(33.5)))
    assert shape(33.5, 116.0 + degrees, **place) == pytest.approx(0.5, abs=0.001)
    assert shape(25.0, 116.0, **place) == pytest.approx(0.5, abs=0.001)
    assert shape(42.0, 116.0, **place) == pytest.approx(0.5, abs=0.001)


def test_slant_over_mapping_gives_the_vertical_truth(cases):
    night = cases["2021-06-18"]
    day = Day(QUIET, night.night, generator(1, "test"))
    receivers = gnss.network(20, 60.0, generator(2, "test"))
    times = np.datetime64("2021-06-18T15:48:00") + np.arange(2) * np.timedelta64(3600, "s")
    columns = tec.slant(QUIET, day, night.enhancement, times, receivers, generator(3, "test"))
    assert columns["elevation"].min() > 15.0
    index = columns["receiver"]
    latitude, longitude, factor = gnss.pierce_point(
        receivers[0][index], receivers[1][index], columns["elevation"], columns["azimuth"], 250.0
    )
    place = columns["time"], latitude, longitude
    truth = day.at(*place) + tec.enhancement_tecu(QUIET, night.enhancement, *place)
    np.testing.assert_allclose(columns["stec"] / factor, truth, rtol=1e-9)
    assert (columns["elevation"] < 30).any()


def test_enhancement_is_zero_before_onset_and_peaks_at_the_stated_value(cases):
    event = cases["2021-06-18"].enhancement
    times = np.array([event.onset - np.timedelta64(60, "s"), event.peak, event.end + np.timedelta64(60, "s")])
    value = tec.enhancement_tecu(QUIET, event, times, 33.5, event.longitude)
    np.testing.assert_allclose(value, [0.0, event.peak_tecu, 0.0], atol=0.01)
    assert not tec.enhancement_tecu(QUIET, None, times, 33.5, 116.0).any()


def test_quiet_days_surround_the_groups_and_avoid_cloudy_nights(cases):
    nights = list(cases.values())
    chosen = [cases[night] for night in QUIET.nights]
    days = tec.quiet_days(nights, chosen, 2)
    assert days == ["2021-01-07", "2021-01-09", "2021-06-02", "2021-06-05", "2021-06-17", "2021-06-19"]


def test_maps_have_eight_header_lines_and_rows_from_north_to_south(record_dir):
    with zipfile.ZipFile(record_dir / "CMONOC_VTEC_2021-06-03.zip") as archive:
        names = archive.namelist()
        lines = archive.read("CMONOC_VTEC_20210603_160000.txt").decode().splitlines()
    assert len(names) == 13
    assert len(lines) == 8 + 41
    table = np.array([line.split() for line in lines[8:]], dtype=float)
    assert table.shape == (41, 71)
    missing = table == 9999.0
    assert 0.3 < missing.mean() < 0.9
    # The crest of the equatorial anomaly is in the south, so TEC falls from the last rows to the first.
    assert table[28:33][~missing[28:33]].mean() > 1.3 * table[3:8][~missing[3:8]].mean()


def test_slant_file_is_readable_and_holds_the_paper_s_epochs(tmp_path, cases):
    settings = TwinSettings(tec=SimulatedTecSettings(receivers=12, quiet_days=0, nights=("2021-06-18",)))
    tec.write(settings, list(cases.values()), tmp_path)
    with (
        zipfile.ZipFile(tmp_path / "CMONOC_STEC_2021-06-18.zip") as archive,
        archive.open(archive.namelist()[0]) as f,
    ):
        table = pd.read_csv(f)
    assert ",".join(table) == "year,doy,ut,receiver,satellite,glat_receiver,glon_receiver,elevation,azimuth,stec"
    assert (table["doy"] == 169).all()  # 18 June of a common year
    assert {12.3, 14.6, 17.6, 19.6} <= set(table["ut"])
    assert table["elevation"].between(15, 90).all()
    assert not table.duplicated(["ut", "receiver", "satellite"]).any()


def test_manifest_lists_every_file_with_its_md5(record_dir):
    listing = json.loads((record_dir / "tec.json").read_text())
    files = {path.name for path in record_dir.iterdir()} - {"tec.json"}
    assert {entry["key"] for entry in listing["files"]} == files
    for entry in listing["files"]:
        assert entry["checksum"] == "md5:" + hashlib.md5((record_dir / entry["key"]).read_bytes()).hexdigest()


def test_a_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, cases):
    one = SimulatedTecSettings(receivers=12, quiet_days=0, nights=("2021-06-03",), epoch_minutes=60)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        tec.write(TwinSettings(seed=seed, tec=one), list(cases.values()), tmp_path / name)
    first, second, third = ((tmp_path / n / "CMONOC_VTEC_2021-06-03.zip").read_bytes() for n in "abc")
    assert first == second != third
