"""One small simulated run, shared by the tests that look at its results."""

from __future__ import annotations

import pytest

from tests.workflow.checkout import Checkout


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Checkout:
    """The whole workflow on a dozen simulated nights."""
    checkout = Checkout(tmp_path_factory.mktemp("small"))
    checkout.snakemake()
    return checkout
