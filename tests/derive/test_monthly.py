"""Monthly means: the interval covers the truth, nights weigh the same, months without nights stay empty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds.derive.monthly import coverage, lognormal_mean_interval, monthly, monthly_density
from metalclouds.derive.nights import nights
from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.schema.datasets import MONTHLY_DENSITY, check_dataset
from metalclouds.schema.tables import MONTHLY
from tests.derive.tables import column_table, detected_nights

SETTINGS = OccurrenceSettings()


@pytest.mark.parametrize(("number", "spread"), [(8, 1.0), (20, 0.6), (20, 1.2)])
def test_interval_covers_the_mean_of_log_normal_nights(number, spread) -> None:
    # The full check, 10000 sets each, is tests/derive/validate.py; here the standard error is 0.005.
    found = coverage(number, spread, 2000, SETTINGS, seed=11)
    assert 0.93 <= found.share <= 0.97


def test_interval_against_a_slow_simulation_of_its_definition() -> None:
    # 15 values with mean of logs 4.0 and standard deviation 1.2; pivots from simulated samples, not laws.
    logs = np.array([-1.5, -1.0, -0.8, -0.5, -0.3, -0.1, 0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.8, 0.9, 0.8])
    logs = 4.0 + 1.2 * (logs - logs.mean()) / logs.std(ddof=1)
    random = np.random.default_rng(99)
    draws = []
    for _ in range(40000):
        sample = random.standard_normal(15)
        # pivot: mean of logs of a sample whose own mean and spread are known in units of the unknown ones
        sigma = 1.2 / sample.std(ddof=1)
        draws.append(4.0 - sigma * sample.mean() + 0.5 * sigma**2)
    expected = np.exp(np.quantile(draws, [0.025, 0.975]))
    assert lognormal_mean_interval(np.exp(logs), SETTINGS) == pytest.approx(expected, rel=0.03)


def test_interval_scales_with_the_unit_and_repeats() -> None:
    values = np.random.default_rng(1).lognormal(size=20)
    first = np.array(lognormal_mean_interval(values, SETTINGS))
    np.testing.assert_allclose(lognormal_mean_interval(1e7 * values, SETTINGS), 1e7 * first, rtol=1e-12)


def test_too_few_or_impossible_values_have_no_interval() -> None:
    assert np.isnan(lognormal_mean_interval(np.array([1.0, 2.0]), SETTINGS)).all()
    assert np.isnan(lognormal_mean_interval(np.array([1.0, 2.0, -1.0]), SETTINGS)).all()


def campaign() -> tuple[pd.DataFrame, pd.DataFrame]:
    """June with four nights (one not observed), January with three."""
    names = ["2021-01-05", "2021-01-06", "2022-01-07", "2021-06-01", "2021-06-02", "2021-06-03", "2022-06-04"]
    observed = [True] * 6 + [False]
    detected = detected_nights(names, observed=observed, above_150=[False] * 3 + [True, True, False, True])
    columns = column_table(names, [1e6, 2e6, 3e6, 1e8, 2e8, 6e8, 9e9], density=[1, 2, 3, 10, 20, 60, 900])
    return nights(detected, columns), columns


def test_month_table() -> None:
    table, columns = campaign()
    found = monthly(table, columns, SETTINGS, p_false=0.01).set_index("month")
    assert [*found.reset_index()] == list(MONTHLY)
    assert list(found.index) == list(range(1, 13))
    assert found.loc[6, "column_density_cm2"] == pytest.approx(3e8)
    assert found.loc[1, "column_density_cm2"] == pytest.approx(2e6)
    assert found.loc[6, "density_cm3"] == pytest.approx(30)
    assert found.loc[6, ["nights_observed", "nights_above_150", "column_nights"]].tolist() == [3, 2, 3]
    assert found.loc[6, "occurrence"] == pytest.approx(2 / 3)
    assert found.loc[1, "false_nights_expected"] == pytest.approx(3 * 0.01 / 0.99)
    assert found.loc[6, "column_low_cm2"] < 3e8 < found.loc[6, "column_high_cm2"]
    assert found.loc[3, "nights_observed"] == 0
    assert found.loc[3, ["occurrence", "column_density_cm2"]].isna().all()


def test_monthly_density_gives_each_observed_night_the_same_weight() -> None:
    table, _ = campaign()
    names = [*table["night"], "2021-07-01"]
    density = np.arange(8.0)[:, None] * np.ones(3)
    density[4, 1] = np.nan
    nightly = xr.Dataset(
        {"ca_ion_number_density": (("night", "altitude"), density.astype("float32"))},
        coords={"night": np.array(names, dtype="datetime64[ns]"), "altitude": [90.0, 95.0, 100.0]},
        attrs={"synthetic": "true"},
    )
    lazy = monthly_density(nightly.chunk(night=2), table, {"nights.csv": "x"}, SETTINGS)
    found = monthly_density(nightly, table, {"nights.csv": "x"}, SETTINGS)
    xr.testing.assert_identical(found, lazy)
    assert "hold 95 %: Wilson" in found.attrs["intervals"]
    check_dataset(found, MONTHLY_DENSITY, "monthly_density.nc")
    profile = found["ca_ion_number_density"].sel(month=6).values
    np.testing.assert_allclose(profile, [3.0, 2.5, 3.0])  # nights 2, 3, 4 in the order of dates
    np.testing.assert_allclose(found["ca_ion_number_density"].sel(month=1), 2.0)  # nights 0, 1, 5
    assert found["ca_ion_number_density"].sel(month=7).isnull().all()
    assert found.attrs["synthetic"] == "true"


def test_no_nights_leave_header_and_empty_field() -> None:
    none = nights(detected_nights([]), column_table([], []))
    assert list(monthly(none, column_table([], []), SETTINGS, 0.01)) == list(MONTHLY)
    nightly = xr.Dataset(
        {"ca_ion_number_density": (("night", "altitude"), np.zeros((0, 2), "float32"))},
        coords={"night": np.array([], dtype="datetime64[ns]"), "altitude": [90.0, 95.0]},
        attrs={"synthetic": "false"},
    )
    assert monthly_density(nightly, none, {}, SETTINGS)["ca_ion_number_density"].isnull().all()
