"""Looks of a Fabry-Perot interferometer along lines of sight: Madrigal ASCII and HDF5, MATLAB vectors, columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.said import Statement, good_flag_said, statements
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import find, numbers
from metalclouds.ingest.source import Member

_COLUMNS = {
    "start": r"ut1_unix",
    "end": r"ut2_unix",
    "wavelength": r"wavlen|wavelength|wvlen|wl",
    "azimuth": r"azm|az|azimuth",
    "elevation": r"elm|el|elevation",
    "altitude_bottom": r"altb",
    "altitude_top": r"alte",
    "horizontal": r"vnhlu",
    "horizontal_error": r"dvnhlu",
    "upward": r"vnu",
    "upward_error": r"dvnu",
    "line_of_sight": r"wind|los(_?(wind|velocity|v))?|v_?los|vnlu|line_?of_?sight.*|radial_?(wind|velocity)",
    "line_of_sight_error": r"wind_?sigma|wind_?error|d_?vlos|dvnlu|err(or)?|sigma|vlos_?err(or)?",
    "quality": r"(fpi_)?dataqual|wind_?quality|quality",
    "flag": r"wind_?flag|flag",
    "direction": r"directions?|dir|look",
    "clock": r"(utc?|lt)(_?(hours?|hh:?mm(:?ss)?))?",
}
_AZIMUTHS = {"N": 0.0, "E": 90.0, "S": 180.0, "W": -90.0, "Z": 0.0}
# Nominal wavelengths of the airglow lines in use, nm.
_LINES_NM = (557.7, 630.0, 892.0)
_LINE_IN_NAME = re.compile(r"(?<!\d)(557|630|892)[._]?([0-9])?\s*(?:nm|a)?(?!\d)")
_RED_LINE_ALTITUDE = re.compile(r"(?<!\d)250[ _-]?km")
_MISSING = (-99999.0, -32767.0, 9999.0, 99999.0)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Looks of one file, dim `look`, in the order of the file.

    Returns
    -------
    Dataset
        `look_time` (UTC, middle), `azimuth` (from north over east) and `elevation` in degree, `wavelength` in nm,
        `emission_altitude` km (NaN where not stated), `line_of_sight_wind` and `_error` in m s-1 along the line of
        sight, positive away from the instrument, `quality` (0 good, 1 caution, 2 bad).

    Raises
    ------
    ReadError, UndecidedError
        If no wind is in the file, or it does not say along which direction it is.
    """
    arrays = load(members[0])
    context = at_its_station(context, stated_in(arrays), needed=False)
    found = find(arrays, _COLUMNS, context)
    if "horizontal" not in found and "line_of_sight" not in found and "upward" in found:
        # Older Madrigal files have VNU for all looks; what it is at the oblique ones the catalogue has to say.
        found["line_of_sight"], found["line_of_sight_error"] = found.pop("upward"), found.pop("upward_error", "")
        found = {role: name for role, name in found.items() if name}
    wind_name = found.get("horizontal") or found.get("line_of_sight")
    if wind_name is None:
        raise ReadError(
            "no wind along a line of sight in the file", file=members[0].full_name, given=", ".join(arrays.values)
        )
    length = arrays.values[wind_name].size
    columns = {role: numbers(arrays, name) for role, name in found.items() if role not in ("direction", "clock")}
    azimuth, elevation = _directions(arrays, found, columns, context)
    wind, error = _line_of_sight(columns, elevation, _says_of(arrays, wind_name), context)
    out = {
        "look_time": _times(arrays, found, columns, length, context),
        "azimuth": azimuth,
        "elevation": elevation,
        "wavelength": wavelengths(arrays, columns, length, members[0], context),
        "emission_altitude": _altitude(columns, length),
        "line_of_sight_wind": wind,
        "line_of_sight_wind_error": error,
        "quality": _quality(columns, length, statements(arrays, context), context),
    }
    looks = xr.Dataset({name: ("look", value) for name, value in out.items()})
    return looks.assign_attrs(context.site.attributes())


def _times(
    arrays: Arrays, found: dict[str, str], columns: dict[str, np.ndarray], length: int, context: Context
) -> np.ndarray:
    if "start" in columns:
        middle = columns["start"] if "end" not in columns else 0.5 * (columns["start"] + columns["end"])
        return time_axis(Arrays(arrays.kind, {"unix": middle}), "unix", length, context, works_by_night=True)
    return time_axis(arrays, found.get("clock"), length, context, works_by_night=True)


