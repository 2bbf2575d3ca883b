"""foEs before, during and after each connection of a metal ion cloud with the main layer.

No Es is not a missing value: it says that foEs lies below the sounder's limit L. What is averaged is therefore
max(foEs, L), which every sounding gives, whether it shows Es or not. A rise out of absence is then a lower bound of
the true one. The interval of a rise covers both the scatter of the soundings (Welch) and what an absent Es may be
(limit substitution: anywhere between the residual E layer of the night and L).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import t as student

from metalclouds import io
from metalclouds.derive.es_settings import EsSettings
from metalclouds.schema.tables import ES_RESPONSE
from metalclouds.schema.variables import ES_FLAGS

Array = NDArray[np.floating]
Times = NDArray[np.datetime64]
CONNECTIONS = ("direct_connection", "descending_merge")
MINUTE = np.timedelta64(60, "s")


@dataclass(frozen=True)
class Soundings:
    """All soundings of the campaign in order of time; failed ones are left out.

    `value` is max(foEs, limit) in MHz, `absent` whether there was no Es, `nights` the nights there are data for.
    """

    time: Times
    value: Array
    absent: NDArray[np.bool_]
    nights: tuple[str, ...]

    def window(self, start: Times, end: Times) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First and one past last sounding in each interval [start, end).

        Parameters
        ----------
        start, end
            UTC, dims of each other.

        Returns
        -------
        tuple
            two arrays of indices, dims of `start`.
        """
        return np.searchsorted(self.time, start), np.searchsorted(self.time, end)

    def mean(self, start: Times, end: Times) -> Array:
        """Mean value in each interval; NaN where there is no sounding."""
        first, last = self.window(start, end)
        total = np.concatenate([[0.0], np.cumsum(self.value)])
        count = last - first
        return np.where(count > 0, (total[last] - total[first]) / np.maximum(count, 1), np.nan)


@dataclass(frozen=True)
class Windows:
    """Intervals before, during and after connections, each [start, end)."""

    before: tuple[Times, Times]
    during: tuple[Times, Times]
    after: tuple[Times, Times]


def read_soundings(paths: Sequence[Path]) -> Soundings:
    """Soundings of files of `ingest/ionosonde`, one read at a time, as ionograms are large."""
    return gather([io.read_netcdf(path)[["foEs", "es_status"]] for path in paths])


def gather(nights: Sequence[xr.Dataset]) -> Soundings:
    """Join the soundings of nights.

    Parameters
    ----------
    nights
        datasets of `ingest/ionosonde`, in any order.
    """
    ordered = sorted(nights, key=lambda night: str(night.attrs["night"]))
    parts = [_night(night) for night in ordered]
    empty = (np.empty(0, "datetime64[s]"), np.empty(0), np.empty(0, dtype=bool))
    time, value, absent = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    order = np.argsort(time, kind="stable")
    names = tuple(str(night.attrs["night"]) for night in ordered)
    return Soundings(time[order], value[order], absent[order], names)


def _night(night: xr.Dataset) -> tuple[Times, Array, NDArray[np.bool_]]:
    limit = float(night.attrs["foEs_limit_MHz"])
    status = night["es_status"].values
    absent = status == ES_FLAGS["absent"]
    value = np.where(absent, limit, np.fmax(night["foEs"].values.astype(float), limit))
    known = absent | ((status == ES_FLAGS["present"]) & np.isfinite(night["foEs"].values))
    return night["time"].values.astype("datetime64[s]")[known], value[known], absent[known]


def connections_of(events: pd.DataFrame) -> pd.DataFrame:
    """Events that join a cloud to the main layer, in order of time; an event without an end is a moment.

    Parameters
    ----------
    events
        table EVENTS.

    Returns
    -------
    DataFrame
        the connections, same columns.
    """
    rows = events[events["kind"].isin(CONNECTIONS) & events["start_utc"].notna()].copy()
    rows["end_utc"] = rows["end_utc"].fillna(rows["start_utc"])
    return rows.sort_values(["start_utc", "event"], kind="stable", ignore_index=True)


def joined_connections(events: pd.DataFrame, join_minutes: float) -> pd.DataFrame:
    """Connections, where direct ones that follow each other within some minutes are one, named after the first.

    Parameters
    ----------
    events
        table EVENTS.

    Returns
    -------
    DataFrame
        a row a connection, same columns.
    """
    rows = connections_of(events)
    direct = rows[rows["kind"] == "direct_connection"]
    if direct.empty:
        return rows
    last = direct.groupby("night")["end_utc"].cummax().groupby(direct["night"]).shift()
    follows = direct["start_utc"] - last <= pd.Timedelta(minutes=join_minutes)
    first = direct["event"].where(~follows).ffill()
    ends = direct.groupby([direct["night"], first])["end_utc"].max()
    whole = direct[~follows].copy()
    whole["end_utc"] = [ends.loc[(row.night, row.event)] for row in whole.itertuples()]
    parts = pd.concat([whole, rows[rows["kind"] != "direct_connection"]])
    return parts.sort_values(["start_utc", "event"], kind="stable", ignore_index=True)


