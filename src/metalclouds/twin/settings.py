"""Settings of the simulated campaign: section `twin` of the configuration."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metalclouds.twin.fpi_settings import SimulatedFpiSettings
from metalclouds.twin.ionosonde_settings import SimulatedIonosondeSettings
from metalclouds.twin.tec_settings import SimulatedTecSettings

Twelve = Annotated[tuple[float, ...], Field(min_length=12, max_length=12)]
TwelveCounts = Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=12, max_length=12)]
Month = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Night = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])-\d\d$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TruthChanges(_Model):
    """Switches that change the truth away from the paper's, to find verdicts that cannot fail."""

    shift_minutes: float = Field(
        default=0.0, ge=-120, le=120, description="shift of all events of the case nights (min)"
    )
    shift_km: float = Field(
        default=0.0, ge=-30, le=30, description="shift of all altitudes above 130 km on the case nights (km)"
    )
    shift_days: int = Field(default=0, ge=-60, le=60, description="shift of the dates of the case nights (days)")
    january_peak: bool = Field(
        default=True,
        description="false: January has no more clouds and metal than its neighbours (case nights aside)",
    )
    tec_enhancement: bool = Field(default=True, description="false: no regional enhancement of TEC on any night")
    es_response: bool = Field(default=True, description="false: sporadic E takes no notice of connections")
    beta_scale: float = Field(default=1.0, gt=0, le=5, description="factor on tan(beta) of every stripe")
    clouds_top_km: float = Field(
        default=300.0, ge=130, le=300, description="no cloud or stripe reaches above this (km)"
    )
    clouds_bottom_km: float = Field(
        default=0.0,
        ge=0,
        le=200,
        description="no cloud or stripe reaches below this (km); above 120 km nothing connects to the main layer",
    )
    main_layer_scale: float = Field(default=1.0, gt=0, le=10, description="factor on the main layer's column density")


class Campaign(_Model):
    """Counts of nights and monthly patterns.

    They repeat the claims N1 to N5, M1, M2 and M4 of the paper (lines 104-107 and 202-213) since a pipeline that
    cannot recover them from noise could not test them on real data either; what the paper does not number
    (e.g. nights in February) is assumed.
    """

    first_month: Month = Field(default="2020-06", description="first month of the statistics (paper, line 104)")
    last_month: Month = Field(default="2022-10", description="last month of the statistics (paper, line 104)")
    nights_by_month: TwelveCounts = Field(
        default=(22, 22, 24, 22, 20, 21, 18, 20, 24, 28, 20, 16),
        description="nights observed in January ... December of all years: 257 in all (paper, line 105)",
    )
    cloud_nights_by_month: TwelveCounts = Field(
        default=(5, 2, 0, 1, 5, 7, 5, 4, 3, 2, 2, 1),
        description="of these with Ca+ above 150 km: 37 (paper, line 105); none in March, one in April and December, "
        "at least four in January and May-August (lines 204-208); the others assumed",
    )
    clear_nights_by_month: TwelveCounts = Field(
        default=(3, 0, 0, 0, 3, 4, 2, 2, 1, 0, 0, 0),
        description="of these with a clear layer in 200-300 km: 15 (paper, line 107); months assumed",
    )
    column_by_month_cm2: Twelve = Field(
        default=(4.8e7, 2.6e7, 1.3e7, 2.2e7, 8.0e7, 9.5e7, 9.0e7, 5.8e7, 2.9e7, 2.6e7, 2.4e7, 2.7e7),
        description="median column density 83-120 km by month (cm-2): high in May-August, January above its "
        "neighbours, March lowest (paper, lines 210-213); level from Xun et al. 2024, Remote Sens. 16, 596",
    )
    column_scatter: float = Field(
        default=0.5, ge=0, le=2, description="night to night scatter of ln(column); assumed"
    )
    column_range_cm2: tuple[float, float] = Field(
        default=(1.6e6, 4.2e8),
        description="least and most column density (cm-2; Xun et al. 2024, Remote Sens. 16, 596)",
    )
    cloud_night_column_factor: float = Field(
        default=1.2, gt=0, le=10, description="column density on nights with clouds over that on others; assumed"
    )
    centroid_km: float = Field(default=98.6, ge=85, le=115, description="mean centroid height (km; Xun et al. 2024)")
    sun_limit_deg: float = Field(
        default=-8.0, ge=-18, le=-4, description="the lidar runs while the sun is lower than this (deg); assumed"
    )
    es_by_month: Twelve = Field(
        default=(0.25, 0.2, 0.15, 0.25, 0.55, 0.75, 0.75, 0.6, 0.35, 0.25, 0.2, 0.25),
        description="share of the night with sporadic E that has nothing to do with clouds; assumed, summer maximum",
    )

    @model_validator(mode="after")
    def _parts_within_whole(self) -> Campaign:
        pairs = zip(self.clear_nights_by_month, self.cloud_nights_by_month, self.nights_by_month, strict=True)
        for month, (clear, cloud, all_nights) in enumerate(pairs, start=1):
            if not clear <= cloud <= all_nights:
                raise ValueError(f"month {month}: clear {clear} <= cloud {cloud} <= nights {all_nights} is broken")
        return self


