"""The enhancement of total electron content over the lidar (T1 to T5, A1)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.measures.events import cloud_end, cloud_start
from metalclouds.claims.measures.observation import observed_span
from metalclouds.claims.model import Data, Measurement, NotFound, Result, Unavailable, clock_hours, with_values
from metalclouds.claims.statistics import difference_of_shares, hours_of, normal_half_width
from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.schema.table import is_true

# The first method that a table holds gives the value; the others, the satellites and the bands of latitude that were
# left out give the interval.
METHODS = ("quiet_days", "zonal_highpass")
# Columns with standard errors of their own, and the factor from the error's unit to the column's.
ERRORS = {"onset_utc": ("onset_error_minutes", 1 / 60), "end_utc": ("end_error_minutes", 1 / 60)}
# A search counts if it would have found a region of this mean excess (TECU): an enhancement that an eye sees in a map
# of night-time TEC, some 10 TECU, is a tenth of it or more.
ENOUGH_TECU = 2.0
# Start and end of the clouds of a night are known to this (min, 95 %): on 18 June 2021 as simulated they were found 5
# and 9 min too early.
EDGE_MINUTES = 10.0
# From how many standard errors an excess at the site counts.
SIGMAS = 3.0
BAND = "latitudes"
KM_PER_DEGREE = np.pi * EARTH_RADIUS_KM / 180.0
# Bootstrap of a trend: TEC keeps its course for about this long (h).
BLOCK_HOURS = 1.0


def _first_method(table: pd.DataFrame) -> pd.DataFrame:
    for method in METHODS:
        rows = table[table["method"] == method]
        if len(rows):
            return rows
    raise Unavailable("no background method of the enhancement gave a result")


def _searched(data: Data, panel: str) -> pd.DataFrame:
    """Rows of the enhancement of a night that a search decided on.

    Raises
    ------
    Unavailable
        If there is no TEC on that night, or nothing that a search could have judged by.
    """
    table = data.rows_of("tec_enhancement", panel, "method")
    night = data.night(panel)
    if table.empty:
        raise Unavailable(f"no TEC on {night}")
    decided = table[table["found"].notna()]
    if decided.empty:
        raise Unavailable(f"the TEC of {night} could not be searched: no background to judge it by")
    return decided


def _none_found(decided: pd.DataFrame, night: str) -> NotFound:
    """The result of searches that found no region over the lidar.

    Raises
    ------
    Unavailable
        If they would only have found what is far stronger than the enhancement may be, or do not say what.
    """
    least = decided["least_tecu"].min()
    if not least <= ENOUGH_TECU:
        power = "is not known" if pd.isna(least) else f"is {least:.2g} TECU"
        raise Unavailable(f"the least enhancement that the search of {night} would have found {power}")
    return NotFound("an enhanced region over the lidar", float(least), "TECU", len(decided))


def _enhancement(data: Data, panel: str, *columns: str) -> pd.DataFrame | NotFound:
    """Rows of the region over the lidar on a night in which columns have values; or that there is none."""
    decided = _searched(data, panel)
    found = decided[is_true(decided["found"])]
    if found[found["left_out"].isna()].empty:
        return _none_found(decided[decided["left_out"].isna()], data.night(panel))
    return with_values(found, "derive/tec_enhancement.csv", *columns)


def _spread(values: pd.Series, table: pd.DataFrame) -> Measurement:
    """Value of the main analysis; from the least to the most over methods and satellites left out.

    Bands of latitude left out give a standard error by the jackknife (Tukey 1958, Ann. Math. Stat. 29, 614), which is
    added in quadrature.
    """
    whole = table[table["left_out"].isna()]
    main = _first_method(whole if len(whole) else table)
    value = float(values.loc[main.index].iloc[0])
    band = table["left_out"].astype("string").str.startswith(BAND).fillna(False)
    own = values[band & (table["method"] == main["method"].iloc[0])]
    sigma = float(np.sqrt((len(own) - 1) * np.var(own))) if len(own) > 1 else 0.0
    found = Measurement(value, float(values[~band].min()), float(values[~band].max()), n=int((~band).sum()))
    return _widened(found, sigma)


def _widened(found: Measurement, half: float) -> Measurement:
    """A measurement with a further error, half the width of its interval, that is independent of the spread."""
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    return Measurement(
        found.value,
        found.value - float(np.hypot(found.value - low, half)),
        found.value + float(np.hypot(high - found.value, half)),
        n=found.n,
    )


def enhancement(data: Data, panel: str, column: str) -> Result:
    """A number of the enhanced region over the lidar on the night of a panel; times as hours UT.

    The interval spans the background methods and the analyses with one satellite left out; the jackknife over bands
    of latitude and the error that the main analysis states for an onset or an end are added in quadrature.
    """
    table = _enhancement(data, panel, column)
    if isinstance(table, NotFound):
        return table
    clock = column.endswith("_utc")
    values = hours_of(table[column], data.night(panel)) if clock else table[column].astype(float)
    found = _spread(values, table)
    if column not in ERRORS:
        return found
    name, factor = ERRORS[column]
    error = _first_method(table[table["left_out"].isna()])[name].iloc[0]
    if pd.isna(error):
        raise Unavailable(f"derive/tec_enhancement.csv holds no {name}")
    return _widened(found, normal_half_width(data.settings.confidence) * factor * float(error))


def axis_distance(data: Data, panel: str, reach_km: float) -> Result:
    """Distance (km) of the lidar from the axis of the enhanced region of a night.

    The axis' own error from band to band of latitude is added in quadrature to the spread of the analyses.

    Parameters
    ----------
    reach_km
        regions are sought up to this distance east and west of the lidar: where a random axis would lie.
    """
    table = _enhancement(data, panel, "lidar_distance_km", "axis_longitude_error", "latitude_north", "latitude_south")
    if isinstance(table, NotFound):
        return table
    found = _spread(table["lidar_distance_km"].astype(float), table)
    main = _first_method(table[table["left_out"].isna()]).iloc[0]
    middle = np.radians(0.5 * (float(main["latitude_north"]) + float(main["latitude_south"])))
    error_km = float(main["axis_longitude_error"]) * KM_PER_DEGREE * float(np.cos(middle))
    widened = _widened(found, normal_half_width(data.settings.confidence) * error_km)
    return replace(widened, low=max(float(widened.low or 0.0), 0.0), span=(0.0, reach_km))


def _series(data: Data, panel: str) -> pd.DataFrame:
    table = data.rows_of("tec_series", panel, "time_utc", "method", "excess_tecu", "excess_error_tecu")
    if table.empty:
        raise Unavailable(f"no TEC excess with an error on {data.night(panel)}")
    series = _first_method(table)
    return series.assign(hours=hours_of(series["time_utc"], data.night(panel)))


def _at(series: pd.DataFrame, time: str, within_minutes: float = 20.0) -> pd.Series:
    distance = (series["hours"] - clock_hours(time)).abs()  # type: ignore[operator]
    if distance.min() > within_minutes / 60.0:
        raise Unavailable(f"no TEC near {time} UT")
    return series.iloc[distance.to_numpy().argmin()]


def excess_at(data: Data, panel: str, time: str) -> Result:
    """Excess at the site at a time (UT) in units of its standard error.

    Raises
    ------
    Unavailable
        If the error is so large that an enhancement would not show.
    """
    row = _at(_series(data, panel), time)
    error = float(row["excess_error_tecu"])
    if SIGMAS * error > ENOUGH_TECU:
        raise Unavailable(f"the excess over the lidar on {data.night(panel)} has an error of {error:.2g} TECU")
    return Measurement(float(row["excess_tecu"]) / error, n=1, remark=f"{row['excess_tecu']:.2g} TECU")


def excess_over_peak(data: Data, panel: str, time: str) -> Result:
    """Excess at a time (UT) over the largest of the night, with the propagated interval."""
    series = _series(data, panel)
    peak = series.iloc[series["excess_tecu"].to_numpy().argmax()]
    least = SIGMAS * float(peak["excess_error_tecu"])
    if not peak["excess_tecu"] > least:
        if least > ENOUGH_TECU:
            raise Unavailable(f"an excess over the lidar of less than {least:.2g} TECU would not have shown")
        return NotFound("an excess over the lidar", least, "TECU", len(series))
    row = _at(series, time)
    ratio = row["excess_tecu"] / peak["excess_tecu"]
    error = np.hypot(row["excess_error_tecu"], ratio * peak["excess_error_tecu"]) / peak["excess_tecu"]
    half = normal_half_width(data.settings.confidence) * error
    return Measurement(float(ratio), float(ratio - half), float(ratio + half), n=len(series))


def meridional_extent(data: Data, panel: str, time: str) -> Result:
    """Reach in latitude (deg) of the region that is over the lidar at a time (UT)."""
    table = _enhancement(
        data, panel, "latitude_north", "latitude_south", "over_lidar_start_utc", "over_lidar_end_utc"
    )
    if isinstance(table, NotFound):
        return table
    main = _first_method(table[table["left_out"].isna()]).iloc[0]
    start, end = (
        float(hours_of(pd.Series([main[f"over_lidar_{word}_utc"]]), data.night(panel)).iloc[0])
        for word in ("start", "end")
    )
    if not start <= float(clock_hours(time)) <= end:  # type: ignore[arg-type]
        return _none_found(_searched(data, panel).loc[lambda rows: rows["left_out"].isna()], data.night(panel))
    return _spread(table["latitude_north"] - table["latitude_south"], table)


def onset_after_cloud(data: Data, panel: str, above_km: float, least_minutes: float) -> Result:
    """Onset of the enhancement minus the start of the first cloud above an altitude (min).

    A random onset would lie anywhere in the hours in which the lidar observed.
    """
    onset = enhancement(data, panel, "onset_utc")
    start = cloud_start(data, panel, above_km, least_minutes)
    found = _difference(onset, start)
    if isinstance(found, NotFound) or isinstance(start, NotFound):
        return found
    return replace(found, span=_span_about(data, panel, start.value))


def _span_about(data: Data, panel: str, hours: float) -> tuple[float, float]:
    """Minutes of the observation of a night about a time (hours UT)."""
    first, last = (60.0 * (end - hours) for end in observed_span(data, panel))
    return first, last


def end_after_cloud(data: Data, panel: str, above_km: float, least_minutes: float) -> Result:
    """End of the enhancement minus the end of the last cloud above an altitude (min).

    A random end would lie anywhere in the hours in which the lidar observed.
    """
    end = enhancement(data, panel, "end_utc")
    last = cloud_end(data, panel, above_km, least_minutes)
    found = _difference(end, last)
    if isinstance(found, NotFound) or isinstance(last, NotFound):
        return found
    return replace(found, span=_span_about(data, panel, last.value))


def _difference(later: Result, earlier: Result) -> Result:
    """Minutes from an edge of a cloud to the time of a region; what was not found is said of the one that lacks."""
    if isinstance(later, NotFound):
        return later
    if isinstance(earlier, NotFound):
        return earlier
    low, high = (later.value if end is None else end for end in (later.low, later.high))
    value, low, high = (60.0 * (hours - earlier.value) for hours in (later.value, low, high))
    return _widened(Measurement(value, low, high, n=later.n), EDGE_MINUTES)


def decline(data: Data, panel: str, until: str) -> Measurement:
    """Trend of the vertical TEC at the site (TECU/h) outside the enhancement, up to a time (UT).

    The interval comes from drawing blocks of an hour anew: neighbouring maps share their deviations.

    Raises
    ------
    Unavailable
        If fewer than four blocks are left.
    """
    table = data.rows_of("tec_series", panel, "time_utc", "method", "vertical_tec_tecu")
    if table.empty:
        raise Unavailable(f"no TEC on {data.night(panel)}")
    series = _first_method(table)
    series = series.assign(hours=hours_of(series["time_utc"], data.night(panel)))
    series = series[series["hours"] <= clock_hours(until)]
    onset, end = (enhancement(data, panel, name) for name in ("onset_utc", "end_utc"))
    if isinstance(onset, Measurement) and isinstance(end, Measurement):
        series = series[(series["hours"] < onset.value) | (series["hours"] > end.value)]
    hours = series["hours"].to_numpy(dtype=float)
    points = np.column_stack([hours, series["vertical_tec_tecu"].to_numpy(dtype=float)])
    block = np.floor(hours / BLOCK_HOURS)
    blocks = [points[block == one] for one in np.unique(block)]
    if len(blocks) < 4:
        raise Unavailable("fewer than four hours of TEC outside the enhancement")
    generator = data.generator("decline", panel)
    picks = generator.integers(0, len(blocks), (min(data.settings.draws, 1000), len(blocks)))
    slopes = [_slope(np.concatenate([blocks[index] for index in pick])) for pick in picks]
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
    table = data.table("tec_enhancement", "found")
    found = table[is_true(table["found"]) & table["left_out"].isna()]
    if found.empty:
        raise Unavailable("no enhanced region was found, so there is no area")
    values = with_values(found, "derive/tec_enhancement.csv", "area_km2")["area_km2"]
    return Measurement(float(values.median()), float(values.min()), float(values.max()), n=len(values))


def enhancements_with_clouds(data: Data) -> Measurement:
    """Share of nights with an enhancement over the lidar, with Ca+ above 150 km minus without.

    The interval is that of the difference of two shares; the remark gives Fisher's exact test.

    Raises
    ------
    Unavailable
        If TEC was not searched on nights of both kinds.
    """
    table = data.table("tec_enhancement", "night", "method", "found")
    whole = table[table["left_out"].isna()]
    first = whole.sort_values("method", key=lambda names: names.map(METHODS.index), kind="stable")
    found = is_true(first.drop_duplicates("night").set_index("night")["found"])
    nights = data.table("nights", "night", "observed", "above_150")
    cloudy = is_true(nights[is_true(nights["observed"])].set_index("night")["above_150"])
    both = pd.DataFrame({"found": found, "cloudy": cloudy}).dropna().astype(bool)
    groups = [both.loc[both["cloudy"] == one, "found"] for one in (True, False)]
    if any(len(group) < 2 for group in groups):
        raise Unavailable("TEC was searched on too few nights without clouds")
    hits, totals = (int(groups[0].sum()), int(groups[1].sum())), (len(groups[0]), len(groups[1]))
    counts = [[hit, total - hit] for hit, total in zip(hits, totals, strict=True)]
    p = float(stats.fisher_exact(counts, alternative="greater").pvalue)
    words = f"{hits[0]} of {totals[0]} and {hits[1]} of {totals[1]} nights; Fisher's p {p:.2g}"
    return replace(difference_of_shares(hits, totals, data.settings.confidence), remark=words)
