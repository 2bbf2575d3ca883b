"""The simulated vertical TEC over China: background, day-to-day scatter, travelling waves, the enhancement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.twin.tec_settings import TecSettings

TABLE_LATITUDES = np.arange(5.0, 65.5, 1.0)
STEP_HOURS = 0.1
KM_PER_DEGREE = EARTH_RADIUS_KM * np.pi / 180.0


def sun(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Declination and equation of time of the sun.

    Fourier series of Spencer (1971), Search 2(5), 172: good to 0.05 deg and 0.6 min.

    Parameters
    ----------
    times
        datetime64, UTC.

    Returns
    -------
    declination, equation
        deg; hours by which the true sun is ahead of the mean sun.
    """
    times = np.asarray(times, dtype="datetime64[s]")
    days = (times - times.astype("datetime64[Y]")) / np.timedelta64(86400, "s")
    angle = 2 * np.pi * (days - 0.5) / 365.0
    c1, s1, c2, s2 = np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)
    third = -0.002697 * np.cos(3 * angle) + 0.00148 * np.sin(3 * angle)
    declination = 0.006918 - 0.399912 * c1 + 0.070257 * s1 - 0.006758 * c2 + 0.000907 * s2 + third
    equation = 0.000075 + 0.001868 * c1 - 0.032077 * s1 - 0.014615 * c2 - 0.040849 * s2
    return np.degrees(declination), equation * 12 / np.pi


def cosine_of_zenith(solar_hour: np.ndarray, latitude: np.ndarray, declination: np.ndarray) -> np.ndarray:
    """Cosine of the sun's zenith angle at a true solar time (h), latitude and declination (deg)."""
    phi, delta = np.radians(latitude), np.radians(declination)
    hour_angle = (np.asarray(solar_hour) - 12.0) * np.pi / 12
    return np.sin(phi) * np.sin(delta) + np.cos(phi) * np.cos(delta) * np.cos(hour_angle)


def production(cosine: np.ndarray) -> np.ndarray:
    """Relative production in the F region: the cosine of the zenith angle, going smoothly to zero at grazing sun.

    The F region at 250 km is sunlit to a zenith angle of 90 + acos(R / (R + 250 km)) = 106 deg; the softened edge
    leaves 1 % of the production there.
    """
    edge, softness = -0.10, 0.045
    return softness * np.logaddexp(0.0, (cosine - edge) / softness)


def background_table(settings: TecSettings, declination: float, crest: float) -> tuple[np.ndarray, np.ndarray]:
    """Vertical TEC over a day of constant declination, away from longitudinal structure.

    Solves dT/dt = q P(sun) (1 + crest of the anomaly) - (T - floor) / loss time at each latitude, to the periodic
    solution. After sunset it decays to the floor; it rises as the F region is sunlit again.

    Returns
    -------
    solar_hours, tec
        true solar time (h), 0 to 24 inclusive; TECU, dims (TABLE_LATITUDES, solar_hours).
    """
    hours = np.arange(0.0, 24.0 + STEP_HOURS / 2, STEP_HOURS)
    source = production(cosine_of_zenith(hours[None, :], TABLE_LATITUDES[:, None], np.asarray(declination)))
    distance = (TABLE_LATITUDES - crest) / settings.anomaly_width_deg
    source *= settings.production_tecu_per_hour * (1 + settings.anomaly * np.exp(-(distance**2)))[:, None]
    keep = np.exp(-STEP_HOURS / settings.loss_hours)
    gain = settings.loss_hours * (1 - keep)
    excess = np.zeros_like(source)
    for day in range(3):
        start = excess[:, -1] if day else np.zeros(len(TABLE_LATITUDES))
        excess[:, 0] = start
        for i in range(1, len(hours)):
            excess[:, i] = excess[:, i - 1] * keep + source[:, i - 1] * gain
    return hours, settings.floor_tecu + excess


