"""Kinds of a third trial by a stranger: stations, zones, flags, hemispheres, names a column short."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.containers import load, units
from metalclouds.ingest.evidence.zones import region_in, zone_in
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from tests.ingest import shapes
from tests.ingest.papers import read_any

ASK = IngestSettings(assume_station=False)


def winds(path: Path, header: str, flags: bool = False, start: str = "2019-12-03T17:00") -> None:
    """Ten hours of winds: 40 m/s to the first side, -30 to the second; every eighth has 400 more and another flag."""
    rows = []
    for number in range(40):
        time = np.datetime64(start) + np.timedelta64(15 * number, "m")
        bad = number % 8 == 0
        rows.append(
            f"{str(time)[:10]},{str(time)[11:]},{440 if flags and bad else 40},-30" + f",{int(not bad)}" * flags
        )
    names = "date,time,zonal_wind,meridional_wind" + ",flag" * flags
    path.write_text("\n".join([header, names, *rows]) + "\n")


# ---- where it was measured ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "latitude", "first"),
    [
        ("# Tromso FPI 69.6N 19.2E, 630.0 nm\n# date, time (UT), zonal, meridional", 69.6, "17:00"),
        ("# Arecibo, 18.3N 66.8W, 630.0 nm. Time UT", 18.3, "17:00"),
        ("# Tromso FPI (69.6N, 19.2E), 630.0 nm; all times in local time", 69.6, "16:00"),
    ],
)
def test_winds_take_the_place_and_the_clock_of_their_file(tmp_path, header, latitude, first):
    winds(tmp_path / "winds.csv", header)
    (night, *_) = read_any(tmp_path)
    assert night.attrs["station_latitude"] == latitude
    assert str(night["time"].values[0])[11:16] == first


def test_a_sun_of_nowhere_decides_no_clock(tmp_path):
    winds(tmp_path / "winds.csv", "# FPI, 630.0 nm")
    with pytest.raises(UndecidedError, match="where was this measured"):
        read_any(tmp_path, ASK)


def test_soundings_in_local_time_are_those_of_their_own_longitude(tmp_path):
    text = "Roquetes ionosonde (40.8N, 0.5E), times in LT\ndate time foEs(MHz)\n"
    rows = "".join(f"2019-06-05 {hour:02d}:00 {2 + hour / 10:.1f}\n" for hour in range(8, 20))
    (tmp_path / "EB040.txt").write_text(text + rows)
    (day,) = read_any(tmp_path)
    assert str(day["time"].values[0])[11:16] == "08:00"
    assert day.attrs["station_latitude"] == 40.8


@pytest.mark.parametrize(("words", "north"), [("poleward", 30.0), ("equatorward", -30.0)])
def test_towards_the_pole_is_south_in_the_south(tmp_path, words, north):
    header = f"# FPI 30.2S 70.8W, 630.0 nm, all times in UT; zonal positive eastward, meridional positive {words}"
    winds(tmp_path / "winds.csv", header, start="2019-12-04T01:00")
    (night, *_) = read_any(tmp_path)
    assert float(night["northward_wind"].values.ravel()[0]) == pytest.approx(north)
    winds(tmp_path / "winds.csv", header.replace(" 30.2S 70.8W", ""))
    with pytest.raises(UndecidedError, match="hemisphere"):
        read_any(tmp_path, ASK)


def test_altitudes_above_a_station_of_unknown_height_are_a_question(tmp_path):
    night = shapes.truth("2021-06-03")
    content = {"time_UT": night.hours, "height_agl": night.altitude, "density": night.density}
    place = {"latitude": 40.4, "longitude": 116.0}
    scipy.io.savemat(tmp_path / "a_20210603.mat", {**content, **place})
    with pytest.raises(UndecidedError, match="how high is the station"):
        read_any(tmp_path)
    scipy.io.savemat(tmp_path / "a_20210603.mat", {**content, **place, "alt": 2715.0})
    (found,) = read_any(tmp_path)
    np.testing.assert_allclose(found["altitude"].values[0], night.altitude[0] + 2.715, atol=1e-3)


def test_a_date_of_ut_in_a_name_is_that_of_the_morning_in_america(tmp_path):
    """The night of 2 June there has its times, and its file's name, on 3 June UT."""
    night = shapes.truth("2021-06-03")
    content = {"time_UT": night.hours - 8.0, "height": night.altitude, "density": night.density}
    scipy.io.savemat(tmp_path / "a_20210603.mat", {**content, "latitude": -30.2, "longitude": -70.7})
    (found,) = read_any(tmp_path)
    assert found.attrs["night"] == "2021-06-02"
    assert str(found["time"].values[0])[:16] == "2021-06-03T05:00"


