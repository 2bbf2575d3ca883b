"""Zenith angles of the stripes (S4, S5, S9, W1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.claims.measures.stripes import pair_near, stripe_keys
from metalclouds.claims.model import Data, Measurement, Unavailable, with_values
from metalclouds.claims.statistics import median, normal_half_width, share
from metalclouds.derive.stripe_pair import beta_difference

# Line of a stripe, and of a cloud that descends to the main layer.
LINE = ("time_bottom", "time_top", "bottom_km", "top_km", "slowness_s_per_km")
DESCENT = ("night", "start_utc", "end_altitude_km", "descent_m_s")
# A cloud of some 30 km passes an altitude in about this time (min) at 20 to 30 m/s.
DESCENT_MINUTES = 20.0
# Speeds of a cloud's edge and of a ridge within it agree to this.
DESCENT_FACTOR = 1.5
BETA = ("beta_deg", "beta_low_deg", "beta_high_deg", "beta_kind")


def _ends(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Columns low and high: the intervals of zenith angles, given as one standard error, at a confidence.

    The open end of a limit stays where it is: 0 or 90 degrees.
    """
    widen, value = normal_half_width(confidence), table["beta_deg"]
    low = (value - widen * (value - table["beta_low_deg"])).clip(lower=0.0)
    high = (value + widen * (table["beta_high_deg"] - value)).clip(upper=90.0)
    limit = table["beta_kind"] == "upper_limit"
    return table.assign(low=low.where(~limit, 0.0), high=high.where(~limit, value))


def _betas(data: Data, kinds: Sequence[str] = (), *columns: str) -> pd.DataFrame:
    table = data.table("beta", *BETA, *columns)
    table = table[table["beta_kind"].isin(kinds)] if kinds else table
    if table.empty:
        raise Unavailable("no stripe has both a slope and a wind (a zenith angle needs the wind at 250 km)")
    return table


def _angles_of(data: Data, pair: pd.DataFrame) -> pd.DataFrame:
    """Zenith angles of a pair of stripes with their intervals, in its order.

    Raises
    ------
    Unavailable
        If one of them has none.
    """
    table = _betas(data, (), "night", "id")
    table = table.set_index(stripe_keys(table))
    keys = stripe_keys(pair)
    if not keys.isin(table.index).all():
        raise Unavailable("one of the two marked stripes has no wind near enough in time")
    return _ends(table.loc[keys], data.settings.confidence)


def marked_beta(data: Data, order: int, **pair: Any) -> Measurement:
    """Zenith angle of the first (0) or second (1) of the two marked stripes, in order of time (see `pair_near`)."""
    row = _angles_of(data, pair_near(data, **pair)).iloc[order]
    kind = str(row["beta_kind"])
    limit = kind.removesuffix("_limit") if kind.endswith("_limit") else ""
    return Measurement(float(row["beta_deg"]), row["low"], row["high"], n=1, limit=limit)  # type: ignore[arg-type]


def pair_difference(data: Data, **pair: Any) -> Measurement:
    """Zenith angle of the second of the two marked stripes minus that of the first (degree).

    The wind is common to both, so that its error nearly cancels.

    Raises
    ------
    Unavailable
        If one of them has no slope or no wind.
    """
    chosen = pair_near(data, **pair)
    winds = data.table("beta", "night", "id", "beta_deg", "wind_m_s")
    wind = winds.set_index(stripe_keys(winds))["wind_m_s"]
    both = chosen.assign(wind_m_s=wind.reindex(stripe_keys(chosen)).to_numpy()).dropna(subset=["wind_m_s"])
    both = with_values(both, "detect/stripes.csv", "slowness_s_per_km", "slowness_sigma_s_per_km")
    if len(both) < 2:
        raise Unavailable("one of the two marked stripes has no slope or no wind near enough in time")
    value, sigma = beta_difference(both.iloc[0], both.iloc[1])
    half = normal_half_width(data.settings.confidence) * sigma
    return Measurement(value, value - half, value + half, n=2)


