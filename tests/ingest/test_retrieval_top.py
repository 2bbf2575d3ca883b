"""Counts that end below the background's altitudes: the line that is printed is the one that helps."""

from __future__ import annotations

import re

import numpy as np
import yaml
from scipy.io import savemat

from metalclouds import cli
from metalclouds.ingest.decisions import Context, Decisions
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.settings import IngestSettings, Site

# A sodium lidar at 69.3 N: counts to 180 km, UT of a December night.
KM = np.arange(0.15, 180.0, 0.15)
HOURS = np.arange(17.0, 23.0, 1 / 30)


def test_the_line_that_is_printed_helps(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    air = 2.0e5 * np.exp(-KM / 7.0) * (KM > 20.0) / KM**2
    sodium = 4000.0 * np.exp(-0.5 * ((KM - 91.0) / 4.0) ** 2) / KM**2
    counts = np.random.default_rng(5).poisson(1e3 * air + 10 * sodium + 2.0, (HOURS.size, KM.size))
    savemat("Na_20201214.mat", {"counts": counts.astype("uint16"), "ut": HOURS, "range_km": KM})
    arguments = ["inspect", "Na_20201214.mat", "--species", "Na", "--site", "69.3", "16", "0.38"]
    assert cli.main(arguments) == 2
    line = re.search(r"ingest: \{.*\}\}", capsys.readouterr().out).group(0)
    assert yaml.safe_load(line)["ingest"]["lidar"]["retrieval_background_km"] == [139, 178]
    (tmp_path / "mine.yaml").write_text(line)
    assert cli.main([*arguments, "--config", "mine.yaml"]) == 0


def test_the_return_of_air_is_told():
    """Ca+ at 393.366 nm: 2.017e-31 / 1.091e-16 times the air of the US standard atmosphere at 80 km, 3.84e14 cm-3."""
    decisions = Decisions()
    site = Site(latitude=45.0, longitude=10.0)
    counts = np.full((5, 2000), 2.0)
    counts[:, :330] = 500.0
    altitude = np.arange(2000) * 0.17
    times = np.datetime64("2021-03-20T22:00") + np.arange(5) * np.timedelta64(1, "m")
    calibration(counts, altitude, times, Context(IngestSettings(), site, decisions=decisions))
    told = next(one["because"] for one in decisions.entries if one["what"] == "return of air")
    number = float(re.search(r"([\d.]+) cm-3 at 80 km", told).group(1))
    assert 0.7 * 0.71 < number < 1.3 * 0.71
