"""From counts to verdicts: other truths of the twin change the claims that they concern and no others."""

from __future__ import annotations

import json

import pytest

from tests.workflow.checkout import SMALL, Checkout

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]

# Changes that concern different claims are made in one run. What each must take out of agreement, of the claims that
# ten nights can test; what noise may turn either way stands apart.
OTHER_TRUTHS = [
    (
        {"tec_enhancement": False, "es_response": False, "beta_scale": 2.0},
        {
            "T1": "no onset",
            "T2": "no excess",
            "T4": "no end",
            "T5": "no axis",
            "T6": "no onset",
            "F2a": "no enhancement whose hours could be looked at",
            "E2": "nothing blankets",
            "E3": "no double layer",
        },
        # Slopes twice as large move the ends of stripes and clouds in time; E1 has errors as large as a rise. Of the
        # Es that comes and goes by itself, one is there from 14:30 on 10 May: then E4a holds without a connection.
        {"S4", "S5a", "S5b", "S8", "S9", "S12", "L8", "E1a", "E1b", "E4a", "E4b"},
    ),
]


def verdicts(checkout: Checkout) -> dict[str, str]:
    content = json.loads(checkout.path("results/twin/claims/verdicts.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry["verdict"] for entry in content}


@pytest.mark.parametrize(("changes", "must", "may"), OTHER_TRUTHS)
def test_another_truth_changes_its_claims_and_no_others(small_run, tmp_path, changes, must, may):
    checkout = Checkout(tmp_path / "other")
    checkout.configure({"twin": SMALL["twin"] | {"changes": changes}})
    checkout.snakemake("claims")
    before, after = verdicts(small_run), verdicts(checkout)
    assert {claim for claim in must if after[claim] == "recovered"} == set()
    left = set(before) - set(must) - may
    assert {claim: (before[claim], after[claim]) for claim in left if before[claim] != after[claim]} == {}
