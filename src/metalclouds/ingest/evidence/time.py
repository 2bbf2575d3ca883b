"""What a time axis counts: seconds, milliseconds, days, hours, digits of a clock; and from when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.containers.cells import numbers_of
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence import text_times
from metalclouds.ingest.evidence.clock import clocks_of, says_clock, to_utc
from metalclouds.ingest.evidence.day_clock import READINGS, hours_of, reading_of, unwrapped
from metalclouds.ingest.evidence.header_clock import said_in_header
from metalclouds.ingest.evidence.since import SECONDS, decoded, since
from metalclouds.ingest.evidence.zones import clock_of_file, shifted
from metalclouds.ingest.file_dates import of_the_data

# Attribute of times that were made UTC already.
IS_UTC = "is_utc"
# Days since 2000, as the files of GEOMS (NDACC) count them.
_MJD2K, _Y2K = "mjd2k", np.datetime64("2000-01-01T00:00:00", "ns")
_EPOCH = np.datetime64("1970-01-01T00:00:00", "ns")
# Encoding: seconds of its unit, number at 1970-01-01, range of values for the years 2000 to 2035, and its clock:
# `UTC` by definition, `UT` unless the file says otherwise, "" open.
_ENCODINGS: dict[str, tuple[float, float, float, float, str]] = {
    "unix_s": (1.0, 0.0, 9.4e8, 2.06e9, "UTC"),
    "unix_ms": (1e-3, 0.0, 9.4e11, 2.06e12, "UTC"),
    "unix_us": (1e-6, 0.0, 9.4e14, 2.06e15, "UTC"),
    "unix_ns": (1e-9, 0.0, 9.4e17, 2.06e18, "UTC"),
    "datenum": (86400.0, 719529.0, 730486.0, 743270.0, ""),
    "excel": (86400.0, 25569.0, 36526.0, 49310.0, ""),
    "mjd": (86400.0, 40587.0, 51544.0, 64328.0, "UT"),
    "julian_date": (86400.0, 2440587.5, 2451544.5, 2464328.5, "UT"),
}
# Days between the two epochs of Excel: a workbook of 1904 counts from 1904-01-01.
EXCEL_1904 = "excel_1904"
_EXCEL_1904_DAYS = 1462.0
# Numbers whose digits are a date: 2021130, 20210510, 202105101430, 20210510143000.
_DIGITS = ((1950001, 2100366), (19500101, 21001231), (195001010000, 210012312400), (19500101000000, 21001231240000))
_ZONE_IN_NAME = r"(_?(utc?|gmt|lt|bjt|beijing|local)(_?(time|\d{1,2}))?)?"
_PARTS = {
    "year": r"year|yr|yyyy|年份?",
    "month": r"month|mon|mm|月份?",
    "day": r"day|dd|dom|日期?",
    "doy": r"doy|day_?of_?year|yday|ddd|年积日",
    "hour": r"(hour|hh|hr|小?时)" + _ZONE_IN_NAME,
    "minute": r"minute|min|mn|分钟?",
    "second": r"second|sec|ss|秒",
}
_CLOCK_OF_CALENDAR = r"(utc?|lt|bjt)_?(hours?|time)?|time|hhmm(ss)?|世界时|北京时间?"
_SECONDS_OF_DAY = r"sec(ond)?s?_?(of_?(the_?)?day)|sod|sec_?day|日秒"
_DATE_NAME = r".*date.*|ymd|yyyy_mm_dd|datum|yyyymmdd|yyyy_?(ddd|doy)|day|.*日期.*|日"
_CLOCK_NAME = (
    r"hh:?mm(:?ss)?|uhrzeit|(local|universal|beijing)_?(time|hours?)|"
    r"(utc?|lt|bjt|gmt)?[_ ]*(time|clock|hours?|hhmm(ss)?)?[_ ]*"
    r"((utc?|lt|bjt|gmt|beijing)(_?(time|\d{1,2}))?|of_?day)?"
    r"|bt|shi_?jian|.*(时间|时刻)|世界时|北京时间?|地方时"
)
_TIME_NAME = (
    r"((local|universal|beijing)_?(time|hours?)|(date|obs(ervation)?_?)?_?(time|tt?)(_?stamp)?|(utc?|lt|bjt|gmt)(_?(time|hours?))?|date_?(time|num)?"
    r"|timestamps?|m?jd|mjdatet?|julian_?(date|day)|epochs?|unix(_?(time|s|ms))?|h(ou)?rs?|hhmm(ss)?|clock|unnamed:?_?0"
    r"|(seconds?|minutes?)(_of_(the_)?day)?|sod)" + _ZONE_IN_NAME + r"|.*(时间|时刻|日期)|世界时|北京时间?|地方时"
    r"|(zeit|uhrzeit|datum|temps|heure|hora|fecha|время|дата)(_?(utc?|gmt|lt))?|(bei_?jing_?)?shi_?jian|bt"
)
_SCALAR_TIME = re.compile(r"time|epoch|base|start|offset|ref|unix|t0")
# A spacing of the stored numbers wider than this share of the step of the axis is no axis any more.
_LARGEST_ROUNDING = 0.05
# A night is longer than some minutes and no longer than a day: what a unit that nobody states can be.
_NIGHT_SECONDS = (600.0, 86400.0)


def bare_name(name: str) -> str:
    """A name in lower case, without brackets and owner, words joined by `_`."""
    text = re.sub(r"[\[(（].*?[\])）]", "", name.split(".")[-1]).strip().lower()
    return re.sub(r"[\s\-]+", "_", text)


def named(arrays: Arrays, pattern: str, length: int | None = None) -> str | None:
    """First array whose name, without units and owner, matches a pattern as a whole."""
    for name, value in arrays.values.items():
        bare = bare_name(name)
        bare = bare.split("_")[-1] if re.match(r"^[a-z]{4,5}_[a-z]+$", bare) and bare.isascii() else bare
        if bare and re.fullmatch(pattern, bare) and (length is None or value.size in (length, 1)):
            return name
    return None


def time_name(arrays: Arrays, length: int) -> str | None:
    """The array that can be the time axis, by its name and length; None where no name says so.

    Of several, one that is written as a whole time is preferred to a date or a clock alone.
    """
    found = [
        name
        for name, value in arrays.values.items()
        if value.size == length and value.ndim <= 1 and bare_name(name) and re.fullmatch(_TIME_NAME, bare_name(name))
    ]
    whole = [name for name in found if not _is_days(arrays.values[name])]
    return next(iter(whole or found), None) or _by_content(arrays, length)


def _by_content(arrays: Arrays, length: int) -> str | None:
    """The only column of text whose cells are dates with a clock, whatever it is called."""
    found = []
    for name, value in arrays.values.items():
        if value.size == length and value.ndim == 1 and value.dtype.kind in "MSU":
            fields = text_times.fields_of(str(value[0])) if value.dtype.kind != "M" else {"hour": "0", "year": "0"}
            found += [name] if fields and "hour" in fields and ("year" in fields or "a" in fields) else []
    return found[0] if len(found) == 1 else None


def time_columns(arrays: Arrays, length: int) -> list[str]:
    """All columns of a table that may have a part in its times, by their names."""
    patterns = (_TIME_NAME, _DATE_NAME, _CLOCK_NAME, *_PARTS.values())
    here = [
        key for key, value in arrays.values.items() if value.size == length and value.ndim == 1 and bare_name(key)
    ]
    return [key for key in here if any(re.fullmatch(pattern, bare_name(key)) for pattern in patterns)]


def time_axis(arrays: Arrays, name: str | None, length: int, context: Context, works_by_night: bool) -> np.ndarray:
    """The times of a file as UTC datetime64[ns], in the order of the file.

    Parameters
    ----------
    name
        the array that holds the time; None where it is to be found by its name, or where calendar columns (year,
        month, day or doy, hours) stand for it.
    length
        number of times.
    works_by_night
        whether the sun may decide between UT and local time.

    Returns
    -------
    ndarray
        dims (time,).

    Raises
    ------
    UndecidedError
        If the encoding, the date or the clock cannot be decided, or more than a tenth of the times is missing.
    """
    times = _times(arrays, name, length, context, works_by_night)
    lost = np.isnat(times)
    if lost.size and lost.mean() > LARGEST_LOSS:
        raise context.undecided(
            "times are missing",
            seen=f"{int(lost.sum())} of {lost.size} have none",
            lines=("variables: {time: NAME OF ANOTHER ARRAY}",),
        )
    if lost.any():
        context.decisions.record("times that cannot be read", int(lost.sum()), f"of {lost.size}; they have no time")
    return times


def regular_times(given: Mapping[str, Any], count: int, context: Context) -> np.ndarray:
    """UTC times of a file without any, from the catalogue's `{start, step_s}` or `{start, step_minutes}`.

    The start is UT unless the catalogue's `clock` says LT. A time of day alone is of the date of the file.

    Parameters
    ----------
    count
        number of times.

    Returns
    -------
    ndarray
        datetime64, dims (time,).

    Raises
    ------
    UndecidedError
        If one of them is missing or no time or number.
    """
    try:
        start = np.datetime64(_start_of(given["start"], context), "ns")
        step = float(given["step_s"]) if "step_s" in given else 60.0 * float(given["step_minutes"])
    except (KeyError, TypeError, ValueError) as error:
        raise context.undecided(
            "when is the first, and how far is the next?",
            seen=f"{dict(given)}{f': {error}' if isinstance(error, ValueError) else ''}",
            lines=(f"time: {{start: '{first_day(context)}hh:mm', step_minutes: N}}",),
        ) from error
    context.decisions.record("time", f"{count} from {start} every {step:g} s", "the catalogue says so")
    return to_utc(_add(start, np.arange(count) * step), "", context, False, usual="a start in the catalogue is UT")


def first_day(context: Context) -> str:
    """What a proposed start has before its time of day: nothing where the date of each file is known."""
    return "" if _has_day(context) else "YYYY-MM-DDT"


def _has_day(context: Context) -> bool:
    """Whether a time of day alone says when: a night's date is that of its evening, and 01:00 may be of the next."""
    return context.date is not None and context.instrument in DAYS


