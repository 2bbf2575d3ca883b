"""Settings of the TEC enhancement: how the background is taken and what counts as an enhanced region."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG

Method = Literal["quiet_days", "zonal_highpass"]


class TecPanel(BaseModel):
    """One map of Figure 2: its letter, night and time; null is spaced evenly between its neighbours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    panel: str = Field(pattern=r"^[a-z]$", description="Letter of the panel.")
    night: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Night, the UT date of its evening.")
    time: str | None = Field(
        default=None, pattern=r"^\d{2}:\d{2}$", description="UT of the map, or null: evenly spaced."
    )


def _panels() -> tuple[TecPanel, ...]:
    """Figure 2 of the paper: a, d, g, i (lines 132-133, 141, 144, 146-147) and j-l (lines 133-134)."""
    dated = {"a": "12:18", "d": "14:36", "g": "17:36", "i": "19:36"}
    maps = [TecPanel(panel=letter, night="2021-06-18", time=dated.get(letter)) for letter in "abcdefghi"]
    others = (("j", "2021-01-08", "18:00"), ("k", "2021-06-03", "16:30"), ("l", "2021-06-04", "16:54"))
    return (*maps, *(TecPanel(panel=p, night=night, time=time) for p, night, time in others))


class EnhancementSettings(BaseModel):
    """How the excess over a background, and the enhanced region in it, are found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    panels: tuple[TecPanel, ...] = Field(
        default_factory=_panels,
        description="Maps of Figure 2. Dated in the paper: a 'from 12:18 ... UT on 18 June' (line 132), d "
        "'emerged above the lidar site at 14:36 UT' (143-144), g 'By 17:36 UT' (145-146), i '19:36 UT' (147), "
        "j-l '18:00 UT on 8 January, 16:30 UT on 3 June, and 16:54 UT on 4 June 2021' (133-134).",
    )
    site: tuple[float, float] | None = Field(
        default=None,
        description="Latitude and longitude that series and distances are of (deg N, deg E); null: the lidar's "
        "(`ingest.lidar.site`).",
    )
    panel_tolerance_minutes: float = Field(
        default=10.0,
        ge=0,
        le=120,
        description="A panel takes the nearest map if it is no farther away than this (min).",
    )
    epoch_minutes: float = Field(
        default=6.0,
        gt=0,
        le=120,
        description="Maps denser in time than this are averaged to this step (min).",
    )
    start_hour: float = Field(default=10.0, ge=0, lt=24, description="First UT hour searched.")
    end_hour: float = Field(default=23.0, gt=0, le=24, description="Last UT hour searched.")
    latitude_range: tuple[float, float] = Field(
        default=(15.0, 55.0), description="Cell centres from and to, latitude (deg N)."
    )
    longitude_range: tuple[float, float] = Field(
        default=(70.0, 140.0), description="Cell centres from and to, longitude (deg E)."
    )
    cell_deg: float = Field(default=1.0, gt=0, le=5, description="Cells of the common grid (deg).")
    quiet_window_days: int = Field(
        default=15, ge=1, le=60, description="Days before and after that count as the same season."
    )
    minimum_quiet_days: int = Field(
        default=3,
        ge=1,
        le=30,
        description="Fewer other days than this at the same UT: no background by quiet days.",
    )
    match_level: bool = Field(
        default=True,
        description="Multiply the quiet-day background at each epoch by a robust plane in latitude and longitude, "
        "so that a day of another level leaves no excess everywhere.",
    )
    robust_iterations: int = Field(default=4, ge=1, le=50, description="Rounds of reweighting of a robust fit.")
    highpass_degree: int = Field(
        default=3,
        ge=1,
        le=6,
        description="Degree of the robust polynomial in longitude that the zonal high-pass takes off.",
    )
    highpass_minimum_cells: int = Field(
        default=12, ge=4, le=200, description="Fewer cells than this at a latitude: no high-pass there."
    )
    smooth_longitude_deg: float = Field(
        default=2.0, ge=0, le=20, description="Zonal running mean before the search (deg)."
    )
    smooth_latitude_deg: float = Field(
        default=4.0,
        ge=0,
        le=20,
        description="Meridional running mean before the search (deg): the ridges are meridional.",
    )
    smooth_minutes: float = Field(
        default=30.0, ge=0, le=240, description="Running mean in time before the search (min)."
    )
    scatter_hours: float = Field(
        default=2.0, ge=0, le=24, description="The quiet days' scatter is averaged over this time (h)."
    )
    scatter_deg: float = Field(
        default=9.0, ge=0, le=60, description="The quiet days' scatter is averaged over this box (deg)."
    )
    fit_half_width_deg: float = Field(
        default=10.0, gt=2, le=40, description="Half-width of the window in which axis and width are fitted (deg)."
    )
    region_sigma: float = Field(
        default=3.0,
        gt=0,
        le=20,
        description="Cells whose excess is above this many standard deviations of the quiet days form a region. "
        "Whether a night counts as enhanced is decided by `false_alarm`.",
    )
    false_alarm: float = Field(
        default=0.02,
        gt=0,
        lt=0.5,
        description="Wanted probability that a quiet night is called enhanced; the threshold is a log-normal "
        "quantile of the quiet days' largest regions.",
    )
    minimum_scatter: float = Field(
        default=0.5,
        gt=0,
        le=5,
        description="Least scatter of log(1 + mass) between quiet days that is believed (few days may agree).",
    )
    rounds: int = Field(
        default=3, ge=1, le=20, description="Rounds in which nights found enhanced are taken from the quiet ones."
    )
    refits: int = Field(
        default=1, ge=0, le=10, description="Times the background is fitted again without the cells of the region."
    )
    noise_hours: float = Field(
        default=2.0,
        gt=0,
        le=12,
        description="The strength on quiet nights is taken as uncorrelated over more than this (h).",
    )
    exclude_margin_hours: float = Field(
        default=1.0, ge=0, le=12, description="Time before and after a region whose cells are left out then (h)."
    )
    shape_margin_hours: float = Field(
        default=2.5, ge=0, le=12, description="Time before and after a region that the fit of onset and end uses (h)."
    )
    minimum_meridional_deg: float = Field(
        default=5.0, ge=0, le=40, description="Least meridional reach of an enhanced region (deg)."
    )
    minimum_minutes: float = Field(
        default=30.0, ge=0, le=600, description="Least duration of an enhanced region (min)."
    )
    edge_fraction: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Edges in latitude and longitude lie where the excess falls to this share of its peak.",
    )
    over_lidar_deg: float = Field(
        default=3.0,
        gt=0,
        le=20,
        description="A region is over the lidar if it holds a cell within this box around it (half-size, deg).",
    )
    lidar_radius_deg: float = Field(
        default=2.0,
        gt=0,
        le=20,
        description="Half-size of the box around the lidar whose mean the series shows (deg).",
    )
    leave_satellites_out: bool = Field(
        default=True,
        description="Repeat the measure with each satellite left out, where single observations are kept.",
    )
    minimum_elevation_deg: float = Field(
        default=30.0,
        ge=0,
        lt=90,
        description="Elevation cut when maps are made again from single observations (deg).",
    )

    @property
    def place(self) -> tuple[float, float]:
        """The site, or the paper's lidar where none was given."""
        return self.site if self.site is not None else (LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG)
