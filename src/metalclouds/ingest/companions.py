"""Axes of a matrix that lie in files beside it: `height.txt`, `20210603_time.mat`."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.matrix import axis_name, signal_name
from metalclouds.ingest.source import NESTED, Member, archive_names, is_archive

# What the name of a file of an axis says, between letters that are not part of a word.
_WORDS = {
    "time": r"(?<![a-z])(times?|ut|utc|lt|hours?|datenum|mjd|epoch|t)(?![a-z])",
    "altitude": r"(?<![a-z])(alt|altitudes?|heights?|hgt|ranges?|elev|z|h)(?![a-z])",
}
# A longer folder is one of single profiles, not of matrices and their axes.
_MOST_FILES = 2000


def role_of_name(member: Member) -> str | None:
    """Which axis a file's name says it holds; None where it says none."""
    stem = member.name.split(".")[0].lower()
    return next((role for role, words in _WORDS.items() if re.search(words, stem)), None)


def is_axis(member: Member) -> bool:
    """Whether a file looks like an axis: by its name, and because it holds no matrix."""
    if role_of_name(member) is None:
        return False
    try:
        arrays = load(member).numeric()
    except ReadError:
        return False
    return bool(arrays) and all(value.ndim == 1 for value in arrays.values())


def beside(member: Member) -> Iterator[list[Member]]:
    """Other files in the folder of a file, then those in the folder above; within an archive, of the archive."""
    if not member.member:
        for around in (member.path.parent, member.path.parent.parent):
            paths = (path for path in sorted(around.iterdir()) if path.is_file() and not is_archive(path.name))
            yield [Member(path) for path in paths if path != member.path]
        return
    outer, separator, inner = member.member.rpartition(NESTED)
    names = [name for name in archive_names(member.path, outer) if name != inner]
    for folder in list(PurePosixPath(inner).parents)[:2]:
        here = [name for name in names if PurePosixPath(name).parent == folder]
        yield [Member(member.path, f"{outer}{separator}{name}") for name in here]


def with_axes_beside(arrays: Arrays, member: Member, context: Context) -> Arrays:
    """A file's arrays, and the axes that its matrix lacks where files beside it hold them.

    A file is taken for an axis where its name says so, it gives no other date than the matrix, and it holds one
    vector of the length of a side of the matrix (for the altitude also of one more: edges). The catalogue's option
    `axes` names the files instead: `{time: PATTERN, altitude: PATTERN}`.

    Raises
    ------
    UndecidedError
        If several files fit, or none fits a pattern of the catalogue.
    """
    if not any(value.ndim == 2 for value in arrays.numeric().values()):
        return arrays
    signal = arrays.values[signal_name(arrays, context)]
    found: dict[str, tuple[Member, str, Arrays]] = {}
    for role in _WORDS:
        if axis_name(arrays, role, signal, context) is None and not _given_by_numbers(role, context):
            axis = _axis_beside(member, role, signal.shape, context)
            if axis is not None:
                found[role] = axis
    return _joined(arrays, found, context) if found else arrays


def _given_by_numbers(role: str, context: Context) -> bool:
    return role == "altitude" and isinstance(context.options.get("altitude"), dict)


def _axis_beside(
    member: Member, role: str, shape: tuple[int, ...], context: Context
) -> tuple[Member, str, Arrays] | None:
    pattern = (context.option("axes") or {}).get(role)
    seen: list[str] = []
    for files in beside(member):
        if len(files) > _MOST_FILES:
            continue
        named = [file for file in files if _is_meant(file, role, pattern) and _same_date(file, member)]
        fitting = [axis for file in named if (axis := _vector_of(file, role, shape)) is not None]
        seen += [file.name for file in named]
        if len(fitting) == 1:
            return fitting[0]
        if len(fitting) > 1:
            names = [file.name for file, _, _ in fitting]
            raise context.undecided(
                f"which file holds the {role} of {member.name}?",
                seen=", ".join(names),
                lines=tuple(f"axes: {{{role}: '{name}'}}" for name in names[:2]),
            )
    if pattern is not None:
        raise context.undecided(
            f"no file {pattern} beside {member.name} holds its {role}",
            seen=f"{', '.join(seen) or 'no such file'}; a vector of one of {shape} values is needed",
            lines=(f"axes: {{{role}: 'PATTERN OF A FILE NAME'}}",),
        )
    return None


def _is_meant(file: Member, role: str, pattern: str | None) -> bool:
    if pattern is not None:
        return fnmatch.fnmatchcase(file.name.lower(), str(pattern).lower())
    return role_of_name(file) == role


def _same_date(file: Member, member: Member) -> bool:
    own, other = naming.dates(file.name), naming.dates(member.name)
    return not own or not other or own == other


def _vector_of(file: Member, role: str, shape: tuple[int, ...]) -> tuple[Member, str, Arrays] | None:
    """The one vector of a file that is as long as a side of the matrix."""
    lengths = {size + more for size in shape for more in ((0, 1) if role == "altitude" else (0,))}
    try:
        arrays = load(file)
    except ReadError:
        return None
    names = [name for name, value in arrays.values.items() if value.ndim == 1 and value.size in lengths]
    return (file, names[0], arrays) if len(names) == 1 else None


def _joined(arrays: Arrays, found: dict[str, tuple[Member, str, Arrays]], context: Context) -> Arrays:
    values, attributes = dict(arrays.values), dict(arrays.attributes)
    for role, (file, name, other) in found.items():
        # The file's name may tell UT from LT, and km from m.
        said = f"{Path(file.name).stem} {'' if name.startswith('column_') else name}".strip()
        values[role] = np.asarray(other.values[name])
        attributes[role] = {"long_name": said, **other.attributes.get(name, {})}
        checksum = hashlib.sha256(file.raw()).hexdigest()
        context.decisions.record(f"{role} axis", file.name, f"file beside the matrix, sha256 {checksum}")
    return Arrays(arrays.kind, values, attributes, arrays.dims, arrays.attributes_of_file)
