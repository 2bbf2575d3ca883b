"""Dates that a README or a list of captions in the record gives to its files: `Fig. 1a: 8 January 2021`."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.evidence.zones import LOCAL_WORDS, UT_WORDS, offset_in_words, zone_in
from metalclouds.ingest.file_dates import says_when_made
from metalclouds.ingest.remarks import REMARKS
from metalclouds.ingest.source import Member

_README = re.compile(
    r"read_?me|leia[-_ ]?me|lies[-_ ]?mich|lisez[-_ ]?moi|l[eé]eme|leggimi|caption|description|notes?|info|about"
    r"|metadata|说明",
    re.IGNORECASE,
)
_TEXT_SUFFIXES = (".txt", ".md", ".rst", ".readme", "")
_LARGEST_README_BYTES = 200_000
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_MONTH = "(" + "|".join(f"{month[:3]}(?:{month[3:]})?" for month in _MONTHS) + r"|sept)\.?"
_DATES = (
    # 2021-01-08, 2021/1/8, 2021.01.08, 20210108, 2021年1月8日
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})[-/.年]\s?(?P<m>\d{1,2})[-/.月]\s?(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]+(?P<n>{_MONTH})[ ,-]+(?P<y>(?:19|20)\d{{2}})", re.IGNORECASE
    ),
    re.compile(rf"(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d{{2}})", re.IGNORECASE),
)
_DAY_AND_MONTH = re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]+(?P<n>{_MONTH})", re.IGNORECASE)
# Between a day without a year and the date that has it stand only other days.
_ONLY_DAYS = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?[ -]+{_MONTH}|and|,|;|&|\s)*"
# What a line may name: a file with its ending, a figure with or without panel, a panel of the figure named before.
_LABEL = (
    r"(?P<file>[\w-][\w.-]*\.[A-Za-z]\w{0,4}\b)"
    r"|(?<![A-Za-z])fig(?:ure|\.)?[ _.-]*(?P<figure>\d+)[ _.-]*(?:\(?(?P<panel>[a-z])\)?(?![a-z]))?"
    r"|\((?P<letter>[a-z])\)"
)
_LABELS = re.compile(_LABEL, re.IGNORECASE)
# Longer lists of files are not looked for by their names without ending.
_MOST_STEMS = 500
# Each name of a record is asked about by every kind of description.
_NAMES_KEPT = 1 << 16


@dataclass(frozen=True)
class Said:
    """A date or a clock, and the line of which file gives it."""

    value: str
    because: str


@functools.lru_cache(maxsize=_NAMES_KEPT)
def is_readme(member: Member) -> bool:
    """Whether a file's name is that of a description of the record, in text."""
    suffix = "." + member.name.rsplit(".", 1)[1].lower() if "." in member.name else ""
    return suffix in _TEXT_SUFFIXES and bool(_README.search(member.name))


def dates_said(members: Sequence[Member]) -> dict[Member, Said]:
    """Date of each file that a description of the record names, by the file's own name or its figure's panel.

    A file of which two different dates are said has none here.
    """
    said: dict[str, dict[str, Said]] = {}
    notes = [member for member in members if is_readme(member)]
    labels = _labels_with([member.name.rsplit(".", 1)[0] for member in members]) if notes else _LABELS
    for note in notes:
        for label, day, line in _pairs(lines_of(note), labels):
            said.setdefault(label, {}).setdefault(day, Said(day, f"{note.name}: {line.strip()!r}"))
    found = {}
    for member in members if said else ():
        days = next((said[label] for label in _labels_of(member) if label in said), {})
        if len(days) == 1 and not is_readme(member):
            found[member] = next(iter(days.values()))
    return found


def days_of_record(members: Sequence[Member]) -> list[str]:
    """All days that the record names, in its descriptions and the names of its files, as YYYY-MM-DD."""
    said = {day for note in members if is_readme(note) for line in lines_of(note) for _, day in dates_in(line)}
    return sorted(said | {str(day) for member in members for day in naming.dates(member.full_name)})


def day_without_year(text: str) -> tuple[int, int] | None:
    """Month and day of a text that is nothing else: `Jan8`, `8 June`, `6月3日`; None for any other text."""
    for pattern in _MONTH_AND_DAY:
        match = pattern.fullmatch(text.strip())
        if match:
            named = match.groupdict().get("n")
            return (_month_number(named) if named else int(match["m"])), int(match["d"])
    return None


