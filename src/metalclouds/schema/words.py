"""The words and marks for the outcome of a claim: one table for pages, figures and tables."""

from __future__ import annotations

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


OURS = "a test of ours, which the paper does not state"

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
    "by_design": Outcome("○", "interpretation", "interpretations", "no data that the paper names decide it"),
    "not_simulated": Outcome("·", "not simulated", "not simulated", "the simulation cannot hold it"),
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


def campaigns_in_words(campaigns: float, for_trails: float, against_trails: float) -> str:
    """How many simulated campaigns came out for trails and against them, from their number and the two shares."""
    number = round(campaigns)
    return f"{round(for_trails * number)} for, {round(against_trails * number)} against, of {number}"
