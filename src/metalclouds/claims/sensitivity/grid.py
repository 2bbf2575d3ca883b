"""The grid: each claim judged anew for each value of each setting that reaches it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from metalclouds.claims.model import Claim, Part
from metalclouds.claims.sensitivity.base import Base, Change, Setting, Value
from metalclouds.claims.sensitivity.settings_tried import SETTINGS
from metalclouds.claims.settings import SensitivitySettings
from metalclouds.claims.verdict.judge import NOT_TESTABLE, JudgeContext, judge
from metalclouds.claims.verdict.rule import UNDECIDED
from metalclouds.schema.documents import ChangedVerdict, Sensitivity, Survival, TriedClaim, TriedRow, TriedSetting
from metalclouds.schema.words import OUTCOMES, outcome_of

Entry = dict[str, Any]
NUMBERS = ("value", "low", "high", "probability", "n", "outcome")
ROW = ("claim", "setting", "setting_value", "base", "value", "low", "high", "unit", "verdict", "status", "kept")


@dataclass(frozen=True)
class Judged:
    """A claim judged on the run as it is, and the names of the tables that its measures asked for."""

    claim: Claim
    entry: Entry
    used: frozenset[str]

    @property
    def open(self) -> bool:
        """Whether the data of the run can say anything on the claim."""
        return self.entry["verdict"] != NOT_TESTABLE or self.entry["status"] == UNDECIDED


@dataclass(frozen=True)
class Variation:
    """A claim judged for one value of one setting."""

    claim: str
    setting: str
    value: Value
    entry: Entry


def base_verdicts(base: Base, context: JudgeContext) -> list[Judged]:
    """All claims on the run as it is."""
    judged = []
    for claim in base.book.claims:
        data = replace(base.data, used=set())
        entry = judge(claim, data, context)
        judged.append(Judged(claim, entry, frozenset(data.used)))
    return judged


def with_arguments(claim: Claim, arguments: Mapping[str, tuple[Value, Value]]) -> Claim:
    """The claim with other arguments of its measures; the very same one where none of them has the value."""
    parts = tuple(_changed_part(part, arguments) for part in claim.parts)
    same = all(new is old for new, old in zip(parts, claim.parts, strict=True))
    return claim if same else claim.model_copy(update={"parts": parts})


def _changed_part(part: Part, arguments: Mapping[str, tuple[Value, Value]]) -> Part:
    update = {name: new for name, (old, new) in arguments.items() if part.arguments.get(name) == old}
    return part.model_copy(update={"arguments": part.arguments | update}) if update else part


def _reaches(change: Change, one: Judged, claim: Claim) -> bool:
    """Whether a change can move a claim: by a table that it rests on, an argument, or a setting of all claims."""
    if claim is not one.claim or one.used & change.tables.keys():
        return True
    return bool(change.settings) and not change.tables


def _moved(first: Entry, second: Entry) -> bool:
    """Whether two judgements of a claim differ in any number or outcome."""
    if first["verdict"] != second["verdict"]:
        return True
    pairs = zip(first["parts"], second["parts"], strict=True)
    return any(not _same(old[name], new[name]) for old, new in pairs for name in NUMBERS)


def _same(first: Any, second: Any) -> bool:
    """Equality; of two numbers within what reading a table back from ten digits may change."""
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-6, abs_tol=1e-12)
    return bool(first == second)


def trials(
    base: Base, judged: Sequence[Judged], setting: Setting, value: Value, context: JudgeContext
) -> Iterator[Variation]:
    """Judge the claims that one value of a setting reaches."""
    change = setting.change(base, value)
    tables = {name: table for name, table in change.tables.items() if not table.equals(base.data.tables.get(name))}
    settings = base.data.settings.model_copy(update=dict(change.settings))
    data = replace(base.data, tables={**base.data.tables, **tables}, settings=settings, used=set())
    for one in judged:
        claim = with_arguments(one.claim, change.arguments)
        if not one.open or not _reaches(change, one, claim):
            continue
        untouched = claim is one.claim and not change.settings and not one.used & tables.keys()
        entry = one.entry if untouched else judge(claim, data, context)
        yield Variation(one.claim.id, setting.name, value, entry)


def tried_values(base: Base, grid: SensitivitySettings) -> Iterator[tuple[Setting, list[Value]]]:
    """Settings with the values that differ from the run's own."""
    for key, setting in SETTINGS.items():
        own = setting.base(base)
        values = [value for value in getattr(grid, key) if value != own]
        if values:
            yield setting, values


