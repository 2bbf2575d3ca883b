"""Settings of the sporadic-E response and of the ionogram scaler."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class EsSettings(BaseModel):
    """How Es is read from an ionogram and how its response to a connection is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # ionogram scaler
    e_region_bottom_km: float = Field(
        default=88.0, ge=60, le=120, description="Least virtual height of an Es echo (km)."
    )
    e_region_top_km: float = Field(
        default=150.0, ge=110, le=200, description="Greatest virtual height of an Es echo (km)."
    )
    f_region_bottom_km: float = Field(
        default=180.0, ge=130, le=300, description="Least virtual height of an F echo (km)."
    )
    f_region_top_km: float = Field(
        default=800.0, ge=300, le=2000, description="Greatest virtual height of an F echo (km)."
    )
    echo_threshold_db: float = Field(
        default=9.5,
        ge=0,
        le=60,
        description="An Es echo, averaged over three bins of height, is stronger than this above the noise of its "
        "frequency, the median over heights (dB). Noise of exponentially distributed power passes x dB over its "
        "median in the share 2^-(10^(x/10)) of the cells: 0.2 % for 9.5 dB.",
    )
    trace_threshold_db: float = Field(
        default=6.0,
        ge=0,
        le=60,
        description="As `echo_threshold_db` at the height of a trace that is already found: of three such averages "
        "noise passes 6 dB in about one of a hundred (dB).",
    )
    f_threshold_db: float = Field(
        default=6.0,
        ge=0,
        le=60,
        description="As `echo_threshold_db` for the F region, where a cell also needs its neighbours (dB).",
    )
    echo_sigma: float = Field(
        default=3.0,
        ge=0,
        le=20,
        description="Any echo is also stronger than this many robust standard deviations of that noise.",
    )
    crowded_share: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="A frequency where more than this share of the heights echoes holds interference, not layers.",
    )
    side_lobe_db: float = Field(
        default=18.0,
        gt=0,
        le=60,
        description="In the E region, what is weaker by more than this than the strongest echo of its frequency may "
        "be a side lobe of the coded pulse, as below the F trace of the Kirtland ionogram (dB).",
    )
    trace_gap_mhz: float = Field(default=0.3, ge=0, le=3, description="Longest gap bridged within a trace (MHz).")
    trace_minimum_mhz: float = Field(default=0.25, gt=0, le=3, description="Shortest trace, echoes only (MHz).")
    trace_support_mhz: float = Field(
        default=0.2,
        gt=0,
        le=3,
        description="Stretch at the end of a trace in which half of the frequencies echo; h'Es is the least median "
        "height of such a stretch (MHz).",
    )
    trace_height_km: float = Field(
        default=4.0, gt=0, le=50, description="Greatest step in height along an Es trace (km)."
    )
    wave_step_db: float = Field(
        default=2.0,
        gt=0,
        le=20,
        description="Where both waves are in an ionogram: the ordinary one ends where the trace weakens by this; two "
        "equal waves leave 3 dB less where one of them ends (dB).",
    )
    speckle_cells: int = Field(
        default=4,
        ge=1,
        le=9,
        description="Echoes in a square of nine cells below which its middle is noise (F region).",
    )
    hop_tolerance_km: float = Field(
        default=6.0,
        ge=0,
        le=50,
        description="Half-height, for each hop, within which an echo is one of Es (km).",
    )
    double_separation_km: float = Field(
        default=8.0, gt=0, le=60, description="Least height between the two traces of a double Es (km)."
    )
    f_trace_minimum_mhz: float = Field(
        default=0.3, gt=0, le=5, description="Shortest F trace that counts as seen (MHz)."
    )
    spread_f_km: float = Field(
        default=27.5,
        gt=0,
        le=500,
        description="An F trace thicker than this over its flat part is spread F: a plain trace of a real Digisonde "
        "ionogram (Kirtland, 2023-10-14) is 15-20 km thick (km).",
    )
    blanketing_minimum_mhz: float = Field(
        default=3.0, ge=0, le=20, description="Es with foEs above this and no F trace is blanketing (MHz)."
    )
    blanketing_margin: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Blanketing is not called where foF2 is expected above foEs by more than this share of foEs.",
    )
    expected_hours: float = Field(
        default=2.0, gt=0, le=12, description="foF2 is expected to be the median of the soundings this near (h)."
    )
    polarisation_separated: bool = Field(
        default=True,
        description="Whether the echo amplitudes hold the ordinary wave only; if not, foEs is where the trace "
        "weakens as the ordinary one ends, at most half a gyrofrequency or so below its top.",
    )
    gyrofrequency_mhz: float = Field(
        default=1.45,
        gt=0,
        le=2,
        description="Electron gyrofrequency at 110 km over Beijing (IGRF-13: 51.5 uT) (MHz).",
    )
    # response to a connection
    before_minutes: float = Field(
        default=60.0, gt=0, le=300, description="Length of the baseline before the connection (min)."
    )
    before_gap_minutes: float = Field(
        default=10.0,
        ge=0,
        le=60,
        description="The baseline ends this long before the start of the connection, which is known to 5 to 10 min: "
        "a sounding nearer to it may be its response (min).",
    )
    after_minutes: float = Field(default=60.0, gt=0, le=300, description="Soundings this long after its end (min).")
    join_minutes: float = Field(
        default=15.0,
        ge=0,
        le=120,
        description="Stripes that reach the main layer within this time of each other are one connection, as in "
        "Figure 3 (min).",
    )
    apart_minutes: float = Field(
        default=60.0,
        ge=0,
        le=300,
        description="A sounding within this time of another connection is not a baseline: it may be its "
        "response (min).",
    )
    during_minimum_minutes: float = Field(
        default=45.0,
        gt=0,
        le=300,
        description="'During' lasts at least this long from the start of the connection (min).",
    )
    foes_floor_mhz: float = Field(
        default=0.5,
        ge=0,
        le=2,
        description="Least that foEs may be where no Es is seen: about the residual E layer of the night (MHz).",
    )
    foes_step_mhz: float = Field(
        default=0.05, gt=0, le=1, description="Step to which foEs is rounded: that of the sounder (MHz)."
    )
    minimum_nights: int = Field(
        default=5, ge=1, le=1000, description="Fewer comparable nights than this: no p of a rise."
    )
    minimum_epochs: int = Field(
        default=100, ge=1, le=100000, description="Fewer random epochs with soundings than this: no p of a rise."
    )
    interval: float = Field(default=0.95, gt=0.5, lt=1, description="Coverage of the intervals.")
    resamples: int = Field(
        default=2000, ge=100, le=100000, description="Bootstrap samples behind the interval of the superposed epoch."
    )
    permutations: int = Field(
        default=2000, ge=100, le=100000, description="Random epochs drawn for p and for the superposed epoch."
    )
    season_days: int = Field(
        default=45,
        ge=5,
        le=183,
        description="Random epochs lie within this many days of the year of the event.",
    )
    same_ut_minutes: float = Field(
        default=30.0,
        ge=0,
        le=360,
        description="Random epochs are shifted by at most this from the event's UT (min).",
    )
    lag_hours: float = Field(default=4.0, gt=0, le=12, description="Superposed epoch: hours before and after.")
    lag_step_minutes: float = Field(default=15.0, gt=0, le=60, description="Superposed epoch: step of the lag (min).")
    seed: int = Field(default=1, ge=0, description="Seed of the resampling.")
