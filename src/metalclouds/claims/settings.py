"""Defaults of the config section `claims`: how a measured number becomes a verdict."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ClaimsSettings(BaseModel):
    """What counts as agreement. The values that the paper states are in config/claims.yaml, not here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="coverage of the intervals made by this stage")
    ordering_agrees: float = Field(
        default=0.9, gt=0.5, lt=1, description="an ordering holds if its bootstrap probability is at least this"
    )
    ordering_differs: float = Field(
        default=0.1, gt=0, lt=0.5, description="an ordering fails if its bootstrap probability is at most this"
    )
    draws: int = Field(
        default=4000, ge=200, le=1_000_000, description="bootstrap draws behind a probability or interval"
    )
    seed: int = Field(
        default=20260520, ge=0, description="seed of the draws; each claim draws from a stream of its own"
    )
    sure_p_false: float = Field(
        default=1e-4,
        gt=0,
        lt=1,
        description="a night counts as surely found if its false-alarm probability is below this",
    )
    doubtful_p_false: float = Field(
        default=0.02, gt=0, lt=1, description="a night not found counts as doubtful if its probability is below this"
    )
    score_margin: float = Field(
        default=2.0,
        ge=0,
        le=10,
        description="a clear night whose score lies this close to the threshold is doubtful, as is one that just "
        "missed it; a score has a standard error of 1",
    )
    local_is_the_paper: bool = Field(
        default=False,
        description="source local: true if the files given are the paper's own, so that claims may be tested on them",
    )

    @model_validator(mode="after")
    def _ordered(self) -> ClaimsSettings:
        if self.sure_p_false > self.doubtful_p_false:
            raise ValueError("sure_p_false must not exceed doubtful_p_false")
        return self
