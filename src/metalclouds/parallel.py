"""Map a function over nights on whatever dask client there is. The only module that knows of dask.

The function gets one night and returns something small; results come back in the order of the nights, so that
reductions do not depend on how the work was spread.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from metalclouds.errors import ConfigError

MALLOC = {"MALLOC_TRIM_THRESHOLD_": 2**26, "MALLOC_MMAP_THRESHOLD_": 2**25}
"""What glibc's allocator comes to by itself (mallopt(3)), bytes, set in the environment of each worker.

dask makes its workers give back memory above 64 KiB at once and thereby holds the threshold of mmap at 128 KiB: every
array of a night is then mapped and its pages made anew, which took half of the time of two workers.
"""

Item = TypeVar("Item")
Result = TypeVar("Result")

NETCDF = threading.RLock()
"""Held by whoever has a netCDF file open in a function that may run on threads.

The netCDF library crashes the process when two threads are in it at once, also with different files
(https://github.com/Unidata/netcdf4-python/issues/1405).
"""


@contextlib.contextmanager
def client(
    spec: str = "processes",
    workers: int = 1,
    *,
    adaptive: bool = False,
    dashboard: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Iterator[Any]:
    """A dask client, or None where the work is done in this process.

    Parameters
    ----------
    spec
        "none" (this process), "processes" (a LocalCluster of single-threaded workers), "threads" (a
        LocalCluster of threads in this process), "slurm" (dask_jobqueue), or the address of a scheduler.
    workers
        how many workers; a rule passes its threads, so that jobs and workers never add up beyond --cores.
    adaptive
        let the number of processes or SLURM jobs follow the work, up to `workers`.
    dashboard
        start dask's dashboard on a free port and print its address. That of an address is printed in any case.
    options
        for "slurm": arguments of dask_jobqueue.SLURMCluster.

    Raises
    ------
    ConfigError
        If `spec` is none of these, or the options are not what SLURMCluster takes.
    """
    if spec == "none" or (spec in ("processes", "threads") and workers <= 1):
        yield None
        return
    import dask
    from distributed import Client

    # Profiling of the workers, for the dashboard alone, takes a noticeable part of their time.
    quiet = {"logging.distributed": "error", "distributed.worker.profile.enabled": dashboard}
    memory = {f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in MALLOC.items()}
    dask.config.set({"distributed.worker.daemon": False, **quiet, **memory})
    with contextlib.ExitStack() as stack:
        where: Any = spec
        if "://" not in spec:
            stack.enter_context(_no_main_script())
            where = stack.enter_context(_cluster(spec, workers, dashboard, dict(options or {})))
            _scale(where, spec, workers, adaptive)
        dask_client = stack.enter_context(Client(where))
        if dashboard or where is spec:
            print(f"dask dashboard: {dask_client.dashboard_link}", flush=True)
        yield dask_client


def _cluster(spec: str, workers: int, dashboard: bool, options: dict[str, Any]) -> Any:
    """A cluster of a kind; those that can be scaled begin without workers."""
    from distributed import LocalCluster

    # memory_limit=0: a night needs some 20 MB; a limit would only make workers spill or die. A scheduler serves HTTP
    # even without a dashboard, so on any free port: several jobs run on one machine.
    local: dict[str, Any] = {
        "memory_limit": 0,
        "dashboard_address": ":0",
        "scheduler_kwargs": {"dashboard": dashboard},
    }
    if spec == "threads":
        return LocalCluster(n_workers=1, threads_per_worker=workers, processes=False, **local)
    if spec == "processes":
        return LocalCluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", **local)
    if spec == "slurm":
        return _slurm_cluster(dashboard, options)
    raise ConfigError(
        "no such kind of dask client", where="parallel.dask", given=spec,
        rule="none, processes, threads, slurm, or an address such as tcp://127.0.0.1:8786",
    )  # fmt: skip


def _slurm_cluster(dashboard: bool, options: dict[str, Any]) -> Any:
    from dask_jobqueue import SLURMCluster

    scheduler = {"dashboard_address": ":0", "dashboard": dashboard, **options.pop("scheduler_options", {})}
    memory = [f"export {name}={value}" for name, value in MALLOC.items()]
    prologue = memory + list(options.pop("job_script_prologue", []))
    try:
        return SLURMCluster(scheduler_options=scheduler, job_script_prologue=prologue, **options)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            "SLURM workers cannot be described", where="parallel.dask_options", given=str(error),
            remedy="give at least cores and memory, e.g. {cores: 1, memory: 2GB, queue: main}",
        ) from error  # fmt: skip


def _scale(cluster: Any, spec: str, workers: int, adaptive: bool) -> None:
    """Ask for workers; threads are there from the start."""
    if spec == "threads":
        return
    if adaptive:
        cluster.adapt(minimum=0, maximum=workers)
    else:
        cluster.scale(workers)


@contextlib.contextmanager
def _no_main_script() -> Iterator[None]:
    """Keep new worker processes from running the calling script again.

    Python's multiprocessing imports the file of `__main__` in each process it spawns; a Snakemake script has no
    guard against that, and needs none while its file is not known.
    """
    main = sys.modules["__main__"]
    file = main.__dict__.pop("__file__", None)
    try:
        yield
    finally:
        if file is not None:
            main.__file__ = file


def map_nights(function: Callable[[Item], Result], nights: Sequence[Item], dask_client: Any = None) -> list[Result]:
    """Apply `function` to each night, on the client's workers or, where it is None, here; in order."""
    if dask_client is not None:
        return dask_client.gather(dask_client.map(function, nights, pure=False))
    import dask

    return list(dask.compute(*(dask.delayed(function)(night) for night in nights), scheduler="synchronous"))
