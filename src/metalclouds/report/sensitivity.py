"""Whether verdicts survive other settings, as a map of claims against settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from metalclouds.schema.documents import Sensitivity, TriedClaim, TriedSetting

# Mark, word and class of each survival, in the order of the page (`metalclouds.claims.sensitivity`).
SURVIVALS = {
    "survives": ("=", "stable", "untried"),
    "weakens": ("~", "weaker", "open"),
    "turns": ("≠", "changes", "open"),
    "settles": ("→", "becomes decided", "open"),
    "untried": ("∅", "not tried", "untried"),
}
MEANINGS = {
    "survives": "the same verdict for every value that was tried",
    "weakens": "at least one value tried leaves it undecided",
    "turns": "at least one value tried gives the opposite verdict",
    "settles": "undecided here, but at least one value tried decides it",
    "untried": "not testable in this run, or none of its numbers depends on a setting that was changed",
}


def verdict_map(content: Sensitivity) -> dict[str, Any]:
    """Rows of claims, columns of settings, for the page; empty for a run without claims/sensitivity.json."""
    if not content.claims:
        return {}
    settings = [one for one in content.settings if one.claims]
    reached = {name for one in settings for name in one.claims}
    return {
        "settings": settings,
        "tried": len(content.settings),
        "rows": [
            asdict(one) | {"cells": [_cell(one, setting) for setting in settings]}
            for one in content.claims
            if one.id in reached
        ],
        "claims": {one.id: asdict(one) | {"under": _under(one, content.settings)} for one in content.claims},
        "counts": _counts(content),
    }


def _under(claim: TriedClaim, settings: Sequence[TriedSetting]) -> str:
    """Settings that change the verdict of a claim at some value, in words."""
    moving = {one.setting for one in claim.changed_by}
    return ", ".join(one.words for one in settings if one.setting in moving)


def _counts(content: Sensitivity) -> list[dict[str, Any]]:
    numbers = {name: sum(one.survival == name for one in content.claims) for name in SURVIVALS}
    words = {name: SURVIVALS[name][1] for name in numbers} | ({"turns": "change"} if numbers["turns"] != 1 else {})
    return [{"survival": name, "number": number, "word": words[name]} for name, number in numbers.items() if number]


def _cell(claim: TriedClaim, setting: TriedSetting) -> dict[str, str]:
    """Mark of a claim under the values of a setting, with a sentence; empty where the setting does not affect it."""
    if claim.id not in setting.claims:
        return {}
    changed = [one for one in claim.changed_by if one.setting == setting.setting]
    if not changed:
        return {"mark": "=", "kind": "untried", "words": "stays"}
    undecided = all(one.verdict == "not_testable" for one in changed)
    values = ", ".join(f"{one.verdict.replace('_', ' ')} with {one.value}" for one in changed)
    return {"mark": "~" if undecided else "≠", "kind": "open", "words": values}