def test_saoxml_names_its_station(tmp_path):
    record = '<SAORecord StartTimeUTC="2021-05-10T14:00:00.000Z" GeoLatitude="30.5" GeoLongitude="114.4">'
    entry = '<CharacteristicList><URSI ID="30" Val="3.4" Units="MHz"/></CharacteristicList></SAORecord>'
    (tmp_path / "a.xml").write_text(f"<SAORecordList>{record}{entry}</SAORecordList>")
    (day,) = read_any(tmp_path)
    assert (day.attrs["station_latitude"], day.attrs["station_longitude"]) == (30.5, 114.4)


# ---- clocks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("Zeitangaben in MESZ", 120),
        ("hours_NZST", 720),
        ("Time in MDT", -360),
        ("北京时间", 480),
        ("CEST and NZST", None),
    ],
)
def test_a_word_for_a_zone_is_its_offset(words, minutes):
    found = zone_in(words)
    assert (None if found is None else found[0]) == minutes


def test_a_region_has_the_offset_of_the_day():
    assert str(region_in("time_zone: europe/berlin")) == "Europe/Berlin"
    assert region_in("m/s and km/h") is None


def lidar(path: Path, name: str, offset: float, **more: object) -> None:
    night = shapes.truth("2021-06-03")
    content = {name: night.hours + offset, "height": night.altitude, "density": night.density}
    scipy.io.savemat(path, {**content, "latitude": 40.4, "longitude": 116.0, **more})


def test_a_summer_time_is_not_the_hour_of_the_longitude(tmp_path):
    """KST is UTC+9; both it and whole hours by the longitude have all of the night in darkness."""
    lidar(tmp_path / "a_20210603.mat", "hours_KST", 9.0)
    (found,) = read_any(tmp_path)
    assert str(found["time"].values[0])[11:16] == "13:00"


def test_a_word_of_several_zones_is_tried_in_each(tmp_path):
    """China's central time has all of the night in darkness, America's has it by day; of soundings nothing tells."""
    lidar(tmp_path / "a_20210603.mat", "hours_CST", 8.0)
    (found,) = read_any(tmp_path)
    assert str(found["time"].values[0])[11:16] == "13:00"
    (tmp_path / "a_20210603.mat").unlink()
    (tmp_path / "es.csv").write_text("time (CST),foEs (MHz)\n2021-06-03 10:00,3.0\n2021-06-03 10:15,3.1\n")
    with pytest.raises(UndecidedError, match="which CST") as stop:
        read_any(tmp_path)
    assert "clock: UTC+8" in str(stop.value)


LATITUDE, LONGITUDE = np.arange(15.0, 56.0, 2.5), np.arange(75.0, 136.0, 5.0)


@pytest.mark.parametrize("said", ["times are Beijing time (UT+8)", "时间为北京时间 (BJT = UT+8)", "时间: 北京时间"])
def test_maps_past_midnight_of_a_clock_in_the_header(tmp_path, said):
    """All maps of the file are read, those after midnight of local time as well."""
    lines = [f"# TEC grid, unit: TECU; {said}", "# first row longitude, first column latitude", ""]
    field = 0.5 * (70.0 - LATITUDE)[:, None] + 0.02 * LONGITUDE
    for number in range(8):
        time = np.datetime64("2021-06-04T22:00") + np.timedelta64(30 * number, "m")
        lines.append(str(time)[:16].replace("-", " ").replace("T", " ").replace(":", " ") + " 00")
        lines.append("lat\\lon " + " ".join(f"{value:.1f}" for value in LONGITUDE))
        lines += [
            f"{latitude:.1f} " + " ".join(f"{value + number:.2f}" for value in row)
            for latitude, row in zip(LATITUDE, field, strict=True)
        ]
    (tmp_path / "tec_20210604.txt").write_text("\n".join(lines) + "\n")
    days = read_any(tmp_path)
    times = np.concatenate([day["time"].values for day in days])
    assert [str(time)[:16] for time in times[[0, -1]]] == ["2021-06-04T14:00", "2021-06-04T17:30"]
    assert times.size == 8


