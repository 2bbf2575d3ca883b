"""A made-up run, drawn once."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fake_run

from metalclouds.figures.settings import FiguresSettings

SETTINGS = FiguresSettings(dpi=72)
NAMES = tuple(f"figure{number}" for number in range(1, 7))


@pytest.fixture(scope="session")
def run_dir(tmp_path_factory) -> Path:
    return fake_run.build(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def without(tmp_path_factory):
    """Folder of a run from which instruments were taken away."""
    made: dict[tuple[str, ...], Path] = {}

    def build(*absent: str) -> Path:
        if absent not in made:
            folder = tmp_path_factory.mktemp("without-" + "-".join(absent))
            made[absent] = fake_run.build(folder, step_s=600.0, step_km=4.8, absent=absent)
        return made[absent]

    return build


@pytest.fixture(scope="session")
def loaded(run_dir):
    """name -> (module, data)."""
    modules = {name: importlib.import_module(f"metalclouds.figures.{name}") for name in NAMES}
    return {name: (module, module.load(run_dir, fake_run.CASES, SETTINGS)) for name, module in modules.items()}


@pytest.fixture(scope="session")
def figures(loaded):
    """name -> figure."""
    return {name: module.draw(data, SETTINGS) for name, (module, data) in loaded.items()}