def _interpolate(table: np.ndarray, solar_hour: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Bilinear value of a background table."""
    row = np.clip(latitude - TABLE_LATITUDES[0], 0, len(TABLE_LATITUDES) - 1.001)
    column = np.mod(solar_hour, 24.0) / STEP_HOURS
    i, j = row.astype(int), np.minimum(column.astype(int), table.shape[1] - 2)
    u, v = row - i, column - j
    below = table[i, j] * (1 - v) + table[i, j + 1] * v
    above = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
    return below * (1 - u) + above * u


@dataclass(frozen=True)
class Wave:
    """A plane wave in longitude and latitude: amplitude, wave vector (rad/km), angular frequency (rad/h), phase."""

    amplitude: float
    east: float
    north: float
    frequency: float
    phase: float

    def at(self, hours: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        """Value of the wave; a slow beat keeps it from being the same through the night."""
        x = KM_PER_DEGREE * (longitude - 105.0) * np.cos(np.radians(latitude))
        y = KM_PER_DEGREE * (latitude - 35.0)
        turn = self.east * x + self.north * y - self.frequency * hours + self.phase
        return self.amplitude * np.sin(turn) * (0.6 + 0.4 * np.sin(0.7 * hours + 2 * self.phase))


def _wave(
    rng: np.random.Generator, amplitude: float, azimuth: float, wavelength: float, period: float
) -> Wave:
    """A wave that travels towards about an azimuth (deg), with a wavelength (km) and period (h)."""
    heading = np.radians(rng.normal(azimuth, 10.0))
    number = 2 * np.pi / (wavelength * rng.uniform(0.85, 1.15))
    return Wave(
        amplitude * rng.uniform(0.6, 1.2),
        number * np.sin(heading),
        number * np.cos(heading),
        2 * np.pi / (period * rng.uniform(0.85, 1.15)),
        rng.uniform(0, 2 * np.pi),
    )


class Day:
    """The background of one UT day: a table and the day's own level, gradient, crest and waves."""

    def __init__(self, settings: TecSettings, day: np.datetime64, rng: np.random.Generator) -> None:
        self.midnight = np.datetime64(day, "s")
        declination, equation = sun(self.midnight + np.timedelta64(15, "h"))
        self.equation = float(equation)
        crest = settings.anomaly_latitude + rng.normal(0, 0.5)
        self.table = background_table(settings, float(declination), crest)[1]
        self.level = float(np.exp(rng.normal(0, settings.day_to_day)))
        self.gradient = rng.normal(0, settings.gradient, 2)
        self.slow = (settings.slow_wave * rng.uniform(0.5, 1.5), rng.uniform(4.0, 7.0), rng.uniform(0, 2 * np.pi))
        # Large-scale disturbances come from the auroral zone; medium-scale ones at night in the northern hemisphere
        # travel to the south-west (Shiokawa et al. 2003, J. Geophys. Res. 108, 1052).
        self.waves = [_wave(rng, settings.large_disturbance_tecu, 190.0, 1600.0, 1.4)]
        self.waves += [
            _wave(rng, settings.medium_disturbance_tecu / np.sqrt(2), 225.0, length, 0.8) for length in (280.0, 420.0)
        ]

    def at(self, times: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
        """Vertical TEC (TECU) of the background at times (datetime64) and places (deg), broadcast together."""
        hours = (np.asarray(times, dtype="datetime64[s]") - self.midnight) / np.timedelta64(3600, "s")
        latitude, longitude = np.asarray(latitude, dtype=float), np.asarray(longitude, dtype=float)
        hours, latitude, longitude = np.broadcast_arrays(hours, latitude, longitude)
        value = _interpolate(self.table, hours + longitude / 15.0 + self.equation, latitude)
        share, period, phase = self.slow
        slow = 1 + share * np.sin(2 * np.pi * hours / period + phase)
        tilt = 1 + self.gradient[0] * (latitude - 35) / 20 + self.gradient[1] * (longitude - 105) / 35
        return value * self.level * slow * tilt + sum(w.at(hours, latitude, longitude) for w in self.waves)


def growth(
    times: np.ndarray, onset: np.datetime64, peak: np.datetime64, end: np.datetime64, power: float
) -> np.ndarray:
    """Share of its peak that the enhancement has at each time.

    A quarter of a sine from onset to peak, the remaining share of time to a power from peak to end, 0 outside.
    """
    times = np.asarray(times, dtype="datetime64[s]")
    second = np.timedelta64(1, "s")
    rise = np.clip((times - onset) / max((peak - onset) / second, 1.0) / second, 0.0, 1.0)
    left = np.clip((end - times) / max((end - peak) / second, 1.0) / second, 0.0, 1.0)
    return np.where(times <= peak, np.sin(np.pi / 2 * rise), left**power)


def shape(
    latitude: np.ndarray, longitude: np.ndarray, axis: float, south: float, north: float, width_km: float, edge: float
) -> np.ndarray:
    """Share of its peak that the enhancement has at each place.

    Across: a gaussian of full width at half maximum `width_km` around the meridian `axis`. Along: two logistic
    edges, half the peak at `south` and `north`.
    """
    latitude = np.asarray(latitude, dtype=float)
    x = KM_PER_DEGREE * (np.asarray(longitude, dtype=float) - axis) * np.cos(np.radians(latitude))
    across = np.exp(-4 * np.log(2) * (x / width_km) ** 2)
    return across / (1 + np.exp((south - latitude) / edge)) / (1 + np.exp((latitude - north) / edge))
