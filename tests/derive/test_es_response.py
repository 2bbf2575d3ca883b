"""foEs around connections: windows, censoring, chance, and the superposed epoch, against known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import ttest_ind

from metalclouds.derive.es_response import (
    comparable_nights,
    es_response,
    gather,
    random_epochs,
    rise_interval,
    windows,
)
from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.superposed_epoch import superposed_epoch
from metalclouds.schema.tables import ES_RESPONSE, EVENTS, SUPERPOSED_EPOCH

LIMIT = 1.4
SETTINGS = EsSettings(resamples=400, permutations=400, foes_floor_mhz=0.5)


def night(name: str, foEs: np.ndarray, start: str = "10:00") -> xr.Dataset:
    """Soundings every 15 min; NaN is absent, below the limit."""
    time = np.datetime64(f"{name}T{start}", "ns") + np.arange(foEs.size) * np.timedelta64(15, "m")
    status = np.where(np.isnan(foEs), 0, 1).astype("int8")
    data = {"foEs": ("time", foEs), "es_status": ("time", status)}
    return xr.Dataset(data, coords={"time": time}, attrs={"night": name, "foEs_limit_MHz": LIMIT})


def events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Events (night, kind, start, end) in the columns of detect/events.csv."""
    table = pd.DataFrame([dict.fromkeys(EVENTS) for _ in rows])
    for index, (name, kind, start, end) in enumerate(rows):
        table.loc[index, ["night", "event", "kind"]] = [name, index + 1, kind]
        table.loc[index, "start_utc"] = pd.Timestamp(f"{name}T{start}")
        table.loc[index, "end_utc"] = pd.Timestamp(f"{name}T{end}")
    return table.astype({"start_utc": "datetime64[ns]", "end_utc": "datetime64[ns]"})


