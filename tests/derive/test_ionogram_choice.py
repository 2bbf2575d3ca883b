"""The rules by which ionograms of the case nights are chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.derive.ionogram_choice import CaseSoundings, ChoiceRules, choose_ionograms, is_sudden

RULES = ChoiceRules(blanketing=3, sequence=5, sudden_rise_mhz=0.5)


def _soundings(night: str, **marks) -> pd.DataFrame:
    times = pd.date_range(f"{night}T12:00", periods=8, freq="15min")
    table = pd.DataFrame({"night": night, "time_utc": times, "foEs_MHz": 3.0, "es_status": "present",
                          "scaled_foEs_MHz": 3.0, "scaled_hEs_km": 108.0, "hEs_km": 108.0, "blanketing": False,
                          "double_es": False})  # fmt: skip
    for name, rows in marks.items():
        table.loc[list(rows), name] = True
    return table


def _events(night: str, minutes: float) -> pd.DataFrame:
    start = pd.Timestamp(f"{night}T12:00") + pd.Timedelta(minutes=minutes)
    return pd.DataFrame({"kind": ["direct_connection"], "start_utc": [start], "end_utc": [start]})


def test_ionograms_are_chosen_by_the_rule():
    nights = [
        # blanketing in soundings 1 (before the connection at 50 min), 5 and 6
        CaseSoundings("2031-07-11", _soundings("2031-07-11", blanketing=[1, 5, 6]), _events("2031-07-11", 50)),
        CaseSoundings("2031-07-12", _soundings("2031-07-12", double_es=[4]), _events("2031-07-12", 0)),
        # connection at 32 min: nearest sounding is number 2 (30 min), so the sequence begins with number 1
        CaseSoundings("2031-07-13", _soundings("2031-07-13", blanketing=[7]), _events("2031-07-13", 32)),
    ]
    chosen = choose_ionograms(nights, RULES)
    single = [(one.night, one.sounding["time_utc"].strftime("%H%M")) for one in chosen.single]
    assert single == [("2031-07-11", "1315"), ("2031-07-12", "1300"), ("2031-07-13", "1345"), ("2031-07-11", "1330")]
    times = [one.sounding["time_utc"].strftime("%H%M") for one in chosen.sequence]
    assert times == ["1215", "1230", "1245", "1300", "1315"]


def test_a_rule_that_finds_nothing_says_so():
    nights = [CaseSoundings("2031-07-11", _soundings("2031-07-11"), _events("2031-07-11", 500).iloc[:0])]
    chosen = choose_ionograms(nights, RULES)
    assert (len(chosen.single), len(chosen.sequence)) == (4, 5)
    assert all(one.sounding is None for one in chosen.single)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(("absent", np.nan), ("present", 2.0), True), (("present", 3.0), ("present", 3.2), False),
     (("present", 3.0), ("present", 4.0), True), (("not_observed", np.nan), ("present", 4.0), False),
     (("absent", np.nan), ("absent", np.nan), False)],
)  # fmt: skip
def test_sudden_es(before, now, expected):
    rows = [
        pd.Series({"es_status": status, "scaled_foEs_MHz": value, "foEs_MHz": value})
        for status, value in (before, now)
    ]
    assert is_sudden(rows[1], rows[0], RULES.sudden_rise_mhz) is expected