_MONTH_AND_DAY = (
    re.compile(rf"(?P<n>{_MONTH})[ ._-]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?", re.IGNORECASE),
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ ._-]*(?P<n>{_MONTH})", re.IGNORECASE),
    re.compile(r"(?P<m>\d{1,2})月(?P<d>\d{1,2})日?"),
)


@dataclass
class Clocks:
    """What the record's descriptions say of clocks: of all its times, of an instrument's, or of files that they name.

    `said`: ("", or an instrument, or the name of a file in lower case) -> clock -> its line.
    """

    said: dict[str, dict[str, Said]] = field(default_factory=dict)

    def of(self, member: Member, instrument: str) -> Said | None:
        """UT or LT of a file, by the closest that is said; None where nothing is, or two lines differ."""
        name = member.name.lower()
        for key in (name, name.rsplit(".", 1)[0], instrument, ""):
            if key in self.said:
                found = self.said[key]
                return next(iter(found.values())) if len(found) == 1 else None
        return None


# Words by which a line is about an instrument.
_INSTRUMENTS = {
    "lidar": re.compile(r"lidar|densit|profile|激光|密度", re.IGNORECASE),
    "tec": re.compile(r"(?<![a-z])v?tec(?![a-z])|electron content|gnss|(?<![a-z])gps(?![a-z])|电子", re.IGNORECASE),
    "fpi": re.compile(r"(?<![a-z])fpi(?![a-z])|wind|interferomet|风", re.IGNORECASE),
    "ionosonde": re.compile(r"ionosonde|digisonde|fo_?es|fo_?f2|ionogram|测高仪", re.IGNORECASE),
}


def clocks_said(members: Sequence[Member]) -> Clocks:
    """Clocks of the record's descriptions, each for what its line is about."""
    found = Clocks()
    names = [member.name.lower() for member in members if not is_readme(member)]
    names = names if len(names) <= _MOST_STEMS else []
    for note in members:
        for line in lines_of(note) if is_readme(note) else ():
            clock = _clock_of_line(line) or _offset_of_line(line)
            if clock != "UT" and _is_of_place(line):
                continue
            for key in _subjects(line, names) if clock else ():
                said = Said(str(clock), f"{note.name}: {line.strip()!r}")
                found.said.setdefault(key, {}).setdefault(str(clock), said)
    return _with_local_time(found, members)


def _with_local_time(clocks: Clocks, members: Sequence[Member]) -> Clocks:
    """Clocks with local time as the offset that the descriptions give it, `LT = UT - 3 h`, where they give one."""
    lines = {
        str(clock_words(minutes)): f"{note.name}: {line.strip()!r}"
        for note in members
        if is_readme(note)
        for line in lines_of(note)
        if _LT_IS.search(line) and (minutes := offset_in_words(line)) is not None
    }
    if len(lines) != 1:
        return clocks
    offset, because = next(iter(lines.items()))
    said = Said(offset, because)
    return Clocks({key: {offset if c == "LT" else c: said if c == "LT" else s for c, s in one.items()}
                   for key, one in clocks.said.items()})  # fmt: skip


