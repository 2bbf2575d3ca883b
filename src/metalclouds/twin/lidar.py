"""The simulated Ca+ lidar: photon counts of a night, with the mishaps of a real instrument."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.constants import LIDAR_ALTITUDE_KM, LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.twin.density import Axes, add_stripe, density, stripe_width_s
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import LidarTwin, TwinSettings
from metalclouds.twin.sky import NightTruth, TrueStripe
from metalclouds.twin.sun import moonlight, solar_elevation_deg

Vector = NDArray[Any]

TWILIGHT_REFERENCE_DEG = -8.0
TWILIGHT_DECADE_DEG = 2.0
RAYLEIGH_ERROR = 0.01
"""Error of a profile's calibration from its own Rayleigh signal; assumed."""
MISFIRE_ENERGY = (0.0, 0.3)
"""Share of the laser energy in a misfire; the stated calibration does not know of it."""
BURST_FACTOR = (5.0, 40.0)
"""Background in a burst over the background of its neighbours."""


@dataclass(frozen=True)
class LidarNight:
    """What the instrument records in a night.

    `time` (UTC, middle of the accumulation), `counts` uint16 (time, altitude), `background_counts` (mean per bin
    measured above the layer), `calibration` with n[cm-3] = calibration r[km]^2 (counts - background),
    r = altitude - station altitude.
    """

    truth: NightTruth
    axes: Axes
    counts: NDArray[np.uint16]
    background_counts: Vector
    calibration: Vector

    @property
    def time(self) -> NDArray[Any]:
        return self.axes.origin + np.round(1e3 * self.axes.middle_s).astype("timedelta64[ms]")


@dataclass(frozen=True)
class Conditions:
    """State of the instrument and the air in each profile: background (mean counts a bin), transmission, energy."""

    axes: Axes
    background: Vector
    transmission: Vector
    energy: Vector

    def part(self, rows: slice, bins: slice) -> Conditions:
        """The conditions of some profiles and bins."""
        axes = replace(self.axes, start_s=self.axes.start_s[rows], altitude_km=self.axes.altitude_km[bins])
        return Conditions(axes, self.background[rows], self.transmission[rows], self.energy[rows])


def calibration_factor(lidar: LidarTwin) -> float:
    """Calibration at full transmission, cm-3 km-2 per count, from the stated response.

    A signal S over a background B has SNR = S / sqrt(S + B) in Poisson counts, so
    S = (SNR^2 + sqrt(SNR^4 + 4 SNR^2 B)) / 2, and calibration = n / (r^2 S).
    """
    square = lidar.reference_snr**2
    signal = (square + np.sqrt(square**2 + 4 * square * lidar.background_counts)) / 2
    distance = lidar.reference_altitude_km - LIDAR_ALTITUDE_KM
    return float(lidar.reference_density_cm3 / (distance**2 * signal))


def altitude_axis_km(lidar: LidarTwin) -> Vector:
    """Bin centres above sea level."""
    count = int(np.floor((lidar.top_km - lidar.bottom_km) / lidar.bin_km))
    return lidar.bottom_km + lidar.bin_km * (np.arange(count) + 0.5)


def time_axis(truth: NightTruth, lidar: LidarTwin, rng: np.random.Generator) -> Axes:
    """Accumulations of the night: each starts a little late after the one before; none lies in a gap."""
    whole = (truth.end - truth.start).astype("timedelta64[s]").astype(float)
    count = int(whole / lidar.profile_s)
    start = np.cumsum(lidar.profile_s + np.abs(rng.normal(0, lidar.jitter_s, count)))
    axes = Axes(truth.start, start, lidar.profile_s, altitude_axis_km(lidar))
    kept = start + lidar.profile_s <= whole
    for first, last in truth.gaps:
        kept &= (start + lidar.profile_s < axes.seconds(first)) | (start > axes.seconds(last))
    return Axes(truth.start, start[kept], lidar.profile_s, axes.altitude_km)


