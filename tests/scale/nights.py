"""Detection of 257 nights and of ten times as many through dask: time, memory of the client and of a worker.

The nights are those of a finished run, cut to their first hours and copied under other dates, so that ten times as
many nights are ten times the same work and fit on a disk.
"""

from __future__ import annotations

import datetime
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from metalclouds import io, parallel
from metalclouds.bench import nights as run_nights
from metalclouds.bench.processes import usage
from metalclouds.detect.batch import run_batch
from metalclouds.detect.settings import DetectSettings

CAMPAIGN = 257
FIRST_DATE = datetime.date(2000, 1, 1)
# Distinct nights among the 257.
DISTINCT = 24
# The longest batch of the workflow.
YEAR = 366


def shortened(run: Path, hours: float, out: Path) -> list[Path]:
    """Nights of a run, evenly spread over its kinds, cut to their first hours."""
    sample = run_nights.choose(run, DISTINCT)
    wanted = [path for kind, paths in sample.paths.items()
              for path in run_nights.evenly(paths, max(1, round(DISTINCT * sample.shares[kind])))]  # fmt: skip
    for path in wanted:
        night = io.read_netcdf(path)
        end = night["time"].values[0] + np.timedelta64(round(hours * 3600), "s")
        io.write_netcdf(out / path.name, night.sel(time=slice(None, end)))
    return sorted(out.glob("*.nc"))


def under_dates(sources: list[Path], number: int, out: Path) -> list[Path]:
    """Copies under `number` dates; each 257 of them are the same nights again."""
    out.mkdir()
    made = []
    for index in range(number):
        source = sources[(index % CAMPAIGN) % len(sources)]
        date = FIRST_DATE + datetime.timedelta(days=index)
        made.append(out / f"{date}.nc")
        shutil.copyfile(source, made[-1])
        with netCDF4.Dataset(made[-1], "a") as dataset:
            dataset["time"][:] += 86400.0 * (date - datetime.date.fromisoformat(dataset.night)).days
            dataset.night = str(date)
    return made


def detect_all(folder: Path, workers: int, batch: int = YEAR) -> dict[str, Any]:
    """Detect all nights of a folder, a batch after the other, and say what it took; meant for a process of its own.

    A batch keeps the tables of its nights until it has written them, so memory grows with the batch.

    Returns
    -------
    dict
        clock and processor time (s, of this process and its workers), largest resident memory (MB) of this process
        and of a worker (None without workers).
    """
    paths, settings = sorted(folder.glob("*.nc")), DetectSettings()
    with tempfile.TemporaryDirectory() as out, parallel.client("processes", workers) as client:
        if client:
            client.wait_for_workers(workers)
        run_batch(paths[: 4 * max(workers, 1)], Path(out) / "first.json", Path(out) / "first", settings, client)
        before = client.run(usage) if client else {}
        start, own = time.perf_counter(), time.process_time()
        for first in range(0, len(paths), batch):
            run_batch(paths[first : first + batch], Path(out) / "batch.json", Path(out) / "detect", settings, client)
        clock, own = time.perf_counter() - start, time.process_time() - own
        after = client.run(usage) if client else {}
        written = len(list((Path(out) / "detect").glob("*.nc")))
    if written != len(paths):
        raise RuntimeError(f"{len(paths)} nights, but {written} products")
    processor = own + sum(used[0] - before[name][0] for name, used in after.items())
    return {
        "nights": len(paths), "workers": workers, "batch": batch, "clock_s": clock, "processor_s": processor,
        "client_mb": usage()[1], "worker_mb": max((used[1] for used in after.values()), default=None),
    }  # fmt: skip


def measure(run: Path, sizes: list[int], workers: list[int], hours: float, batch: int) -> list[dict]:
    """All sizes with all numbers of workers, each in a process of its own; `hours` is what is left of each night."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "short").mkdir()
        sources = shortened(run, hours, folder / "short")
        for size in sizes:
            under_dates(sources, size, folder / str(size))
            for many in workers:
                command = [sys.executable, "-m", "tests.scale.nights", str(folder / str(size)), str(many), str(batch)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
                found.append(json.loads(done.stdout.splitlines()[-1]) | {"hours": hours})
                print(found[-1], file=sys.stderr, flush=True)
            shutil.rmtree(folder / str(size))
    return found


if __name__ == "__main__":
    print(json.dumps(detect_all(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