class LidarTwin(_Model):
    """The simulated instrument. Response: 20 cm-3 at 250 km gives SNR 1.5 in one bin (project's prototype)."""

    profile_s: float = Field(
        default=33.3, gt=1, le=300, description="accumulation of a profile: 500 shots at 15 Hz (s)"
    )
    bin_km: float = Field(default=0.096, gt=0.01, le=2, description="range bin (km; paper, line 77)")
    bottom_km: float = Field(default=70.0, ge=10, le=90, description="lower end of the stored profile (km)")
    top_km: float = Field(default=300.0, ge=150, le=600, description="upper end of the stored profile (km)")
    jitter_s: float = Field(default=0.6, ge=0, le=5, description="rms jitter of the start of a profile (s); assumed")
    reference_density_cm3: float = Field(default=20.0, gt=0, description="density of the stated response (cm-3)")
    reference_altitude_km: float = Field(default=250.0, gt=100, description="altitude of the stated response (km)")
    reference_snr: float = Field(default=1.5, gt=0, description="SNR of one bin there, on a dark clear night")
    background_counts: float = Field(
        default=2.0, gt=0, description="dark sky background per bin and profile; assumed"
    )
    moon_counts: float = Field(
        default=2.5, ge=0, description="additional background under a full moon high in the sky; assumed"
    )
    twilight_counts: float = Field(
        default=60.0,
        ge=0,
        description="additional background with the sun at -8 deg, falling tenfold every 2 deg; assumed",
    )
    background_bins: int = Field(
        default=208, ge=10, description="bins above the layer that the background is measured in"
    )
    dead_profiles_share: float = Field(
        default=0.002, ge=0, le=0.2, description="share of misfires (low laser energy)"
    )
    bursts_per_night: float = Field(default=1.5, ge=0, le=50, description="one-profile bursts of background a night")
    calibration_error: float = Field(
        default=0.0, ge=0, le=0.5, description="scatter of the stated calibration per night"
    )
    density_months: tuple[Month, ...] = Field(
        default=("2020-07", "2020-08", "2021-09"), description="months published as density (.mat), not as counts"
    )
    text_nights: tuple[Night, ...] = Field(
        default=("2022-01-16",), description="case nights published as Meridian level-2 text (date before any shift)"
    )
    compression_level: int = Field(default=2, ge=1, le=9, description="zlib level of the netCDF files")


class TwinSettings(_Model):
    """The simulated campaign."""

    seed: int = Field(default=20200601, ge=0, le=2**31 - 1, description="seed of everything drawn")
    nights: Literal["all", "cases"] | int | tuple[Night, ...] = Field(
        default="all",
        description="nights to write: all, cases, a number (the case nights first, then spread over the campaign), "
        "or a list of dates (case dates before any shift)",
    )
    cases: str = Field(default="config/twin_cases.yaml", description="events of the case nights")
    changes: TruthChanges = Field(default=TruthChanges(), description="changes of the truth, for tests")
    campaign: Campaign = Field(default=Campaign(), description="counts and monthly patterns")
    lidar: LidarTwin = Field(default=LidarTwin(), description="the lidar")
    tec: SimulatedTecSettings = Field(default=SimulatedTecSettings(), description="the GNSS network")
    fpi: SimulatedFpiSettings = Field(default=SimulatedFpiSettings(), description="the Fabry-Perot interferometer")
    ionosonde: SimulatedIonosondeSettings = Field(default=SimulatedIonosondeSettings(), description="the Digisonde")
