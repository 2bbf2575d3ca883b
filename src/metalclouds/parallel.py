"""Map a function over nights on whatever dask client there is. The only module that knows of dask.

The function gets one night and returns something small; results come back in the order of the nights, so that
reductions do not depend on how the work was spread.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
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
def client(spec: str = "processes", workers: int = 1, modules: Sequence[str] = ()) -> Iterator[Any]:
    """A dask client, or None where the work is done in this process.

    Parameters
    ----------
    spec
        "none" (this process), "processes" (a LocalCluster of single-threaded workers), "threads" (a
        LocalCluster of threads in this process), or the address of a scheduler.
    workers
        how many workers; a rule passes its threads, so that jobs and workers never add up beyond --cores.
    modules
        what the work imports: loaded once, before the workers are forked, instead of once a worker.

    Raises
    ------
    ConfigError
        If `spec` is none of these.
    """
    if spec not in ("none", "processes", "threads") and "://" not in spec:
        raise ConfigError(
            "no such kind of dask client", where="parallel.dask", given=spec,
            rule="none, processes, threads, or an address such as tcp://127.0.0.1:8786",
        )  # fmt: skip
    if spec == "none" or (spec in ("processes", "threads") and workers <= 1):
        yield None
        return
    if spec == "processes":
        _start_server(modules)
        for name in modules:
            # This process needs them too, and has nothing else to do while the server imports.
            importlib.import_module(name)
    from distributed import Client

    _configure()
    with contextlib.ExitStack() as stack:
        where: Any = spec
        if "://" not in spec:
            stack.enter_context(_no_main_script())
            where = stack.enter_context(_local_cluster(spec, workers))
        yield stack.enter_context(Client(where))


def _start_server(modules: Sequence[str]) -> None:
    """Start the process that workers are forked from; it imports what they need while this one goes on.

    It is started once in a process, so a second client gets workers with the modules of the first.
    """
    import multiprocessing
    from multiprocessing import forkserver

    os.environ.update({name: str(value) for name, value in MALLOC.items()})
    multiprocessing.get_context("forkserver").set_forkserver_preload(["distributed", *modules])
    forkserver.ensure_running()


def _configure() -> None:
    import dask

    dask.config.set(
        {
            "distributed.worker.daemon": False,
            "distributed.worker.multiprocessing-method": "forkserver",
            # Profiles of the workers would only be shown on a dashboard, and take a noticeable part of their time.
            "distributed.worker.profile.enabled": False,
            "logging.distributed": "error",
            # Without these dask would set its own in the processes that it starts.
            **{f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in MALLOC.items()},
        }
    )


def _local_cluster(spec: str, workers: int) -> Any:
    from distributed import LocalCluster

    # memory_limit=0: a night needs some 20 MB; a limit would only make workers spill or die. A scheduler serves HTTP
    # even without a dashboard, so on any free port: several jobs run on one machine.
    local: dict[str, Any] = {
        "memory_limit": 0,
        "dashboard_address": ":0",
        "scheduler_kwargs": {"dashboard": False},
    }
    if spec == "threads":
        return LocalCluster(n_workers=1, threads_per_worker=workers, processes=False, **local)
    return LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", **local)


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


def map_nights(
    function: Callable[[Item], Result],
    nights: Sequence[Item],
    dask_client: Any = None,
    told: Callable[[Result], None] | None = None,
) -> list[Result]:
    """Apply `function` to each night, on the client's workers or, where it is None, here; in order.

    Parameters
    ----------
    told
        called with each result as soon as it is there, in whatever order that is.
    """
    tell = told or (lambda _: None)
    if dask_client is None:
        results = []
        for night in nights:
            results.append(function(night))
            tell(results[-1])
        return results
    from distributed import as_completed

    futures, results_of = dask_client.map(function, nights, pure=False), {}
    for future, result in as_completed(futures, with_results=True):
        results_of[future.key] = result
        tell(result)
    return [results_of[future.key] for future in futures]
