"""Map a function over nights on whatever dask client there is. The only module that knows of dask.

The function gets one night and returns something small; results come back in the order of the nights, so that
reductions do not depend on how the work was spread.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
# No dashboard: its port is not ours to take, and it costs a second.
QUIET: dict[str, Any] = {"dashboard_address": None}


@contextlib.contextmanager
def client(spec: str = "processes", workers: int = 1, **options: Any) -> Iterator[Any]:
    """A dask client, or None where the work is done in this process.

    Parameters
    ----------
    spec
        "none" (this process), "processes" (a LocalCluster of single-threaded workers), "threads" (a
        LocalCluster of threads in this process), "slurm" (dask_jobqueue), or the address of a scheduler.
    workers
        how many workers; a rule passes its threads, so that jobs and workers never add up beyond --cores.
    """
    if spec == "none" or (spec in ("processes", "threads") and workers <= 1):
        yield None
        return
    import dask
    from distributed import Client, LocalCluster

    dask.config.set({"distributed.worker.daemon": False, "logging.distributed": "error"})
    cluster: Any
    if spec == "slurm":
        from dask_jobqueue import SLURMCluster

        cluster = SLURMCluster(**options)
        cluster.scale(workers)
    elif spec == "processes":
        # memory_limit=0: a night needs some 20 MB; a limit would only make workers spill or die.
        with _no_main_script():
            cluster = LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", memory_limit=0, **QUIET)
    elif spec == "threads":
        cluster = LocalCluster(n_workers=1, threads_per_worker=workers, processes=False, memory_limit=0, **QUIET)
    else:
        with Client(spec) as address_client:
            yield address_client
        return
    with cluster, Client(cluster) as cluster_client:
        yield cluster_client


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
