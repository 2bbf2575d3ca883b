"""Neutral Ca beside Ca+: a trail some minutes old must still hold it at night.

No sunlight ionises it, and the ions of air that take an electron from it are few above 150 km at night: hours pass.
Old metal, carried by the wind, holds no atoms of Ca. A lidar that sees both tells by their ratio in the stripe.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.physics import ions
from metalclouds.supplements.observable import NotTestable, Observable, median

# Molecular ions of a night above 150 km: few, usual, many, cm-3 (assumed; the electrons there are atomic oxygen's).
MOLECULAR_IONS_CM3 = (1e2, 1e3, 1e4)
SECONDS_PER_HOUR = 3600.0
# Ridge and flanks, in full widths at half maximum from the middle of a stripe.
RIDGE, FLANKS = 0.5, (1.5, 4.0)


def life() -> list[Observable]:
    """Hours for which a Ca atom stays neutral at night, from many molecular ions to few."""
    many, usual, few = (float(ions.neutral_calcium_s(one)) / SECONDS_PER_HOUR for one in MOLECULAR_IONS_CM3[::-1])
    return [Observable("neutral_life", usual, many, few, 3, "h")]


def beside(calcium: xr.DataArray, stripes: pd.DataFrame) -> pd.DataFrame:
    """Neutral Ca of each stripe over its Ca+: the mean along the ridge less that of its flanks.

    Parameters
    ----------
    calcium
        density of neutral Ca (cm-3), dims (time, altitude); altitude in km.
    stripes
        stripes of that night as `stripes.with_drift` gives them.

    Returns
    -------
    DataFrame
        id, neutral_share (Ca over Ca+), neutral_share_sigma; stripes without profiles on both are left out.
    """
    rows = []
    for one in stripes.itertuples():
        layer = calcium.sel(altitude=slice(one.bottom_km, one.top_km))
        middle = (layer["altitude"] - one.altitude_km) * one.slowness_s_per_km
        away = abs((layer["time"] - np.datetime64(one.time_utc)) / np.timedelta64(1, "s") - middle) / one.width_s
        ridge = layer.where(away <= RIDGE).values
        flanks = layer.where((away >= FLANKS[0]) & (away <= FLANKS[1])).values
        inside, outside = ridge[np.isfinite(ridge)], flanks[np.isfinite(flanks)]
        if not inside.size or outside.size < 2:
            continue
        error = outside.std(ddof=1) * np.sqrt(1.0 / inside.size + 1.0 / outside.size)
        rows.append({"id": one.id, "neutral_share": (inside.mean() - outside.mean()) / one.peak_density_cm3,
                     "neutral_share_sigma": error / one.peak_density_cm3})  # fmt: skip
    return pd.DataFrame(rows, columns=["id", "neutral_share", "neutral_share_sigma"])


def neutral(calcium: Mapping[str, xr.DataArray], stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """Median share of neutral Ca in stripes.

    Parameters
    ----------
    calcium
        night -> density of neutral Ca, as `beside` takes it.
    stripes
        stripes as `stripes.with_drift` gives them.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        If the record holds no neutral Ca.
    """
    found = [beside(calcium[str(night)], own) for night, own in stripes.groupby("night") if str(night) in calcium]
    if not any(map(len, found)):
        raise NotTestable("the record holds no density of neutral Ca beside Ca+")
    return [median("neutral_share", pd.concat(found)["neutral_share"], confidence)]
