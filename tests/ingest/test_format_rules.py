"""Rules of formats, each by its description: IONEX 1.0, SAOXML 5, SAO 4, Madrigal's grids, MATLAB's and Octave's."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import scipy.io

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import load
from metalclouds.ingest.inspection import inspect, page
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from tests.ingest import shapes
from tests.ingest.papers import read_any
from tests.ingest.test_formats import STAMP, characteristics, sao_record


def line(content: str, label: str = "") -> str:
    return f"{content:<60}{label}\n" if label else f"{content}\n"


REMARK = line("12345 a remark", "COMMENT")


def ionex(between: str = "", within: str = "", before: str = "", after: str = "") -> str:
    """Two maps of two latitudes and three longitudes with lines put in: before the first map, within its second row,
    between the maps, behind the header's end of the second.
    """
    head = [
        line("     1.0            IONOSPHERE MAPS     GPS", "IONEX VERSION / TYPE"),
        line("     2", "# OF MAPS IN FILE"),
        line("   450.0 450.0   0.0", "HGT1 / HGT2 / DHGT"),
        line("    40.0  35.0  -5.0", "LAT1 / LAT2 / DLAT"),
        line("   110.0 120.0   5.0", "LON1 / LON2 / DLON"),
        line("    -1", "EXPONENT"),
        line("", "END OF HEADER"),
    ]
    maps = []
    for number, hour in ((1, 0), (2, 2)):
        maps += [
            line(f"{number:6d}", "START OF TEC MAP"),
            line(f"  2021     5    10{hour:6d}     0     0", "EPOCH OF CURRENT MAP"),
            after if number == 2 else "",
            line("    40.0 110.0 120.0   5.0 450.0", "LAT/LON1/LON2/DLON/H"),
            line("  100  110  120"),
            line("    35.0 110.0 120.0   5.0 450.0", "LAT/LON1/LON2/DLON/H"),
            within if number == 1 else "",
            line("  200  210 9999"),
            line(f"{number:6d}", "END OF TEC MAP"),
            between if number == 1 else "",
        ]
    return "".join([*head, before, *maps, line("", "END OF FILE")])


def exponent(number: int) -> str:
    return line(f"{number:6d}", "EXPONENT")


RMS = (
    line("     1", "START OF RMS MAP")
    + line("  2021     5    10     0     0     0", "EPOCH OF CURRENT MAP")
    + line("    40.0 110.0 120.0   5.0 450.0", "LAT/LON1/LON2/DLON/H")
    + line("    1    1    1")
    + line("     1", "END OF RMS MAP")
)


@pytest.mark.parametrize(
    ("lines", "first", "second"),
    [
        ({}, 10.0, 10.0),
        ({"before": exponent(-2)}, 1.0, 1.0),
        ({"between": exponent(-2)}, 10.0, 1.0),
        ({"within": exponent(-2)}, 10.0, 1.0),
        ({"after": exponent(0)}, 10.0, 100.0),
        ({"between": RMS}, 10.0, 10.0),
        ({"before": REMARK, "between": REMARK, "within": REMARK, "after": REMARK}, 10.0, 10.0),
    ],
    ids=["header", "before the maps", "between maps", "within a map", "below the epoch", "RMS map", "remarks"],
)
def test_an_exponent_holds_for_what_follows_and_remarks_may_stand_anywhere(tmp_path, lines, first, second):
    """IONEX 1.0: EXPONENT may be repeated and applies to the values that follow; COMMENT is allowed anywhere."""
    (tmp_path / "maps.21i").write_text(ionex(**lines))
    (day,) = read_any(tmp_path)
    tec = day["vertical_tec"].sel(latitude=40.0, longitude=110.0).values
    np.testing.assert_allclose(tec, [first, second], rtol=1e-6)
    assert np.isnan(float(day["vertical_tec"].sel(latitude=35.0, longitude=120.0)[0]))


MAPS_IN_FILE = line("     2", "# OF MAPS IN FILE")


@pytest.mark.parametrize(
    "change",
    [
        ("   450.0 450.0   0.0", "   100.0 450.0  50.0"),
        (MAPS_IN_FILE, line("     3", "MAP DIMENSION") + MAPS_IN_FILE),
    ],
    ids=["heights", "dimension"],
)
def test_maps_of_three_dimensions_are_refused(tmp_path, change):
    text = ionex().replace(*change, 1)
    assert text != ionex()
    (tmp_path / "maps.21i").write_text(text)
    with pytest.raises(ReadError, match="several heights"):
        read_any(tmp_path)


RECORD = (
    '<SAORecord FormatVersion="5.0" StartTimeUTC="2021-05-10T14:{minute:02d}:00.000Z">'
    "<CharacteristicList>{entry}</CharacteristicList></SAORecord>"
)


def saoxml(*entries: str) -> str:
    whole = [RECORD.format(minute=15 * number, entry=entry) for number, entry in enumerate(entries)]
    return f"<SAORecordList>{''.join(whole)}</SAORecordList>"


F2 = '<URSI ID="00" Val="5.1" Units="MHz"/>'


@pytest.mark.parametrize(
    ("entry", "value", "status"),
    [
        ('<URSI ID="30" Val="3.4" Units="MHz"/>', 3.4, 1),
        ('<URSI Name="foEs" Val="3.4" Units="MHz"/>', 3.4, 1),
        ('<URSI ID="30" Name="foEs" Val="3400" Units="kHz"/>', 3.4, 1),
        ('<URSI ID="30" Val="" Units="MHz"/>', np.nan, 2),
        ('<URSI ID="30" Val="  " Units="MHz"/>', np.nan, 2),
        ('<URSI ID="30" Val="" QL="G" Units="MHz"/>', np.nan, 0),
        ("", np.nan, 0),
    ],
    ids=["by number", "by name", "by both, in kHz", "empty", "blank", "letter G", "not listed"],
)
def test_an_entry_of_saoxml_by_number_or_name(tmp_path, entry, value, status):
    """URSI's number 30 is foEs. A value that is empty was not scaled; that no Es was seen is the scaler's G."""
    (tmp_path / "a.xml").write_text(saoxml(F2 + entry))
    (day,) = read_any(tmp_path)
    np.testing.assert_allclose(day["foEs"].values, [value])
    assert day["es_status"].values.tolist() == [status]


def test_a_name_and_a_number_that_disagree_are_a_stop(tmp_path):
    (tmp_path / "a.xml").write_text(saoxml('<URSI ID="00" Name="foEs" Val="3.4" Units="MHz"/>'))
    with pytest.raises(ReadError, match="name and number disagree"):
        read_any(tmp_path)


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("BP440.SAO.gz", gzip.compress),
        ("BP440_2021130.dat", bytes),
        ("soundings", bytes),
        ("BP440.sao_", gzip.compress),
        ("day.xz", lzma.compress),
    ],
)
def test_sao_is_known_by_its_content(tmp_path, name, packed):
    (tmp_path / name).write_bytes(packed(sao_record(STAMP, characteristics(foF2=5.1, foEs=3.45)).encode()))
    (day,) = read_any(tmp_path)
    assert day["foEs"].values[0] == pytest.approx(3.45)


LATITUDE, LONGITUDE = np.arange(20.0, 41.0), np.arange(100.0, 116.0)
START_S = 1620648000.0  # 2021-05-10 12:00 UT
FIELD = 0.5 * (60.0 - LATITUDE)[None, :, None] + 0.01 * LONGITUDE + np.arange(6.0)[:, None, None]


def madrigal_netcdf(path: Path) -> None:
    """Madrigal's netCDF of a grid: dimensions timestamps, gdlat, glon."""
    with netCDF4.Dataset(path, "w") as file:
        for name, values in (
            ("timestamps", START_S + 300.0 * np.arange(6)),
            ("gdlat", LATITUDE),
            ("glon", LONGITUDE),
        ):
            file.createDimension(name, values.size)
            file.createVariable(name, "f8", (name,))[:] = values
        file["timestamps"].units = "Unix seconds"
        for name, values in (("tec", FIELD), ("dtec", 0.1 * FIELD)):
            file.createVariable(name, "f8", ("timestamps", "gdlat", "glon"))[:] = values


