"""The main layer: presence, its yearly course, and what it has to do with the clouds (M1 to M4, L1, D2)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import numpy as np
import pandas as pd

from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.claims.statistics import median, named_row, share


def month_ordering(data: Data, column: str, above: Sequence[int], below: Sequence[int]) -> Measurement:
    """Probability that every month of `above` has a larger mean of a nightly column than every month of `below`.

    Nights are drawn anew within each month; the mean is arithmetic, as in the paper's Figure 4, weighted as the
    setting `night_weights` says.

    Raises
    ------
    Unavailable
        If a month has fewer than two nights.
    """
    table = data.table("columns").dropna(subset=[column])
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


def night_weights(table: pd.DataFrame, data: Data) -> np.ndarray:
    """Weight of each night in the mean of its month: 1, its profiles, or one over the nights of its month and year.

    Raises
    ------
    Unavailable
        If the profiles of a night are not known.
    """
    if data.settings.night_weights == "profiles":
        if table["profiles"].isna().any():
            raise Unavailable("the number of profiles is not known for each night")
        return table["profiles"].to_numpy(dtype=float)
    if data.settings.night_weights == "years":
        year, month = table["night"].str[:4], data.months(table["night"])
        return 1.0 / table.groupby([year, month])["night"].transform("size").to_numpy(dtype=float)
    return np.ones(len(table))


def correlation(data: Data, name: str) -> Measurement:
    """A row of derive/correlation.csv."""
    return named_row(data.table("correlation"), name)


def main_layer_nights(data: Data, present_share: float) -> Measurement:
    """Share of nights on which the main layer is there in at least `present_share` of the time."""
    presence = data.table("columns")["main_layer_present_share"].dropna()
    return share(int((presence >= present_share).sum()), len(presence), data.settings.confidence)


def cloud_to_layer_density(data: Data) -> Measurement:
    """Median over nights with clouds of the cloud's density over the main layer's."""
    table = data.table("columns")
    ratio = table["cloud_density_cm3"] / table["main_layer_density_cm3"]
    return median(ratio.to_numpy(), data)
