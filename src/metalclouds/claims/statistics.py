"""Intervals that several measurements share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.model import Data, Measurement, Unavailable


def hours_of(times: pd.Series, night: str) -> pd.Series:
    """Hours of the UT day of the evening (25.5 is half past one on the next UT day).

    Parameters
    ----------
    times
        naive UTC.

    Returns
    -------
    Series
        h, with the index of `times`.
    """
    return (pd.to_datetime(times) - pd.Timestamp(night)).dt.total_seconds() / 3600.0


def normal_half_width(confidence: float) -> float:
    """Half-width of a normal interval in standard errors."""
    return float(stats.norm.ppf(0.5 + 0.5 * confidence))


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


def difference_of_shares(counts: tuple[int, int], totals: tuple[int, int], confidence: float) -> Measurement:
    """First share minus the second, with Newcombe's interval from those of Wilson.

    Newcombe 1998, Statistics in Medicine 17, 873, method 10: it holds the difference itself, also at 0 and 1.

    Raises
    ------
    Unavailable
        If there is nothing to take one of the shares of.
    """
    first, second = (share(*pair, confidence) for pair in zip(counts, totals, strict=True))
    value = first.value - second.value
    ends = [(one.value - one.low, one.high - one.value) for one in (first, second)]  # type: ignore[operator]
    low, high = value - np.hypot(ends[0][0], ends[1][1]), value + np.hypot(ends[0][1], ends[1][0])
    return Measurement(value, float(low), float(high), n=sum(totals))


def quantile(values: np.ndarray, level: float, data: Data) -> Measurement:
    """A quantile and its interval between order statistics, which covers whatever the law of the values.

    The number of n values below the quantile of level q is binomial (n, q), so the order statistics at the quantiles
    of that law enclose it (e.g. Conover, Practical Nonparametric Statistics, 3rd ed. 1999, section 3.2). An end
    that too few values leave open is infinite: a median needs six values at 95 %.

    Parameters
    ----------
    values
        any unit, dims (value,); NaN is left out.

    Raises
    ------
    Unavailable
        If no value is finite.
    """
    finite = np.asarray(values, dtype=float)
    finite = np.sort(finite[np.isfinite(finite)])
    if finite.size == 0:
        raise Unavailable("no finite value")
    tail = 0.5 * (1.0 - data.settings.confidence)
    # ppf(t) is the least k with P(B <= k) >= t, so that P(B < k) < t.
    ranks = stats.binom.ppf([tail, 1.0 - tail], finite.size, level).astype(int)
    bounded = np.concatenate([[-np.inf], finite, [np.inf]])
    low, high = bounded[ranks[0]], bounded[ranks[1] + 1]
    return Measurement(float(np.quantile(finite, level)), float(low), float(high), n=int(finite.size))


def median(values: np.ndarray, data: Data) -> Measurement:
    """The median by `quantile`.

    Parameters
    ----------
    values
        any unit, dims (value,); NaN is left out.
    """
    return quantile(values, 0.5, data)


def nearest(measurement: Measurement, low: float, high: float) -> Measurement:
    """The candidate closest to a range, its interval included; the measurement itself if it has none."""

    def gap(one: Measurement) -> float:
        bottom = one.value if one.low is None else one.low
        top = one.value if one.high is None else one.high
        return max(low - top, bottom - high, 0.0)

    return min(measurement.candidates, key=gap) if measurement.candidates else measurement


def matching(found: Measurement, low: float, high: float, whole: bool = False) -> float:
    """Length of the part of the span from which a random time or altitude would match.

    The expected range, moved at random over the span, meets a candidate where its middle lies within half of its
    width of one. Intervals of candidates count with their length: that is the window that is used. A range that is
    open on one side is met with its share of the span.

    Parameters
    ----------
    whole
        the whole interval must lie in the range, not only reach it.
    """
    if found.span is None:
        return float("nan")
    first, last = found.span
    if np.isinf([low, high]).any():
        return float(np.clip(min(high, last) - max(low, first), 0.0, last - first))
    half = 0.5 * (high - low)
    if whole:
        ends = [found.value if end is None else end for end in (found.low, found.high)]
        return float(np.clip(2.0 * half - (ends[1] - ends[0]), 0.0, last - first))
    edges = sorted(
        (max((one.value if one.low is None else one.low) - half, first),
         min((one.value if one.high is None else one.high) + half, last))
        for one in found.candidates or (found,)
    )  # fmt: skip
    covered, reached = 0.0, first
    for bottom, top in edges:
        covered += max(top - max(bottom, reached), 0.0)
        reached = max(reached, top)
    return covered


def chance_of_match(found: Measurement, low: float, high: float, whole: bool = False) -> float:
    """Chance that a random time or altitude within the span matches (`matching`)."""
    if found.span is None:
        return float("nan")
    first, last = found.span
    return matching(found, low, high, whole) / (last - first) if last > first else 1.0


def named_row(table: pd.DataFrame, name: str) -> Measurement:
    """Value, interval and n of a row of a table with the columns name, value, low, high, n.

    Parameters
    ----------
    table
        columns name, value, low, high, n.

    Raises
    ------
    Unavailable
        If there is no such row, or its value or interval is missing.
    """
    rows = table[(table["name"] == name)].dropna(subset=["value", "low", "high"])
    if rows.empty:
        raise Unavailable(f"{name} could not be computed")
    row = rows.iloc[0]
    low, high = (float(row[end]) if pd.notna(row[end]) else None for end in ("low", "high"))
    return Measurement(float(row["value"]), low, high, n=int(row["n"]) if pd.notna(row["n"]) else None)
