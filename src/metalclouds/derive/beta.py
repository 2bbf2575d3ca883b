"""Zenith angles for other drifts of the trail than in stripes.csv, and which stripes Figure 5 marks.

stripes.csv has the angle for the speed of the neutral wind, as in the paper. Nobody measured how the ions move, so
two more are given: for the zonal component of the wind, since E x B drift follows it, and for the wind's projection
on the magnetic field, along which magnetised ions are free to move. Their spread is the systematic error of beta.

The speed follows from measured components, errors included: in a wind as weak as its error it is somewhat too high.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from metalclouds.derive.settings import BetaSettings
from metalclouds.physics import trail
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import Wind, WindVector, wind_at
from metalclouds.schema.tables import BETA, STRIPES

KEYS = ["night", "id"]


def beta(
    stripes: pd.DataFrame,
    sampling_s: Mapping[str, float],
    wind: Wind,
    settings: BetaSettings,
    geometry: TrailSettings,
    marked_night: str | None,
) -> pd.DataFrame:
    """Zenith angle of each stripe for other drifts than the neutral wind's.

    Parameters
    ----------
    stripes
        detect/stripes.csv.
    sampling_s
        night -> accumulation time of a profile, s.
    wind
        measured wind; where there is none the angles are empty.
    marked_night
        night of the two stripes that Figure 5 marks; None marks none.

    Returns
    -------
    DataFrame
        beta.csv. `azimuth_deg`: azimuth of the trail's upper end (of the radiant) if the trail lies along the
        drift: where the drift goes to for a stripe that descends with time, where it comes from for one that
        rises; empty for an upper limit.
    """
    if stripes.empty:
        return BETA.empty()
    STRIPES.ordered(stripes)
    marked = marked_stripes(stripes, settings, geometry, marked_night)
    table = pd.DataFrame([_row(stripe, wind, sampling_s[stripe.night], geometry) for stripe in stripes.itertuples()])
    return BETA.ordered(table.assign(marked=[index in marked for index in stripes.index]))


def with_stripes(beta: pd.DataFrame, stripes: pd.DataFrame) -> pd.DataFrame:
    """beta.csv with the columns of stripes.csv beside it, a row a stripe of both, in the order of beta.csv.

    Parameters
    ----------
    beta
        table BETA.
    stripes
        table STRIPES.

    Returns
    -------
    DataFrame
        columns of both.
    """
    names = dict.fromkeys(KEYS, str)  # a table without rows has no words to tell its types by
    return beta.astype(names).merge(stripes.astype(names), on=KEYS, how="inner", validate="one_to_one")


def marked_stripes(stripes: pd.DataFrame, settings: BetaSettings, geometry: TrailSettings, night: str | None) -> list:
    """Index of the two stripes that Figure 5 marks, in the order of time.

    They are found by rule: of the night's long stripes that reach from below `marked_bottom_km` to above
    `marked_top_km`, the two of highest significance.

    Parameters
    ----------
    stripes
        table STRIPES.
    night
        the night that Figure 5 shows; None without one.
    """
    length = stripes["top_km"] - stripes["bottom_km"]
    through = (stripes["bottom_km"] < settings.marked_bottom_km) & (stripes["top_km"] > settings.marked_top_km)
    candidates = stripes[(stripes["night"] == night) & through & (length > geometry.long_km)]
    best = candidates.sort_values(["significance", "id"], ascending=[False, True]).head(2)
    return list(best.sort_values("time_bottom").index)


def _row(stripe: Any, wind: Wind, sampling_s: float, geometry: TrailSettings) -> dict:
    vector = wind_at(wind, trail.middle_time(stripe), geometry)
    slant = trail.slant_of(stripe, sampling_s)
    return {
        "night": stripe.night,
        "id": stripe.id,
        "length_km": slant.length_km,
        "beta_zonal_deg": _angle(slant, trail.zonal_drift(vector), geometry),
        "beta_ion_deg": _angle(slant, trail.ion_drift(vector), geometry),
        "azimuth_deg": _radiant_azimuth(stripe, vector),
        "long": slant.length_km > geometry.long_km,
    }


def _angle(slant: trail.Slant, drift: trail.Drift, geometry: TrailSettings) -> float:
    at_rest = trail.slant_at_rest(slant, drift)
    return trail.beta(at_rest, drift, geometry.long_km, geometry.confidence_sigma).value


def _radiant_azimuth(stripe: Any, wind: WindVector) -> float:
    if stripe.beta_kind in (trail.UPPER_LIMIT, trail.NO_WIND):
        return math.nan
    return wind.azimuth if stripe.slowness_s_per_km < 0 else (wind.azimuth + 180) % 360
