"""Raw counts of a sodium lidar on a mountain: no cross section of another metal, altitudes above the sea."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.io import savemat

from metalclouds import cli
from metalclouds.ingest import read_any
from metalclouds.ingest.settings import IngestSettings, LidarSettings, Site
from metalclouds.physics.density import number_density

# U.S. Standard Atmosphere 1976, table I, cm-3.
AIR_KM = [15, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90, 100, 120]
AIR_CM3 = [4.05e18, 1.85e18, 8.334e17, 3.828e17, 1.760e17, 8.308e16, 2.135e16, 6.439e15, 1.722e15, 3.838e14, 7.116e13,
           1.189e13, 5.107e11]  # fmt: skip
# A narrow laser on Na D2: 1e-15 m2 over 4 pi; air at 589 nm.
SODIUM_M2_SR, RAYLEIGH_M2_SR = 7.96e-17, 3.98e-32
STATION = Site(latitude=-30.24, longitude=-70.74, altitude_km=2.7)
ARGUMENTS = ["--site", "-30.24", "-70.74", "2.7", "--species", "Na"]
PEAK_CM3 = 3200.0


@pytest.fixture
def counts(tmp_path, monkeypatch):
    """A night of counts from 15 to 300 km above the sea, by range in m; the layer peaks at 92 km."""
    monkeypatch.chdir(tmp_path)
    height = np.arange(15.0, 300.0, 0.3)
    distance = height - STATION.altitude_km
    air = np.exp(np.interp(height, AIR_KM, np.log(AIR_CM3))) * (height < 120.0)
    metal = PEAK_CM3 * np.exp(-0.5 * ((height - 92.0) / 4.3) ** 2)
    light = (metal * SODIUM_M2_SR + air * RAYLEIGH_M2_SR) / distance**2
    at_peak = int(np.argmin(abs(height - 92.0)))
    expected = 1000.0 * light / light[at_peak] + 1.0
    days = 737612.0 + (23.0 + np.arange(200) * 3.0 / 60.0) / 24.0
    rows = np.random.default_rng(3).poisson(expected, (days.size, height.size))
    content = {"counts": rows.astype("uint32"), "time_UT": days[:, None], "range_m": 1e3 * distance[:, None]}
    savemat("Na_20190705.mat", content)
    return tmp_path / "Na_20190705.mat"


def settings(**lidar):
    return IngestSettings(lidar=LidarSettings(site=STATION, species="Na", **lidar))


def test_sodium_is_not_calibrated_as_ions_of_calcium(counts, capsys):
    (counts.parent / "mine.yaml").write_text("ingest: {lidar: {retrieval_background_km: [260, 298]}}")
    assert cli.main(["detect", counts.name, *ARGUMENTS, "--config", "mine.yaml", "--out", "found"]) == 2
    said = "".join(capsys.readouterr())
    assert "which cross section?" in said
    assert "{lidar: {retrieval_background_km: [260, 298], laser_width_GHz: NUMBER}}" in said
    assert "resonance_backscatter_m2_sr" in said


def test_what_is_missing_is_asked_at_once_and_its_answer_is_enough(counts, capsys):
    assert cli.main(["inspect", counts.name, *ARGUMENTS]) == 2
    said = capsys.readouterr().out
    assert re.search(r"given: 15(\.\d+)? to 299\.\d+ km above sea level", said)
    line = re.search(r"ingest: \{.*\}\}", said).group(0)
    (counts.parent / "mine.yaml").write_text(line.replace("NUMBER", "0.1"))
    assert cli.main(["inspect", counts.name, *ARGUMENTS, "--config", "mine.yaml"]) == 0


def test_the_one_screen_says_which_altitudes_are_missing_and_what_helps(counts, capsys):
    second = counts.with_name("notes.txt")
    second.write_text("Sodium lidar. Nothing else.\n")
    assert cli.main(["inspect", str(counts.parent), *ARGUMENTS]) == 2
    said = capsys.readouterr().out
    assert "310 to 330 km, above sea level" in said
    assert "retrieval_background_km: [" in said


@pytest.mark.parametrize(
    ("given", "factor"),
    [
        ({"resonance_backscatter_m2_sr": SODIUM_M2_SR, "rayleigh_backscatter_m2_sr": RAYLEIGH_M2_SR}, 1.0),
        ({"resonance_backscatter_m2_sr": SODIUM_M2_SR}, 1.0),
        # The cross section for 0.1 GHz is 9.2e-16 m2 over 4 pi, and the density so much larger.
        ({"laser_width_GHz": 0.1}, 1e-15 / 9.23e-16),
    ],
)
def test_the_density_of_counts_follows_from_the_cross_sections(counts, given, factor):
    (night,) = read_any(counts, settings(retrieval_background_km=(260, 298), **given))
    density = number_density(night)[0].sel(altitude=slice(91.5, 92.5)).mean()
    # Air of two models differs by some per cent at 30 km in winter.
    assert float(density) == pytest.approx(factor * PEAK_CM3, rel=0.06)
    told = night.attrs["decisions"]
    assert "cross sections of air 3.98" in told
    assert "and Na " in told


def test_a_metal_without_a_line_here_needs_both_cross_sections(counts):
    from metalclouds.errors import UndecidedError

    nickel = settings(retrieval_background_km=(260, 298), resonance_backscatter_m2_sr=1e-16)
    nickel = nickel.model_copy(update={"lidar": nickel.lidar.model_copy(update={"species": "Ni"})})
    renamed = counts.rename(counts.with_name("Ni_20190705.mat"))
    with pytest.raises(UndecidedError, match="rayleigh_backscatter_m2_sr: NUMBER"):
        read_any(renamed, nickel)


@pytest.fixture
def beside(counts):
    """Two nights of density in local time beside the counts, names alike but for the date."""
    km, hours = np.arange(75.0, 300.0, 1.0), np.arange(19.0, 29.0, 1 / 20)
    layer = PEAK_CM3 * np.exp(-0.5 * ((km - 92.0) / 4.3) ** 2)
    for day in ("20190703", "20190704"):
        density = layer + np.random.default_rng(1).normal(0.0, 2.0, (hours.size, km.size))
        savemat(f"Na_{day}.mat", {"Na_density": density, "LT_hours": hours % 24, "altitude_km": km})
    return counts.parent


def test_files_that_are_read_in_another_way_are_shown_by_themselves(beside, capsys):
    line = "ingest: {lidar: {retrieval_background_km: [260, 298], laser_width_GHz: 0.1}}"
    (beside / "mine.yaml").write_text(line)
    assert cli.main(["inspect", str(beside), *ARGUMENTS, "--config", "mine.yaml"]) == 0
    said = capsys.readouterr().out
    assert "Na_20190703.mat and 1 like it: read" in said
    assert "Na_20190705.mat: read" in said
    assert "cross sections of air 3.98" in said
    assert "clock UT" in said


def test_files_of_other_arrays_are_shown_by_themselves_before_the_station_is_known(beside, capsys):
    assert cli.main(["inspect", str(beside), "--species", "Na"]) == 2
    said = capsys.readouterr().out
    assert "Na_20190703.mat and 1 like it: need a line" in said
    assert "Na_20190705.mat: need a line" in said
