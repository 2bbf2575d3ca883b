"""Geometry of a stripe: angles worked out by hand, limits where the geometry gives no value."""

from __future__ import annotations

import math

import pytest

from metalclouds.physics.trail import Drift, Slant, beta, interval, zenith_angle


def test_angle_of_the_papers_stripe():
    # v_c = dz/dt = 60 m/s / tan(5.82 deg) = 588.65 m/s, so p = 1.6988 s/km.
    assert zenith_angle(-1.6988, 60.0) == pytest.approx(5.82, abs=0.001)


def test_wind_error_alone_moves_the_angle_by_a_degree():
    # 10 of 60 m/s at 5.8 deg is one degree: 5.8 / 6 = 0.97 deg for small angles.
    low, high = interval(1.693, 0.0, 60.0, 10.0)
    assert (high - low) / 2 == pytest.approx(0.96, abs=0.02)


def test_errors_add_in_quadrature():
    # tan b = v p: relative errors 3 % and 4 % make 5 %.
    low, high = interval(2.0, 0.06, 50.0, 2.0)
    assert math.tan(math.radians(high)) == pytest.approx(0.105)
    assert math.tan(math.radians(low)) == pytest.approx(0.095)


def test_long_stripe_gives_a_value():
    found = beta(Slant(-1.7, 0.05, 150.0, True, 33.0), Drift(60.0, 5.0))
    assert found.kind == "value"
    assert found.low < found.value < found.high < 10


def test_short_stripe_gives_a_lower_limit():
    found = beta(Slant(-1.7, 0.05, 60.0, True, 33.0), Drift(60.0, 5.0))
    assert found.kind == "lower_limit"
    assert found.high == 90.0


@pytest.mark.parametrize(("length", "limit"), [(150.0, 0.76), (80.0, 1.4)])
def test_unresolved_stripe_says_only_less_than_the_sampling(length, limit):
    # One profile of 33 s over 150 or 80 km at 60 m/s: 0.76 and 1.4 deg.
    found = beta(Slant(0.0, 0.01, length, False, 33.0), Drift(60.0, 0.0))
    assert found.kind == "upper_limit"
    assert found.value == pytest.approx(limit, abs=0.02)


def test_slowness_that_may_be_zero_gives_an_upper_limit():
    found = beta(Slant(0.4, 0.3, 150.0, True, 33.0), Drift(60.0, 0.0))
    assert found.kind == "upper_limit"
    assert found.low == 0.0
    assert found.high == pytest.approx(math.degrees(math.atan(0.06)))


def test_no_wind():
    found = beta(Slant(-1.7, 0.05, 150.0, True, 33.0), Drift(float("nan"), float("nan")))
    assert found.kind == "no_wind"
    assert math.isnan(found.value)


def test_sign_does_not_change_the_angle():
    assert beta(Slant(1.7, 0.05, 150.0, True, 33.0), Drift(60.0, 5.0)) == beta(
        Slant(-1.7, 0.05, 150.0, True, 33.0), Drift(60.0, 5.0)
    )
