"""Defaults of the config section `claims`: how a measured number becomes a verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SensitivitySettings(BaseModel):
    """Values of the settings that could decide a claim, tried one setting at a time; an empty list leaves one out.

    A value that equals the run's own is passed over. Only what can be made again from tables is here: thresholds
    on stored scores, choices between analyses that were all made, errors, weights, windows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    p_false: tuple[float, ...] = Field(
        default=(0.001, 0.02), description="detect.p_false: false-alarm probability of a night"
    )
    clear_sigma: tuple[float, ...] = Field(
        default=(8.0, 10.0, 15.0, 20.0), description="detect.clear_sigma: score from which a layer is clear"
    )
    boundary_km: tuple[float, ...] = Field(
        default=(140.0, 160.0, 170.0),
        description="detect.boundary_km: altitude limit of the night class and of the clouds of the case nights (km)",
    )
    observed_least_hours: tuple[float, ...] = Field(
        default=(1.0, 3.0, 4.0), description="detect.observed_least_hours: dark hours that make a night (h)"
    )
    stripe_least_sigma: tuple[float, ...] = Field(
        default=(10.0, 14.0, 20.0), description="detect.stripe_least_sigma: significance of a stripe, upwards only"
    )
    month_offset_days: tuple[int, ...] = Field(
        default=(), description="claims.month_offset_days: begin of the monthly bins (days)"
    )
    night_weights: tuple[Literal["nights", "profiles", "years"], ...] = Field(
        default=("profiles", "years"), description="claims.night_weights: weights of a monthly mean"
    )
    background_method: tuple[str, ...] = Field(
        default=("quiet_days", "zonal_highpass"), description="background of the TEC enhancement, this one alone"
    )
    wind_error_factor: tuple[float, ...] = Field(
        default=(0.5, 2.0, 3.0), description="factor on the standard error of the wind at 250 km"
    )
    drift: tuple[Literal["zonal", "ion"], ...] = Field(
        default=(), description="motion that gives a zenith angle, zonal or ion, in place of the paper's neutral wind"
    )
    long_km: tuple[float, ...] = Field(
        default=(60.0, 100.0, 120.0), description="trail.long_km: height of a long stripe (km)"
    )
    before_minutes: tuple[float, ...] = Field(
        default=(30.0, 90.0), description="derive.es.before_minutes: soundings before a connection (min)"
    )
    during_minimum_minutes: tuple[float, ...] = Field(
        default=(30.0, 60.0), description="derive.es.during_minimum_minutes: least length of a connection (min)"
    )
    least_minutes: tuple[float, ...] = Field(
        default=(5.0, 20.0), description="shortest cloud of a case night whose edges are compared (min)"
    )
    confidence: tuple[float, ...] = Field(
        default=(0.9, 0.99), description="claims.confidence: coverage of the intervals"
    )
    ordering_agrees: tuple[float, ...] = Field(
        default=(0.8, 0.95), description="claims.ordering_agrees, claims.ordering_differs being one minus it"
    )
    seed: tuple[int, ...] = Field(default=(1, 2), description="claims.seed: other draws, which must change nothing")


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
    chance_most: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="a match of times or altitudes whose probability by chance is above this decides nothing",
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
    month_offset_days: int = Field(
        default=0, ge=-15, le=15, description="days from the first of a calendar month to the first of its bin"
    )
    night_weights: Literal["nights", "profiles", "years"] = Field(
        default="nights",
        description="weights of a monthly mean: each night the same, each profile, or each year of the month",
    )
    local_is_the_paper: bool = Field(
        default=False,
        description="source local: true if the files given are the paper's own, so that claims may be tested on them",
    )

    sensitivity: SensitivitySettings = Field(
        default=SensitivitySettings(), description="values tried to see whether a verdict survives"
    )

    @model_validator(mode="after")
    def _ordered(self) -> ClaimsSettings:
        if self.sure_p_false > self.doubtful_p_false:
            raise ValueError("sure_p_false must not exceed doubtful_p_false")
        return self
