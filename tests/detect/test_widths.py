"""No width of a stripe is special, and what the instrument does to whole profiles is no stripe."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import scenes, scoring
from tests.detect.scenes import Cloud, Scene, Stripe

SETTINGS = DetectSettings()


@pytest.mark.parametrize("width_s", [15.0, 60.0, 150.0, 250.0, 400.0])
def test_a_stripe_of_any_width_is_found_once(width_s):
    scene = Scene(seed=81, night="2021-01-10", stripes=(Stripe(15.0, 130.0, 270.0, -3.0, 15.0, width_s),))
    found = detect_night(scenes.make_night(scene), SETTINGS).stripes
    score, false = scoring.score_night(scene, found, bound=False)
    assert score["found"].all()
    assert false == 0
    # The wide ones lie partly in what is taken for smooth cloud.
    assert found["width_s"].iloc[0] == pytest.approx(width_s, rel=0.35)


@pytest.mark.parametrize("slowness", [-50.0, -25.0, 25.0, 50.0])
def test_a_flat_and_wide_front_is_found_once(slowness):
    scene = Scene(seed=82, night="2021-01-10", stripes=(Stripe(15.5, 160.0, 220.0, slowness, 15.0, 250.0),))
    score, false = scoring.score_night(scene, detect_night(scenes.make_night(scene), SETTINGS).stripes, bound=False)
    assert score["found"].all()
    assert false == 0


def test_the_edge_of_a_smooth_cloud_is_no_stripe():
    scene = Scene(seed=83, night="2021-01-10", clouds=(Cloud(14.0, 17.0, 200.0, 25.0, 20.0),))
    assert detect_night(scenes.make_night(scene), SETTINGS).stripes.empty


@pytest.mark.parametrize("level", [3.0, 20.0])
def test_a_burst_of_a_density_without_its_negatives_is_no_stripe(level):
    """Where negative values were lost the mean of the noise is not zero, and a burst looks like light everywhere."""
    scene = Scene(seed=84, night="2021-01-10", bursts=tuple((300 + k, level) for k in range(6)))
    night = scenes.as_density(scenes.make_night(scene), "lost_zero")
    assert detect_night(night, SETTINGS).stripes.empty


def test_gains_of_profiles_inside_a_cloud_are_no_stripes():
    """A calibration good to 3 % a profile leaves upright stripes of the cloud's own shape."""
    scene = Scene(seed=85, night="2021-01-10", clouds=(Cloud(13.0, 18.0, 200.0, 25.0, 30.0),))
    night = scenes.make_night(scene)
    gain = 1.0 + np.random.default_rng(85).normal(0.0, 0.03, night.sizes["time"])
    night["calibration_factor"] = night["calibration_factor"] * gain
    assert detect_night(scenes.as_density(night), SETTINGS).stripes.empty


def test_a_short_bright_trail_that_fades_at_both_ends_is_found():
    """Where it shows half of its mean density is less than a stripe's least height."""
    sigma, slowness, middle = 1.8, -25.0, 189.5
    height = np.arange(-4.0 * sigma, 4.0 * sigma, 0.5) + 0.25
    density = 1700.0 * np.exp(-0.5 * (height / sigma) ** 2)
    parts = tuple(
        Stripe(15.0 + slowness * z / 3600.0, middle + z - 0.25, middle + z + 0.25, slowness, n, 56.0)
        for z, n in zip(height, density, strict=True)
    )
    found = detect_night(scenes.make_night(Scene(seed=86, night="2021-01-10", stripes=parts)), SETTINGS).stripes
    assert len(found) == 1
    row = found.iloc[0]
    assert row["slowness_s_per_km"] == pytest.approx(slowness, abs=2.0)
    assert row["width_s"] == pytest.approx(56.0, rel=0.1)
    assert row["bottom_km"] < middle - sigma
    assert row["top_km"] > middle + sigma
