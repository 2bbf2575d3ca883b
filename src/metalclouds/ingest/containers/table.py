"""Columns of text, CSV and spreadsheets as named arrays."""

from __future__ import annotations

import csv
import io
import itertools
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import cells
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.blocks import Block, blocks_in, maps_in, profiles_in
from metalclouds.ingest.containers.bulletin import load_bulletin
from metalclouds.ingest.containers.days_and_hours import is_evening, load_records_of_days, load_rows_of_dates
from metalclouds.ingest.containers.nasa_ames import is_nasa_ames, load_nasa_ames
from metalclouds.ingest.containers.units import is_unit
from metalclouds.ingest.source import Member

COMMENTS = cells.COMMENTS
_COMMENT_INSIDE = re.compile(r"\n[ \t]*(?:#|%|//|!)")
_NAN = ("NaN", "nan", "NAN")
# A table with more columns than this and no names is a matrix.
_WIDEST_UNNAMED_TABLE = 40
_LINES_LOOKED_AT = 200
_LINES_COUNTED = 20
LONGEST_FOOTER = 5


@dataclass(frozen=True)
class Head:
    """Where the values of a table start, and what stands above them."""

    start: int
    width: int
    names: list[str] | None
    units: list[str] | None


def separator_of(lines: Sequence[str]) -> str:
    """Semicolon, tab, bar or comma, whichever stands as often in most lines and parts them into values; where none
    does, white space.
    """
    last = lines[-_LINES_COUNTED:]
    for separator in (";", "\t", "|", ","):
        counts = [line.count(separator) for line in last]
        usual = max(set(counts), key=counts.count) if counts else 0
        alike = [line for line, count in zip(last, counts, strict=True) if count == usual]
        if usual and 2 * len(alike) >= len(last) and cells.is_row_of_values(split(alike[-1], separator)):
            return separator
    return r"\s+"


def split(line: str, separator: str) -> list[str]:
    """Tokens of a line; quoted ones may hold the separator."""
    if separator == r"\s+":
        tokens = line.split()
    elif '"' in line:
        tokens = next(csv.reader([line.strip("\r\n")], delimiter=separator, skipinitialspace=True))
    else:
        tokens = line.strip("\r\n").split(separator)
    return [token.strip().strip('"') for token in tokens]


is_comment = cells.is_remark


def find_head(rows: Sequence[list[str]]) -> Head | None:
    """The first row of values, the names above it, and the units between them.

    Parameters
    ----------
    rows
        cells of the first rows; an empty list for a blank line or a remark.
    """
    filled = [(number, row) for number, row in enumerate(rows) if row]
    for place, (number, row) in enumerate(filled):
        after, later = ([row for _, row in filled[place + more : place + more + 1]] for more in (1, 2))
        fits = not after or (
            (len(after[0]) == len(row) or (len(after[0]) == len(row) + 1 and _is_wider_block(after + later)))
            and cells.is_row_of_values(after[0])
        )
        if cells.is_row_of_values(row) and fits and not is_evening(row):
            return Head(number, len(row), None, None)
    return None


def _is_wider_block(rows: Sequence[list[str]]) -> bool:
    """Whether the rows below one that is a value shorter are of one width: an axis stands above a matrix."""
    return len({len(row) for row in rows}) == 1


def with_names(head: Head, above: Sequence[list[str]], parted: bool = False) -> Head:
    """Names and units from the rows above the values: the last of as many words as there are columns.

    `parted`: whether a time in one column's place stands as a date and a clock, so that there is a name less.

    A row of units (and blanks) below a row of names is one of units.
    """
    candidates = [row for row in above if _can_be_names(row, head.width)]
    if not candidates:
        return head
    names, units = candidates[-1], None
    if parted and len(names) < head.width:
        # `time` above a date and a clock: every name behind it would be that of the column to its left.
        names = ["date", *names]
    if len(candidates) > 1 and all(not cell or is_unit(cell) for cell in names):
        # Without a cell above the times, the units are those of the columns behind them.
        names, units = candidates[-2], ["", *names][-head.width :]
    filled = [name or f"column_{number + 1}" for number, name in enumerate([*names, ""][: head.width])]
    return Head(head.start, head.width, filled, units)


