"""What needs processes of its own: two workers, compilation, start of Python and of the command, the DAG."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metalclouds import io, parallel
from metalclouds.bench.figures import Figure, from_rounds
from metalclouds.bench.timing import child_seconds, python
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings

DETECT = "import sys; from metalclouds.bench.processes import detect_path; detect_path(sys.argv[1])"
STARTS = {
    "start.package": "import metalclouds",
    "start.command": "from metalclouds.cli import parser; parser(())",
    "start.detection": "import metalclouds.detect.night",
}


def detect_path(path: str) -> int:
    """Read and detect a night; the number of its stripes."""
    return len(detect_night(io.read_netcdf(path), DetectSettings()).stripes)


def usage() -> tuple[float, float]:
    """Processor time (s) and largest resident memory (MB) of this process so far.

    The memory is read from /proc (proc(5)): ru_maxrss begins with what the parent held when the process was started.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return used.ru_utime + used.ru_stime, float(lines["VmHWM"].split()[0]) / 1e3


@dataclass(frozen=True)
class Mapped:
    """What it took to map the detection over nights, s."""

    clock: float
    processor: float


def mapped(nights: Sequence[str], client: Any = None) -> Mapped:
    """Detect nights on a client's workers or, where it is None, here; processor time is summed over all processes."""
    before = client.run(usage) if client else {}
    start, own = time.perf_counter(), time.process_time()
    parallel.map_nights(detect_path, nights, client)
    clock, own = time.perf_counter() - start, time.process_time() - own
    after = client.run(usage) if client else {}
    return Mapped(clock, own + sum(used[0] - before[name][0] for name, used in after.items()))


def workers(paths: Sequence[Path], rounds: int) -> list[Figure]:
    """Speed-up of two warm workers over this process alone, and the memory of a worker; nothing with one core.

    By the clock, the speed-up depends on what else this machine had to do. What processor time
    allows is 2 C1 / C2, C1 the processor time of this process alone and C2 of all processes with two workers:
    it holds the loss by talking to the workers and by their sharing caches and memory, but not by waiting.
    """
    if (os.cpu_count() or 1) < 2:
        return []
    nights = [str(path) for path in paths]
    clock, processor = [], []
    with parallel.client("processes", workers=2) as client:
        client.wait_for_workers(2)
        mapped(nights * 2, client)
        for _ in range(rounds):
            alone, both = mapped(nights), mapped(nights, client)
            clock.append(alone.clock / both.clock)
            processor.append(2.0 * alone.processor / both.processor)
        resident = max(used[1] for used in client.run(usage).values())
    return [
        from_rounds("workers.wall", clock),
        from_rounds("workers.processor", processor),
        from_rounds("memory.worker", [resident]),
    ]


def compilation(path: Path) -> Figure:
    """Processor time that the first detection on a new machine takes longer than the second."""
    with tempfile.TemporaryDirectory() as cache:
        first, second = (child_seconds(python(DETECT, str(path)), {"NUMBA_CACHE_DIR": cache}) for _ in range(2))
    return from_rounds("compilation", [first - second])


def starts(rounds: int) -> list[Figure]:
    """Start of the package, the command and the detection, over the start of Python itself."""
    bare = bare_start(rounds)
    seconds = {key: [child_seconds(python(code)) for _ in range(rounds)] for key, code in STARTS.items()}
    figures = [from_rounds(key, [value / bare for value in values]) for key, values in seconds.items()]
    return [*figures, from_rounds("start.command_s", seconds["start.command"])]


def bare_start(rounds: int) -> float:
    """Processor time of a Python that does nothing, the median of some."""
    return statistics.median(child_seconds(python("pass")) for _ in range(rounds))


def dag(rounds: int) -> list[Figure]:
    """Time of a dry run of the workflow in this folder; nothing where there is no workflow or no snakemake."""
    snakemake = Path(sys.executable).with_name("snakemake")
    if not (Path("Snakefile").is_file() and snakemake.is_file()):
        return []
    command = [str(snakemake), "-n", "--quiet", "--nolock", "--cores", "1"]
    bare = bare_start(rounds)
    seconds = [child_seconds(command) for _ in range(rounds)]
    return [from_rounds("workflow.dag", [value / bare for value in seconds]), from_rounds("workflow.dag_s", seconds)]
