"""A run of another station, species and dates: nothing of the paper's may stand in its figures and pages."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import fake_run
import pytest
from conftest import NAMES, SETTINGS
from matplotlib.text import Text

from metalclouds import cli
from metalclouds.figures import night_page

# Fort Collins, Colorado; sodium. The nights of the made-up run are of the 2030s.
LATITUDE, LONGITUDE, SPECIES = 40.6, -105.1, "Na"
# The paper's stations with their coordinates, its species, its years, its local time.
PAPERS = re.compile(
    r"Yanqing|Changping|Xinglong|Beijing|China|Ca\s?\+|Ca\$\^\+|Ca⁺|\b202[0-2]-|40\.[234]°|116\.[02]°|117\.4°|UT \+ 8"
)
LOCAL = "LT = UT − 7 h"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    folder = fake_run.build(tmp_path_factory.mktemp("elsewhere"), step_s=600.0, step_km=4.8)
    return fake_run.move(folder, SPECIES, LATITUDE, LONGITUDE)


def _said(module, run, settings):
    """All words of a figure, its caption and its table of numbers, and its plotted numbers' attributes."""
    data = module.load(run, fake_run.CASES, settings)
    figure = module.draw(data, settings)
    figure.draw_without_rendering()
    texts = [text.get_text() for text in figure.findobj(Text)]
    plotted = module.plotted(data)
    values = (
        plotted.to_csv() if hasattr(plotted, "to_csv") else str([one.attrs for one in plotted.variables.values()])
    )
    return texts, [*texts, module.caption(data, settings), module.numbers(data).to_csv(), values]


@pytest.mark.parametrize("name", NAMES)
def test_figures_name_nothing_of_the_papers(elsewhere, name):
    module = importlib.import_module(f"metalclouds.figures.{name}")
    _, said = _said(module, elsewhere, SETTINGS)
    assert [found for words in said for found in PAPERS.findall(words)] == []


def test_the_papers_names_would_be_found(run_dir):
    module = importlib.import_module("metalclouds.figures.figure1")
    _, said = _said(module, run_dir, SETTINGS)
    assert {"Ca+", "40.4°", "116.0°", "UT + 8"} <= {found for words in said for found in PAPERS.findall(words)}


@pytest.mark.parametrize("name", ["figure1", "figure2", "figure3"])
def test_local_time_is_that_of_the_longitude(elsewhere, name):
    module = importlib.import_module(f"metalclouds.figures.{name}")
    assert LOCAL in module.caption(module.load(elsewhere, fake_run.CASES, SETTINGS), SETTINGS)


def test_or_that_of_the_settings(elsewhere):
    module = importlib.import_module("metalclouds.figures.figure2")
    settings = SETTINGS.model_copy(update={"local_time_offset_hours": 5.5})
    texts, _ = _said(module, elsewhere, settings)
    # The first map of the made-up run is of 12 UT.
    assert "2031-07-20 12:00 UT, 17:30 LT" in texts


def test_species_place_and_dates_are_those_of_the_run(elsewhere):
    module = importlib.import_module("metalclouds.figures.figure1")
    texts, said = _said(module, elsewhere, SETTINGS)
    assert "Na density (cm$^{-3}$)" in texts
    assert any(f"Na number density between 70 and 300 km at {LATITUDE}°N, 105.1°W" in words for words in said)


def test_figure_5c_says_its_date(elsewhere):
    module = importlib.import_module("metalclouds.figures.figure5")
    texts, said = _said(module, elsewhere, SETTINGS)
    assert texts.count(fake_run.MARKED_NIGHT) == 3
    assert any(f"on {fake_run.MARKED_NIGHT} 14:15 UT" in words for words in said)


def test_pages_of_nights_name_nothing_of_the_papers(elsewhere):
    pages = night_page.pages(elsewhere, fake_run.CASES[:2], SETTINGS)
    for night, html in pages.items():
        words = re.sub(r'"data":"[^"]*"', "", html)
        assert PAPERS.findall(words) == []
        assert f"<title>Na density on {night}</title>" in html
        assert f"{LATITUDE}°N, 105.1°W" in html
        assert '"offset": -25200.0' in html


def test_the_terminal_names_nothing_of_the_papers(elsewhere, tmp_path, capfd):
    night = fake_run.CASES[0]["night"]
    file = str(elsewhere / f"ingest/lidar/cases/{night}.nc")
    assert cli.main(["detect", file, "--out", str(tmp_path / "found")]) == 0
    assert cli.main(["plot", file, "--out", str(tmp_path / "pictures"), "--html"]) == 0
    page = re.sub(r'"data":"[^"]*"', "", (tmp_path / f"pictures/night_{night}.html").read_text(encoding="utf-8"))
    assert PAPERS.findall(page) == []
    assert f"<title>Na density on {night}</title>" in page
    # It belongs to no run: nothing but the picture beside it is linked.
    assert set(re.findall(r'href="([^"]*)"', page)) == {"data:,", "#top", f"night_{night}.png"}
    assert '"local": "LT = UT \\u2212 7 h"' in page
    said = capfd.readouterr()
    tables = "".join(one.read_text() for one in (tmp_path / "found").glob("*.csv"))
    assert night in said.err
    assert PAPERS.findall(said.out + said.err + tables) == []


SUPPLEMENTS = sorted(one.stem for one in Path(night_page.__file__).parent.glob("supplement_*.py"))


# The lifetimes of supplement_metal are those of Ca+, whatever the lidar sees.
@pytest.mark.parametrize("name", [one for one in SUPPLEMENTS if one != "supplement_metal"])
def test_supplements_name_nothing_of_the_papers(name):
    module = importlib.import_module(f"metalclouds.figures.{name}")
    words = [node.value for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Constant)]
    assert [found for one in words if isinstance(one, str) for found in PAPERS.findall(one)] == []