def campaign(rise: float, count: int = 40, seed: int = 1) -> tuple[list[xr.Dataset], pd.DataFrame]:
    """Nights of June with foEs about 2.5 MHz; the first four have a connection at 15:00-15:30 that adds `rise`."""
    rng = np.random.default_rng(seed)
    names = [str(np.datetime64("2021-06-01") + day) for day in range(count // 2)]
    names += [str(np.datetime64("2022-06-01") + day) for day in range(count // 2)]
    hours = 10 + np.arange(48) / 4
    nights = []
    for index, name in enumerate(names):
        foEs = 2.5 + rng.normal(0, 0.3, hours.size)
        if index < 4:
            foEs = foEs + rise * ((hours >= 15.0) & (hours < 16.0))
        nights.append(night(name, np.where(foEs < LIMIT, np.nan, foEs)))
    return nights, events(*((name, "direct_connection", "15:00", "15:30") for name in names[:4]))


def test_windows_by_hand() -> None:
    start, end = (np.array([f"2021-06-01T{clock}"], "datetime64[s]") for clock in ("15:00", "16:30"))
    settings = EsSettings(before_minutes=60, before_gap_minutes=10, after_minutes=45, during_minimum_minutes=30)
    spans = windows(start, end, settings)
    clock = [[str(time[0])[11:] for time in span] for span in (spans.before, spans.during, spans.after)]
    assert clock == [["13:50:00", "14:50:00"], ["15:00:00", "16:31:00"], ["16:31:00", "17:16:00"]]


def test_means_and_counts_by_hand() -> None:
    foEs = np.full(48, 2.0)
    foEs[16:20] = [2.0, np.nan, 3.0, 2.4]  # 14:00-14:45
    foEs[20:23] = [4.0, 5.0, 6.0]  # 15:00-15:30
    foEs[23:27] = np.nan  # 15:45-16:30
    table = es_response(
        gather([night("2021-06-01", foEs)]),
        events(("2021-06-01", "descending_merge", "15:00", "15:30")),
        EsSettings(during_minimum_minutes=30),
    )
    row = table.iloc[0]
    assert list(table) == list(ES_RESPONSE)
    assert row["foEs_before_MHz"] == pytest.approx((2.0 + 1.4 + 3.0 + 2.4) / 4)
    assert row["foEs_during_MHz"] == pytest.approx(5.0)
    assert row["foEs_after_MHz"] == pytest.approx(1.4)
    assert row[["soundings_before", "soundings_during", "soundings_after"]].tolist() == [4, 3, 4]
    assert row[["absent_before", "absent_during", "absent_after"]].tolist() == [1, 0, 4]
    assert row["rise_during_MHz"] == pytest.approx(2.8)
    assert row["scatter_before_MHz"] == pytest.approx(np.std([2.0, 3.0, 2.4], ddof=1)), "absent Es has no foEs"
    assert np.isnan(row["p"])  # no other night


def test_a_sounding_just_before_a_connection_is_no_baseline() -> None:
    # Soundings every 15 min; the one at 15:00 is 17 s before the start, and foEs has already risen then.
    foEs = np.full(48, 2.0)
    foEs[20:] = 6.0
    own = events(("2021-06-01", "direct_connection", "15:00", "15:40"))
    own["start_utc"] = pd.Timestamp("2021-06-01T15:00:17")
    row = es_response(gather([night("2021-06-01", foEs)]), own, SETTINGS).iloc[0]
    # 14:00 to 14:45: four soundings of 2 MHz.
    assert (row["foEs_before_MHz"], row["soundings_before"]) == (2.0, 4)
    assert row["rise_during_MHz"] == pytest.approx(4.0)


def test_absence_widens_the_interval_to_both_of_its_bounds() -> None:
    foEs = np.full(48, np.nan)
    foEs[20:24] = 4.0
    table = es_response(
        gather([night("2021-06-01", foEs)]), events(("2021-06-01", "direct_connection", "15:00", "15:40")), SETTINGS
    )
    row = table.iloc[0]
    assert row["rise_during_MHz"] == pytest.approx(4.0 - LIMIT)
    # no scatter but the rounding: 0.05 / sqrt(12) over four and three or four soundings, times t (about 2.5)
    assert row["rise_during_low_MHz"] == pytest.approx(4.0 - LIMIT, abs=0.03)
    assert row["rise_during_high_MHz"] == pytest.approx(4.0 - 0.5, abs=0.03)


def test_interval_of_a_rise_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    here = np.zeros(4, dtype=bool)
    inside = 0
    for _ in range(1000):
        foEs = rng.normal(3.0, 0.4, 48)
        foEs[20:24] += 1.0
        low, high = rise_interval((foEs[16:20], here), (foEs[20:24], here), EsSettings())
        inside += low <= 1.0 <= high
    # binomial(1000, 0.95): 0.95 +- 0.021 at three standard deviations
    assert inside / 1000 == pytest.approx(0.95, abs=0.021)


def test_rise_is_recovered_and_told_from_chance() -> None:
    nights, connections = campaign(1.5)
    table = es_response(gather(nights), connections, SETTINGS)
    assert len(table) == 4
    assert table["rise_during_MHz"].mean() == pytest.approx(1.5, abs=0.25)
    assert (table["rise_during_low_MHz"] > 0).all()
    assert (table["p"] < 0.01).all()


def test_without_a_response_p_is_uniform() -> None:
    values = []
    for seed in range(12):
        nights, connections = campaign(0.0, seed=100 + seed)
        values += list(es_response(gather(nights), connections, SETTINGS)["p"])
    # 48 draws of a uniform: mean 0.5 with standard error 0.042; binomial(48, 0.1) exceeds 11 with probability 0.003
    assert np.mean(values) == pytest.approx(0.5, abs=0.13)
    assert np.count_nonzero(np.array(values) < 0.1) <= 11


def test_clouds_are_no_connections_and_order_of_nights_does_not_matter() -> None:
    nights, connections = campaign(1.0)
    more = pd.concat([connections, events((nights[6].attrs["night"], "cloud", "13:00", "16:00"))])
    expected = es_response(gather(nights), connections, SETTINGS)
    pd.testing.assert_frame_equal(es_response(gather(nights[::-1]), more, SETTINGS), expected)


def test_comparable_nights_are_of_the_season_and_quiet() -> None:
    nights = ["2020-12-20", "2021-01-05", "2021-01-10", "2021-02-10", "2021-06-01", "2022-01-08"]
    found = comparable_nights("2021-01-05", nights, {"2021-01-10"}, 20)
    assert [str(one) for one in found] == ["2020-12-20", "2022-01-08"]


def test_superposed_epoch_shows_the_rise_at_its_lag_above_the_random_band() -> None:
    nights, connections = campaign(1.5)
    table = superposed_epoch(gather(nights), connections, SETTINGS)
    assert list(table) == list(SUPERPOSED_EPOCH)
    by_lag = table.set_index("lag_minutes")
    assert by_lag.index[[0, -1]].tolist() == [-240.0, 240.0]
    inside = by_lag.loc[15:45]
    assert inside["foEs_MHz"].mean() == pytest.approx(4.0, abs=0.25)
    assert (inside["low_MHz"] > inside["random_high_MHz"]).all()
    outside = by_lag.loc[-240:-30]
    within = outside["foEs_MHz"].between(outside["random_low_MHz"], outside["random_high_MHz"])
    assert within.mean() > 0.75
    assert outside["random_MHz"].mean() == pytest.approx(2.5, abs=0.05)
    assert (by_lag["connections"] == 4).all()


def test_superposed_mean_is_that_of_a_loop_over_soundings() -> None:
    """The same mean by pandas, sounding by sounding, absent Es at the limit; two soundings may share a lag."""
    nights, connections = campaign(1.0)
    settings = EsSettings(lag_step_minutes=20.0, lag_hours=1.0, resamples=100, permutations=100)
    found = superposed_epoch(gather(nights), connections, settings).set_index("lag_minutes")["foEs_MHz"]
    series = pd.concat([one["foEs"].to_series().fillna(LIMIT) for one in nights]).sort_index()
    for lag, mean in found.items():
        each = []
        for start in connections["start_utc"]:
            centre = start + pd.Timedelta(minutes=lag)
            apart = (series.index - centre) / pd.Timedelta(minutes=1)
            each.append(series[(apart >= -10) & (apart < 10)].mean())
        assert mean == pytest.approx(np.mean(each), rel=1e-12), lag


def test_interval_of_a_rise_is_that_of_scipy() -> None:
    """Welch's interval of four soundings before and four during by scipy.stats.ttest_ind, unequal variances."""
    rng = np.random.default_rng(3)
    foEs = np.round(rng.normal(4.0, 0.5, 48), 2)
    foEs[20:24] += 1.5
    here = np.zeros(4, dtype=bool)
    low, high = rise_interval((foEs[16:20], here), (foEs[20:24], here), EsSettings())
    expected = ttest_ind(foEs[20:24], foEs[16:20], equal_var=False).confidence_interval(0.95)
    assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_connections_of_one_box_are_one_and_another_s_response_is_no_baseline() -> None:
    """By hand: 14:00-14:05 and 14:15-14:20 are one; 15:10 has a baseline of 14:10-15:10, all within 60 min of it."""
    clocks = (("14:00", "14:05"), ("14:15", "14:20"), ("15:10", "15:15"), ("18:00", "18:10"))
    rows = [
        {"night": "2021-06-01", "event": f"E{n}", "kind": "direct_connection",
         "start_utc": pd.Timestamp(f"2021-06-01 {a}"), "end_utc": pd.Timestamp(f"2021-06-01 {b}")}
        for n, (a, b) in enumerate(clocks)
    ]  # fmt: skip
    events = pd.DataFrame(rows).reindex(columns=list(EVENTS))
    table = es_response(gather([night("2021-06-01", np.full(48, 3.0))]), events, SETTINGS)
    assert list(table["event"]) == ["E0", "E2", "E3"]
    assert table["end_utc"].iloc[0] == pd.Timestamp("2021-06-01 14:20")
    assert list(table["soundings_before"]) == [4, 0, 4]
    assert table["rise_during_MHz"].isna().tolist() == [False, True, False]


def test_same_seed_same_numbers() -> None:
    nights, connections = campaign(1.0)
    first, second = (superposed_epoch(gather(nights), connections, SETTINGS) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_nothing_gives_headers() -> None:
    none = EVENTS.empty()
    nights, connections = campaign(1.0, count=6)
    for soundings, table in ((gather([]), connections), (gather(nights), none), (gather([]), none)):
        assert list(es_response(soundings, table, SETTINGS)) == list(ES_RESPONSE)
        assert len(es_response(soundings, table, SETTINGS)) == 0
        assert len(superposed_epoch(soundings, table, SETTINGS)) == 0


def test_random_epochs_take_every_comparable_night_as_often_near_the_same_clock() -> None:
    nights = np.array(["2021-06-03", "2021-06-07", "2022-06-05"], dtype="datetime64[D]")
    start = np.datetime64("2021-06-01T15:20:00")
    found = random_epochs(start, "2021-06-01", nights, 3000, np.random.default_rng(1), SETTINGS)
    days, counts = np.unique(found.astype("datetime64[D]"), return_counts=True)
    assert days.tolist() == nights.tolist()
    # binomial(3000, 1/3): 1000 with a standard deviation of 26
    assert np.abs(counts - 1000).max() < 4 * 26
    late = (found - found.astype("datetime64[D]") - np.timedelta64(15 * 60 + 20, "m")) / np.timedelta64(1, "m")
    assert np.abs(late).max() <= SETTINGS.same_ut_minutes
    assert np.ptp(late) > 1.9 * SETTINGS.same_ut_minutes
    one = random_epochs(start, "2021-06-01", nights[:1], 5, np.random.default_rng(1), SETTINGS)
    assert set(one.astype("datetime64[D]")) == {nights[0]}
    assert random_epochs(start, "2021-06-01", nights[:0], 5, np.random.default_rng(1), SETTINGS).size == 0
