"""What is in a file, folder or archive, what a run would do with each file, and the entries that it proposes."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml

from metalclouds.errors import ReadError
from metalclouds.files import read_yaml, replacing
from metalclouds.ingest import budget, naming
from metalclouds.ingest.batch import FileGroup, Made, put_together
from metalclouds.ingest.captions import is_readme
from metalclouds.ingest.catalogue import Entry, read_catalogue
from metalclouds.ingest.companions import is_axis
from metalclouds.ingest.decisions import UNPLACED, UNUSED_OPTION, Decisions, gives_date, in_one_line, plain
from metalclouds.ingest.describe import describe
from metalclouds.ingest.draft import drafts, glob_for, glob_of_lines, in_yaml, options_in
from metalclouds.ingest.in_short import in_short
from metalclouds.ingest.placeholders import names_left, placeholders
from metalclouds.ingest.placing import Places, place
from metalclouds.ingest.read import TIMES
from metalclouds.ingest.record import Looked, look_at
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from metalclouds.schema.variables import named_by_species

# So many arrays are listed for people; --json has them all.
_ARRAYS_SHOWN = 8
# Of a screen; --all shows the rest.
_LINES_SHOWN = 40
_DECISIONS_SHOWN = 4
_NIGHTS_SHOWN = 3
_STATUS_WORDS = {
    "read": "read",
    "unused": "not used, for others hold their nights",
    "axis": "axes of others",
    "description": "descriptions of the record",
    "undecided": "need a line in the catalogue",
    "unknown": "fit no entry",
    "failed": "cannot be read",
    "fault": "met a fault of this program",
}
_HELP = {
    "unknown": "unknown files: where one holds data, an entry in config/catalogue/own.yaml names its reader "
    "(docs/readers.md)",
    "undecided": "undecided files: answer by an option of this command where one is named, or by an entry in "
    "config/catalogue/own.yaml; --write appends it where only one is proposed",
    "fault": "a fault of this program: please report it with the trace above",
}
# Of the others these come first: all times, or all densities, follow from them.
# Decisions that rest on the file's own words are not shown on the one screen.
_NUMBER = re.compile(r"\d+")
# Decisions on what the numbers of a file mean: files that differ in one are not alike.
_MEANINGS = (
    "clock", "time", "time marks", "quantity", "calibration", "density unit", "unit", "altitude", "altitude unit",
    "altitude above", "altitude marks", "orientation", "species", "wind", "wind direction", "sign", "shell",
)  # fmt: skip
# Those of most consequence come first: a unit changes all numbers, half a bin hardly any.
_FIRST = (
    UNUSED_OPTION, "density unit", "columns not used", "flags not used", "error left out", "error",
    "clock", "date", "missing", "species", "calibration",
)  # fmt: skip
_SAID = re.compile(r"says so|said by|name and shape|lengths of the axes|attribute units|no value is negative")


@dataclass
class Report:
    """What a run would do with the files of one kind: alike in name but for numbers, in fate and in reading.

    `file` is the first of `alike`; `status` is read, unused (another file has its night), axis, description (of the
    record), undecided, failed, unknown or fault (of this program); `as_read` has the dims and variables of each
    night, `in_short` a line on it; `named_nights` are dates in the names; `proposed` is a catalogue entry, `drafts`
    are those of a file that no entry fits, one of which reads it.
    """

    file: str
    alike: int
    format: str
    arrays: list[dict[str, Any]]
    status: str
    entry: dict[str, Any] | None = None
    nights: list[str] = field(default_factory=list)
    named_nights: list[str] = field(default_factory=list)
    as_read: list[str] = field(default_factory=list)
    in_short: list[str] = field(default_factory=list)
    decisions: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""
    proposed: dict[str, Any] | None = None
    drafts: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _Fate:
    """What became of one file; of several nights in it, what is worst."""

    status: str
    problem: str = ""
    nights: set[str] = field(default_factory=set)
    as_read: list[str] = field(default_factory=list)
    in_short: list[str] = field(default_factory=list)
    decisions: Decisions = field(default_factory=Decisions)

    def reading(self) -> frozenset[tuple[str, str]]:
        """What was decided about the meaning of the file's numbers, clock and all; how much was lost is no part."""
        return frozenset(
            (one["what"], one["decided"] if one["what"] == "clock" else _NUMBER.sub("#", one["decided"]))
            for one in self.decisions.entries
            if one["what"] in _MEANINGS
        )

    def worse(self, status: str, problem: str) -> None:
        """Take a status and its reason unless what is there is as bad."""
        if _WORST_FIRST.index(status) < _WORST_FIRST.index(self.status):
            self.status, self.problem = status, problem


