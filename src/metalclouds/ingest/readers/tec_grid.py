"""Maps of vertical TEC as text: lines of a header, rows of latitude from north to south, columns of longitude."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.containers.cells import is_missing, is_number
from metalclouds.ingest.containers.units import parse
from metalclouds.ingest.decisions import Context, asked_together
from metalclouds.ingest.evidence.clock import says_clock, to_utc
from metalclouds.ingest.evidence.header_clock import said_in_header
from metalclouds.ingest.evidence.said import missing_in, of_lines, of_notes
from metalclouds.ingest.evidence.shell import shell_km
from metalclouds.ingest.readers.columns import known
from metalclouds.ingest.readers.tec_unit import in_tecu, units_in
from metalclouds.ingest.source import Member

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
# A grid has at least so many rows and columns.
_SMALLEST = 3
_SMALLEST_STEP_DEG = 0.1
# First and last latitude and longitude of the maps of China that say none.
_USUAL = {"lat": (55.0, 15.0), "lon": (70.0, 140.0)}
_MISSING = (9999.0, 999.0, -999.0, -9999.0, 999.9, 9999.99)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Maps of one or more files, joined in time.

    Returns
    -------
    Dataset
        `vertical_tec` in TECU with dims (time, latitude, longitude), ascending; NaN where missing.

    Raises
    ------
    ReadError
        If a file is no grid of numbers, has another grid than the first, or says no time in header or name.
    UndecidedError
        If the axes of a grid are not known.
    """
    maps = [one for member in members for one in _of_file(member, context)]
    first = maps[0]
    for other in maps[1:]:
        if not (np.array_equal(other.latitude, first.latitude) and np.array_equal(other.longitude, first.longitude)):
            raise ReadError("maps of a day have different grids", file=context.file)
    times, order = np.unique(np.array([one.time for one in maps]), return_index=True)
    cube = np.stack([maps[index].values for index in order])
    out = xr.Dataset(
        {"vertical_tec": (("time", "latitude", "longitude"), cube)},
        {"time": times, "latitude": first.latitude, "longitude": first.longitude},
        attrs=first.shell,
    )
    return out.sortby(["latitude", "longitude"])


@dataclass(frozen=True)
class Map:
    """One map as its file has it; `values` TECU, dims (latitude, longitude), NaN where missing."""

    time: np.datetime64
    latitude: np.ndarray
    longitude: np.ndarray
    values: np.ndarray
    shell: dict[str, object]


def _of_file(member: Member, context: Context) -> list[Map]:
    """The maps of a file: one, or several below a line each with its time.

    Raises
    ------
    ReadError
        If two of them have one time.
    """
    sections = _sections([line for line in member.text().splitlines() if line.strip()])
    maps = [_one(own, common, member, context) for common, own in sections]
    if len({one.time for one in maps}) < len(maps):
        raise ReadError(
            "maps of one file have the same time",
            file=member.full_name,
            given=f"{len(maps)} maps; the first is below {sections[0][1][0]!r}",
        )
    return maps


def _sections(lines: list[str]) -> list[tuple[list[str], list[str]]]:
    """Lines above all maps, and those of each: where blocks of as many rows stand below as many other lines."""
    width = len(_tokens(lines[-1])) if lines else 0
    grid = np.array([len(row) == width and _is_row(row) for row in map(_tokens, lines)])
    starts = np.flatnonzero(np.diff(np.r_[False, grid].astype(int)) == 1)
    ends = np.flatnonzero(np.diff(np.r_[grid, False].astype(int)) == -1) + 1
    gaps = starts[1:] - ends[:-1]
    if starts.size < 2 or width < _SMALLEST or np.ptp(ends - starts) or np.ptp(gaps) or starts[0] < gaps[0]:
        return [([], lines)]
    first = starts - gaps[0]
    return [(lines[: first[0]], lines[begin:end]) for begin, end in zip(first, ends, strict=True)]


def _tokens(line: str) -> list[str]:
    return line.replace(",", " ").replace(";", " ").split()


def _one(lines: list[str], common: list[str], member: Member, context: Context) -> Map:
    own, values, axes = _parted(lines, member)
    header = [*own, *common]
    latitude, longitude = _axes(header, axes, values.shape, context, member)
    values[np.isin(values, _missing(header, context))] = np.nan
    values = _in_tecu(known(values, "the grid", context), header, "tenths" in axes, context)
    if "lat" not in axes:
        _check_south(values, latitude, header, context)
    return Map(_time(header, member, context), latitude, longitude, values, _shell(header, context))


