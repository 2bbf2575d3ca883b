"""Each way of misreading a cell, a time or a unit once more, in other instruments and notations than `cells`."""

from __future__ import annotations

import datetime
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import scipy.io

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.containers.units import parse
from metalclouds.ingest.evidence.missing import without_missing
from metalclouds.ingest.evidence.since import since
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any
from tests.ingest.test_evidence import iso, times_of

ABSENT, PRESENT, NOT_OBSERVED = (ES_FLAGS[word] for word in ("absent", "present", "not_observed"))


def soundings(folder: Path, text: str, name: str = "table.csv", encoding: str = "utf-8"):
    """Time (to the minute) and foEs of a table."""
    (folder / name).write_bytes(text.encode(encoding))
    nights = read_any(folder / name)
    times = [str(time)[:16] for night in nights for time in night["time"].values]
    return times, [round(float(v), 4) for night in nights for v in night["foEs"].values]


def status(folder: Path, cells: list[str], other: str = "6.0") -> list[int]:
    rows = "".join(f"2021-05-10T1{n}:00:00Z,{cell},{other}\n" for n, cell in enumerate(cells))
    (folder / "scaled.csv").write_text("time,foEs,foF2\n" + rows)
    return read_any(folder / "scaled.csv")[0]["es_status"].values.tolist()


# ---- zones, epochs, calendars ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "first"),
    [
        ("hours since 2021-05-10 00:00:00 +0800", "2021-05-09T16:00:00"),
        ("hours since 2021-05-10T00:00:00Z", "2021-05-10T00:00:00"),
        ("hours since 2021-05-10 00:00 UTC+8", "2021-05-09T16:00:00"),
        ("hours since 2021-05-10 00:00:00 -03:30", "2021-05-10T03:30:00"),
        ("hours since 2021-05-10 0:00 0:00", "2021-05-10T00:00:00"),
        ("hours since 20210510", "2021-05-10T00:00:00"),
    ],
)
def test_a_zone_behind_the_epoch_is_read(units, first):
    assert iso(times_of([0.0, 1.0], words={"units": units}, by_night=False))[0] == first


def test_a_word_that_is_the_zone_of_several_countries_is_a_question():
    with pytest.raises(UndecidedError, match="clock: LT"):
        times_of([0.0, 1.0], words={"units": "hours since 2021-05-10 00:00 CST"}, by_night=False)


@pytest.mark.parametrize(
    ("calendar", "epoch", "days", "expected"),
    [
        # Numbers by cftime's own date2num for 2021-05-10 12:00 in each calendar.
        ("standard", "1900-01-01", 44324.5, "2021-05-10T12:00:00"),
        ("julian", "2021-04-27", 0.5, "2021-05-10T12:00:00"),
        ("noleap", "2020-02-28", 436.5, "2021-05-10T12:00:00"),
        ("proleptic_gregorian", "0001-01-01", 737919.5, "2021-05-10T12:00:00"),
    ],
)
def test_calendars(calendar, epoch, days, expected):
    words = {"units": f"days since {epoch}", "calendar": calendar}
    assert iso(times_of([days, days + 0.25], words=words, by_night=False))[0] == expected


def test_a_day_that_the_civil_calendar_does_not_have_stops():
    with pytest.raises(UndecidedError, match="no such date"):
        times_of([29.0, 29.5], words={"units": "days since 2021-02-01", "calendar": "360_day"}, by_night=False)


@pytest.mark.parametrize("units", ["MHz", "minutes", "since 2021-05-10"])
def test_what_is_no_cf_time(units):
    assert since(units) is None


def test_days_since_1900_in_32_bits_stop():
    """Steps of 5.6 min at 44324 days: soundings every quarter of an hour would be off by a third of their step."""
    values = np.array([44324.5 + n / 96 for n in range(8)], "float32")
    with pytest.raises(UndecidedError, match="too few digits"):
        times_of(values, words={"units": "days since 1900-01-01"}, by_night=False)


