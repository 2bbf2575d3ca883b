"""All measurements of a run, their comparison with the committed figures, and what is written."""

from __future__ import annotations

import datetime
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import netCDF4
import numba
import numpy as np
import xarray as xr

from metalclouds import __version__, files, run_record
from metalclouds.bench import detection, history, ingest, jobs, plot, processes
from metalclouds.bench.figures import Figure
from metalclouds.bench.history import MovedFigure
from metalclouds.bench.nights import NightSample, choose
from metalclouds.bench.settings import BenchSettings
from metalclouds.errors import ConfigError
from metalclouds.workflow import THREAD_VARIABLES

Part = Callable[[BenchSettings, NightSample], list[Figure]]

PARTS: dict[str, Part] = {
    "detection": lambda settings, sample: detection.measure(sample, settings.rounds),
    "density": lambda settings, sample: detection.measure_density(sample, settings.rounds, settings.density_nights),
    "ingest": lambda settings, sample: ingest.measure(settings.run, settings.rounds),
    "memory": lambda settings, sample: [detection.traced_memory(sample.everything)],
    "workers": lambda settings, sample: processes.workers(sample.everything, settings.process_rounds),
    "compilation": lambda settings, sample: [processes.compilation(sample.everything[0])],
    "starts": lambda settings, sample: processes.starts(settings.process_rounds),
    "workflow": lambda settings, sample: processes.dag(settings.process_rounds),
}


def machine() -> dict[str, Any]:
    """Processor, cores, memory and versions; no name of a host, no path."""
    found = run_record.machine()
    versions = {"metalclouds": __version__, "python": platform.python_version(), "numpy": np.__version__,
                "numba": numba.__version__, "xarray": xr.__version__, "netCDF4": netCDF4.__version__,
                "netcdf": netCDF4.__netcdf4libversion__, "hdf5": netCDF4.__hdf5libversion__}  # fmt: skip
    return {name: getattr(found, name) for name in ("processor", "cores", "memory_gib")} | {"versions": versions}


def measure(settings: BenchSettings) -> list[MovedFigure]:
    """Measure, compare, write figures.json, history.jsonl and page.png; the figures that moved.

    Raises
    ------
    ConfigError
        If there is no such part.
    ReadError
        If the run is not finished, or the reference is no file of figures.
    """
    unknown = sorted(set(settings.parts) - PARTS.keys())
    if unknown:
        raise ConfigError("no such part of the bench", where="--only", given=unknown, rule=", ".join(PARTS))
    reference = committed(settings.reference)
    figures = measured(settings, choose(settings.run, settings.nights))
    here = machine()
    same = reference.get("machine", {}).get("processor") == here["processor"]
    moved = history.changes(reference["figures"], figures, settings.least_change, same)
    stages = jobs.stages(settings.run)
    write(settings, figures, here, stages, moved)
    page = plot.Page(figures, reference["figures"], stages, history.read(settings.out / "history.jsonl"), same)
    plot.draw(page, settings.out / "page.png")
    return moved


def committed(path: Path) -> dict[str, Any]:
    """The figures to compare with; none, said on stderr, where there is no such file."""
    if path.is_file():
        return history.read_figures(path)
    print(f"no committed figures to compare with: {path}", file=sys.stderr)
    return {"figures": {}}


def measured(settings: BenchSettings, sample: NightSample) -> list[Figure]:
    """The figures of all parts asked for; says on stderr what is being measured."""
    found: list[Figure] = []
    for name in settings.parts or PARTS:
        start = time.perf_counter()
        figures = PARTS[name](settings, sample)
        said = "" if figures else ", not possible here"
        print(f"{name}: {time.perf_counter() - start:.0f} s{said}", file=sys.stderr, flush=True)
        found += figures
    return found


def write(
    settings: BenchSettings, figures: list[Figure], here: dict, stages: list[dict[str, Any]], moved: list[MovedFigure]
) -> None:
    """Write figures.json whole, and add a line to the history."""
    whole = {
        "machine": here,
        "one_thread_a_library": list(THREAD_VARIABLES),
        "nights_of_a_kind": settings.nights,
        "range": "least and largest of the rounds",
        "figures": [figure.as_dict() for figure in figures],
        "stages": stages,
        "moved": [change.__dict__ | {"worse": change.worse} for change in moved],
    }
    files.write_json(settings.out / "figures.json", whole)
    line = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
        "processor": here["processor"],
        "figures": {figure.key: figure.value for figure in figures},
    }
    history.append(settings.out / "history.jsonl", line)


def commit() -> str:
    """Short name of the commit of this folder, "" outside a repository."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
