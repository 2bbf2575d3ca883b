"""Spreadsheets as named arrays: dates by the workbook's own epoch, formulas by the value stored with them."""

from __future__ import annotations

import datetime
import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.errors import ReadError
from metalclouds.ingest import budget
from metalclouds.ingest.containers import cells
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.table import (
    LONGEST_FOOTER,
    Head,
    find_head,
    keep_column,
    unique_names,
    with_margins,
    with_names,
)
from metalclouds.ingest.source import Member

_ROWS_LOOKED_AT = 50
_EPOCH_1904 = datetime.datetime(1904, 1, 1)
Rows = list[tuple[Any, ...]]


def load_xlsx(member: Member) -> Arrays:
    """Each sheet of a spreadsheet: columns by their names, or a matrix with the sheet's name where it has none.

    Raises
    ------
    ReadError
        If the file is no workbook or is empty.
    """
    out = Arrays("xlsx", {})
    sheets, epoch = _sheets(member)
    if epoch == _EPOCH_1904:
        out.attributes_of_file["epoch"] = "1904"
    for title, rows in sheets.items():
        _keep_sheet(title, rows, out)
    if sum(value.ndim == 2 for value in out.values.values()) > 1:
        out = _each_with_its_margins(sheets, out)
    out.parts = _alike(sheets, out)
    if not out.values:
        raise ReadError("the workbook is empty", file=member.full_name)
    return out


def _each_with_its_margins(sheets: dict[str, Rows], whole: Arrays) -> Arrays:
    """Several matrices, each and its margins by the name of its sheet: `zonal.zonal`, `zonal.first_row`."""
    out = Arrays(whole.kind, {}, attributes_of_file=whole.attributes_of_file)
    for title, rows in sheets.items():
        one = Arrays(whole.kind, {}, attributes_of_file=dict(whole.attributes_of_file))
        _keep_sheet(title, rows, one)
        out.values |= {f"{title}.{name}": value for name, value in one.values.items()}
        out.attributes |= {f"{title}.{name}": said for name, said in one.attributes.items()}
        out.cells |= {f"{title}.{name}": texts for name, texts in one.cells.items()}
    return out


def _alike(sheets: dict[str, Rows], whole: Arrays) -> dict[str, Arrays]:
    """The sheets, each by itself, where there are several and all have the same columns."""
    parts: dict[str, Arrays] = {}
    for title, rows in sheets.items():
        if rows:
            parts[title] = Arrays("xlsx", {}, attributes_of_file=dict(whole.attributes_of_file))
            _keep_sheet(title, rows, parts[title])
    return parts if len(parts) > 1 and len({tuple(part.values) for part in parts.values()}) == 1 else {}


def _sheets(member: Member) -> tuple[dict[str, Rows], datetime.datetime]:
    """Cells of each sheet. A formula whose value nobody stored stays as the formula: it is unread, not empty."""
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
        data = member.data()
        _check(data, member.full_name)
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        sheets = {sheet.title: _rows(sheet, member.full_name) for sheet in book.worksheets}
        if any(_is_formula(cell) for rows in sheets.values() for row in rows for cell in row):
            stored = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in stored.worksheets:
                sheets[sheet.title] = _calculated(sheets[sheet.title], _rows(sheet, member.full_name))
        return sheets, book.epoch
    except damage as error:
        raise ReadError("not a readable workbook", file=member.full_name, given=repr(error)) from error


