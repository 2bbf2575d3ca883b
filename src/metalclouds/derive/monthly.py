"""Calendar months: occurrence, and the mean of the nights' columns with an interval of the stated coverage.

Each night has the same weight, however many profiles it holds (inside a night profiles are weighted with their
accumulation time), and all years of a calendar month are taken together, as in Figure 4 of the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.derive import occurrence
from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.schema.tables import MONTHLY
from metalclouds.schema.variables import DENSITY_SPECIES

MONTHS = range(1, 13)
LEAST_NIGHTS = 3


def lognormal_mean_interval(values: np.ndarray, settings: OccurrenceSettings) -> tuple[float, float]:
    """Generalised confidence interval of the arithmetic mean of a log-normal quantity.

    With mean m and standard deviation s of the logarithms of n values, Z standard normal and X chi-square with
    n - 1 degrees of freedom, T = m - Z s sqrt((n - 1) / X) / sqrt(n) + s^2 (n - 1) / (2 X) has the law of the
    logarithm of the mean as the data leave it open; the interval is between its quantiles (Krishnamoorthy and
    Mathew 2003, J. Stat. Plan. Inference 115, 103-121). A percentile bootstrap covers 84 % where this covers 95.

    Parameters
    ----------
    values
        One for each night, independent. Not positive or NaN: no interval.

    Returns
    -------
    low, high
        NaN with fewer than three values.
    """
    values = np.asarray(values, dtype=float)
    if values.size < LEAST_NIGHTS or not (values > 0).all():
        return np.nan, np.nan
    low, high = _intervals(np.log(values)[None, :], settings)
    return float(low[0]), float(high[0])


@cache
def _pivots(nights: int, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Factors of s and s^2 in the pivotal quantity, one for each draw, keyed by the number of nights."""
    random = np.random.default_rng([seed, nights])
    shrink = (nights - 1) / random.chisquare(nights - 1, draws)
    return random.standard_normal(draws) * np.sqrt(shrink / nights), 0.5 * shrink


def _intervals(logarithms: np.ndarray, settings: OccurrenceSettings) -> tuple[np.ndarray, np.ndarray]:
    """Intervals of many sets at once; `logarithms` has dims (set, night)."""
    linear, square = _pivots(logarithms.shape[1], settings.mean_draws, settings.seed)
    centre = logarithms.mean(axis=1)
    spread = logarithms.std(axis=1, ddof=1)
    tail = 0.5 * (1 - settings.confidence)
    ends = np.array([np.quantile(s * linear + s**2 * square, [tail, 1 - tail]) for s in spread])
    # With as few as three nights the pivot may overflow: overflow gives an infinite bound.
    with np.errstate(over="ignore"):
        return np.exp(centre + ends[:, 0]), np.exp(centre + ends[:, 1])


@dataclass(frozen=True)
class Coverage:
    """Share of simulated sets whose interval holds the true mean, and the standard error of that share."""

    share: float
    error: float


def coverage(nights: int, spread: float, sets: int, settings: OccurrenceSettings, seed: int) -> Coverage:
    """Simulate sets of log-normal nights and count how often the interval holds their true mean.

    Parameters
    ----------
    nights
        nights in a set.
    spread
        standard deviation of the natural logarithm.
    sets
        number of sets; 2000 give the share to 0.005.
    """
    logarithms = spread * np.random.default_rng([seed, nights, sets]).standard_normal((sets, nights))
    low, high = _intervals(logarithms, settings)
    truth = np.exp(0.5 * spread**2)
    share = float(np.mean((low <= truth) & (truth <= high)))
    return Coverage(share, float(np.sqrt(share * (1 - share) / sets)))


