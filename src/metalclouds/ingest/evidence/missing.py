"""Numbers that stand for a missing value: which they are, and where a value could be one by chance."""

from __future__ import annotations

import numpy as np

# Nobody measures one of these.
WORDS = (
    -999.9,
    -9999.9,
    -9999.99,
    -99999.9,
    -9999.0,
    -99999.0,
    -999999.0,
    -32767.0,
    -32768.0,
    -99999999999.0,
    9999.9,
    9999.99,
    99999.9,
    1e20,
    -1e20,
    1e30,
    -1e30,
    1e36,
)
# These are values as well: missing where they stand apart, or are repeated as no value is.
POSSIBLE = (-1.0, -99.0, -99.9, -999.0, 99.99, 999.0, 999.9, 9999.0, 99999.0, 999999.0)
# So small a share of the lowest value is none: 9999 among numbers of 1e16.
_FAR_BELOW = 1e-3
_LEAST, _MOST = -99.0, 99.0
# A value is repeated by chance about as often as those next to it.
_FEWEST, _TIMES_AS_OFTEN, _VALUES_BESIDE = 3, 10, 20


def without_missing(values: np.ndarray) -> tuple[np.ndarray, dict[float, int]]:
    """NaN for words of missing; -1, 999 and their like only where they are isolated from the values around them.

    Parameters
    ----------
    values
        floats, one dimension or two; neighbours are those along all axes.

    Returns
    -------
    values, left out
        a copy where something is left out; how many cells of which number.
    """
    left: dict[float, int] = {}
    suspects = _suspects(values)
    if not suspects:
        return values, left
    out = values.copy()
    for number in WORDS:
        if number in suspects:
            _leave_out(out, out == np.asarray(number, out.dtype), number, left)
    for number in POSSIBLE:
        if number in suspects:
            _leave_out(out, _not_by_chance(out, out == np.asarray(number, out.dtype), number), number, left)
    return out, left


def _suspects(values: np.ndarray) -> set[float]:
    """Words that occur at all: few cells are so large or small, so that only they are compared."""
    large = values[(values <= _LEAST) | (values >= _MOST)]
    found = {
        number for number in (*WORDS, *POSSIBLE) if large.size and (large == np.asarray(number, values.dtype)).any()
    }
    return found | ({-1.0} if (values == -1.0).any() else set())


def _leave_out(out: np.ndarray, cells: np.ndarray, number: float, left: dict[float, int]) -> None:
    if cells.any():
        left[number] = int(cells.sum())
        out[cells] = np.nan


def _not_by_chance(values: np.ndarray, cells: np.ndarray, number: float) -> np.ndarray:
    """Of the cells of a number those that are no measurement."""
    others = values[np.isfinite(values) & ~cells]
    if not others.size or _stands_alone(others, number) or _is_repeated(others, int(cells.sum()), number):
        return cells
    # Two neighbours in a series say too little: a wind of -1 m/s may stand between larger ones.
    if values.ndim == 1:
        return np.zeros_like(cells)
    low, high = _around(np.where(cells, np.nan, values))
    span = high - low
    isolated = cells & ((number < low - span) | (number > high + span))
    # Inside a block of the number there is nothing to compare with: it is what its edge is.
    inner = cells & np.isnan(span)
    edge = cells & ~inner
    return isolated | inner if isolated.sum() > 0.5 * edge.sum() else isolated


def _stands_alone(others: np.ndarray, number: float) -> bool:
    """A negative number among none, or one beyond all others by their whole range."""
    low, high = float(others.min()), float(others.max())
    if low > 0.0 and abs(number) < _FAR_BELOW * low:
        return True
    return (number < 0.0 <= low) or number < low - (high - low) or number > high + (high - low)


def _is_repeated(others: np.ndarray, count: int, number: float) -> bool:
    """Whether a number occurs far more often than the values next to it."""
    if count < _FEWEST:
        return False
    unique, counts = np.unique(others, return_counts=True)
    at = int(np.searchsorted(unique, number))
    beside = counts[max(at - _VALUES_BESIDE, 0) : at + _VALUES_BESIDE]
    return count > _TIMES_AS_OFTEN * int(beside.max())


def _around(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest of the neighbours of each cell, NaN where it has none."""
    padded = np.pad(values, 1, constant_values=np.nan)
    shifts = np.stack([padded[index] for index in _windows(values.shape)])
    with np.errstate(invalid="ignore"):
        return np.fmin.reduce(shifts), np.fmax.reduce(shifts)


def _windows(shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
    """Slices of a padded array, one for each neighbour of a cell."""
    offsets = np.stack(np.meshgrid(*[(-1, 0, 1)] * len(shape), indexing="ij"), -1).reshape(-1, len(shape))
    return [
        tuple(slice(1 + int(d), 1 + int(d) + size) for d, size in zip(offset, shape, strict=True))
        for offset in offsets
        if offset.any()
    ]