def _can_be_names(row: Sequence[str], width: int) -> bool:
    """As many words as columns, or one less where rows of values end with the separator; a lone one is a title."""
    named = not any(cells.is_datum(cell) for cell in row if cell) or is_evening(row)
    filled = sum(bool(cell) for cell in row)
    return len(row) in (width, width - 1) and filled > (1 if width > _MOST_WITH_ONE_NAME else 0) and named


# A table of no more columns may have a name for one of them only.
_MOST_WITH_ONE_NAME = 3


_OF_OCTAVE = re.compile(r"[#%]\s*Created by Octave")
# Two characteristics of a year, each in two blocks a month, are shorter.
_LONGEST_BULLETIN = 3000


# So many lines below the first row of a table are looked through for remarks.
_REMARKS_BELOW = 5


def load_text(member: Member) -> Arrays:
    """Columns of a text file by the names in its header, or a matrix `data` where it has no names.

    Raises
    ------
    ReadError
        If no block of numbers is found, or a line has another number of columns.
    """
    text = member.text()
    lines = text.splitlines()
    if lines and _OF_OCTAVE.match(lines[0]):
        raise ReadError(
            "a text file of Octave; write it with save -v7, or as a table", file=member.full_name, given=lines[0]
        )
    if (known := _of_known_form(lines, member.name)) is not None:
        return known
    blocks = blocks_in(lines)
    if profiles := profiles_in(blocks):
        return _of_profiles(profiles)
    if maps := maps_in(blocks):
        return _of_maps(maps)
    opening = lines[:_LINES_LOOKED_AT]
    full = [line for line in opening if line.strip() and not is_comment(line)]
    separator = separator_of(full)
    head = find_head([[] if not line.strip() or is_comment(line) else split(line, separator) for line in opening])
    if head is None:
        raise ReadError("no rows of numbers found", file=member.full_name, given=repr("\n".join(opening[:3])[:200]))
    start, width = head.start, head.width
    axis = _axis_in_remark(opening[:start], width)
    if axis is not None:
        lines, start = [*lines[:start], axis.replace(" ", _glue(separator)), *lines[start:]], start
        text = "\n".join(lines)
    if axis is None and _corner_is_missing(opening[start:], separator, width):
        lines, width = _with_corner(lines, start, separator), width + 1
        text = "\n".join(lines)
    first = split(lines[start], separator)
    parted = separator == r"\s+" and len(first) > 1 and cells.is_date(first[0]) and cells.is_clock(first[1])
    head = with_names(Head(start, width, None, None), _above(opening[:start], separator, width), parted)
    _refuse_shifted(head, first, separator, member.name)
    body, footer = _body(text, lines, start, separator)
    table = _parse(member, body, separator, width)
    # A row of altitudes may stand above the remarks.
    remarks = [line for line in opening[start : start + _REMARKS_BELOW] if is_comment(line)]
    more = {"header": "\n".join([*opening[:start], *remarks])} | ({"footer": footer} if footer else {})
    return _as_arrays("text", table, head, more, member.name)


def _of_known_form(lines: Sequence[str], file: str) -> Arrays | None:
    """A text of a form that has its own rules: NASA Ames, yearly tables of data centres, bulletins; else None."""
    if is_nasa_ames(lines):
        return load_nasa_ames(lines, file)
    found = load_rows_of_dates(lines, file) or load_records_of_days(lines)
    return found or (load_bulletin(lines, file) if len(lines) < _LONGEST_BULLETIN else None)


