"""Rates of ions and meteoroids at places where their formulas become simple, and against published values."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pytest

from metalclouds.physics import escape, ions, meteoroid


def test_gyrofrequency_of_calcium():
    """e B / m of a singly charged ion of 40.078 u at 48.3 microtesla, by hand: 116 rad/s; the field of IGRF."""
    assert ions.gyrofrequency_s() == pytest.approx(116.3, abs=0.1)
    ppigrf = pytest.importorskip("ppigrf")
    field = [1e-9 * float(np.squeeze(part)) for part in ppigrf.igrf(116.0, 40.4, 250.0, datetime(2021, 6, 1))]
    assert np.linalg.norm(field) == pytest.approx(ions.MAGNETIC_FIELD_T, rel=0.002)


def test_diffusion_across_the_field_in_its_three_limits():
    """Free of the field where collisions are many, half of it at nu = Omega, nu rho^2 where they are few."""
    omega, warm = ions.gyrofrequency_s(), 900.0
    along = ions.diffusion_along_m2_s(warm, 1e4 * omega)
    assert ions.diffusion_across_m2_s(warm, 1e4 * omega) == pytest.approx(along, rel=1e-6)
    half = 0.5 * ions.diffusion_along_m2_s(warm, omega)
    assert ions.diffusion_across_m2_s(warm, omega) == pytest.approx(half)
    thermal_speed = math.sqrt(1.380649e-23 * warm / (40.078 * 1.66053907e-27))
    few = 1e-3 * omega
    assert ions.diffusion_across_m2_s(warm, few) == pytest.approx(few * (thermal_speed / omega) ** 2, rel=1e-4)


@pytest.mark.parametrize(
    ("ion", "temperature", "expected"),
    [
        ("O2+", 300.0, 1.95e-7),
        ("O2+", 1199.0, 7.39e-8),
        ("O2+", 1200.0, 7.38e-8),
        ("O2+", 2400.0, 5.01e-8),
        ("N2+", 300.0, 2.2e-7),
        ("N2+", 1200.0, 1.28e-7),
        ("NO+", 300.0, 4.0e-7),
        ("NO+", 1200.0, 2.0e-7),
    ],
)
def test_dissociative_recombination(ion, temperature, expected):
    """Schunk and Nagy 2009, table 8.5: N2+ 2.2e-7 (300/T)^0.39, NO+ 4.0e-7 (300/T)^0.5, O2+ in two parts."""
    assert escape.recombination_cm3_s(ion, temperature) == pytest.approx(expected, rel=0.03)


def test_recombination_of_calcium_is_that_of_the_supplements():
    for temperature in (200.0, 900.0):
        expected = float(ions.calcium_recombination_cm3_s(temperature))
        assert escape.recombination_cm3_s("Ca+", temperature) == pytest.approx(expected)


def diameter(mass_g: float) -> float:
    """Of a sphere of 3000 kg m-3, m."""
    return (6e-3 * mass_g / (math.pi * 3000.0)) ** (1.0 / 3.0)


@pytest.mark.parametrize(("mass_g", "log_flux"), [(1.0, -14.66), (1e-3, -10.72)])
def test_flux_of_small_meteoroids(mass_g, log_flux):
    """Gruen et al. 1985, equation A3, first term, by hand: 2215^-4.38 and 280.8^-4.38 m-2 s-1; twice that here."""
    expected = 2.0 * 10.0**log_flux
    assert meteoroid.flux_m2_s(diameter(mass_g)) == pytest.approx(expected, rel=0.03)


def test_flux_of_large_bodies_is_that_seen_from_satellites():
    """37 a year above 1 m on the whole Earth, 6371 km in radius (Brown et al. 2002)."""
    area, year = 4.0 * math.pi * 6.371e6**2, 365.25 * 86400.0
    assert meteoroid.flux_m2_s(1.0) == pytest.approx(37.0 / area / year, rel=0.001)
    assert np.all(np.diff(meteoroid.flux_m2_s(np.logspace(-3, 1, 50))) < 0.0)
