"""Kinds of misreading that another author's records brought out, each in other notations and other instruments."""

from __future__ import annotations

import bz2
import datetime
import gzip
import lzma
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import scipy.io

from metalclouds import io
from metalclouds.errors import ConfigError, ReadError, UndecidedError
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any

ABSENT, NOT_OBSERVED = ES_FLAGS["absent"], ES_FLAGS["not_observed"]
HEIGHTS = np.arange(80.0, 121.0)
NIGHT = np.datetime64("2021-05-10T13:00", "s") + np.arange(24) * np.timedelta64(300, "s")
# A layer at 95 km, 8 km wide, with a value of its own in each cell.
LAYER = np.round(60.0 * np.exp(-(((HEIGHTS - 95.0) / 8.0) ** 2)) + 0.01 * np.arange(24)[:, None], 3)


def with_line(path: Path, reader: str, instrument: str, options: dict) -> IngestSettings:
    """The settings with an entry for a file, as a person would paste it."""
    import yaml

    own = path.parent / "own.yaml"
    entry = {"glob": path.name, "instrument": instrument, "reader": reader, "options": options}
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    return IngestSettings(catalogue=(str(own), *IngestSettings().catalogue))


def is_the_night(night, heights=HEIGHTS) -> None:
    # Decimal hours of six digits are good to 4 ms.
    assert np.abs(night["time"].values - NIGHT).max() < np.timedelta64(10, "ms")
    assert np.allclose(night["altitude"].values, heights)
    assert np.allclose(io.number_density(night)[0].values, LAYER, atol=1e-3)


def winds_of(night) -> list[tuple[str, float, float]]:
    east, north = (night[f"{name}_wind"].values[:, 0] for name in ("eastward", "northward"))
    clocks = [str(time)[11:16] for time in night["time"].values]
    return list(zip(clocks, east.round(1).tolist(), north.round(1).tolist(), strict=True))


# ---- altitudes -------------------------------------------------------------------------------------------


def netcdf_night(path: Path, name: str, long_name: str) -> Path:
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", NIGHT.size)
        file.createDimension("z", HEIGHTS.size)
        time = file.createVariable("time", "f8", ("time",))
        time.units, time[:] = "seconds since 1970-01-01", NIGHT.astype(float)
        axis = file.createVariable(name, "f8", ("z",))
        axis.units, axis.long_name, axis[:] = "km", long_name, HEIGHTS
        density = file.createVariable("number_density", "f8", ("time", "z"))
        density.units, density[:] = "cm-3", LAYER
    return path


@pytest.mark.parametrize(
    ("name", "long_name", "above"),
    [
        ("range", "altitude above sea level", 0.0),
        ("range", "height a.m.s.l.", 0.0),
        ("distance", "km above mean sea level", 0.0),
        ("range", "range", 0.5),
        ("height", "height above the site", 0.5),
        ("alt", "height above ground", 0.5),
    ],
)
def test_above_the_sea_or_above_the_station(tmp_path, name, long_name, above):
    (night,) = read_any(netcdf_night(tmp_path / "night.nc", name, long_name))
    is_the_night(night, HEIGHTS + above)


def test_above_both_is_a_question(tmp_path):
    path = netcdf_night(tmp_path / "night.nc", "range", "above the lidar, which is 500 m above sea level")
    with pytest.raises(UndecidedError, match="altitude_above: sea"):
        read_any(path)


# ---- compressed files of any name ------------------------------------------------------------------------

SOUNDINGS = "time,foEs,foF2\n2021-05-10T10:00:00Z,3.1,6.0\n2021-05-10T10:15:00Z,3.4,6.1\n"


@pytest.mark.parametrize(
    ("name", "packed"),
    [("es.csv_", gzip.compress), ("es.csv", bz2.compress), ("es.dat", lzma.compress), ("es.gz.part", gzip.compress)],
)
def test_a_compressed_file_is_known_by_its_first_bytes(tmp_path, name, packed):
    (tmp_path / name).write_bytes(packed(SOUNDINGS.encode()))
    (day,) = read_any(tmp_path / name)
    assert day["foEs"].values.tolist() == pytest.approx([3.1, 3.4])


