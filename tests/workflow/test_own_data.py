"""docs/your-own-data.md, followed with a sodium lidar's files: figures and stripes, and nothing is called Ca+."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import netCDF4
import numpy as np
import pytest
import yaml
from matplotlib.text import Text

from metalclouds import io
from metalclouds.batches import chosen_cases
from metalclouds.figures import figure1, figure4, figure5
from metalclouds.figures.settings import FiguresSettings
from tests.ingest import sodium
from tests.workflow.checkout import ROOT, Checkout

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


def documented_settings(folder: Path) -> dict:
    """The settings that the page prints, with another folder."""
    text = (ROOT / "docs/your-own-data.md").read_text(encoding="utf-8")
    block = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert block is not None
    settings = yaml.safe_load(block.group(1))
    settings["fetch"]["local"]["folder"] = str(folder)
    return settings


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> Checkout:
    folder = tmp_path_factory.mktemp("sodium")
    sodium.write(folder)
    checkout = Checkout(tmp_path_factory.mktemp("own") / "checkout", documented_settings(folder))
    checkout.snakemake("figure1", "figure4", "figure5")
    return checkout


def run_of(checkout: Checkout) -> Path:
    return checkout.path("results/local-mine")


def test_both_nights_are_ingested_as_sodium(mine):
    for night in sodium.NIGHTS:
        (path,) = run_of(mine).glob(f"ingest/lidar/*/{night}.nc")
        with netCDF4.Dataset(path) as file:
            assert file.species == "Na"
            assert file["na_number_density"].long_name == "number density of Na"
            assert file.synthetic == "false"
            mean = np.nanmean(file["na_number_density"][:], axis=0)
            peak = file["altitude"][:][mean.argmax()]
        # The layer of the files stands at 91 km; bins are 0.3 km.
        assert abs(peak - 91.0) < 1.0


def test_the_stripes_are_those_of_the_files(mine):
    stripes = io.read_csv(run_of(mine) / "detect/stripes.csv").sort_values("time_bottom")
    assert stripes["night"].tolist() == [sodium.NIGHTS[0]] * len(sodium.STRIPES)
    # |slowness| to 1 s/km, which is many times the stated error; stripes descend, so that dt/dz is negative.
    assert stripes["slowness_s_per_km"].to_numpy() == pytest.approx([-s for _, s in sodium.STRIPES], abs=1.0)
    start = np.datetime64(sodium.NIGHTS[0]) + np.timedelta64(round(3600 * sodium.FIRST_HOUR), "s")
    seconds = (stripes["time_bottom"].to_numpy() - start) / np.timedelta64(1, "s")
    ends = zip(sodium.STRIPES, stripes["bottom_km"], strict=True)
    wanted = [at + slowness * (120.0 - low) for (at, slowness), low in ends]
    # A profile lasts 60 s.
    assert seconds == pytest.approx(wanted, abs=60.0)


def test_products_and_captions_name_sodium(mine):
    run = run_of(mine)
    for path in sorted(run.rglob("*.nc")):
        with netCDF4.Dataset(path) as file:
            assert not [name for name in file.variables if name.startswith("ca_ion")], path.name
            said = [file.title if "title" in file.ncattrs() else ""]
            said += [getattr(variable, "long_name", "") for variable in file.variables.values()]
        assert "Ca+" not in " ".join(said), path.name
    for path in sorted(run.glob("figures/*.caption.txt")):
        assert "Ca+" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("figure", [figure1, figure4, figure5])
def test_labels_of_the_figures_name_sodium(mine, figure):
    given = documented_settings(Path())
    settings = FiguresSettings(**given["figures"])
    drawn = figure.draw(figure.load(run_of(mine), chosen_cases(run_of(mine)), settings), settings)
    texts = [text.get_text() for text in drawn.findobj(Text)]
    assert "Na density (cm$^{-3}$)" in texts
    assert not [text for text in texts if "Ca" in text]
    plt.close(drawn)


def test_the_nights_of_the_folder_are_the_case_nights(mine):
    """The settings name none: panels are the folder's own nights, and no night of the paper is shown as missing."""
    cases = chosen_cases(run_of(mine))
    assert [case["night"] for case in cases] == sorted(sodium.NIGHTS)
    assert [case["panel"] for case in cases] == ["a", "b"]
    for path in run_of(mine).glob("figures/*.caption.txt"):
        assert not re.search(r"202[0-2]-\d\d-\d\d", path.read_text(encoding="utf-8")), path.name


def test_figure_5b_shows_the_marked_stripes(mine):
    caption = (run_of(mine) / "figures/figure5.caption.txt").read_text(encoding="utf-8")
    assert f"(b) {sodium.NIGHTS[0]}" in caption
    assert "no lidar data" not in caption
    assert "marked stripes: none" not in caption
    beta = io.read_csv(run_of(mine) / "derive/beta.csv")
    assert beta["marked"].sum() == 2
    assert "Zenodo" not in caption
