"""Figures of the made-up run against small pictures of them that were looked at; new ones: run this file as a script.

The pictures are a hundred pixels wide: they find a panel, a colour scale or an overlay that is lost or moved, and do
not mind other fonts. Labels and numbers have tests of their own.
"""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import fake_run
import numpy as np
import pytest
from conftest import NAMES, SETTINGS
from PIL import Image

from metalclouds.figures import style

FOLDER = Path(__file__).parent / "baseline"
SIZE = (100, 130)
# Grey levels of 255: the mean difference allowed, and what one pixel in a hundred may exceed.
MEAN, LARGE = 1.5, 24.0


def small(png: Path) -> np.ndarray:
    """A picture in grey, reduced by averaging."""
    picture = Image.open(png).convert("L")
    picture.thumbnail(SIZE, Image.Resampling.BOX)
    return np.asarray(picture, dtype=float)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two small pictures show the same."""
    if one.shape != other.shape:
        return False
    apart = np.abs(one - other)
    return bool(apart.mean() <= MEAN and np.percentile(apart, 99.0) <= LARGE)


def _drawn(module, data, folder: Path, settings=SETTINGS) -> np.ndarray:
    style.save(module.draw(data, settings), folder / "drawn.png", None, settings)
    return small(folder / "drawn.png")


@pytest.mark.parametrize("name", NAMES)
def test_figures_look_as_they_did(loaded, name, tmp_path):
    module, data = loaded[name]
    assert alike(_drawn(module, data, tmp_path), np.asarray(Image.open(FOLDER / f"{name}.png"), dtype=float))


@pytest.mark.parametrize(
    "change",
    [{"overlays": False}, {"colour_map": "oslo"}, {"density_range_cm3": (0.1, 1e4)}, {"image_ceiling_km": 260.0}],
    ids=str,
)
def test_a_changed_figure_is_found(loaded, run_dir, tmp_path, change):
    module, _ = loaded["figure1"]
    settings = SETTINGS.model_copy(update=change)
    drawn = _drawn(module, module.load(run_dir, fake_run.CASES, settings), tmp_path, settings)
    assert not alike(drawn, np.asarray(Image.open(FOLDER / "figure1.png"), dtype=float))


def _write() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = fake_run.build(Path(folder) / "run")
        for name in NAMES:
            module = importlib.import_module(f"metalclouds.figures.{name}")
            picture = _drawn(module, module.load(run, fake_run.CASES, SETTINGS), Path(folder))
            Image.fromarray(picture.round().astype("uint8")).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    _write()
