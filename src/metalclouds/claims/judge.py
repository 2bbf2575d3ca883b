"""From a claim and the data to a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scipy import stats

from metalclouds.claims.measures import measure
from metalclouds.claims.model import Claim, Data, Expected, Measurement, NotFound, Part, Unavailable, clock_text
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.statistics import chance_of_match, nearest

MET, NOT_MET, UNDECIDED, MISSING, SHOWN = "met", "not_met", "undecided", "missing", "shown"
# The part that decides a claim is the worst one: an exact order, so that a claim never hides a failed part.
SEVERITY = (NOT_MET, MISSING, UNDECIDED, MET, SHOWN)
WORDS = {"paper": ("agrees", "differs"), "simulation": ("recovered", "not_recovered")}
NOT_TESTABLE = "not_testable"
PRINTED_UNITS = {
    "1": "", "probability": "", "h UT": "", "degree": "°", "degrees_north": "° N", "km2": " km²", "m s-1": " m/s",
    "TECU h-1": " TECU/h", "s km-1": " s/km",
}  # fmt: skip


# Countable units.
COUNTED = ("nights", "clouds", "connections", "pairs", "soundings")


@dataclass(frozen=True)
class Source:
    """State of an instrument in this run, from raw/inventory/<instrument>.json."""

    present: bool
    synthetic: bool = False
    why: str = ""
    where: str = ""


@dataclass(frozen=True)
class Context:
    """What a verdict is about."""

    about: str
    sources: Mapping[str, Source]
    reason_untestable: str = ""


@dataclass(frozen=True)
class PartVerdict:
    """Outcome of one part of a claim; `if_false` says what would have been found if the claim were false."""

    part: Part
    outcome: str
    measurement: Measurement | None
    sentence: str
    distance: float | None = None
    if_false: str = ""


def outcome(expected: Expected, found: Measurement, settings: ClaimsSettings) -> str:
    """Whether a measurement agrees with what is expected.

    - An ordering is met or not by its probability; in between the data decide nothing.
    - A limit excludes values on one side; what it does not exclude it leaves undecided.
    - `equals` is met if the interval reaches the expected value, unless it is wider than the stated resolution.
    - A bound or range is met by the value (by the whole interval if `shown`), not met if the whole interval lies
      outside, undecided otherwise.
    """
    if expected.ordering:
        return _ordering(found.probability, settings)
    bottom, top = expected.bounds
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    if found.limit:
        excluded = low > top if found.limit == "lower" else high < bottom
        return NOT_MET if excluded else UNDECIDED
    if high < bottom or low > top:
        return NOT_MET
    if expected.equals is not None:
        wide = expected.resolution is not None and (high - low) / 2.0 > expected.resolution
        return UNDECIDED if wide else MET
    inside = bottom <= low and high <= top if expected.shown else bottom <= found.value <= top
    return MET if inside else UNDECIDED


def outcome_of_part(part: Part, found: Measurement, settings: ClaimsSettings) -> str:
    """The outcome where it survives what we chose: other settings of ours, other readings of the paper.

    With `own_choices` any, one choice under which the part is met is enough to keep it from being not met.
    """
    main = outcome(part.expected, found, settings)
    choices = [outcome(part.expected, one, settings) for one in found.choices.values()]
    readings = [outcome(one, found, settings) for one in part.assumed]
    if main == MET:
        turned = (choices if part.own_choices == "all" else []) + readings
        return MET if all(one == MET for one in turned) else UNDECIDED
    if main == NOT_MET:
        spared = [one == MET for one in choices] if part.own_choices == "any" else [one != NOT_MET for one in choices]
        return UNDECIDED if any(spared) or any(one != NOT_MET for one in readings) else NOT_MET
    return main


def _ordering(probability: float | None, settings: ClaimsSettings) -> str:
    if probability is None or not math.isfinite(probability):
        return UNDECIDED
    if probability >= settings.ordering_agrees:
        return MET
    return NOT_MET if probability <= settings.ordering_differs else UNDECIDED


def distance(expected: Expected, found: Measurement, settings: ClaimsSettings) -> float | None:
    """Distance from the nearest expected value in standard errors of the side that faces it, signed.

    Positive where the measured value is the larger. None without an interval, 0 inside the expected set.
    """
    if expected.ordering or found.low is None or found.high is None:
        return None
    bottom, top = expected.bounds
    gap = found.value - min(max(found.value, bottom), top)
    if gap == 0.0:
        return 0.0
    z = float(stats.norm.ppf(0.5 + settings.confidence / 2.0))
    sigma = (found.value - found.low if gap > 0 else found.high - found.value) / z
    return gap / sigma if sigma > 0 else None


def digits(value: float | None, unit: str) -> str:
    """A value without its unit: clock time for hours UT, four significant digits otherwise."""
    if value is None or not math.isfinite(value):
        return "none"
    if unit == "h UT":
        return f"{clock_text(value)} UT"
    if 1000.0 <= abs(value) < 1e6:
        return f"{float(f'{value:.4g}'):,.0f}"
    return f"{value:.4g}"


def printed_unit(unit: str) -> str:
    """A unit as it is printed behind a number, space included; empty for pure numbers and clock times."""
    return PRINTED_UNITS.get(unit, f" {unit}")


def number(value: float | None, unit: str) -> str:
    """A value with its unit, for a sentence; one of a thing that is counted in the singular."""
    if value == 1.0 and unit in COUNTED:
        return f"1 {unit.removesuffix('s')}"
    return digits(value, unit) + printed_unit(unit)


def expectation(expected: Expected, unit: str) -> str:
    """What is expected, in words."""
    if expected.ordering:
        return "the stated order"
    if expected.between is not None:
        return f"{digits(expected.between[0], unit)} to {number(expected.between[1], unit)}"
    if expected.equals is not None:
        return number(expected.equals, unit) + _tolerance(expected, unit)
    if expected.at_least is not None:
        return f"at least {number(expected.at_least, unit)}"
    return f"at most {number(expected.at_most, unit)}"


def _tolerance(expected: Expected, unit: str) -> str:
    """The tolerance in words, where it is more than the rounding of the printed value."""
    if unit == "h UT":
        return f" give or take {60.0 * expected.tolerance:.0f} min"
    value = expected.equals or 0.0
    rounding = max(0.5 if value == round(value) else 0.0, 0.01 * abs(value))
    return "" if expected.tolerance <= rounding else f" give or take {number(expected.tolerance, unit)}"


def _measured(found: Measurement, part: Part) -> str:
    if part.expected.ordering:
        return f"probability {number(found.probability, '1')} (n = {found.n})"
    text = number(found.value, part.unit)
    if (
        math.isfinite(found.low or 0.0)
        and math.isfinite(found.high or 0.0)
        and (found.high or 0.0) > (found.low or 0.0)
    ):
        text += f" ({digits(found.low, part.unit)} to {digits(found.high, part.unit)})"
    return text + (f", n = {found.n}" if found.n is not None else "")


def judge_part(part: Part, data: Data) -> PartVerdict:
    """Measure one part and compare it with what is expected."""
    try:
        found = measure(part.measure)(data, **part.arguments)
    except Unavailable as error:
        return PartVerdict(part, SHOWN if part.only_shown else MISSING, None, f"{part.name}: {error}")
    wanted = f"expected {expectation(part.expected, part.unit)}"
    if isinstance(found, NotFound):
        power = f"{found.sought} of {number(found.least, found.unit)} or more would have been found"
        result = SHOWN if part.only_shown else NOT_MET
        return PartVerdict(part, result, None, f"{part.name}: none found, though {power}; {wanted}", if_false=power)
    chance = chance_of_match(found, *part.expected.bounds) if found.span is not None else None
    if not part.expected.ordering:
        found = nearest(found, *part.expected.bounds)
    result = SHOWN if part.only_shown else outcome_of_part(part, found, data.settings)
    sentence = f"{part.name}: {_measured(found, part)}; {wanted}" + _asides(part, found, chance)
    away = distance(part.expected, found, data.settings)
    return PartVerdict(part, result, found, sentence, away, if_false(part, found, chance))


def _asides(part: Part, found: Measurement, chance: float | None) -> str:
    """What is said of a measured value in brackets: limits, chance matches, other choices of ours."""
    asides = [found.remark] if found.remark else []
    if found.limit:
        asides.append(f"the measured value is {'a lower' if found.limit == 'lower' else 'an upper'} limit")
    if chance is not None:
        asides.append(f"a random one would match with a probability of {chance:.2f}")
    if found.choices:
        values = [one.value for one in found.choices.values()]
        low, high = digits(min(values), part.unit), digits(max(values), part.unit)
        asides.append(f"{low} to {high} under {len(values)} other choices of ours")
    return f" ({'; '.join(asides)})" if asides else ""


def if_false(part: Part, found: Measurement, chance: float | None) -> str:
    """What would have been found if the part were false: the true values that this measurement would not bear."""
    if part.expected.ordering:
        return "the stated order would have a probability near 0"
    bottom, top = part.expected.bounds
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    below, above = bottom - (high - found.value), top + (found.value - low)
    words = []
    if math.isfinite(below):
        words.append(f"below {number(below, part.unit)}")
    if math.isfinite(above):
        words.append(f"above {number(above, part.unit)}")
    if not words:
        return "with this interval no value would be called different"
    text = f"a value {' or '.join(words)} would be called different"
    return text + (f"; a random one would match with a probability of {chance:.2f}" if chance is not None else "")


def _missing_source(claim: Claim, context: Context) -> str:
    """Sentence about the instruments that a claim needs and the run does not have; empty if none is missing."""
    lacking = [name for name in claim.needs if name != "model" and not context.sources[name].present]
    sentences = []
    for name in lacking:
        source = context.sources[name]
        where = f" It could be had from: {source.where}" if source.where else ""
        sentences.append(f"No {name} data: {source.why or 'absent'}.{where}")
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
        f"The data hold {number(float(count), 'nights')}, a part of the campaign: this is judged from "
        f"{claim.least_nights} nights on."
    )


def _entry(claim: Claim, context: Context, verdict: str, status: str, reason: str) -> dict[str, Any]:
    return {
        "id": claim.id, "about": context.about, "verdict": verdict, "status": status, "reason": reason,
        "value": None, "low": None, "high": None, "unit": claim.parts[0].unit if claim.parts else "1", "n": None,
        "distance": None, "probability": None, "statement": claim.statement.strip(), "printed": claim.printed,
        "place": _place(claim.lines), "figures": list(claim.figures), "kind": claim.kind, "needs": list(claim.needs),
        "differs_if": claim.differs_if, "remark": claim.remark.strip(), "parts": [],
    }  # fmt: skip


def _place(lines: Sequence[int]) -> str:
    """Lines of the preprint, runs joined: "lines 59-61, 112"."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    text = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
    return f"line{'s' if len(lines) > 1 else ''} {text}"