def _of_profiles(blocks: Sequence[Block]) -> Arrays:
    """Rows of (time, height, value ...), the time of each that of its block, as text."""
    width, above = len(blocks[0].rows[0]), blocks[0].above
    names = with_names(Head(0, width, None, None), _above(above, r"\s+", width))
    labels = unique_names(names.names or [f"column_{number + 1}" for number in range(width)])
    rows = pd.DataFrame([row for block in blocks for row in block.rows])
    times = np.repeat([block.moment for block in blocks], [len(block.rows) for block in blocks])
    out = Arrays("text", {"time": times.astype(str)}, attributes_of_file={"header": "\n".join(above)})
    out.attributes["time"] = {"long_name": " ".join(dict.fromkeys(re.findall(r"[^\W\d_]+", " ".join(above))))}
    for number, label in enumerate(labels):
        keep_column(label if label != "time" else "time_of_row", rows.iloc[:, number], out)
    for label, unit in zip(labels, names.units or [], strict=False):
        if unit:
            out.attributes[label] = {"units": unit.strip("()[]")}
    return out


def _of_maps(blocks: Sequence[Block]) -> Arrays:
    """A matrix a night, with its margins, named by its date."""
    header = "\n".join(line for block in blocks for line in block.above)
    out = Arrays("text", {}, attributes_of_file={"header": header})
    for block in blocks:
        day = re.sub(r"\D+", "-", block.moment).strip("-")
        one = with_margins("text", "data", pd.DataFrame(block.rows), {})
        for name, values in one.values.items():
            label = f"{day}.{name}"
            out.values[label], out.attributes[label] = values, one.attributes.get(name, {})
            if name in one.cells:
                out.cells[label] = one.cells[name]
    return out


def _refuse_shifted(head: Head, first: Sequence[str], separator: str, file: str) -> None:
    """Stop where one name is missing above columns parted by white space: nothing says which.

    Raises
    ------
    ReadError
        With the names.
    """
    if separator == r"\s+" and head.names and head.names[-1] == f"column_{head.width}" and head.units is None:
        raise ReadError(
            "there is a name less than there are columns, and nothing says which column has none",
            file=file,
            given=f"{' '.join(head.names[:-1])} above {' '.join(first)}",
        )


def _above(lines: Sequence[str], separator: str, width: int) -> list[list[str]]:
    """Rows above the values, each split as it fits the number of columns; remarks without their sign."""
    out = []
    for line in lines:
        # A separator at the start stands before an empty cell, and a tab is one.
        text = re.sub(r"^ *(#|%|//|!)+", "", line.rstrip("\r\n")).strip(" ")
        fitting = [row for row in _splits(text, separator) if _can_be_names(row, width)]
        out += fitting[:1]
    return out


# `Columns: year doy UT(h)`, and a remark on all columns behind their names: `zonal  err   (m/s, +E, +N)`.
_LIST_OF_COLUMNS = re.compile(r"(?:^|.*[.;])\s*(?:columns?|fields?|列)\s*[:=：]\s*", re.IGNORECASE)
_REMARK = re.compile(r"\s{2,}\([^()]*\)\s*$")
_WIDE_GAP = re.compile(r"\s{2,}|\t")


def _splits(text: str, separator: str) -> Iterator[list[str]]:
    """Ways to part a line into names: by the separator of the values, by white space, by commas, by wide gaps; then
    with what stands in brackets kept together.
    """
    if not text:
        return
    yield from (split(text, candidate) for candidate in (separator, r"\s+", ","))
    plain = _REMARK.sub("", _LIST_OF_COLUMNS.sub("", text))
    joined = re.sub(r"\([^()]*\)", lambda match: re.sub(r"\s+", "_", match.group()), plain)
    yield from (split(one, candidate) for one in (plain, joined) for candidate in (separator, r"\s+", ","))
    yield [name.strip() for name in _WIDE_GAP.split(plain)]
    yield from (tail.split() for tail in re.split(r"[;:]\s+", plain)[1:] if ";" not in tail)


def _body(text: str, lines: list[str], start: int, separator: str) -> tuple[str, str]:
    """The rows of values as text without remarks, and what stands below them."""
    end = len(lines)
    while end > start and end > len(lines) - LONGEST_FOOTER and _is_footer(lines[end - 1], separator):
        end -= 1
    footer = "\n".join(line for line in lines[end:] if line.strip())
    kept = lines[start:end]
    if _COMMENT_INSIDE.search(text, sum(len(line) + 1 for line in lines[: start + 1]) - 1):
        kept = [line for line in kept if not is_comment(line)]
    return "\n".join(kept), footer


