"""Densities whose noise does not grow as the square of the distance: they come from smoothing, or from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.detect.load import load_image, noise_growth
from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import scenes
from tests.detect.scenes import Scene, Stripe

# White noise of a cell of 96 m and 33 s, cm-3.
NOISE = 6.0
STRIPE = Stripe(hour=15.0, slowness=-1.5, bottom_km=150.0, top_km=230.0, width_s=60.0, density=30.0)


def night_of(stripes=(), power: float = 0.0):
    """A density with Gaussian noise that grows with the distance to some power, NOISE at 200 km."""
    scene = Scene(seed=7, stripes=stripes)
    night = scenes.as_density(scenes.make_night(scene))
    rng = np.random.default_rng(8)
    altitude = night["altitude"].values
    time = (night["time"].values - np.datetime64(scene.night, "ns")) / np.timedelta64(1, "s")
    sigma = NOISE * ((altitude - scenes.STATION_KM) / 200.0) ** power
    values = scenes.true_density(scene, time, altitude) + sigma * rng.standard_normal((time.size, altitude.size))
    night["ca_ion_number_density"] = (("time", "altitude"), values.astype("float32"))
    return night


@pytest.mark.parametrize("power", [0.0, 1.0, 4.0])
def test_the_growth_is_measured(power):
    night = night_of(power=power)
    reach = night["altitude"].values - scenes.STATION_KM
    found = noise_growth(night, METHOD)
    inside = (reach > 130.0) & (reach < 285.0)
    wanted = reach ** (power - 2.0)
    ratio = (found / wanted)[inside]
    # The noise of 40 blocks of 15 min with 20 cells each is known to some per cent.
    assert ratio.max() / ratio.min() < 1.25


def test_noise_that_grows_as_the_square_is_left_alone():
    night = night_of(power=2.0)
    image = load_image(night, METHOD)
    np.testing.assert_array_equal(image.square_km2, image.range_km**2)
    counts = scenes.as_density(scenes.make_night(Scene(seed=9)))
    np.testing.assert_array_equal(noise_growth(counts, METHOD), 1.0)


def test_noise_alone_that_does_not_grow_is_neither_stripe_nor_cloud():
    found = detect_night(night_of(), DetectSettings())
    assert len(found.stripes) == 0
    assert len(found.events) == 0
    assert not found.night["above_150"].iloc[0]
    assert "does not grow as the square of the distance" in found.dataset.attrs["noise"]


def test_a_stripe_in_it_is_found_with_its_slope_and_density():
    found = detect_night(night_of((STRIPE,)), DetectSettings())
    (row,) = found.stripes.to_dict("records")
    assert row["slowness_s_per_km"] == pytest.approx(-1.5, abs=4 * row["slowness_sigma_s_per_km"])
    assert row["peak_density_cm3"] == pytest.approx(30.0, rel=0.15)
