"""The bounds of plausible readings: as the page says, and wide enough for what was published."""

from __future__ import annotations

from pathlib import Path

import pytest

from metalclouds.schema import plausible

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
