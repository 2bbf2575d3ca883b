"""What a proposed line leaves to a person: the names that a file has for it, and lines in which it was left.

A reader that misses an array writes `variables: {eastward_wind: NAME}`. Here NAME gives way to what the file holds:
one array that could be it is put in, each of a few makes a line, of many the names are listed. A line that was pasted
with NAME left in it is refused, with the names of the file that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml

from metalclouds.errors import MetalcloudsError, ReadError, UndecidedError
from metalclouds.ingest.companions import beside
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import in_one_line, plain, without_evidence
from metalclouds.ingest.draft import looks_like, measures
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.source import Member

_NAME = re.compile(r"NAME( OF .*)?")
_FILE = re.compile(r"FILE( BESIDE THIS ONE)?|PATTERN OF A FILE NAME")
_OTHERS = re.compile(r"ROLE|FIRST|LAST|FACTOR .*|YYYY.*|hh:mm(:ss)?")
# One letter is a name of an array, too, but never a number.
_NUMBERS = ("altitude_km", "start_km", "step_km", "step_s", "step_minutes", "start")
# So many names make a line each; more are listed, and no more than these.
_LINES, _LISTED = 4, 12
# What the names of axes look like, and what their values cannot be beyond.
_AXES = {
    "time": re.compile(r".*(time|hour|epoch|date|时间|时刻|北京时).*|utc?|lt|bjt|t|doy|m?jd"),
    "altitude": re.compile(r".*(alt|height|hgt|range|高度|海拔).*|[hz]|km"),
    "latitude": re.compile(r".*lat.*|weidu|.*纬度.*"),
    "longitude": re.compile(r".*lon.*|jingdu|.*经度.*"),
}
_SPANS = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 360.0)}
_TIMES = ("time", "clock")
_WORDS = (*_TIMES, "direction", "satellite", "receiver", "wavelength", "foEs")
_MATRICES = ("signal",)
# What nothing but a name tells from any other vector: such a name is not put in by elimination.
_BY_NAME_ALONE = ("calibration_factor", "background_counts", "background_counts_error", "integration_time")


def placeholders(options: Mapping[str, Any]) -> list[str]:
    """What a line leaves to a person and was not filled in, as `variables.time: NAME`; not the names of a file."""
    return [f"{where}: {text}" for where, text in _texts(options) if _is_other(where, text)]


def names_left(options: Mapping[str, Any]) -> list[str]:
    """Places in options where NAME or FILE still stands."""
    return [f"{where}: {text}" for where, text in _texts(options) if _NAME.fullmatch(text) or _FILE.fullmatch(text)]


def _is_other(where: str, text: str) -> bool:
    if where.startswith("variables.") and not _NAME.fullmatch(text):
        # A column may be called YYYY-MM-DD.
        return False
    is_number = where.rpartition(".")[2] in _NUMBERS
    return bool(_OTHERS.fullmatch(text)) or (is_number and bool(re.fullmatch(r"[A-Z]", text)))


def _texts(options: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Texts among options, and keys of them, each with the place where it stands."""
    if isinstance(options, Mapping):
        for key, value in options.items():
            yield where, str(key)
            yield from _texts(value, f"{where}.{key}".strip("."))
    elif isinstance(options, list | tuple):
        for value in options:
            yield from _texts(value, where)
    elif isinstance(options, str):
        yield where, options


def in_words(member: Member) -> str:
    """The names of a file's arrays, as a message lists them."""
    try:
        return _listed(list(load(member).values))
    except MetalcloudsError as error:
        return f"none, for it cannot be opened ({error.problem})"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def with_unread(error: ReadError, member: Member) -> ReadError:
    """The same error, with what else is in the file that could not be read, and its cure."""
    try:
        unread = load(member).unread
    except MetalcloudsError:
        return error
    if not unread:
        return error
    words = _listed([f"{name} ({why})" for name, why in unread.items()])
    out = type(error)(
        error.problem,
        file=error.file,
        where=error.where,
        rule=error.rule,
        given=f"{error.given}; not read: {words}" if error.given else f"not read: {words}",
        remedy=error.remedy,
    )
    if isinstance(error, UndecidedError) and isinstance(out, UndecidedError):
        out.lines = error.lines
    return out


def refuse_absent_names(member: Member, options: Mapping[str, Any]) -> None:
    """Stop where an entry names arrays that its file does not have: a reader would do without them.

    Raises
    ------
    ReadError
        With lines in which names of the file take their place.
    """
    given = {role: str(name) for role, name in (options.get("variables") or {}).items()}
    if not given:
        return
    arrays = load(member)
    whole = [arrays, *arrays.parts.values()]
    names = {name for one in whole for name in one.values} | {name for one in whole for name in one.unread}
    own = {form for name in names for form in (name, bare(name), name.split(".")[-1])}
    # Columns of several emissions are read as one: U of U_557 and U_630.
    stems = [name for name in given.values() if any(form.lower().startswith(f"{name.lower()}_") for form in own)]
    absent = {role: name for role, name in given.items() if name not in own and name not in stems}
    if absent:
        kept = {role: name for role, name in given.items() if role not in absent}
        line = {**without_evidence(options), "variables": {**kept, **dict.fromkeys(absent, "NAME")}}
        error = UndecidedError(
            "the entry names arrays that are not in the file",
            file=member.full_name,
            given=f"seen: {', '.join(map(': '.join, absent.items()))}; the file has {in_words(member)}",
            remedy="correct the entry of this file in config/catalogue/own.yaml\n"
            f"         options: {in_one_line(line)}",
        )
        raise with_names(error, member, {**options, "variables": kept})


