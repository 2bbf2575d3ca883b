"""Maps of TEC: their unit, their axes, their times and their region, as files and descriptions state them."""

from __future__ import annotations

import json
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import scipy.io
import yaml

from metalclouds import cli
from metalclouds.errors import UndecidedError
from metalclouds.ingest.draft import options_in
from metalclouds.ingest.files import read_any
from metalclouds.ingest.inspection import inspect
from metalclouds.ingest.settings import IngestSettings

FORMATS = "config/catalogue/formats.yaml"
HOURS = np.arange(0.0, 24.0, 2.0)
LATITUDES, LONGITUDES = np.arange(20.0, 51.0, 2.0), np.arange(100.0, 121.0, 4.0)


def truth(latitude=LATITUDES, longitude=LONGITUDES) -> np.ndarray:
    """TECU with one decimal, dims (time, latitude, longitude): no two axes are alike."""
    hour = HOURS[:, None, None]
    values = 18.0 - 0.15 * (latitude[None, :, None] - 20.0) + 0.05 * np.abs(longitude[None, None, :] - 100.0)
    return np.round(values + 4.0 * np.cos((hour - 6.0) / 12.0 * np.pi), 1)


def matlab(path: Path, values: np.ndarray, **more) -> Path:
    scipy.io.savemat(path, {"tec": values, "lat": LATITUDES, "lon": LONGITUDES, "UT": HOURS} | more)
    return path


def netcdf(path: Path, values: np.ndarray) -> Path:
    with netCDF4.Dataset(path, "w") as file:
        for name, axis in (("UT", HOURS), ("lat", LATITUDES), ("lon", LONGITUDES)):
            file.createDimension(name, axis.size)
            file.createVariable(name, "f8", (name,))[:] = axis
        file["UT"].units = "hours since 2021-06-04 00:00"
        file.createVariable("vtec", "i4", ("UT", "lat", "lon"))[:] = values
    return path


def points(path: Path, values: np.ndarray) -> Path:
    rows = [
        f"2021-06-04T{int(hour):02d}:00:00Z,{y:g},{x:g},{values[t, j, i]:g}"
        for t, hour in enumerate(HOURS)
        for j, y in enumerate(LATITUDES)
        for i, x in enumerate(LONGITUDES)
    ]
    path.write_text("\n".join(["time,lat,lon,tec", *rows]) + "\n")
    return path


def with_entry(folder: Path, options: dict, glob: str = "*", reader: str = "tec_arrays") -> IngestSettings:
    entry = {"glob": glob, "instrument": "tec", "reader": reader, "options": options}
    own = folder.parent / f"{folder.name}_own.yaml"
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    return IngestSettings(catalogue=(str(own), FORMATS))


def check(day, expected: np.ndarray) -> None:
    assert day["vertical_tec"].values == pytest.approx(expected, abs=0.02)
    assert day["latitude"].values == pytest.approx(LATITUDES)


# ---- the unit ------------------------------------------------------------------------------------------------

TENTHS = [
    "tec    vertical TEC, integers of 0.1 TECU, 9999 where there are no pierce points",
    "VTEC is given in units of 0.1TECU.",
    "tec: TECU*10, int16",
    "TEC values were multiplied by 10 and stored as integers.",
    "To get TEC in TECU divide by 10.",
    "The scale factor of TEC is 0.1.",
    "Vertical TEC in tenths of a TECU",
    "TEC in 10^15 el/m^2",
    "TEC单位:0.1 TECU",
]


@pytest.mark.parametrize("words", TENTHS)
@pytest.mark.parametrize(("write", "name"), [(matlab, "tec_20210604.mat"), (netcdf, "vtec.nc"), (points, "vtec.csv")])
def test_tenths_that_a_description_states(tmp_path, words, write, name):
    (tmp_path / "README.txt").write_text(f"TEC maps, UT.\n\n{words}\n\nShell at 400 km.\n")
    write(tmp_path / name, np.round(10.0 * truth()).astype("int32"))
    (day,) = read_any(tmp_path)
    check(day, truth())


@pytest.mark.parametrize("words", ["VTEC in TECU (1 TECU = 10^16 el/m2), rounded", "tec [TECU]; accuracy 0.1 TECU\n"])
def test_whole_numbers_of_tecu_that_a_description_states(tmp_path, words):
    (tmp_path / "README.txt").write_text(f"TEC maps, UT.\n\n{words}\n")
    matlab(tmp_path / "tec_20210604.mat", np.round(truth()))
    check(read_any(tmp_path)[0], np.round(truth()))


