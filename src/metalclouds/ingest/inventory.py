"""Which files of a record hold which nights: the list that all later work is planned from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from metalclouds.ingest import budget
from metalclouds.ingest.catalogue import Entry, read_catalogue
from metalclouds.ingest.placing import Places, place
from metalclouds.ingest.record import look_at
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.documents import (
    DamagedFile,
    Inventory,
    Manifest,
    NightOfFiles,
    RawMember,
    UnmappedFile,
)

OF_YOUR_OWN = "files of your own in the folder of the source: docs/your-own-data.md"
WHERE = {
    "lidar": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532), or files of your own: docs/your-own-data.md",
    "tec": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532); IONEX maps of the IGS analysis centres are coarser",
    "fpi": "Zenodo record 15713532 (doi:10.5281/zenodo.15713532)",
    "ionosonde": "GIRO, station BP440 Beijing, until 2021-11-07; after that SAO files or tables of the Digisonde",
}

# Nights of a record that are shown as case nights where the configuration names none.
OWN_CASES = 6


@budget.by_settings
def make_inventory(
    manifest: Manifest, instrument: str, run_dir: Path, settings: IngestSettings, cases: Sequence[str]
) -> Inventory:
    """Inventory of one instrument (docs/architecture.md, "Missing and synthetic").

    Parameters
    ----------
    manifest
        what fetch wrote; its paths start at `run_dir`.
    cases
        case nights; they form the batch `cases`. Where none are given, the first nights of the instrument do.

    Returns
    -------
    Inventory
        `status` is present, absent (the source has no file of it) or unread (it has, and none could be read). A file
        that no entry of the catalogue fits, or that needs a line in it, stands in `unmapped` with what is in it; one
        that cannot be opened in `damaged`, with `kind` "fault" where this program is to blame; both say whose data it
        is likely to be. `sha256` gives the checksum of each raw file used.
    """
    entries = read_catalogue(settings.catalogue)
    places = Places()
    for item in manifest.damaged:
        places.damaged.append({"file": item.key, "reason": item.reason, "kind": "damaged", "instrument": ""})
    left_out = instrument in settings.leave_out
    if not left_out:
        looked = look_at([run_dir / file.path for file in manifest.files], entries)
        found = place(looked, entries, instrument, settings)
        places = replace(found, damaged=places.damaged + found.damaged)
    first = sorted({night for night, _, _ in places.nights})[:OWN_CASES]
    batches = _batches(places, entries, instrument, run_dir, cases or first)
    used = {member.path for batch in batches.values() for night in batch for member in night.files}
    status: Literal["present", "absent", "unread"] = (
        "present" if batches else "unread" if _lost(places, instrument) and not left_out else "absent"
    )
    why = "" if batches else _why(manifest, instrument, places)
    return Inventory(
        instrument,
        status,
        synthetic=manifest.synthetic,
        why=f"left out by the configuration (ingest.leave_out: {instrument})" if left_out else why,
        where=OF_YOUR_OWN if manifest.source == "local" else WHERE[instrument],
        source=manifest.title or manifest.source,
        batches=batches,
        unmapped=tuple(UnmappedFile(**one) for one in places.unmapped),
        damaged=tuple(DamagedFile(**one) for one in places.damaged),  # type: ignore[arg-type]
        sha256={file.path: file.sha256 for file in manifest.files if file.path in used},
    )


def _batches(
    places: Places, entries: Sequence[Entry], instrument: str, run_dir: Path, cases: Sequence[str]
) -> dict[str, tuple[NightOfFiles, ...]]:
    batches: dict[str, list[NightOfFiles]] = {}
    for (night, index, options), found in sorted(places.nights.items()):
        files = tuple(RawMember(str(member.path.relative_to(run_dir)), member.member) for member in found)
        item = NightOfFiles(night, files, entries[index].reader, json.loads(options))
        batches.setdefault(batch_of(night, instrument, cases), []).append(item)
    return {name: tuple(items) for name, items in batches.items()}


def batch_of(night: str, instrument: str, cases: Sequence[str]) -> str:
    """Name of the batch that a night is worked on in."""
    if night in cases:
        return "cases"
    if instrument != "lidar":
        return "rest"
    return night[:4]


def _lost(places: Places, instrument: str) -> list[dict[str, str]]:
    """Files without a place that are, or may be, of an instrument: one that could not be opened may be anybody's."""
    mine = [one for one in places.unmapped if one["instrument"] == instrument]
    return mine + [one for one in places.damaged if one["instrument"] in (instrument, "")]


def _why(manifest: Manifest, instrument: str, places: Places) -> str:
    """Why there is nothing of an instrument, in a sentence."""
    if not manifest.files and not places.damaged:
        return f"the source has no {instrument} data"
    lost = _lost(places, instrument)
    if lost:
        first = lost[0]
        reason = str(first.get("reason") or first.get("seen", "")).splitlines()[0]
        what = f"{len(lost)} files that are or may be {instrument} data could not be read"
        return f"{what}; the first, {first['file']}: {reason}"
    if places.unmapped:
        return (
            f"no file of the source was recognised as {instrument} data; {len(places.unmapped)} files fit no entry "
            "of the catalogue"
        )
    return f"the source has no {instrument} data among its {len(manifest.files)} files"
