"""What an altitude axis says: km or m, centre or edge, above the sea or above the station."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.remarks import tilt_in

_KM_UNITS = ("km", "kilometer", "kilometers", "kilometre", "kilometres")
_M_UNITS = ("m", "meter", "meters", "metre", "metres")


def altitude_axis(values: np.ndarray, length: int, words: str, units: str, context: Context) -> np.ndarray:
    """Bin centres in km above sea level, in the order of the file.

    Parameters
    ----------
    values
        the axis as the file has it, of `length` or, as edges, `length + 1`.
    words, units
        what the file says about it.
    length
        number of bins.

    Returns
    -------
    ndarray
        km, dims (altitude,).

    Raises
    ------
    UndecidedError
        If the unit cannot be told, or the axis is neither ascending nor descending.
    """
    steps = np.diff(values)
    if not np.isfinite(values).all() or not (np.all(steps > 0) or np.all(steps < 0)):
        raise context.undecided(
            "the altitude axis goes up and down",
            seen=_span(values),
            lines=("variables: {altitude: NAME}", "altitude: {start_km: X, step_km: Y}"),
        )
    kilometres = values * _unit(values, words, units, context)
    centres = _centres(kilometres, length, words, context)
    heights = _of_beam(centres, words, context)
    return _above_sea(centres, words, context) if heights is None else heights


def regular_altitudes(given: Mapping[str, Any], length: int, file: str) -> np.ndarray:
    """Bin centres in km above sea level from the catalogue's `{start_km, step_km}`.

    Parameters
    ----------
    length
        number of bins.

    Returns
    -------
    ndarray
        km, dims (altitude,).

    Raises
    ------
    ReadError
        If one of them is missing or no number.
    """
    try:
        return float(given["start_km"]) + float(given["step_km"]) * np.arange(length)
    except (KeyError, ValueError, TypeError) as error:
        raise ReadError(
            "the option altitude is not understood",
            file=file,
            given=dict(given),
            rule="numbers: {start_km: 70, step_km: 0.096}",
        ) from error


def _span(values: np.ndarray) -> str:
    return f"{values.size} values from {values[0]:.6g} to {values[-1]:.6g}" if values.size else "no values"


def _unit(values: np.ndarray, words: str, units: str, context: Context) -> float:
    option = context.option("altitude_unit", ("km", "m"))
    said = (option or units or _unit_in_words(words)).strip().lower()
    if said in _KM_UNITS or said in _M_UNITS:
        if option is None:
            context.decisions.record("altitude unit", said, "the file says so")
        return 1.0 if said in _KM_UNITS else 1e-3
    top = float(np.max(np.abs(values)))
    if 60.0 <= top <= 2500.0:
        context.decisions.record("altitude unit", "km", f"the axis ends at {top:g}")
        return 1.0
    if 6e4 <= top <= 2.5e6:
        context.decisions.record("altitude unit", "m", f"the axis ends at {top:g}")
        return 1e-3
    raise context.undecided(
        "altitude in km or m?", seen=_span(values), lines=("altitude_unit: km", "altitude_unit: m")
    )


def _unit_in_words(words: str) -> str:
    match = re.search(r"[\[(_ ](km|m)(?:[\])_ ]|$)", words)
    return match.group(1) if match else ""


def _centres(values: np.ndarray, length: int, words: str, context: Context) -> np.ndarray:
    step = float(np.median(np.diff(values)))
    option = context.option("altitude_marks", ("centre", "lower_edge"))
    if values.size == length + 1:
        context.decisions.record("altitude marks", "edges", "one more altitude than bins")
        return 0.5 * (values[1:] + values[:-1])
    if option == "lower_edge" or (option is None and re.search(r"lower|edge|bottom of", words)):
        context.decisions.record("altitude marks", "lower edges", "said by the file or the catalogue")
        return values + 0.5 * abs(step)
    if option is None and values[0] == 0.0:
        context.decisions.record("altitude marks", "lower edges", "the first bin starts at 0")
        return values + 0.5 * abs(step)
    if option is None:
        because = (
            "the file says so"
            if re.search(r"cent(er|re)|mid", words)
            else f"not stated; if they were edges the error is half a bin, {abs(step) / 2:.3g} km"
        )
        context.decisions.record("altitude marks", "centres", because)
    return values


_PLACE = r"ground|station|lidar|site|instrument|observatory|surface|telescope"
_ABOVE_STATION = re.compile(
    rf"above (?:the )?(?:(?:local )?ground(?: level)?|(?:{_PLACE})(?! level))|(?<![a-z])a\.?g\.?l(?![a-z])|距地|离地"
    r"|über (?:dem )?(?:grund|boden|station)|sobre (?:el )?(?:suelo|nivel del suelo)|au-dessus du sol"
)
_ABOVE_SEA = re.compile(
    r"above (?:mean )?sea|sea[ _-]?level|(?<![a-z])(?:a\.?m?\.?s\.?l|msl)(?![a-z])|海拔"
    r"|über (?:dem )?(?:meer|n\.?n)|sobre el nivel del mar|au-dessus du niveau de la mer"
)
# A name that is that of a distance, where the words say nothing better.
# A range of numbers, `altitude (range 75 to 200 km)`, is a span.
_DISTANCE = re.compile(r"(?:range|distance)(?!\s*(?:of|from|[:=])?\s*\d)")


def _said_above(words: str, context: Context) -> re.Match[str] | None:
    """The words by which an axis is above the station; None where it is above the sea or nothing is said.

    Raises
    ------
    UndecidedError
        If both are said.
    """
    station, sea = _ABOVE_STATION.search(words), _ABOVE_SEA.search(words)
    if station and sea and context.option("altitude_above") is None:
        raise context.undecided(
            "altitude above the sea or above the station?",
            seen=f"{station.group(0)!r} and {sea.group(0)!r}",
            lines=("altitude_above: sea", "altitude_above: station"),
        )
    return station or (None if sea else _DISTANCE.search(words))


def _of_beam(values: np.ndarray, words: str, context: Context) -> np.ndarray | None:
    """Heights above the sea of ranges along a beam that does not point to the zenith; None where none is said.

    Raises
    ------
    UndecidedError
        If a description says that it is a range along the beam, and no catalogue gives the angle.
    """
    angle = context.option("beam_zenith_deg")
    said = context.remark("slant", words)
    if angle is None and said is not None and context.option("altitude_above") is None:
        tilt = tilt_in(f"{words} {said}")
        raise context.undecided(
            "range along the beam or altitude?",
            seen=said,
            lines=(f"beam_zenith_deg: {30 if tilt is None else tilt:g}", "altitude_above: sea"),
        )
    if angle is None:
        return None
    context.decisions.record(
        "altitude", "range along the beam", f"{angle} degrees from the zenith, the catalogue says"
    )
    return values * np.cos(np.radians(float(angle))) + context.site.altitude_km


def _above_sea(values: np.ndarray, words: str, context: Context) -> np.ndarray:
    option = context.option("altitude_above", ("sea", "station"))
    station = context.site.altitude_km
    said = _said_above(words, context)
    if (option == "station" or (option is None and said)) and not context.height_given:
        place = f"latitude: {context.site.latitude:g}, longitude: {context.site.longitude:g}"
        raise context.undecided(
            "how high is the station, above which the altitudes are?",
            seen=f"{context.site.latitude:g}, {context.site.longitude:g} in the file, and no height",
            lines=(f"site: {{{place}, altitude_km: N}}",),
        )
    if option == "station" or (option is None and said):
        context.decisions.record(
            "altitude above", "station", f"{station:g} km added; {said.group(0) if said else 'catalogue'}"
        )
        return values + station
    if option is None:
        unsure = f"; if above the station all altitudes are {station:g} km too low"
        if re.search(r"\bsea\b|elev|msl|asl", words):
            because = "the file says so"
        else:
            because = ("called altitude" if "altitude" in words else "not stated") + unsure
        context.decisions.record("altitude above", "sea level", because)
    return values
