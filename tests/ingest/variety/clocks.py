"""Ways in which people write down times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

LOCAL = np.timedelta64(8, "h")
WORDS = {
    "UT": ("UT", "UTC", "GMT", "世界时"),
    "LT": ("LT", "BJT", "Beijing time", "北京时间", "UTC+8", "UTC+08:00"),
    "none": ("",),
}
OFFSETS = {"UT": ("Z", "+00:00", "+0000", " UTC"), "LT": ("+08:00", "+0800", "+08"), "none": ("",)}


@dataclass(frozen=True)
class Clock:
    """Times as columns of cells, and what the file's name has to say about the date."""

    columns: dict[str, list[Any]]
    day: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Zone:
    """Which clock, where it is said (`header`, `cell` or nowhere), and in which word."""

    clock: str
    said: str
    word: str

    def header(self, name: str) -> str:
        """Name of a column with the zone."""
        return f"{name} ({self.word})" if self.said == "header" and self.word else name

    def cell(self) -> str:
        """What follows a time in its own cell."""
        return self.word if self.said == "cell" else ""


def draw_zone(rng: np.random.Generator, unsaid: float = 0.15) -> Zone:
    """A zone; with the given share nobody says which."""
    clock = str(rng.choice(["UT", "LT"]))
    if rng.random() < unsaid:
        return Zone(clock, "nowhere", "")
    said = str(rng.choice(["header", "cell"]))
    return Zone(clock, said, str(rng.choice((WORDS if said == "header" else OFFSETS)[clock])))


def on_clock(times: np.ndarray, zone: Zone) -> list[datetime]:
    """Times (UT) as the clock of the zone shows them."""
    moved = times + LOCAL if zone.clock == "LT" else times
    return list(moved.astype("datetime64[s]").astype(object))


Encoder = Callable[[list[datetime], Zone, np.random.Generator], Clock]


