"""One radiant, or field-aligned sheets? How the slopes of a night's stripes go with the hour and the drift.

A trail from a radiant at zenith angle z and azimuth A shows p = -tan z cos(A - A_drift) / v. The radiant moves with
the sky, so one radiant says what p v does through the hours of a cloud, sign included. A sheet spanned by the
magnetic field (dip I) and a horizontal front at an angle alpha from magnetic north, carried by a zonal drift V_e,
shows p = -cot I tan(alpha) / V_e: p V_e stays as it is through the night.

Both are fitted to each night. How well one radiant fits is compared with how well it fits when the slopes of the
night are shuffled among its stripes; the better of the two by the sum of squares, cut off at nine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from metalclouds.constants import MAGNETIC_DECLINATION_DEG, MAGNETIC_DIP_DEG
from metalclouds.physics import sky
from metalclouds.supplements.observable import NotTestable, Observable, median

Values = NDArray[Any]

LEAST_STRIPES = 6
LEVEL = 0.05
SHUFFLES = 99
CUT = 9.0
# Scatter of a tangent beyond its errors: radiants differ, and drifts differ from the wind (three degrees).
SCATTER = 0.05
LOWEST_ZENITH_DEG = 75.0
ASCENSIONS_DEG, DECLINATIONS_DEG = np.arange(0.0, 360.0, 9.0), np.arange(-30.0, 90.1, 7.5)
TANGENTS = np.linspace(-1.5, 1.5, 121)


@dataclass(frozen=True)
class Slopes:
    """Stripes of a night: time (UTC), drift eastward and northward (km/s), p v and its error, p V_e and its error."""

    time: Values
    east: Values
    north: Values
    tangent: Values
    sigma: Values
    zonal: Values
    zonal_sigma: Values


def sheet_slowness(dip_deg: float, front_deg: Any, east: Any, north: Any = 0.0, up: Any = 0.0) -> Any:
    """Slowness (s/km) of a field-aligned sheet that drifts across the beam.

    p = -cot I tan(alpha) / [V_e - (V_n + V_z cot I) tan(alpha)], in magnetic axes; motion along B drops out.

    Parameters
    ----------
    dip_deg
        inclination of the field, downwards.
    front_deg
        azimuth of the sheet's horizontal front from magnetic north.
    east, north, up
        drift in magnetic axes, km/s.
    """
    cotangent, tangent = 1.0 / np.tan(np.radians(dip_deg)), np.tan(np.radians(front_deg))
    return -cotangent * tangent / (np.asarray(east) - (np.asarray(north) + np.asarray(up) * cotangent) * tangent)


def slopes_of(stripes: pd.DataFrame) -> Slopes:
    """The stripes of a night that have a drift.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them, of one night.
    """
    own = stripes.dropna(subset=["tangent", "tangent_sigma"])
    east, north = (1e-3 * own[f"{side}ward_m_s"].to_numpy(float) for side in ("east", "north"))
    turn = np.radians(MAGNETIC_DECLINATION_DEG)
    magnetic = east * np.cos(turn) - north * np.sin(turn)
    slowness, error = own["slowness_s_per_km"].to_numpy(float), own["slowness_sigma_s_per_km"].to_numpy(float)
    drift = 1e-3 * own[["eastward_sigma_m_s", "northward_sigma_m_s"]].mean(axis=1).to_numpy(float)
    return Slopes(
        own["time_utc"].to_numpy("datetime64[ns]"), east, north,
        own["tangent"].to_numpy(float), np.hypot(own["tangent_sigma"].to_numpy(float), SCATTER),
        slowness * magnetic, np.hypot(np.hypot(error * magnetic, slowness * drift), SCATTER),
    )  # fmt: skip


def radiants(slopes: Slopes) -> Values:
    """Tangent p v that radiants of a grid would show, those well above the horizon; dims (radiant, stripe)."""
    ascension, declination = (axis.ravel()[:, None] for axis in np.meshgrid(ASCENSIONS_DEG, DECLINATIONS_DEG))
    zenith, azimuth = sky.horizontal(ascension, declination, slopes.time[None, :])
    drift = np.degrees(np.arctan2(slopes.east, slopes.north))
    tangent = -np.tan(np.radians(zenith)) * np.cos(np.radians(azimuth - drift))
    up = (zenith < LOWEST_ZENITH_DEG).all(axis=1)
    return tangent[up]


def cost(values: Values, sigma: Values, models: Values) -> Values:
    """Least sum over stripes of min(((value - model) / sigma)^2, 9); values (..., stripe), models (model, stripe)."""
    misfit = (values[..., None, :] - models) / sigma
    return np.minimum(misfit**2, CUT).sum(axis=-1).min(axis=-1)


def night(stripes: pd.DataFrame, seed: int) -> dict[str, float]:
    """Fits of one night: cost of one radiant and of a sheet a stripe, and the chance of so good a radiant.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them, of one night.
    seed
        of the shuffles.

    Returns
    -------
    dict
        stripes, radiant_cost, sheet_cost (a stripe), radiant_p.
    """
    slopes = slopes_of(stripes)
    models = radiants(slopes)
    random = np.random.default_rng(seed)
    order = np.array([random.permutation(slopes.tangent.size) for _ in range(SHUFFLES)])
    own = float(cost(slopes.tangent, slopes.sigma, models))
    shuffled = np.array([cost(slopes.tangent[one], slopes.sigma[one], models) for one in order])
    sheet = float(cost(slopes.zonal, slopes.zonal_sigma, TANGENTS[:, None]))
    count = slopes.tangent.size
    return {
        "stripes": count, "radiant_cost": own / count, "sheet_cost": sheet / count,
        "radiant_p": (1.0 + np.sum(shuffled <= own)) / (1.0 + SHUFFLES),
    }  # fmt: skip


def nights(stripes: pd.DataFrame, fit: Callable[[pd.DataFrame, int], dict[str, Any]] = night) -> pd.DataFrame:
    """What a fit gives for each night that has enough stripes with a drift; its seed is the date.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    fit
        what is made of the stripes of a night, and a seed.

    Returns
    -------
    DataFrame
        `night` and what the fit returns; no columns where there is no such night.
    """
    known = stripes.dropna(subset=["tangent", "tangent_sigma"])
    rows = [
        {"night": name} | fit(own, int(str(name).replace("-", "")))
        for name, own in known.groupby("night")
        if len(own) >= LEAST_STRIPES
    ]
    return pd.DataFrame(rows)


def directions(found: pd.DataFrame, confidence: float) -> list[Observable]:
    """Share of nights whose slopes change with the hour as one radiant predicts, and radiant against sheet.

    Parameters
    ----------
    found
        rows of derive/supplement_nights.csv with a fit.
    confidence
        coverage of the intervals.

    Raises
    ------
    NotTestable
        Without a night of six stripes with a drift.
    """
    if found.empty:
        raise NotTestable(f"no night has {LEAST_STRIPES} stripes with a wind near enough in time")
    good = int((found["radiant_p"] <= LEVEL).sum())
    interval = stats.binomtest(good, len(found)).proportion_ci(confidence, method="wilson")
    return [
        Observable("radiant_nights", good / len(found), float(interval.low), float(interval.high), len(found)),
        median("radiant_over_sheet", found["sheet_cost"] - found["radiant_cost"], confidence),
    ]


def share_of_nights(same: Values, nights: Values, confidence: float) -> tuple[float, float, float]:
    """Mean of the nights' shares and its interval, that of Wilson with a night as one trial.

    Parameters
    ----------
    same
        what is counted, (stripe,).
    nights
        night of each, (stripe,).
    """
    by_night = [float(same[nights == one].mean()) for one in np.unique(nights)]
    value, count, z = float(np.mean(by_night)), len(by_night), float(stats.norm.ppf(0.5 + 0.5 * confidence))
    middle = (value + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * float(np.sqrt(value * (1 - value) / count + z**2 / (4 * count**2))) / (1 + z**2 / count)
    return value, max(middle - half, 0.0), min(middle + half, 1.0)


def sheets(stripes: pd.DataFrame, enhancement: pd.DataFrame, confidence: float) -> list[Observable]:
    """Share of slopes with the sign that a sheet along the TEC region's axis of the night would give, mean of nights.

    Stripes of a night share wind and axis, so that n is the number of nights.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    enhancement
        derive/tec_enhancement.csv.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a night that has both.
    """
    whole = enhancement[enhancement["left_out"].isna() & enhancement["tilt_deg"].notna()]
    tilt = whole.groupby("night")["tilt_deg"].median()
    own = stripes[stripes["night"].isin(tilt.index)].dropna(subset=["tangent"])
    if own.empty:
        raise NotTestable("no night has both stripes with a wind and a region of enhanced TEC whose axis is known")
    front = own["night"].map(tilt).to_numpy(float) - MAGNETIC_DECLINATION_DEG
    turn = np.radians(MAGNETIC_DECLINATION_DEG)
    east = 1e-3 * (own["eastward_m_s"] * np.cos(turn) - own["northward_m_s"] * np.sin(turn)).to_numpy(float)
    predicted = sheet_slowness(MAGNETIC_DIP_DEG, front, east)
    same = np.sign(predicted) == np.sign(own["slowness_s_per_km"].to_numpy(float))
    value, low, high = share_of_nights(same, own["night"].to_numpy(), confidence)
    count = own["night"].nunique()
    return [
        Observable("sheet_sign", value, low, high, count),
        Observable("sheet_nights", count, n=count, unit="nights"),
    ]
