"""Numbers that count within a day: hours, minutes, seconds, a share of the day, or the digits of a clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.decisions import Context

# A night goes on past 24 h; two days are the most that hours of one count.
_DAYS = 2.0
# Steps of a regular axis: this share of them within so much of the median.
_EVEN_SHARE, _EVEN_WITHIN = 0.8, 0.1
_HALF_DAY = 12.0


@dataclass(frozen=True)
class Reading:
    """What numbers of a day may be: `hours` makes hours of them; `fits` says whether they can be that at all."""

    hours: Callable[[np.ndarray], np.ndarray]
    fits: Callable[[np.ndarray], bool]
    words: str


def _digits(values: np.ndarray) -> np.ndarray:
    """Hours of hhmm."""
    return values // 100 + values % 100 / 60.0


def _digits_of_seconds(values: np.ndarray) -> np.ndarray:
    """Hours of hhmmss."""
    return _digits(values // 100) + values % 100 / 3600.0


def _whole(values: np.ndarray) -> bool:
    return bool((values == np.round(values)).all() and values.min() >= 0)


READINGS: dict[str, Reading] = {
    "hours": Reading(lambda v: v, lambda v: v.min() >= -1.0 and 1.0 < v.max() <= 24.0 * _DAYS, r"hours?|hrs?|\bh\b"),
    "days": Reading(lambda v: 24.0 * v, lambda v: v.min() >= 0.0 and v.max() <= 1.0 and v.size > 10, r"days?"),
    "minutes": Reading(
        lambda v: v / 60.0, lambda v: v.min() >= 0.0 and 48.0 < v.max() <= 1440.0 * _DAYS, r"min(ute)?s?"
    ),
    "seconds": Reading(
        lambda v: v / 3600.0,
        lambda v: 0.0 <= v[0] < 86400.0 and v.min() >= 0.0 and 3600.0 < v.max() <= 86400.0 * _DAYS,
        r"sec(ond)?s?|\bs\b|sod",
    ),
    "doy": Reading(
        lambda v: 24.0 * (v - 1.0),
        lambda v: v.min() > 48.0 and v.max() < 367.0 and np.ptp(v) < _DAYS,
        r"doy|days? of (the )?year",
    ),
    "hhmm": Reading(
        _digits, lambda v: _whole(v) and 100 <= v.max() <= 2400 * _DAYS and bool((v % 100 < 60).all()), r"hhmm"
    ),
    "hhmmss": Reading(
        _digits_of_seconds,
        lambda v: (
            _whole(v)
            and 10000 <= v.max() <= 240000 * _DAYS
            and bool((v % 100 < 60).all() and (v // 100 % 100 < 60).all())
        ),
        r"hhmmss",
    ),
}


def hours_of(values: np.ndarray, reading: str) -> np.ndarray:
    """Hours of the day of numbers that are read in a way.

    Parameters
    ----------
    values
        as the file has them, dims (time,).

    Returns
    -------
    ndarray
        h, dims (time,).
    """
    return READINGS[reading].hours(values)


def reading_of(values: np.ndarray, name: str, words: str, context: Context) -> str:
    """Which of the readings the numbers allow: by the words of the file, else that in which the steps are even.

    Parameters
    ----------
    values
        as the file has them, dims (time,).

    Raises
    ------
    UndecidedError
        If none or several are left.
    """
    option = context.option("time", (*READINGS,)) if context.options.get("time") in READINGS else None
    if option is not None:
        return str(option)
    finite = values[np.isfinite(values)]
    possible = [key for key, reading in READINGS.items() if finite.size and reading.fits(finite)]
    for test in (lambda key: _is_said(key, words), lambda key: _is_even(hours_of(finite, key))):
        left = [key for key in possible if test(key)]
        possible = left if len(possible) > 1 and left else possible
    span = f"{name} spans {finite.min():.10g} to {finite.max():.10g}" if finite.size else f"{name} has no number"
    if len(possible) != 1:
        lines = tuple(f"time: {key}" for key in possible) or ("time: hours", "time: datenum")
        raise context.undecided("what does the time axis count?", seen=span, lines=lines, where=name)
    context.decisions.record("time", possible[0], span)
    return possible[0]


def _is_said(reading: str, words: str) -> bool:
    return bool(re.search(rf"(?<![a-z])({READINGS[reading].words})(?![a-z])", words.lower()))


def _is_even(hours: np.ndarray) -> bool:
    steps = np.diff(np.unwrap(hours, period=24.0))
    steps = steps[steps != 0]
    if steps.size < 2:
        return True
    usual = float(np.median(steps))
    return float(np.mean(np.abs(steps - usual) <= _EVEN_WITHIN * abs(usual))) >= _EVEN_SHARE


def unwrapped(hours: np.ndarray, context: Context) -> np.ndarray:
    """Hours that go on past 24 where the file starts again at 0 after midnight.

    A fall by more than 12 h is midnight; a rise by more than 12 h after it is a profile out of order, from before.
    A file that runs backwards is followed from its end.

    Parameters
    ----------
    hours
        of the day, dims (time,), NaN where missing.

    Returns
    -------
    ndarray
        h, dims (time,).

    Raises
    ------
    UndecidedError
        If a clock of 12 hours falls from 12 to 1 and nobody says am or pm.
    """
    known = np.flatnonzero(np.isfinite(hours))
    forward = known[::-1] if known.size > 1 and np.median(np.diff(hours[known])) < 0 else known
    steps = np.diff(hours[forward])
    if steps.size and hours[forward].max() < 13.0 and ((steps < -10.0) & (steps > -_HALF_DAY)).any():
        raise context.undecided(
            "a clock of 12 hours without am or pm?",
            seen=f"hours from {hours[forward].min():g} to {hours[forward].max():g} that start again",
            lines=("variables: {time: NAME OF ANOTHER ARRAY}",),
        )
    turns = np.maximum(np.cumsum((steps < -_HALF_DAY).astype(int) - _returns(steps)), 0)
    if not turns.any():
        return hours
    context.decisions.record("midnight", "hours continued past 24", "the hours fall by more than 12 within the file")
    out = hours.astype(float).copy()
    out[forward[1:]] += 24.0 * turns
    return out


def _returns(steps: np.ndarray) -> np.ndarray:
    """Rises over midnight back into the evening, each after a fall."""
    up, turns = np.zeros(steps.size, int), 0
    for index, step in enumerate(steps):
        if step < -_HALF_DAY:
            turns += 1
        elif step > _HALF_DAY and turns:
            up[index], turns = 1, turns - 1
    return up
