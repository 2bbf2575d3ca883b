"""Nights as campaigns hold them: a bright moving main layer, steps and bursts of the background, flares, merges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metalclouds.detect import descent
from metalclouds.detect.events import theil_sen
from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import descents, scenes
from tests.detect.descents import Slab
from tests.detect.scenes import Cloud, Scene, Stripe

SETTINGS = DetectSettings()
# At 120 km 300 exp(-(17 / 7)^2 / 2) = 16 cm-3, at 130 km 0.6 cm-3; up and down by 3 km in six hours.
BRIGHT = {"main_layer": 300.0, "main_layer_km": 103.0, "main_layer_width_km": 7.0, "main_layer_tide_km": 3.0}


def detect(scene: Scene, density: bool = False):
    night = scenes.make_night(scene)
    return detect_night(scenes.as_density(night) if density else night, SETTINGS)


def minutes(time, utc: str) -> float:
    return (pd.Timestamp(time) - pd.Timestamp(utc)).total_seconds() / 60.0


def test_the_main_layers_upper_side_is_no_cloud():
    night = detect(Scene(seed=51, night="2021-01-10", **BRIGHT))
    assert not (night.events["kind"] == "cloud").any()
    assert night.night["cloud_hours"].iloc[0] == 0.0


def test_a_cloud_over_a_bright_layer_keeps_its_times_and_altitudes():
    cloud = Cloud(14.0, 16.0, 220.0, 10.0, 20.0)
    night = detect(Scene(seed=52, night="2021-01-10", clouds=(cloud,), **BRIGHT))
    (event,) = night.events.to_dict("records")
    # Its ends are soft, a factor e in 3 min: of 20 cm-3 there are 0.3 cm-3 left 12.6 min outside.
    assert -13 < minutes(event["start_utc"], "2021-01-10T14:00") < 2
    assert -2 < minutes(event["end_utc"], "2021-01-10T16:00") < 13
    assert event["detached"]
    assert night.night["cloud_hours"].iloc[0] == pytest.approx(2.2, abs=0.2)


@pytest.mark.parametrize("top", [100.0, 110.0, 112.0, 125.0, 150.0])
def test_a_cloud_is_found_wherever_the_main_layer_ends(top):
    """The layer's upper side is followed from 112 to 140 km: its top may lie below, between and above these."""
    cloud = Cloud(14.0, 16.0, 220.0, 10.0, 20.0)
    night = scenes.make_night(Scene(seed=52, night="2021-01-10", clouds=(cloud,)))
    found = detect_night(night, DetectSettings(main_layer_top_km=top))
    # With the top at 100 km the upper half of the layer itself is a cloud.
    (event,) = [event for event in found.events.to_dict("records") if event["top_km"] > 150.0]
    assert 180.0 < event["bottom_km"] < event["top_km"] < 260.0


@pytest.mark.parametrize(("density", "share"), [(2.0, 0.0), (20.0, 0.0), (2.0, 0.8), (20.0, 0.8)])
def test_edges_of_a_cloud(density, share):
    slab = Slab(14.0, 17.0, 180.0, 40.0, density)
    smooth, stripes = descents.filled(slab, np.random.default_rng(5), share)
    night = detect(Scene(seed=64, night="2021-01-10", layers=(smooth,), stripes=stripes))
    row = night.night.iloc[0]
    # The stripes are 1.5 to 12 min apart, so a cloud of stripes can begin that much later.
    latest = 4.0 if not stripes else 14.0
    assert -4 < minutes(row["cloud_start_utc"], "2021-01-10T14:00") < latest
    assert -latest < minutes(row["cloud_end_utc"], "2021-01-10T17:00") < 4
    # Three rows of 1.44 km: the mean over the cloud's edge.
    assert row["cloud_bottom_km"] == pytest.approx(180.0, abs=4.4)
    assert row["cloud_top_km"] == pytest.approx(220.0, abs=4.4)


