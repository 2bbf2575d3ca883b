"""Each claim with a truth under which it holds and one under which it fails, at the level of derived files.

    python -m tests.claims.both_ways docs/claims.md

A claim that cannot fail is no test. The truths are those of `tests.claims.truths` and `tests.claims.validate`; a test
compares the table in the docs with the claims that there are.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from metalclouds.claims.model import load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.judge import InstrumentState, JudgeContext, judge
from metalclouds.schema.datasets import INSTRUMENTS
from tests.claims.simulated import Truth, campaign
from tests.claims.truths import AS_CLAIMED, OTHERS
from tests.claims.validate import OTHERWISE, OTHERWISE_TOO

BOOK = load_claims(Path(__file__).parents[2] / "config" / "claims.yaml")
CONTEXT = JudgeContext("paper", {name: InstrumentState(present=True) for name in INSTRUMENTS})
TRUTHS: dict[str, Truth] = {
    "as the paper has it": AS_CLAIMED, **{name: other.truth for name, other in OTHERS.items()},
    "zenith angles eight times as large": replace(AS_CLAIMED, beta=8.0),
    "enhancements on nights without clouds only": replace(AS_CLAIMED, enhancement=False, quiet_enhancement=True),
    "a profile every 15 s": replace(AS_CLAIMED, profile_s=15), "all numbers others": OTHERWISE,
    "no clouds above 110 km, stripes at random": OTHERWISE_TOO,
}  # fmt: skip
SEEDS = (5, 6, 7)
HEAD = """# Claims, and what would make each of them fail

Written by `python -m tests.claims.both_ways docs/claims.md`: campaigns are drawn at the level of the derived files,
once as the paper has it and once for each of some other truths (`tests/claims/truths.py`), and judged by the same
code as a run. A claim that is open by design is measured and not judged.

| claim | statement | holds under | fails under | what was found then |
|---|---|---|---|---|
"""


def entries(truth: Truth, seed: int, wanted: Collection[str]) -> dict[str, dict]:
    """Verdicts of some claims on one campaign of a truth."""
    data = campaign(truth, np.random.default_rng(seed), ClaimsSettings(draws=400))
    return {claim.id: judge(claim, data, CONTEXT) for claim in BOOK.claims if claim.id in wanted}


def both_ways() -> dict[str, dict[str, tuple[str, str]]]:
    """Claim -> met and not_met -> (truth, reason), the first truth that gives it."""
    found: dict[str, dict[str, tuple[str, str]]] = {claim.id: {} for claim in BOOK.claims}
    for seed in SEEDS:
        for name, truth in TRUTHS.items():
            wanted = {claim for claim, ways in found.items() if len(ways) < 2} - open_by_design()
            for claim, entry in entries(truth, seed, wanted).items() if wanted else ():
                if entry["status"] in ("met", "not_met"):
                    found[claim].setdefault(entry["status"], (name, entry["reason"]))
    return found


def open_by_design() -> set[str]:
    """Claims that are not judged, whatever the data."""
    return {claim.id for claim in BOOK.claims if claim.not_testable}


def page() -> str:
    """The table as Markdown."""
    rows, ways = [], both_ways()
    for claim in BOOK.claims:
        if claim.not_testable:
            cells = ["open by design", "open by design", claim.not_testable]
        else:
            fails = ways[claim.id].get("not_met", ("none", ""))
            cells = [ways[claim.id].get("met", ("none", ""))[0], *fails]
        words = [claim.id, claim.statement, *cells]
        rows.append("| " + " | ".join(" ".join(word.split()).replace("|", "/") for word in words) + " |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
