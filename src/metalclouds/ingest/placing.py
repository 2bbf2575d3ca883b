"""Where the files of a record belong: under which nights of which instrument, or nowhere, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from metalclouds.errors import MetalcloudsError, ReadError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.batch import failure_of
from metalclouds.ingest.captions import is_readme
from metalclouds.ingest.catalogue import Entry
from metalclouds.ingest.companions import is_axis
from metalclouds.ingest.decisions import EVIDENCE, Decisions, gives_date, in_one_line
from metalclouds.ingest.describe import describe
from metalclouds.ingest.draft import answers, draft, glob_of_lines, in_yaml, options_in
from metalclouds.ingest.evidence.time import DAYS
from metalclouds.ingest.faults import kind_of
from metalclouds.ingest.placeholders import refuse_absent_names
from metalclouds.ingest.read import date_of_name, nights_in, read_files, site_of
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.record import Found, Looked, reason_of
from metalclouds.ingest.sample import Group, Sample, try_some
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member


@dataclass
class Places:
    """Where the files of an instrument belong: those of each night, and those without a place, with the reason.

    `nights`: (night, number of the entry, options as JSON) -> files.
    """

    nights: dict[tuple[str, int, str], list[Member]] = field(default_factory=dict)
    unmapped: list[dict[str, Any]] = field(default_factory=list)
    damaged: list[dict[str, str]] = field(default_factory=list)


def place(looked: Looked, entries: Sequence[Entry], instrument: str, settings: IngestSettings) -> Places:
    """Put each file of an instrument under its nights, or among those without a place.

    Some are read first: what they show is evidence for all (`sample`). Where none of a kind of files can be read, or
    the record as it is read cannot be right, none of them has a place.
    """
    places, kinds = Places(), dict[str, str]()
    by_kind: dict[tuple[int, str], list[Found]] = {}
    unknown: list[Found] = []
    for found in looked.files:
        if found.entry is None:
            unknown.append(found)
        else:
            kinds[_kind(found.member.name)] = found.entry.instrument
            if found.entry.instrument == instrument:
                # Profiles of a night may have any names: two kinds of them are a question to the reader.
                kind = "" if READERS[found.entry.reader].many else _kind(found.member.name)
                by_kind.setdefault((entries.index(found.entry), kind), []).append(found)
    for one in looked.unopened:
        owner = _owner(one.path.name, kinds, [found.member for found in looked.files])
        places.damaged.append({"file": one.path.name, "reason": one.reason, "kind": "damaged", "instrument": owner})
    for found in unknown:
        _unknown(found, places, kinds)
    for same in _of_one_date(by_kind).values():
        for found in same:
            _lose(places, failure_of(found.member, _one_date(found, len(same))), cast("Entry", found.entry))
    for (number, _), same in sorted(by_kind.items()):
        _place(places, same, number, settings)
    return places


def _of_one_date(by_kind: dict[tuple[int, str], list[Found]]) -> dict[int, list[Found]]:
    """Files of each entry that gives one date to several of them, taken out of `by_kind`."""
    dated: dict[int, list[Found]] = {}
    for (number, _), same in by_kind.items():
        entry = cast("Entry", same[0].entry)
        if gives_date(entry.options) and not READERS[entry.reader].many:
            dated.setdefault(number, []).extend(same)
    several = {number: same for number, same in dated.items() if len(same) > 1}
    for key in [key for key in by_kind if key[0] in several]:
        del by_kind[key]
    return several


def _one_date(found: Found, number: int) -> UndecidedError:
    """The stop for a date that an entry gives to several files: one of them would be read under another's date."""
    entry = cast("Entry", found.entry)
    time = entry.options.get("time")
    line: dict[str, Any]
    if "date" in entry.options:
        given, line = f"date {entry.options['date']}", {"date": "YYYY-MM-DD"}
    else:
        start = str(cast("dict[str, Any]", time)["start"])
        given, line = f"start {start}", {"time": {**cast("dict[str, Any]", time), "start": "YYYY-MM-DDThh:mm"}}
        if entry.instrument in DAYS and len(date_of_name(found.member)) == 1:
            return _start_of_each(found, entry, number, start)
    options = in_one_line({**entry.options, **line})
    return UndecidedError(
        f"one date for {number} files",
        file=found.member.full_name,
        rule="a date in the catalogue is that of one file",
        given=f"seen: glob {entry.glob}, {given}",
        remedy="an entry for each file in config/catalogue/own.yaml, `glob` with the whole name of the file\n"
        f"         options: {options}",
    )