def _check(data: bytes, file: str) -> None:
    """A workbook is a zip of texts: what they unpack to is asked first."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        budget.check(sum(info.file_size for info in archive.infolist()), len(data), file, packing=True)


def _rows(sheet: Any, file: str) -> Rows:
    """The rows that hold something, made equally long; the size that a sheet claims is not believed."""
    sheet.reset_dimensions()
    rows: Rows = []
    seen = 0
    for row in sheet.iter_rows(values_only=True):
        seen += len(row)
        if seen > budget.most_cells():
            break
        if any(cell is not None for cell in row):
            rows.append(row)
    width = max(map(len, rows), default=0)
    if max(seen, width * len(rows)) > budget.most_cells():
        rule = f"{budget.most_cells()} (by ingest.largest_file_mb)"
        raise ReadError("more cells than are allowed", file=file, where=f"sheet {sheet.title}", rule=rule)
    return [row + (None,) * (width - len(row)) for row in rows]


def _is_formula(cell: Any) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _calculated(written: Rows, stored: Rows) -> Rows:
    """Values of formulas where they were stored."""
    out = []
    for row, values in zip(written, stored, strict=True):
        row_values = zip(row, values, strict=True)
        out.append(tuple(value if _is_formula(cell) and value is not None else cell for cell, value in row_values))
    return out


def _keep_sheet(title: str, rows: Rows, out: Arrays) -> None:
    if not rows:
        return
    rows = _without_footer(rows, out)
    words = [_words(row) for row in rows[:_ROWS_LOOKED_AT]]
    head = find_head(words)
    if head is not None:
        head = with_names(Head(head.start, len(rows[head.start]), None, None), words[: head.start])
    if head is None or head.names is None:
        _keep_matrix(title, rows, out)
        return
    out.attributes_of_file.setdefault("header", _titles(rows[: head.start]))
    table = pd.DataFrame(rows[head.start :])
    for number, name in enumerate(unique_names(head.names)):
        label = name if name not in out.values else f"{title}.{name}"
        keep_column(label, _typed(table.iloc[:, number]), out)
        if head.units and number < len(head.units) and head.units[number]:
            out.attributes[label] = {"units": head.units[number].strip("()[]")}


def _titles(rows: Rows) -> str:
    """What stands above the values, a line a row."""
    return "\n".join(" ".join(_text(cell).strip() for cell in row if cell is not None) for row in rows)


def _is_title(row: Sequence[Any]) -> bool:
    """Whether a row of a wider table holds one cell of words alone."""
    filled = [cell for cell in row if cell is not None]
    return len(row) > 1 and len(filled) == 1 and not cells.is_datum(_text(filled[0]).strip())


def _without_footer(rows: Rows, out: Arrays) -> Rows:
    """The rows without remarks below the values; what they say is kept."""
    end = len(rows)
    while end > 1 and len(rows) - end < LONGEST_FOOTER and _is_title(rows[end - 1]):
        end -= 1
    if end < len(rows):
        out.attributes_of_file.setdefault("footer", _titles(rows[end:]))
    return rows[:end]


def _keep_matrix(title: str, rows: Rows, out: Arrays) -> None:
    """A sheet without names of columns: a matrix, its margins where they are axes, and the title above it."""
    start = next((number for number, row in enumerate(rows) if not _is_title(row)), 0)
    said = _titles(rows[:start])
    table = pd.DataFrame([[None if cell is None else _plain(cell) for cell in row] for row in rows[start:]])
    found = with_margins("xlsx", title, table, {})
    out.values |= {name: np.squeeze(value) for name, value in found.values.items()}
    out.attributes |= found.attributes
    out.cells |= found.cells
    if said:
        out.attributes.setdefault(title, {})["title"] = said
        out.attributes_of_file["header"] = "\n".join(filter(None, [out.attributes_of_file.get("header", ""), said]))


def _words(row: Sequence[Any]) -> list[str]:
    """A row as the text of its cells; a title that fills one cell alone is no row of the table."""
    text = ["" if cell is None else _text(cell).strip() for cell in row]
    return text if sum(bool(word) for word in text) > 1 or len(text) == 1 or cells.is_datum(text[0]) else []


def _text(cell: Any) -> str:
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, datetime.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, int | float) else _text(cell)


def _typed(series: pd.Series) -> pd.Series:
    """Numbers, dates, or the text of cells of several kinds."""
    filled = series[series.notna()]
    kinds = {type(cell) for cell in filled}
    if kinds and kinds <= {int, float, bool}:
        if len(filled) == len(series):
            return series.astype(float)
    elif kinds == {datetime.datetime} and len(filled) == len(series):
        return pd.Series(np.array(list(series), "datetime64[us]").astype("datetime64[ns]"))
    return series.map(lambda cell: "" if cell is None or cell is pd.NaT or cell != cell else _text(cell)).astype(
        object
    )
