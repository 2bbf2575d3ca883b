"""Maps of vertical TEC as text: 8 header lines, rows of latitude from north to south, columns of longitude."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_HEADER_LINES = 8
_MISSING = (9999.0, 999.0, -999.0, -9999.0, 999.9, 9999.99)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """One map a file, joined in time.

    Returns
    -------
    Dataset
        `vertical_tec` in TECU with dims (time, latitude, longitude), ascending; NaN where missing.

    Raises
    ------
    ReadError
        If a file is no grid of numbers, has another grid than the first, or says no time in header or name.
    UndecidedError
        If the axes of a grid are not known.
    """
    maps = [_one(member, context) for member in members]
    first = maps[0]
    for other in maps[1:]:
        if not (np.array_equal(other.latitude, first.latitude) and np.array_equal(other.longitude, first.longitude)):
            raise ReadError("maps of a day have different grids", file=context.file)
    times, order = np.unique(np.array([one.time for one in maps]), return_index=True)
    cube = np.stack([maps[index].values for index in order])
    out = xr.Dataset(
        {"vertical_tec": (("time", "latitude", "longitude"), cube)},
        {"time": times, "latitude": first.latitude, "longitude": first.longitude},
        attrs=first.shell,
    )
    return out.sortby(["latitude", "longitude"])


@dataclass(frozen=True)
class Map:
    """One map as its file has it; `values` TECU, dims (latitude, longitude), NaN where missing."""

    time: np.datetime64
    latitude: np.ndarray
    longitude: np.ndarray
    values: np.ndarray
    shell: dict[str, object]


def _one(member: Member, context: Context) -> Map:
    lines = member.text().splitlines()
    header, rows = lines[:_HEADER_LINES], [line for line in lines[_HEADER_LINES:] if line.strip()]
    try:
        values = np.array([row.split() for row in rows], dtype=float)
    except ValueError as error:
        raise ReadError("not a grid of numbers below the header", file=member.full_name, given=str(error)) from error
    if values.ndim != 2 or min(values.shape) < 2:
        raise ReadError(
            "not a grid of numbers below the header",
            file=member.full_name,
            rule="8 header lines, then a row for each latitude",
            given=f"shape {values.shape}",
        )
    latitude = _axis(header, "lat", values.shape[0], (55.0, 15.0), context, member)
    longitude = _axis(header, "lon", values.shape[1], (70.0, 140.0), context, member)
    values[np.isin(values, _missing(header, context))] = np.nan
    return Map(_time(header, member, context), latitude, longitude, values, _shell(header, context))


def _axis(
    header: Sequence[str], word: str, length: int, usual: tuple[float, float], context: Context, member: Member
) -> np.ndarray:
    """Axis by the catalogue's option `lat` or `lon`, or from the numbers of the header line that names it, else the
    usual range where the step is then even.
    """
    given = context.option(word)
    if given is not None:
        return np.linspace(float(given[0]), float(given[1]), length)
    for line in header:
        numbers = [float(number) for number in _NUMBER.findall(line)]
        if re.search(rf"\b{word}", line.lower()) and len(numbers) >= 2:
            axis = np.linspace(numbers[0], numbers[1], length)
            step = abs(axis[1] - axis[0])
            if len(numbers) == 2 or abs(step - abs(numbers[2])) < 1e-6:
                context.decisions.record(
                    f"{word} axis", f"{axis[0]:g} to {axis[-1]:g}", f"header: {line.strip('# ')}"
                )
                return axis
            raise ReadError(
                "the grid does not fit its header",
                file=member.full_name,
                rule=line.strip("# "),
                given=f"{length} values",
            )
    step = (usual[1] - usual[0]) / (length - 1)
    if abs(step) not in (0.5, 1.0, 2.0, 2.5, 5.0):
        raise context.undecided(
            f"which {word}itudes does the grid have?",
            seen=f"{length} values, nothing in the header",
            lines=(f"{word}: [FIRST, LAST]",),
        )
    context.decisions.record(
        f"{word} axis", f"{usual[0]:g} to {usual[1]:g}", f"the usual range; step {abs(step):g} with {length} values"
    )
    return np.linspace(*usual, length)


def _missing(header: Sequence[str], context: Context) -> list[float]:
    stated = [float(n) for line in header if "missing" in line.lower() for n in _NUMBER.findall(line)]
    option = context.option("missing")
    return stated + ([] if option is None else list(np.atleast_1d(option))) + ([] if stated else list(_MISSING))


def _time(header: Sequence[str], member: Member, context: Context) -> np.datetime64:
    for line in header:
        found = naming.moments(line)
        if found:
            context.decisions.record("time", "UTC", f"header: {line.split(':')[0].strip('# ')}, as the format has it")
            return found[0].astype("datetime64[ns]")
    found = naming.moments(member.name)
    if not found or not naming.has_clock(member.name):
        raise ReadError(
            "the time of a map stands neither in its header nor in its name",
            file=member.full_name,
            given=f"header {header[:2]}",
            remedy="give the file a name with date and time, e.g. tec_20210618_123000.txt",
        )
    context.decisions.record("time", "UTC", "name of the file")
    return found[0].astype("datetime64[ns]")


def _shell(header: Sequence[str], context: Context) -> dict[str, object]:
    text = " ".join(header)
    height = re.search(r"(?:pierce|shell|ipp|height)[^\d]{0,40}(\d{3,4}(?:\.\d+)?)\s*km", text, re.IGNORECASE)
    rule = re.search(
        r"(elevation[^;#]*?\d+(?:\.\d+)?\s*deg\w*|zenith[^;#]*?\d+(?:\.\d+)?\s*deg\w*)", text, re.IGNORECASE
    )
    value = context.option("pierce_point_km")
    altitude = float(value) if value is not None else float(height.group(1)) if height else float("nan")
    context.decisions.record("shell", f"{altitude:g} km", "header" if height else "not stated in the file")
    return {
        "pierce_point_altitude_km": altitude,
        "mapping_function": "not stated (maps of the source)",
        "elevation_rule": f"{rule.group(1)} (of the source)" if rule else "not stated (maps of the source)",
    }