_WORST_FIRST = ("fault", "undecided", "failed", "unknown", "read", "unused", "axis", "description")


@budget.by_settings
def inspect(path: Path, settings: IngestSettings, *, every: bool = False) -> list[dict[str, Any]]:
    """A report for each kind of files; every file is read as a run would read it.

    Parameters
    ----------
    path
        file, folder or archive.
    every
        a report for each file, not for those of a kind together.

    Returns
    -------
    list of dict
        the fields of `Report`.

    Raises
    ------
    ReadError
        If there is no such path, or nothing in it.
    """
    if not path.exists():
        raise ReadError("no such file or folder", file=path)
    entries = read_catalogue(settings.catalogue)
    looked = look_at([path], entries)
    if not looked.files:
        raise ReadError(
            looked.unopened[0].reason if looked.unopened else "no file in the folder or archive", file=path
        )
    fates = _fates(looked, entries, settings)
    groups: dict[tuple[object, ...], list[Member]] = {}
    for found in looked.files:
        key = (found.member.full_name,) if every else _kind(found.member, fates[found.member])
        groups.setdefault(key, []).append(found.member)
    by_member = {found.member: found.entry for found in looked.files}
    reports = [_report(alike, by_member[alike[0]], fates, path) for alike in groups.values()]
    lost = [Report(one.path.name, 1, "archive", [], "failed", problem=one.reason) for one in looked.unopened]
    return [asdict(report) for report in [*reports, *lost]]


def _kind(member: Member, fate: _Fate) -> tuple[object, ...]:
    """What files have in common that are shown as one: name but for numbers, fate, and the meaning of their numbers.

    A file that is not read before its station is known is of the kind of those with arrays of its names.
    """
    name, problem = member.full_name, fate.problem.replace(member.full_name, "")
    arrays = {array["name"] for array in describe(member).arrays} if problem.startswith(UNPLACED) else ()
    alike, problem, *names = (_NUMBER.sub("#", text) for text in (name, problem, *sorted(arrays)))
    return alike, fate.status, problem, tuple(dict.fromkeys(names)), fate.reading()


def _fates(looked: Looked, entries: Sequence[Entry], settings: IngestSettings) -> dict[Member, _Fate]:
    fates = {found.member: _without_entry(found.member) for found in looked.files if found.entry is None}
    for found in looked.files:
        if found.problem is not None:
            fates[found.member] = _Fate("failed", str(found.problem))
    names = {found.member.full_name: found.member for found in looked.files if found.entry is not None}
    for instrument in sorted({found.entry.instrument for found in looked.files if found.entry is not None}):
        places = place(looked, entries, instrument, settings)
        _read_placed(places, entries, settings, fates, names)
        for one in places.unmapped:
            if one["instrument"] == instrument and one["file"] in names:
                fates[names[one["file"]]] = _Fate("undecided", one["seen"])
        for one in places.damaged:
            if one["file"] in names:
                fates[names[one["file"]]] = _Fate(_status(one["kind"]), one["reason"])
    for found in looked.files:
        # Of files of one name in several folders a message names one, and is about all.
        alike = fates.get(names.get(found.member.full_name, found.member))
        fates.setdefault(found.member, alike or _Fate("undecided", "as the other files of this kind"))
    return fates


