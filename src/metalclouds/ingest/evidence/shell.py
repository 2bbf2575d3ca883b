"""Height of the thin shell of a TEC: by the catalogue, else as the file or the record's description states it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.said import Statement

_WORDS = (
    r"(?:pierc\w*|shell\w*|ipps?|ionospher\w*[ _-]*(?:altitude|height|alt|hgt)|(?:thin|single)[ _-]*(?:layer|shell)"
    r"|薄层|单层|穿刺点)"
)
_NUMBER = r"(?<![\d.])(\d{2,4}(?:\.\d+)?|[1-9]\d{5}(?:\.\d+)?)"
_UNIT = r"[\s-]*(km|公里|千米|m(?![a-z])|米)"
# `pierce point at 350 km`, `350-km shell`, `ionosphere_altitude_m: 350000.0`, `shell height: 400`.
_BEHIND = re.compile(rf"{_WORDS}[^\d.;。；]{{0,40}}?{_NUMBER}{_UNIT}", re.IGNORECASE)
_BEFORE = re.compile(
    rf"{_NUMBER}{_UNIT}[\s-]*(?:thick |altitude |high )?(?:thin |ionospheric )?{_WORDS}", re.IGNORECASE
)
_KEY = re.compile(rf"{_WORDS}\w*?(?:height|altitude|alt|hgt|高度)?(?:_?(k?m))?\s*[:=]\s*{_NUMBER}\s*$", re.IGNORECASE)
_AS_KEY = re.compile(r"height|altitude|alt|hgt|shell|高度", re.IGNORECASE)
_POSSIBLE_KM = (80.0, 1500.0)


def shell_km(said: Sequence[Statement], context: Context) -> float | None:
    """Height of the shell in km; None where nothing states it.

    Raises
    ------
    UndecidedError
        If two heights are stated.
    """
    option = context.option("pierce_point_km")
    if option is not None:
        return float(option)
    heights = {height: one.because for one in reversed(said) for height in heights_in(one.text)}
    if len(heights) > 1:
        raise context.undecided(
            "which height has the shell?",
            seen="; ".join(f"{height:g} km ({because})" for height, because in heights.items()),
            lines=tuple(f"pierce_point_km: {height:g}" for height in sorted(heights)),
        )
    for height, because in heights.items():
        context.decisions.record("shell", f"{height:g} km", because)
        return height
    return None


def heights_in(text: str) -> list[float]:
    """Heights of a shell of which a text speaks, km.

    Examples
    --------
    >>> heights_in("lat/lon of the pierce point at 350 km"), heights_in("ionosphere_altitude_m: 450000.0")
    ([350.0], [450.0])
    >>> heights_in("IPP_lat: 35.2"), heights_in("airglow at 250 km")
    ([], [])
    """
    found = [_in_km(float(match[1]), match[2]) for match in _BEHIND.finditer(text)]
    found += [_in_km(float(match[1]), match[2]) for match in _BEFORE.finditer(text)]
    key = _KEY.search(text)
    if key and _AS_KEY.search(text):
        found.append(_in_km(float(key[2]), key[1] or ("m" if float(key[2]) > 1e4 else "km")))
    return sorted({height for height in found if _POSSIBLE_KM[0] <= height <= _POSSIBLE_KM[1]})


def _in_km(value: float, unit: str) -> float:
    return value / 1e3 if unit.lower() in ("m", "米") else value
