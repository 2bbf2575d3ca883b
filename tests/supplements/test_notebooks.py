"""Notebooks of the supplements: thin, without results, one for each card of the page."""

from __future__ import annotations

import importlib
from pathlib import Path

import nbformat
import pytest

from metalclouds.claims.model import load_claims
from metalclouds.figures import supplement
from metalclouds.figures.settings import FiguresSettings
from metalclouds.report.sources import SUPPLEMENTS
from metalclouds.schema.tables import DERIVE_TABLES
from metalclouds.schema.tables import SUPPLEMENTS as OBSERVED
from tests.claims.campaign import CLAIMS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("supplement_*.ipynb"))


def test_each_notebook_has_a_card_and_each_claim_a_notebook():
    assert {path.stem.removeprefix("supplement_") for path in NOTEBOOKS} == set(SUPPLEMENTS)
    claims = {claim.id for claim in load_claims(CLAIMS).claims if claim.id.startswith("X")}
    assert {one for _, ids in SUPPLEMENTS.values() for one in ids} == claims


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin_and_explains_itself(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert [cell.metadata.get("tags") for cell in cells].count(["parameters"]) == 1
    assert sum(len(cell.source.splitlines()) for cell in cells) <= 30
    words = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").split()
    assert len(words) > 120


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_figure_without_any_observation_says_so(path, tmp_path):
    """Every panel that has nothing to show is drawn as missing, with its reason."""
    module = importlib.import_module(f"metalclouds.figures.{path.stem}")
    names = ("stripes", "air", "nights", "escape", "lifetimes", "season", "decisions")
    tables = {name: DERIVE_TABLES[f"supplement_{name}.csv"].empty() for name in names}
    data = supplement.SupplementData(OBSERVED.empty(), tables, synthetic=False)
    figure = module.draw(data, FiguresSettings(dpi=72))
    figure.savefig(tmp_path / "empty.png")
    assert module.caption(data, FiguresSettings())
