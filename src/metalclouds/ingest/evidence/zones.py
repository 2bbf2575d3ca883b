"""Time zones as people write them: an offset from UTC, local time by a word, or a word that could be either."""

from __future__ import annotations

import re

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
_LARGEST_OFFSET_MINUTES = 14 * 60
_FARTHEST_EAST = 180.0


def offset_in_words(words: str) -> int | None:
    """Minutes ahead of UTC where a text says `UTC+8` or `GMT+08:00`; None where it does not."""
    match = _OFFSET_IN_WORDS.search(words.lower())
    meridian = _MERIDIAN.search(words.lower())
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
