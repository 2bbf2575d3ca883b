"""How values, expectations and reasons are said."""

from __future__ import annotations

import math
from collections.abc import Sequence

from metalclouds.claims.model import Expected, Measurement, NotFound, Part, clock_text
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.rule import MET, SHOWN, UNDECIDED, PartVerdict, deciding_part
from metalclouds.schema.words import decimals, error_of

PRINTED_UNITS = {
    "1": "", "probability": "", "h UT": "", "degree": "°", "degrees_north": "° N", "km2": " km²", "m s-1": " m/s",
    "TECU h-1": " TECU/h", "s km-1": " s/km",
    "km s-1": " km/s", "cm-3": " cm⁻³",
}  # fmt: skip
# Countable units.
COUNTED = ("nights", "clouds", "connections", "pairs", "soundings", "counts")
# Digits of a measured value that has no interval.
WITHOUT_INTERVAL = 3


# ---- numbers ---------------------------------------------------------------------------------------------


def digits(value: float | None, unit: str, half: float | None = None) -> str:
    """A value without its unit: clock time for hours UT, four significant digits otherwise.

    Parameters
    ----------
    half
        half of the width of its interval: digits that this leaves open are not printed.
    """
    if value is None or not math.isfinite(value):
        return "none"
    if unit == "h UT":
        return f"{clock_text(value)} UT"
    places = decimals(half) if half else None
    if unit in COUNTED and value == round(value):
        return f"{value:,.0f}"
    if places is not None and abs(value) < 1e6:
        return f"{round(value, places) + 0.0:,.{max(places, 0)}f}"
    if 1000.0 <= abs(value) < 1e6:
        return f"{float(f'{value:.4g}'):,.0f}"
    return f"{value:.4g}"


def printed_unit(unit: str) -> str:
    """A unit as it is printed behind a number, space included; empty for pure numbers and clock times."""
    return PRINTED_UNITS.get(unit, f" {unit}")


def number(value: float | None, unit: str, half: float | None = None) -> str:
    """A value with its unit, for a sentence; one of a thing that is counted in the singular."""
    if value == 1.0 and (unit in COUNTED or unit == "days"):
        return f"1 {unit.removesuffix('s')}"
    return digits(value, unit, half) + printed_unit(unit)


def with_interval(value: float | None, low: float | None, high: float | None, unit: str) -> str:
    """A measured value and its interval, to the digits that the interval allows; an end may be open."""
    ends = [one for one in (low, high) if one is not None and math.isfinite(one)]
    is_open = any(one is not None and math.isinf(one) for one in (low, high))
    if value is None or not ends or max(ends) == min(*ends, value):
        rounded = value if value is None or unit in (*COUNTED, "h UT") else float(f"{value:.{WITHOUT_INTERVAL}g}")
        return number(rounded, unit) + (" (too few for an interval)" if is_open else "")
    half = error_of(value, ends[0], ends[1]) if len(ends) > 1 else abs(ends[0] - value)
    low_text, high_text = (
        "open" if math.isinf(one) else digits(one, unit, half) for one in (low or 0.0, high or 0.0)
    )
    return f"{number(value, unit, half)} ({low_text} to {high_text})"


# ---- what is expected ------------------------------------------------------------------------------------


def expectation(expected: Expected, unit: str) -> str:
    """What is expected, in words."""
    if expected.ordering:
        return "the stated order"
    if expected.between is not None:
        return f"{digits(expected.between[0], unit)} to {number(expected.between[1], unit)}"
    if expected.equals is not None:
        return number(expected.equals, unit) + _tolerance(expected, unit)
    if expected.above is not None:
        return f"more than {number(expected.above, unit)}"
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


def expectations(part: Part) -> str:
    """What is expected of a part, with its stricter readings, as a sentence ends."""
    readings = [expectation(one, part.unit) for one in (part.expected, *part.assumed)]
    return "expected " + "; in a stricter reading ".join(readings)


# ---- one part --------------------------------------------------------------------------------------------


