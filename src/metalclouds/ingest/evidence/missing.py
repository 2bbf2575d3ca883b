"""Numbers that stand for a missing value: which they are, and where a value could be one by chance."""

from __future__ import annotations

import itertools

import numpy as np

# Nobody measures one of these.
WORDS = (
    -999.9,
    -999.99,
    -999.999,
    -9999.9,
    -9999.99,
    -9999.999,
    -99999.9,
    -99999.99,
    -9999.0,
    -99999.0,
    -999999.0,
    -32767.0,
    -32768.0,
    -99999999999.0,
    9999.9,
    9999.99,
    9999.999,
    99999.9,
    99999.99,
    1e20,
    -1e20,
    1e30,
    -1e30,
    1e36,
)
# These are values as well: missing where they stand apart, or are repeated as no value is.
POSSIBLE = (-1.0, -99.0, -99.9, -999.0, -99.99, 99.99, 999.0, 999.9, 999.99, 9999.0, 99999.0, 999999.0)
# So small a share of the lowest value is none: 9999 among numbers of 1e16.
_FAR_BELOW = 1e-3
_LEAST, _MOST = -99.0, 99.0
# A value is repeated by chance about as often as those next to it.
_TIMES_AS_OFTEN, _VALUES_BESIDE = 10, 20
# So many values for each of the number are looked at before all are.
_CLOSE_VALUES = 50


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
            _leave_out(out, (out == np.asarray(number, out.dtype)) | (out == _in_32_bits(number)), number, left)
    for number in POSSIBLE:
        if number in suspects:
            _leave_out(out, _not_by_chance(out, out == np.asarray(number, out.dtype), number), number, left)
    return out, left


def _suspects(values: np.ndarray) -> set[float]:
    """Words that occur at all: few cells are so large or small, so that only they are compared."""
    large = values[(values <= _LEAST) | (values >= _MOST)]
    found = {
        number
        for number in (*WORDS, *POSSIBLE)
        if large.size and ((large == np.asarray(number, values.dtype)) | (large == _in_32_bits(number))).any()
    }
    return found | ({-1.0} if (values == -1.0).any() else set())


def _in_32_bits(number: float) -> float:
    """What becomes of a number that was stored in 32 bits: 1e20 is another one then."""
    return float(np.float32(number))


def _leave_out(out: np.ndarray, cells: np.ndarray, number: float, left: dict[float, int]) -> None:
    if cells.any():
        left[number] = int(cells.sum())
        out[cells] = np.nan


def _not_by_chance(values: np.ndarray, cells: np.ndarray, number: float) -> np.ndarray:
    """Of the cells of a number those that are no measurement."""
    count = int(cells.sum())
    low, high = _ends_without(values, number)
    if not np.isfinite(low) or _stands_alone(low, high, number) or _is_repeated(values, count, number):
        return cells
    # Two neighbours in a series say too little: a wind of -1 m/s may stand between larger ones.
    if values.ndim == 1:
        return np.zeros_like(cells)
    at = np.nonzero(cells)
    below, above = _around(values, cells, at)
    span = above - below
    isolated = (number < below - span) | (number > above + span)
    # Inside a block of the number there is nothing to compare with: it is what its edge is.
    inner = np.isnan(span)
    out = np.zeros_like(cells)
    out[at] = isolated | inner if isolated.sum() > 0.5 * (~inner).sum() else isolated
    return out


def _ends_without(values: np.ndarray, number: float) -> tuple[float, float]:
    """Smallest and largest of the finite values that are not a number; infinite where there is none."""
    low, high = float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None))
    if np.isfinite((low, high)).all() and number not in (low, high):
        return low, high
    known = values[np.isfinite(values)]
    if known.size and number in (known.min(), known.max()):
        known = known[known != np.asarray(number, known.dtype)]
    return (float(known.min()), float(known.max())) if known.size else (np.inf, -np.inf)


def _stands_alone(low: float, high: float, number: float) -> bool:
    """A negative number among none, or one beyond all others by their whole range."""
    if low > 0.0 and abs(number) < _FAR_BELOW * low:
        return True
    return (number < 0.0 <= low) or number < low - (high - low) or number > high + (high - low)


def _is_repeated(values: np.ndarray, count: int, number: float) -> bool:
    """Whether a number occurs far more often than the values next to it, each of which occurs at least once."""
    if count <= _TIMES_AS_OFTEN:
        return False
    others = values[np.isfinite(values) & (values != np.asarray(number, values.dtype))]
    # The next value alone may occur as often: then no other need be counted.
    following = np.min(others, where=others > number, initial=np.inf)
    if count <= _TIMES_AS_OFTEN * int((others == following).sum()):
        return False
    return count > _TIMES_AS_OFTEN * _most_beside(others, number, count)


def _most_beside(others: np.ndarray, number: float, count: int) -> int:
    """How often the most frequent of the values next to a number occurs; those close to it are sorted first."""
    closest = _CLOSE_VALUES * count
    if others.size > closest:
        distance = np.abs(others - np.asarray(number, others.dtype))
        close = others[distance <= np.partition(distance, closest)[closest]]
        unique, counts = np.unique(close, return_counts=True)
        at = int(np.searchsorted(unique, number))
        if at >= _VALUES_BESIDE and unique.size - at >= _VALUES_BESIDE:
            return int(counts[at - _VALUES_BESIDE : at + _VALUES_BESIDE].max())
    unique, counts = np.unique(others, return_counts=True)
    at = int(np.searchsorted(unique, number))
    return int(counts[max(at - _VALUES_BESIDE, 0) : at + _VALUES_BESIDE].max())


def _around(values: np.ndarray, cells: np.ndarray, at: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest of the neighbours of some cells that are not of them, NaN where there is none."""
    low, high = (np.full(at[0].size, np.nan) for _ in range(2))
    for offset in itertools.product((-1, 0, 1), repeat=values.ndim):
        place = tuple(index + step for index, step in zip(at, offset, strict=True))
        inside = np.all([(p >= 0) & (p < size) for p, size in zip(place, values.shape, strict=True)], axis=0)
        inner = tuple(np.where(inside, p, 0) for p in place)
        beside = np.where(inside & ~cells[inner], values[inner], np.nan)
        low, high = np.fmin(low, beside), np.fmax(high, beside)
    return low, high
