"""One run in a folder at a time, and no job that outlives its run."""

from __future__ import annotations

import contextlib
import datetime
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock

from metalclouds.errors import MetalcloudsError
from metalclouds.files import read_json, sweep, write_json

LOCK = ".lock"
"""The file below results/ that a run holds a lock on; the kernel frees it when the run ends, however it ends."""
OWNER = ".running.json"
"""Beside it: who holds it, and since when."""
RUN_VARIABLE = "METALCLOUDS_RUN_PROCESS"
"""Environment variable: node and process id of the Snakemake that a job belongs to."""
SCRIPTS = Path(".snakemake/scripts")
"""Where Snakemake puts a job's script for as long as the job lasts; a killed one leaves it there."""
LOOK_S = 1.0
# Kept until the process ends: a lock that is collected as garbage is free.
_held: list[filelock.BaseFileLock] = []


class RunningError(MetalcloudsError):
    """Another run works in this folder."""


def hold(folder: str | Path, run: str) -> None:
    """Take the lock of a results folder until this process ends; remove what a killed run left half-written.

    Raises
    ------
    RunningError
        If another process holds it; says which, and since when.
    """
    folder = Path(folder)
    _held.append(_taken(folder))
    since = datetime.datetime.now(datetime.UTC).isoformat(sep=" ", timespec="seconds")
    write_json(folder / OWNER, {"run": run, "since": since, "node": os.uname().nodename, "process": os.getpid()})
    sweep(folder)
    for script in SCRIPTS.glob("tmp*.py"):
        script.unlink(missing_ok=True)


def _taken(folder: Path) -> filelock.BaseFileLock:
    folder.mkdir(exist_ok=True)
    lock = filelock.FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise RunningError(
            "another run works in this folder", file=folder.resolve(), given=_owner(folder),
            remedy="wait until it has ended, or end it; a copy of the project in another folder runs beside it",
        ) from None  # fmt: skip
    return lock


@contextlib.contextmanager
def alone(folder: str | Path) -> Iterator[None]:
    """Hold the lock of a results folder for as long as the block lasts.

    Raises
    ------
    RunningError
        If a run works in it.
    """
    lock = _taken(Path(folder))
    try:
        yield
    finally:
        lock.release()


def main(folder: str) -> int:
    """For scripts: 0 if no run works in a results folder; else 3, and it is said which."""
    try:
        with alone(folder):
            return 0
    except RunningError as error:
        print(error, file=sys.stderr)
        return 3


def _owner(folder: Path) -> str:
    try:
        owner: dict[str, Any] = read_json(folder / OWNER)
        return "run {run} since {since}, process {process} on {node}".format(**owner)
    except (MetalcloudsError, KeyError):
        return "not known: it has just begun"


def announce() -> None:
    """Tell the jobs of this process whom they belong to."""
    os.environ[RUN_VARIABLE] = f"{os.uname().nodename} {os.getpid()}"


def end_with_run() -> None:
    """End this process, its workers and kernels included, soon after the Snakemake that started it was killed.

    Otherwise it would write beside the run that is started next. A Snakemake on another node cannot be watched.
    """
    node, _, process = os.environ.get(RUN_VARIABLE, "").partition(" ")
    if node == os.uname().nodename and process.isdigit():
        threading.Thread(target=_watch, args=(int(process),), daemon=True).start()


def _watch(process: int) -> None:
    while _alive(process):
        time.sleep(LOOK_S)
    import psutil

    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()
    os._exit(1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
