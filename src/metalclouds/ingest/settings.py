"""Settings of ingest: sites, resolution and the conventions that no file states."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from metalclouds import constants
from metalclouds.ingest.budget import LARGEST_MB


class Site(BaseModel):
    """Where an instrument stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latitude: float = Field(description="degrees north", ge=-90, le=90)
    longitude: float = Field(description="degrees east", ge=-180, le=360)
    altitude_km: float = Field(default=0.0, description="km above sea level", ge=-0.5, le=9)

    def words(self) -> str:
        """The place as messages name it: 54.1 N 11.8 E, 0 km."""
        north, east = "S" if self.latitude < 0 else "N", "W" if self.longitude < 0 else "E"
        return f"{abs(self.latitude):g} {north} {abs(self.longitude):g} {east}, {self.altitude_km:g} km"

    def attributes(self) -> dict[str, float]:
        """The station as it stands in the attributes of a product."""
        return {
            "station_latitude": self.latitude,
            "station_longitude": self.longitude,
            "station_altitude_km": self.altitude_km,
        }


# Stations of Chen et al. 2026; maps have none and get the lidar's.
PAPERS_STATIONS = {
    "lidar": Site(
        latitude=constants.LIDAR_LATITUDE_DEG,
        longitude=constants.LIDAR_LONGITUDE_DEG,
        altitude_km=constants.LIDAR_ALTITUDE_KM,
    ),
    "fpi": Site(latitude=constants.FPI_LATITUDE_DEG, longitude=constants.FPI_LONGITUDE_DEG, altitude_km=0.9),
    "ionosonde": Site(latitude=constants.IONOSONDE_LATITUDE_DEG, longitude=constants.IONOSONDE_LONGITUDE_DEG),
}
DEGREES_PER_HOUR = 15.0
_OFFSET = re.compile(r"(?:UTC|GMT)(?P<hours>[+-]\d{1,2})(?::(?P<minutes>\d\d))?")


def _site(whose: str) -> Any:
    """The field `site` of an instrument's settings: null stays null where settings are written and read again."""
    return Field(
        default=None,
        description=f"{whose}; default: the one that a file names, else see `ingest.assume_station`",
    )


def _clock(darkness: str = "") -> Any:
    """The field `clock` of an instrument's settings; each has its own, for a record may hold both clocks."""
    return Field(
        default=None,
        description="clock of files that do not name theirs: UT, LT or an offset such as UTC+1, which is also what "
        f"LT means in files that do; default: {darkness}ask",
        pattern=r"^(UT|LT|(UTC|GMT)[+-]\d{1,2}(:\d\d)?)$",
    )


_BY_THE_SUN = "the one by which all of it was taken in darkness, else "


class LidarSettings(BaseModel):
    """How lidar files are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Site | None = _site("the lidar's station")
    clock: str | None = _clock(_BY_THE_SUN)
    species: str = Field(default="Ca+", description="name of the species, as it stands in attributes")
    bottom_km: float = Field(default=70.0, description="lowest altitude kept, km above sea level", ge=0, lt=2000)
    top_km: float = Field(default=300.0, description="highest altitude kept, km above sea level", gt=0, le=2000)
    layer_bottom_km: float = Field(default=80.0, description="lower limit of the main layer, used as evidence", ge=0)
    layer_top_km: float = Field(default=110.0, description="upper limit of the main layer, used as evidence", gt=0)
    density_peak_cm3: tuple[float, float] | None = Field(
        default=None,
        description="range in which the main layer's mean peak density lies (cm-3), used as evidence; "
        "without it that of the species in docs/readers.md",
    )
    largest_density_cm3: float = Field(
        default=1e7, description="a larger value is damage, not a density; left out and counted (cm-3)", gt=0
    )
    dark_sun_elevation_deg: float = Field(
        default=0.0, description="the lidar measures while the sun is lower than this", ge=-18, le=10
    )
    retrieval_reference_km: float = Field(
        default=30.0, description="altitude of the Rayleigh normalisation, km", ge=15, le=60
    )
    retrieval_background_km: tuple[float, float] = Field(
        default=(310.0, 330.0), description="altitudes without resonance signal, km above sea level"
    )
    laser_width_GHz: float | None = Field(
        default=None,
        description="full width of the laser's line at half maximum, GHz; the resonance cross section of counts "
        "follows from it, at 200 K: Na D2, K D1, Fe 372 nm, Ca 423 nm, Ca+ 393 nm",
        ge=0,
        le=100,
    )
    rayleigh_backscatter_m2_sr: float | None = Field(
        default=None,
        description="Rayleigh backscatter cross section at the wavelength, m2 sr-1; default: that at the line of the "
        "species (Ca+: 2.0172e-31)",
        gt=0,
    )
    resonance_backscatter_m2_sr: float | None = Field(
        default=None,
        description="effective resonance cross section of the species, m2 sr-1; default: by `laser_width_GHz`, else "
        "that of the paper's laser for its Ca+, 1.091e-16 (main layer; 5.28e-17 at 900 K, for the F region); of "
        "other metals, lines and stations it is asked for",
        gt=0,
    )
    counts_bin_km: float = Field(
        default=0.096, description="bin that raw counts of finer bins are summed to, km", gt=0
    )


class TecSettings(BaseModel):
    """How total electron content is made vertical and gridded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clock: str | None = _clock()
    pierce_point_altitude_km: float = Field(default=250.0, description="height of the thin shell, km", gt=50, lt=2000)
    mapping_function: Literal["thin_shell"] = Field(
        default="thin_shell", description="slant to vertical: cosine of the zenith angle at the pierce point"
    )
    # PAPER: "inclined signal path below 30 deg" (lines 86-87) can be read in three ways; the choice is shown.
    elevation_rule: Literal["elevation", "zenith_at_receiver", "zenith_at_pierce_point"] = Field(
        default="elevation",
        description="reading of 'inclined below 30 deg': elevation above the limit, or zenith angle below the limit "
        "at the receiver or at the pierce point",
    )
    angle_limit_deg: float = Field(default=30.0, description="the limit of the elevation rule, degree", ge=0, le=90)
    resolution_deg: float = Field(default=1.0, description="cell of the grid of maps, degree", gt=0, le=10)
    longitude_range: tuple[float, float] = Field(default=(70.0, 140.0), description="degrees east, cell centres")
    latitude_range: tuple[float, float] = Field(default=(15.0, 55.0), description="degrees north, cell centres")
    step_minutes: float = Field(default=6.0, description="time step of maps made from slant data, min", gt=0, le=1440)
    earth_radius_km: float = Field(
        default=constants.EARTH_RADIUS_KM, description="radius for pierce points, km", gt=6000
    )