# ---- names of columns ------------------------------------------------------------------------------------


def test_a_remark_in_brackets_behind_the_names_is_no_name(tmp_path):
    (tmp_path / "es.txt").write_text(
        "yyyy mm dd  UT(h)   foEs  hpEs   (MHz, km)\n2021 05 10  10.25   3.1  105\n2021 05 10  10.50   3.4  107\n"
    )
    (day,) = read_any(tmp_path / "es.txt")
    assert [str(t)[11:16] for t in day["time"].values] == ["10:15", "10:30"]
    assert day["foEs"].values.tolist() == pytest.approx([3.1, 3.4])


def test_names_that_stand_behind_the_word_columns(tmp_path):
    (tmp_path / "vtec.txt").write_text(
        "% China. Columns: year doy UT(h) lat lon TEC(TECU)\n"
        + "".join(
            f"2021 130 12.5 {lat} {lon} {0.1 * lat + 0.01 * lon:.2f}\n"
            for lat in range(20, 60, 10)
            for lon in range(80, 120, 10)
        )
    )
    (day,) = read_any(tmp_path / "vtec.txt")
    assert str(day["time"].values[0])[:16] == "2021-05-10T12:30"
    assert float(day["vertical_tec"].sel(latitude=40, longitude=90)[0]) == pytest.approx(4.9)


def test_a_word_beside_a_name_in_the_header_does_not_explain_it(tmp_path):
    (tmp_path / "w.txt").write_text(
        "# OI 630.0 nm\nyyyy mm dd  UT(h)  zonal  err  merid  err  (m/s)\n"
        "2021 05 10  13.0  20  8  -30  9\n2021 05 10  14.0  25  8  -35  9\n"
    )
    (night,) = read_any(tmp_path / "w.txt")
    assert winds_of(night) == [("13:00", 20.0, -30.0), ("14:00", 25.0, -35.0)]


@pytest.mark.parametrize(
    "names",
    [
        "Zeit (UTC);Höhe [km];Dichte [cm^-3];Fehler",
        "Время UTC;высота (км);плотность (см-3);погрешность",
        "heure UTC;altitude (km);densité (cm-3);erreur",
    ],
)
def test_names_in_other_languages(tmp_path, names):
    rows = [
        f"{str(t).replace('T', ' ')};{z:g};{LAYER[i, j]:g};0.5"
        for i, t in enumerate(NIGHT)
        for j, z in enumerate(HEIGHTS)
    ]
    (tmp_path / "night.csv").write_text("\n".join([names, *rows]).replace(".", ","))
    (night,) = read_any(tmp_path / "night.csv")
    is_the_night(night)


# ---- axes in margins -------------------------------------------------------------------------------------


def matrix(first: list[str], glue: str, times: list[str]) -> str:
    rows = [glue.join([time, *(f"{v:g}" for v in row)]) for time, row in zip(times, LAYER, strict=True)]
    return "\n".join([glue.join(first), *rows]) + "\n"


HOURS = [f"{13 + i / 12:.6f}" for i in range(24)]
KILOMETRES = [f"{z:g}" for z in HEIGHTS]
CLOCKS = [str(time)[11:] for time in NIGHT]
DIGITS = [clock.replace(":", "") for clock in CLOCKS]


@pytest.mark.parametrize(
    ("name", "first", "glue", "times"),
    [
        ("n_20210510.asc", ["# UT/h \\ km", *KILOMETRES], " ", HOURS),
        ("n_20210510.txt", ["% altitude in km:", *KILOMETRES], " ", HOURS),
        ("n_20210510.csv", ["HHMMSS(UT)", *KILOMETRES], ";", DIGITS),
        ("n_20210510.csv", ["UT hhmm", *KILOMETRES], ",", [digits[:4] for digits in DIGITS]),
        ("n_10May2021.csv", ["UT \\ m", *(f"{1000 * z:g} m" for z in HEIGHTS)], ",", HOURS),
        ("n_2021-May-10.csv", ["UT", *(f"{z} km" for z in KILOMETRES)], ",", CLOCKS),
    ],
)
def test_axes_in_the_margins(tmp_path, name, first, glue, times):
    (tmp_path / name).write_text(matrix(first, glue, times))
    (night,) = read_any(tmp_path / name)
    is_the_night(night)