def _directions(
    arrays: Arrays, found: dict[str, str], columns: dict[str, np.ndarray], context: Context
) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and elevation, from columns or from letters N E S W Z with the catalogue's elevation."""
    if "azimuth" in columns and "elevation" in columns:
        return columns["azimuth"], columns["elevation"]
    if "direction" not in found:
        raise context.undecided(
            "in which direction is the wind?",
            seen=", ".join(arrays.values),
            lines=("variables: {azimuth: NAME, elevation: NAME}", "variables: {direction: NAME}"),
        )
    letters = np.array([text.strip().upper()[:1] for text in arrays.values[found["direction"]].ravel().astype(str)])
    unknown = sorted(set(letters) - set(_AZIMUTHS))
    elevation = context.option("look_elevation")
    if unknown or elevation is None:
        raise context.undecided(
            "elevation of the oblique looks",
            seen=f"directions {sorted(set(letters))}",
            lines=("look_elevation: 45", "look_elevation: 60"),
        )
    context.decisions.record("direction", "letters", "N 0, E 90, S 180, W -90 degree from north over east, Z zenith")
    azimuth = np.array([_AZIMUTHS[letter] for letter in letters])
    return azimuth, np.where(letters == "Z", 90.0, float(elevation))


# What a name or header says of a wind beside look directions.
_ALONG_SIGHT = re.compile(r"(?<![a-z])v?_?los(?![a-z])|line[- _]of[- _]sight|视线|径向速度|radial")
_TO_THE_INSTRUMENT = re.compile(r"positive\s*(?:is|=|:)?\s*(?:towards?|approaching)")


def _says_of(arrays: Arrays, name: str) -> str:
    """What a file says of its wind: the column's name and the header."""
    return f"{arrays.words(name)} {arrays.attributes_of_file.get('header', '')}".lower()


def _meaning(said: str, context: Context) -> str | None:
    """Along the line of sight, or its projection to the horizontal: by the catalogue, else as the file says."""
    option = context.option("wind_is", ("line_of_sight", "horizontal"))
    if option is None and _ALONG_SIGHT.search(said) and "horizontal" not in said:
        context.decisions.record("wind", "along the line of sight", "the file says so")
        return "line_of_sight"
    return None if option is None else str(option)


def _line_of_sight(
    columns: dict[str, np.ndarray], elevation: np.ndarray, said: str, context: Context
) -> tuple[np.ndarray, np.ndarray]:
    """Wind along the line of sight. Madrigal's VNHLU is horizontal (over the cosine of the elevation), VNU upward."""
    if "line_of_sight" in columns:
        meaning = _meaning(said, context)
        if meaning is None:
            raise context.undecided(
                "is the wind along the line of sight, or projected to the horizontal?",
                seen="column of winds with look directions",
                lines=("wind_is: line_of_sight", "wind_is: horizontal"),
            )
        scale = np.cos(np.radians(elevation)) if meaning == "horizontal" else np.ones_like(elevation)
        scale = np.where(elevation > 89.0, 1.0, scale)
        if _TO_THE_INSTRUMENT.search(said):
            context.decisions.record("sign", "turned round", "positive towards the instrument, the file says")
            scale = -scale
        error = columns.get("line_of_sight_error", np.full_like(elevation, np.nan))
        return _known(columns["line_of_sight"]) * scale, _known(error) * np.abs(scale)
    cosine = np.cos(np.radians(elevation))
    wind = _known(columns["horizontal"]) * cosine
    error = _known(columns.get("horizontal_error", np.full_like(wind, np.nan))) * cosine
    if "upward" in columns:
        zenith = elevation > 89.0
        wind = np.where(zenith, _known(columns["upward"]), wind)
        error = np.where(zenith, _known(columns.get("upward_error", np.full_like(wind, np.nan))), error)
    context.decisions.record(
        "wind", "VNHLU horizontal along the look, VNU upward", "Madrigal parameters; positive away and up"
    )
    return wind, error


def _known(values: np.ndarray) -> np.ndarray:
    return np.where(np.isin(values, _MISSING), np.nan, values)


def wavelengths(
    arrays: Arrays, columns: dict[str, np.ndarray], length: int, member: Member, context: Context
) -> np.ndarray:
    """Nominal line of each look, nm, from a column (nm or Angstrom), name or header of the file, or the catalogue.

    Parameters
    ----------
    columns
        role -> values, dims (look,).

    Returns
    -------
    ndarray
        nm, dims (look,).

    Raises
    ------
    UndecidedError
        If nothing says it, or name and header speak of several.
    """
    if "wavelength" in columns:
        values = np.where(columns["wavelength"] > 3000.0, columns["wavelength"] / 10.0, columns["wavelength"])
    else:
        values = np.full(length, _stated_wavelength(arrays, member, context))
    lines = np.array(_LINES_NM)
    nearest = lines[np.argmin(np.abs(values[:, None] - lines), axis=1)]
    return np.where(np.abs(values - nearest) < 1.0, nearest, values)