def clock_words(minutes: int) -> str:
    """An offset from UTC as the option `clock` has it: UTC+5:30."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def _offset_of_line(line: str) -> str | None:
    """The offset of a zone, `hours, MEZ`, or of UTC itself, `All times are UTC+1`, that a line gives times.

    A line that only says what local time is, says nothing of the times of files.
    """
    if _LOCAL.search(line):
        return None
    zone = zone_in(line)
    minutes = offset_in_words(line) if zone is None else zone[0]
    return clock_words(minutes) if minutes is not None and _NAMES_TIMES.search(line) else None


def _is_of_place(line: str) -> bool:
    """Whether a line speaks of a time zone and of no times: `Kelan, time zone UTC+8` describes the place."""
    return bool(_TIME_ZONE.search(line)) and not _NAMES_TIMES.search(_TIME_ZONE.sub(" ", line))


def _subjects(line: str, names: Sequence[str]) -> list[str]:
    """The files that a line names, else the instruments, else all: ""."""
    lower = line.lower()
    files = [name for name in names if re.search(rf"(?<![\w-]){re.escape(_stem(name))}(?![\w-])", lower)]
    return files or [name for name, words in _INSTRUMENTS.items() if words.search(line)] or [""]


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _clock_of_line(line: str) -> str | None:
    """UT or LT where a line says so of times or hours; an offset explains the local time that is beside it."""
    if not any(pattern.search(line) for pattern in (_ABOUT_TIMES, _CLOCK_AT_END, _OF_HOURS, _LEGEND_OF_HOURS)):
        return None
    text = _OFFSET.sub(" ", line)
    local, universal = _LOCAL.search(text), _UNIVERSAL.search(text)
    if bool(local) == bool(universal):
        return None
    return "LT" if local else "UT"


# A density in units of its own: what 1 of it is, no value shows.
RELATIVE = re.compile(
    r"(?<![a-z])(a\.\s?u\.|arb(itrary|\.)?[\s_]*units?|relative|normali[sz]ed|rel\.?\s*(units?|dens))"
    r"|相对密度|任意单位|归一化",
    re.IGNORECASE,
)
_ABOUT_DENSITY = re.compile(r"(?<!electron )(densit|densidad|dichte|concentra)|密度|浓度", re.IGNORECASE)
# A volume in a unit: 10^9 m^-3, cm-3, /cm3, m⁻³.
_OF_VOLUME = re.compile(
    r"(?<![a-z])c?m\s*(\^|\*\*)?\s*[{(]?\s*[-−–]\s*3|c?m⁻³|/\s*c?m\^?[3³]|per cubic", re.IGNORECASE
)
# Densities of other things than a metal.
_OF_OTHERS = re.compile(
    r"ele[ck]tr[oó]n|plasma|(?<![a-z])n_?e(?![a-z])|(?<![a-z])air(?![a-z])|luft|atmospher|atmosphär"
    r"|neutral (?:densit|gas)|ionosond|digisond|msis|电子|等离子|大气|空气",
    re.IGNORECASE,
)
# Words by which a line gives a limit or a size, and no unit; heights are above the sea.
_LIMIT = re.compile(
    r"below|above(?!\s+(?:mean\s+)?(?:sea|ground|msl)|\s+the\s+(?:sea|ground|station|lidar))|under \d"
    r"|limit|threshold|noise|up to|reach|detect|(?:less|more|fewer|greater|larger|smaller|higher|lower|better) than"
    r"|at (?:least|most|best)"
    r"|exceed|minim|maxim|(?<![a-z])(?:min|max)(?![a-z])|peak|typical|between|about \d|set to|mask|[<>≤≥~≈]"
    r"|(?<![a-z])(?:unter|über) \d|unterhalb|oberhalb|grenz|schwelle|rauschen|bis zu|mindestens|höchstens|spitze"
    r"|低于|高于|小于|大于|阈|检测|探测限|噪声|峰",
    re.IGNORECASE,
)
# A number in front of a volume is a value, `of 10 cm-3`, `4.2 x 10^3 cm-3`, unless it is a power of ten that is said
# to be the unit: `in 10^3 cm-3`, `(1e3 cm-3)`, `[10 cm-3]`.
_POWER = r"(?:10\s*(?:\^|\*\*)\s*\{?\(?[-+−]?\d{1,2}\)?\}?|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|1(?:\.0*)?e[-+]?\d{1,2}|10+(?:\.0)?)"
_IN_FRONT = r"\s*[x×*·]?\s*(?:[#(\[/]|atoms?|ions?|particles?|molec\w*|\s)*$"
_A_VALUE = re.compile(rf"[\d⁰¹²³⁴⁵⁶⁷⁸⁹][)}}]?{_IN_FRONT}", re.IGNORECASE)
_A_POWER = re.compile(
    rf"(?:^|[(\[:=/,]|[^\d\s]\s*[x×*]|(?<![a-z])(?:in|units?|of units|en|unidades|einheit\w*|units? of|×|x)"
    rf"|densit\w*|dichte|densidade?)\s*{_POWER}{_IN_FRONT}|单位[为是:：]?\s*{_POWER}{_IN_FRONT}",
    re.IGNORECASE,
)
# Ends of sentences and clauses, not the points of a.u. and of numbers.
_CLAUSES = re.compile(r"(?<=[^\s.]{2})[.;]\s+|[。；]")
# Evidence: lines of the descriptions, with the description's name, that give densities a unit.
DENSITY_LINES = "density_lines"


def relative_said(members: Sequence[Member]) -> Said | None:
    """The line of the record's description by which its densities are relative."""
    for note in members:
        for line in lines_of(note) if is_readme(note) else ():
            if RELATIVE.search(line) and _ABOUT_DENSITY.search(line):
                return Said("relative", f"{note.name}: {line.strip()!r}")
    return None


