"""How much `metalclouds bench` measures."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class BenchSettings(BaseModel):
    """What is measured, how often, and with what it is compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: Path = Field(Path("results/twin"), description="a finished run whose nights are measured")
    out: Path = Field(Path("results/bench"), description="folder of figures.json, history.jsonl and page.png")
    reference: Path = Field(Path("docs/bench/figures.json"), description="the last committed figures")
    nights: int = Field(3, ge=1, description="nights of each kind (quiet, few, busy, crowded), at most")
    rounds: int = Field(5, ge=1, description="rounds of each measurement; 5 give a range of 94 %")
    process_rounds: int = Field(3, ge=1, description="rounds of what starts processes")
    density_nights: int = Field(2, ge=1, description="nights of each kind that are measured as density too")
    least_change: float = Field(0.2, gt=0, description="what counts as a change, as a share of the figure before")
    parts: tuple[str, ...] = Field((), description="parts to measure, all where it is empty")