def _is_footer(line: str, separator: str) -> bool:
    return not line.strip() or is_comment(line) or not any(cells.is_datum(cell) for cell in split(line, separator))


def _corner_is_missing(lines: Sequence[str], separator: str, width: int) -> bool:
    """Whether the first row has one value less than all others: an axis above a matrix, with another to its left."""
    widths = [len(split(line, separator)) for line in lines[1:20] if line.strip() and not is_comment(line)]
    return width > 2 and bool(widths) and set(widths) == {width + 1}


def _with_corner(lines: list[str], start: int, separator: str) -> list[str]:
    return [*lines[:start], f"nan{_glue(separator)}{lines[start].lstrip()}", *lines[start + 1 :]]


def _glue(separator: str) -> str:
    return " " if separator == r"\s+" else separator


def _axis_in_remark(above: Sequence[str], width: int) -> str | None:
    """The row of an axis that stands in a remark above a matrix, `# UT/h \\ km 80.0 80.5`, its corner as `nan`.

    All but one of the columns have a number, which rise or fall evenly.
    """
    for line in filter(is_comment, above if width > _FEWEST_OF_A_MATRIX else ()):
        tokens = re.split(r"[,;\s]+", line.strip())
        numbers = [token for token in tokens if cells.is_number(token)]
        if len(numbers) == width - 1 and numbers == tokens[-len(numbers) :]:
            steps = np.diff(np.array(numbers, dtype=float))
            if steps[0] and np.ptp(steps) <= _EVEN * abs(float(np.median(steps))):
                return " ".join(["nan", *numbers])
    return None


# A list of columns is not so wide.
_FEWEST_OF_A_MATRIX = 8
_EVEN = 0.01


def _parse(member: Member, body: str, separator: str, width: int) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            # Rows longer than the first would lose their end with a warning only.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(body),
                sep=separator,
                header=None,
                names=range(width),
                index_col=False,
                na_values=list(_NAN),
                keep_default_na=False,
                skipinitialspace=True,
                engine="c",
                low_memory=False,
                on_bad_lines="error",
            )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning, OverflowError) as error:
        raise ReadError("rows of unequal length or not a table", file=member.full_name, given=str(error)) from error


def _as_arrays(kind: str, table: pd.DataFrame, head: Head, more: dict[str, str], file: str = "") -> Arrays:
    month = _month_of(kind, table, more, file) if head.names is None else None
    if month is not None:
        return month
    if head.names is None and (table.shape[1] > _WIDEST_UNNAMED_TABLE or _has_altitudes_in_margin(table)):
        return with_margins(kind, "data", table, more)
    if (
        head.names is not None
        and len(head.names) > 1
        and all(_WITH_UNIT.match(name.strip()) for name in head.names[1:])
    ):
        whole = pd.concat([pd.DataFrame([head.names], columns=table.columns), table.astype(object)])
        return with_margins(kind, "data", whole, {**more, "unit_in_names": _in_brackets(head.names[1])})
    out = Arrays(kind, {}, attributes_of_file=more)
    labels = unique_names(head.names or [f"column_{number + 1}" for number in range(table.shape[1])])
    for number, label in enumerate(labels):
        keep_column(label, table.iloc[:, number], out)
    for label, unit in zip(labels, head.units or [], strict=False):
        if unit:
            out.attributes[label] = {"units": unit.strip("()[]")}
    return out


def _has_altitudes_in_margin(table: pd.DataFrame) -> bool:
    """Whether the first row, or the first column below a row that rises, is one of altitudes."""
    if table.shape[1] <= _FEWEST_OF_A_MATRIX or table.shape[0] <= _FEWEST_OF_A_MATRIX:
        return False
    across, down = (line.astype(str).str.strip().to_numpy(str) for line in (table.iloc[0, 1:], table.iloc[1:, 0]))
    values, _ = _margin(across)
    rises = values.dtype.kind == "f" and bool((np.diff(values) > 0).all())
    return rises and (_like_altitudes(across) or _like_altitudes(down))


