"""Files of the NASA Ames format (Gaines and Hipskind 1998): a header that counts its own lines, then numbers.

Read are the forms with one axis (FFI 1001, 1010) and those with two of numbers (2010, 2110, 2310): all values are
real, scaled by the header's factors, missing where the header's number for it stands. The independent variable that
runs through the file is named last; where it is a time its zero is 0 h on the header's date.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays

_ONE_AXIS, _TWO_AXES = ("1001", "1010"), ("2010", "2110", "2310")
_NOT_READ = ("1020", "2160", "3010", "4010")
_SHORTEST_HEADER, _LINE_OF_DATES = 14, 6
_UNIT = re.compile(r"[\[(]([^\])]*)[\])]\s*$")
_TIME = re.compile(r"(?<![a-z])(time|utc?|lt|seconds?|minutes?|hours?|days? (?:since|from))(?![a-z])")
_COUNTS = (("second", r"sec(ond)?s?"), ("minute", r"min(ute)?s?"), ("hour", r"h(ou)?rs?"), ("day", r"days?"))
# Profiles at other heights each are put on all heights together where those are no more than this many times as many.
_MOST_HEIGHTS = 2.0


@dataclass
class Variables:
    """Variables of one kind: their number is that of `names`; factors and numbers for missing in their order."""

    names: list[str] = field(default_factory=list)
    scales: list[float] = field(default_factory=list)
    missing: list[float] = field(default_factory=list)

    def values(self, stored: np.ndarray, number: int) -> np.ndarray:
        """What the numbers of a variable mean: NaN for missing, which is looked for before they are scaled.

        Parameters
        ----------
        stored
            as the file has them, of any dims.

        Returns
        -------
        ndarray
            dims of `stored`.
        """
        return np.where(stored == self.missing[number], np.nan, stored * self.scales[number])


@dataclass
class Header:
    """What stands above the numbers: form, date as YYYY-MM-DD, steps and names of the axes, heights where given."""

    form: str
    date: str
    steps: list[float]
    axes: list[str]
    heights: np.ndarray | None
    main: Variables
    extra: Variables


def is_nasa_ames(lines: Sequence[str]) -> bool:
    """Whether a text begins as a file of this format: its number of lines and its form, and on line 7 two dates."""
    first = lines[0].split() if lines else []
    known = len(first) == 2 and first[1] in (*_ONE_AXIS, *_TWO_AXES, *_NOT_READ) and first[0].isdigit()
    if not known or not _SHORTEST_HEADER <= int(first[0]) < len(lines):
        return False
    dates = re.split(r"[\s,]+", lines[_LINE_OF_DATES].strip())
    return len(dates) == 6 and all(word.isdigit() for word in dates)


def load_nasa_ames(lines: Sequence[str], file: str) -> Arrays:
    """Arrays of a file: the axes, the variables, and those that have one value a profile.

    Raises
    ------
    ReadError
        If the form is not read, the header is not as long as it says, or the numbers end within a record.
    """
    length, form = lines[0].split()
    if form in _NOT_READ:
        raise ReadError(
            f"NASA Ames, form {form}, is not read",
            file=file,
            rule=f"FFI {', '.join((*_ONE_AXIS, *_TWO_AXES))}",
            remedy="write it in one of these, or as netCDF",
        )
    try:
        header = _header(_Lines(lines), form)
        numbers = np.array(" ".join(lines[int(length) :]).replace(",", " ").split(), dtype=float)
    except (ValueError, IndexError) as error:
        raise ReadError("not as NASA Ames has it", file=file, rule=f"FFI {form}", given=str(error)) from error
    try:
        table = _rows(numbers, header) if form in _ONE_AXIS else _profiles(numbers, header)
    except (ValueError, IndexError) as error:
        raise ReadError(
            "the numbers end within a record", file=file, rule=f"NASA Ames, FFI {form}", given=str(error)
        ) from error
    return _as_arrays(table, header, "\n".join(lines[: int(length)]))


class _Lines:
    """The header's lines one after the other."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines, self.place = lines, 1
        self.length = int(lines[0].split()[0])

    def text(self) -> str:
        self.place += 1
        return self.lines[self.place - 1].strip()

    def texts(self, count: int) -> list[str]:
        return [self.text() for _ in range(count)]

    def numbers(self, count: int) -> list[float]:
        """So many numbers, on as many lines as they need."""
        found: list[float] = []
        while len(found) < count:
            found += [float(word) for word in re.split(r"[\s,]+", self.text()) if word]
        if len(found) != count:
            raise ValueError(f"line {self.place}: {len(found)} numbers in place of {count}")
        return found

    def count(self) -> int:
        (number,) = self.numbers(1)
        return int(number)

    def variables(self) -> Variables:
        count = self.count()
        if not count:
            return Variables()
        scales, missing = self.numbers(count), self.numbers(count)
        return Variables(self.texts(count), scales, missing)


