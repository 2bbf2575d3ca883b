"""Settings of the simulated Digisonde."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SimulatedIonosondeSettings(BaseModel):
    """The sounder, the F region above it, and how its ionograms are read (paper, lines 78-84)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # soundings
    start_hour: float = Field(default=10.0, ge=0, lt=24, description="First UT hour of the table.")
    end_hour: float = Field(default=23.0, gt=0, le=24, description="Last UT hour of the table.")
    sounding_minutes: int = Field(
        default=15, ge=1, le=60, description="Time between soundings (min; paper, line 81)."
    )
    missing_share: float = Field(default=0.01, ge=0, le=1, description="Share of soundings that failed.")
    foes_limit_mhz: float = Field(
        default=1.2, ge=0.5, le=3, description="Es with a lower critical frequency is not seen (MHz)."
    )
    scaling_slip: float = Field(
        default=0.15, ge=0, le=1, description="Share of scaled frequencies that are one step too low or too high."
    )
    # F region
    slab_thickness_km: float = Field(
        default=225.0, gt=50, le=1000, description="TEC over the peak density: foF2 follows the simulated TEC (km)."
    )
    f_bottom_km: float = Field(default=235.0, ge=150, le=400, description="Bottom of the F layer at 10 UT (km).")
    f_rise_km: float = Field(default=25.0, ge=0, le=200, description="How much it rises towards midnight (km).")
    f_half_thickness_km: float = Field(
        default=75.0, gt=10, le=300, description="Half thickness of the parabola (km)."
    )
    f_scatter_km: float = Field(default=6.0, ge=0, le=100, description="Scatter of the F layer's bottom (km).")
    # ionograms
    ionogram_nights: tuple[str, ...] = Field(
        default=("2021-06-03", "2021-06-04", "2021-06-18", "2022-01-16", "2021-05-10"),
        description="Case nights with ionograms, dates before any shift of the truth (paper, Figure 3 a-e).",
    )
    ionogram_start_hour: float = Field(default=13.0, ge=0, lt=24, description="First UT hour of the ionograms.")
    ionogram_end_hour: float = Field(default=20.0, gt=0, le=24, description="Last UT hour of the ionograms.")
    first_mhz: float = Field(default=1.0, ge=0.5, le=5, description="First frequency (MHz; paper, line 80).")
    last_mhz: float = Field(default=14.0, ge=5, le=40, description="Last frequency (MHz; paper, line 81).")
    step_mhz: float = Field(default=0.05, gt=0, le=1, description="Step in frequency (MHz; paper, line 80).")
    bottom_km: float = Field(default=80.0, ge=0, le=100, description="Least virtual height (km; paper, line 82).")
    top_km: float = Field(
        default=1360.0, ge=500, le=3000, description="Greatest virtual height (km; paper, line 82)."
    )
    height_step_km: float = Field(
        default=2.5, gt=0, le=10, description="Step in virtual height (km; paper, line 82)."
    )
    gyrofrequency_mhz: float = Field(
        default=1.45,
        gt=0.5,
        le=2,
        description="Electron gyrofrequency: splits ordinary and extraordinary wave (MHz).",
    )
    pulse_km: float = Field(default=2.5, gt=0, le=20, description="Half-length (sigma) of an echo in height (km).")
    es_amplitude_db: float = Field(default=34.0, ge=5, le=80, description="Amplitude of a strong Es echo (dB).")
    es_fall_db: float = Field(
        default=20.0, ge=0, le=60, description="How much weaker the Es echo is at its critical frequency (dB)."
    )
    f_amplitude_db: float = Field(default=30.0, ge=5, le=80, description="Amplitude of the F trace (dB).")
    fading_db: float = Field(default=3.5, ge=0, le=20, description="Fading from one frequency to the next (dB).")
    hop_loss_db: float = Field(default=11.0, ge=0, le=40, description="What each further hop loses (dB).")
    patchy_share: float = Field(
        default=0.12, ge=0, le=0.9, description="Share of frequencies above fbEs at which a patchy Es gives no echo."
    )
    speckle_share: float = Field(
        default=0.02, ge=0, le=0.5, description="Share of cells with noise that passed as echo."
    )
    interference_lines: int = Field(
        default=14, ge=0, le=200, description="Frequencies with a transmitter, per night."
    )
    spread_traces: int = Field(default=25, ge=1, le=200, description="Single traces that a spread F echo is made of.")
    spread_f_km: float = Field(
        default=28.0, ge=0, le=200, description="Scatter of their heights under spread F (km)."
    )
