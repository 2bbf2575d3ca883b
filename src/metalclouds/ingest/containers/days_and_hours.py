"""Tables with a row a day and a column an hour: named columns of hours, and the yearly tables of the data centres."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.bulletin import quantity_in
from metalclouds.ingest.containers.cells import numbers_of

_DAY = re.compile(r"days?|date|dom|tag|jour|日期?|день|дата", re.IGNORECASE)
_HOUR = re.compile(r"(?:(?:ut|lt|bt|h)[ _]?)?(\d{1,2})(?:\s*h|:00|\.0|时|点)?", re.IGNORECASE)
_FEWEST_HOURS, _FEWEST_DAYS, _MOST_DAYS = 8, 5, 31
_HOURS_OF_DAY = 24


def with_hours_across(arrays: Arrays, file: str) -> Arrays:
    """A table of a column of days and columns named by hours, as a matrix (day, hour); other content unchanged.

    Hours that start again at 0 are those after midnight: `18h ... 23h 00h ... 05h` are the hours 18 to 29 of a day.
    """
    for name, part in arrays.parts.items():
        arrays.parts[name] = with_hours_across(part, file)
    day = next((name for name in arrays.values if _DAY.fullmatch(name.strip())), None)
    names = [name for name in arrays.values if _HOUR.fullmatch(name.strip())]
    hours = _continued([int(match[1]) for name in names if (match := _HOUR.fullmatch(name.strip()))])
    if day is None or hours is None or len(names) + 1 < len(arrays.values):
        return arrays
    days = arrays.values[day]
    if days.dtype.kind not in "iuf" or not _FEWEST_DAYS <= days.size <= _MOST_DAYS or (np.diff(days) != 1.0).any():
        return arrays
    header = str(arrays.attributes_of_file.get("header", ""))
    titles = "\n".join(line for line in header.splitlines() if not all(name in line for name in names))
    label = quantity_in(titles) or quantity_in(file) or "data"
    texts = np.stack([arrays.cells.get(name, arrays.values[name]).astype(str) for name in names], axis=1)
    out = Arrays(arrays.kind, {}, attributes_of_file=dict(arrays.attributes_of_file), parts=arrays.parts)
    out.values[label], out.cells[label] = numbers_of(texts.ravel()).reshape(texts.shape), texts
    out.attributes[label] = {"title": titles}
    out.values["first_column"], out.values["first_row"] = days.astype(float), np.array(hours, float)
    return out


def is_evening(row: Sequence[str]) -> bool:
    """Whether a row names a day and hours that start again at 0, `Date 18h ... 05h`: no row of values."""
    words = [_HOUR.fullmatch(cell.strip()) for cell in row[1:]]
    if not row or not _DAY.fullmatch(row[0].strip("#% ")) or not all(words):
        return False
    hours = _continued([int(match[1]) for match in words if match])
    return hours is not None and hours[-1] >= _HOURS_OF_DAY


def _continued(hours: Sequence[int]) -> list[int] | None:
    """Hours of one day or night, past 24 where they start again; None where they are no such."""
    if len(hours) < _FEWEST_HOURS or max(hours) > _HOURS_OF_DAY:
        return None
    falls = [later for earlier, later in itertools.pairwise(hours) if later <= earlier]
    turn = len(hours) if not falls else hours.index(falls[0], 1)
    out = [*hours[:turn], *(hour + _HOURS_OF_DAY for hour in hours[turn:])]
    rising = all(later > earlier for earlier, later in itertools.pairwise(out))
    return out if len(falls) <= 1 and rising and out[-1] - out[0] < _HOURS_OF_DAY else None


# `Data  Sta  00  01 ... 23` above `19680101 MO155 023/  012EB`: a year of a station, a cell of fixed width an hour.
_HEADING = re.compile(r"^\W*(?:dat[ae]|day|дата)\b[^\d]*(?:\b00\b.*\b23\b)", re.IGNORECASE)
_ROW = re.compile(r"^\s*((?:19|20)\d\d)(\d\d)(\d\d)\s")
_UNIT = re.compile(r"0\.1\s*mhz|k?mhz|\bkm\b", re.IGNORECASE)


def load_rows_of_dates(lines: Sequence[str], file: str) -> Arrays | None:
    """Times and cells of a table of fixed width whose rows begin with a date; None where a text is no such.

    Raises
    ------
    ReadError
        If the cells do not stand below the hours, or two rows have one date.
    """
    at = next((number for number, line in enumerate(lines) if _HEADING.match(line)), None)
    rows = [line for line in lines[at or 0 :] if _ROW.match(line)] if at is not None else []
    if at is None or len(rows) < _FEWEST_DAYS:
        return None
    titles = "\n".join(line.strip() for line in lines[:at] if re.search(r"\w", line))
    label = quantity_in(titles) or quantity_in(file)
    if not label:
        return None
    starts = [match.start() for match in re.finditer(r"(?<!\d)\d\d(?!\d)", lines[at])]
    edges = _edges(starts, rows, file)
    dates = np.array(["-".join(match.groups()) for row in rows if (match := _ROW.match(row))])
    cells = [[row[low:high].strip() for low, high in itertools.pairwise(edges)] for row in rows]
    hours = np.char.add(" ", [f"{hour:02d}:00" for hour in range(len(starts))])
    # A stroke stands where no qualifying letter does: `023/`, `/C`.
    texts = np.char.strip(np.array(cells, dtype=str), "/")
    out = Arrays("text", {"time": np.char.add(dates[:, None], hours).ravel(), label: texts.ravel()})
    out.attributes_of_file = {"header": titles}
    unit = _UNIT.search(titles)
    out.attributes[label] = {"units": unit.group(0)} if unit else {}
    if twice := len(rows) - np.unique(dates).size:
        raise ReadError("rows of a table have the same dates", file=file, given=f"{twice} of {len(rows)}")
    return out


# A record a day of the Australian world data centre: station, URSI code of the quantity, yymmdd, and 24 cells QVVVD
# (qualifying letter, value, describing letter) in UT.
_RECORD = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(.{100,120})")
_BY_CODE = {"00": ("foF2", "0.1 MHz"), "04": ("hF2", "km"), "30": ("foEs", "0.1 MHz"), "32": ("fbEs", "0.1 MHz"),
            "34": ("hEs", "km")}  # fmt: skip
_CELL = 5
# Years of two digits: soundings are not older.
_FIRST_YEAR = 38


def load_records_of_days(lines: Sequence[str]) -> Arrays | None:
    """Times and cells of a year of hourly values, `385930850603E012B 045J`; None where a text is no such."""
    rows = [line.rstrip("\r\n") for line in lines if line.strip()]
    found = [_RECORD.fullmatch(row.ljust(112)) for row in rows]
    records = [match for match in found if match]
    if len(records) < _FEWEST_DAYS or len(records) < len(rows) or len({match.group(1, 2) for match in records}) > 1:
        return None
    label, unit = _BY_CODE.get(records[0][2], ("", ""))
    if not label:
        return None
    stamps, cells = list[str](), list[str]()
    for match in records:
        _, _, year, month, day, text = match.groups()
        century = 19 if int(year) >= _FIRST_YEAR else 20
        for hour in range(_HOURS_OF_DAY):
            cell = text[_CELL * hour : _CELL * (hour + 1)].ljust(_CELL)
            stamps.append(f"{century}{year}-{month}-{day} {hour:02d}:00")
            cells.append(f"{cell[1:4].strip()}{cell[0]}{cell[4]}".replace(" ", ""))
    out = Arrays("text", {"time": np.array(stamps), label: np.array(cells)})
    out.attributes = {"time": {"long_name": "time (UT), by the format"}, label: {"units": unit}}
    return out


def _edges(starts: Sequence[int], rows: Sequence[str], file: str) -> list[int]:
    """Where the cell of each hour begins, below its hour or a place before it, and where the last one ends.

    Raises
    ------
    ReadError
        If no such edges part the rows between their words.
    """
    steps = {later - earlier for earlier, later in itertools.pairwise(starts)}
    if len(starts) == _HOURS_OF_DAY and len(steps) == 1:
        step = steps.pop()
        for shift in (0, -1):
            edges = [start + shift for start in (*starts, starts[-1] + step)]
            if not any(row[edge - 1 : edge + 1].strip() == row[edge - 1 : edge + 1] for row in rows for edge in edges
                       if len(row) > edge):  # fmt: skip
                return edges
    raise ReadError("cells of a table do not stand below its hours", file=file, given=f"hours at {starts[:4]} ...")
