"""Dates that a README or a list of captions in the record gives to its files: `Fig. 1a: 8 January 2021`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metalclouds.errors import ReadError
from metalclouds.ingest.source import Member

_README = re.compile(r"read_?me|caption|description|notes?|info|about|metadata|说明", re.IGNORECASE)
_TEXT_SUFFIXES = (".txt", ".md", ".rst", ".readme", "")
_LARGEST_README_BYTES = 200_000
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = "(" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS) + r"|sept)\.?"
_DATES = (
    # 2021-01-08, 2021/1/8, 2021.01.08, 20210108, 2021年1月8日
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})[-/.年]\s?(?P<m>\d{1,2})[-/.月]\s?(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]+(?P<n>{_MONTH})[ ,-]+(?P<y>(?:19|20)\d{{2}})", re.IGNORECASE
    ),
    re.compile(rf"(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d{{2}})", re.IGNORECASE),
)
# What a line may name: a file with its ending, a figure with or without panel, a panel of the figure named before.
_LABEL = (
    r"(?P<file>[\w-][\w.-]*\.[A-Za-z]\w{0,4}\b)"
    r"|(?<![A-Za-z])fig(?:ure|\.)?[ _.-]*(?P<figure>\d+)[ _.-]*(?:\(?(?P<panel>[a-z])\)?(?![a-z]))?"
    r"|\((?P<letter>[a-z])\)"
)
_LABELS = re.compile(_LABEL, re.IGNORECASE)
# Longer lists of files are not looked for by their names without ending.
_MOST_STEMS = 500


@dataclass(frozen=True)
class Said:
    """A date, and the line of which file gives it."""

    date: str
    because: str


def is_readme(member: Member) -> bool:
    """Whether a file's name is that of a description of the record, in text."""
    suffix = "." + member.name.rsplit(".", 1)[1].lower() if "." in member.name else ""
    return suffix in _TEXT_SUFFIXES and bool(_README.search(member.name))


def dates_said(members: Sequence[Member]) -> dict[Member, Said]:
    """Date of each file that a description of the record names, by the file's own name or its figure's panel.

    A file of which two different dates are said has none here.
    """
    said: dict[str, dict[str, Said]] = {}
    notes = [member for member in members if is_readme(member)]
    labels = _labels_with([member.name.rsplit(".", 1)[0] for member in members]) if notes else _LABELS
    for note in notes:
        for label, day, line in _pairs(_lines(note), labels):
            said.setdefault(label, {}).setdefault(day, Said(day, f"{note.name}: {line.strip()!r}"))
    found = {}
    for member in members if said else ():
        days = next((said[label] for label in _labels_of(member) if label in said), {})
        if len(days) == 1 and not is_readme(member):
            found[member] = next(iter(days.values()))
    return found


def _lines(note: Member) -> list[str]:
    try:
        data = note.data()
        return note.text().splitlines() if len(data) <= _LARGEST_README_BYTES else []
    except ReadError:
        return []


def dates_in(text: str) -> list[tuple[int, str]]:
    """Dates in a text with their positions, as YYYY-MM-DD; numbers that are no date are passed over."""
    found: dict[int, str] = {}
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _month_number(parts["n"])
            if 1 <= month <= 12 and 1 <= int(parts["d"]) <= 31:
                found.setdefault(match.start(), f"{parts['y']}-{month:02d}-{int(parts['d']):02d}")
    return sorted(found.items())


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, start=1) if month.startswith(name[:3].lower()))


def _labels_of(member: Member) -> list[str]:
    """What a description may call a file: its name, the name without its ending, its figure's panel."""
    name = member.name.lower()
    stem = name.rsplit(".", 1)[0]
    panel = _LABELS.fullmatch(stem) or _LABELS.match(stem)
    figure = [f"figure {panel['figure']}{panel['panel'] or ''}"] if panel and panel["figure"] else []
    return [name, stem, *figure]


def _labels_with(stems: Sequence[str]) -> re.Pattern[str]:
    """Labels, and the names of files without their endings."""
    words = [re.escape(stem) for stem in sorted({*stems}, key=len, reverse=True) if len(stem) >= 3]
    if not words or len(words) > _MOST_STEMS:
        return _LABELS
    return re.compile(rf"(?<![\w-])(?P<stem>{'|'.join(words)})(?![\w-]|\.[A-Za-z])|{_LABEL}", re.IGNORECASE)


def _pairs(lines: Iterable[str], labels: re.Pattern[str] = _LABELS) -> Iterable[tuple[str, str, str]]:
    """Label, date and line wherever a line gives a date after a label, or, where it begins with one, before it."""
    figure = ""
    for line in lines:
        marks: list[tuple[int, str, str]] = [(place, "date", day) for place, day in dates_in(line)]
        for match in labels.finditer(line):
            figure = match["figure"] or figure
            marks.append((match.start(), "label", _label(match, figure)))
        marks.sort()
        first = marks[0][1] if marks else ""
        for (_, kind, value), (_, other, more) in itertools.pairwise(marks):
            if kind == first and other != kind:
                yield (value, more, line) if kind == "label" else (more, value, line)


def _label(match: re.Match[str], figure: str) -> str:
    whole = match["file"] or match.groupdict().get("stem")
    if whole:
        return whole.lower()
    if match["letter"]:
        return f"figure {figure}{match['letter'].lower()}"
    return f"figure {match['figure']}{(match['panel'] or '').lower()}"
