"""How time and memory grow with the number of nights; the figures of docs/scale.md.

    python -m tests.scale [dag] [nights] [workers] [--run results/twin] [--json results/bench/scale.json]

dag: `snakemake -n` of campaigns of 257 to 36,500 nights. nights: the detection of 257 and 2,570 nights cut short,
in one process and with two workers. workers: the speed-up of two workers on whole nights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from metalclouds import io
from metalclouds.bench import nights as run_nights
from metalclouds.bench import processes
from metalclouds.bench.measure import machine
from metalclouds.errors import MetalcloudsError
from metalclouds.workflow import limit_threads
from tests.scale import dag, nights

PARTS = ("dag", "nights", "workers")
DAG_NIGHTS = (257, 2570, 3650, 36500)


def measure_dag(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Job graphs of campaigns of several lengths."""
    found = []
    for number in options.dag_nights:
        with tempfile.TemporaryDirectory() as folder:
            found.append(dag.measure(Path(folder) / "campaign", number))
        print(found[-1], file=sys.stderr, flush=True)
    return found


def measure_nights(options: argparse.Namespace) -> dict[str, Any]:
    """Detection of many nights, and the ratios of the longest to the shortest campaign."""
    rows = nights.measure(options.run, sorted(options.sizes), options.workers, options.hours, options.batch)
    return {"rows": rows, "ratios": [ratios(rows, many) for many in options.workers]}


def ratios(rows: list[dict[str, Any]], workers: int) -> dict[str, Any]:
    """Time and memory of the longest campaign over the shortest one, with so many workers."""
    chosen = [row for row in rows if row["workers"] == workers]
    first, last = chosen[0], chosen[-1]
    names = [name for name in ("processor_s", "clock_s", "client_mb", "worker_mb") if first[name] is not None]
    nights = {"nights": last["nights"] / first["nights"], "workers": workers}
    return nights | {name: last[name] / first[name] for name in names}


def measure_workers(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Speed-up of two workers on whole nights."""
    return [figure.as_dict() for figure in processes.workers(run_nights.choose(options.run, 6).everything, 3)]


def main() -> int:
    """Measure what is asked for, all by default."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)}; all by default")
    parser.add_argument("--run", type=Path, default=Path("results/twin"), help="a finished run")
    parser.add_argument("--json", type=Path, default=Path("results/bench/scale.json"), help="where the figures go")
    parser.add_argument("--dag-nights", type=int, nargs="+", default=DAG_NIGHTS, help="nights of the job graphs")
    parser.add_argument("--sizes", type=int, nargs="+", default=[257, 2570], help="nights that are detected")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="workers of the detection")
    parser.add_argument("--batch", type=int, default=nights.YEAR, help="nights of a batch (default: a year)")
    parser.add_argument("--hours", type=float, default=1.5, help="what is left of each night")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; parts are {', '.join(PARTS)}")
    limit_threads()
    jobs = {"dag": measure_dag, "nights": measure_nights, "workers": measure_workers}
    try:
        found = {part: jobs[part](options) for part in options.parts or PARTS}
    except MetalcloudsError as error:
        print(error, file=sys.stderr)
        return 2
    io.write_json(options.json, {"machine": machine(), **found})
    print(options.json.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
