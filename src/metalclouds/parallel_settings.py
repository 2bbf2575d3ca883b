"""Settings of the work on many nights inside one job."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ParallelSettings(BaseModel):
    """How work on many nights is spread inside one job."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dask: str = Field(
        default="processes",
        description="none, processes, threads, or the address of a running scheduler",
        pattern=r"^(none|processes|threads|\w+://.+)$",
    )
    workers: int | None = Field(
        default=None, description="workers of a job; none: as many as the rule has threads", ge=1, le=1000
    )