def test_mask_and_tables_agree():
    slab = Slab(14.0, 17.0, 180.0, 40.0, 10.0)
    night = detect(Scene(seed=65, night="2021-01-10", layers=(slab,)))
    (cloud,) = night.events[night.events["kind"] == "cloud"].to_dict("records")
    mask = night.dataset["mic_mask"].isin([1, 2])
    seen = mask["time"].values[mask.any("altitude").values]
    for name, last in (("start", seen[0]), ("end", seen[-1])):
        # A profile of 33.3 s and the rounding to a second.
        assert abs((cloud[f"{name}_utc"] - pd.Timestamp(last)).total_seconds()) < 18
        assert cloud[f"{name}_utc"] == night.night[f"cloud_{name}_utc"].iloc[0]


def test_merge_of_a_cloud_over_a_bright_layer():
    # Down from 180 km at 13 UT by 25 km an hour; a Gaussian has half of its peak 1.18 thicknesses below its
    # middle, which touches 120 km after (180 - 120 - 8 * 1.18) / 25 = 2.02 h.
    cloud = Cloud(13.0, 18.5, 180.0, 8.0, 30.0, 25.0)
    night = detect(Scene(seed=53, night="2021-01-10", clouds=(cloud,), **BRIGHT))
    (merge,) = night.events[night.events["kind"] == "descending_merge"].to_dict("records")
    assert abs(minutes(merge["start_utc"], "2021-01-10T15:01")) < 5
    assert merge["descent_m_s"] == pytest.approx(6.9, abs=0.7)


# Edges at 0.5 of the density, lower edge at 120 km at 16:00; 5 min are asked of a merge.
SLAB = Slab(13.0, 17.5, 190.0, 30.0, 8.0, 16.0, 8.0)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("scale_km", [np.inf, 40.0])
def test_onset_of_a_merge_with_and_without_stripes_in_the_cloud(share, scale_km):
    smooth, stripes = descents.filled(replace(SLAB, scale_km=scale_km), np.random.default_rng(3), share)
    night = detect(Scene(seed=61, night="2021-01-10", layers=(smooth,), stripes=stripes))
    (merge,) = night.events[night.events["kind"] == "descending_merge"].to_dict("records")
    assert abs(minutes(merge["start_utc"], "2021-01-10T16:00")) < 5
    # Its upper part lies on the layer until 17:30; the last stripe, 3 to 12 min apart, may be before.
    assert -13 < minutes(merge["end_utc"], "2021-01-10T17:30") < 5
    # It comes from 12 km above at 8 m/s x (1 + 12 / 40); the speed is a mean over that height.
    mean = 8.0 if np.isinf(scale_km) else 8.0 * 0.3 / np.log(1.3)
    assert merge["descent_m_s"] == pytest.approx(mean, abs=2.0)


@pytest.mark.parametrize("from_km", [135.0, 141.0])
def test_onset_of_a_short_descent_among_stripes_that_reach_the_layer(from_km):
    # Lower edge at 120 km at 16:00; at 8 m/s it leaves its altitude 31 and 44 min before.
    slab = replace(SLAB, start=14.5, altitude_km=from_km, thickness_km=20.0, end=16.8)
    tall = tuple(Stripe(hour, 108.0, 240.0, -1.6, 15.0, 25.0, flare=3.0) for hour in (15.3, 15.4, 15.7, 15.75, 15.8))
    night = detect(Scene(seed=66, night="2021-01-10", layers=(slab,), stripes=tall))
    (merge,) = night.events[night.events["kind"] == "descending_merge"].to_dict("records")
    assert abs(minutes(merge["start_utc"], "2021-01-10T16:00")) < 5
    assert merge["descent_m_s"] == pytest.approx(8.0, abs=2.0)
    assert (night.events["kind"] == "direct_connection").any()


