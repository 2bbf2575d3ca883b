"""Dates in file names, and the night that a time belongs to."""

from __future__ import annotations

import re

import numpy as np

_SEPARATED = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.]([01]\d)[-_.]([0-3]\d)(?!\d)(?:[T_ -]?([0-2]\d|3[0-5])[:h-]?([0-5]\d))?"
)
_JOINED = re.compile(r"(?<!\d)((?:19|20)\d{2})([01]\d)([0-3]\d)(?:[T_-]?([0-2]\d|3[0-5])([0-5]\d)([0-5]\d)?)?(?!\d)")

# With the day of the year, as names of GNSS and of sounders have it: 2021130, 2021130_1200, 2021130120000.
_OF_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d{2})([0-3]\d\d)(?:[T_-]?([0-2]\d|3[0-5])([0-5]\d)([0-5]\d)?)?(?![\d])(?![-_.]\d\d(?!\d))"
)
# A receiver's file of a day: BJFS130a.21tec is day 130 of 2021.
_OF_RECEIVER = re.compile(r"[a-z0-9]{4}([0-3]\d\d)[a-x0]\.(\d\d)[a-z]{2,4}$", re.IGNORECASE)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 12Nov2021, 2021-Nov-12, and 14.07.2020 where the first number can only be a day.
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]*"
_NAMED = re.compile(rf"(?<![\d])(\d{{1,2}})[-_. ]?{_MONTH}[-_. ]?((?:19|20)\d{{2}})(?!\d)", re.IGNORECASE)
_NAMED_LAST = re.compile(rf"(?<!\d)((?:19|20)\d{{2}})[-_. ]?{_MONTH}[-_. ]?(\d{{1,2}})(?!\d)", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(?<!\d)(1[3-9]|2\d|3[01])[._-](0[1-9]|1[0-2])[._-]((?:19|20)\d{2})(?!\d)")


_MONTH_WORD = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TO = r"\s*(?:[-–—/~至到]|to|until)\s*"
# Days of which a text names the first and the last: 10-11 May 2021, May 10-11, 2021, 10 May to 11 May 2021,
# 2021-05-10 to 2021-05-11, 2021年5月10-11日. Groups: what stays, what goes.
_SPANS = tuple(
    re.compile(text, re.IGNORECASE)
    for text in (
        rf"(?<![\d-])(?P<first>{_DAY})(?P<gone>{_TO}(?P<last>{_DAY}))(?=[\s.-]*{_MONTH_WORD})",
        rf"{_MONTH_WORD}\s*(?P<first>{_DAY})(?P<gone>{_TO}(?P<last>{_DAY}),?)(?=\s*(?:19|20)\d\d)",
        rf"(?<!\d)(?P<first>{_DAY})\s*(?P<m1>{_MONTH_WORD})(?P<gone>{_TO}(?P<last>{_DAY})\s*(?P<m2>{_MONTH_WORD}))",
        r"(?<!\d)(?:19|20)\d\d[-/.年][01]?\d[-/.月](?P<first>[0-3]?\d)日?"
        rf"(?P<gone>{_TO}(?:(?:19|20)\d\d[-/.年])?(?:[01]?\d[-/.月])?(?P<last>[0-3]?\d)(?!\d)日?)(?![-/.]\d)",
    )
)


def evenings(text: str) -> str:
    """A text in which a night named by two days, `10-11 May 2021`, is named by the first, its evening.

    Of days that are not neighbours neither is a night's, and both give way to blanks. The length stays.

    Examples
    --------
    >>> evenings("night of 10-11 May 2021"), evenings("campaign 10-14 May 2021")
    ('night of 10    May 2021', 'campaign       May 2021')
    """
    for pattern in _SPANS:
        for match in list(pattern.finditer(text)):
            first, last = (int(re.sub(r"\D", "", match[name])) for name in ("first", "last"))
            if not 1 <= first <= 31 or not 1 <= last <= 31:
                continue
            neighbours = last == first + 1 or (first >= 28 and last == 1)
            if not neighbours and pattern is _SPANS[-1]:
                continue
            start = match.start("gone") if neighbours else match.start("first")
            text = text[:start] + " " * (match.end("gone") - start) + text[match.end("gone") :]
    return text


def dates(name: str) -> list[np.datetime64]:
    """Days named in a file name, in order, without repetition; times of day are left out."""
    return list(dict.fromkeys(moment.astype("datetime64[D]") for moment in moments(name)))


def moments(name: str) -> list[np.datetime64]:
    """Dates with their time of day (0 h where the name gives none) in a file name; hours may go on past 24."""
    found = []
    name = evenings(name)
    for pattern in (_SEPARATED, _JOINED):
        for match in pattern.finditer(name):
            found += _moment(*match.groups())
    for year, month, day in _other_notations(name):
        found += _moment(year, month, day, None, None)
    if not found:
        found = _of_days_of_year(name)
    return list(dict.fromkeys(found))


def _of_days_of_year(name: str) -> list[np.datetime64]:
    """Times in a name by the day of the year."""
    receiver = _OF_RECEIVER.search(name)
    parts = [match.groups() for match in _OF_YEAR.finditer(name)]
    parts += [(f"20{receiver[2]}", receiver[1], None, None, None)] if receiver else []
    found = []
    for year, number, *clock in parts:
        first, day = np.datetime64(f"{year}-01-01", "D"), int(number) - 1
        if 0 <= day < np.datetime64(f"{int(year) + 1}-01-01", "D") - first:
            year, month, of_month = str(first + day).split("-")
            found += _moment(year, month, of_month, *clock)
    return found


def _other_notations(name: str) -> list[tuple[str, str, str]]:
    """Year, month and day of dates with the name of a month, or with the day first where no other order exists."""
    named = [(m[3], m[2], m[1]) for m in _NAMED.finditer(name)] + [m.groups() for m in _NAMED_LAST.finditer(name)]
    numbers = [(y, f"{_MONTHS.index(n[:3].lower()) + 1:02d}", f"{int(d):02d}") for y, n, d in named]
    return numbers + [(m[3], m[2], m[1]) for m in _DAY_FIRST.finditer(name)]


# 03-07-2021, 03072021, 030721, 03.07.21: which number is the day, nothing in the name shows.
_OPEN_ORDER = (
    re.compile(r"(?<!\d)(\d\d)([-_.]?)(\d\d)\2((?:19|20)\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(\d\d)([-_.]?)(\d\d)\2(\d\d)(?!\d)"),
)
# Years of two digits up to this one are of this century.
_LAST_SHORT_YEAR = 68


def orders(name: str) -> dict[str, np.datetime64]:
    """What the numbers of a name without a sure date may be: DMY, MDY or YMD -> the day.

    Examples
    --------
    >>> {order: str(day) for order, day in orders("CaP_030721.mat").items()}
    {'DMY': '2021-07-03', 'MDY': '2021-03-07', 'YMD': '2003-07-21'}
    >>> list(orders("Na_25-06-2019.csv")), list(orders("night_20210603.nc"))
    ([], [])
    """
    match = next((found for pattern in _OPEN_ORDER if (found := pattern.search(name))), None)
    if match is None or dates(name):
        return {}
    first, second, third = match[1], match[3], match[4]
    read = {"DMY": (third, second, first), "MDY": (third, first, second)}
    if len(third) == 2:
        read["YMD"] = (first, second, third)
    days = {order: _moment(_long_year(year), month, day, None, None) for order, (year, month, day) in read.items()}
    return {order: moments[0].astype("datetime64[D]") for order, moments in days.items() if moments}


def _long_year(year: str) -> str:
    return year if len(year) == 4 else f"{20 if int(year) <= _LAST_SHORT_YEAR else 19}{year}"


def has_clock(name: str) -> bool:
    """Whether a name gives a time of day with its date."""
    named = any(match.group(4) for pattern in (_SEPARATED, _JOINED) for match in pattern.finditer(name))
    return named or any(match.group(3) for match in _OF_YEAR.finditer(name))


def _moment(year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None = None) -> list:
    try:
        day_part = np.datetime64(f"{year}-{month}-{day}", "s")
    except ValueError:
        return []
    return [day_part + np.timedelta64(int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0), "s")]


