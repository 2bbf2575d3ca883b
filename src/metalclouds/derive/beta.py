"""Zenith angle of the trails: slowness of each stripe and the wind at 250 km at its time.

The geometry (when the angle is a value and when a limit) is that of `metalclouds.physics.trail`. Three drifts are
given, since nobody measured how the ions move: the neutral wind's speed, as in the paper; its zonal component,
since E x B drift follows the zonal wind; and the wind's projection on the magnetic field, along which magnetised
ions are free to move. Their spread is the systematic error of beta.

The speed is that of measured components, errors included: at a wind as weak as its error it is somewhat too high.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.constants import MAGNETIC_DECLINATION_DEG, MAGNETIC_DIP_DEG
from metalclouds.derive.nights import flags
from metalclouds.derive.settings import BetaSettings
from metalclouds.detect.wind import between
from metalclouds.physics.trail import NO_WIND, UPPER_LIMIT, Beta
from metalclouds.physics.trail import beta as zenith_angle
from metalclouds.schema.tables import BETA, STRIPES

EMISSION_TOLERANCE_NM = 0.5


@dataclass(frozen=True)
class Wind:
    """Horizontal wind and the standard errors of its components, m/s; NaN where there is none."""

    eastward: float
    northward: float
    eastward_sigma: float
    northward_sigma: float

    @property
    def azimuth(self) -> float:
        """Where the wind blows to, degrees from north over east."""
        return math.degrees(math.atan2(self.eastward, self.northward)) % 360


NO_WIND_KNOWN = Wind(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Drift:
    """How a trail moves: horizontal speed with its standard error, and vertical velocity, m/s, upward positive."""

    speed: float
    sigma: float
    upward: float = 0.0


@dataclass(frozen=True)
class WindSeries:
    """Measured wind of one night: times in s since `start`, (time, 2) eastward and northward, and their errors."""

    start: pd.Timestamp
    seconds: np.ndarray
    components: np.ndarray
    errors: np.ndarray


def measured_wind(fpi: xr.Dataset, settings: BetaSettings) -> WindSeries | None:
    """Complete measurements of the chosen emission with tolerable errors; None where there is none.

    An error that the source does not give counts as 0.
    """
    distance = np.abs(fpi["emission_wavelength"].values - settings.emission_nm)
    if not distance.size or distance.min() > EMISSION_TOLERANCE_NM:
        return None
    chosen = fpi.isel(emission=int(distance.argmin()))
    names = ("eastward_wind", "northward_wind")
    components = np.column_stack([chosen[name].values for name in names]).astype(float)
    errors = np.nan_to_num(np.column_stack([chosen[f"{name}_error"].values for name in names]).astype(float))
    complete = np.isfinite(components).all(axis=1) & (errors <= settings.wind_largest_error_m_s).all(axis=1)
    if not complete.any():
        return None
    time = chosen["time"].values[complete]
    seconds = (time - time[0]) / np.timedelta64(1, "s")
    return WindSeries(pd.Timestamp(time[0]), seconds, components[complete], errors[complete])


def wind_at(series: WindSeries | None, time: pd.Timestamp, settings: BetaSettings) -> Wind:
    """Wind at a time (UTC), by `metalclouds.detect.wind.between`; all NaN where none is near."""
    if series is None or pd.isna(time):
        return NO_WIND_KNOWN
    at = (time - series.start) / pd.Timedelta(seconds=1)
    gap = 60.0 * settings.wind_gap_minutes
    found = between(series.seconds, series.components, series.errors, at, gap, settings.wind_change_m_s)
    return NO_WIND_KNOWN if found is None else Wind(*found[0].tolist(), *found[1].tolist())


# ---- drifts ----------------------------------------------------------------------------------------------


def neutral_drift(wind: Wind) -> Drift:
    """The wind's speed (the paper's choice); its error is that of the component along the wind."""
    speed = math.hypot(wind.eastward, wind.northward)
    if not speed > 0:
        return Drift(speed, math.hypot(wind.eastward_sigma, wind.northward_sigma))
    sigma = math.hypot(wind.eastward * wind.eastward_sigma, wind.northward * wind.northward_sigma) / speed
    return Drift(speed, sigma)


def zonal_drift(wind: Wind) -> Drift:
    """The magnitude of the zonal wind."""
    return Drift(abs(wind.eastward), wind.eastward_sigma)


def ion_drift(
    wind: Wind, dip_deg: float = MAGNETIC_DIP_DEG, declination_deg: float = MAGNETIC_DECLINATION_DEG
) -> Drift:
    """Motion along the magnetic field that the wind drives: (U . b) b, b the field's unit vector.

    b = (cos I sin D, cos I cos D, -sin I) eastward, northward, upward, with dip I (downward positive) and
    declination D (eastward positive). A northward wind U at D = 0 moves ions U cos^2 I northward and
    -U sin I cos I upward. Drift across the field (E x B) is not in it: no electric field was measured.
    """
    dip, declination = math.radians(dip_deg), math.radians(declination_deg)
    east, north = math.cos(dip) * math.sin(declination), math.cos(dip) * math.cos(declination)
    along = wind.eastward * east + wind.northward * north
    along_sigma = math.hypot(wind.eastward_sigma * east, wind.northward_sigma * north)
    return Drift(abs(along) * math.cos(dip), along_sigma * math.cos(dip), -along * math.sin(dip))


def slowness_at_rest(slowness_s_per_km: float, upward_m_s: float) -> float:
    """Slowness that the same trail would show without its vertical motion w: p / (1 - p w).

    A trail along its drift with dt/dz = p moves past the beam at v_c = 1/p, of which w is its own rise:
    tan b = v / |v_c - w| = v |p| / |1 - p w|.
    """
    return slowness_s_per_km / (1 - slowness_s_per_km * upward_m_s / 1000.0)


# ---- table -----------------------------------------------------------------------------------------------


def beta(
    stripes: pd.DataFrame, winds: Mapping[str, xr.Dataset], settings: BetaSettings, marked_night: str | None
) -> pd.DataFrame:
    """Zenith angle of each stripe.

    Parameters
    ----------
    stripes
        detect/stripes.csv.
    winds
        night -> ingest/fpi of that night; nights without wind give `no_wind`.
    marked_night
        night of the two stripes that Figure 5 marks; None marks none.

    Returns
    -------
    DataFrame
        beta.csv. `beta_deg` with its 68 % interval is for the neutral speed; of an upper limit `beta_deg` and
        `beta_high_deg` are the limit at `confidence_sigma`, `beta_low_deg` is 0; of a lower limit `beta_high_deg`
        is 90. `beta_zonal_deg`, `beta_ion_deg`: the same for the other drifts. `azimuth_deg`: azimuth of the
        trail's upper end (of the radiant) if the trail lies along the drift: where the drift goes to for a stripe
        that descends with time, where it comes from for one that rises; empty for an upper limit.
    """
    if stripes.empty:
        return BETA.empty()
    STRIPES.ordered(stripes)
    marked = marked_stripes(stripes, settings, marked_night)
    series = {night: measured_wind(winds[night], settings) for night in stripes["night"].unique() if night in winds}
    told = stripes.assign(resolved=flags(stripes["resolved"]))
    rows = [_row(stripe, series.get(stripe.night), settings) for stripe in told.itertuples()]
    table = pd.DataFrame(rows).assign(marked=[index in marked for index in stripes.index])
    return BETA.ordered(table)


def marked_stripes(stripes: pd.DataFrame, settings: BetaSettings, night: str | None) -> list:
    """Index of the two stripes that Figure 5 marks, in the order of time.

    They are found by rule: of the night's long stripes that reach from below `marked_bottom_km` to above
    `marked_top_km`, the two of highest significance.
    """
    length = stripes["top_km"] - stripes["bottom_km"]
    through = (stripes["bottom_km"] < settings.marked_bottom_km) & (stripes["top_km"] > settings.marked_top_km)
    candidates = stripes[(stripes["night"] == night) & through & (length > settings.long_km)]
    best = candidates.sort_values(["significance", "id"], ascending=[False, True]).head(2)
    return list(best.sort_values("time_bottom").index)


def _row(stripe: Any, series: WindSeries | None, settings: BetaSettings) -> dict:
    wind = wind_at(series, stripe.time_bottom + (stripe.time_top - stripe.time_bottom) / 2, settings)
    drifts = neutral_drift(wind), zonal_drift(wind), ion_drift(wind)
    neutral, zonal, ion = (_angle(stripe, drift, settings) for drift in drifts)
    length = stripe.top_km - stripe.bottom_km
    return {
        "night": stripe.night,
        "id": stripe.id,
        "length_km": length,
        "slowness_s_per_km": stripe.slowness_s_per_km,
        "wind_m_s": drifts[0].speed,
        "wind_sigma_m_s": drifts[0].sigma,
        "beta_deg": neutral.value,
        "beta_low_deg": neutral.low,
        "beta_high_deg": neutral.high,
        "beta_kind": neutral.kind,
        "beta_zonal_deg": zonal.value,
        "beta_ion_deg": ion.value,
        "azimuth_deg": _radiant_azimuth(stripe.slowness_s_per_km, wind, neutral.kind),
        "long": length > settings.long_km,
    }


def _angle(stripe: Any, drift: Drift, settings: BetaSettings) -> Beta:
    at_rest = slowness_at_rest(stripe.slowness_s_per_km, drift.upward)
    scale = abs(at_rest / stripe.slowness_s_per_km) if stripe.slowness_s_per_km else 1.0
    return zenith_angle(
        at_rest,
        stripe.slowness_sigma_s_per_km * scale,
        drift.speed,
        drift.sigma,
        stripe.top_km - stripe.bottom_km,
        bool(stripe.resolved),
        sampling_s=settings.profile_s,
        value_length_km=settings.long_km,
        confidence_sigma=settings.confidence_sigma,
    )


def _radiant_azimuth(slowness: float, wind: Wind, kind: str) -> float:
    if kind in (UPPER_LIMIT, NO_WIND):
        return math.nan
    return wind.azimuth if slowness < 0 else (wind.azimuth + 180) % 360