def _without_entry(member: Member) -> _Fate:
    if is_readme(member):
        return _Fate("description", "looked through for the dates and the clock of other files")
    if is_axis(member):
        return _Fate("axis", "an axis; it is read with the matrices beside it")
    return _Fate("unknown", describe(member).problem or "no entry of the catalogue fits this file")


def _read_placed(
    places: Places,
    entries: Sequence[Entry],
    settings: IngestSettings,
    fates: dict[Member, _Fate],
    names: dict[str, Member],
) -> None:
    """Read the files of each night and put them together, as a run does."""
    by_night: dict[tuple[str, str], list[FileGroup]] = {}
    for (night, index, options), files in sorted(places.nights.items()):
        entry = entries[index]
        source = FileGroup(files, entry.reader, json.loads(options))
        by_night.setdefault((night, entry.instrument), []).append(source)
    for (night, instrument), sources in by_night.items():
        made = put_together(night, instrument, sources, settings)
        short = "" if made.dataset is None else in_short(made.dataset, instrument, settings, made.decisions)
        for member in dict.fromkeys(file for source in sources for file in source.files):
            _note(fates.setdefault(member, _Fate("unused")), member, night, made, short)
        for one in made.failed:
            for member in _named(one["file"], made, sources, names):
                fates[member].worse(_status(one["kind"]), one["reason"])


def _note(fate: _Fate, member: Member, night: str, made: Made, short: str) -> None:
    """Add to the fate of a file what became of one of its nights."""
    fate.decisions.extend(made.decisions.entries)
    left_out = [one for one in made.decisions.entries if one["what"] == "sources left out"]
    unused = next((one for one in left_out if member.full_name in one["decided"].split(", ")), None)
    if made.dataset is None or member.full_name not in made.used:
        return
    if unused is not None:
        fate.problem = fate.problem or f"{night}: {unused['because']}"
        return
    fate.worse("read", "")
    fate.nights.add(night)
    fate.as_read.append(summary(made.dataset))
    fate.in_short.append(short)


def _named(file: str, made: Made, sources: Sequence[FileGroup], names: dict[str, Member]) -> list[Member]:
    """Files that a failure is about: its own, with those that were read in one call with it and are not used.

    A failure that came up when the night was put together is about all that were used.
    """
    if file not in names:
        return [names[name] for name in made.used if name in names]
    alone = {one["file"] for one in made.failed}
    beside = [member for source in sources if names[file] in source.files for member in source.files]
    return [names[file], *(one for one in beside if one.full_name not in {*made.used, *alone})]


def _status(kind: str) -> str:
    return {"undecided": "undecided", "fault": "fault"}.get(kind, "failed")


def _report(alike: list[Member], entry: Entry | None, fates: dict[Member, _Fate], path: Path) -> Report:
    first, fate = alike[0], fates[alike[0]]
    content = describe(first)
    nights = sorted({night for member in alike for night in fates[member].nights})
    named = sorted({str(date) for member in alike for date in naming.dates(member.name)})
    drafted = drafts(first) if fate.status == "unknown" else []
    proposed = next(iter(drafted), None)
    if entry is not None and fate.status in ("read", "unused", "undecided"):
        proposed = {"glob": glob_for(first.name, len(alike)), **entry.lines}
    out = Report(first.full_name, len(alike), content.kind, content.arrays, fate.status, None, nights, named)
    out.entry = entry.model_dump(mode="json", exclude_defaults=True) if entry else None
    out.as_read, out.in_short, out.decisions = fate.as_read, fate.in_short, fate.decisions.entries
    out.problem, out.proposed, out.drafts = fate.problem, proposed, drafted
    return out


