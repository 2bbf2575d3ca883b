"""Clouds and connections of the case nights and of the campaign (L2 to L4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.claims.model import Data, Measurement, clock_hours
from metalclouds.claims.statistics import bootstrap, hours_of, is_true, share

NONE_FOUND = Measurement(float("nan"), n=0)


def _events(
    data: Data, panel: str, kind: str, detached: bool | None, after: str | None, before: str | None
) -> pd.DataFrame:
    """Events of a kind on the night of a panel that overlap the time from `after` to `before` ("HH:MM" UT)."""
    table = data.rows_of("detect_events", panel)
    table = table[table["kind"] == kind] if len(table) else table
    if detached is not None and len(table):
        table = table[is_true(table["detached"]) == detached]
    if after is not None and len(table):
        table = table[hours_of(table["end_utc"], data.night(panel)) >= clock_hours(after)]
    if before is not None and len(table):
        table = table[hours_of(table["start_utc"], data.night(panel)) <= clock_hours(before)]
    return table


def event_edge(
    data: Data,
    panel: str,
    kind: str,
    column: str,
    detached: bool | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Measurement:
    """A time (hours UT) or altitude (km) of each event of a kind on the night of a panel, as candidates."""
    table = _events(data, panel, kind, detached, after, before)
    if table.empty:
        return NONE_FOUND
    values = hours_of(table[column], data.night(panel)) if column.endswith("_utc") else table[column].astype(float)
    candidates = tuple(Measurement(float(value), n=len(values)) for value in values.dropna())
    return Measurement(candidates[0].value, n=len(candidates), candidates=candidates) if candidates else NONE_FOUND


def clouds_within(data: Data, bottom_km: float, top_km: float, margin_km: float) -> Measurement:
    """Share of all clouds that lie within a range of altitudes, give or take a margin."""
    events = data.table("detect_events")
    clouds = events[events["kind"] == "cloud"]
    inside = (clouds["bottom_km"] >= bottom_km - margin_km) & (clouds["top_km"] <= top_km + margin_km)
    return share(int(inside.sum()), len(clouds), data.settings.confidence)


def nights_with_long_clouds(data: Data, hours: float) -> Measurement:
    """Nights on which clouds were seen for longer than `hours`."""
    nights = data.table("nights")
    count = float((nights["cloud_hours"] > hours).sum())
    return Measurement(count, count, count, n=len(nights))


def merging_descent(data: Data) -> Measurement:
    """Median speed of descent (m/s, positive downwards) of the clouds that merge with the main layer."""
    events = data.table("detect_events")
    speeds = events.loc[events["kind"] == "descending_merge", "descent_m_s"]
    return bootstrap(speeds.to_numpy(dtype=float), np.median, data, "descent")


def cloud_end(data: Data, panel: str) -> Measurement:
    """Time (hours UT) of the last cloud cell above 150 km on the night of a panel."""
    night = data.rows_of("detect_nights", panel)["cloud_end_utc"].dropna()
    if night.empty:
        return NONE_FOUND
    return Measurement(float(hours_of(night, data.night(panel)).iloc[0]), n=1)


def cloud_start(data: Data, panel: str) -> Measurement:
    """Time (hours UT) of the first cloud cell above 150 km on the night of a panel."""
    night = data.rows_of("detect_nights", panel)["cloud_start_utc"].dropna()
    if night.empty:
        return NONE_FOUND
    return Measurement(float(hours_of(night, data.night(panel)).iloc[0]), n=1)