def sentence(part: Part, found: Measurement, chance: float | None, window: str = "") -> str:
    """What was measured of a part, what is expected, and what else is to be known of it (`window`)."""
    if part.expected.ordering:
        measured = f"probability {with_interval(found.probability, None, None, '1')} (n = {found.n})"
    else:
        measured = with_interval(found.value, found.low, found.high, part.unit)
        measured += f", n = {found.n}" if found.n is not None else ""
    return f"{part.name}: {measured}; {expectations(part)}" + _asides(part, found, chance, window)


def power_of_search(found: NotFound) -> str:
    """What a search that found nothing would have found."""
    return f"{found.sought} of {number(float(f'{found.least:.2g}'), found.unit)} or more would have been detected"


def none_found(part: Part, power: str) -> str:
    """What is said of a part whose search found nothing."""
    return f"{part.name}: nothing found; {power}; {expectations(part)}"


def window(length: float, span: tuple[float, float], unit: str) -> str:
    """From how much of the span of possible values a random one would match, in words."""
    scale, name = (60.0, " min") if unit == "h UT" else (1.0, printed_unit(unit))
    whole = span[1] - span[0]
    return f"{scale * length:.0f} of {scale * whole:.0f}{name} would match"


def _asides(part: Part, found: Measurement, chance: float | None, window: str) -> str:
    """What is said of a measured value in brackets: limits, chance matches, other choices of ours."""
    said = [found.remark] if found.remark else []
    if found.limit:
        said.append(f"the measured value is {'a lower' if found.limit == 'lower' else 'an upper'} limit")
    if found.missed:
        said.append(found.missed)
    if chance is not None:
        said.append(f"{window}: a match by chance has a probability of {chance:.2f}")
    if found.choices:
        values = [one.value for one in found.choices.values()]
        low, high = (with_interval(one, None, None, part.unit) for one in (min(values), max(values)))
        reach = low if low == high else f"{low.removesuffix(printed_unit(part.unit))} to {high}"
        said.append(f"{reach} with {len(values)} alternative choices of settings")
    return f" ({'; '.join(said)})" if said else ""


def if_false(part: Part, found: Measurement, chance: float | None) -> str:
    """What would have been found if the part were false: the true values that this measurement would not bear."""
    if part.only_shown:
        return ""
    if part.expected.ordering:
        return "if the stated order had a probability near 0"
    bottom, top = part.expected.bounds
    low = found.value if found.low is None else found.low
    high = found.value if found.high is None else found.high
    if found.limit == "lower":
        return f"if the measured lower limit were above {number(top, part.unit)}"
    if found.limit == "upper":
        return f"if the measured upper limit were below {number(bottom, part.unit)}"
    if found.missed:
        return f"for no measured value: {found.missed}"
    half = 0.5 * (high - low)
    below, above = bottom - (high - found.value), top + (found.value - low)
    if below <= 0.0 < min(bottom, low):
        # Of a ratio: its interval has a constant width in the logarithm.
        below = bottom * found.value / high
    words = []
    # A share or a ratio that is expected above 0 cannot be below 0.
    if math.isfinite(below) and not below < 0.0 < min(bottom, found.value):
        words.append(f"below {number(below, part.unit, half)}")
    if math.isfinite(above):
        words.append(f"above {number(above, part.unit, half)}")
    if not words:
        return "for no measured value: the interval is too wide for any to count as a difference"
    text = f"if the measured value were {' or '.join(words)}"
    return text + (f" (a match by chance has a probability of {chance:.2f})" if chance is not None else "")


# ---- a claim ---------------------------------------------------------------------------------------------


