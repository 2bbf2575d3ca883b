"""Which files of a record hold which nights: the list that all later work is planned from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from metalclouds.errors import MetalcloudsError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.catalogue import Entry, match, read_catalogue
from metalclouds.ingest.companions import is_axis
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.describe import describe
from metalclouds.ingest.faults import kind_of
from metalclouds.ingest.read import date_of_name, nights_in, read_files, site_of
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member, members

OF_YOUR_OWN = "files of your own in the folder of the source: docs/your-own-data.md"
WHERE = {
    "lidar": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532), or files of your own: docs/your-own-data.md",
    "tec": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532); IONEX maps of the IGS analysis centres are coarser",
    "fpi": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532)",
    "ionosonde": "GIRO, station BP440 Beijing, until 2021-11-07; after that SAO files or tables of the Digisonde",
}


def make_inventory(
    manifest: dict[str, Any], instrument: str, run_dir: Path, settings: IngestSettings, cases: Sequence[str]
) -> dict[str, Any]:
    """Inventory of one instrument, in the form of docs/architecture.md ("Missing and synthetic").

    Parameters
    ----------
    manifest
        what fetch wrote: `files` with `path` relative to `run_dir` and `sha256`, `damaged`, `source`, `synthetic`.
    cases
        case nights; they form the batch `cases`.

    Returns
    -------
    dict
        A file that no entry of the catalogue fits stands in `unmapped` with what is in it; one that cannot be opened
        in `damaged`, with `kind` "fault" where this program is to blame. `sha256` gives the checksum of each raw
        file used.
    """
    entries = read_catalogue(settings.catalogue)
    damaged = [
        {"file": item["key"], "reason": item["reason"], "kind": "damaged"} for item in manifest.get("damaged", [])
    ]
    unmapped: list[dict[str, Any]] = []
    nights: dict[tuple[str, int], list[Member]] = {}
    for file in manifest["files"] if instrument not in settings.leave_out else ():
        for member, problem in _members(run_dir / file["path"]):
            if member is None:
                damaged.append({"file": file["key"], "reason": problem, "kind": "damaged"})
            else:
                _place(member, entries, instrument, settings, nights, unmapped, damaged)
    batches = _batches(nights, entries, instrument, run_dir, cases)
    used = {item["path"] for batch in batches.values() for night in batch for item in night["files"]}
    why = "" if batches else _why(manifest, instrument, unmapped, damaged)
    if instrument in settings.leave_out:
        why = f"left out by the configuration (ingest.leave_out: {instrument})"
    return {
        "instrument": instrument,
        "status": "present" if batches else "absent",
        "why": why,
        "where": OF_YOUR_OWN if manifest.get("source") == "local" else WHERE[instrument],
        "synthetic": bool(manifest.get("synthetic", False)),
        "source": str(manifest.get("title") or manifest.get("source", "")),
        "batches": batches,
        "unmapped": unmapped,
        "damaged": damaged,
        "sha256": {file["path"]: file.get("sha256", "") for file in manifest["files"] if file["path"] in used},
    }


def _members(path: Path) -> list[tuple[Member | None, str]]:
    try:
        return [(member, "") for member in members(path)]
    except MetalcloudsError as error:
        return [(None, _reason(error))]
    except OSError as error:
        return [(None, error.strerror or str(error))]


def _reason(error: MetalcloudsError) -> str:
    return f"{error.problem}: {error.given}" if error.given else error.problem


def _place(
    member: Member,
    entries: Sequence[Entry],
    instrument: str,
    settings: IngestSettings,
    nights: dict[tuple[str, int], list[Member]],
    unmapped: list,
    damaged: list,
) -> None:
    """Put a file under its nights, or among the unmapped or damaged; those of other instruments are passed over."""
    try:
        entry = match(member, entries)
        if entry is None:
            seen = "an axis, for matrices beside it" if is_axis(member) else describe(member).summary
            unmapped.append({"file": member.full_name, "seen": seen})
            return
        if entry.instrument == instrument:
            for night in nights_of(member, entry, settings):
                nights.setdefault((night, entries.index(entry)), []).append(member)
    except UndecidedError as error:
        unmapped.append({"file": member.full_name, "seen": str(error)})
    except MetalcloudsError as error:
        damaged.append({"file": member.full_name, "reason": _reason(error), "kind": kind_of(error)})


def nights_of(member: Member, entry: Entry, settings: IngestSettings) -> list[str]:
    """Nights of a file: by its name where that is sure, else by reading its times.

    Raises
    ------
    ReadError
        If the file has to be read and cannot be.
    """
    named = date_of_name(member)
    if entry.reader == "lidar_profiles" and named:
        return _nights_of_profiles(member, entry, settings)
    by_name = entry.options.get("nights", "from_name" if entry.instrument in ("lidar", "tec") else "from_times")
    if by_name == "from_name" and len(named) == 1 and _name_is_sure(member, entry):
        if entry.reader == "meridian":
            moments = np.array(naming.moments(member.name) or named)
            return [str(naming.nights_of(moments, site_of(dict(entry.options), "lidar", settings).longitude)[0])]
        return [str(named[0])]
    datasets = read_files([member], entry.reader, dict(entry.options), settings, Decisions())
    return sorted({night for dataset in datasets for night in nights_in(dataset, entry.instrument)})


def _nights_of_profiles(member: Member, entry: Entry, settings: IngestSettings) -> list[str]:
    """A time alone seldom tells UT from local time; all profiles of a night together do, when they are read."""
    moments, options = np.array(naming.moments(member.name)), dict(entry.options)
    longitude = site_of(options, "lidar", settings).longitude
    if options.get("clock") == "UT":
        return [str(naming.nights_of(moments, longitude)[0])]
    return [str(naming.nights_of_names(moments, 0.0 if options.get("clock") == "LT" else longitude)[0])]


def _name_is_sure(member: Member, entry: Entry) -> bool:
    """A clock in a lidar file's name may be local and past midnight, so that its date is not that of the evening."""
    return (
        entry.instrument == "tec" or entry.reader in ("meridian", "photon_text") or not naming.has_clock(member.name)
    )


def _batches(
    nights: dict[tuple[str, int], list[Member]],
    entries: Sequence[Entry],
    instrument: str,
    run_dir: Path,
    cases: Sequence[str],
) -> dict[str, list[dict[str, Any]]]:
    batches: dict[str, list[dict[str, Any]]] = {}
    for (night, index), found in sorted(nights.items()):
        entry = entries[index]
        files = [{"path": str(member.path.relative_to(run_dir)), "member": member.member} for member in found]
        item = {"night": night, "files": files, "reader": entry.reader, "options": entry.options}
        batches.setdefault(batch_of(night, instrument, cases), []).append(item)
    return batches


def batch_of(night: str, instrument: str, cases: Sequence[str]) -> str:
    """Name of the batch that a night is worked on in."""
    if night in cases:
        return "cases"
    if instrument != "lidar":
        return "rest"
    year, month = night[:4], int(night[5:7])
    return f"{year}-Q{(month + 2) // 3}"


def _why(manifest: dict[str, Any], instrument: str, unmapped: list, damaged: list) -> str:
    """Why there is nothing of an instrument, in a sentence."""
    if not manifest["files"]:
        return manifest.get("why") or f"the source has no {instrument} data"
    if unmapped or damaged:
        return (
            f"no file of the source was recognised as {instrument} data; {len(unmapped)} files fit no entry of the "
            f"catalogue, {len(damaged)} are damaged"
        )
    return f"the source has no {instrument} data among its {len(manifest['files'])} files"
