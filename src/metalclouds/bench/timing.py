"""Processor time of pieces of work in rounds, in this process and in child processes."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

Work = Callable[[], object]
# A piece of work of a few ms is repeated until it has taken this long, as clocks and interrupts are coarse.
LEAST_SECONDS = 0.02


def processor_seconds(work: Work) -> float:
    """Processor time of one call; other programs on the machine are not in it, as they are in the clock's time."""
    calls, spent = 0, 0.0
    gc.collect()
    gc.disable()
    try:
        while spent < LEAST_SECONDS:
            start = time.process_time()
            work()
            spent += time.process_time() - start
            calls += 1
    finally:
        gc.enable()
    return spent / calls


def in_rounds(jobs: Mapping[str, Work], rounds: int) -> dict[str, np.ndarray]:
    """Seconds of each job in each round, after one call each that is not counted; the order turns with the round.

    Parameters
    ----------
    jobs
        name -> what is timed.

    Returns
    -------
    dict
        for each job its processor seconds, dims (round,).
    """
    for work in jobs.values():
        work()
    names = list(jobs)
    seconds = {name: np.empty(rounds) for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seconds[name][turn] = processor_seconds(jobs[name])
    return seconds


def child_seconds(
    command: Sequence[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> float:
    """Processor time of a command and its children.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command, env={**os.environ, **(environment or {})}, cwd=cwd, check=True, capture_output=True, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def python(code: str, *arguments: str) -> list[str]:
    """The command that runs a piece of Python with this interpreter."""
    return [sys.executable, "-c", code, *arguments]