def _start_of(given: object, context: Context) -> str:
    """The first time as the catalogue gives it, with the date of the file where it is a time of day.

    YAML makes a whole number of 12:30, and of 12:30:00, by sixties: 60 to 1439, and 3600 to 86399.

    Raises
    ------
    ValueError
        If it is a time of day, and no date is known; if it is a number that no time of day makes, or a year alone.
    """
    if isinstance(given, int):
        if not (_MINUTES_OF_AN_HOUR <= given < _MINUTES_OF_A_DAY or _SECONDS_OF_AN_HOUR <= given < _SECONDS_OF_A_DAY):
            raise ValueError(f"{given} is no time of day (YAML makes 1440 of 24:00); quote it, 'YYYY-MM-DDThh:mm'")
        seconds = given * 60 if given < _MINUTES_OF_A_DAY else given
        given = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    text = str(given).strip().replace(" ", "T").rstrip("Z")
    if re.fullmatch(r"[\d.]+|\d{4}-\d\d", text):
        raise ValueError(f"{text} is no date with a time of day")
    if not re.fullmatch(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?", text):
        return text
    if not _has_day(context):
        raise ValueError("of which day?")
    context.decisions.record("date", context.date, context.date_because)
    return f"{context.date}T{text if text[2] == ':' else f'0{text}'}"


_MINUTES_OF_AN_HOUR, _MINUTES_OF_A_DAY = 60, 1440
_SECONDS_OF_AN_HOUR, _SECONDS_OF_A_DAY = 3600, 86400
# Instruments whose files are of a day, not of a night.
DAYS = ("tec", "ionosonde")


def _times(arrays: Arrays, name: str | None, length: int, context: Context, works_by_night: bool) -> np.ndarray:
    if isinstance(context.options.get("time"), Mapping):
        return regular_times(context.option("time"), length, context)
    given = (context.options.get("variables") or {}).get("time")
    if given is not None and given in arrays.values:
        return _of_array(arrays, str(given), context, works_by_night)
    start, end = (named(arrays, f"ut{number}_unix", length) for number in (1, 2))
    if start and end and "time" not in context.options:
        context.decisions.record("time", "middle of ut1_unix and ut2_unix", "Madrigal's columns, unix s")
        seconds = 0.5 * (arrays.values[start].astype(float) + arrays.values[end].astype(float))
        return _add(_EPOCH, np.broadcast_to(seconds, (length,)))
    parts = _calendar(arrays, length)
    if _is_calendar(parts):
        return _from_parts(arrays, parts, name, length, context, works_by_night)
    name = name or time_name(arrays, length)
    date, clock = _date_and_clock(arrays, name, length)
    if date is not None and clock is not None:
        return _from_date_and_clock(arrays, date, clock, context, works_by_night)
    if name is None:
        raise context.undecided(
            "no time axis found",
            seen=", ".join(f"{key} {value.shape}" for key, value in arrays.values.items()),
            lines=(
                "variables: {time: NAME OF THE ARRAY}",
                f"time: {{start: '{first_day(context)}hh:mm', step_minutes: N}}",
            ),
        )
    return _of_array(arrays, name, context, works_by_night)


def _of_array(arrays: Arrays, name: str, context: Context, works_by_night: bool) -> np.ndarray:
    values = arrays.values[name]
    if values.dtype.kind == "M" and arrays.attribute(name, IS_UTC):
        return values.astype("datetime64[ns]")
    if values.dtype.kind == "M":
        return to_utc(values.astype("datetime64[ns]"), _words(arrays, name, context), context, works_by_night)
    if values.dtype.kind in "SUO":
        return _from_text(arrays, name, context, works_by_night)
    if _are_digits(values):
        return _from_cells(_as_digits(values), arrays, name, context, works_by_night)
    return _from_numbers(values, name, arrays, context, works_by_night)


def _words(arrays: Arrays, name: str, context: Context) -> str:
    """What is said of the clock: the array's own words, else an attribute of the file, else its header.

    Raises
    ------
    UndecidedError
        If the array and the attribute disagree.
    """
    own, zone = arrays.words(name), clock_of_file(arrays.attributes_of_file)
    first, second = clocks_of(own, zone, context)
    if first is not None and second is not None and first != second and "clock" not in context.options:
        raise context.undecided(
            "two clocks are stated",
            seen=f"{name}: {own!r}; attribute of the file: {zone!r}",
            lines=("clock: UT", "clock: LT"),
            where=name,
        )
    if zone and not says_clock(own):
        return f"{own} {zone}"
    said = said_in_header(own, str(arrays.attributes_of_file.get("header", "")).splitlines(), context)
    return f"{own} {said}" if said else own


# ---- columns of a calendar, and a date beside a clock ----------------------------------------------------


def has_calendar(arrays: Arrays, length: int) -> bool:
    """Whether columns of a calendar (year with day of year, or with month and day) stand for a time axis."""
    return _is_calendar(_calendar(arrays, length))


def _calendar(arrays: Arrays, length: int) -> dict[str, str | None]:
    return {key: named(arrays, pattern, length) for key, pattern in _PARTS.items()}


def _is_calendar(parts: dict[str, str | None]) -> bool:
    return bool(parts["year"] and (parts["doy"] or (parts["month"] and parts["day"])))


def _date_and_clock(arrays: Arrays, name: str | None, length: int) -> tuple[str | None, str | None]:
    """A column of days and one of times of day; None for what is not there."""
    here = [key for key, value in arrays.values.items() if value.size == length and value.ndim <= 1]
    days = [key for key in here if re.fullmatch(_DATE_NAME, bare_name(key)) and _is_days(arrays.values[key])]
    if not days:
        return None, None
    clocks = [key for key in here if key not in days and bare_name(key) and re.fullmatch(_CLOCK_NAME, bare_name(key))]
    clocks = [key for key in clocks if not _has_date(arrays.values[key])]
    chosen = name if name in clocks else next(iter(clocks), None)
    return days[0], chosen


def _is_days(values: np.ndarray) -> bool:
    """Whether an array holds days without a time of day."""
    if values.dtype.kind == "M":
        return bool((values == values.astype("datetime64[D]")).all()) and np.unique(values).size < values.size
    if values.dtype.kind in "iuf":
        return _are_digits(values) and float(np.nanmax(values)) <= _DIGITS[1][1]
    return _are_text_days(values.astype(str))


def _are_text_days(values: np.ndarray) -> bool:
    """Whether cells are dates alone, or dates at 00:00 that repeat, as a spreadsheet writes days."""
    cells = np.unique(values)
    fields = [text_times.fields_of(str(text)) for text in cells]
    known = [f for f in fields if f is not None]
    if len(known) <= (1 - LARGEST_LOSS) * len(fields):
        return False
    alone = all("hour" not in f for f in known)
    return alone or (cells.size < values.size and all(text_times.is_midnight(f) for f in known))


def _has_date(values: np.ndarray) -> bool:
    if values.dtype.kind == "M":
        return True
    if values.dtype.kind in "iuf":
        return _are_digits(values) or bool(np.nanmax(values, initial=0.0) >= _ENCODINGS["excel"][2])
    fields = text_times.fields_of(str(values.ravel()[0]))
    return fields is not None and ("year" in fields or "a" in fields)


def _from_date_and_clock(arrays: Arrays, date: str, clock: str, context: Context, by_night: bool) -> np.ndarray:
    days = _days(arrays.values[date], context)
    values = arrays.values[clock]
    if values.dtype.kind in "SUO" and (digits := numbers_of(values.astype(str))).size and np.isfinite(digits).all():
        values = digits
    words = f"{_words(arrays, clock, context)} {_words(arrays, date, context)}"
    context.decisions.record("time", "a date and a clock", f"columns {date} and {clock}")
    if values.dtype.kind in "SUO":
        cells = text_times.parse(values, context)
        times = _add_to(days, cells.seconds)
        if cells.offset is not None:
            return shifted(times, cells.offset)
        words += f" {cells.words}"
    else:
        numbers = values.astype(float)
        times = _add_to(days, hours_of(numbers, reading_of(numbers, clock, words, context)) * 3600.0)
    return to_utc(times, words, context, by_night)


def _days(values: np.ndarray, context: Context) -> np.ndarray:
    if values.dtype.kind == "M":
        return values.astype("datetime64[D]")
    return text_times.parse(_as_digits(values) if values.dtype.kind in "iuf" else values, context).days


# ---- text ------------------------------------------------------------------------------------------------


def _from_text(arrays: Arrays, name: str, context: Context, works_by_night: bool) -> np.ndarray:
    values = arrays.values[name].astype(str)
    numbers = pd.to_numeric(pd.Series(np.char.strip(values.ravel())), errors="coerce").to_numpy(float)
    if np.isfinite(numbers).mean() >= 1 - LARGEST_LOSS and not text_times.looks_like_times(list(values.ravel()[:50])):
        return _from_numbers(numbers, name, arrays, context, works_by_night)
    return _from_cells(values, arrays, name, context, works_by_night)


def _from_cells(values: np.ndarray, arrays: Arrays, name: str, context: Context, by_night: bool) -> np.ndarray:
    cells = text_times.parse(values, context)
    words = f"{_words(arrays, name, context)} {cells.words}"
    if cells.has_dates:
        times = _add_to(cells.days, np.nan_to_num(cells.seconds) if cells.has_clock else np.zeros(cells.days.size))
    else:
        hours = unwrapped(cells.seconds / 3600.0, context)
        times = _add(_date(arrays, name, context), hours * 3600.0)
    if cells.offset is not None:
        context.decisions.record("clock", f"UTC{cells.offset / 60:+g} h", f"the times of {name} say so")
        return shifted(times, cells.offset)
    return to_utc(times, words, context, by_night)


def _are_digits(values: np.ndarray) -> bool:
    """Whether whole numbers are the digits of dates, each of which exists."""
    if values.dtype.kind not in "iuf" or (values.dtype.itemsize < 8 and values.dtype.kind == "f"):
        return False
    known = values[np.isfinite(values)].astype(float)
    if not known.size or not any(low <= known.min() and known.max() <= high for low, high in _DIGITS):
        return False
    sample = np.unique(known)[:50]
    return bool((sample == np.round(sample)).all()) and text_times.looks_like_times([f"{v:.0f}" for v in sample])


def _as_digits(values: np.ndarray) -> np.ndarray:
    return np.array([f"{value:.0f}" if np.isfinite(value) else "" for value in values.ravel().astype(float)])


# ---- numbers ---------------------------------------------------------------------------------------------


def _from_numbers(stored: np.ndarray, name: str, arrays: Arrays, context: Context, by_night: bool) -> np.ndarray:
    values, words = stored.astype(float), _words(arrays, name, context)
    units = since(arrays.attribute(name, "units"), arrays.attribute(name, "calendar"))
    if units is not None and "time" not in context.options:
        _refuse_rounding(stored, units.seconds, name, context)
        context.decisions.record("time", arrays.attribute(name, "units").strip(), f"attribute units of {name}")
        if context.options.get("clock"):
            units = replace(units, zone="")
        times, minutes = decoded(values, units, context)
        if minutes is not None:
            return shifted(times, minutes)
        return to_utc(times, words.replace(arrays.attribute(name, "units").lower(), ""), context, by_night, usual=_CF)
    if _MJD2K in words and "time" not in context.options:
        context.decisions.record("time", "days since 2000-01-01", f"{name} is MJD2K")
        return to_utc(_add(_Y2K, values * 86400.0), words, context, by_night, usual="MJD2K is UT by definition")
    offset = _offset_of(values, arrays, name)
    if offset is not None:
        unit = _unit_of_offset(values, arrays, name, context)
        context.decisions.record("time", f"{unit:g} s from an offset in unix s", f"{name} counts from {offset[0]}")
        return _add(_EPOCH, values * unit + offset[1])
    words += f" {of_the_data(str(arrays.attributes_of_file.get('header', '')))}"
    encoding = context.option("time", (*_ENCODINGS, EXCEL_1904, *READINGS)) or _by_magnitude(
        values, name, words, context
    )
    if encoding == "doy":
        times = _add(_start_of_year(arrays, context), hours_of(values, encoding) * 3600.0)
        return to_utc(times, words, context, by_night)
    if encoding in READINGS:
        hours = unwrapped(hours_of(values, encoding), context)
        return to_utc(_add(_date(arrays, name, context), hours * 3600.0), words, context, by_night)
    if encoding == EXCEL_1904 or (encoding == "excel" and arrays.attributes_of_file.get("epoch") == "1904"):
        values, encoding = values + _EXCEL_1904_DAYS, "excel"
        context.decisions.record("epoch", "1904-01-01", "the workbook says so, or the catalogue")
    _refuse_rounding(stored, _ENCODINGS[encoding][0], name, context)
    seconds, at_epoch, _, _, clock = _ENCODINGS[encoding]
    times = _add(_EPOCH, (values - at_epoch) * seconds)
    if clock == "UTC":
        context.decisions.record("clock", "UT", "unix time counts in UTC by definition")
        return times
    return to_utc(times, words, context, by_night, usual=f"{encoding} is UT by definition" if clock else "")


_CF = "units `since` a moment without a zone are UT by the convention CF"


def _refuse_rounding(stored: np.ndarray, seconds: float, name: str, context: Context) -> None:
    """Numbers of 32 bits count seconds since 1970 in steps of 128 s: such an axis has lost its times."""
    finite = stored[np.isfinite(stored)]
    if stored.dtype.kind != "f" or stored.dtype.itemsize > 4 or finite.size < 2:
        return
    precision = float(np.spacing(np.abs(finite).max())) * seconds
    steps = np.abs(np.diff(finite.astype(float))) * seconds
    if precision > _LARGEST_ROUNDING * float(np.median(steps)):
        raise context.undecided(
            "the times are stored with too few digits",
            seen=f"{name} has 32 bits, steps of {precision:.4g} s at {finite.max():.8g}; its median step is "
            f"{np.median(steps):.4g} s",
            lines=("variables: {time: NAME OF ANOTHER ARRAY}",),
            where=name,
        )


def _offset_of(values: np.ndarray, arrays: Arrays, name: str) -> tuple[str, float] | None:
    """A scalar unix time, called so, next to an axis that starts near zero and does not say that it counts hours."""
    low, high = _ENCODINGS["unix_s"][2:4]
    unit = arrays.attribute(name, "units").lower().rstrip("s")
    if not abs(float(np.nanmin(values))) < 8.64e7 or unit in (
        "hour",
        "h",
        "hr",
        "d",
        "day",
    ):
        return None
    for key, value in arrays.values.items():
        if value.size == 1 and value.dtype.kind in "iuf" and _SCALAR_TIME.search(bare_name(key)):
            number = float(value.ravel()[0])
            for scale in (1.0, 1e-3):
                if low < number * scale < high:
                    return key, number * scale
    return None


def _unit_of_offset(values: np.ndarray, arrays: Arrays, name: str, context: Context) -> float:
    """Seconds of the unit of an axis that counts from an offset: as stated, else that which makes it a night."""
    said = arrays.attribute(name, "units").strip().lower()
    unit = SECONDS.get(said, SECONDS.get(said.rstrip("s")))
    if unit is not None:
        return unit
    span = float(np.nanmax(values) - np.nanmin(values))
    fits = [seconds for seconds in (1.0, 1e-3, 3600.0) if _NIGHT_SECONDS[0] <= span * seconds <= _NIGHT_SECONDS[1]]
    if len(fits) != 1:
        raise context.undecided(
            "in which unit does the time axis count from its offset?",
            seen=f"{name} spans {span:.6g}",
            lines=("time: hours", "time: datenum"),
        )
    return fits[0]


def _add(start: np.datetime64, seconds: np.ndarray) -> np.ndarray:
    """Times to the millisecond; NaT where the number is not finite."""
    out = np.full(seconds.shape, np.datetime64("NaT"), dtype="datetime64[ns]")
    good = np.isfinite(seconds) & (np.abs(seconds) < 6e9)
    milliseconds = np.round(seconds[good] * 1e3).astype("int64").astype("timedelta64[ms]")
    out[good] = start + milliseconds.astype("timedelta64[ns]")
    return out


def _add_to(days: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    out = np.full(seconds.shape, np.datetime64("NaT"), dtype="datetime64[ns]")
    good = np.isfinite(seconds) & ~np.isnat(days)
    milliseconds = np.round(seconds[good] * 1e3).astype("int64").astype("timedelta64[ms]")
    out[good] = days[good].astype("datetime64[ns]") + milliseconds.astype("timedelta64[ns]")
    return out


def _by_magnitude(values: np.ndarray, name: str, words: str, context: Context) -> str:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    for encoding, (_, _, least, most, _) in _ENCODINGS.items():
        if least <= low and high <= most:
            context.decisions.record("time", encoding, f"{name} spans {low:.10g} to {high:.10g}")
            return encoding
    return reading_of(values, name, words, context)


# ---- dates -----------------------------------------------------------------------------------------------


def _date(arrays: Arrays, name: str, context: Context) -> np.datetime64:
    """The day that the hours `name` count from: the catalogue's, else one in the file, else that of its name."""
    for key in () if context.options.get("date") else ("date", "day", "night", "observation_date"):
        for source in (arrays.attributes_of_file, {k.split(".")[-1].lower(): v for k, v in arrays.values.items()}):
            moment = _as_date(source.get(key))
            # A `date` with a time of day is when the file was written.
            if moment is not None and not _WITH_CLOCK.search(str(source.get(key))):
                context.decisions.record("date", moment.astype("datetime64[D]"), f"{key} in the file")
                return moment
    if context.date is None:
        header = of_the_data(str(arrays.attributes_of_file.get("header", "")))
        for where, text in (("header of the file", header), ("name of an array or sheet", " ".join(arrays.values))):
            found = naming.dates(text)
            if len(found) == 1:
                context.decisions.record("date", found[0], where)
                return found[0].astype("datetime64[ns]")
        orders = naming.orders(re.split(r"[/\\]", context.file)[-1])
        read = ", ".join(f"{day} by {order}" for order, day in orders.items())
        # Another array may hold whole times, where there is one.
        size = arrays.values[name].size if name in arrays.values else 0
        others = any(one != name and value.size == size and value.ndim < 2 for one, value in arrays.values.items())
        raise context.undecided(
            "hours without a date",
            seen=(f"the name has {read}" if read else "no date in the file or its name") + _in_documents(context),
            lines=(
                *(f"date_in_name: {order}" for order in orders),
                "date: YYYY-MM-DD",
                *(["variables: {time: NAME}"] if others else []),
            ),
        )
    context.decisions.record("date", context.date, context.date_because)
    return context.date.astype("datetime64[ns]")


def _start_of_year(arrays: Arrays, context: Context) -> np.datetime64:
    """1 January of the year that days are counted in: the catalogue's, that of the date, or the only one named.

    Raises
    ------
    UndecidedError
        If no year is named, or several.
    """
    given = context.option("year")
    if given is None and context.date is not None:
        given = context.date.astype("datetime64[Y]")
    said = f"{context.file} {of_the_data(str(arrays.attributes_of_file.get('header', '')))}"
    years = sorted(set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", said)))
    if given is None and len(years) != 1:
        raise context.undecided("days of which year?", seen=said.strip()[:80], lines=("year: YYYY",))
    if given is None:
        context.decisions.record("year", years[0], "the only one that the file or its name has")
    return np.datetime64(str(years[0] if given is None else given)[:4], "Y").astype("datetime64[ns]")


def _in_documents(context: Context) -> str:
    """The documents of the record, which are not read: a person may find the date there."""
    found = context.evidence("documents")
    return f"; it may stand in {found[0]}, which cannot be read here" if found else ""


# A time of day other than midnight behind a date.
_WITH_CLOCK = re.compile(r"\d[T ]+(?!00?:00(?::00)?(?:\D|$))\d{1,2}:\d{2}")


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
    clock = named(arrays, rf"{_CLOCK_OF_CALENDAR}|{_SECONDS_OF_DAY}", length) or (
        name if name and "hour" not in columns else None
    )
    used = [label for label in parts.values() if label]
    if clock and clock not in parts.values():
        said = f"{clock} {arrays.words(clock)}"
        hours = _hours_of_column(arrays, clock, length, said, context)
    else:
        _refuse_days_alone(columns, used, context)
        hours, said = _clock_hours(columns, length), " ".join(arrays.words(label) for label in used)
    context.decisions.record("time", "calendar columns", ", ".join(used + ([clock] if clock else [])))
    times = _dates(columns) + _add(_EPOCH, hours * 3600.0).astype("int64").astype("timedelta64[ns]")
    said += "" if says_clock(said) else f" {clock_of_file(arrays.attributes_of_file)}"
    header = str(arrays.attributes_of_file.get("header", "")).splitlines()
    said += f" {said_in_header(said, header, context)}"
    return to_utc(times, said, context, by_night)


def _refuse_days_alone(columns: dict[str, np.ndarray], used: list[str], context: Context) -> None:
    """Days that repeat, or minutes, without hours: the column of the hours was not found."""
    days = _dates(columns)
    if "hour" not in columns and ("minute" in columns or np.unique(days).size < days.size):
        raise context.undecided(
            "days without hours", seen=f"columns {', '.join(used)}", lines=("variables: {time: NAME OF THE HOURS}",)
        )


def _hours_of_column(arrays: Arrays, clock: str, length: int, said: str, context: Context) -> np.ndarray:
    """Hours of the day, from numbers or from clocks as text."""
    values = arrays.values[clock]
    if values.dtype.kind in "SU" and text_times.looks_like_times([str(text) for text in values.ravel()[:50]]):
        return text_times.parse(values, context).seconds / 3600.0
    numbers = _column(arrays, clock, length)
    return hours_of(numbers, reading_of(numbers, clock, said, context))


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
