"""Tables made again for another value of a setting, from tables that are there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from metalclouds.claims.measures.layers import night_weights
from metalclouds.claims.model import Data
from metalclouds.claims.sensitivity.base import Base
from metalclouds.derive.correlation import monthly_rows
from metalclouds.derive.es_response import es_response
from metalclouds.derive.monthly import MONTHS
from metalclouds.derive.nights import nights as join_nights
from metalclouds.physics.trail import Drift, sampling_of, slant_of
from metalclouds.physics.trail import beta as zenith_angle
from metalclouds.schema.table import is_true

Tables = dict[str, pd.DataFrame]


# ---- nights ----------------------------------------------------------------------------------------------


def from_detected(base: Base, detected: pd.DataFrame) -> Tables:
    """detect_nights, nights and correlation for other decisions on the nights.

    Parameters
    ----------
    detected
        table DETECT_NIGHTS with other decisions.
    """
    nights = join_nights(detected, base.table("columns"))
    return {"detect_nights": detected, "nights": nights} | correlation(base, base.data, nights)


def correlation(base: Base, data: Data, nights: pd.DataFrame) -> Tables:
    """The monthly rows of correlation.csv for other nights, bins or weights; the nightly rows stay as they are.

    Parameters
    ----------
    nights
        table NIGHTS.
    """
    columns = base.table("columns").dropna(subset=["column_density_cm2"])
    observed = nights[is_true(nights["observed"])]
    columns = columns[columns["night"].isin(observed["night"])]
    occurrence = is_true(observed["above_150"]).groupby(data.months(observed["night"])).mean()
    weights = pd.Series(night_weights(columns, data), index=columns.index)
    month = data.months(columns["night"])
    mean = (columns["column_density_cm2"] * weights).groupby(month).sum() / weights.groupby(month).sum()
    monthly = pd.DataFrame({"occurrence": occurrence, "column_density_cm2": mean}).reindex(MONTHS)
    # The chance levels do not depend on the data and are read by no claim: as few curves as the settings allow.
    quick = base.derive.correlation.model_copy(update={"chance_curves": 1000})
    kept = base.table("correlation")
    kept = kept[~kept["name"].str.startswith(("monthly_", "chance_"))]
    rows = pd.DataFrame(monthly_rows(monthly, quick)).reindex(columns=kept.columns)
    return {"correlation": pd.concat([rows, kept], ignore_index=True) if len(kept) else rows}


def detected_with(base: Base, p_false: float, clear_sigma: float) -> pd.DataFrame:
    """detect/nights.csv with its two decisions taken again from the stored scores.

    Returns
    -------
    DataFrame
        table DETECT_NIGHTS.
    """
    table = base.table("detect_nights")
    clear = (table["p_false_clear"] < p_false) & (table["score_200_300"] > clear_sigma)
    return table.assign(above_150=table["p_false"] < p_false, clear_200_300=clear)


def detected_above(base: Base, boundary_km: float) -> pd.DataFrame:
    """detect/nights.csv with another altitude limit: the mask's highest cell decides.

    Above the run's limit a night must also have been found there; below it a night counts for its mask alone, which
    is somewhat stricter than a score at the lower limit would be.

    Returns
    -------
    DataFrame
        table DETECT_NIGHTS.
    """
    table = base.table("detect_nights")
    reaches = table["cloud_top_km"] > boundary_km
    found = is_true(table["above_150"])
    return table.assign(above_150=reaches & found if boundary_km > base.detect.boundary_km else reaches | found)


def detected_for(base: Base, least_hours: float) -> pd.DataFrame:
    """detect/nights.csv with another least number of dark hours.

    Returns
    -------
    DataFrame
        table DETECT_NIGHTS.
    """
    table = base.table("detect_nights")
    return table.assign(observed=table["hours"] >= least_hours)


# ---- stripes ---------------------------------------------------------------------------------------------


def significant(base: Base, least_sigma: float) -> Tables:
    """Stripes of at least some significance, their profiles and zenith angles."""
    stripes = base.table("detect_stripes")
    kept = stripes[stripes["significance"] >= least_sigma]
    keys = pd.MultiIndex.from_frame(kept[["night", "id"]])
    tables = {"detect_stripes": kept}
    for name in ("detect_stripe_profiles", "beta"):
        table = base.table(name)
        if len(table):
            tables[name] = table[pd.MultiIndex.from_frame(table[["night", "id"]]).isin(keys)]
    return tables


def angles(base: Base, wind_factor: float, long_km: float) -> Tables:
    """beta for another error of the wind or another height of a long stripe."""
    table = base.table("beta")
    if table.empty:
        return {}
    sampling = sampling_of(base.table("detect_nights"))
    found = [
        zenith_angle(
            slant_of(row, sampling[row.night]), Drift(row.wind_m_s, wind_factor * row.wind_sigma_m_s), long_km,
            base.trail.confidence_sigma,
        )
        for row in table.assign(resolved=is_true(table["resolved"])).itertuples()
    ]  # fmt: skip
    table = table.assign(
        beta_deg=[one.value for one in found], beta_low_deg=[one.low for one in found],
        beta_high_deg=[one.high for one in found], beta_kind=[one.kind for one in found],
        long=table["length_km"] > long_km,
    )  # fmt: skip
    return {"beta": table}


def other_drift(base: Base, drift: str) -> Tables:
    """beta for another motion of the trail; the ends of an interval are moved in tan(beta) as its value is."""
    table = base.table("beta")
    if table.empty:
        return {}
    ratio = _tangent(table[f"beta_{drift}_deg"]) / _tangent(table["beta_deg"])
    columns: dict[str, Any] = {"beta_deg": table[f"beta_{drift}_deg"]}
    for end in ("beta_low_deg", "beta_high_deg"):
        moved = np.degrees(np.arctan(_tangent(table[end]) * ratio))
        columns[end] = moved.where(table[end] < 90.0, 90.0)
    return {"beta": table.assign(**columns)}


def _tangent(degrees: pd.Series) -> pd.Series:
    return np.tan(np.radians(degrees.astype(float)))


# ---- electron content, sporadic E ------------------------------------------------------------------------


def one_method(base: Base, method: str) -> Tables:
    """Tables of the enhancement with a single background method, if it gave a result."""
    tables = {}
    for name in ("tec_enhancement", "tec_series"):
        table = base.table(name)
        if len(table) and (table["method"] == method).any():
            tables[name] = table[table["method"] == method]
    return tables


def es_windows(base: Base, **windows: float) -> Tables:
    """es_response of the case nights with other windows; its p, which needs all nights, is left empty."""
    if base.soundings is None:
        return {}
    settings = base.derive.es.model_copy(update=windows | {"permutations": 100})
    events = base.table("detect_events")
    events = events[events["night"].isin(base.soundings.nights)]
    return {"es_response": es_response(base.soundings, events, settings)}