# A name of files with letters for its date: `CaP_DDMMYY.mat`, `Na_dd-mm-yyyy.csv`, `Ca_TT.MM.JJJJ.txt`.
_DAY, _OF_MONTH, _YEAR = "(?:dd|tt|jj)", "mm", "(?:yyyy|yy|jjjj|aaaa|aa)"
_ORDER_OF_NAMES = {
    order: re.compile(rf"(?:(?<![a-z])|(?<=_)){'[-_.]?'.join(parts)}(?:_\w*)?\.[a-z]\w{{1,3}}(?!\w)", re.IGNORECASE)
    for order, parts in {
        "DMY": (_DAY, _OF_MONTH, _YEAR),
        "MDY": (_OF_MONTH, _DAY, _YEAR),
        "YMD": (_YEAR, _OF_MONTH, _DAY),
    }.items()
}


def order_of_names(members: Sequence[Member]) -> Said | None:
    """How the record's descriptions write the date in names of files, DMY, MDY or YMD; None where they do not."""
    found = {
        order: Said(order, f"{note.name}: {line.strip()!r}")
        for note in members
        if is_readme(note)
        for line in lines_of(note)
        for order, pattern in _ORDER_OF_NAMES.items()
        if pattern.search(line)
    }
    return next(iter(found.values())) if len(found) == 1 else None


def density_lines(members: Sequence[Member]) -> list[list[str]]:
    """What the record's descriptions say of the unit of densities, each clause behind the description's name."""
    lines = ((note.name, line.strip()) for note in members if is_readme(note) for line in lines_of(note))
    return [[name, clause] for name, line in lines for clause in _of_densities(line) if gives_unit(clause)]


def _of_densities(line: str) -> list[str]:
    """Clauses of a line that are about densities and have a volume; one is joined to the words that it continues."""
    found, open_words = [], ""
    for clause in _CLAUSES.split(line):
        open_words = f"{open_words}; {clause}" if open_words else clause
        if _OF_VOLUME.search(clause) and _ABOUT_DENSITY.search(open_words):
            found.append(open_words)
            open_words = ""
    return found


def gives_unit(text: str) -> bool:
    """Whether words with a volume can be a unit of a metal's density, and not a limit, a value, or of something else.

    Examples
    --------
    >>> gives_unit("Na density in 10^3 cm-3"), gives_unit("Densities below 10 cm-3 are set to NaN")
    (True, False)
    """
    volumes = list(_OF_VOLUME.finditer(text))
    if len(volumes) > 1 or _LIMIT.search(text) or _OF_OTHERS.search(text):
        return False
    before = text[: volumes[0].start()] if volumes else ""
    return not _A_VALUE.search(before) or bool(_A_POWER.search(before))


def remarks_said(members: Sequence[Member]) -> dict[str, Said]:
    """Remarks of the record's descriptions (`remarks.REMARKS`), each with its line."""
    found: dict[str, Said] = {}
    for note in members:
        for line in lines_of(note) if is_readme(note) else ():
            for name, pattern in REMARKS.items():
                if pattern.search(line):
                    found.setdefault(name, Said(line.strip(), f"{note.name}: {line.strip()!r}"))
    return found


def clock_in(lines: Iterable[str]) -> tuple[str, str] | None:
    """UT, LT or an offset, and the line that says so of times; None where none does, or two lines differ."""
    found = clocks_in(lines)
    return next(iter(found.items())) if len(found) == 1 else None


_HAS_CLOCK = re.compile(r"\d{1,2}:\d{2}")