def madrigal_array_layout(path: Path) -> None:
    """Madrigal's HDF5 `Array Layout`: parameters of (gdlat, glon, time) beside their axes."""
    with h5py.File(path, "w") as file:
        group = file.create_group("Data/Array Layout")
        group["timestamps"] = START_S + 300.0 * np.arange(6)
        group["gdlat"], group["glon"] = LATITUDE, LONGITUDE
        group["2D Parameters/tec"] = np.moveaxis(FIELD, 0, -1)
        group["2D Parameters/dtec"] = np.moveaxis(0.1 * FIELD, 0, -1)


@pytest.mark.parametrize("write", [madrigal_netcdf, madrigal_array_layout])
def test_grids_of_madrigal(tmp_path, write):
    write(tmp_path / "gps210510g.001")
    (day,) = read_any(tmp_path)
    assert str(day["time"].values[0])[:16] == "2021-05-10T12:00"
    tec = day["vertical_tec"].sel(latitude=LATITUDE, longitude=LONGITUDE)
    np.testing.assert_allclose(tec.values, FIELD, rtol=1e-6)


def test_text_of_other_alphabets_beside_a_night_does_not_lose_it(tmp_path):
    night = shapes.truth("2021-06-03")
    content = {"time_UT": night.hours, "height": night.altitude, "density": night.density}
    remark = np.array(["延庆 激光雷达", "Ca⁺, N₂"], dtype=object)
    scipy.io.savemat(tmp_path / "night_20210603.mat", {**content, "remark": remark, "who": "王"})
    (found,) = read_any(tmp_path)
    np.testing.assert_allclose(found["ca_ion_number_density"].values, night.density, rtol=1e-5)


def test_times_as_matlab_objects_are_said_plainly(tmp_path):
    """MATLAB 7.3 keeps a datetime as six numbers that point into a hidden part of the file."""
    night = shapes.truth("2021-06-03")
    path = tmp_path / "night_20210603.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["density"], file["height"] = night.density.T, night.altitude[:, None]
        file["time"] = np.array([[0xDD000000, 2, 1, 1, 1, 1]], dtype="u4")
        file["time"].attrs["MATLAB_class"] = np.bytes_("datetime")
        file["time"].attrs["MATLAB_object_decode"] = np.int32(3)
    with open(path, "r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    assert "datenum" in load(Member(path)).unread["time"]
    settings = IngestSettings(catalogue=("config/catalogue/formats.yaml",))
    assert "datenum(time)" in page(inspect(tmp_path, settings), settings, every=False)


def test_text_of_octave_is_said_plainly(tmp_path):
    text = "# Created by Octave 6.4.0, Mon May 10 12:00:00 2021 GMT <a@b>\n# name: density\n# type: matrix\n"
    text += "# rows: 9\n# columns: 10\n" + "".join(" " + " ".join(["1.5"] * 10) + "\n" for _ in range(9))
    (tmp_path / "night_20210603.mat").write_text(text)
    with pytest.raises(ReadError, match="Octave") as stop:
        read_any(tmp_path)
    assert "save -v7" in str(stop.value)
