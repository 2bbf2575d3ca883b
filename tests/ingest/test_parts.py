"""Files of several parts: an array of structures with a night in each element, a workbook with one in each sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest
import scipy.io

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any

LATITUDES, LONGITUDES, HOURS = np.arange(45.0, 34.0, -1), np.arange(110.0, 123.0), np.arange(12.0, 15.0, 0.5)
WINDS = [(12, 30.5, -20.0), (13, 41.0, -14.5), (14, 55.5, None)]


def _maps(level: float) -> np.ndarray:
    """TEC that grows to the south, latitude x longitude x time."""
    south = level + 0.2 * (45.0 - LATITUDES)
    return np.broadcast_to(south[:, None, None], (LATITUDES.size, LONGITUDES.size, HOURS.size)).copy()


def _structures(path: Path, **cubes: np.ndarray) -> Path:
    fields = ("date", "UT", "lat", "lon", "VTEC")
    elements = [(date[1:], HOURS, LATITUDES, LONGITUDES, cube) for date, cube in cubes.items()]
    array = np.array(elements, [(name, object) for name in fields]).reshape(1, -1)
    scipy.io.savemat(path, {"TEC": array})
    return path


def test_each_element_of_an_array_of_structures_is_a_night(tmp_path):
    void = _maps(8.0)
    void[:, :3] = 0.0
    gaps = _maps(20.0)
    gaps[0, 0] = np.nan
    days = read_any(_structures(tmp_path / "tec.mat", d20210108=void, d20210603=gaps))
    assert [day.attrs["night"] for day in days] == ["2021-01-08", "2021-06-03"]
    first, second = (day["vertical_tec"].sel(latitude=40.0) for day in days)
    # No receiver, no TEC; 8 and 20 TECU at 45 N, 0.2 TECU a degree.
    assert np.isnan(first.sel(longitude=[110.0, 112.0])).all()
    assert np.allclose(first.sel(longitude=113.0), 9.0)
    assert np.allclose(second.sel(longitude=113.0), 21.0)
    assert "exactly 0" in days[0].attrs["decisions"]
    assert str(days[1]["time"].values[1])[:16] == "2021-06-03T12:30"


def test_a_tec_of_zero_among_small_values_is_a_question(tmp_path):
    cut_off = np.maximum(_maps(-0.5), 0.0)
    path = _structures(tmp_path / "tec.mat", d20210108=cut_off)
    with pytest.raises(UndecidedError, match="cut off") as caught:
        read_any(path)
    assert caught.value.lines == ({"missing": 0}, {"missing": []})
    assert np.nanmin(_with(path, tmp_path, "tec, reader: tec_arrays, options: {missing: []}")) == 0.0
    assert np.nanmin(_with(path, tmp_path, "tec, reader: tec_arrays, options: {missing: 0}")) > 0.0


def _with(path: Path, tmp_path: Path, line: str) -> np.ndarray:
    (day,) = read_any(path, _catalogue(tmp_path, f"{{glob: '*', instrument: {line}}}"))
    return day["vertical_tec"].values


def _catalogue(tmp_path: Path, entry: str) -> IngestSettings:
    file = tmp_path / "own.yaml"
    file.write_text(f"entries:\n  - {entry}\n")
    return IngestSettings(catalogue=(str(file),))


def _workbook(path: Path, *titles: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, title in enumerate(titles):
        sheet = book.create_sheet(title)
        sheet.append(["FPI 630.0 nm, 250 km"])
        sheet.append(["UT", "U (m/s)", "V (m/s)", "dU", "dV"])
        for hour, east, north in WINDS:
            sheet.append([hour, east + number, north, 5.0, 6.0])
    book.save(path)
    return path


def test_sheets_named_by_day_and_month_take_the_year_that_the_record_gives(tmp_path):
    _workbook(tmp_path / "FPI_wind_250km.xlsx", "Jan8", "June3")
    (tmp_path / "README.txt").write_text(
        "The nights of the figures are 8 January and 3 June 2021, 16 January 2022.\n"
    )
    nights = read_any(tmp_path)
    assert [night.attrs["night"] for night in nights] == ["2021-01-08", "2021-06-03"]
    east, north = (nights[1][f"{way}ward_wind"].values[:, 0] for way in ("east", "north"))
    assert east.tolist() == [31.5, 42.0, 56.5]
    assert np.allclose(north, [-20.0, -14.5, np.nan], equal_nan=True)
    assert np.allclose(nights[0]["eastward_wind_error"], 5.0)


def test_a_sheet_whose_year_nothing_gives_is_a_question(tmp_path):
    path = _workbook(tmp_path / "FPI_wind_250km.xlsx", "Jan8", "June3")
    with pytest.raises(UndecidedError, match="which year"):
        read_any(path)
    (tmp_path / "README.txt").write_text("Nights: 2021-01-08, 2022-01-08 and 2021-06-03.\n")
    with pytest.raises(UndecidedError, match="which year") as caught:
        read_any(tmp_path)
    assert caught.value.lines == ({"year": 2021}, {"year": 2022})
    told = _catalogue(tmp_path, "{glob: '*.xlsx', instrument: fpi, reader: fpi_winds, options: {year: 2021}}")
    assert [night.attrs["night"] for night in read_any(path, told)] == ["2021-01-08", "2021-06-03"]


def test_two_sheets_of_one_time_are_not_mixed(tmp_path):
    path = _workbook(tmp_path / "FPI_250km_20210108.xlsx", "site A", "site B")
    with pytest.raises(ReadError, match="of one time"):
        read_any(path)


def _soundings(path: Path) -> Path:
    """Sheets of nights as URSI scaling writes them: tenths of MHz, Beijing Time past midnight."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in ("210603", "210618"):
        sheet = book.create_sheet(title)
        sheet.append(["Beijing", None, None, "120E mean time", "0.1 MHz / km"])
        sheet.append(["BT", "foEs", "fbEs", "h'Es", "type"])
        for row in (["2300", 41, "028", 100, "f1"], ["2330", "032JA", "022", 102, "f1"],
                    ["0000", "C", None, None, None], ["0030", "026", "018", 105, "f1"],
                    ["0100", "014EB", None, None, None], ["0130", "024EB", None, None, None]):  # fmt: skip
            sheet.append(row)
    book.save(path)
    return path


