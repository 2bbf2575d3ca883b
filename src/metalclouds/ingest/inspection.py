"""What is in a file, folder or archive, how the catalogue would read it, and the entries that it proposes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml

from metalclouds.errors import MetalcloudsError, ReadError, UndecidedError
from metalclouds.files import replacing
from metalclouds.ingest import budget, naming
from metalclouds.ingest.catalogue import Entry, match, read_catalogue
from metalclouds.ingest.companions import is_axis
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.describe import describe
from metalclouds.ingest.faults import kind_of
from metalclouds.ingest.read import TIMES, nights_in, read_files
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member, members
from metalclouds.schema.variables import named_by_species

# So many arrays are listed for people; --json has them all.
_ARRAYS_SHOWN = 24
_STATUS_WORDS = {
    "read": "read, or like those that were",
    "axis": "axes of others",
    "undecided": "need a line in the catalogue",
    "unknown": "fit no entry",
    "failed": "cannot be read",
    "fault": "met a fault of this program",
}
_HELP = {
    "unknown": "unknown files: where one holds data, an entry in config/catalogue/own.yaml names its reader "
    "(docs/readers.md)",
    "undecided": "undecided files: --write appends their entries to config/catalogue/own.yaml; add one of the lines "
    "shown as options",
    "fault": "a fault of this program: please report it with the trace above",
}


@budget.by_settings
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
        or fault: of this program), `as_read` (dims and variables of what the reader gave), `entry`, `nights`,
        `named_nights` (dates in the names of the files of this kind), `decisions`, `problem`, `proposed` (catalogue
        entry).

    Raises
    ------
    ReadError
        If there is no such path.
    """
    if not path.exists():
        raise ReadError("no such file or folder", file=path)
    if next(members(path), None) is None:
        raise ReadError("no file in the folder or archive", file=path)
    entries = read_catalogue(settings.catalogue)
    return [
        {**report(alike[0], entries, settings), "alike": len(alike), "named_nights": _named(alike)}
        for alike in _kinds(path, every)
    ]


def _named(alike: list[Member]) -> list[str]:
    """Dates in the names of files that are alike."""
    return sorted({str(date) for member in alike for date in naming.dates(member.name)})


def _kinds(path: Path, every: bool) -> list[list[Member]]:
    """Files that differ in numbers alone; the first of each list is read, the others are counted."""
    groups: dict[str, list[Member]] = {}
    for member in members(path):
        key = str(member) if every else re.sub(r"\d+", "#", member.full_name)
        groups.setdefault(key, []).append(member)
    return list(groups.values())


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
        "as_read": [],
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
    return {
        "status": "read",
        "nights": nights,
        "as_read": [_summary(dataset) for dataset in datasets],
        "decisions": decisions.entries,
        "problem": "",
        "proposed": proposed,
    }


def _summary(dataset: xr.Dataset) -> str:
    """Dims with their first and last values, and the variables, of what a reader gave."""
    dataset = named_by_species(dataset)
    axes = []
    for dim, size in dataset.sizes.items():
        name = dim if dim in dataset.coords else next((time for time, of in TIMES.items() if of == dim), "")
        values = dataset[name].values if name in dataset.variables else np.array([])
        span = f" from {_short(values[0])} to {_short(values[-1])}" if values.size else ""
        axes.append(f"{size} {dim}{span}")
    return f"{', '.join(axes)}: {', '.join(map(str, dataset.data_vars))}"


def _short(value: np.generic) -> str:
    return str(value.astype("datetime64[s]")) if isinstance(value, np.datetime64) else f"{float(value):g}"


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
    for array in report["arrays"][:_ARRAYS_SHOWN]:
        span = f"  {array['low']:.6g} .. {array['high']:.6g}" if array["low"] is not None else ""
        missing = f"  {array['missing']} NaN" if array["missing"] else ""
        lines.append(f"    {array['name']} {tuple(array['shape'])} {array['type']} {array['units']}{span}{missing}")
    if (more := len(report["arrays"]) - _ARRAYS_SHOWN) > 0:
        lines.append(f"    and {more} more (--json)")
    if report["entry"]:
        lines.append(
            f"  entry: {report['entry']['glob']} -> {report['entry']['instrument']}, {report['entry']['reader']}"
        )
    lines += [f"  {d['what']}: {d['decided']}  ({d['because']})" for d in report["decisions"]]
    lines += [f"  as read: {text}" for text in report["as_read"]]
    if report["nights"]:
        lines.append(f"  nights: {_listed(report['nights'])}")
    if report["alike"] > 1 and len(report["named_nights"]) > 1:
        lines.append(f"  dates in the names of these files: {_listed(report['named_nights'])}")
    if report["problem"]:
        lines.append("  " + report["problem"].replace("\n", "\n  "))
    if report["proposed"]:
        needed = "" if report["status"] != "read" else " (not needed; for options of your own)"
        lines.append(f"  catalogue lines{needed}:")
        lines += [f"    {line}" for line in yaml_of(report["proposed"]).splitlines()]
    return "\n".join(lines) + "\n"


def _listed(names: list[str]) -> str:
    return f"{len(names)} ({', '.join(names[:6])}{' ...' if len(names) > 6 else ''})"


def closing(reports: list[dict[str, Any]]) -> str:
    """A line on all files, and what to do about those that are not read."""
    count = {status: sum(r["alike"] for r in reports if r["status"] == status) for status in _STATUS_WORDS}
    text = "; ".join(f"{number} {_STATUS_WORDS[status]}" for status, number in count.items() if number)
    help_for = [status for status in ("unknown", "undecided", "fault") if count[status]]
    return "\n".join([f"files: {text}", *(_HELP[status] for status in help_for)])


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