def _start_of_each(found: Found, entry: Entry, number: int, start: str) -> UndecidedError:
    """The stop for one start of several files whose names give their dates: the time of day serves for all."""
    clock = re.search(r"\d\d:\d\d(:\d\d)?", start)
    line = {"time": {**entry.options["time"], "start": clock.group(0) if clock else "00:00"}}
    error = UndecidedError(
        f"one date for {number} files",
        file=found.member.full_name,
        rule="a date in the catalogue is that of one file; a start without a date is of the date in each file's name",
        given=f"seen: glob {entry.glob}, start {start}",
        remedy=f"put in the place of the entry in config/catalogue/own.yaml\n         options: "
        f"{in_one_line({**entry.options, **line})}",
    )
    error.lines = (line,)
    return error


def _kind(name: str) -> str:
    """A name without its numbers: what files of one kind have in common."""
    return re.sub(r"\d+", "#", name)


def _owner(archive: str, kinds: dict[str, str], files: Sequence[Member]) -> str:
    """Instrument of an archive that cannot be opened: that of all files in archives of like names, "" if not one."""
    alike = [member for member in files if member.member and _kind(member.path.name) == _kind(archive)]
    owners = {kinds[_kind(member.name)] for member in alike if _kind(member.name) in kinds}
    return owners.pop() if len(owners) == 1 else ""


def _unknown(found: Found, places: Places, kinds: dict[str, str]) -> None:
    """A file that no entry fits, with what is in it; descriptions of the record are not data."""
    member = found.member
    owner = kinds.get(_kind(member.name), "")
    if found.problem is not None or owner:
        problem = found.problem or ReadError(describe(member).summary)
        places.damaged.append(_damaged(member, problem, owner))
        return
    if is_readme(member):
        return
    seen = "an axis, for matrices beside it" if is_axis(member) else describe(member).summary
    drafted = draft(member)
    places.unmapped.append(
        {
            "file": member.full_name,
            "seen": seen,
            "instrument": drafted["instrument"] if drafted else "",
            "lines": in_yaml(drafted) if drafted else "",
        }
    )


def _damaged(member: Member, error: MetalcloudsError, instrument: str) -> dict[str, str]:
    return {"file": member.full_name, "reason": reason_of(error), "kind": kind_of(error), "instrument": instrument}


def _place(places: Places, same: Sequence[Found], number: int, settings: IngestSettings) -> None:
    """Put files of one entry under their nights; some are read, and what they show holds for all."""
    entry = same[0].entry
    assert entry is not None
    same = _with_their_arrays(places, same, entry)
    nights, undated = _by_night(same, number, settings)
    groups = [Group(tuple(files), entry, json.loads(key[2])) for key, files in nights.items()]
    sample = try_some(groups, entry.instrument, settings)
    if "nights" not in entry.options and _are_of_other_nights(nights, sample, entry):
        # A date of UT in a name is that of the morning west of Greenwich.
        nights, undated = _by_night(same, number, settings, from_times=True)
    stop = sample.objection(dict(entry.options))
    if stop is not None:
        first = next(iter(nights.values()))[0]
        _lose(places, {"file": first.full_name, "kind": "undecided", "reason": str(stop)}, entry)
    elif nights and not sample.nights:
        for failure in sample.failures:
            _lose(places, failure, entry)
    shared = sample.evidence()
    later, lost = _by_night([found for found, _ in undated], number, settings, shared) if shared else ({}, undated)
    for found, error in lost:
        _lose(places, failure_of(found.member, error), entry)
    for (night, index, options), files in {**(nights if sample.nights and not stop else {}), **later}.items():
        key = (night, index, _with_evidence(options, shared))
        places.nights.setdefault(key, []).extend(files)


def _are_of_other_nights(nights: dict[tuple[str, int, str], list[Member]], sample: Sample, entry: Entry) -> bool:
    """Whether files that were read have no time in the night that their name gives."""
    if READERS[entry.reader].many:
        return False
    found = [(night, sample.in_times.get(files[0].full_name)) for (night, _, _), files in nights.items()]
    return any(times and night not in times for night, times in found)


