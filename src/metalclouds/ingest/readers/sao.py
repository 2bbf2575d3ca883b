"""SAO 4.x: records of scaled characteristics, fixed columns (Galkin et al., UMLCAR, SAO 4.3 format).

A record starts with 80 three-digit counts, in two lines of 120 characters; each group of data follows in order with
so many values. Element 80 is the version of the format. Group 1 geophysical constants, group 3 time stamp and
settings, group 4 the scaled characteristics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.place import Stated, at_its_station, of_degrees
from metalclouds.ingest.source import Member

_INDEX_LINES = 2
# Group -> width of a value and values a line; the groups behind the characteristics are not needed.
_LAYOUT = {1: (7, 16), 2: (120, 1), 3: (1, 120), 4: (8, 15)}
# 1-based places of characteristics in group 4.
_PLACES = {"foF2": 1, "foEs": 6, "hF2": 12, "hEs": 14, "range_spread": 17, "frequency_spread": 22, "fbEs": 48}
_MISSING = 9999.0


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Scaled characteristics of all records of all files, dim `time`; UT, MHz and km, NaN where 9999.000.

    Returns
    -------
    Dataset
        dim time.

    Raises
    ------
    ReadError
        If a record is cut short or its time stamp is not one.
    """
    rows = [row for member in members for row in records(member)]
    context.decisions.record("clock", "UT", "time stamp of SAO")
    context.decisions.record(
        "characteristics", ", ".join(f"{name}={place}" for name, place in _PLACES.items()), "fixed order of SAO 4"
    )
    times = np.array([row[0] for row in rows])
    context = at_its_station(context, _station(members[0]), needed=False)
    out = xr.Dataset(coords={"time": times}, attrs=context.site.attributes())
    for name, place in _PLACES.items():
        out[name] = ("time", np.array([row[1][place - 1] if len(row[1]) >= place else np.nan for row in rows]))
    return out


def records(member: Member) -> Iterator[tuple[np.datetime64, np.ndarray]]:
    """Time and characteristics of each record of a file.

    Yields
    ------
    datetime64
        time (UTC) and values (MHz or km), dims (characteristic,).

    Raises
    ------
    ReadError
        As `read`.
    """
    lines = [line.rstrip("\r\n") for line in member.text().split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise ReadError("the file is empty", file=member.full_name)
    position = 0
    while position < len(lines):
        if not lines[position].strip():
            position += 1
            continue
        stamp, values, position = _record(lines, position, member)
        yield stamp, values


def _record(lines: list[str], position: int, member: Member) -> tuple[np.datetime64, np.ndarray, int]:
    counts = _counts(lines, position, member)
    start, position = position, position + _INDEX_LINES
    stamp, values = None, np.array([])
    for group, (width, per_line) in _LAYOUT.items():
        height = -(-counts[group - 1] // per_line)
        block = lines[position : position + height]
        if len(block) < height:
            raise ReadError(
                "the record is cut short",
                file=member.full_name,
                where=f"group {group} of the record at line {start + 1}",
            )
        if group == 3 and block:
            stamp = _stamp(block[0], member, start)
        if group == 4 and block:
            values = _values(block, counts[3], width, member, start)
        position += height
    if stamp is None:
        raise ReadError("a record without time stamp", file=member.full_name, where=f"line {start + 1}")
    return stamp, values, _next_record(lines, position)


def _station(member: Member) -> Stated | None:
    """The station of the first record: its third and fourth geophysical constant, degrees north and east."""
    lines = [line.rstrip("\r\n") for line in member.text().split("\n") if line.strip()]
    count, width = _counts(lines, 0, member)[0], _LAYOUT[1][0]
    constants = [lines[_INDEX_LINES][i : i + width] for i in range(0, width * min(count, _LAYOUT[1][1]), width)]
    try:
        latitude, longitude = (float(text) for text in constants[2:4])
    except ValueError:
        return None
    return of_degrees(latitude, longitude, "geophysical constants of SAO")


def _next_record(lines: list[str], position: int) -> int:
    """Where the next index of 80 counts starts: the groups behind the characteristics are not needed."""
    while position < len(lines) and not _is_index(lines, position):
        position += 1
    return position


def _is_index(lines: list[str], position: int) -> bool:
    """An index: 240 characters of counts, whose last is the version 2 to 5 and whose third fits a time stamp."""
    pair = [line.ljust(120) for line in lines[position : position + _INDEX_LINES]]
    if len(pair) < 2 or len(pair[0]) > 121 or not all(set(line) <= set("0123456789 ") for line in pair):
        return False
    texts = [line[i : i + 3].strip() for line in pair for i in range(0, 120, 3)]
    numbers = [int(text) for text in texts if text.isdigit()]
    return len(numbers) == 80 and 1 <= numbers[79] <= 5 and 17 <= numbers[2] <= 120 and numbers[3] in range(40, 60)


def _counts(lines: list[str], position: int, member: Member) -> list[int]:
    text = "".join(line.ljust(120)[:120] for line in lines[position : position + _INDEX_LINES])
    fields = [text[start : start + 3].strip() or "0" for start in range(0, 240, 3)]
    if len(text) < 240 or not all(field.isdigit() for field in fields):
        raise ReadError(
            "not an SAO record",
            file=member.full_name,
            where=f"line {position + 1}",
            rule="80 counts of 3 digits",
            given=repr(lines[position][:60]),
        )
    return [int(field) for field in fields]


def _stamp(line: str, member: Member, start: int) -> np.datetime64:
    """Time stamp of group 3: two letters of version, year, day of year, month, day, hour, minute, second."""
    digits = line[2:19]
    try:
        year, month, day = int(digits[0:4]), int(digits[7:9]), int(digits[9:11])
        clock = np.timedelta64(int(digits[11:13]) * 3600 + int(digits[13:15]) * 60 + int(digits[15:17]), "s")
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "ns") + clock
    except ValueError as error:
        raise ReadError(
            "not a time stamp", file=member.full_name, where=f"record at line {start + 1}", given=line[:40]
        ) from error


def _values(block: list[str], count: int, width: int, member: Member, start: int) -> np.ndarray:
    # A blank field keeps its place: what follows it are other characteristics.
    fields = [line[i : i + width].strip() for line in block for i in range(0, len(line.rstrip()), width)]
    try:
        values = np.array([float(field) if field else np.nan for field in fields[:count]])
    except ValueError as error:
        raise ReadError(
            "a characteristic that is not a number",
            file=member.full_name,
            where=f"record at line {start + 1}",
            given=str(error),
        ) from error
    if values.size != count:
        raise ReadError(
            "characteristics are missing",
            file=member.full_name,
            where=f"record at line {start + 1}",
            rule=f"{count} values",
            given=values.size,
        )
    return np.where(values == _MISSING, np.nan, values)
