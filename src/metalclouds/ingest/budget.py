"""How much a stranger's file may unpack to, or claim to hold: asked before the memory is taken.

The limit is `ingest.largest_file_mb`. Besides, what unpacks to hundreds of times its size is no data but a trap.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import ParamSpec, Protocol, TypeVar

import psutil

from metalclouds.errors import ReadError

MEGABYTE = 1_000_000
LARGEST_MB = 256
# Data compress 2 to 30 times, tables of zeros up to 200 times.
MOST_TIMES = 250
# What is smaller may be compressed as it likes.
UNSUSPECTED_BYTES = 64 * MEGABYTE
# A file that is large itself may hold so many times its size.
OWN_TIMES = 4
# Memory that a library may take while it reads, in parts of what the file may hold: a copy, another type, itself.
ROOM = 3
# So many cells of a spreadsheet fill a megabyte of Python's memory, about.
CELLS_A_MEGABYTE = 12_000
Given = ParamSpec("Given")
Result = TypeVar("Result")
_BLOCK = 1 << 20
_READING = threading.RLock()
_limit_mb: ContextVar[float] = ContextVar("largest_file_mb", default=LARGEST_MB)


class Stream(Protocol):
    """What is unpacked while it is read."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""


@contextlib.contextmanager
def limited(largest_file_mb: float) -> Iterator[None]:
    """Read files of the block under this limit, MB."""
    token = _limit_mb.set(largest_file_mb)
    try:
        yield
    finally:
        _limit_mb.reset(token)


def by_settings(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let a function with an argument `settings` (of ingest, or None) read under the limit of them."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def within(*arguments: Given.args, **named: Given.kwargs) -> Result:
        settings = signature.bind(*arguments, **named).arguments.get("settings")
        with limited(settings.largest_file_mb if settings is not None else LARGEST_MB):
            return function(*arguments, **named)

    return within


def most_cells() -> int:
    """The most cells of a spreadsheet."""
    return round(_limit_mb.get() * CELLS_A_MEGABYTE)


def unpacked(stream: Stream, packed: int, file: object) -> bytes:
    """Everything that a stream gives.

    Parameters
    ----------
    packed
        size before unpacking, bytes.

    Raises
    ------
    ReadError
        As soon as it is more than is allowed.
    """
    blocks: list[bytes] = []
    come = 0
    while block := stream.read(_BLOCK):
        come += len(block)
        try:
            check(come, packed, file, packing=True)
        except ReadError:
            # Whoever keeps the error keeps this frame with it.
            blocks.clear()
            raise
        blocks.append(block)
    return b"".join(blocks)


def check(size: float, packed: int, file: object, packing: bool = False) -> None:
    """Stop where a file claims, or has come, to be larger than is allowed.

    Parameters
    ----------
    size
        bytes that it claims or has come to.
    packed
        its size on disk or in its archive, bytes: a large file may hold much.
    packing
        whether the two are the same content, packed and unpacked.

    Raises
    ------
    ReadError
        Naming the file, its size and the limit.
    """
    if size > _largest(packed):
        raise ReadError(
            "the file holds more than is allowed", file=str(file), given=f"{size / MEGABYTE:.0f} MB or more",
            rule=f"ingest.largest_file_mb = {_limit_mb.get():g}",
            remedy="if it is what it should be, raise ingest.largest_file_mb in the configuration",
        )  # fmt: skip
    if packing:
        check_packing(size, packed, file)


def check_packing(size: float, packed: int, file: object) -> None:
    """Stop where a file unpacks to more than data do.

    Raises
    ------
    ReadError
        Naming the file and both sizes.
    """
    if size > _unsuspected(packed):
        raise ReadError(
            "the file unpacks to hundreds of times its size", file=str(file),
            given=f"{packed} bytes to {size:.0f} or more", rule=f"{MOST_TIMES} times at most",
            remedy="if it is what it should be, unpack it and give the folder",
        )  # fmt: skip


def check_shape(shape: Sequence[int], itemsize: int, packed: int, file: object, already: float = 0.0) -> float:
    """Stop where an array, with what has been taken `already`, is larger than is allowed; else the bytes of both."""
    size = already + math.prod(map(float, shape)) * itemsize
    check(size, packed, file)
    return size


@contextlib.contextmanager
def memory(packed: int) -> Iterator[None]:
    """Let a library that cannot be asked beforehand take no more memory than a file of this size may: MemoryError."""
    with _READING:
        before = resource.getrlimit(resource.RLIMIT_AS)
        taken = psutil.Process().memory_info().vms
        most = taken + ROOM * _largest(packed)
        if before[1] != resource.RLIM_INFINITY:
            most = min(most, before[1])
        resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)


def _largest(packed: int) -> int:
    return max(round(_limit_mb.get() * MEGABYTE), OWN_TIMES * packed)


def _unsuspected(packed: int) -> int:
    return max(UNSUSPECTED_BYTES, MOST_TIMES * packed)