def _with_their_arrays(places: Places, same: Sequence[Found], entry: Entry) -> list[Found]:
    """Files that hold the arrays that their entry names; where the first does, so do those like it."""
    lost = []
    for found in same:
        try:
            refuse_absent_names(found.member, entry.options)
        except UndecidedError as error:
            lost.append(found)
            _lose(places, failure_of(found.member, error), entry)
        except MetalcloudsError:
            # It is named when it is read.
            continue
        else:
            if not lost:
                break
    return [found for found in same if found not in lost]


def _lose(places: Places, failure: dict[str, str], entry: Entry) -> None:
    """Name a file that is not read: a line of the catalogue would help, or it is damaged."""
    if failure["kind"] == "undecided":
        bare = {
            **entry.model_dump(exclude_defaults=True, include={"instrument", "reader", "options"}),
            "glob": glob_of_lines(failure["file"], options_in(failure["reason"])),
        }
        places.unmapped.append(
            {
                "file": failure["file"],
                "seen": failure["reason"],
                "instrument": entry.instrument,
                "lines": "# or\n".join(in_yaml(one) for one in answers(bare, failure["reason"]) or [bare]),
            }
        )
    else:
        places.damaged.append({**failure, "instrument": entry.instrument})


Undated = list[tuple[Found, MetalcloudsError]]


def _by_night(
    same: Sequence[Found],
    number: int,
    settings: IngestSettings,
    shared: dict[str, Any] | None = None,
    from_times: bool = False,
) -> tuple[dict[tuple[str, int, str], list[Member]], Undated]:
    """Files of one entry under (night, number of the entry, options as JSON), and those whose night is not known."""
    nights: dict[tuple[str, int, str], list[Member]] = {}
    undated: Undated = []
    for found in same:
        assert found.entry is not None
        options = json.loads(_with_evidence(json.dumps(found.options), shared or {}))
        asked = {**options, "nights": "from_times"} if from_times else options
        try:
            for night in nights_of(found.member, found.entry, asked, settings):
                nights.setdefault((night, number, json.dumps(options, sort_keys=True)), []).append(found.member)
        except MetalcloudsError as error:
            undated.append((found, error))
    return nights, undated


def _with_evidence(options: str, shared: dict[str, Any]) -> str:
    """Options as JSON, with what the record says where the file itself has nothing of it."""
    content = json.loads(options)
    if shared:
        content[EVIDENCE] = {**shared, **content.get(EVIDENCE, {})}
    return json.dumps(content, sort_keys=True)


def nights_of(member: Member, entry: Entry, options: dict[str, Any], settings: IngestSettings) -> list[str]:
    """Nights of a file: by its name where that is sure, else by reading its times.

    Raises
    ------
    ReadError
        If the file has to be read and cannot be.
    """
    named = date_of_name(member, READERS[entry.reader].many)
    if entry.reader == "lidar_profiles" and named:
        return _nights_of_profiles(member, options, settings)
    by_name = options.get("nights", "from_name" if entry.instrument in ("lidar", "tec") else "from_times")
    if by_name == "from_name" and len(named) == 1 and _name_is_sure(member, entry):
        if entry.reader == "meridian":
            return _nights_of_profiles(member, options, settings)
        return [str(named[0])]
    datasets = read_files([member], entry.reader, options, settings, Decisions())
    return sorted({night for dataset in datasets for night in nights_in(dataset, entry.instrument)})


def _nights_of_profiles(member: Member, options: dict[str, Any], settings: IngestSettings) -> list[str]:
    """A time alone seldom tells UT from local time; all profiles of a night together do, when they are read."""
    moments = np.array(naming.moments(member.name) or naming.moments(member.full_name))
    longitude = site_of(options, "lidar", settings).longitude
    if options.get("clock") == "UT":
        return [str(naming.nights_of(moments, longitude)[0])]
    return [str(naming.nights_of_names(moments, 0.0 if options.get("clock") == "LT" else longitude)[0])]


def _name_is_sure(member: Member, entry: Entry) -> bool:
    """A clock in a lidar file's name may be local and past midnight, so that its date is not that of the evening.

    Maps of a day in one file may go on past its midnight, those of local time begin before it.
    """
    if entry.instrument == "tec":
        return naming.has_clock(member.name) or entry.reader in ("ionex", "tec_slant")
    return entry.reader in ("meridian", "photon_text") or not naming.has_clock(member.name)