# ---- text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cells", "times"),
    [
        ("time (UT)", ("2021-05-10 08:15:00 PM", "2021-05-11 12:00 AM"), ("2021-05-10T20:15", "2021-05-11T00:00")),
        ("time", ("10-May-2021 20:15:00+0800", "11-May-2021 00:00+0800"), ("2021-05-10T12:15", "2021-05-10T16:00")),
        (
            "时间（北京时间）",
            ("2021年5月10日20时15分", "2021年5月11日0时0分"),
            ("2021-05-10T12:15", "2021-05-10T16:00"),
        ),
        ("time UT", ("20210510201500", "20210511000000"), ("2021-05-10T20:15", "2021-05-11T00:00")),
        ("UTC", ("2021-130 20:15", "2021-130 24:00"), ("2021-05-10T20:15", "2021-05-11T00:00")),
        ("time (UTC+8)", ("05/13/2021 20:15", "05/14/2021 00:00"), ("2021-05-13T12:15", "2021-05-13T16:00")),
        # Neither is above 12: the fifth and the sixth of May follow each other, months would not.
        ("time (UT)", ("05/05/2021 23:45", "06/05/2021 00:00"), ("2021-05-05T23:45", "2021-05-06T00:00")),
        ("UT", ("21/05/10 20:15", "21/05/11 00:00"), ("2021-05-10T20:15", "2021-05-11T00:00")),
    ],
)
def test_times_as_text(tmp_path, header, cells, times):
    found = soundings(tmp_path, f"{header},foEs\n{cells[0]},3.0\n{cells[1]},3.1\n")
    assert found == (list(times), [3.0, 3.1])


def test_one_day_that_can_be_read_two_ways_is_a_question(tmp_path):
    with pytest.raises(UndecidedError, match="date_order: DMY"):
        soundings(tmp_path, "time (UT),foEs\n05/06/2021 10:00,3.0\n05/06/2021 10:15,3.1\n")


def test_a_clock_of_twelve_hours_without_am_and_pm_stops(tmp_path):
    rows = "".join(f"{hour}:{minute:02d},3.0\n" for hour in (11, 12, 1, 2) for minute in (0, 30))
    with pytest.raises(UndecidedError, match="12 hours"):
        soundings(tmp_path, "UT,foEs\n" + rows, "table_2021-05-10.csv")


def test_a_clock_without_any_date_is_never_of_today(tmp_path):
    with pytest.raises(UndecidedError, match="hours without a date"):
        soundings(tmp_path, "UT,foEs\n10:00:00,3.0\n10:15:00,3.1\n")


@pytest.mark.parametrize(
    ("name", "column", "cells"),
    [
        ("table_20210510.csv", "UT", ("1000", "1045", "1130", "1215")),
        ("table_20210510.csv", "UT", ("10.0", "10.75", "11.5", "12.25")),
        ("table_20210510.csv", "seconds (UT)", ("36000", "38700", "41400", "44100")),
        ("table.csv", "Date,UT", ("20210510,1000", "20210510,1045", "20210510,1130", "20210510,1215")),
        ("table.csv", "year,doy,UT", ("2021,130,10:00", "2021,130,10:45", "2021,130,11:30", "2021,130,12:15")),
    ],
)
def test_numbers_of_a_clock(tmp_path, name, column, cells):
    text = f"{column},foEs\n" + "".join(f"{cell},3.{n}\n" for n, cell in enumerate(cells))
    times, _ = soundings(tmp_path, text, name)
    assert times == [f"2021-05-10T{clock}" for clock in ("10:00", "10:45", "11:30", "12:15")]


# ---- tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("时间（UT）;foEs（kHz）\n2021-05-10 10:00;3000,5\n2021-05-10 10:15;3100,5\n", "gbk"),
        ('time (UT),"foEs (Hz)"\n2021-05-10 10:00,"3,000,500"\n2021-05-10 10:15,"3,100,500.0"\n', "utf-8-sig"),
        ("% station\ntime\tfoEs\nUT\tMHz\n2021-05-10 10:00\t3.0005\n% gap\n2021-05-10 10:15\t3.1005\nend\n", "utf-8"),
        ("Soundings of the station\n\ntime (UT),foEs\n2021-05-10 10:00,3.0005\n2021-05-10 10:15,3.1005\n", "utf-16"),
    ],
)
def test_layouts_of_a_table(tmp_path, text, encoding):
    assert soundings(tmp_path, text, encoding=encoding) == (
        ["2021-05-10T10:00", "2021-05-10T10:15"],
        [3.0005, 3.1005],
    )


