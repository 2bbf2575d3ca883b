"""Cells, times and units that readers of this field get wrong: what each file of `tests/ingest/cells` means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.errors import UndecidedError
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any

ABSENT, PRESENT, NOT_OBSERVED = (ES_FLAGS[word] for word in ("absent", "present", "not_observed"))
CELLS = Path(__file__).parent / "cells"


def joined(name: str) -> xr.Dataset:
    """All nights or days of a file, one after the other."""
    return xr.concat(read_any(CELLS / name), "time")


def clocks(dataset: xr.Dataset) -> list[str]:
    return [str(time)[:16] for time in dataset["time"].values]


@pytest.mark.parametrize(
    "name",
    [
        "zone_plus8.nc",
        "epoch_1800.nc",
        "string.nc",
        "fill_9999.nc",
        # Ca+ beside iron, which is a hundred times denser; and the decimal logarithm.
        "groups.nc",
        "units_log10.nc",
    ],
)
def test_a_night_of_ten_profiles(name):
    """12:00 to 13:30 UT in each, whatever the axis counts from; the layer's peak is 60 cm-3."""
    (night,) = read_any(CELLS / name)
    assert clocks(night) == [f"2021-05-10T{12 + n // 6}:{n % 6}0" for n in range(10)]
    density = io.number_density(night)[0].values
    assert np.allclose(density[:, 0], 60.0, atol=0.2)
    assert np.nanmin(density) > -1.0


def test_seconds_since_1970_in_32_bits_are_no_time_axis():
    with pytest.raises(UndecidedError, match="too few digits") as caught:
        read_any(CELLS / "float32.nc")
    assert "128 s" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "times", "fo_es"),
    [
        ("clock_2021-05-10.csv", ["2021-05-10T10:00", "2021-05-10T10:15"], [3.0, 3.1]),
        ("date_and_time.csv", ["2021-05-10T10:00", "2021-05-10T10:15", "2021-05-10T10:30"], [3.0, 3.1, 3.2]),
        ("hhmmss_20210510.csv", ["2021-05-10T10:00", "2021-05-10T10:15", "2021-05-10T10:30"], [3.0, 3.1, 3.2]),
        ("dayfirst.csv", ["2021-05-12T10:00", "2021-05-13T10:00"], [3.0, 3.1]),
        ("oclock24.csv", ["2021-05-10T23:45", "2021-05-11T00:00"], [3.0, 3.1]),
        ("units_row.csv", ["2021-05-10T10:00", "2021-05-10T10:15"], [3.0, 3.1]),
    ],
)
def test_soundings(name, times, fo_es):
    table = joined(name)
    assert clocks(table) == times
    assert table["foEs"].values.tolist() == fo_es


@pytest.mark.parametrize(
    ("name", "fo_es", "status"),
    [
        # 3.30 with the letters J and A; C alone: the instrument failed; a formula whose result nobody stored.
        ("letters.csv", [3.3, np.nan, 3.1], [PRESENT, NOT_OBSERVED, PRESENT]),
        ("formula.xlsx", [np.nan, np.nan], [NOT_OBSERVED, NOT_OBSERVED]),
    ],
)
def test_a_cell_that_is_no_value_says_nothing_of_es(name, fo_es, status):
    table = joined(name)
    assert np.array_equal(table["foEs"].values, fo_es, equal_nan=True)
    assert table["es_status"].values.tolist() == status


def test_saoxml_that_has_numbers_and_no_names():
    table = joined("id_only.xml")
    assert (table["foF2"].values[0], table["foEs"].values[0]) == (6.0, 3.0)


def test_an_exponent_holds_for_what_follows_it():
    """-1 for the northern band, -2 for the two below it."""
    tec = joined("exponent.21i")["vertical_tec"].sel(longitude=[110.0, 115.0, 120.0])
    found = tec.sel(latitude=[40.0, 35.0, 30.0]).values[0]
    assert np.allclose(found, [[20.0, 20.1, 20.2], [21.0, 21.1, 21.2], [22.0, 22.1, 22.2]], atol=1e-5)
