"""Scores of sporadic E, and of connections of clouds with the main layer."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from metalclouds.evaluate.scores import confusion, rows_of, spread
from metalclouds.evaluate.tables import Section, Tables, missing
from metalclouds.schema.table import is_true

# A detected connection belongs to a true one of its kind that begins within this time (minutes).
CONNECTION_MINUTES = 45.0
CONNECTION_KINDS = {"direct": "direct_connection", "descending": "descending_merge"}
FREQUENCY_STEP_MHZ = 0.05


def nearest(times: pd.Series, moment: pd.Timestamp) -> tuple[Any, float]:
    """Label of the time nearest to a moment, and how many minutes it is later; (None, NaN) for no times.

    Parameters
    ----------
    times
        naive UTC, NaT passed over.
    """
    minutes = (times - moment).dt.total_seconds().dropna() / 60
    if minutes.empty:
        return None, math.nan
    place = int(minutes.abs().to_numpy().argmin())
    return minutes.index[place], float(minutes.iloc[place])


def connections(tables: Tables) -> Section:
    """Onsets of direct and descending connections, in minutes."""
    found = tables.product("detect/events")
    if found is None:
        return missing("detect/events")
    truth = tables.truth("connections")
    section = {}
    for kind, name in CONNECTION_KINDS.items():
        section[kind] = _onsets(truth[truth["kind"] == kind], found[found["kind"] == name])
    return section


def _onsets(truth: pd.DataFrame, found: pd.DataFrame) -> Section:
    errors, used = [], set()
    for row in rows_of(truth):
        label, minutes = nearest(found.loc[found["night"] == row.night, "start_utc"], row.start_utc)
        if label is not None and abs(minutes) <= CONNECTION_MINUTES:
            errors.append(minutes)
            used.add(label)
    within = sum(abs(error) <= 5.0 for error in errors)
    near = sum(_near_any(row, truth) for row in rows_of(found))
    return {
        "true": len(truth),
        "found": len(errors),
        "within_5_minutes": within,
        "events": len(found),
        "events_of_no_true_connection": len(found) - near,
        "onset_error_minutes": spread(errors),
    }


def _near_any(event: Any, truth: pd.DataFrame) -> bool:
    """Whether an event begins during a true connection or near its start."""
    margin = pd.Timedelta(minutes=CONNECTION_MINUTES)
    same = truth[truth["night"] == event.night]
    return bool(
        ((event.start_utc >= same["start_utc"] - margin) & (event.start_utc <= same["end_utc"] + margin)).any()
    )


def es_truth(episodes: pd.DataFrame, night: str, time: pd.Timestamp) -> Section:
    """Sporadic E of the truth at a time: foEs and height of the strongest, NaN for none; blanketing and double.

    Parameters
    ----------
    episodes
        table of the truth: night, start_utc, end_utc, foEs_MHz, height_km, blanketing, upper.
    """
    on = episodes[(episodes["night"] == night) & (episodes["start_utc"] <= time) & (episodes["end_utc"] > time)]
    if on.empty:
        return {"foEs": math.nan, "height": math.nan, "blanketing": False, "double": False, "upper": math.nan}
    best = on.iloc[int(on["foEs_MHz"].to_numpy().argmax())]
    upper = on[is_true(on["upper"])]
    return {
        "foEs": best["foEs_MHz"],
        "height": best["height_km"],
        "blanketing": bool(is_true(on["blanketing"]).any()),
        "double": len(upper) > 0 and len(upper) < len(on),
        "upper": upper["height_km"].max(),
    }


def sporadic_e(tables: Tables) -> Section:
    """foEs of the table and of the scaled ionograms in steps of 50 kHz; blanketing and double Es."""
    found = tables.product("derive/es_cases")
    if found is None:
        return missing("derive/es_cases")
    episodes = tables.truth("es")
    rows = [es_truth(episodes, row.night, row.time_utc) for row in rows_of(found)]
    truth = pd.DataFrame(rows, columns=["foEs", "height", "blanketing", "double", "upper"], index=found.index)
    section: Section = {"soundings": len(found)}
    # double Es is told of every ionogram with an echo, and of nothing else
    scaled = found["double_es"].notna()
    section["table"] = _frequency_errors(truth["foEs"], found["foEs_MHz"])
    section["ionograms"] = _frequency_errors(truth.loc[scaled, "foEs"], found.loc[scaled, "scaled_foEs_MHz"])
    section["scaled_height_km"] = spread(found["scaled_hEs_km"] - truth["height"])
    section["blanketing"] = confusion(truth["blanketing"], is_true(found["blanketing"]))
    section["double_es"] = confusion(truth["double"], is_true(found["double_es"]))
    section["upper_height_km"] = spread(found["upper_hEs_km"] - truth["upper"])
    return section


def _frequency_errors(truth: pd.Series, found: pd.Series) -> Section:
    steps = ((found - truth) / FREQUENCY_STEP_MHZ).dropna()
    return {
        "presence": confusion(truth.notna(), found.notna()),
        "error_in_steps": spread(steps),
        "within_one_step": (steps.abs() <= 1 + 1e-6).mean() if len(steps) else math.nan,
    }


def es_response(tables: Tables) -> Section:
    """Connections by what foEs did: whether the truth has a response, and whether a rise was found."""
    found = tables.product("derive/es_response")
    if found is None:
        return missing("derive/es_response")
    episodes = tables.truth("es")
    answered = episodes[is_true(episodes["response"])]
    expected, rises, clear = [], [], []
    for row in rows_of(found):
        same = answered[answered["night"] == row.night]
        late = row.end_utc + pd.Timedelta(minutes=CONNECTION_MINUTES)
        expected.append(bool(((same["start_utc"] <= late) & (same["end_utc"] >= row.connection_utc)).any()))
        rises.append(row.rise_during_MHz > 0 or row.rise_after_MHz > 0)
        clear.append(row.rise_during_low_MHz > 0)
    return {
        "connections": len(found),
        "rise": confusion(pd.Series(expected, dtype=bool), pd.Series(rises, dtype=bool)),
        "rise_with_its_whole_interval": confusion(pd.Series(expected, dtype=bool), pd.Series(clear, dtype=bool)),
    }
