"""The main layer: presence, its yearly course, and what it has to do with the clouds (M1 to M4, L1, D2)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import numpy as np
import pandas as pd

from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.claims.statistics import median, named_row, share

WEIGHTS = ("nights", "profiles", "years")
# Hours that a night must have to count in a monthly mean, tried beside the run's own rule.
LEAST_HOURS = (1.0, 3.0, 4.0)
ALL_MONTHS = 12


def _nights(data: Data, column: str) -> pd.DataFrame:
    return data.table("columns", "night", column)


def _monthly_means(table: pd.DataFrame, column: str, weight: np.ndarray, data: Data) -> pd.Series:
    month = data.months(table["night"])
    total = (table[column].astype(float) * weight).groupby(month).sum()
    return total / pd.Series(weight, index=table.index).groupby(month).sum()


def _ratio(means: pd.Series, above: Sequence[int], below: Sequence[int]) -> float:
    """Least mean of the months that should have more over the largest of those that should have less.

    Raises
    ------
    Unavailable
        If a month has no night.
    """
    gone = [calendar.month_name[month] for month in (*above, *below) if month not in means.index]
    if gone:
        raise Unavailable(f"no nights in {', '.join(gone)}")
    return float(means.loc[list(above)].min() / means.loc[list(below)].max())


def month_means(data: Data, column: str, above: Sequence[int], below: Sequence[int]) -> Measurement:
    """Least sample mean of the months of `above` over the largest of those of `below`.

    A statement about sample means is met or not; what may turn it are choices of ours, so that the same is given with
    other weights of nights, with other least lengths of a night, and without nights whose negative values the record
    does not hold as retrieved.
    """
    table = _nights(data, column)
    value = _ratio(_monthly_means(table, column, night_weights(table, data), data), above, below)
    choices = {}
    for name, part, weights in _other_choices(table, data):
        try:
            means = _monthly_means(part, column, night_weights(part, data, weights), data)
            choices[name] = Measurement(_ratio(means, above, below), n=len(part))
        except Unavailable:
            continue
    return Measurement(value, n=len(table), choices=choices)


def _other_choices(table: pd.DataFrame, data: Data) -> list[tuple[str, pd.DataFrame, str]]:
    own = data.settings.night_weights
    found = [(f"weights {one}", table, one) for one in WEIGHTS if one != own]
    found += [(f"nights of {one:g} h", table[table["hours"] >= one], own) for one in LEAST_HOURS]
    kept = table[table["negatives"] == "kept"]
    return [*found, ("negatives kept", kept, own)] if 0 < len(kept) < len(table) else found


def month_ordering(data: Data, column: str, above: Sequence[int], below: Sequence[int]) -> Measurement:
    """Probability that every month of `above` has a larger mean of a nightly column than every month of `below`.

    Nights are drawn anew within each month; the mean is arithmetic, as in the paper's Figure 4, weighted as the
    setting `night_weights` says.

    Raises
    ------
    Unavailable
        If a month has fewer than two nights.
    """
    table = _nights(data, column)
    month, weight = data.months(table["night"]), night_weights(table, data)
    generator = data.generator("months", column, *above, 0, *below)

    def means(calendar_month: int) -> np.ndarray:
        own = (month == calendar_month).to_numpy()
        values, weights = table[column].to_numpy(dtype=float)[own], weight[own]
        if values.size < 2:
            raise Unavailable(f"fewer than two nights in {calendar.month_name[calendar_month]}")
        picks = generator.integers(0, values.size, (data.settings.draws, values.size))
        return (values * weights)[picks].sum(axis=1) / weights[picks].sum(axis=1)

    least = np.min([means(one) for one in above], axis=0)
    most = np.max([means(one) for one in below], axis=0)
    probability = float((least > most).mean())
    return Measurement(probability, n=len(table), probability=probability)


def night_weights(table: pd.DataFrame, data: Data, weights: str = "") -> np.ndarray:
    """Weight of each night in the mean of its month: 1, its profiles, or one over the nights of its month and year.

    Parameters
    ----------
    weights
        as the setting `night_weights`, whose value is taken where none is given.
    table
        rows with `night` and `profiles`.

    Returns
    -------
    ndarray
        1, dims (row,).

    Raises
    ------
    Unavailable
        If the profiles of a night are not known.
    """
    chosen = weights or data.settings.night_weights
    if chosen == "profiles":
        if table["profiles"].isna().any():
            raise Unavailable("the number of profiles is not known for each night")
        return table["profiles"].to_numpy(dtype=float)
    if chosen == "years":
        year, month = table["night"].str[:4], data.months(table["night"])
        return 1.0 / table.groupby([year, month])["night"].transform("size").to_numpy(dtype=float)
    return np.ones(len(table))


def correlation(data: Data, name: str) -> Measurement:
    """A row of derive/correlation.csv over all calendar months.

    Raises
    ------
    Unavailable
        If it is not there, or rests on fewer months than a year has.
    """
    found = named_row(data.table("correlation", "name", "value", "low", "high", "n"), name)
    if found.n is not None and found.n < ALL_MONTHS:
        raise Unavailable(f"only {found.n} calendar months have both numbers")
    return found


def nightly_relation(data: Data, name: str) -> Measurement:
    """A row of derive/correlation.csv that compares nights, season apart."""
    return named_row(data.table("correlation", "name", "value", "low", "high", "n"), name)


def main_layer_nights(data: Data, present_share: float) -> Measurement:
    """Share of nights on which the main layer is there in at least `present_share` of the time."""
    presence = data.table("columns", "night", "main_layer_present_share")["main_layer_present_share"]
    return share(int((presence >= present_share).sum()), len(presence), data.settings.confidence)


def cloud_to_layer_density(data: Data) -> Measurement:
    """Median over nights with clouds of the cloud's density over the main layer's."""
    table = data.table("columns", "cloud_density_cm3", "main_layer_density_cm3")
    ratio = table["cloud_density_cm3"] / table["main_layer_density_cm3"]
    return median(ratio.to_numpy(), data)
