"""Compare arrays and single values with a tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np

from metalclouds.compare.model import Difference, Numbers


def text(value: Any) -> str:
    """A value for the list of differences; floats with all their digits."""
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return str(value)


def beyond(a: np.ndarray, b: np.ndarray, tolerance: Numbers) -> np.ndarray:
    """Where two arrays differ by more than the tolerance; NaN equals NaN and nothing else.

    Parameters
    ----------
    a, b
        numbers of equal shape, any unit.

    Returns
    -------
    ndarray
        True where they differ, dims of `a`.
    """
    a, b = a.astype(float), b.astype(float)
    both_nan = np.isnan(a) & np.isnan(b)
    with np.errstate(invalid="ignore"):
        limit = tolerance.absolute + tolerance.relative * np.maximum(np.abs(a), np.abs(b))
        near = (np.abs(a - b) <= limit) | (a == b)
    return ~(near | both_nan)


def _farthest(a: np.ndarray, b: np.ndarray) -> tuple[int, ...]:
    """Index of the largest difference; one NaN against a number counts as the largest."""
    with np.errstate(invalid="ignore"):  # Two infinities have no distance.
        distance = np.abs(a.astype(float) - b.astype(float))
    distance[np.isnan(distance)] = np.where(np.isnan(a.astype(float)) ^ np.isnan(b.astype(float)), np.inf, -1.0)[
        np.isnan(distance)
    ]
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(distance)), distance.shape))


def compare_arrays(file: str, where: str, a: np.ndarray, b: np.ndarray, tolerance: Numbers) -> list[Difference]:
    """One difference at most: how many values differ, and the farthest pair.

    Parameters
    ----------
    a, b
        the two arrays, of any dims.
    """
    if a.shape != b.shape:
        return [Difference(file, where, "shape", str(a.shape), str(b.shape))]
    if a.dtype.kind not in "iufb" or b.dtype.kind not in "iufb":
        return _compare_other(file, where, a, b)
    exact = Numbers(pattern=file, why="exact")
    differing = int(beyond(a, b, exact).sum())
    if differing == 0:
        return []
    far = int(beyond(a, b, tolerance).sum())
    index = _farthest(a, b) if a.ndim else ()
    place = f"{where}{list(index)}" if index else where
    what = f"{differing} of {a.size} values differ" + (f", {far} beyond the tolerance" if far else "")
    return [
        Difference(file, place, what, text(a[index]), text(b[index]), far <= tolerance.share * a.size, tolerance.why)
    ]


def _compare_other(file: str, where: str, a: np.ndarray, b: np.ndarray) -> list[Difference]:
    """Texts are compared exactly."""
    unlike = np.flatnonzero((a.astype(str) != b.astype(str)).ravel())
    if unlike.size == 0:
        return []
    first = int(unlike[0])
    what = f"{unlike.size} of {a.size} texts differ"
    return [Difference(file, where, what, str(a.ravel()[first]), str(b.ravel()[first]))]