# ---- flags, numbers, names ----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["flag 1 = good, 0 = bad", "flag: 1 good 0 cloudy", "flag (0: bad, 1: good)"])
def test_a_flag_is_as_its_file_explains_it(tmp_path, said):
    winds(tmp_path / "winds.csv", f"# Xinglong 40.4N 117.6E, 630.0 nm, all times in UT; {said}", flags=True)
    (night, *_) = read_any(tmp_path)
    east = night["eastward_wind"].values
    assert np.nanmax(east) == pytest.approx(40.0)


def test_a_flag_that_nothing_explains_does_not_cost_most_winds(tmp_path):
    winds(tmp_path / "winds.csv", "# Xinglong 40.4N 117.6E, 630.0 nm, all times in UT", flags=True)
    with pytest.raises(UndecidedError, match="is a flag of 0 or of 1 a good wind"):
        read_any(tmp_path)


def test_a_time_of_two_columns_below_one_name_does_not_shift_the_others(tmp_path):
    text = "# 630.0 nm, UT, 40.4N 117.6E\ntime        zonal   meridional  sigma\n"
    rows = "".join(f"2021-06-03 {13 + i // 4:02d}:{15 * (i % 4):02d}  {40 + i}.0  -30.0  9.0\n" for i in range(20))
    (tmp_path / "winds.txt").write_text(text + rows)
    (night,) = read_any(tmp_path)
    assert float(night["eastward_wind"].values.ravel()[0]) == pytest.approx(40.0)
    assert night.sizes["time"] == 20


def test_a_name_less_than_columns_is_a_stop(tmp_path):
    rows = "".join(f"{13 + i / 4:.2f}  {40 + i}.0  -30.0  9.0\n" for i in range(20))
    (tmp_path / "winds.txt").write_text("hour  zonal  meridional\n" + rows)
    with pytest.raises(ReadError, match="a name less than there are columns"):
        load(Member(tmp_path / "winds.txt"))


def test_two_numbers_are_no_unit():
    assert units.parse("500.0 300.0") is None or units.parse("500.0 300.0").metre == 0
    assert units.parse("500.0^300") is None


def test_a_mark_in_32_bits_is_the_mark(tmp_path):
    """1e20 as a float of 32 bits is 1.00000002e20."""
    import netCDF4

    with netCDF4.Dataset(tmp_path / "wind_630nm_20210603.nc", "w") as file:
        file.createDimension("time", 20)
        time = file.createVariable("time", "f8", ("time",))
        time[:], time.units = 13.0 + np.arange(20) / 4, "hours since 2021-06-03 00:00:00 UTC"
        for name, value in (("zonal_wind", 40.0), ("meridional_wind", -30.0)):
            values = np.full(20, value, "f4")
            values[3] = 1e20
            file.createVariable(name, "f4", ("time",))[:] = values
            file[name].units = "m/s"
    (night,) = read_any(tmp_path)
    assert np.nanmax(np.abs(night["eastward_wind"].values)) == pytest.approx(40.0)


def test_a_question_about_an_entry_with_names_is_a_question(tmp_path):
    """Its lines repeat the names of the entry."""
    night = shapes.truth("2021-06-03")
    record = tmp_path / "record"
    record.mkdir()
    scipy.io.savemat(record / "a.mat", {"t": night.hours, "h": night.altitude, "CaIon": night.density})
    options = "{variables: {signal: CaIon, time: t, altitude: h}}"
    entry = f"entries:\n- {{glob: a.mat, instrument: lidar, reader: lidar_arrays, options: {options}}}\n"
    (tmp_path / "own.yaml").write_text(entry)
    settings = IngestSettings(catalogue=(str(tmp_path / "own.yaml"), "config/catalogue/formats.yaml"))
    with pytest.raises(UndecidedError, match="hours without a date") as stop:
        read_any(record, settings)
    assert "signal: CaIon" in str(stop.value)
