"""Time to ingest nights of the record, relative to reading and writing the same arrays with bare libraries."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import netCDF4

from metalclouds import batches, io
from metalclouds.bench import timing
from metalclouds.bench.figures import Figure, from_rounds
from metalclouds.ingest.batch import ingest_batch
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from metalclouds.schema.documents import Inventory, NightOfFiles

# More than the ingest keeps of the files it has read, so that each round reads them anew.
NIGHTS = 6
Arrays = dict[str, tuple[tuple[str, ...], Any]]
"""Name of a variable -> its dimensions and values."""


def measure(run: Path, rounds: int) -> list[Figure]:
    """Figures of nights of counts that come from one netCDF file each; none where the run has too few of them."""
    inventory, items = sources(run)
    if inventory is None or len(items) < NIGHTS:
        return []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        (out / "raw").mkdir()
        (out / "raw/files").symlink_to((run / "raw/files").resolve())
        chosen = replace(inventory, batches={"bench": tuple(items)})
        settings = IngestSettings()
        ingest_batch(chosen, "bench", out, out / "bench", settings)
        products = [contents(out / f"bench/{item.night}.nc") for item in items]
        seconds = timing.in_rounds(
            {
                "ingest": lambda: ingest_batch(chosen, "bench", out, out / "bench", settings),
                "read": lambda: _bare_read(run, items),
                "write": lambda: _bare_write(out / "bare.nc", products),
            },
            rounds,
        )
    return [
        from_rounds("ingest.read", seconds["ingest"] / seconds["read"]),
        from_rounds("ingest.read_write", seconds["ingest"] / (seconds["read"] + seconds["write"])),
    ]


def sources(run: Path) -> tuple[Inventory | None, list[NightOfFiles]]:
    """The lidar's inventory and its first nights of counts in netCDF; nothing where the run has no inventory."""
    path = run / "raw/inventory/lidar.json"
    if not path.is_file():
        return None, []
    inventory = Inventory.read(path)
    return inventory, [item for item in inventory.items() if _fits(run, item)][:NIGHTS]


def _fits(run: Path, item: NightOfFiles) -> bool:
    if len(item.files) != 1 or not f"{item.files[0].path}{item.files[0].member}".endswith(".nc"):
        return False
    product = batches.file_of_night(run / "ingest/lidar", item.night)
    if product is None:
        return False
    with netCDF4.Dataset(product) as dataset:
        return "photon_counts" in dataset.variables


def _bare_read(run: Path, items: list[NightOfFiles]) -> None:
    for item in items:
        file = item.files[0]
        with netCDF4.Dataset("night.nc", memory=Member(run / file.path, file.member).data()) as dataset:
            for variable in dataset.variables.values():
                variable[...]


def contents(path: Path) -> Arrays:
    """Dimensions and values of each numeric variable of a file."""
    with netCDF4.Dataset(path) as dataset:
        dataset.set_auto_mask(False)
        return {
            name: (variable.dimensions, variable[...])
            for name, variable in dataset.variables.items()
            if variable.dtype != str
        }


def _bare_write(path: Path, products: list[Arrays]) -> None:
    """Write arrays with the compression of `io.write_netcdf` and nothing else."""
    for arrays in products:
        with netCDF4.Dataset(path, "w") as dataset:
            for name, (dimensions, values) in arrays.items():
                for dimension, size in zip(dimensions, values.shape, strict=True):
                    if dimension not in dataset.dimensions:
                        dataset.createDimension(dimension, size)
                compression: dict[str, Any] = dict(io.COMPRESSION)
                made = dataset.createVariable(name, values.dtype, dimensions, **compression)
                made[...] = values