def _axes(
    header: list[str], margins: dict[str, np.ndarray], shape: tuple[int, ...], context: Context, member: Member
) -> list[np.ndarray]:
    """Latitudes and longitudes of a grid; where neither is known both are asked at once.

    Raises
    ------
    UndecidedError
        If one is not known.
    """
    out, unknown = list[np.ndarray](), list[UndecidedError]()
    for (word, usual), length in zip(_USUAL.items(), shape, strict=True):
        try:
            out.append(margins[word] if word in margins else _axis(header, word, length, usual, context, member))
        except UndecidedError as error:
            unknown.append(error)
    if unknown:
        raise asked_together("which latitudes and longitudes does the grid have?", unknown, context)
    return out


def _parted(lines: list[str], member: Member) -> tuple[list[str], np.ndarray, dict[str, np.ndarray]]:
    """Header, values and, where they stand in the margins, the axes.

    The grid is the block of rows of numbers at the end, all as long; a first row one shorter is an axis.
    """
    rows = [_tokens(line) for line in lines]
    last = len(rows) - 1
    while last >= 0 and not _is_row(rows[last]):
        last -= 1
    width = len(rows[last]) if last >= 0 else 0
    first = last
    while first > 0 and len(rows[first - 1]) == width and _is_row(rows[first - 1]):
        first -= 1
    block = rows[first : last + 1]
    if width < _SMALLEST or len(block) < _SMALLEST:
        raise ReadError(
            "not a grid of numbers below the header",
            file=member.full_name,
            rule="lines of a header, then a row of numbers for each latitude",
            given=f"{len(block)} rows of {width} numbers",
        )
    above = _numbers_behind_words(rows[first - 1]) if first > 0 else []
    if len(above) == width - 1 and _is_row(above) and _is_axis(_floats([above], member)[0], 360.0):
        block, first = [["nan", *above], *block], first - 1
    values = _first_table(_floats(block, member))
    across, down = values[0, 1:], values[1:, 0]
    corner_is_empty = not _is_axis(values[0], 360.0) and not _is_axis(values[:, 0], 90.0)
    if _in_tenths(across, 360.0) and _in_tenths(down, 90.0):
        return lines[:first], values[1:, 1:], {"lat": down / 10.0, "lon": across / 10.0, "tenths": down}
    if corner_is_empty and _is_axis(across, 360.0) and _is_axis(down, 90.0):
        return lines[:first], values[1:, 1:], {"lat": down, "lon": across}
    if _is_axis(values[:, 0], 90.0) and not _is_axis(values[:, 1], 90.0):
        return lines[:first], values[:, 1:], {"lat": values[:, 0]}
    return lines[:first], values, {}


def _in_tenths(values: np.ndarray, most: float) -> bool:
    """Whether whole numbers are an axis in tenths of a degree: beyond degrees, in steps of a half or more."""
    whole = bool((values == np.round(values)).all()) and _is_axis(values, 10.0 * most)
    return whole and abs(values[1] - values[0]) >= _HALF_IN_TENTHS and float(np.abs(values).max()) > most


_HALF_IN_TENTHS = 5.0


def _first_table(values: np.ndarray) -> np.ndarray:
    """The rows above the one in which the axis of the first row stands again: tables of slant TEC follow."""
    again = np.flatnonzero((values[1:, 1:] == values[0, 1:]).all(axis=1)) + 1
    return values[: again[0]] if again.size and _is_axis(values[0, 1:], 3600.0) else values


def _numbers_behind_words(tokens: Sequence[str]) -> Sequence[str]:
    """The numbers of a row whose corner names the axes: `lat\\lon 70 75 80`."""
    words = [number for number, token in enumerate(tokens) if not (is_number(token) or is_missing(token))]
    return tokens[words[-1] + 1 :] if words else tokens


def _is_row(tokens: Sequence[str]) -> bool:
    """Whether the first and the last of some words are numbers, or words for missing."""
    return bool(tokens) and all(is_number(token) or is_missing(token) for token in (tokens[0], tokens[-1]))


def _floats(rows: Sequence[Sequence[str]], member: Member) -> np.ndarray:
    try:
        return np.array(rows, dtype=float)
    except ValueError:
        plain = [["nan" if is_missing(token) else token for token in row] for row in rows]
    try:
        return np.array(plain, dtype=float)
    except ValueError as error:
        raise ReadError("not a grid of numbers below the header", file=member.full_name, given=str(error)) from error


