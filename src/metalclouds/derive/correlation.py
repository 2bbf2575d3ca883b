"""Do clouds above 150 km and the column of the main layer vary together (claim M3)?

Over twelve calendar months both follow the season, and two unrelated seasonal curves often look alike: r over
months is descriptive, and the chance levels beside it say how little it takes. The test is nightly: inside a month
of a year, is the column higher on nights with clouds (or 1 to 3 days after them) than on the others?
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm, pearsonr, spearmanr, t

from metalclouds.derive.settings import CorrelationSettings
from metalclouds.schema.tables import CORRELATION

CHANCE_LEVEL_R = 0.7
NAIVE_LEVEL = 0.05
LEAST_MONTHS = 4


def correlation(nights: pd.DataFrame, monthly: pd.DataFrame, settings: CorrelationSettings) -> pd.DataFrame:
    """The table of correlations.

    Parameters
    ----------
    nights, monthly
        nights.csv and monthly.csv.

    Returns
    -------
    DataFrame
        `monthly_r`, `monthly_rank_r`: over the months that have both quantities. `chance_...`: shares of unrelated
        seasonal curves. `nightly_log_ratio_lag<d>`: natural logarithm of the ratio of columns, d days after nights
        with clouds against others, inside a month of a year, with covariates; `..._no_covariates` without them;
        `nightly_partial_r_lag<d>`: the same as a partial correlation.
    """
    if nights.empty or monthly.empty:
        return CORRELATION.empty()
    rows = _months(monthly, settings)
    for lag in settings.lags_days:
        rows += nightly_rows(nights, lag, settings)
    return CORRELATION.ordered(pd.DataFrame(rows, columns=list(CORRELATION)))


def keyed_generator(seed: int, product: str) -> np.random.Generator:
    """Random numbers of one product, the same in whatever order the products are made."""
    key = int.from_bytes(hashlib.sha256(product.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, key])


# ---- months ----------------------------------------------------------------------------------------------


def monthly_rows(monthly: pd.DataFrame, settings: CorrelationSettings) -> pd.DataFrame:
    """Correlations over calendar months, and what unrelated seasonal curves would give.

    Without four months that differ in both quantities there are the chance levels only.

    Parameters
    ----------
    monthly
        table MONTHLY.

    Returns
    -------
    DataFrame
        rows of CORRELATION.
    """
    return pd.DataFrame(_months(monthly, settings))


def _months(monthly: pd.DataFrame, settings: CorrelationSettings) -> list[dict]:
    both = monthly[["occurrence", "column_density_cm2"]].dropna()
    x, y = both["occurrence"].to_numpy(), both["column_density_cm2"].to_numpy()
    if len(both) < LEAST_MONTHS or both.nunique().min() < 2:
        return chance_rows(None, settings)
    method = "over calendar months, descriptive; Fisher's interval and naive p take months for independent"
    rows = []
    for name, result in (("monthly_r", pearsonr(x, y)), ("monthly_rank_r", spearmanr(x, y))):
        low, high = fisher_interval(float(result.statistic), len(both), settings.confidence)
        rows.append(_row(name, result.statistic, low, high, result.pvalue, len(both), method))
    return rows + chance_rows(rows[0]["value"], settings)


def chance_rows(observed: float | None, settings: CorrelationSettings) -> list[dict]:
    """Shares of unrelated seasonal curves whose r is high, as high as the observed one, or naively significant."""
    chance = chance_correlations(settings)
    hits = {
        f"chance_r_above_{CHANCE_LEVEL_R:g}": chance > CHANCE_LEVEL_R,
        f"chance_naive_p_below_{NAIVE_LEVEL:g}": np.abs(chance) > _critical_r(12),
    }
    if observed is not None:
        hits["chance_r_above_observed"] = chance >= observed
    method = "share of pairs of unrelated curves, annual and semiannual of random phase, with scatter"
    return [_row(name, found.mean(), np.nan, np.nan, np.nan, chance.size, method) for name, found in hits.items()]


def fisher_interval(r: float, count: int, confidence: float) -> tuple[float, float]:
    """Interval of a correlation coefficient by Fisher's transformation, standard error 1 / sqrt(n - 3)."""
    if count <= 3 or abs(r) >= 1:
        return np.nan, np.nan
    half = norm.ppf(0.5 + 0.5 * confidence) / np.sqrt(count - 3)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def chance_correlations(settings: CorrelationSettings) -> np.ndarray:
    """Pearson's r over twelve months of pairs of unrelated curves.

    A curve is the sum of an annual and a semiannual wave, whose cosine and sine amplitudes are independent
    standard normal numbers (so phases are uniform), and of scatter from month to month.

    Returns
    -------
    ndarray
        1, dims (curve,).
    """
    random = keyed_generator(settings.seed, "chance curves")
    angle = 2 * np.pi * np.arange(12) / 12
    waves = np.array([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])
    curves = random.standard_normal((2, settings.chance_curves, 4)) @ waves
    curves += settings.chance_noise * random.standard_normal(curves.shape)
    curves -= curves.mean(axis=2, keepdims=True)
    norms = np.sqrt((curves**2).sum(axis=2))
    return (curves[0] * curves[1]).sum(axis=1) / (norms[0] * norms[1])


