"""Measures of sporadic E and spread F on soundings that are written down here, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metalclouds.claims.measures import sporadic_e
from metalclouds.claims.model import Data, Unavailable
from metalclouds.claims.settings import ClaimsSettings
from tests.claims import campaign

NIGHT, OTHER = campaign.CASES["a"], campaign.CASES["b"]


def data(**changed) -> Data:
    return Data(campaign.tables() | changed, campaign.CASES, ClaimsSettings(), campaign.masks())


def soundings(*rows: tuple[str, str], night: str = NIGHT, column: str = "blanketing") -> pd.DataFrame:
    """Soundings with Es of a night: time of day and the value of a column."""
    return pd.DataFrame([
        {"night": night, "time_utc": campaign.moment(night, clock), "es_status": "present", column: value}
        for clock, value in rows
    ])  # fmt: skip


def connections(*ends: str | None) -> pd.DataFrame:
    """Connections of the night that begin at 14:00 and end at these times."""
    return pd.DataFrame([
        {"night": NIGHT, "connection_utc": campaign.moment(NIGHT, "14:00"),
         "end_utc": campaign.moment(NIGHT, end) if end else pd.NaT}
        for end in ends
    ])  # fmt: skip


ALL = [(clock, True) for clock in ("13:45", "14:00", "15:00", "15:30", "15:45")]


@pytest.mark.parametrize(("end", "count"), [("15:00", 3), (None, 1)])
def test_blanketing_counts_from_the_connection_to_half_an_hour_after_it(end, count):
    """14:00, 15:00, and 15:30 as the last; of a connection without a known end, half an hour from its beginning."""
    table = pd.concat([soundings(*ALL), soundings(("14:30", True), night=OTHER)], ignore_index=True)
    seen = data(es_cases=table, es_response=connections(end))
    found = sporadic_e.blanketing_soundings(seen, ["a"], 30)
    assert (found.value, found.high, found.n) == (count, count, 6), "the lidar looked before all others and saw none"
    assert found.missed == ""
    table.loc[table["time_utc"] == campaign.moment(NIGHT, "14:00"), "blanketing"] = False
    assert sporadic_e.blanketing_soundings(replace(seen, tables=seen.tables | {"es_cases": table}), ["a"], 30).value \
        == count - 1  # fmt: skip


@pytest.mark.parametrize(("good", "unseen"), [(15, 0), (14, 1)])
def test_a_connection_could_be_seen_where_half_of_the_minutes_before_were(good, unseen):
    """Profiles of a minute; of the half hour before 15:45 the first 15 min, 15:15 included, are half of it."""
    seen = data(es_cases=soundings(("15:45", True)), es_response=connections("14:10"))
    minutes = pd.date_range(f"{NIGHT} 12:00", f"{NIGHT} 21:00", freq="60s")
    flag = np.ones(len(minutes), dtype=np.uint8)
    first = int(minutes.get_loc(campaign.moment(NIGHT, "15:15")))
    flag[first : first + good] = 0
    mask = campaign.masks()[NIGHT].isel(time=0, drop=True).expand_dims(time=minutes.to_numpy())
    seen.masks[NIGHT] = mask.assign(profile_flag=("time", flag))
    found = sporadic_e.blanketing_soundings(seen, ["a"], 30)
    assert (found.value, found.high) == (0, unseen)


# The cloud at 190-290 km is there from the profile of 14:36:12 to 18:00; ten minutes before it still count.
SPREAD = (("13:00", "false"), ("14:26:12", "true"), ("15:00", "true"), ("17:00", "false"), ("19:00", "true"),
          ("16:00", "not_observed"))  # fmt: skip


def test_spread_f_is_counted_while_clouds_are_seen_and_without_them():
    """With clouds 2 of 3, without 1 of 2; what was not observed and a night without lidar count for neither."""
    table = pd.concat([
        soundings(*SPREAD, column="spread_f"), soundings(("15:00", "true"), night="2021-09-09", column="spread_f"),
    ], ignore_index=True)  # fmt: skip
    found = sporadic_e.spread_f_share(data(es_cases=table), 150, 10)
    assert (found.value, found.n) == (2 / 3, 3)
    more = sporadic_e.spread_f_more_with_clouds(data(es_cases=table), 150, 10)
    assert more.value == pytest.approx(2 / 3 - 1 / 2)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (soundings(("15:00", "not_observed"), column="spread_f"), "no ionograms to read spread f"),
        (soundings(("15:00", "true"), night="2021-09-09", column="spread_f"), "that the lidar observed"),
        (soundings(("15:00", "true"), column="spread_f"), "both with and without clouds"),
        (soundings(("12:30", "true"), column="spread_f"), "both with and without clouds"),
    ],
)
def test_spread_f_that_cannot_be_compared_says_why(table, why):
    with pytest.raises(Unavailable, match=why):
        sporadic_e.spread_f_more_with_clouds(data(es_cases=table), 150, 10)


def test_es_within_a_range_holds_its_ends():
    """Of 99.9, 100, 110, 120 and 120.1 km three lie in 100-120 km; one of them is from the station's own scaling."""
    table = soundings(*[("15:00", False)] * 5).assign(
        hEs_km=[99.9, 100.0, np.nan, 120.0, 120.1], scaled_hEs_km=[110.0, 99.0, 110.0, 99.0, np.nan]
    )
    found = sporadic_e.es_altitudes_within(data(es_cases=table), 100, 120)
    assert (found.value, found.n) == (3 / 5, 5)
    with pytest.raises(Unavailable, match="neither hEs_km nor scaled_hEs_km"):
        sporadic_e.es_altitudes_within(data(es_cases=table.assign(es_status="absent")), 100, 120)