def _is_axis(values: np.ndarray, most: float) -> bool:
    """Even steps within degrees of latitude or longitude: no row of a measured map has them."""
    steps = np.diff(values)
    if values.size < _SMALLEST or not np.isfinite(values).all() or np.abs(values).max() > most:
        return False
    return bool(abs(steps[0]) >= _SMALLEST_STEP_DEG and np.ptp(steps) < 1e-6 * max(abs(float(steps[0])), 1.0))


def _in_tecu(values: np.ndarray, header: Sequence[str], tenths: bool, context: Context) -> np.ndarray:
    """The stated unit, else by the size of the values; where axes are in tenths of a degree, what else is, is asked.

    Raises
    ------
    UndecidedError
        If the axes are in tenths, and nothing states the unit.
    """
    stated = re.search(r"units?\s*(?:of\s+\w+\s*)?[:=]\s*([^;,\n]+)", "\n".join(header), re.IGNORECASE)
    unit = stated.group(1).strip() if stated and parse(stated.group(1)) is not None else ""
    said = [*of_lines(header), *of_notes(context)]
    silent = not unit and not any(units_in(one.text) for one in said)
    if tenths and silent and not context.option("units"):
        raise context.undecided(
            "are the maps in tenths, as their latitudes and longitudes are?",
            seen="axes in 0.1 degree; no unit of TEC is stated",
            lines=("units: {tec: 0.1 TECU}", "units: {tec: TECU}"),
        )
    arrays = Arrays("text", {"tec": values}, {"tec": {"units": unit}})
    return in_tecu(values, arrays, "tec", "tec", said, context)


