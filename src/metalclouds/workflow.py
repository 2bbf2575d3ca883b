"""What the scripts of the workflow need: the log of a job and its dask client."""

from __future__ import annotations

import contextlib
import csv
import os
import sys
import time
import traceback
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from metalclouds import parallel, progress, sums
from metalclouds.errors import MetalcloudsError, in_words
from metalclouds.run_lock import end_with_run

# One thread for every library that would take all cores behind Snakemake's back.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def limit_threads() -> None:
    """Let each numerical library use one thread, unless the user said otherwise."""
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, "1")


@contextlib.contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """Send what a script prints to the rule's log; on failure the reason stands there and outside.

    An error of ours says what to do, so the log holds its text; any other one is a fault of the code: its traceback.
    The reason reaches the terminal also where the log cannot be written. The job ends with its run. When the script
    ends well, the checksums of its outputs are recorded (`metalclouds.sums`).
    """
    limit_threads()
    end_with_run()
    log = Path(str(snakemake.log[0]))
    run_dir = folder_of_run(log)
    record = sums.record_path(run_dir, log)
    record.unlink(missing_ok=True)
    try:
        with _printing_to(log):
            start = time.monotonic()
            progress.log(
                f"{snakemake.rule}: {len(snakemake.input)} inputs, threads {snakemake.threads}, "
                f"metalclouds {metadata.version('metalclouds')}"
            )
            yield
            outputs = [str(output) for output in snakemake.output]
            sums.write_record(run_dir, record, outputs)
            for output in outputs:
                progress.log(f"  wrote {size_of(output)}")
            progress.log(
                f"{snakemake.rule}: done in {time.monotonic() - start:.1f} s, "
                f"{time.process_time():.1f} s of this process's processor time"
            )
    except BaseException as error:
        print(f"{snakemake.rule}: {in_words(error)}\n  log: {log}", file=sys.stderr)
        sys.exit(1)


@contextlib.contextmanager
def _printing_to(log: Path) -> Iterator[None]:
    """All that is printed goes to a file: by this process, its dask workers, kernels, C libraries; exceptions too.

    `progress.terminal` is where a person looks meanwhile.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    stream = open(log, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    kept = [os.dup(1), os.dup(2)]
    progress.terminal = os.fdopen(os.dup(2), "w", buffering=1)
    try:
        _flush()
        for number in (1, 2):
            os.dup2(stream.fileno(), number)
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            yield
    except BaseException as error:
        # The disk may be full: then the log is cut, and the reason goes on to the terminal.
        with contextlib.suppress(OSError):
            print(in_words(error) if isinstance(error, MetalcloudsError) else traceback.format_exc(), file=stream)
        raise
    finally:
        for number, descriptor in enumerate(kept, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        progress.terminal.close()
        progress.terminal = sys.stderr
        with contextlib.suppress(OSError):
            stream.close()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def size_of(output: str) -> str:
    """An output with its size, and the rows of a table, for the log."""
    files = sums.files_of(Path(output))
    number = f"{len(files)} files, " if Path(output).is_dir() else ""
    if output.endswith(".csv"):
        with open(output, encoding="utf-8", newline="") as stream:
            number = f"{max(sum(1 for _ in csv.reader(stream)) - 1, 0)} rows, "
    return f"{output} ({number}{sum(file.stat().st_size for file in files) / 1e3:.1f} kB)"


def folder_of_run(log: Path) -> Path:
    """The folder of the run that a log belongs to.

    Examples
    --------
    >>> folder_of_run(Path("results/twin/logs/detect/2021.log")).as_posix()
    'results/twin'
    """
    return next(parent.parent for parent in log.parents if parent.name == "logs")


def dask_threads(snakemake: Any) -> contextlib.AbstractContextManager[Any]:
    """Let lazy xarray objects be computed on the threads of a job, without a client."""
    import dask

    return dask.config.set(scheduler="threads", num_workers=int(snakemake.threads))


def client(snakemake: Any, *modules: str) -> contextlib.AbstractContextManager[Any]:
    """The dask client of a job, as the config section parallel has it; its workers have imported `modules`."""
    # Imported here: most jobs have no client, and pydantic costs them a fifth of a second.
    from metalclouds.parallel_settings import ParallelSettings

    chosen = ParallelSettings(**(snakemake.config.get("parallel") or {}))
    return parallel.client(chosen.dask, chosen.workers or int(snakemake.threads), modules)
