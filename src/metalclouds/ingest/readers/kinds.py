"""Files of two metals in one night: never mixed; the one of the settings, or the catalogue's choice."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member


def names_species(text: str, species: str) -> bool:
    """Whether a species stands as a word in a name of a file or folder; Ca is no word in `Ca+` or `CaIon`."""
    return species.lower() in re.split(r"[/\\_\-. #]+", text.lower())


def of_one_kind(members: Sequence[Member], context: Context, kind_of: Callable[[Member], str]) -> list[Member]:
    """Files of one kind of those that lie together.

    Parameters
    ----------
    kind_of
        text that is the same for files of one kind, e.g. their names without digits.

    Raises
    ------
    UndecidedError
        If there are several kinds, and neither the catalogue's option `files` (a pattern of names, with their
        folders) nor the species of the settings tells which.
    """
    pattern = context.option("files")
    chosen = [member for member in members if pattern is None or _fits(member, str(pattern))]
    kinds = sorted({kind_of(member) for member in chosen})
    if len(kinds) > 1:
        own = [kind for kind in kinds if names_species(kind, context.settings.lidar.species)]
        if len(own) == 1:
            others = ", ".join(kind for kind in kinds if kind not in own)
            context.decisions.record("files", own[0], f"named after {context.settings.lidar.species}; not {others}")
            return [member for member in chosen if kind_of(member) == own[0]]
    if len(kinds) != 1:
        raise context.undecided(
            "which files are the night's?" if kinds else f"no file fits the pattern {pattern}",
            seen=", ".join(kinds) or ", ".join(sorted({kind_of(member) for member in members})),
            lines=tuple(f"files: '*{kind.replace('#', '*')}*'" for kind in kinds[:2]) or ("files: 'PATTERN'",),
        )
    return chosen


def _fits(member: Member, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for name in (member.name, member.tail))