@pytest.mark.parametrize(
    "words", ["Maps of TEC, UT.\n", "Maps, UT. TEC has a precision of 0.1 TECU.\n", "UT; TEC scaled, 10\n"]
)
@pytest.mark.parametrize(("write", "name"), [(matlab, "tec_20210604.mat"), (netcdf, "vtec.nc"), (points, "vtec.csv")])
def test_whole_numbers_of_no_unit_are_asked_about_and_both_lines_work(tmp_path, words, write, name):
    record = tmp_path / "record"
    record.mkdir()
    (record / "README.txt").write_text(words)
    write(record / name, np.round(10.0 * truth()).astype("int32"))
    with pytest.raises(UndecidedError, match="in which unit") as stop:
        read_any(record)
    found = [read_any(record, with_entry(record, line, name))[0] for line in options_in(str(stop.value))]
    check(found[0], truth())
    check(found[1], np.round(10.0 * truth()))


def test_two_units_are_asked_about(tmp_path):
    (tmp_path / "README.txt").write_text("Maps, UT. TEC in units of 0.1 TECU.\n\nAll TEC is in TECU.\n")
    matlab(tmp_path / "tec_20210604.mat", np.round(10.0 * truth()))
    with pytest.raises(UndecidedError, match="in which unit"):
        read_any(tmp_path)


def test_decimals_of_no_unit_are_tecu_by_their_size(tmp_path):
    matlab(tmp_path / "tec_20210604.mat", truth())
    check(read_any(tmp_path)[0], truth())


TIMES_OR_STEPS = [
    "TEC maps at times 10:00 to 22:00 UT",
    "TEC maps, times 1000-2200 UT",
    "VTEC, map times 10, 12 and 14 UT",
    "VTEC in TECU, to the nearest 0.1 TECU",
    "VTEC in TECU (contour step 0.1 TECU)",
    "VTEC in TECU, resolution 0.1 TECU",
    "VTEC in TECU; accurate to 10^15 el/m2",
    "VTEC in TECU, rounded to tenths of a TECU",
]


@pytest.mark.parametrize("words", TIMES_OR_STEPS)
@pytest.mark.parametrize(("write", "name"), [(matlab, "tec_20210604.mat"), (points, "vtec.csv")])
def test_times_and_steps_are_no_factor_of_values_with_decimals(tmp_path, words, write, name):
    (tmp_path / "README.txt").write_text(f"Maps, UT.\n\n{words}\n")
    write(tmp_path / name, truth())
    check(read_any(tmp_path)[0], truth())


@pytest.mark.parametrize("words", TIMES_OR_STEPS)
def test_times_and_steps_are_no_factor_of_whole_numbers(tmp_path, words):
    """They are TECU where words say so, else a question."""
    (tmp_path / "README.txt").write_text(f"Maps, UT.\n\n{words}\n")
    matlab(tmp_path / "tec_20210604.mat", np.round(truth()))
    try:
        (day,) = read_any(tmp_path)
    except UndecidedError as error:
        assert "in which unit" in str(error)  # noqa: PT017
    else:
        check(day, np.round(truth()))


@pytest.mark.parametrize("words", ["VTEC in units of 0.1 TECU", "TEC times 10.", "TEC is to be divided by 10"])
def test_a_factor_for_values_with_decimals_is_asked_about(tmp_path, words):
    (tmp_path / "README.txt").write_text(f"Maps, UT.\n\n{words}\n")
    matlab(tmp_path / "tec_20210604.mat", truth())
    with pytest.raises(UndecidedError, match="in which unit"):
        read_any(tmp_path)


@pytest.mark.parametrize("words", ["TEC in 10^15 el/m^2", "Vertical TEC [1e15 m-2]"])
def test_a_unit_of_its_own_has_decimals(tmp_path, words):
    (tmp_path / "README.txt").write_text(f"Maps, UT.\n\n{words}\n")
    matlab(tmp_path / "tec_20210604.mat", 10.0 * truth() + 0.05)
    check(read_any(tmp_path)[0], truth() + 0.005)


def test_slant_tec_in_tenths(tmp_path):
    rows = "".join(f"{12 + t / 4:.2f} 7 35.0 114.5 40.0 120.0 {200 + t}\n" for t in range(16))
    (tmp_path / "BJNM_20210604.txt").write_text("UT_h sv ipp_lat ipp_lon el_deg az_deg stec\n" + rows)
    with pytest.raises(UndecidedError, match="in which unit"):
        read_any(tmp_path)
    (tmp_path / "README").write_text("Slant TEC in 0.1 TECU, shell at 350 km.\n")
    (day,) = read_any(tmp_path)
    sine = 6371.0 / (6371.0 + 350.0) * np.cos(np.radians(40.0))
    assert day["observation_vertical_tec"].values[0] == pytest.approx(20.0 * np.sqrt(1 - sine**2), abs=0.02)


# ---- the region ----------------------------------------------------------------------------------------------


def decided(day, what: str) -> list[str]:
    return [
        f"{one['decided']} ({one['because']})" for one in json.loads(day.attrs["decisions"]) if one["what"] == what
    ]


