"""How a verdict stands in verdicts.json."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from metalclouds.claims.model import Claim
from metalclouds.claims.verdict.rule import PartVerdict
from metalclouds.claims.verdict.words import place, power, rules

NOTHING = {"value": None, "low": None, "high": None, "n": None, "probability": None}


def entry(claim: Claim, about: str, verdict: str, status: str, reason: str) -> dict[str, Any]:
    """A verdict without numbers."""
    return {
        "id": claim.id, "about": about, "verdict": verdict, "status": status, "reason": reason,
        "value": None, "low": None, "high": None, "unit": claim.parts[0].unit if claim.parts else "1", "n": None,
        "distance": None, "probability": None, "statement": claim.statement.strip(), "printed": claim.printed,
        "place": place(claim.lines), "figures": list(claim.figures), "kind": claim.kind, "needs": list(claim.needs),
        "differs_if": claim.differs_if, "remark": claim.remark.strip(), "if_false": "", "rule": "",
        "ours": claim.ours, "parts": [],
    }  # fmt: skip


def numbers_of(parts: Sequence[PartVerdict], deciding: PartVerdict) -> dict[str, Any]:
    """The numbers of the part that decides, and all parts with theirs."""
    rows = [
        _numbers(one)
        | {
            "name": one.part.name,
            "outcome": one.outcome,
            "sentence": one.sentence,
            "if_false": one.if_false,
            "rule": one.rule,
        }
        for one in parts
    ]
    return _numbers(deciding) | {"if_false": power(parts), "rule": rules(parts), "parts": rows}


def finite(value: float | None) -> float | None:
    """JSON has no NaN: what was not found is null. Ten digits, as in the tables."""
    return float(f"{value:.10g}") if value is not None and math.isfinite(value) else None


def _numbers(one: PartVerdict) -> dict[str, Any]:
    found = one.measurement
    if found is None:
        return NOTHING | {"unit": one.part.unit, "distance": None}
    return {
        "value": finite(found.value), "low": finite(found.low), "high": finite(found.high), "n": found.n,
        "unit": one.part.unit, "probability": finite(found.probability), "distance": finite(one.distance),
    }  # fmt: skip