def _critical_r(count: int) -> float:
    """The |r| above which the naive test of independent values gives p below the naive level."""
    quantile = t.ppf(1 - NAIVE_LEVEL / 2, count - 2)
    return float(quantile / np.sqrt(count - 2 + quantile**2))


# ---- nights ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pairs:
    """Nights t with or without clouds, and log column of night t + lag.

    Attributes
    ----------
    clouds
        0 or 1, (pair,).
    log_column
        natural logarithm of the column density, (pair,).
    strata
        number of the month of the year of night t, (pair,), not decreasing.
    covariates
        (pair, covariate): log noise floor and usable hours of night t, annual and semiannual waves.
    """

    clouds: np.ndarray
    log_column: np.ndarray
    strata: np.ndarray
    covariates: np.ndarray


def pairs_at_lag(nights: pd.DataFrame, lag_days: int) -> Pairs:
    """Pair observed nights with the column some days later, in strata that hold nights of both kinds.

    Parameters
    ----------
    nights
        table NIGHTS.
    """
    observed = nights[nights["observed"]].assign(date=lambda table: pd.to_datetime(table["night"]))
    later = observed[["date", "column_density_cm2"]].assign(
        date=lambda table: table["date"] - pd.Timedelta(days=lag_days)
    )
    table = observed.drop(columns="column_density_cm2").merge(later, on="date").sort_values("date")
    usable = (table["column_density_cm2"] > 0) & (table["noise_floor_cm3"] > 0) & table["hours"].notna()
    table = table[usable]
    clouds = table["above_150"].astype(float)
    stratum = table["year"] * 12 + table["month"]
    mixed = clouds.groupby(stratum).transform("nunique") == 2
    table, clouds, stratum = table[mixed], clouds[mixed], stratum[mixed]
    return Pairs(
        clouds.to_numpy(),
        np.log(table["column_density_cm2"].to_numpy()),
        np.unique(stratum, return_inverse=True)[1],
        np.column_stack([np.log(table["noise_floor_cm3"]), table["hours"], _season(table["date"])]),
    )


def _season(dates: pd.Series) -> np.ndarray:
    """Annual and semiannual waves, (night, 4): beside strata they take out the season's course inside a month."""
    angle = 2 * np.pi * dates.dt.dayofyear.to_numpy() / 365.25
    return np.column_stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)])


@dataclass(frozen=True)
class Effect:
    """Difference of log column between nights with and without clouds.

    `difference` with its interval `low` to `high`; `partial_r` the same as a correlation; `p` two-sided.
    """

    difference: float
    low: float
    high: float
    partial_r: float
    p: float


