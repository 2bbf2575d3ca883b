"""Counts over all claims, and how many true ones chance would make fail."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.entry import finite
from metalclouds.claims.verdict.judge import NOT_TESTABLE, VERDICTS
from metalclouds.claims.verdict.rule import SHOWN


def chance_of_differing(entry: Mapping[str, Any], settings: ClaimsSettings) -> float:
    """Chance that a tested claim differs although it is true; an upper bound.

    Intervals of a claim's parts hold together with the stated confidence (`held_together`), so that they count once;
    each ordering may fail with its own probability. A part without an interval cannot differ by chance here.
    """
    parts = [part for part in entry["parts"] if part.get("outcome") != SHOWN]
    orderings = sum(part["probability"] is not None for part in parts)
    ranged = any(
        part["probability"] is None and None not in (part["low"], part["high"]) and part["high"] > part["low"]
        for part in parts
    )
    kept = (1.0 - settings.ordering_differs) ** orderings
    return 1.0 - kept * (settings.confidence if ranged else 1.0)


def summary(entries: Sequence[Mapping[str, Any]], settings: ClaimsSettings) -> dict[str, Any]:
    """Counts over the paper's claims, and how many true ones would differ by chance; tests of ours are not counted.

    `expected_by_chance` is the expectation if every tested claim were true; `p_as_many_by_chance` the probability
    that chance alone gives as many that differ as there are, claims taken as independent (Poisson-binomial law).
    """
    entries = [entry for entry in entries if not entry.get("ours")]
    tested = [entry for entry in entries if entry["verdict"] != NOT_TESTABLE]
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["verdict"]] = counts.get(entry["verdict"], 0) + 1
    chances = [chance_of_differing(entry, settings) for entry in tested]
    differing = sum(counts.get(no, 0) for _, no in VERDICTS.values())
    expected, tail = sum(chances), at_least(differing, chances)
    return {
        "claims": len(entries),
        "tested": len(tested),
        "tested_on_the_papers_data": sum(entry["about"] == "paper" for entry in tested),
        "verdicts": counts,
        "differing": differing,
        "expected_by_chance": finite(expected),
        "p_as_many_by_chance": finite(tail),
        "sentence": f"{len(tested)} of {len(entries)} claims were tested and {differing} do not hold; if all tested "
        f"were true, chance would make at most {expected:.1f} of them fail.",
        "chance_note": "Upper bound: claims taken as independent; parts without an interval cannot differ by chance.",
    }


def at_least(count: int, chances: Sequence[float]) -> float:
    """Probability of `count` or more successes in independent trials of different chances."""
    law = [1.0]
    for chance in chances:
        law = [a * (1.0 - chance) + b * chance for a, b in zip([*law, 0.0], [0.0, *law], strict=True)]
    return math.fsum(law[count:])