@pytest.mark.parametrize("name", ["vTEC_20210603_1530.dat", "tec_20210603_153000.asc"])
def test_a_map_whose_corner_names_its_axes(tmp_path, name):
    longitudes, latitudes = np.arange(75, 136, 5), np.arange(50, 17, -4)
    rows = [" ".join([f"{y:.1f}", *(f"{0.1 * y + 0.01 * x:.3f}" for x in longitudes)]) for y in latitudes]
    head = ["# vertical TEC (TECU)", f" lat\\lon {' '.join(map(str, longitudes))}"]
    (tmp_path / name).write_text("\n".join([*head, *rows]))
    (day,) = read_any(tmp_path / name)
    assert float(day["vertical_tec"].sel(latitude=38, longitude=115)[0]) == pytest.approx(4.95)
    assert str(day["time"].values[0])[:16] == "2021-06-03T15:30"


def workbook(path: Path, sheets: dict[str, list[list]], mac: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if mac:
        book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def sheet_of(factor: float = 1.0) -> list[list]:
    rows = [[str(t)[11:16], *(factor * row).round(3).tolist()] for t, row in zip(NIGHT, LAYER, strict=True)]
    return [["UT \\ km", *HEIGHTS.tolist()], *rows]


def test_a_sheet_is_named_by_its_night_and_a_title_stands_above(tmp_path):
    rows = [["Ca+ density (cm-3)"], *sheet_of()]
    (night,) = read_any(workbook(tmp_path / "density.xlsx", {"2021-05-10": rows, "notes": [["start of the night"]]}))
    is_the_night(night)


def test_matrices_of_several_sheets_keep_their_own_axes(tmp_path):
    later = [[row[0].replace("13:", "17:").replace("14:", "18:"), *row[1:]] for row in sheet_of(2.0)]
    path = workbook(tmp_path / "two.xlsx", {"2021-05-10": sheet_of(), "2021-06-03": later})
    both = read_any(path)
    assert [str(night["time"].values[0])[:13] for night in both] == ["2021-05-10T13", "2021-06-03T17"]
    options = {"variables": {"signal": "2021-05-10.2021-05-10"}, "date": "2021-05-10"}
    (night,) = read_any(path, with_line(path, "lidar_arrays", "lidar", options))
    is_the_night(night)


# ---- times -----------------------------------------------------------------------------------------------


def datevec(times: np.ndarray) -> np.ndarray:
    moments = [time.astype(datetime.datetime) for time in times]
    return np.array([[m.year, m.month, m.day, m.hour, m.minute, m.second] for m in moments], float)


def test_datevec_of_lidar_wind_and_ionosonde(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"UTvec": datevec(NIGHT), "Height_km": HEIGHTS, "N_CaII": LAYER})
    is_the_night(read_any(tmp_path / "a.mat")[0])
    few = NIGHT[::12]
    scipy.io.savemat(tmp_path / "w630.mat", {"UT": datevec(few).T, "zonal": [20.0, 30.0], "meridional": [-5.0, -6.0]})
    assert winds_of(read_any(tmp_path / "w630.mat")[0]) == [("13:00", 20.0, -5.0), ("14:00", 30.0, -6.0)]
    scipy.io.savemat(tmp_path / "es.mat", {"UT_datevec": datevec(few), "foEs": [3.0, 4.0]})
    assert [str(t)[11:16] for t in read_any(tmp_path / "es.mat")[0]["time"].values] == ["13:00", "14:00"]


