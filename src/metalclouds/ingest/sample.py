"""Some nights of a record, read before the others: what they show decides what single nights leave open.

A night that leaves UT or local time open may lie between nights that do not. And what a whole record looks like when
it is read in one way tells whether that way can be right, where one odd night tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from metalclouds.errors import UndecidedError
from metalclouds.ingest.batch import read_what_can_be
from metalclouds.ingest.catalogue import Entry
from metalclouds.ingest.decisions import FROM_CATALOGUE, Decisions, in_one_line, without_evidence
from metalclouds.ingest.evidence.plausible import FEWEST_NIGHTS_OF_A_RECORD, Measured, measured, of_record
from metalclouds.ingest.read import nights_in
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member

# Nights tried of an entry; each costs what its ingest costs. One of TEC, which takes seconds.
# The first of them: as many as a median needs.
_FEWEST = 3
_TRIED = {"lidar": 8, "tec": 1, "fpi": 4, "ionosonde": 4}
# Nights of many files each.
_NIGHTS_OF_MANY = 3
# Maps of a day that are read: what is asked of one (clock, unit, orientation) is the same for all.
_MAPS = 6
# Of a night of profiles so many runs of neighbours are read, of so many each: the first and the last profile are
# those that tell UT from local time, and neighbours have the night's step.
_RUNS, _RUN = 8, 8
# What a decision is called -> the option that asks the same, for the questions that all files of an entry share.
_SHARED = {
    "clock": "clock",
    "density unit": "unit",
    "altitude unit": "altitude_unit",
    "orientation": "orientation",
    "quantity": "quantity",
}
_ORIENTATIONS = {"time x altitude": "time_altitude", "altitude x time": "altitude_time"}


@dataclass(frozen=True)
class Group:
    """Files that are read in one call: those of a night where a file is a profile, else one file."""

    files: tuple[Member, ...]
    entry: Entry
    options: dict[str, Any]


@dataclass
class Sample:
    """What the nights tried gave: answers, the quantities of each, failures with their file, and the nights of the
    times of a file, by its name.
    """

    answers: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    nights: list[list[Measured]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)
    in_times: dict[str, set[str]] = field(default_factory=dict)

    def evidence(self) -> dict[str, dict[str, str]]:
        """Options that the nights tried agree on: {option: {"value", "because"}}."""
        found = {}
        for option, values in self.answers.items():
            if len(values) == 1:
                value, files = next(iter(values.items()))
                first = sorted(files)[0]
                found[option] = {
                    "value": value,
                    "because": f"this night leaves it open; so are {len(files)} other nights read, e.g. {first}",
                }
        return found

    def answered(self) -> bool:
        """Whether the nights tried agree on each of the questions that they answered."""
        return all(len(values) == 1 for values in self.answers.values())

    def objection(self, options: dict[str, Any]) -> UndecidedError | None:
        """The stop where the record's median night, as it was read, cannot be; None where it can."""
        against = [one for one in of_record(self.nights) if one.objection and one.option not in options]
        if not against:
            return None
        lines = _LINES.get(against[0].option, ())
        many = len(self.nights) >= FEWEST_NIGHTS_OF_A_RECORD
        words = f"the median of {len(self.nights)} nights" if many else "one or two nights, too few for a usual one"
        error = UndecidedError(
            "the record as it is read cannot be right" if many else "is the size of the layer right?",
            given=f"of {words}: {'; '.join(one.objection for one in against)}",
            rule="docs/readers.md, what a record must look like",
            remedy="say what is meant, in the entry of these files in config/catalogue/own.yaml\n         "
            + "\n      or ".join(f"options: {in_one_line({**without_evidence(options), **line})}" for line in lines),
        )
        error.lines = lines
        return error


_LINES: dict[str, tuple[dict[str, Any], ...]] = {
    "clock": ({"clock": "UT"}, {"clock": "LT"}),
    "unit": ({"unit": "cm-3"}, {"unit": "m-3"}, {"unit": "log10(cm-3)"}),
    "altitude_unit": ({"altitude_unit": "km"}, {"altitude_unit": "m"}),
    "time": ({"time": "hours"}, {"time": "seconds"}, {"time": "datenum"}),
}


def spread(groups: Sequence[Group], number: int) -> list[Group]:
    """Some of a list, evenly spread, the first and the last among them."""
    if len(groups) <= number:
        return list(groups)
    places = np.unique(np.round(np.linspace(0, len(groups) - 1, number)).astype(int))
    return [groups[place] for place in places]


def try_some(groups: Sequence[Group], instrument: str, settings: IngestSettings) -> Sample:
    """Read some of the groups of an entry; where none of those can be read, the others until one can."""
    sample = Sample()
    number = (
        _TRIED[instrument] if len(groups) and len(groups[0].files) == 1 else min(_TRIED[instrument], _NIGHTS_OF_MANY)
    )
    tried: list[Group] = []
    for some in (spread(groups, min(number, _FEWEST)), spread(groups, number)):
        # Where the first agree and can be right, more of them would say the same.
        if tried and not sample.failures and sample.objection({}) is None and sample.answered():
            break
        for group in some:
            if group not in tried:
                tried.append(group)
                _try(group, instrument, settings, sample)
    for group in (group for group in groups if group not in tried):
        if sample.nights:
            break
        _try(group, instrument, settings, sample)
    return sample


def some_of(files: Sequence[Member], instrument: str) -> list[Member]:
    """Some files of those that are read in one call: maps of a day, or runs of profiles of each kind of names.

    Examples
    --------
    >>> from pathlib import Path
    >>> night = [Member(Path(f"{number:03d}.txt")) for number in range(800)]
    >>> some = some_of(night, "lidar")
    >>> len(some), some[0].name, some[7].name, some[-1].name
    (64, '000.txt', '007.txt', '799.txt')
    """
    if instrument == "tec":
        return list(files[:_MAPS])
    kinds: dict[str, list[Member]] = {}
    for file in files:
        kinds.setdefault(re.sub(r"\d+", "#", file.name), []).append(file)
    out: list[Member] = []
    for same in kinds.values():
        if len(same) <= _RUNS * _RUN:
            out += same
            continue
        starts = np.round(np.linspace(0, len(same) - _RUN, _RUNS)).astype(int)
        out += [file for start in starts for file in same[start : start + _RUN]]
    return out


def _try(group: Group, instrument: str, settings: IngestSettings, sample: Sample) -> None:
    decisions, datasets, failed = Decisions(), list[xr.Dataset](), list[dict[str, str]]()
    some = some_of(group.files, instrument)
    # Where nothing of some can be read, the others may be sound.
    for files in (some, group.files) if len(some) < len(group.files) else (some,):
        decisions = Decisions()
        datasets, failed = read_what_can_be(files, group.entry.reader, group.options, settings, decisions)
        if datasets:
            break
    sample.failures += failed
    found = {night for dataset in datasets for night in nights_in(dataset, instrument)}
    sample.in_times[group.files[0].full_name] = found
    sample.nights += [measured(dataset, instrument, settings) for dataset in datasets]
    for one in decisions.entries:
        option = _SHARED.get(one["what"])
        # What is taken where nothing is stated is no evidence for others, nor is what the catalogue says.
        if option is not None and one["because"] != FROM_CATALOGUE and not one["because"].startswith("not stated"):
            value = _ORIENTATIONS.get(one["decided"], one["decided"])
            sample.answers.setdefault(option, {}).setdefault(value, set()).add(group.files[0].full_name)
