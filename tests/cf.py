"""The CF test of IOOS's compliance-checker on a file, without its network."""

from __future__ import annotations

import warnings
from pathlib import Path

import netCDF4
import pytest
from compliance_checker.cf import util
from compliance_checker.runner import CheckSuite

# What the checker recommends and we leave: CF 1.12 knows `units_metadata`, our files declare CF 1.11; and the
# emissions of winds are a dimension of their own beside time.
LEFT = ("§4.4", "§2.4")

# A check that fails itself where a coordinate holds words (the panels of Figure 2).
FAILS = {"check_coordinate_variables_strict_monotonicity"}


def complaints(path: Path) -> list[tuple[int, str, str]]:
    """Weight (3: an error, 2: a recommendation), section and message of what the CF check finds."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(), netCDF4.Dataset(path) as file:
        # Its table of standard names is the one that it carries: no server decides the outcome.
        patch.setattr(util, "download_cf_standard_name_table", _no_download)
        warnings.simplefilter("ignore")
        CheckSuite.load_all_available_checkers()
        scores, errors = CheckSuite().run_all(file, ["cf:1.11"], skip_checks=[])["cf:1.11"]
    assert set(errors) <= FAILS
    found = [(one.weight, str(one.name), text) for one in scores for text in one.msgs or []]
    return [one for one in found if not one[1].startswith(LEFT)]


def _no_download(*_arguments):
    raise OSError("this test asks no server")
