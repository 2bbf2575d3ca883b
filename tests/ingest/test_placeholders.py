"""Lines that leave a name to a person: filled in where one array can be meant, and refused where it was left."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from metalclouds.errors import ConfigError, ReadError, UndecidedError
from metalclouds.ingest.catalogue import read_catalogue
from metalclouds.ingest.draft import options_in
from metalclouds.ingest.inspection import inspect, page, write_entries
from metalclouds.ingest.settings import IngestSettings
from tests.ingest import shapes
from tests.ingest.papers import read_any

FORMATS = "config/catalogue/formats.yaml"
HOURS = (13.0, 13.5, 14.0, 14.5, 15.0, 15.5)


def own(folder: Path, text: str) -> IngestSettings:
    (folder / "own.yaml").write_text(f"entries:\n{text}\n")
    return IngestSettings(catalogue=(str(folder / "own.yaml"), FORMATS))


def record(folder: Path) -> Path:
    path = folder / "record"
    path.mkdir()
    return path


def winds(folder: Path, heads: str, *columns: float) -> None:
    """Winds of an evening at 630 nm, each column its own number."""
    rows = "".join(f"{hour} {' '.join(f'{value + hour:.1f}' for value in columns)}\n" for hour in HOURS)
    (folder / "wind_630nm_20210510.txt").write_text(f"UT {heads}\n{rows}")


WIND = "- {glob: 'wind_*.txt', instrument: fpi, reader: fpi_winds, options: %s}"


def test_the_one_array_that_can_be_meant_stands_in_the_line(tmp_path):
    """`vel_b` is all that is left once hours and northward wind are known; the line works as it is printed."""
    folder = record(tmp_path)
    winds(folder, "meridional vel_b", 5.0, 40.0)
    settings = own(tmp_path, WIND % "{}")
    with pytest.raises(UndecidedError, match="a component of the wind is missing") as stop:
        read_any(folder, settings)
    (line,) = options_in(str(stop.value))
    assert line == {"variables": {"northward_wind": "meridional", "eastward_wind": "vel_b"}}
    (night,) = read_any(folder, own(tmp_path, WIND % str(line)))
    np.testing.assert_allclose(night["eastward_wind"].values.ravel(), np.add(HOURS, 40.0), atol=0.051)


def test_each_of_a_few_arrays_makes_a_line(tmp_path):
    folder = record(tmp_path)
    winds(folder, "meridional first second", 5.0, 40.0, 60.0)
    with pytest.raises(UndecidedError) as stop:
        read_any(folder, own(tmp_path, WIND % "{}"))
    assert [line["variables"]["eastward_wind"] for line in options_in(str(stop.value))] == ["first", "second"]


def test_names_that_only_look_like_a_role_stand_in_the_line(tmp_path):
    """The reader knows `zonal_wind`, and not the rest of these names."""
    folder = record(tmp_path)
    winds(folder, "zonal_wind_of_layer meridional_wind_of_layer", 40.0, 5.0)
    with pytest.raises(UndecidedError) as stop:
        read_any(folder, own(tmp_path, WIND % "{}"))
    (line,) = options_in(str(stop.value))
    assert line["variables"]["eastward_wind"] == "zonal_wind_of_layer"
    assert line["variables"]["northward_wind"] == "meridional_wind_of_layer"


def test_where_which_of_two_is_which_is_open_the_names_are_listed(tmp_path):
    folder = record(tmp_path)
    winds(folder, "comp1 comp2", 5.0, 40.0)
    settings = own(tmp_path, WIND % "{}")
    text = page(inspect(folder, settings), settings, every=False)
    assert "northward_wind is one of comp1, comp2" in text
    assert write_entries(inspect(folder, settings), tmp_path / "own.yaml") == 0


def test_no_line_is_offered_where_no_array_can_be_meant(tmp_path):
    """Hours, latitude and longitude are no TEC, and a line that says so would be wrong."""
    folder = record(tmp_path)
    content = {"lat": np.arange(15.0, 56.0, 5.0), "lon": np.arange(70.0, 141.0, 5.0), "hour": np.arange(24.0)}
    scipy.io.savemat(folder / "vtec_20210510.mat", content)
    entry = "- {glob: 'vtec_*.mat', instrument: tec, reader: tec_arrays}"
    settings = own(tmp_path, entry)
    text = page(inspect(folder, settings), settings, every=False)
    assert "no tec in the file" in text
    assert "options:" not in text


def test_latitudes_are_told_from_longitudes_by_their_span(tmp_path):
    folder = record(tmp_path)
    axis_a, axis_b = np.arange(15.0, 56.0, 5.0), np.arange(70.0, 141.0, 5.0)
    field = 40.0 - 0.5 * axis_a[None, :, None] + 0.0 * axis_b + np.zeros((24, 1, 1))
    content = {"TEC": field, "axis_a": axis_a, "axis_b": axis_b + 40.0, "hour_UT": np.arange(24.0)}
    scipy.io.savemat(folder / "vtec_20210510.mat", content)
    entry = "- {glob: 'vtec_*.mat', instrument: tec, reader: tec_arrays}"
    with pytest.raises(UndecidedError, match="no latitude and no longitude") as stop:
        read_any(folder, own(tmp_path, entry))
    (line,) = options_in(str(stop.value))
    assert line["variables"]["latitude"] == "axis_a"


@pytest.mark.parametrize("left", ["NAME", "NAME OF ANOTHER COLUMN", "NAME OF THE ARRAY"])
def test_a_line_in_which_the_name_is_left_is_refused_with_the_names_that_exist(tmp_path, left):
    folder = record(tmp_path)
    winds(folder, "meridional vel_b", 5.0, 40.0)
    settings = own(tmp_path, WIND % f"{{variables: {{eastward_wind: {left}}}}}")
    with pytest.raises(ConfigError, match=r"wind_630nm_20210510\.txt has UT, meridional, vel_b"):
        read_any(folder, settings)


def test_a_file_left_unnamed_is_refused(tmp_path):
    folder = record(tmp_path)
    shapes.netcdf(folder)
    options = "{axes: {time: FILE BESIDE THIS ONE}}"
    settings = own(tmp_path, f"- {{glob: '*.nc', instrument: lidar, reader: lidar_arrays, options: {options}}}")
    with pytest.raises(ConfigError, match=r"axes\.time: FILE BESIDE THIS ONE"):
        read_any(folder, settings)


@pytest.mark.parametrize(
    ("role", "reader", "write"),
    [("altitude", "lidar_arrays", shapes.netcdf), ("background_counts", "lidar_arrays", shapes.counts_only)],
)
def test_a_name_that_the_file_has_not_is_a_stop(tmp_path, role, reader, write):
    """A reader would do without it, or take another array."""
    folder = record(tmp_path)
    write(folder)
    glob = next(folder.iterdir()).name.replace("2021-06-03", "*").replace("2021-06-04", "*")
    entry = f"- {{glob: '{glob}', instrument: lidar, reader: {reader}, options: {{variables: {{{role}: nothing}}}}}}"
    with pytest.raises(ReadError, match="nothing"):
        read_any(folder, own(tmp_path, entry))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("{clok: UT}", "no option clok; is clock meant?"),
        ("{wavelength: 630.0}", "no reader of lidar knows the option wavelength"),
    ],
)
def test_an_option_that_no_reader_knows_is_refused(tmp_path, options, words):
    settings = own(tmp_path, f"- {{glob: a.nc, instrument: lidar, reader: lidar_arrays, options: {options}}}")
    with pytest.raises(ConfigError, match=words):
        read_catalogue(settings.catalogue)


def test_a_reader_of_another_instrument_is_refused(tmp_path):
    settings = own(tmp_path, "- {glob: a.nc, instrument: lidar, reader: tec_grid}")
    with pytest.raises(ConfigError, match="tec_grid is a reader of tec, not of lidar"):
        read_catalogue(settings.catalogue)


@pytest.mark.parametrize(
    ("option", "named"),
    [("date_order: DMY", "date_order"), ("variables: {integration_tme: altitude_km}", "variables.integration_tme")],
)
def test_an_option_without_effect_is_told(tmp_path, option, named):
    folder = record(tmp_path)
    shapes.counts_only(folder)
    entry = f"- {{glob: '*.h5', instrument: lidar, reader: lidar_arrays, options: {{{option}}}}}"
    settings = own(tmp_path, entry)
    text = page(inspect(folder, settings), settings, every=False)
    assert f"option not used: {named}" in text


def test_options_that_have_an_effect_are_not_called_unused(tmp_path):
    folder = record(tmp_path)
    shapes.netcdf(folder)
    options = "{unit: m-3, altitude_unit: m, altitude_marks: centre, variables: {signal: ca_density}}"
    entry = f"- {{glob: 'lidar_*.nc', instrument: lidar, reader: lidar_arrays, options: {options}}}"
    for night in read_any(folder, own(tmp_path, entry)):
        assert "option not used" not in night.attrs["decisions"]


def test_a_date_for_times_that_have_their_own_is_a_stop(tmp_path):
    """The option would be ignored: the file's times are of another day."""
    folder = record(tmp_path)
    shapes.netcdf(folder)
    (folder / "lidar_2021-06-04.nc").unlink()
    (folder / "lidar_2021-06-03.nc").rename(folder / "night.nc")
    entry = "- {glob: night.nc, instrument: lidar, reader: lidar_arrays, options: {date: 2021-06-08}}"
    with pytest.raises(ReadError, match="lie on other days than the option date says"):
        read_any(folder, own(tmp_path, entry))


def test_counts_are_never_offered_as_their_own_calibration(tmp_path):
    """Any vector could be one: what only a name tells is listed, not put in."""
    folder = record(tmp_path)
    night = shapes.truth("2021-06-03")
    content = {"UT": night.hours, "alt": night.altitude, "photon_counts": night.counts, "shots": np.full(40, 500.0)}
    scipy.io.savemat(folder / "raw_20210603.mat", content)
    with pytest.raises(ReadError, match="do not reach the altitudes") as stop:
        read_any(folder, IngestSettings(catalogue=(FORMATS,)))
    assert "calibration_factor: NAME" in str(stop.value)
    assert "calibration_factor: photon_counts" not in str(stop.value)
    assert "NAME is one of shots" in str(stop.value)
