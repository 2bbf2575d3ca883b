"""Files that are there and could not be read. Where an instrument has no others, the command must not end well."""

from __future__ import annotations

from collections.abc import Iterable

from metalclouds.errors import ReadError
from metalclouds.schema.documents import DamagedFile, Inventory, UnmappedFile

_SHOWN = 3


def check_read(inventories: Iterable[Inventory]) -> dict[str, str]:
    """Status of each instrument, where the files of none of them are unread.

    Raises
    ------
    ReadError
        With the reasons and the lines that would help, for each instrument that is present but unread.
    """
    status: dict[str, str] = {}
    unread = []
    for inventory in inventories:
        status[inventory.instrument] = inventory.status
        if inventory.status == "unread":
            unread.append(_words(inventory))
    if unread:
        raise ReadError(
            "present but unread: " + ", ".join(name for name, state in status.items() if state == "unread"),
            given="\n" + "\n".join(unread),
            remedy="add lines to config/catalogue/own.yaml, look with `metalclouds inspect`, and run again. This run "
            "stops here; with --keep-going everything else, and its page, is made without these data",
        )
    return status


def partly_read(inventories: Iterable[Inventory]) -> list[str]:
    """What to say of instruments of which some files were read and others not: the reasons, with lines that help."""
    return [
        f"not read, and left out of this run:\n{words}"
        for inventory in inventories
        if inventory.status == "present" and (words := _words(inventory))
    ]


def _words(inventory: Inventory) -> str:
    """What could not be read of an instrument, each reason once, with the lines."""
    name = inventory.instrument
    problems: dict[str, list[str]] = {}
    lost: list[UnmappedFile | DamagedFile] = [*inventory.unmapped, *inventory.damaged]
    for one in lost:
        if one.instrument == name or (not one.instrument and inventory.status == "unread"):
            reason, lines = (one.seen, one.lines) if isinstance(one, UnmappedFile) else (one.reason, "")
            words = _without_name(reason, one.file) + (f"\n{lines}" if lines else "")
            problems.setdefault(words, []).append(one.file)
    shown = [
        f"{name}: {files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''}\n{_indented(reason)}"
        for reason, files in list(problems.items())[:_SHOWN]
    ]
    more = len(problems) - _SHOWN
    return "\n".join(
        [*shown, *([f"{name}: and {more} other reasons (raw/inventory/{name}.json)"] if more > 0 else [])]
    )


def _without_name(reason: str, file: str) -> str:
    return "\n".join(line for line in reason.splitlines() if line.strip() != f"file: {file}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
