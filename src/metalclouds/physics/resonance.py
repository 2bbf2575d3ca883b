"""Backscatter cross sections of a resonance lidar: of a metal for a laser of some width, and of air.

A laser of Gaussian shape meets a line that the thermal motion of the atoms broadens, with its hyperfine parts:

    sigma = e^2 f / (4 eps0 m_e c) * max over nu of sum_i w_i G(nu - nu_i; sqrt(s_D^2 + s_L^2))
    s_D = sqrt(k T / m) / lambda

(Chu and Papen 2005, in Fujii and Fukuchi, Laser Remote Sensing, ch. 5). Light goes in all directions alike: the
backscatter cross section is sigma / (4 pi). The Hanle effect and saturation are left out, and so is what makes fewer
atoms scatter than there are:

- of iron 96 % are in the lowest level, J = 4, at 200 K, which the line at 372 nm needs;
- 54Fe (6 %) and 41K (7 %) lie beside the line. Without these shares the cross section is 5 to 8 % too large for a
  narrow laser, less for a wide one.

The strength of K D1 is not that of NIST's table, 0.340: it follows from the lifetime of the upper level, 26.72 ns.
That of Ca+, 0.682, is the table's; the lifetime of its upper level, 6.92 ns, would give 0.627, 8 % less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.constants import atomic_mass, c, e, epsilon_0, k, m_e

LAYER_TEMPERATURE_K = 200.0
"""Of the main layer."""

FWHM_PER_SIGMA = 2.0 * np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True)
class Line:
    """A resonance line: wavelength in vacuum (nm), oscillator strength, mass of the atom (u), and its parts.

    `parts` are hyperfine components: GHz from the middle of the line, and share of the strength.
    """

    wavelength_nm: float
    strength: float
    mass_u: float
    name: str
    parts: tuple[tuple[float, float], ...] = ((0.0, 1.0),)


# Wavelengths and strengths: Chu and Papen 2005, table 5.1 (NIST Atomic Spectra Database); hyperfine parts there, too.
# Not so the strength of K: see the top.
LINES: dict[str, Line] = {
    "Na": Line(
        589.158, 0.6408, 22.990, "Na D2",
        ((1.0911, 5 / 32), (1.0566, 5 / 32), (1.0408, 2 / 32),
         (-0.6216, 14 / 32), (-0.6806, 5 / 32), (-0.7150, 1 / 32)),
    ),
    "K": Line(
        770.108, 0.333, 39.098, "K D1",
        ((0.310, 5 / 16), (0.254, 1 / 16), (-0.152, 5 / 16), (-0.208, 5 / 16)),
    ),
    "Fe": Line(372.099, 0.0413, 55.845, "Fe 372 nm"),
    "Ca": Line(422.79, 1.75, 40.078, "Ca 423 nm"),
    "Ca+": Line(393.477, 0.682, 40.078, "Ca+ 393 nm"),
}  # fmt: skip


def resonance_backscatter_m2_sr(
    species: str, laser_width_GHz: float, temperature_K: float = LAYER_TEMPERATURE_K
) -> float:
    """Effective backscatter cross section of a metal for a laser on the strongest part of its line, m2 sr-1.

    Parameters
    ----------
    species
        one of `LINES`.
    laser_width_GHz
        full width of the laser's line at half of its maximum, GHz; 0 gives the line's own.

    Raises
    ------
    KeyError
        For a metal that has no line here.
    """
    line = LINES[species]
    thermal = np.sqrt(k * temperature_K / (line.mass_u * atomic_mass)) / (line.wavelength_nm * 1e-9)
    width = float(np.hypot(thermal, laser_width_GHz * 1e9 / FWHM_PER_SIGMA))
    at, share = 1e9 * np.array([one[0] for one in line.parts]), np.array([one[1] for one in line.parts])
    tuned = np.linspace(at.min(), at.max(), 501)
    parts = np.exp(-0.5 * ((tuned[:, None] - at) / width) ** 2) / (np.sqrt(2.0 * np.pi) * width)
    shape = (share * parts).sum(axis=1).max()
    return float(e**2 * line.strength / (4.0 * epsilon_0 * m_e * c) * shape / (4.0 * np.pi))


def rayleigh_backscatter_m2_sr(wavelength_nm: float) -> float:
    """Backscatter cross section of a molecule of air, m2 sr-1.

    beta = 2.938e-32 (P / T) lambda^-4.0117, in m-1 sr-1, mbar, K and m (Chu and Papen 2005), for P = n k T.
    """
    return float(2.938e-32 * (k / 100.0) * (wavelength_nm * 1e-9) ** -4.0117)
