"""Options of a catalogue: those that there are, and whether a reader asked for those that it was given."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from metalclouds.ingest.hypotheses import Read

_ALL = ("lidar", "tec", "fpi", "ionosonde")
# Option -> instruments whose readers know it.
OPTIONS: dict[str, tuple[str, ...]] = {
    "variables": _ALL,
    "time": _ALL,
    "date_order": _ALL,
    "clock": _ALL,
    "date": _ALL,
    "year": _ALL,
    "date_in_name": _ALL,
    "nights": _ALL,
    "missing": _ALL,
    "site": _ALL,
    "time_marks": ("lidar",),
    "altitude_unit": ("lidar",),
    "altitude_marks": ("lidar",),
    "altitude_above": ("lidar",),
    "beam_zenith_deg": ("lidar",),
    "altitude": ("lidar",),
    "axes": ("lidar",),
    "quantity": ("lidar",),
    "unit": ("lidar",),
    "species": ("lidar",),
    "files": ("lidar",),
    "orientation": ("lidar", "fpi", "tec"),
    "units": ("tec", "fpi", "ionosonde"),
    "pierce_point_km": ("tec",),
    "lat": ("tec",),
    "lon": ("tec",),
    "wind_is": ("fpi",),
    "wind_direction": ("fpi",),
    "zonal_positive": ("fpi",),
    "meridional_positive": ("fpi",),
    "look_elevation": ("fpi",),
    "wavelength": ("fpi",),
    "good_flag": ("fpi",),
    "es_without_value": ("ionosonde",),
    "least_confidence": ("ionosonde",),
    "range_is": ("ionosonde",),
    "height_offset_km": ("ionosonde",),
    "largest_zenith_angle": ("ionosonde",),
}


def mistakes(options: Mapping[str, Any]) -> list[str]:
    """What is wrong with the names of options, each with the name that may be meant; empty where nothing is."""
    found = []
    for name in options:
        if name not in OPTIONS:
            near = difflib.get_close_matches(str(name), OPTIONS, n=1)
            found.append(f"no option {name}{f'; is {near[0]} meant?' if near else ''}")
    return found


def foreign(options: Mapping[str, Any], instrument: str) -> list[str]:
    """Options that no reader of an instrument knows."""
    return [name for name in options if name in OPTIONS and instrument not in OPTIONS[name]]


class Asked(dict[str, Any]):
    """Options that note which of them a reader asks for, those of `variables` each by itself."""

    def __init__(self, options: Mapping[str, Any], asked: set[str], within: str = "") -> None:
        super().__init__(
            {key: Asked(value, asked, f"{key}.") if key == "variables" and isinstance(value, Mapping) else value
             for key, value in options.items()}
        )  # fmt: skip
        self.asked, self.within = asked, within

    def _note(self, key: object) -> None:
        self.asked.add(f"{self.within}{key}")

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)


def noting(read: Read, asked: set[str]) -> Read:
    """The reader, which adds to `asked` what it asks for of its options."""
    return lambda options, decisions: read(Asked(options, asked), decisions)


def not_asked(options: Mapping[str, Any], asked: set[str]) -> list[str]:
    """Options that were given and that no reader asked for, as `clock` or `variables.altitude`."""
    roles = [f"variables.{role}" for role in options.get("variables") or {}] if "variables" in asked else []
    return [name for name in (*options, *roles) if name not in asked]
