"""Nights of a finished run to measure on, by how many stripes they hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from metalclouds import batches, io
from metalclouds.errors import ReadError
from metalclouds.schema.tables import DETECT_NIGHTS

# Least and largest number of stripes of each kind of night; the "busy" night has 9 to 16.
KINDS = {"quiet": (0, 0), "few": (1, 8), "busy": (9, 16), "crowded": (17, 10**6)}


@dataclass(frozen=True)
class NightSample:
    """Nights of each kind, and the share of the campaign that each kind is.

    Attributes
    ----------
    paths
        kind -> ingested files of photon counts, evenly spread over the run.
    shares
        kind -> its share of all nights of photon counts.
    """

    paths: dict[str, list[Path]]
    shares: dict[str, float]

    @property
    def everything(self) -> list[Path]:
        """All nights chosen."""
        return [path for paths in self.paths.values() for path in paths]


def choose(run: Path, most: int) -> NightSample:
    """Choose at most `most` nights of each kind.

    Raises
    ------
    ReadError
        If the run is not finished, or holds no night of photon counts.
    """
    table = run / "detect/nights.csv"
    if not table.is_file():
        raise ReadError(
            "no finished run to measure on", file=run, rule="it holds detect/nights.csv",
            remedy="`make run` first, or name another run with --run",
        )  # fmt: skip
    rows = DETECT_NIGHTS.ordered(io.read_csv(table))
    files = {night: batches.file_of_night(run / "ingest/lidar", night) for night in rows["night"]}
    stripes = {files[night]: int(n) for night, n in zip(rows["night"], rows["stripes"], strict=True)}
    counted = {path: number for path, number in stripes.items() if path is not None and _holds_counts(path)}
    if not counted:
        raise ReadError(
            "no night of photon counts to measure on", file=run / "ingest/lidar",
            rule="ratios are to the reading of a night of counts", remedy="use the simulated campaign: make run",
        )  # fmt: skip
    kinds = {kind: _between(counted, *limits) for kind, limits in KINDS.items()}
    return NightSample(
        {kind: evenly(paths, most) for kind, paths in kinds.items() if paths},
        {kind: len(paths) / len(counted) for kind, paths in kinds.items() if paths},
    )


def _holds_counts(path: Path) -> bool:
    with netCDF4.Dataset(path) as dataset:
        return "photon_counts" in dataset.variables


def _between(counted: dict[Path, int], least: int, largest: int) -> list[Path]:
    return [path for path, number in counted.items() if least <= number <= largest]


def evenly(paths: list[Path], most: int) -> list[Path]:
    """At most `most` of a list, evenly spread."""
    if len(paths) <= most:
        return list(paths)
    return [paths[index] for index in np.linspace(0, len(paths) - 1, most).round().astype(int)]
