"""Which ionograms of the case nights are shown: blanketing Es, a double Es, and a sequence across a connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from metalclouds.schema.table import is_true

DIRECT, DESCENDING = "direct_connection", "descending_merge"
BLANKETING, DOUBLE, SEQUENCE = "blanketing Es", "double Es", "sequence across the first connection"
# Place of the double Es among the ionograms with blanketing Es.
DOUBLE_PLACE = 1


@dataclass(frozen=True)
class CaseSoundings:
    """Soundings of a night (table ES_CASES, in order of time) and the connections found in the lidar (EVENTS)."""

    night: str
    soundings: pd.DataFrame
    events: pd.DataFrame


@dataclass(frozen=True)
class ChoiceRules:
    """How many ionograms of a kind, and from which rise of foEs (MHz) Es counts as sudden."""

    blanketing: int
    sequence: int
    sudden_rise_mhz: float


@dataclass(frozen=True)
class ChosenSounding:
    """The sounding that a rule found, a row of ES_CASES; None where it found none."""

    rule: str
    night: str = ""
    sounding: pd.Series | None = None
    sudden: bool = False


@dataclass(frozen=True)
class ChosenSoundings:
    """Soundings by the first two rules, and soundings in a row."""

    single: list[ChosenSounding]
    sequence: list[ChosenSounding]


def in_order(soundings: pd.DataFrame) -> pd.DataFrame:
    """Soundings in order of time; a flag that is not known counts as no.

    Parameters
    ----------
    soundings
        table ES_CASES.

    Returns
    -------
    DataFrame
        the same columns.
    """
    flags = {name: is_true(soundings[name]) for name in ("blanketing", "double_es")}
    return soundings.assign(**flags).sort_values("time_utc", kind="stable")


def choose_ionograms(nights: Sequence[CaseSoundings], rules: ChoiceRules) -> ChosenSoundings:
    """Blanketing Es, the first double Es, and a sequence across the first connection of the last night."""
    found = _blanketing(nights, rules.blanketing)
    single = [_choice(BLANKETING, one, rules) for one in found]
    single += [ChosenSounding(BLANKETING)] * (rules.blanketing - len(single))
    single.insert(DOUBLE_PLACE, _choice(DOUBLE, _first_double(nights), rules))
    return ChosenSoundings(single, _sequence(nights[-1] if nights else None, rules))


def _blanketing(nights: Sequence[CaseSoundings], count: int) -> list[tuple[CaseSoundings, int]]:
    """First of each night from its first connection on; then the later ones, night by night."""
    first, later = [], []
    for night in nights:
        start = night.events["start_utc"].min() if len(night.events) else pd.NaT
        rows = night.soundings.reset_index(drop=True)
        hits = rows.index[rows["blanketing"] & ~(rows["time_utc"] < start)]
        first += [(night, int(row)) for row in hits[:1]]
        later += [(night, int(row)) for row in hits[1:]]
    return (first + later)[:count]


def _first_double(nights: Sequence[CaseSoundings]) -> tuple[CaseSoundings, int] | None:
    for night in nights:
        rows = night.soundings.reset_index(drop=True)
        hits = rows.index[rows["double_es"]]
        if len(hits):
            return night, int(hits[0])
    return None


def _sequence(night: CaseSoundings | None, rules: ChoiceRules) -> list[ChosenSounding]:
    """Soundings in a row; the second is the one nearest to the night's first connection."""
    if night is None or night.events.empty or night.soundings.empty:
        return [ChosenSounding(SEQUENCE)] * rules.sequence
    direct = night.events[night.events["kind"] == DIRECT]
    start = (direct if len(direct) else night.events)["start_utc"].min()
    times = night.soundings["time_utc"].reset_index(drop=True)
    first = max(0, int((times - start).abs().idxmin()) - 1)
    rows = range(first, first + rules.sequence)
    return [_choice(SEQUENCE, (night, row) if row < len(times) else None, rules) for row in rows]


def _choice(rule: str, found: tuple[CaseSoundings, int] | None, rules: ChoiceRules) -> ChosenSounding:
    if found is None:
        return ChosenSounding(rule)
    night, row = found
    sounding = night.soundings.iloc[row]
    before = night.soundings.iloc[row - 1] if row else None
    return ChosenSounding(rule, night.night, sounding, is_sudden(sounding, before, rules.sudden_rise_mhz))


def is_sudden(sounding: pd.Series, before: pd.Series | None, rise_mhz: float) -> bool:
    """Whether Es is there and was not in the sounding before, or its foEs rose by so much.

    Parameters
    ----------
    sounding
        a row of ES_CASES.
    before
        the row before it; None for the first.
    """
    if sounding["es_status"] != "present" or before is None:
        return False
    if before["es_status"] == "absent":
        return True
    rise = scaled(sounding, "foEs") - scaled(before, "foEs")
    return bool(before["es_status"] == "present" and rise >= rise_mhz)


def scaled(sounding: pd.Series, name: str) -> float:
    """`foEs` or `hEs` as scaled from the ionogram here; the source's own value where that is missing.

    Parameters
    ----------
    sounding
        a row of ES_CASES.
    name
        foEs (MHz) or hEs (km).
    """
    unit = {"foEs": "MHz", "hEs": "km"}[name]
    own = sounding[f"scaled_{name}_{unit}"]
    return float(own if pd.notna(own) else sounding[f"{name}_{unit}"])
