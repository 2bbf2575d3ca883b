"""Time zones as people write them: an offset from UTC, local time by a word, or a word that could be either."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

import numpy as np

UT_WORDS = r"utc|ut|gmt|zulu|universal|世界时|世界協調時|协调世界时|格林"
LOCAL_WORDS = r"lt|local|bjt|bt|beijing|lst|北京|地方时|当地时|本地时|当地"
# China Standard Time, or Central Standard Time of America.
UNCLEAR_WORDS = r"cst|est|ist"
_OFFSET = re.compile(r"(?:utc?|gmt)?\s*([+\-−])\s*(\d{1,2}):?(\d{2})?(?:\s*h(?:ours?)?)?$")
# `UTC8` is what a name in which no sign can stand makes of UTC+8.
_OFFSET_IN_WORDS = re.compile(r"(?<![a-z])(?:utc?|gmt)(?:\s*([+\-−])\s*|(?=\d))(\d{1,2})(?::?([0-5]\d))?(?!\d)")
# The mean time of a meridian, `120E mean time`: 4 minutes a degree.
_MERIDIAN = re.compile(
    r"(\d{2,3}(?:\.\d+)?)\s*(?:°|deg\.?)?\s*e(?:ast)?\.?\s*(?:mean time|meridian time|mt)(?![a-z])"
)
_TIME_OF_MERIDIAN = re.compile(r"(?<![a-z])time\s*[=:]\s*(\d{2,3}(?:\.\d+)?)\s*(?:°|deg\.?)?\s*e(?:ast)?(?![a-z])")
_LARGEST_OFFSET_MINUTES = 14 * 60
_FARTHEST_EAST = 180.0


def offset_in_words(words: str) -> int | None:
    """Minutes ahead of UTC where a text says `UTC+8` or `GMT+08:00`; None where it does not."""
    match = _OFFSET_IN_WORDS.search(words.lower())
    meridian = _MERIDIAN.search(words.lower()) or _TIME_OF_MERIDIAN.search(words.lower())
    if match is None and meridian is not None:
        return round(4 * float(meridian[1])) if float(meridian[1]) <= _FARTHEST_EAST else None
    return None if match is None else _minutes(*match.groups())


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