def test_the_step_of_soundings_is_its_median_within_nights():
    """10, 15 and 15 min in one night, none in the other; the days between nights are no step."""
    table = pd.concat([
        soundings(("15:25", 0), ("15:00", 0), ("15:10", 0), ("15:40", 0)), soundings(("15:00", 0), night=OTHER)
    ])  # fmt: skip
    found = sporadic_e.sounding_step(data(es_cases=table), 15.0)
    assert (found.value, found.n) == (15.0, 3)
    with pytest.raises(Unavailable, match="every 15 min"):
        sporadic_e.sounding_step(data(es_cases=table), 14.9)
    with pytest.raises(Unavailable, match="no two soundings"):
        sporadic_e.sounding_step(data(es_cases=table[table["night"] == OTHER]))


def test_the_mean_rise_is_that_of_nights():
    """Medians of 1, 2 and 3 MHz: mean 2, standard error 1/sqrt(3), Student's 0.975 quantile of two is 4.3027."""
    rises = [("b", 1.0), ("c", 2.0), ("d", 3.0), ("d", 2.5), ("d", 9.0)]
    table = pd.DataFrame([
        {"night": campaign.CASES[panel], "rise_during_MHz": rise, "soundings_before": 4, "soundings_during": 2,
         "absent_before": 0, "connection_utc": campaign.moment(campaign.CASES[panel], "14:00")}
        for panel, rise in rises
    ])  # fmt: skip
    found = sporadic_e.mean_rise(data(es_response=table), list("bcd"))
    assert found.value == 2.0
    assert (found.low, found.high) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4)
    assert found.n == 5
    with pytest.raises(Unavailable, match="fewer than three nights"):
        sporadic_e.mean_rise(data(es_response=table), list("bc"))


@pytest.mark.parametrize(("clocks", "enough"), [(("14:05", "14:20", "14:40"), True), (("14:05", "14:40"), False)])
def test_a_search_of_79_minutes_needs_three_soundings(clocks, enough):
    """One each 20 min: three whole ones in 79 min."""
    seen = data(es_cases=soundings(*[(clock, False) for clock in clocks]).assign(hEs_km=105.0, scaled_hEs_km=np.nan))
    if enough:
        assert sporadic_e.es_seen(seen, "a", "14:01", "15:20").value == 3
        found = sporadic_e.es_altitude(seen, "a", "14:01", "15:20")
        assert [one.value for one in found.candidates] == [105.0, 105.0, 105.0]
        return
    with pytest.raises(Unavailable, match="only 2 soundings"):
        sporadic_e.es_seen(seen, "a", "14:01", "15:20")
