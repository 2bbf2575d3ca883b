"""Defaults of the config section `report`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ReportSettings(BaseModel):
    """What the page shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(
        default="Metal ion clouds: the paper's statements, tested", min_length=1, description="title of the page"
    )
    longest_jobs: int = Field(
        default=8, ge=0, le=1000, description="how many jobs, the longest first, the table of run times lists"
    )
    thumbnails: bool = Field(default=True, description="show a small picture of each figure at the top of the page")
