"""One claim, from what the run has and its measures to its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metalclouds.claims.measures import measure
from metalclouds.claims.model import Claim, Data, Measurement, NotFound, Part, Unavailable
from metalclouds.claims.statistics import chance_of_match, matching, nearest
from metalclouds.claims.verdict import words
from metalclouds.claims.verdict.entry import entry, numbers_of
from metalclouds.claims.verdict.rule import (
    MET,
    MISSING,
    NOT_MET,
    SHOWN,
    PartVerdict,
    deciding_part,
    distance,
    held_together,
    outcome_of_claim,
    outcome_of_part,
)

VERDICTS = {"paper": ("agrees", "differs"), "simulation": ("recovered", "not_recovered")}
NOT_TESTABLE = "not_testable"


@dataclass(frozen=True)
class InstrumentState:
    """State of an instrument in this run, from raw/inventory/<instrument>.json."""

    present: bool
    synthetic: bool = False
    why: str = ""
    where: str = ""


@dataclass(frozen=True)
class JudgeContext:
    """What a verdict is about."""

    about: str
    sources: Mapping[str, InstrumentState]
    reason_untestable: str = ""


def judge(claim: Claim, data: Data, context: JudgeContext) -> dict[str, Any]:
    """The verdict on one claim, as it stands in verdicts.json.

    `status` says why a claim is not testable: `missing` (a source or product is absent), `undecided` (the data are
    there and decide nothing), `by_design` (the paper names no data that could decide), `not_simulated` (the
    simulated campaign follows other claims, with which this one cannot hold), `other_data` (the run's data are not
    the paper's).
    """
    missing = _missing_source(claim, context) or _too_few_nights(claim, data)
    if context.reason_untestable:
        return entry(claim, context.about, NOT_TESTABLE, "other_data", context.reason_untestable)
    if missing:
        return entry(claim, context.about, NOT_TESTABLE, "missing", missing)
    together = held_together(claim, data)
    parts = [judge_part(part, together) for part in claim.parts]
    left_open = claim.not_testable or (claim.not_simulated if context.about == "simulation" else "")
    if left_open:
        status = "by_design" if claim.not_testable else "not_simulated"
        found = entry(claim, context.about, NOT_TESTABLE, status, words.open_reason(left_open, parts))
    else:
        status, chance = outcome_of_claim(parts, data.settings)
        yes, no = VERDICTS[context.about]
        verdict = {MET: yes, NOT_MET: no}.get(status, NOT_TESTABLE)
        found = entry(claim, context.about, verdict, status, words.reason(parts, status, chance))
    return found | numbers_of(parts, deciding_part(parts)) if parts else found


def judge_part(part: Part, data: Data) -> PartVerdict:
    """Measure one part and compare it with what is expected."""
    try:
        found = measure(part.measure)(data, **part.arguments)
    except Unavailable as error:
        return _without_value(part, data, MISSING, f"{part.name}: {error}")
    if isinstance(found, NotFound):
        power = words.power_of_search(found)
        return _without_value(part, data, NOT_MET, words.none_found(part, power), power)
    chance, window = _by_chance(part, found)
    if not part.expected.ordering:
        found = nearest(found, *part.expected.bounds)
    return PartVerdict(
        part,
        SHOWN if part.only_shown else outcome_of_part(part, found, data.settings),
        found,
        words.sentence(part, found, chance, window),
        distance(part.expected, found, data.settings),
        words.if_false(part, found, chance),
        chance,
        words.rule(part, found, data.settings),
    )


def _without_value(part: Part, data: Data, outcome: str, sentence: str, if_false: str = "") -> PartVerdict:
    """A part of which nothing was measured."""
    shown = SHOWN if part.only_shown else outcome
    return PartVerdict(part, shown, None, sentence, if_false=if_false, rule=words.rule(part, None, data.settings))


def _by_chance(part: Part, found: Measurement) -> tuple[float | None, str]:
    """Chance of a random match and the window that it is of, in words; None where that is no question."""
    if found.span is None:
        return None, ""
    asked = (*_strictest(part), part.expected.shown)
    return chance_of_match(found, *asked), words.window(matching(found, *asked), found.span, part.unit)


def _strictest(part: Part) -> tuple[float, float]:
    """The range that agrees in all readings of the paper."""
    ends = [one.bounds for one in (part.expected, *part.assumed)]
    return max(low for low, _ in ends), min(high for _, high in ends)


WORDS = {"lidar": "lidar data", "fpi": "winds (FPI)", "tec": "TEC", "ionosonde": "ionosonde data"}


def _missing_source(claim: Claim, context: JudgeContext) -> str:
    """Sentence about the instruments that a claim needs and the run does not have; empty if none is missing."""
    lacking = [name for name in claim.needs if name != "model" and not context.sources[name].present]
    sentences = []
    for name in lacking:
        source = context.sources[name]
        where = f" Available from: {source.where}" if source.where else ""
        sentences.append(f"No {WORDS[name]}: {source.why or 'absent'}.{where}")
    return " ".join(sentences).replace("..", ".")


def _too_few_nights(claim: Claim, data: Data) -> str:
    """Sentence on a record that is a part of the campaign, of which totals cannot be asked; empty if it is not."""
    if not claim.least_nights:
        return ""
    nights = data.tables.get("detect_nights")
    count = 0 if nights is None else len(nights)
    if count >= claim.least_nights:
        return ""
    return (
        f"The data hold {words.number(float(count), 'nights')}, a part of the campaign: this is judged from "
        f"{claim.least_nights} nights on."
    )