def background(axes: Axes, lidar: LidarTwin, rng: np.random.Generator) -> Vector:
    """Mean background per bin of each profile: dark sky, moon, twilight, one-profile bursts."""
    times = axes.origin + np.round(1e3 * axes.middle_s).astype("timedelta64[ms]")
    sun = solar_elevation_deg(times, LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG)
    twilight = 10 ** ((sun - TWILIGHT_REFERENCE_DEG) / TWILIGHT_DECADE_DEG)
    moon = moonlight(times, LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG)
    level = lidar.background_counts + lidar.moon_counts * moon + lidar.twilight_counts * twilight
    number = min(rng.poisson(lidar.bursts_per_night), level.size)
    level[rng.choice(level.size, number, replace=False)] *= rng.uniform(*BURST_FACTOR, number)
    return level


def transmission(truth: NightTruth, axes: Axes, rng: np.random.Generator) -> Vector:
    """Two-way transmission of each profile: the night's level, its slow change, thin clouds with ragged depth."""
    middle = axes.middle_s
    slow = 1 + 0.05 * np.sin(2 * np.pi * (middle / 14400 + rng.random()))
    value = truth.transmission * slow
    for dimming in truth.dimmings:
        inside = (middle >= axes.seconds(dimming.start)) & (middle <= axes.seconds(dimming.end))
        value[inside] *= np.clip(dimming.transmission * rng.lognormal(0, 0.15, inside.sum()), 0.05, 1)
    return np.clip(value, 0.02, 1.0)


def laser_energy(axes: Axes, lidar: LidarTwin, rng: np.random.Generator) -> Vector:
    """Energy of each profile as a share of the nominal one; low in misfires."""
    energy = np.ones(axes.start_s.size)
    misfire = rng.random(energy.size) < lidar.dead_profiles_share
    energy[misfire] = rng.uniform(*MISFIRE_ENERGY, misfire.sum())
    return energy


def conditions(truth: NightTruth, settings: TwinSettings, rng: np.random.Generator) -> Conditions:
    """Time axis, background, transmission and laser energy of a night."""
    lidar = settings.lidar
    axes = time_axis(truth, lidar, rng)
    level = background(axes, lidar, rng)
    return Conditions(axes, level, transmission(truth, axes, rng), laser_energy(axes, lidar, rng))


def counts_per_density(state: Conditions, settings: TwinSettings) -> NDArray[Any]:
    """Expected counts per cm-3, dims (time, altitude).

    Returns
    -------
    ndarray
        float32.
    """
    calibration = calibration_factor(settings.lidar) / state.transmission
    square = (state.axes.altitude_km - LIDAR_ALTITUDE_KM) ** 2
    return (state.energy / calibration)[:, None].astype(np.float32) / square.astype(np.float32)


def observe(truth: NightTruth, settings: TwinSettings) -> LidarNight:
    """Photon counts of a night; the same for the same seed and night, whatever else is made."""
    lidar = settings.lidar
    rng = generator(settings.seed, "lidar", truth.night)
    state = conditions(truth, settings, rng)
    expected = density(truth, state.axes)
    expected *= counts_per_density(state, settings)
    expected += state.background[:, None].astype(np.float32)
    counts = np.minimum(rng.poisson(expected), np.iinfo(np.uint16).max).astype(np.uint16)
    measured = rng.poisson(state.background * lidar.background_bins) / lidar.background_bins
    stated = calibration_factor(lidar) / state.transmission
    stated *= 1 + rng.normal(0, RAYLEIGH_ERROR, stated.size)
    stated *= 1 + rng.normal(0, lidar.calibration_error)
    return LidarNight(truth, state.axes, counts, measured, stated)


def matched_snr(stripe: TrueStripe, state: Conditions, settings: TwinSettings, bottom_km: float) -> float:
    """Signal to noise of a whole stripe above `bottom_km` for a filter of its own shape: sqrt(sum S^2 / (S + B)).

    S and B are the expected counts of the stripe and of the background in each bin and profile.
    """
    axes = state.axes
    reach = 4 * stripe_width_s(stripe, np.array([stripe.bottom_km]))[0]
    ends = sorted(axes.seconds(time) for time in (stripe.time_bottom, stripe.time_top))
    rows, bins = axes.profiles(ends[0] - reach, ends[1] + reach), axes.bins(bottom_km, np.inf)
    part = state.part(rows, bins)
    signal = np.zeros((part.axes.start_s.size, part.axes.altitude_km.size), dtype=np.float32)
    add_stripe(signal, stripe, part.axes)
    signal *= counts_per_density(part, settings)
    return float(np.sqrt((signal**2 / (signal + part.background[:, None])).sum(dtype=np.float64)))
