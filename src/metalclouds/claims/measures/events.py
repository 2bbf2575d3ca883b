"""Clouds and connections of the case nights and of the campaign (L2 to L4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage

from metalclouds.claims.model import Data, Measurement, Unavailable, clock_hours
from metalclouds.claims.statistics import hours_of, is_true, median, share
from metalclouds.schema.variables import MASK_FLAGS

MIC = [MASK_FLAGS["cloud"], MASK_FLAGS["stripe"]]
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


def event_times(data: Data, panel: str, kind: str) -> Measurement:
    """Times (hours UT) that each event of a kind on the night of a panel spans, as candidates: middle, start, end."""
    table = _events(data, panel, kind, None, None, None)
    if table.empty:
        return NONE_FOUND
    spans = zip(*(hours_of(table[name], data.night(panel)) for name in ("start_utc", "end_utc")), strict=True)
    candidates = tuple(Measurement(0.5 * (start + end), start, end, n=len(table)) for start, end in spans)
    return Measurement(candidates[0].value, n=len(table), candidates=candidates)


def event_count(data: Data, kind: str, detached: bool | None = None) -> Measurement:
    """Number of events of a kind in the campaign."""
    events = data.table("detect_events")
    events = events[events["kind"] == kind]
    if detached is not None:
        events = events[is_true(events["detached"]) == detached]
    return Measurement(float(len(events)), n=len(data.observed_nights))


def clouds_within(data: Data, bottom_km: float, top_km: float, margin_km: float) -> Measurement:
    """Share of all clouds whose middle and top lie within a range of altitudes, the top give or take a margin.

    The lower end of a cloud that merges with the main layer lies in that layer, so it is not asked.
    """
    events = data.table("detect_events")
    clouds = events[events["kind"] == "cloud"]
    middle = 0.5 * (clouds["bottom_km"] + clouds["top_km"])
    inside = (middle >= bottom_km) & (clouds["top_km"] <= top_km + margin_km)
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
    return median(speeds.to_numpy(dtype=float), data)


@dataclass(frozen=True)
class Region:
    """A connected region of the mask: times of its profiles in hours UT, altitude (km) of each of its cells."""

    hours: np.ndarray
    altitude_km: np.ndarray


def _regions(data: Data, panel: str, above_km: float, least_minutes: float) -> list[Region]:
    """Connected regions of the mask above an altitude that last at least some minutes.

    Cutting below `above_km` first keeps the upper side of the main layer from tying clouds together.

    Raises
    ------
    Unavailable
        If the night was not observed.
    """
    night = data.night(panel)
    if night not in data.masks:
        raise Unavailable(f"no lidar data on {night}")
    mask = data.masks[night]["mic_mask"].transpose("time", "altitude").sel(altitude=slice(above_km, None))
    hours = (mask["time"].values - np.datetime64(night)) / np.timedelta64(1, "s") / 3600.0
    altitude = mask["altitude"].values
    labels, _ = ndimage.label(np.isin(mask.values, MIC), structure=np.ones((3, 3)))
    regions = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        times, rows = np.nonzero(labels[box] == number)
        regions.append(Region(hours[box[0]][times], altitude[box[1]][rows]))
    return [one for one in regions if np.ptp(one.hours) * 60.0 >= least_minutes - 1e-6]


def cloudy_times(data: Data, night: str, above_km: float) -> np.ndarray:
    """Times of the profiles of a night whose mask holds cloud or stripe above an altitude."""
    mask = data.masks[night]["mic_mask"].sel(altitude=slice(above_km, None))
    found = mask.isin(MIC).any("altitude")
    return found["time"].values[found.values]


def _edge(region: Region, edge: str) -> float:
    """An edge of a region: hours UT, or the altitude (km) beyond which lies one cell in a hundred."""
    if edge in ("start", "end"):
        return float(region.hours.min() if edge == "start" else region.hours.max())
    return float(np.percentile(region.altitude_km, 1.0 if edge == "bottom" else 99.0))


def cloud_edge(
    data: Data, panel: str, edge: str, above_km: float, least_minutes: float, before: str | None = None
) -> Measurement:
    """Start or end (hours UT), bottom or top (km) of each cloud of the night of a panel, as candidates.

    Parameters
    ----------
    above_km, least_minutes
        the clouds are the connected regions of the mask above this altitude that last at least so long.
    before
        only clouds that begin before this time (UT).
    """
    regions = _regions(data, panel, above_km, least_minutes)
    if before is not None:
        regions = [one for one in regions if _edge(one, "start") <= float(clock_hours(before))]  # type: ignore[arg-type]
    candidates = tuple(Measurement(_edge(one, edge), n=len(regions)) for one in regions)
    return Measurement(candidates[0].value, n=len(regions), candidates=candidates) if candidates else NONE_FOUND


def cloud_end(data: Data, panel: str, above_km: float, least_minutes: float) -> Measurement:
    """Time (hours UT) at which the last cloud of the night of a panel ends."""
    return _outermost(cloud_edge(data, panel, "end", above_km, least_minutes), max)


def cloud_start(data: Data, panel: str, above_km: float, least_minutes: float) -> Measurement:
    """Time (hours UT) at which the first cloud of the night of a panel begins."""
    return _outermost(cloud_edge(data, panel, "start", above_km, least_minutes), min)


def _outermost(found: Measurement, choose: Callable[..., Measurement]) -> Measurement:
    return choose(found.candidates, key=lambda one: one.value) if found.candidates else NONE_FOUND