def _stated_wavelength(arrays: Arrays, member: Member, context: Context) -> float:
    option = context.option("wavelength")
    if option is not None:
        return float(option)
    header = str(arrays.attributes_of_file.get("header", ""))
    said = [
        ("name of the file", _lines_in(member.full_name.lower())),
        ("header of the file", _lines_in(header.lower())),
    ]
    said += _emissions_in(statements(arrays, context))
    alone = {line: because for because, lines in reversed(said) for line in lines if len(lines) == 1}
    if len(alone) == 1:
        line, because = next(iter(alone.items()))
        context.decisions.record("emission", f"{line:g} nm", because)
        return line
    seen = "; ".join(f"{because}: {', '.join(map(str, lines))} nm" for because, lines in said if lines)
    raise context.undecided(
        "which emission?",
        seen=seen or f"no wavelength, or several, in the name {member.full_name} and in the file's header",
        lines=("wavelength: 630.0", "wavelength: 557.7"),
    )


# In prose a number alone is no wavelength: 630.0, 630 nm, 6300 A, OI 630, the red line.
_LINE_IN_PROSE = re.compile(
    r"(?<![\d.])(?:557|630|892)(?:(?:\.\d+)?\s*(?:nm|nanomet)|\.\d(?!\d)|\d\s*(?:a\b|å|angstr))|\bo\s?i\s?(?:557|630)(?!\d)",
    re.IGNORECASE,
)
_COLOURS = {630.0: r"\bred[- ](?:line|emission|airglow)|红线", 557.7: r"\bgreen[- ](?:line|emission|airglow)|绿线"}


def _emissions_in(said: Sequence[Statement]) -> list[tuple[str, list[float]]]:
    """Emissions of which attributes and descriptions speak, all together: one that names two leaves it open."""
    found: dict[float, str] = {}
    for one in said:
        for match in _LINE_IN_PROSE.finditer(one.text):
            number = float(re.sub(r"\D", "", match.group())[:3])
            found.setdefault(min(_LINES_NM, key=lambda line: abs(line - number)), one.because)
        for line, words in _COLOURS.items():
            if re.search(words, one.text, re.IGNORECASE):
                found.setdefault(line, one.because)
    if not found:
        of_altitude = [one.because for one in said if _RED_LINE_ALTITUDE.search(one.text.lower())]
        found = dict.fromkeys([630.0][: len(of_altitude)], "; ".join(of_altitude))
    return [("; ".join(dict.fromkeys(found.values())), sorted(found))] if found else []


def _lines_in(text: str) -> list[float]:
    """Emissions that a text speaks of, nm: `630.0 nm`; where it names none, an altitude of 250 km is the red line."""
    found = {float(f"{match.group(1)}.{match.group(2) or 0}") for match in _LINE_IN_NAME.finditer(text)}
    return sorted(found) or ([630.0] if _RED_LINE_ALTITUDE.search(text) else [])


def _altitude(columns: dict[str, np.ndarray], length: int) -> np.ndarray:
    if "altitude_bottom" in columns and "altitude_top" in columns:
        return 0.5 * (columns["altitude_bottom"] + columns["altitude_top"])
    return np.full(length, np.nan)


def _quality(columns: dict[str, np.ndarray], length: int, said: Sequence[Statement], context: Context) -> np.ndarray:
    """0 good, 1 caution, 2 bad. A flag that is not Madrigal's quality is 0 good, anything else bad."""
    if "quality" in columns:
        context.decisions.record("quality", "0 good, 1 caution, 2 bad", "Madrigal FPI_DATAQUAL")
        return np.nan_to_num(columns["quality"], nan=2.0)
    if "flag" in columns:
        given = context.option("good_flag")
        told = good_flag_said(said, context) if given is None else None
        good = float(given or told or 0.0)
        context.decisions.record("quality", f"flag {good:g} good, others bad", "catalogue, 0 where it does not say")
        return np.where(columns["flag"] == good, 0.0, 2.0)
    context.decisions.record("quality", "all used", "no quality flag in the file")
    return np.zeros(length)
