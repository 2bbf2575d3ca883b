"""Map a function over nights on whatever dask client there is. The only module that knows of dask.

The function gets one night and returns something small; results come back in the order of the nights, so that
reductions do not depend on how the work was spread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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
    if spec == "slurm":
        from dask_jobqueue import SLURMCluster

        cluster = SLURMCluster(**options)
        cluster.scale(workers)
    elif spec in ("processes", "threads"):
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ.setdefault(name, "1")
        cluster = LocalCluster(
            n_workers=workers if spec == "processes" else 1,
            threads_per_worker=1 if spec == "processes" else workers,
            processes=spec == "processes",
            dashboard_address=None,
            memory_limit=0,
            host="127.0.0.1",
        )
    else:
        with Client(spec) as address_client:
            yield address_client
        return
    with cluster, Client(cluster) as cluster_client:
        yield cluster_client


def map_nights(
    function: Callable[[Item], Result], nights: Sequence[Item], dask_client: Any = None
) -> list[Result]:
    """Apply `function` to each night, on the client's workers or, where it is None, here; in order."""
    if dask_client is None:
        return [function(night) for night in nights]
    return dask_client.gather(dask_client.map(function, nights, pure=False))
