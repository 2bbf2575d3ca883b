"""Maps of vertical TEC as text: lines of a header, rows of latitude from north to south, columns of longitude."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.containers.cells import is_missing, is_number
from metalclouds.ingest.containers.units import parse
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.said import of_lines, of_notes
from metalclouds.ingest.evidence.shell import shell_km
from metalclouds.ingest.readers.columns import in_unit, known
from metalclouds.ingest.readers.tec_arrays import TEC
from metalclouds.ingest.source import Member

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
# A grid has at least so many rows and columns.
_SMALLEST = 3
_SMALLEST_STEP_DEG = 0.1
# First and last latitude and longitude of the maps of China that say none.
_USUAL = {"lat": (55.0, 15.0), "lon": (70.0, 140.0)}
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
    header, values, axes = _parted(member)
    latitude, longitude = (
        axes[word] if word in axes else _axis(header, word, length, usual, context, member)
        for word, length, usual in zip(_USUAL, values.shape, _USUAL.values(), strict=True)
    )
    values[np.isin(values, _missing(header, context))] = np.nan
    values = _in_tecu(known(values, "the grid", context), header, context)
    if "lat" not in axes:
        _check_south(values, latitude, header, context)
    return Map(_time(header, member, context), latitude, longitude, values, _shell(header, context))


def _parted(member: Member) -> tuple[list[str], np.ndarray, dict[str, np.ndarray]]:
    """Header, values and, where they stand in the margins, the axes.

    The grid is the block of rows of numbers at the end, all as long; a first row one shorter is an axis.
    """
    lines = [line for line in member.text().splitlines() if line.strip()]
    rows = [line.replace(",", " ").replace(";", " ").split() for line in lines]
    last = len(rows) - 1
    while last >= 0 and not _is_row(rows[last]):
        last -= 1
    width = len(rows[last]) if last >= 0 else 0
    first = last
    while first > 0 and len(rows[first - 1]) == width and _is_row(rows[first - 1]):
        first -= 1
    block = rows[first : last + 1]
    if width < _SMALLEST or len(block) < _SMALLEST:
        raise ReadError(
            "not a grid of numbers below the header",
            file=member.full_name,
            rule="lines of a header, then a row of numbers for each latitude",
            given=f"{len(block)} rows of {width} numbers",
        )
    above = _numbers_behind_words(rows[first - 1]) if first > 0 else []
    if len(above) == width - 1 and _is_row(above) and _is_axis(_floats([above], member)[0], 360.0):
        block, first = [["nan", *above], *block], first - 1
    values = _floats(block, member)
    across, down = values[0, 1:], values[1:, 0]
    corner_is_empty = not _is_axis(values[0], 360.0) and not _is_axis(values[:, 0], 90.0)
    if corner_is_empty and _is_axis(across, 360.0) and _is_axis(down, 90.0):
        return lines[:first], values[1:, 1:], {"lat": down, "lon": across}
    if _is_axis(values[:, 0], 90.0) and not _is_axis(values[:, 1], 90.0):
        return lines[:first], values[:, 1:], {"lat": values[:, 0]}
    return lines[:first], values, {}


def _numbers_behind_words(tokens: Sequence[str]) -> Sequence[str]:
    """The numbers of a row whose corner names the axes: `lat\\lon 70 75 80`."""
    words = [number for number, token in enumerate(tokens) if not (is_number(token) or is_missing(token))]
    return tokens[words[-1] + 1 :] if words else tokens


def _is_row(tokens: Sequence[str]) -> bool:
    """Whether the first and the last of some words are numbers, or words for missing."""
    return bool(tokens) and all(is_number(token) or is_missing(token) for token in (tokens[0], tokens[-1]))


def _floats(rows: Sequence[Sequence[str]], member: Member) -> np.ndarray:
    try:
        return np.array(rows, dtype=float)
    except ValueError:
        plain = [["nan" if is_missing(token) else token for token in row] for row in rows]
    try:
        return np.array(plain, dtype=float)
    except ValueError as error:
        raise ReadError("not a grid of numbers below the header", file=member.full_name, given=str(error)) from error


def _is_axis(values: np.ndarray, most: float) -> bool:
    """Even steps within degrees of latitude or longitude: no row of a measured map has them."""
    steps = np.diff(values)
    if values.size < _SMALLEST or not np.isfinite(values).all() or np.abs(values).max() > most:
        return False
    return bool(abs(steps[0]) >= _SMALLEST_STEP_DEG and np.ptp(steps) < 1e-6 * max(abs(float(steps[0])), 1.0))


def _in_tecu(values: np.ndarray, header: Sequence[str], context: Context) -> np.ndarray:
    """The stated unit, else by the size of the values."""
    stated = re.search(r"units?\s*(?:of\s+\w+\s*)?[:=]\s*([^;,\n]+)", "\n".join(header), re.IGNORECASE)
    unit = stated.group(1).strip() if stated and parse(stated.group(1)) is not None else ""
    arrays = Arrays("text", {"tec": values}, {"tec": {"units": unit}})
    return in_unit(values, arrays, "tec", "tec", TEC, context)


def _check_south(values: np.ndarray, latitude: np.ndarray, header: Sequence[str], context: Context) -> None:
    """Over China there is more TEC in the south: rows that are assumed to run from north to south must have it.

    Raises
    ------
    UndecidedError
        If nothing states the latitudes, and the northern third would have more.
    """
    if context.option("lat") is not None or any(re.search(r"\blat", line.lower()) for line in header):
        return
    third = max(values.shape[0] // 3, 1)
    by_latitude = values[np.argsort(latitude)]
    south, north = (float(np.nanmean(part)) if np.isfinite(part).any() else np.nan
                    for part in (by_latitude[:third], by_latitude[-third:]))  # fmt: skip
    if north > south:
        low, high = float(latitude.min()), float(latitude.max())
        raise context.undecided(
            "do the rows run from north to south?",
            seen=f"no latitudes in the header; as if from north to south: {north:.3g} TECU north, {south:.3g} south",
            lines=(f"lat: [{high:g}, {low:g}]", f"lat: [{low:g}, {high:g}]"),
        )


def _axis(
    header: Sequence[str], word: str, length: int, usual: tuple[float, float], context: Context, member: Member
) -> np.ndarray:
    """Axis by the catalogue's option `lat` or `lon`, or from the numbers of the header line that names it, else the
    usual range where the step is then even.
    """
    given = context.option(word)
    if given is not None:
        return np.linspace(*_ends(given, word, context), length)
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
            f"which {'latitudes' if word == 'lat' else 'longitudes'} does the grid have?",
            seen=f"{length} values, nothing in the header",
            lines=(f"{word}: [FIRST, LAST]",),
        )
    context.decisions.record(
        f"{word} axis", f"{usual[0]:g} to {usual[1]:g}", f"the usual range; step {abs(step):g} with {length} values"
    )
    return np.linspace(*usual, length)


def _ends(given: object, word: str, context: Context) -> tuple[float, float]:
    """First and last value of an axis as the catalogue gives them."""
    try:
        first, last = (float(value) for value in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise context.undecided(
            f"the option {word} is not understood", seen=str(given), lines=(f"{word}: [FIRST, LAST]",)
        ) from error
    return first, last


def _missing(header: Sequence[str], context: Context) -> list[float]:
    stated = [float(n) for line in header if "missing" in line.lower() for n in _NUMBER.findall(line)]
    option = context.option("missing")
    return stated + ([] if option is None else list(np.atleast_1d(option))) + ([] if stated else list(_MISSING))


_USUAL_CLOCK = "the time of a map in its header or name is taken for UT"


def _time(header: Sequence[str], member: Member, context: Context) -> np.datetime64:
    for line in header:
        found = naming.moments(line)
        if found:
            context.decisions.record("time", "of the map", f"header: {line.split(':')[0].strip('# ')}")
            return to_utc(np.array(found[:1]).astype("datetime64[ns]"), line, context, False, usual=_USUAL_CLOCK)[0]
    found = naming.moments(member.name)
    if not found or not naming.has_clock(member.name):
        raise ReadError(
            "the time of a map stands neither in its header nor in its name",
            file=member.full_name,
            given=f"header {list(header[:2])}",
            remedy="give the file a name with date and time, e.g. tec_20210618_123000.txt",
        )
    context.decisions.record("time", "of the map", "name of the file")
    words = re.sub(r"[_\d.]+", " ", member.name)
    return to_utc(np.array(found[:1]).astype("datetime64[ns]"), words, context, False, usual=_USUAL_CLOCK)[0]


def _shell(header: Sequence[str], context: Context) -> dict[str, object]:
    text = " ".join(header)
    rule = re.search(
        r"(elevation[^;#]*?\d+(?:\.\d+)?\s*deg\w*|zenith[^;#]*?\d+(?:\.\d+)?\s*deg\w*)", text, re.IGNORECASE
    )
    altitude = shell_km([*of_lines(header), *of_notes(context)], context)
    if altitude is None:
        plain = re.search(r"height[^\d]{0,40}(\d{3,4}(?:\.\d+)?)\s*km", text, re.IGNORECASE)
        altitude = float(plain.group(1)) if plain else float("nan")
        context.decisions.record("shell", f"{altitude:g} km", "header" if plain else "not stated in the file")
    return {
        "pierce_point_altitude_km": altitude,
        "mapping_function": "not stated (maps of the source)",
        "elevation_rule": f"{rule.group(1)} (of the source)" if rule else "not stated (maps of the source)",
    }
