"""Where evidence does not decide, the stop proposes lines; one of them, put into an entry, gives the right night."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import xarray as xr
import yaml

from metalclouds import io
from metalclouds.errors import ConfigError, ReadError, UndecidedError
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any
from tests.ingest.shapes import truth

NIGHT = "2022-01-16"
ALTITUDE_KM = 75.0 + 1.92 * np.arange(60)


@dataclass(frozen=True)
class Case:
    """A file that leaves a question open: its arrays, and times and density (cm-3) that are meant by it."""

    arrays: dict[str, np.ndarray]
    hours_ut: np.ndarray
    density: np.ndarray


def night(hours: np.ndarray, density: np.ndarray, hours_ut: np.ndarray | None = None, **arrays: np.ndarray) -> Case:
    content = {"density": density, "UT": hours, "alt": ALTITUDE_KM[: density.shape[1]], **arrays}
    return Case(content, hours if hours_ut is None else hours_ut, density)


def usual() -> tuple[np.ndarray, np.ndarray]:
    return truth("2021-06-03").hours, truth("2021-06-03").density


def clock() -> Case:
    """20 to 22 h local time in winter: read as UT it is 4 to 6 h in the morning, and dark as well."""
    hours, density = 20.0 + np.arange(40) / 20.0, usual()[1]
    case = night(hours, density, hours - 8.0)
    case.arrays["hours"] = case.arrays.pop("UT")
    return case


def unit() -> Case:
    """A peak of 3e5: too much for cm-3, too little for m-3; it is meant in m-3."""
    hours, density = usual()
    density = density * (0.3 / density.mean(axis=0).max())
    case = night(hours, density)
    case.arrays["data"] = 1e6 * case.arrays.pop("density")
    return case


def orientation() -> Case:
    """As many profiles as altitudes, and no layer: it falls with altitude and time alike."""
    hours = usual()[0]
    density = 500.0 - 5.0 * np.arange(40)[:, None] - 4.0 * np.arange(40)[None]
    return night(hours, density)


def which_array() -> Case:
    hours, density = usual()
    return night(hours, density, density_of_another_channel=2.0 * density)


def counts_or_density() -> Case:
    hours, density = usual()
    case = night(hours, np.abs(np.round(10.0 * density)))
    case.arrays["data"] = case.arrays.pop("density")
    return case


CASES: list[Callable[[], Case]] = [clock, unit, orientation, which_array, counts_or_density]


def proposed(error: UndecidedError) -> list[dict]:
    """The options of the lines that a stop proposes."""
    found = re.findall(r"options: (\{.*\})", str(error.remedy))
    return [yaml.safe_load(line) for line in found]


def is_right(found: xr.Dataset, case: Case) -> bool:
    times = np.datetime64(NIGHT, "ns") + np.round(case.hours_ut * 3.6e6).astype("timedelta64[ms]")
    if found.sizes["time"] != times.size or np.abs(found["time"].values - times).max() > np.timedelta64(10, "ms"):
        return False
    density = io.number_density(found)[0].values
    return density.shape == case.density.shape and np.allclose(density, case.density, rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("make", CASES)
def test_one_of_the_proposed_lines_works(tmp_path: Path, make: Callable[[], Case]):
    case = make()
    path = tmp_path / f"night_{NIGHT}.mat"
    scipy.io.savemat(path, case.arrays)
    with pytest.raises(UndecidedError) as caught:
        read_any(path)
    lines = proposed(caught.value)
    # A third line may hold a FACTOR that only a person knows.
    assert len(lines) in (2, 3)
    right = 0
    for options in lines:
        own = tmp_path / "own.yaml"
        entry = {"glob": "night_*.mat", "instrument": "lidar", "reader": "lidar_arrays", "options": options}
        own.write_text(yaml.safe_dump({"entries": [entry]}))
        try:
            (found,) = read_any(path, IngestSettings(catalogue=(str(own),)))
        except (ReadError, ConfigError):
            continue
        right += is_right(found, case)
    assert right == 1, "one line is what was meant, the others are not"