def test_sheets_of_soundings_in_tenths_of_mhz(tmp_path):
    _soundings(tmp_path / "foEs_manual.xlsx")
    (tmp_path / "tec_rx_20210603.txt").write_text("for its name only\n")
    days = read_any(tmp_path, instrument="ionosonde")
    assert [day.attrs["night"] for day in days] == ["2021-06-03", "2021-06-18"]
    clocks = [str(time)[11:16] for time in days[1]["time"].values]
    assert clocks == ["15:00", "15:30", "16:00", "16:30", "17:00", "17:30"]
    assert np.allclose(days[0]["foEs"], [4.1, 3.2, np.nan, 2.6, np.nan, np.nan], equal_nan=True)
    # Less than 1.4 MHz is below the limit of 1.5 MHz above which Es is looked for; less than 2.4 MHz is not.
    words = ("not_observed", "present", "absent", "not_observed")
    assert days[0]["es_status"].values.tolist()[2:] == [ES_FLAGS[word] for word in words]


def test_six_digits_without_another_day_of_the_record_are_a_question(tmp_path):
    path = _soundings(tmp_path / "foEs_manual.xlsx")
    with pytest.raises(UndecidedError, match="year or day first") as caught:
        read_any(path)
    assert caught.value.lines == ({"date_order": "YMD"}, {"date_order": "DMY"})
    entry = "{glob: '*.xlsx', instrument: ionosonde, reader: ionosonde_table, options: {date_order: YMD}}"
    assert [day.attrs["night"] for day in read_any(path, _catalogue(tmp_path, entry))] == ["2021-06-03", "2021-06-18"]
