"""A column of times as text: one notation and one order of day and month for all its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.zones import LOCAL_WORDS, UT_WORDS, offset_of

# In English, whatever the language of the machine.
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_ENGLISH, start=1)}
_MONTH = r"[a-z]{3,9}\.?"
_CLOCK = r"(?P<hour>\d{1,2})\s*[:h]\s*(?P<minute>\d{1,2})(?:\s*[:m]\s*(?P<second>\d{1,2}(?:[.,]\d*)?)\s*s?)?"
_HALF = r"(?:\s*(?P<half>[ap])\.?m\.?)?"
_OFFSET = r"(?:utc?|gmt)?\s*[+\-−]\s*\d{1,2}(?::?\d{2})?"
_ZONE = rf"(?:\s*\(?(?P<zone>z|{_OFFSET}|{UT_WORDS}|{LOCAL_WORDS})(?:time|时间|时)?\)?)?"
_DATES = (
    r"(?P<year>\d{4})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>\d{1,2})",
    r"(?P<year>(?:19|20)\d{2})(?P<b>\d{2})(?P<c>\d{2})",
    r"(?P<year>(?:19|20)\d{2})[-/. ]?(?P<doy>\d{3})",
    r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<c>\d{4}|\d{2})",
    rf"(?P<c>\d{{1,2}})[-/.\s]*(?P<name>{_MONTH})[-/.,\s]*(?P<year>\d{{4}})",
    rf"(?P<name>{_MONTH})[-/.\s]*(?P<c>\d{{1,2}})[-/.,\s]+(?P<year>\d{{4}})",
)
_JOINED_CLOCK = r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}(?:\.\d+)?)?"
_PATTERNS = [
    *(
        re.compile(rf"^{date}(?:[t,_\s]+{clock})?{_HALF}{_ZONE}$")
        for clock in (_CLOCK, _JOINED_CLOCK)
        for date in _DATES
    ),
    re.compile(rf"^{_DATES[1]}-?{_JOINED_CLOCK}{_ZONE}$"),
    re.compile(rf"^{_CLOCK}{_HALF}{_ZONE}$"),
]
_CHINESE = ((r"上午|凌晨", " am "), (r"下午|晚上", " pm "), (r"(?<=\d)[年月]", "-"), (r"(?<=\d)[日号]", " "),
            (r"(?<=\d)[时点分]", ":"), (r"(?<=\d)秒", ""), (r"：", ":"))  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 1950, 2100
# A record goes on from day to day; a reading of its dates that leaves a month open between two is the wrong one.
_LONGEST_GAP = np.timedelta64(3, "D")
_ORDERS = {"DMY": ("c", "b", "a"), "MDY": ("c", "a", "b"), "YMD": ("a", "b", "c")}


@dataclass(frozen=True)
class TextTimes:
    """Cells of a column: `days` (NaT where a cell has none), seconds of that day, and minutes ahead of UTC where a
    cell says so; `words` are those of local or universal time behind the cells.
    """

    days: np.ndarray
    seconds: np.ndarray
    offset: int | None
    words: str

    @property
    def has_dates(self) -> bool:
        return bool((~np.isnat(self.days)).any())

    @property
    def has_clock(self) -> bool:
        return bool(np.isfinite(self.seconds).any())


def parse(texts: np.ndarray, context: Context) -> TextTimes:
    """Read a column of text as times.

    Parameters
    ----------
    texts
        cells; empty ones and words for missing have no time.

    Returns
    -------
    TextTimes
        `days` datetime64[D], `seconds` of the day (24:00 is 86400, NaN where a cell has no clock).

    Raises
    ------
    UndecidedError
        If more than a tenth of the cells is no time, their offsets differ, or the order of day and month is open.
    """
    cells, inverse = np.unique(np.char.strip(texts.astype(str)).ravel(), return_inverse=True)
    found = [fields_of(str(cell)) for cell in cells]
    _refuse_losses(cells, found, inverse, context)
    order = _order([f for f in found if f and f.get("a") is not None], cells, context)
    days = np.array([_day(f, order) for f in found], "datetime64[D]")
    seconds = np.array([_seconds(f) for f in found], float)
    offset, words = _zone(found, context)
    return TextTimes(days[inverse], seconds[inverse], offset, words)


def looks_like_times(texts: Sequence[str]) -> bool:
    """Whether most of some cells are dates or clocks."""
    return len(texts) > 0 and sum(fields_of(text) is not None for text in texts) > 0.5 * len(texts)


def fields_of(cell: str) -> dict[str, str] | None:
    """Parts of one cell; None where it is no time."""
    text = cell.strip().strip("'\"").lower()
    if not text.isascii():
        for word, instead in _CHINESE:
            text = re.sub(word, instead, text)
        half = re.search(r" ([ap]m) ", text)
        text = (text.replace(half.group(0), " ") + " " + half.group(1)) if half else text
        text = re.sub(r":(?=\s*(?:$|[^\d\s]))|-\s*$", "", text.strip())
    for pattern in _PATTERNS:
        match = pattern.match(re.sub(r"\s+", " ", text))
        if match and _possible(match.groupdict()):
            return {key: value for key, value in match.groupdict().items() if value is not None}
    return None


def _possible(fields: dict[str, str | None]) -> bool:
    """Whether numbers can be those of a date and a clock, whatever the order of day and month."""
    name, numbers = (
        fields.get("name"),
        {k: float(v.replace(",", ".")) for k, v in fields.items() if v and v[0].isdigit()},
    )
    if name and name[:3] not in _MONTHS:
        return False
    if numbers.get("year") and not _FIRST_YEAR <= numbers["year"] <= _LAST_YEAR:
        return False
    if "doy" in numbers and not 1 <= numbers["doy"] <= 366:
        return False
    return numbers.get("hour", 0) <= 48 and numbers.get("minute", 0) < 60 and numbers.get("second", 0) < 61


def _refuse_losses(cells: np.ndarray, found: list, inverse: np.ndarray, context: Context) -> None:
    lost = np.array([f is None for f in found])[inverse]
    if not lost.any():
        return
    examples = ", ".join(repr(str(cell)) for cell, f in zip(cells, found, strict=True) if f is None)[:80]
    if lost.mean() > LARGEST_LOSS:
        raise context.undecided(
            "times cannot be read",
            seen=f"{int(lost.sum())} of {lost.size} cells are not times: {examples}",
            lines=("variables: {time: NAME OF ANOTHER ARRAY}",),
        )
    context.decisions.record("times left out", int(lost.sum()), f"of {lost.size} cells, no time: {examples}")


def _order(found: list[dict[str, str]], cells: np.ndarray, context: Context) -> str:
    """The order of day, month and year for all cells.

    The readings that every cell allows; of several that which leaves no gap of days between the cells, then that
    which gives the date of the file's name.
    """
    if not found:
        return "YMD"
    option = context.option("date_order", tuple(_ORDERS))
    if option is not None:
        return str(option)
    readings = {}
    for name in _ORDERS:
        days = [_day(f, name) for f in found]
        if not any(np.isnat(day) for day in days):
            readings[name] = np.unique(np.array(days, "datetime64[D]"))
    possible = list(readings)
    for test in (
        _is_unbroken,
        lambda days: context.date is not None and bool((np.abs(days - context.date) <= _LONGEST_GAP).any()),
    ):
        left = [name for name in possible if test(readings[name])]
        possible = left if len(left) == 1 else possible
    if len(possible) != 1:
        raise context.undecided(
            "day or month first?",
            seen=", ".join(str(cell) for cell in cells[:3]),
            lines=tuple(f"date_order: {name}" for name in (possible or ["DMY", "MDY"])),
        )
    context.decisions.record(
        "date order", possible[0], "the only order in which all dates exist and follow one another"
    )
    return possible[0]


def _is_unbroken(days: np.ndarray) -> bool:
    return days.size > 1 and bool((np.diff(days) <= _LONGEST_GAP).all())


def _day(fields: dict[str, str] | None, order: str) -> np.datetime64:
    """Date of a cell; NaT where it has none, or where no such day exists."""
    nothing = np.datetime64("NaT", "D")
    if fields is None or not ("year" in fields or "a" in fields):
        return nothing
    if "doy" in fields:
        return np.datetime64(f"{int(fields['year']):04d}-01-01", "D") + (int(fields["doy"]) - 1)
    year, month, day = _numbers(fields, order)
    try:
        return np.datetime64(f"{year:04d}-{month:02d}-{day:02d}", "D") if year <= _LAST_YEAR else nothing
    except ValueError:
        return nothing


def _numbers(fields: dict[str, str], order: str) -> tuple[int, int, int]:
    if "name" in fields:
        return int(fields["year"]), _MONTHS[fields["name"][:3]], int(fields["c"])
    if "year" in fields:
        return int(fields["year"]), int(fields["b"]), int(fields["c"])
    year, month, day = (int(fields[part]) for part in _ORDERS[order])
    return year + 2000 if year < 80 else year, month, day


def is_midnight(fields: dict[str, str]) -> bool:
    """Whether a cell gives the clock 00:00 with its date."""
    return "hour" in fields and _seconds(fields) == 0.0


def _seconds(fields: dict[str, str] | None) -> float:
    if fields is None or "hour" not in fields:
        return np.nan
    hour = int(fields["hour"])
    if "half" in fields:
        hour = hour % 12 + (12 if fields["half"] == "p" else 0)
    return (
        hour * 3600.0 + int(fields.get("minute", 0)) * 60.0 + float(fields.get("second", "0").replace(",", ".") or 0)
    )


def _zone(found: list[dict[str, str] | None], context: Context) -> tuple[int | None, str]:
    """The offset that the cells state, and the words where they state none."""
    zones = sorted({f.get("zone", "").strip() for f in found if f})
    offsets = {offset_of(zone) if zone else None for zone in zones}
    if len(offsets) > 1:
        raise context.undecided(
            "times of different zones in one column", seen=", ".join(zone or "none" for zone in zones),
            lines=("clock: UT", "clock: LT"),
        )  # fmt: skip
    return (next(iter(offsets)) if offsets else None), " ".join(zones)
