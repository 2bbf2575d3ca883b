"""The words and marks for the outcome of a claim: one table for pages, figures and tables."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How an outcome is shown.

    Attributes
    ----------
    mark
        readable without colour.
    word, plural
        "agrees" of one claim, "agree" of several.
    note
        what it means, in a few words.
    """

    mark: str
    word: str
    plural: str
    note: str = ""


OURS = "our own test, which the paper does not state"

# Verdicts, and for a claim that is not testable its status, in the order of the page.
OUTCOMES = {
    "agrees": Outcome("✓", "agrees", "agree"),
    "differs": Outcome("✗", "differs", "differ"),
    "recovered": Outcome("✓", "recovered", "recovered"),
    "not_recovered": Outcome("✗", "not recovered", "not recovered"),
    "for_trails": Outcome("▲", "for trails", "for trails", OURS),
    "against_trails": Outcome("▼", "against trails", "against trails", OURS),
    "undecided": Outcome("◇", "inconclusive", "inconclusive", "the data do not decide"),
    "missing": Outcome("–", "no data", "without data", "data are missing"),
    "by_design": Outcome("○", "interpretation", "interpretations", "nothing that the paper names can decide it"),
    "not_simulated": Outcome("·", "not simulated", "not simulated", "the simulation does not include it"),
    "other_data": Outcome("□", "other data", "other data", "not the paper's data"),
}
NOT_TESTABLE = "not_testable"
HOLDS = ("agrees", "recovered")


def outcome_of(verdict: str, status: str, ours: bool = False) -> str:
    """Key of `OUTCOMES` for a claim: its verdict, or its status (why) if it is not testable.

    Parameters
    ----------
    ours
        a test that the paper does not state never agrees with it: it speaks for trails of meteoroids or against them.
    """
    if verdict == NOT_TESTABLE:
        return status
    if ours:
        return "for_trails" if verdict in HOLDS else "against_trails"
    return verdict


def decimals(half: float) -> int | None:
    """Decimals to which a value with this error is given: two digits of an error that begins with 1 to 3, else one.

    That is the rule of the Particle Data Group (Navas et al. 2024, Phys. Rev. D 110, 030001, section 5.3).
    """
    if not (math.isfinite(half) and half > 0.0):
        return None
    exponent = math.floor(math.log10(half))
    leading = half / 10.0**exponent
    return -exponent + (1 if leading < 3.55 else 0)


def error_of(value: float, low: float, high: float) -> float:
    """Half of an interval; its shorter side where the other one is more than twice as long."""
    shorter, longer = sorted((value - low, high - value))
    return shorter if longer > 2.0 * shorter > 0.0 else 0.5 * (high - low)


def to_its_error(value: float, low: float, high: float) -> str:
    """A value with its interval, "2.56 (2.48 to 2.63)", to the digits that the interval allows; alone without one."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{value:.3g}"
    places = max(decimals(error_of(value, low, high)) or 0, 0)
    return f"{value:.{places}f} ({low:.{places}f} to {high:.{places}f})"


def campaigns_in_words(campaigns: float, for_trails: float, against_trails: float) -> str:
    """How many simulated campaigns came out for trails and against them, from their number and the two shares."""
    number = round(campaigns)
    return f"{round(for_trails * number)} for, {round(against_trails * number)} against, of {number}"
