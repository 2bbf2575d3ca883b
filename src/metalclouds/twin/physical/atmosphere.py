"""Air, collisions and diffusion of Ca+ above the lidar, from NRLMSISE-00."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymsis
from numpy.typing import NDArray

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG, MAGNETIC_DIP_DEG

Values = NDArray[Any]

NRLMSISE_00 = 0
F107, AP = 80.0, 5.0
"""Low solar activity, quiet: the years 2020 to 2022."""

ION_MASS_U = 40.0
ATOMIC_MASS_KG = 1.66054e-27
ELEMENTARY_CHARGE_C = 1.602177e-19
BOLTZMANN_J_K = 1.380649e-23
MAGNETIC_FIELD_T = 4.95e-5
"""IGRF-13 at 250 km above the lidar, 2021; taken as the same at all altitudes."""

GRAVITY_M_S2 = 9.2

POLARISABILITY = ((pymsis.Variable.N2, 1.76, 28.0), (pymsis.Variable.O2, 1.59, 32.0), (pymsis.Variable.O, 0.79, 16.0))
"""Neutral, polarisability (1e-24 cm3), mass (u): Schunk and Nagy 2009, Ionospheres, table 4.1."""

COLLISION_CROSS_SECTION_M2 = 3.5e-19
"""Of two air molecules, for the mean free path 1 / (sqrt(2) n sigma)."""

COULOMB_S = 0.4
COULOMB_ELECTRONS_CM3 = 1e5
COULOMB_TEMPERATURE_K = 900.0
"""Collisions of Ca+ with O+: 0.4 s-1 at this density and temperature; as density over temperature^1.5."""

SCATTERING_COLD = (200.0, 1.09e-16)
SCATTERING_HOT = (900.0, 5.28e-17)
"""Temperature (K) and effective backscatter cross-section (m2 sr-1) of Ca+ at a laser width of 0.3 GHz.

Between them as the inverse width of a line that Doppler and laser broaden: (T + constant)^-1/2.
"""

GRID_KM = np.arange(70.0, 401.0, 1.0)

F_PEAK_KM, F_BELOW_KM, F_ABOVE_KM, VALLEY_CM3 = 310.0, 35.0, 80.0, 2e3
"""Night-time electrons: height of the peak, Gaussian depth below and above it, floor."""


@dataclass(frozen=True)
class Atmosphere:
    """Profiles on `altitude_km` (1 km apart) above the lidar at midnight.

    `temperature_k`; `mean_free_path_km`; `collisions_s` of Ca+ with neutrals, `coulomb_s` with ions; `magnetisation`,
    gyrofrequency over neutral collisions; `along_km2_s`, `across_km2_s`, diffusion of a trace ion along and across B;
    `field_aligned_km_s`, drift along B (positive down the field line, downwards) by gravity and the ambipolar field;
    `scattering_m2_sr`, backscatter cross-section of Ca+.
    """

    altitude_km: Values
    temperature_k: Values
    mean_free_path_km: Values
    collisions_s: Values
    coulomb_s: Values
    magnetisation: Values
    along_km2_s: Values
    across_km2_s: Values
    field_aligned_km_s: Values
    scattering_m2_sr: Values

    def at(self, name: str, altitude_km: Values) -> Values:
        """A profile at other altitudes, linear between its own."""
        return np.interp(altitude_km, self.altitude_km, getattr(self, name))


def gyrofrequency_s() -> float:
    """Gyrofrequency of Ca+, rad s-1."""
    return ELEMENTARY_CHARGE_C * MAGNETIC_FIELD_T / (ION_MASS_U * ATOMIC_MASS_KG)


def collision_frequency_s(neutrals: Values) -> Values:
    """Momentum transfer of Ca+ to air by the polarisation interaction, s-1.

    2.6e-9 n sqrt(alpha / mu) m_n / (m_i + m_n), n in cm-3, alpha in 1e-24 cm3, mu the reduced mass in u (Schunk and
    Nagy 2009, section 4.5).

    Parameters
    ----------
    neutrals
        output of pymsis, dims (altitude, variable), m-3.
    """
    total = np.zeros(len(neutrals))
    for variable, polarisability, mass in POLARISABILITY:
        reduced = ION_MASS_U * mass / (ION_MASS_U + mass)
        share = mass / (ION_MASS_U + mass)
        total += 2.6e-9 * np.nan_to_num(neutrals[:, variable]) * 1e-6 * np.sqrt(polarisability / reduced) * share
    return total


def electrons_cm3(altitude_km: Values, peak_cm3: float) -> Values:
    """Electrons at night: a layer with a steeper lower side over a floor."""
    depth = np.where(altitude_km < F_PEAK_KM, F_BELOW_KM, F_ABOVE_KM)
    return VALLEY_CM3 + peak_cm3 * np.exp(-0.5 * ((altitude_km - F_PEAK_KM) / depth) ** 2)


def scattering_m2_sr(temperature_k: Values) -> Values:
    """Effective backscatter cross-section of Ca+ at a temperature, m2 sr-1."""
    (cold, large), (hot, small) = SCATTERING_COLD, SCATTERING_HOT
    ratio = (large / small) ** 2
    laser = (hot - ratio * cold) / (ratio - 1)
    return large * np.sqrt((cold + laser) / (temperature_k + laser))


def atmosphere(night: str, peak_electrons_cm3: float) -> Atmosphere:
    """The air of a night.

    Parameters
    ----------
    night
        UT date of the evening; the air is taken at 16 UT (midnight, local time).
    peak_electrons_cm3
        density of the F layer's peak.
    """
    when = np.datetime64(f"{night}T16:00:00")
    raw = pymsis.calculate(
        when, LIDAR_LONGITUDE_DEG, LIDAR_LATITUDE_DEG, GRID_KM, F107, F107, [[AP] * 7], version=NRLMSISE_00
    )
    neutrals = np.asarray(raw, dtype=float).reshape(GRID_KM.size, -1)
    temperature = neutrals[:, pymsis.Variable.TEMPERATURE]
    number = np.nansum(neutrals[:, pymsis.Variable.N2 : pymsis.Variable.N + 1], axis=1)
    collisions = collision_frequency_s(neutrals)
    electrons = electrons_cm3(GRID_KM, peak_electrons_cm3)
    coulomb = COULOMB_S * electrons / COULOMB_ELECTRONS_CM3 * (COULOMB_TEMPERATURE_K / temperature) ** 1.5
    thermal = BOLTZMANN_J_K * temperature / (ION_MASS_U * ATOMIC_MASS_KG)
    along = 1e-6 * thermal / (collisions + coulomb)
    across = 1e-6 * thermal * collisions / (collisions**2 + gyrofrequency_s() ** 2)
    return Atmosphere(
        GRID_KM,
        temperature,
        1e-3 / (np.sqrt(2) * number * COLLISION_CROSS_SECTION_M2),
        collisions,
        coulomb,
        gyrofrequency_s() / collisions,
        along,
        across,
        _field_aligned(thermal, electrons, collisions + coulomb),
        scattering_m2_sr(temperature),
    )


def _field_aligned(thermal: Values, electrons: Values, collisions: Values) -> Values:
    """Drift downwards along B, km/s: gravity and the ambipolar field of electrons as warm as the ions."""
    gradient = np.gradient(np.log(electrons), 1e3 * GRID_KM)
    force = GRAVITY_M_S2 + thermal * gradient
    return 1e-3 * force * np.sin(np.radians(MAGNETIC_DIP_DEG)) / collisions
