"""What single cells of a table are: numbers in several notations, times, words for missing, names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?$|^[+-]?(nan|inf)$", re.IGNORECASE)
_TIME = re.compile(
    r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([T _].*)?$|^\d{1,2}-?[A-Za-z]{3}-?\d{4}([ _].*)?$"
    r"|^\d{8}T\d{4,6}\S*$|^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]m)?\s*(z|[+-]\d\d:?\d\d)?$",
    re.IGNORECASE,
)
DECIMAL_COMMA = re.compile(r"^[+-]?\d+,\d+([eE][+-]?\d+)?$")
_THOUSANDS = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$")
# What a scaler adds to a value, or writes in place of one: 3.30JA, C, G, <1.5.
_SCALED = re.compile(r"^[<>]?\s*\d+(?:\.\d+)?\s*[/ ]?\s*[A-Za-z]{1,2}$|^[<>]\s*\d+(?:\.\d+)?$")
MISSING_WORDS = frozenset(
    ("", "-", "--", "---", "----", "nan", "na", "n/a", "null", "none", "nat", "missing", "knownbad", "assumed", "*",
     "**", "***", "/", "//", "无", "缺", "缺测", "inf", "-inf", "+inf")
)  # fmt: skip


COMMENTS = ("#", "%", "//", "!")


def is_remark(line: str) -> bool:
    """Whether a line is a remark."""
    return line.lstrip().startswith(COMMENTS)


def is_number(cell: str) -> bool:
    """Whether a cell is one number."""
    return bool(_NUMBER.match(cell) or DECIMAL_COMMA.match(cell) or _THOUSANDS.match(cell))


def is_time(cell: str) -> bool:
    """Whether a cell is a date, a clock, or both."""
    return bool(_TIME.match(cell))


_DATE = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$")
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")


def is_date(cell: str) -> bool:
    """Whether a cell is a date without a clock."""
    return bool(_DATE.match(cell))


def is_clock(cell: str) -> bool:
    """Whether a cell is a clock without a date."""
    return bool(_CLOCK.match(cell))


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING_WORDS


def is_datum(cell: str) -> bool:
    """Whether a cell belongs to a row of values rather than to one of names."""
    return is_number(cell) or is_time(cell) or bool(_SCALED.match(cell))


def is_row_of_values(cells: Sequence[str]) -> bool:
    """Whether a row holds values: at least one, and as many values and missing ones as other words."""
    data = sum(is_datum(cell) for cell in cells)
    missing = sum(is_missing(cell) for cell in cells)
    return data > 0 and 2 * (data + missing) >= len(cells)


def numbers_of(cells: np.ndarray) -> np.ndarray:
    """Floats of text, NaN where a cell is no number; thousands' separators and a comma for the point are read.

    A comma is the decimal one where no cell has a point behind or before one; 1,234 is a thousand where cells of the
    column have points.

    Parameters
    ----------
    cells
        text, dims (cell,).

    Returns
    -------
    ndarray
        float64, dims (cell,).
    """
    codes, different = pd.factorize(np.asarray(cells).astype(str).ravel().astype(object))
    text = pd.Series(different, dtype=object).str.strip()
    return np.asarray(_numbers_of(text), dtype=float)[codes].reshape(np.shape(cells))


def _numbers_of(text: pd.Series) -> pd.Series:
    out = pd.to_numeric(text, errors="coerce")
    fortran = out.isna() & text.str.contains("[dD]", regex=True)
    if fortran.any():
        plain = text[fortran].str.replace(r"^([+-]?[\d.]+)[dD]([+-]?\d+)$", r"\1e\2", regex=True)
        out[fortran] = pd.to_numeric(plain, errors="coerce")
    open_ = out.isna() & text.str.contains(",", regex=False)
    if not open_.any():
        return out
    kept = text[open_]
    points = text.str.contains(".", regex=False).any()
    thousands = kept.str.match(_THOUSANDS.pattern).all() and points
    tidy = kept.str.replace(",", "" if thousands else ".", regex=False)
    out[open_] = pd.to_numeric(tidy, errors="coerce")
    return out
