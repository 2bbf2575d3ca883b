"""The table of claims in the docs: each claim that is judged can hold and can fail."""

from pathlib import Path

from metalclouds.claims.model import load_claims
from metalclouds.claims.verdict.words import expectations
from tests.claims.campaign import CLAIMS

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


def in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "/")


def test_each_claim_that_is_judged_can_come_out_both_ways():
    rows = [
        line.strip("| ").split(" | ")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    table = {row[0]: row for row in rows[1:]}
    claims = {claim.id: claim for claim in load_claims(CLAIMS).claims}
    remedy = "older than config/claims.yaml: python -m tests.claims.both_ways docs/claims.md"
    assert list(table) == list(claims), remedy
    for name, claim in claims.items():
        statement, holds, fails, found = table[name][1:5]
        assert claim.not_testable or "none" not in (holds, fails), name
        assert statement == in_a_cell(claim.statement), remedy
        # The page states the expectation of the part that decided.
        words = [claim.not_testable] if claim.not_testable else [expectations(part) for part in claim.parts]
        assert any(in_a_cell(one) in found for one in words), f"{name}: {remedy}"
