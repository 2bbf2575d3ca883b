"""Simulated Fabry-Perot interferometer: signs, cycle, files."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from scipy.io import loadmat

from metalclouds.twin import fpi
from metalclouds.twin.fpi_settings import SimulatedFpiSettings
from metalclouds.twin.randomness import generator
from metalclouds.twin.scenario import campaign, wind
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sun import solar_elevation_deg

EXACT = SimulatedFpiSettings(
    error_630_m_s=1e-9, error_558_m_s=1e-9, error_892_m_s=1e-9, structure_m_s=0, error_scatter=0, cloudy_share=0
)
# First columns of a Madrigal text file of another station (Cajazeiras, 2022): the layout that is imitated.
REAL_HEADER = (
    "YEAR MONTH DAY HOUR MIN SEC RECNO KINDAT KINST UT1_UNIX UT2_UNIX WAVLEN AZM ELM ALTB ALTE TN DTN VNHLU DVNHLU"
)


@pytest.fixture(scope="module")
def nights():
    return campaign(TwinSettings(nights="cases"))


@pytest.fixture(scope="module")
def may(nights):
    return next(night for night in nights if night.listed_as == "2021-05-10")


@pytest.mark.parametrize(
    ("azimuth", "elevation", "expected"),
    [
        (0, 45, 20 * 0.5**0.5),
        (90, 45, 50 * 0.5**0.5),
        (180, 45, -20 * 0.5**0.5),
        (-90, 45, -50 * 0.5**0.5),
        (0, 90, 3),
    ],
)
def test_line_of_sight_is_positive_away_from_the_instrument(azimuth, elevation, expected):
    upward = 3.0 if elevation == 90 else 0.0
    assert fpi.line_of_sight(50.0, 20.0, upward, azimuth, elevation) == pytest.approx(expected)


def test_each_hour_holds_five_looks_at_three_emissions_in_darkness(may):
    looks = fpi.observe(EXACT, may, generator(1, "test"))
    hour = looks.time.astype("datetime64[h]")
    for one in np.unique(hour):
        rows = hour == one
        pairs = set(zip(looks.wavelength[rows], looks.look[rows], strict=True))
        assert len(pairs) == rows.sum() == 15
    assert len(np.unique(hour)) >= 6
    assert (solar_elevation_deg(looks.time, 40.2, 117.4) < -11.9).all()
    assert (np.diff(looks.time) > np.timedelta64(0, "s")).all()


def test_opposite_looks_give_the_wind_of_the_truth(may):
    looks = fpi.observe(EXACT, may, generator(1, "test"))
    red = looks.wavelength == 630.0
    east, west = (looks.line_of_sight[red & (looks.look == letter)] for letter in "EW")
    middle = looks.time[red & (looks.look == "S")]
    eastward, northward, _ = wind(may, middle, 250.0)
    np.testing.assert_allclose((east - west) * 0.5**0.5, eastward, atol=1.0)
    north, south = (looks.line_of_sight[red & (looks.look == letter)] for letter in "NS")
    np.testing.assert_allclose((north - south) * 0.5**0.5, northward, atol=1.0)


def test_stated_errors_are_the_scatter_and_bad_looks_are_flagged(nights):
    settings = SimulatedFpiSettings(structure_m_s=0)
    normalised = []
    for night in nights:
        noisy = fpi.observe(settings, night, generator(1, "noisy"))
        exact = fpi.observe(EXACT, night, generator(1, "exact"))
        normalised.append((noisy.line_of_sight - exact.line_of_sight) / noisy.error)
        good = noisy.flag == fpi.GOOD
        assert 5 < np.median(noisy.error[good]) < 10
    assert np.concatenate(normalised).std() == pytest.approx(1.0, abs=0.06)


def test_cloudy_hours_are_flagged_and_have_larger_errors(nights):
    looks = [
        fpi.observe(SimulatedFpiSettings(cloudy_share=0.4), night, generator(1, night.night)) for night in nights
    ]
    flag, error = (np.concatenate([getattr(one, name) for one in looks]) for name in ("flag", "error"))
    assert 0.2 < (flag != fpi.GOOD).mean() < 0.6
    assert set(flag) == {fpi.GOOD, fpi.CAUTION, fpi.BAD}
    assert np.median(error[flag != fpi.GOOD]) > 4 * np.median(error[flag == fpi.GOOD])


def test_madrigal_text_has_the_columns_of_a_real_file(may):
    looks = fpi.observe(SimulatedFpiSettings(), may, generator(1, "test"))
    lines = fpi.madrigal_text(looks).splitlines()
    names = lines[0].split()
    assert names[:20] == REAL_HEADER.split()
    rows = [dict(zip(names, line.split(), strict=True)) for line in lines[1:]]
    assert len(rows) == len(looks.time)
    zenith = [row for row in rows if float(row["ELM"]) == 90.0]
    assert all(row["VNHLU"] == "nan" for row in zenith)
    north = next(i for i, row in enumerate(rows) if row["ELM"] == "45.00" and row["AZM"] == "0.00")
    expected = looks.line_of_sight[north] / np.cos(np.pi / 4)
    assert float(rows[north]["VNHLU"]) == pytest.approx(expected, rel=1e-5)
    assert float(rows[0]["UT1_UNIX"]) == looks.time[0].astype(int)


def test_one_month_is_matlab_and_the_rest_text(tmp_path, nights):
    settings = TwinSettings(fpi=SimulatedFpiSettings(matlab_month="2021-06"))
    fpi.write(settings, nights, tmp_path)
    with zipfile.ZipFile(tmp_path / "FPI_Xinglong_2021.zip") as archive:
        assert archive.namelist() == ["xlg210108g.7100.txt", "xlg210510g.7100.txt"]
    with zipfile.ZipFile(tmp_path / "FPI_Xinglong_2021-06_mat.zip") as archive:
        assert len(archive.namelist()) == 3
        content = archive.read("FPI_Xinglong_202106_630.0nm.mat")
    assert b"Created" not in content[:116]
    table = {name: values.ravel() for name, values in loadmat(io.BytesIO(content)).items() if name.startswith("MOHE")}
    wanted = ["Year", "Month", "Day", "UT", "Directions", "Wind", "Wind_sigma", "Wind_flag"]
    assert set(table) == {f"MOHE_{name}" for name in wanted}
    assert set(table["MOHE_Day"]) <= {3, 4, 18}
    assert (set(table["MOHE_Month"]), set(table["MOHE_Year"])) == ({6}, {2021})
    assert set(table["MOHE_Directions"]) == set("NESWZ")
    assert len({len(values) for values in table.values()}) == 1


def test_same_seed_same_bytes(tmp_path, nights):
    for name in "ab":
        fpi.write(TwinSettings(), nights, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert "fpi.json" in names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
