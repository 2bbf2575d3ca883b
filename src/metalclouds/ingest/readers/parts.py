"""Parts of a file that are read each by itself: elements of an array of structures, sheets of a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.captions import day_without_year
from metalclouds.ingest.decisions import Context


def for_part(title: str, context: Context) -> Context:
    """The context of a part: a day in its name is its date.

    Raises
    ------
    UndecidedError
        If the name gives day and month without a year, and neither the catalogue's option `year` nor one day alone
        of those that the record names gives it.
    """
    dates = naming.dates(title)
    if len(dates) == 1:
        return replace(context, date=dates[0], date_because=f"name of {title}")
    order = context.options.get("date_order")
    if order is not None and (joined := _of_six_digits(title, str(order))) is not None:
        return replace(context, date=joined, date_because=f"name of {title}, {order}")
    day = day_without_year(title)
    return context if day is None else _with_year(title, day, context)


def with_order(titles: Iterable[str], context: Context) -> Context:
    """The context with the order of names of six digits, `210603`: the one that gives days the record names.

    Raises
    ------
    UndecidedError
        If both orders give such days, or none does.
    """
    six = [title for title in titles if re.fullmatch(r"\d{6}", title)]
    if not six or context.option("date_order", tuple(_SIX)) is not None:
        return context
    days, because = context.evidence("days") or ([], "")
    fitting = [order for order in _SIX if {str(_of_six_digits(title, order)) for title in six} & set(days)]
    possible = [order for order in _SIX if all(_of_six_digits(title, order) is not None for title in six)]
    left = [order for order in possible if order in fitting]
    if len(left) != 1:
        lines = tuple(f"date_order: {order}" for order in possible or _SIX)
        raise context.undecided("year or day first?", seen=", ".join(six[:3]), lines=lines)
    context.decisions.record("date order", left[0], f"names of the parts; {because}")
    return replace(context, options={**context.options, "date_order": left[0]})


_SIX = {"YMD": (0, 2, 4), "DMY": (4, 2, 0)}


def _of_six_digits(title: str, order: str) -> np.datetime64 | None:
    if not re.fullmatch(r"\d{6}", title) or order not in _SIX:
        return None
    year, month, day = (title[place : place + 2] for place in _SIX[order])
    try:
        return np.datetime64(f"20{year}-{month}-{day}", "D")
    except ValueError:
        return None


def refuse_repeated(parts: Mapping[str, np.ndarray], file: str) -> None:
    """Stop where two parts have one time: they are not nights, and nothing says what tells them apart.

    Parameters
    ----------
    parts
        name of a part -> its times, datetime64.

    Raises
    ------
    ReadError
        With the names of the two.
    """
    seen: dict[np.datetime64, str] = {}
    for title, times in parts.items():
        for time in np.unique(times):
            if seen.setdefault(time, title) != title:
                raise ReadError(
                    "two parts of the file give values of one time",
                    file=file,
                    given=f"{seen[time]} and {title}, both {str(time)[:19]}",
                    remedy="write the part that is meant to a file of its own",
                )


def _with_year(title: str, day: tuple[int, int], context: Context) -> Context:
    year = context.option("year")
    if year is not None:
        date = _date(int(year), day, title, context)
        return replace(context, date=date, date_because=f"{title}, and the year {year}")
    days, because = context.evidence("days") or ([], "")
    fitting = [one for one in days if (int(one[5:7]), int(one[8:10])) == day]
    if len(fitting) != 1:
        years = sorted({one[:4] for one in fitting or days}) or ["YYYY"]
        raise context.undecided(
            "of which year is a day without one?",
            seen=f"{title}; days of the record that fit: {', '.join(fitting) or 'none'}",
            lines=tuple(f"year: {one}" for one in years),
            where=title,
        )
    return replace(context, date=np.datetime64(fitting[0], "D"), date_because=f"{title}; year by the {because}")


def _date(year: int, day: tuple[int, int], title: str, context: Context) -> np.datetime64:
    try:
        return np.datetime64(f"{year:04d}-{day[0]:02d}-{day[1]:02d}", "D")
    except ValueError as error:
        raise context.undecided("no such day", seen=f"{title} {year}", lines=("year: YYYY",), where=title) from error
