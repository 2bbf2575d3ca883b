"""One file of a source, on disk or inside an archive, and what is inside archives and folders."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from metalclouds.errors import ReadError
from metalclouds.ingest import budget

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz")
_FOLDERS_IN_TAIL = 4
# Between the name of an archive inside an archive and the name of its member.
NESTED = "::"
_BLOCK = 1 << 20
# A row of a matrix of 2400 altitudes has 40 kB.
_LONGEST_LINE = 4_000_000
# What a short line takes as a text of Python's.
_LINE_BYTES = 56
# Archives inside archives whose content is kept, each within the budget of an archive.
_INNER_KEPT = 2
UNSUPPORTED_ARCHIVES = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar"}


@dataclass(frozen=True)
class Member:
    """A file: `path` on disk and, inside an archive, the name of its `member` ("" for the file itself)."""

    path: Path
    member: str = ""

    @functools.cached_property
    def name(self) -> str:
        """Base name, without any folder; asked for many times while a record is looked through."""
        return Path(self.member.replace(NESTED, "/")).name if self.member else self.path.name

    @functools.cached_property
    def full_name(self) -> str:
        """Name as it is matched by a catalogue and shown to people: `archive/folder/file`."""
        return f"{self.path.name}/{self.member.replace(NESTED, '/')}" if self.member else self.path.name

    @property
    def tail(self) -> str:
        """The last folders with the name, for patterns that need a folder: `Ca/20210603/CH1/001.txt`."""
        return "/".join([*self.path.parts[-_FOLDERS_IN_TAIL:-1], self.full_name])

    def raw(self) -> bytes:
        """The bytes as they are stored.

        Raises
        ------
        ReadError
            If the file or the archive around it cannot be read.
        """
        if not self.member:
            return _file_bytes(self.path)
        outer, _, inner = self.member.partition(NESTED)
        if not inner:
            return _member_bytes(self.path, outer)
        with _archive_errors(self.path, self.member):
            return _inner(self.path, self.path.stat().st_mtime_ns, outer)[inner]

    def data(self) -> bytes:
        """The bytes with gzip, bzip2, xz or Unix compress undone."""
        return decompressed(self.raw(), self)

    def opening(self, size: int = 4096) -> bytes:
        """The first bytes, decompressed."""
        if self.member:
            return self.data()[:size]
        try:
            with open(self.path, "rb") as stream:
                first = stream.read(size)
        except OSError as error:
            raise ReadError("cannot be read", file=self.path, given=error.strerror) from error
        return self.data()[:size] if is_compressed(first) else first

    def text(self) -> str:
        """The content as text: UTF-8, else GB 18030, else Latin-1."""
        return as_text(self.data(), self)


# How text begins that spreadsheets save as "Unicode".
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def as_text(data: bytes, member: Member) -> str:
    """Decode text; a file with NUL bytes is none.

    Raises
    ------
    ReadError
        If the bytes are not text.
    """
    if data[:2] in UTF_16:
        return data.decode("utf-16", "replace").removeprefix("\ufeff")
    if b"\0" in data[:65536]:
        raise ReadError("not a text file", file=member.full_name, given="NUL bytes")
    _check_lines(data, member.full_name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _check_lines(data: bytes, file: str) -> None:
    """Stop at a text whose lines, as Python holds them, take more than is allowed, or of which one has no end.

    Raises
    ------
    ReadError
        Naming the file.
    """
    budget.check(data.count(b"\n") * _LINE_BYTES, len(data), file)
    start = 0
    while len(data) - start > _LONGEST_LINE:
        end = max(data.rfind(ending, start, start + _LONGEST_LINE) for ending in (b"\n", b"\r"))
        if end < 0:
            raise ReadError("a line is longer than any table has", file=file, rule=f"{_LONGEST_LINE} bytes")
        start = end + 1


def _gzip(stream: BinaryIO) -> budget.Stream:
    return gzip.GzipFile(fileobj=stream)


def _uncompressed(data: bytes, file: str) -> bytes:
    """Undo Unix compress. Python's libraries for it cannot be stopped at a size; gzip reads it and gives a stream.

    Raises
    ------
    ReadError
        If there is no gzip, or it finds the file damaged.
    """
    program = shutil.which("gzip")
    if program is None:
        raise ReadError("the program gzip is needed for files of Unix compress (.Z)", file=file)
    with tempfile.TemporaryFile() as packed:
        packed.write(data)
        packed.seek(0)
        with subprocess.Popen(
            [program, "-dc"], stdin=packed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                content = budget.unpacked(cast(BinaryIO, process.stdout), len(data), file)
            except ReadError:
                process.kill()
                raise
    if process.returncode:
        raise ReadError("the compressed file is damaged", file=file, given="gzip cannot unpack it")
    return content


# The first bytes of a compressed file, and what unpacks it piece by piece.
_STREAMS: dict[bytes, Callable[[BinaryIO], budget.Stream]] = {
    b"\x1f\x8b": _gzip, b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile,
}  # fmt: skip


_UNIX_COMPRESS = b"\x1f\x9d"


def is_compressed(opening: bytes) -> bool:
    """Whether a file is compressed, by its first bytes, whatever its name."""
    return opening.startswith((_UNIX_COMPRESS, *_STREAMS))


def decompressed(data: bytes, member: Member) -> bytes:
    """Undo the compression of a single file, known by its first bytes."""
    try:
        if data.startswith(_UNIX_COMPRESS):
            return _uncompressed(data, member.full_name)
        for magic, opened in _STREAMS.items():
            if data.startswith(magic):
                return budget.unpacked(opened(io.BytesIO(data)), len(data), member.full_name)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, IndexError, MemoryError) as error:
        raise ReadError("the compressed file is damaged", file=member.full_name, given=str(error)) from error
    return data


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive that is looked into."""
    return name.lower().endswith(ARCHIVE_SUFFIXES)


