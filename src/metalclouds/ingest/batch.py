"""Ingest the nights of a batch: one file a night, and an index of what was written and what failed."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from metalclouds import batches, io, parallel
from metalclouds.errors import MetalcloudsError
from metalclouds.ingest import budget
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.faults import kind_of
from metalclouds.ingest.read import Origin, finished, read_files
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from metalclouds.progress import Progress
from metalclouds.schema.documents import BatchIndex, FailedNight, Inventory, NightFile, NightOfFiles

# A night has files of up to three kinds; more would only hold memory.
_FILES_KEPT = 4
_NAMES_SHOWN = 3


def ingest_batch(
    inventory: Inventory,
    batch: str,
    run_dir: Path,
    out: Path,
    settings: IngestSettings,
    dask_client: Any = None,
) -> BatchIndex:
    """Write the nights of a batch into the folder `out`, one file a night.

    Parameters
    ----------
    run_dir
        folder that the raw files' paths in the inventory start from.

    Returns
    -------
    BatchIndex
        A night of which one file failed and another did not stands in both of its lists.
    """
    out.mkdir(parents=True, exist_ok=True)
    by_night: dict[str, list[NightOfFiles]] = {}
    for item in inventory.batches.get(batch, ()):
        by_night.setdefault(item.night, []).append(item)
    small = dataclasses.replace(inventory, batches={})
    work = functools.partial(ingest_night, inventory=small, run_dir=run_dir, out=out, settings=settings)
    told = Progress(f"ingest {inventory.instrument} {batch}", len(by_night))
    said: set[str] = set()
    results = parallel.map_nights(
        work, sorted(by_night.items()), dask_client, lambda result: told.night(in_words(result, said))
    )
    return BatchIndex(
        tuple(result.file for result in results if result.file),
        tuple(failure for result in results for failure in result.failed),
    )


@dataclass(frozen=True)
class IngestedNight:
    """What became of a night: its file, if one was written, what failed, and what was decided about its files."""

    night: str
    file: NightFile | None
    failed: tuple[FailedNight, ...]
    decisions: list[dict[str, str]]


@budget.by_settings
def ingest_night(
    work: tuple[str, list[NightOfFiles]],
    *,
    inventory: Inventory,
    run_dir: Path,
    out: Path,
    settings: IngestSettings,
) -> IngestedNight:
    """Read, check and write one night; failures are returned, not raised."""
    night, items = work
    sources = [
        FileGroup([Member(run_dir / file.path, file.member) for file in item.files], item.reader, item.options)
        for item in items
    ]
    checksums = {Path(file.path).name: inventory.sha256.get(file.path, "") for item in items for file in item.files}
    made = put_together(night, inventory.instrument, sources, settings, inventory, checksums)
    written = None
    if made.dataset is not None:
        try:
            written = _write(made.dataset, out, night)
        except MetalcloudsError as error:
            made.failed.append({**failure_of(sources[0].files[0], error), "file": together(made.used)})
    failed = tuple(FailedNight(night, **failure) for failure in made.failed)  # type: ignore[arg-type]
    return IngestedNight(night, written, failed, made.decisions.entries)


@dataclass(frozen=True)
class FileGroup:
    """Files of a night that are read in one call, by which reader, and with which options."""

    files: list[Member]
    reader: str
    options: dict[str, Any]


@dataclass
class Made:
    """What became of the files of a night: its dataset if there is one, what failed, and names of the files used."""

    dataset: xr.Dataset | None
    failed: list[dict[str, str]]
    decisions: Decisions
    used: list[str]


def put_together(
    night: str,
    instrument: str,
    sources: Sequence[FileGroup],
    settings: IngestSettings,
    origin: Inventory | None = None,
    checksums: Mapping[str, str] | None = None,
) -> Made:
    """A night as a run makes it, from all its files; failures are returned, not raised.

    Parameters
    ----------
    origin
        where the files are from, for the attributes of the night.
    checksums
        name of each raw file -> its sha256.
    """
    made = Made(None, [], Decisions(), [])
    parts: list[xr.Dataset] = []
    of_used: set[str] = set()
    for source in sources:
        found, lost = read_what_can_be(source.files, source.reader, source.options, settings, made.decisions)
        parts += found
        made.failed += lost
        if found:
            made.used += [file.full_name for file in source.files]
            of_used |= {file.path.name for file in source.files}
    if parts:
        inputs = {name: value for name, value in (checksums or {}).items() if name in of_used}
        source_of = Origin(origin.source, origin.synthetic, inputs) if origin else Origin()
        try:
            made.dataset = finished(parts, night, instrument, settings, made.decisions, source_of)
        except MetalcloudsError as error:
            # The files are fine one by one: what is wrong came up when they were put together.
            made.failed.append({"file": together(made.used), "kind": kind_of(error), "reason": str(error)})
    return made


def in_words(result: IngestedNight, said: set[str]) -> str:
    """What the log says of a night: what was decided about its files, once, and which of them are not used.

    Parameters
    ----------
    said
        decisions that stand in the log already; those of this night are added.
    """
    decided = [f"  {one['what']}: {one['decided']} ({one['because']})" for one in result.decisions]
    new = [line for line in decided if line not in said]
    said.update(new)
    unused = [f"  not used ({one.kind}): {one.file}\n    {one.reason}" for one in result.failed]
    return "\n".join([f"{result.night}: {'written' if result.file else 'nothing written'}", *new, *unused])


def _write(dataset: xr.Dataset, out: Path, night: str) -> NightFile:
    path = out / f"{night}.nc"
    io.write_netcdf(path, dataset)
    return batches.entry(night, path)


def together(names: Sequence[str]) -> str:
    """Names of files that a night was put together from, the middle of a long list left out.

    Examples
    --------
    >>> together(["a.mat", "b.mat"]), together(["1.txt", "2.txt", "3.txt", "4.txt", "5.txt"])
    ('a.mat, b.mat', '1.txt, 2.txt ... 5.txt (5 files)')
    """
    if len(names) <= _NAMES_SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[: _NAMES_SHOWN - 1])} ... {names[-1]} ({len(names)} files)"


def read_what_can_be(
    files: Sequence[Member], reader: str, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> tuple[list[xr.Dataset], list[dict[str, str]]]:
    """Datasets of the files that can be read, and the others with the reason.

    Where many files make a night and reading them together fails, each is tried alone, and those that fail are left
    out: one damaged profile does not cost the night.

    Returns
    -------
    tuple
        datasets as the reader gives them, and failures (`failure_of`).
    """
    if not READERS[reader].many:
        return _each(files, reader, options, settings, decisions)
    try:
        return read_files(files, reader, options, settings, decisions), []
    except MetalcloudsError as error:
        _, failed = _each(files, reader, options, settings, Decisions())
        bad = {failure["file"] for failure in failed}
        good = [file for file in files if file.full_name not in bad]
        if not good or not bad:
            return [], failed or [failure_of(files[0], error)]
        found, more = _together(good, reader, options, settings, decisions)
        return found, failed + more


def _each(
    files: Sequence[Member], reader: str, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> tuple[list[xr.Dataset], list[dict[str, str]]]:
    found: list[xr.Dataset] = []
    failed: list[dict[str, str]] = []
    for file in files:
        try:
            datasets, entries = _read_once(file, reader, json.dumps(options, sort_keys=True), settings)
        except MetalcloudsError as error:
            failed.append(failure_of(file, error))
            continue
        decisions.extend(entries)
        found += datasets
    return found, failed


@functools.lru_cache(maxsize=_FILES_KEPT)
def _read_once(
    file: Member, reader: str, options: str, settings: IngestSettings
) -> tuple[list[xr.Dataset], list[dict[str, str]]]:
    """One file and the decisions about it; a file of many nights is read once for those that follow one another."""
    decisions = Decisions()
    return read_files([file], reader, json.loads(options), settings, decisions), decisions.entries


def _together(
    files: Sequence[Member], reader: str, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> tuple[list[xr.Dataset], list[dict[str, str]]]:
    try:
        return read_files(files, reader, options, settings, decisions), []
    except MetalcloudsError as error:
        return [], [failure_of(files[0], error)]


def failure_of(file: Member, error: MetalcloudsError) -> dict[str, str]:
    """A file that is not used: its name, kind (see `faults.kind_of`), and the reason."""
    return {"file": file.full_name, "kind": kind_of(error), "reason": str(error)}
