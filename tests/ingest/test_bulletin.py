"""Months of scaled characteristics as bulletins print them: blocks of hours, titles above, counts below."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.errors import ReadError
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any


def es(day: int, hour: int) -> int:
    """foEs in 0.1 MHz."""
    return 24 + day % 7 + hour


def height(day: int, hour: int) -> int:
    """h'Es in km."""
    return 100 + day % 5 + hour % 3


def block(
    hours: range, value, sep: str = "  ", mark: str = "H", cells: dict | None = None, behind: str = "DAY"
) -> str:
    heads = ["DAY", f"{hours[0]:02d}{mark}", *(f"{hour:02d}" for hour in hours[1:]), *([behind] if behind else [])]
    rows = [sep.join(heads)]
    for day in range(1, 31):
        row = [(cells or {}).get((day, hour), str(value(day, hour))) for hour in hours]
        rows.append(sep.join([str(day), *row, *([str(day)] if behind else [])]))
    rows.append(sep.join(["MED", *(["31"] * len(hours)), *(["MED"] if behind else [])]))
    return "\n".join(rows) + "\n"


def at(days, moment: str):
    """The sounding of a time UT."""
    day = next(one for one in days if one.attrs["night"] == moment[:10])
    return day.sel(time=np.datetime64(moment))


def test_two_halves_of_a_day_at_a_meridian(tmp_path):
    title = "JUNE      2021     IONOSPHERIC DATA   STATION WUHAN\nVALUES OF FOES   UNIT 0.1MHZ   TIME= 120E\n\n"
    cells = {(4, 20): "45JA", (4, 21): "C", (4, 22): "22EG"}
    text = title + block(range(12), es) + "\n" + block(range(12, 24), es, cells=cells)
    (tmp_path / "WU_202106.txt").write_text(text)
    days = read_any(tmp_path)
    assert float(at(days, "2021-06-04T12:00")["foEs"]) == pytest.approx(4.5)
    assert float(at(days, "2021-06-03T20:00")["foEs"]) == pytest.approx(es(4, 4) / 10)
    assert float(at(days, "2021-06-30T15:00")["foEs"]) == pytest.approx(es(30, 23) / 10)
    assert int(at(days, "2021-06-04T13:00")["es_status"]) == ES_FLAGS["not_observed"]
    assert int(at(days, "2021-06-04T14:00")["es_status"]) == ES_FLAGS["absent"]


def test_three_blocks_of_two_characteristics_with_commas(tmp_path):
    text = ""
    for name, unit, value in (("foEs", "0.1 MHz", es), ("h'Es", "km", height)):
        text += f"# {name} ({unit}), September 2022, UT\n"
        text += "\n".join(block(range(start, start + 8), value, ",", ":00", behind="") for start in (0, 8, 16))
    (tmp_path / "es_station.csv").write_text(text)
    days = read_any(tmp_path)
    for moment, day, hour in (("2022-09-01T00:00", 1, 0), ("2022-09-17T13:00", 17, 13), ("2022-09-30T23:00", 30, 23)):
        one = at(days, moment)
        assert float(one["foEs"]) == pytest.approx(es(day, hour) / 10)
        assert float(one["hEs"]) == pytest.approx(height(day, hour))


MAY = "MAY 2021 FOES UNIT 0.1MHZ UT\n" + block(range(12), es) + block(range(12, 24), es)


@pytest.mark.parametrize("ill", ["\n3  99  ", "\n3"], ids=["a cell more", "a cell less"])
def test_a_row_that_does_not_fit_is_left_out_and_counted(tmp_path, ill):
    """A row with a cell less is as long as one that does not name its day again: it would be an hour late."""
    first = f"\n3  {es(3, 0)}" if ill == "\n3" else "\n3  "
    text = MAY.replace(first, ill, 1)
    assert text != MAY
    (tmp_path / "m.txt").write_text(text)
    days = read_any(tmp_path)
    for moment, day, hour in (("2021-05-02T05:00", 2, 5), ("2021-05-03T13:00", 3, 13), ("2021-05-04T00:00", 4, 0)):
        assert float(at(days, moment)["foEs"]) == pytest.approx(es(day, hour) / 10)
    third = next(one for one in days if one.attrs["night"] == "2021-05-03")
    assert not np.isfinite(third["foEs"].sel(time=slice("2021-05-03T00:00", "2021-05-03T11:00"))).any()
    assert '"rows left out", "decided": "1 of 60"' in third.attrs["decisions"]


def test_of_a_day_that_stands_twice_neither_row_is_taken(tmp_path):
    """Nothing says which of two rows is right; the rest of the month goes on."""
    third = next(line for line in MAY.splitlines() if line.startswith("3  "))
    fourth = next(line for line in MAY.splitlines() if line.startswith("4  "))
    (tmp_path / "m.txt").write_text(MAY.replace(fourth, third.replace(f"  {es(3, 5)}  ", "  99  "), 1))
    days = read_any(tmp_path)
    third = next(one for one in days if one.attrs["night"] == "2021-05-03")
    assert not np.isfinite(third["foEs"].sel(time=slice("2021-05-03T00:00", "2021-05-03T11:00"))).any()
    assert float(at(days, "2021-05-03T13:00")["foEs"]) == pytest.approx(es(3, 13) / 10)


def test_many_rows_that_do_not_fit_are_a_stop(tmp_path):
    text = MAY
    for day in range(3, 10):
        text = text.replace(f"\n{day}  ", f"\n{day}  99  ", 1)
    (tmp_path / "m.txt").write_text(text)
    with pytest.raises(ReadError, match="7 of 60 rows"):
        read_any(tmp_path)