@pytest.mark.parametrize("rows", [("2021 130 36900", "2021 130 37800"), ("2021 130 36900.0", "2021 130 37800.0")])
def test_seconds_of_the_day_beside_a_day_of_the_year(tmp_path, rows):
    (tmp_path / "es.txt").write_text(
        "YEAR DOY SECOND_OF_DAY(UT) foEs(MHz)\n" + "".join(f"{row} 3.1\n" for row in rows)
    )
    (day,) = read_any(tmp_path / "es.txt")
    assert [str(t)[:16] for t in day["time"].values] == ["2021-05-10T10:15", "2021-05-10T10:30"]


def test_day_of_the_year_as_seven_digits_and_a_clock_at_the_end_of_a_line(tmp_path):
    header = "Es of Changping (40.3N, 116.2E); {zone}\n0.00 : no Es;  --- : not scalable\n"
    header += "YYYYDDD HHMM foEs(MHz) hpEs(km)\n"
    rows = "2021130 1015 3.10 105\n2021130 1030 0.00 ---\n2021130 1045 --- ---\n"
    for zone, first in (("UT", "10:15"), ("BJT", "02:15")):
        (tmp_path / f"es_{zone}.txt").write_text(header.format(zone=zone) + rows)
        (day,) = read_any(tmp_path / f"es_{zone}.txt")
        assert str(day["time"].values[0])[11:16] == first
        assert day["es_status"].values[1:].tolist() == [ABSENT, NOT_OBSERVED]


def test_a_frequency_of_zero_that_nobody_explains_is_not_observed(tmp_path):
    (tmp_path / "es.csv").write_text(SOUNDINGS + "2021-05-10T10:30:00Z,0.0,6.2\n")
    (day,) = read_any(tmp_path / "es.csv")
    assert np.isnan(day["foEs"].values[2])
    assert day["es_status"].values[2] == NOT_OBSERVED


@pytest.mark.parametrize("instrument", ["fpi", "ionosonde"])
def test_dates_of_a_sheet_beside_clocks_and_a_remark_below(tmp_path, instrument):
    names = {"fpi": ["U (m/s)", "V (m/s)"], "ionosonde": ["foEs (MHz)", "foF2 (MHz)"]}[instrument]
    days = [datetime.datetime(2021, 5, 10), datetime.datetime(2021, 5, 11), datetime.datetime(2021, 5, 11)]
    clocks = [datetime.time(23), datetime.time(0), datetime.time(1)]
    rows = [[day, clock, 3.0 + i, 5.0 + i] for i, (day, clock) in enumerate(zip(days, clocks, strict=True))]
    title = ["Xinglong, 630.0 nm, 250 km"]
    path = workbook(tmp_path / "t.xlsx", {"data": [title, ["Date", "Time(LT)", *names], *rows, ["U: eastward"]]})
    (day,) = read_any(path)
    assert [str(t)[:16] for t in day["time"].values] == [f"2021-05-10T{hour}:00" for hour in (15, 16, 17)]


def test_a_row_of_a_table_in_a_readme_gives_one_date_to_all_that_it_names(tmp_path):
    hours = 13.0 + np.arange(24) / 12.0
    for name in ("fig4_left", "fig4_right"):
        scipy.io.savemat(tmp_path / f"{name}.mat", {"UT": hours, "Alt": HEIGHTS, "nCaII": LAYER})
    (tmp_path / "readme.md").write_text(
        "| file | panel | night |\n|---|---|---|\n| fig4_left.mat | Fig. 4 (left) | 2021-05-10 |\n"
        "| fig4_right.mat | Fig. 4 (right) | 3 June 2021 |\n"
    )
    assert sorted(night.attrs["night"] for night in read_any(tmp_path)) == ["2021-05-10", "2021-06-03"]


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("wind630_3-Jun-2021.csv", "2021-06-03"),
        ("wind630_2021Jun03.csv", "2021-06-03"),
        ("wind630_30.06.2021.csv", "2021-06-30"),
    ],
)
def test_a_date_with_the_name_of_a_month_or_the_day_first(tmp_path, name, date):
    (tmp_path / name).write_text("UT,zonal (m/s),meridional (m/s)\n13:00,20,-5\n14:00,30,-6\n")
    (night,) = read_any(tmp_path / name)
    assert night.attrs["night"] == date


