"""Single measures on the invented campaign, where the answer is what was written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from metalclouds.claims.measures import angles, events, feet, layers, nights, observation
from metalclouds.claims.model import Data, Expected, Measurement, NotFound, Part, Unavailable
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.statistics import matching, named_row
from metalclouds.claims.verdict import judge as judging
from tests.claims import campaign

PAIR = {"panel": "f", "at": "14:30", "minutes": 35, "above_km": 200, "below_km": 130}
STEP_H = 33 / 3600


def data(**changed) -> Data:
    return Data(campaign.tables() | changed, campaign.CASES, ClaimsSettings(), campaign.masks())


@pytest.mark.parametrize(
    ("edge", "value", "within", "span"),
    [
        ("start", 14.6, STEP_H, (12.0, 21.0)),
        ("end", 18.0, STEP_H, (12.0, 21.0)),
        ("bottom", 190.0, 5.0, (150.0, 300.0)),
        ("top", 290.0, 5.0, (150.0, 300.0)),
    ],
)
def test_edges_of_a_cloud_are_those_that_were_drawn(edge, value, within, span):
    """To a profile of 33 s and a row of 5 km; a random edge would lie anywhere in the night, or above 150 km."""
    found = events.cloud_edge(data(), "a", edge, 150, 10)
    assert found.value == pytest.approx(value, abs=within)
    (only,) = found.candidates
    assert only.high - only.low == pytest.approx(2 * within)
    assert found.span == pytest.approx(span, abs=2 * STEP_H)


def test_the_gap_below_a_cloud_is_asked_between_the_times_that_are_stated():
    """14:36 to 18:00 has 371 profiles of 33 s, an hour of it 109."""
    whole = events.cloud_detached(data(), "a", (126, 150))
    hour = events.cloud_detached(data(), "a", (126, 150), ("15:00", "16:00"))
    assert (whole.value, hour.value) == (1.0, 1.0)
    assert whole.n == pytest.approx(3600 * 3.4 / 33, abs=1)
    assert hour.n == pytest.approx(3600 / 33, abs=1)


def test_the_descent_is_that_of_merging_clouds_alone():
    """Written down: 24, 28, 31 m/s on the case nights, 20 on three others; the median is 22."""
    found = events.merging_descent(data())
    assert (found.value, found.n) == (22.0, 6)


def test_a_merging_cloud_takes_its_time_from_its_lower_end_to_the_layer():
    """2 km at 28 m/s are 71.4 s; an edge without a speed stays where it ends."""
    found = events.merging_times(data(), "c", "18:00", 108.0)
    (only,) = found.candidates
    assert (only.low, only.high) == pytest.approx((18.0, 18.0 + 2000.0 / 28.0 / 3600.0))
    table = campaign.tables()["detect_events"]
    table.loc[table["kind"] == "descending_merge", "descent_m_s"] = 0.0
    (still,) = events.merging_times(data(detect_events=table), "c", "18:00", 108.0).candidates
    assert (still.low, still.high) == (18.0, 18.0)


def test_the_densest_altitude_of_feet():
    assert feet.densest_foot(data()).value == 110.0


def test_the_break_of_feet_is_that_of_those_that_have_one():
    """Written at 130 km; of three stripes the first has one at 128 km, the second a smooth rise."""
    assert feet.break_altitude(data()).value == 130.0
    assert feet.abrupt_share(data()).value == 1.0
    table = campaign.tables()["stripe_feet"]
    table["break_gain"] = -1.0
    with pytest.raises(Unavailable, match="no stripe's rise has a break"):
        feet.break_altitude(data(stripe_feet=table))
    table.loc[0, ["break_gain", "break_km"]] = [2.0, 128.0]
    found = feet.break_altitude(data(stripe_feet=table))
    assert (found.value, found.n) == (128.0, 1)
    assert feet.abrupt_share(data(stripe_feet=table)).value == pytest.approx(1 / 12)


def test_a_correlation_over_the_year_needs_twelve_months():
    table = campaign.tables()["correlation"]
    assert layers.correlation(data(), "monthly_r").value == 0.9
    table.loc[table["name"] == "monthly_r", "n"] = 11
    with pytest.raises(Unavailable, match="only 11 calendar months"):
        layers.correlation(data(correlation=table), "monthly_r")


def test_nights_of_just_the_least_hours_count():
    """All 257 have eight hours; from June 2021 on, both months included, there are those with these dates."""
    found = nights.nights_observed(data(), "2020-01", "2022-12", 8.0)
    assert (found.value, found.low, found.high) == (257.0, 257.0, 257.0)
    assert nights.nights_observed(data(), "2020-01", "2022-12", 8.1).low == 0.0
    dates = campaign.tables()["detect_nights"]["night"]
    within = sum("2021-06-01" <= night <= "2021-07-31" for night in dates)
    assert nights.nights_observed(data(), "2021-06", "2021-07", 8.0).value == within > 0


def test_a_second_layer_lies_at_the_median_of_the_upper_maxima():
    table = campaign.tables()["layer_maxima"]
    upper = table.index[(table["night"] == campaign.CASES["c"]) & (table["altitude_km"] == 110.0)]
    table.loc[upper, "altitude_km"] = [108.0, 110.0, 115.0]
    found = feet.second_layer(data(layer_maxima=table), "c", "18:50", "19:30", 10, 120)
    assert (found.value, found.low, found.high, found.n) == (110.0, 108.0, 115.0, 3)
    assert found.span == (95.0, 120.0)


@pytest.mark.parametrize(("order", "value"), [(0, 5.82), (1, 5.32)])
def test_angles_of_the_marked_pair_in_order_of_time(order, value):
    """Written with one standard error of 0.3 degrees; 95 % are 1.96 of them."""
    found = angles.marked_beta(data(), order, **PAIR)
    assert (found.value, found.limit, found.n) == (value, "", 1)
    assert (found.low, found.high) == pytest.approx((value - 1.95996 * 0.3, value + 1.95996 * 0.3), abs=1e-4)


def test_a_limit_of_the_marked_pair_stays_one():
    table = campaign.tables()["beta"]
    table.loc[0, ["beta_kind", "beta_high_deg"]] = ["lower_limit", 90.0]
    assert angles.marked_beta(data(beta=table), 0, **PAIR).limit == "lower"
    table.loc[0, "beta_kind"] = "upper_limit"
    assert angles.marked_beta(data(beta=table), 0, **PAIR).limit == "upper"


def test_an_angle_without_wind_leaves_the_pair_open():
    table = campaign.tables()["beta"]
    with pytest.raises(Unavailable, match="no wind near enough"):
        angles.marked_beta(data(beta=table[table["id"] != 1]), 0, **PAIR)
    with pytest.raises(Unavailable, match="no slope or no wind"):
        angles.pair_difference(data(beta=table[table["id"] != 1]), **PAIR)


def test_the_difference_of_two_nearly_equal_slopes_is_nearly_nothing():
    """1.60 and 1.61 s/km at 60 m/s: by hand atan(0.0966) - atan(0.0960) is 0.03 degrees."""
    found = angles.pair_difference(data(), **PAIR)
    assert abs(found.value) == pytest.approx(0.034, abs=0.002)
    assert found.low < 0.0 < found.high
    assert found.n == 2


@pytest.mark.parametrize(("late_min", "along"), [(19.9, True), (20.15, False), (-19.9, True), (-20.15, False)])
def test_a_stripe_belongs_to_a_descending_cloud_for_twenty_minutes(late_min, along):
    """A cloud that reaches 120 km at 18:31 at 28.8 m/s is at 180 km 60 / 0.0288 s earlier."""
    night = campaign.CASES["d"]
    reached = campaign.moment(night, "18:31")
    event = {"night": night, "kind": "descending_merge", "descent_m_s": 28.8, "end_altitude_km": 120.0,
             "start_utc": reached}  # fmt: skip
    middle = reached - pd.Timedelta(seconds=60.0 / 0.0288) + pd.Timedelta(minutes=late_min)
    stripe = pd.DataFrame([{"night": night, "id": "0", "time_bottom": middle, "time_top": middle, "bottom_km": 170.0,
                            "top_km": 190.0, "slowness_s_per_km": -34.7}])  # fmt: skip
    seen = data(detect_stripes=stripe, detect_events=pd.DataFrame([event]))
    assert list(angles.along_descents(seen, stripe)) == [along]


def test_the_smallest_angle_holds_with_all_others():
    """Two intervals hold together at 95 % if each does at its square root: 2.24 errors."""
    table = pd.DataFrame({
        "beta_deg": [2.0, 5.0], "beta_low_deg": [1.9, 4.9], "beta_high_deg": [2.1, 5.1], "beta_kind": "value",
        "night": campaign.CASES["f"], "id": ["0", "1"],
    })  # fmt: skip
    found = angles.smallest_beta(data(beta=table))
    half = 0.1 * norm.ppf(0.5 + 0.5 * 0.95**0.5)
    assert (found.value, found.low, found.high) == pytest.approx((2.0, 2.0 - half, 2.0 + half))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ""),
        (1, "; without 1 that goes down with a merging cloud"),
        (2, "; without 2 that go down with a merging cloud"),
    ],
)
def test_what_goes_down_with_a_cloud_is_said(number, words):
    assert angles._left_out(number) == words


def test_a_named_row_is_its_value_or_nothing():
    table = pd.DataFrame({"name": ["r", "empty"], "value": [0.5, np.nan], "low": [0.2, 0.1], "high": [0.7, 0.9],
                          "n": [12, 12]})  # fmt: skip
    found = named_row(table, "r")
    assert (found.value, found.low, found.high, found.n) == (0.5, 0.2, 0.7, 12)
    for name in ("empty", "absent"):
        with pytest.raises(Unavailable, match=name):
            named_row(table, name)


@pytest.mark.parametrize(
    ("low", "high", "length"),
    [(16.0, np.inf, 4.0), (-np.inf, 13.0, 1.0), (25.0, np.inf, 0.0), (-np.inf, 30.0, 8.0)],
)
def test_an_open_range_is_met_with_its_share_of_the_span(low, high, length):
    assert matching(Measurement(15.0, span=(12.0, 20.0)), low, high) == length


@pytest.mark.parametrize(("only_shown", "outcome"), [(False, "not_met"), (True, "shown")])
def test_a_search_that_found_nothing_does_not_meet_its_part(monkeypatch, only_shown, outcome):
    monkeypatch.setattr(judging, "measure", lambda name: lambda found: NotFound("clouds", 5.0, "km", 3))
    part = Part(name="clouds", measure="m", expected=Expected(at_least=3), only_shown=only_shown)
    verdict = judging.judge_part(part, data())
    assert (verdict.outcome, verdict.measurement) == (outcome, None)
    assert "nothing found" in verdict.sentence
    assert "clouds of 5 km or more would have been detected" in verdict.sentence


def test_counts_of_months_are_compared_one_by_one():
    """January has 5 cloudy nights and March none, as asked; June 8 and July 6, of which 7 are asked."""
    found = nights.months_as_stated(data(), [[1, 5], [3, 0]], 7, [6, 7])
    assert found.value == 3.0
    assert found.remark == "nights a month 1: 5, 3: 0, 6: 8, 7: 6"


def test_a_night_is_doubtful_above_the_probability_of_a_sure_one():
    sure = ClaimsSettings().sure_p_false
    table = pd.DataFrame({
        "night": ["2021-01-01", "2021-01-02", "2021-01-03"], "observed": True, "above_150": True,
        "p_false": [0.5 * sure, sure, 1.01 * sure],
    })  # fmt: skip
    found = nights.nights_above_150(data(nights=table), [1])
    assert (found.value, found.low) == (3.0, 2.0)


@pytest.mark.parametrize(("at", "enough"), [("13:00", True), ("13:59", True), ("14:01", False), ("15:00", False)])
def test_near_a_time_half_of_the_minutes_have_to_be_observed(at, enough):
    """A night that ends at 14:00, asked for twenty minutes before and after a time."""
    masks = campaign.masks()
    night = campaign.CASES["b"]
    masks[night] = masks[night].sel(time=slice(None, campaign.moment(night, "14:00")))
    seen = Data(campaign.tables(), campaign.CASES, ClaimsSettings(), masks)
    if enough:
        observation.looked_near(seen, "b", at, 20.0)
        return
    with pytest.raises(Unavailable, match="too few usable profiles"):
        observation.looked_near(seen, "b", at, 20.0)


def test_the_main_layer_is_there_on_all_nights():
    """Written so for all 257; with one night in four below the share, 192 of them are left."""
    assert layers.main_layer_nights(data(), 0.9).value == 1.0
    table = campaign.tables()["columns"]
    table.loc[table.index % 4 == 0, "main_layer_present_share"] = 0.8
    found = layers.main_layer_nights(data(columns=table), 0.9)
    assert (found.value, found.n) == (192 / 257, 257)


def test_means_of_months_are_compared_by_the_least_and_the_largest():
    """Of May to August August has least, 190; of the others January has most, 60; nights scatter by a tenth."""
    summer, others = [5, 6, 7, 8], [1, 2, 3, 4, 9, 10, 11, 12]
    found = layers.month_means(data(), "column_density_cm2", summer, others)
    assert found.value == pytest.approx(190 / 60, rel=0.1)
    assert found.n == 257
    assert all(one.value == pytest.approx(190 / 60, rel=0.1) for one in found.choices.values())
    assert found.choices
