"""Which metal a file is about: its laser's wavelength, its names, and no letter that is part of another word."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.io import savemat

from metalclouds import cli, open_nights
from metalclouds.errors import UndecidedError
from metalclouds.ingest.evidence.species import of_wavelength, species_in

# A potassium lidar on Tenerife, at night from 21 to 30 UT in January.
TENERIFE = {"latitude": 28.3, "longitude": -16.5, "altitude_km": 2.39}
KM = np.arange(75.0, 140.0, 0.4)
HOURS = np.arange(21.0, 30.0, 1 / 30)


def night(folder, name, **more):
    layer = 45.0 * np.exp(-0.5 * ((KM - 91.0) / 4.5) ** 2)
    values = layer + np.random.default_rng(7).normal(0.0, 1.5, (HOURS.size, KM.size))
    savemat(folder / name, {"dens": values, "UT": HOURS, "alt_km": KM} | more)
    return folder / name


def species_of(path, species=None):
    found = open_nights(path, site=TENERIFE, species=species)[0]
    said = [one for one in json.loads(found.attrs["decisions"]) if one["what"] == "species"]
    return found.attrs["species"], said[0]["because"]


@pytest.mark.parametrize(
    ("name", "metals"),
    [
        ("KBorn_Caplus_20191213", {"Ca+"}),
        ("Kborn_CaII_20191213", {"Ca+"}),
        ("Feion_20200105", {"Fe+"}),
        ("KB_20191213", set()),
        ("AlTest_20191213", set()),
        ("UK_20191213", set()),
        ("K_20200105", {"K"}),
        ("KDensity", {"K"}),
        ("nK", {"K"}),
        ("NiLidar", {"Ni"}),
    ],
)
def test_metals_in_a_name(name, metals):
    assert species_in(name) == metals


def test_lines_of_metals():
    """Vacuum wavelengths of the lines that lidars use (NIST) are known; that of a Rayleigh lidar is none."""
    lines = {393.478: "Ca+", 422.792: "Ca", 589.158: "Na", 372.099: "Fe", 770.108: "K", 285.296: "Mg", 337.053: "Ni"}
    assert {line: of_wavelength(line) for line in lines} == lines
    assert of_wavelength(532.0) is None


def test_the_wavelength_goes_before_the_default(tmp_path):
    path = night(tmp_path, "20200105.mat", Info={"wavelength_nm": 769.9})
    with pytest.raises(UndecidedError, match=r"data of K, and Ca\+ is asked for") as stop:
        species_of(path)
    assert "a line of K" in str(stop.value)
    assert "options: {species: K}" in str(stop.value)
    assert "options: {species: Ca+}" in str(stop.value)
    assert species_of(path, "K") == ("K", "the file says so: Info.wavelength_nm 769.9")


def test_a_name_against_the_wavelength_is_asked_about(tmp_path):
    path = night(tmp_path, "Fe_20200105.mat", lambda_nm=769.9)
    with pytest.raises(UndecidedError, match="data of Fe, and K is asked for") as stop:
        species_of(path, "K")
    assert "'Fe' in Fe_20200105.mat" in str(stop.value)


def test_a_metal_that_nobody_names_is_said_to_be_assumed(tmp_path):
    assert species_of(night(tmp_path, "20200105.mat"))[1].startswith("assumed")
    assert species_of(night(tmp_path, "20200106.mat"), "K")[1].startswith("given")


def test_the_command_knows_other_names_of_a_metal(tmp_path, capsys):
    path = night(tmp_path, "20200105.mat")
    place = [str(value) for value in TENERIFE.values()]
    assert cli.main(["inspect", str(path), "--site", *place, "--species", "Caplus"]) == 0
    assert "species: Ca+" in capsys.readouterr().out
