"""Stripes with the drift at their time and the radius of their trail, which the tests need."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.trail import middle_time
from metalclouds.physics.wind import Wind, wind_at

# Full width at half maximum of exp(-r^2 / W^2), in W.
FWHM_IN_RADII = 2.0 * math.sqrt(math.log(2.0))
LEAST_SPEED_M_S = 5.0


def with_drift(stripes: pd.DataFrame, wind: Wind, settings: TrailSettings) -> pd.DataFrame:
    """stripes.csv with the drift and what follows from it; NaN where no wind is near enough in time.

    Parameters
    ----------
    stripes
        table STRIPES.

    Returns
    -------
    DataFrame
        also `time_utc` and `altitude_km` (middle), `eastward_m_s`, `northward_m_s`, their `_sigma`,
        `radius_km` (W of exp(-r^2/W^2), if the trail crosses the beam broadside) and `tangent`, p v: minus the
        tangent of the zenith angle times the cosine of the angle between trail and drift, with its `_sigma`.
    """
    middles = [middle_time(row) for row in stripes.itertuples()]
    vectors = [wind_at(wind, time, settings) for time in middles]
    out = stripes.assign(
        time_utc=pd.to_datetime(pd.Series(middles, index=stripes.index, dtype="datetime64[ns]")),
        altitude_km=0.5 * (stripes["bottom_km"] + stripes["top_km"]),
        eastward_m_s=[one.eastward for one in vectors],
        northward_m_s=[one.northward for one in vectors],
        eastward_sigma_m_s=[one.eastward_sigma for one in vectors],
        northward_sigma_m_s=[one.northward_sigma for one in vectors],
    )
    return with_tangent(out)


def with_tangent(stripes: pd.DataFrame) -> pd.DataFrame:
    """Speed, radius and apparent tangent from the drift and the slowness; no tangent in a wind below 5 m/s.

    Parameters
    ----------
    stripes
        stripes.csv with the drift in m/s (`eastward_m_s`, `northward_m_s` and their `_sigma_m_s`).

    Returns
    -------
    DataFrame
        with `speed_m_s`, `radius_km`, `tangent` and `tangent_sigma` (both 1).
    """
    east, north = (stripes[f"{side}ward_m_s"].to_numpy(float) for side in ("east", "north"))
    sigmas = [stripes[f"{side}ward_sigma_m_s"].to_numpy(float) for side in ("east", "north")]
    speed = np.hypot(east, north)
    speed = np.where(speed >= LEAST_SPEED_M_S, speed, np.nan)
    sigma = np.hypot(east * sigmas[0], north * sigmas[1]) / speed
    slowness, error = (stripes[f"slowness_{name}"].to_numpy(float) for name in ("s_per_km", "sigma_s_per_km"))
    return stripes.assign(
        speed_m_s=speed,
        radius_km=1e-3 * speed * stripes["width_s"].to_numpy(float) / FWHM_IN_RADII,
        tangent=1e-3 * slowness * speed,
        tangent_sigma=1e-3 * np.hypot(error * speed, slowness * sigma),
    )
