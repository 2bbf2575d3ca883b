"""Neutral density above the lidar by NRLMSISE-00, and by how much it rises downwards (claim D1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pymsis
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.derive.indices import Indices, has_indices, indices_at
from metalclouds.derive.settings import AtmosphereSettings
from metalclouds.schema.tables import DENSITY_FACTORS, DENSITY_PROFILE

# Version 0 of pymsis is NRLMSISE-00 (Picone et al. 2002), the model of the paper; MSIS 2.x differs by 20 %.
NRLMSISE_00 = 0
SCALE_HEIGHT_ALTITUDES_KM = (100.0, 130.0, 250.0)


def neutral_atmosphere(
    altitude_km: npt.ArrayLike,
    time: datetime,
    indices: Indices,
    latitude_deg: float = LIDAR_LATITUDE_DEG,
    longitude_deg: float = LIDAR_LONGITUDE_DEG,
) -> tuple[np.ndarray, np.ndarray]:
    """Total mass density and temperature of NRLMSISE-00.

    Parameters
    ----------
    altitude_km
        Geodetic altitude, km.
    time
        UTC. The model's local solar time follows from it and the longitude.
    indices
        F10.7 of the previous day, its 81-day mean, daily Ap.
    latitude_deg, longitude_deg
        Geodetic, degrees north and east; the lidar's by default.

    Returns
    -------
    density, temperature
        kg m-3 and K, one for each altitude. The model gives float32 (relative precision 1e-7).
    """
    result = pymsis.calculate(
        np.datetime64(time.replace(tzinfo=None), "s"),
        longitude_deg,
        latitude_deg,
        np.atleast_1d(np.asarray(altitude_km, dtype=float)),
        indices.f107,
        indices.f107_mean,
        [[indices.ap] * 7],
        version=NRLMSISE_00,
    )
    values = np.asarray(result, dtype=float).reshape(-1, result.shape[-1])
    return values[:, pymsis.Variable.MASS_DENSITY], values[:, pymsis.Variable.TEMPERATURE]


def profile_time(settings: AtmosphereSettings, nights: Sequence[str], night: str, longitude_deg: float) -> datetime:
    """Time of the profile (UTC): from the settings if it lies in one of the nights, else local midnight.

    Parameters
    ----------
    nights
        the case nights, UT dates of their evenings.
    night
        the one whose local midnight stands in.
    longitude_deg
        of the lidar, degrees east; local time by the mean sun.
    """
    if f"{settings.time:%Y-%m-%d}" in nights or not night:
        return settings.time
    east = (longitude_deg + 180.0) % 360.0 - 180.0
    return (pd.Timestamp(night) + pd.Timedelta(hours=24.0 - round(east / 15.0))).to_pydatetime()


def density_profile(
    settings: AtmosphereSettings, place: tuple[float, float] = (LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG)
) -> pd.DataFrame:
    """Table of altitude, density, scale height and temperature above a place (degrees north, east).

    The scale height is -rho dz/d(rho), by a cubic spline through log density: the height over which the density
    itself falls by e, which is not the pressure scale height kT/mg where temperature or composition change.

    Parameters
    ----------
    place
        degrees north and east.

    Returns
    -------
    DataFrame
        table DENSITY_PROFILE: `altitude_km`, `density_kg_m3`, `scale_height_km`, `temperature_K`.
    """
    count = round((settings.top_km - settings.bottom_km) / settings.step_km) + 1
    altitude = settings.bottom_km + settings.step_km * np.arange(count)
    density, temperature = neutral_atmosphere(altitude, settings.time, indices_at(settings.time), *place)
    slope = CubicSpline(altitude, np.log(density)).derivative()(altitude)
    table = pd.DataFrame(
        {
            "time_utc": pd.Timestamp(settings.time),
            "altitude_km": altitude,
            "density_kg_m3": density,
            "scale_height_km": -1.0 / slope,
            "temperature_K": temperature,
        }
    )
    return DENSITY_PROFILE.ordered(table)


def density_factors(profile: pd.DataFrame, settings: AtmosphereSettings) -> pd.DataFrame:
    """Rise of density from the reference altitude down, where it reaches a given factor, scale heights.

    Rows: `rise_<reference>_to_<altitude>` (ratio), `altitude_of_rise_<factor>` (km; empty if the profile does not
    reach it), `scale_height_<altitude>` (km), and the indices used.

    Parameters
    ----------
    profile
        table DENSITY_PROFILE.

    Returns
    -------
    DataFrame
        table DENSITY_FACTORS.
    """
    log_density = CubicSpline(profile["altitude_km"], np.log(profile["density_kg_m3"]))
    scale_height = CubicSpline(profile["altitude_km"], profile["scale_height_km"])
    reference = settings.reference_km
    rows = [
        (f"rise_{reference:g}_to_{altitude:g}", _rise(log_density, reference, altitude), "1")
        for altitude in settings.lower_km
    ]
    found = _altitude_of_rise(log_density, reference, settings)
    rows.append((f"altitude_of_rise_{settings.rise:g}", found, "km"))
    rows += [(f"scale_height_{z:g}", float(scale_height(z)), "km") for z in SCALE_HEIGHT_ALTITUDES_KM]
    indices = indices_at(settings.time)
    rows += [("f107", indices.f107, "sfu"), ("f107_mean", indices.f107_mean, "sfu"), ("ap", indices.ap, "1")]
    return DENSITY_FACTORS.ordered(pd.DataFrame(rows, columns=["name", "value", "unit"]))


def density_tables(
    settings: AtmosphereSettings, nights: Sequence[str], night: str, place: tuple[float, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Profile and factors of the night at hand (`profile_time`); without rows where it has no indices.

    Parameters
    ----------
    place
        degrees north and east.
    nights
        nights of the lidar, YYYY-MM-DD.
    night
        the case night that Figure 5 shows.

    Returns
    -------
    tuple
        tables DENSITY_PROFILE and DENSITY_FACTORS.
    """
    timed = settings.model_copy(update={"time": profile_time(settings, nights, night, place[1])})
    if not has_indices(timed.time):
        return DENSITY_PROFILE.empty(), DENSITY_FACTORS.empty()
    profile = density_profile(timed, place)
    return profile, density_factors(profile, timed)


def _rise(log_density: CubicSpline, reference_km: float, altitude_km: float) -> float:
    return float(np.exp(log_density(altitude_km) - log_density(reference_km)))


def _altitude_of_rise(log_density: CubicSpline, reference_km: float, settings: AtmosphereSettings) -> float:
    target = log_density(reference_km) + np.log(settings.rise)
    if log_density(settings.bottom_km) < target:
        return np.nan
    return float(brentq(lambda z: log_density(z) - target, settings.bottom_km, reference_km))
