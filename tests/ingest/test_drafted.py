"""Files that no entry fits get a draft that works when pasted; questions that belong together are asked at once."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import yaml

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.inspection import inspect, page
from metalclouds.ingest.settings import IngestSettings
from tests.ingest import shapes
from tests.ingest.papers import read_any
from tests.ingest.test_third_trial import ASK, winds

FORMATS = "config/catalogue/formats.yaml"
# One screen, as inspect has it for several files.
SCREEN = 45


def pasted(record: Path, settings: IngestSettings | None = None) -> list[list]:
    """The nights that each of the entries gives which inspect proposes for a record, pasted as it is printed."""
    settings = settings or IngestSettings()
    text = page(inspect(record, settings), settings, every=False)
    assert len(text.splitlines()) <= SCREEN
    lines = text.splitlines()
    flow = [line for line in lines if line.startswith("- {")]
    block = [line[4:] for line in lines if line.startswith(("    - ", "      "))]
    found = yaml.safe_load("\n".join(flow or block))
    out = []
    for entry in found:
        own = record.parent / "own.yaml"
        own.write_text(yaml.safe_dump({"entries": [entry]}, allow_unicode=True))
        out.append(read_any(record, settings.model_copy(update={"catalogue": (str(own), FORMATS)})))
    return out


def wind(hour: float) -> tuple[float, float]:
    """Eastward and northward wind (m/s) at an hour of the night."""
    return round(40.0 - 3.0 * hour, 1), round(-20.0 + 2.0 * hour, 1)


def first(nights) -> tuple[str, float, float]:
    """Time and components of the first wind."""
    one = nights[0]
    east, north = (float(one[name].values.ravel()[0]) for name in ("eastward_wind", "northward_wind"))
    return str(one["time"].values[0])[:16], east, north


@pytest.fixture
def record(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    return folder


# ---- drafts -------------------------------------------------------------------------------------------------


def test_components_along_the_field_and_geographic_ones(record):
    rows = ["Kiruna FPI 67.9N 21.0E, 630.0 nm, UT", "mg = geomagnetic, ge = geographic, east and north positive",
            "date time wind_mg_E wind_mg_N wind_ge_E wind_ge_N"]  # fmt: skip
    for number in range(40):
        hour = number / 4
        stamp = str(np.datetime64("2019-12-03T17:00") + np.timedelta64(15 * number, "m")).replace("T", " ")
        rows.append(f"{stamp} {99 - number} {-77 + number} {wind(hour)[0]} {wind(hour)[1]}")
    (record / "fpi_191203.txt").write_text("\n".join(rows) + "\n")
    (nights,) = pasted(record)
    assert first(nights) == ("2019-12-03T17:00", *wind(0.0))


def test_components_by_their_long_names_westward(record):
    with netCDF4.Dataset(record / "fpi_2019337.nc", "w") as file:
        file.setncatts({"station": "Xinglong 40.4N 117.6E", "emission": "OI 630 nm"})
        file.createDimension("n", 30)
        hours = np.arange(30) / 4
        days = file.createVariable("jd", "f8", ("n",))
        days[:] = 2458821.0 + hours / 24
        for name, words, values in (
            ("Wx", "zonal wind, positive westward", [-wind(hour)[0] for hour in hours]),
            ("Wy", "meridional wind, positive northward", [wind(hour)[1] for hour in hours]),
        ):
            one = file.createVariable(name, "f4", ("n",))
            one.setncatts({"long_name": words, "units": "m/s"})
            one[:] = np.where(np.arange(30) == 5, 1e20, values)
    (nights,) = pasted(record, ASK)
    # Julian date 2458821.0 is noon of 3 December 2019.
    assert first(nights) == ("2019-12-03T12:00", pytest.approx(wind(0.0)[0]), pytest.approx(wind(0.0)[1]))
    assert nights[0].attrs["station_longitude"] == 117.6
    assert nights[0].sizes["time"] == 29 or np.isnan(nights[0]["eastward_wind"].values).sum() == 1


def test_two_winds_whose_names_say_nothing_are_a_choice_of_two(record):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["UT", "V1 (m/s)", "V2 (m/s)", "dV1", "dV2"])
    for number in range(30):
        stamp = str(np.datetime64("2020-11-12T12:00") + np.timedelta64(15 * number, "m")).replace("T", " ")
        east, north = wind(number / 4)
        sheet.append([stamp, north, east, 5.0, 5.0])
    book.save(record / "FPI_630nm.xlsx")
    one, other = pasted(record)
    assert first(one) == ("2020-11-12T12:00", wind(0.0)[1], wind(0.0)[0])
    assert first(other) == ("2020-11-12T12:00", *wind(0.0))


def test_the_only_numbers_of_a_file_about_foes(record):
    rows = "".join(f"2021-06-03 {hour:02d}:00,{2 + hour / 10:.1f}\n" for hour in range(10, 20))
    text = "# sporadic E critical frequency of the Wuhan ionosonde (30.5N, 114.4E), MHz, all times in UT\n"
    (record / "es.csv").write_text(text + "time,critical\n" + rows)
    (days,) = pasted(record)
    assert float(days[0].sel(time="2021-06-03T15:00")["foEs"]) == pytest.approx(3.5)


# ---- tables of days and hours -------------------------------------------------------------------------------


def tenths(day: int, hour: int) -> int:
    return 20 + day % 9 + hour


def test_a_year_of_a_station_in_cells_of_fixed_width(record):
    """The form of the data centre in Moscow: `023/`, `/C`, `012EB`, and nothing."""
    odd = {(3, 4): "   /C ", (3, 5): "012EB ", (3, 6): "      ", (4, 7): "045JA "}
    head = "DATA     STA    " + "".join(f"{hour:02d}    " for hour in range(24))
    rows = [
        f"197302{day:02d} TK356 " + "".join(odd.get((day, hour), f"{tenths(day, hour):03d}/  ") for hour in range(24))
        for day in range(1, 29)
    ]
    title = "IONOSPHERIC DATA  foEs  0.1 MHz  Station TK356 (56.5N, 84.9E)  Time: UT"
    (record / "TK356_1973.txt").write_text("\n".join([title, "-" * 160, head, "-" * 160, *rows]) + "\n")
    days = {day.attrs["night"]: day for day in read_any(record)}
    assert len(days) == 28
    day = days["1973-02-03"]
    assert float(day.sel(time="1973-02-03T02:00")["foEs"]) == pytest.approx(tenths(3, 2) / 10)
    assert np.isnan(day.sel(time=["1973-02-03T04:00", "1973-02-03T05:00", "1973-02-03T06:00"])["foEs"]).all()
    assert float(days["1973-02-04"].sel(time="1973-02-04T07:00")["foEs"]) == pytest.approx(4.5)


def test_cells_that_stand_beside_their_hours_are_refused(record):
    head = "DATA     STA    " + "".join(f"{hour:02d}    " for hour in range(24))
    rows = [f"197302{day:02d} TK356 " + "   ".join(["0231"] * 20) for day in range(1, 29)]
    (record / "TK356_foEs.txt").write_text("\n".join(["foEs 0.1 MHz UT", head, *rows]) + "\n")
    with pytest.raises(ReadError, match="do not stand below"):
        read_any(record)


@pytest.mark.parametrize("mark", ["h", ":00", "时"])
@pytest.mark.parametrize("book", [True, False])
def test_an_evening_goes_on_past_midnight(record, mark, book):
    hours = [*range(17, 24), *range(6)]
    title = "Wuhan (30.5N, 114.4E) foEs, June 2021, unit: MHz, all times in Beijing time (UTC+8)"
    names = ["日期" if mark == "时" else "Date", *(f"{hour:02d}{mark}" for hour in hours)]
    rows = [[day, *(f"{tenths(day, hour) / 10:.1f}" for hour in hours)] for day in range(1, 31)]
    if book:
        workbook = openpyxl.Workbook()
        for row in [[title], names, *rows]:
            workbook.active.append(row)
        workbook.save(record / "es.xlsx")
    else:
        lines = [f"# {title}", ",".join(names), *(",".join(map(str, row)) for row in rows)]
        (record / "es.csv").write_text("\n".join(lines) + "\n")
    days = {day.attrs["night"]: day for day in read_any(record)}
    # 03 h behind the 3rd is of the 4th, 19 h of the 3rd in UT.
    assert float(days["2021-06-03"].sel(time="2021-06-03T19:00")["foEs"]) == pytest.approx(tenths(3, 3) / 10)
    assert float(days["2021-06-03"].sel(time="2021-06-03T10:00")["foEs"]) == pytest.approx(tenths(3, 18) / 10)


# ---- lidars -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("altitude", "density"),
    [("高度(km)", "钙离子密度(cm-3)"), ("Höhe(km)", "Ca+_Dichte(cm-3)"), ("Hauteur(km)", "densité(cm-3)")],
)
def test_profiles_with_the_time_in_their_names_and_names_in_other_languages(record, altitude, density):
    night = shapes.truth("2021-06-03")
    for time, profile in zip(night.times, night.density, strict=True):
        rows = "".join(f"{z:.2f}  {n:.3f}  5.0\n" for z, n in zip(night.altitude, profile, strict=True))
        clock = str(time + np.timedelta64(8, "h"))[:16].replace("-", "").replace(":", "").replace("T", "_")
        head = f"Yanqing (40.4N, 116.0E)\nTime: {clock[9:11]}:{clock[11:]} (UTC+8)\n{altitude}  {density}  error(%)\n"
        (record / f"CaIon_{clock}.dat").write_text(head + rows)
    (read,) = read_any(record)
    assert read["time"].values[0] == night.times[0]
    at = int(np.argmin(abs(night.altitude - 98.0)))
    found = read["ca_ion_number_density"].sel(altitude=night.altitude[at], method="nearest").values
    np.testing.assert_allclose(found, night.density[:, at], atol=1e-3)


def two_channels(path: Path, first: dict, second: dict) -> None:
    night = shapes.truth("2021-06-03")
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts({"latitude": 40.4, "longitude": 116.0, "altitude_m": 500.0})
        file.createDimension("time", night.hours.size)
        file.createDimension("altitude", night.altitude.size)
        for name, dims, values, said in (
            ("time", ("time",), night.hours, {"units": "hours since 2021-06-03 00:00:00"}),
            ("altitude", ("altitude",), night.altitude, {"units": "km"}),
            ("density_a", ("time", "altitude"), night.density, first),
            ("density_b", ("time", "altitude"), 30.0 * night.density, second),
        ):
            one = file.createVariable(name, "f8", dims)
            one.setncatts(said)
            one[:] = values


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"wavelength_nm": 393.366}, {"wavelength_nm": 422.673}),
        ({"laser_wavelength": "393.4 nm"}, {"laser_wavelength": "589.16 nm"}),
        ({"long_name": "Ca+ number density"}, {"long_name": "Na number density"}),
    ],
)
def test_an_array_is_of_the_metal_whose_line_its_attributes_name(record, first, second):
    two_channels(record / "20210603_two.nc", first, second)
    (read,) = read_any(record)
    np.testing.assert_allclose(read["ca_ion_number_density"].values, shapes.truth("2021-06-03").density, rtol=1e-5)
    own = record.parent / "own.yaml"
    entry = {"glob": "*.nc", "instrument": "lidar", "reader": "lidar_arrays",
             "options": {"variables": {"signal": "density_b"}}}  # fmt: skip
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    with pytest.raises(UndecidedError, match=r"data of (Ca|Na), and Ca\+ is asked for"):
        read_any(record, IngestSettings(catalogue=(str(own), FORMATS)))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("levels", [12, 26, 39])
def test_a_matrix_of_few_altitudes(record, turned, levels):
    altitude, hours = 80.0 + np.arange(levels) * 26.0 / levels, 12.0 + np.arange(30) / 4
    density = np.round(60.0 * np.exp(-0.5 * ((altitude - 95.0) / 4.0) ** 2) * (1 + hours[:, None] / 50), 2)
    body = density.T if turned else density
    across, down = (hours, altitude) if turned else (altitude, hours)
    corner = "km\\UT" if turned else "UT\\km"
    rows = [" ".join([corner, *(f"{x:.3f}" for x in across)])]
    rows += [" ".join([f"{y:.3f}", *(f"{n:.2f}" for n in row)]) for y, row in zip(down, body, strict=True)]
    (record / "Caplus_cm-3_20210603.txt").write_text("\n".join(["Yanqing 40.4N 116.0E", *rows]) + "\n")
    (read,) = read_any(record)
    assert read["time"].values[0] == np.datetime64("2021-06-03T12:00")
    at = int(np.argmin(abs(altitude - 95.0)))
    found = read["ca_ion_number_density"].sel(altitude=altitude[at], method="nearest").values
    np.testing.assert_allclose(found, density[:, at], atol=0.01)


# ---- questions asked at once --------------------------------------------------------------------------------


def test_signs_as_letters_before_plus(record):
    winds(record / "winds.csv", "# FPI 40.4N 117.6E, 630.0 nm, UT; sign convention: zonal E+, meridional S+")
    assert first(read_any(record))[1:] == (40.0, 30.0)


def test_both_signs_are_asked_at_once(record):
    winds(record / "winds.csv", "# FPI 40.4N 117.6E, 630.0 nm, UT\n# the sign of zonal and meridional winds is ours")
    found = [first(nights)[1:] for nights in pasted(record)]
    assert sorted(found) == sorted([(40.0, -30.0), (40.0, 30.0), (-40.0, -30.0), (-40.0, 30.0)])


def test_latitudes_and_longitudes_are_asked_at_once(record):
    rows = "\n".join(" ".join(f"{10 + row / 5 + column / 9:.2f}" for column in range(37)) for row in range(23))
    (record / "tec_2021130_1215.txt").write_text(rows + "\n")
    with pytest.raises(UndecidedError, match="latitudes and longitudes") as stop:
        read_any(record)
    assert stop.value.lines == ({"lat": ["FIRST", "LAST"], "lon": ["FIRST", "LAST"]},)
    own = record.parent / "own.yaml"
    entry = {"glob": "*.txt", "instrument": "tec", "reader": "tec_grid",
             "options": {"lat": [44, 22], "lon": [90, 126]}}  # fmt: skip
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    (day,) = read_any(record, IngestSettings(catalogue=(str(own), FORMATS)))
    assert day["time"].values[0] == np.datetime64("2021-05-10T12:15")
    assert float(day["vertical_tec"].sel(latitude=44, longitude=90)[0]) == pytest.approx(10.0)
    assert float(day["vertical_tec"].sel(latitude=22, longitude=126)[0]) == pytest.approx(18.4)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("tec_2021130_1200.txt", "2021-05-10T12:00:00"),
        ("WU430_2021130120530.XML", "2021-05-10T12:05:30"),
        ("fpi_2020366.nc", "2020-12-31T00:00:00"),
        ("BJFS130a.21tec", "2021-05-10T00:00:00"),
        ("fpi_2021366.nc", None),
        ("foEs_2021130_15.txt", None),
    ],
)
def test_days_of_the_year_in_names(name, moment):
    assert [str(one) for one in naming.moments(name)] == ([moment] if moment else [])


# ---- two clocks, no place -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "# FPI 40.4N 117.6E, 630.0 nm\n# all times in UT\n# times are given in Beijing time",
        "# FPI 40.4N 117.6E, 630.0 nm\n# time (UT), zonal, meridional\n# all times are in local time",
    ],
)
def test_two_clocks_in_a_header_are_asked(record, header):
    winds(record / "winds.csv", header, start="2019-12-03T19:00")
    with pytest.raises(UndecidedError, match="two clocks"):
        read_any(record)
    hours = {first(nights)[0] for nights in pasted(record)}
    assert hours == {"2019-12-03T19:00", "2019-12-03T11:00"}


def test_a_column_of_ut_below_a_header_of_local_time_is_asked(record):
    rows = "".join(f"2021-06-03 {hour:02d}:00,{2 + hour / 10:.1f}\n" for hour in range(10, 20))
    text = "# Wuhan (30.5N, 114.4E); all times are in local time\ntime (UT),foEs (MHz)\n"
    (record / "es.csv").write_text(text + rows)
    with pytest.raises(UndecidedError, match="two clocks"):
        read_any(record)


def test_maps_with_two_clocks_are_asked(record):
    grid = "\n".join(" ".join(f"{10 + row / 5:.2f}" for _ in range(71)) for row in range(41))
    text = "# TEC maps, all times in UT\n# times are in Beijing time\n# 2021 06 03 12 00\n"
    (record / "tec_map.txt").write_text(text + grid + "\n")
    with pytest.raises(UndecidedError, match="two clocks"):
        read_any(record)


def test_winds_without_a_place_are_asked_where_they_were_measured(record):
    winds(record / "winds.csv", "# FPI, 630.0 nm, all times in UT")
    with pytest.raises(UndecidedError, match="where was this measured"):
        read_any(record, ASK)
    there = {"latitude": 67.9, "longitude": 21.0, "altitude_km": 0.4}
    settings = IngestSettings.model_validate({"assume_station": False, "fpi": {"site": there}})
    assert read_any(record, settings)[0].attrs["station_longitude"] == 21.0
    assert read_any(record)[0].attrs["station_longitude"] == pytest.approx(117.4, abs=1.0)


def test_soundings_without_a_place_are_not_those_of_beijing(record):
    rows = "".join(f"2019-06-05 {hour:02d}:00,{2 + hour / 10:.1f}\n" for hour in range(8, 20))
    (record / "es.csv").write_text("time,foEs (MHz)\n" + rows)
    with pytest.raises(UndecidedError, match="UT or local time") as stop:
        read_any(record, ASK)
    assert "116" not in str(stop.value)
    assert "--site" in str(stop.value)
    own = record.parent / "own.yaml"
    for clock in ("LT", "UT"):
        entry = {"glob": "*.csv", "instrument": "ionosonde", "reader": "ionosonde_table", "options": {"clock": clock}}
        own.write_text(yaml.safe_dump({"entries": [entry]}))
        with pytest.raises(UndecidedError, match="where was this measured"):
            read_any(record, ASK.model_copy(update={"catalogue": (str(own), FORMATS)}))


def test_local_time_of_maps_without_a_place_is_asked(record):
    grid = "\n".join(" ".join(f"{10 + row / 5:.2f}" for _ in range(71)) for row in range(41))
    (record / "tec_map.txt").write_text("# TEC map, local time\n# 2021-06-03 12:00 LT\n" + grid + "\n")
    with pytest.raises(UndecidedError, match="local time of which zone"):
        read_any(record, ASK)
