"""What an ionogram's scaler wrote into a cell: a value, a value with letters, a letter alone, nothing.

Letters after the URSI Handbook of Ionogram Interpretation and Reduction (UAG-23, 1972, chapters 2 and 3).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.containers.cells import is_missing, numbers_of

# States of a cell. UNSAID is the scaler's own word for "no value": whether the layer was absent, the other
# characteristics of the sounding tell. REASON is a letter that says why there is no value (C: the instrument failed)
# or a formula without a result. EMPTY and UNREAD, which was not understood, tell nothing.
VALUE, ABSENT, UNSAID, EMPTY, REASON, UNREAD = range(6)
_CELL = re.compile(r"^(?P<sign>[<>])?\s*(?P<value>\d+(?:[.,]\d+)?)\s*[/ ]?\s*(?P<letters>[A-Za-z]{0,2})$")
# G: the density of the layer is too small. Alone, or behind E (less than), it says that no layer was seen.
_TOO_SMALL, _LESS_THAN = "G", "E"
_NO_VALUE = "---"
NO_VALUE_NUMBER = 9999.0
# Other numbers that tables have for a missing characteristic; no frequency and no height is 0. A height of 99 km is
# a height.
_NUMBERS = (0.0, 999.0, 999.9, 99.0, 99.9, 99.99, -1.0, -99.0, -999.0, -999.9, -9999.0, -9999.9, -99999.0,
            -99999999999.0, 9999.9, 9999.99, 1e20)  # fmt: skip


@dataclass(frozen=True)
class Scaled:
    """Values (NaN where there is none) and the state of each cell; `letters` counts values that had letters."""

    values: np.ndarray
    states: np.ndarray
    letters: int


def scaled(values: np.ndarray, texts: np.ndarray | None, role: str, given: np.ndarray | None) -> Scaled:
    """Cells of one characteristic.

    Parameters
    ----------
    values
        numbers, or the text of the cells.
    texts
        the cells as they stand, where the numbers were made of text.
    role
        name of the characteristic: heights may be 99 km.
    given
        the catalogue's values for missing.
    """
    if values.dtype.kind in "iufb":
        numbers, letters = values.astype(float).ravel(), 0
        states = np.where(np.isnan(numbers), EMPTY, VALUE)
        if texts is not None:
            cells, inverse = np.unique(np.char.strip(texts.astype(str)).ravel(), return_inverse=True)
            states = np.where(states == VALUE, VALUE, np.array([_state(str(cell)) for cell in cells])[inverse])
    else:
        numbers, states, letters = _from_text(values.astype(str).ravel())
    for word, state in ((NO_VALUE_NUMBER, UNSAID), *((number, EMPTY) for number in _words(role))):
        if given is None:
            states = np.where(numbers == word, state, states)
    if given is not None:
        states = np.where(np.isin(numbers, given), UNSAID, states)
    return Scaled(np.where(states == VALUE, numbers, np.nan), states.astype("int8"), letters)


def _words(role: str) -> list[float]:
    """Numbers for missing of a characteristic; spread is 0 where there is none."""
    kept = (99.0, 99.9, 99.99) if role.startswith("h") else (0.0,) if role.endswith("spread") else ()
    return [number for number in _NUMBERS if number not in kept]


def _from_text(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    cells, inverse = np.unique(np.char.strip(texts), return_inverse=True)
    numbers, states = numbers_of(cells), np.full(cells.size, VALUE, "int8")
    lettered = np.zeros(cells.size, bool)
    for index in np.flatnonzero(~np.isfinite(numbers)):
        numbers[index], states[index] = _read(str(cells[index]))
        lettered[index] = states[index] == VALUE
    return numbers[inverse], states[inverse], int(lettered[inverse].sum())


def _read(cell: str) -> tuple[float, int]:
    """Value and state of a cell that is no plain number."""
    match = _CELL.match(cell)
    if match is None:
        return np.nan, _state(cell)
    letters = match["letters"].upper()
    if match["sign"] == "<" or (letters[:1] == _LESS_THAN and _TOO_SMALL in letters):
        return np.nan, ABSENT
    if letters[:1] == _LESS_THAN:
        return np.nan, REASON
    return float(match["value"].replace(",", ".")), VALUE


def _state(cell: str) -> int:
    """State of a cell without a value."""
    if cell.upper() in (_TOO_SMALL, _LESS_THAN + _TOO_SMALL):
        return ABSENT
    if cell == _NO_VALUE or re.fullmatch(r"9999(\.0*)?", cell):
        return UNSAID
    if is_missing(cell):
        return EMPTY
    return REASON if re.fullmatch(r"[A-Za-z]{1,2}|=.*|#[A-Z/0!?]+", cell) else UNREAD
