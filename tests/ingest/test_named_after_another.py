"""A file that is named after another metal than the one that is assumed is a question."""

import numpy as np
import pytest

from metalclouds.errors import UndecidedError
from metalclouds.ingest.evidence.species import with_symbols
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any
from tests.ingest.test_file_dates import night

# A layer whose density fits several metals.
THIN = 60.0 * np.exp(-(((np.arange(80.0, 140.0) - 91.0) / 4.0) ** 2)) + np.random.default_rng(6).normal(
    0, 1, (40, 60)
)


def unnamed(folder, name):
    path = night(folder, name, values=THIN)
    path.write_text(path.read_text(encoding="utf-8").replace("Na number density", "number density"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "name", ["K_20210510.csv", "Kalium_20210510.csv", "iron_2021-05-10.csv", "eisen20210510.csv"]
)
def test_another_metal_in_the_name_is_asked_about(tmp_path, name):
    with pytest.raises(UndecidedError, match="Ca\\+ is asked for"):
        read_any(unnamed(tmp_path, name))


def test_the_metal_that_is_given_is_read(tmp_path):
    potassium = IngestSettings.model_validate({"lidar": {"species": "K"}})
    (found,) = read_any(unnamed(tmp_path, "Kalium_20210510.csv"), potassium)
    assert "K" in str(found.attrs)


def test_a_name_without_a_metal_is_assumed_and_calcium_is_not_held_against_its_ion(tmp_path):
    for name in ("night_20210510.csv", "calcium_20210510.csv"):
        (found,) = read_any(unnamed(tmp_path, name))
        assert found.sizes["time"] == 40
        (tmp_path / name).unlink()


def test_names_of_metals_become_symbols():
    assert with_symbols("Kalium-Lidar").split() == ["K", "-Lidar"]