def place(lines: Sequence[int]) -> str:
    """Lines of the preprint, runs joined: "lines 59-61, 112"."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    text = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
    return f"line{'s' if len(lines) > 1 else ''} {text}"


def reason(parts: Sequence[PartVerdict], status: str, chance: float | None) -> str:
    """Why a claim came out as it did: the part that decides, and how many hold.

    Parameters
    ----------
    chance
        of a random match, where that is what leaves the claim undecided.
    """
    text = deciding_part(parts).sentence
    decisive = [one for one in parts if one.outcome != SHOWN]
    if len(decisive) > 1:
        text = f"{sum(one.outcome == MET for one in decisive)} of {len(decisive)} parts hold; {text}"
    if chance is not None:
        text += f". A match by chance has a probability of {chance:.2f}"
    if status == UNDECIDED:
        text += ": the data do not decide"
    return text[:1].upper() + text[1:] + "."


def power(parts: Sequence[PartVerdict]) -> str:
    """What would have been found if a claim were false, by its parts that decide; empty if none was measured."""
    measured = [one for one in parts if one.outcome != SHOWN and one.if_false]
    if len(measured) == 1:
        return measured[0].if_false
    return "; ".join(f"{one.part.name}: {one.if_false}" for one in measured)


# ---- the rule --------------------------------------------------------------------------------------------


def rule(part: Part, found: Measurement | None, settings: ClaimsSettings) -> str:
    """When a part holds, when it fails and when it stays open, with bounds and confidence.

    Parameters
    ----------
    found
        what was measured, as it decides whether there is an interval; None where nothing was.
    settings
        with the confidence of this part's interval.
    """
    if part.only_shown:
        return "shown with the verdict, which does not depend on it"
    if part.expected.ordering:
        return (
            f"holds from a probability of {settings.ordering_agrees:g} on, "
            f"fails up to {settings.ordering_differs:g}, open between"
        )
    if found is not None and found.limit:
        return f"a limit fails if it excludes {_set(part.expected, part.unit)}, and is open otherwise"
    if found is not None and found.missed:
        return f"holds if it is {_set(part.expected, part.unit)}, and is open otherwise"
    interval = f"{100.0 * settings.confidence:.3g} % interval"
    has_interval = found is None or (found.low is not None and found.low != found.high)
    text = _rule_of(part.expected, part.unit, interval if has_interval else "")
    text += "".join(f"; open where it is not {_set(one, part.unit)} (a stricter reading)" for one in part.assumed)
    if found is not None and found.choices:
        text += (
            "; fails only if no alternative choice of settings gives it"
            if part.own_choices == "any"
            else "; open where an alternative choice of settings turns it"
        )
    return text


def _rule_of(expected: Expected, unit: str, interval: str) -> str:
    aim = _set(expected, unit)
    if not interval:
        return f"holds if the value is {aim}, fails otherwise"
    if expected.equals is not None:
        wide = f", open if it is wider than ±{number(expected.resolution, unit)}" if expected.resolution else ""
        return f"holds if the {interval} reaches {aim.removeprefix('within ')}, fails otherwise{wide}"
    if expected.shown:
        return f"holds if the whole {interval} is {aim}, fails if all of it lies outside, open otherwise"
    return f"holds if the value is {aim}, fails if the whole {interval} lies outside, open otherwise"


def _set(expected: Expected, unit: str) -> str:
    """The set of values that agree, tolerance included."""
    if expected.between is None and expected.equals is None and not expected.tolerance:
        return expectation(expected, unit)
    low, high = expected.bounds
    if math.isinf(low) or math.isinf(high):
        bound, word = (high, "at most") if math.isinf(low) else (low, "at least")
        return f"{word} {number(bound, unit)}"
    if unit == "h UT":
        return f"within {clock_text(low)} to {clock_text(high)} UT"
    return f"within {low:.6g} to {high:.6g}{printed_unit(unit)}"


def rules(parts: Sequence[PartVerdict]) -> str:
    """The rule of a claim, by its parts that decide."""
    decisive = [one for one in parts if one.outcome != SHOWN and one.rule]
    if len(decisive) < 2:
        return decisive[0].rule if decisive else ""
    return "each part must hold: " + "; ".join(f"{one.part.name}: {one.rule}" for one in decisive)


def open_reason(why: str, parts: Sequence[PartVerdict]) -> str:
    """Why a claim is not judged, and what was measured all the same."""
    if not parts:
        return why.strip()
    measured = parts[0].sentence.split(";")[0]
    return f"{why.strip()} {measured[:1].upper()}{measured[1:]}."
