"""The check of `moved_settings` finds a value that follows a number, and moves all there are."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from metalclouds.derive.settings import FootSettings
from tests.claims.moved_settings import Moved, base_method, follows, moved, numbers, of_grid


def one(ending: str, step: float) -> Moved:
    return Moved("planted", ending, step, base_method(), FootSettings())


@pytest.mark.parametrize(
    ("ending", "step", "name", "before", "after", "caught"),
    [
        ("_km", 2.0, "end (km)", 110.0, 112.0, True),
        ("_km", -2.0, "end (km)", 110.0, 108.1, True),
        ("_km", 2.0, "end (km)", 110.0, 110.5, False),
        ("_km", 2.0, "time (h UT)", 14.0, 16.0, False),
        # Two minutes are a thirtieth of an hour.
        ("_minutes", 2.0, "time (h UT)", 14.0, 14.0 + 2.0 / 60.0, True),
        ("_minutes", 2.0, "time (h UT)", 14.0, 14.0, False),
        ("_sigma", 1.1, "share (1)", 0.5, 0.55, True),
        ("_sigma", 1.1, "share (1)", 0.5, 0.51, False),
    ],
)
def test_a_value_that_follows_is_caught(ending, step, name, before, after, caught):
    assert bool(follows(one(ending, step), {f"L0: {name}": before}, {f"L0: {name}": after})) is caught


def test_every_altitude_time_and_threshold_is_moved_both_ways():
    names = [(place, name, value) for place, name, value in numbers() if moved(place, name, value, 1)]
    assert {"settings", "connections", "search", "feet"} <= {place for place, _, _ in names}
    assert ("settings", "main_layer_top_km", 120.0) in names
    for place, name, value in names:
        up, down = moved(place, name, value, 1), moved(place, name, value, -1)
        assert (up.method, up.feet) != (base_method(), FootSettings())
        assert (up.method, up.feet) != (down.method, down.feet)


def test_settings_of_the_run_s_grid_are_looked_at_too(tmp_path):
    settings = [{"setting": "trail.long_km", "base": 80.0}, {"setting": "drift", "base": "neutral wind"}]
    (tmp_path / "sensitivity.json").write_text(json.dumps({"settings": settings}))
    rows = [("S1", "", "", True, 80.0), ("S2", "", "", True, 80.0)]
    rows += [("S1", "trail.long_km", value, False, value) for value in (60.0, 100.0)]  # follows both ways
    rows += [("S2", "trail.long_km", value, False, 100.0) for value in (60.0, 100.0)]  # one way only
    table = pd.DataFrame(rows, columns=["claim", "setting", "setting_value", "base", "value"]).assign(unit="km")
    table.to_csv(tmp_path / "sensitivity.csv", index=False)
    (found,) = of_grid(tmp_path)
    assert found["number"] == "trail.long_km"
    assert found["follows"] == {"S1: deciding part (km)": 1.0}
