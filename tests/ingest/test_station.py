"""Whose station: of the user, of the file, or nobody's, which is a question; and the local time that goes with it."""

from __future__ import annotations

import hashlib
import json
import re

import numpy as np
import pytest
import yaml
from scipy.io import savemat

import metalclouds
from metalclouds import cli
from metalclouds.config import validate
from metalclouds.errors import ConfigError, ReadError
from metalclouds.ingest import files
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.evidence.place import stated_in, station_in
from metalclouds.ingest.settings import IngestSettings, Site

# An iron lidar in the Andes, at night from 0 to 9 UT; local time is UT-5 by its longitude.
PLACE = {"lat": -30.25, "lon": -70.74}
HOURS_UT = np.arange(24.5, 33.0, 1 / 30)
KM = np.arange(70.0, 160.0, 0.5)


def iron_night(folder, name="Fe_20220815.mat", **more):
    layer = 9000.0 * np.exp(-0.5 * ((KM - 88.0) / 4.0) ** 2)
    noise = np.random.default_rng(3).normal(0.0, 20.0, (HOURS_UT.size, KM.size))
    path = folder / name
    savemat(path, {"Fe_density_cm3": layer + noise, "hours": HOURS_UT, "z_km": KM} | more)
    return path


def opened(path, **more):
    return metalclouds.open_nights(path, species="Fe", **more)[0]


def test_a_file_that_names_its_station_is_read_with_it(tmp_path):
    night = opened(iron_night(tmp_path, Info={**PLACE, "altitude": 2.5}))
    assert night.attrs["station_latitude"] == PLACE["lat"]
    assert night.attrs["station_longitude"] == PLACE["lon"]
    assert "the file says so: Info.lat, Info.lon" in night.attrs["decisions"]
    assert night.attrs["night"] == "2022-08-15"


def test_without_any_station_it_is_asked_for(tmp_path, capsys):
    path = iron_night(tmp_path)
    with pytest.raises(ReadError, match="where was this measured"):
        opened(path)
    for command in ("detect", "plot"):
        assert cli.main([command, str(path), "--species", "Fe", "--out", str(tmp_path / command)]) == 2
        assert "--site LATITUDE LONGITUDE" in capsys.readouterr().err
        assert not list((tmp_path / command).glob("*.png"))
    assert cli.main(["inspect", str(path), "--species", "Fe"]) == 2
    assert "where was this measured" in capsys.readouterr().out


def test_a_given_station_goes_before_that_of_the_file_and_both_are_named(tmp_path):
    night = opened(iron_night(tmp_path, Info=PLACE), site={"latitude": -30.25, "longitude": -65.0})
    assert night.attrs["station_longitude"] == -65.0
    assert "30.25 S 70.74 W" in night.attrs["decisions"]


def test_local_time_is_that_of_the_station(tmp_path):
    """Read as UT the evening's hours, 19.5 to 28, are daylight in part at 70.7 W; as UT-5 all of them are dark."""
    path = iron_night(tmp_path, hours=HOURS_UT - 5.0)
    night = opened(path, site={"latitude": PLACE["lat"], "longitude": PLACE["lon"]})
    assert night["time"].values[0] == np.datetime64("2022-08-16T00:30")
    assert "LT is UTC-5, by the longitude -70.74" in night.attrs["decisions"]


def test_a_night_dark_in_both_clocks_is_asked_about_with_its_own_local_time(tmp_path, capsys):
    """19.5 to 28 h are dark as UT and as UT+1."""
    path = iron_night(tmp_path, "Fe_20221208.mat", hours=HOURS_UT - 5.0)
    arguments = ["inspect", str(path), "--species", "Fe", "--site", "48.1", "11.8"]
    assert cli.main(arguments) == 2
    assert "LT is UTC+1" in capsys.readouterr().out
    assert cli.main([*arguments, "--clock", "UTC+1"]) == 0
    assert "2022-12-08 18:30" in capsys.readouterr().out


def test_the_paper_keeps_its_local_time():
    """LT = UT + 8 h (Chen et al. 2026, line 102)."""
    settings = IngestSettings()
    assert {settings.local_hours(settings.site(name), name) for name in ("lidar", "fpi", "ionosonde", "tec")} == {8.0}
    assert settings.local_hours(Site(latitude=0.0, longitude=289.26), "lidar") == -5.0


def test_stations_in_words_and_attributes():
    said = Arrays(
        "netcdf", {}, {}, {}, {"station_latitude": "30.2 S", "station_longitude": "70.7W", "elevation": 2715}
    )
    assert stated_in(said).site == Site(latitude=-30.2, longitude=-70.7, altitude_km=2.715)
    header = Arrays("text", {}, {}, {}, {"header": "# Lidar of the Andes\n# Latitude: -30.2\n# Longitude: -70.7"})
    assert stated_in(header).site == Site(latitude=-30.2, longitude=-70.7)
    assert station_in("#Station: OMOHE(122.3E,53.6N,298m)").site == Site(
        latitude=53.6, longitude=122.3, altitude_km=0.298
    )
    for nothing in ({"lat": 0.0, "lon": 0.0}, {"lat": 120.0, "lon": 10.0}, {"lat": 10.0}):
        assert stated_in(Arrays("netcdf", {}, {}, {}, nothing)) is None


def test_a_local_folder_asks_and_the_paper_does_not():
    assert not validate({"source": "local"}).ingest.assume_station
    assert not validate({"source": "local", "cases": [{"panel": "a", "night": "2023-07-20"}]}).ingest.assume_station
    assert validate({"source": "local", "claims": {"local_is_the_paper": True}}).ingest.assume_station
    assert validate({"source": "zenodo"}).ingest.assume_station