def test_a_fast_faint_descent():
    slab = replace(SLAB, speed=25.0, density=1.5, end=16.6)
    night = detect(Scene(seed=67, night="2021-01-10", layers=(slab,)))
    (merge,) = night.events[night.events["kind"] == "descending_merge"].to_dict("records")
    assert abs(minutes(merge["start_utc"], "2021-01-10T16:00")) < 5
    assert merge["descent_m_s"] == pytest.approx(25.0, abs=5.0)


def test_lower_edges_of_a_field():
    # Rows of 1 km from 0 km: 6 cm-3 at 10 to 20 km in slots 0 to 5, and nothing seen from slot 10 on.
    density = np.zeros((43, 15))
    density[10:20, :6] = 6.0
    light = np.where(np.arange(15) < 10, 50.0, 0.0) * np.ones((43, 1))
    field = descent.Field(*(x.astype(np.float32) for x in (density * light, light, 30.0 * (light > 0))),
                          33.0 * np.arange(15), 33.0, 0.0, 1.0)  # fmt: skip
    edges = descent.lower_edges(field, METHOD)
    # Means over three rows pass half of 6 cm-3 at the edge of the row at 10 km.
    assert edges.height[:5] == pytest.approx(10.0, abs=0.3)
    assert np.isposinf(edges.height[7:10]).all()
    assert np.isnan(edges.height[10:]).all()
    assert edges.density[2] == pytest.approx(6.0, rel=0.01)


def test_longest_descent_of_known_edges():
    # 30 s apart at 10 m/s: 0.3 km a slot, from 21 km down to the layer at slot 80.
    time = 30.0 * np.arange(100)
    height = np.where(np.arange(100) < 80, 0.3 * (80 - np.arange(100)), 0.0)
    free = (height > 4.0) & (height < 21.0)
    speeds = np.array([5.0, 10.0, 20.0])
    total, last, first, speed = descent.longest_descent(
        height, free, time, np.ones(100, bool), speeds, 1.0, 24.0, 3.0, 30.0
    )
    assert (speed, first) == (10.0, int(np.flatnonzero(free)[0]))
    assert abs(last - 80) <= 3
    # From 21 km down, of which the lowest 4 km say nothing and count at most 3 km.
    assert total == pytest.approx(20.0, abs=1.5)


def test_line_through_points_of_which_a_fifth_are_far_off():
    x = np.arange(40.0)
    y = 3.0 - 0.25 * x + np.where(np.arange(40) % 5 == 0, 8.0, 0.0)
    assert theil_sen(x, y) == (pytest.approx(-0.25, abs=0.02), pytest.approx(3.0, abs=0.5))


def test_a_stripe_inside_the_layer_is_no_connection():
    foot = tuple(Stripe(14.0 + 0.5 * i, 108.0, 124.0, -1.6, 300.0, 25.0) for i in range(6))
    night = detect(Scene(seed=68, night="2021-01-10", stripes=foot))
    assert not (night.events["kind"] == "direct_connection").any()


def test_two_clouds_that_merge_one_after_the_other():
    later = replace(SLAB, start=15.0, end=19.5, altitude_km=230.0, thickness_km=20.0, arrival=18.5, speed=14.0)
    night = detect(Scene(seed=62, night="2021-01-10", layers=(replace(SLAB, end=17.0), later)))
    merges = night.events[night.events["kind"] == "descending_merge"]
    expected = ("2021-01-10T16:00", "2021-01-10T18:30")
    assert len(merges) == 2
    assert all(abs(minutes(t, e)) < 5 for t, e in zip(merges["start_utc"], expected, strict=True))


@pytest.mark.parametrize(
    "slab",
    [
        replace(SLAB, speed=0.0),
        replace(SLAB, stop_km=145.0),
        replace(SLAB, altitude_km=126.0, speed=0.0),
        replace(SLAB, end=16.0),
    ],
    ids=["stays", "stops at 145 km", "lies low", "leaves"],
)
def test_a_cloud_that_does_not_come_down_does_not_merge(slab):
    smooth, stripes = descents.filled(slab, np.random.default_rng(4), 0.5)
    night = detect(Scene(seed=63, night="2021-01-10", layers=(smooth,), stripes=stripes))
    assert not (night.events["kind"] == "descending_merge").any()


