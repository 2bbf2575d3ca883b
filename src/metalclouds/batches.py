"""Batches of nights: one job, one folder of nights and one index each (docs/architecture.md, "Night, batch, time").

The index `<stage folder>/batches/<batch>.json` lists the files of `<stage folder>/<batch>/` with their checksums.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from string import ascii_lowercase

from metalclouds.errors import ContractError
from metalclouds.files import sha256
from metalclouds.schema.documents import BatchIndex, Inventory, NightFile

CASES = "cases"


def entry(night: str, path: Path) -> NightFile:
    """What an index says of a night's file: its path starts at the folder of the index."""
    return NightFile(night, f"../{path.parent.name}/{path.name}", sha256(path))


def nights_of(indices: Iterable[Path | str]) -> dict[str, Path]:
    """Files of the nights that the indices of a stage list, in the order of the nights.

    Raises
    ------
    ReadError
        If an index is not there or breaks its form.
    ContractError
        If two indices list the same night.
    """
    found: dict[str, Path] = {}
    for index in indices:
        for listed in BatchIndex.read(index).nights:
            if listed.night in found:
                raise ContractError("a night is in two batches", file=index, given=listed.night)
            found[listed.night] = Path(os.path.normpath(Path(index).parent / listed.path))
    return dict(sorted(found.items()))


def file_of_night(stage_folder: Path, night: str) -> Path | None:
    """The file of a night below a stage's folder (detect, ingest/lidar), in whatever batch; None if not there."""
    return next(iter(sorted(stage_folder.glob(f"*/{night}.nc"))), None)


def chosen_cases(run_dir: Path | str) -> list[dict[str, str]]:
    """Case nights of a run whose configuration names none: batch `cases` of the lidar's inventory, panels a, b, ...

    Returns
    -------
    list of dict
        [{"panel", "night"}]; empty where there is no inventory of the lidar yet, or no night in it.
    """
    path = Path(run_dir) / "raw/inventory/lidar.json"
    if not path.is_file():
        return []
    nights = sorted({item.night for item in Inventory.read(path).batches.get(CASES, ())})
    return [{"panel": panel, "night": night} for panel, night in zip(ascii_lowercase, nights, strict=False)]
