"""The catalogue: which file is what. Ordered entries; the first that fits a file counts."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from metalclouds.errors import ConfigError, ReadError
from metalclouds.files import read_yaml
from metalclouds.ingest import naming
from metalclouds.ingest.catalogue_files import catalogue_files
from metalclouds.ingest.containers import Arrays, kind_of, load
from metalclouds.ingest.decisions import plain
from metalclouds.ingest.evidence.matrix import matrices
from metalclouds.ingest.options import foreign, mistakes
from metalclouds.ingest.placeholders import in_words, names_left, placeholders
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.source import Member


class Entry(BaseModel):
    """One entry: a file that fits `glob`, `opening`, `holds` and `matrix` is read by `reader` with `options`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    glob: str = Field(
        description="pattern of the file's name, or of archive/folder/file where it has a slash; case does not count"
    )
    instrument: Literal["lidar", "tec", "fpi", "ionosonde"] = Field(description="whose data it is")
    reader: str = Field(description="name of a reader")
    opening: str = Field(default="", description="regular expression that the first 4 kB must contain")
    kind: str = Field(default="", description="format by its first bytes: netcdf, matlab, xlsx or text")
    holds: tuple[str, ...] = Field(
        default=(), description="regular expressions, each of which some array's whole name fits"
    )
    lacks: tuple[str, ...] = Field(default=(), description="regular expressions that no array's whole name fits")
    clock_in_name: bool = Field(default=False, description="whether the name must give a date with a time of day")
    matrix: bool = Field(default=False, description="whether a matrix of time and altitude must be in the file")
    options: dict[str, Any] = Field(default={}, description="what the reader is told (docs/readers.md)")

    @field_validator("reader")
    @classmethod
    def _known_reader(cls, value: str) -> str:
        if value not in READERS:
            raise ValueError(f"no reader {value}; there are {', '.join(READERS)}")
        return value

    @field_validator("options")
    @classmethod
    def _plain_dates(cls, value: dict[str, Any]) -> dict[str, Any]:
        """YAML makes a date of 2021-01-08; options are text, numbers and lists, which JSON can hold."""
        found = {key: plain(item) for key, item in value.items()}
        if left := placeholders(found):
            raise ValueError(f"{'; '.join(left)} stands for what only you know: put it there")
        if wrong := mistakes(found):
            raise ValueError("; ".join(wrong))
        return found

    @model_validator(mode="after")
    def _of_one_instrument(self) -> Entry:
        """A reader, and options, of another instrument would have no effect."""
        if (owner := READERS[self.reader].instrument) != self.instrument:
            raise ValueError(f"{self.reader} is a reader of {owner}, not of {self.instrument}")
        if wrong := foreign(self.options, self.instrument):
            raise ValueError(f"no reader of {self.instrument} knows the option {', '.join(wrong)}")
        return self

    @property
    def lines(self) -> dict[str, Any]:
        """Instrument, reader and options, for an entry of one's own."""
        return self.model_dump(exclude_defaults=True, include={"instrument", "reader", "options"})

    def fits(self, member: Member) -> bool:
        """Whether a file is of this kind; the content is looked at only where name and opening fit."""
        if not _name_fits(self.glob, member) or (self.clock_in_name and not naming.has_clock(member.name)):
            return False
        if self.opening and not re.search(self.opening, member.opening().decode("latin-1"), re.MULTILINE):
            return False
        if self.kind and kind_of(member) != self.kind:
            return False
        return self._content_fits(member) if self.holds or self.lacks or self.matrix else True

    def _content_fits(self, member: Member) -> bool:
        arrays = _content(member)
        if arrays is None:
            return False
        names = [form for name in arrays.values for form in (name.split(".")[-1].lower(), bare(name))]
        held = all(any(re.fullmatch(pattern, name) for name in names) for pattern in self.holds)
        held = held and not any(re.fullmatch(pattern, name) for name in names for pattern in self.lacks)
        return held and (not self.matrix or bool(matrices(arrays)))


def _name_fits(glob: str, member: Member) -> bool:
    """A pattern without a slash is one of file names: a folder's name must not make its files what they are not."""
    names = (member.full_name, member.member, member.tail) if "/" in glob else (member.name,)
    return any(fnmatch.fnmatchcase(name.lower(), glob.lower()) for name in names)


@functools.lru_cache(maxsize=1)
def _content(member: Member) -> Arrays | None:
    try:
        return load(member)
    except ReadError:
        return None


def read_catalogue(files: Sequence[str]) -> list[Entry]:
    """Entries of all files in order; `own.yaml` may be missing.

    Raises
    ------
    ConfigError
        With every mistake of a file: entry, key and rule; or if a catalogue does not exist.
    """
    return [entry for path in catalogue_files(files) for entry in _entries(path)]


def _entries(path: Path) -> list[Entry]:
    listed = read_yaml(path).get("entries") or []
    if not isinstance(listed, list):
        raise ConfigError("the catalogue must be a list under the key entries", file=path)
    entries, faults = [], []
    for number, item in enumerate(listed, start=1):
        try:
            entries.append(Entry.model_validate(item))
        except ValidationError as error:
            faults += [
                f"entry {number}, {'.'.join(map(str, e['loc']))}: {e['msg']} (given {e['input']!r})"
                for e in error.errors()
            ]
    if faults:
        raise ConfigError(
            "the catalogue has mistakes\n    " + "\n    ".join(faults), file=path, remedy="docs/readers.md"
        )
    return entries


def refuse_names_left(entries: Sequence[Entry], members: Sequence[Member]) -> None:
    """Stop where a pasted line still says NAME, with the names of the file that the line is about.

    Raises
    ------
    ConfigError
        With each such line.
    """
    left = []
    for entry in entries:
        if blank := names_left(entry.options):
            member = next((one for one in members if _name_fits(entry.glob, one)), None)
            names = "no file fits it" if member is None else f"{member.name} has {in_words(member)}"
            left.append(f"{entry.glob}: {'; '.join(blank)} stands for the name of an array; {names}")
    if left:
        raise ConfigError(
            "a line of the catalogue is not filled in\n    " + "\n    ".join(left),
            remedy="put the name there; what each array holds: metalclouds inspect FILE --all",
        )


def match(member: Member, entries: Sequence[Entry]) -> Entry | None:
    """The first entry that fits a file; None where none does.

    Raises
    ------
    ReadError
        If the file cannot be opened.
    """
    return next((entry for entry in entries if entry.fits(member)), None)
