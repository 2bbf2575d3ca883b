"""Shapes that occur seldom, after descriptions of public files: hourly values of data centres, maps in tenths."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from metalclouds.errors import UndecidedError
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any

FORMATS = "config/catalogue/formats.yaml"
BRISBANE = IngestSettings.model_validate(
    {"assume_station": False, "ionosonde": {"site": {"latitude": -27.5, "longitude": 152.9}}}
)


def with_entry(folder, **entry) -> IngestSettings:
    own = folder / "own.yaml"
    own.write_text(yaml.safe_dump({"entries": [{"glob": "*", **entry}]}))
    return IngestSettings(catalogue=(str(own), FORMATS))


@pytest.fixture
def record(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    return folder


def test_hourly_values_of_the_australian_data_centre(record):
    """Station, URSI code, yymmdd, 24 cells of qualifying letter, value, describing letter; UT by the format."""
    odd = {(3, 4): "    C", (3, 5): "E012B", (3, 6): " 045J", (3, 7): "    G", (3, 8): "     "}
    rows = [
        f"3859308506{day:02d}" + "".join(odd.get((day, hour), f" {20 + day + hour:03d} ") for hour in range(24))
        for day in range(1, 31)
    ]
    (record / "385930.85").write_text("\n".join(rows) + "\n")
    days = {day.attrs["night"]: day for day in read_any(record, BRISBANE)}
    assert len(days) == 30
    day = days["1985-06-03"]
    # The 3rd of June at 10 UT is 20 + 3 + 10 tenths of MHz.
    assert float(day.sel(time="1985-06-03T10:00")["foEs"]) == pytest.approx(3.3)
    assert float(day.sel(time="1985-06-03T06:00")["foEs"]) == pytest.approx(4.5)
    status = day["es_status"].sel(time=[f"1985-06-03T{hour:02d}:00" for hour in (4, 5, 7, 8)]).values
    # C: the sounder failed; less than 1.2 MHz: below what is looked for; G: no layer; empty: nothing said.
    expected = [ES_FLAGS[name] for name in ("not_observed", "absent", "absent", "not_observed")]
    assert status.tolist() == expected


def tec(latitude: float, longitude: float) -> float:
    return 20.0 - 0.2 * latitude + 0.05 * (longitude - 100.0)


LATITUDES, LONGITUDES = np.arange(20, 56), np.arange(75, 136)


def table(corner: int, factor: float) -> list[str]:
    rows = [" ".join(map(str, [corner, *(10 * LONGITUDES)]))]
    for latitude in LATITUDES:
        values = [round(factor * 10 * tec(latitude, longitude)) for longitude in LONGITUDES]
        rows.append(" ".join(map(str, [10 * latitude, *values])))
    return rows


def test_maps_whose_axes_are_in_tenths_leave_the_unit_open(record):
    """Vertical TEC above tables of slant TEC, all in tenths and none with a unit, as US-TEC had them."""
    text = ["Vertical and Slant Path Total Electron Content", *table(81, 1.0), *table(99901, 2.0)]
    (record / "202105101215_ustec.txt").write_text("\n".join(text) + "\n")
    with pytest.raises(UndecidedError, match="tenths") as stop:
        read_any(record)
    line = stop.value.lines[0]
    assert line == {"units": {"tec": "0.1 TECU"}}
    settings = with_entry(record.parent, instrument="tec", reader="tec_grid", options=line)
    (day,) = read_any(record, settings)
    assert day["time"].values[0] == np.datetime64("2021-05-10T12:15")
    assert float(day["vertical_tec"].sel(latitude=40, longitude=115)[0]) == pytest.approx(tec(40, 115), abs=0.051)
    assert float(day["latitude"].max()) == 55.0


def test_names_of_columns_behind_a_remark(record):
    rows = ["# model TEC; vertical; UT; Year DOY Hour Min Sec Lat Lon TEC[TECU]"]
    for quarter in range(4):
        for latitude in range(20, 50, 5):
            for longitude in range(90, 130, 5):
                rows.append(
                    f"2021 130 12 {15 * quarter:02d} 00 {latitude} {longitude} {tec(latitude, longitude):.3f}"
                )
    (record / "tec_model.dat").write_text("\n".join(rows) + "\n")
    settings = with_entry(record.parent, instrument="tec", reader="tec_arrays", options={"clock": "UT"})
    (day,) = read_any(record, settings)
    assert day["time"].values[2] == np.datetime64("2021-05-10T12:30")
    assert float(day["vertical_tec"].sel(latitude=40, longitude=115)[2]) == pytest.approx(tec(40, 115), abs=1e-3)


@pytest.mark.parametrize("words", [("OI6300", "OI5577"), ("6300", "5577"), ("630.0 nm", "557.7 nm")])
@pytest.mark.parametrize("column", ["line", "lambda", "filter"])
def test_two_emissions_in_rows_that_take_turns(record, words, column):
    rows = ["# Xinglong 40.4N 117.6E, winds in m/s", f"time,{column},u,v"]
    for number in range(40):
        time = np.datetime64("2020-11-12T11:00") + np.timedelta64(15 * number, "m")
        rows += [
            f"{time}:00Z,{word},{size * (60 - number):.1f},{size:.1f}"
            for word, size in zip(words, (1.0, 0.5), strict=True)
        ]
    (record / "winds_20201112.csv").write_text("\n".join(rows) + "\n")
    (night,) = read_any(record)
    first = night.isel(time=0)
    found = dict(zip(first["emission_wavelength"].values.round(1), first["eastward_wind"].values, strict=True))
    assert found == {630.0: pytest.approx(60.0), 557.7: pytest.approx(30.0)}


def test_winds_at_one_time_that_nothing_tells_apart(record):
    """With a wavelength given for the whole file both emissions would be averaged."""
    rows = ["# Xinglong 40.4N 117.6E, winds in m/s", "time,kind,u,v"]
    for number in range(40):
        time = np.datetime64("2020-11-12T11:00") + np.timedelta64(15 * number, "m")
        rows += [f"{time}:00Z,{kind},{60 / (kind + 1):.1f},5.0" for kind in (0, 1)]
    (record / "winds_20201112.csv").write_text("\n".join(rows) + "\n")
    settings = with_entry(record.parent, instrument="fpi", reader="fpi_winds", options={"wavelength": 630.0})
    with pytest.raises(UndecidedError, match="several winds at one time"):
        read_any(record, settings)


def test_a_header_names_the_clock_of_calendar_columns(record):
    rows = [f"2021,6,3,{hour},{2 + hour / 10:.1f}" for hour in range(24)]
    head = "Wuhan 30.5N 114.4E; hours in LT (UTC+8)\nYear,Month,Day,Hour,foEs\n"
    (record / "Es_202106.csv").write_text(head + "\n".join(rows) + "\n")
    days = {day.attrs["night"]: day for day in read_any(record)}
    # 10 h at 8 h east of Greenwich is 2 h UT.
    assert float(days["2021-06-03"].sel(time="2021-06-03T02:00")["foEs"]) == pytest.approx(3.0)


def test_soundings_without_times_begin_where_a_person_says(record):
    rows = [f"{(20 + number % 24) / 10:.1f}\t{100 + number % 7}" for number in range(96)]
    (record / "es.dat").write_text("\n".join(["foEs\thEs", *rows]) + "\n")
    with pytest.raises(UndecidedError, match="no time axis") as stop:
        read_any(record)
    assert "time: foEs" not in str(stop.value)
    options = {"time": {"start": "2021-06-03T00:00", "step_minutes": 15}, "clock": "UT"}
    settings = with_entry(record.parent, instrument="ionosonde", reader="ionosonde_table", options=options)
    (day,) = read_any(record, settings)
    assert float(day.sel(time="2021-06-03T05:15")["foEs"]) == pytest.approx((20 + 21) / 10)