def summary(dataset: xr.Dataset) -> str:
    """Dims with their first and last values, and the variables, of what a reader gave.

    Parameters
    ----------
    dataset
        what a reader gave.
    """
    dataset = named_by_species(dataset)
    axes = []
    for dim, size in dataset.sizes.items():
        name = dim if dim in dataset.coords else next((time for time, of in TIMES.items() if of == dim), "")
        values = dataset[name].values if name in dataset.variables else np.array([])
        span = f" from {_short(values[0])} to {_short(values[-1])}" if values.size else ""
        axes.append(f"{size} {dim}{span}")
    return f"{', '.join(axes)}: {', '.join(map(str, dataset.data_vars))}"


def _short(value: np.generic) -> str:
    return str(value.astype("datetime64[s]")) if isinstance(value, np.datetime64) else f"{float(value):g}"


def page(reports: Sequence[dict[str, Any]], settings: IngestSettings, every: bool) -> str:
    """Reports for people, the whole on one screen unless `every`; what stops a run comes first."""
    ordered = sorted(reports, key=lambda one: _WORST_FIRST.index(one["status"]))
    texts = [text_of(one, every or len(reports) == 1) for one in ordered]
    lines = np.cumsum([text.count("\n") + 1 for text in texts])
    fitting = len(texts) if every else max(1, int(np.searchsorted(lines, _LINES_SHOWN, side="right")))
    if fitting < len(texts):
        texts = [*texts[:fitting], f"and {len(texts) - fitting} more kinds of files (--all)\n"]
    return "\n".join([*texts, _station(settings), closing(reports)])


def _station(settings: IngestSettings) -> str:
    where, how = settings.site("lidar").words(), "--site LATITUDE LONGITUDE [ALTITUDE_KM]"
    if settings.site_given("lidar"):
        return f"station: {where}"
    if settings.assume_station:
        return f"station: {where}, the paper's, for files that do not name their own; is it yours? else {how}"
    return f"station: none given; files of a lidar, winds and soundings that do not name their own need {how}"


def text_of(report: dict[str, Any], whole: bool = True) -> str:
    """A report for people: with all arrays and decisions, or in a few lines."""
    return "\n".join(_whole_lines(report) if whole else _short_lines(report)) + "\n"


def _heading(report: dict[str, Any]) -> str:
    alike = f" and {report['alike'] - 1} like it" if report["alike"] > 1 else ""
    return f"{report['file']}{alike}: {_STATUS_WORDS[report['status']]}"


def _whole_lines(report: dict[str, Any]) -> list[str]:
    lines = [_heading(report), *_content_lines(report)]
    if report["entry"]:
        lines.append(
            f"  entry: {report['entry']['glob']} -> {report['entry']['instrument']}, {report['entry']['reader']}"
        )
    lines += [f"  {one['what']}: {one['decided']}  ({one['because']})" for one in report["decisions"]]
    lines += [f"  as read: {text}" for text in report["as_read"][:_NIGHTS_SHOWN]]
    lines += [f"  {text}" for text in _nights_in_short(report, _NIGHTS_SHOWN)]
    if report["nights"]:
        lines.append(f"  nights: {_listed(report['nights'])}")
    if report["alike"] > 1 and len(report["named_nights"]) > 1:
        lines.append(f"  dates in the names of these files: {_listed(report['named_nights'])}")
    if report["problem"]:
        lines.append("  " + report["problem"].replace("\n", "\n  "))
    return [*lines, *_proposal(report)]