def monthly(
    nights: pd.DataFrame, columns: pd.DataFrame, settings: OccurrenceSettings, p_false: float
) -> pd.DataFrame:
    """The table of calendar months.

    Parameters
    ----------
    nights, columns
        nights.csv and columns.csv. Means are over the observed nights that have a column.
    p_false
        probability that a quiet night is called above 150 km (setting of the detection).

    Returns
    -------
    DataFrame
        A row for each of the twelve months; a month without nights has counts of 0 and empty values. `hours` are
        the usable dark hours of nights of common sensitivity; `density_cm3` is the mean over nights of the
        density within one rms width of the layer's centroid.
    """
    if nights.empty:
        return MONTHLY.empty()
    sensitive = occurrence.common_sensitivity(nights, settings)
    layer = nights.loc[nights["observed"], ["night", "month"]].merge(columns, on="night")
    rows = []
    for month in MONTHS:
        part = nights[nights["month"] == month]
        rows.append(
            {
                "month": month,
                **occurrence.counts(part),
                **occurrence.rate(part, settings),
                **occurrence.per_hour(sensitive[sensitive["month"] == month]),
                "false_nights_expected": occurrence.false_nights_expected(part, p_false),
                **_layer_means(layer[layer["month"] == month], settings),
            }
        )
    return MONTHLY.ordered(pd.DataFrame(rows))


def _layer_means(nights: pd.DataFrame, settings: OccurrenceSettings) -> dict[str, float]:
    column = nights["column_density_cm2"].dropna()
    density = nights["main_layer_density_cm3"].dropna()
    column_low, column_high = lognormal_mean_interval(column.to_numpy(), settings)
    density_low, density_high = lognormal_mean_interval(density.to_numpy(), settings)
    return {
        "column_density_cm2": column.mean() if len(column) else np.nan,
        "column_low_cm2": column_low,
        "column_high_cm2": column_high,
        "column_nights": len(column),
        "density_cm3": density.mean() if len(density) else np.nan,
        "density_low_cm3": density_low,
        "density_high_cm3": density_high,
    }


def monthly_density(
    nightly: xr.Dataset, nights: pd.DataFrame, inputs: dict[str, str], settings: OccurrenceSettings
) -> xr.Dataset:
    """Mean density profile of each calendar month over the observed nights.

    Parameters
    ----------
    nightly
        nightly_density.nc, dims (night, altitude), cm-3; its values may be dask arrays that are read when they are
        needed.
    nights
        nights.csv.
    inputs
        name -> sha256 of the two files.
    settings
        those of `monthly`; the attribute `intervals` explains its intervals.

    Returns
    -------
    Dataset
        `ca_ion_number_density` (month 1-12, altitude), cm-3; NaN where no observed night has data.
    """
    observed = pd.DatetimeIndex(nights.loc[nights["observed"].astype(bool), "night"])
    density = nightly["ca_ion_number_density"].sel(night=nightly["night"].isin(observed))
    species = nightly.attrs.get("species", DENSITY_SPECIES)
    return xr.Dataset(
        {
            "ca_ion_number_density": (
                ("month", "altitude"),
                _mean_of_months(density).astype("float32"),
            )
        },
        coords={"month": ("month", np.array(MONTHS, dtype="int32")), "altitude": nightly["altitude"].values},
        attrs=io.provenance(
            title=f"Mean density of {species} in the main layer by calendar month",
            source="arithmetic mean of the nights' mean profiles, each night with the same weight",
            synthetic=nightly.attrs.get("synthetic") == "true",
            inputs=inputs,
            species=species,
            intervals=interval_words(settings),
        ),
    )


def interval_words(settings: OccurrenceSettings) -> str:
    """What the intervals of monthly.csv are, for captions."""
    names = {"wilson": "Wilson score", "jeffreys": "Jeffreys"}
    return (
        f"Intervals hold {100 * settings.confidence:g} %: {names[settings.interval]} for occurrence, generalised "
        "confidence interval of a log-normal mean for the column."
    )


def _mean_of_months(density: xr.DataArray) -> np.ndarray:
    """Mean (month, altitude) over the nights that have data at an altitude; NaN where none has."""
    if not density.sizes["night"]:
        return np.full((len(MONTHS), density.sizes["altitude"]), np.nan)
    means = density.astype(float).groupby("night.month").mean("night").reindex(month=list(MONTHS))
    return means.transpose("month", "altitude").values