def _stamps(pattern: str) -> Encoder:
    def encode(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
        name = str(rng.choice(["time", "Time", "datetime", "Date_Time", "观测时间", "时间"]))
        return Clock({zone.header(name): [t.strftime(pattern) + zone.cell() for t in times]})

    return encode


def _stamps24(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
    """Midnight is 24:00 of the day before."""
    from datetime import timedelta

    def one(t: datetime) -> str:
        if (t.hour, t.minute, t.second) != (0, 0, 0):
            return t.strftime("%Y-%m-%d %H:%M:%S")
        return (t - timedelta(days=1)).strftime("%Y-%m-%d 24:00:00")

    return Clock({zone.header("time"): [one(t) + zone.cell() for t in times]})


def _date_and(clock_pattern: str, date_pattern: str = "%Y-%m-%d") -> Encoder:
    def encode(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
        date, time = [("Date", "Time"), ("date", "UT" if zone.clock == "UT" else "LT"), ("日期", "时间")][
            rng.integers(3)
        ]
        header = zone.header(time) if time not in ("UT", "LT") else time
        return Clock(
            {date: [t.strftime(date_pattern) for t in times], header: [t.strftime(clock_pattern) for t in times]}
        )

    return encode


def _numbers(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
    names = [
        ("year", "month", "day", "hour", "minute"),
        ("Year", "Mon", "Day", "Hour", "Min"),
        ("年", "月", "日", "时", "分"),
    ]
    chosen = names[rng.integers(3)]
    fields = [[getattr(t, part) for t in times] for part in ("year", "month", "day", "hour", "minute")]
    header = [*chosen[:3], zone.header(chosen[3]), chosen[4]]
    return Clock(dict(zip(header, fields, strict=True)), kind="number")


def _day_of_year(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
    hours = [t.hour + t.minute / 60 + t.second / 3600 for t in times]
    name = {"UT": "UT", "LT": "LT"}[zone.clock] if zone.said != "nowhere" else "hour"
    doy = [t.timetuple().tm_yday for t in times]
    return Clock({"year": [t.year for t in times], "doy": doy, name: hours}, kind="number")


def _name_of_hours(zone: Zone) -> str:
    return zone.clock if zone.said != "nowhere" else "hour"


def _hours(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
    """Decimal hours; after midnight they go on past 24 or start anew; the date is in the file's name."""
    first = times[0].replace(hour=0, minute=0, second=0)
    hours = [round((t - first).total_seconds() / 3600, 6) for t in times]
    wraps = rng.random() < 0.5
    return Clock(
        {_name_of_hours(zone): [h % 24 if wraps else h for h in hours]}, first.strftime("%Y%m%d"), kind="number"
    )


def _clock_in_name(pattern: str) -> Encoder:
    def encode(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
        day = times[0].strftime(str(rng.choice(["%Y-%m-%d", "%Y%m%d", "%Y_%m_%d"])))
        name = zone.header("time") if rng.random() < 0.5 or zone.said == "nowhere" else zone.clock
        return Clock({name: [t.strftime(pattern) for t in times]}, day)

    return encode


def _epoch(name: str, number: Callable[[float], float], absolute: bool = False) -> Encoder:
    def encode(times: list[datetime], zone: Zone, rng: np.random.Generator) -> Clock:
        seconds = [t.replace(tzinfo=UTC).timestamp() for t in times]
        return Clock({name if absolute else zone.header(name): [number(s) for s in seconds]}, kind="number")

    return encode


TEXT: dict[str, Encoder] = {
    "iso T": _stamps("%Y-%m-%dT%H:%M:%S"),
    "iso space": _stamps("%Y-%m-%d %H:%M:%S"),
    "iso minutes": _stamps("%Y-%m-%d %H:%M"),
    "slashes": _stamps("%Y/%m/%d %H:%M:%S"),
    "day first": _stamps("%d/%m/%Y %H:%M"),
    "dots": _stamps("%d.%m.%Y %H:%M"),
    "month first, 12 h": _stamps("%m/%d/%Y %I:%M %p"),
    "matlab": _stamps("%d-%b-%Y %H:%M:%S"),
    "compact": _stamps("%Y%m%d%H%M%S"),
    "compact T": _stamps("%Y%m%dT%H%M%S"),
    "chinese": _stamps("%Y年%m月%d日 %H时%M分"),
    "24 o'clock": _stamps24,
    "date and time": _date_and("%H:%M:%S"),
    "date and minutes": _date_and("%H:%M", "%Y/%m/%d"),
    "date and hhmm": _date_and("%H%M", "%Y%m%d"),
    "date and 12 h": _date_and("%I:%M:%S %p"),
    "clock, day in name": _clock_in_name("%H:%M:%S"),
    "minutes, day in name": _clock_in_name("%H:%M"),
    "hhmm, day in name": _clock_in_name("%H%M"),
    "hhmmss, day in name": _clock_in_name("%H%M%S"),
}
NUMBER: dict[str, Encoder] = {
    "year month day": _numbers,
    "year doy hours": _day_of_year,
    "hours, day in name": _hours,
    "unix s": _epoch("unix_time", lambda s: s, absolute=True),
    "unix ms": _epoch("timestamp", lambda s: 1e3 * s, absolute=True),
    "datenum": _epoch("datenum", lambda s: s / 86400 + 719529),
    "excel": _epoch("time", lambda s: s / 86400 + 25569),
    "mjd": _epoch("MJD", lambda s: s / 86400 + 40587),
    "julian date": _epoch("JD", lambda s: s / 86400 + 2440587.5),
}
# Of these the time alone says which clock it is.
ABSOLUTE = {"unix s", "unix ms"}
# These are UT unless somebody says otherwise.
USUALLY_UT = {"mjd", "julian date"}


def sayable(zone: Zone, how: str) -> Zone:
    """The zone as a notation can say it: a number has no zone in its cell, some notations have one of their own."""
    if how in ABSOLUTE:
        return Zone("UT", "header", "UT")
    if how in NUMBER and zone.said == "cell":
        zone = Zone(zone.clock, "nowhere", "")
    return Zone("UT", "nowhere", "") if how in USUALLY_UT and zone.said == "nowhere" else zone


@dataclass(frozen=True)
class CfTime:
    """A CF time axis: numbers, units and calendar."""

    numbers: np.ndarray
    units: str
    calendar: str = "standard"
    extra: dict[str, str] = field(default_factory=dict)


def draw_cf(times: np.ndarray, zone: Zone, rng: np.random.Generator) -> CfTime:
    """Numbers since some epoch, the zone behind the epoch."""
    day = str(times[0].astype("datetime64[D]"))
    epoch = str(rng.choice([day, "1970-01-01", "1900-01-01", "1800-01-01", "2000-01-01"]))
    unit, seconds = [("seconds", 1), ("minutes", 60), ("hours", 3600), ("days", 86400), ("milliseconds", 1e-3)][
        rng.integers(5)
    ]
    shown = times + LOCAL if zone.clock == "LT" else times
    numbers = (shown - np.datetime64(epoch, "s")).astype(float) / seconds
    word = str(rng.choice(OFFSETS[zone.clock])) if zone.said != "nowhere" else ""
    gap = " " if word and not word.startswith((" ", "Z")) else ""
    clock = str(rng.choice(["00:00:00", "00:00", "00:00:0.0"])) if word or rng.random() < 0.5 else ""
    units = f"{unit} since {epoch} {clock}".strip() + gap + word
    calendar = "standard" if epoch < "1900" else str(rng.choice(["standard", "gregorian", "proleptic_gregorian"]))
    return CfTime(numbers, units, calendar)