def _short_lines(report: dict[str, Any]) -> list[str]:
    """Status and nights in a line, what was guessed in another; a stop with what decides it."""
    heading = _heading(report)
    if report["status"] == "read":
        nights = f"{report['entry']['instrument']}, nights: {_listed(report['nights'], 3)}"
        guessed = [one for one in report["decisions"] if not _SAID.search(one["because"])]
        guessed.sort(key=lambda one: _FIRST.index(one["what"]) if one["what"] in _FIRST else len(_FIRST))
        words = [f"{one['what']} {one['decided']} ({_cut(one['because'], 60)})" for one in guessed[:_DECISIONS_SHOWN]]
        short = [f"  {text}" for text in _nights_in_short(report, 1)]
        return [f"{heading}; {nights}", *short, *([f"  {'; '.join(words)}"] if words else [])]
    if report["status"] in ("axis", "description"):
        return [heading]
    first, *rest = report["problem"].splitlines() or [""]
    given = [line.strip().removeprefix("given: ") for line in rest if line.strip().startswith("given:")]
    rule = [line for line in rest if line.strip().startswith("rule:") and report["status"] == "failed"]
    lines = [f"{heading}: {first}", *rule, *(f"  {_cut(line, 300)}" for line in given)]
    if report["status"] in ("undecided", "unknown") and report["arrays"] and not given:
        lines.append(f"  {_cut(_arrays_in_a_line(report['arrays']), 300)}")
    return [*lines, *(_short_proposal(report) or _remedy(report, rest))]


def _remedy(report: dict[str, Any], lines: Sequence[str]) -> list[str]:
    """What the message says that helps; the station has a line of its own on the screen."""
    start = next((n for n, line in enumerate(lines) if line.strip().startswith("what to do:")), len(lines))
    return [] if report["problem"].startswith(UNPLACED) else list(lines[start:])


def _nights_in_short(report: dict[str, Any], number: int) -> list[str]:
    """A line on each of the first nights of a file."""
    shown, more = report["in_short"][:number], len(report["in_short"]) - number
    return [*shown[:-1], f"{shown[-1]} (and {more} more nights)"] if more > 0 and shown else shown


def _arrays_in_a_line(arrays: list[dict[str, Any]]) -> str:
    words = [f"{one['name']} {tuple(one['shape'])}" + _span(one) for one in arrays[:_ARRAYS_SHOWN]]
    more = len(arrays) - len(words)
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")


def _span(array: dict[str, Any]) -> str:
    return f" {array['low']:.4g} .. {array['high']:.4g}" if array["low"] is not None else ""


def _short_proposal(report: dict[str, Any]) -> list[str]:
    """The entry to paste, once for each line of options that would decide."""
    entries = _entries_of(report)
    if not entries:
        return []
    number = "one of these" if len(entries) > 1 else "this line"
    head = f"  {'draft; ' if report['status'] == 'unknown' else ''}{number}"
    lines = [f"{head} in config/catalogue/own.yaml, below `entries:`"]
    if report["alike"] > 1 and any(gives_date(entry.get("options", {})) for entry in entries):
        lines.append(f"    (a date is that of one file: the {report['alike'] - 1} like it need entries of their own)")
    return [*lines, *(f"- {in_one_line(plain(entry))}" for entry in entries)]


