"""Never silently wrong: decimals of offsets, clocks of places, other lines of a metal, bare numbers."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from metalclouds.errors import UndecidedError
from metalclouds.ingest.captions import clocks_in, clocks_said
from metalclouds.ingest.decisions import EVIDENCE, Context
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.time import regular_times
from metalclouds.ingest.evidence.zones import clock_of_file, offset_in_words
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.settings import IngestSettings, LidarSettings, Site
from metalclouds.ingest.source import members
from metalclouds.physics.resonance import rayleigh_backscatter_m2_sr, resonance_backscatter_m2_sr
from tests.ingest.papers import read_any

KELAN = Site(latitude=38.7, longitude=111.6, altitude_km=1.4)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("LT = UTC+5.5 h", 330),
        ("UT+7.7", 462),
        ("UTC+5,5 h", 330),
        ("UTC-3.5", -210),
        ("UTC+5.75", 345),
        ("UTC+5:30", 330),
        ("Times are UTC+8.", 480),
        ("UTC+8, 2021", 480),
        ("UTC+5.30", None),
    ],
)
def test_decimals_of_an_offset_are_parts_of_an_hour(words, minutes):
    assert offset_in_words(words) == minutes


def test_an_offset_as_a_number_keeps_its_half_hour():
    assert offset_in_words(clock_of_file({"utc_offset": 5.5})) == 330


@pytest.mark.parametrize("words", ["hour (UTC+5.30)", "hour UTC+480"])
def test_an_offset_that_is_not_understood_is_no_ut(words):
    times = np.datetime64("2021-03-20T12:00", "ns") + np.arange(5) * np.timedelta64(1, "h")
    with pytest.raises(UndecidedError, match="UT or local time"):
        to_utc(times, words, Context(IngestSettings(), KELAN, site_given=True, instrument="tec"), False)


def said_of(folder, text):
    (folder / "README.txt").write_text(text)
    (folder / "wind_20211210.txt").write_text("1 2 3\n")
    files = [member for path in sorted(folder.iterdir()) for member in members(path)]
    found = clocks_said(files).of(files[1], "fpi")
    return found.value if found else None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("Kelan, time zone UTC+8", None),
        ("Station: Kelan (38.7 N, 111.6 E), time zone: MEZ", None),
        ("Time zone: Beijing", None),
        ("All times are in the time zone UTC+8", "UTC+8"),
        ("Time zone: UTC", "UT"),
    ],
)
def test_the_time_zone_of_a_place_is_no_clock_of_the_files(tmp_path, text, clock):
    assert said_of(tmp_path, text) == clock


def test_a_header_keeps_its_key_of_the_zone():
    assert clocks_in(["# Time zone: UTC+8"])
    assert not clocks_in(["Kelan, time zone UTC+8"])


def test_winds_beside_a_description_of_the_place_stay_in_the_dark(tmp_path):
    """11 to 21 UT is the night of Kelan in December; 03 to 13 UT is not."""
    (tmp_path / "README.txt").write_text("Kelan (38.7 N, 111.6 E), time zone UTC+8\n")
    hours = np.arange(11.0, 21.1, 0.5)
    rows = "".join(f"{hour:.2f} {20 + hour:.1f} {-10.0 - hour:.1f}\n" for hour in hours)
    (tmp_path / "wind_630nm_20211210.txt").write_text(f"hour zonal_wind meridional_wind\n{rows}")
    (night,) = read_any(tmp_path, IngestSettings(fpi={"site": KELAN}))
    assert str(night["time"].values[0])[:16] == "2021-12-10T11:00"


@pytest.mark.parametrize(("value", "right"), [("UTC+8", False), ("UTC-1", True)])
def test_the_clock_of_a_description_must_be_dark(value, right):
    times = np.datetime64("2021-12-10T11:00", "ns") + np.arange(20) * np.timedelta64(30, "m")
    options = {EVIDENCE: {"clock": {"value": value, "because": "README.txt: 'all times'"}}}
    context = Context(IngestSettings(), KELAN, options, site_given=True, instrument="fpi")
    if right:
        assert to_utc(times, "", context, True)[0] == np.datetime64("2021-12-10T12:00")
    else:
        with pytest.raises(UndecidedError, match=r"README.txt.*of the times are dark"):
            to_utc(times, "", context, True)


ALTITUDE_KM = np.arange(2000) * 0.17
TIMES = np.datetime64("2021-03-20T22:00") + np.arange(5) * np.timedelta64(1, "m")


def factor(species, wavelength_nm, site_given=False, site=KELAN, **lidar):
    """Calibration of counts without a layer, and what is said of it."""
    counts = np.full((5, 2000), 2.0)
    counts[:, :330] = 500.0
    settings = IngestSettings(lidar=LidarSettings(species=species, **lidar))
    context = Context(settings, site, site_given=site_given)
    found = calibration(counts, ALTITUDE_KM, TIMES, context, wavelength_nm)["calibration_factor"][0]
    return found, next(one["because"] for one in context.decisions.entries if one["what"] == "calibration")


@pytest.mark.parametrize(
    ("species", "wavelength_nm"),
    [("Ca+", 396.85), ("Na", 589.59), ("Na", 589.76), ("K", 766.49), ("Fe", 385.99), ("Fe", 386.0)],
)
def test_another_line_of_the_metal_asks_for_its_cross_section(species, wavelength_nm):
    with pytest.raises(UndecidedError, match="resonance_backscatter_m2_sr: NUMBER") as stop:
        factor(species, wavelength_nm, laser_width_GHz=0.1)
    assert f"{wavelength_nm:g} nm" in str(stop.value)


@pytest.mark.parametrize(
    ("species", "wavelength_nm"),
    [("Ca+", 393.366), ("Ca+", 393.0), ("Na", 589.0), ("Na", 589.158), ("K", 769.9), ("K", 770.1), ("Fe", 372.0)],
)
def test_the_line_itself_needs_only_the_laser(species, wavelength_nm):
    assert factor(species, wavelength_nm, laser_width_GHz=0.1)[0] == factor(species, None, laser_width_GHz=0.1)[0]


def test_air_is_taken_at_the_wavelength_of_the_file():
    """Air scatters by the power -4.0117 of the wavelength: 386 nm against the default's 372 nm is 1.16."""
    own, default = (factor("Fe", nm, resonance_backscatter_m2_sr=1e-17)[0] for nm in (385.99, None))
    assert default / own == pytest.approx((385.99 / 372.0) ** 4.0117, rel=0.002)
    assert rayleigh_backscatter_m2_sr(372.0) > rayleigh_backscatter_m2_sr(386.0)


