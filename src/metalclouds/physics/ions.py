"""Ca+ in thin air: collisions, gyration, free paths, diffusion, recombination, settling.

The simulated campaigns have formulas of their own (`twin.physical.atmosphere`), since they import nothing from here:
a test compares the two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]

BOLTZMANN_J_K = 1.380649e-23
ELEMENTARY_CHARGE_C = 1.602176634e-19
ATOMIC_MASS_KG = 1.66053907e-27
CALCIUM_MASS_U = 40.078
# Total field at 250 km above the lidar (IGRF for 2021; a test works it out).
MAGNETIC_FIELD_T = 4.83e-5
# Neutral -> polarisability (1e-24 cm3) and mass (u): Schunk and Nagy 2009, Ionospheres, table 4.1.
NEUTRALS = {"N2": (1.76, 28.0), "O2": (1.59, 32.0), "O": (0.79, 16.0)}
# Momentum transfer by polarisation, nu = 2.6e-9 n sqrt(alpha / mu) m_n / (m_i + m_n), n in cm-3 (ibid., section 4.5).
POLARISATION = 2.6e-9
# Momentum transfer between ions: nu_st = 1.27 sqrt(mu) / m_s n_t / T^1.5, masses in u (ibid., equation 4.143).
COULOMB = 1.27
OXYGEN_MASS_U = 16.0
# Collision of a calcium atom with a molecule of air, m2: pi (r1 + r2)^2, with radii of 0.197 nm (metallic) and
# 0.155 nm, and of 0.231 nm (van der Waals) and 0.18 nm.
CROSS_SECTIONS_M2 = (3.9e-19, 5.3e-19)
# Radiative recombination of Ca+ (cm3 s-1): 3.8e-12 at 200 K, falling as T^-0.9 (Shull and van Steenberg 1982).
CALCIUM_RECOMBINATION = (3.8e-12, 200.0, 0.9)
# Ca + NO+ -> Ca+ + NO, cm3 s-1 (Rutherford et al. 1972); with O2+ it is 1.8e-9. Both, and the recombination, are
# those of table 2 of Andoh et al. 2020, doi:10.1186/s40623-020-01299-8, which lists them in m3 s-1.
CALCIUM_CHARGE_TRANSFER = 4.6e-9


def gyrofrequency_s(mass_u: float = CALCIUM_MASS_U, field_t: float = MAGNETIC_FIELD_T) -> float:
    """Gyrofrequency of a singly charged ion, rad s-1."""
    return ELEMENTARY_CHARGE_C * field_t / (mass_u * ATOMIC_MASS_KG)


def neutral_collisions_s(number_m3: dict[str, Values], mass_u: float = CALCIUM_MASS_U) -> Values:
    """Momentum-transfer collision frequency of an ion with air, s-1.

    Parameters
    ----------
    number_m3
        neutral of `NEUTRALS` -> number density, m-3.
    """
    total: Values = np.zeros(())
    for name, (polarisability, mass) in NEUTRALS.items():
        reduced = mass_u * mass / (mass_u + mass)
        rate = POLARISATION * math.sqrt(polarisability / reduced) * mass / (mass_u + mass)
        total = total + rate * 1e-6 * np.nan_to_num(number_m3[name])
    return total


def coulomb_collisions_s(electrons_cm3: Any, temperature_k: Any, mass_u: float = CALCIUM_MASS_U) -> Any:
    """Momentum-transfer collision frequency of an ion with O+ of the same temperature, s-1."""
    reduced = mass_u * OXYGEN_MASS_U / (mass_u + OXYGEN_MASS_U)
    return COULOMB * math.sqrt(reduced) / mass_u * np.asarray(electrons_cm3) / np.asarray(temperature_k) ** 1.5


def mean_free_path_km(number_m3: Any, cross_section_m2: float) -> Any:
    """Mean free path 1 / (n sigma) of a fast particle among much slower molecules, km."""
    return 1e-3 / (np.asarray(number_m3) * cross_section_m2)


def diffusion_along_m2_s(temperature_k: Any, collisions_s: Any) -> Any:
    """Diffusion of a trace ion along the magnetic field, k T / (m nu), m2 s-1; nu with neutrals and ions."""
    thermal = BOLTZMANN_J_K * np.asarray(temperature_k) / (CALCIUM_MASS_U * ATOMIC_MASS_KG)
    return thermal / np.asarray(collisions_s)


def diffusion_across_m2_s(temperature_k: Any, collisions_s: Any) -> Any:
    """Diffusion of a trace ion across the magnetic field, D nu^2 / (nu^2 + Omega^2), m2 s-1."""
    nu = np.asarray(collisions_s)
    return diffusion_along_m2_s(temperature_k, nu) * nu**2 / (nu**2 + gyrofrequency_s() ** 2)


def ambipolar_m_s2(temperature_k: Any, scale_km: float) -> Any:
    """Acceleration of a Ca+ ion by the ambipolar field, (k Te / m) d ln(Ne)/ds towards fewer electrons, m s-2.

    Parameters
    ----------
    temperature_k
        of the electrons.
    scale_km
        length along the field over which the density of electrons falls by a factor e.
    """
    thermal = BOLTZMANN_J_K * np.asarray(temperature_k) / (CALCIUM_MASS_U * ATOMIC_MASS_KG)
    return thermal / (1e3 * scale_km)


def spread_km(diffusion_m2_s: Any, seconds: float) -> Any:
    """Standard deviation sqrt(2 D t) of a cloud that started as a point, km."""
    return 1e-3 * np.sqrt(2.0 * np.asarray(diffusion_m2_s) * seconds)


def calcium_recombination_cm3_s(temperature_k: Any) -> Any:
    """Radiative recombination of Ca+, cm3 s-1."""
    value, reference, exponent = CALCIUM_RECOMBINATION
    return value * (np.asarray(temperature_k) / reference) ** -exponent


def lifetime_s(rate_cm3_s: Any, electrons_cm3: Any) -> Any:
    """Lifetime of an ion against recombination, 1 / (alpha Ne), s."""
    return 1.0 / (np.asarray(rate_cm3_s) * np.asarray(electrons_cm3))


def neutral_calcium_s(molecular_ions_cm3: Any) -> Any:
    """Time for which a Ca atom stays neutral at night among molecular ions, all taken for NO+, s."""
    return 1.0 / (CALCIUM_CHARGE_TRANSFER * np.asarray(molecular_ions_cm3))