def _entries_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries by one of which a file would be read; empty where a line of the catalogue is no help."""
    if not report["proposed"] or report["problem"].startswith(UNPLACED):
        return []
    answered = [_with_options(report, one) for one in options_in(report["problem"])]
    # The entry as it is does not answer its own question.
    return answered or ([] if report["status"] == "undecided" else report["drafts"] or [report["proposed"]])


def open_choices(reports: Sequence[dict[str, Any]]) -> int:
    """Number of files of which several entries are proposed: a person has to choose."""
    return sum(one["alike"] for one in reports if one["status"] == "undecided" and len(_entries_of(one)) > 1)


def _with_options(report: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    glob = glob_of_lines(report["file"], [options]) if gives_date(options) else report["proposed"]["glob"]
    return {**report["proposed"], "glob": glob, "options": options}


def _content_lines(report: dict[str, Any]) -> list[str]:
    lines = [f"  format: {report['format']}"]
    for array in report["arrays"]:
        span = f"  {array['low']:.6g} .. {array['high']:.6g}" if array["low"] is not None else ""
        missing = f"  {array['missing']} NaN" if array["missing"] else ""
        lines.append(f"    {array['name']} {tuple(array['shape'])} {array['type']} {array['units']}{span}{missing}")
    return lines


def _proposal(report: dict[str, Any]) -> list[str]:
    if not report["proposed"]:
        return []
    if report["status"] == "undecided":
        return _short_proposal(report)
    needed = {
        "read": "catalogue lines (not needed; for options of your own):",
        "unknown": "draft of an entry; see that each role is right:",
    }.get(report["status"], "catalogue lines:")
    texts = [in_yaml(entry).splitlines() for entry in report["drafts"] or [report["proposed"]]]
    either = [line for text in texts for line in ("  or", *(f"    {line}" for line in text))]
    return [f"  {needed}", *either[1:]]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _listed(names: list[str], number: int = 6) -> str:
    return f"{len(names)} ({', '.join(names[:number])}{' ...' if len(names) > number else ''})"


def closing(reports: Sequence[dict[str, Any]]) -> str:
    """A line on all files, and what to do about those that are not read."""
    count = {status: sum(r["alike"] for r in reports if r["status"] == status) for status in _STATUS_WORDS}
    text = "; ".join(f"{number} {_STATUS_WORDS[status]}" for status, number in count.items() if number)
    help_for = [status for status in ("unknown", "undecided", "fault") if count[status]]
    return "\n".join([f"files: {text}", *(_HELP[status] for status in help_for)])


def write_entries(reports: Sequence[dict[str, Any]], path: Path) -> int:
    """Append the entries that files need and the catalogue does not have yet; returns how many.

    A file that is read needs none, and of several that would answer a question a person has to choose one.

    They begin in the column in which those that are there begin, for a list of YAML has one.

    Raises
    ------
    ReadError
        If the catalogue is no YAML, or no list of entries to which lines can be added.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else "entries: []\n"
    known = read_yaml(path).get("entries") or [] if path.exists() else []
    new: list[dict[str, Any]] = []
    for report in reports:
        lines = [] if report["status"] in ("read", "unused") else _entries_of(report)
        entry = {k: v for k, v in lines[0].items() if v not in ({}, None)} if len(lines) == 1 else None
        if entry and [*names_left(entry.get("options", {})), *placeholders(entry.get("options", {}))]:
            continue
        if entry and entry not in known and entry not in new:
            new.append(entry)
    if new:
        body = "".join(in_yaml(entry) for entry in new)
        whole = _with_entries(text, known, body)
        _check_whole(whole, [*known, *new], body, path)
        with replacing(path) as temporary:
            temporary.write_text(whole, encoding="utf-8")
    return len(new)


def _with_entries(text: str, known: Sequence[Any], body: str) -> str:
    """The text of a catalogue with the lines of more entries."""
    if not known:
        bare = re.sub(r"(?m)^entries:[ \t]*(\[\s*\]|null|~)?[ \t]*$", "entries:", text).rstrip("\n")
        return f"{bare}\n{body}" if re.search(r"(?m)^entries:", bare) else f"{bare}\nentries:\n{body}".lstrip("\n")
    first = re.search(r"(?m)^([ \t]*)- ", text[text.index("entries:") :])
    return text.rstrip("\n") + "\n" + textwrap.indent(body, first.group(1) if first else "")


def _check_whole(text: str, entries: Sequence[dict[str, Any]], body: str, path: Path) -> None:
    """Refuse to write a catalogue that would not hold what was there, and what is new.

    Raises
    ------
    ReadError
        With the lines.
    """
    try:
        found = plain((yaml.safe_load(text) or {}).get("entries"))
    except (yaml.YAMLError, AttributeError):
        found = None
    if found != plain(list(entries)):
        raise ReadError(
            "the entries cannot be appended to this catalogue, which was left as it is",
            file=path,
            remedy=f"add them below `entries:`, in the column of those that are there\n{body}",
        )
