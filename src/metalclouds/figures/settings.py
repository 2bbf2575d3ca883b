"""Settings of the figures: how they look and by which rule panels are chosen, never what they show."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FiguresSettings(BaseModel):
    """Config section `figures`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dpi: int = Field(300, ge=72, le=1200, description="pixels per inch of the PNG and of images within the PDF")
    font_pt: float = Field(8.0, ge=7.0, le=9.0, description="font size at the printed width (pt)")
    colour_map: Literal["batlow", "lipari", "oslo", "lapaz"] = Field(
        "lipari",
        description="colour map of densities (Crameri's maps: perceptually uniform, safe for colour blindness)",
    )
    local_time_offset_hours: float | None = Field(
        None,
        ge=-14.0,
        le=14.0,
        description="local time minus UT on axes and pages (h); null takes that of the data "
        "(`ingest.local_time_offset_hours`, `clock`), else whole hours by the station's longitude",
    )
    overlays: bool = Field(True, description="draw detected stripes and cloud outlines over the lidar images")
    altitude_cell_km: float = Field(
        1.2, gt=0.0, le=10.0, description="height of a cell of the lidar images; density is averaged over it (km)"
    )
    time_cell_s: float = Field(
        40.0, gt=0.0, le=900.0, description="width of a cell of the lidar images of whole nights (s)"
    )
    image_floor_km: float = Field(70.0, ge=0.0, description="lowest altitude of the lidar images (km)")
    image_ceiling_km: float = Field(300.0, gt=0.0, description="highest altitude of the lidar images (km)")
    density_range_cm3: tuple[float, float] | None = Field(
        None,
        description="ends of the density scale (cm-3); null takes them from noise and maximum of the nights shown",
    )
    tec_range_tecu: tuple[float, float] | None = Field(
        None, description="ends of the TEC scale (TECU); null takes them from the maps shown"
    )
    month_altitude_km: tuple[float, float] = Field(
        (83.0, 120.0),
        description="altitudes of Figure 4c (km): as in the paper's, and those of the column density "
        "(`derive.columns.bottom_km`, `top_km`)",
    )
    es_panels: tuple[str, ...] = Field(
        ("b", "c", "d", "e", "f"), description="panels of Figure 1 whose nights Figure 3 shows, in its order"
    )
    es_margin_hours: float = Field(
        1.5, ge=0.0, le=6.0, description="time shown before the first and after the last connection in Figure 3 (h)"
    )
    es_hours: tuple[float, float] | None = Field(
        (12.9, 20.1),
        description="UT hours of Figure 3, the bars of 13 to 20 UT as in the paper; where a connection lies beyond "
        "them, or with null, the hours follow from the connections and `es_margin_hours`",
    )
    blanketing_ionograms: int = Field(3, ge=1, le=3, description="ionograms with blanketing Es in Figure 3")
    sequence_soundings: int = Field(5, ge=2, le=5, description="soundings in the sequence of Figure 3")
    ionogram_height_km: tuple[float, float] = Field(
        (60.0, 700.0), description="virtual heights shown in the ionograms (km)"
    )
    sudden_rise_mhz: float = Field(
        0.5, gt=0.0, description="Es counts as sudden where it was absent before, or foEs rose by this much (MHz)"
    )
    enlargement_minutes: float = Field(
        20.0, gt=0.0, le=240.0, description="time shown before and after the marked stripes in Figure 5b (min)"
    )
    night_middle_km: float = Field(
        0.48, gt=0.0, le=10.0, description="height of a cell of the middle resolution of the interactive pages (km)"
    )
    night_page_mb: float = Field(
        6.0, gt=0.1, le=50.0, description="largest interactive page (MB); altitude bins are joined until it is kept"
    )
    wind_emission_nm: float = Field(
        630.0, gt=0.0, description="airglow emission whose wind Figure 5d shows, the nearest there is (nm)"
    )
    enlarged_panel: str = Field(
        "f", pattern="^[a-z]$", description="panel of Figure 1 enlarged in Figure 5b where no stripe is marked"
    )

    @model_validator(mode="after")
    def _order(self) -> FiguresSettings:
        if self.image_ceiling_km <= self.image_floor_km:
            raise ValueError("image_ceiling_km must lie above image_floor_km")
        for name in ("density_range_cm3", "tec_range_tecu", "ionogram_height_km", "month_altitude_km", "es_hours"):
            ends = getattr(self, name)
            if ends is not None and not ends[0] < ends[1]:
                raise ValueError(f"{name}: the first value must be the smaller one")
        if self.density_range_cm3 is not None and self.density_range_cm3[0] <= 0:
            raise ValueError("density_range_cm3 must be positive, the scale is logarithmic")
        return self
