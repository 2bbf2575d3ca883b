"""Read anybody's file through the catalogue, for commands that take a file rather than a run."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from metalclouds import io
from metalclouds.errors import ContractError, ReadError
from metalclouds.ingest.catalogue import Entry, match, read_catalogue
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.read import finished, nights_in, read_files
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member, members


def read_any(
    path: str | Path, settings: IngestSettings | None = None, instrument: str | None = None
) -> list[xr.Dataset]:
    """Nights in a file, folder or archive, each as its contract has it; a product of ingest is read as it is.

    Parameters
    ----------
    path
        any file that the catalogue knows, or `ingest/<instrument>/<night>.nc`.
    instrument
        only this instrument's nights.

    Returns
    -------
    list of Dataset
        in order of instrument and night; attribute `instrument` says whose.

    Raises
    ------
    ReadError
        If no file fits an entry of the catalogue, or one that fits cannot be read.
    """
    path, settings = Path(path), settings or IngestSettings()
    if not path.exists():
        raise ReadError("no such file or folder", file=path)
    product = _product(path)
    if product is not None:
        return [product]
    grouped = _by_entry(path, settings)
    wanted = sorted({entry.instrument for entry, _ in grouped if instrument in (None, entry.instrument)})
    if not wanted:
        raise ReadError("no file fits an entry of the catalogue", file=path, remedy=f"metalclouds inspect {path}")
    return [night for name in wanted for night in _nights(name, grouped, path, settings)]


def _product(path: Path) -> xr.Dataset | None:
    """A file that ingest wrote; None for any other."""
    if path.suffix != ".nc" or not path.is_file():
        return None
    try:
        dataset = io.read_netcdf(path)
    except ReadError:
        return None
    return dataset if {"night", "decisions", "input_sha256"} <= dataset.attrs.keys() else None


def _by_entry(path: Path, settings: IngestSettings) -> list[tuple[Entry, list[Member]]]:
    entries = read_catalogue(settings.catalogue)
    found: dict[int, list[Member]] = {}
    for member in members(path):
        entry = match(member, entries)
        if entry is not None:
            found.setdefault(entries.index(entry), []).append(member)
    return [(entries[index], files) for index, files in sorted(found.items())]


def _nights(
    instrument: str, grouped: list[tuple[Entry, list[Member]]], path: Path, settings: IngestSettings
) -> list[xr.Dataset]:
    decisions = Decisions()
    parts = [
        part
        for entry, files in grouped
        if entry.instrument == instrument
        for part in read_files(files, entry.reader, dict(entry.options), settings, decisions)
    ]
    nights = sorted({night for part in parts for night in nights_in(part, instrument)})
    inputs = {path.name: io.sha256(path)} if path.is_file() else {}
    out = []
    for night in nights:
        dataset = finished(
            parts, night, instrument, settings, decisions, source=path.name, synthetic=False, inputs=inputs
        )
        dataset.attrs["instrument"] = instrument
        out.append(dataset)
    if not out:
        raise ContractError("no night in the files", file=path)
    return out
