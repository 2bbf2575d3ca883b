"""UT or local time as a README says it: of all times, of one instrument's, of files that it names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from metalclouds.errors import UndecidedError
from metalclouds.ingest.captions import clocks_said
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import members
from tests.ingest.papers import read_any


def of(folder: Path, text: str, name: str, instrument: str) -> str | None:
    """What a README with this text says of a file."""
    (folder / "README.txt").write_text(text, encoding="utf-8")
    (folder / name).write_text("1 2 3\n")
    files = [member for path in sorted(folder.iterdir()) for member in members(path)]
    (file,) = [member for member in files if member.name == name]
    said = clocks_said(files).of(file, instrument)
    return said.value if said else None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("All times are UT.", "UT"),
        ("hour: hour of the day (UT)", "UT"),
        ("TEC maps: hours in UTC, latitude, longitude", "UT"),
        ("Maps every 15 min; the hours are universal time", "UT"),
        ("time: hours, local time (UT+8)", "UTC+8"),
        ("Times are LT = UT + 8 h", "UTC+8"),
        ("小时: 世界时", "UT"),
        ("Hour in Beijing time", "LT"),
        ("Local time is UT+8.", None),
        ("The lidar works from 18:00 to 06:00 local time", None),
        ("Hours in UT\nTimes are local", None),
        ("Latitude and longitude in degrees", None),
    ],
)
def test_what_a_line_says_of_the_hours(tmp_path, text, clock):
    assert of(tmp_path, text, "tec_20210510.mat", "tec") == clock


def test_the_closest_line_counts(tmp_path):
    text = "Times of the lidar are local time.\nTEC: hours in UT.\nmaps_b.mat: hours in Beijing time\nAll times UTC"
    assert of(tmp_path, text, "maps_a.mat", "tec") == "UT"
    assert of(tmp_path, text, "maps_b.mat", "tec") == "LT"
    assert of(tmp_path, text, "night.mat", "lidar") == "LT"
    assert of(tmp_path, text, "wind.txt", "fpi") == "UT"


@pytest.mark.parametrize(("said", "first"), [("hours in UT", "12:00"), ("hours in Beijing time (UT+8)", "04:00")])
def test_maps_whose_hours_the_readme_explains_are_read(tmp_path, said, first):
    record = tmp_path / "record"
    record.mkdir()
    (record / "README.txt").write_text(f"TEC (TECU) over China, {said}\n")
    latitude, longitude = np.arange(15.0, 56.0, 5.0), np.arange(70.0, 141.0, 5.0)
    field = 40.0 - 0.5 * latitude[None, :, None] + 0.0 * longitude + np.zeros((24, 1, 1))
    content = {"TEC": field, "lat": latitude, "lon": longitude, "hour": 12.0 + np.arange(24) / 4.0}
    scipy.io.savemat(record / "tec_20210510.mat", content)
    (day,) = read_any(record)
    assert str(day["time"].values[0])[11:16] == first
    assert "README.txt" in day.attrs["decisions"]


def maps_without_a_clock(folder: Path) -> Path:
    """Maps of a day whose hours nobody explains."""
    latitude, longitude = np.arange(15.0, 56.0, 5.0), np.arange(70.0, 141.0, 5.0)
    field = 40.0 - 0.5 * latitude[None, :, None] + 0.0 * longitude + np.zeros((24, 1, 1))
    content = {"TEC": field, "lat": latitude, "lon": longitude, "hour": 12.0 + np.arange(24) / 4.0}
    scipy.io.savemat(folder / "tec_20210510.mat", content)
    return folder


def winds_without_a_clock(folder: Path) -> Path:
    """Winds of a night short enough to be dark as UT and as local time."""
    hours = (17.0, 17.5, 18.0, 18.5, 19.0, 19.5)
    rows = "".join(f"{hour:.2f} {20 + hour:.1f} {-10.0 - hour:.1f}\n" for hour in hours)
    (folder / "wind_630nm_20211210.txt").write_text(f"hour zonal_wind meridional_wind\n{rows}")
    return folder


OTHERS = [("tec", maps_without_a_clock, "time", "04:00"), ("fpi", winds_without_a_clock, "time", "09:00")]


@pytest.mark.parametrize(("instrument", "write", "name", "first"), OTHERS)
def test_the_clock_of_the_lidar_is_that_of_the_lidar_alone(tmp_path, instrument, write, name, first):
    with pytest.raises(UndecidedError, match=f"ingest.{instrument}.clock"):
        read_any(write(tmp_path), IngestSettings(lidar={"clock": "LT"}))


@pytest.mark.parametrize(("instrument", "write", "name", "first"), OTHERS)
def test_each_instrument_has_a_setting_for_its_clock(tmp_path, instrument, write, name, first):
    (day,) = read_any(write(tmp_path), IngestSettings(**{instrument: {"clock": "LT"}}))
    assert str(day[name].values[0])[11:16] == first
    assert f"given: ingest.{instrument}.clock" in day.attrs["decisions"]