def test_the_cross_section_of_the_papers_laser_is_called_so():
    assert "of the paper's laser" in factor("Ca+", None)[1]
    assert "of the paper's laser" not in factor("Ca+", None, laser_width_GHz=1.0)[1]


def test_a_lidar_elsewhere_is_asked_for_its_laser():
    with pytest.raises(UndecidedError, match="laser_width_GHz: NUMBER"):
        factor("Ca+", None, site_given=True, site=Site(latitude=54.1, longitude=11.8))
    told = factor("Ca+", None, site_given=True, site=Site(latitude=54.1, longitude=11.8), laser_width_GHz=2.0)[1]
    assert f"{resonance_backscatter_m2_sr('Ca+', 2.0):.4g}" in told
    assert factor("Ca+", None, site_given=True, site=Site(latitude=40.4, longitude=116.0))[0] > 0


@pytest.mark.parametrize("start", ["24:00", "2021", "'2021'", "2021-05", "24:00:00", "20210504"])
def test_a_start_that_is_no_time_of_day_is_refused(start):
    options = {"time": yaml.safe_load(f"{{start: {start}, step_minutes: 5}}")}
    context = Context(IngestSettings(), KELAN, options, np.datetime64("2021-05-10"), instrument="tec")
    with pytest.raises(UndecidedError, match=r"no time of day|no date with a time of day"):
        regular_times(options["time"], 3, context)


@pytest.mark.parametrize(("start", "first"), [("12:30", "12:30"), ("1:00", "01:00"), ("23:59:59", "23:59")])
def test_a_start_by_sixties_is_still_read(start, first):
    options = {"time": yaml.safe_load(f"{{start: {start}, step_minutes: 5}}"), "clock": "UT"}
    context = Context(IngestSettings(), KELAN, options, np.datetime64("2021-05-10"), instrument="tec")
    assert str(regular_times(options["time"], 3, context)[0])[:16] == f"2021-05-10T{first}"
