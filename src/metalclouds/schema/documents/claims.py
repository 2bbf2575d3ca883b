"""Documents of claims/: verdicts, notes, and verdicts under other settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metalclouds.schema.documents.document import Document, Number
from metalclouds.schema.words import outcome_of


@dataclass(frozen=True)
class VerdictPart(Document):
    """What was found for a part of a claim. Numbers that were not found are null.

    Attributes
    ----------
    low, high
        ends of the interval.
    distance
        from the expected value, in standard errors.
    if_false
        what would have been found if the claim were false.
    rule
        when the part holds and when it fails: bounds and confidence.
    """

    name: str
    outcome: str
    sentence: str
    unit: str
    value: Number = None
    low: Number = None
    high: Number = None
    n: int | None = None
    distance: Number = None
    probability: Number = None
    if_false: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Verdict(Document):
    """The verdict on a claim: an entry of claims/verdicts.json.

    Attributes
    ----------
    about
        the paper, or the simulation.
    verdict
        agrees, differs or not_testable of the paper; recovered, not_recovered or not_testable of a simulation.
    status
        why it is not testable: missing, undecided, by_design, not_simulated, other_data.
    value, low, high, n, distance, probability
        of the part that decides.
    printed, place
        what the paper prints, and the lines of the preprint.
    if_false
        what would have been found if the claim were false; empty where nothing was measured.
    rule
        when the claim holds and when it fails; empty where it has no part.
    ours
        a test of ours that the paper does not state: it speaks for the explanation or against it.
    """

    id: str
    about: Literal["paper", "simulation"]
    verdict: Literal["agrees", "differs", "recovered", "not_recovered", "not_testable"]
    status: str
    reason: str
    statement: str
    printed: str
    place: str
    kind: str
    unit: str
    differs_if: str
    remark: str = ""
    figures: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    value: Number = None
    low: Number = None
    high: Number = None
    n: int | None = None
    distance: Number = None
    probability: Number = None
    if_false: str = ""
    rule: str = ""
    ours: bool = False
    parts: tuple[VerdictPart, ...] = ()

    @property
    def outcome(self) -> str:
        """Key of `words.OUTCOMES`."""
        return outcome_of(self.verdict, self.status, self.ours)


@dataclass(frozen=True)
class CheckedNote(Document):
    """A note on the paper with what was computed for it: an entry of claims/notes.json."""

    id: str
    statement: str
    lines: tuple[int, ...]
    unit: str
    values: tuple[float, ...] = ()
    computed: str = ""
    checked: bool = False


@dataclass(frozen=True)
class VerdictSummary(Document):
    """Counts over all claims, and how many true ones would differ by chance: claims/summary.json.

    Attributes
    ----------
    expected_by_chance
        expectation if every tested claim were true.
    p_as_many_by_chance
        probability that chance alone gives as many that differ as there are.
    """

    claims: int
    tested: int
    tested_on_the_papers_data: int
    verdicts: dict[str, int]
    differing: int
    expected_by_chance: Number
    p_as_many_by_chance: Number
    sentence: str
    chance_note: str


SettingValue = int | float | str
Survival = Literal["survives", "weakens", "turns", "settles", "untried"]


@dataclass(frozen=True)
class TriedSetting(Document):
    """A setting that was tried at other values, and the claims that have a number which some value moves."""

    setting: str
    words: str
    unit: str
    base: SettingValue
    values: tuple[SettingValue, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class ChangedVerdict(Document):
    """Another verdict on a claim, and the value of the setting that gives it."""

    setting: str
    value: SettingValue
    verdict: str


@dataclass(frozen=True)
class TriedClaim(Document):
    """What other settings do to a verdict (`metalclouds.claims.sensitivity` explains the keys)."""

    id: str
    verdict: str
    survival: Survival
    tried: int
    kept: int
    settings: int
    sentence: str
    changed_by: tuple[ChangedVerdict, ...] = ()


@dataclass(frozen=True)
class TriedRow(Document):
    """A claim judged with one value of a setting; the run's own verdict has no setting."""

    claim: str
    setting: str
    setting_value: SettingValue | None
    base: bool
    value: Number
    low: Number
    high: Number
    unit: str
    verdict: str
    status: str
    kept: bool


@dataclass(frozen=True)
class Sensitivity(Document):
    """Whether each verdict survives other settings: claims/sensitivity.json."""

    settings: tuple[TriedSetting, ...] = ()
    claims: tuple[TriedClaim, ...] = ()
    rows: tuple[TriedRow, ...] = ()