def residual_maker(strata: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Projection that takes out the mean of each stratum and the covariates, (pair, pair).

    Parameters
    ----------
    strata
        number of the stratum of each pair, dims (pair,).
    covariates
        dims (pair, covariate), any unit; of size 0 for none.

    Returns
    -------
    ndarray
        1, dims (pair, pair).
    """
    dummies = (strata[:, None] == np.unique(strata)).astype(float)
    design = np.column_stack([dummies, covariates - covariates.mean(axis=0)]) if covariates.size else dummies
    left, singular, _ = np.linalg.svd(design, full_matrices=False)
    basis = left[:, singular > 1e-10 * singular[0]]
    return np.eye(strata.size) - basis @ basis.T


def permuted_clouds(pairs: Pairs, settings: CorrelationSettings, random: np.random.Generator) -> np.ndarray:
    """Labels with blocks of neighbouring nights exchanged inside each stratum, (permutation, pair).

    Weather and waves last for days: single nights are not exchangeable, blocks of them nearly are. Where the first
    block ends is drawn anew for each permutation.

    Parameters
    ----------
    pairs
        nights with the column some days later.
    random
        the draws come from it.

    Returns
    -------
    ndarray
        0 or 1, dims (permutation, pair).
    """
    permuted = np.empty((settings.permutations, pairs.clouds.size))
    for stratum in np.unique(pairs.strata):
        where = np.flatnonzero(pairs.strata == stratum)
        offset = random.integers(settings.block_nights, size=(settings.permutations, 1))
        block = (np.arange(where.size) + offset) // settings.block_nights
        keys = random.random((settings.permutations, where.size + 1))
        order = np.argsort(np.take_along_axis(keys, block, axis=1), axis=1, kind="stable")
        permuted[:, where] = pairs.clouds[where][order]
    return permuted


def nightly_effect(
    pairs: Pairs, settings: CorrelationSettings, random: np.random.Generator, with_covariates: bool = True
) -> Effect:
    """Effect of clouds on log column inside strata, tested by permutation of blocks.

    The effect is the regression coefficient of log column on clouds with strata and covariates taken out. The
    interval holds the differences that the same test would not reject.
    """
    covariates = pairs.covariates if with_covariates else pairs.covariates[:, :0]
    maker = residual_maker(pairs.strata, covariates)
    response, label = maker @ pairs.log_column, maker @ pairs.clouds
    power = float(label @ label)
    if power < 1e-9:
        return Effect(np.nan, np.nan, np.nan, np.nan, np.nan)
    difference = float(label @ response) / power
    permuted = permuted_clouds(pairs, settings, random)
    power_permuted = np.einsum("ij,ij->i", permuted @ maker, permuted)
    usable = power_permuted > 1e-9
    by_chance = (permuted[usable] @ response) / power_permuted[usable]
    of_label = (permuted[usable] @ label) / power_permuted[usable]
    scale = float(np.sqrt(power / (response @ response)))
    low, high = _not_rejected(difference, by_chance, of_label, 1 - settings.confidence)
    return Effect(difference, low, high, difference * scale, float(_p_values(difference, by_chance, of_label, 0.0)))


def _p_values(
    difference: float, by_chance: np.ndarray, of_label: np.ndarray, supposed: float | np.ndarray
) -> np.ndarray:
    """Two-sided p of supposed true differences: permutations of log column minus the supposed effect."""
    supposed = np.asarray(supposed)[..., None]
    extreme = np.abs(by_chance - supposed * of_label) >= np.abs(difference - supposed) * (1 - 1e-12)
    return (1 + extreme.sum(axis=-1)) / (1 + by_chance.size)


def _not_rejected(
    difference: float, by_chance: np.ndarray, of_label: np.ndarray, level: float
) -> tuple[float, float]:
    """Ends of the range of supposed differences whose p exceeds `level`, to a 400th of its width."""
    spread = 8 * max(float(by_chance.std()), 1e-9)
    supposed = difference + np.linspace(-spread, spread, 801)
    kept = supposed[_p_values(difference, by_chance, of_label, supposed) > level]
    return (float(kept.min()), float(kept.max())) if kept.size else (np.nan, np.nan)


def nightly_rows(nights: pd.DataFrame, lag_days: int, settings: CorrelationSettings) -> list[dict]:
    """Rows of one lag; empty where no month of a year holds nights of both kinds.

    Parameters
    ----------
    nights
        table NIGHTS.
    """
    pairs = pairs_at_lag(nights, lag_days)
    if pairs.clouds.size < 4:
        return []
    test = (
        f"blocks of {settings.block_nights} nights permuted within months of a year, "
        f"{int(pairs.clouds.sum())} nights with clouds"
    )
    rows = []
    for suffix, with_covariates in (("", True), ("_no_covariates", False)):
        random = keyed_generator(settings.seed, f"lag {lag_days}{suffix}")
        effect = nightly_effect(pairs, settings, random, with_covariates)
        told = "; covariates log noise floor, hours, annual and semiannual waves" if with_covariates else ""
        name = f"nightly_log_ratio_lag{lag_days}{suffix}"
        rows.append(_row(name, effect.difference, effect.low, effect.high, effect.p, pairs.clouds.size, test + told))
        if with_covariates:
            rows.append(_partial_row(effect, lag_days, pairs.clouds.size, test + told))
    return rows


def _partial_row(effect: Effect, lag_days: int, count: int, method: str) -> dict:
    scale = effect.partial_r / effect.difference if effect.difference else np.nan
    low, high = (max(-1.0, effect.low * scale), min(1.0, effect.high * scale))
    return _row(f"nightly_partial_r_lag{lag_days}", effect.partial_r, low, high, effect.p, count, method)


def _row(name: str, value: float, low: float, high: float, p: float, n: int, method: str) -> dict:
    numbers = [float(number) for number in (value, low, high, p)]
    return dict(zip(CORRELATION, [name, *numbers, n, method], strict=True))
