"""Counts of nights and the yearly course of the occurrence rate (claims N1 to N5).

The paper prints neither what makes a night nor what makes a layer, so each count is judged at our stated threshold
and shown over a range of thresholds: it differs only if none of them gives what is printed.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.measures.layers import LEAST_HOURS
from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.schema.table import is_true

MONTHS = range(1, 13)
# Thresholds of the night scores (standard deviations) at which nights are counted: 5 is the least that a search over
# a night's many boxes can bear, 15 what an eye would not miss.
THRESHOLDS = tuple(float(value) for value in range(5, 16))


def nights_observed(data: Data, first: str, last: str, least_hours: float) -> Measurement:
    """Nights that count as observed, from month `first` to month `last` (YYYY-MM), both included.

    The interval is from the nights with at least `least_hours` usable dark hours to those with any profile.
    """
    nights = data.table("detect_nights", "night", "observed", "hours", "profiles")
    month = nights["night"].str[:7]
    nights = nights[(month >= first) & (month <= last)]
    counts = [int((nights["hours"] >= least_hours).sum()), int((nights["profiles"] > 0).sum())]
    return Measurement(
        float(is_true(nights["observed"]).sum()), float(min(counts)), float(max(counts)), n=len(nights)
    )


def _observed(data: Data, *columns: str) -> pd.DataFrame:
    nights = data.table("nights", "night", "observed", *columns)
    return nights[is_true(nights["observed"])]


def false_nights(data: Data, months: Sequence[int]) -> float:
    """Nights of some calendar months that are expected to be counted by chance."""
    monthly = data.table("monthly", "month", "false_nights_expected")
    return float(monthly.loc[monthly["month"].isin(months), "false_nights_expected"].sum())


def _counted(table: pd.DataFrame, flag: str, months: Sequence[int], data: Data) -> Measurement:
    """Flagged nights; the interval leaves out doubtful nights and false ones, and adds those just missed."""
    table = table[data.months(table["night"]).isin(months)]
    found, probability = is_true(table[flag]), table["p_false"].astype(float)
    doubtful = int((found & (probability > data.settings.sure_p_false)).sum())
    missed = int((~found & (probability <= data.settings.doubtful_p_false)).sum())
    expected = false_nights(data, months)
    count = float(found.sum())
    by_chance = float(stats.poisson.ppf(0.5 + 0.5 * data.settings.confidence, expected))
    low = max(count - max(doubtful, by_chance), 0.0)
    return Measurement(count, low, count + missed, n=len(table), remark=f"{expected:.2g} expected by chance alone")


def _scores(data: Data) -> pd.DataFrame:
    """Month and score above 150 km of the observed nights."""
    nights = data.table("detect_nights", "night", "observed", "score_150")
    nights = nights[is_true(nights["observed"])]
    return pd.DataFrame({"month": data.months(nights["night"]), "score": nights["score_150"]})


def nights_above_150(data: Data, months: Sequence[int] = tuple(MONTHS)) -> Measurement:
    """Observed nights with Ca+ above 150 km in the calendar months given, and their number at other thresholds."""
    found = _counted(_observed(data, "above_150", "p_false"), "above_150", months, data)
    scores = _scores(data)
    own = scores.loc[scores["month"].isin(months), "score"]
    choices = {f"{one:g} sigma": Measurement(float((own >= one).sum())) for one in THRESHOLDS}
    return Measurement(found.value, found.low, found.high, found.n, choices=choices, remark=found.remark)


def months_as_stated(
    data: Data, exactly: Sequence[Sequence[int]], at_least: int, months: Sequence[int]
) -> Measurement:
    """How many of the monthly counts are as stated, doubtful nights left open, and how many at other thresholds.

    Parameters
    ----------
    exactly
        pairs of a calendar month and its count.
    at_least, months
        least count of each of these months.
    """
    table = _observed(data, "above_150", "p_false")
    own = [_counted(table, "above_150", [month], data) for month, _ in exactly]
    least = [_counted(table, "above_150", [month], data) for month in months]
    possible = sum(_reaches(one, count) for one, (_, count) in zip(own, exactly, strict=True))
    possible += sum((one.high or one.value) >= at_least for one in least)
    value = sum(one.value == count for one, (_, count) in zip(own, exactly, strict=True))
    value += sum(one.value >= at_least for one in least)
    scores, choices = _scores(data), {}
    for threshold in THRESHOLDS:
        by_month = scores.loc[scores["score"] >= threshold, "month"].value_counts()
        hold = sum(by_month.get(month, 0) == count for month, count in exactly)
        hold += sum(by_month.get(month, 0) >= at_least for month in months)
        choices[f"{threshold:g} sigma"] = Measurement(float(hold))
    counts = ", ".join(f"{month}: {one.value:.0f}" for (month, _), one in zip(exactly, own, strict=True))
    counts += "".join(f", {month}: {one.value:.0f}" for month, one in zip(months, least, strict=True))
    return Measurement(
        float(value), float(value), float(possible), len(table), choices=choices, remark=f"nights a month {counts}"
    )


def _reaches(found: Measurement, count: float) -> bool:
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    return low <= count <= high


def nights_clear(data: Data) -> Measurement:
    """Observed nights with a clear layer within 200-300 km, and their number at other thresholds."""
    nights = _observed(data, "clear_200_300")
    scores = data.table("detect_nights", "night", "score_200_300").set_index("night")["score_200_300"]
    score = nights["night"].map(scores).astype(float)
    choices = {f"{one:g} sigma": Measurement(float((score >= one).sum())) for one in THRESHOLDS}
    return Measurement(float(is_true(nights["clear_200_300"]).sum()), n=len(nights), choices=choices)


def _rates(data: Data, *key: object) -> tuple[np.ndarray, int]:
    """Draws of the occurrence rate of each month, and the nights.

    The nights that chance alone adds are drawn (Poisson) and taken off; then the posterior of the binomial is
    Jeffreys's.
    """
    nights = _observed(data, "above_150")
    month = data.months(nights["night"])
    if set(month) != set(MONTHS):
        raise Unavailable("not all calendar months were observed")
    found = is_true(nights["above_150"]).groupby(month)
    hits, total = found.sum().to_numpy(), found.size().to_numpy()
    generator = data.generator("occurrence", *key)
    false = generator.poisson([false_nights(data, [one]) for one in MONTHS], (data.settings.draws, 12))
    real = np.maximum(hits - false, 0)
    return generator.beta(real + 0.5, total - real + 0.5), len(nights)


def month_rates(data: Data, above: Sequence[int], below: Sequence[int]) -> Measurement:
    """Largest occurrence rate of the months of `above` over the largest of those of `below`, in the sample.

    As for the means of the main layer (`layers.month_means`): a statement about the sample is met or not, and what
    may turn it are choices of ours, so that the same is given at other thresholds and for other least lengths of a
    night. A month without a night with clouds counts as half a night in the denominator, so that there is a ratio.

    Raises
    ------
    Unavailable
        If a month was not observed, or none of all these has a night with clouds.
    """
    nights = data.table("detect_nights", "night", "observed", "hours", "score_150")
    decided = _observed(data, "above_150").set_index("night")["above_150"]
    observed = nights[is_true(nights["observed"])]
    found = is_true(observed["night"].map(decided))
    value, words = _rate_ratio(observed, found, data, above, below)
    choices = {}
    for threshold in THRESHOLDS:
        choices[f"{threshold:g} sigma"] = observed, observed["score_150"] >= threshold
    for hours in LEAST_HOURS:
        long = observed["hours"] >= hours
        choices[f"nights of {hours:g} h"] = observed[long], found[long]
    others = {
        name: Measurement(_rate_ratio(table, hits, data, above, below)[0]) for name, (table, hits) in choices.items()
    }
    return Measurement(value, n=len(observed), choices=others, remark=words)


def _rate_ratio(
    nights: pd.DataFrame, found: pd.Series, data: Data, above: Sequence[int], below: Sequence[int]
) -> tuple[float, str]:
    """The ratio of two largest rates, and both in words."""
    month = data.months(nights["night"])
    gone = [calendar.month_name[one] for one in (*above, *below) if one not in set(month)]
    if gone:
        raise Unavailable(f"no nights in {', '.join(gone)}")
    hits, total = found.groupby(month).sum(), found.groupby(month).size()
    if not hits.loc[[*above, *below]].any():
        raise Unavailable("no night with clouds in these months")
    own = (hits / total).loc[list(above)]
    other = (hits.clip(lower=0.5) / total).loc[list(below)]
    first, second = (calendar.month_name[int(one.idxmax())] for one in (own, other))
    words = f"{first} {hits[own.idxmax()]} of {total[own.idxmax()]} nights, "
    words += f"{second} {hits[other.idxmax()]} of {total[other.idxmax()]}"
    return float(own.max() / other.max()), words


def largest_month(data: Data, months: Sequence[int]) -> Measurement:
    """Probability that the month of the largest occurrence rate is one of some months."""
    rates, count = _rates(data, "largest", *months)
    probability = float(np.isin(rates.argmax(axis=1) + 1, months).mean())
    return Measurement(probability, n=count, probability=probability)


def month_exceeds(data: Data, month: int, others: Sequence[int]) -> Measurement:
    """Probability that a month's occurrence rate exceeds that of each of some others."""
    rates, count = _rates(data, month, 0, *others)
    highest = rates[:, [other - 1 for other in others]].max(axis=1)
    probability = float((rates[:, month - 1] > highest).mean())
    return Measurement(probability, n=count, probability=probability)
