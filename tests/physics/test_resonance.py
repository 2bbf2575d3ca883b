"""Cross sections of resonance lidars against published ones."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.physics import resonance


@pytest.mark.parametrize(
    ("species", "peak_1e_12_cm2"),
    # Chu and Papen 2005, table 5.1: peak absorption cross sections at 200 K.
    [("Fe", 0.944), ("Ca", 38.48), ("Ca+", 13.94)],
)
def test_a_line_without_hyperfine_parts_has_the_published_peak(species, peak_1e_12_cm2):
    found = 4 * np.pi * resonance.resonance_backscatter_m2_sr(species, 0.0)
    assert found == pytest.approx(peak_1e_12_cm2 * 1e-16, rel=0.002)


@pytest.mark.parametrize(
    ("species", "peak_1e_12_cm2", "doppler_ghz"), [("Na", 14.87, 0.45654), ("K", 13.42 * 0.333 / 0.340, 0.2679)]
)
def test_hyperfine_parts_of_a_broad_laser_are_one_line(species, peak_1e_12_cm2, doppler_ghz):
    """The table's peaks leave the parts out: a laser far wider than they lie apart sees them as one.

    The table has K with a strength of 0.340.
    """
    assert sum(share for _, share in resonance.LINES[species].parts) == pytest.approx(1.0)
    laser = 20.0 / resonance.FWHM_PER_SIGMA
    expected = peak_1e_12_cm2 * 1e-16 * doppler_ghz / np.hypot(doppler_ghz, laser)
    found = 4 * np.pi * resonance.resonance_backscatter_m2_sr(species, 20.0)
    assert found == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    # f = eps0 m_e c lambda^2 / (2 pi e^2) g_upper / g_lower A, A of the line from the lifetime (ns) and its share.
    ("species", "weights", "lifetime_ns", "share", "ratio"),
    [("K", 1.0, 26.72, 1.0, 1.0), ("Ca+", 2.0, 6.92, 0.935, 0.627 / 0.682)],
)
def test_strengths_and_lifetimes(species, weights, lifetime_ns, share, ratio):
    line = resonance.LINES[species]
    per_second = share / (lifetime_ns * 1e-9)
    strength = 1.49919 * (line.wavelength_nm * 1e-7) ** 2 * weights * per_second
    assert strength == pytest.approx(ratio * line.strength, rel=0.003)


def test_iron_in_its_lowest_level():
    """Levels of a 5D (cm-1, NIST): 96 % in J = 4 at 200 K, as the module says."""
    levels = {4: 0.0, 3: 415.933, 2: 704.007, 1: 888.132, 0: 978.074}
    share = {j: (2 * j + 1) * np.exp(-cm / (0.695035 * 200.0)) for j, cm in levels.items()}
    assert share[4] / sum(share.values()) == pytest.approx(0.96, abs=0.005)


def test_sodium_for_a_seeded_and_for_a_dye_laser():
    """About 1e-15 m2 for the narrow one; 5.2e-16 m2 for a dye laser of some 2 GHz (Gardner 1989, Proc. IEEE 77)."""
    narrow, wide = (4 * np.pi * resonance.resonance_backscatter_m2_sr("Na", width) for width in (0.1, 2.0))
    assert narrow == pytest.approx(9.5e-16, rel=0.06)
    assert wide == pytest.approx(5.2e-16, rel=0.05)


def test_hot_calcium_ions_scatter_less():
    """The F region's 5.28e-17 m2 sr-1 at 900 K and the layer's 1.091e-16 at 200 K, a laser of 0.3 GHz."""
    assert resonance.resonance_backscatter_m2_sr("Ca+", 0.3) == pytest.approx(1.091e-16, rel=0.02)
    assert resonance.resonance_backscatter_m2_sr("Ca+", 0.3, 900.0) == pytest.approx(5.28e-17, rel=0.02)


@pytest.mark.parametrize(
    ("wavelength_nm", "expected_m2_sr"),
    # The paper's lidar; Bucholtz 1995 (total cross sections over 4 pi, times 1.478, the phase function backwards).
    [(393.366, 2.0172e-31), (589.158, 3.92e-32)],
)
def test_rayleigh_backscatter(wavelength_nm, expected_m2_sr):
    assert resonance.rayleigh_backscatter_m2_sr(wavelength_nm) == pytest.approx(expected_m2_sr, rel=0.03)
