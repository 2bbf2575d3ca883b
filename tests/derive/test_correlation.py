"""Correlation: chance levels against their closed form, the nightly test against simulated campaigns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from metalclouds.derive.correlation import (
    Effect,
    Pairs,
    _critical_r,
    _partial_row,
    chance_correlations,
    chance_rows,
    correlation,
    fisher_interval,
    keyed_generator,
    monthly_rows,
    nightly_effect,
    pairs_at_lag,
)
from metalclouds.derive.settings import CorrelationSettings
from metalclouds.schema.tables import CORRELATION, MONTHLY, NIGHTS

QUICK = CorrelationSettings(permutations=199)


def campaign(seed: int, effect: float = 0.0, lag: int = 0, memory: float = 0.5, trend: float = 0.0) -> pd.DataFrame:
    """Nights of 14 months; season in clouds and column, weather with memory, `effect` of clouds on log column.

    `trend` lets the noise floor drive both the clouds that are found and the column.
    """
    random = np.random.default_rng(seed)
    date = pd.date_range("2020-06-01", periods=425)
    season = np.cos(2 * np.pi * (date.dayofyear.to_numpy() - 172) / 365)
    weather = np.zeros(date.size)
    persistent = np.zeros(date.size)
    for day in range(1, date.size):
        weather[day] = memory * weather[day - 1] + random.normal(scale=0.4)
        persistent[day] = memory * persistent[day - 1] + random.normal()
    noise = random.normal(scale=0.3, size=date.size)
    clouds = persistent * np.sqrt(1 - memory**2) + 0.8 * season - trend * noise > 0.6
    column = 16 + season + weather - trend * noise + effect * np.roll(clouds, lag)
    table = pd.DataFrame(dict.fromkeys(NIGHTS, np.nan), index=range(date.size))
    table = table.assign(
        night=date.strftime("%Y-%m-%d"), observed=True, hours=8.0 + random.normal(size=date.size), above_150=clouds,
        clear_200_300=False, year=date.year, month=date.month, noise_floor_cm3=np.exp(noise),
        column_density_cm2=np.exp(column),
    )  # fmt: skip
    return table[random.random(date.size) < 0.6].reset_index(drop=True)


def effect_of(nights: pd.DataFrame, lag: int = 0, **options):
    return nightly_effect(pairs_at_lag(nights, lag), QUICK, keyed_generator(1, "test"), **options)


def months(occurrence, column) -> pd.DataFrame:
    table = pd.DataFrame(dict.fromkeys(MONTHLY, np.nan), index=range(12))
    return table.assign(month=range(1, 13), occurrence=occurrence, column_density_cm2=column)


def test_chance_of_unrelated_curves_by_its_closed_form() -> None:
    # Without scatter, r is the cosine between two random directions in four dimensions:
    # P(r > c) = (arccos c - c sqrt(1 - c^2)) / pi; c = 0.7: 0.094; the naive 5 % level |r| > 0.576: 0.309.
    chance = chance_correlations(CorrelationSettings(chance_noise=0.0))
    for level in (0.7, 0.576):
        expected = (np.arccos(level) - level * np.sqrt(1 - level**2)) / np.pi
        assert (chance > level).mean() == pytest.approx(expected, abs=0.006)


def test_monthly_rows_report_r_and_its_chance() -> None:
    angle = 2 * np.pi * np.arange(12) / 12
    rows = {
        row["name"]: row
        for row in monthly_rows(months(1 - np.cos(angle), 5 + np.cos(angle)), QUICK).to_dict("records")
    }
    assert rows["monthly_r"]["value"] == pytest.approx(-1.0)
    assert rows["chance_r_above_observed"]["value"] == pytest.approx(1.0)
    assert 0.05 < rows["chance_r_above_0.7"]["value"] < 0.12
    assert 0.2 < rows["chance_naive_p_below_0.05"]["value"] < 0.35


def test_fisher_interval_of_a_textbook_case() -> None:
    # r = 0.5, n = 28: z = 0.5493, standard error 0.2, 95 %: 0.1573 to 0.9413 in z, 0.156 to 0.736 in r.
    assert fisher_interval(0.5, 28, 0.95) == pytest.approx((0.156, 0.736), abs=1e-3)


def test_lag_pairs_clouds_with_the_column_days_later() -> None:
    nights = campaign(0)
    nights["column_density_cm2"] = np.exp(pd.to_datetime(nights["night"]).dt.dayofyear / 100.0)
    pairs = pairs_at_lag(nights, 2)
    have = set(nights["night"])
    dates = pd.to_datetime(nights["night"])
    partnered = [f"{day + pd.Timedelta(days=2):%Y-%m-%d}" in have for day in dates]
    assert 0 < pairs.clouds.size <= sum(partnered)
    by_stratum = pd.Series(pairs.clouds).groupby(pairs.strata)
    assert (by_stratum.nunique() == 2).all()


def test_season_alone_gives_no_effect_at_the_stated_rate() -> None:
    sets = 50
    rejected = sum(effect_of(campaign(seed)).p <= 0.05 for seed in range(sets))
    # a 5 % test: more than this many rejections have a probability below 0.001
    assert rejected <= binom.ppf(0.999, sets, 0.05)


def test_effect_is_found_with_its_size() -> None:
    found = [effect_of(campaign(seed, effect=0.6)) for seed in range(16)]
    assert np.mean([one.difference for one in found]) == pytest.approx(0.6, abs=0.06)
    assert np.mean([one.low <= 0.6 <= one.high for one in found]) > 0.8
    assert np.mean([one.p < 0.05 for one in found]) > 0.9


def test_effect_is_the_coefficient_of_one_large_regression() -> None:
    """Log column on clouds, covariates and a constant for every month of a year, by numpy's least squares."""
    pairs = pairs_at_lag(campaign(3, effect=0.3), 1)
    months_of_years = (pairs.strata[:, None] == np.unique(pairs.strata)).astype(float)
    design = np.column_stack([pairs.clouds, pairs.covariates, months_of_years])
    coefficients = np.linalg.lstsq(design, pairs.log_column, rcond=None)[0]
    found = nightly_effect(pairs, QUICK, keyed_generator(1, "test"))
    assert found.difference == pytest.approx(coefficients[0], rel=1e-8)


