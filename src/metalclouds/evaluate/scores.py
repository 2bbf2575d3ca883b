"""Numbers that every subject is scored by: errors, rates, and recall by classes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.evaluate.tables import Section


def plain(value: Any) -> Any:
    """Numbers as JSON has them: NaN and infinity become None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (np.integer, int)):
        return int(value)
    if isinstance(value, (np.floating, float)):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def ratio(part: float, whole: float) -> float:
    """part / whole, NaN for nothing at all."""
    return part / whole if whole else math.nan


def spread(errors: Iterable[float]) -> Section:
    """Number, median, rms and median size of errors."""
    values = np.asarray([error for error in errors if np.isfinite(error)], dtype=float)
    if not values.size:
        return {"n": 0}
    return {
        "n": values.size,
        "median": np.median(values),
        "rms": np.sqrt(np.mean(values**2)),
        "median_absolute": np.median(np.abs(values)),
        "largest": np.abs(values).max(),
    }


def confusion(truth: pd.Series, found: pd.Series) -> Section:
    """Counts of agreement and of both kinds of error, and the rates.

    Parameters
    ----------
    truth, found
        booleans with the same index.
    """
    hit, false = int((truth & found).sum()), int((~truth & found).sum())
    lost, right = int((truth & ~found).sum()), int((~truth & ~found).sum())
    return {
        "found": hit,
        "missed": lost,
        "false": false,
        "rightly_none": right,
        "recall": ratio(hit, hit + lost),
        "false_rate": ratio(false, false + right),
    }


def rows_of(table: pd.DataFrame) -> list[Any]:
    """Rows as named tuples.

    Parameters
    ----------
    table
        any table.
    """
    return list(table.itertuples())


def groups(table: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Parts of a table by the value of a column.

    Parameters
    ----------
    table
        any table.

    Returns
    -------
    dict
        value as text -> its rows.
    """
    return {str(value): part for value, part in table.groupby(name)}


def recall_by(values: pd.Series, matched: pd.Series, edges: Sequence[float]) -> Section:
    """Share of true stripes found in bins of a quantity.

    Parameters
    ----------
    values
        the quantity of each true stripe.
    matched
        whether it was found, same index.
    """
    section = {}
    for low, high in itertools.pairwise(edges):
        inside = (values >= low) & (values < high)
        label = f">= {low:g}" if math.isinf(high) else f"{low:g}-{high:g}"
        section[label] = {"n": int(inside.sum()), "recall": ratio(int(matched[inside].sum()), int(inside.sum()))}
    return section
