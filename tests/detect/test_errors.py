"""Errors of a slowness and of the noise against what theory says of them."""

import numpy as np
import pytest

from metalclouds.detect.load import burst_factor
from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes.errors import without_a_part
from tests.detect import scenes
from tests.detect.scenes import Scene, Stripe

ALTITUDE = np.linspace(-40.0, 40.0, 24)  # km from the middle
ERROR = 5.0  # s


def jackknife(shift: np.ndarray) -> float:
    return without_a_part(ALTITUDE, shift, np.full(ALTITUDE.size, ERROR**-2), METHOD.errors.parts)


def test_leaving_out_a_part_is_not_below_least_squares_where_blocks_are_independent():
    random = np.random.default_rng(3)
    shifts = random.normal(0.0, ERROR, (400, ALTITUDE.size))
    expected = ERROR**2 / np.sum((ALTITUDE - ALTITUDE.mean()) ** 2)
    # The quarter at an end bears much of a slope: four parts give some twice the variance.
    assert 1.0 < np.mean([jackknife(shift) for shift in shifts]) / expected < 2.5


def test_another_light_at_one_end_is_in_the_error():
    bent = np.where(ALTITUDE > 20.0, 30.0, 0.0)
    slope = np.polyfit(ALTITUDE, bent, 1)[0]
    assert np.sqrt(jackknife(bent)) > 0.5 * slope


def test_too_few_blocks_say_nothing():
    assert without_a_part(ALTITUDE[:3], np.array([0.0, 9.0, 0.0]), np.ones(3), 4) == 0.0


def test_chance_in_coarse_bins_is_no_burst():
    # 10 blocks of 14 bins: their median scatters by some 0.18, so that 1.6 is reached by chance in a night of 744.
    random = np.random.default_rng(5)
    ratio = random.normal(1.0, 0.18, 744)
    assert ratio.max() > METHOD.noise.burst_factor - 0.1
    assert ratio.max() < burst_factor(ratio, METHOD) < 3.0
    fine = random.normal(1.0, 0.05, 744)
    assert burst_factor(fine, METHOD) == pytest.approx(METHOD.noise.burst_factor)


def test_the_peak_of_even_stripes_is_their_density_not_the_largest_noise():
    stripes = tuple(Stripe(13.0 + 0.45 * k, 130.0, 260.0, 1.5 + 0.4 * k, 8.0, 60.0) for k in range(12))
    scene = Scene(seed=904, night="2021-01-10", stripes=stripes)
    found = detect_night(scenes.make_night(scene), DetectSettings()).stripes
    assert len(found) == len(stripes)
    assert found["peak_density_cm3"].median() == pytest.approx(8.0, rel=0.05)
