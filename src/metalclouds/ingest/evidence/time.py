"""What a time axis counts: seconds, milliseconds, days, hours, and from when."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import to_utc

_EPOCH = np.datetime64("1970-01-01T00:00:00", "ns")
# Encoding: seconds of its unit, epoch, range of values for the years 2000 to 2035, whether it is UTC by definition.
_ENCODINGS: dict[str, tuple[float, str, float, float, bool]] = {
    "unix_s": (1.0, "1970-01-01", 9.4e8, 2.06e9, True),
    "unix_ms": (1e-3, "1970-01-01", 9.4e11, 2.06e12, True),
    "datenum": (86400.0, "0000-12-31", 730486.0, 743270.0, False),
    "excel": (86400.0, "1899-12-30", 36526.0, 49310.0, False),
    "mjd": (86400.0, "1858-11-17", 51544.0, 64328.0, True),
    "julian_date": (86400.0, "-4713-11-24T12:00:00", 2451544.5, 2464328.5, True),
}
# MATLAB's datenum 719529 and Julian date 2440587.5 are 1970-01-01.
_UNIX_DAY = {"datenum": 719529.0, "excel": 25569.0, "mjd": 40587.0, "julian_date": 2440587.5}
_UNITS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "ms": 1e-3,
    "millisecond": 1e-3,
    "us": 1e-6,
    "microsecond": 1e-6,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hr": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
}
_SINCE = re.compile(r"^\s*([a-zA-Z]+?)s?\s+since\s+(.+?)\s*(?:UTC|Z)?\s*$")
_PARTS = {
    "year": r"year|yr|yyyy",
    "month": r"month|mon|mm",
    "day": r"day|dd|dom",
    "doy": r"doy|day_?of_?year|yday|ddd",
    "hour": r"hour|hh|hr",
    "minute": r"minute|min|mn",
    "second": r"second|sec|ss",
}
_HOURS = re.compile(
    r"^(ut|lt|utc|ut_?\(?h(ou)?r?s?\)?|hours?|decimal_?hours?|ut_?hours?|time_?\(?ut\)?|ut_?time|t|time)$"
)


def named(arrays: Arrays, pattern: str, length: int | None = None) -> str | None:
    """First array whose name, without units and owner, matches a pattern as a whole."""
    for name, value in arrays.values.items():
        bare = re.sub(r"[\[(].*?[\])]", "", name.split(".")[-1]).strip().lower()
        bare = bare.split("_")[-1] if re.match(r"^[a-z]{4,5}_[a-z]+$", bare) and bare.isascii() else bare
        if re.fullmatch(pattern, bare) and (length is None or value.size in (length, 1)):
            return name
    return None


def time_axis(arrays: Arrays, name: str | None, length: int, context: Context, works_by_night: bool) -> np.ndarray:
    """The times of a file as UTC datetime64[ns], in the order of the file.

    Parameters
    ----------
    name
        the array that holds the time; None where calendar columns (year, month, day or doy, hours) do.
    length
        number of times.
    works_by_night
        whether the sun may decide between UT and local time.

    Raises
    ------
    UndecidedError
        If the encoding, the date or the clock cannot be decided.
    """
    parts = _calendar(arrays, length)
    if _is_calendar(parts):
        return _from_parts(arrays, parts, name, length, context, works_by_night)
    if name is None:
        raise context.undecided(
            "no time axis found",
            seen=", ".join(f"{key} {value.shape}" for key, value in arrays.values.items()),
            lines=("variables: {time: NAME OF THE ARRAY}",),
        )
    values = arrays.values[name]
    if values.dtype.kind == "M":
        return to_utc(values.astype("datetime64[ns]"), arrays.words(name), context, works_by_night)
    if values.dtype.kind in "SU":
        return _from_text(values, arrays.words(name), context, works_by_night)
    return _from_numbers(values.astype(float), name, arrays, context, works_by_night)


def has_calendar(arrays: Arrays, length: int) -> bool:
    """Whether columns of a calendar (year with day of year, or with month and day) stand for a time axis."""
    return _is_calendar(_calendar(arrays, length))


def _calendar(arrays: Arrays, length: int) -> dict[str, str | None]:
    return {key: named(arrays, pattern, length) for key, pattern in _PARTS.items()}


def _is_calendar(parts: dict[str, str | None]) -> bool:
    return bool(parts["year"] and (parts["doy"] or (parts["month"] and parts["day"])))


def _from_text(values: np.ndarray, words: str, context: Context, works_by_night: bool) -> np.ndarray:
    try:
        parsed = pd.to_datetime(pd.Series(values.astype(str)), utc=True, format="mixed")
    except (ValueError, OverflowError, TypeError) as error:
        raise context.undecided(
            "times cannot be read",
            seen=f"{values[:3].tolist()}: {error}",
            lines=("variables: {time: NAME OF ANOTHER ARRAY}",),
        ) from error
    times = parsed.dt.tz_localize(None).to_numpy("datetime64[ns]")
    if str(values.ravel()[0]).rstrip().endswith(("Z", "+00:00")):
        context.decisions.record("clock", "UT", "the times end in Z")
        return times
    return to_utc(times, words, context, works_by_night)


def _from_numbers(values: np.ndarray, name: str, arrays: Arrays, context: Context, by_night: bool) -> np.ndarray:
    since = _SINCE.match(arrays.attribute(name, "units"))
    offset = _offset_of(arrays, name)
    if since and since.group(1).lower() in _UNITS:
        context.decisions.record("time", since.group(0).strip(), f"attribute units of {name}")
        return _add(
            np.datetime64(pd.Timestamp(since.group(2)).tz_localize(None), "ns"),
            values * _UNITS[since.group(1).lower()],
        )
    if offset is not None:
        unit = _UNITS.get(arrays.attribute(name, "units").rstrip("s").lower() or "ms", 1e-3)
        context.decisions.record(
            "time", "relative to an offset in unix s", f"{name} starts near 0, the file has {offset[0]}"
        )
        return _add(_EPOCH, values * unit + offset[1])
    encoding = context.option("time", (*_ENCODINGS, "hours", "seconds", "days")) or _by_magnitude(
        values, name, context
    )
    words = f"{arrays.words(name)} {arrays.attributes_of_file.get('header', '')}"
    if encoding in _ENCODINGS:
        times = _decode(values, encoding)
        return times if _ENCODINGS[encoding][4] else to_utc(times, words, context, by_night)
    hours = values * {"hours": 1.0, "seconds": 1 / 3600.0, "days": 24.0}[encoding]
    return to_utc(_add(_date(arrays, context), unwrapped(hours, context) * 3600.0), words, context, by_night)


def _offset_of(arrays: Arrays, name: str) -> tuple[str, float] | None:
    """A scalar unix time next to an axis that starts near zero."""
    low, high = _ENCODINGS["unix_s"][2:4]
    if not abs(float(np.nanmin(arrays.values[name]))) < 8.64e7:
        return None
    for key, value in arrays.values.items():
        if value.size == 1 and value.dtype.kind in "iuf" and low < float(value.ravel()[0]) < high:
            return key, float(value.ravel()[0])
    return None


def _decode(values: np.ndarray, encoding: str) -> np.ndarray:
    if encoding in _UNIX_DAY:
        return _add(_EPOCH, (values - _UNIX_DAY[encoding]) * 86400.0)
    return _add(_EPOCH, values * _ENCODINGS[encoding][0])


def _add(start: np.datetime64, seconds: np.ndarray) -> np.ndarray:
    """Times to the millisecond; NaT where the number is not finite."""
    out = np.full(seconds.shape, np.datetime64("NaT"), dtype="datetime64[ns]")
    good = np.isfinite(seconds) & (np.abs(seconds) < 6e9)
    milliseconds = np.round(seconds[good] * 1e3).astype("int64").astype("timedelta64[ms]")
    out[good] = start + milliseconds.astype("timedelta64[ns]")
    return out


def _by_magnitude(values: np.ndarray, name: str, context: Context) -> str:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    for encoding, (_, _, least, most, _) in _ENCODINGS.items():
        if least <= low and high <= most:
            context.decisions.record("time", encoding, f"{name} spans {low:.10g} to {high:.10g}")
            return encoding
    if low >= -1.0 and 1.0 < high <= 48.0:
        context.decisions.record("time", "hours", f"{name} spans {low:.6g} to {high:.6g}")
        return "hours"
    if low >= 0.0 and 3600.0 < high <= 172800.0:
        context.decisions.record("time", "seconds of the day", f"{name} spans {low:.6g} to {high:.6g}")
        return "seconds"
    if low >= 0.0 and high <= 2.0 and finite.size > 10:
        context.decisions.record("time", "days", f"{name} spans {low:.6g} to {high:.6g}")
        return "days"
    raise context.undecided(
        "what does the time axis count?",
        seen=f"{name} spans {low:.10g} to {high:.10g}",
        lines=("time: hours", "time: datenum"),
        where=name,
    )


def unwrapped(hours: np.ndarray, context: Context) -> np.ndarray:
    """Hours that go on past 24 where the file starts again at 0 after midnight."""
    steps = np.diff(hours)
    back = steps < -12.0
    if not back.any():
        return hours
    context.decisions.record("midnight", "hours continued past 24", "the hours fall by more than 12 within the file")
    return hours + 24.0 * np.concatenate([[0], np.cumsum(back)])


def _date(arrays: Arrays, context: Context) -> np.datetime64:
    for key in ("date", "day", "night", "observation_date"):
        for source in (arrays.attributes_of_file, {k.lower(): v for k, v in arrays.values.items()}):
            moment = _as_date(source.get(key))
            if moment is not None:
                context.decisions.record("date", moment.astype("datetime64[D]"), f"{key} in the file")
                return moment
    if context.date is None:
        raise context.undecided(
            "hours without a date",
            seen="no date in the file or its name",
            lines=("date: YYYY-MM-DD", "variables: {time: NAME}"),
        )
    context.decisions.record("date", context.date, "name of the file")
    return context.date.astype("datetime64[ns]")


def _as_date(value: object) -> np.datetime64 | None:
    text = str(np.asarray(value).ravel()[0]) if value is not None and np.asarray(value).size == 1 else ""
    match = re.match(r"^((?:19|20)\d{2})-?([01]\d)-?([0-3]\d)", text)
    if not match:
        return None
    try:
        return np.datetime64("-".join(match.groups()), "ns")
    except ValueError:
        return None


def _from_parts(
    arrays: Arrays, parts: dict[str, str | None], name: str | None, length: int, context: Context, by_night: bool
) -> np.ndarray:
    """Calendar columns, with decimal hours (UT, LT) or hour, minute, second."""
    columns = {key: _column(arrays, label, length) for key, label in parts.items() if label}
    dates = _dates(columns)
    clock = named(arrays, r"ut|lt|utc|ut_?hours?", length) or (name if name and "hour" not in columns else None)
    if clock and clock not in parts.values():
        hours, said = _column(arrays, clock, length), f"{clock} {arrays.words(clock)}"
        if np.nanmax(hours, initial=0.0) > 48.0:
            hours = hours / 3600.0
            context.decisions.record("time", "seconds of the day", f"{clock} exceeds 48")
    else:
        hours, said = _clock_hours(columns, length), " ".join(label for label in parts.values() if label)
    used = [label for label in parts.values() if label]
    context.decisions.record("time", "calendar columns", ", ".join(used + ([clock] if clock else [])))
    times = dates + _add(_EPOCH, hours * 3600.0).astype("int64").astype("timedelta64[ns]")
    said += " " + str(arrays.attributes_of_file.get("clock", ""))
    return to_utc(times, said, context, by_night)


def _column(arrays: Arrays, label: str, length: int) -> np.ndarray:
    value = arrays.values[label]
    numbers = pd.to_numeric(pd.Series(value.ravel()), errors="coerce").to_numpy(float)
    return np.broadcast_to(numbers, (length,)) if numbers.size == 1 else numbers


def _dates(columns: dict[str, np.ndarray]) -> np.ndarray:
    year = columns["year"].copy()
    year[(year >= 0) & (year < 80)] += 2000
    month = columns.get("month", np.ones_like(year)) if "doy" not in columns else np.ones_like(year)
    day = columns["doy"] if "doy" in columns else columns["day"]
    good = (year >= 1950) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day < 367.0)
    out = np.full(year.shape, np.datetime64("NaT"), dtype="datetime64[ns]")
    months = ((year[good] - 1970) * 12 + month[good] - 1).astype("int64").astype("datetime64[M]")
    out[good] = months.astype("datetime64[ns]") + ((day[good] - 1) * 86_400_000).astype("int64").astype(
        "timedelta64[ms]"
    )
    return out


def _clock_hours(columns: dict[str, np.ndarray], length: int) -> np.ndarray:
    zero = np.zeros(length)
    return columns.get("hour", zero) + columns.get("minute", zero) / 60.0 + columns.get("second", zero) / 3600.0
