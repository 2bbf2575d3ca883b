"""The lines of docs/one-night.md, run as they stand on a night of a scene."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import metalclouds
from tests.detect.scenes import Scene, Stripe, make_night

TEXT = (Path(__file__).parents[2] / "docs/one-night.md").read_text(encoding="utf-8")


def test_the_lines_of_one_night_run(monkeypatch):
    night = make_night(Scene(seed=3, stripes=(Stripe(14.6, 160.0, 260.0, 5.0, 30.0, 90.0),)))
    asked = []
    monkeypatch.setattr(metalclouds, "open_nights", lambda path, **more: asked.append((path, more)) or [night])
    times = pd.date_range("2021-05-10T11", "2021-05-10T21", freq="30min")
    names = {"table": pd.DataFrame({"time": times, "eastward_wind": 80.0, "northward_wind": 10.0})}
    blocks = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    for block in blocks:
        exec(block, names)
    assert len(blocks) == 5
    assert asked == [("record/tour/lidar/Ca_ion_lidar_cases.zip", {"site": names["site"]})]
    assert len(names["found"].stripes) == 1
