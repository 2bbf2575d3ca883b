"""UT or local time: by what the file says, else by the sun at the station."""

from __future__ import annotations

import re

import numpy as np

from metalclouds.errors import UndecidedError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.zones import (
    LOCAL_WORDS,
    UNCLEAR,
    UNCLEAR_WORDS,
    UT_WORDS,
    offset_in_words,
    region_in,
    shifted,
    zone_in,
)
from metalclouds.physics.sun import solar_elevation
from metalclouds.schema.plausible import LIDAR

# UTC+5.30 and UTC+480 are no UT, though no offset is read from them.
_UT = re.compile(
    rf"(?:(?<![a-z])({UT_WORDS})(?![a-z])|utc|(?<![a-z])ut(?=[_( ]))(?!\s*[+\-−]\s*(?:\d{{3}}(?!\d)|\d{{1,2}}[.,]\d))"
)
_LT = re.compile(rf"(?<![a-z])({LOCAL_WORDS})(?![a-z])|localtime|local(?=[_\d])")
_UNCLEAR = re.compile(rf"(?<![a-z])({UNCLEAR_WORDS})(?![a-z])")
_DARK_SHARE = LIDAR["dark_share"].low


def to_utc(times: np.ndarray, words: str, context: Context, works_by_night: bool, usual: str = "") -> np.ndarray:
    """Times in UTC, from times whose clock is not yet known.

    Parameters
    ----------
    times
        datetime64 as the file writes them.
    words
        what the file says about them: names, attributes, header.
    works_by_night
        whether the instrument measures only in darkness, so that the sun can decide.
    usual
        why the times are UT unless the file says otherwise (CF units, MJD), "" where they need not be; the sun may
        contradict it.

    Returns
    -------
    ndarray
        datetime64, dims of `times`.

    Raises
    ------
    UndecidedError
        If neither words nor the sun decide.
    """
    local = context.local_minutes
    minutes = _by_catalogue(context)
    if minutes is not None:
        if context.options.get("clock") == "LT":
            _refuse_without_place(context)
        return shifted(times, minutes)
    said = _by_words(words, local) or _by_region(words, times)
    said = _by_settings(context) if said is None else _beside_settings(said, context)
    known = context.evidence("clock")
    if said is None and known is not None and (offset := offset_in_words(str(known[0]))) is not None:
        # An offset that the description gives: the sun would tell local time, but not by how much it differs.
        _refuse_daylight(times, offset, known[1], words, context, works_by_night)
        said = offset, known[1]
    if said is None and usual and known is not None and not works_by_night:
        said = (local if known[0] == "LT" else 0), known[1]
    if said is None and usual and (not works_by_night or _dark(times, context)["UT"] >= _DARK_SHARE):
        said = 0, f"not stated; {usual}"
    if said is None:
        _refuse_unclear(times, words, context)
        if works_by_night:
            _refuse_without_place(context)
    minutes, because = said or _by_sun(times, words, context, works_by_night)
    if minutes and "UTC" not in because:
        _refuse_without_place(context)
    decided = "UT" if not minutes else "LT" if minutes == local else f"UTC{minutes / 60:+g}"
    context.decisions.record("clock", decided, because + (f"; {local_words(context)}" if decided == "LT" else ""))
    return shifted(times, minutes)


def local_words(context: Context) -> str:
    """What local time is taken for: `LT is UTC+1, by the longitude and without summer time`."""
    settings, instrument = context.settings, context.instrument
    why = f"by the longitude {context.site.longitude:g} and without summer time"
    if settings.clock_offset_hours(instrument) is not None:
        why = f"given: {_how_given(context)}"
    elif settings.local_time_offset_hours is not None:
        why = "ingest.local_time_offset_hours"
    return f"LT is UTC{context.local_minutes / 60:+g}, {why}"


