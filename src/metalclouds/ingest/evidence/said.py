"""What a file and the descriptions of its record say in words: statements, each with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.captions import is_readme, lines_of
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member

# Lines of a record's descriptions that a reader may need, by instrument; others are not carried to it.
_NEEDED = {
    "lidar": r"err|uncert|sigma|(?<![a-z])std|fehler|误差|不确定|%|per ?cent|prozent"
    r"|flag|quality|good|bad|valid|标志|质量|missing|no data|9{3,}|8{3,}",
    "fpi": r"positiv|negativ|\bsign|[+±][NSEW]\b|[<>]\s*0|为正|为负|ward|\bnm\b|emission|\bline|airglow|[56]\d\d"
    r"|missing|no data|9{3,}|红线|绿线|km\b|clockwise|direction|elevation|zenith|仰角|天顶角",
    "tec": r"km\b|\d{6}\s*m\b|shell|pierce|ipp\b|layer|薄层|穿刺|lat|lon|纬|经|north|south|row|column"
    r"|\bhh|time|clock|时|missing|no data|9{3,}|TEC[ -]?U|tenth|scal|factor|multipl|divid|integer"
    r"|unit|m\^?-?2|m²|单位",
    "ionosonde": r"no data|9{3,}|lt\b|ut\b|clock|local|month|unit|mhz|missing|scal",
}
_LONGEST = 400
_MOST_LINES = 60


@dataclass(frozen=True)
class Statement:
    """A line of text and who says it."""

    text: str
    because: str


@dataclass(frozen=True)
class DescriptionLine:
    """A line of a description of the record, the description's name, and the files of the record that it names."""

    text: str
    where: str
    files: frozenset[str]


def notes_of(members: Sequence[Member]) -> list[DescriptionLine]:
    """Lines of all descriptions of a record; a wrapped line is one."""
    names = {member.name for member in members}
    return [
        DescriptionLine(line, note.name, frozenset(names.intersection(_FILE.findall(line))))
        for note in members
        if is_readme(note)
        for line in unwrapped_lines(lines_of(note))
    ]


_FILE = re.compile(r"[\w+-][\w.+-]*\.\w+")


def needed(notes: Sequence[DescriptionLine], member: Member, instrument: str) -> list[list[str]]:
    """Of the lines of descriptions those that an instrument's readers may need for a file: where and text.

    A line that names files of the record is about those.
    """
    pattern = _NEEDED.get(instrument)
    if pattern is None:
        return []
    about = [note for note in notes if not note.files or member.name in note.files]
    found = [[note.where, note.text[:_LONGEST]] for note in about if re.search(pattern, note.text, re.IGNORECASE)]
    return found[:_MOST_LINES]


# A word of a sentence: no name of a file, of a column with its unit, of a key.
_GOES_ON = re.compile(r"[a-z]+[.,;)]?(?:\s+[a-z(]|\s*$)")


def unwrapped_lines(lines: Sequence[str]) -> list[str]:
    """Lines without remark signs and blanks around; one that goes on with a small letter is joined to that above."""
    out: list[str] = []
    for line in lines:
        text = re.sub(r"^\s*(?:#|%|//|!)+", "", line).strip()
        goes_on = bool(out) and not out[-1].endswith((".", ";", ":", "。", "；", "|")) and _GOES_ON.match(text)
        if goes_on and len(out[-1]) < _LONGEST:
            out[-1] = f"{out[-1]} {text}"
        elif text:
            out.append(text)
    return out


def statements(arrays: Arrays, context: Context) -> list[Statement]:
    """Everything that is said in words about a file: attributes, scalars, header, footer, and the record's notes."""
    return [*_of_file(arrays), *of_notes(context)]


def of_notes(context: Context) -> list[Statement]:
    """What the record's descriptions say about a file."""
    found = context.evidence("notes")
    return [Statement(line, f"{note}: {line!r}") for note, line in (found[0] if found else [])]


def of_lines(lines: Sequence[str], where: str = "header") -> list[Statement]:
    """Statements of a header."""
    return [Statement(line, f"{where}: {line!r}") for line in unwrapped_lines(lines)]


def _of_file(arrays: Arrays) -> Iterator[Statement]:
    for key, value in arrays.attributes_of_file.items():
        text = str(value)
        if key in ("header", "footer"):
            yield from of_lines(text.splitlines(), key)
        elif _is_short(value):
            yield from of_lines([f"{key}: {text}"], "attribute")
    for name, attributes in arrays.attributes.items():
        for key, value in attributes.items():
            if isinstance(value, str) and value.strip():
                yield Statement(f"{name} {key}: {value}", f"attribute {key} of {name}: {value!r}")
    for name, value in arrays.values.items():
        if value.size == 1 and value.dtype.kind in "iufSU":
            text = f"{name}: {value.ravel()[0]} {arrays.attribute(name, 'units')}".strip()
            yield Statement(text, f"scalar {text!r}")


def _is_short(value: object) -> bool:
    return isinstance(value, str | bytes) or np.size(np.asarray(value)) == 1


_GOOD = r"(?:good|ok|valid|clear|usable|reliable|好|有效|可用|正常)"
_GOOD_FLAG = (
    re.compile(rf"(?<![\w.])(\d)\s*(?:=|:|-|is|means?|为|表示)?\s*{_GOOD}(?![a-z])", re.I),
    re.compile(rf"(?<![a-z]){_GOOD}\s*(?:data|values?|winds?|samples?)?\s*(?:=|:|is|are|为)\s*(\d)(?![\w.])", re.I),
)
_OF_FLAG = re.compile(r"flag|quality|标志|标识|质量", re.I)


def good_flag_said(said: Sequence[Statement], context: Context) -> float | None:
    """The value of a flag that words call good, `flag: 1 good 0 cloudy`; None where nothing explains it.

    Raises
    ------
    UndecidedError
        If two values are called good.
    """
    found = {
        float(match.group(1)): one.because
        for one in said
        if _OF_FLAG.search(one.text)
        for pattern in _GOOD_FLAG
        for match in pattern.finditer(one.text)
    }
    if len(found) > 1:
        raise context.undecided(
            "which flag is a good value?",
            seen="; ".join(dict.fromkeys(found.values())),
            lines=tuple(f"good_flag: {number:g}" for number in sorted(found)),
        )
    for number, because in found.items():
        context.decisions.record("good flag", f"{number:g}", because)
        return number
    return None


_NO_DATA = r"(?:no[ -](?:data|value|observation|measurement)s?|missing|invalid|bad data|无数据|缺测|缺失)"
_MISSING = (
    re.compile(
        rf"(?<![\w.])([+-]?\d+(?:\.\d+)?)\s*(?:=|:|means?|is|stands for|for|indicates?|表示|为)?\s*{_NO_DATA}", re.I
    ),
    re.compile(
        rf"{_NO_DATA}\s*(?:data|values?)?\s*(?:=|:|is|are|by|as|marked|为)*\s*([+-]?\d+(?:\.\d+)?)(?![\w.])", re.I
    ),
)
# 0, 1 and -1 may be meant of a flag.
_LEAST_MARK = 90.0


def missing_in(said: Sequence[Statement]) -> dict[float, str]:
    """Numbers that are said to stand for a missing value, each with who says so."""
    found = {
        float(match.group(1)): one.because
        for one in said
        for pattern in _MISSING
        for match in pattern.finditer(one.text)
    }
    return {number: because for number, because in found.items() if abs(number) >= _LEAST_MARK}
