"""Defaults of the config section `derive`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.tec_settings import EnhancementSettings

ProfileFlag = Literal["burst", "low_signal", "twilight", "no_background"]


class Section(BaseModel):
    """A frozen part of the configuration that knows no other keys than its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnSettings(Section):
    """Column density, centroid and width of the main layer, and the densities of layer and cloud."""

    bottom_km: float = Field(default=83.0, ge=70, le=120, description="lower limit of the column (km)")
    top_km: float = Field(default=120.0, ge=80, le=150, description="upper limit of the column (km)")
    layer_bottom_km: float = Field(default=80.0, ge=70, le=120, description="lower limit of the main layer (km)")
    layer_top_km: float = Field(default=120.0, ge=80, le=150, description="upper limit of the main layer (km)")
    cloud_bottom_km: float = Field(
        default=150.0, ge=100, le=300, description="mask cells above this altitude count for the cloud's density (km)"
    )
    excluded_flags: tuple[ProfileFlag, ...] = Field(
        default=("burst", "low_signal", "no_background"),
        description="profiles that detection gave one of these flags take no part",
    )
    minimum_coverage: float = Field(
        default=0.95, gt=0, le=1, description="share of a profile's altitude bins that must hold data"
    )
    block_minutes: float = Field(
        default=30.0, gt=0, le=240, description="length of the blocks whose scatter gives the sampling error (min)"
    )
    presence_minutes: float = Field(
        default=10.0,
        gt=0,
        le=60,
        description="profiles are averaged over this time to tell whether the layer is there",
    )
    presence_significance: float = Field(
        default=5.0, gt=0, description="the layer is there if its column exceeds this many standard errors"
    )
    grid_step_km: float = Field(
        default=0.5, gt=0, le=5, description="altitude step of the mean density profiles of nights and months (km)"
    )

    @model_validator(mode="after")
    def _ordered(self) -> ColumnSettings:
        if not (self.bottom_km < self.top_km and self.layer_bottom_km < self.layer_top_km):
            raise ValueError("a lower limit must lie below its upper limit")
        return self


class OccurrenceSettings(Section):
    """Counts of nights, their binomial intervals, and the interval of monthly means."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="level of the intervals")
    interval: Literal["wilson", "jeffreys"] = Field(
        default="wilson", description="binomial interval of the occurrence rate"
    )
    sensitivity_quantile: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="occurrence per hour counts the nights whose noise floor lies below this quantile of all",
    )
    thresholds: tuple[float, ...] = Field(
        default=tuple(float(value) for value in range(2, 41)),
        description="thresholds of the night scores at which nights are counted",
    )
    mean_draws: int = Field(default=20000, ge=1000, description="draws of the generalised interval of a monthly mean")
    seed: int = Field(default=20260101, ge=0, description="seed of the generalised interval")


class CorrelationSettings(Section):
    """Whether occurrence and column density vary together."""

    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="level of the intervals")
    lags_days: tuple[int, ...] = Field(
        default=(0, 1, 2, 3), description="days from the night with or without clouds to the night of the column"
    )
    block_nights: int = Field(default=3, ge=1, le=15, description="nights in a row that a permutation keeps together")
    permutations: int = Field(default=4999, ge=99, description="permutations of the nightly test")
    chance_curves: int = Field(
        default=20000, ge=1000, description="pairs of unrelated seasonal curves that give the chance level of r"
    )
    chance_noise: float = Field(
        default=0.2, ge=0, description="scatter of the chance curves' months, in units of the annual amplitude"
    )
    seed: int = Field(default=20260102, ge=0, description="seed of permutations and chance curves")


class BetaSettings(Section):
    """The two stripes that Figure 5 marks."""

    marked_panel: str = Field(
        default="f", pattern=r"^[a-z]$", description="panel of Figure 1 whose night holds the two marked stripes"
    )
    marked_top_km: float = Field(default=200.0, gt=0, description="a marked stripe reaches above this altitude (km)")
    marked_bottom_km: float = Field(
        default=130.0, gt=0, description="a marked stripe reaches below this altitude (km)"
    )
    pair_confidence: float = Field(
        default=0.95, gt=0.5, lt=1, description="level of the intervals of the two marked stripes' comparison"
    )


class FootSettings(Section):
    """Where stripes run into the main layer: bands of altitude, windows in time, maxima of the layer."""

    upper_km: tuple[float, float] = Field(default=(135.0, 150.0), description="band above the break (km)")
    lower_km: tuple[float, float] = Field(default=(113.0, 125.0), description="band below the break (km)")
    centre_s: float = Field(default=120.0, gt=0, description="a peak is sought within this time of the line (s)")
    window_s: float = Field(
        default=450.0,
        gt=0,
        description="what is farther from the line than this, up to twice as far, is background (s)",
    )
    least_sigma: float = Field(default=3.0, gt=0, description="a peak or maximum counts from this many errors on")
    step_km: float = Field(default=2.0, gt=0, le=20, description="step in which the line is followed downwards (km)")
    search_bottom_km: float = Field(default=95.0, ge=70, description="lowest altitude to which it is followed (km)")
    break_km: tuple[float, float] = Field(
        default=(113.0, 161.0), description="altitudes in which the rise of density may have a break (km)"
    )
    break_step_km: float = Field(
        default=4.0, gt=0, le=20, description="height of a band whose peak is a point of that rise (km)"
    )
    maxima_km: tuple[float, float] = Field(
        default=(85.0, 130.0), description="altitudes in which maxima of the layer are sought (km)"
    )
    maxima_minutes: float = Field(default=10.0, gt=0, le=60, description="profiles averaged for the maxima (min)")
    smooth_km: float = Field(default=1.0, gt=0, le=10, description="running mean in altitude for the maxima (km)")


class AtmosphereSettings(Section):
    """Neutral density profile at the lidar."""

    time: datetime = Field(
        default=datetime(2021, 5, 10, 14, 30),
        description="time of the profile (UTC); where it lies in none of the case nights: local midnight of "
        "the night of the panel `figures.enlarged_panel`",
    )
    bottom_km: float = Field(default=70.0, ge=0, description="lower end of the profile (km)")
    top_km: float = Field(default=300.0, le=1000, description="upper end of the profile (km)")
    step_km: float = Field(default=1.0, gt=0, le=20, description="altitude step (km)")
    reference_km: float = Field(
        default=130.0, gt=0, description="altitude from which the rise of density is counted (km)"
    )
    lower_km: tuple[float, ...] = Field(
        default=(110.0, 100.0, 98.0), description="altitudes down to which the rise is given (km)"
    )
    rise: float = Field(default=100.0, gt=1, description="factor whose altitude is looked for")


class DeriveSettings(Section):
    """The section `derive`: one part for each product."""

    columns: ColumnSettings = ColumnSettings()
    occurrence: OccurrenceSettings = OccurrenceSettings()
    correlation: CorrelationSettings = CorrelationSettings()
    beta: BetaSettings = BetaSettings()
    feet: FootSettings = FootSettings()
    atmosphere: AtmosphereSettings = AtmosphereSettings()
    tec: EnhancementSettings = EnhancementSettings()
    es: EsSettings = EsSettings()
