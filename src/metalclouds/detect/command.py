"""`metalclouds detect FILE... --out DIR [--wind FILE]`."""

from __future__ import annotations

import argparse
import contextlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from metalclouds.own_night import add_options, chosen

if TYPE_CHECKING:
    import pandas as pd

    from metalclouds.detect.night import DetectedNight
    from metalclouds.ingest.settings import IngestSettings
    from metalclouds.own_night import Chosen

EXAMPLE = """example:
  metalclouds detect results/twin/ingest/lidar/cases/2021-05-10.nc --out found --wind wind.csv

writes found/2021-05-10.nc (significance, mask, background, used profiles) and found/stripes.csv, found/events.csv,
found/nights.csv, found/stripe_profiles.csv of all nights given, and found/rejected.csv: candidates that
were rejected, and the rule that each one broke (columns: docs/products.md). A file that cannot be read is left out
and named; the exit code is then 2. A wind file is CSV with the columns time (ISO, UTC), eastward_wind, northward_wind
(m/s) and optional _error columns."""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register the subcommand."""
    command = subparsers.add_parser(
        "detect", help="find clouds and stripes in nights of lidar", epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a night, in any form the ingest reads")
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the products")
    command.add_argument("--wind", type=Path, metavar="FILE", help="CSV of the wind, for beta")
    add_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Detect all files and write products and tables; 2 if a file could not be detected, the others are written."""
    from metalclouds.checkout import check_kernels_can_be_kept

    # Before the kernels are imported.
    check_kernels_can_be_kept()
    return _detect_all(options)


def _detect_all(options: argparse.Namespace) -> int:
    from metalclouds.detect import batch
    from metalclouds.errors import MetalcloudsError
    from metalclouds.files import writable_folder
    from metalclouds.physics.settings import TrailSettings
    from metalclouds.physics.trail import sampling_of, with_angles
    from metalclouds.schema.tables import REJECTED

    writable_folder(options.out)
    selected = chosen(options)
    wind = batch.wind_or_none(options.wind)
    batch.announce_compilation()
    tables: dict[str, list] = {name: [] for name in batch.TABLES}
    rejected: list[pd.DataFrame] = []
    seen: dict[str, Path] = {}
    failed, left_out = 0, list[str]()
    for number, path in enumerate(options.files, 1):
        print(f"{number}/{len(options.files)} reading {path.name}", file=sys.stderr, flush=True)
        try:
            for night in detected(path, selected, seen, left_out):
                batch.write_product(night, options.out)
                for name, part in batch.tables_of(night).items():
                    tables[name].append(part)
                rejected.append(night.rejected)
                told = f"{night.dataset.attrs['night']}: {_counted(len(night.stripes), 'stripe')}"
                print(f"{number}/{len(options.files)} {told}", file=sys.stderr, flush=True)
        except MetalcloudsError as error:
            failed += 1
            place = "" if error.file else f"\n  file: {path}"
            print(f"metalclouds: {error}{place}", file=sys.stderr, flush=True)
    whole = {name: batch.joined(parts, batch.TABLES[name]) for name, parts in tables.items()}
    whole["stripes"] = with_angles(whole["stripes"], wind, sampling_of(whole["nights"]), TrailSettings())
    for name, table in whole.items():
        batch.TABLES[name].write(options.out / f"{name}.csv", table)
    REJECTED.write(options.out / REJECTED.file, batch.joined(rejected, REJECTED))
    stripes = sum(map(len, tables["stripes"]))
    print(f"{_counted(len(tables['nights']), 'night')}, {_counted(stripes, 'stripe')}, written to {options.out}")
    if failed:
        print(f"metalclouds: {failed} of {len(options.files)} files left out, see above", file=sys.stderr)
    if left_out:
        print(f"metalclouds: {len(left_out)} files within those not read, see above", file=sys.stderr)
    return 2 if failed or left_out else 0


def _counted(number: int, what: str) -> str:
    """A number of things, one of them in the singular."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def detected(path: Path, settings: Chosen, seen: dict[str, Path], left_out: list[str]) -> Iterator[DetectedNight]:
    """Detect the nights of a file; `seen` holds the file of each night so far, `left_out` what could not be read.

    Raises
    ------
    ReadError
        If another file held the same night.
    """
    from metalclouds import io
    from metalclouds.detect.night import detect_night
    from metalclouds.errors import ReadError
    from metalclouds.ingest.faults import reporting

    with reporting("reading", str(path)), told_in_words(left_out):
        nights = nights_of(path, settings.ingest)
    for dataset in nights:
        date = str(dataset.attrs["night"])
        if date in seen:
            raise ReadError(
                f"night {date} comes twice", file=path, given=f"it was in {seen[date]}", rule="one file a night",
                remedy="detect parts of a night from a folder that holds them all, other versions into another --out",
            )  # fmt: skip
        seen[date] = path
        with reporting(f"detection of {date}", str(path)):
            night = detect_night(dataset, settings.detect, io.sha256(path) if path.is_file() else "")
        yield night


@contextlib.contextmanager
def told_in_words(left_out: list[str]) -> Iterator[None]:
    """Warnings of files that were not read as messages on stderr, which are added to a list; others as they are."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for one in caught:
        words = str(one.message)
        if words.startswith("not read: "):
            left_out.append(words)
            print(f"metalclouds: {words}", file=sys.stderr, flush=True)
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def nights_of(path: Path, settings: IngestSettings | None = None) -> list[xr.Dataset]:
    """The nights of a file: a netCDF file of the ingest contract as it is, anything else through the readers.

    Returns
    -------
    list
        of `ingest/lidar`, one a night.

    Raises
    ------
    ReadError
        If the file cannot be read, or is of another kind and there is no reader for it.
    """
    from metalclouds import io
    from metalclouds.errors import ReadError
    from metalclouds.schema.datasets import LIDAR, check_dataset
    from metalclouds.schema.variables import named_by_contract

    if not path.exists():
        raise ReadError("no such file", file=path)
    if path.suffix == ".nc":
        dataset = io.read_netcdf(path)
        if all(name in dataset.attrs for name in LIDAR.attributes):
            return [check_dataset(dataset, LIDAR, path)]
    import metalclouds.ingest as ingest

    reader = getattr(ingest, "read_any", None)
    if reader is None:
        raise ReadError(
            "not a night in the ingest's form", file=path, rule="the contract ingest/lidar in docs/architecture.md",
            remedy="take it through the ingest first",
        )  # fmt: skip
    found = reader(path, settings)
    nights = list(found) if isinstance(found, (list, tuple)) else [found]
    return [named_by_contract(night) for night in nights]
