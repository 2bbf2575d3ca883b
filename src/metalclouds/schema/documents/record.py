"""Documents of raw/: which files a source has, and which of them hold which nights."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from metalclouds.errors import FetchError
from metalclouds.files import write_json
from metalclouds.schema.documents.document import Document, Options, plain


@dataclass(frozen=True)
class RawFile(Document):
    """One file of a source. `path` is relative to the folder of the run; empty strings are not known (yet).

    Raises
    ------
    FetchError
        If `key` or `path` leads out of its folder, or `size` is no number of bytes: whatever made the entry.
    """

    key: str
    size: int
    md5: str = ""
    sha256: str = ""
    url: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        safe_key(self.key)
        if self.path:
            safe_key(self.path)
        if not isinstance(self.size, int) or self.size < 0:
            raise FetchError("size of a file in the record", file=self.key, rule="bytes", given=repr(self.size))


@dataclass(frozen=True)
class DamagedRawFile(Document):
    """A file of a source that is not what its record says."""

    key: str
    reason: str


@dataclass(frozen=True)
class UnavailableItem(Document):
    """Something of a source that could not be had."""

    what: str
    why: str


@dataclass(frozen=True)
class RecordReference(Document):
    """The published record that a source is: its number and DOI (0 and empty without one), and its metadata."""

    id: int = 0
    doi: str = ""
    metadata: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest(Document):
    """All files of a source, with what is damaged and what could not be had.

    Raises
    ------
    FetchError
        If two files have one place.
    """

    source: str
    title: str
    synthetic: bool
    files: tuple[RawFile, ...] = ()
    damaged: tuple[DamagedRawFile, ...] = ()
    unavailable: tuple[UnavailableItem, ...] = ()
    record: RecordReference = RecordReference()

    def __post_init__(self) -> None:
        _check_places([entry.path or entry.key for entry in self.files])

    def write(self, path: str | Path) -> None:
        """Write the file, its entries in the order of their keys.

        Raises
        ------
        ContractError
            If a field is of another kind than declared; nothing is written.
        """
        write_json(path, plain(replace(self, files=tuple(sorted(self.files, key=lambda entry: entry.key))), path))


def safe_key(key: str) -> str:
    """The key, if it names a file inside a folder.

    Raises
    ------
    FetchError
        If it is absolute, climbs out with `..`, or has characters that no name should have.
    """
    path = Path(key) if isinstance(key, str) else Path()
    inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts
    if not inside or key.endswith("/") or any(_unfit(character) for character in key):
        raise FetchError(
            "unsafe file name in the record", given=ascii(key), rule="a relative path without '..', '\\' and controls"
        )
    return key


def _unfit(character: str) -> bool:
    """A backslash, a control character, or half of a pair of UTF-16 (what is not UTF-8 in a name on disk)."""
    return character == "\\" or unicodedata.category(character) in ("Cc", "Cs")


def _check_places(names: Sequence[str]) -> None:
    """Every file has a place of its own: no name comes twice, none is the folder of another."""
    counted = Counter(Path(name).as_posix() for name in names)
    folders = {folder.as_posix() for name in counted for folder in Path(name).parents}
    shared = [name for name, count in counted.items() if count > 1 or name in folders]
    if shared:
        raise FetchError("two files of the record have one place", given=", ".join(shared[:5]))


@dataclass(frozen=True)
class RawMember(Document):
    """A raw file (path below the folder of the run), or a file in it where it is an archive."""

    path: str
    member: str = ""


@dataclass(frozen=True)
class NightOfFiles(Document):
    """Files of a night that one reader reads in one way."""

    night: str
    files: tuple[RawMember, ...]
    reader: str
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class UnmappedFile(Document):
    """A file that no entry of the catalogue fits, or that leaves a question open.

    Attributes
    ----------
    seen
        what is in it.
    instrument
        whose data it is likely to be; empty where that is not known.
    lines
        lines for the catalogue that would help.
    """

    file: str
    seen: str
    instrument: str = ""
    lines: str = ""


@dataclass(frozen=True)
class DamagedFile(Document):
    """A file that cannot be used; `kind` says whether it is damaged or this program failed on it."""

    file: str
    reason: str
    kind: Literal["damaged", "fault"] = "damaged"
    instrument: str = ""


@dataclass(frozen=True)
class Inventory(Document):
    """Which files of a record hold which nights of one instrument.

    Attributes
    ----------
    status
        absent: the source has no file of it; unread: it has, and none could be read.
    why
        the reason where it is not present.
    where
        where the data could be had.
    source
        what the data are, for people.
    batches
        name of a batch -> its nights.
    sha256
        path of each raw file used -> its checksum.
    """

    instrument: str
    status: Literal["present", "absent", "unread"]
    synthetic: bool
    why: str = ""
    where: str = ""
    source: str = ""
    batches: dict[str, tuple[NightOfFiles, ...]] = field(default_factory=dict)
    unmapped: tuple[UnmappedFile, ...] = ()
    damaged: tuple[DamagedFile, ...] = ()
    sha256: dict[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether there are nights of the instrument."""
        return self.status == "present"

    def items(self) -> Iterator[NightOfFiles]:
        """The nights of all batches; a night that is read in two ways comes twice."""
        for batch in self.batches.values():
            yield from batch

    def nights(self) -> list[str]:
        """Dates of the nights of all batches, in order, each once."""
        return sorted({item.night for item in self.items()})
