"""Settings of the section `trail`: the wind that moves a stripe, and when its zenith angle is a value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TrailSettings(BaseModel):
    """Wind at the time of a stripe, and the zenith angle that follows from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    emission_nm: float = Field(default=630.0, gt=0, description="airglow emission whose wind is used (nm)")
    wind_gap_minutes: float = Field(
        default=90.0, gt=0, description="a wind farther away in time than this is not used (min)"
    )
    wind_largest_error_m_s: float = Field(
        default=40.0, gt=0, description="a wind with a component of a larger error is not used (m/s)"
    )
    wind_default_error_m_s: float = Field(
        default=10.0,
        ge=0,
        description="standard error of a component of the wind where the source gives none (m/s; random errors at "
        "Xinglong are 8 to 10 m/s, Yuan et al. 2010)",
    )
    wind_change_m_s: float = Field(
        default=5.0,
        ge=0,
        description="assumed change of each component of the wind over the distance between interferometer and "
        "lidar (m/s, one standard deviation)",
    )
    long_km: float = Field(
        default=80.0,
        gt=0,
        description="stripes longer than this get a value of the zenith angle, shorter ones only a limit (km)",
    )
    confidence_sigma: float = Field(
        default=2.0, gt=0, description="a slowness within this many standard errors of 0 gives an upper limit"
    )
