"""Can the two stripes that Figure 5 marks be told apart (claims S4 and S9)?"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

from metalclouds import io
from metalclouds.derive.settings import BetaSettings
from metalclouds.schema.tables import STRIPE_PAIR


def stripe_pair(stripes: pd.DataFrame, profile_seconds: float, settings: BetaSettings) -> pd.DataFrame:
    """Compare the two marked stripes.

    Parameters
    ----------
    stripes
        beta.csv with the columns of detect/stripes.csv beside it (`beta.with_stripes`).
    profile_seconds
        time from profile to profile on that night, s.

    Returns
    -------
    DataFrame
        For `first` and `second` in the order of time: `beta_...` (degree, 68 %), `slowness_...` (s km-1).
        `slowness_difference`, `beta_difference` (second minus first; the wind is taken as common to both, so its
        error nearly cancels), `time_span_difference` (s, over the altitudes that both cover) against
        `profile_length` (s). `p_same`: probability of as large a difference of slowness for parallel stripes.
        `smallest_difference`: the difference of beta (degree) that could be told at the level of the intervals.
        `told_apart`: 1 or 0. No rows unless two stripes are marked and their slowness has an error.
    """
    if stripes.empty:
        return STRIPE_PAIR.empty()
    both = stripes[stripes["marked"].astype(bool)].sort_values("time_bottom")
    if len(both) != 2:
        return STRIPE_PAIR.empty()
    first, second = both.iloc[0], both.iloc[1]
    rows = _singles(first, second, settings) + _differences(first, second, profile_seconds, settings)
    return STRIPE_PAIR.ordered(pd.DataFrame(rows, columns=list(STRIPE_PAIR)))


def profile_seconds(detect: Path | None) -> float:
    """Time from profile to profile of a night, s: the median step of its times; NaN where there is no such file."""
    if detect is None:
        return math.nan
    with io.open_netcdf(detect) as dataset:
        time = dataset["time"].values
    return float(np.median(np.diff(time)) / np.timedelta64(1, "s")) if time.size > 1 else math.nan


def _singles(first: pd.Series, second: pd.Series, settings: BetaSettings) -> list[tuple]:
    rows = []
    for name, stripe in (("first", first), ("second", second)):
        angle = stripe[["beta_deg", "beta_low_deg", "beta_high_deg"]]
        rows.append((f"beta_{name}", *angle, "degree", 1))
        half = _quantile(settings) * stripe["slowness_sigma_s_per_km"]
        slowness = stripe["slowness_s_per_km"]
        rows.append((f"slowness_{name}", slowness, slowness - half, slowness + half, "s km-1", 1))
    return rows


def _differences(first: pd.Series, second: pd.Series, profile_seconds: float, settings: BetaSettings) -> list[tuple]:
    difference = second["slowness_s_per_km"] - first["slowness_s_per_km"]
    sigma = math.hypot(first["slowness_sigma_s_per_km"], second["slowness_sigma_s_per_km"])
    half = _quantile(settings) * sigma
    common = min(first["top_km"], second["top_km"]) - max(first["bottom_km"], second["bottom_km"])
    p_same = float(2 * norm.sf(abs(difference) / sigma))
    angle, angle_sigma = beta_difference(first, second)
    angle_half = _quantile(settings) * angle_sigma
    return [
        ("slowness_difference", difference, difference - half, difference + half, "s km-1", 2),
        ("beta_difference", angle, angle - angle_half, angle + angle_half, "degree", 2),
        _scaled("time_span_difference", difference, half, common, "s"),
        ("profile_length", profile_seconds, math.nan, math.nan, "s", 1),
        ("p_same", p_same, math.nan, math.nan, "1", 2),
        ("smallest_difference", angle_half, math.nan, math.nan, "degree", 2),
        ("told_apart", float(p_same < 1 - settings.pair_confidence), math.nan, math.nan, "1", 2),
    ]


def _scaled(name: str, value: float, half: float, factor: float, unit: str) -> tuple:
    return name, value * factor, (value - half) * factor, (value + half) * factor, unit, 2


def beta_difference(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """Difference of beta in degrees with its standard error, for the mean of the two winds, delta method.

    Parameters
    ----------
    first, second
        rows of STRIPES with `wind_m_s`.
    """
    speed = 0.5 * (first["wind_m_s"] + second["wind_m_s"]) / 1000.0
    tangents = [abs(stripe["slowness_s_per_km"]) * speed for stripe in (first, second)]
    slopes = [speed / (1 + tangent**2) for tangent in tangents]
    sigmas = [stripe["slowness_sigma_s_per_km"] for stripe in (first, second)]
    sigma = math.hypot(slopes[0] * sigmas[0], slopes[1] * sigmas[1])
    return math.degrees(math.atan(tangents[1]) - math.atan(tangents[0])), math.degrees(sigma)


def _quantile(settings: BetaSettings) -> float:
    return float(norm.ppf(0.5 + 0.5 * settings.pair_confidence))
