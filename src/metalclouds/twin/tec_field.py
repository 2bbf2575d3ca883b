"""The simulated vertical TEC over China: background, day-to-day scatter, travelling waves, the enhancement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import lfilter

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.twin.sun import solar_elevation_deg
from metalclouds.twin.tec_settings import SimulatedTecSettings

TABLE_LATITUDES = np.arange(5.0, 65.5, 1.0)
STEP_HOURS = 0.1
TABLE_HOURS = np.arange(0.0, 24.0 + STEP_HOURS / 2, STEP_HOURS)
SPIN_UP_DAYS = 3
KM_PER_DEGREE = EARTH_RADIUS_KM * np.pi / 180.0


def cosine_of_zenith(day: str, latitudes: np.ndarray) -> np.ndarray:
    """Cosine of the sun's zenith angle at longitude 0 through a day, dims (latitudes, TABLE_HOURS).

    Parameters
    ----------
    latitudes
        degrees, dims (latitude,).

    Returns
    -------
    ndarray
        1.
    """
    times = np.datetime64(day, "ms") + np.round(3.6e6 * TABLE_HOURS).astype("timedelta64[ms]")
    return np.sin(np.radians([solar_elevation_deg(times, float(latitude), 0.0) for latitude in latitudes]))


def production(cosine: np.ndarray) -> np.ndarray:
    """Relative production in the F region: the cosine of the zenith angle, going smoothly to zero at grazing sun.

    The F region at 250 km is sunlit to a zenith angle of 90 + acos(R / (R + 250 km)) = 106 deg; the softened edge
    leaves half a percent of the production there.

    Parameters
    ----------
    cosine
        of the sun's zenith angle, of any dims.

    Returns
    -------
    ndarray
        1, dims of `cosine`.
    """
    edge, softness = -0.16, 0.05
    return softness * np.logaddexp(0.0, (cosine - edge) / softness)


def background_table(
    settings: SimulatedTecSettings, day: str, crest: float, latitudes: np.ndarray = TABLE_LATITUDES
) -> np.ndarray:
    """Vertical TEC at longitude 0 through a day.

    Solves dT/dt = q P(sun) (1 + crest of the anomaly) - (T - floor) / loss time at each latitude, to the periodic
    solution. After sunset it decays to the floor; it rises as the F region is sunlit again.

    Parameters
    ----------
    latitudes
        degrees, dims (latitude,).

    Returns
    -------
    tec
        TECU, dims (latitudes, TABLE_HOURS).
    """
    distance = (latitudes - crest) / settings.anomaly_width_deg
    source = production(cosine_of_zenith(day, latitudes)) * settings.production_tecu_per_hour
    source *= (1 + settings.anomaly * np.exp(-(distance**2)))[:, None]
    keep = np.exp(-STEP_HOURS / settings.loss_hours)
    gain = settings.loss_hours * (1 - keep)
    days = np.concatenate([source[:, :-1]] * SPIN_UP_DAYS + [source], axis=1)
    excess = lfilter([0.0, gain], [1.0, -keep], days, axis=1)
    return settings.floor_tecu + excess[:, -len(TABLE_HOURS) :]


def interpolate(table: np.ndarray, hour: np.ndarray, latitude: np.ndarray, first_latitude: float) -> np.ndarray:
    """Bilinear value of a background table whose latitudes rise in steps of 1 deg from `first_latitude`.

    Parameters
    ----------
    table
        TECU, dims (latitude, hour).
    hour
        local time, h, of any dims.
    latitude
        degrees, dims of `hour`.

    Returns
    -------
    ndarray
        TECU, dims of `hour`.
    """
    row = np.clip(latitude - first_latitude, 0, len(table) - 1.001)
    column = np.mod(hour, 24.0) / STEP_HOURS
    i, j = row.astype(int), np.minimum(column.astype(int), table.shape[1] - 2)
    u, v = row - i, column - j
    below = table[i, j] * (1 - v) + table[i, j + 1] * v
    above = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
    return below * (1 - u) + above * u


@dataclass(frozen=True)
class PlaneWave:
    """A plane wave in longitude and latitude: amplitude, wave vector (rad/km), angular frequency (rad/h), phase."""

    amplitude: float
    east: float
    north: float
    frequency: float
    phase: float

    def at(self, hours: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        """Value of the wave; a slow beat keeps it from being the same through the night.

        Parameters
        ----------
        hours
            since midnight UT, h.
        latitude, longitude
            degrees, dims of `hours`.

        Returns
        -------
        ndarray
            TECU, dims of `hours`.
        """
        x = KM_PER_DEGREE * (longitude - 105.0) * np.cos(np.radians(latitude))
        y = KM_PER_DEGREE * (latitude - 35.0)
        turn = self.east * x + self.north * y - self.frequency * hours + self.phase
        return self.amplitude * np.sin(turn) * (0.6 + 0.4 * np.sin(0.7 * hours + 2 * self.phase))


def _wave(rng: np.random.Generator, amplitude: float, azimuth: float, wavelength: float, period: float) -> PlaneWave:
    """A wave that travels towards about an azimuth (deg), with a wavelength (km) and period (h)."""
    heading = np.radians(rng.normal(azimuth, 10.0))
    number = 2 * np.pi / (wavelength * rng.uniform(0.85, 1.15))
    return PlaneWave(
        amplitude * rng.uniform(0.6, 1.2),
        number * np.sin(heading),
        number * np.cos(heading),
        2 * np.pi / (period * rng.uniform(0.85, 1.15)),
        rng.uniform(0, 2 * np.pi),
    )


class Day:
    """The background of one UT day (YYYY-MM-DD): a table and the day's own level, gradient, crest and waves."""

    def __init__(
        self,
        settings: SimulatedTecSettings,
        day: str,
        rng: np.random.Generator,
        latitudes: np.ndarray = TABLE_LATITUDES,
    ) -> None:
        self.midnight = np.datetime64(day, "s")
        crest = settings.anomaly_latitude + rng.normal(0, 0.5)
        self.table = background_table(settings, day, crest, latitudes)
        self.first_latitude = float(latitudes[0])
        self.level = float(np.exp(rng.normal(0, settings.day_to_day)))
        self.gradient = rng.normal(0, settings.gradient, 2)
        self.slow = (settings.slow_wave * rng.uniform(0.5, 1.5), rng.uniform(4.0, 7.0), rng.uniform(0, 2 * np.pi))
        # Large-scale disturbances come from the auroral zone; medium-scale ones at night in the northern hemisphere
        # travel to the south-west (Shiokawa et al. 2003, J. Geophys. Res. 108, 1052).
        self.waves = [_wave(rng, settings.large_disturbance_tecu, 190.0, 1600.0, 1.4)]
        self.waves += [
            _wave(rng, settings.medium_disturbance_tecu / np.sqrt(2), 225.0, length, 0.8) for length in (280.0, 420.0)
        ]

    def at(self, times: np.ndarray, latitude: ArrayLike, longitude: ArrayLike) -> np.ndarray:
        """Vertical TEC (TECU) of the background at times (datetime64) and places (deg), broadcast together.

        Parameters
        ----------
        times
            UTC.
        latitude, longitude
            degrees.

        Returns
        -------
        ndarray
            dims of the inputs broadcast.
        """
        hours = (np.asarray(times, dtype="datetime64[s]") - self.midnight) / np.timedelta64(3600, "s")
        hours, phi, lam = np.broadcast_arrays(hours, np.asarray(latitude, float), np.asarray(longitude, float))
        value = interpolate(self.table, hours + lam / 15.0, phi, self.first_latitude)
        share, period, phase = self.slow
        slow = 1 + share * np.sin(2 * np.pi * hours / period + phase)
        tilt = 1 + self.gradient[0] * (phi - 35) / 20 + self.gradient[1] * (lam - 105) / 35
        return value * self.level * slow * tilt + sum(wave.at(hours, phi, lam) for wave in self.waves)


def shape(
    latitude: ArrayLike,
    longitude: ArrayLike,
    axis: np.ndarray | float,
    south: float,
    north: float,
    width_km: float,
    edge: float,
) -> np.ndarray:
    """Share of its peak that the enhancement has at each place.

    Across: a gaussian of full width at half maximum `width_km` around the meridian `axis`. Along: two logistic
    edges, half the peak at `south` and `north`.

    Parameters
    ----------
    latitude, longitude
        degrees, broadcast.
    axis
        degrees east, broadcast with the places.
    south, north
        degrees.
    edge
        width of the two logistic edges, degrees.

    Returns
    -------
    ndarray
        0 to 1, dims of the inputs broadcast.
    """
    phi = np.asarray(latitude, dtype=float)
    x = KM_PER_DEGREE * (np.asarray(longitude, dtype=float) - axis) * np.cos(np.radians(phi))
    across = np.exp(-4 * np.log(2) * (x / width_km) ** 2)
    return across / (1 + np.exp((south - phi) / edge)) / (1 + np.exp((phi - north) / edge))
