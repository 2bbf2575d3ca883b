"""What is in a file, folder or archive, how the catalogue would read it, and the entries that it proposes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from metalclouds.errors import MetalcloudsError, ReadError, UndecidedError
from metalclouds.files import replacing
from metalclouds.ingest.catalogue import Entry, match, read_catalogue
from metalclouds.ingest.companions import is_axis
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.describe import describe
from metalclouds.ingest.faults import kind_of
from metalclouds.ingest.read import nights_in, read_files
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member, members

# Of files that differ only in their digits, this many are read; the others are counted.
_ALIKE_READ = 1


def inspect(path: Path, settings: IngestSettings, *, every: bool = False) -> list[dict[str, Any]]:
    """A report for each file of a kind.

    Parameters
    ----------
    path
        file, folder or archive.
    every
        report on each file; else only the first of files whose names differ in digits alone.

    Returns
    -------
    list of dict
        `file`, `alike` (files of this kind), `format`, `arrays`, `status` (read, axis, undecided, failed, unknown,
        or fault: of this program), `entry`, `nights`, `decisions`, `problem`, `proposed` (catalogue entry).

    Raises
    ------
    ReadError
        If there is no such path.
    """
    if not path.exists():
        raise ReadError("no such file or folder", file=path)
    entries = read_catalogue(settings.catalogue)
    return [{**report(member, entries, settings), "alike": alike} for member, alike in _kinds(path, every)]


def _kinds(path: Path, every: bool) -> Iterator[tuple[Member, int]]:
    groups: dict[str, list[Member]] = {}
    for member in members(path):
        key = member.full_name if every else "".join("#" if c.isdigit() else c for c in member.full_name)
        groups.setdefault(key, []).append(member)
    for group in groups.values():
        for member in group[:_ALIKE_READ]:
            yield member, len(group)


def report(member: Member, entries: list[Entry], settings: IngestSettings) -> dict[str, Any]:
    """What is in one file and how it would be read."""
    description = describe(member)
    out: dict[str, Any] = {
        "file": member.full_name,
        "format": description.kind,
        "arrays": description.arrays,
        "status": "unknown",
        "entry": None,
        "nights": [],
        "decisions": [],
        "problem": description.problem,
        "proposed": None,
    }
    try:
        entry = match(member, entries)
    except MetalcloudsError as error:
        return {**out, "status": _status(error), "problem": str(error)}
    if entry is None and is_axis(member):
        return {**out, "status": "axis", "problem": "an axis; it is read with the matrices beside it"}
    if entry is None:
        out["problem"] = out["problem"] or "no entry of the catalogue fits this file"
        return out
    out["entry"] = entry.model_dump(mode="json", exclude_defaults=True)
    return {**out, **_tried(member, entry, settings)}


def _tried(member: Member, entry: Entry, settings: IngestSettings) -> dict[str, Any]:
    decisions = Decisions()
    proposed = {
        "glob": _glob_for(member),
        "instrument": entry.instrument,
        "reader": entry.reader,
        "options": entry.options,
    }
    try:
        datasets = read_files([member], entry.reader, dict(entry.options), settings, decisions)
    except UndecidedError as error:
        return {"status": "undecided", "decisions": decisions.entries, "problem": str(error), "proposed": proposed}
    except MetalcloudsError as error:
        return {"status": _status(error), "decisions": decisions.entries, "problem": str(error)}
    nights = sorted({night for dataset in datasets for night in nights_in(dataset, entry.instrument)})
    return {"status": "read", "nights": nights, "decisions": decisions.entries, "problem": "", "proposed": proposed}


def _status(error: MetalcloudsError) -> str:
    return "fault" if kind_of(error) == "fault" else "failed"


def _glob_for(member: Member) -> str:
    """The file's name with every digit left open."""
    name = "".join("?" if c.isdigit() else c for c in member.name)
    return name.replace("[", "[[]")


def text_of(report: dict[str, Any]) -> str:
    """A report for people."""
    alike = f" and {report['alike'] - 1} like it" if report["alike"] > 1 else ""
    lines = [f"{report['file']}{alike}", f"  format: {report['format']}"]
    for array in report["arrays"][:40]:
        span = f"  {array['low']:.6g} .. {array['high']:.6g}" if array["low"] is not None else ""
        missing = f"  {array['missing']} NaN" if array["missing"] else ""
        lines.append(f"    {array['name']} {tuple(array['shape'])} {array['type']} {array['units']}{span}{missing}")
    if report["entry"]:
        lines.append(
            f"  entry: {report['entry']['glob']} -> {report['entry']['instrument']}, {report['entry']['reader']}"
        )
    lines += [f"  {d['what']}: {d['decided']}  ({d['because']})" for d in report["decisions"]]
    if report["nights"]:
        shown = ", ".join(report["nights"][:6]) + (" ..." if len(report["nights"]) > 6 else "")
        lines.append(f"  nights: {len(report['nights'])} ({shown})")
    if report["problem"]:
        lines.append("  " + report["problem"].replace("\n", "\n  "))
    if report["proposed"]:
        lines.append("  catalogue lines:")
        lines += [f"    {line}" for line in yaml_of(report["proposed"]).splitlines()]
    return "\n".join(lines) + "\n"


def yaml_of(entry: dict[str, Any]) -> str:
    """A catalogue entry as YAML, one item of the list `entries`."""
    kept = {key: value for key, value in entry.items() if value not in ({}, None)}
    return yaml.safe_dump([kept], sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)


def write_entries(reports: list[dict[str, Any]], path: Path) -> int:
    """Append the proposed entries that the catalogue does not have yet; returns how many."""
    text = path.read_text(encoding="utf-8") if path.exists() else "entries: []\n"
    known = (yaml.safe_load(text) or {}).get("entries") or []
    new: list[dict[str, Any]] = []
    for report in reports:
        entry = report["proposed"] and {k: v for k, v in report["proposed"].items() if v not in ({}, None)}
        if entry and entry not in known and entry not in new:
            new.append(entry)
    if new:
        body = "".join(yaml_of(entry) for entry in new)
        head = text.replace("entries: []", "entries:") if not known else text.rstrip("\n") + "\n"
        with replacing(path) as temporary:
            temporary.write_text(head + body, encoding="utf-8")
    return len(new)
