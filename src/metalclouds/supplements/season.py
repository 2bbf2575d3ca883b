"""Do stripes come when meteors come? Their number an hour against the flux of sporadic meteors, by season and hour.

The flux through a horizontal area is the sum over the five sporadic sources of the cosine of their zenith angle, all
taken as equally strong and as wide as they are seen, and of a background from everywhere: it is largest before dawn
and smallest in the evening. If stripes come as flux^g, the number of stripes tells the exponent g: near 1 for trails,
near 0 for what does not care.
Trails live for up to some hours, which takes the exponent of the hour below 1. Nights, not stripes, are drawn anew
for the interval, since stripes come in clouds; from its width follows how often the record would tell 1 from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.physics import sky
from metalclouds.physics.sun import solar_elevation
from metalclouds.schema.tables import SUPPLEMENT_SEASON
from metalclouds.supplements.observable import NotTestable, Observable
from metalclouds.supplements.showers import SPORADIC

Values = NDArray[Any]

# Hours UT within which nights lie at the lidar, and their step; it is dark with the sun so far below the horizon.
FIRST_HOUR, LAST_HOUR, STEP_HOURS = 10.0, 23.0, 0.25
DARK_DEG = 12.0
# Standard deviation of a source's radiants, radians: assumed. With half of it the flux is less by 1 to 18 %, by most
# when it is least.
WIDTH = 0.3
# Meteors of no source, a source in the zenith as 1: so many that a day's largest flux is 2 to 6 times its least, as
# radars count (5 in January and February, 2.3 from April on at 69 N, much the same at middle latitudes: Singer et al.
# 2004, Atmos. Chem. Phys. 4, 1355).
BACKGROUND = 0.5
# Exponents that are tried.
EXPONENTS = np.linspace(-6.0, 6.0, 241)
LEAST_NIGHTS = 8
FEW = f"fewer than {LEAST_NIGHTS} nights have stripes: they tell nothing of season or hour"
DRAWS, SEED, LEVEL = 1000, 257, 0.05


def flux(time: Any) -> Values:
    """Flux of sporadic meteors through a horizontal area, a source in the zenith as 1; dims of `time` (UTC)."""
    longitude = np.asarray(sky.solar_longitude_deg(time))
    total = np.full(longitude.shape, BACKGROUND)
    for away, latitude, _ in SPORADIC.values():
        zenith, _ = sky.horizontal(*sky.equatorial_deg(longitude + away, latitude), time)
        cosine = np.cos(np.radians(zenith))
        # Mean of max(cosine, 0) over a source of that width.
        total += cosine * stats.norm.cdf(cosine / WIDTH) + WIDTH * stats.norm.pdf(cosine / WIDTH)
    return total


def darkness(nights: pd.Series) -> tuple[Values, Values, Values]:
    """Times of each night (night, time), whether it is dark then, and the flux then.

    Parameters
    ----------
    nights
        dates (YYYY-MM-DD).
    """
    steps = np.arange(FIRST_HOUR, LAST_HOUR, STEP_HOURS) + STEP_HOURS / 2.0
    start = pd.to_datetime(nights).to_numpy("datetime64[ns]")
    times = start[:, None] + (steps * 3.6e12).astype("timedelta64[ns]")[None, :]
    high = solar_elevation(times.ravel(), LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG).reshape(times.shape)
    return times, high < -DARK_DEG, flux(times)


def _observables(name: str, score: Callable[[Values], Values], nights: int, confidence: float) -> list[Observable]:
    """The exponent with its interval, and the power with which this record would tell 1 from 0 (one-sided, 5 %).

    Parameters
    ----------
    score
        for weights of nights (draw, night), what the stripes' log flux exceeds that expected with each exponent by;
        it falls with the exponent; dims (draw, exponent).

    Raises
    ------
    NotTestable
        If the flux of a night is not known.
    """
    random = np.random.default_rng(SEED)
    weights = random.multinomial(nights, np.full(nights, 1.0 / nights), size=DRAWS)
    found = score(np.concatenate([np.ones((1, nights)), weights]))
    if not np.isfinite(found[0]).all():
        raise NotTestable("a night has no darkness: no flux of meteors is known for it")
    value, *anew = (float(np.interp(0.0, -one, EXPONENTS)) for one in found if np.isfinite(one).all())
    low, high = np.quantile(anew, [0.5 - confidence / 2, 0.5 + confidence / 2])
    power = float(stats.norm.cdf(1.0 / np.std(anew) - stats.norm.ppf(1.0 - LEVEL)))
    return [
        Observable(f"{name}_exponent", value, float(low), float(high), nights),
        Observable(f"{name}_power", power, n=nights),
    ]


def season(nights: pd.DataFrame, stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """Exponent of the flux, night against night.

    Parameters
    ----------
    nights
        detect/nights.csv.
    stripes
        with night.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        With fewer than eight nights with stripes.
    """
    own = nights[nights["hours"] > 0]
    count = own["night"].map(stripes["night"].value_counts()).fillna(0.0).to_numpy(float)
    if np.count_nonzero(count) < LEAST_NIGHTS:
        raise NotTestable(FEW)
    _, dark, rate = darkness(own["night"])
    logs = np.log((rate * dark).sum(axis=1) / dark.sum(axis=1))
    expected = own["hours"].to_numpy(float)[:, None] * np.exp(logs[:, None] * EXPONENTS)

    def score(weights: Values) -> Values:
        mean = (weights @ (expected * logs[:, None])) / (weights @ expected)
        return (weights @ (count * logs))[:, None] - (weights @ count)[:, None] * mean

    return _observables("season", score, len(own), confidence)


def hour(stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """Exponent of the flux, hour against hour of the same nights.

    Parameters
    ----------
    stripes
        with night and time_utc.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        With fewer than eight nights with stripes.
    """
    count = stripes.groupby("night").size()
    if len(count) < LEAST_NIGHTS:
        raise NotTestable(FEW)
    _, dark, rate = darkness(pd.Series(count.index))
    logs = np.log(rate)
    expected = dark[:, :, None] * np.exp(logs[:, :, None] * EXPONENTS)
    mean = (expected * logs[:, :, None]).sum(axis=1) / expected.sum(axis=1)
    own = np.log(flux(stripes["time_utc"].to_numpy("datetime64[ns]")))
    total = pd.Series(own).groupby(stripes["night"].to_numpy()).sum().reindex(count.index).to_numpy(float)
    excess = total[:, None] - count.to_numpy(float)[:, None] * mean
    return _observables("hour", lambda weights: weights @ excess, len(count), confidence)


def table(nights: pd.DataFrame, stripes: pd.DataFrame) -> pd.DataFrame:
    """derive/supplement_season.csv: stripes an hour and flux by month and by hour.

    Parameters
    ----------
    nights
        detect/nights.csv.
    stripes
        with night and time_utc.

    Returns
    -------
    DataFrame
        columns of `SUPPLEMENT_SEASON`.
    """
    own = nights[nights["hours"] > 0].reset_index(drop=True)
    if own.empty:
        return SUPPLEMENT_SEASON.empty()
    times, dark, rate = darkness(own["night"])
    hours = dark / dark.sum(axis=1, keepdims=True) * own["hours"].to_numpy(float)[:, None]
    seen = pd.DatetimeIndex(stripes["time_utc"])
    stamps = pd.DatetimeIndex(times.ravel())
    parts = []
    for by in ("month", "hour"):
        step = pd.DataFrame({"part": getattr(stamps, by), "hours": hours.ravel(), "flux": (hours * rate).ravel()})
        sums = step.groupby("part")[["hours", "flux"]].sum()
        sums = sums[sums["hours"] > 0]
        count = pd.Series(getattr(seen, by)).value_counts().reindex(sums.index, fill_value=0)
        mean = sums["flux"] / sums["hours"]
        parts.append(
            sums.assign(by=by, stripes=count, stripes_per_hour=count / sums["hours"], flux=mean / mean.mean())
        )
    return SUPPLEMENT_SEASON.ordered(pd.concat([part.reset_index() for part in parts]))
