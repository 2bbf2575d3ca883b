"""Counts and binomial intervals against published values and hand-made tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.batches import nights_of
from metalclouds.derive import occurrence
from metalclouds.derive.nights import nights
from metalclouds.derive.settings import OccurrenceSettings
from metalclouds.errors import ContractError
from metalclouds.io import read_csv, write_csv, write_json
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import CLEAR_THRESHOLD, NIGHTS, OCCURRENCE_BY_YEAR
from tests.derive.tables import column_table, detected_nights

SETTINGS = OccurrenceSettings()


def dates(start: str, count: int) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(start, periods=count)]


def table(start: str, count: int, **columns) -> pd.DataFrame:
    names = dates(start, count)
    return nights(detected_nights(names, **columns), column_table(names, 1e7))


def test_wilson_interval_by_its_closed_form() -> None:
    # (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n) with the paper's 37 of 257 and z = 1.959964
    z, n, p = 1.9599639845, 257, 37 / 257
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)
    assert occurrence.binomial_interval(37, 257) == pytest.approx(expected, abs=1e-9)


def test_jeffreys_interval_of_a_published_table() -> None:
    # Brown, Cai and DasGupta (2001), Table 5: n = 7, x = 2: 0.065 to 0.648; x = 0: 0 to 0.292
    assert occurrence.binomial_interval(2, 7, method="jeffreys") == pytest.approx((0.065, 0.648), abs=6e-4)
    assert occurrence.binomial_interval(0, 7, method="jeffreys") == pytest.approx((0.0, 0.292), abs=6e-4)
    assert occurrence.binomial_interval(7, 7, method="jeffreys")[1] == 1.0


def test_no_night_has_no_interval() -> None:
    assert np.isnan(occurrence.binomial_interval(0, 0)).all()


def test_only_observed_nights_count() -> None:
    part = table("2021-06-01", 6, observed=[True] * 4 + [False] * 2, above_150=[True, False] * 3)
    assert occurrence.counts(part) == {"nights_observed": 4, "nights_above_150": 2, "nights_clear_200_300": 0}


def test_rate_per_hour_leaves_out_insensitive_nights() -> None:
    above = [True] + [False] * 9
    part = table("2021-06-01", 10, above_150=above, hours=[4.0] * 10, noise_floor_cm3=[1.0] * 9 + [50.0])
    sensitive = occurrence.common_sensitivity(part, SETTINGS)
    assert occurrence.per_hour(sensitive) == {"hours": 36.0, "occurrence_per_hour": pytest.approx(1 / 36)}


def test_half_the_dark_hours_double_the_rate_per_hour() -> None:
    above = [True, False, False, False]
    june = occurrence.per_hour(table("2021-06-01", 4, above_150=above, hours=5.0))
    january = occurrence.per_hour(table("2021-01-01", 4, above_150=above, hours=10.0))
    assert june["occurrence_per_hour"] == pytest.approx(2 * january["occurrence_per_hour"])


def test_expected_false_nights_by_simulation() -> None:
    p, quiet, clouds = 0.05, 200, 20
    random = np.random.default_rng(5)
    false = random.random((2000, quiet)) < p
    estimates = [
        occurrence.false_nights_expected(
            pd.DataFrame(
                {
                    "observed": True,
                    "above_150": np.concatenate([row, np.ones(clouds, bool)]),
                    "clear_200_300": False,
                }
            ),
            p,
        )
        for row in false[:300]
    ]
    assert np.mean(estimates) == pytest.approx(p * quiet, rel=0.02)


def test_by_year_keeps_years_apart() -> None:
    both = pd.concat([table("2020-06-01", 5, above_150=True), table("2021-06-01", 4)], ignore_index=True)
    found = occurrence.occurrence_by_year(both, SETTINGS)
    assert list(found) == list(OCCURRENCE_BY_YEAR)
    assert found[["year", "month", "nights_observed", "nights_above_150"]].values.tolist() == [
        [2020, 6, 5, 5],
        [2021, 6, 4, 0],
    ]


def test_threshold_table_counts_scores() -> None:
    names = dates("2021-06-01", 4)
    detected = detected_nights(
        names, score_150=[2.5, 6, 13, 50], score_200_300=[0, 0, 12, 50], observed=[True, True, True, False]
    )
    found = occurrence.clear_threshold(detected, SETTINGS).set_index("threshold")
    assert found.loc[2, "nights_above_150"] == 3
    assert found.loc[6, "nights_above_150"] == 2
    assert found.loc[12, "nights_clear_200_300"] == 1
    assert found.loc[13, "nights_clear_200_300"] == 0
    assert (found.diff().dropna() <= 0).all().all()


def test_nights_survive_csv(tmp_path) -> None:
    names = dates("2021-12-30", 4)
    joined = nights(
        detected_nights(names, above_150=[True, False, True, False]), column_table(names[:3], [1e6, 2e6, 3e6])
    )
    assert list(joined) == list(NIGHTS)
    assert joined["month"].tolist() == [12, 12, 1, 1]
    assert joined["year"].tolist() == [2021, 2021, 2022, 2022]
    assert joined["column_density_cm2"].isna().tolist() == [False, False, False, True]
    write_csv(tmp_path / "nights.csv", joined)
    again = read_csv(tmp_path / "nights.csv")
    assert again["above_150"].tolist() == [True, False, True, False]
    assert again["night"].tolist() == names


def test_flags_of_all_spellings() -> None:
    assert is_true(pd.Series([True, 1, "True", "true", 1.0])).all()
    assert not is_true(pd.Series([False, 0, "False", None, np.nan])).any()


def test_absent_lidar_leaves_headers() -> None:
    none = nights(detected_nights([]), column_table([], []))
    assert list(none) == list(NIGHTS)
    assert list(occurrence.occurrence_by_year(none, SETTINGS)) == list(OCCURRENCE_BY_YEAR)
    assert list(occurrence.clear_threshold(detected_nights([]), SETTINGS)) == list(CLEAR_THRESHOLD)


def test_batches_are_joined_in_the_order_of_nights(tmp_path) -> None:
    def index(name: str, nights: list[str]):
        entries = [{"night": night, "path": f"../{night[:4]}/{night}.nc", "sha256": "-"} for night in nights]
        write_json(tmp_path / "batches" / name, {"nights": entries, "failed": []})
        return tmp_path / "batches" / name

    indices = [index("cases.json", ["2021-06-03", "2021-01-08"]), index("2021-05.json", ["2021-05-01"])]
    found = nights_of(indices)
    assert list(found) == ["2021-01-08", "2021-05-01", "2021-06-03"]
    assert found["2021-05-01"] == tmp_path / "2021" / "2021-05-01.nc"
    with pytest.raises(ContractError, match="two batches"):
        nights_of([*indices, indices[0]])
