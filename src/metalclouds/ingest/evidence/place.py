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
    r"|(elev|elevation|alt|altitude)(_?(km|m))?|海拔",
}
_NUMBER = re.compile(r"([+\-]?\d+(?:\.\d+)?)\s*(?:°|deg(?:rees?)?)?\s*([NSEW]?)", re.IGNORECASE)
# A station that the user gave and one that the file names, farther apart than this (degree), are two places.
_SAME_PLACE_DEG = 1.0
# No station is higher (km): a larger number without a unit is in metres.
_HIGHEST_KM = 9.0


@dataclass(frozen=True)
class Stated:
    """A station, where in a file it stands, and whether its height stands there."""

    site: Site
    because: str
    has_height: bool = True


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
        words = [str(value) for value in arrays.attributes_of_file.values() if isinstance(value, str)]
        return _in_header(str(arrays.attributes_of_file.get("header", ""))) or _pair_in("\n".join(words))
    latitude, longitude = (_number(said[role][1]) for role in ("latitude", "longitude"))
    height = _kilometres(*said["altitude"], arrays) if "altitude" in said else None
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
        return station_in(header) or _pair_in(header)
    latitude, longitude = (float(number or 0.0) for number in numbers)
    return _checked(latitude, longitude, None, "the file's header")


# Kiruna 67.87N 21.03E; (54.6N, 13.4E); 54,12° N; 11,77° O; 70 m.
_DEGREE = r"\s*(?:°|º|deg(?:rees?)?\.?)?\s*"
_PAIR = re.compile(
    rf"(?<![\d.,])(\d{{1,2}}(?:[.,]\d+)?){_DEGREE}([NS])(?![a-zA-Z])[\s,;/]{{1,3}}"
    rf"(\d{{1,3}}(?:[.,]\d+)?){_DEGREE}([EWO])(?![a-zA-Z])"
    r"(?:[\s,;/]+(?:alt\w*\.?\s*)?(\d+(?:[.,]\d+)?)\s*(k?)m(?![a-zA-Z]))?"
)
# O is Ost here, and ouest in other languages.
_GERMAN = re.compile(r"standort|breite|länge|höhe|messung|zeit|datum", re.IGNORECASE)


def _pair_in(header: str) -> Stated | None:
    """The one place that a header names as latitude and longitude with N or S, E or W; None for none, or several."""
    found = {match.groups(): match.group(0) for match in _PAIR.finditer(header)}
    if len(found) != 1:
        return None
    (north, south, east, west, height, kilo), text = next(iter(found.items()))
    if west == "O" and not _GERMAN.search(header):
        return None
    latitude, longitude = (float(number.replace(",", ".")) for number in (north, east))
    metres = float(height.replace(",", ".")) * (1e3 if kilo else 1.0) if height else None
    return _checked(
        latitude * (-1 if south == "S" else 1),
        longitude * (-1 if west == "W" else 1),
        None if metres is None else metres / 1e3,
        f"{text.strip()} in its header",
    )


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
        None if height is None else float(height) * (1.0 if kilo else 1e-3),
        f"{found.group(0)}) in its header",
    )


def _checked(latitude: float, longitude: float, height: float | None, where: str) -> Stated | None:
    """A station; None for what is no place on Earth, and for 0, 0, which stands for nothing."""
    if not latitude and not longitude:
        return None
    try:
        site = Site(latitude=latitude, longitude=longitude, altitude_km=height or 0.0)
        return Stated(site, f"the file says so: {where}", height is not None)
    except ValidationError:
        return None


def of_degrees(latitude: float, longitude: float, where: str) -> Stated | None:
    """A station by numbers that a format has for it, without its height; None for what is no place."""
    return _checked(latitude, longitude, None, where)


def in_header(header: str) -> Stated | None:
    """The one station that lines above a table name; None where they name none, or several."""
    return _in_header(header)


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
    if re.match(r"km|kilomet", said):
        return number
    # `m above Mean Sea Level`.
    return number / 1e3 if re.match(r"m(?![a-z])|met(er|re)", said) or number > _HIGHEST_KM else 0.0


def at_its_station(context: Context, stated: Stated | None, needed: bool = True) -> Context:
    """What a reader is told, with the station of the file where neither the catalogue nor the user gave one.

    Parameters
    ----------
    needed
        whether a file without a station is a stop at once; else only what rests on the place is one.

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
        return replace(context, site=stated.site, site_given=True, height_given=stated.has_height)
    if not context.settings.assume_station:
        if not needed:
            return context
        raise context.unplaced()
    record("station", site.words(), "assumed: neither the file nor the settings name one")
    return context


def _apart(one: Site, other: Site) -> float:
    """The larger of the differences of latitude and longitude, degree."""
    east = (one.longitude - other.longitude + 180.0) % 360.0 - 180.0
    return max(abs(one.latitude - other.latitude), abs(east))