def test_dates_of_a_workbook_that_counts_from_1904(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["time (UT)", "zonal (m/s)", "meridional (m/s)"])
    for hour in (12, 13, 14):
        book.active.append([datetime.datetime(2021, 5, 10, hour), 10.0 + hour, 20.0])
    book.save(tmp_path / "winds_250km.xlsx")
    (night,) = read_any(tmp_path / "winds_250km.xlsx")
    assert [str(t)[:16] for t in night["time"].values] == [f"2021-05-10T{hour}:00" for hour in (12, 13, 14)]
    assert night["eastward_wind"].values.ravel().tolist() == [22.0, 23.0, 24.0]


def test_a_formula_without_a_result_in_a_column_of_winds_is_no_wind(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["time (UT)", "U (m/s)", "V (m/s)"])
    for hour in range(12, 24):
        book.active.append([datetime.datetime(2021, 1, 10, hour - 1), "=B2*2" if hour == 13 else 10.0, 20.0])
    book.save(tmp_path / "winds_250km.xlsx")
    (night,) = read_any(tmp_path / "winds_250km.xlsx")
    assert np.isnan(night["eastward_wind"].values.ravel()[1])
    assert "not read" in night.attrs["decisions"]


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("3.30JA", PRESENT),
        ("3.3 U", PRESENT),
        ("G", ABSENT),
        ("1.80EG", ABSENT),
        ("<1.5", ABSENT),
        ("C", NOT_OBSERVED),
        ("B", NOT_OBSERVED),
        ("1.8EB", NOT_OBSERVED),
        ("", NOT_OBSERVED),
        ("NaN", NOT_OBSERVED),
        ("-1", NOT_OBSERVED),
        ("---", ABSENT),  # the Digisonde's word for "scaled, and none", in a sounding that has another value
        ("9999.000", ABSENT),
        ("#N/A", NOT_OBSERVED),
    ],
)
def test_what_a_cell_says_of_es(tmp_path, cell, meaning):
    assert status(tmp_path, ["3.0", cell, "3.2"])[1] == meaning


def test_no_value_in_a_sounding_without_any_is_not_observed(tmp_path):
    assert status(tmp_path, ["3.0", "---", "3.2"], other="---") == [PRESENT, NOT_OBSERVED, PRESENT]


def test_text_in_place_of_values_stops(tmp_path):
    with pytest.raises(UndecidedError, match="not values") as stop:
        status(tmp_path, ["3.0", "see note", "see note"])
    # The column that could not be read is not proposed again.
    assert "foEs: foEs" not in str(stop.value)


# ---- netCDF ------------------------------------------------------------------------------------------------


def stored(folder: Path, values: np.ndarray, fill: float | None = None, **attributes) -> np.ndarray:
    """TEC of one map as a file stores it and as it is read, north to south as given."""
    with netCDF4.Dataset(folder / "tec.nc", "w") as file:
        for name, axis in (("time", [0.0]), ("lat", [30.0, 35.0, 40.0]), ("lon", [110.0, 115.0, 120.0])):
            file.createDimension(name, len(axis))
            file.createVariable(name, "f8", (name,))[:] = axis
        file["time"].units = "hours since 2021-05-10 12:00:00"
        made = file.createVariable("tec", values.dtype, ("time", "lat", "lon"), fill_value=fill)
        made.set_auto_maskandscale(False)
        made.setncatts(attributes)
        made[:] = values[None]
    (day,) = read_any(folder / "tec.nc")
    return day["vertical_tec"].sel(latitude=[30, 35, 40], longitude=[110, 115, 120]).values[0]


TRUE = np.array([[20.5, 21.0, np.nan], [15.0, 16.3, 17.0], [10.0, 11.2, 12.0]])


@pytest.mark.parametrize(
    ("values", "attributes"),
    [
        (
            np.where(np.isnan(TRUE), 250, np.round(10 * TRUE)).astype("u1").view("i1"),
            {"_Unsigned": "true", "scale_factor": 0.1, "missing_value": np.int8(-6)},
        ),
        (np.where(np.isnan(TRUE), -5.0, TRUE), {"valid_range": [0.0, 200.0]}),
        (np.where(np.isnan(TRUE), 700.0, TRUE), {"valid_max": 500.0}),
        (np.where(np.isnan(TRUE), -888.0, TRUE), {"missing_value": -888.0, "units": "TECU"}),
        (np.where(np.isnan(TRUE), -9999.9, TRUE), {"units": "10^16 el/m^2"}),
        (1e16 * np.where(np.isnan(TRUE), np.nan, TRUE), {"units": "m-2"}),
    ],
)
def test_packing_ranges_and_units_of_netcdf(tmp_path, values, attributes):
    assert np.allclose(stored(tmp_path, values, **attributes), TRUE, equal_nan=True, atol=1e-4)


