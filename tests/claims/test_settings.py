"""A measure that follows a setting of ours one to one measures the setting: each number moved by a little."""

from __future__ import annotations

import pytest

from metalclouds.claims.measures import measure
from metalclouds.claims.model import Claim, Data, NotFound, Part, Unavailable, load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.statistics import nearest
from metalclouds.claims.verdict.judge import judge
from tests.claims import campaign
from tests.claims.campaign import CLAIMS
from tests.claims.test_lacking import CONTEXT

BOOK = load_claims(CLAIMS)
DATA = Data(campaign.tables(), campaign.CASES, ClaimsSettings(draws=200), campaign.masks())
# A value follows an argument one to one if it moves by the argument's own step, give or take a tenth.
FOLLOWS = (0.9, 1.1)
# What an argument is moved by, in the unit that its name ends with.
STEPS = {"_km": 4.0, "_s": 20.0, "minutes": 4.0, "hours": 0.5, "_deg": 0.1, "_share": 0.01}
# Numbers of the paper, not ours: claim, argument.
THE_PAPERS_OWN = {("D1", "from_km")}


def moved_arguments(part: Part):
    """(argument, step, arguments) of a part, each number moved by a little."""
    for name, value in part.arguments.items():
        for ending, step in STEPS.items():
            if name.endswith(ending) and isinstance(value, (int, float)):
                yield name, step, part.arguments | {name: value + step}
            if name.endswith(ending) and isinstance(value, list) and all(isinstance(x, (int, float)) for x in value):
                yield name, step, part.arguments | {name: [x + step for x in value]}


def value_of(part: Part, arguments: dict) -> float | None:
    """The value that is judged; None where nothing is measured."""
    try:
        found = measure(part.measure)(DATA, **arguments)
    except Unavailable:
        return None
    return None if isinstance(found, NotFound) else nearest(found, *part.expected.bounds).value


@pytest.mark.parametrize("claim", BOOK.claims, ids=lambda claim: claim.id)
def test_no_value_follows_a_number_of_its_claim(claim: Claim):
    for part in claim.parts:
        first = value_of(part, part.arguments)
        for name, step, arguments in moved_arguments(part):
            other = value_of(part, arguments)
            if first is not None and other is not None and (claim.id, name) not in THE_PAPERS_OWN:
                ratio = (other - first) / step
                assert not FOLLOWS[0] <= abs(ratio) <= FOLLOWS[1], (part.name, name, ratio)


@pytest.mark.parametrize("claim", BOOK.claims, ids=lambda claim: claim.id)
def test_no_verdict_turns_with_a_setting_of_the_stage(claim: Claim):
    """Seeds, draws and doubtful probabilities moved by a little give no other verdict than agrees or undecided."""
    first = judge(claim, DATA, CONTEXT)
    if first["verdict"] != "agrees":
        return
    for change in (
        {"seed": 3}, {"draws": 300}, {"sure_p_false": 2e-4}, {"doubtful_p_false": 0.03}, {"confidence": 0.94},
        {"ordering_agrees": 0.88},
    ):  # fmt: skip
        data = Data(DATA.tables, DATA.panels, DATA.settings.model_copy(update=change), DATA.masks)
        assert judge(claim, data, CONTEXT)["verdict"] != "differs", change