def _in_brackets(name: str) -> str:
    match = re.search(r"[\[(]([^\])]*)[\])]", name)
    return match.group(1) if match else ""


_DAY = re.compile(r"days?|date|dom|tag|jour|日期?", re.IGNORECASE)
# Hours across a table of a month: 00, 0, 00h, 00:00, 0.0.
_HOUR = re.compile(r"(\d{1,2})(?:\s*h|:00|\.0)?", re.IGNORECASE)
# What a table of a month may hold.
_QUANTITY = re.compile(r"f[ob]?_?(?:Es|F2)|h'?_?(?:Es|F2)", re.IGNORECASE)


def _month_of(kind: str, table: pd.DataFrame, more: dict[str, str], file: str) -> Arrays | None:
    """A matrix below a word for the day and hours from left to right; None where the first row is no such."""
    row = [str(cell).strip() for cell in table.iloc[0].to_numpy(object)]
    hours = [_HOUR.fullmatch(cell) for cell in row[1:]]
    if not _DAY.fullmatch(row[0]) or len(hours) < _FEWEST_HOURS or not all(hours):
        return None
    numbers = [match.group(1) for match in hours if match]
    rising = all(int(later) > int(earlier) for earlier, later in itertools.pairwise(numbers))
    if not rising or int(numbers[-1]) > _LAST_HOUR:
        return None
    head = pd.DataFrame([[row[0], *numbers]], columns=table.columns)
    title = more.get("header", "")
    found = _QUANTITY.search(title) or _QUANTITY.search(file)
    name = found.group(0) if found else "data"
    out = with_margins(kind, name, pd.concat([head, table.iloc[1:].astype(object)], ignore_index=True), more)
    out.attributes.setdefault(name, {})["title"] = title
    return out


_FEWEST_HOURS, _LAST_HOUR = 8, 24


def with_margins(kind: str, name: str, table: pd.DataFrame, more: dict[str, str]) -> Arrays:
    """A matrix without names; where its first row and column are times, numbers with units, or meet in a corner that
    names them, they are arrays.

    Other numbers in the margins stay in the matrix: whether they are axes, their values tell.

    Parameters
    ----------
    table
        the cells as they are, without a header.
    """
    texts = table.astype(object).where(table.notna(), "").astype(str)
    texts = texts.map(lambda cell: str(cell).strip())
    across, down = texts.iloc[0, 1:].to_numpy(str), texts.iloc[1:, 0].to_numpy(str)
    corner = texts.iloc[0, 0]
    if not _are_axes(corner, across, down):
        matrix = _numbers(table)
        return Arrays(kind, {name: matrix}, attributes_of_file=more)
    out = Arrays(kind, {name: _inner(table)}, attributes_of_file=more)
    if np.isnan(out.values[name]).any():
        out.cells[name] = texts.iloc[1:, 1:].to_numpy(str)
    below, beside = _said_in_corner(corner, across, down)
    for where, margin, said in (("row", across, beside), ("column", down, below)):
        values, unit = _margin(margin)
        label = _name_of_margin(where, margin, said)
        out.values[label] = values
        out.attributes[label] = {"long_name": said or corner} | ({"units": unit} if unit else {})
    return out


def _inner(table: pd.DataFrame) -> np.ndarray:
    return _numbers(table.iloc[1:, 1:])


def _numbers(table: pd.DataFrame) -> np.ndarray:
    """Cells as floats; where some have a comma all are looked at together, for it means one thing in a table."""
    out = table.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    lost = np.isnan(out)
    if lost.any():
        words = table.astype(object).where(table.notna(), "").to_numpy(str)
        if np.char.find(words[lost], ",").max(initial=-1) >= 0:
            return cells.numbers_of(words)
    return out