def test_a_unit_of_another_quantity_stops(tmp_path):
    with pytest.raises(UndecidedError, match=r"units: \{tec: TECU\}"):
        stored(tmp_path, TRUE, units="K")


@pytest.mark.parametrize(
    ("text", "factor", "logarithm"),
    [
        ("10^6 m^-3", 1e6, ""),
        ("cm⁻³", 1e6, ""),
        ("#/cm3", 1e6, ""),
        ("per cubic centimetre", 1e6, ""),
        ("log10(m-3)", 1.0, "log10"),
        ("dB(m-3)", 1.0, "db"),
        ("ln cm-3", 1e6, "ln"),
        ("cm-3 (ions per cubic centimetre)", 1e6, ""),
    ],
)
def test_units_of_a_density(text, factor, logarithm):
    unit = parse(text)
    assert (unit.metre, unit.second, unit.logarithm) == (-3, 0, logarithm)
    assert unit.factor == pytest.approx(factor)


@pytest.mark.parametrize("text", ["K", "counts", "foo", "dB", "", "m s-1"])
def test_what_is_no_unit_of_a_density(text):
    unit = parse(text)
    assert unit is None or unit.metre != -3


# ---- numbers for missing -----------------------------------------------------------------------------------


def test_minus_one_within_noise_is_a_value_and_beside_a_layer_a_word():
    rng = np.random.default_rng(7)
    noise = np.round(rng.normal(0.0, 2.0, (60, 60)), 1)
    kept, left = without_missing(noise)
    assert (noise == -1.0).sum() > 20
    assert not left
    assert np.array_equal(kept, noise)
    layer = 500.0 + rng.normal(0.0, 2.0, (60, 60))
    layer[3, 4], layer[10:12, 20:22] = -1.0, 999.0
    found, left = without_missing(layer)
    assert left == {-1.0: 1, 999.0: 4}
    assert np.isnan(found).sum() == 5


def test_a_layer_that_passes_through_999_keeps_it():
    layer = np.add.outer(np.linspace(0.0, 0.5, 40), np.linspace(900.0, 1100.0, 200))
    layer[20, 99] = 999.0
    assert not without_missing(layer)[1]


# ---- objects and groups ------------------------------------------------------------------------------------


def test_cells_of_text_and_rows_of_characters_are_times(tmp_path):
    cells = np.array(["2021-05-10 12:00", "2021-05-10 12:15"], dtype=object)
    for name, times in (("cell", cells), ("char", np.array(list(cells)))):
        path = tmp_path / f"{name}.mat"
        scipy.io.savemat(path, {"time_UT": times, "foEs": [3.0, 3.1]})
        assert [str(t)[:16] for t in read_any(path)[0]["time"].values] == ["2021-05-10T12:00", "2021-05-10T12:15"]


def test_a_map_of_several_heights_is_refused(tmp_path):
    text = (Path(__file__).parent / "cells/exponent.21i").read_text()
    (tmp_path / "three.21i").write_text(text.replace("450.0 450.0   0.0", "200.0 450.0  50.0"))
    with pytest.raises(ReadError, match="several heights"):
        read_any(tmp_path / "three.21i")


def test_a_remark_within_a_map_is_no_value(tmp_path):
    text = (Path(__file__).parent / "cells/exponent.21i").read_text()
    remark = "a remark between the rows".ljust(60) + "COMMENT\n"
    (tmp_path / "remark.21i").write_text(text.replace(" 2100 2110 2120\n", remark + " 2100 2110 2120\n" + remark))
    tec = read_any(tmp_path / "remark.21i")[0]["vertical_tec"].sel(latitude=35.0)
    assert np.allclose(tec.values[0], [21.0, 21.1, 21.2], atol=1e-5)
