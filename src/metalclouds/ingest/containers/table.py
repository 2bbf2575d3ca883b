"""Columns of text, CSV and spreadsheets as named arrays."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.source import Member

_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$|^[+-]?(nan|inf)$", re.IGNORECASE)
_CLOCK = re.compile(r"^\d{1,4}[-/:]\d{1,2}([-/:]\d{1,4})?([T ].*)?$")
MISSING_WORDS = ("---", "NaN", "nan", "NAN", "", "missing", "knownbad", "assumed", "N/A", "NULL")
# A table with more columns than this and no names is a matrix.
_WIDEST_UNNAMED_TABLE = 40
_LINES_LOOKED_AT = 200


def separator_of(lines: Sequence[str]) -> str:
    """Comma, semicolon, tab or, where none of them repeats, white space."""
    for separator in (",", ";", "\t", "|"):
        counts = [line.count(separator) for line in lines[-20:]]
        if counts and min(counts) > 0:
            return separator
    return r"\s+"


def split(line: str, separator: str) -> list[str]:
    """Tokens of a line."""
    tokens = line.split() if separator == r"\s+" else line.strip("\r\n").split(separator)
    return [token.strip().strip('"') for token in tokens]


def _numeric_share(tokens: Sequence[str]) -> float:
    return sum(bool(_NUMBER.match(token)) or bool(_CLOCK.match(token)) for token in tokens) / max(len(tokens), 1)


def first_data_line(lines: Sequence[str], separator: str) -> int | None:
    """Index of the first row of values: the row after it has as many, or one more where a corner is missing."""
    rows = [(index, split(line, separator)) for index, line in enumerate(lines)
            if line.strip() and not line.lstrip().startswith(("#", "%"))]  # fmt: skip
    for (index, tokens), (_, after) in zip(rows, [*rows, (-1, [])][1:], strict=True):
        alone = not after
        if _numeric_share(tokens) < 0.5 or not (alone or len(after) - len(tokens) in (0, 1)):
            continue
        if alone or _numeric_share(after) >= 0.5:
            return index
    return None


def header_above(lines: Sequence[str], index: int, separator: str, width: int) -> list[str] | None:
    """Column names: the last line above the data with as many words as there are columns, none a number."""
    for line in reversed(lines[:index]):
        text = line.strip().lstrip("#%").strip()
        for candidate in (separator, r"\s+", ","):
            names = split(text, candidate)
            if len(names) == width and not any(_NUMBER.match(name) for name in names if name):
                return [name or f"column_{number + 1}" for number, name in enumerate(names)]
    return None


def load_text(member: Member) -> Arrays:
    """Columns of a text file by the names in its header, or a matrix `data` where it has no names.

    Raises
    ------
    ReadError
        If no block of numbers is found, or a line has another number of columns.
    """
    text = member.text()
    lines = text.splitlines()
    opening = lines[:_LINES_LOOKED_AT]
    full = [line for line in opening if line.strip() and not line.lstrip().startswith(("#", "%"))]
    separator = separator_of(full)
    start = first_data_line(opening, separator)
    if start is None:
        raise ReadError("no rows of numbers found", file=member.full_name, given=repr("\n".join(opening[:3])[:200]))
    width = len(split(opening[start], separator))
    if _corner_is_missing(opening[start:], separator, width):
        text, width = _with_corner(lines, start, separator), width + 1
        opening[start] = f"nan {opening[start]}"
    names = header_above(opening, start, separator, width)
    table = _parse(member, text, separator, start, width)
    return _as_arrays("text", table, names, {"header": "\n".join(opening[:start])})


def _corner_is_missing(lines: Sequence[str], separator: str, width: int) -> bool:
    """Whether the first row has one value less than all others: an axis above a matrix, with another to its left."""
    widths = [len(split(line, separator)) for line in lines[1:20] if line.strip()]
    return width > 2 and bool(widths) and set(widths) == {width + 1}


def _with_corner(lines: Sequence[str], start: int, separator: str) -> str:
    glue = " " if separator == r"\s+" else separator
    return "\n".join([*lines[:start], f"nan{glue}{lines[start].lstrip()}", *lines[start + 1 :]])


def _parse(member: Member, text: str, separator: str, start: int, width: int) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            # Rows longer than the first would lose their end with a warning only.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.StringIO(text),
                sep=separator,
                skiprows=start,
                header=None,
                names=range(width),
                index_col=False,
                na_values=list(MISSING_WORDS),
                comment="#",
                skipinitialspace=True,
                engine="c",
                low_memory=False,
                on_bad_lines="error",
            )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning, OverflowError) as error:
        raise ReadError("rows of unequal length or not a table", file=member.full_name, given=str(error)) from error


def _as_arrays(kind: str, table: pd.DataFrame, names: list[str] | None, more: dict[str, str]) -> Arrays:
    if names is None and table.shape[1] > _WIDEST_UNNAMED_TABLE:
        return Arrays(
            kind, {"data": table.apply(pd.to_numeric, errors="coerce").to_numpy(float)}, attributes_of_file=more
        )
    labels = _unique(names or [f"column_{number + 1}" for number in range(table.shape[1])])
    values = {label: _column(table.iloc[:, number]) for number, label in enumerate(labels)}
    return Arrays(kind, values, attributes_of_file=more)


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return out


def _column(series: pd.Series) -> np.ndarray:
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy()
    if pd.api.types.is_datetime64_any_dtype(series):
        return series.to_numpy("datetime64[ns]")
    numbers = pd.to_numeric(series, errors="coerce")
    filled = series.notna()
    if filled.any() and numbers[filled].notna().all():
        return numbers.to_numpy(float)
    return series.astype(object).where(filled, "").astype(str).to_numpy(dtype=str)


def load_xlsx(member: Member) -> Arrays:
    """Each sheet of a spreadsheet: columns by their names, or a matrix with the sheet's name where it has none.

    Raises
    ------
    ReadError
        If the file is no workbook or is empty.
    """
    import openpyxl

    damage = (
        OSError,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        zipfile.BadZipFile,
        SyntaxError,
        AttributeError,
        EOFError,
        RuntimeError,
        zlib.error,
        openpyxl.utils.exceptions.InvalidFileException,
    )
    try:
        book = openpyxl.load_workbook(io.BytesIO(member.data()), read_only=True, data_only=True)
        sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    except damage as error:
        raise ReadError("not a readable workbook", file=member.full_name, given=repr(error)) from error
    out = Arrays("xlsx", {})
    for title, rows in sheets.items():
        _keep_sheet(title, [row for row in rows if any(cell is not None for cell in row)], out)
    if not out.values:
        raise ReadError("the workbook is empty", file=member.full_name)
    return out


def _keep_sheet(title: str, rows: list[tuple], out: Arrays) -> None:
    if not rows:
        return
    words = sum(isinstance(cell, str) and not _NUMBER.match(cell) for cell in rows[0])
    if words > len(rows[0]) / 2 and len(rows) > 1:
        table = pd.DataFrame(rows[1:])
        names = [str(cell) if cell is not None else f"column_{i + 1}" for i, cell in enumerate(rows[0])]
        for number, name in enumerate(_unique(names)):
            out.values[name if name not in out.values else f"{title}.{name}"] = _column(table.iloc[:, number])
    else:
        table = pd.DataFrame(rows).apply(pd.to_numeric, errors="coerce")
        out.values[title] = np.squeeze(table.to_numpy(float))