# ---- tables of a month -----------------------------------------------------------------------------------


def month(title: str, turned: bool, cell) -> list[list]:
    hours = [f"{hour:02d}" for hour in range(12, 20)]
    days = list(range(1, 31))
    if turned:
        rows = [["Hour \\ Day", *days], *([int(hour), *(cell(day, int(hour)) for day in days)] for hour in hours)]
    else:
        rows = [["DAY", *hours], *([day, *(cell(day, int(hour)) for hour in hours)] for day in days)]
    return [[title], *rows]


@pytest.mark.parametrize("turned", [False, True])
def test_a_month_of_soundings(tmp_path, turned):
    title = "CHANGPING JUNE 2021 {} UNIT {} TIME 120E MEAN TIME"
    letters = {(3, 13): "G", (3, 14): "C", (3, 15): "052JA"}
    fo_es = month(title.format("foEs", "0.1 MHz"), turned, lambda d, h: letters.get((d, h), f"{d + 14:03d}"))
    h_es = month(title.format("h'Es", "km"), turned, lambda d, h: 100 + h)
    days = read_any(workbook(tmp_path / "scaled.xlsx", {"foEs": fo_es, "h'Es": h_es}))
    third = next(day for day in days if day.attrs["night"] == "2021-06-03")
    # 13 to 15 h at 120 E are 5 to 7 UT.
    at = {str(t)[11:16]: i for i, t in enumerate(third["time"].values)}
    assert float(third["foEs"][at["04:00"]]) == pytest.approx(1.7)
    assert float(third["foEs"][at["07:00"]]) == pytest.approx(5.2)
    assert float(third["hEs"][at["04:00"]]) == pytest.approx(112.0)
    assert third["es_status"].values[[at["05:00"], at["06:00"]]].tolist() == [ABSENT, NOT_OBSERVED]


def test_a_month_of_winds_needs_its_month(tmp_path):
    sheets = {
        name: month(f"FPI 630.0 nm, {name} wind, m/s, UT", False, lambda day, hour, k=k: k * (day + hour))
        for k, name in ((1.0, "zonal"), (-1.0, "meridional"))
    }
    path = workbook(tmp_path / "winds_2021-06.xlsx", sheets)
    assert winds_of(read_any(path)[2])[1] == ("13:00", 16.0, -16.0)
    unnamed = workbook(tmp_path / "winds.xlsx", sheets)
    with pytest.raises(UndecidedError, match="date: YYYY-MM-01"):
        read_any(unnamed)
    nights = read_any(unnamed, with_line(unnamed, "fpi_winds", "fpi", {"date": "2021-06-01"}))
    assert nights[2].attrs["night"] == "2021-06-03"


# ---- GIRO, winds along lines of sight, by direction, of Madrigal -----------------------------------------

GIRO = "# GIRO Tabulated Ionospheric Characteristics\n#Time CS {names}\n"


@pytest.mark.parametrize(
    ("names", "row", "fo_es", "fo_f2"),
    [
        ("foEs QD foF2 QD h`Es QD", "3.1 // 5.4 // 105 //", 3.1, 5.4),
        ("foEs QD foF2 QD h`Es QD", "--- 5.4 // ---", np.nan, 5.4),
        ("foF2 QD h`Es QD foEs QD", "5.4 // --- ---", np.nan, 5.4),
        ("foF2 QD h`Es QD foEs QD", "--- --- // 3.1 //", 3.1, np.nan),
    ],
)
def test_giro_rows_without_a_qualifier_are_not_lost(tmp_path, names, row, fo_es, fo_f2):
    text = GIRO.format(names=names) + f"2021-10-06T11:00:00.000Z 999 {row}\n"
    (tmp_path / "giro.txt").write_text(text)
    (day,) = read_any(tmp_path / "giro.txt")
    assert [float(day["foEs"][0]), float(day["foF2"][0])] == pytest.approx([fo_es, fo_f2], nan_ok=True)


