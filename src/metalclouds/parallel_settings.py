"""Settings of the work on many nights inside one job."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ParallelSettings(BaseModel):
    """How work on many nights is spread inside one job."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dask: str = Field(
        default="processes",
        description="none, processes, threads, slurm (dask_jobqueue), or the address of a running scheduler",
        pattern=r"^(none|processes|threads|slurm|\w+://.+)$",
    )
    workers: int | None = Field(
        default=None, description="workers of a job; none: as many as the rule has threads", ge=1, le=1000
    )
    adaptive: bool = Field(default=False, description="processes and slurm: workers come and go with the work")
    dashboard: bool = Field(default=False, description="start dask's dashboard; its address stands in the job's log")
    dask_options: dict[str, Any] = Field(
        default_factory=lambda: {"cores": 1, "processes": 1, "memory": "2GB", "walltime": "01:00:00"},
        description="for slurm: arguments of dask_jobqueue.SLURMCluster, e.g. queue, account, interface",
    )
