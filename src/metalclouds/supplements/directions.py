"""One radiant, or field-aligned sheets? How the slopes of a night's stripes go with the hour and the drift.

A trail from a radiant at zenith angle z and azimuth A shows p = -tan z cos(A - A_drift) / v. The radiant moves with
the sky, so one radiant says what p v does through the hours of a cloud, sign included. A sheet spanned by the
magnetic field (dip I) and a horizontal front at an angle alpha from magnetic north, carried by a zonal drift V_e,
shows p = -cot I tan(alpha) / V_e: p V_e stays as it is through the night.

Both are fitted to each night. How well one radiant fits is compared with how well it fits when the slopes of the
night are shuffled among its stripes; the better of the two by the sum of squares, cut off at nine.

Where slopes of one radiant would hardly change (short clouds, a steady wind), or scatter more than they change,
shuffling cannot tell. So the same test is made on slopes of the best radiant with noise: the share of draws that it
finds ordered is the night's power. Nights of less power than 0.8 could not have shown the order, and do not count.
The noise is that of the slope and the wind, and what trails of one radiant scatter by besides: ions do not drift as
the wind blows, and a trail that is older than some minutes has spread along the magnetic field into a sheet.
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
FEW = f"no night has {LEAST_STRIPES} stripes with a wind near enough in time"
LEVEL = 0.05
SHUFFLES = 99
# Draws of slopes of the best radiant for a night's power, shuffles of each, and the least power that counts.
DRAWS, DRAW_SHUFFLES, LEAST_POWER = 50, 39, 0.8
CUT = 9.0
# Scatter of a tangent beyond its errors: radiants differ, and drifts differ from the wind (three degrees).
SCATTER = 0.05
LOWEST_ZENITH_DEG = 75.0
ASCENSIONS_DEG, DECLINATIONS_DEG = np.arange(0.0, 360.0, 9.0), np.arange(-30.0, 90.1, 7.5)
# What trails of one radiant scatter by besides: half of the range of 68 % of p v less -tan z cos(A - A_drift) of 189
# stripes of `metalclouds twin --explanation shower`, even seeds 2 to 10 (their errors, 0.1, hardly add to it).
TRAIL_SCATTER = 0.7
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


def costs(values: Values, sigma: Values, models: Values) -> Values:
    """Sum over stripes of min(((value - model) / sigma)^2, 9) for each model.

    Parameters
    ----------
    values, sigma
        (..., stripe).
    models
        (model, stripe).

    Returns
    -------
    array
        dims (..., model).
    """
    misfit = (values[..., None, :] - models) / sigma[..., None, :]
    return np.minimum(misfit**2, CUT).sum(axis=-1)


def chance(slopes: tuple[Values, Values], models: Values, shuffles: int, random: np.random.Generator) -> float:
    """Chance that slopes shuffled among the stripes go with one of the models as well as they do in their order.

    Parameters
    ----------
    slopes
        values and their errors, (stripe,).
    models
        (model, stripe).
    shuffles
        how many.
    """
    values, sigma = slopes
    orders = random.permuted(np.tile(np.arange(values.size), (shuffles, 1)), axis=1)
    own = costs(values, sigma, models).min()
    shuffled = costs(values[orders], sigma[orders], models).min(axis=-1)
    return float((1.0 + np.sum(shuffled <= own)) / (1.0 + shuffles))


def power(best: Values, sigma: Values, models: Values, random: np.random.Generator) -> float:
    """Share of draws of a radiant's slopes with noise that the shuffles find ordered.

    Parameters
    ----------
    best, sigma
        slopes of the radiant and their errors, (stripe,).
    models
        slopes of all radiants, (model, stripe).
    """
    drawn = best + sigma * random.standard_normal((DRAWS, best.size))
    return float(np.mean([chance((one, sigma), models, DRAW_SHUFFLES, random) <= LEVEL for one in drawn]))


def night(stripes: pd.DataFrame, seed: int) -> dict[str, float]:
    """Fits of one night: cost of one radiant and of a sheet a stripe, the chance of so good a radiant, and the power.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them, of one night.
    seed
        of the shuffles.

    Returns
    -------
    dict
        stripes, radiant_cost, sheet_cost (a stripe), radiant_p, radiant_power.
    """
    slopes = slopes_of(stripes)
    models = radiants(slopes)
    random = np.random.default_rng(seed)
    own = costs(slopes.tangent, slopes.sigma, models)
    sigma = np.hypot(slopes.sigma, TRAIL_SCATTER)
    best = models[costs(slopes.tangent, sigma, models).argmin()]
    sheet = float(costs(slopes.zonal, slopes.zonal_sigma, TANGENTS[:, None]).min())
    count = slopes.tangent.size
    return {
        "stripes": count, "radiant_cost": float(own.min()) / count, "sheet_cost": sheet / count,
        "radiant_p": chance((slopes.tangent, sigma), models, SHUFFLES, random),
        "radiant_power": power(best, sigma, models, random),
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


def ordered(found: pd.DataFrame, confidence: float) -> list[Observable]:
    """Share of nights whose slopes go through the hours as one radiant has them, of those that could show it.

    Parameters
    ----------
    found
        rows of derive/supplement_nights.csv with a fit.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a night of six stripes with a drift, or without one that has the power.
    """
    if found.empty:
        raise NotTestable(FEW)
    able = found[found["radiant_power"] >= LEAST_POWER]
    if able.empty:
        raise NotTestable(f"on none of the {len(found)} nights would the test find one radiant in four of five tries")
    good = int((able["radiant_p"] <= LEVEL).sum())
    interval = stats.binomtest(good, len(able)).proportion_ci(confidence, method="wilson")
    return [Observable("radiant_nights", good / len(able), float(interval.low), float(interval.high), len(able))]


def hidden(found: pd.DataFrame) -> list[Observable]:
    """Nights that could not show whether one radiant orders them.

    Parameters
    ----------
    found
        rows of derive/supplement_nights.csv with a fit.

    Raises
    ------
    NotTestable
        Without a night of six stripes with a drift.
    """
    if found.empty:
        raise NotTestable(FEW)
    return [
        Observable("radiant_hidden", int((found["radiant_power"] < LEAST_POWER).sum()), n=len(found), unit="nights")
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


def against_sheets(found: pd.DataFrame, confidence: float) -> list[Observable]:
    """Misfit of a sheet less that of one radiant, median of nights.

    Parameters
    ----------
    found
        rows of derive/supplement_nights.csv with a fit.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a night of six stripes with a drift.
    """
    if found.empty:
        raise NotTestable(FEW)
    return [median("radiant_over_sheet", found["sheet_cost"] - found["radiant_cost"], confidence)]


def with_sheet(stripes: pd.DataFrame, tilt: pd.Series) -> pd.DataFrame:
    """Stripes with a drift, of nights with an axis, with the slowness of a sheet along it: `sheet_s_per_km`.

    Parameters
    ----------
    stripes
        night and the drift in m/s.
    tilt
        angle of the axis from the meridian (degrees), by night.

    Returns
    -------
    DataFrame
        those stripes with `sheet_s_per_km` (s/km).
    """
    own = stripes[stripes["night"].isin(tilt.index)].dropna(subset=["tangent"])
    turn = np.radians(MAGNETIC_DECLINATION_DEG)
    east = 1e-3 * (own["eastward_m_s"] * np.cos(turn) - own["northward_m_s"] * np.sin(turn)).to_numpy(float)
    front = own["night"].map(tilt).to_numpy(float) - MAGNETIC_DECLINATION_DEG
    return own.assign(sheet_s_per_km=sheet_slowness(MAGNETIC_DIP_DEG, front, east))


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
    own = with_sheet(stripes, axes(enhancement))
    if own.empty:
        raise NotTestable("no night has both stripes with a wind and a region of enhanced TEC whose axis is known")
    same = (np.sign(own["sheet_s_per_km"]) == np.sign(own["slowness_s_per_km"])).to_numpy()
    value, low, high = share_of_nights(same, own["night"].to_numpy(), confidence)
    count = own["night"].nunique()
    return [
        Observable("sheet_sign", value, low, high, count),
        Observable("sheet_nights", count, n=count, unit="nights"),
    ]


def axes(enhancement: pd.DataFrame) -> pd.Series:
    """Angle of the axis of each night's region of enhanced TEC from the meridian.

    Parameters
    ----------
    enhancement
        derive/tec_enhancement.csv.

    Returns
    -------
    Series
        degrees, by night.
    """
    whole = enhancement[enhancement["left_out"].isna() & enhancement["tilt_deg"].notna()]
    return whole.groupby("night")["tilt_deg"].median()


def course(stripes: pd.DataFrame, enhancement: pd.DataFrame, confidence: float) -> list[Observable]:
    """How slopes scatter and change through a night, beside a sheet along the TEC region; medians of nights.

    `sheet_spread` is log10 of the measured scatter over the predicted one, `sheet_course` the rank correlation of
    measured and predicted slopes of a night.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    enhancement
        derive/tec_enhancement.csv.
    confidence
        coverage of the intervals.

    Raises
    ------
    NotTestable
        Without a night of six stripes that has both.
    """
    own = with_sheet(stripes, axes(enhancement))
    nights = [one for _, one in own.groupby("night") if len(one) >= LEAST_STRIPES]
    if not nights:
        raise NotTestable(
            f"no night has {LEAST_STRIPES} stripes with a wind and a region of enhanced TEC with an axis"
        )
    ratios, ranks = [], []
    for one in nights:
        measured, predicted = (one[name].to_numpy(float) for name in ("slowness_s_per_km", "sheet_s_per_km"))
        ratios.append(np.log10(stats.iqr(measured) / stats.iqr(predicted)))
        ranks.append(stats.spearmanr(measured, predicted).statistic)
    return [median("sheet_spread", ratios, confidence), median("sheet_course", ranks, confidence)]
