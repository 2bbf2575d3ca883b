"""Unit of a TEC as words state it: `integers of 0.1 TECU`, `TECU x 10`, `scale factor 0.1`, `10^15 el/m2`."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from metalclouds.ingest.containers import Arrays, units
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.said import Statement
from metalclouds.ingest.readers.columns import Wanted, in_unit, unit_of

TEC = Wanted("1e16 m-2", ("TECU", "m-2"), (0.01, 400.0))
_TENTHS = "0.1 TECU"
_POWER = r"(0\.0*1|1\.?0*e-0?\d|10\s*\^?\s*\{?\(?[-−]\d\)?\}?|1/10{1,3})"
_TECU = r"TEC[ -]?U(?:nits?)?(?![a-z])"
# 0.1 TECU, tenths of a TECU, 10 x TECU, TECU*10.
_PART = re.compile(rf"(?<![\d.]){_POWER}\s*[x×*·]?\s*{_TECU}", re.I)
_WORDS = re.compile(rf"\b(tenths?|hundredths?)\s+of\s+(?:an?\s+|one\s+)?{_TECU}", re.I)
_TIMES = re.compile(
    rf"{_TECU}\)?\s*[x×*·]\s*(10{{1,3}})(?!\d|\s*\^)|(?<![\d.^])(10{{1,3}})\s*[x×*·]\s*[VS]?(?:TEC)?\s*[(\[]?{_TECU}",
    re.I,
)
# Behind a number that is no factor: 10:00, 1000 UT, 10 to 22, 10, 12, 14, 10 min, 10%.
_NO_FACTOR = (
    r"(?!\d|\.\d|\s*:\s*\d|\s*(?:[-–—~]|to|until|till|through|bis)\s*\d"
    r"|[\s(\[]*(?:UTC?|LT|LST|BJT|GMT|[ap]\.?m\.?|h|hh\w*|hrs?|hours?|min\w*|s|sec\w*|days?|deg\w*|km|时|点|分)(?![a-z])"
    r"|\s*[%°])"
)
_NO_LIST = r"(?!\s*(?:,|/|and|or)?\s*\d)"
# How stored values were made, or how that is undone: in a line about TEC.
_DIVIDE = re.compile(
    r"(?:divide(?:\s+\w+){0,3}?\s+by|(?:to|must|should|shall|can) be divided by|除以|values?\s*/)"
    rf"\s*(10{{1,3}}){_NO_FACTOR}",
    re.I,
)
_WAS_MULTIPLIED = re.compile(
    rf"(?:(?<!be )multiplied by|(?<!at )(?<!the )(?<!of )(?<!map )(?<!all )times(?=\s*10{{1,3}}{_NO_LIST})"
    rf"|scaled(?: up)? by(?: a factor(?: of)?)?|乘以?)\s*(10{{1,3}}){_NO_FACTOR}",
    re.I,
)
_FACTOR = re.compile(
    r"(?:(?:scal\w*|conversion)[ _-]*factor|multiply(?:\s+\w+){0,3}?\s+by|(?:to|must|should) be multiplied by)"
    rf"[^\d;.]{{0,12}}?{_POWER}(?!\d|\.\d)",
    re.I,
)
_PLAIN = re.compile(rf"(?:\bin|[(\[,;:|=]|\bunits?\b\W*(?:of|is|are)?)\s*(?:units? of\s+)?{_TECU}(?!\s*=)", re.I)
_SI = re.compile(
    r"(?<![=\d.])(?<!= )(10\s*\^?\s*\{?1\d\}?|1e1\d)\s*(?:el(?:ectrons)?\.?\s*)?"
    r"(?:(?:/|per\s)\s*(?:m\^?2|m²|square met\w+)|m\^?\{?[-−]2)",
    re.I,
)
# Words about something else than the unit: how sure, how fine, how large.
_OF_ERRORS = re.compile(
    r"accura|precis|(?<![a-z])rms|error|bias|noise|uncertain|round|resolution|better|less than|within|below|above"
    r"|threshold|level|std|sigma|nearest|step|contour|interval|increment|spac(?:ed|ing)|decimal|digit|differ|up to"
    r"|gradient|精度|误差|间隔|分辨",
    re.I,
)
_ABOUT_TEC = re.compile(r"tec(?![a-z]*n)|electron content|电子|^\W*(?:scalar |attribute )?.?scal", re.I)
# Words that speak of a scale without saying which way.
_SCALE = re.compile(r"(?:scal|multipl|divid|factor|tenth)\w*\D{0,25}(10{1,3}|0\.0*1)(?!\d|\.\d)", re.I)


def units_in(text: str) -> dict[str, float]:
    """Units of a TEC that a text states -> factor to TECU.

    Examples
    --------
    >>> units_in("tec  vertical TEC, integers of 0.1 TECU, 9999 where there are no pierce points")
    {'0.1 TECU': 0.1}
    >>> units_in("values are TECU x 100"), units_in("divide by 10 to get TECU"), units_in("VTEC in TECU")
    ({'0.01 TECU': 0.01}, {'0.1 TECU': 0.1}, {'TECU': 1.0})
    >>> units_in("accuracy 0.1 TECU"), units_in("1 TECU = 10^16 el/m2"), units_in("in 10^15 el/m2")
    ({}, {}, {'0.1 TECU': 0.1})
    """
    found = {_number(match[1]) for match in _PART.finditer(text) if not _is_error(text, match)}
    words = [match[1].lower() for match in _WORDS.finditer(text) if not _is_error(text, match)]
    found |= {0.1 if word.startswith("tenth") else 0.01 for word in words}
    found |= {1.0 / float(match[1] or match[2]) for match in _TIMES.finditer(text)}
    if _ABOUT_TEC.search(text):
        found |= {1.0 / float(match[1]) for one in (_DIVIDE, _WAS_MULTIPLIED) for match in one.finditer(text)}
        found |= {_number(match[1]) for match in _FACTOR.finditer(text)}
    found |= {_number(match[1]) / 1e16 for match in _SI.finditer(text) if not _is_error(text, match)}
    plain = _PLAIN.search(text)
    if not found and plain and not _is_error(text, plain):
        found = {1.0}
    return {_name(factor): factor for factor in sorted(float(f"{factor:.6g}") for factor in found)}


def _is_error(text: str, match: re.Match[str]) -> bool:
    """Whether the part of a sentence that a match stands in is about something else than the unit."""
    before = re.split(r"[;,.](?!\d)", text[: match.start()])[-1]
    behind = re.split(r"[;,)\]]|\.(?!\d)", text[match.end() :])[0]
    return bool(_OF_ERRORS.search(f"{before} {behind}"))


_IS_THE_UNIT = re.compile(r"(?:\bin|\bunits?(?:\s+(?:of|is|are))?|[(\[:=|])\W*$", re.I)


def _packed(factor: float, text: str) -> bool:
    """Whether a factor to TECU is a packing, whose values are whole, and no unit of its own as 10^15 el/m2 is."""
    own = {
        float(f"{_number(match[1]) / 1e16:.6g}")
        for match in _SI.finditer(text)
        if _IS_THE_UNIT.search(text[: match.start()]) and not _is_error(text, match)
    }
    return factor < 1.0 and factor not in own


def _number(text: str) -> float:
    """0.1, 1e-1, 10^-1, 1/10, 10^15."""
    plain = re.sub(r"[\s{}()]", "", text).replace("−", "-")
    if plain.startswith("1/"):
        return 1.0 / float(plain[2:])
    power = re.fullmatch(r"10\^?(-?\d+)", plain)
    return 10.0 ** int(power[1]) if power else float(plain)


def _name(factor: float) -> str:
    return "TECU" if factor == 1.0 else f"{factor:g} TECU"


def in_tecu(
    values: np.ndarray, arrays: Arrays, name: str, role: str, said: Sequence[Statement], context: Context
) -> np.ndarray:
    """A TEC in TECU: by the catalogue, the unit at the array, what words state, else by its size.

    Whole numbers without a unit may be tenths: their size does not tell. Values with decimals are no integers of 0.1
    TECU: such words are then more likely about how fine the values are.

    Parameters
    ----------
    values
        as the file has them, of any dims; NaN for missing.
    said
        what header, attributes and descriptions state.

    Returns
    -------
    ndarray
        TECU, dims of `values`.

    Raises
    ------
    UndecidedError
        If words state two units, a scale without saying which, or one of whole numbers for values that are not, or if
        nothing tells tenths from units.
    """
    own = unit_of(arrays, name)
    if role in (context.options.get("units") or {}) or (own and units.parse(own) is None):
        return in_unit(values, arrays, name, role, TEC, context)
    about = [one for one in said if not _of_another_array(one.text, name, arrays)]
    stated = {factor: (unit, one.because) for one in reversed(about) for unit, factor in units_in(one.text).items()}
    # The definition of the unit, or the unit that scaled values have once more, says less than the scale.
    if own:
        stated = {factor: one for factor, one in stated.items() if factor < 1.0 and _are_whole(values)}
    unclear = [one for one in about if _SCALE.search(one.text) and _ABOUT_TEC.search(one.text) and _are_whole(values)]
    if len(stated) > 1 or (stated and own and _differs(own, stated)) or (unclear and not stated and not own):
        seen = "; ".join([because for _, because in stated.values()] or [one.because for one in unclear])
        raise _asked(name, role, f"{seen}{f'; at the array: {own}' if own else ''}", context)
    if stated and not own:
        factor, (unit, because) = next(iter(stated.items()))
        out = values * factor
        if _packed(factor, because) and _has_decimals(values):
            raise _asked(name, role, f"{because}; the values are not whole numbers", context)
        if not TEC.is_usual(out):
            raise _asked(name, role, f"{because}; the median is then {np.nanmedian(np.abs(out)):.4g} TECU", context)
        context.decisions.record(f"unit of {role}", unit, because)
        return out
    if not own and _are_whole(values):
        seen = f"none stated; all values are whole numbers, the median is {np.nanmedian(np.abs(values)):.4g}"
        raise _asked(name, role, seen, context)
    return in_unit(values, arrays, name, role, TEC, context)


# So few different whole numbers may be what is left of a small map.
_FEW = 3
# No TEC in TECU is larger: then it is electrons per square metre.
_LARGEST = 1e6


def _has_decimals(values: np.ndarray) -> bool:
    known = values[np.isfinite(values)]
    return bool((known != np.round(known)).any())


def _are_whole(values: np.ndarray) -> bool:
    """Whether all values are whole numbers of a size that tenths and units may have."""
    known = values[np.isfinite(values)]
    if np.unique(known).size < _FEW or np.abs(known).max() > _LARGEST:
        return False
    return bool((known == np.round(known)).all())


def _of_another_array(text: str, name: str, arrays: Arrays) -> bool:
    """Whether a line begins with the name of another array, as the lines of a list of them do."""
    first = re.match(r"[\W_]*(\w+)", text)
    others = {other.split(".")[-1].lower() for other in arrays.values} - {name.split(".")[-1].lower()}
    return first is not None and first[1].lower() in others


def _differs(own: str, stated: dict[float, tuple[str, str]]) -> bool:
    parsed, tecu = units.parse(own), units.parse("TECU")
    assert parsed is not None
    assert tecu is not None
    return any(abs(parsed.factor_to(tecu) / factor - 1.0) > 1e-6 for factor in stated)


def _asked(name: str, role: str, seen: str, context: Context) -> Exception:
    return context.undecided(
        f"in which unit is {name}?",
        seen=seen,
        lines=(f"units: {{{role}: {_TENTHS}}}", f"units: {{{role}: TECU}}"),
        where=name,
    )
