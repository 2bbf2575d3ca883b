"""The bounds of plausible readings: as the page says, and wide enough for what was published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metalclouds.errors import ReadError
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema import plausible
from tests.ingest.papers import read_any

PAGE = (Path(__file__).parents[2] / "docs/readers.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("species", plausible.LAYERS)
def test_the_page_has_the_bounds_of_each_metal(species):
    layer = plausible.LAYERS[species]
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| mean peak and column of {species} |"))
    for bounds in (layer.peak, layer.column):
        assert f"{bounds.low:g}-{bounds.high:g} {bounds.unit}" in row
        assert bounds.source in row


@pytest.mark.parametrize("bounds", plausible.LIDAR.values())
def test_the_page_has_the_bounds_of_a_night(bounds):
    assert f"{bounds.low:g}-{bounds.high:g}" in PAGE
    assert bounds.source in PAGE


@pytest.mark.parametrize("column", [1.6e6, 4.2e8])
def test_published_columns_of_calcium_ions_pass(column):
    """Xun et al. 2024, Remote Sens. 16, 596: 226 nights at Yanqing."""
    assert plausible.LAYERS["Ca+"].column.holds(column)


@pytest.mark.parametrize("peak", [65.0, 3900.0])
def test_published_peaks_of_calcium_ions_pass_and_no_other_unit_does(peak):
    """Alpers et al. 1996."""
    bounds = plausible.LAYERS["Ca+"].peak
    assert bounds.holds(peak)
    assert not bounds.holds(peak * 1e6)
    assert not bounds.holds(peak * 1e-6)


HEIGHTS, HOURS = np.arange(80.0, 201.0), 12.0 + np.arange(60) / 12.0


def record(folder: Path, peaks: list[float], lowest_km: float = 80.0) -> Path:
    """Nights of a stated unit whose layers have these mean peaks (cm-3)."""
    heights = HEIGHTS[lowest_km <= HEIGHTS]
    for day, peak in enumerate(peaks, start=10):
        layer = peak * np.exp(-0.5 * ((heights - 95.0) / 3.0) ** 2) * np.ones((HOURS.size, 1))
        noise = np.random.default_rng(day).normal(0.0, 0.01 * peak, layer.shape)
        rows = [f"{t:.4f}," + ",".join(f"{v:.4g}" for v in row) for t, row in zip(HOURS, layer + noise, strict=True)]
        head = "UT," + ",".join(f"{z:g}" for z in heights)
        (folder / f"night_202105{day}.csv").write_text("# density (cm-3)\n" + head + "\n" + "\n".join(rows) + "\n")
    return folder


@pytest.mark.parametrize("peaks", [[1e5], [1e5, 2e5]])
def test_one_or_two_nights_with_an_impossible_layer_are_asked_for(tmp_path, peaks):
    """Too few for a median, and no other unit fits: a person says that it is so, by the unit."""
    place = tmp_path / "record"
    place.mkdir()
    with pytest.raises(ReadError, match="is the size of the layer right"):
        read_any(record(place, peaks))
    own = tmp_path / "own.yaml"
    own.write_text("entries:\n- {glob: '*.csv', instrument: lidar, reader: lidar_arrays, options: {unit: cm-3}}\n")
    nights = read_any(place, IngestSettings(catalogue=(str(own),)))
    assert len(nights) == len(peaks)


@pytest.mark.parametrize("peaks", [[100.0, 200.0, 1e5], [100.0, 1e5], [100.0]])
def test_an_odd_night_beside_usual_ones_is_written(tmp_path, peaks):
    assert len(read_any(record(tmp_path, peaks))) == len(peaks)


def test_nights_above_the_layer_say_nothing_of_its_size(tmp_path):
    assert len(read_any(record(tmp_path, [1e-3], lowest_km=120.0))) == 1
