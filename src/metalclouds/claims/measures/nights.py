"""Counts of nights and the yearly course of the occurrence rate (claims N1 to N5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.claims.statistics import is_true

MONTHS = range(1, 13)


def _observed(data: Data, first: str = "", last: str = "") -> pd.DataFrame:
    nights = data.table("nights")
    nights = nights[is_true(nights["observed"])]
    month = nights["night"].str[:7]
    return nights[(month >= first) & (month <= last)] if first else nights


def _counted(table: pd.DataFrame, flag: str, p_false: pd.Series, data: Data) -> Measurement:
    """Flagged nights; from those that are surely no false alarm to those with the doubtful ones added."""
    found = is_true(table[flag])
    probability = p_false.astype(float)
    sure = found & ~(probability > data.settings.sure_p_false)
    doubtful = ~found & (probability <= data.settings.doubtful_p_false)
    return Measurement(float(found.sum()), float(sure.sum()), float(found.sum() + doubtful.sum()), n=len(table))


def nights_observed(data: Data, first: str, last: str) -> Measurement:
    """Nights that count as observed, from month `first` to month `last` (YYYY-MM), both included."""
    count = float(len(_observed(data, first, last)))
    return Measurement(count, count, count, n=len(data.table("nights")))


def nights_above_150(data: Data, months: Sequence[int] = tuple(MONTHS)) -> Measurement:
    """Observed nights with Ca+ above 150 km in the calendar months given.

    The interval leaves out the nights whose false-alarm probability is not small, and adds those just missed.
    """
    nights = _observed(data)
    nights = nights[data.months(nights["night"]).isin(months)]
    return _counted(nights, "above_150", nights["p_false"], data)


def fewest_nights_above_150(data: Data, months: Sequence[int]) -> Measurement:
    """The least of the monthly counts of nights with Ca+ above 150 km."""
    return min((nights_above_150(data, [month]) for month in months), key=lambda one: one.value)


def nights_clear(data: Data) -> Measurement:
    """Observed nights with a clear layer within 200-300 km.

    The threshold lies between the lowest score of the clear nights and the highest of the others; the interval
    leaves out, or adds, the nights whose score is within `score_margin` of it.
    """
    nights = _observed(data)
    clear = is_true(nights["clear_200_300"])
    score = nights["night"].map(data.table("detect_nights").set_index("night")["score_200_300"]).astype(float)
    threshold = np.nanmean([score[clear].min(), score[~clear].max()]) if clear.any() else np.inf
    margin = data.settings.score_margin
    unsure = clear & (score < threshold + margin)
    missed = ~clear & (score > threshold - margin)
    found = float(clear.sum())
    return Measurement(found, found - float(unsure.sum()), found + float(missed.sum()), n=len(nights))


def _rates(data: Data, *key: object) -> tuple[np.ndarray, int]:
    """Draws of the occurrence rate of each month (Jeffreys posterior of the binomial), and the nights."""
    nights = _observed(data)
    month = data.months(nights["night"])
    if set(month) != set(MONTHS):
        raise Unavailable("not all calendar months were observed")
    found = is_true(nights["above_150"]).groupby(month)
    hits, total = found.sum().to_numpy(), found.size().to_numpy()
    generator = data.generator("occurrence", *key)
    return generator.beta(hits + 0.5, total - hits + 0.5, (data.settings.draws, 12)), len(nights)


def occurrence_above(data: Data, months: Sequence[int], others: Sequence[int]) -> Measurement:
    """Probability that the mean occurrence rate of some months exceeds that of some others."""
    rates, count = _rates(data, *months, 0, *others)
    high, low = (rates[:, [month - 1 for month in group]].mean(axis=1) for group in (months, others))
    probability = float((high > low).mean())
    return Measurement(probability, n=count, probability=probability)
