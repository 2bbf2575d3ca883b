"""Which way a component of the wind counts: positive eastward and northward, or as the file or its record says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from metalclouds.errors import UndecidedError
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context, asked_together
from metalclouds.ingest.evidence.said import Statement, statements

# Component -> the option of the catalogue, and its values: ours, the other.
_OPTIONS = {
    "eastward_wind": ("zonal_positive", ("east", "west")),
    "northward_wind": ("meridional_positive", ("north", "south")),
}
_AXIS = {
    "east": "eastward_wind",
    "west": "eastward_wind",
    "north": "northward_wind",
    "south": "northward_wind",
    "equator": "northward_wind",
    "pole": "northward_wind",
}
_OPPOSITE = {"east": "west", "west": "east", "north": "south", "south": "north"}
_CHINESE = {"东": "east", "西": "west", "南": "south", "北": "north"}
_LETTERS = {"E": "east", "W": "west", "N": "north", "S": "south"}
_NAMES = r"(?:north|south|east|west|equator|pole)"
_COMPASS = rf"(?<![a-z]-)(?<![a-z]){_NAMES}(?:wards?)?(?![a-z])(?![ -]{_NAMES})"
_SIDE = rf"(?:{_COMPASS}|(?-i:[NSEW])(?![A-Za-z]))"
_LIST = rf"(?P<sides>{_SIDE}(?:\s*(?:/|and|or|,)\s*{_SIDE})*)"
_GAP = r"[\s:=(\"'-]{1,4}"
_WORDS = (
    r"(?:values?|winds?|velocit(?:y|ies)|components?|flow|when|if|for|means?|is|are|being|taken|counted|as|blowing"
    r"|directed|pointing|(?P<from>from)|towards?|to|in|the|direction|indicates?|denotes?)"
)
_BEFORE = r"(?P<sign>positive|negative|pos\.|neg\.|[+-]ve|[<>]\s*=?\s*0)"
_BEHIND = r"(?<!non-)(?P<sign>positive|negative|[+-]ve|\+(?!\s*\d))"
_NO_SIGN = r"(?![\s:=(]*(?:(?:is|are|=)\s*)?(?:positive|negative))"
# `positive southward`, `negative: from the north`; `southward is positive`; `(+S)`; 向南为正; 正值表示向南.
_SAID = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_BEFORE}{_GAP}(?:{_WORDS}{_GAP})*{_LIST}{_NO_SIGN}",
        rf"(?:(?P<from_before>from){_GAP}(?:the\s+)?)?{_LIST}{_GAP}(?:{_WORDS}{_GAP})*{_BEHIND}",
        # In `N-E-S-W`, a cycle of looks, a dash is no sign.
        r"(?<![A-Za-z])(?P<sign>[+-])\s?(?P<sides>(?-i:[NSEW]))(?![A-Za-z]|-[A-Za-z])",
        r"(?<![\w.°])(?P<sides>(?-i:[NSEW]))(?P<sign>[+-])(?![\w.])",
    )
)
_SAID_IN_CHINESE = (
    re.compile(r"[向以朝]?(?P<side>[东西南北])向?(?:方向)?(?:风)?[为是](?P<sign>[正负])"),
    re.compile(r"(?P<sign>[正负])[值号]?(?:表示|代表|为)?[向朝](?P<side>[东西南北])"),
)
_OF_A_SIGN = re.compile(
    r"(?<!non-)\bpositive\b|\bnegative\b|\bsign(?:s|ed)?\b(?! for missing)|\+ve\b|[为是][正负]", re.I
)
_OF_WINDS = re.compile(r"meridional|zonal|\bwinds?\b|\b[UV]\b|经向|纬向|风", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:up|down)(?:wards?)?\b|away|towards? the (?:instrument|observer|station)|clockwise|[上下]", re.I
)
_OF_AXIS = {"eastward_wind": r"zonal|\bU\b|纬向", "northward_wind": r"meridional|\bV\b|经向"}
# To say only so needs the hemisphere.
_BY_HEMISPHERE = re.compile(r"^(?!.*(north|south)ward).*(equator|pole)ward", re.IGNORECASE)
# A name with a side, `southward_wind`, says how its values count.
_WARD = re.compile(r"(north|south|east|west|equator|pole)ward")


def signs(arrays: Arrays, found: Mapping[str, str], context: Context) -> dict[str, float]:
    """Factor of each component that makes it positive eastward or northward.

    Raises
    ------
    UndecidedError
        If two statements disagree, or one speaks of a sign and does not say which.
    """
    said = statements(arrays, context)
    out, open_ = dict[str, float](), list[UndecidedError]()
    for role in _OPTIONS:
        try:
            out |= {role: _sign(role, arrays, found[role], said, context)} if role in found else {}
        except UndecidedError as error:
            open_.append(error)
    if open_:
        raise asked_together("to which sides are the components of the wind positive?", open_, context)
    return out


def _sign(role: str, arrays: Arrays, name: str, said: Sequence[Statement], context: Context) -> float:
    key, (ours, other) = _OPTIONS[role]
    option = context.option(key, (ours, other))
    if option is not None:
        return 1.0 if option == ours else -1.0
    hemisphere = [one.because for one in said if _BY_HEMISPHERE.search(one.text)]
    hemisphere += [arrays.words(name)] if _BY_HEMISPHERE.search(arrays.words(name)) else []
    if role == "northward_wind" and hemisphere and not context.placed:
        raise context.undecided(
            "in which hemisphere was this measured?",
            seen="; ".join(hemisphere),
            lines=(f"{key}: {ours}", f"{key}: {other}"),
            where=name,
        )
    heard = [(side, one.because) for one in said for side in sides_in(one.text, context) if _AXIS[side] == role]
    heard += [(side, f"the name says {side}ward") for side in _of_name(arrays, name, context) if _AXIS[side] == role]
    unclear = [one.because for one in said if _is_unclear(one.text, role, context)]
    if len({side for side, _ in heard}) > 1 or (unclear and not heard):
        raise context.undecided(
            f"is {name} positive {ours}ward or {other}ward?",
            seen="; ".join(dict.fromkeys([because for _, because in heard] or unclear)),
            lines=(f"{key}: {ours}", f"{key}: {other}"),
            where=name,
        )
    if not heard:
        context.decisions.record(f"sign of {role}", f"positive {ours}ward", "not stated; the usual one")
        return 1.0
    side, because = heard[0]
    turned = ", turned round" if side != ours else ""
    context.decisions.record(f"sign of {role}", f"positive {side}ward{turned}", because)
    return 1.0 if side == ours else -1.0


def sides_in(text: str, context: Context) -> list[str]:
    """To which sides a text says that winds are positive: north, south, east or west; towards the equator is that of
    the station's hemisphere.
    """
    found = []
    left = text
    for pattern in _SAID:
        matches = list(pattern.finditer(left))
        left = pattern.sub(lambda match: ";" * len(match.group()), left)
        for match in matches:
            groups = match.groupdict()
            turned = bool(re.match(r"neg|-|<", groups["sign"], re.I)) != any(
                value for key, value in groups.items() if key.startswith("from")
            )
            found += [_opposite(side, turned) for side in _sides(groups["sides"], context)]
    for pattern in _SAID_IN_CHINESE:
        found += [_opposite(_CHINESE[match["side"]], match["sign"] == "负") for match in pattern.finditer(text)]
    return list(dict.fromkeys(found))


def _opposite(side: str, turned: bool) -> str:
    return _OPPOSITE[side] if turned else side


def _sides(text: str, context: Context) -> Iterator[str]:
    for word in re.findall(_SIDE, text, re.IGNORECASE):
        yield _LETTERS.get(word) or _compass(re.sub(r"wards?$", "", word.lower()), context)


def _compass(side: str, context: Context) -> str:
    if side not in ("equator", "pole"):
        return side
    return "north" if (side == "pole") == (context.site.latitude >= 0.0) else "south"


def _of_name(arrays: Arrays, name: str, context: Context) -> list[str]:
    """The side in a column's name or long name, where it is one alone and no sign is said there."""
    words = arrays.words(name)
    if sides_in(words, context):
        return []
    found = {_compass(side, context) for side in _WARD.findall(words)}
    return sorted(found) if len(found) == 1 else []


def _is_unclear(text: str, role: str, context: Context) -> bool:
    """Whether a text speaks of the sign of a component, and none of the ways to say it is recognised."""
    if not _OF_A_SIGN.search(text) or not _OF_WINDS.search(text) or _OTHERS.search(text):
        return False
    named = [axis for axis, words in _OF_AXIS.items() if re.search(words, text, re.IGNORECASE)]
    return (role in named or not named) and not sides_in(text, context)
