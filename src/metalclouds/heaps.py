"""What the HDF5 library does not survive in a damaged file, looked for before it reads it. Imports nothing heavy."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

from metalclouds.errors import ReadError
from metalclouds.files import REMEDY

HDF5 = b"\x89HDF\r\n\x1a\n"
# Signature and version of a global heap: it holds strings of any length and references.
_HEAP = b"GCOL\x01\x00\x00\x00"
# MATLAB's files have 512 bytes of their own before it.
_BEGINS = (0, 512, 1024, 2048, 4096)
_HEADER, _OBJECT = 16, struct.Struct("<H6xQ")


def check_file(path: str | Path) -> None:
    """`check_heaps` of a file on disk.

    Raises
    ------
    ReadError
        If a heap of the file has no end.
    """
    with open(path, "rb") as stream:
        if not stream.read(1):
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            check_heaps(data, str(path), REMEDY)


def check_heaps(data: bytes | mmap.mmap, file: str, remedy: str = "") -> None:
    """Stop at an HDF5 file with a global heap whose objects lead nowhere: the library looks for the next for ever.

    Each object tells its size, and free space, which has the number 0, its own: one of size 0 leads to itself
    (HDF5 File Format Specification, version 3.0, section III.E).

    Raises
    ------
    ReadError
        Naming the place.
    """
    start = data.find(_HEAP) if _is_hdf5(data) else -1
    while start >= 0:
        if (place := _dead_end(data, start)) is not None:
            raise ReadError("damaged: a heap without end", file=file, where=f"byte {place}", remedy=remedy)
        start = data.find(_HEAP, start + len(_HEAP))


def _is_hdf5(data: bytes | mmap.mmap) -> bool:
    """Whether it is HDF5 whose lengths take eight bytes, as in all but a few files: others are not looked at."""
    begin = next((place for place in _BEGINS if data[place : place + len(HDF5)] == HDF5), None)
    if begin is None or len(data) < begin + 15:
        return False
    return data[begin + (14 if data[begin + 8] < 2 else 10)] == 8


def _dead_end(data: bytes | mmap.mmap, start: int) -> int | None:
    """The place of the first object of a heap that does not lead to another or to the heap's end."""
    end = min(start + int.from_bytes(data[start + 8 : start + _HEADER], "little"), len(data))
    place = start + _HEADER
    while place + _OBJECT.size <= end:
        number, size = _OBJECT.unpack_from(data, place)
        step = _OBJECT.size + (size + 7) // 8 * 8 if number else size
        if not 0 < step <= end - place:
            return place
        place += step
    return None