def _finite(value: float | None) -> float | None:
    """JSON has no NaN: what was not found is null. Ten digits, as in the tables."""
    return float(f"{value:.10g}") if value is not None and math.isfinite(value) else None


NOTHING = {"value": None, "low": None, "high": None, "n": None, "probability": None}


def _numbers(one: PartVerdict) -> dict[str, Any]:
    found = one.measurement
    if found is None:
        return NOTHING | {"unit": one.part.unit, "distance": None}
    return {
        "value": _finite(found.value), "low": _finite(found.low), "high": _finite(found.high), "n": found.n,
        "unit": one.part.unit, "probability": _finite(found.probability), "distance": _finite(one.distance),
    }  # fmt: skip


def _reason(parts: Sequence[PartVerdict], deciding: PartVerdict) -> str:
    if len(parts) == 1:
        text = deciding.sentence
    else:
        decisive = [one for one in parts if one.outcome != SHOWN]
        met = sum(one.outcome == MET for one in decisive)
        text = f"{met} of {len(decisive)} parts hold; {deciding.sentence}" if len(decisive) > 1 else deciding.sentence
    if deciding.outcome == UNDECIDED:
        text += ": the data do not decide"
    return text[:1].upper() + text[1:] + "."


def _open_reason(why: str, parts: Sequence[PartVerdict]) -> str:
    """Why a claim is not judged, and what was measured all the same."""
    if not parts:
        return why.strip()
    measured = parts[0].sentence.split(";")[0]
    return f"{why.strip()} {measured[:1].upper()}{measured[1:]}."


