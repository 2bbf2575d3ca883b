"""NASA Ames files by the format's description (Gaines and Hipskind 1998): 1001, 2010, 2110, 2310."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import load
from metalclouds.ingest.source import Member
from tests.ingest import shapes
from tests.ingest.papers import read_any

MISSING = 99999


def written(path: Path, form: int, above: list[str], axes: list[str], extra: list[str], rows: list[str]) -> Path:
    opening = ["A NAME", "AN INSTITUTE", "LIDAR", "A PROJECT", "1 1", "2021 06 03  2022 01 05", *above, *axes]
    main = ["1", "0.1", str(MISSING), "Ca+ number density (cm-3)"]
    comments = ["0", "2", "a remark", "another"]
    lines = [*opening, *main, *extra, *comments]
    path.write_text("\n".join([f"{len(lines) + 1}  {form}", *lines, *rows]) + "\n")
    return path


def stored(density: np.ndarray) -> np.ndarray:
    return np.round(10.0 * density).astype(int)


SECONDS = "Time in UT seconds from 0000 hours on the data date"
AXES = ["Altitude above sea level (km)", SECONDS]


def test_a_grid_of_fixed_heights(tmp_path):
    """FFI 2010: heights by first value and step, numbers on as many lines as they need."""
    night = shapes.truth("2021-06-03")
    values = stored(night.density)
    values[3, 50] = MISSING
    rows = []
    for hour, row in zip(night.hours, values, strict=True):
        rows += [f"{3600 * hour:.0f}"] + [" ".join(map(str, row[start : start + 13])) for start in range(0, 60, 13)]
    above = ["1.92 300", "60", "1", "75.0"]
    written(tmp_path / "na.dat", 2010, above, AXES, ["0"], rows)
    (found,) = read_any(tmp_path)
    expected = np.where(values == MISSING, np.nan, values / 10.0)
    np.testing.assert_allclose(found["ca_ion_number_density"].values, expected, rtol=1e-6)
    np.testing.assert_allclose(found["altitude"], night.altitude, atol=1e-9)
    assert str(found["time"].values[0])[:16] == "2021-06-03T13:00"


@pytest.mark.parametrize("form", [2110, 2310])
def test_heights_in_the_records(tmp_path, form):
    """FFI 2110 gives each height, 2310 the first and the step; profiles may be shorter than others."""
    night = shapes.truth("2021-06-03")
    values, rows = stored(night.density), []
    for number, (hour, row) in enumerate(zip(night.hours, values, strict=True)):
        size = 60 if number % 5 else 55
        if form == 2110:
            rows.append(f"{3600 * hour:.0f} {size} 4500")
            rows += [f"{height:.2f} {value}" for height, value in zip(night.altitude[:size], row[:size], strict=True)]
        else:
            rows += [f"{3600 * hour:.0f} {size} 75.0 1.92 4500", " ".join(map(str, row[:size]))]
    names = {2110: ["Number of heights", "Shots"], 2310: ["Number", "First height (km)", "Step (km)", "Shots"]}[form]
    extra = [str(len(names)), " ".join(["1"] * len(names)), " ".join(["99999"] * len(names)), *names]
    written(tmp_path / "na.dat", form, ["0 300"] if form == 2110 else ["300"], AXES, extra, rows)
    (found,) = read_any(tmp_path)
    density = found["ca_ion_number_density"].values
    expected = values / 10.0
    expected[::5, 55:] = np.nan
    np.testing.assert_allclose(density, expected, rtol=1e-6)
    np.testing.assert_allclose(found["altitude"], night.altitude, atol=5e-3)


def test_columns_of_winds(tmp_path):
    """FFI 1001: each variable has its own factor and its own number for missing."""
    heads = ["A NAME", "AN INSTITUTE", "FPI", "A PROJECT", "1 1", "2021 06 03 2022 01 05", "1800"]
    names = ["Zonal wind (m/s)", "Meridional wind (m/s)"]
    lines = [*heads, "UT seconds", "2", "0.1 1", "-999 999", *names, "0", "0"]
    hours = 13.0 + np.arange(30) / 6.0
    # Factors stand before the sum: 40 m/s is written as 400, missing as -999.
    rows = [f"{3600 * hour:.0f} {400 + number} {-20 - number}" for number, hour in enumerate(hours)]
    rows[2] = f"{3600 * hours[2]:.0f} -999 -22"
    (tmp_path / "wind_630nm.na").write_text("\n".join([f"{len(lines) + 1} 1001", *lines, *rows]) + "\n")
    (found,) = read_any(tmp_path)
    expected = np.where(np.arange(30) == 2, np.nan, 40.0 + 0.1 * np.arange(30))
    np.testing.assert_allclose(found["eastward_wind"].values.ravel(), expected)
    assert str(found["time"].values[0])[:16] == "2021-06-03T13:00"


def test_hours_of_local_time_are_not_universal(tmp_path):
    night = shapes.truth("2021-06-03")
    rows = []
    for hour, row in zip(night.hours, stored(night.density), strict=True):
        rows += [f"{hour + 8:.6f}", " ".join(map(str, row))]
    axes = ["Altitude above sea level (km)", "Hours (LT) from 0 h on the date"]
    written(tmp_path / "na.dat", 2010, ["1.92 0.0833", "60", "1", "75.0"], axes, ["0"], rows)
    (found,) = read_any(tmp_path)
    assert str(found["time"].values[0])[:16] == "2021-06-03T13:00"


def test_a_file_cut_within_a_record_and_other_forms_say_so(tmp_path):
    night = shapes.truth("2021-06-03")
    row = " ".join(map(str, stored(night.density)[0]))
    path = written(
        tmp_path / "na.dat", 2010, ["1.92 300", "60", "1", "75.0"], AXES, ["0"], ["46800", row, "47100 1 2"]
    )
    with pytest.raises(ReadError, match="end within a record"):
        load(Member(path))
    path.write_text(path.read_text().replace("  2010", "  2160", 1))
    with pytest.raises(ReadError, match="form 2160, is not read"):
        load(Member(path))


def test_a_header_of_another_length_than_it_says_is_a_stop(tmp_path):
    night = shapes.truth("2021-06-03")
    row = " ".join(map(str, stored(night.density)[0]))
    path = written(tmp_path / "na.dat", 2010, ["1.92 300", "60", "1", "75.0"], AXES, ["0"], ["46800", row])
    text = path.read_text().replace("another\n", "another\nand one more\n", 1)
    path.write_text(text.replace("0\n2\na remark", "0\n3\na remark", 1))
    with pytest.raises(ReadError, match="the header says"):
        load(Member(path))
