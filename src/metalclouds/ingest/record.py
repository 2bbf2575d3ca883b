"""A record as a whole: its files, what each is, and what some of them say about others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from metalclouds.errors import MetalcloudsError
from metalclouds.ingest import naming
from metalclouds.ingest.captions import (
    DENSITY_LINES,
    clocks_said,
    dates_said,
    days_of_record,
    density_lines,
    has_exceptions,
    is_readme,
    order_of_names,
    relative_said,
    remarks_said,
)
from metalclouds.ingest.catalogue import Entry, match, refuse_names_left
from metalclouds.ingest.containers import kind_of, load
from metalclouds.ingest.decisions import EVIDENCE
from metalclouds.ingest.evidence.said import needed, notes_of
from metalclouds.ingest.remarks import OF_INSTRUMENT
from metalclouds.ingest.source import Member, members


@dataclass(frozen=True)
class Found:
    """A file of a record: the entry that fits it, None where none does, or why it could not be opened."""

    member: Member
    entry: Entry | None
    options: dict[str, Any]
    problem: MetalcloudsError | None = None


@dataclass(frozen=True)
class Unopened:
    """A file or archive that could not be listed, and why."""

    path: Path
    reason: str


def list_files(paths: Iterable[Path]) -> tuple[list[Member], list[Unopened]]:
    """All files below some paths, archives opened; and what could not be."""
    found: list[Member] = []
    lost: list[Unopened] = []
    for path in (file for given in paths for file in _files_at(given)):
        try:
            found += [member for member in members(path) if not _is_rubbish(member)]
        except MetalcloudsError as error:
            lost.append(Unopened(path, reason_of(error)))
        except OSError as error:
            lost.append(Unopened(path, error.strerror or str(error)))
    return found, lost


def _files_at(path: Path) -> list[Path]:
    """The file itself, or all below a folder, so that an archive that cannot be opened costs no other file."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _is_rubbish(member: Member) -> bool:
    """What programs leave beside data: lock files of Office, thumbnails, entries of a Mac."""
    name = member.name.lower()
    return name.startswith(("~$", ".")) or name in _RUBBISH


_RUBBISH = ("thumbs.db", "desktop.ini", ".ds_store")


def reason_of(error: MetalcloudsError) -> str:
    """What is wrong with a file, in a line."""
    return f"{error.problem}: {error.given}" if error.given else error.problem


@dataclass(frozen=True)
class Looked:
    """The files of a record, and what could not be opened."""

    files: list[Found]
    unopened: list[Unopened]


def look_at(paths: Iterable[Path], entries: Sequence[Entry]) -> Looked:
    """Each file below some paths with the first entry that fits it.

    What a README says of dates and of the clock becomes evidence of the files that it is about.

    Raises
    ------
    ConfigError
        If an entry still has NAME where a name of the file belongs.
    """
    files, unopened = list_files(paths)
    refuse_names_left(entries, files)
    said, clocks, relative = dates_said(files), clocks_said(files), relative_said(files)
    documents, remarks, notes = _documents(files), remarks_said(files), notes_of(files)
    densities, order = density_lines(files), order_of_names(files)
    found = []
    for member in files:
        try:
            entry = None if _is_prose(member) else match(member, entries)
        except MetalcloudsError as error:
            found.append(Found(member, None, {}, error))
            continue
        options = dict(entry.options) if entry else {}
        if member in said and not naming.dates(member.name):
            options[EVIDENCE] = {"date": asdict(said[member])}
        clock = clocks.of(member, entry.instrument) if entry else None
        if clock is not None and entry and not (entry.instrument in _BY_DAY and has_exceptions(clock.because)):
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "clock": asdict(clock)}
        if relative is not None and entry and entry.instrument == "lidar":
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "relative": asdict(relative)}
        if order is not None and entry and naming.orders(member.name):
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "date_in_name": asdict(order)}
        if densities and entry and entry.instrument == "lidar":
            units = {"value": densities, "because": "descriptions"}
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), DENSITY_LINES: units}
        for name, remark in remarks.items():
            if entry and OF_INSTRUMENT[name] == entry.instrument:
                options[EVIDENCE] = {**options.get(EVIDENCE, {}), name: asdict(remark)}
        lines = needed(notes, member, entry.instrument) if entry else []
        if lines:
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "notes": {"value": lines, "because": "descriptions"}}
        if documents and entry:
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "documents": documents}
        if entry and not member.name.lower().endswith(_NO_WORKBOOKS) and kind_of(member) == "xlsx":
            days = {"value": days_of_record(files), "because": "days that the record names"}
            options[EVIDENCE] = {**options.get(EVIDENCE, {}), "days": days}
        found.append(Found(member, entry, options))
    return Looked(found, unopened)


# Names whose files need not be opened to see that they are no workbooks.
_NO_WORKBOOKS = (".txt", ".csv", ".dat", ".nc", ".mat", ".h5")
_DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf", ".ppt", ".pptx")


def _documents(files: Sequence[Member]) -> dict[str, str] | None:
    """Documents of the record that are not read, as evidence that a stop can name; None where there is none."""
    names = sorted(member.name for member in files if member.name.lower().endswith(_DOCUMENTS))
    return {"value": ", ".join(names[:3]), "because": "documents are not searched"} if names else None


# Instruments of which no sun says whether a clock can be right.
_BY_DAY = ("tec", "ionosonde")


def _is_prose(member: Member) -> bool:
    """A description of the record, unless it holds a table after all."""
    if not is_readme(member):
        return False
    try:
        load(member)
    except MetalcloudsError:
        return True
    return False