def run_grid(base: Base, context: JudgeContext, grid: SensitivitySettings) -> tuple[list[Judged], list[Variation]]:
    """Every claim for every value of the settings that reach it."""
    judged = base_verdicts(base, context)
    found = [
        trial
        for setting, values in tried_values(base, grid)
        for value in values
        for trial in trials(base, judged, setting, value, context)
    ]
    return judged, found


def moving(one: Judged, found: Sequence[Variation]) -> list[Variation]:
    """Trials of a claim under the settings of which some value moves one of its numbers."""
    own = [trial for trial in found if trial.claim == one.claim.id]
    settings = {trial.setting for trial in own if _moved(one.entry, trial.entry)}
    return [trial for trial in own if trial.setting in settings]


# ---- what is written -------------------------------------------------------------------------------------


def document(
    base: Base, judged: Sequence[Judged], found: Sequence[Variation], grid: SensitivitySettings
) -> Sensitivity:
    """The content of claims/sensitivity.json (keys: the docstring of the package)."""
    moved = {one.claim.id: moving(one, found) for one in judged}
    reached = {trial.claim for trial in found}
    rows = []
    for one in judged:
        rows += [_row(one, None)] + [_row(one, trial) for trial in moved[one.claim.id]]
    return Sensitivity(
        tuple(_setting(setting, values, base, moved) for setting, values in tried_values(base, grid)),
        tuple(_claim(one, moved[one.claim.id], one.claim.id in reached) for one in judged),
        tuple(rows),
    )


def table(content: Sensitivity) -> pd.DataFrame:
    """claims/sensitivity.csv: the rows.

    Returns
    -------
    DataFrame
        table SENSITIVITY.
    """
    rows = pd.DataFrame(list(content.rows), columns=list(ROW))
    return rows.assign(setting_value=rows["setting_value"].map(str, na_action="ignore").astype(object))


def _setting(
    setting: Setting, values: list[Value], base: Base, moved: Mapping[str, Sequence[Variation]]
) -> TriedSetting:
    claims = [name for name, own in moved.items() if any(trial.setting == setting.name for trial in own)]
    return TriedSetting(setting.name, setting.words, setting.unit, setting.base(base), tuple(values), tuple(claims))


def survival(verdict: str, others: Sequence[str], reached: bool) -> Survival:
    """One word for what other settings do to a verdict; `reached`: whether any of them could have moved it.

    Where no value moves a number of a claim, nothing was tried on it: that is no robustness.
    """
    if not reached or not others:
        return "untried"
    if set(others) <= {verdict}:
        return "survives"
    if verdict == NOT_TESTABLE:
        return "settles"
    return "weakens" if set(others) <= {verdict, NOT_TESTABLE} else "turns"


def _claim(one: Judged, own: Sequence[Variation], reached: bool) -> TriedClaim:
    verdict = one.entry["verdict"]
    others = [trial.entry["verdict"] for trial in own]
    changed = [trial for trial in own if trial.entry["verdict"] != verdict]
    result = TriedClaim(
        one.claim.id, verdict, survival(verdict, others, reached), len(own), len(own) - len(changed),
        len({trial.setting for trial in own}), "",
        tuple(ChangedVerdict(trial.setting, trial.value, trial.entry["verdict"]) for trial in changed),
    )  # fmt: skip
    return replace(result, sentence=_sentence(result, one))


def _word(verdict: str, claim: Claim) -> str:
    """A verdict as the page says it; one that is not testable here was judged and is undecided."""
    return "undecided" if verdict == NOT_TESTABLE else OUTCOMES[outcome_of(verdict, "", claim.ours)].word


def _sentence(result: TriedClaim, one: Judged) -> str:
    """What the map says of a claim."""
    if not one.open:
        return "Nothing to try: the claim is not testable in this run."
    if result.survival == "untried":
        return "Not tried: no setting that was changed moves a number of this claim."
    settings = f"{result.settings} setting{'s that move it' if result.settings > 1 else ' that moves it'}"
    values = f"{result.kept} of {result.tried} other values of {settings}"
    head = f"{_word(result.verdict, one.claim).capitalize()} for {values}"
    if not result.changed_by:
        return f"{head}."
    turned = [f"{_word(c.verdict, one.claim)} with {c.setting} = {_text(c.value)}" for c in result.changed_by]
    return f"{head}; {', '.join(turned)}."


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float | int) else value


def _row(one: Judged, trial: Variation | None) -> TriedRow:
    entry = one.entry if trial is None else trial.entry
    return TriedRow(
        one.claim.id, "" if trial is None else trial.setting, None if trial is None else trial.value, trial is None,
        entry["value"], entry["low"], entry["high"], entry["unit"], entry["verdict"], entry["status"],
        entry["verdict"] == one.entry["verdict"],
    )  # fmt: skip
