"""Two sources in one checkout: nothing of one gets into the other."""

from __future__ import annotations

import hashlib
import json

import pytest

from metalclouds import io
from tests.workflow.checkout import planned

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


def hashes(folder) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "raw" not in path.parts
    }


@pytest.fixture(scope="module")
def both(small_run):
    """The real samples after the simulated campaign; a figure that needs two instruments is enough to see mixing."""
    before = hashes(small_run.path("results/twin"))
    small_run.snakemake("figure3", "figure5", settings="config/samples.yaml")
    return small_run, before


def test_the_first_run_is_untouched(both):
    checkout, before = both
    assert hashes(checkout.path("results/twin")) == before
    assert not planned(checkout.snakemake("-n"))


def test_real_samples_are_real_and_their_own(both):
    checkout, _ = both
    run = checkout.path("results/local-samples")
    files = sorted((run / "ingest").rglob("*.nc"))
    nights = {path.stem for path in files}
    assert {"2021-10-07", "2022-03-01", "2023-10-14"} <= nights
    assert not nights & {path.stem for path in checkout.path("results/twin").rglob("ingest/*/*/*.nc")}
    assert {io.read_netcdf(path).attrs["synthetic"] for path in files} == {"false"}
    assert json.loads((run / "figures/figure5.json").read_text())["synthetic"] is False
