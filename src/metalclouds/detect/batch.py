"""Detect a batch of nights on a dask client, and collect the tables of all batches."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from metalclouds import batches, io, parallel
from metalclouds.detect.night import DetectedNight, detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import MetalcloudsError
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.trail import sampling_of, with_angles
from metalclouds.physics.wind import Wind, measured_wind, read_wind_csv, wind_from
from metalclouds.progress import Progress
from metalclouds.schema.datasets import DETECT, check_dataset
from metalclouds.schema.documents import BatchIndex, FailedNight, NightFile
from metalclouds.schema.table import Table
from metalclouds.schema.tables import DETECT_NIGHTS, EVENTS, STRIPE_PROFILES, STRIPES

TABLES = {"stripes": STRIPES, "stripe_profiles": STRIPE_PROFILES, "events": EVENTS,
          "nights": DETECT_NIGHTS}  # fmt: skip


def announce_compilation() -> None:
    """Tell the user that the kernels are being compiled, once on a machine; see docs/decisions/detection.md."""
    from metalclouds.detect.stripes import kernels, line_search

    if not any(
        Path(str(module.__file__)).parent.joinpath("__pycache__").glob("*.nbc") for module in (kernels, line_search)
    ):
        print("detection: compiling its kernels, once on this machine (about 10 s)", file=sys.stderr, flush=True)


def detect_file(path: Path, out_dir: Path, settings: DetectSettings) -> dict[str, Any]:
    """Detect one night's file, write its netCDF product, and return its tables and index entry."""
    start = time.perf_counter()
    night = detect_night(io.read_netcdf(path), settings, io.sha256(path))
    entry = write_product(night, out_dir)
    return {"entry": entry, "seconds": time.perf_counter() - start, **tables_of(night)}


def tables_of(night: DetectedNight) -> dict[str, pd.DataFrame]:
    """The four tables by name.

    Returns
    -------
    dict
        name -> table of the night.
    """
    return {"stripes": night.stripes, "stripe_profiles": night.stripe_profiles, "events": night.events,
            "nights": night.night}  # fmt: skip


def write_product(night: DetectedNight, out_dir: Path) -> NightFile:
    """Write YYYY-MM-DD.nc into a folder; its entry for the index."""
    date = str(night.dataset.attrs["night"])
    path = out_dir / f"{date}.nc"
    check_dataset(night.dataset, DETECT, path)
    io.write_netcdf(path, night.dataset)
    return batches.entry(date, path)


def _detect_or_fail(job: tuple[str, str, dict]) -> dict[str, Any]:
    path, out_dir, settings = job
    try:
        return detect_file(Path(path), Path(out_dir), DetectSettings(**settings))
    except MetalcloudsError as error:
        return {"failed": FailedNight(Path(path).stem, str(error))}


def run_batch(
    night_files: list[Path], index: Path, out_dir: Path, settings: DetectSettings, client: Any = None
) -> None:
    """Detect nights and write their products, the batch's tables and, last, its index.

    Parameters
    ----------
    night_files
        netCDF files of the contract ingest/lidar.
    index
        detect/batches/<batch>.json; the tables go beside it, <batch>.stripes.csv and so on.
    out_dir
        folder of the products, a file a night.
    client
        a dask client, or None for this process.
    """
    announce_compilation()
    out_dir.mkdir(parents=True, exist_ok=True)
    jobs = [(str(path), str(out_dir), settings.model_dump()) for path in sorted(night_files)]
    told = Progress(f"detect {index.stem}", len(jobs))
    results = parallel.map_nights(_detect_or_fail, jobs, client, lambda result: told.night(in_a_line(result)))
    done = [result for result in results if "failed" not in result]
    for name, columns in TABLES.items():
        io.write_csv(index.with_suffix(f".{name}.csv"), joined([result[name] for result in done], columns))
    failed = tuple(result["failed"] for result in results if "failed" in result)
    BatchIndex(tuple(result["entry"] for result in done), failed).write(index)


def in_a_line(result: dict[str, Any]) -> str:
    """What the log says of a night: what was found, or why it could not be detected."""
    if "failed" in result:
        return f"{result['failed'].night}: not detected: {result['failed'].reason}"
    row, events = result["nights"].iloc[0], result["events"]["kind"]
    kinds = ", ".join(f"{number} {kind}" for kind, number in events.value_counts().sort_index().items())
    seen = f"{row['hours']:.1f} h" if row["observed"] else f"{row['hours']:.1f} h, too few to count as observed"
    return f"{row['night']}: {seen}, {row['stripes']} stripes, {kinds or 'no event'} ({result['seconds']:.2f} s)"


def joined(parts: list[pd.DataFrame], columns: Table) -> pd.DataFrame:
    """Tables one below the other, empty ones left out so that they do not decide the types.

    Parameters
    ----------
    parts
        tables with the same columns.

    Returns
    -------
    DataFrame
        a row an entry.
    """
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else columns.empty()


def collect_tables(indices: list[Path], winds: list[Path], out_dir: Path, trail: dict) -> None:
    """Write {stripes,stripe_profiles,events,nights}.csv of a run from its batches.

    Parameters
    ----------
    indices
        `detect/batches/<batch>.json`.
    winds
        indices `ingest/fpi/batches/<batch>.json`; the wind fills the columns of wind and beta.
    out_dir
        folder of the tables, detect/ of the run.
    trail
        section `trail` of the configuration.
    """
    geometry = TrailSettings(**trail)
    wind = measured_wind(map(io.read_netcdf, batches.nights_of(winds).values()), geometry)
    whole = {name: _collected(indices, name, columns) for name, columns in TABLES.items()}
    whole["stripes"] = with_angles(whole["stripes"], wind, sampling_of(whole["nights"]), geometry)
    for name, table in whole.items():
        TABLES[name].write(out_dir / f"{name}.csv", table)


def _collected(indices: list[Path], name: str, columns: Table) -> pd.DataFrame:
    parts = [io.read_csv(path.with_suffix(f".{name}.csv")) for path in indices]
    whole = columns.ordered(joined(parts, columns))
    return whole.sort_values(["night", *_second_key(name)], kind="stable", ignore_index=True)


def _second_key(name: str) -> list[str]:
    return {"stripes": ["id"], "stripe_profiles": ["id", "altitude_km"], "events": ["event"], "nights": []}[name]


def wind_or_none(path: Path | None) -> Wind:
    """The wind of a CSV file, or no wind."""
    columns = ("time", "eastward_wind", "northward_wind")
    return read_wind_csv(path) if path else wind_from(pd.DataFrame({name: [] for name in columns}))