def _header(lines: _Lines, form: str) -> Header:
    lines.texts(_LINE_OF_DATES - 1)
    year, month, day = (int(word) for word in re.split(r"[\s,]+", lines.text())[:3])
    steps = [float(word) for word in re.split(r"[\s,]+", lines.text()) if word]
    heights = None
    if form == "2010":
        count, given = lines.count(), lines.count()
        first = np.array(lines.numbers(given))
        if given not in (1, count) or (given == 1 and count > 1 and not steps[0]):
            raise ValueError(f"{given} of {count} values of the first axis, step {steps[0]:g}")
        heights = first if given == count else first[0] + steps[0] * np.arange(count)
    axes = lines.texts(1 if form in _ONE_AXIS else 2)
    main = lines.variables()
    extra = lines.variables() if form != "1001" else Variables()
    for _ in range(2):
        lines.texts(lines.count())
    if lines.place != lines.length:
        raise ValueError(f"the header says {lines.length} lines, and has {lines.place}")
    return Header(form, f"{year:04d}-{month:02d}-{day:02d}", steps, axes, heights, main, extra)


@dataclass
class _Table:
    """The running axis, heights where there are two axes, and numbers as stored: (time,) or (time, height)."""

    running: np.ndarray
    heights: np.ndarray | None
    main: list[np.ndarray]
    extra: list[np.ndarray]


def _rows(numbers: np.ndarray, header: Header) -> _Table:
    count, more = len(header.main.names), len(header.extra.names)
    rows = numbers.reshape(-1, 1 + more + count)
    return _Table(rows[:, 0], None, list(rows[:, 1 + more :].T), list(rows[:, 1 : 1 + more].T))


def _profiles(numbers: np.ndarray, header: Header) -> _Table:
    """Records of a profile each: its place on the running axis, what it has one value of, its heights and values."""
    count, more, place = len(header.main.names), len(header.extra.names), 0
    running, extra, heights, main = [], [], [], []
    while place < numbers.size:
        running.append(numbers[place])
        extra.append(_take(numbers, place + 1, more))
        place += 1 + more
        size = header.heights.size if header.heights is not None else int(extra[-1][0])
        if header.form == "2110":
            block = _take(numbers, place, size * (1 + count)).reshape(size, 1 + count)
            heights.append(block[:, 0])
            main.append(block[:, 1:].T)
            place += block.size
            continue
        block = _take(numbers, place, size * count).reshape(count, size)
        own = extra[-1][1] + extra[-1][2] * np.arange(size) if header.heights is None else header.heights
        heights.append(own)
        main.append(block)
        place += block.size
    common = np.unique(np.concatenate(heights))
    if common.size > _MOST_HEIGHTS * max(own.size for own in heights):
        raise ValueError(f"profiles at {common.size} different heights")
    if header.heights is not None or all(np.array_equal(own, heights[0]) for own in heights):
        common = heights[0]
    out = [np.full((len(running), common.size), header.main.missing[number]) for number in range(count)]
    order = np.argsort(common)
    for row, (own, block) in enumerate(zip(heights, main, strict=True)):
        places = order[np.searchsorted(common, own, sorter=order)]
        for number in range(count):
            out[number][row, places] = block[number]
    return _Table(np.array(running), common, out, list(np.array(extra).reshape(len(running), more).T))


def _take(numbers: np.ndarray, start: int, count: int) -> np.ndarray:
    if start + count > numbers.size:
        raise ValueError(f"{numbers.size - start} numbers in place of {count}")
    return numbers[start : start + count]


def _as_arrays(table: _Table, header: Header, text: str) -> Arrays:
    out = Arrays("text", {}, attributes_of_file={"header": text, "date": header.date, "format": "NASA Ames"})
    running = _keep(out, header.axes[-1], table.running)
    said = header.axes[-1].lower()
    if _TIME.search(said):
        # `Time in UT Seconds from 0000 hours on the data date`: a count, and what it counts from.
        unit = next((name for name, word in _COUNTS if re.search(rf"(?<![a-z]){word}(?![a-z])", said)), "")
        out.values["time"] = out.values.pop(running)
        out.attributes["time"] = {"long_name": header.axes[-1]} | (
            {"units": f"{unit}s since {header.date} 00:00:00"} if unit else {}
        )
        running = "time"
    dims: tuple[str, ...] = (running,)
    if table.heights is not None:
        height = _keep(out, header.axes[0], table.heights)
        out.dims[height], dims = (height,), (running, height)
    out.dims[running] = (running,)
    for number, name in enumerate(header.main.names):
        out.dims[_keep(out, name, header.main.values(table.main[number], number))] = dims
    # The first of these count and place the heights, which are axes now.
    for number in range({"2110": 1, "2310": 3}.get(header.form, 0), len(header.extra.names)):
        values = header.extra.values(table.extra[number], number)
        out.dims[_keep(out, header.extra.names[number], values)] = (running,)
    return out


def _keep(out: Arrays, said: str, values: np.ndarray) -> str:
    """Put values under their name, the unit in brackets at its end apart."""
    unit = _UNIT.search(said)
    label = re.sub(r"\.", "", said[: unit.start()] if unit else said).strip() or "unnamed"
    name, number = label, 1
    while name in out.values:
        number += 1
        name = f"{label}_{number}"
    out.values[name] = values
    out.attributes[name] = {"long_name": said} | ({"units": unit.group(1).strip()} if unit else {})
    return name
