"""The enhancement of total electron content (T1 to T5, A1)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.claims.measures.events import cloud_end, cloud_start
from metalclouds.claims.model import Data, Measurement, Unavailable, clock_hours
from metalclouds.claims.statistics import hours_of, is_true, normal_half_width

# The first method that a table holds gives the value; the others and the satellites left out give the interval.
METHODS = ("quiet_days", "zonal_highpass")
# Times have standard errors of their own (min).
ERRORS = {"onset_utc": "onset_error_minutes", "end_utc": "end_error_minutes"}


def _first_method(table: pd.DataFrame) -> pd.DataFrame:
    for method in METHODS:
        rows = table[table["method"] == method]
        if len(rows):
            return rows
    raise Unavailable("no background method of the enhancement gave a result")


def _enhancement(data: Data, panel: str, column: str) -> pd.DataFrame:
    """Rows of the enhancement of a night in which a column has a value.

    Raises
    ------
    Unavailable
        If there is no TEC on that night.
    """
    table = data.rows_of("tec_enhancement", panel)
    if table.empty:
        raise Unavailable(f"no TEC on {data.night(panel)}")
    return table[is_true(table["found"])].dropna(subset=[column])


def _spread(values: pd.Series, main: pd.Series) -> Measurement:
    """Value of the main analysis; from the least to the most over methods and satellites left out."""
    return Measurement(float(main.iloc[0]), float(values.min()), float(values.max()), n=len(values))


def enhancement(data: Data, panel: str, column: str) -> Measurement:
    """A number of the enhanced region on the night of a panel; times as hours UT.

    The interval spans the background methods and the analyses with one satellite left out; on either side the error
    that the main analysis states for an onset or an end is added in quadrature.
    """
    table = _enhancement(data, panel, column)
    if table.empty:
        return Measurement(float("nan"), n=0)
    clock = column.endswith("_utc")
    values = hours_of(table[column], data.night(panel)) if clock else table[column].astype(float)
    whole = table[table["left_out"].isna()]
    main = _first_method(whole if len(whole) else table)
    found = _spread(values, values.loc[main.index])
    error = float(main[ERRORS[column]].iloc[0]) / 60.0 if column in ERRORS else 0.0
    return _widened(found, normal_half_width(data.settings.confidence) * error) if error > 0 else found


def _widened(found: Measurement, half: float) -> Measurement:
    """A measurement with a further error, half the width of its interval, that is independent of the spread."""
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    return Measurement(
        found.value,
        found.value - float(np.hypot(found.value - low, half)),
        found.value + float(np.hypot(high - found.value, half)),
        n=found.n,
    )


def _series(data: Data, panel: str) -> pd.DataFrame:
    table = data.rows_of("tec_series", panel).dropna(subset=["excess_tecu"])
    if table.empty:
        raise Unavailable(f"no TEC on {data.night(panel)}")
    series = _first_method(table)
    return series.assign(hours=hours_of(series["time_utc"], data.night(panel)))


def _at(series: pd.DataFrame, time: str, within_minutes: float = 20.0) -> pd.Series:
    distance = (series["hours"] - clock_hours(time)).abs()  # type: ignore[operator]
    if distance.min() > within_minutes / 60.0:
        raise Unavailable(f"no TEC near {time} UT")
    return series.iloc[distance.to_numpy().argmin()]


def excess_at(data: Data, panel: str, time: str) -> Measurement:
    """Excess at the site at a time (UT) in units of its standard error."""
    row = _at(_series(data, panel), time)
    return Measurement(float(row["excess_tecu"] / row["excess_error_tecu"]), n=1)


def excess_over_peak(data: Data, panel: str, time: str) -> Measurement:
    """Excess at a time (UT) over the largest of the night, with the propagated interval."""
    series = _series(data, panel)
    peak = series.iloc[series["excess_tecu"].to_numpy().argmax()]
    if not peak["excess_tecu"] > 3.0 * peak["excess_error_tecu"]:
        return Measurement(float("nan"), n=len(series))
    row = _at(series, time)
    ratio = row["excess_tecu"] / peak["excess_tecu"]
    error = np.hypot(row["excess_error_tecu"], ratio * peak["excess_error_tecu"]) / peak["excess_tecu"]
    half = normal_half_width(data.settings.confidence) * error
    return Measurement(float(ratio), float(ratio - half), float(ratio + half), n=len(series))


def meridional_extent(data: Data, panel: str) -> Measurement:
    """Reach of the enhanced region in latitude (deg)."""
    north = _enhancement(data, panel, "latitude_north")
    if north.empty:
        return Measurement(float("nan"), n=0)
    reach = north["latitude_north"] - north["latitude_south"]
    return _spread(reach, reach.loc[_first_method(north).index])


def onset_after_cloud(data: Data, panel: str, above_km: float, least_minutes: float) -> Measurement:
    """Onset of the enhancement minus the start of the first cloud above an altitude (min)."""
    onset = enhancement(data, panel, "onset_utc")
    start = cloud_start(data, panel, above_km, least_minutes)
    return _difference(onset, start)


def end_after_cloud(data: Data, panel: str, above_km: float, least_minutes: float) -> Measurement:
    """End of the enhancement minus the end of the last cloud above an altitude (min)."""
    end = enhancement(data, panel, "end_utc")
    last = cloud_end(data, panel, above_km, least_minutes)
    return _difference(end, last)


def _difference(later: Measurement, earlier: Measurement) -> Measurement:
    if later.low is None or later.high is None or not np.isfinite(earlier.value):
        return Measurement(float("nan"), n=0)
    value, low, high = (60.0 * (hours - earlier.value) for hours in (later.value, later.low, later.high))
    return Measurement(value, low, high, n=later.n)


def decline(data: Data, panel: str) -> Measurement:
    """Trend of the vertical TEC at the site (TECU/h) outside the enhancement, over the hours before and after it."""
    series = _series(data, panel).dropna(subset=["vertical_tec_tecu"])
    onset, end = enhancement(data, panel, "onset_utc"), enhancement(data, panel, "end_utc")
    if onset.n and end.n:
        series = series[(series["hours"] < onset.value) | (series["hours"] > end.value)]
    if len(series) < 4:
        raise Unavailable("fewer than four TEC values outside the enhancement")
    points = series[["hours", "vertical_tec_tecu"]].to_numpy()
    generator = data.generator("decline", panel)
    picks = generator.integers(0, len(points), (min(data.settings.draws, 1000), len(points)))
    slopes = [_slope(points[pick]) for pick in picks]
    tail = 50.0 * (1.0 - data.settings.confidence)
    low, high = np.nanpercentile(slopes, [tail, 100.0 - tail])
    return Measurement(_slope(points), float(low), float(high), n=len(points))


def _slope(points: np.ndarray) -> float:
    hours, values = points.T
    spread = hours - hours.mean()
    return float(spread @ values / (spread @ spread)) if spread.any() else float("nan")


def areas(data: Data) -> Measurement:
    """Median area of the enhanced regions (km2), and from the smallest to the largest.

    Raises
    ------
    Unavailable
        If no region was found: T1 and T2 judge that, an area needs one.
    """
    table = data.table("tec_enhancement")
    found = table[is_true(table["found"]) & table["left_out"].isna()].dropna(subset=["area_km2"])
    if found.empty:
        raise Unavailable("no enhanced region was found, so there is no area")
    values = found["area_km2"]
    return Measurement(float(values.median()), float(values.min()), float(values.max()), n=len(values))