def placed(path: Path, latitude: np.ndarray, longitude: np.ndarray) -> None:
    scipy.io.savemat(path, {"tec": truth(latitude, longitude), "lat": latitude, "lon": longitude, "UT": HOURS})


def test_what_lies_outside_the_region_is_said(tmp_path, capsys):
    """Of 40 to 70 N the settings keep what is up to 55 N; of 60 to 120 E what is from 70 E on."""
    latitude, longitude = np.arange(40.0, 71.0, 2.0), np.arange(60.0, 121.0, 5.0)
    placed(tmp_path / "tec_20210604.mat", latitude, longitude)
    (day,) = read_any(tmp_path)
    assert (day["latitude"].values.max(), day["longitude"].values.min()) == (54.0, 70.0)
    assert decided(day, "latitudes left out")[0].startswith(
        "8 of 16, outside ingest.tec.latitude_range (the map has 40"
    )
    assert decided(day, "longitudes left out")[0].startswith("2 of 13")
    assert cli.main(["inspect", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "latitudes left out: 8 of 16, outside ingest.tec.latitude_range" in said
    assert "nothing left out" not in said


def test_a_map_within_the_region_loses_nothing(tmp_path, capsys):
    placed(tmp_path / "tec_20210604.mat", LATITUDES, LONGITUDES)
    assert cli.main(["inspect", str(tmp_path)]) == 0
    assert "nothing left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("longitude", "expected"),
    [
        (np.arange(-10.0, 31.0, 4.0), (-10.0, 30.0)),
        (np.r_[np.arange(0.0, 31.0, 4.0), np.arange(348.0, 360.0, 4.0)], (-12.0, 28.0)),
        (np.arange(-120.0, -79.0, 4.0), (240.0, 280.0)),
        (np.r_[np.arange(-180.0, -150.0, 5.0), np.arange(160.0, 180.0, 5.0)], (160.0, 205.0)),
    ],
)
def test_maps_elsewhere_are_read_whole_and_it_is_said(tmp_path, capsys, longitude, expected):
    placed(tmp_path / "tec_20210604.mat", LATITUDES, longitude)
    (day,) = read_any(tmp_path)
    east = day["longitude"].values
    assert (east[0], east[-1], east.size) == (*expected, longitude.size)
    for index, value in enumerate(east):
        (column,) = np.flatnonzero((longitude - value) % 360.0 == 0.0)
        own = truth(LATITUDES, longitude)[:, :, column]
        assert day["vertical_tec"].values[:, :, index] == pytest.approx(own, abs=0.01)
    assert cli.main(["inspect", str(tmp_path)]) == 0
    assert "whole map, for it lies outside ingest.tec.longitude_range" in capsys.readouterr().out


# ---- when the first map is -----------------------------------------------------------------------------------


def without_times(path: Path, number: int = 0) -> np.ndarray:
    values = truth() + 0.5 * number
    scipy.io.savemat(path, {"tec": values, "lat": LATITUDES, "lon": LONGITUDES})
    return values


@pytest.mark.parametrize(
    ("names", "days"),
    [
        (["TEC_2019063.mat", "TEC_2019064.mat"], ["2019-03-04", "2019-03-05"]),
        (["tec_20210604.mat", "tec_20210605.mat"], ["2021-06-04", "2021-06-05"]),
    ],
)
def test_the_line_for_maps_without_times_gives_each_file_its_own_day(tmp_path, names, days):
    record = tmp_path / "record"
    record.mkdir()
    expected = [without_times(record / name, number) for number, name in enumerate(names)]
    (report,) = inspect(record, IngestSettings(catalogue=(FORMATS,)))
    assert report["status"] == "undecided"
    (line,) = [one for one in options_in(report["problem"]) if "time" in one]
    found = read_any(record, with_entry(record, line, report["proposed"]["glob"]))
    assert [day.attrs["night"] for day in found] == days
    for day, values in zip(found, expected, strict=True):
        check(day, values)
        assert str(day["time"].values[1])[11:16] == "02:00"


def test_a_start_with_a_date_for_two_files_is_a_stop_with_a_line_that_works(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    for number, name in enumerate(["tec_20210604.mat", "tec_20210605.mat"]):
        without_times(record / name, number)
    entry = {"time": {"start": "2021-06-04T00:00", "step_minutes": 120}}
    reports = inspect(record, with_entry(record, entry, "tec_????????.mat"))
    assert [report["status"] for report in reports] == ["undecided"]
    assert "one date for 2 files" in reports[0]["problem"]
    (line,) = options_in(reports[0]["problem"])
    found = read_any(record, with_entry(record, line, "tec_????????.mat"))
    assert [day.attrs["night"] for day in found] == ["2021-06-04", "2021-06-05"]


def test_a_start_with_a_date_for_files_without_one_is_a_stop(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    for name in ("maps_a.mat", "maps_b.mat"):
        without_times(record / name)
    settings = with_entry(record, {"time": {"start": "2021-06-04 00:00", "step_minutes": 120}}, "maps_?.mat")
    assert {report["status"] for report in inspect(record, settings)} == {"undecided"}
    settings = with_entry(record, {"time": {"start": "00:00", "step_minutes": 120}}, "maps_?.mat")
    assert {report["status"] for report in inspect(record, settings)} == {"undecided"}


@pytest.mark.parametrize(
    ("start", "first"), [("06:30", "06:30"), (390, "06:30"), ("6:30", "06:30"), (23400, "06:30")]
)
def test_a_time_of_day_is_a_start_also_as_yaml_counts_it(tmp_path, start, first):
    without_times(tmp_path / "tec_20210604.mat")
    line = {"time": {"start": start, "step_minutes": 60}, "clock": "UT"}
    (day,) = read_any(tmp_path, with_entry(tmp_path, line, "*.mat"))
    assert str(day["time"].values[0])[:16] == f"2021-06-04T{first}"


# ---- which axis is which -------------------------------------------------------------------------------------

SQUARE = np.arange(20.0, 41.0, 2.0), np.arange(100.0, 121.0, 2.0)
ORDERS = {
    "time_latitude_longitude": (0, 1, 2),
    "longitude_latitude_time": (2, 1, 0),
    "latitude_longitude_time": (1, 2, 0),
    "time_longitude_latitude": (0, 2, 1),
}


def square(path: Path, order: str, hours=HOURS) -> np.ndarray:
    values = truth(*SQUARE)[: hours.size]
    axes = {"lat": SQUARE[0], "lon": SQUARE[1], "UT": hours}
    scipy.io.savemat(path, {"tec": values.transpose(ORDERS[order])} | axes)
    return values


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("hours", [HOURS, np.arange(0.0, 22.0, 2.0)])
def test_square_maps_are_asked_about_and_one_of_the_lines_is_right(tmp_path, order, hours):
    """Eleven latitudes and longitudes; and eleven maps of them."""
    record = tmp_path / "record"
    record.mkdir()
    values = square(record / "tec_20210604.mat", order, hours)
    with pytest.raises(UndecidedError, match="which axis of the maps is which") as stop:
        read_any(record)
    lines = options_in(str(stop.value))
    assert len(lines) == len(set(map(str, lines))) == (6 if hours.size == SQUARE[0].size else 2)
    (right,) = [line for line in lines if line == {"orientation": order}]
    (day,) = read_any(record, with_entry(record, right, "*.mat"))
    assert day["vertical_tec"].values == pytest.approx(values, abs=0.01)


def test_a_single_square_map_is_asked_about(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    values = truth(*SQUARE)[0]
    scipy.io.savemat(record / "tec_202106041200.mat", {"tec": values.T, "lat": SQUARE[0], "lon": SQUARE[1]})
    with pytest.raises(UndecidedError, match="which axis of the maps is which") as stop:
        read_any(record)
    lines = options_in(str(stop.value))
    assert lines == [{"orientation": "latitude_longitude"}, {"orientation": "longitude_latitude"}]
    (day,) = read_any(record, with_entry(record, lines[1], "*.mat"))
    assert day["vertical_tec"].values[0] == pytest.approx(values, abs=0.01)


@pytest.mark.parametrize(
    "words", ["tec(lon,lat,time): vertical TEC", "Maps are lon x lat x time.", "nlon × nlat × hour"]
)
def test_an_order_that_a_description_states(tmp_path, words):
    values = square(tmp_path / "tec_20210604.mat", "longitude_latitude_time")
    (tmp_path / "README.txt").write_text(f"Maps on a grid of lat x lon, UT.\n\n{words}\n")
    assert read_any(tmp_path)[0]["vertical_tec"].values == pytest.approx(values, abs=0.01)


def test_an_order_that_does_not_fit_is_refused(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    square(record / "tec_20210604.mat", "longitude_latitude_time")
    with pytest.raises(UndecidedError, match="not understood"):
        read_any(record, with_entry(record, {"orientation": "time_latitude_longitude"}, "*.mat"))


def test_an_array_that_the_line_names_is_the_time_of_the_maps(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    axes = {"lat": LATITUDES, "lon": LONGITUDES, "hr": HOURS}
    scipy.io.savemat(record / "tec_20210604.mat", {"tec": truth()} | axes)
    line = {"variables": {"time": "hr"}, "clock": "UT"}
    (day,) = read_any(record, with_entry(record, line, "*.mat"))
    check(day, truth())
    assert str(day["time"].values[1])[:16] == "2021-06-04T02:00"
