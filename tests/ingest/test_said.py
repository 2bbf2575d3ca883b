"""A sign, a wavelength, a shell or a clock that a README, a remark or an attribute says is used, or asked about."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import yaml

from metalclouds.errors import UndecidedError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.draft import options_in
from metalclouds.ingest.readers.wind_signs import sides_in
from metalclouds.ingest.settings import IngestSettings, Site
from tests.ingest.papers import read_any

HOURS = np.arange(13.0, 19.0, 0.5)
EAST, NORTH = 40.0 - 5.0 * (HOURS - 13.0), -30.0 + 4.0 * (HOURS - 13.0)
SITE = Site(latitude=40.4, longitude=117.6)


def pasted(path: Path, error: Exception, choice: int, reader: str, instrument: str) -> IngestSettings:
    """Settings with a catalogue that has one of the proposed lines."""
    options = options_in(str(error))[choice]
    entry = {"glob": "*", "instrument": instrument, "reader": reader, "options": options}
    own = path.with_name("own.yaml") if path.is_file() else path.parent / "own.yaml"
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    return IngestSettings(catalogue=(str(own),))


def check_winds(night, emission=630.0, east=EAST, north=NORTH):
    line = night["emission_wavelength"].values.tolist().index(emission)
    assert night["eastward_wind"].values[:, line] == pytest.approx(east, abs=0.01)
    assert night["northward_wind"].values[:, line] == pytest.approx(north, abs=0.01)
    first = night["time"].values[0].astype("datetime64[m]")
    assert str(first) == "2021-06-04T13:00"


# ---- the sign of a component ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("V: meridional wind, positive southward (equatorward).", ["south"]),
        ("positive eastward, southward negative", ["east", "north"]),
        ("zonal: eastward positive, meridional: southward positive", ["east", "south"]),
        ("V > 0 is southward", ["south"]),
        ("negative values denote northward flow", ["south"]),
        ("positive for winds blowing from the north", ["south"]),
        ("winds from the west are positive", ["east"]),
        ("U/V positive eastward/northward", ["east", "north"]),
        ("zonal (+E), meridional (+S)", ["east", "south"]),
        ("meridional component southward-positive", ["south"]),
        ("positive poleward", ["north"]),
        ("经向风以南向为正，纬向风向东为正", ["east", "south"]),
        ("正值表示向西", ["west"]),
        ("north-eastward wind, non-negative; vertical wind positive upward", []),
        ("station at 40.3 N, +116 E", []),
    ],
)
def test_which_side_is_positive(text, said):
    context = Context(settings=IngestSettings(), site=SITE)
    assert sorted(sides_in(text, context)) == said


def test_towards_the_equator_is_north_in_the_south():
    context = Context(settings=IngestSettings(), site=Site(latitude=-31.0, longitude=20.8))
    assert sides_in("positive equatorward", context) == ["north"]


def netcdf_winds(path: Path, names: tuple[str, str], attributes: dict[str, str]) -> None:
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", HOURS.size)
        file.createVariable("time", "f8", ("time",))[:] = HOURS
        file["time"].units = "hours since 2021-06-04 00:00:00 UTC"
        for name, values in zip(names, (-EAST, -NORTH), strict=True):
            file.createVariable(name, "f4", ("time",))[:] = values
            file[name].units = "m/s"
        file.setncatts(attributes)


def test_names_that_say_westward_and_southward(tmp_path):
    netcdf_winds(tmp_path / "kelan.nc", ("westward_wind", "southward_wind"), {"source": "FPI, OI 630.0 nm"})
    (night,) = read_any(tmp_path)
    check_winds(night)


def test_a_sign_in_the_heads_of_a_workbook_and_the_red_line_in_the_description(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["世界时", "纬向风(m/s)", "经向风(m/s)"])
    for hour, east, north in zip(HOURS, EAST, NORTH, strict=True):
        book.active.append([float(hour), float(east), float(-north)])
    book.save(tmp_path / "FPI_20210604.xlsx")
    note = "法布里-珀罗干涉仪，红线。\n经向风以南向为正，纬向风向东为正。\n"
    (tmp_path / "说明.txt").write_text(note, encoding="utf-8")
    (night,) = read_any(tmp_path)
    check_winds(night)
    assert "南向为正" in night.attrs["decisions"]


def test_two_statements_of_a_sign_disagree(tmp_path):
    table = "# V is positive towards the south\nUT,U,V\n" + "".join(
        f"2021-06-04T{int(h):02d}:{int(h % 1 * 60):02d},{east},{north}\n"
        for h, east, north in zip(HOURS, EAST, NORTH, strict=True)
    )
    (tmp_path / "w_630nm.csv").write_text(table)
    (tmp_path / "README.md").write_text("Winds in m/s. Northward winds are\npositive.\n")
    with pytest.raises(UndecidedError, match="northward or southward") as caught:
        read_any(tmp_path)
    for choice, sign in ((0, 1.0), (1, -1.0)):
        settings = pasted(tmp_path / "w_630nm.csv", caught.value, choice, "fpi_winds", "fpi")
        (night,) = read_any(tmp_path / "w_630nm.csv", settings)
        check_winds(night, north=sign * NORTH)


def test_a_sign_that_is_spoken_of_and_not_said(tmp_path):
    netcdf_winds(
        tmp_path / "f.nc", ("zonal_wind", "meridional_wind"), {"note": "630.0 nm; zonal wind: sign as in [3]"}
    )
    with pytest.raises(UndecidedError, match="eastward or westward") as caught:
        read_any(tmp_path)
    (night,) = read_any(tmp_path / "f.nc", pasted(tmp_path / "f.nc", caught.value, 1, "fpi_winds", "fpi"))
    check_winds(night, north=-NORTH)


# ---- the emission --------------------------------------------------------------------------------------


def test_a_name_and_a_description_that_name_two_emissions(tmp_path):
    netcdf_winds(tmp_path / "fpi_557.7nm.nc", ("westward_wind", "southward_wind"), {})
    (tmp_path / "README").write_text("Winds from the red line at 630.0 nm.\n")
    with pytest.raises(UndecidedError, match="which emission") as caught:
        read_any(tmp_path)
    settings = pasted(tmp_path / "fpi_557.7nm.nc", caught.value, 0, "fpi_winds", "fpi")
    check_winds(read_any(tmp_path / "fpi_557.7nm.nc", settings)[0])


def test_a_line_of_a_description_is_about_the_file_that_it_names(tmp_path):
    for name in ("a.nc", "b.nc"):
        netcdf_winds(tmp_path / name, ("westward_wind", "southward_wind"), {})
    (tmp_path / "README.txt").write_text("a.nc: green line (557.7 nm)\nb.nc: OI 6300 A\n")
    (night,) = read_any(tmp_path)
    assert night["emission_wavelength"].values.tolist() == [557.7, 630.0]


# ---- several emissions or altitudes in one file -----------------------------------------------------------


def test_columns_with_the_emission_in_their_names(tmp_path):
    lines = ["UT,dU_557,U_557,V_557,dU_630,U_630,V_630"]
    for hour, east, north in zip(HOURS, EAST, NORTH, strict=True):
        lines.append(f"2021-06-04T{int(hour):02d}:{int(hour % 1 * 60):02d},3,{east / 2},{north / 2},7,{east},{north}")
    (tmp_path / "winds.csv").write_text("\n".join(lines) + "\n")
    (night,) = read_any(tmp_path)
    assert night["emission_wavelength"].values.tolist() == [557.7, 630.0]
    check_winds(night)
    check_winds(night, 557.7, EAST / 2, NORTH / 2)
    assert night["eastward_wind_error"].values[0].tolist() == [3.0, 7.0]


@pytest.mark.parametrize("axis", ["altitude", "colour"])
def test_matrices_of_winds_with_another_axis(tmp_path, axis):
    with netCDF4.Dataset(tmp_path / "winds.nc", "w") as file:
        file.createDimension("time", HOURS.size)
        file.createDimension("layer", 2)
        file.createVariable("time", "f8", ("time",))[:] = HOURS
        file["time"].units = "hours since 2021-06-04 00:00:00 UTC"
        if axis == "altitude":
            file.createVariable("altitude", "f4", ("layer",))[:] = [250.0, 97.0]
            file["altitude"].units = "km"
        else:
            emission = file.createVariable("emission", str, ("layer",))
            emission[0], emission[1] = "red line", "green line"
        for name, values in (("u", EAST), ("v", NORTH)):
            matrix = np.stack([values, values / 2])
            dims = ("layer", "time") if axis == "altitude" else ("time", "layer")
            file.createVariable(name, "f4", dims)[:] = matrix if axis == "altitude" else matrix.T
            file[name].units = "m/s"
    (night,) = read_any(tmp_path)
    check_winds(night)
    check_winds(night, 557.7, EAST / 2, NORTH / 2)


def test_a_second_axis_that_nothing_explains_is_a_question(tmp_path):
    import scipy.io

    datenum = 738311.0 + HOURS / 24.0
    content = {"t": datenum, "U": np.stack([EAST, EAST / 2], 1), "V": np.stack([NORTH, NORTH / 2], 1)}
    scipy.io.savemat(tmp_path / "fpi_630nm.mat", content)
    with pytest.raises(UndecidedError, match="second axis of the winds"):
        read_any(tmp_path)