def clocks_in(lines: Iterable[str]) -> dict[str, str]:
    """Each clock that lines state of times, UT, LT or an offset, with the last line that says so."""
    found = {}
    for line in lines:
        # When a file was made, by which clock, says nothing of the times in it.
        if says_when_made(line) and (_HAS_CLOCK.search(line) or any(dates_in(line))):
            continue
        zone = zone_in(line)
        about = zone is not None or _ABOUT_TIMES.search(line) or _CLOCK_AT_END.search(line) or _OF_HOURS.search(line)
        offset = offset_in_words(line) if about else None
        clock = _clock_of_line(line) or (zone[1] if zone else None) or (f"UTC{offset:+d} min" if offset else None)
        of_place = clock != "UT" and _is_of_place(line) and not _KEY_OF_ZONE.match(line)
        if clock is not None and not of_place:
            found[clock] = line
    return found


def has_exceptions(line: str) -> bool:
    """Whether a line says itself that it does not hold for all: `unless stated otherwise`."""
    return bool(_EXCEPTIONS.search(line))


_EXCEPTIONS = re.compile(r"unless|except|otherwise|未注明|未标|除", re.IGNORECASE)


# A list of arrays: `hr     UT, centre of the bins`.
_LEGEND_OF_HOURS = re.compile(
    rf"^\s*(?:h(?:ou)?rs?|times?|tt?)\s*[:=–-]?\s+(?:in\s+)?(?:{LOCAL_WORDS}|{UT_WORDS})(?![a-z])", re.IGNORECASE
)
_NAMES_TIMES = re.compile(r"\b(?:times?|hours?|clocks?|uhrzeit(?:en)?|zeit(?:en)?|horas?|heures?)\b|时间|时刻", re.I)
_TIME_ZONE = re.compile(r"\b(?:local\s+)?time[\s_-]?zones?\b", re.IGNORECASE)
# `# Time zone: UTC+8` in the header of a file is a key of its times.
_KEY_OF_ZONE = re.compile(r"\W*time[\s_-]?zone\b", re.IGNORECASE)
_LT_IS = re.compile(
    rf"(?<![a-z])(?:{LOCAL_WORDS})\b[^.;=\n]{{0,20}}?(?:=|\bis|\()\s*(?:utc?|gmt)\s*[+\-−]\s*\d", re.IGNORECASE
)
# LT = UT + 8 h, UTC+8.
_OFFSET = re.compile(r"(?<![a-z])(?:utc?|gmt)\s*[+\-−]\s*\d{1,2}(?::?\d\d)?\s*h?(?![a-z\d])", re.IGNORECASE)
# Times, hours or epochs, and in the same clause a clock: `hour: hour of the day (UT)`, `hours in UT`.
# What is called local or universal time is no subject, nor is a span of a clock: `18:00 to 06:00 local time`.
_OF_HOURS = re.compile(
    r"(?<!local )(?<!universal )(?<!beijing )(?<!\d )\b(?:times?|time ?stamps?|hours?|epochs?|clocks?)\b"
    r"[^.;。；]{0,40}?"
    rf"(?<![a-z])(?:{LOCAL_WORDS}|{UT_WORDS})(?![a-z])|(?:时间|时刻|小时)[^。；;]{{0,12}}?(?:{LOCAL_WORDS}|{UT_WORDS})",
    re.IGNORECASE,
)
# A clock behind the last comma or semicolon of a line, `station Changping (40.3N, 116.2E); UT`, is that of its times.
_CLOCK_AT_END = re.compile(rf"[;；，,]\s*(times?\s*(in\s*)?)?({LOCAL_WORDS}|{UT_WORDS})\s*$", re.IGNORECASE)
_ABOUT_TIMES = re.compile(r"\b(all|the) times?\b|\btimes? (is|are) (in|given)|时间[为是均]", re.IGNORECASE)
_LOCAL = re.compile(rf"(?<![a-z])({LOCAL_WORDS})(?![a-z])", re.IGNORECASE)
_UNIVERSAL = re.compile(rf"(?<![a-z])({UT_WORDS})(?![a-z])", re.IGNORECASE)


def lines_of(note: Member) -> list[str]:
    """Lines of a description; none of a file that is too large or cannot be read."""
    try:
        data = note.data()
        return note.text().splitlines() if len(data) <= _LARGEST_README_BYTES else []
    except ReadError:
        return []


def dates_in(text: str) -> list[tuple[int, str]]:
    """Dates in a text with their positions, as YYYY-MM-DD; numbers that are no date are passed over."""
    found: dict[int, str] = {}
    text = naming.evenings(text)
    for pattern in _DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _month_number(parts["n"])
            if 1 <= month <= 12 and 1 <= int(parts["d"]) <= 31:
                found.setdefault(match.start(), f"{parts['y']}-{month:02d}-{int(parts['d']):02d}")
    return sorted({**found, **_without_year(text, found)}.items())