def _check_south(values: np.ndarray, latitude: np.ndarray, header: Sequence[str], context: Context) -> None:
    """Over China there is more TEC in the south: rows that are assumed to run from north to south must have it.

    Raises
    ------
    UndecidedError
        If nothing states the latitudes, and the northern third would have more.
    """
    if context.option("lat") is not None or any(re.search(r"\blat", line.lower()) for line in header):
        return
    third = max(values.shape[0] // 3, 1)
    by_latitude = values[np.argsort(latitude)]
    south, north = (float(np.nanmean(part)) if np.isfinite(part).any() else np.nan
                    for part in (by_latitude[:third], by_latitude[-third:]))  # fmt: skip
    if north > south:
        low, high = float(latitude.min()), float(latitude.max())
        raise context.undecided(
            "do the rows run from north to south?",
            seen=f"no latitudes in the header; as if from north to south: {north:.3g} TECU north, {south:.3g} south",
            lines=(f"lat: [{high:g}, {low:g}]", f"lat: [{low:g}, {high:g}]"),
        )


def _axis(
    header: Sequence[str], word: str, length: int, usual: tuple[float, float], context: Context, member: Member
) -> np.ndarray:
    """Axis by the catalogue's option `lat` or `lon`, or from the numbers of the header line that names it, else the
    usual range where the step is then even.
    """
    given = context.option(word)
    if given is not None:
        return np.linspace(*_ends(given, word, context), length)
    stated = _stated_axis(header, word, length, context)
    if stated is not None:
        return stated
    for line in header:
        numbers = [float(number) for number in _NUMBER.findall(line)]
        if re.search(rf"\b{word}", line.lower()) and len(numbers) >= 2:
            if numbers[0] == numbers[1]:
                continue
            axis = np.linspace(numbers[0], numbers[1], length)
            step = abs(axis[1] - axis[0])
            if len(numbers) == 2 or abs(step - abs(numbers[2])) < 1e-6:
                context.decisions.record(
                    f"{word} axis", f"{axis[0]:g} to {axis[-1]:g}", f"header: {line.strip('# ')}"
                )
                return axis
            raise ReadError(
                "the grid does not fit its header",
                file=member.full_name,
                rule=line.strip("# "),
                given=f"{length} values",
            )
    step = (usual[1] - usual[0]) / (length - 1)
    if abs(step) not in (0.5, 1.0, 2.0, 2.5, 5.0):
        raise context.undecided(
            f"which {'latitudes' if word == 'lat' else 'longitudes'} does the grid have?",
            seen=f"{length} values, nothing in the header",
            lines=(f"{word}: [FIRST, LAST]",),
        )
    context.decisions.record(
        f"{word} axis", f"{usual[0]:g} to {usual[1]:g}", f"the usual range; step {abs(step):g} with {length} values"
    )
    return np.linspace(*usual, length)


_DEGREES = r"([+-]?\d+(?:\.\d+)?)\s*(?:°|º|deg(?:rees?)?\.?)?\s*"
_TO = r"\s*(?:to|until|-|–|~|\.\.+|至|到)\s*"
_SPANS = {
    word: (
        re.compile(rf"(from\s+|从)?(?<![\w.]){_DEGREES}([{letters}])\b{_TO}{_DEGREES}([{letters}])\b"),
        re.compile(
            rf"(?:{names})[^\d;.+-]{{0,25}}?(from\s+|从)?(?<![\w.]){_DEGREES}(){_TO}{_DEGREES}()(?![\w.]*\d)", re.I
        ),
    )
    for word, letters, names in (("lat", "NS", "latitudes?|纬度"), ("lon", "EW", "longitudes?|经度"))
}
_NORTHWARD = re.compile(
    r"south(?:ern)?\s*(?:-|–)?\s*to\s*(?:-|–)?\s*north|(?<![a-z])s\s*(?:->|→)\s*n(?![a-z])|从?南(?:向|到|至)北", re.I
)
_SOUTHWARD = re.compile(
    r"north(?:ern)?\s*(?:-|–)?\s*to\s*(?:-|–)?\s*south|(?<![a-z])n\s*(?:->|→)\s*s(?![a-z])|从?北(?:向|到|至)南", re.I
)
# A line about the rows themselves, or with a step, gives its degrees in their order.
_OF_ROWS = re.compile(r"^\W*(?:rows?|行)\s*[:=：]|\bstep\b|步长", re.I)
# Steps of grids are multiples of this.
_FINEST_DEG = 0.05


def _stated_axis(header: Sequence[str], word: str, length: int, context: Context) -> np.ndarray | None:
    """An axis of which header or description give the span in words, `latitude from 0N to 60N (south to north)`.

    Raises
    ------
    UndecidedError
        If two spans or two orders are stated, or nothing says which row is the first.
    """
    said = [*of_lines(header), *of_notes(context)]
    spans = {span: one.because for one in reversed(said) for span in _spans_in(one.text, word)}
    ends = {tuple(sorted(span[:2])) for span in spans}
    if len(ends) != 1:
        return None
    low, high = ends.pop()
    step = (high - low) / (length - 1)
    if abs(step / _FINEST_DEG - round(step / _FINEST_DEG)) > 1e-6:
        return None
    words = "\n".join(one.text for one in said) if word == "lat" else ""
    orders = {up for up, pattern in ((True, _NORTHWARD), (False, _SOUTHWARD)) if pattern.search(words)}
    orders |= {span[0] < span[1] for span in spans if span[2]} if not orders else set()
    if len(orders) > 1 or (not orders and word == "lat"):
        raise context.undecided(
            "do the rows run from north to south?",
            seen="; ".join(spans.values()),
            lines=(f"lat: [{high:g}, {low:g}]", f"lat: [{low:g}, {high:g}]"),
        )
    first, last = (low, high) if not orders or orders.pop() else (high, low)
    context.decisions.record(f"{word} axis", f"{first:g} to {last:g}", "; ".join(dict.fromkeys(spans.values())))
    return np.linspace(first, last, length)


def _spans_in(text: str, word: str) -> list[tuple[float, float, bool]]:
    """First and last degree of spans in a text, and whether they are in this order.

    They are after `from`, in a line about rows or with a step, and where they fall: a mere span is given as it rises.
    """
    found = []
    for pattern in _SPANS[word]:
        for match in pattern.finditer(text):
            ordered, first, letter, last, other = match.groups()
            ends = [
                float(value) * (-1.0 if side in ("S", "W") else 1.0)
                for value, side in ((first, letter), (last, other))
            ]
            if ends[0] != ends[1] and max(map(abs, ends)) <= (90.0 if word == "lat" else 360.0):
                told = bool(ordered) or ends[0] > ends[1] or bool(_OF_ROWS.search(text))
                found.append((ends[0], ends[1], told))
        if found:
            return found
    return found


def _ends(given: object, word: str, context: Context) -> tuple[float, float]:
    """First and last value of an axis as the catalogue gives them."""
    try:
        first, last = (float(value) for value in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise context.undecided(
            f"the option {word} is not understood", seen=str(given), lines=(f"{word}: [FIRST, LAST]",)
        ) from error
    return first, last


def _missing(header: Sequence[str], context: Context) -> list[float]:
    stated = [float(n) for line in header if "missing" in line.lower() for n in _NUMBER.findall(line)]
    option = context.option("missing")
    stated += list(missing_in([*of_lines(header), *of_notes(context)])) if option is None else []
    return stated + ([] if option is None else list(np.atleast_1d(option))) + ([] if stated else list(_MISSING))


_USUAL_CLOCK = "the time of a map in its header or name is taken for UT"


# 2021 05 10 12 00, 2021/5/10 12:00:00, and with the day of the year 2021 130 12 00.
_CALENDAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[\s,/.-]+(\d{1,2})[\s,/.-]+(\d{1,2})[\sT,]+(\d{1,2})(?:[\s:,]+(\d{1,2}))?(?:[\s:,]+(\d{1,2}))?(?![\d.])"
)
_DAY_OF_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[\s,/.-]+(\d{3})[\sT,]+(\d{1,2})(?:[\s:,]+(\d{1,2}))?(?:[\s:,]+(\d{1,2}))?(?![\d.])"
)
_CLOCK = re.compile(r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:.])")


