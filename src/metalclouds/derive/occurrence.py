"""How often there is Ca+ above 150 km: counts of nights, binomial intervals, counts against the threshold."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import beta, binomtest

from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import CLEAR_THRESHOLD, OCCURRENCE_BY_YEAR


def binomial_interval(
    successes: int, trials: int, confidence: float = 0.95, method: Literal["wilson", "jeffreys"] = "wilson"
) -> tuple[float, float]:
    """Interval of a probability from a count.

    Parameters
    ----------
    method
        "wilson": the score interval (Wilson 1927). "jeffreys": equal tails of the posterior with the prior
        Beta(1/2, 1/2), ends set to 0 or 1 where the count is 0 or all (Brown, Cai and DasGupta 2001).

    Returns
    -------
    low, high
        NaN for no trials.
    """
    if trials == 0:
        return np.nan, np.nan
    if method == "wilson":
        interval = binomtest(int(successes), int(trials)).proportion_ci(confidence, method="wilson")
        return float(interval.low), float(interval.high)
    tail = 0.5 * (1 - confidence)
    posterior = beta(successes + 0.5, trials - successes + 0.5)
    low = 0.0 if successes == 0 else float(posterior.ppf(tail))
    high = 1.0 if successes == trials else float(posterior.ppf(1 - tail))
    return low, high


def counts(nights: pd.DataFrame) -> dict[str, int]:
    """Nights observed, above 150 km and clear in 200-300 km; only observed nights count.

    Parameters
    ----------
    nights
        table NIGHTS.
    """
    observed = nights[nights["observed"]]
    return {
        "nights_observed": len(observed),
        "nights_above_150": int(observed["above_150"].sum()),
        "nights_clear_200_300": int(observed["clear_200_300"].sum()),
    }


def rate(nights: pd.DataFrame, settings: OccurrenceSettings) -> dict[str, float]:
    """Occurrence rate of Ca+ above 150 km with its binomial interval; NaN where no night was observed.

    Parameters
    ----------
    nights
        table NIGHTS.
    """
    number = counts(nights)
    trials, successes = number["nights_observed"], number["nights_above_150"]
    low, high = binomial_interval(successes, trials, settings.confidence, settings.interval)
    return {
        "occurrence": successes / trials if trials else np.nan,
        "occurrence_low": low,
        "occurrence_high": high,
    }


def common_sensitivity(nights: pd.DataFrame, settings: OccurrenceSettings) -> pd.DataFrame:
    """The observed nights whose noise floor lies at or below the quantile `sensitivity_quantile` of all of them.

    Nights of less sensitivity miss faint clouds: they would lower the rate of the months that hold many of them.

    Parameters
    ----------
    nights
        table NIGHTS.

    Returns
    -------
    DataFrame
        the rows of those nights.
    """
    observed = nights[nights["observed"] & nights["noise_floor_cm3"].notna()]
    if observed.empty:
        return observed
    return observed[
        observed["noise_floor_cm3"] <= observed["noise_floor_cm3"].quantile(settings.sensitivity_quantile)
    ]


def per_hour(sensitive: pd.DataFrame) -> dict[str, float]:
    """Usable dark hours of nights of common sensitivity, and nights with Ca+ above 150 km for each such hour.

    Parameters
    ----------
    sensitive
        rows of NIGHTS (`common_sensitivity`).
    """
    hours = float(sensitive["hours"].sum())
    return {
        "hours": hours,
        "occurrence_per_hour": int(sensitive["above_150"].sum()) / hours if hours > 0 else np.nan,
    }


def false_nights_expected(nights: pd.DataFrame, p_false: float) -> float:
    """Nights expected to be called above 150 km by chance.

    Each quiet night is called so with probability p; the nights not called are the (1 - p) share of the quiet
    ones (a night with a cloud that was missed counts as quiet), so p / (1 - p) times their number is expected.

    Parameters
    ----------
    nights
        table NIGHTS.
    p_false
        false-alarm probability of a night.
    """
    number = counts(nights)
    return (number["nights_observed"] - number["nights_above_150"]) * p_false / (1 - p_false)


def occurrence_by_year(nights: pd.DataFrame, settings: OccurrenceSettings) -> pd.DataFrame:
    """Counts and rate of each month of each year in which a night was observed.

    Parameters
    ----------
    nights
        table NIGHTS.

    Returns
    -------
    DataFrame
        table OCCURRENCE_BY_YEAR.
    """
    observed = nights[nights["observed"]] if len(nights) else nights
    rows = [
        {"year": year, "month": month, **counts(group), **rate(group, settings)}
        for (year, month), group in observed.groupby(["year", "month"])
    ]
    table = pd.DataFrame(rows) if rows else OCCURRENCE_BY_YEAR.empty()
    return OCCURRENCE_BY_YEAR.ordered(table)


def clear_threshold(detected: pd.DataFrame, settings: OccurrenceSettings) -> pd.DataFrame:
    """Observed nights whose score reaches each threshold, above 150 km and in 200-300 km.

    The paper's counts (37 and 15) are neither used nor aimed at: the table shows how far the choice of the
    threshold moves them. Scores are in standard deviations (detect/nights.csv).

    Parameters
    ----------
    detected
        table DETECT_NIGHTS.

    Returns
    -------
    DataFrame
        table CLEAR_THRESHOLD.
    """
    if detected.empty:
        return CLEAR_THRESHOLD.empty()
    observed = detected[is_true(detected["observed"])]
    rows = [
        {
            "threshold": threshold,
            "nights_above_150": int((observed["score_150"] >= threshold).sum()),
            "nights_clear_200_300": int((observed["score_200_300"] >= threshold).sum()),
        }
        for threshold in settings.thresholds
    ]
    return CLEAR_THRESHOLD.ordered(pd.DataFrame(rows))