def _without_year(text: str, found: dict[int, str]) -> dict[int, str]:
    """Days of a list whose year stands at its end: `8 January, 3 June and 18 June 2021`."""
    more = {}
    for match in _DAY_AND_MONTH.finditer(text):
        after = [place for place in sorted(found) if place > match.start()]
        taken = any(place <= match.start() < place + len("30 September 2021") for place in found)
        if after and not taken and re.fullmatch(_ONLY_DAYS, text[match.start() : after[0]], re.IGNORECASE):
            number = _month_number(match["n"])
            more[match.start()] = f"{found[after[0]][:4]}-{number:02d}-{int(match['d']):02d}"
    return more


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, start=1) if month.startswith(name[:3].lower()))


def _labels_of(member: Member) -> list[str]:
    """What a description may call a file: its name, the name without its ending, its figure's panel."""
    name = member.name.lower()
    stem = name.rsplit(".", 1)[0]
    panel = _LABELS.fullmatch(stem) or _LABELS.match(stem)
    figure = [f"figure {panel['figure']}{panel['panel'] or ''}"] if panel and panel["figure"] else []
    return [name, stem, *figure]


def _labels_with(stems: Sequence[str]) -> re.Pattern[str]:
    """Labels, and the names of files without their endings."""
    words = [re.escape(stem) for stem in sorted({*stems}, key=len, reverse=True) if len(stem) >= 3]
    if not words or len(words) > _MOST_STEMS:
        return _LABELS
    return re.compile(rf"(?<![\w-])(?P<stem>{'|'.join(words)})(?![\w-]|\.[A-Za-z])|{_LABEL}", re.IGNORECASE)


_RANGE = re.compile(
    r"fig(?:ure|s|ures|\.)?[ _.-]*(?P<figure>\d+)[ _.]*\(?(?P<first>[a-z])\)?\s*(?:-|–|~|to|至|到)\s*"
    r"(?:fig(?:ure|\.)?[ _.-]*)?(?:(?P=figure))?[ _.]*\(?(?P<last>[a-z])\)?(?![a-z])",
    re.IGNORECASE,
)


def _of_range(line: str) -> list[tuple[str, str]]:
    """Panels of a range, each with its date, where a line names as many dates: `Figure 1a-1f are 8 January, ...`."""
    match = _RANGE.search(line)
    if match is None:
        return []
    first, last = ord(match["first"].lower()), ord(match["last"].lower())
    panels = [f"figure {match['figure']}{chr(letter)}" for letter in range(first, last + 1)]
    days = [day for place, day in dates_in(line) if place >= match.end()] or [day for _, day in dates_in(line)]
    return list(zip(panels, days, strict=True)) if len(panels) == len(days) else []


def _pairs(lines: Iterable[str], labels: re.Pattern[str] = _LABELS) -> Iterable[tuple[str, str, str]]:
    """Label, date and line: of a line with one date all its labels, as in a row of a table; in a line with several
    those after a label, or, where it begins with one, before it.
    """
    figure = ""
    for line in lines:
        if says_when_made(line):
            continue
        if _RANGE.search(line):
            yield from ((panel, day, line) for panel, day in _of_range(line))
            continue
        marks: list[tuple[int, str, str]] = [(place, "date", day) for place, day in dates_in(line)]
        for match in labels.finditer(line):
            figure = match["figure"] or figure
            marks.append((match.start(), "label", _label(match, figure)))
        marks.sort()
        if [kind for _, kind, _ in marks].count("date") == 1:
            day = next(value for _, kind, value in marks if kind == "date")
            yield from ((value, day, line) for _, kind, value in marks if kind == "label")
            continue
        first = marks[0][1] if marks else ""
        for (_, kind, value), (_, other, more) in itertools.pairwise(marks):
            if kind == first and other != kind:
                yield (value, more, line) if kind == "label" else (more, value, line)


def _label(match: re.Match[str], figure: str) -> str:
    whole = match["file"] or match.groupdict().get("stem")
    if whole:
        return whole.lower()
    if match["letter"]:
        return f"figure {figure}{match['letter'].lower()}"
    return f"figure {match['figure']}{(match['panel'] or '').lower()}"
