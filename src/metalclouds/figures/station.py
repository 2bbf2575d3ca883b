"""Where the data at hand were measured: words for captions, and the local time of an axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DEGREES_PER_HOUR = 15.0


@dataclass(frozen=True)
class Station:
    """A place, degrees north and east (-180 to 180), and local time minus UT (h), if a person gave it."""

    latitude: float
    longitude: float
    local_hours: float | None = None

    def words(self) -> str:
        """The place in words: 40.4°N, 116.0°E."""
        north, east = "N" if self.latitude >= 0 else "S", "E" if self.longitude >= 0 else "W"
        return f"{abs(self.latitude):.1f}°{north}, {abs(self.longitude):.1f}°{east}"

    def local_offset_hours(self, setting: float | None = None) -> float:
        """Local time minus UT (h): the setting's, else that of the data, else whole hours by the longitude."""
        given = setting if setting is not None else self.local_hours
        return given if given is not None else float(round(self.longitude / DEGREES_PER_HOUR))


def station_of(attributes: Mapping[str, Any]) -> Station | None:
    """The station that the attributes of a product name; None where they name none."""
    if "station_latitude" not in attributes or "station_longitude" not in attributes:
        return None
    longitude = (float(attributes["station_longitude"]) + 180.0) % 360.0 - 180.0
    local = attributes.get("local_time_offset_hours")
    return Station(float(attributes["station_latitude"]), longitude, None if local is None else float(local))


def listed_places(stations: Iterable[Station]) -> str:
    """Where several stations are: "40.4°N, 116.0°E; 35.0°N, 106.5°W"; empty where nothing is known."""
    return "; ".join(dict.fromkeys(station.words() for station in stations))


def offset_words(offset_hours: float | None) -> str:
    """LT = UT + 8 h; empty where the place, and with it the local time, is not known."""
    if offset_hours is None:
        return ""
    sign = "+" if offset_hours >= 0 else "−"
    return f"LT = UT {sign} {abs(offset_hours):g} h"
