"""Another truth changes the claims that it concerns and no others."""

import numpy as np
import pytest

from metalclouds.claims.model import load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.judge import InstrumentState, JudgeContext, judge
from metalclouds.schema.datasets import INSTRUMENTS
from tests.claims.campaign import CLAIMS
from tests.claims.simulated import campaign
from tests.claims.truths import AS_CLAIMED, OTHERS

BOOK = load_claims(CLAIMS)
SEED = 5


def statuses(truth):
    context = JudgeContext("paper", {name: InstrumentState(present=True) for name in INSTRUMENTS})
    data = campaign(truth, np.random.default_rng(SEED), ClaimsSettings(draws=1000))
    return {claim.id: judge(claim, data, context)["status"] for claim in BOOK.claims}


@pytest.fixture(scope="module")
def as_claimed():
    return statuses(AS_CLAIMED)


def test_the_paper_s_truth_agrees(as_claimed):
    assert set(as_claimed.values()) <= {"met", "undecided", "by_design"}
    assert sum(status == "met" for status in as_claimed.values()) >= len(as_claimed) - 9


@pytest.mark.parametrize("name", OTHERS)
def test_another_truth_changes_its_claims_and_no_others(name, as_claimed):
    other = OTHERS[name]
    found = statuses(other.truth)
    assert {claim for claim in other.must if found[claim] == "met"} == set()
    assert any(found[claim] == "not_met" for claim in other.must)
    left = set(found) - set(other.must) - set(other.may)
    assert {claim for claim in left if found[claim] != as_claimed[claim]} == set()