@pytest.mark.parametrize(
    ("said", "sign"), [("positive away from the instrument", 1.0), ("positive towards the instrument", -1.0)]
)
def test_looks_whose_sign_the_header_gives(tmp_path, said, sign):
    # 40 m/s eastward and -20 m/s northward at 45 degrees of elevation, no vertical wind.
    looks = [(0.0, -20.0), (90.0, 40.0), (180.0, 20.0), (270.0, -40.0)]
    rows = [f"13:{10 * i:02d}:00 {az} 45.0 {sign * v / np.sqrt(2):.3f} 6.0 0" for i, (az, v) in enumerate(looks)]
    header = f"# OI 630.0 nm 2021-06-18, line-of-sight velocity, {said}\n"
    header += "# UT hh:mm:ss   az   el   vlos(m/s)   err   quality (0 good, 2 bad)\n"
    (tmp_path / "looks_20210618.los").write_text(header + "\n".join(rows) + "\n13:50:00 90.0 45.0 999.0 6.0 2\n")
    (night,) = read_any(tmp_path / "looks_20210618.los")
    assert float(night["eastward_wind"][0, 0]) == pytest.approx(40.0, abs=0.01)
    assert float(night["northward_wind"][0, 0]) == pytest.approx(-20.0, abs=0.01)


@pytest.mark.parametrize(
    ("header", "options", "east"),
    [
        ("# 630.0 nm, direction towards which it blows", {}, 50.0),
        ("# 630.0 nm, direction from which it comes, coming from", {}, -50.0),
        ("# 630.0 nm", {"wind_direction": "from"}, -50.0),
    ],
)
def test_speed_and_direction(tmp_path, header, options, east):
    path = tmp_path / "wind_20210604.csv"
    path.write_text(f"{header}\nUT,speed (m/s),direction (deg)\n13:00,50,90\n14:00,50,90\n")
    if options:
        with pytest.raises(UndecidedError, match="wind_direction: to"):
            read_any(path)
    (night,) = read_any(path, with_line(path, "fpi_winds", "fpi", options) if options else None)
    assert winds_of(night)[0] == ("13:00", east, 0.0)


def madrigal(path: Path, columns: dict) -> Path:
    import h5py

    table = np.array(list(zip(*columns.values(), strict=True)), dtype=[(name, "f8") for name in columns])
    with h5py.File(path, "w") as file:
        file.create_dataset("Data/Table Layout", data=table)
    return path


def test_maps_of_madrigal_on_their_own_grid(tmp_path):
    cells = [(t, y, x) for t in (0.0, 300.0) for y in (30.0, 31.0, 32.0, 34.0) for x in (100.0, 102.0, 104.0, 106.0)]
    cells.remove((0.0, 31.0, 102.0))
    start = 1610127000.0  # 2021-01-08 17:30 UT
    time, latitude, longitude = np.array(cells).T
    columns = {
        "ut1_unix": start + time,
        "ut2_unix": start + 300.0 + time,
        "gdlat": latitude,
        "glon": longitude,
        "tec": 0.1 * latitude + 0.01 * longitude,
    }
    (day,) = read_any(madrigal(tmp_path / "gps210108g.001.hdf5", columns))
    assert [str(t)[11:19] for t in day["time"].values] == ["17:32:30", "17:37:30"]
    assert float(day["vertical_tec"].sel(latitude=34, longitude=106)[0]) == pytest.approx(4.46)
    assert np.isnan(float(day["vertical_tec"].sel(latitude=31, longitude=102)[0]))


