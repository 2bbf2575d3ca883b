"""`metalclouds bench`: speed and memory as ratios within one run, since machines differ and are noisy."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

EXAMPLE = """example:
  metalclouds bench --run results/twin --json results/bench.json
      Takes nights of a finished run; each figure is the median over the nights of a ratio to reading the same night
      with the bare netCDF library in the same process, with the least and the largest of the rounds.
"""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `bench`."""
    parser = subparsers.add_parser(
        "bench",
        help="measure speed and memory",
        description="Speed and memory of detection, columns and reading, as ratios within one run.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--run", dest="folder", type=Path, default=Path("results/twin"), help="a finished run (default: %(default)s)"
    )
    parser.add_argument("--nights", type=int, default=8, help="quiet and cloudy nights each, at most")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, the order of the measurements turning")
    parser.add_argument("--json", type=Path, default=Path("results/bench.json"), help="where the figures go")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return measure(options.folder, options.nights, options.rounds, options.json)


def measure(folder: Path, nights: int, rounds: int, out: Path) -> int:
    """Measure and write the figures.

    Raises
    ------
    ReadError
        If the run has no detected nights.
    """
    from metalclouds import files, run_record
    from metalclouds.errors import ReadError

    kinds = _nights(folder, nights)
    if not any(kinds.values()):
        raise ReadError("no nights of photon counts to measure on", file=folder, remedy="make run")
    rows = [row for kind, paths in kinds.items() for row in _ratios(kind, paths, rounds)]
    everything = [path for paths in kinds.values() for path in paths]
    rows += [_memory(everything[-1]), _speed_up(everything), _compilation(everything[0])]
    files.write_json(out, {"machine": run_record.machine(), "rounds": rounds, "figures": rows})
    for row in rows:
        print(f"{row['name']:<60}{row['value']:>9.3g}  ({row['low']:.3g} to {row['high']:.3g}) {row['unit']}")
    print(f"written: {out}")
    return 0


def _nights(folder: Path, most: int) -> dict[str, list[Path]]:
    """Nights of photon counts without and with stripes, evenly spread over the run."""
    import netCDF4

    from metalclouds import contracts, io

    table = io.read_csv(folder / "detect/nights.csv") if (folder / "detect/nights.csv").is_file() else None
    if table is None:
        return {}
    contracts.check_table(table, contracts.DETECT_NIGHTS, folder / "detect/nights.csv")
    kinds: dict[str, list[Path]] = {}
    for kind, chosen in (("quiet night", table["stripes"] == 0), ("night with stripes", table["stripes"] >= 9)):
        paths = []
        for night in table.loc[chosen, "night"]:
            path = folder / f"ingest/lidar/{night}.nc"
            with netCDF4.Dataset(path) as dataset:
                if "photon_counts" in dataset.variables:
                    paths.append(path)
        kinds[kind] = paths[:: max(1, len(paths) // most)][:most]
    return kinds


def _bare_read(path: Path) -> None:
    import netCDF4

    with netCDF4.Dataset(path) as dataset:
        for variable in dataset.variables.values():
            variable[...]


def _jobs() -> dict[str, Callable[[Path], Any]]:
    from metalclouds import io
    from metalclouds.derive.columns import NightFiles, night_columns
    from metalclouds.derive.settings import DeriveSettings
    from metalclouds.detect.night import detect_night
    from metalclouds.detect.settings import DetectSettings

    detect, derive = DetectSettings(), DeriveSettings()

    def columns(path: Path) -> None:
        product = path.parents[2] / "detect" / path.name
        night_columns(NightFiles(path.stem, path, product), derive.columns)

    return {
        "reading as a dataset": io.read_netcdf,
        "whole detection": lambda path: detect_night(io.read_netcdf(path), detect),
        "columns": columns,
    }


def _seconds(function: Callable[[Path], Any], path: Path) -> float:
    start = time.perf_counter()
    function(path)
    return time.perf_counter() - start


def _ratios(kind: str, paths: Sequence[Path], rounds: int) -> list[dict[str, Any]]:
    jobs = _jobs()
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for path in paths:
        for function in jobs.values():
            function(path)
    for _ in range(rounds if paths else 0):
        ratios: dict[str, list[float]] = {name: [] for name in jobs}
        for path in paths:
            bare = min(_seconds(_bare_read, path) for _ in range(3))
            for name, function in jobs.items():
                ratios[name].append(_seconds(function, path) / bare)
        for name in jobs:
            found[name].append(median(ratios[name]))
    return [_row(f"{name} / bare reading, {kind}", values, "1") for name, values in found.items() if values]


def _row(name: str, values: Sequence[float], unit: str) -> dict[str, Any]:
    return {"name": name, "value": median(values), "low": min(values), "high": max(values), "unit": unit}


def _memory(path: Path) -> dict[str, Any]:
    """Peak of traced memory while a night is read and detected."""
    detect = _jobs()["whole detection"]
    tracemalloc.start()
    detect(path)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"resident memory of this process: {resident:.0f} MB")
    return _row("traced memory of one night's detection", [peak], "MB")


def _detect_again(path: str) -> None:
    _jobs()["whole detection"](Path(path))


def _speed_up(paths: Sequence[Path]) -> dict[str, Any]:
    """Time of one warm worker over that of two, for the same nights."""
    from metalclouds import parallel

    if (os.cpu_count() or 1) < 2:
        return _row("speed-up of two workers (one core here)", [1.0], "1")
    nights = [str(path) for path in paths] * 2
    with parallel.client("processes", workers=2) as client:
        parallel.map_nights(_detect_again, nights, client)
        both = _wall(lambda: parallel.map_nights(_detect_again, nights, client))
        client.cluster.scale(1)
        client.wait_for_workers(1)
        one = _wall(lambda: parallel.map_nights(_detect_again, nights, client))
    return _row("speed-up of two workers", [one / both], "1")


def _wall(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _compilation(path: Path) -> dict[str, Any]:
    """Seconds that the first detection on a new machine takes longer than the second."""
    code = "import sys; from metalclouds.bench import _detect_again; _detect_again(sys.argv[1])"
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        command = [sys.executable, "-c", code, str(path)]
        first, second = (
            _wall(lambda: subprocess.run(command, env=environment, check=True, capture_output=True)) for _ in range(2)
        )
    return _row("compilation on a new machine", [first - second], "s")