def along_descents(data: Data, stripes: pd.DataFrame) -> pd.Series:
    """Whether each stripe goes down with a cloud that merges with the main layer.

    It does if its middle lies within `DESCENT_MINUTES` of the line of such an event, followed upwards at the event's
    speed, and its own speed is that of the event within a factor of `DESCENT_FACTOR`.

    Parameters
    ----------
    stripes
        columns night, id.

    Returns
    -------
    Series
        bool, with the index of `stripes`; False for a stripe that detect/stripes.csv does not have.
    """
    lines = data.table("detect_stripes", "night", "id", *LINE)
    lines = lines.set_index(stripe_keys(lines))[list(LINE)].reindex(stripe_keys(stripes))
    middle = lines["time_bottom"] + 0.5 * (lines["time_top"] - lines["time_bottom"])
    altitude = 0.5 * (lines["bottom_km"] + lines["top_km"])
    data.used.add("detect_events")
    events = data.tables.get("detect_events", pd.DataFrame({"kind": []}))
    events = with_values(events[events["kind"] == "descending_merge"], "detect/events.csv", *DESCENT)
    found = np.zeros(len(stripes), dtype=bool)
    for event in events.itertuples():
        slowness = -1000.0 / event.descent_m_s
        away = (middle - event.start_utc).dt.total_seconds() - slowness * (altitude - event.end_altitude_km)
        ratio = lines["slowness_s_per_km"] / slowness
        near = (away.abs() <= 60.0 * DESCENT_MINUTES) & ratio.between(1.0 / DESCENT_FACTOR, DESCENT_FACTOR)
        found |= near.to_numpy() & (stripes["night"].astype(str) == str(event.night)).to_numpy()
    return pd.Series(found, index=stripes.index)


def beta_within(data: Data, low_deg: float, high_deg: float) -> Measurement:
    """Share of the zenith angles that are known whose interval reaches into a range.

    Known are angles that are values, and limits that exclude the range. Other limits may lie in or outside and are
    left out, as is what goes down with a merging cloud (`largest_beta` judges the same stripes).

    Raises
    ------
    Unavailable
        If no angle is known.
    """
    table = _betas(data, (), "night", "id")
    falling = along_descents(data, table)
    table = _ends(table[~falling], data.settings.confidence)
    outside = (table["low"] > high_deg) | (table["high"] < low_deg)
    told = (table["beta_kind"] == "value") | outside
    if not told.any():
        raise Unavailable("no zenith angle is more than a limit")
    found = share(int((told & ~outside).sum()), int(told.sum()), data.settings.confidence)
    limits = int((~told).sum())
    remark = f"{limits} stripe{'' if limits == 1 else 's'} with a limit only may lie in or outside"
    return replace(found, remark=remark + _left_out(int(falling.sum())))


def _left_out(number: int) -> str:
    """How many stripes go down with a merging cloud, in words; empty for none."""
    return f"; without {number} that go{'es' if number == 1 else ''} down with a merging cloud" if number else ""


def largest_beta(data: Data) -> Measurement:
    """The largest zenith angle of the stripes whose angle is a value, and where the largest true one may lie.

    The largest of n noisy angles lies high by chance. At the confidence at which all n intervals hold together, the
    largest true angle is between the largest of their lower ends (those of lower limits included) and the largest
    of the values' upper ends. Where a lower limit lies above all values, the largest angle is at least that.

    The edge of a cloud that descends to the main layer is no trail: what goes along it is left out.
    """
    table = _betas(data, ("value", "lower_limit"), "night", "id")
    falling = along_descents(data, table)
    table = table[~falling]
    if not (table["beta_kind"] == "value").any():
        raise Unavailable("no zenith angle is more than a limit")
    table = _ends(table, data.settings.confidence ** (1.0 / len(table)))
    values, limits = (table[table["beta_kind"] == kind] for kind in ("value", "lower_limit"))
    remark = _left_out(int(falling.sum())).removeprefix("; ")
    low, value = float(table["low"].max()), float(values["beta_deg"].max())
    if low > value:
        least = limits.loc[limits["low"].idxmax()]
        return Measurement(float(least["beta_deg"]), low, 90.0, n=len(table), limit="lower", remark=remark)
    return Measurement(value, low, max(low, float(values["high"].max())), n=len(values), remark=remark)


def smallest_beta(data: Data) -> Measurement:
    """The smallest zenith angle, and where the smallest true one may lie.

    As for the largest; an unresolved stripe has an upper limit only, so that with one of them the lower end is 0.
    """
    table = _betas(data)
    table = _ends(table, data.settings.confidence ** (1.0 / len(table)))
    smallest = float(table["beta_deg"].min())
    return Measurement(smallest, float(table["low"].min()), float(table["high"].min()), n=len(table))


def projection_spread(data: Data) -> Measurement:
    """Median difference (deg) between the zenith angle for the neutral wind and for the ions' drift along B."""
    table = _betas(data, (), "beta_ion_deg")
    difference = (table["beta_deg"] - table["beta_ion_deg"]).abs()
    return median(difference.to_numpy(dtype=float), data)
