"""Intervals that several measurements share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.model import Data, Measurement, Unavailable

TRUE_WORDS = {"true", "1", "1.0", "yes"}


def is_true(column: pd.Series) -> pd.Series:
    """Boolean of a column of a CSV table, whatever way the flag was written; missing is false."""
    return column.astype(str).str.strip().str.lower().isin(TRUE_WORDS)


def hours_of(times: pd.Series, night: str) -> pd.Series:
    """Hours of the UT day of the evening (25.5 is half past one on the next UT day)."""
    return (pd.to_datetime(times) - pd.Timestamp(night)).dt.total_seconds() / 3600.0


def share(count: int, total: int, confidence: float) -> Measurement:
    """A share with its Wilson interval.

    Raises
    ------
    Unavailable
        If there is nothing to take a share of.
    """
    if total == 0:
        raise Unavailable("nothing that a share could be taken of")
    interval = stats.binomtest(int(count), int(total)).proportion_ci(confidence, method="wilson")
    return Measurement(count / total, float(interval.low), float(interval.high), n=int(total))


def bootstrap(values: np.ndarray, statistic: Callable[..., np.ndarray], data: Data, *key: object) -> Measurement:
    """A statistic of a sample (called with `axis`) and its percentile bootstrap interval.

    Raises
    ------
    Unavailable
        If no value is finite.
    """
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if finite.size == 0:
        raise Unavailable("no finite value")
    picks = data.generator(*key).integers(0, finite.size, (data.settings.draws, finite.size))
    tail = 50.0 * (1.0 - data.settings.confidence)
    low, high = np.percentile(statistic(finite[picks], axis=1), [tail, 100.0 - tail])
    return Measurement(float(statistic(finite, axis=0)), float(low), float(high), n=int(finite.size))


def nearest(measurement: Measurement, low: float, high: float) -> Measurement:
    """The candidate closest to a range; the measurement itself if it has none."""
    if not measurement.candidates:
        return measurement
    return min(measurement.candidates, key=lambda one: max(low - one.value, one.value - high, 0.0))


def named_row(table: pd.DataFrame, name: str) -> Measurement:
    """Value, interval and n of a row of a table with the columns name, value, low, high, n.

    Raises
    ------
    Unavailable
        If there is no such row, or its value is missing.
    """
    rows = table[(table["name"] == name) & table["value"].notna()]
    if rows.empty:
        raise Unavailable(f"{name} could not be computed")
    row = rows.iloc[0]
    low, high = (float(row[end]) if pd.notna(row[end]) else None for end in ("low", "high"))
    return Measurement(float(row["value"]), low, high, n=int(row["n"]) if pd.notna(row["n"]) else None)