def test_stripes_that_follow_each_other_are_one_connection():
    hours = (14.0, 14.1, 14.2, 14.3, 16.0, 16.1)
    stripes = tuple(Stripe(hour, 108.0, 250.0, -1.6, 30.0, 20.0) for hour in hours)
    night = detect(Scene(seed=54, night="2021-01-10", stripes=stripes))
    direct = night.events[night.events["kind"] == "direct_connection"]
    # The lower end passes 1.6 x 71 s = 1.9 min after the middle.
    assert len(direct) == 2
    for row, first, last in zip(direct.itertuples(), ("14:01:54", "16:01:54"), ("14:19:54", "16:07:54"), strict=True):
        assert abs(minutes(row.start_utc, f"2021-01-10T{first}")) < 1.0
        assert abs(minutes(row.end_utc, f"2021-01-10T{last}")) < 1.0


@pytest.mark.parametrize("seed", [55, 56, 57])
def test_a_flare_does_not_tilt_the_stripe(seed):
    stripes = tuple(Stripe(14.0 + 0.8 * i, 109.0, 250.0, -1.6, 15.0, 20.0, flare=3.0) for i in range(4))
    found = detect(Scene(seed=seed, night="2021-01-10", stripes=stripes)).stripes
    times = pd.Timestamp("2021-01-10") + pd.to_timedelta([14.0 + 0.8 * i for i in range(4)], "h")
    # What the flare leaves may be taken for another stripe; the brightest is the one in question.
    best = [found[(found["time_top"] - t).abs() < pd.Timedelta("10min")].nlargest(1, "significance") for t in times]
    long = pd.concat(best)
    assert len(long) == 4
    assert (long["slowness_s_per_km"] + 1.6).abs().max() < 0.2


@pytest.mark.parametrize("density", [False, True])
def test_a_step_of_the_background_is_no_cloud(density):
    scene = Scene(seed=58, night="2021-01-10", steps=((15.0, 16.0, 4.0),))
    night = detect(scene, density)
    assert not night.night["above_150"].iloc[0]
    assert len(night.events) == 0


def test_bursts_in_a_density_are_no_clouds():
    scene = Scene(seed=59, night="2021-01-10", bursts=((100, 20.0), (300, 60.0), (301, 60.0), (500, 120.0)))
    night = detect(scene, True)
    assert not night.night["above_150"].iloc[0]
    assert list(night.dataset["profile_flag"].values[[100, 300, 301, 500]]) == [1, 1, 1, 1]


def test_the_edge_of_twilight_is_no_cloud():
    # A background that doubles in the last quarter of an hour before the night is cut off.
    scene = Scene(seed=60, night="2021-01-10")
    night = scenes.make_night(scene)
    rng = np.random.default_rng(60)
    left = np.arange(night.sizes["time"])[::-1] * 33.3
    extra = rng.poisson(2.0 * np.exp(-left / 600.0)[:, None], night["photon_counts"].shape)
    night["photon_counts"] = night["photon_counts"] + extra.astype("uint16")
    night["background_counts"][:] = np.nan
    assert not detect_night(night, SETTINGS).night["above_150"].iloc[0]


def test_a_bright_cloud_at_midnight_is_no_twilight():
    """A cloud over all altitudes above 150 km has 18 times the noise of the dark sky, and is used all the same."""
    cloud = Cloud(14.0, 16.0, 220.0, 60.0, 40.0)
    night = detect(Scene(seed=58, night="2021-01-10", clouds=(cloud,)), density=True)
    assert night.night["profiles_bad"].iloc[0] == 0
    assert night.night["cloud_hours"].iloc[0] == pytest.approx(2.2, abs=0.4)