def _by_catalogue(context: Context) -> int | None:
    """Minutes ahead of UTC by the option `clock`: UT, LT, or an offset such as UTC+1; None where it is not given."""
    offset = offset_in_words(str(context.options.get("clock", "")))
    if offset is not None:
        context.option("clock")
        return offset
    clock = context.option("clock", ("UT", "LT", "UTC+1"))
    return None if clock is None else context.local_minutes if clock == "LT" else 0


def _by_region(words: str, times: np.ndarray) -> tuple[int, str] | None:
    """Minutes ahead of UTC of a zone of the zone database on the first day; None where none is named."""
    region, known = region_in(words), times[~np.isnat(times)]
    if region is None or not known.size:
        return None
    first = known.min().astype("datetime64[s]").item().replace(tzinfo=region)
    offset = first.utcoffset()
    return (
        None
        if offset is None
        else (
            round(offset.total_seconds() / 60),
            f"the file says {region.key}, UTC{offset.total_seconds() / 3600:+g} on that day",
        )
    )


def _refuse_unclear(times: np.ndarray, words: str, context: Context) -> None:
    """Stop at a word that is the zone of several countries: the sun seldom tells them apart.

    Raises
    ------
    UndecidedError
        With the offsets that it may mean.
    """
    unclear = _UNCLEAR.search(words.lower())
    if unclear is not None:
        known = times[~np.isnat(times)]
        raise context.undecided(
            f"which {unclear.group(0).upper()}?",
            seen=f"{known.min()} to {known.max()}; {unclear.group(0).upper()} is the zone of several countries",
            lines=tuple(f"clock: {zone}" for zone in UNCLEAR[unclear.group(0)]),
        )


def _refuse_without_place(context: Context) -> None:
    """Stop where local time, or the sun, decides and nobody says where the instrument stands.

    Raises
    ------
    UndecidedError
        Asking for the station; of maps, which have none, for the offset.
    """
    if context.placed or context.settings.given_local_hours(context.instrument) is not None:
        return
    if context.instrument != "tec":
        raise context.unplaced()
    raise context.undecided(
        "local time of which zone?",
        seen="local time, and no place",
        lines=("clock: UTC+8", "clock: UTC+1", "clock: UT"),
    )


def _by_settings(context: Context) -> tuple[int, str] | None:
    """Minutes ahead of UTC by the setting `clock` of the instrument; None where that is not given."""
    clock = getattr(context.settings, context.instrument).clock
    if clock is None:
        return None
    if clock == "LT":
        _refuse_without_place(context)
    return {"UT": 0}.get(clock, context.local_minutes), f"given: {_how_given(context)}: {clock}"


def _beside_settings(said: tuple[int, str], context: Context) -> tuple[int, str]:
    """What the file says of its clock, and that another one was given, which is for files that do not say it."""
    clock = getattr(context.settings, context.instrument).clock
    given = None if clock is None else {"UT": 0}.get(clock, context.local_minutes)
    if given is None or given == said[0]:
        return said
    return said[0], f"{said[1]}, NOT the {clock} that was given for files that do not name their clock"


def _how_given(context: Context) -> str:
    """Where a person says the clock of all files of the instrument."""
    setting = f"ingest.{context.instrument}.clock"
    return f"--clock (clock=... in Python), or {setting}" if context.instrument == "lidar" else setting


def says_clock(words: str) -> bool:
    """Whether words name universal or local time, or an offset."""
    text = words.lower()
    return bool(
        offset_in_words(text) is not None
        or zone_in(text)
        or region_in(words)
        or _UT.search(text)
        or _LT.search(text)
        or _UNCLEAR.search(text)
    )


def clocks_of(first: str, second: str, context: Context) -> tuple[int | None, int | None]:
    """Minutes ahead of UTC that two texts say; None for one that says none."""
    found = [_by_words(text, context.local_minutes) for text in (first, second)]
    one, other = (None if said is None else said[0] for said in found)
    return one, other


