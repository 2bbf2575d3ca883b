"""Settings of the simulated Fabry-Perot interferometer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SimulatedFpiSettings(BaseModel):
    """Line-of-sight winds of five looks and three emissions, hourly (paper, lines 91-96)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sun_limit_deg: float = Field(
        default=-12.0, ge=-18, le=-4, description="The sun is lower than this during an observation (deg)."
    )
    look_elevation_deg: float = Field(
        default=45.0, ge=20, le=80, description="Elevation of the four oblique looks (deg)."
    )
    exposure_minutes: float = Field(
        default=3.0,
        gt=0,
        le=4,
        description="Time of one look at one emission; 15 of them fill an hour's cycle (min).",
    )
    error_630_m_s: float = Field(
        default=7.5, ge=0, le=50, description="Median error of a wind at 630.0 nm (m/s; Yuan et al. 2010: 8-10)."
    )
    error_558_m_s: float = Field(default=6.0, ge=0, le=50, description="Median error of a wind at 557.7 nm (m/s).")
    error_892_m_s: float = Field(default=6.5, ge=0, le=50, description="Median error of a wind at 892.0 nm (m/s).")
    error_scatter: float = Field(default=0.2, ge=0, le=1, description="Scatter of ln(error) between observations.")
    structure_m_s: float = Field(
        default=2.0, ge=0, le=30, description="Scatter of the wind between the looked-at places (m/s)."
    )
    cloudy_share: float = Field(default=0.06, ge=0, le=1, description="Share of hours under weather clouds.")
    cloudy_error_factor: float = Field(
        default=6.0, ge=1, le=50, description="Factor on the error under clouds; half of these are flagged bad."
    )
    matlab_month: str | None = Field(
        default="2021-08",
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
        description="Month written as .mat files, one an emission; the others as Madrigal text. null: all as text.",
    )
