"""The lidar: photon counts by the lidar equation, and the retrieval with its own errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.constants import LIDAR_ALTITUDE_KM
from metalclouds.twin.density import Axes
from metalclouds.twin.lidar import background, time_axis, transmission
from metalclouds.twin.physical.atmosphere import SCATTERING_COLD, Atmosphere
from metalclouds.twin.settings import LidarTwin
from metalclouds.twin.sky import NightTruth

Values = NDArray[Any]

PULSE_ENERGY_J = 0.030
PULSES_PER_S = 15
WAVELENGTH_M = 393.366e-9
PLANCK_J_S, LIGHT_SPEED_M_S = 6.62607e-34, 2.997925e8
TELESCOPE_M2 = 1.13
"""A mirror of 1.2 m; assumed."""

EFFICIENCY = 0.08
"""Of optics and detector together, without the air's transmission; assumed. With a two-way transmission of 0.75,
20 cm-3 at 250 km give a signal-to-noise ratio of 1.5 in a bin over a background of 2, as in the other simulation."""

NIGHTLY_EFFICIENCY_SCATTER = 0.15
SIMULATED_TOP_KM = 330.0
UPPER_WINDOW_KM = (310.0, 330.0)
RECORD_TOP_WINDOWS_KM = ((280.0, 300.0), (290.0, 300.0))
"""Where the counts are taken as background: above the stored profile, or its own uppermost part."""

NORMALISATION_ERROR = 0.03
BACKGROUND_ERROR = 0.01
"""Error of a profile's calibration, and of its background beyond counting (afterpulses, changes within a profile)."""

ENERGY_SCATTER = 0.04
ZERO_SHARE, WEAK_SHARE, WEAK_ENERGY = 0.0015, 0.003, (0.05, 0.7)
"""Profiles without laser, and with part of its energy that the calibration does not know."""

DIPS_PER_NIGHT, DIP_S, DIP_DEPTH = 2.0, (30.0, 600.0), (0.2, 0.9)
"""Short dips of transmission under cloud fragments."""


@dataclass(frozen=True)
class InstrumentState:
    """State of the instrument in each profile: mean background (counts a bin), two-way transmission, energy share."""

    axes: Axes
    background: Values
    transmission: Values
    energy: Values
    efficiency: float


@dataclass(frozen=True)
class Recorded:
    """Counts (profile, bin) on `altitude_km`, and what is stated: background (counts a bin), calibration."""

    conditions: InstrumentState
    altitude_km: Values
    counts: NDArray[np.uint16]
    background_counts: Values
    calibration: Values
    window_km: tuple[float, float]


def bins_km(lidar: LidarTwin) -> Values:
    """Bin centres from the bottom of the stored profile up to 330 km."""
    count = int((SIMULATED_TOP_KM - lidar.bottom_km) / lidar.bin_km)
    return lidar.bottom_km + lidar.bin_km * (np.arange(count) + 0.5)


def photons_per_density(altitude_km: Values, cross_section_m2_sr: Values, lidar: LidarTwin) -> Values:
    """Photon counts of a bin and profile for 1 cm-3 at full transmission and efficiency: the lidar equation.

    N = E / (h c / lambda) x n sigma dz x A / r^2, with r the distance from the station.
    """
    photons = PULSE_ENERGY_J * PULSES_PER_S * lidar.profile_s / (PLANCK_J_S * LIGHT_SPEED_M_S / WAVELENGTH_M)
    distance_m = 1e3 * (altitude_km - LIDAR_ALTITUDE_KM)
    return photons * 1e6 * cross_section_m2_sr * 1e3 * lidar.bin_km * TELESCOPE_M2 / distance_m**2


def conditions(sky: NightTruth, lidar: LidarTwin, rng: np.random.Generator) -> InstrumentState:
    """Profiles of a night and the state of air and laser in each."""
    axes = time_axis(sky, lidar, rng)
    level = background(axes, lidar, rng)
    clear = transmission(sky, axes, rng) * _dips(axes, rng)
    efficiency = EFFICIENCY * float(np.exp(rng.normal(0, NIGHTLY_EFFICIENCY_SCATTER)))
    return InstrumentState(axes, level, clear, _energy(axes.start_s.size, rng), efficiency)