def _moment_in(line: str, context: Context) -> np.datetime64 | None:
    """The time that a line gives: a date with a clock, or a clock of the file's date."""
    for pattern, calendar in ((_DAY_OF_YEAR, False), (_CALENDAR, True)):
        match = pattern.search(line)
        if match:
            numbers = [int(part or 0) for part in match.groups()]
            month, day = (numbers[1], numbers[2]) if calendar else (1, numbers[1])
            if 1 <= month <= 12 and 1 <= day <= (31 if calendar else 366):
                start = np.datetime64(f"{numbers[0]}-{month:02d}-01", "s") + np.timedelta64((day - 1) * 86400, "s")
                hour, minute, second = numbers[-3:]
                return start + np.timedelta64(hour * 3600 + minute * 60 + second, "s")
    found = naming.moments(line)
    if found:
        return found[0]
    clock = _CLOCK.search(line)
    if clock is None or context.date is None:
        return None
    hour, minute, second = (int(part or 0) for part in clock.groups())
    return context.date.astype("datetime64[s]") + np.timedelta64(hour * 3600 + minute * 60 + second, "s")


def _clock_words(line: str, header: Sequence[str], context: Context) -> str:
    """What a line says of its clock, else what the header says of times, else what descriptions say of times of maps:
    `yyyy mm dd hh mm (UT)`.
    """
    said = said_in_header(line, [one for one in header if one != line], context)
    if says_clock(line):
        return line
    if said:
        return f"{line} {said}"
    return " ".join([line, *(one.text for one in of_notes(context) if _ABOUT_TIMES.search(one.text))])


_ABOUT_TIMES = re.compile(r"(?<![a-z])hh|(?<![a-z])times?(?![a-z])|epoch|时间", re.IGNORECASE)


def _time(header: Sequence[str], member: Member, context: Context) -> np.datetime64:
    for line in header:
        found = _moment_in(line, context)
        if found is not None:
            label = re.sub(r"\d", "", line.split(":")[0]).strip("# /-.,")
            context.decisions.record("time", "of the map", f"header: {label}" if label else "a line above the map")
            words = _clock_words(line, header, context)
            return to_utc(np.array([found], "datetime64[ns]"), words, context, False, usual=_USUAL_CLOCK)[0]
    named = naming.moments(member.name)
    if not named or not naming.has_clock(member.name):
        raise ReadError(
            "the time of a map is neither in its header nor in its name",
            file=member.full_name,
            given=f"header {list(header[:2])}",
            remedy="give the file a name with date and time, e.g. tec_20210618_123000.txt",
        )
    context.decisions.record("time", "of the map", "name of the file")
    words = _clock_words(re.sub(r"[_\d.]+", " ", member.name), header, context)
    return to_utc(np.array(named[:1]).astype("datetime64[ns]"), words, context, False, usual=_USUAL_CLOCK)[0]


def _shell(header: Sequence[str], context: Context) -> dict[str, object]:
    text = " ".join(header)
    rule = re.search(
        r"(elevation[^;#]*?\d+(?:\.\d+)?\s*deg\w*|zenith[^;#]*?\d+(?:\.\d+)?\s*deg\w*)", text, re.IGNORECASE
    )
    altitude = shell_km([*of_lines(header), *of_notes(context)], context)
    if altitude is None:
        plain = re.search(r"height[^\d]{0,40}(\d{3,4}(?:\.\d+)?)\s*km", text, re.IGNORECASE)
        altitude = float(plain.group(1)) if plain else float("nan")
        context.decisions.record("shell", f"{altitude:g} km", "header" if plain else "not stated in the file")
    return {
        "pierce_point_altitude_km": altitude,
        "mapping_function": "not stated (maps of the source)",
        "elevation_rule": f"{rule.group(1)} (of the source)" if rule else "not stated (maps of the source)",
    }