def _are_axes(corner: str, across: np.ndarray, down: np.ndarray) -> bool:
    """Whether the first row and column of a matrix are known to be its axes."""
    if not across.size or not down.size:
        return False
    timed = any(cells.is_time(margin[0]) for margin in (across, down))
    with_unit = all(_WITH_UNIT.match(text) for text in across) or all(_WITH_UNIT.match(text) for text in down)
    named = bool(corner) and not cells.is_datum(corner) and not cells.is_missing(corner)
    return timed or with_unit or (named and all(_margin(margin)[0].dtype.kind == "f" for margin in (across, down)))


def _said_in_corner(corner: str, across: np.ndarray, down: np.ndarray) -> tuple[str, str]:
    """What a corner calls the column below it and the row beside it: `UT \\ km`.

    A name of times alone is that of the column, unless the column, and not the row, has the values of altitudes, or
    the row, and not the column, numbers beyond any altitude: seconds since 1970, days since the year 0.
    """
    parts = re.split(r"\s*[\\|]\s*", corner, maxsplit=1)
    if len(parts) == 2:
        return parts[0], parts[1]
    is_of_row = (_like_altitudes(down) and not _like_altitudes(across)) or (
        _is_beyond(across) and not _is_beyond(down)
    )
    return ("", corner) if is_of_row and _TIME_IN_CORNER.search(corner.lower()) else (corner, "")


def _is_beyond(margin: np.ndarray) -> bool:
    """Whether numbers are larger than any altitude in metres."""
    values, _ = _margin(margin)
    return values.dtype.kind == "f" and bool(np.nanmin(values) > _HIGHEST_M)


# A lidar of metals looks no higher.
_HIGHEST_M = 5e5


def _like_altitudes(texts: np.ndarray) -> bool:
    """Whether a margin has even steps up to where a lidar sees, in km or m."""
    values, _ = _margin(texts)
    if values.dtype.kind != "f" or values.size < _FEWEST_OF_A_MATRIX:
        return False
    steps, top = np.diff(values), float(np.abs(values).max())
    even = float(np.ptp(steps)) <= _EVEN * abs(float(np.median(steps)))
    return even and any(low <= top <= high for low, high in _TOPS)


# Highest altitude of a lidar in km and in m.
_TOPS = ((60.0, 2500.0), (6e4, 2.5e6))
# 80 km, 120000 m.
_WITH_UNIT = re.compile(r"^([+-]?\d+(?:\.\d+)?)\s*(km|m)(?:\s*[\[(][^\])]*[\])])?$")
_TIME_IN_CORNER = re.compile(
    r"(?<![a-z])(times?|utc?|lt|bjt|gmt|hours?|hh:?mm(:?ss)?|datenum)(?![a-z])|时间|时刻|北京时|世界时"
)


def _name_of_margin(where: str, texts: np.ndarray, said: str) -> str:
    timed = cells.is_time(texts[0]) or bool(_TIME_IN_CORNER.search(said.lower()))
    return f"time_in_first_{where}" if timed else f"first_{where}"


def _margin(texts: np.ndarray) -> tuple[np.ndarray, str]:
    """Values of a margin, and their unit where it stands behind each of them."""
    found = [_WITH_UNIT.match(text) for text in texts]
    units = {match[2] for match in found if match}
    if all(found) and len(units) == 1:
        return np.array([float(match[1]) for match in found if match]), units.pop()
    numbers = cells.numbers_of(texts)
    return (numbers, "") if np.isfinite(numbers).all() else (texts, "")


def unique_names(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def keep_column(name: str, series: pd.Series, out: Arrays) -> None:
    """A column as numbers, times or text; where words stand among its numbers, the cells are kept beside them.

    Parameters
    ----------
    series
        the cells of a column.
    """
    if pd.api.types.is_numeric_dtype(series):
        out.values[name] = series.to_numpy()
        return
    if pd.api.types.is_datetime64_any_dtype(series):
        out.values[name] = series.to_numpy("datetime64[ns]")
        return
    text = series.astype(object).where(series.notna(), "").astype(str).to_numpy(dtype=str)
    numbers = cells.numbers_of(text)
    words = np.isnan(numbers)
    if not words.all() and all(cells.is_missing(word) for word in np.unique(text[words])):
        out.values[name], out.cells[name] = numbers, text
    else:
        out.values[name] = text