def _dips(axes: Axes, rng: np.random.Generator) -> Values:
    level = np.ones(axes.start_s.size)
    for _ in range(rng.poisson(DIPS_PER_NIGHT)):
        middle, length = rng.uniform(axes.start_s[0], axes.start_s[-1]), np.exp(rng.uniform(*np.log(DIP_S)))
        depth = rng.uniform(*DIP_DEPTH)
        level *= 1 - depth * np.exp(-(np.abs((axes.middle_s - middle) / (length / 2)) ** 4))
    return level


def _energy(profiles: int, rng: np.random.Generator) -> Values:
    energy = np.exp(ENERGY_SCATTER * rng.standard_normal(profiles))
    chance, weak = rng.random(profiles), rng.uniform(*WEAK_ENERGY, profiles)
    energy[chance < ZERO_SHARE + WEAK_SHARE] *= weak[chance < ZERO_SHARE + WEAK_SHARE]
    energy[chance < ZERO_SHARE] = 0.0
    return energy


def response(state: InstrumentState, altitude_km: Values, air: Atmosphere, lidar: LidarTwin) -> tuple[Values, Values]:
    """Expected counts per cm-3 as a product: share of each profile, counts of each bin."""
    section = air.at("scattering_m2_sr", altitude_km)
    share = state.efficiency * state.transmission * state.energy
    return share, photons_per_density(altitude_km, section, lidar)


def observe(
    density: Values,
    altitude_km: Values,
    state: InstrumentState,
    air: Atmosphere,
    lidar: LidarTwin,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Photon counts, Poisson, dims (profile, bin), of a density (cm-3) on the same dims.

    Parameters
    ----------
    density
        cm-3, dims (profile, bin).
    altitude_km
        dims (bin,).

    Returns
    -------
    ndarray
        counts in a bin.
    """
    share, signal = response(state, altitude_km, air, lidar)
    expected = density * share[:, None].astype(np.float32) * signal.astype(np.float32)
    expected += state.background[:, None].astype(np.float32)
    return rng.poisson(expected)


def retrieve(
    counts: Values,
    altitude_km: Values,
    state: InstrumentState,
    lidar: LidarTwin,
    window_km: tuple[float, float],
    rng: np.random.Generator,
) -> Recorded:
    """The stored part of the counts, and what the retrieval makes of their background and calibration.

    The calibration follows transmission and energy through the Rayleigh signal, except for shots that failed; it
    uses one cross-section, for the main layer, and is good to 3 % a profile.

    Parameters
    ----------
    counts
        dims (profile, bin), on `altitude_km`, which reach above the stored top.
    window_km
        altitudes whose mean counts are taken as the background.
    """
    measured = _background(counts, altitude_km, window_km, rng)
    kept = altitude_km + lidar.bin_km / 2 <= lidar.top_km
    stored = np.minimum(counts[:, kept], np.iinfo(np.uint16).max).astype(np.uint16)
    return Recorded(state, altitude_km[kept], stored, measured, _calibration(state, lidar, rng), window_km)


def _background(
    counts: Values, altitude_km: Values, window_km: tuple[float, float], rng: np.random.Generator
) -> Values:
    inside = (altitude_km >= window_km[0]) & (altitude_km < window_km[1])
    mean = counts[:, inside].mean(axis=1)
    return mean * (1 + BACKGROUND_ERROR * rng.standard_normal(mean.size))


def _calibration(state: InstrumentState, lidar: LidarTwin, rng: np.random.Generator) -> Values:
    """cm-3 km-2 per count; n = calibration r^2 (counts - background)."""
    known = np.where((state.energy > 0.8), state.energy, 1.0)
    altitude = np.array([250.0])
    signal = photons_per_density(altitude, np.array([SCATTERING_COLD[1]]), lidar)[0]
    share = state.efficiency * state.transmission * known
    error = 1 + NORMALISATION_ERROR * rng.standard_normal(share.size)
    return error / (share * signal * (altitude[0] - LIDAR_ALTITUDE_KM) ** 2)
