"""UT or local time: by what the file says, else by the sun at the station."""

from __future__ import annotations

import re

import numpy as np

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.sun import sun_elevation

_UT = re.compile(r"(?<![a-z])(ut|utc|gmt|universal|zulu)(?![a-z])|utc|(?<![a-z])ut[_( ]")
_LT = re.compile(r"(?<![a-z])(lt|local|bjt|cst|beijing|lst)(?![a-z])|local")
# Share of samples that must lie in darkness for a clock to be possible; a few twilight profiles are normal.
_DARK_SHARE = 0.98


def to_utc(times: np.ndarray, words: str, context: Context, works_by_night: bool) -> np.ndarray:
    """Times in UTC, from times whose clock is not yet known.

    Parameters
    ----------
    times
        datetime64 as the file writes them.
    words
        what the file says about them: names, attributes, header.
    works_by_night
        whether the instrument measures only in darkness, so that the sun can decide.

    Raises
    ------
    UndecidedError
        If neither words nor the sun decide.
    """
    clock = context.option("clock", ("UT", "LT"))
    if clock is None:
        clock, because = _by_words(words) or _by_sun(times, context, works_by_night)
        context.decisions.record("clock", clock, because)
    if clock == "UT":
        return times
    offset = np.timedelta64(round(context.settings.local_time_offset_hours * 3600), "s")
    return times - offset.astype("timedelta64[ns]")


def _by_words(words: str) -> tuple[str, str] | None:
    is_ut, is_lt = _UT.search(words.lower()), _LT.search(words.lower())
    if is_ut and not is_lt:
        return "UT", f"the file says {is_ut.group(0).strip()!r}"
    if is_lt and not is_ut:
        return "LT", f"the file says {is_lt.group(0).strip()!r}"
    return None


def _by_sun(times: np.ndarray, context: Context, works_by_night: bool) -> tuple[str, str]:
    offset = np.timedelta64(round(context.settings.local_time_offset_hours * 3600), "s").astype("timedelta64[ns]")
    limit = context.settings.lidar.dark_sun_elevation_deg
    site = context.site
    readings = {"UT": times, "LT": times - offset}
    highest = {name: sun_elevation(value, site.latitude, site.longitude) for name, value in readings.items()}
    dark = {name: float(np.mean(value < limit)) for name, value in highest.items()}
    seen = ", ".join(f"read as {name} {100 * share:.0f} % of the times are dark" for name, share in dark.items())
    possible = [name for name, share in dark.items() if share >= _DARK_SHARE]
    if not works_by_night or len(possible) != 1:
        span = f"{times.min()} to {times.max()}"
        raise context.undecided("UT or local time?", seen=f"{span}; {seen}", lines=("clock: UT", "clock: LT"))
    return possible[0], f"the sun at {site.latitude:g} N {site.longitude:g} E: {seen}"