def members(path: Path) -> Iterator[Member]:
    """All files at a path: the file itself, those in a folder, and those in archives, one level nested.

    Raises
    ------
    ReadError
        If an archive is damaged or of a kind that is not read.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.name.startswith("."):
                yield from members(file)
        return
    if not path.is_file():
        # A pipe would be waited for without end.
        raise ReadError("a pipe or device, no file" if path.exists() else "no such file", file=path)
    refuse_archives(path)
    if not is_archive(path.name):
        yield Member(path)
        return
    for name in archive_names(path):
        if is_archive(name):
            yield from (Member(path, f"{name}{NESTED}{deep}") for deep in archive_names(path, name))
        else:
            yield Member(path, name)


@dataclass(frozen=True)
class Folder:
    """A folder or archive around a file: its `name`, and how to count the files in it."""

    name: str
    path: Path
    inside: str

    def files_like(self, member: Member) -> int:
        """Files below with the same ending, those left out that are named as an axis of others."""
        names = _names_below(self.path, self.inside)
        ending = _ending(member.name)
        return sum(
            _ending(name) == ending and not _AXIS_NAME.search(PurePosixPath(name).stem.lower()) for name in names
        )


# Letters of a name that say that a file is an axis of those beside it.
_AXIS_NAME = re.compile(
    r"(?<![a-z])(times?|utc?|lt|hours?|datenum|mjd|epoch|alt|altitudes?|heights?|hgt|ranges?|elev|[tzh])(?![a-z])"
)


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


@functools.lru_cache(maxsize=256)
def _names_below(path: Path, inside: str) -> tuple[str, ...]:
    if path.is_dir():
        return tuple(sorted(file.name for file in path.rglob("*") if file.is_file()))
    outer, _, folder = inside.rpartition(NESTED)
    return tuple(name for name in archive_names(path, outer) if not folder or name.startswith(f"{folder}/"))


def folders_of(member: Member) -> list[Folder]:
    """Folders and archives around a file, the nearest first."""
    found = []
    if member.member:
        outer, separator, inner = member.member.rpartition(NESTED)
        inner_folders = [str(folder) for folder in PurePosixPath(inner).parents if str(folder) != "."]
        found = [Folder(PurePosixPath(name).name, member.path, f"{outer}{separator}{name}") for name in inner_folders]
        if outer:
            found.append(Folder(PurePosixPath(outer).name, member.path, f"{outer}{NESTED}"))
        found.append(Folder(member.path.name, member.path, ""))
    parents = member.path.parents[: _FOLDERS_IN_TAIL - 1]
    return found + [Folder(folder.name, folder, "") for folder in parents]


def refuse_archives(path: Path) -> None:
    """Stop at archives that cannot be opened here.

    Raises
    ------
    ReadError
        For 7z and rar, with what to do.
    """
    opening = Member(path).raw()[:8] if path.stat().st_size < 8 else _opening(path)
    for magic, kind in UNSUPPORTED_ARCHIVES.items():
        if opening.startswith(magic):
            raise ReadError(
                f"{kind} archives are not read", file=path, remedy="unpack it and give the folder as the source"
            )


def _opening(path: Path) -> bytes:
    with open(path, "rb") as stream:
        return stream.read(8)


def _file_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReadError("cannot be read", file=path, given=error.strerror) from error


def _real_name(info: zipfile.ZipInfo) -> str:
    """The name of a zip member; names not marked UTF-8 may be GBK that zipfile took for code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return info.filename


def _wanted(name: str) -> bool:
    parts = name.split("/")
    return bool(parts[-1]) and not any(part.startswith((".", "__MACOSX")) for part in parts)


