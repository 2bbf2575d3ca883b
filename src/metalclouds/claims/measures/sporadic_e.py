"""What sporadic E and spread F do when clouds are seen (E1a to E7, F1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.measures.events import cloudy_times
from metalclouds.claims.measures.observation import LEAST_COVERAGE, LONGEST_PROFILE_S, profile_step, usable
from metalclouds.claims.model import Data, Measurement, Unavailable, clock_hours
from metalclouds.claims.statistics import difference_of_shares, hours_of, share
from metalclouds.schema.table import is_true

RISE = ("night", "rise_during_MHz", "soundings_before", "soundings_during", "absent_before")
# foEs is scaled to 0.1 MHz (URSI Handbook of Ionogram Interpretation, 1972): no scatter below that of rounding.
ROUNDING_MHZ = 0.1 / np.sqrt(12.0)


def _rises(data: Data, panels: Sequence[str]) -> pd.DataFrame:
    """Connections of the nights of some panels whose rise is known.

    Raises
    ------
    Unavailable
        If there is none.
    """
    table = data.table("es_response", *RISE)
    rises = table[table["night"].isin([data.night(panel) for panel in panels])]
    if rises.empty:
        raise Unavailable("no connection with soundings before and during it on the case nights")
    return rises


def smallest_rise(data: Data, panels: Sequence[str]) -> Measurement:
    """Least rise of foEs (MHz) over all connections of the nights of some panels, during minus before.

    Its error is what a connection without any effect would leave: foEs scatters during it as before it, by the
    standard deviation of all baselines together. That foEs changes while a cloud arrives is the effect, and no error.
    The least of n noisy rises lies low by chance: its interval is widened so that all n hold together.

    Raises
    ------
    Unavailable
        If no baseline has two soundings with Es.
    """
    rises = _rises(data, panels)
    scatter = rises.get("scatter_before_MHz", pd.Series(np.nan, rises.index))
    freedom = (rises["soundings_before"] - rises["absent_before"] - 1).where(scatter.notna(), 0)
    if not freedom.sum() > 0:
        raise Unavailable("no connection has two soundings with Es before it, which would tell how foEs scatters")
    variance = float((freedom * scatter.fillna(0.0) ** 2).sum() / freedom.sum())
    row = rises.iloc[rises["rise_during_MHz"].to_numpy().argmin()]
    value = float(row["rise_during_MHz"])
    error = np.sqrt(max(variance, ROUNDING_MHZ**2) * (1.0 / row["soundings_before"] + 1.0 / row["soundings_during"]))
    each = 0.5 + 0.5 * data.settings.confidence ** (1.0 / len(rises))
    half = float(stats.t.ppf(each, freedom.sum()) * error)
    return Measurement(value, value - half, value + half, n=len(rises), remark=f"on {row['night']}")


def mean_rise(data: Data, panels: Sequence[str]) -> Measurement:
    """Mean over the nights of some panels of the night's median rise of foEs (MHz), with Student's interval.

    Connections of one night share its Es, so that the nights are what is independent; a bootstrap over five nights
    would be too narrow.

    Raises
    ------
    Unavailable
        If fewer than three nights have a connection with a rise.
    """
    rises = _rises(data, panels)
    nights = rises.groupby("night")["rise_during_MHz"].median()
    if len(nights) < 3:
        raise Unavailable("fewer than three nights have a connection with soundings before and during it")
    value, error = float(nights.mean()), float(nights.std(ddof=1)) / np.sqrt(len(nights))
    half = float(stats.t.ppf(0.5 + 0.5 * data.settings.confidence, len(nights) - 1)) * error
    remark = f"median of all connections {rises['rise_during_MHz'].median():.2f} MHz"
    return Measurement(value, value - half, value + half, n=len(rises), remark=remark)


# A search for Es needs a sounding at least this often (min): the paper's are every 15 min.
LONGEST_STEP_MINUTES = 20.0


def _soundings(data: Data, panel: str, start: str, end: str, *columns: str) -> pd.DataFrame:
    table = data.rows_of("es_cases", panel, "time_utc", "es_status", *columns)
    table = table[table["es_status"].isin(("present", "absent"))]
    hours = hours_of(table["time_utc"], data.night(panel))
    table = table[(hours >= clock_hours(start)) & (hours <= clock_hours(end))]
    if table.empty:
        raise Unavailable(f"no sounding on {data.night(panel)} from {start} to {end} UT")
    length = 60.0 * (clock_hours(end) - clock_hours(start))  # type: ignore[operator]
    if len(table) < np.floor(length / LONGEST_STEP_MINUTES):
        raise Unavailable(f"only {len(table)} soundings on {data.night(panel)} from {start} to {end} UT")
    return table


def _near_connections(data: Data, table: pd.DataFrame, after_minutes: float) -> pd.Series:
    """Whether each sounding lies in a connection or within `after_minutes` after its end."""
    events = data.table("es_response", "night", "connection_utc")
    near = pd.Series(False, index=table.index)
    for _, event in events.dropna(subset=["connection_utc"]).iterrows():
        end = event["end_utc"] if pd.notna(event["end_utc"]) else event["connection_utc"]
        until = end + pd.Timedelta(minutes=after_minutes)
        near |= (
            (table["night"] == event["night"])
            & (table["time_utc"] >= event["connection_utc"])
            & (table["time_utc"] <= until)
        )
    return near


def _ionograms(data: Data, column: str) -> pd.DataFrame:
    try:
        return data.table("es_cases", "night", "time_utc", "es_status", column)
    except Unavailable as error:
        raise Unavailable(f"there are no ionograms to read {column.replace('_', ' ')} from ({error})") from error


def blanketing_soundings(data: Data, panels: Sequence[str], after_minutes: float) -> Measurement:
    """Soundings with blanketing Es during a connection or shortly after it.

    The upper end counts those, too, before which the lidar could not have seen a connection. Where there are no
    ionograms of a night of one of the panels, some may have been missed.
    """
    table = _ionograms(data, "blanketing")
    blanketing = is_true(table["blanketing"])
    near = _near_connections(data, table, after_minutes)
    unseen = [not _watched(data, row, after_minutes) for _, row in table[blanketing & ~near].iterrows()]
    count = float((near & blanketing).sum())
    without = sorted({data.panels[panel] for panel in panels if panel in data.panels} - set(table["night"]))
    missed = f"there are no ionograms of {', '.join(without)}" if without else ""
    return Measurement(count, count, count + sum(unseen), n=len(table), missed=missed)


def _watched(data: Data, sounding: pd.Series, minutes: float) -> bool:
    """Whether the lidar could have seen a connection in the minutes before a sounding."""
    file = data.masks.get(sounding["night"])
    if file is None or file.sizes["time"] < 2:
        return False
    step = profile_step(file)
    age = (np.datetime64(sounding["time_utc"]) - file["time"].values) / np.timedelta64(1, "s") / 60.0
    seen = usable(file) & (age >= 0) & (age <= minutes)
    return bool(step <= LONGEST_PROFILE_S and seen.sum() * step / 60.0 >= LEAST_COVERAGE * minutes)


def blanketing_share(data: Data) -> Measurement:
    """Share of the soundings with Es on the case nights in which it is blanketing."""
    table = _ionograms(data, "blanketing")
    table = table[_present(table)]
    return share(int(is_true(table["blanketing"]).sum()), len(table), data.settings.confidence)


def sounding_step(data: Data, longest_minutes: float = np.inf) -> Measurement:
    """Median time from sounding to sounding on the case nights (min).

    Raises
    ------
    Unavailable
        If it is longer than `longest_minutes`: then not all soundings are in the record.
    """
    steps = (
        data.table("es_cases", "night", "time_utc")
        .sort_values("time_utc")
        .groupby("night")["time_utc"]
        .diff()
        .dropna()
    )
    if steps.empty:
        raise Unavailable("no two soundings on a case night")
    value = float(steps.median() / pd.Timedelta(minutes=1))
    if value > longest_minutes:
        raise Unavailable(f"the record has a sounding every {value:.0f} min, which may be a part of those made")
    return Measurement(value, n=len(steps))


def double_es(data: Data, panel: str, start: str, end: str) -> Measurement:
    """Soundings with double Es on the night of a panel between two times (UT)."""
    _ionograms(data, "double_es")
    table = _soundings(data, panel, start, end, "double_es")
    count = float(is_true(table["double_es"]).sum())
    return Measurement(count, count, count, n=len(table))


def upper_es_altitude(data: Data, panel: str, start: str, end: str) -> Measurement:
    """Median virtual height (km) of the upper of two Es layers, and from the least to the most."""
    table = _soundings(data, panel, start, end, "double_es")
    if not is_true(table["double_es"]).any():
        raise Unavailable(
            f"no double Es was seen on {data.night(panel)} from {start} to {end} UT, so there is no altitude"
        )
    heights = table["upper_hEs_km"].dropna()
    if heights.empty:
        raise Unavailable("derive/es_cases.csv holds no upper_hEs_km of a double Es")
    return Measurement(float(heights.median()), float(heights.min()), float(heights.max()), n=len(heights))


def _present(table: pd.DataFrame) -> pd.Series:
    return table["es_status"].astype(str).isin(("present", "1", "1.0"))


def es_seen(data: Data, panel: str, start: str, end: str) -> Measurement:
    """Soundings with Es between two times (UT)."""
    table = _soundings(data, panel, start, end)
    count = float(_present(table).sum())
    return Measurement(count, count, count, n=len(table))


def absent_share(data: Data, panel: str, start: str, end: str) -> Measurement:
    """Share of the soundings between two times (UT) without Es."""
    table = _soundings(data, panel, start, end)
    return share(int((~_present(table)).sum()), len(table), data.settings.confidence)


def _heights(table: pd.DataFrame) -> pd.Series:
    """Virtual heights of Es (km): those read from ionograms, else those of the station's own scaling."""
    return table["hEs_km"].fillna(table["scaled_hEs_km"]).dropna()