@dataclass(frozen=True)
class _Filled:
    """Lines in place of one with NAME, and what is to be said of the names that were not put in."""

    lines: list[dict[str, Any]]
    said: str = ""


def with_names(error: ReadError, member: Member, options: Mapping[str, Any]) -> ReadError:
    """The same error, NAME in its lines replaced by the arrays of the file that could be meant.

    Parameters
    ----------
    options
        of the entry; what it names already is not proposed for something else.
    """
    texts = re.findall(r"options: (\{.*\})", error.remedy or "")
    if not any(_NAME.search(text) or _FILE.search(text) for text in texts):
        return error
    lines = [one for one in map(_read_line, texts) if one is not None]
    if len(lines) != len(texts) or not any(names_left(line) for line in lines):
        return error
    filled = [_filled(line, member, without_evidence(options)) for line in lines]
    out = type(error)(
        error.problem,
        file=error.file,
        where=error.where,
        rule=error.rule,
        given="; ".join(filter(None, (str(error.given or ""), *dict.fromkeys(one.said for one in filled)))),
        remedy=_remedy(str(error.remedy), [line for one in filled for line in one.lines]),
    )
    if isinstance(error, UndecidedError) and isinstance(out, UndecidedError):
        own = without_evidence(options)
        asked = [line for one in filled for line in one.lines]
        out.lines = tuple({k: v for k, v in line.items() if own.get(k) != v} for line in asked)
    return out


def _read_line(text: str) -> dict[str, Any] | None:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return dict(plain(found)) if isinstance(found, dict) else None


def _remedy(text: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """What to do, with these lines in place of those that are there."""
    before = text[: re.search(r"options: \{", text).start()]  # type: ignore[union-attr]
    after = text[text.rindex("}") + 1 :]
    if not lines:
        # What stands before "; or" is another way, which does not need the line.
        return before.rpartition("; or")[0] or "no array of the file can be meant: no line of the catalogue helps"
    return before + "\n      or ".join(f"options: {in_one_line(line)}" for line in lines) + after


def _filled(line: dict[str, Any], member: Member, given: Mapping[str, Any]) -> _Filled:
    """A line with the names that a file has; several where a few could be meant, none where nothing could."""
    files = [f"{where}: {text}" for where, text in _texts(line) if _FILE.fullmatch(text)]
    if files:
        names = [file.name for group in beside(member) for file in group if not file.name.startswith(".")]
        return _Filled([line], f"FILE is one of {_listed(names)}") if names else _Filled([])
    blank = [role for role, name in (line.get("variables") or {}).items() if _NAME.fullmatch(str(name))]
    if not blank:
        return _Filled([line])
    try:
        arrays = load(member)
    except MetalcloudsError:
        return _Filled([line])
    taken = {str(name) for name in {**(given.get("variables") or {}), **line["variables"]}.values()}
    if "ROLE" in blank:
        return _Filled([line], f"NAME is one of {_listed([name for name in arrays.values if name not in taken])}")
    others = {role for role in blank if "ANOTHER" in line["variables"][role]}
    found = {role: _candidates(arrays, role, taken, role in others) for role in blank}
    if len(blank) == 1:
        (role,) = blank
        if len(found[role]) > _LINES or (role in _BY_NAME_ALONE and found[role]):
            return _Filled([line], f"NAME is one of {_listed(found[role])}")
        return _Filled([_put(line, {role: name}) for name in found[role]])
    if not all(found.values()):
        return _Filled([])
    sure = {role: names[0] for role, names in found.items() if len(names) == 1}
    if len(set(sure.values())) == len(blank):
        return _Filled([_put(line, sure)])
    words = [f"{role} is one of {_listed(names)}" for role, names in found.items() if role not in sure]
    return _Filled([_put(line, sure)], "; ".join(dict.fromkeys(words)))


def _put(line: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {**line, "variables": {**line["variables"], **names}}


def _candidates(arrays: Arrays, role: str, taken: set[str], another: bool) -> list[str]:
    """Arrays that could have a role: by shape, by the span of their values, and because they have no other's name.

    With `another`, the one whose name says the role was tried already.
    """
    fitting = [name for name, value in arrays.values.items() if name not in taken and _can_be(role, value)]
    likely = [name for name in fitting if looks_like(role, name)]
    if another:
        fitting, likely = [name for name in fitting if name not in likely], []
    if len(likely) == 1:
        return likely
    own = [name for name in fitting if _role_of_name(name) == _family(role)]
    if _family(role) == "time":
        # Text is a time sooner than a number is, and a quantity is none.
        fitting = [name for name in fitting if not measures(name)]
    return own or [name for name in fitting if not _role_of_name(name)]


def _family(role: str) -> str:
    kind = role.removeprefix("pierce_").removeprefix("receiver_")
    return "time" if role in _TIMES else kind if kind in _AXES else ""


def _role_of_name(name: str) -> str:
    """The axis that an array's name says it is, "" where it says none."""
    return next((axis for axis, pattern in _AXES.items() if pattern.fullmatch(bare(name))), "")


def _can_be(role: str, values: np.ndarray) -> bool:
    kinds = "iufSUOM" if role in _WORDS else "iuf"
    if values.size < 2 or values.dtype.kind not in kinds:
        return False
    if role in _MATRICES:
        return values.ndim > 1
    if (_family(role) or role in _BY_NAME_ALONE) and values.ndim > 1 and min(values.shape) > 1:
        return False
    span = _SPANS.get(_family(role))
    if span is None or values.dtype.kind not in "iuf":
        return True
    known = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    return bool(known.size and known.min() >= span[0] and known.max() <= span[1])
