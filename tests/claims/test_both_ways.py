"""The table of claims in the docs: each claim that is judged can hold and can fail."""

from pathlib import Path

from metalclouds.claims.model import load_claims
from tests.claims.campaign import CLAIMS

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


def test_each_claim_that_is_judged_can_come_out_both_ways():
    rows = [
        line.strip("| ").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    table = {row[0]: row for row in rows[1:]}
    claims = {claim.id: claim for claim in load_claims(CLAIMS).claims}
    assert list(table) == list(claims), "python -m tests.claims.both_ways docs/claims.md"
    for name, claim in claims.items():
        holds, fails = table[name][2:4]
        assert claim.not_testable or "none" not in (holds, fails), name
