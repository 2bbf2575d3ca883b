"""Detection on dask workers inside the workflow gives the bytes that it gives without them."""

from __future__ import annotations

import pytest

from metalclouds.files import sha256
from tests.workflow.checkout import SMALL, Checkout

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
NIGHTS = "results/twin/detect/nights.csv"


def products(checkout: Checkout) -> dict[str, str]:
    folder = checkout.path("results/twin/detect")
    return {str(path.relative_to(folder)): sha256(path) for path in folder.rglob("*") if path.is_file()}


def test_two_workers_write_what_one_process_writes(tmp_path, small_run):
    copy = Checkout(tmp_path / "workers", SMALL)
    copy.take_from(small_run, link=False)
    before = products(copy)
    # With two cores each of the two batches has one by itself.
    done = copy.snakemake(NIGHTS, "--forcerun", "detect", "--set-threads", "detect=2")
    assert "stripes of 2021, cores: 2" in done.stderr + done.stdout
    assert products(copy) == before
    assert sum(name.endswith(".nc") for name in before) == 10
