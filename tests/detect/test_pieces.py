"""Which light belongs to which stripe, and what the errors say of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes.accept import weakest_third
from metalclouds.detect.stripes.errors import block_line
from metalclouds.detect.stripes.grow import refitted
from metalclouds.detect.stripes.joint import clusters
from metalclouds.detect.stripes.model import Patch, Stripe, add
from metalclouds.detect.stripes.pieces import break_gain, with_own_crest
from tests.detect import scenes
from tests.detect.scenes import Cloud, Scene
from tests.detect.scenes import Stripe as Filament

SETTINGS = DetectSettings()
ROWS, SLOTS, STEP = 100, 80, 33.0


def patch() -> Patch:
    """Noise-free background of 30 counts a cell from 120 km up; 1 cm-3 gives a count."""
    expected = np.full((ROWS, SLOTS), 30.0)
    return Patch(
        expected.astype(np.float32), expected, np.ones((ROWS, SLOTS), np.float32), STEP * np.arange(SLOTS),
        np.full(SLOTS, STEP), 120.0 + 1.44 * (0.5 + np.arange(ROWS)), 1.44, STEP,
    )  # fmt: skip


def straight(time: float, first: int, last: int) -> Stripe:
    """A vertical stripe of 40 cm-3 and sigma 20 s through the rows [first, last)."""
    ends = (120.0 + 1.44 * first, 120.0 + 1.44 * last)
    presence = np.zeros(ROWS)
    presence[first:last] = 1.0
    theta = np.array([time, 0.0, 0.0, np.log(20.0), 0.0, 40.0])
    return Stripe(theta, np.eye(6), ends, (1.4, 1.4), presence, 50.0)


def test_a_break_is_promised_where_the_line_is_shifted():
    sky = patch()
    counts = sky.counts.astype(np.float64)
    add(straight(1310.0, 0, 40), sky, 1.0, counts)
    add(straight(1340.0, 40, 100), sky, 1.0, counts)
    sky = Patch(**{**sky.__dict__, "counts": counts.astype(np.float32)})
    gain = break_gain(straight(1328.0, 0, 100), sky, sky.background)
    assert abs(int(np.argmax(gain)) - 40) <= 1
    # Without noise the shift of 30 s alone makes it: far more than the few units that noise gives.
    assert gain.max() > 30


def test_a_stripe_that_shrinks_too_far_when_it_is_fitted_again_is_said_to_be_rejected():
    """Light in two rows, 2.9 km, under a line of 115 km: nothing is left of the least height."""
    sky = patch()
    counts = sky.counts.astype(np.float64)
    add(straight(1320.0, 49, 51), sky, 1.0, counts)
    sky = Patch(**{**sky.__dict__, "counts": counts.astype(np.float32)})
    assert refitted(sky, sky.background, straight(1320.0, 10, 90), METHOD) is None
    (rejection,) = sky.rejected
    assert rejection.failure.rule == "height"
    assert rejection.failure.value < rejection.failure.limit == SETTINGS.stripe_least_length_km


def test_no_break_and_no_misfit_in_a_stripe_that_is_as_fitted():
    sky = patch()
    counts = sky.counts.astype(np.float64)
    stripe = straight(1320.0, 10, 90)
    add(stripe, sky, 1.0, counts)
    sky = Patch(**{**sky.__dict__, "counts": np.random.default_rng(3).poisson(counts).astype(np.float32)})
    # Two parameters more: the largest of some ten independent chi squares of two, halved, stays below 9
    # (10 exp(-9) = 0.1 %).
    assert break_gain(stripe, sky, sky.background).max() < 9
    line = block_line(stripe, [], sky, sky.background, METHOD)
    assert line is not None
    # The least scatter, 2 % of 47 s in each of 10 blocks, is more than that of the photons, 0.6 s.
    assert (line.variance / line.counting < 6.0).all()
    assert (np.abs(line.change) < 4 * np.sqrt(line.variance)).all()


def test_stripes_hang_together_by_overlap():
    stripes = [straight(1000.0, 0, 50), straight(1040.0, 20, 90), straight(2000.0, 0, 90), straight(1000.0, 60, 90)]
    assert clusters(stripes, STEP) == [[0, 1, 3]]


def slowness_of(scene: Scene) -> pd.DataFrame:
    return detect_night(scenes.make_night(scene), SETTINGS).stripes


def test_two_stripes_nearly_in_one_line_stay_two():
    # The upper one passes 70 s beside the end of the lower one.
    pair = (Filament(14.0, 120.0, 180.0, 1.0, 12.0, 20.0), Filament(14.0 + 130 / 3600, 182.0, 260.0, 1.0, 12.0, 20.0))
    found = slowness_of(Scene(seed=71, night="2021-01-10", stripes=pair)).sort_values("bottom_km")
    assert len(found) == 2
    # Alone the shift would tilt one line by 60 s over 70 km, 0.9 s/km.
    assert (found["slowness_s_per_km"] - 1.0).abs().max() < 0.25


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_bent_stripe_states_the_slope_at_its_middle(sign):
    bent = Filament(14.0, 130.0, 250.0, 1.5, 15.0, 20.0, curvature=sign * 0.002)
    (row,) = slowness_of(Scene(seed=72, night="2021-01-10", stripes=(bent,))).to_dict("records")
    middle = 0.5 * (row["bottom_km"] + row["top_km"])
    truth = 1.5 + sign * 0.004 * (middle - 190.0)
    assert abs(row["slowness_s_per_km"] - truth) < 3 * row["slowness_sigma_s_per_km"] < 0.15
    assert row["curvature_s_per_km2"] == pytest.approx(sign * 0.002, abs=4 * row["curvature_sigma_s_per_km2"])


def test_a_stripe_inside_a_profile_knows_that_its_slowness_is_open():
    # 10 s over 50 km inside profiles of 33 s; its light stays within one of them for most of the hours.
    stripes = tuple(Filament(12.8 + 0.6 * i, 140.0, 190.0, 0.2, 25.0, 8.0) for i in range(11))
    found = slowness_of(Scene(seed=73, night="2021-01-10", stripes=stripes))
    # One that passes into the next profile on its way may come in two pieces.
    assert 11 <= len(found) <= 12
    ratio = (found["slowness_s_per_km"] - 0.2).abs() / found["slowness_sigma_s_per_km"]
    # Of 12 honest errors one beyond 3.5 sigma has a chance of 0.6 %.
    assert ratio.max() < 3.5
    assert not found["resolved"].all()


def test_bright_short_feet_are_stripes():
    feet = tuple(Filament(13.0 + i, 112.0, 134.0, p, 30.0, 20.0) for i, p in enumerate((-2.0, -0.5, 0.5, 1.5)))
    assert len(slowness_of(Scene(seed=74, night="2021-01-10", stripes=feet))) == 4


def test_waves_of_a_bright_thin_layer_are_none():
    # A layer at 124 km that swings by 3 km with a period of ten minutes.
    half = 5 / 60
    parts = [
        Cloud(14 + half * i, 14 + half * (i + 1), 122.5 + 3 * (i % 2), 1.2, 100.0, 36.0 * (-1) ** i)
        for i in range(20)
    ]
    assert len(slowness_of(Scene(seed=75, night="2021-01-10", clouds=tuple(parts)))) == 0


@pytest.mark.parametrize(("apart", "left"), [(10.0, 1), (40.0, 1), (120.0, 2)])
def test_two_stripes_on_one_crest_are_one(apart: float, left: int):
    # Two equal Gaussians of one width have one maximum up to two standard deviations apart (here 22 s with the
    # profile's share: 44 s), and a saddle 19 % deep at three.
    sky = patch()
    short = straight(1320.0 + apart, 40, 60)
    assert len(with_own_crest([straight(1320.0, 0, 100), short], sky, METHOD)) == left


def test_the_longer_of_two_on_one_crest_stays():
    sky = patch()
    long = straight(1320.0, 0, 100)
    assert with_own_crest([straight(1330.0, 40, 60), long], sky, METHOD) == [long]


def spotted(first: int, last: int) -> Patch:
    """A sky with light of a stripe in some rows only."""
    sky = patch()
    counts = sky.counts.astype(np.float64)
    add(straight(1320.0, first, last), sky, 1.0, counts)
    return Patch(**{**sky.__dict__, "counts": counts.astype(np.float32)})


@pytest.mark.parametrize(("first", "last", "whole"), [(0, 30, True), (12, 20, False)])
def test_a_tall_line_through_one_bright_spot_is_not_whole(first: int, last: int, whole: bool):
    sky = spotted(first, last)
    least = METHOD.accept.least_clear_sigma
    assert (weakest_third(straight(1320.0, 0, 30), sky, sky.background) >= least) is whole
