"""Invented runs, shared by the tests of their pages."""

import pytest

from tests.report.site import make


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A run on simulated data, and one on the paper's data without maps of electron content."""
    base = tmp_path_factory.mktemp("report")
    return {"twin": make(base / "twin", "twin"), "paper": make(base / "paper", "zenodo", ("tec",))}
