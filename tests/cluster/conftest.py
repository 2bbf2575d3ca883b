"""One SLURM for all tests of this folder, and the local run that they compare with."""

from __future__ import annotations

import os

import pytest

from tests.cluster import lab as slurm
from tests.workflow.conftest import small_run  # noqa: F401


@pytest.fixture(scope="session")
def lab():
    """A running SLURM; tests are skipped where it is not installed, unless METALCLOUDS_NEEDS_SLURM is set."""
    reason = slurm.missing()
    if reason and not os.environ.get("METALCLOUDS_NEEDS_SLURM"):
        pytest.skip(f"{reason} (Debian: apt-get install slurmctld slurmd slurm-client munge)")
    with slurm.slurm_lab() as running:
        yield running