@functools.lru_cache(maxsize=4)
def _zip(path: Path, stamp: int) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    archive = zipfile.ZipFile(path)
    _check_zip(archive, path.stat().st_size, path.name)
    return archive, {_real_name(info): info for info in archive.infolist() if _wanted(info.filename)}


def _check_zip(archive: zipfile.ZipFile, size: int, file: str) -> None:
    """Stop at an archive whose members lie over one another, or unpack to hundreds of times its size."""
    if sum(info.compress_size for info in archive.infolist()) > size:
        raise ReadError("members of the archive lie over one another", file=file)
    budget.check_packing(sum(info.file_size for info in archive.infolist()), size, file)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> bytes:
    """What a member of a zip unpacks to; neither the size that it claims nor the packed one is believed."""
    budget.check(info.file_size, info.compress_size, file, packing=True)
    with archive.open(info) as stream:
        return budget.unpacked(stream, info.compress_size, file)


@functools.lru_cache(maxsize=2)
def _tar(path: Path, stamp: int) -> tuple[tarfile.TarFile, dict[str, tarfile.TarInfo]]:
    """A tar archive and its files; a compressed one is unpacked once into a file without a name."""
    stream: BinaryIO = open(path, "rb")  # noqa: SIM115  (kept open for its members)
    magic = next((magic for magic in _STREAMS if stream.peek(8).startswith(magic)), None)  # type: ignore[attr-defined]
    if magic is not None:
        stream = _spooled(_STREAMS[magic](stream), path)
    archive = tarfile.open(fileobj=stream)  # noqa: SIM115
    return archive, {info.name: info for info in archive if info.isfile() and _wanted(info.name)}


def _spooled(stream: budget.Stream, path: Path) -> BinaryIO:
    spool = tempfile.TemporaryFile()  # noqa: SIM115
    size, packed = 0, path.stat().st_size
    while block := stream.read(_BLOCK):
        size += spool.write(block)
        budget.check_packing(size, packed, path)
    spool.seek(0)
    return cast(BinaryIO, spool)


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, file: str) -> bytes:
    """What a member of a tar holds; a sparse one claims more than there is."""
    budget.check(info.size, 0 if info.issparse() else info.size, file)
    stream = archive.extractfile(info)
    return stream.read() if stream is not None else b""


def archive_names(path: Path, inner: str = "") -> list[str]:
    """Names of the files in an archive, or in the archive `inner` that lies in it.

    Raises
    ------
    ReadError
        If an archive is damaged.
    """
    with _archive_errors(path, inner):
        stamp = path.stat().st_mtime_ns
        if inner:
            return sorted(_inner(path, stamp, inner))
        return sorted((_zip if path.name.lower().endswith(".zip") else _tar)(path, stamp)[1])


@functools.lru_cache(maxsize=_INNER_KEPT)
def _inner(path: Path, stamp: int, name: str) -> dict[str, bytes]:
    """Everything in an archive that lies in another one, unpacked once for all its files."""
    return _content_of_bytes(_member_bytes(path, name), f"{path.name}/{name}")


def _member_bytes(path: Path, name: str) -> bytes:
    with _archive_errors(path, name):
        return _last_member(path, path.stat().st_mtime_ns, name)


@functools.lru_cache(maxsize=1)
def _last_member(path: Path, stamp: int, name: str) -> bytes:
    """The bytes of a member, kept until another is asked for: its kind, opening and content come in turn."""
    if not path.name.lower().endswith(".zip"):
        tar, files = _tar(path, stamp)
        return _tar_member(tar, files[name], f"{path.name}/{name}")
    archive, infos = _zip(path, stamp)
    return _zip_member(archive, infos[name], f"{path.name}/{name}")


def _content_of_bytes(data: bytes, file: str) -> dict[str, bytes]:
    """Everything in an archive that lies in another one."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = [info for info in archive.infolist() if _wanted(info.filename)]
            _check_zip(archive, len(data), file)
            budget.check(sum(info.file_size for info in wanted), len(data), file)
            return {_real_name(info): _zip_member(archive, info, file) for info in wanted}
    magic = next((magic for magic in _STREAMS if data.startswith(magic)), None)
    if magic is not None:
        data = budget.unpacked(_STREAMS[magic](io.BytesIO(data)), len(data), file)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {info.name: _tar_member(tar, info, file) for info in tar if info.isfile() and _wanted(info.name)}


class _archive_errors:
    """Turn every way in which an archive can be damaged into a ReadError with its name."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        damage = (
            zipfile.BadZipFile,
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            KeyError,
            EOFError,
            OSError,
            RuntimeError,
            NotImplementedError,
            ValueError,
            UnicodeError,
        )
        if isinstance(error, damage) and not isinstance(error, ReadError):
            raise ReadError(
                "the archive is damaged", file=self.path, where=self.name or None, given=str(error)
            ) from error
