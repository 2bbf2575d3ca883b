"""What a measured value decides: the outcome of a part, and of a claim from its parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scipy import stats

from metalclouds.claims.model import Claim, Data, Expected, Measurement, Part
from metalclouds.claims.settings import ClaimsSettings

MET, NOT_MET, UNDECIDED, MISSING, SHOWN = "met", "not_met", "undecided", "missing", "shown"
# The part that decides a claim is the worst one: an exact order, so that a claim never hides a failed part.
SEVERITY = (NOT_MET, MISSING, UNDECIDED, MET, SHOWN)


@dataclass(frozen=True)
class PartVerdict:
    """Outcome of one part of a claim.

    Attributes
    ----------
    if_false
        what would have been found if the claim were false.
    chance
        probability that a random time or altitude would match as well; None where that is no question.
    rule
        when the part holds, when it fails, and at which confidence.
    """

    part: Part
    outcome: str
    measurement: Measurement | None
    sentence: str
    distance: float | None = None
    if_false: str = ""
    chance: float | None = None
    rule: str = ""


def outcome(expected: Expected, found: Measurement, settings: ClaimsSettings) -> str:
    """Whether a measurement agrees with what is expected.

    - An ordering is met or not by its probability; in between the data decide nothing.
    - A limit excludes values on one side; what it does not exclude it leaves undecided.
    - Where something may have been missed, what was found cannot contradict.
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
        return UNDECIDED if found.missed else NOT_MET
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


def held_together(claim: Claim, data: Data) -> Data:
    """The data with a confidence for each part such that all intervals of the claim hold with the stated one.

    With k independent parts each interval has the confidence c^(1/k) (Sidak 1967, J. Am. Stat. Assoc. 62, 626).
    """
    parts = sum(not (part.expected.ordering or part.only_shown) for part in claim.parts)
    if parts < 2:
        return data
    confidence = data.settings.confidence ** (1.0 / parts)
    return replace(data, settings=data.settings.model_copy(update={"confidence": confidence}))


def deciding_part(parts: Sequence[PartVerdict]) -> PartVerdict:
    """The worst part, the first of those."""
    return min(parts, key=lambda one: SEVERITY.index(one.outcome))


def outcome_of_claim(parts: Sequence[PartVerdict], settings: ClaimsSettings) -> tuple[str, float | None]:
    """The outcome of a claim, and the chance of its match where that is what leaves it undecided.

    It is that of its worst part. Where all parts are met and for each of them the chance of a random match is known,
    they say something only if together they match less often than `chance_most` by chance.
    """
    worst = deciding_part(parts).outcome
    decisive = [one for one in parts if one.outcome != SHOWN]
    if worst != MET or any(one.chance is None for one in decisive):
        return worst, None
    chance = math.prod(one.chance for one in decisive if one.chance is not None)
    return (UNDECIDED, chance) if chance > settings.chance_most else (MET, None)
