"""The manifest: which files a run has, how large, with which checksums, and from where."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from metalclouds.errors import FetchError, MetalcloudsError
from metalclouds.files import replacing
from metalclouds.schema.documents import Manifest, RawFile, safe_key

__all__ = ["DamagedError", "Manifest", "RawFile", "checksums", "merge", "place", "read", "safe_key", "verified"]

CHUNK = 1 << 20


class DamagedError(FetchError):
    """A file is not what its record says. It is named and not used; the rest goes on."""


def read(path: str | Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    FetchError
        If it does not have the form that `write` gives it.
    """
    try:
        return Manifest.read(path)
    except MetalcloudsError as error:
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


def verified(path: Path, entry: RawFile) -> RawFile:
    """The entry with both checksums filled in, if the file is what the entry says: size, then md5, then sha256.

    Raises
    ------
    DamagedError
        Naming the first of the three that differs.
    """
    size = path.stat().st_size
    if size != entry.size:
        raise DamagedError(
            "size differs from the record", file=path, rule=f"{entry.size} bytes", given=f"{size} bytes"
        )
    md5, sha256 = checksums(path)
    for name, wanted, found in (("md5", entry.md5, md5), ("sha256", entry.sha256, sha256)):
        if wanted and wanted != found:
            raise DamagedError(f"{name} differs from the record", file=path, rule=wanted, given=found)
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


def merge(manifests: Iterable[Manifest]) -> Manifest:
    """Join the manifests of several products of one source."""
    parts = list(manifests)
    first = parts[0]
    return replace(
        first,
        files=tuple(entry for part in parts for entry in part.files),
        damaged=tuple(entry for part in parts for entry in part.damaged),
        unavailable=tuple(entry for part in parts for entry in part.unavailable),
    )
