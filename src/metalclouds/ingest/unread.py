"""Files that are there and could not be read: where no others hold their nights, the command must not end well."""

from __future__ import annotations

from collections.abc import Iterable

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.schema.documents import DamagedFile, Inventory, UnmappedFile

_SHOWN = 3


def check_read(inventories: Iterable[Inventory]) -> dict[str, str]:
    """Status of each instrument, where none is unread and no night waits for a line of the catalogue.

    A damaged file that costs a night is named (`partly_read`) and no error: nobody can mend it.

    Raises
    ------
    ReadError
        With the reasons and the lines that would help, for each instrument that is present but unread, wholly or on
        some nights.
    """
    status: dict[str, str] = {}
    unread, lost = [], []
    for inventory in inventories:
        status[inventory.instrument] = inventory.status
        nights = unanswered_nights(inventory)
        if inventory.status == "unread" or nights:
            unread.append(_words(inventory))
            lost.append(f"{inventory.instrument} {', '.join(nights)}".rstrip())
    if unread:
        raise ReadError(
            "present but unread: " + "; ".join(lost),
            given="\n" + "\n".join(unread),
            remedy="add lines to config/catalogue/own.yaml, look with `metalclouds inspect`, and run again. This run "
            "stops here; with --keep-going everything else, and its page, is made without these data",
        )
    return status


def unanswered_nights(inventory: Inventory) -> list[str]:
    """Nights of a present instrument that only files with an open question hold, by the dates in their names."""
    if inventory.status != "present":
        return []
    known, lost = set(inventory.nights()), set()
    for one in inventory.unmapped:
        if one.instrument == inventory.instrument and one.lines:
            dates = {str(date) for date in naming.dates(one.file)}
            lost |= set() if dates & known else dates
    return sorted(lost)


def partly_read(inventories: Iterable[Inventory]) -> list[str]:
    """What to say of files left out that `check_read` says nothing of: the reasons, with lines that help."""
    return [
        f"not read, and left out of this run:\n{words}"
        for inventory in inventories
        if inventory.status == "present" and not unanswered_nights(inventory) and (words := _words(inventory))
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
