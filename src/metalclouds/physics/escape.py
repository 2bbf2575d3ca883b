"""Escape from a planet, lifetimes of ions, and the flow that carries them out in a lifetime."""

from __future__ import annotations

import math

from metalclouds.physics.ions import ATOMIC_MASS_KG, ELEMENTARY_CHARGE_C

# Gravitational parameter (km3 s-2) and mean radius (km): IAU 2015 for the Earth, JPL for Venus and Mars.
PLANETS = {"Earth": (398600.44, 6371.0), "Venus": (324858.59, 6051.8), "Mars": (42828.37, 3389.5)}
# Masses of O, N2 and Fe (u), and their numbers of nucleons.
MASSES_U = {"O": 15.999, "N2": 28.014, "Fe": 55.845}
NUCLEONS = {"O": 16, "N2": 28, "Fe": 56}
PROTON_MASS_U = 1.007276


def escape_speed_km_s(altitude_km: float, planet: str = "Earth") -> float:
    """Escape speed at an altitude, sqrt(2 GM / r), km/s."""
    parameter, radius = PLANETS[planet]
    return math.sqrt(2.0 * parameter / (radius + altitude_km))


def escape_energy_ev(altitude_km: float, mass_u: float, planet: str = "Earth") -> float:
    """Energy of a particle of escape speed, eV."""
    speed = 1e3 * escape_speed_km_s(altitude_km, planet)
    return 0.5 * mass_u * ATOMIC_MASS_KG * speed**2 / ELEMENTARY_CHARGE_C


def recombination_cm3_s(ion: str, temperature_k: float) -> float:
    """Recombination of an ion with electrons of a temperature, cm3 s-1 (rows of the review by Yamauchi et al.)."""
    if ion == "O2+":
        if temperature_k < 1200.0:
            return 2.0e-7 * (300.0 / temperature_k) ** 0.7
        return 0.74e-7 * (1200.0 / temperature_k) ** 0.56
    factor, reference, exponent = {
        "N2+": (2.2e-7, 300.0, 0.39), "NO+": (4.0e-7, 300.0, 0.5), "Fe+": (8e-12, 300.0, 0.51),
        "Ca+": (3.8e-12, 200.0, 0.9),
    }[ion]  # fmt: skip
    return factor * (reference / temperature_k) ** exponent


def flow_needed_m_s(from_km: float, to_km: float, lifetime_s: float) -> float:
    """Upward speed that covers a height in a lifetime, m/s."""
    return 1e3 * (to_km - from_km) / lifetime_s
