"""The truth of the simulated campaign: what is in the sky on each night, before any instrument looks.

All instruments of the twin are made from `campaign(settings)`. Times are UTC, naive datetime64[s]; altitudes are
km above sea level; densities are Ca+ ions per cm3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# np.datetime64 whose unit does not matter; numpy's own type has a parameter for each.
Time = Any
Times = NDArray[Any]
Values = NDArray[Any]

WINDOW_HOURS = (10.0, 23.0)
"""Darkness at the site lies within these hours UT (project's definition of a night)."""


@dataclass(frozen=True)
class Harmonic:
    """One wind component: mean + amplitude cos(2 pi (hour - phase_h) / period_h), m/s, hour = UT hour."""

    mean: float
    amplitude: float
    phase_h: float
    period_h: float = 24.0

    def at(self, hours: Values) -> Values:
        return self.mean + self.amplitude * np.cos(2 * np.pi * (hours - self.phase_h) / self.period_h)


@dataclass(frozen=True)
class TrueWind:
    """Neutral wind at one altitude."""

    altitude_km: float
    eastward: Harmonic
    northward: Harmonic
    upward: Harmonic


@dataclass(frozen=True)
class TrueStripe:
    """A narrow ridge in (time, altitude).

    The density is largest at t(z) = time_bottom + slowness (z - bottom) + curvature (z - bottom)^2; it is the time
    of the maximum at each altitude. `width_s` is the standard deviation in time at 200 km altitude,
    `peak_density_cm3` the largest density above 130 km. `beta_deg` is the trail's zenith angle,
    `drift_angle_deg` the angle D between the drift and the azimuth of the trail's upper end:
    slowness = -tan(beta) cos(D) / speed.
    """

    time_bottom: Time
    bottom_km: float
    top_km: float
    slowness_s_per_km: float
    width_s: float
    peak_density_cm3: float
    curvature_s_per_km2: float
    group: int
    beta_deg: float
    marked: bool
    drift_angle_deg: float = 0.0

    @property
    def time_top(self) -> Time:
        """Time of the maximum at the upper end."""
        return self.time_at(np.array([self.top_km]))[0]

    def time_at(self, altitude_km: Values) -> Times:
        """Time of the maximum at each altitude, datetime64[ms]."""
        rise = altitude_km - self.bottom_km
        seconds = self.slowness_s_per_km * rise + self.curvature_s_per_km2 * rise**2
        return self.time_bottom.astype("datetime64[ms]") + np.round(1e3 * seconds).astype("timedelta64[ms]")


@dataclass(frozen=True)
class Cloud:
    """A band in (time, altitude) that holds stripes and a diffuse part of `density_cm3` at its middle.

    Its lower and upper edges move linearly from start to end. `merges_at`: when the lower edge of a descending
    cloud reaches the main layer; None where it does not. `group`: group number of its stripes.
    """

    start: Time
    end: Time
    start_bottom_km: float
    start_top_km: float
    end_bottom_km: float
    end_top_km: float
    density_cm3: float
    descending: bool
    merges_at: Time | None
    group: int = 0

    def edges_km(self, times: Times) -> tuple[Values, Values]:
        """Lower and upper edge at each time (outside start..end: the values at the ends)."""
        whole = max((self.end - self.start).astype("timedelta64[s]").astype(float), 1.0)
        part = np.clip((times - self.start).astype("timedelta64[ms]").astype(float) / 1e3 / whole, 0, 1)
        bottom = self.start_bottom_km + part * (self.end_bottom_km - self.start_bottom_km)
        return bottom, self.start_top_km + part * (self.end_top_km - self.start_top_km)


@dataclass(frozen=True)
class Connection:
    """Ca+ above and main layer are joined: 'direct' (stripes reach down) or 'descending' (a cloud merges)."""

    kind: str
    start: Time
    end: Time


@dataclass(frozen=True)
class EsEpisode:
    """Sporadic E. `upper`: the upper of two layers; `response`: caused by a connection.

    The foEs of a moment is the largest of the episodes then on; with none on, sporadic E is absent.
    """

    start: Time
    end: Time
    foEs_MHz: float
    fbEs_MHz: float
    height_km: float
    blanketing: bool
    upper: bool
    response: bool = False


@dataclass(frozen=True)
class Enhancement:
    """Meridional enhancement of TEC: Gaussian across `longitude` with full width at half maximum `width_km`."""

    onset: Time
    peak: Time
    end: Time
    longitude: float
    latitude_south: float
    latitude_north: float
    width_km: float
    peak_tecu: float

    def strength(self, times: Times) -> Values:
        """Share of the peak at each time: 0 before onset, 1 - (1 - x)^2 up to the peak, (1 - y)^2 to the end.

        x runs from 0 at the onset to 1 at the peak, y from 0 at the peak to 1 at the end.
        """
        seconds = (times - self.peak).astype("timedelta64[ms]").astype(float) / 1e3
        rise = (self.peak - self.onset).astype("timedelta64[s]").astype(float)
        fall = (self.end - self.peak).astype("timedelta64[s]").astype(float)
        growing = 1 - np.clip(-seconds / rise, 0, 1) ** 2
        return np.where(seconds < 0, growing, (1 - np.clip(seconds / fall, 0, 1)) ** 2)


@dataclass(frozen=True)
class SporadicLayer:
    """A thin Gaussian layer inside or above the main layer; its height moves linearly."""

    start: Time
    end: Time
    start_km: float
    end_km: float
    width_km: float
    density_cm3: float


@dataclass(frozen=True)
class MainLayer:
    """Main metal layer, 80-120 km: night mean column and centroid, tides, a gravity wave, sporadic layers.

    The centroid moves by tide_km cos(2 pi (hour - tide_phase_h) / 12), the column by the factor
    1 + column_tide cos(2 pi (hour - column_phase_h) / 24); the wave moves both.
    """

    column_cm2: float
    centroid_km: float
    width_km: float
    tide_km: float
    tide_phase_h: float
    column_tide: float
    column_phase_h: float
    wave_km: float
    wave_period_h: float
    wave_phase_h: float
    sporadic: tuple[SporadicLayer, ...]


@dataclass(frozen=True)
class Dimming:
    """Weather clouds: the two-way transmission is multiplied by `transmission` from start to end."""

    start: Time
    end: Time
    transmission: float


@dataclass(frozen=True)
class NightTruth:
    """One night: class, everything in the sky, weather. `start`, `end`: usable darkness.

    `transmission` is the two-way transmission of the clear parts of the night; gaps are (start, end) without data.
    """

    night: str
    panel: str | None
    start: Time
    end: Time
    stripes: tuple[TrueStripe, ...]
    clouds: tuple[Cloud, ...]
    connections: tuple[Connection, ...]
    es: tuple[EsEpisode, ...]
    spread_f: bool
    enhancement: Enhancement | None
    winds: tuple[TrueWind, ...]
    main_layer: MainLayer
    transmission: float
    dimmings: tuple[Dimming, ...]
    gaps: tuple[tuple[Time, Time], ...]
    above_150: bool
    clear_200_300: bool
    listed_as: str
    """Date of a case night before any shift of the truth; otherwise the night itself."""


def hour_of(night: str, times: Times) -> Values:
    """UT hours since 0 UT of the night's date; past 24 on the next day."""
    return (times - np.datetime64(night, "ms")).astype("timedelta64[ms]").astype(float) / 3.6e6


def moment(night: str, hour: float) -> Time:
    """Time at a UT hour of the night's date, to the second."""
    return np.datetime64(night, "s") + np.timedelta64(round(3600 * hour), "s")


def wind(night: NightTruth, times: Times, altitude_km: float) -> tuple[Values, Values, Values]:
    """Eastward, northward and upward neutral wind (m/s) at the emission altitude nearest to `altitude_km`."""
    nearest = min(night.winds, key=lambda one: abs(one.altitude_km - altitude_km))
    hours = hour_of(night.night, np.asarray(times))
    return nearest.eastward.at(hours), nearest.northward.at(hours), nearest.upward.at(hours)


def wind_250km(night: NightTruth, times: Times) -> tuple[Values, Values]:
    """Eastward and northward neutral wind at 250 km (m/s)."""
    eastward, northward, _ = wind(night, times, 250.0)
    return eastward, northward
