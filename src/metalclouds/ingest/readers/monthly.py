"""Tables of a month: a row a day and a column an hour, or the other way round, a sheet a quantity."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.containers.bulletin import ROWS_LOST
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.text_times import fields_of

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]*\.?[\s,_-]*((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*(?:[-_/.]|年)?\s*(0[1-9]|1[0-2]|[1-9](?=\s*月))(?!\d)(?![-_/.]\d)")
# Hours of an evening go on past 24.
_LEAST_DAYS, _MOST_DAYS, _MOST_HOURS, _LAST_HOUR = 5, 31, 24.0, 47.0


@dataclass(frozen=True)
class Month:
    """One table: name of its quantity, days, hours, and cells with dims (day, hour) as numbers and as text."""

    name: str
    days: np.ndarray
    hours: np.ndarray
    values: np.ndarray
    texts: np.ndarray | None


def unrolled(arrays: Arrays, context: Context) -> Arrays:
    """The tables of a month as columns, with a time as text for each cell; other content unchanged.

    Raises
    ------
    UndecidedError
        If nothing says which month it is.
    """
    tables = [table for name in arrays.values if (table := _table(arrays, name)) is not None]
    if not tables or any(not _alike(table, tables[0]) for table in tables):
        return arrays
    if lost := arrays.attributes_of_file.get(ROWS_LOST):
        context.decisions.record("rows left out", lost, "they do not fit the hours above them, or have a day twice")
    titles = [arrays.attribute(name, "title") for name in arrays.values]
    month = _month("\n".join([str(arrays.attributes_of_file.get("header", "")), *titles]), context)
    out = Arrays(arrays.kind, {"time": _times(month, tables[0])}, attributes_of_file=arrays.attributes_of_file)
    said = " ".join(filter(None, [*titles, arrays.attribute(_margin(tables[0].name, "row"), "long_name")]))
    out.attributes["time"] = {"long_name": said}
    exists = ~np.isin(out.values["time"], "")
    for table in tables:
        label = table.name.rpartition(".")[2]
        out.values[label] = (table.values if table.texts is None else table.texts).ravel()[exists]
        unit = _unit(arrays.attribute(table.name, "title"))
        out.attributes[label] = {"units": unit} if unit else {}
    out.values["time"] = out.values["time"][exists]
    if tables[0].hours[-1] > _MOST_HOURS:
        context.decisions.record(
            "midnight", "the columns behind it are of the next day", "the hours start again at 0"
        )
    context.decisions.record(
        "table", f"a month of days and hours, {month}", ", ".join(table.name for table in tables)
    )
    return out


def _margin(name: str, where: str) -> str:
    owner = name.rpartition(".")[0]
    return f"{owner}.first_{where}" if owner else f"first_{where}"


def _table(arrays: Arrays, name: str) -> Month | None:
    """A matrix as a month, where one of its margins counts days from 1 on and the other hours."""
    value = arrays.values[name]
    if value.ndim != 2:
        return None
    texts = arrays.cells.get(name)
    margins = [_found(arrays, name, where) for where in ("column", "row")]
    if any(margin is None for margin in margins):
        return None
    down, across = (np.asarray(margin) for margin in margins)
    for days, hours, turned in ((down, across, False), (across, down, True)):
        clock = _hours(hours)
        if _are_days(days) and clock is not None:
            whole = (value.T, None if texts is None else texts.T) if turned else (value, texts)
            return Month(name, days.astype(int), clock, *whole)
    return None


def _found(arrays: Arrays, name: str, where: str) -> np.ndarray | None:
    plain = _margin(name, where)
    timed = plain.replace("first_", "time_in_first_")
    return arrays.values.get(plain, arrays.values.get(timed))


def _are_days(values: np.ndarray) -> bool:
    if values.dtype.kind not in "iuf" or not _LEAST_DAYS <= values.size <= _MOST_DAYS:
        return False
    return bool((np.diff(values) == 1.0).all() and values[0] >= 1.0 and values[-1] <= _MOST_DAYS)


def _hours(values: np.ndarray) -> np.ndarray | None:
    """Hours of the day, from numbers or clocks as text; None where they are none."""
    if values.dtype.kind in "iuf":
        hours = values.astype(float)
    else:
        fields = [fields_of(str(text)) for text in values]
        if not all(f is not None and "hour" in f and "year" not in f for f in fields):
            return None
        hours = np.array([int(f["hour"]) + int(f.get("minute", 0)) / 60.0 for f in fields if f is not None])
    rising = bool((np.diff(hours) > 0).all())
    within = hours[0] >= 0.0 and hours[-1] <= _LAST_HOUR and hours[-1] - hours[0] <= _MOST_HOURS
    return hours if rising and within else None


def _alike(table: Month, first: Month) -> bool:
    return np.array_equal(table.days, first.days) and np.array_equal(table.hours, first.hours)


def _month(said: str, context: Context) -> np.datetime64:
    """The month, by the catalogue's date, else by the titles or the file's name, where they name one alone."""
    if context.option("date") is not None and context.date is not None:
        return context.date.astype("datetime64[M]")
    for where, text in (("title", said), ("name of the file", context.file)):
        found = _months_in(text)
        if len(found) == 1:
            context.decisions.record("month", found[0], where)
            return np.datetime64(found[0], "M")
    raise context.undecided("a table of days and hours of which month?", seen=said[:80], lines=("date: YYYY-MM-01",))


def _months_in(text: str) -> list[str]:
    named = [f"{year}-{_MONTHS.index(name[:3].lower()) + 1:02d}" for name, year in _NAMED.findall(text)]
    return sorted({*named, *(f"{year}-{int(month):02d}" for year, month in _NUMBERED.findall(text))})


def _times(month: np.datetime64, table: Month) -> np.ndarray:
    """A time as text for each cell; empty for days that the month does not have."""
    days = month.astype("datetime64[D]") + (table.days - 1)
    minutes = np.round(table.hours * 60.0).astype(int).astype("timedelta64[m]")
    times = (days.astype("datetime64[m]")[:, None] + minutes).ravel()
    inside = np.repeat(days.astype("datetime64[M]") == month, table.hours.size)
    return np.where(inside, np.char.replace(times.astype(str), "T", " "), "")


_UNIT = re.compile(
    r"(?i)(?:units?\s*[:=]?\s*|单位\s*[:=：]?\s*|[(\[]|,\s*)"
    r"(0\.1\s*mhz|k?mhz|km|m\s?/\s?s|m s-1|tecu)(?=[\s)\],;，；]|$)"
)


def _unit(title: str) -> str:
    match = _UNIT.search(title)
    return match.group(1).replace("  ", " ") if match else ""
