"""Text in which profiles, or maps of nights, stand below one another, each below a line with its time or its date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.containers import cells

_FEWEST_BLOCKS, _FEWEST_ROWS, _WIDEST_PROFILE = 2, 8, 8
_DATE = r"(?P<date>(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?|(?<!\d)(?:19|20)\d{6}(?!\d))"
_CLOCK = r"(?P<clock>(?<!\d)\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)"
_NUMBERS = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[\s,]+(?P<m>\d{1,2})[\s,]+(?P<d>\d{1,2})[\s,]+(?P<H>\d{1,2})[\s,]+(?P<M>\d{1,2})"
    r"(?:[\s,]+(?P<S>\d{1,2}(?:\.\d+)?))?(?!\d)"
)
_BOTH = re.compile(rf"{_DATE}[T\s,_]*{_CLOCK}")
_CLOCK_ALONE, _DATE_ALONE = re.compile(_CLOCK), re.compile(_DATE)


@dataclass(frozen=True)
class Block:
    """Lines above the rows of one block, its rows, and the time or date that its lines give, as text."""

    above: list[str]
    rows: list[list[str]]
    moment: str


def profiles_in(blocks: list[Block]) -> list[Block]:
    """Blocks of a profile each: some columns, of which the first is the same axis in all; empty for other texts."""
    if not blocks or len(blocks[0].rows[0]) > _WIDEST_PROFILE or not all(one.moment for one in blocks):
        return []
    if len({one.moment for one in blocks}) < len(blocks) or any(_DATE_ALONE.fullmatch(one.moment) for one in blocks):
        return []
    axes = [cells.numbers_of(np.array([row[0] for row in one.rows])) for one in blocks]
    alike = all(axis[0] == axes[0][0] and bool(np.all(np.diff(axis) * (axis[1] - axis[0]) > 0)) for axis in axes)
    return blocks if alike else []


def maps_in(blocks: list[Block]) -> list[Block]:
    """Blocks of a night each: wide ones below a date without a clock; empty for other texts."""
    if not blocks or len(blocks[0].rows[0]) <= _WIDEST_PROFILE:
        return []
    dates = [_DATE_ALONE.fullmatch(one.moment) for one in blocks]
    return blocks if all(dates) and len({one.moment for one in blocks}) == len(blocks) else []


def blocks_in(lines: Sequence[str]) -> list[Block]:
    """Runs of rows of one width, each below lines that are none; all of the same width, and of several rows."""
    if not _may_have_blocks(lines):
        return []
    full = [line for line in lines if line.strip()]
    split = [[] if cells.is_remark(line) else re.split(r"[\s,;]+", line.strip().strip(",;")) for line in full]
    width = len(split[-1]) if split else 0
    inside = np.array([len(row) == width > 1 and _is_row(row) for row in split], dtype=int)
    starts = np.flatnonzero(np.diff(np.r_[0, inside]) == 1)
    ends = np.flatnonzero(np.diff(np.r_[inside, 0]) == -1) + 1
    if starts.size < _FEWEST_BLOCKS or (ends - starts).min() < _FEWEST_ROWS:
        return []
    out, last = [], 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        above = full[last:start]
        corner = re.split(r"[\s,;]+", above[-1].strip("#%! ")) if above else []
        # A row whose corner names the axes, `km\\UT 13.0 13.1`, is one of the values.
        named = width > _WIDEST_PROFILE and len(corner) == width and all(map(cells.is_number, corner[1:]))
        out.append(
            Block(above, [*([corner] if named else []), *split[start:end]], _moment(above[:-1] if named else above))
        )
        last = end
    return out


def _may_have_blocks(lines: Sequence[str]) -> bool:
    """Whether a line with a time, above the first rows, stands again further down with other digits."""
    for number, line in enumerate(lines[:_LONGEST_HEADER]):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        # A row of a table with times has as many cells as the one below it.
        if not _moment([line]) or len(line.split()) == len(below.split()):
            continue
        shape = re.sub(r"\d+", "#", line)
        near = (other for other in lines[number + _FEWEST_ROWS :] if abs(len(other) - len(line)) <= _DIGITS_MORE)
        if any(re.sub(r"\d+", "#", other) == shape for other in near):
            return True
    return False


# A header is not longer; and a time has no more digits than another and that many.
_LONGEST_HEADER, _DIGITS_MORE = 40, 4


def _is_row(row: Sequence[str]) -> bool:
    return cells.is_number(row[0]) and all(cells.is_number(cell) or cells.is_missing(cell) for cell in row[1:])


def _moment(above: Sequence[str]) -> str:
    """The time of a block, the nearest line first: date and clock, numbers of a calendar, a clock, a date, or ""."""
    for line in reversed(above):
        if both := _BOTH.search(line):
            return f"{both['date']} {both['clock']}"
        if parts := _NUMBERS.search(line):
            y, m, d, hour, minute = (int(parts[key]) for key in ("y", "m", "d", "H", "M"))
            return f"{y:04d}-{m:02d}-{d:02d} {hour:02d}:{minute:02d}:{float(parts['S'] or 0):06.3f}"
        if clock := _CLOCK_ALONE.search(line):
            return clock["clock"]
        if date := _DATE_ALONE.search(line):
            return date["date"]
    return ""