def windows(start: Times, end: Times, settings: EsSettings) -> Windows:
    """Intervals around connections; `during` lasts at least the settings' time, as soundings are rare.

    `before` ends `before_gap_minutes` before the start, whose time is not known better than that.
    """
    least = start + _minutes(settings.during_minimum_minutes)
    finish = np.maximum(end + MINUTE, least)
    until = start - _minutes(settings.before_gap_minutes)
    before = (until - _minutes(settings.before_minutes), until)
    after = (finish, (finish + _minutes(settings.after_minutes)).astype(finish.dtype))
    return Windows(before, (start, finish), after)


def _minutes(value: float) -> np.timedelta64:
    return np.timedelta64(round(60 * value), "s")


# ---- random epochs ---------------------------------------------------------------------------------------


def generator(seed: int, *names: str) -> np.random.Generator:
    """Random numbers that depend on the names alone, not on the order of the work."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def comparable_nights(night: str, nights: Sequence[str], busy: set[str], season_days: int) -> NDArray[np.datetime64]:
    """Nights without a connection, of any year, within `season_days` of the day of the year; not the night itself.

    Parameters
    ----------
    nights
        nights with soundings, YYYY-MM-DD.
    busy
        those with a connection.

    Returns
    -------
    ndarray
        dates, dims (night,).
    """
    other = np.array([name for name in nights if name != night and name not in busy], dtype="datetime64[D]")
    if other.size == 0:
        return other
    apart = np.abs(_day_of_year(other) - _day_of_year(np.array([night], "datetime64[D]")))
    return other[np.minimum(apart, 365 - apart) <= season_days]


def _day_of_year(days: NDArray[np.datetime64]) -> NDArray[np.int_]:
    return (days - days.astype("datetime64[Y]")).astype(int)


def random_epochs(
    start: np.datetime64,
    night: str,
    candidates: NDArray[np.datetime64],
    count: int,
    rng: np.random.Generator,
    settings: EsSettings,
) -> Times:
    """Epochs on random comparable nights at about the same UT as a connection.

    Parameters
    ----------
    start
        of the connection, UTC.
    candidates
        dates of comparable nights, dims (night,).

    Returns
    -------
    ndarray
        UTC, dims (count,); none without candidates.
    """
    if candidates.size == 0:
        return np.empty(0, "datetime64[s]")
    clock = start - np.datetime64(night, "s")
    shift = rng.uniform(-1, 1, count) * settings.same_ut_minutes * 60
    days = candidates[rng.integers(0, candidates.size, count)].astype("datetime64[s]")
    return days + clock + np.rint(shift).astype("timedelta64[s]")


# ---- table -----------------------------------------------------------------------------------------------


def es_response(soundings: Soundings, events: pd.DataFrame, settings: EsSettings) -> pd.DataFrame:
    """Table of contract ES_RESPONSE: a row for each connection.

    Soundings of the baseline that lie within `apart_minutes` of another connection are left out, since foEs may
    still be raised by it; where none is left there is no rise.

    `p` is the share of random epochs (comparable nights without a connection, same UT) whose rise from before to
    during is at least as great, (1 + r) / (1 + n); NaN where fewer than `minimum_epochs` can be drawn.

    Parameters
    ----------
    soundings
        of all nights.
    events
        detect/events.csv.

    Returns
    -------
    DataFrame
        table ES_RESPONSE.
    """
    rows = joined_connections(events, settings.join_minutes)
    if not len(rows) or not soundings.time.size:
        return ES_RESPONSE.empty()
    busy = set(rows["night"])
    table = pd.DataFrame(
        [_row(event, rows.drop(index=event.Index), soundings, busy, settings) for event in rows.itertuples()]
    )
    return ES_RESPONSE.ordered(table)


def undisturbed(soundings: Soundings, others: pd.DataFrame, settings: EsSettings) -> NDArray[np.bool_]:
    """Whether each sounding is farther than `apart_minutes` from all of some connections.

    Parameters
    ----------
    others
        connections (`connections_of`).

    Returns
    -------
    ndarray
        bool, dims (sounding,).
    """
    out = np.ones(soundings.time.size, dtype=bool)
    margin = _minutes(settings.apart_minutes)
    starts, ends = (others[name].to_numpy().astype("datetime64[s]") for name in ("start_utc", "end_utc"))
    for start, end in zip(starts, ends, strict=True):
        first, last = (
            int(index[0]) for index in soundings.window(np.array([start - margin]), np.array([end + margin]))
        )
        out[first:last] = False
    return out


def _windowed(
    soundings: Soundings, spans: Windows, baseline: NDArray[np.bool_]
) -> dict[str, tuple[Array, NDArray[np.bool_]]]:
    """Values of the soundings before, during and after a connection, and where there was no Es."""
    found = {}
    for name in ("before", "during", "after"):
        first, last = (int(index[0]) for index in soundings.window(*getattr(spans, name)))
        use = baseline[first:last] if name == "before" else np.ones(last - first, dtype=bool)
        found[name] = soundings.value[first:last][use], soundings.absent[first:last][use]
    return found


def _row(event: Any, others: pd.DataFrame, soundings: Soundings, busy: set[str], settings: EsSettings) -> dict:
    start, end = (np.array([time], "datetime64[s]") for time in (event.start_utc, event.end_utc))
    row = {"night": event.night, "event": event.event, "kind": event.kind}
    row |= {"connection_utc": event.start_utc, "end_utc": event.end_utc}
    near = others[others["night"] == event.night]
    found = _windowed(soundings, windows(start, end, settings), undisturbed(soundings, near, settings))
    for name, (value, absent) in found.items():
        row[f"foEs_{name}_MHz"] = float(value.mean()) if value.size else np.nan
        row[f"soundings_{name}"], row[f"absent_{name}"] = value.size, int(absent.sum())
    row["rise_during_MHz"] = row["foEs_during_MHz"] - row["foEs_before_MHz"]
    row["rise_after_MHz"] = row["foEs_after_MHz"] - row["foEs_before_MHz"]
    value, absent = found["before"]
    row["scatter_before_MHz"] = float(np.std(value[~absent], ddof=1)) if (~absent).sum() > 1 else np.nan
    interval = rise_interval(found["before"], found["during"], settings)
    row["rise_during_low_MHz"], row["rise_during_high_MHz"] = interval
    row["p"] = chance(event, row["rise_during_MHz"], soundings, busy, settings)
    return row


def rise_interval(
    before: tuple[Array, NDArray[np.bool_]], during: tuple[Array, NDArray[np.bool_]], settings: EsSettings
) -> tuple[float, float]:
    """Interval of the rise from before to during, MHz; NaN where a window has less than two soundings.

    Welch's interval for the difference of two means, soundings taken as independent, no scatter believed below
    that of rounding to a step of the sounder. For the lower end absent Es counts as the limit before and as the
    residual E layer during, for the upper end the other way round.

    Parameters
    ----------
    before, during
        max(foEs, limit) of the soundings (MHz), and whether there was no Es.
    """
    if min(before[0].size, during[0].size) < 2:
        return float("nan"), float("nan")
    lowest = [np.where(absent, np.fmin(settings.foes_floor_mhz, value), value) for value, absent in (before, during)]
    low = _welch(before[0], lowest[1], settings)[0]
    return low, _welch(lowest[0], during[0], settings)[1]


def _welch(before: Array, during: Array, settings: EsSettings) -> tuple[float, float]:
    """Interval of mean(during) - mean(before) for unequal variances (Welch 1947, Biometrika 34, 28)."""
    rounding = settings.foes_step_mhz**2 / 12
    parts = np.array([max(float(np.var(one, ddof=1)), rounding) / one.size for one in (before, during)])
    freedom = parts.sum() ** 2 / (parts**2 / np.array([before.size - 1, during.size - 1])).sum()
    half = student.ppf((1 + settings.interval) / 2, freedom) * np.sqrt(parts.sum())
    rise = during.mean() - before.mean()
    return float(rise - half), float(rise + half)


def chance(event: Any, rise: float, soundings: Soundings, busy: set[str], settings: EsSettings) -> float:
    """Share of random epochs with at least this rise; NaN where too few can be drawn."""
    rng = generator(settings.seed, "chance", str(event.night), str(event.event))
    candidates = comparable_nights(event.night, soundings.nights, busy, settings.season_days)
    start = np.datetime64(event.start_utc, "s")
    epochs = random_epochs(start, event.night, candidates, settings.permutations, rng, settings)
    length = np.timedelta64(event.end_utc - event.start_utc, "s")
    spans = windows(epochs, epochs + length, settings)
    random = soundings.mean(*spans.during) - soundings.mean(*spans.before)
    random = random[np.isfinite(random)]
    if not np.isfinite(rise) or candidates.size < settings.minimum_nights or random.size < settings.minimum_epochs:
        return float("nan")
    return float((1 + np.count_nonzero(random >= rise - 1e-9)) / (1 + random.size))
