"""Neutral wind of a night, and the drift of Ca+ in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.twin.physical.atmosphere import Atmosphere
from metalclouds.twin.physical.geometry import FIELD, MAGNETIC_EAST, UPWARD_ACROSS
from metalclouds.twin.sky import WINDOW_HOURS, Harmonic, TrueWind

Values = NDArray[Any]

FIRST_HOUR = WINDOW_HOURS[0]
STEP_S = 300.0
BEFORE_S, AFTER_S = 3 * 3600.0, 14 * 3600.0
"""The table of drifts runs from 7 to 24 UT: trails may be older than the night."""

THERMOSPHERIC_FROM_KM, THERMOSPHERIC_DEPTH_KM = 165.0, 25.0
TIDE_PEAK_KM, TIDE_BELOW_KM, TIDE_ABOVE_KM = 112.0, 14.0, 22.0
TIDE_REFERENCE_KM, TIDE_HOURS = 97.0, 12.0
WAVE_PEAK_KM, WAVE_DEPTH_KM = 130.0, 22.0


@dataclass(frozen=True)
class GravityWave:
    """A gravity wave of the neutral wind: amplitude (m/s), towards an azimuth, vertical wavelength, period, phase."""

    amplitude_m_s: float
    azimuth_deg: float
    wavelength_km: float
    period_h: float
    phase: float


@dataclass(frozen=True)
class Winds:
    """Neutral wind and electric field of a night.

    `eastward`, `northward`: wind of the upper thermosphere; `tide_m_s`: largest amplitude of the semidiurnal tide,
    `tide_phase_h` of its eastward part at 97 km, `tide_wavelength_km` vertical, its phase descends; `mean_m_s`:
    mean eastward and northward wind below; `waves`; `dynamo`: share of the upper wind that the electric field takes
    over (zonal, meridional); `field_m_s`: further electric drift (eastward, upward across B).
    """

    eastward: Harmonic
    northward: Harmonic
    tide_m_s: float
    tide_phase_h: float
    tide_wavelength_km: float
    mean_m_s: tuple[float, float]
    waves: tuple[GravityWave, ...]
    dynamo: tuple[float, float]
    field_m_s: tuple[Harmonic, Harmonic]


def draw_winds(rng: np.random.Generator) -> Winds:
    """Winds of a night; at 250 km means as Yuan et al. 2010 measured, below tides and waves of usual strength."""
    waves = tuple(
        GravityWave(rng.uniform(3, 18), rng.uniform(0, 360), rng.uniform(12, 35), rng.uniform(1, 4), rng.random())
        for _ in range(rng.poisson(1.5))
    )
    return Winds(
        eastward=Harmonic(rng.uniform(-23, 49), rng.uniform(5, 30), rng.uniform(11, 15)),
        northward=Harmonic(rng.uniform(-44, 2), rng.uniform(5, 25), rng.uniform(13, 18)),
        tide_m_s=rng.uniform(25, 80),
        tide_phase_h=rng.uniform(0, 12),
        tide_wavelength_km=rng.uniform(25, 50),
        mean_m_s=(rng.uniform(-10, 30), rng.uniform(-15, 10)),
        waves=waves,
        dynamo=(rng.uniform(0.4, 0.95), rng.uniform(0.3, 0.9)),
        field_m_s=(
            Harmonic(rng.normal(0, 20), abs(rng.normal(0, 10)), rng.uniform(10, 23), rng.uniform(3, 8)),
            Harmonic(rng.normal(0, 5), abs(rng.normal(0, 5)), rng.uniform(10, 23), rng.uniform(3, 8)),
        ),
    )


def steady_winds(eastward_m_s: float, northward_m_s: float, *, dynamo: float = 0.0) -> Winds:
    """A wind that does not change with time, nor with altitude above 200 km; no tide, no waves, no field."""
    none = Harmonic(0.0, 0.0, 0.0)
    east, north = (Harmonic(value, 0.0, 0.0) for value in (eastward_m_s, northward_m_s))
    return Winds(east, north, 0.0, 0.0, 30.0, (0.0, 0.0), (), (dynamo, dynamo), (none, none))


def tide_amplitude(altitude_km: Values, largest: float) -> Values:
    """Amplitude of the tide: grows to 112 km, dies out above."""
    depth = np.where(altitude_km < TIDE_PEAK_KM, TIDE_BELOW_KM, TIDE_ABOVE_KM)
    return largest * np.exp(-0.5 * ((altitude_km - TIDE_PEAK_KM) / depth) ** 2)


def tide_phase_h(winds: Winds, altitude_km: Any) -> Any:
    """Hour of the largest eastward tide; later further down."""
    return winds.tide_phase_h - TIDE_HOURS * (altitude_km - TIDE_REFERENCE_KM) / winds.tide_wavelength_km


def neutral_wind(winds: Winds, hours: Values, altitude_km: Values) -> Values:
    """Neutral wind, m/s, dims (time, altitude, 3); no vertical part.

    Parameters
    ----------
    hours
        UT hours.
    """
    hour, altitude = hours[:, None], altitude_km[None, :]
    share = 0.5 * (1 + np.tanh((altitude - THERMOSPHERIC_FROM_KM) / THERMOSPHERIC_DEPTH_KM))
    amplitude = tide_amplitude(altitude_km, winds.tide_m_s)[None, :]
    phase = 2 * np.pi * (hour - tide_phase_h(winds, altitude)) / TIDE_HOURS
    east = share * winds.eastward.at(hour) + (1 - share) * winds.mean_m_s[0] + amplitude * np.cos(phase)
    north = share * winds.northward.at(hour) + (1 - share) * winds.mean_m_s[1]
    north = north + amplitude * np.cos(phase + np.pi / 2)
    envelope = np.exp(-0.5 * ((altitude - WAVE_PEAK_KM) / WAVE_DEPTH_KM) ** 2)
    for wave in winds.waves:
        cycle = hour / wave.period_h + altitude / wave.wavelength_km + wave.phase
        gust = wave.amplitude_m_s * envelope * np.cos(2 * np.pi * cycle)
        east = east + gust * np.sin(np.radians(wave.azimuth_deg))
        north = north + gust * np.cos(np.radians(wave.azimuth_deg))
    return np.stack([east, north, np.zeros_like(east)], axis=-1)


def electric_drift(winds: Winds, hours: Values) -> Values:
    """E x B / B^2, m/s, dims (time, 3): the same along a field line."""
    upper = np.stack([winds.eastward.at(hours), winds.northward.at(hours), np.zeros_like(hours)], axis=-1)
    zonal = winds.dynamo[0] * upper @ MAGNETIC_EAST + winds.field_m_s[0].at(hours)
    meridional = winds.dynamo[1] * upper @ UPWARD_ACROSS + winds.field_m_s[1].at(hours)
    return zonal[:, None] * MAGNETIC_EAST + meridional[:, None] * UPWARD_ACROSS


def ion_drift(wind: Values, electric: Values, magnetisation: Values) -> Values:
    """Steady drift of an ion in a wind U and an electric drift V: dims and unit of `wind`.

    v = U + k / (1 + k^2) b x (V - U') + k^2 / (1 + k^2) (V - U'), U' the part of U across B, k the gyrofrequency
    over the collision frequency: from 0 = e (E + v x B) - m nu (v - U). For k -> infinity v = V + (U . b) b.
    """
    across = wind - (wind @ FIELD)[..., None] * FIELD
    slip = electric - across
    k = magnetisation[..., None]
    return wind + k / (1 + k**2) * np.cross(FIELD, slip) + k**2 / (1 + k**2) * slip


@dataclass(frozen=True)
class IonDrift:
    """Velocity of Ca+ at each time and altitude, km/s.

    `velocity` dims (time, altitude, 3), from `start_s` in steps of `STEP_S` and from `bottom_km` in steps of 1 km.
    `along`, `across`: diffusion (km2/s) on the same altitudes.
    """

    start_s: float
    bottom_km: float
    velocity: Values
    along: Values
    across: Values

    def at(self, time_s: float, altitude_km: float) -> Values:
        """Velocity at one time and altitude (nearest time, linear in altitude)."""
        step = int(np.clip(round((time_s - self.start_s) / STEP_S), 0, len(self.velocity) - 1))
        place = np.clip(altitude_km - self.bottom_km, 0, self.velocity.shape[1] - 1.001)
        low = int(place)
        return (1 - place + low) * self.velocity[step, low] + (place - low) * self.velocity[step, low + 1]


def drift_of(winds: Winds, air: Atmosphere) -> IonDrift:
    """Table of the drift of Ca+: wind, electric field, and the drift along B by gravity and the ambipolar field."""
    times = np.arange(-BEFORE_S, AFTER_S + 1, STEP_S)
    hours = FIRST_HOUR + times / 3600
    wind = neutral_wind(winds, hours, air.altitude_km)
    electric = electric_drift(winds, hours)[:, None, :]
    velocity = 1e-3 * ion_drift(wind, electric, air.magnetisation[None, :])
    velocity += air.field_aligned_km_s[None, :, None] * FIELD
    return IonDrift(float(times[0]), float(air.altitude_km[0]), velocity, air.along_km2_s, air.across_km2_s)


def emission_winds(winds: Winds) -> tuple[TrueWind, ...]:
    """The wind at the three altitudes of the interferometer, for its own simulation.

    Gravity waves are left out: their share at these altitudes is below its errors.
    """
    calm = Harmonic(0.0, 0.0, 0.0)
    found = [_tidal(winds, altitude) for altitude in (87.0, 97.0)]
    return (*found, TrueWind(250.0, winds.eastward, winds.northward, calm))


def _tidal(winds: Winds, altitude_km: float) -> TrueWind:
    amplitude = float(tide_amplitude(np.array(altitude_km), winds.tide_m_s))
    phase = float(tide_phase_h(winds, altitude_km))
    east, north = winds.mean_m_s
    return TrueWind(
        altitude_km,
        Harmonic(east, amplitude, phase, TIDE_HOURS),
        Harmonic(north, amplitude, phase - TIDE_HOURS / 4, TIDE_HOURS),
        Harmonic(0.0, 0.0, 0.0),
    )
