"""What a person says, and what a file says by its name, stands in the decisions as what it is."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from scipy.io import savemat

import metalclouds
from metalclouds import cli
from metalclouds.errors import ConfigError, UndecidedError
from metalclouds.figures.images import density_image
from metalclouds.ingest.settings import IngestSettings
from tests.workflow.checkout import ROOT

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


CHILE = {"latitude": -30.24, "longitude": -70.74, "altitude_km": 2.7}


@pytest.fixture
def chilean_night(tmp_path):
    """A July night in hours of Chile's standard time, UTC-4; by the longitude local time is UTC-5."""
    return _of_chile(tmp_path / "Na_20190703.mat", "LT_hours")


def _of_chile(path, name, first=19.0):
    km, hours = np.arange(75.0, 300.0, 1.0), first + np.arange(0.0, 10.0, 1 / 30)
    layer = 3200.0 * np.exp(-0.5 * ((km - 92.0) / 4.3) ** 2)
    density = layer + np.random.default_rng(1).normal(0.0, 2.0, (hours.size, km.size))
    savemat(path, {"Na_density": density, name: hours % 24, "altitude_km": km, "readme": "number density, cm^-3"})
    return path


@pytest.mark.parametrize(
    "given",
    [
        {"clock": "UTC-4"},
        {"settings": IngestSettings(local_time_offset_hours=-4)},
        {"settings": IngestSettings(lidar={"clock": "UTC-4"})},
        {"settings": IngestSettings(local_time_offset_hours=-5), "clock": "UTC-4"},
    ],
)
def test_what_local_time_is_may_be_given_and_holds_for_the_axes_too(chilean_night, given):
    (night,) = metalclouds.open_nights(chilean_night, site=CHILE, species="Na", **given)
    assert night["time"].values[0] == np.datetime64("2019-07-03T23:00")
    figures = metalclouds.FiguresSettings()
    assert density_image(night, figures).local_offset_hours(figures) == -4.0
    figure = metalclouds.plot_night(night)
    (local,) = figure.axes[0].child_axes
    assert local.get_xlabel() == "LT (UT \u2212 4 h)"


def test_without_it_local_time_follows_from_the_longitude(chilean_night):
    (night,) = metalclouds.open_nights(chilean_night, site=CHILE, species="Na")
    assert night["time"].values[0] == np.datetime64("2019-07-04T00:00")
    assert "local_time_offset_hours" not in night.attrs


def test_the_one_screen_shows_what_local_time_is_taken_for(chilean_night, capsys):
    (chilean_night.parent / "notes.txt").write_text("Nothing of use.\n")
    arguments = ["inspect", str(chilean_night.parent), "--site", "-30.24", "-70.74", "2.7", "--species", "Na"]
    assert cli.main(arguments) == 0
    assert "LT is UTC-5" in capsys.readouterr().out
    assert cli.main([*arguments, "--clock", "UTC-4"]) == 0
    said = capsys.readouterr().out
    assert "2019-07-03 23:00 to" in said
    assert "LT is UTC-4" in said


def test_a_file_in_universal_time_stays_so_and_says_that_another_clock_was_given(tmp_path):
    path = _of_chile(tmp_path / "Na_20190703.mat", "UT_hours", 23.0)
    (night,) = metalclouds.open_nights(path, site=CHILE, species="Na", clock="UTC-4")
    assert night["time"].values[0] == np.datetime64("2019-07-03T23:00")
    (clock,) = [one for one in json.loads(night.attrs["decisions"]) if one["what"] == "clock"]
    assert clock["decided"] == "UT"
    assert "NOT the UTC-4" in clock["because"]


def test_the_example_of_the_page_finds_its_way_through_a_folder_of_sodium(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs/your-own-data.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mydata").mkdir()
    # Two o'clock UT is seven in the evening of the day before, in Colorado.
    _of_chile(tmp_path / "mydata/Na_20200110.mat", "UT_hours", 2.0)
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    # A smooth layer in white noise: neither a stripe nor an event.
    assert capsys.readouterr().out.count("Empty DataFrame") == 2
    assert [path.name for path in tmp_path.glob("*.png")] == ["2020-01-09.png"]