def told(instrument, **content):
    """Settings as a job of the workflow gets them: written and read again, without other instruments."""
    whole = validate(content).ingest.model_dump(mode="json")
    others = {"lidar", "fpi", "ionosonde", "tec"} - {instrument}
    return IngestSettings(**{key: value for key, value in whole.items() if key not in others})


WINDS = "date,time,zonal_wind,meridional_wind\n" + "".join(
    f"2020-11-08,{hour:02d}:00,40,-30\n" for hour in range(1, 10)
)
SOUNDINGS = "time,foEs (MHz)\n" + "".join(f"2020-11-08 {hour:02d}:00,{2 + hour / 10:.1f}\n" for hour in range(1, 20))
OWN = {
    "fpi": ("winds.csv", "# 630.0 nm, all times in UT; positive east and north\n", WINDS, (40.2, 117.4)),
    "ionosonde": ("es.csv", "# foEs, all times in UT\n", SOUNDINGS, (40.3, 116.2)),
}


@pytest.mark.parametrize("instrument", OWN)
@pytest.mark.parametrize("source", ["local", "zenodo"])
@pytest.mark.parametrize("words", ["# Station: (40.13N, 88.20W)\n", "# Latitude: 40.13\n# Longitude: -88.2\n"])
def test_a_run_takes_the_station_of_winds_and_soundings_from_their_file(tmp_path, instrument, source, words):
    name, head, rows, _ = OWN[instrument]
    (tmp_path / name).write_text(words + head + rows)
    night = files.read_any(tmp_path, told(instrument, source=source))[0]
    assert (night.attrs["station_latitude"], night.attrs["station_longitude"]) == (40.13, -88.2)
    assert "the file says so" in night.attrs["decisions"]


@pytest.mark.parametrize("instrument", OWN)
def test_a_run_asks_for_a_station_that_nobody_names_and_takes_the_papers_for_the_papers_record(tmp_path, instrument):
    name, head, rows, papers = OWN[instrument]
    (tmp_path / name).write_text(head + rows)
    with pytest.raises(ReadError, match="where was this measured") as stop:
        files.read_any(tmp_path, told(instrument, source="local"))
    key = re.search(r"ingest\.(\w+)\.site: (\{.*\})", str(stop.value))
    site = yaml.safe_load(key[2].replace("latitude: N", "latitude: -33.9").replace(" N", " 18.4"))
    with pytest.raises(ReadError, match="where was this measured"):
        files.read_any(
            tmp_path, told(instrument, source="local", ingest={"lidar": {"site": site | {"altitude_km": 1}}})
        )
    given = {key[1]: {"site": site | {"altitude_km": 0.1}}}
    night = files.read_any(tmp_path, told(instrument, source="local", ingest=given))[0]
    assert (night.attrs["station_latitude"], night.attrs["station_longitude"]) == (-33.9, 18.4)
    night = files.read_any(tmp_path, told(instrument, source="zenodo"))[0]
    assert (night.attrs["station_latitude"], night.attrs["station_longitude"]) == pytest.approx(papers, abs=0.1)
    assert "assumed: neither the file nor the settings name one" in night.attrs["decisions"]


@pytest.mark.parametrize("instrument", OWN)
def test_python_and_inspect_ask_as_a_run_does(tmp_path, capsys, instrument):
    record = tmp_path / "record"
    record.mkdir()
    name, head, rows, _ = OWN[instrument]
    (record / name).write_text(head + rows)
    lidar = {"site": {"latitude": 54.1, "longitude": 11.8}}
    for settings in (None, IngestSettings(lidar=lidar)):
        with pytest.raises(ReadError, match="where was this measured"):
            files.read_any(record, settings)
    for content in (
        {"source": "local"},
        {"source": "local", "ingest": {"lidar": lidar}},
        {"ingest": {"lidar": lidar}},
    ):
        (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content))
        assert cli.main(["inspect", str(record), "--config", str(tmp_path / "mine.yaml")]) == 2
        assert "where was this measured" in capsys.readouterr().out
    assert cli.main(["inspect", str(record), "--site", "54.1", "11.8"]) == 0


def test_a_site_that_is_none_is_said_in_our_words(tmp_path):
    path = iron_night(tmp_path)
    for site in ((-30.25, -70.74), {"lat": -30.25}, {"latitude": -30.25, "longitude": 500.0}):
        with pytest.raises(ConfigError, match="site is not a station"):
            metalclouds.open_nights(path, site=site)


def test_a_night_of_ones_own_says_what_it_is_made_of(tmp_path):
    """A folder: the sum of the file that was read; the paper is the method's reference, not that of the data."""
    path = iron_night(tmp_path, Info=PLACE)
    night = opened(tmp_path)
    assert json.loads(night.attrs["input_sha256"]) == {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    assert night.attrs["references"].startswith("method: ")


def test_public_names_are_listed_and_there():
    names = {"open_nights", "plot_night", "detect", "Site", "LidarSettings", "DetectSettings"}
    assert names <= set(dir(metalclouds))
    settings = metalclouds.IngestSettings(lidar=metalclouds.LidarSettings(retrieval_background_km=(260.0, 298.0)))
    assert settings.lidar.retrieval_background_km == (260.0, 298.0)


def test_a_file_of_a_folder_that_is_not_read_is_named_without_a_line_of_source(tmp_path, capsys):
    """The second file was measured at the line of sodium: it is named, and the command does not end well."""
    record = tmp_path / "record"
    record.mkdir()
    iron_night(record, Info=PLACE)
    iron_night(record, "b_20220816.mat", Info={**PLACE, "wavelength_nm": 589.0})
    assert cli.main(["plot", str(record), "--species", "Fe", "--plain", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "metalclouds: not read: b_20220816.mat" in said
    assert "UserWarning" not in said
    assert (tmp_path / "night_2022-08-15.png").is_file()