def es_altitude(data: Data, panel: str, start: str, end: str) -> Measurement:
    """Virtual heights (km) of the Es seen between two times (UT), as candidates.

    Raises
    ------
    Unavailable
        If there is no Es then, or its height is not known.
    """
    table = _soundings(data, panel, start, end)
    table = table[_present(table)]
    if table.empty:
        raise Unavailable(f"no Es on {data.night(panel)} from {start} to {end} UT, so there is no height")
    heights = _heights(table)
    if heights.empty:
        raise Unavailable("derive/es_cases.csv holds neither hEs_km nor scaled_hEs_km then")
    candidates = tuple(Measurement(float(height), n=len(heights)) for height in heights)
    return Measurement(candidates[0].value, n=len(heights), candidates=candidates)


def es_altitudes_within(data: Data, bottom_km: float, top_km: float) -> Measurement:
    """Share of the soundings with Es on the case nights whose virtual height lies in a range."""
    table = data.table("es_cases", "es_status")
    heights = _heights(table[_present(table)])
    if heights.empty:
        raise Unavailable("derive/es_cases.csv holds neither hEs_km nor scaled_hEs_km")
    return share(int(heights.between(bottom_km, top_km).sum()), len(heights), data.settings.confidence)


def _spread_f(data: Data, above_km: float, within_minutes: float) -> tuple[pd.Series, pd.Series]:
    """Spread F of each sounding of the case nights that the lidar observed, and whether clouds were seen then."""
    table = _ionograms(data, "spread_f")
    table = table[table["spread_f"].astype(str) != "not_observed"]
    if table.empty:
        raise Unavailable("there are no ionograms to read spread f from")
    table = table[table["night"].isin(list(data.masks))]
    if table.empty:
        raise Unavailable("no soundings on case nights that the lidar observed")
    reach = np.timedelta64(round(within_minutes * 60), "s")
    during = pd.Series(False, index=table.index)
    for night, own in table.groupby("night"):
        times = cloudy_times(data, str(night), above_km)
        distance = np.abs(np.subtract.outer(own["time_utc"].to_numpy(), times))
        during.loc[own.index] = (distance <= reach).any(axis=1)
    return is_true(table["spread_f"]), during


def spread_f_share(data: Data, above_km: float, within_minutes: float) -> Measurement:
    """Share of the soundings with spread F, of those within some minutes of Ca+ above an altitude."""
    spread, during = _spread_f(data, above_km, within_minutes)
    return share(int(spread[during].sum()), int(during.sum()), data.settings.confidence)


def spread_f_more_with_clouds(data: Data, above_km: float, within_minutes: float) -> Measurement:
    """Share of soundings with spread F while clouds are seen minus that without (case nights).

    Soundings are taken as independent, which makes the interval too short where spread F lasts for hours.

    Raises
    ------
    Unavailable
        If there are no soundings of one kind.
    """
    spread, during = _spread_f(data, above_km, within_minutes)
    groups = spread[during], spread[~during]
    if any(group.empty for group in groups):
        raise Unavailable("no soundings both with and without clouds on the case nights")
    hits, totals = (int(groups[0].sum()), int(groups[1].sum())), (len(groups[0]), len(groups[1]))
    return difference_of_shares(hits, totals, data.settings.confidence)
