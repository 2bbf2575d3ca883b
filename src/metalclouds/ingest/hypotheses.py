"""Readings of a file as hypotheses: each is tried, and what the result is decides, never the order of the guesses.

A reader that finds several readings stops with a line of options for each (`UndecidedError.lines`). Here each of them
is applied, and the result is held against evidence of other kinds: darkness, duration, where the main layer stands,
how dense it is (`evidence/plausible.py`). Exactly one left is taken, with what excluded the others; else the stop
remains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.decisions import EVIDENCE, Decisions, in_one_line, merged
from metalclouds.ingest.evidence.plausible import OF_SPECIES

# Questions within questions, e.g. unit within clock within orientation.
_MOST_QUESTIONS = 4
Options = dict[str, Any]
Read = Callable[[Options, Decisions], xr.Dataset]
Objections = Callable[[xr.Dataset], list[str]]


@dataclass(frozen=True)
class Trial:
    """A reading that was tried: its line, what it gave, what speaks against it, and whether it could be judged."""

    line: Mapping[str, Any]
    dataset: xr.Dataset | None
    decisions: Decisions
    objections: list[str]

    @property
    def excluded(self) -> bool:
        """Whether something that was measured speaks against this reading."""
        return bool(self.objections)


def read_decided(
    read: Read, options: Options, decisions: Decisions, objections: Objections, depth: int = 0
) -> xr.Dataset:
    """What a reader gives, its open questions answered by trial where exactly one answer is left.

    Parameters
    ----------
    read
        the reader, given options and where to record its decisions.
    objections
        what speaks against a result; empty where nothing does.
    depth
        how many questions were answered by trial before this one.

    Returns
    -------
    Dataset
        as the reader gives it.

    Raises
    ------
    UndecidedError
        If none or several of the readings are left.
    """
    own = Decisions()
    try:
        dataset = read(options, own)
    except UndecidedError as error:
        answered = _by_record(error, options)
        if answered is not None:
            line, because = answered
            dataset = read_decided(read, merged(options, line), own, objections, depth + 1)
            against = objections(dataset)
            if against:
                raise _against_record(error, line, because, against) from None
            own.replace(line, because)
        else:
            dataset = _by_trial(error, read, options, own, objections, depth)
    decisions.extend(own.entries)
    return dataset


def _by_record(error: UndecidedError, options: Options) -> tuple[Mapping[str, Any], str] | None:
    """The line that the record's other nights speak for."""
    known = options.get(EVIDENCE) or {}
    for line in error.lines:
        for key, value in line.items():
            if key in known and key not in options:
                said = known[key]["value"]
                if said == value:
                    return line, known[key]["because"]
                if key == "clock" and str(said).startswith("UTC"):
                    # The description gives an offset, where the question offers UT and local time.
                    return {key: said}, known[key]["because"]
    return None


def _against_record(
    error: UndecidedError, line: Mapping[str, Any], because: str, against: list[str]
) -> UndecidedError:
    """The question again, where what the record says elsewhere cannot be right for this file."""
    out = UndecidedError(
        error.problem,
        file=error.file,
        where=error.where,
        given=f"{error.given}; {in_one_line(line)} ({because}) cannot be right: {', '.join(against)}",
        remedy=error.remedy,
    )
    out.lines = error.lines
    return out


def _by_trial(
    error: UndecidedError, read: Read, options: Options, own: Decisions, objections: Objections, depth: int
) -> xr.Dataset:
    lines = [line for line in error.lines if not any(key in options for key in line if key != "variables")]
    if len(lines) < 2 or depth >= _MOST_QUESTIONS:
        raise error
    trials = [_tried(line, read, options, objections, depth) for line in lines]
    left = [trial for trial in trials if not trial.excluded]
    if len(left) != 1 or left[0].dataset is None:
        raise _with_what_was_tried(error, trials)
    excluded = "; ".join(
        f"{in_one_line(trial.line)}: {', '.join(trial.objections)}" for trial in trials if trial.excluded
    )
    own.extend(left[0].decisions.entries)
    own.replace(left[0].line, f"each reading was tried; excluded: {excluded}")
    return left[0].dataset


def _tried(line: Mapping[str, Any], read: Read, options: Options, objections: Objections, depth: int) -> Trial:
    decisions = Decisions()
    try:
        dataset = read_decided(read, merged(options, line), decisions, objections, depth + 1)
    except ReadError:
        # What could not be read is not excluded: it could not be looked at.
        return Trial(line, None, decisions, [])
    against = objections(dataset)
    if "species" in line or "signal" in (line.get("variables") or {}):
        # What is too much or too little for one metal may be another: which array is meant, a person says.
        against = [one for one in against if not one.startswith(OF_SPECIES)]
    return Trial(line, dataset, decisions, against)


def _with_what_was_tried(error: UndecidedError, trials: list[Trial]) -> UndecidedError:
    """The same question, with what speaks against each of its readings."""
    if not any(trial.objections for trial in trials):
        return error
    words = [f"as {in_one_line(trial.line)}: {', '.join(trial.objections) or 'possible'}" for trial in trials]
    out = UndecidedError(
        error.problem,
        file=error.file,
        where=error.where,
        rule=error.rule,
        given=f"{error.given}; {'; '.join(words)}",
        remedy=error.remedy,
    )
    out.lines = error.lines
    return out