class FpiSettings(BaseModel):
    """How winds are made from looks along a line of sight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Site | None = _site("the interferometer's station")
    clock: str | None = _clock(_BY_THE_SUN)
    step_minutes: float = Field(default=60.0, description="time over which looks are joined to a wind, min", gt=0)
    worst_quality: int = Field(
        default=1, description="highest Madrigal FPI_DATAQUAL used (0 good, 1 caution, 2 bad)", ge=0, le=2
    )
    proportional_error_correlation: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="stated errors are not used where log error and log |wind| correlate by more than this",
    )
    fewest_looks_for_test: int = Field(default=20, description="least number of looks for that test", ge=3)
    horizontal_elevation_deg: float = Field(
        default=80.0, description="looks lower than this measure the horizontal wind", gt=0, le=90
    )


class IonosondeSettings(BaseModel):
    """How sounder files are read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Site | None = _site("the sounder's station")
    clock: str | None = _clock()
    foEs_limit_MHz: float = Field(
        default=1.5, description="an Es below this is not seen by the sounder, where the file does not say, MHz", gt=0
    )
    # A few steps of a sounder are no spread: scaled Digisonde records of quiet days have FF of 0.08 to 0.2 MHz.
    spread_f_least_MHz: float = Field(
        default=0.3,
        description="frequency spread (FF) of an SAO record from which a sounding has spread F, MHz",
        ge=0,
    )
    spread_f_least_km: float = Field(
        default=20.0, description="range spread (QF) of an SAO record from which a sounding has spread F, km", ge=0
    )


class IngestSettings(BaseModel):
    """Section `ingest` of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalogue: tuple[str, ...] = Field(
        default=(
            "config/catalogue/own.yaml",
            "config/catalogue/simulated.yaml",
            "config/catalogue/samples.yaml",
            "config/catalogue/formats.yaml",
        ),
        description="catalogue files in order; the first entry that fits a file counts",
    )
    leave_out: tuple[Literal["lidar", "tec", "fpi", "ionosonde"], ...] = Field(
        default=(), description="instruments to treat as if the source had none of their data"
    )
    largest_file_mb: float = Field(
        default=LARGEST_MB,
        description="largest size of a file's contents when unpacked, or as its header states it (MB); a large file "
        "may hold up to four times its own size",
        gt=0,
    )
    assume_station: bool = Field(
        default=True,
        description="take the paper's station for a file of lidar, winds or soundings whose station neither the "
        "settings nor the file name; false: ask. Commands for a night of one's own, and a local folder, ask",
    )
    local_time_offset_hours: float | None = Field(
        default=None,
        description="local time minus UT (h), of files in local time and on the axes of their figures; default: "
        "whole hours by the longitude of the station, without summer time; an instrument's `clock: UTC+1` wins",
        ge=-14,
        le=14,
    )
    lidar: LidarSettings = Field(default=LidarSettings(), description="lidar")
    tec: TecSettings = Field(default=TecSettings(), description="total electron content")
    fpi: FpiSettings = Field(default=FpiSettings(), description="Fabry-Perot interferometer")
    ionosonde: IonosondeSettings = Field(default=IonosondeSettings(), description="ionosonde")

    def clock_offset_hours(self, instrument: str) -> float | None:
        """Local time minus UT (h) where the setting `clock` of an instrument is an offset such as UTC-4."""
        found = _OFFSET.fullmatch(getattr(self, instrument).clock or "")
        if found is None:
            return None
        hours, minutes = found["hours"], int(found["minutes"] or 0)
        return int(hours) + (-minutes if hours.startswith("-") else minutes) / 60.0

    def given_local_hours(self, instrument: str) -> float | None:
        """Local time minus UT (h) as given: by the instrument's clock, else for all; None where nobody gives it."""
        offset = self.clock_offset_hours(instrument)
        return self.local_time_offset_hours if offset is None else offset

    def local_hours(self, site: Site, instrument: str) -> float:
        """Local time minus UT (h) at the station of an instrument: as given, or whole hours by the longitude."""
        east = (site.longitude + 180.0) % 360.0 - 180.0
        given = self.given_local_hours(instrument)
        return float(round(east / DEGREES_PER_HOUR)) if given is None else given

    def site_given(self, instrument: str) -> bool:
        """Whether the settings give the station of an instrument; maps have the lidar's."""
        return getattr(self, instrument if instrument != "tec" else "lidar").site is not None

    def site(self, instrument: str) -> Site:
        """Station of an instrument: that of the settings, else the paper's; maps have none and get the lidar's."""
        name = instrument if instrument != "tec" else "lidar"
        given: Site | None = getattr(self, name).site
        return PAPERS_STATIONS[name] if given is None else given
