"""Time of detection and columns of a night, relative to reading it with the bare netCDF library."""

from __future__ import annotations

import functools
import tempfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from metalclouds import io
from metalclouds.bench import timing
from metalclouds.bench.figures import Figure, from_rounds
from metalclouds.bench.nights import NightSample
from metalclouds.bench.timing import Work
from metalclouds.derive.columns import NightFiles, night_columns
from metalclouds.derive.settings import ColumnSettings
from metalclouds.detect import background, core
from metalclouds.detect.batch import detect_file
from metalclouds.detect.core import Decision
from metalclouds.detect.load import load_image
from metalclouds.detect.method import method_with
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.sun import solar_elevation
from metalclouds.schema.variables import PROFILE_FLAGS

Seconds = dict[str, np.ndarray]
"""Job -> seconds, dims (night, round)."""


def bare_read(path: Path) -> None:
    """Read all variables with the netCDF library and nothing else."""
    with netCDF4.Dataset(path) as dataset:
        for variable in dataset.variables.values():
            variable[...]


def mask_and_decide(dataset: xr.Dataset, settings: DetectSettings) -> tuple[Decision, Decision]:
    """The detection as far as the mask of clouds and the two decisions about the night.

    Parameters
    ----------
    dataset
        a night of `ingest/lidar`, dims (time, altitude).
    """
    method = method_with(settings)
    image = load_image(dataset, method)
    stamps = np.datetime64(dataset.attrs["night"], "ns") + np.rint(image.time * 1e9).astype("timedelta64[ns]")
    site = (float(dataset.attrs[name]) for name in ("station_latitude", "station_longitude"))
    half = max(1, round(method.background.smooth_minutes * 30.0 / max(image.step, 1.0)))
    level, flags = background.level_and_flags(image, solar_elevation(stamps, *site), half, method)
    image = core.without(image, flags != PROFILE_FLAGS["good"])
    _, expected, _ = core.iterate_mask(image, level, half, method)
    return core.decisions(image, expected, method)


def night_jobs(path: Path, product: Path | None, out: Path) -> dict[str, Work]:
    """What is timed on a night of counts; `product` is what detection made of it."""
    dataset, detect = io.read_netcdf(path), DetectSettings()
    return {
        "bare": functools.partial(bare_read, path),
        "reading": functools.partial(io.read_netcdf, path),
        "mask": functools.partial(mask_and_decide, dataset, detect),
        "detect": functools.partial(detect_night, dataset, detect),
        "file_to_file": functools.partial(detect_file, path, out, detect),
        "columns": functools.partial(night_columns, NightFiles(path.stem, path, product), ColumnSettings()),
    }


def measure(sample: NightSample, rounds: int) -> list[Figure]:
    """Figures of nights of counts."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = {
            kind: stacked(
                [timing.in_rounds(night_jobs(path, _product(path), Path(folder)), rounds) for path in paths]
            )
            for kind, paths in sample.paths.items()
        }
    figures = [
        _weighted("reading.dataset", "reading", seconds, sample.shares),
        _weighted("mask.all", "mask", seconds, sample.shares),
        *_of_kinds("detect", seconds, ("quiet", "busy", "crowded")),
        _weighted("detect.mixture", "detect", seconds, sample.shares),
        _weighted("file_to_file.mixture", "file_to_file", seconds, sample.shares),
        _weighted("columns.all", "columns", seconds, sample.shares),
    ]
    return figures


def measure_density(sample: NightSample, rounds: int, most: int) -> list[Figure]:
    """Figures of the same nights, a few of them, as number density with its stated error."""
    seconds: dict[str, Seconds] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in sample.paths.keys() & {"quiet", "busy"}:
            files = [as_density(path, Path(folder)) for path in sample.paths[kind][:most]]
            seconds[kind] = stacked([timing.in_rounds(_density_jobs(path), rounds) for path in files])
    if not seconds:
        return []
    shares = {kind: sample.shares[kind] for kind in seconds}
    return [
        _weighted("density.mask.all", "mask", seconds, shares),
        *_of_kinds("density.detect", seconds, ("quiet", "busy")),
    ]


def _density_jobs(path: Path) -> dict[str, Work]:
    dataset, detect = io.read_netcdf(path), DetectSettings()
    return {
        "bare": functools.partial(bare_read, path),
        "mask": functools.partial(mask_and_decide, dataset, detect),
        "detect": functools.partial(detect_night, dataset, detect),
    }


def as_density(path: Path, folder: Path) -> Path:
    """A night of counts written as number density, as the ingest writes one."""
    counts = io.read_netcdf(path)
    density, error = io.number_density(counts)
    dataset = counts[["integration_time"]].assign(ca_ion_number_density=density, ca_ion_number_density_error=error)
    out = folder / path.name
    io.write_netcdf(out, dataset.assign_attrs(counts.attrs, quantity="number_density"))
    return out


def _product(path: Path) -> Path | None:
    product = path.parents[2] / "detect" / path.name
    return product if product.is_file() else None


def stacked(nights: Sequence[dict[str, np.ndarray]]) -> Seconds:
    """Seconds of each job, dims (night, round).

    Parameters
    ----------
    nights
        one entry a night: job -> seconds, dims (round,).
    """
    return {name: np.array([night[name] for night in nights]) for name in nights[0]}


def _of_kinds(prefix: str, seconds: dict[str, Seconds], kinds: Sequence[str]) -> list[Figure]:
    return [
        _weighted(f"{prefix}.{kind}", "detect", {kind: seconds[kind]}, {kind: 1.0})
        for kind in kinds
        if kind in seconds
    ]


def _weighted(key: str, job: str, seconds: dict[str, Seconds], shares: dict[str, float]) -> Figure:
    return from_rounds(key, ratio(job, seconds, shares))


def ratio(job: str, seconds: dict[str, Seconds], shares: dict[str, float]) -> np.ndarray:
    """Time of a job over the time of bare reading, one value a round.

    Each kind of night counts with its share of the campaign: sum_k w_k <t_job> / sum_k w_k <t_bare>.

    Parameters
    ----------
    seconds
        kind of night -> job -> seconds, dims (night, round).
    shares
        kind of night -> its share of the campaign, 1.

    Returns
    -------
    ndarray
        dims (round,), 1.
    """
    work = sum(shares[kind] * found[job].mean(axis=0) for kind, found in seconds.items())
    bare = sum(shares[kind] * found["bare"].mean(axis=0) for kind, found in seconds.items())
    return np.asarray(work / bare)


def traced_memory(paths: Sequence[Path]) -> Figure:
    """Largest memory that Python and numpy hold while a night is read and detected (tracemalloc), MB."""
    settings, peaks = DetectSettings(), []
    for path in paths:
        tracemalloc.start()
        detect_night(io.read_netcdf(path), settings)
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    return from_rounds("memory.night", [max(peaks)])
