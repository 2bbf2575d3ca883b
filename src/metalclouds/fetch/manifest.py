"""The manifest: which files a run has, how large, with which checksums, and from where."""

from __future__ import annotations

import hashlib
import os
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from metalclouds.errors import FetchError, MetalcloudsError
from metalclouds.files import read_json, replacing, write_json

CHUNK = 1 << 20


class DamagedFile(FetchError):
    """A file is not what its record says. It is named and not used; the rest goes on."""


@dataclass(frozen=True)
class Entry:
    """One file of a source. `path` is relative to the folder of the run; empty strings are not known (yet).

    Raises
    ------
    FetchError
        If `key` or `path` leads out of its folder, or `size` is no number of bytes: wherever an entry comes from.
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
class Manifest:
    """All files of a source, with what is damaged and what could not be had."""

    source: str
    title: str
    synthetic: bool
    files: tuple[Entry, ...] = ()
    damaged: tuple[dict[str, str], ...] = ()
    unavailable: tuple[dict[str, str], ...] = ()
    record: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_places([entry.path or entry.key for entry in self.files])

    def write(self, path: str | Path) -> None:
        """Write as JSON, files in the order of their keys."""
        content = asdict(self)
        content["files"] = sorted(content["files"], key=lambda entry: entry["key"])
        write_json(path, content)


def read(path: str | Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    FetchError
        If it does not have the form that `Manifest.write` gives it.
    """
    try:
        content = read_json(path)
        entries = tuple(Entry(**entry) for entry in content.pop("files"))
        damaged, unavailable = (tuple(content.pop(name, ())) for name in ("damaged", "unavailable"))
        return Manifest(files=entries, damaged=damaged, unavailable=unavailable, **content)
    except (KeyError, TypeError, AttributeError, MetalcloudsError) as error:
        raise FetchError(
            "not a manifest", file=path, given=str(error), remedy="remove the file and fetch again"
        ) from error


def checksums(path: Path) -> tuple[str, str]:
    """md5 and sha256 of a file, read once."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(CHUNK):
            md5.update(block)
            sha256.update(block)
    return md5.hexdigest(), sha256.hexdigest()


def verified(path: Path, entry: Entry) -> Entry:
    """The entry with both checksums filled in, if the file is what the entry says: size, then md5, then sha256.

    Raises
    ------
    DamagedFile
        Naming the first of the three that differs.
    """
    size = path.stat().st_size
    if size != entry.size:
        raise DamagedFile(
            "size differs from the record", file=path, rule=f"{entry.size} bytes", given=f"{size} bytes"
        )
    md5, sha256 = checksums(path)
    for name, wanted, found in (("md5", entry.md5, md5), ("sha256", entry.sha256, sha256)):
        if wanted and wanted != found:
            raise DamagedFile(f"{name} differs from the record", file=path, rule=wanted, given=found)
    return replace(entry, md5=md5, sha256=sha256)


def place(source: Path, target: Path) -> None:
    """Put a file where the run expects it: a hard link where the file system allows one, else a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as temporary:
        temporary.unlink()
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)


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


def _check_places(names: list[str]) -> None:
    """Every file has a place of its own: no name comes twice, none is the folder of another."""
    counted = Counter(Path(name).as_posix() for name in names)
    folders = {folder.as_posix() for name in counted for folder in Path(name).parents}
    shared = [name for name, count in counted.items() if count > 1 or name in folders]
    if shared:
        raise FetchError("two files of the record have one place", given=", ".join(shared[:5]))


def merge(manifests: Iterable[Manifest]) -> Manifest:
    """One manifest out of those of several products of the same source."""
    parts = list(manifests)
    first = parts[0]
    return replace(
        first,
        files=tuple(entry for part in parts for entry in part.files),
        damaged=tuple(entry for part in parts for entry in part.damaged),
        unavailable=tuple(entry for part in parts for entry in part.unavailable),
    )