def held_together(claim: Claim, data: Data) -> Data:
    """The data with a confidence for each part such that all intervals of the claim hold with the stated one.

    With k independent parts each interval has the confidence c^(1/k) (Sidak 1967, J. Am. Stat. Assoc. 62, 626).
    """
    parts = sum(not (part.expected.ordering or part.only_shown) for part in claim.parts)
    if parts < 2:
        return data
    confidence = data.settings.confidence ** (1.0 / parts)
    return replace(data, settings=data.settings.model_copy(update={"confidence": confidence}))


def judge(claim: Claim, data: Data, context: Context) -> dict[str, Any]:
    """The verdict on one claim, as it stands in verdicts.json.

    `status` says why a claim is not testable: `missing` (a source or product is absent), `undecided` (the data are
    there and decide nothing), `by_design` (the paper names no data that could decide), `not_simulated` (the
    simulated campaign follows other claims, with which this one cannot hold), `other_data` (the run's data are not
    the paper's).
    """
    missing = _missing_source(claim, context) or _too_few_nights(claim, data)
    if context.reason_untestable:
        return _entry(claim, context, NOT_TESTABLE, "other_data", context.reason_untestable)
    if missing:
        return _entry(claim, context, NOT_TESTABLE, "missing", missing)
    together = held_together(claim, data)
    parts = [judge_part(part, together) for part in claim.parts]
    deciding = min(parts, key=lambda one: SEVERITY.index(one.outcome)) if parts else None
    left_open = claim.not_testable or (claim.not_simulated if context.about == "simulation" else "")
    if left_open:
        status = "by_design" if claim.not_testable else "not_simulated"
        entry = _entry(claim, context, NOT_TESTABLE, status, _open_reason(left_open, parts))
    else:
        assert deciding is not None  # the model of a claim sees to it
        yes, no = WORDS[context.about]
        verdict = {MET: yes, NOT_MET: no}.get(deciding.outcome, NOT_TESTABLE)
        entry = _entry(claim, context, verdict, deciding.outcome, _reason(parts, deciding))
    if deciding is not None:
        entry |= _numbers(deciding)
        entry["parts"] = [_numbers(one) | {"name": one.part.name, "outcome": one.outcome, "sentence": one.sentence,
                                           "if_false": one.if_false} for one in parts]  # fmt: skip
    return entry


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
    """Counts over all claims, and how many true ones would differ by chance.

    `expected_by_chance` is the expectation if every tested claim were true; `p_as_many_by_chance` the probability
    that chance alone gives as many that differ as there are, claims taken as independent (Poisson-binomial law).
    """
    tested = [entry for entry in entries if entry["verdict"] != NOT_TESTABLE]
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["verdict"]] = counts.get(entry["verdict"], 0) + 1
    chances = [chance_of_differing(entry, settings) for entry in tested]
    differing = sum(counts.get(no, 0) for _, no in WORDS.values())
    expected, tail = sum(chances), at_least(differing, chances)
    return {
        "claims": len(entries),
        "tested": len(tested),
        "tested_on_the_papers_data": sum(entry["about"] == "paper" for entry in tested),
        "verdicts": counts,
        "differing": differing,
        "expected_by_chance": _finite(expected),
        "p_as_many_by_chance": _finite(tail),
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
