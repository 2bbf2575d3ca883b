"""Time zones as people write them: an offset from UTC, local time by a word, or a word that could be either."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

import numpy as np

UT_WORDS = r"utc|ut|gmt|zulu|universal|世界时|世界協調時|协调世界时|格林"
# `local` alone is a clock, `local air density` is none.
_OF_A_CLOCK = r"times?|hours?|clock|standard|solar|summer|winter|dates?|days?|night|midnight"
LOCAL_WORDS = rf"lt|local(?!\s+(?!{_OF_A_CLOCK})[a-z]{{3}})|bjt|bt|beijing|lst|北京|地方时|当地时|本地时|当地"
# Words for the time of one zone, and its minutes ahead of UTC. Those that are summer times say so.
NAMED = {
    "北京时": 480, "北京标准时": 480, "beijing": 480, "bjt": 480, "hkt": 480, "jst": 540, "kst": 540,
    "mesz": 120, "mez": 60, "cest": 120, "cet": 60, "eest": 180, "eet": 120, "msk": 180, "sast": 120,
    "nzst": 720, "nzdt": 780, "aest": 600, "aedt": 660, "acst": 570, "awst": 480,
    "edt": -240, "cdt": -300, "mdt": -360, "pdt": -420, "pst": -480, "akst": -540, "akdt": -480, "hst": -600,
    "clst": -180, "npt": 345,
}  # fmt: skip
_NAMED = re.compile(rf"(?<![a-z])({'|'.join(sorted(NAMED, key=len, reverse=True))})(?![a-z])")
# Words that are the zones of several countries: China's or America's central time, and what else each may be.
UNCLEAR = {
    "cst": ("UTC+8", "UTC-6"),
    "est": ("UTC-5", "UTC+10"),
    "ist": ("UTC+5:30", "UTC+2", "UTC+1"),
    "mst": ("UTC-7", "UTC+8"),
    "bst": ("UTC+1", "UTC+6"),
}
UNCLEAR_WORDS = "|".join(UNCLEAR)
_OFFSET = re.compile(r"(?:utc?|gmt)?\s*([+\-−])\s*(\d{1,2}):?(\d{2})?(?:\s*h(?:ours?)?)?$")
# `UTC8` is what a name in which no sign can stand makes of UTC+8.
_OFFSET_IN_WORDS = re.compile(
    r"(?<![a-z])(?:utc?|gmt)(?:\s*([+\-−])\s*|(?=\d))(\d{1,2})(?:(?:\.|,(?=\d{1,2}(?!\d)))(\d+)|:?([0-5]\d))?(?!\d)"
)
# 5.30 is 5:30 as often as it is 5.3 hours; 5.5 and 5.75 can only be parts of an hour.
_HOURS_OR_MINUTES = ("30", "45")
# The mean time of a meridian, `120E mean time`: 4 minutes a degree.
_MERIDIAN = re.compile(
    r"(\d{2,3}(?:\.\d+)?)\s*(?:°|deg\.?)?\s*e(?:ast)?\.?\s*(?:mean time|meridian time|mt)(?![a-z])"
)
_TIME_OF_MERIDIAN = re.compile(r"(?<![a-z])time\s*[=:]\s*(\d{2,3}(?:\.\d+)?)\s*(?:°|deg\.?)?\s*e(?:ast)?(?![a-z])")
_LARGEST_OFFSET_MINUTES = 14 * 60
_FARTHEST_EAST = 180.0


def offset_in_words(words: str) -> int | None:
    """Minutes ahead of UTC where a text says `UTC+8`, `GMT+08:00` or `UT+7.7`; None where it does not.

    Decimals are parts of an hour. `UTC+5.30`, which may be meant as 5:30, is None.
    """
    match = _OFFSET_IN_WORDS.search(words.lower())
    meridian = _MERIDIAN.search(words.lower()) or _TIME_OF_MERIDIAN.search(words.lower())
    if match is None and meridian is not None:
        return round(4 * float(meridian[1])) if float(meridian[1]) <= _FARTHEST_EAST else None
    if match is None or match[3] in _HOURS_OR_MINUTES:
        return None
    sign, hours, decimals, minutes = match.groups()
    return _minutes(sign, hours, minutes if decimals is None else str(round(60 * float(f"0.{decimals}"))))


def zone_in(words: str) -> tuple[int, str] | None:
    """Minutes ahead of UTC and the word, where a text names one zone: MESZ, NZST, 北京时; None for none, or two."""
    found = set(_NAMED.findall(words.lower()))
    minutes = {NAMED[word] for word in found}
    return (minutes.pop(), sorted(found)[0].upper()) if len(minutes) == 1 else None


def region_in(words: str) -> zoneinfo.ZoneInfo | None:
    """A zone of the zone database that a text names, `Europe/Berlin`; its offset depends on the day."""
    for match in re.finditer(r"(?<![\w/])[A-Za-z]+/[A-Za-z_]+(?:/[A-Za-z_]+)?", words):
        name = "/".join("_".join(one.capitalize() for one in part.split("_")) for part in match.group().split("/"))
        try:
            return zoneinfo.ZoneInfo(name)
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            continue
    return None


def offset_of(zone: str) -> int | None:
    """Minutes ahead of UTC of a zone behind a time (`Z`, `+0800`, `UTC+8`); None where it is no offset."""
    text = zone.strip().lower()
    if text in ("z", "utc", "gmt", "ut", "0:00", "00:00"):
        return 0
    match = _OFFSET.match(text)
    return None if match is None else _minutes(*match.groups())


def _minutes(sign: str | None, hours: str, minutes: str | None) -> int | None:
    found = int(hours) * 60 + int(minutes or 0)
    return (-found if sign in ("-", "−") else found) if found <= _LARGEST_OFFSET_MINUTES else None


# Attributes of a file that name the clock of its times.
_OF_CLOCK = re.compile(
    r"(time_?)?(system|zone|scale|standard|ref(erence)?|base|format)|tz|clock|utc_?offset", re.IGNORECASE
)
_NOT_OF_CLOCK = ("system", "scale", "standard", "ref", "reference", "base", "format", "zone")


def clock_of_file(attributes: Mapping[str, Any]) -> str:
    """What attributes such as `time_system` or `time_zone` say, `UT` or `UTC+8`; "" where there is none."""
    for key, value in attributes.items():
        named = _OF_CLOCK.fullmatch(key) and key.lower() not in _NOT_OF_CLOCK
        if named and isinstance(value, str) and value.strip():
            return _of_region(value.strip())
        if named and key.lower().startswith("utc") and np.size(value) == 1:
            return f"UTC{float(np.ravel(value)[0]):+g}"
    return ""


def _of_region(zone: str) -> str:
    """A zone of the zone database that has no summer time, `Asia/Shanghai`, as an offset; other words unchanged."""
    try:
        region = zoneinfo.ZoneInfo(zone)
        winter, summer = (datetime.datetime(2021, month, 1, tzinfo=region).utcoffset() for month in (1, 7))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return zone
    if winter is None or winter != summer:
        return zone
    minutes = round(winter.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def shifted(times: np.ndarray, minutes: int) -> np.ndarray:
    """UTC of times that a clock so many minutes ahead of it shows.

    Parameters
    ----------
    times
        datetime64, of any dims.

    Returns
    -------
    ndarray
        UTC, dims of `times`.
    """
    return times - np.timedelta64(minutes * 60, "s").astype("timedelta64[ns]")
