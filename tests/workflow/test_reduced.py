"""Two of the reduced records (`make validate` has all): nothing that could not be looked for is called different."""

from __future__ import annotations

import pytest

from tests.claims.reduced.suite import CASES, faults, run, verdicts_of

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


@pytest.mark.parametrize("name", ["six_nights_of_density", "tec_of_four_nights"])
def test_a_reduced_record_turns_no_verdict(name, small_run, tmp_path):
    checkout, _ = run(CASES[name], small_run, tmp_path / "reduced")
    assert faults(CASES[name], verdicts_of(small_run), verdicts_of(checkout)) == {}