def nights_of(times: np.ndarray, longitude: float) -> np.ndarray:
    """Night of each time: the date of the evening, from local noon to local noon.

    Parameters
    ----------
    times
        UTC, datetime64.
    longitude
        degrees east; local noon is where the mean sun crosses this meridian. At 116 E the night from 10 to 23 UT
        lies within one UT date.

    Returns
    -------
    ndarray
        datetime64[D], dims of `times`.
    """
    east = (longitude + 180.0) % 360.0 - 180.0
    shift = np.timedelta64(round((east / 15.0 - 12.0) * 3600), "s")
    return (times.astype("datetime64[s]") + shift).astype("datetime64[D]")


def nights_of_names(moments: np.ndarray, longitude: float) -> np.ndarray:
    """Night of each time of a file's name that may be UT or local.

    The days are cut at an hour that lies in daylight (8 to 16 h local time) whichever of the two it is. Beyond 120
    degrees of longitude there is no such hour, and the middle of the two noons is taken.

    Parameters
    ----------
    moments
        datetime64, UT or local.

    Returns
    -------
    ndarray
        datetime64[D], dims of `moments`.
    """
    east = ((longitude + 180.0) % 360.0 - 180.0) / 15.0
    cut = np.timedelta64(round((12.0 - east / 2.0) * 3600), "s")
    return (moments.astype("datetime64[s]") - cut).astype("datetime64[D]")


def days_of(times: np.ndarray) -> np.ndarray:
    """UT date of each time, for instruments that work by day and night.

    Parameters
    ----------
    times
        UTC, datetime64.

    Returns
    -------
    ndarray
        datetime64[D], dims of `times`.
    """
    return times.astype("datetime64[D]")
