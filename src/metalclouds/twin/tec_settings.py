"""Settings of the simulated total electron content over China."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SimulatedTecSettings(BaseModel):
    """The simulated ionosphere over China, the receivers below it and the satellites above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # what is written
    nights: tuple[str, ...] = Field(
        default=("2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18"),
        description="Case nights with TEC, dates before any shift of the truth (paper, Figure 2).",
    )
    slant_night: str | None = Field(
        default="2021-06-18",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="Case night (date before any shift) written as slant TEC per receiver and satellite; the others "
        "as gridded maps. null: all as maps.",
    )
    quiet_days: int = Field(
        default=5, ge=0, le=15, description="Days without metal ion clouds written around each group of case nights."
    )
    start_hour: float = Field(default=10.0, ge=0, lt=24, description="First UT hour of a day.")
    end_hour: float = Field(default=22.0, gt=0, le=24, description="Last UT hour of a day.")
    epoch_minutes: int = Field(default=6, ge=1, le=60, description="Time between maps or slant observations (min).")
    # ionosphere
    floor_tecu: float = Field(default=3.2, ge=0, le=50, description="Night floor fed from the plasmasphere (TECU).")
    production_tecu_per_hour: float = Field(
        default=2.0, ge=0, le=50, description="Production under an overhead sun away from the anomaly (TECU/h)."
    )
    loss_hours: float = Field(
        default=5.5, gt=0, le=48, description="Time in which the excess over the floor decays (h)."
    )
    anomaly: float = Field(
        default=0.9, ge=0, le=5, description="Extra production at the crest of the equatorial anomaly, share of 1."
    )
    anomaly_latitude: float = Field(default=23.0, ge=0, le=40, description="Latitude of the crest (deg N).")
    anomaly_width_deg: float = Field(
        default=6.5, gt=0, le=30, description="Half-width (e-folding) of the crest (deg)."
    )
    day_to_day: float = Field(default=0.07, ge=0, le=0.5, description="Scatter of a day's level (share of 1).")
    gradient: float = Field(
        default=0.03, ge=0, le=0.5, description="Scatter of a day's gradient across half the map (share of 1)."
    )
    slow_wave: float = Field(
        default=0.02, ge=0, le=0.5, description="Amplitude of a day's slow rise and fall over hours (share of 1)."
    )
    large_disturbance_tecu: float = Field(
        default=0.15, ge=0, le=5, description="Amplitude of large-scale travelling disturbances (TECU)."
    )
    medium_disturbance_tecu: float = Field(
        default=0.16, ge=0, le=5, description="Amplitude of medium-scale travelling disturbances (TECU)."
    )
    edge_deg: float = Field(
        default=1.0, gt=0, le=10, description="Scale of the enhancement's southern and northern edge (deg)."
    )
    ripple: float = Field(
        default=0.12, ge=0, lt=1, description="Share by which the enhancement waxes and wanes along its axis."
    )
    ripple_deg: float = Field(default=6.0, gt=0, le=60, description="Length of that ripple (deg of latitude).")
    ripple_deg_per_hour: float = Field(default=3.0, ge=-20, le=20, description="Its speed southward (deg/h).")
    meander_deg: float = Field(
        default=0.3, ge=0, le=5, description="Amplitude with which the axis meanders about its longitude (deg)."
    )
    # network and errors
    receivers: int = Field(
        default=260, ge=10, le=2000, description="Receivers on the Chinese mainland (paper, line 88)."
    )
    spacing_km: float = Field(default=60.0, ge=0, le=200, description="Least distance between two receivers (km).")
    satellites: int = Field(default=31, ge=4, le=36, description="Satellites of the constellation.")
    elevation_cut_deg: float = Field(
        default=15.0, ge=0, le=60, description="Slant observations are written above this elevation (deg)."
    )
    pierce_point_altitude_km: float = Field(
        default=250.0, ge=100, le=600, description="Height of the thin shell that all electrons are put into (km)."
    )
    slant_noise_tecu: float = Field(
        default=0.12,
        ge=0,
        le=10,
        description="Noise of a slant observation at the zenith; grows as 1/sin(elevation).",
    )
    satellite_bias_tecu: float = Field(
        default=0.25, ge=0, le=10, description="Scatter of what is left of the satellite biases (TECU, slant)."
    )
    receiver_bias_tecu: float = Field(
        default=0.25, ge=0, le=10, description="Scatter of what is left of the receiver biases (TECU, slant)."
    )
    map_noise_tecu: float = Field(
        default=0.12, ge=0, le=10, description="Independent noise of a map cell with many observations (TECU)."
    )
    map_correlated_noise_tecu: float = Field(
        default=0.12, ge=0, le=10, description="Noise that neighbouring cells and epochs share (TECU)."
    )
    reach_km: float = Field(
        default=396.0,
        gt=0,
        le=2000,
        description="Cells farther than this from every receiver are missing: the pierce point at 250 km of a path "
        "at 30 deg elevation (km).",
    )