def _by_words(words: str, local: int) -> tuple[int, str] | None:
    """Minutes ahead of UTC, and the words that say so."""
    text = words.lower()
    offset = offset_in_words(text)
    if offset is not None:
        return offset, f"the file says UTC{offset / 60:+g}"
    zone = zone_in(text)
    if zone is not None:
        return zone[0], f"the file says {zone[1]}, UTC{zone[0] / 60:+g}"
    is_ut, is_lt = _UT.search(text), _LT.search(text)
    if is_ut and not is_lt:
        return 0, f"the file says {_around(text, is_ut)}"
    if is_lt and not is_ut:
        return local, f"the file says {_around(text, is_lt)}"
    return None


def _around(text: str, match: re.Match[str]) -> str:
    """The word that names a clock as it stands in the file: `'ut' in 'time_ut'`."""
    start = max(text.rfind(" ", 0, match.start() + 1), text.rfind("\n", 0, match.start() + 1)) + 1
    end = re.search(r"\s|$", text[match.end() :])
    whole = text[start : match.end() + (end.start() if end else 0)].strip()
    word = match.group(0).strip()
    return f"{word!r}" if whole == word or len(whole) > _LONGEST_WORD else f"{word!r} in {whole!r}"


_LONGEST_WORD = 40


def _dark(times: np.ndarray, context: Context) -> dict[str, float]:
    """Share of times in darkness, read as UT and as LT."""
    local = context.local_minutes
    known = times[~np.isnat(times)]
    limit, site = context.settings.lidar.dark_sun_elevation_deg, context.site
    readings = {"UT": known, "LT": shifted(known, local)}
    highest = {name: solar_elevation(value, site.latitude, site.longitude) for name, value in readings.items()}
    return {name: float(np.mean(value < limit)) if value.size else 0.0 for name, value in highest.items()}


def _refuse_daylight(
    times: np.ndarray, minutes: int, because: str, words: str, context: Context, works_by_night: bool
) -> None:
    """Stop where a description's clock puts an instrument that works by night at a known place into daylight.

    Raises
    ------
    UndecidedError
        With the line of the description.
    """
    known, site = times[~np.isnat(times)], context.site
    if not works_by_night or not context.placed or not known.size:
        return
    sun = solar_elevation(shifted(known, minutes), site.latitude, site.longitude)
    share = float(np.mean(sun < context.settings.lidar.dark_sun_elevation_deg))
    if share < _DARK_SHARE:
        raise _unknown(times, words, f"{because}: with it {100 * share:.0f} % of the times are dark", context)


def _by_sun(times: np.ndarray, words: str, context: Context, works_by_night: bool) -> tuple[int, str]:
    if not works_by_night:
        raise _unknown(times, words, "what works by day and night leaves it open", context)
    dark, site = _dark(times, context), context.site
    seen = ", ".join(f"read as {name} {100 * share:.0f} % of the times are dark" for name, share in dark.items())
    possible = [name for name, share in dark.items() if share >= _DARK_SHARE]
    if len(possible) != 1:
        where = f"at {site.words()}{'' if context.site_given else ' (assumed: is it yours?)'}"
        raise _unknown(times, words, f"{where} {seen}", context)
    local = context.local_minutes
    minutes = local if possible[0] == "LT" else 0
    return minutes, f"the sun at {site.latitude:g} N {site.longitude:g} E: {seen}"


def _unknown(times: np.ndarray, words: str, seen: str, context: Context) -> UndecidedError:
    known = times[~np.isnat(times)]
    span = f"{known.min()} to {known.max()}" if known.size else "no time"
    unclear = _UNCLEAR.search(words.lower())
    more = f"; {unclear.group(0).upper()} is the zone of several countries" if unclear else ""
    what = local_words(context) if context.placed else "what LT is, only the station tells"
    # Of a place that nobody names the offset is written out, so that a person sees what it says.
    local = "clock: LT" if context.placed else f"clock: UTC{context.local_minutes / 60:+g}"
    return context.undecided(
        f"UT or local time? {_how_given(context)} says it for all {context.instrument} files, a line in the "
        "catalogue for some",
        seen=f"{span}; {seen}; {what}{more}",
        lines=("clock: UT", local if context.local_minutes else "clock: UTC+1"),
    )
