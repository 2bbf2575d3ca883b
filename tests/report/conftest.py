"""Invented runs, shared by the tests of their pages."""

import pytest

from tests.report.site import make, make_own


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """A run on simulated data, and one on the paper's data without maps of electron content."""
    base = tmp_path_factory.mktemp("report")
    return {"twin": make(base / "twin", "twin"), "paper": make(base / "paper", "zenodo", ("tec",))}


@pytest.fixture(scope="session")
def own_runs(runs, tmp_path_factory):
    """Runs on somebody's own files: nights of lidar, and files of other instruments only."""
    base = tmp_path_factory.mktemp("own")
    return {
        "own": make_own(runs["paper"], base / "local-mine"),
        "samples": make_own(runs["paper"], base / "local-samples", with_lidar=False),
    }
