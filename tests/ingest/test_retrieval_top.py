"""Counts that end below the background's altitudes: the line that is printed is the one that helps."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
import yaml
from scipy.io import savemat

from metalclouds import cli
from metalclouds.ingest.decisions import Context, Decisions
from metalclouds.ingest.readers.lidar_night import joined_in_time
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.settings import IngestSettings, LidarSettings, Site
from metalclouds.physics.density import number_density
from tests.ingest.papers import read_any

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
    assert "laser_width_GHz: NUMBER" in line
    line = line.replace("NUMBER", "0.1")
    assert yaml.safe_load(line)["ingest"]["lidar"]["retrieval_background_km"] == [140, 179]
    (tmp_path / "mine.yaml").write_text(line)
    assert cli.main([*arguments, "--config", "mine.yaml"]) == 0


# U.S. Standard Atmosphere 1976, table I: number of molecules, cm-3. A winter's air differs from it by some per cent.
AIR_KM = [25, 30, 35, 40, 50, 60, 70, 80, 90, 100, 120]
AIR_CM3 = [
    8.334e17,
    3.828e17,
    1.760e17,
    8.308e16,
    2.135e16,
    6.439e15,
    1.722e15,
    3.838e14,
    7.116e13,
    1.189e13,
    5.107e11,
]
AIR_AS_METAL = 2.0172e-31 / 1.091e-16


def test_the_return_of_air_is_no_metal(tmp_path):
    """Counts of the lidar equation: light of air, and a Ca+ layer of 60 cm-3. Below it there is no Ca+."""
    height = 0.12 + 0.24 * np.arange(1400)
    air = np.exp(np.interp(height, AIR_KM, np.log(AIR_CM3))) * ((height > 25) & (height < 140))
    layer = 60.0 * np.exp(-0.5 * ((height - 98.0) / 3.0) ** 2)
    expected = 6e4 * (layer + AIR_AS_METAL * air) / height**2 + 3.0
    counts = np.random.default_rng(4).poisson(expected, (300, height.size))
    hours = 13.0 + np.arange(300) / 60
    savemat(tmp_path / "Ca+_20210320.mat", {"counts": counts.astype("uint16"), "ut": hours, "height_km": height})
    site = Site(latitude=40.0, longitude=116.0)
    (night,) = read_any(tmp_path, IngestSettings(lidar=LidarSettings(site=site)))
    density = number_density(night)[0].mean("time")
    with_air = AIR_AS_METAL * 1.722e15
    assert with_air == pytest.approx(3.2, rel=0.01)
    assert abs(float(density.sel(altitude=slice(70, 72)).mean())) < 0.2 * with_air
    assert abs(float(density.sel(altitude=slice(78, 82)).mean())) < 0.2 * 0.75
    assert float(density.sel(altitude=98, method="nearest")) == pytest.approx(60.0, rel=0.04)


def test_parts_of_a_night_keep_one_return_of_air():
    parts = [
        xr.Dataset(
            {"photon_counts": (("time", "altitude"), np.ones((2, 3))), "air_return_density": ("altitude", air)},
            {"time": np.array([hour, hour + 1], "datetime64[h]"), "altitude": [80.0, 90.0, 100.0]},
        )
        for hour, air in ((0, [0.7, 0.1, 0.0]), (2, [0.71, 0.1, 0.0]))
    ]
    joined = joined_in_time(parts)
    assert joined["air_return_density"].dims == ("altitude",)
    assert joined.sizes["time"] == 4


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
    assert 0.8 * 0.71 < number < 1.2 * 0.71
