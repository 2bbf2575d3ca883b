"""CF time: numbers of a unit since an epoch, in a calendar and a zone; the calendar's arithmetic is cftime's."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.zones import offset_of

SECONDS = {
    "us": 1e-6,
    "usec": 1e-6,
    "microsec": 1e-6,
    "microsecond": 1e-6,
    "ms": 1e-3,
    "msec": 1e-3,
    "millisec": 1e-3,
    "millisecond": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hr": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
}
_SINCE = re.compile(
    r"^\s*(?P<unit>[a-zA-Z]+)\s+(?:since|after|from)\s+(?P<date>\d{1,4}-\d{1,2}-\d{1,2}|\d{8})"
    r"(?:[T\s]+(?P<clock>\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?)(?![\d:]))?\s*(?P<zone>.*?)\s*$"
)
# A calendar whose days are those of the civil one, and what of the others is told here.
_CIVIL = ("standard", "gregorian", "proleptic_gregorian", "")


@dataclass(frozen=True)
class Since:
    """Units of a CF time axis: seconds of the unit, the epoch without its zone, the zone as written, the calendar."""

    seconds: float
    epoch: str
    zone: str
    calendar: str


def since(units: str, calendar: str = "") -> Since | None:
    """Parse `hours since 2021-05-10 00:00:00 +08:00`; None where the text is no such unit."""
    match = _SINCE.match(units)
    unit = match and (
        match["unit"].lower() if match["unit"].lower() in SECONDS else match["unit"].lower().rstrip("s")
    )
    if not match or unit not in SECONDS:
        return None
    date = match["date"] if "-" in match["date"] else f"{match['date'][:4]}-{match['date'][4:6]}-{match['date'][6:]}"
    clock = match["clock"] or "0"
    clock = clock if ":" in clock else f"{clock}:00"
    return Since(SECONDS[str(unit)], f"{date} {clock}", match["zone"], calendar.lower())


def decoded(values: np.ndarray, units: Since, context: Context) -> tuple[np.ndarray, int | None]:
    """Times as the axis's own clock shows them, and that clock's minutes ahead of UTC; None where no zone is written.

    Parameters
    ----------
    values
        counted in `units`, dims (time,).

    Returns
    -------
    tuple
        datetime64, dims (time,), and minutes.

    Raises
    ------
    UndecidedError
        If the zone is a word that is no offset, or the calendar has no such date.
    """
    minutes = None if not units.zone else offset_of(units.zone)
    if units.zone and minutes is None:
        raise context.undecided(
            f"which zone is {units.zone!r} in the units of the time axis?",
            seen=f"{units.epoch} {units.zone}",
            lines=("clock: UT", "clock: LT"),
        )
    try:
        return _times(values.astype(float), units), minutes
    except (ValueError, OverflowError, TypeError) as error:
        raise context.undecided(
            "the time axis has no such date",
            seen=f"since {units.epoch}, calendar {units.calendar or 'standard'}: {error}",
            lines=("time: hours", "time: datenum"),
        ) from error


def _times(values: np.ndarray, units: Since) -> np.ndarray:
    """The first time by the calendar; the others, in a civil one, by their distance from it."""
    out = np.full(values.shape, np.datetime64("NaT"), dtype="datetime64[ns]")
    good = np.isfinite(values)
    if not good.any():
        return out
    if units.calendar in _CIVIL:
        known = values[good]
        distance = np.round((known - known[0]) * units.seconds * 1e3).astype("int64").astype("timedelta64[ms]")
        out[good] = _civil(known[:1], units)[0] + distance.astype("timedelta64[ns]")
    else:
        out[good] = _civil(values[good], units)
    return out


def _civil(values: np.ndarray, units: Since) -> np.ndarray:
    """Dates of the civil calendar, to the millisecond; 30 February of another calendar is an error."""
    import cftime

    seconds = np.round(values * units.seconds * 1e3) / 1e3
    dates = cftime.num2date(seconds, f"seconds since {units.epoch}", units.calendar or "standard")
    if units.calendar == "julian":
        dates = [date.change_calendar("standard") for date in dates]
    texts = [date.strftime("%Y-%m-%dT%H:%M:%S") + f".{date.microsecond:06d}" for date in np.atleast_1d(dates)]
    return np.array(texts, "datetime64[us]").astype("datetime64[ms]").astype("datetime64[ns]")
