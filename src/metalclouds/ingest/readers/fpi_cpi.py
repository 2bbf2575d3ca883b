"""Winds of the Fabry-Perot interferometers of Computational Physics, Inc.: `<site><yymmdd>_winds.dat`.

A header, a block for each of the four cardinal directions, and one of vertical velocities relative to their nightly
mean. Each measurement has a line of values and a line `+/-` of errors. Read are the measured components LOS N, S, E,
W; the columns of the opposite direction (iLOS), which are interpolated in time, and the winds made of both are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member

_BLOCK = re.compile(
    r"^\s*(\d+)\s+(North|South|East|West)\s+\(pos\w*tive (\w+)ward\).*?(?:emission layer:\s*([\d.]+))?\s*$"
)
_DATE = re.compile(r"^[a-z]{2,6}(\d\d)(\d\d)(\d\d)\b", re.MULTILINE)
_SITE = re.compile(r"latitude:\s*([-\d.]+)\s*,?\s*longitude:\s*([-\d.]+)", re.IGNORECASE)
_LINES = {"red": 630.0, "green": 557.7}
_AZIMUTHS = {"North": 0.0, "East": 90.0, "South": 180.0, "West": -90.0}
# The values are horizontal components; the elevation scales a look and its error alike and does not enter the wind.
_ELEVATION_DEG = 45.0
_Row = tuple[float, float, float, float, float, float]


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Looks of one file, dim `look`, as `fpi_looks.read` gives them.

    Returns
    -------
    Dataset
        `look_time` (UTC), `azimuth`, `elevation`, `wavelength` (nm), `emission_altitude` (km), `line_of_sight_wind`
        and `_error` (m s-1, positive away from the instrument), `quality` (0 trustworthy, 1 suspicious, 2 dubious).

    Raises
    ------
    ReadError
        If the file has no date, no emission or no block, or a line of a block is not one.
    """
    member = members[0]
    text = member.text()
    rows = np.array(list(_rows(text.splitlines(), _latitude(text), member)), dtype=float).reshape(-1, 6)
    if not rows.size:
        raise ReadError("no wind in the file", file=member.full_name, rule="blocks North, South, East, West")
    hours, azimuth, component, error, quality, layer = rows.T
    slope = np.cos(np.radians(_ELEVATION_DEG))
    context.decisions.record("clock", "UT", "columns UT1, UT2, UTmid; hours go on past 24")
    context.decisions.record(
        "wind", "LOS N, S, E, W", "measured horizontal components; interpolated ones (iLOS) are not used"
    )
    context.decisions.record("quality", "0 trustworthy, 1 suspicious, 2 dubious", "header of the file")
    out = {
        "look_time": _date(text, member) + np.round(hours * 3.6e6).astype("timedelta64[ms]"),
        "azimuth": azimuth,
        "elevation": np.full(hours.size, _ELEVATION_DEG),
        "wavelength": np.full(hours.size, _wavelength(text, member)),
        "emission_altitude": layer,
        "line_of_sight_wind": component * slope,
        "line_of_sight_wind_error": error * slope,
        "quality": quality,
    }
    return xr.Dataset({name: ("look", value) for name, value in out.items()}, attrs=_station(text, context))


def _rows(lines: list[str], latitude: float, member: Member) -> Iterator[_Row]:
    """Hours, azimuth, component away from the instrument, error, code and altitude of each measurement."""
    number = 0
    while number < len(lines):
        head = _BLOCK.match(lines[number])
        number += 1
        if head is None:
            continue
        sign = _sign(head.group(2), head.group(3), latitude, member)
        first = number + 2
        number = first + 2 * int(head.group(1))
        block = lines[first:number]
        if len(block) < number - first:
            raise ReadError("the file is cut short", file=member.full_name, where=f"block {head.group(2)}")
        for values, errors in zip(block[::2], block[1::2], strict=True):
            hour, wind, error, code = _measurement(values, errors, member)
            layer = float(head.group(4) or "nan")
            yield hour, _AZIMUTHS[head.group(2)], sign * wind, error, code, layer


def _sign(look: str, positive: str, latitude: float, member: Member) -> float:
    """Sign of a component along the look: positive poleward (by hemisphere), northward, eastward and the like."""
    if positive == "pole":
        if not np.isfinite(latitude):
            raise ReadError("winds positive poleward, and no latitude in the header", file=member.full_name)
        positive = "north" if latitude >= 0 else "south"
    along = {"north": 0.0, "east": 90.0, "south": 180.0, "west": -90.0}
    if positive not in along:
        raise ReadError("not a direction", file=member.full_name, where=f"block {look}", given=f"{positive}ward")
    return float(np.round(np.cos(np.radians(along[positive] - _AZIMUTHS[look]))))


def _measurement(values: str, errors: str, member: Member) -> tuple[float, float, float, float]:
    """UTmid, component, its error and the code of the quality."""
    row, spread = values.split(), errors.split()
    try:
        if spread[0] != "+/-":
            raise ValueError("no line of errors")
        out = float(row[3]), float(row[4]), float(spread[1]), float(row[-1])
    except (ValueError, IndexError) as error:
        raise ReadError(
            "not a measurement", file=member.full_name, where=values.strip()[:60], given=str(error)
        ) from error
    if len(row) < 9 or not np.isfinite(out).all() or not -48.0 <= out[0] <= 72.0:
        raise ReadError("not a measurement", file=member.full_name, where=values.strip()[:60])
    return out


def _date(text: str, member: Member) -> np.datetime64:
    """Date that the hours count from, in the header after the letters of the site."""
    found = _DATE.search(text)
    if found is not None:
        year, month, day = found.groups()
        try:
            return np.datetime64(f"20{year}-{month}-{day}", "ns")
        except ValueError:
            pass
    raise ReadError("no date in the header", file=member.full_name, rule="the site's letters and yymmdd")


def _wavelength(text: str, member: Member) -> float:
    title = text.split("\n", 1)[0].lower()
    found = [nm for word, nm in _LINES.items() if f"{word}line" in title.replace(" ", "")]
    if len(found) != 1:
        raise ReadError(
            "no emission in the title", file=member.full_name, rule="RedLine or GreenLine", given=title[:80]
        )
    return found[0]


def _latitude(text: str) -> float:
    found = _SITE.search(text)
    return float(found.group(1)) if found else float("nan")


def _station(text: str, context: Context) -> dict[str, float]:
    """Station of the header, unless the catalogue gives one."""
    found = _SITE.search(text)
    if found is None or "site" in context.options:
        return {}
    context.decisions.record("station", f"{found.group(1)} N, {found.group(2)} E", "header of the file")
    return {"station_latitude": float(found.group(1)), "station_longitude": float(found.group(2))}
