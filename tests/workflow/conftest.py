"""One small simulated run, shared by the tests that look at its results."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.workflow.checkout import Checkout


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Checkout:
    """The whole workflow on ten simulated nights; METALCLOUDS_SMALL_RUN names a folder to make it in, or to reuse."""
    if kept := os.environ.get("METALCLOUDS_SMALL_RUN"):
        checkout = Checkout(Path(kept))
        checkout.snakemake()
        return checkout
    checkout = Checkout(tmp_path_factory.mktemp("small"))
    checkout.snakemake()
    return checkout
