"""Where a lidar stands: as the catalogue or the user says, else as its file does."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
from pydantic import ValidationError

from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.settings import Site

_OWNER = r"(station|site|lidar|obs(ervatory)?|instrument|geo(spatial)?|loc(ation)?)?_?"
_NAMES = {
    "latitude": rf"{_OWNER}(lat|latitude|纬度)(_?(deg(rees?)?|n|north))?",
    "longitude": rf"{_OWNER}(lon|long|longitude|lng|经度)(_?(deg(rees?)?|e|east))?",
    "altitude": r"(station|site|lidar|obs(ervatory)?)_?(alt|altitude|elev|elevation|height)(_?(km|m))?"
    r"|(elev|elevation)(_?(km|m))?|海拔",
}
_NUMBER = re.compile(r"([+\-]?\d+(?:\.\d+)?)\s*(?:°|deg(?:rees?)?)?\s*([NSEW]?)", re.IGNORECASE)
# A station that the user gave and one that the file names, farther apart than this (degree), are two places.
_SAME_PLACE_DEG = 1.0
# No station is higher (km): a larger number without a unit is in metres.
_HIGHEST_KM = 9.0


@dataclass(frozen=True)
class Stated:
    """A station, and where in a file it stands."""

    site: Site
    because: str


def stated_in(arrays: Arrays) -> Stated | None:
    """The station that a file names in scalars or attributes, `Info.lat`, `station_longitude`, else None.

    Its altitude is 0 km where the file gives none, or gives a small number without a unit.
    """
    scalars = {name: value.ravel()[0] for name, value in arrays.values.items() if value.size == 1}
    said: dict[str, tuple[str, object]] = {}
    for name, value in [*scalars.items(), *arrays.attributes_of_file.items()]:
        bare = re.sub(r"[\s\-]+", "_", name.split(".")[-1].strip().lower())
        for role, pattern in _NAMES.items():
            if role not in said and re.fullmatch(pattern, bare) and _number(value) is not None:
                said[role] = name, value
    if not {"latitude", "longitude"} <= said.keys():
        return _in_header(str(arrays.attributes_of_file.get("header", "")))
    latitude, longitude = (_number(said[role][1]) for role in ("latitude", "longitude"))
    height = _kilometres(*said["altitude"], arrays) if "altitude" in said else 0.0
    return _checked(latitude or 0.0, longitude or 0.0, height, ", ".join(name for name, _ in said.values()))


_IN_HEADER = {
    role: re.compile(
        rf"(?<![a-z]){role[:3]}(?:{role[3:]})?(?:\s*\([^)]*\))?\s*[:=]\s*({_NUMBER.pattern})", re.IGNORECASE
    )
    for role in ("latitude", "longitude")
}


def _in_header(header: str) -> Stated | None:
    """The station in lines above a table: `Latitude: 54.1 N`, or Meridian's `(122.3E,53.6N,298m)`."""
    found = {role: pattern.search(header) for role, pattern in _IN_HEADER.items()}
    numbers = [_number(match.group(1)) for match in found.values() if match is not None]
    if len(numbers) != len(found) or None in numbers:
        return station_in(header)
    latitude, longitude = (float(number or 0.0) for number in numbers)
    return _checked(latitude, longitude, 0.0, "the file's header")


_PLACE = re.compile(r"\((\d+(?:\.\d+)?)([EW]),\s*(\d+(?:\.\d+)?)([NS])(?:,\s*(\d+(?:\.\d+)?)\s*(k?)m)?")


def station_in(text: str) -> Stated | None:
    """The station of a Meridian header, `OMOHE(122.3E,53.6N,298m)`; None where there is none."""
    found = _PLACE.search(text)
    if found is None:
        return None
    east, west, north, south, height, kilo = found.groups()
    return _checked(
        float(north) * (-1 if south == "S" else 1),
        float(east) * (-1 if west == "W" else 1),
        float(height or 0.0) * (1.0 if kilo else 1e-3),
        f"{found.group(0)}) in its header",
    )


def _checked(latitude: float, longitude: float, height: float, where: str) -> Stated | None:
    """A station; None for what is no place on Earth, and for 0, 0, which stands for nothing."""
    if not latitude and not longitude:
        return None
    try:
        return Stated(Site(latitude=latitude, longitude=longitude, altitude_km=height), f"the file says so: {where}")
    except ValidationError:
        return None


def _number(value: object) -> float | None:
    """A number, or one in words as `54.1 N` or `105.1W`; None for anything else."""
    if isinstance(value, (bytes, np.bytes_)):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        found = _NUMBER.fullmatch(value.strip())
        if found is None:
            return None
        number = float(found.group(1))
        return -number if found.group(2).upper() in ("S", "W") else number
    flat = np.ravel(np.asarray(value))
    if flat.size != 1 or flat.dtype.kind not in "iuf" or not np.isfinite(flat[0]):
        return None
    return float(flat[0])


def _kilometres(name: str, value: object, arrays: Arrays) -> float:
    """A station's altitude in km by its unit, or where it can only be metres; else 0."""
    number = _number(value) or 0.0
    unit = re.search(r"_(km|m)$", name.lower())
    said = unit.group(1) if unit else arrays.attribute(name, "units").lower()
    if said == "km":
        return number
    return number / 1e3 if said in ("m", "meter", "metre", "meters", "metres") or number > _HIGHEST_KM else 0.0


def at_its_station(context: Context, stated: Stated | None) -> Context:
    """What a reader is told, with the station of the file where neither the catalogue nor the user gave one.

    Raises
    ------
    UndecidedError
        If nobody names a station, and the settings do not allow to assume the paper's.
    """
    site, record = context.site, context.decisions.record
    if context.site_given:
        if stated is not None and _apart(stated.site, site) > _SAME_PLACE_DEG:
            record("station", f"{site.words()}, as given", f"but {stated.because}: {stated.site.words()}")
        return context
    if stated is not None:
        record("station", stated.site.words(), stated.because)
        return replace(context, site=stated.site, site_given=True)
    if not context.settings.lidar.assume_station:
        raise context.unplaced()
    record("station", site.words(), "assumed: neither the file nor the settings name one")
    return context


def _apart(one: Site, other: Site) -> float:
    """The larger of the differences of latitude and longitude, degree."""
    east = (one.longitude - other.longitude + 180.0) % 360.0 - 180.0
    return max(abs(one.latitude - other.latitude), abs(east))