def test_winds_of_madrigal_every_half_hour(tmp_path):
    start = 1620651600.0  # 2021-05-10 13:00 UT
    begin = [start + 1800.0 * (i // 2) for i in range(8)]
    columns = {
        "ut1_unix": begin,
        "ut2_unix": [t + 600 for t in begin],
        "galt": [97.0, 250.0] * 4,
        "wl": [557.7, 630.0] * 4,
        "vn1": [10.0 * i for i in range(8)],
        "vn2": [-5.0 * i for i in range(8)],
    }
    (night,) = read_any(madrigal(tmp_path / "xin210510g.001.hdf5", columns))
    red = night.sel(emission=int(np.argmin(np.abs(night["emission_wavelength"].values - 630.0))))
    assert [str(t)[11:16] for t in night["time"].values] == ["13:05", "13:35", "14:05", "14:35"]
    assert red["eastward_wind"].values.tolist() == pytest.approx([10.0, 30.0, 50.0, 70.0])


# ---- what has to be asked --------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["Ca+ relative density (a.u.)", "normalized density", "density in arbitrary units"])
def test_a_relative_density_is_never_one_in_cm3(tmp_path, said):
    path = tmp_path / "night_20210510.csv"
    path.write_text(f"# {said}\n" + matrix(["UT", *(f"{z:g}" for z in HEIGHTS)], ",", [str(t) for t in NIGHT]))
    with pytest.raises(UndecidedError, match="unit: FACTOR cm-3"):
        read_any(path)
    with pytest.raises(ConfigError, match="FACTOR cm-3 stands for what only you know"):
        read_any(path, with_line(path, "lidar_arrays", "lidar", {"unit": "FACTOR cm-3"}))
    (night,) = read_any(path, with_line(path, "lidar_arrays", "lidar", {"unit": "1.0 cm-3"}))
    is_the_night(night)


def test_a_record_says_that_its_densities_are_relative(tmp_path):
    (tmp_path / "README.txt").write_text("Relative density (a.u.), altitudes in the first line\n")
    text = matrix(["UT", *(f"{z:g}" for z in HEIGHTS)], ",", [str(t) for t in NIGHT])
    (tmp_path / "20210510.csv").write_text(text)
    with pytest.raises(ReadError, match="unit: FACTOR cm-3"):
        read_any(tmp_path)


@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_without_axes_is_read_with_the_line_that_it_asks_for(tmp_path, turned):
    path = tmp_path / "n20210510.mat"
    scipy.io.savemat(path, {"ans": LAYER.T if turned else LAYER})
    with pytest.raises(UndecidedError, match="step_s: N"):
        read_any(path)
    options = {"time": {"start": "2021-05-10T13:00:00", "step_s": 300}, "altitude": {"start_km": 80, "step_km": 1}}
    options["orientation"] = "altitude_time" if turned else "time_altitude"
    (night,) = read_any(path, with_line(path, "lidar_arrays", "lidar", options))
    is_the_night(night)


def test_maps_without_axes_are_offered_no_line_that_makes_nights_of_them(tmp_path):
    path = tmp_path / "Fig2.mat"
    scipy.io.savemat(path, {f"fig2{letter}": LAYER + k for k, letter in enumerate("abcd")})
    with pytest.raises(ReadError, match="latitude, longitude and times") as stop:
        read_any(path)
    assert "options:" not in str(stop.value)


@pytest.mark.parametrize("document", ["README.docx", "caption.pdf"])
def test_a_document_that_may_have_the_date_is_named(tmp_path, document):
    (tmp_path / document).write_bytes(b"%PDF-1.4\0" if document.endswith("pdf") else b"PK\x03\x04\0")
    path = tmp_path / "Figure1a.mat"
    scipy.io.savemat(path, {"t": 13.0 + np.arange(24) / 12.0, "h": HEIGHTS, "CaIon": LAYER})
    with pytest.raises(ReadError, match=f"may stand in {document}"):
        read_any(tmp_path)
    options = {"date": "2021-05-10", "clock": "UT"}
    (night,) = read_any(path, with_line(path, "lidar_arrays", "lidar", options))
    is_the_night(night)
