"""Clouds and connections of the case nights and of the campaign (L2 to L8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import ndimage

from metalclouds.claims.measures.observation import (
    hours_of_profiles,
    looked,
    looked_near,
    may_miss_stripes,
    no_cloud,
    no_stripe,
    observed_span,
    profile_step,
    reaches,
    tells_stripes,
)
from metalclouds.claims.model import Data, Measurement, NotFound, Result, Unavailable, clock_hours, with_values
from metalclouds.claims.statistics import hours_of, median, share
from metalclouds.schema.table import is_true
from metalclouds.schema.variables import MASK_FLAGS

MIC = [MASK_FLAGS["cloud"], MASK_FLAGS["stripe"]]
WORDS = {
    "direct_connection": "stripes that reach the main layer",
    "descending_merge": "descending clouds that merge with the main layer",
    "cloud": "clouds",
}
# The lidar must have looked within this time of a stated one (min).
LOOKED_MINUTES = 15.0


def _events(data: Data, panel: str, kind: str, *columns: str) -> pd.DataFrame:
    """Events of a kind on the night of a panel; each of them has values in the columns."""
    table = data.rows_of("detect_events", panel, "kind")
    return with_values(table[table["kind"] == kind], "detect/events.csv", *columns)


def _nothing(data: Data, panel: str, kind: str) -> NotFound:
    tells_stripes(data, panel)
    return no_stripe(data, panel, WORDS[kind]) if kind == "direct_connection" else no_cloud(data, panel, WORDS[kind])


def _may_miss(data: Data, panel: str, kind: str) -> str:
    """Why an event of a kind may have been missed; `Unavailable` where profiles cannot show one at all."""
    if kind != "direct_connection":
        return ""
    tells_stripes(data, panel)
    return may_miss_stripes(data, panel)


def event_edge(
    data: Data, panel: str, kind: str, column: str, at: str, before: str | None = None, until: str | None = None
) -> Result:
    """A time (hours UT) or altitude (km) of each event of a kind on the night of a panel, as candidates.

    Parameters
    ----------
    at
        the time for which the paper states it ("HH:MM" UT): the lidar must have looked then.
    before
        only events that begin before this time (UT).
    until
        a column with the end of the same thing: each candidate is then the interval from `column` to it.
    """
    looked_near(data, panel, at, LOOKED_MINUTES)
    missed = _may_miss(data, panel, kind)
    columns = [column, *([until] if until else []), *(["start_utc"] if before else [])]
    table = _events(data, panel, kind, *columns)
    if before is not None and len(table):
        table = table[hours_of(table["start_utc"], data.night(panel)) <= clock_hours(before)]
    if table.empty:
        return _nothing(data, panel, kind)
    ends = [_values(table, name, data.night(panel)) for name in (column, until or column)]
    candidates = tuple(
        Measurement(a, min(a, b), max(a, b), n=len(table), missed=missed) for a, b in zip(*ends, strict=True)
    )
    span = observed_span(data, panel) if column.endswith("_utc") else None
    return Measurement(candidates[0].value, n=len(candidates), candidates=candidates, span=span)


def _values(table: pd.DataFrame, column: str, night: str) -> list[float]:
    values = hours_of(table[column], night) if column.endswith("_utc") else table[column]
    return [float(value) for value in values]


def merging_times(data: Data, panel: str, at: str, to_km: float) -> Result:
    """Times (hours UT) in which each descending cloud of a night passes into the main layer, as candidates.

    A descending edge is followed to `end_altitude_km`, above the layer; from there to `to_km`, the middle of the
    layer, it takes the time that its speed gives. The candidates are these intervals.

    Parameters
    ----------
    at
        the time for which the paper states it ("HH:MM" UT): the lidar must have looked then.
    """
    looked_near(data, panel, at, LOOKED_MINUTES)
    table = _events(data, panel, "descending_merge", "start_utc", "end_altitude_km", "descent_m_s")
    if table.empty:
        return _nothing(data, panel, "descending_merge")
    start = hours_of(table["start_utc"], data.night(panel))
    lasts = (table["end_altitude_km"] - to_km).clip(lower=0.0) * 1000.0 / table["descent_m_s"] / 3600.0
    pairs = zip(start, start + lasts.where(table["descent_m_s"] > 0, 0.0), strict=True)
    candidates = tuple(Measurement(float(a), float(a), float(b), n=len(table)) for a, b in pairs)
    return Measurement(candidates[0].value, n=len(table), candidates=candidates, span=observed_span(data, panel))


def cloud_altitude(data: Data, panel: str, at: str, minutes: float, above_km: float) -> Result:
    """Middle altitude (km) of the mask's cells above an altitude within some minutes of a time (UT).

    It is the middle of each connected region there, as candidates, whatever its life before and after.
    """
    looked_near(data, panel, at, minutes)
    night, hours = data.night(panel), float(clock_hours(at))  # type: ignore[arg-type]
    file = data.file(night)
    near = np.abs(hours_of_profiles(file, night) - hours) <= minutes / 60.0
    mask = file["mic_mask"].transpose("time", "altitude").sel(altitude=slice(above_km, None))
    labels, count = ndimage.label(np.isin(mask.values[near], MIC), structure=np.ones((3, 3)))
    altitude = np.broadcast_to(mask["altitude"].values, labels.shape)
    if not count:
        return no_cloud(data, panel, "clouds")
    sizes = np.bincount(labels.ravel())[1:]
    large = 1 + np.flatnonzero(sizes >= 0.1 * sizes.max())
    candidates = tuple(Measurement(float(np.median(altitude[labels == one])), n=int(count)) for one in large)
    span = (above_km, float(mask["altitude"].max()))
    return Measurement(candidates[0].value, n=int(count), candidates=candidates, span=span)


def cloud_detached(data: Data, panel: str, gap_km: tuple[float, float], during: Sequence[str] = ()) -> Result:
    """Share of the profiles with cloud above a gap in which the gap itself is clear, on the night of a panel.

    Parameters
    ----------
    gap_km
        altitudes between the main layer and the cloud.
    during
        two times (UT); the whole observation where none are given.
    """
    night = data.night(panel)
    stated = [float(clock_hours(one)) for one in during]  # type: ignore[arg-type]
    first, last = stated or observed_span(data, panel)
    looked(data, panel, first, last)
    file = data.file(night)
    hours = hours_of_profiles(file, night)
    mask = file["mic_mask"].sel(time=(hours >= first) & (hours <= last)).isin(MIC)
    cloudy = mask.sel(altitude=slice(gap_km[1], None)).any("altitude").values
    if not cloudy.any():
        return no_cloud(data, panel, "clouds")
    clear = ~mask.sel(altitude=slice(*gap_km)).any("altitude").values
    return Measurement(float(clear[cloudy].mean()), n=int(cloudy.sum()))


def event_times(data: Data, panel: str, kind: str, at: str) -> Result:
    """Times (hours UT) that each event of a kind on the night of a panel spans, as candidates: middle, start, end."""
    looked_near(data, panel, at, LOOKED_MINUTES)
    missed = _may_miss(data, panel, kind)
    table = _events(data, panel, kind, "start_utc", "end_utc")
    if table.empty:
        return _nothing(data, panel, kind)
    spans = zip(*(hours_of(table[name], data.night(panel)) for name in ("start_utc", "end_utc")), strict=True)
    candidates = tuple(
        Measurement(0.5 * (start + end), start, end, n=len(table), missed=missed) for start, end in spans
    )
    return Measurement(candidates[0].value, n=len(table), candidates=candidates, span=observed_span(data, panel))


def event_count(data: Data, kind: str, detached: bool | None = None) -> Result:
    """Number of events of a kind in the campaign.

    Where there is none, the case nights, which are kept whole, tell what would have been found.
    """
    events = data.table("detect_events", "night", "kind", *(["detached"] if detached is not None else []))
    events = events[events["kind"] == kind]
    if detached is not None:
        events = events[is_true(events["detached"]) == detached]
    if events.empty:
        return _nothing(data, _first_panel(data), kind)
    return Measurement(float(len(events)), n=len(data.observed_nights))


def _first_panel(data: Data) -> str:
    observed = sorted(panel for panel, night in data.panels.items() if night in data.masks)
    if not observed:
        raise Unavailable("no case night was observed")
    return observed[0]


def clouds_within(data: Data, bottom_km: float, top_km: float, margin_km: float) -> Measurement:
    """Share of all clouds whose middle and top lie within a range of altitudes, the top give or take a margin.

    The lower end of a cloud that merges with the main layer lies in that layer, so it is not asked.
    """
    events = data.table("detect_events", "kind", "bottom_km", "top_km")
    clouds = events[events["kind"] == "cloud"]
    middle = 0.5 * (clouds["bottom_km"] + clouds["top_km"])
    inside = (middle >= bottom_km) & (clouds["top_km"] <= top_km + margin_km)
    return share(int(inside.sum()), len(clouds), data.settings.confidence)


def nights_with_long_clouds(data: Data, hours: float) -> Measurement:
    """Nights on which clouds were seen for longer than `hours`."""
    nights = data.table("nights", "night", "cloud_hours")
    count = float((nights["cloud_hours"] > hours).sum())
    return Measurement(count, count, count, n=len(nights))


def merging_descent(data: Data) -> Measurement:
    """Median speed of descent (m/s, positive downwards) of the clouds that merge with the main layer."""
    events = data.table("detect_events", "kind", "descent_m_s")
    speeds = events.loc[events["kind"] == "descending_merge", "descent_m_s"]
    return median(speeds.to_numpy(dtype=float), data)


# The paper's clouds are at least 26 min apart; edges found in noise may lie ten minutes outside of them.
CLOUD_GAP_MINUTES = 5.0
# A profile with less of a cloud than this share of its usual thickness is a bridge between two.
NECK_SHARE = 0.25
# A piece of a cloud lasts as long as several profiles, or is tall; what is smaller may be noise.
PIECE_MINUTES, PIECE_KM = 3.0, 20.0


@dataclass(frozen=True, eq=False)
class Region:
    """A connected region of the mask: time (hours UT) and altitude (km) of its cells; whether some are of stripes."""

    hours: np.ndarray
    altitude_km: np.ndarray
    striped: bool = False

    @property
    def is_large(self) -> bool:
        """Whether it is too long or too tall for a speck of noise."""
        return bool(60.0 * np.ptp(self.hours) >= PIECE_MINUTES or np.ptp(self.altitude_km) >= PIECE_KM)

    def overlap(self, first: float, last: float) -> float:
        """Hours that it shares with a time."""
        return float(min(self.hours.max(), last) - max(self.hours.min(), first))


def _regions(data: Data, panel: str, above_km: float, least_minutes: float) -> list[Region]:
    """Clouds above an altitude that last at least some minutes: connected regions of the mask, small gaps closed.

    Cutting below `above_km` first keeps the upper side of the main layer from tying clouds together.

    Raises
    ------
    Unavailable
        If the night was not observed.
    """
    night = data.night(panel)
    file = data.file(night)
    mask = file["mic_mask"].transpose("time", "altitude").sel(altitude=slice(above_km, None))
    hours, altitude = hours_of_profiles(file, night), mask["altitude"].values
    cells = without_necks(mask.values)
    labels, _ = ndimage.label(np.isin(cells, MIC), structure=np.ones((3, 3)))
    regions = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        times, rows = np.nonzero(labels[box] == number)
        striped = bool((cells[box][times, rows] == MASK_FLAGS["stripe"]).any())
        regions.append(Region(hours[box[0]][times], altitude[box[1]][rows], striped))
    return [one for one in without_gaps(regions) if np.ptp(one.hours) * 60.0 >= least_minutes - 1e-6]


def without_necks(cells: np.ndarray) -> np.ndarray:
    """The mask without profiles in which a connected region is far thinner than before and after.

    Detection bridges gaps of up to a quarter of an hour by a band of a few rows.

    Parameters
    ----------
    cells
        `mic_mask`, dims (time, altitude).

    Returns
    -------
    ndarray
        `mic_mask`, dims (time, altitude).
    """
    out = cells.copy()
    labels, _ = ndimage.label(np.isin(cells, MIC), structure=np.ones((3, 3)))
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        own = labels[box] == number
        thickness = own.sum(axis=1)
        thick = np.flatnonzero(thickness >= NECK_SHARE * np.median(thickness))
        neck = np.ones(thickness.size, dtype=bool)
        neck[thick] = neck[: thick[0]] = neck[thick[-1] :] = False
        out[box][own & neck[:, None]] = MASK_FLAGS["clear"]
    return out


def without_gaps(regions: Sequence[Region]) -> list[Region]:
    """Regions that follow each other within `CLOUD_GAP_MINUTES` at the same altitudes, as one; in order of time.

    Faint clouds and lost profiles leave gaps in a mask that nobody sees in a figure of seven hours. Specks shorter
    than `PIECE_MINUTES` and lower than `PIECE_KM` join nothing, unless they are stripes.
    """
    joined: list[Region] = []
    for one in sorted(regions, key=lambda region: float(region.hours.min())):
        before = next((other for other in reversed(joined) if _follows(one, other)), None)
        if before is None:
            joined.append(one)
        else:
            joined[joined.index(before)] = Region(
                np.concatenate([before.hours, one.hours]),
                np.concatenate([before.altitude_km, one.altitude_km]),
                before.striped or one.striped,
            )
    return joined


def _follows(one: Region, other: Region) -> bool:
    gap = 60.0 * (one.hours.min() - other.hours.max())
    apart = max(one.altitude_km.min(), other.altitude_km.min()) > min(one.altitude_km.max(), other.altitude_km.max())
    pieces = all(region.striped or region.is_large for region in (one, other))
    return bool(gap <= CLOUD_GAP_MINUTES and pieces and not apart)


def cloudy_times(data: Data, night: str, above_km: float) -> np.ndarray:
    """Times of the profiles of a night whose mask holds cloud or stripe above an altitude.

    Returns
    -------
    ndarray
        UTC, datetime64, dims (time,).
    """
    mask = data.masks[night]["mic_mask"].sel(altitude=slice(above_km, None))
    found = mask.isin(MIC).any("altitude")
    return found["time"].values[found.values]


def _edge(region: Region, edge: str) -> float:
    """An edge of a region: hours UT, or the altitude (km) beyond which lies one cell in a hundred."""
    if edge in ("start", "end"):
        return float(region.hours.min() if edge == "start" else region.hours.max())
    return float(np.percentile(region.altitude_km, 1.0 if edge == "bottom" else 99.0))


def cloud_edge(
    data: Data,
    panel: str,
    edge: str,
    above_km: float,
    least_minutes: float,
    during: Sequence[str] = (),
    reach_km: float | None = None,
) -> Result:
    """Start or end (hours UT), bottom or top (km) of each cloud of the night of a panel, as candidates.

    Parameters
    ----------
    above_km, least_minutes
        the clouds are the connected regions of the mask above this altitude that last at least so long.
    during
        two times (UT): only the cloud that shares most of the time between them. The lidar must have looked then.
    reach_km
        altitude to which the profiles must reach for the edge to be seen.
    """
    if reach_km is not None:
        reaches(data, panel, reach_km)
    regions = _regions(data, panel, above_km, least_minutes)
    if during:
        # One cloud of several: where profiles are long, detection bridges what lies between them.
        tells_stripes(data, panel)
        first, last = (float(clock_hours(one)) for one in during)  # type: ignore[arg-type]
        looked(data, panel, first - LOOKED_MINUTES / 60.0, last + LOOKED_MINUTES / 60.0)
        own = [one for one in regions if one.overlap(first, last) > 0]
        regions = sorted(own, key=lambda one: one.overlap(first, last))[-1:]
    span = observed_span(data, panel)
    if not regions:
        return no_cloud(data, panel, "clouds")
    candidates = tuple(_measured(one, edge, data, panel, least_minutes) for one in regions)
    whole = (above_km, float(data.file(data.night(panel))["altitude"].max()))
    return Measurement(
        candidates[0].value, n=len(regions), candidates=candidates, span=span if edge in ("start", "end") else whole
    )


def _measured(region: Region, edge: str, data: Data, panel: str, least_minutes: float) -> Measurement:
    """An edge of a cloud; a time is known to a profile, an altitude to a row.

    Where the cloud is there when the observation begins or ends, its bottom and top are those of what was seen.
    """
    value = _edge(region, edge)
    if edge in ("start", "end"):
        step = profile_step(data.file(data.night(panel))) / 3600.0
        return Measurement(value, value - step, value + step, n=1)
    first, last = observed_span(data, panel)
    seen = min(region.hours.min() - first, last - region.hours.max()) * 60.0 >= least_minutes
    row = float(np.median(np.diff(data.file(data.night(panel))["altitude"].values)))
    limit: Literal["", "lower", "upper"] = "" if seen else "lower" if edge == "top" else "upper"
    return Measurement(value, value - row, value + row, n=1, limit=limit)


def cloud_end(data: Data, panel: str, above_km: float, least_minutes: float) -> Result:
    """Time (hours UT) at which the last cloud of the night of a panel ends."""
    return _outermost(data, panel, "end", above_km, least_minutes, max)


def cloud_start(data: Data, panel: str, above_km: float, least_minutes: float) -> Result:
    """Time (hours UT) at which the first cloud of the night of a panel begins."""
    return _outermost(data, panel, "start", above_km, least_minutes, min)


def _outermost(
    data: Data, panel: str, edge: str, above_km: float, least_minutes: float, choose: Callable[..., float]
) -> Result:
    """An outermost edge of all clouds of a night.

    Raises
    ------
    Unavailable
        If it lies where the observation begins or ends: then the clouds may go on.
    """
    regions = _regions(data, panel, above_km, least_minutes)
    if not regions:
        return no_cloud(data, panel, "clouds")
    value = choose(_edge(one, edge) for one in regions)
    border = observed_span(data, panel)[0 if edge == "start" else 1]
    if abs(value - border) * 60.0 < least_minutes:
        word = "begin before the" if edge == "start" else "last beyond the"
        raise Unavailable(f"the clouds of {data.night(panel)} {word} observation")
    return Measurement(value, n=len(regions))


def profile_time(data: Data, longest_s: float) -> Measurement:
    """Median time from profile to profile of the case nights (s).

    Raises
    ------
    Unavailable
        If it is longer than `longest_s`: then the record may have been averaged.
    """
    steps = [profile_step(file) for file in data.masks.values() if file.sizes["time"] > 1]
    if not steps:
        raise Unavailable("no case night was observed")
    value = float(np.median(steps))
    if value > longest_s:
        raise Unavailable(f"the record has a profile every {value:.0f} s, which may be an average of those measured")
    return Measurement(value, n=len(steps))