def test_effect_two_days_later_shows_at_its_lag() -> None:
    at = {
        lag: np.mean([effect_of(campaign(seed, effect=0.6, lag=2, memory=0.0), lag).difference for seed in range(6)])
        for lag in (0, 2)
    }
    assert at[2] == pytest.approx(0.6, abs=0.12)
    assert abs(at[0]) < 0.2


def test_covariates_take_out_what_sensitivity_makes() -> None:
    found = [campaign(seed, trend=1.0, memory=0.0) for seed in range(10)]
    plain = np.mean([effect_of(nights, with_covariates=False).difference for nights in found])
    adjusted = np.mean([effect_of(nights).difference for nights in found])
    assert plain > 0.1
    assert abs(adjusted) < 0.05


def test_table_repeats_and_keeps_the_contract() -> None:
    nights = campaign(3, effect=0.5)
    monthly = months(np.linspace(0, 1, 12), np.linspace(1, 2, 12) ** 2)
    first, second = correlation(nights, monthly, QUICK), correlation(nights, monthly, QUICK)
    pd.testing.assert_frame_equal(first, second)
    assert list(first) == list(CORRELATION)
    assert {f"nightly_log_ratio_lag{lag}" for lag in range(4)} <= set(first["name"])
    low, value, high = first.set_index("name").loc["nightly_log_ratio_lag0", ["low", "value", "high"]]
    assert low < value < high


def test_absent_lidar_leaves_the_header() -> None:
    empty = pd.DataFrame({name: [] for name in NIGHTS})
    assert list(correlation(empty, pd.DataFrame({name: [] for name in MONTHLY}), QUICK)) == list(CORRELATION)


def test_no_clouds_at_all_leave_only_the_chance_levels() -> None:
    nights = campaign(0).assign(above_150=False)
    found = correlation(nights, months(0.0, np.arange(12.0)), QUICK)
    assert sorted(found["name"]) == ["chance_naive_p_below_0.05", "chance_r_above_0.7"]


@pytest.mark.parametrize("column", [0.0, -1.0, np.nan])
def test_a_night_without_a_column_is_in_no_pair(column) -> None:
    """Its logarithm would be infinite or none; the other five nights of the month stay."""
    nights = pd.DataFrame({
        "night": [f"2021-06-{day:02d}" for day in range(1, 7)], "observed": True, "year": 2021, "month": 6,
        "above_150": [True, False] * 3, "column_density_cm2": [1e9, 2e9, 3e9, 4e9, 5e9, column],
        "noise_floor_cm3": 1.0, "hours": 8.0,
    })  # fmt: skip
    pairs = pairs_at_lag(nights, 0)
    assert pairs.clouds.tolist() == [1.0, 0.0, 1.0, 0.0, 1.0]
    assert pairs.log_column == pytest.approx(np.log([1e9, 2e9, 3e9, 4e9, 5e9]))


@pytest.mark.parametrize(("count", "critical"), [(5, 0.8783), (12, 0.5760), (30, 0.3610)])
def test_critical_r_is_that_of_the_tables(count, critical) -> None:
    """Two-sided 5 %, count - 2 degrees of freedom (Fisher & Yates)."""
    assert _critical_r(count) == pytest.approx(critical, abs=5e-5)


def test_a_chance_as_high_as_the_observed_one_counts() -> None:
    highest = float(chance_correlations(QUICK).max())
    rows = {row["name"]: row["value"] for row in chance_rows(highest, QUICK)}
    assert rows["chance_r_above_observed"] == pytest.approx(1 / QUICK.chance_curves)


@pytest.mark.parametrize(("r", "count"), [(0.5, 3), (1.0, 28), (-1.0, 28)])
def test_fisher_has_no_interval_without_a_degree_of_freedom_or_with_a_perfect_r(r, count) -> None:
    assert np.isnan(fisher_interval(r, count, 0.95)).all()


def test_one_cloudy_night_in_five_differs_from_the_mean_of_the_others() -> None:
    """In one month, by hand; as far off as it is in one of the five places that it could have."""
    log_column = np.array([2.0, 0.0, 0.1, -0.1, 0.2])
    pairs = Pairs(np.array([1.0, 0, 0, 0, 0]), log_column, np.zeros(5, int), np.zeros((5, 0)))
    settings = CorrelationSettings(permutations=1999, block_nights=1)
    found = nightly_effect(pairs, settings, keyed_generator(1, "test"))
    assert found.difference == pytest.approx(2.0 - 0.05)
    assert found.p == pytest.approx(0.2, abs=0.03)


def test_ends_of_a_partial_correlation_stay_within_one() -> None:
    row = _partial_row(Effect(0.1, -5.0, 5.0, 0.5, 0.4), 0, 20, "")
    assert (row["value"], row["low"], row["high"]) == (0.5, -1.0, 1.0)
    row = _partial_row(Effect(0.1, 0.04, 0.16, 0.5, 0.01), 0, 20, "")
    assert (row["low"], row["high"]) == pytest.approx((0.2, 0.8))
