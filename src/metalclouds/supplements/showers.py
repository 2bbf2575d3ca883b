"""Do the slopes of a night point to a known shower? Radiants of established showers, carried to the lidar's sky.

The list has no windows of activity: a shower counts within ten degrees of solar longitude of its maximum. Its radiant
drifts from day to day, the Earth's pull lifts it, the lidar's motion turns it. What chance gives is told by turning
all radiants of the night about the zenith by the same random angle. It may be any angle: without small ones chance
would look like a shower on 7 % of nights rather than on 5 %.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from metalclouds.physics import sky
from metalclouds.supplements import directions
from metalclouds.supplements.observable import NotTestable, Observable

Values = NDArray[Any]

WITHIN_DEG = 10.0
# A degree of solar longitude lasts about a day.
DEGREES_A_DAY = 0.9856
TURNS, SEED = 99, 145
HIGHEST_ZENITH_DEG = 85.0
# Sporadic sources: ecliptic longitude from the sun and latitude (degrees), speed (km/s), after Jones and Brown 1993,
# MNRAS 265, 524, and Campbell-Brown 2008, Icarus 196, 144, as cited by later papers: the two originals were not
# read. Other lists differ by up to 8 degrees (Fentzke and Janches 2006: longitudes 350, 190, 270, latitudes 0, +-15,
# 60), which changes the flux by 14 % at most.
SPORADIC = {
    "helion": (342.0, 1.0, 30.0), "antihelion": (198.0, 0.0, 30.0), "north apex": (271.0, 19.0, 58.0),
    "south apex": (273.0, -11.0, 58.0), "north toroidal": (271.0, 58.0, 36.0),
}  # fmt: skip


@cache
def established() -> pd.DataFrame:
    """The shipped table of established showers; sources in its header and rows.

    Returns
    -------
    DataFrame
        columns of data/showers.csv; angles in degrees, speeds in km/s.
    """
    with files("metalclouds").joinpath("data", "showers.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream, comment="#", keep_default_na=True)


def near(time: Any) -> pd.DataFrame:
    """Established showers within ten degrees of solar longitude of their maximum, radiants drifted to the time.

    Returns
    -------
    DataFrame
        as `established`, with `away_deg`, solar longitude from the maximum.
    """
    table = established()
    away = (sky.solar_longitude_deg(time) - table["solar_longitude_deg"] + 180.0) % 360.0 - 180.0
    days = away / DEGREES_A_DAY
    return table.assign(
        away_deg=away,
        right_ascension_deg=(table["right_ascension_deg"] + table["drift_ascension"].fillna(0.0) * days) % 360.0,
        declination_deg=table["declination_deg"] + table["drift_declination"].fillna(0.0) * days,
    )[away.abs() <= WITHIN_DEG]


def on_the_sky(showers: pd.DataFrame, time: Any) -> tuple[Values, Values]:
    """Zenith angle and azimuth of the trails of showers, corrected, dims (shower, time).

    Parameters
    ----------
    showers
        as `near` gives them.
    time
        (time,), UTC.
    """
    columns = ("right_ascension_deg", "declination_deg", "geocentric_km_s")
    ascension, declination, speed = (showers[name].to_numpy(float)[:, None] for name in columns)
    zenith, azimuth = sky.horizontal(ascension, declination, np.atleast_1d(time)[None, :])
    return sky.apparent(zenith, azimuth, speed)


def sporadic(time: Any) -> pd.DataFrame:
    """The sporadic sources at a time, with the columns of the showers.

    Returns
    -------
    DataFrame
        code, name, right_ascension_deg, declination_deg, geocentric_km_s.
    """
    sun = float(sky.solar_longitude_deg(time))
    rows = []
    for name, (longitude, latitude, speed) in SPORADIC.items():
        ascension, declination = sky.equatorial_deg(sun + longitude, latitude)
        rows.append({"code": name, "name": name, "right_ascension_deg": float(ascension),
                     "declination_deg": float(declination), "geocentric_km_s": speed})  # fmt: skip
    return pd.DataFrame(rows)


def night(stripes: pd.DataFrame, seed: int) -> dict[str, Any]:
    """The shower that fits a night's slopes best, its cost a stripe and the chance of as good a fit.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them, of one night.
    seed
        of the turns.

    Returns
    -------
    dict
        showers (above the horizon, within ten degrees), shower (code, empty without any), shower_cost, shower_p.
    """
    slopes = directions.slopes_of(stripes)
    showers = near(slopes.time[0])
    zenith, azimuth = on_the_sky(showers, slopes.time)
    up = (zenith < HIGHEST_ZENITH_DEG).all(axis=1)
    if not up.any():
        return {"showers": 0, "shower": np.nan, "shower_cost": np.nan, "shower_p": np.nan}
    zenith, azimuth = zenith[up], azimuth[up]
    drift = np.degrees(np.arctan2(slopes.east, slopes.north))

    def costs(turned_deg: float) -> Values:
        models = -np.tan(np.radians(zenith)) * np.cos(np.radians(azimuth + turned_deg - drift))
        misfit = (slopes.tangent - models) / slopes.sigma
        return np.minimum(misfit**2, directions.CUT).mean(axis=1)

    own = costs(0.0)
    turned = [costs(angle).min() for angle in np.random.default_rng(seed).uniform(0.0, 360.0, TURNS)]
    return {
        "showers": int(up.sum()), "shower": str(showers["code"].to_numpy()[up][own.argmin()]),
        "shower_cost": float(own.min()), "shower_p": (1.0 + np.sum(np.array(turned) <= own.min())) / (1.0 + TURNS),
    }  # fmt: skip


def showers(found: pd.DataFrame, confidence: float) -> list[Observable]:
    """Share of nights that an established shower fits better than 95 % of the turned ones do.

    Parameters
    ----------
    found
        derive/supplement_nights.csv.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a night that has stripes with a drift and a shower above the horizon.
    """
    known = found.dropna(subset=["shower_p"])
    if known.empty:
        raise NotTestable("no night has six stripes with a wind and an established shower above the horizon")
    good = int((known["shower_p"] <= directions.LEVEL).sum())
    interval = stats.binomtest(good, len(known)).proportion_ci(confidence, method="wilson")
    return [Observable("shower_nights", good / len(known), float(interval.low), float(interval.high), len(known))]
