"""Units as people write them, with factors and logarithms: `10^6 m^-3`, `cm⁻³`, `log10(cm-3)`, `el/m^2`, `km/h`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

# Factor to metres and seconds, and powers of metre and second. Things that are counted have no dimension.
_BASE: dict[str, tuple[float, int, int]] = {
    "m": (1.0, 1, 0),
    "metre": (1.0, 1, 0),
    "meter": (1.0, 1, 0),
    "km": (1e3, 1, 0),
    "kilometre": (1e3, 1, 0),
    "kilometer": (1e3, 1, 0),
    "cm": (1e-2, 1, 0),
    "centimetre": (1e-2, 1, 0),
    "centimeter": (1e-2, 1, 0),
    "dm": (1e-1, 1, 0),
    "mm": (1e-3, 1, 0),
    "cc": (1e-6, 3, 0),
    "l": (1e-3, 3, 0),
    "s": (1.0, 0, 1),
    "ms": (1e-3, 0, 1),
    "sec": (1.0, 0, 1),
    "second": (1.0, 0, 1),
    "min": (60.0, 0, 1),
    "h": (3600.0, 0, 1),
    "hr": (3600.0, 0, 1),
    "hour": (3600.0, 0, 1),
    "hz": (1.0, 0, -1),
    "khz": (1e3, 0, -1),
    "mhz": (1e6, 0, -1),
    "ghz": (1e9, 0, -1),
    "knot": (1852.0 / 3600.0, 1, -1),
    "kt": (1852.0 / 3600.0, 1, -1),
    "tecu": (1e16, -2, 0),
    "米": (1.0, 1, 0),
    "千米": (1e3, 1, 0),
    "公里": (1e3, 1, 0),
    "兆赫": (1e6, 0, -1),
    **dict.fromkeys(
        ("#", "el", "electron", "e-", "e", "ion", "atom", "particle", "count", "number", "1"), (1.0, 0, 0)
    ),
    **dict.fromkeys(("deg", "degree", "degree_north", "degrees_north", "degree_east", "degrees_east"), (1.0, 0, 0)),
    **dict.fromkeys(("°", "°n", "°e"), (1.0, 0, 0)),
}
# Not units, but what stands in a row of units.
_OTHER_WORDS = re.compile(
    r"^[(\[]?(utc?|lt|bjt|gmt|none|h+:m+(:s+)?|y+-m+-d+.*|y+/m+/d+.*|-|--|%)[)\]]?$", re.IGNORECASE
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−–", "0123456789---")
_TOKEN = re.compile(r"(?P<op>[/*·×.]?)\s*(?P<word>e-|[#%°a-z_\u4e00-\u9fff]+°?[ne]?|\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
                    r"(?:\s*(?:\^|\*\*)?\s*\(?\{?(?P<power>[+-]?\d+)\}?\)?)?")  # fmt: skip
_LOG = re.compile(r"^(?P<log>log_?\{?10\}?|lg|ln|log|10\s*\*?\s*log_?10|db)[\s_]*[(\[]?(?P<inner>.*?)[)\]]?$")


@dataclass(frozen=True)
class Unit:
    """`factor` to metres and seconds, powers of them, and the logarithm that was taken: "", log10, ln, log or db."""

    factor: float
    metre: int
    second: int
    logarithm: str = ""

    def factor_to(self, other: Unit) -> float:
        """Number of the other unit in one of this."""
        return float(f"{self.factor / other.factor:.12g}")

    def is_like(self, other: Unit) -> bool:
        """Whether both measure the same quantity."""
        return (self.metre, self.second) == (other.metre, other.second)


def parse(text: str) -> Unit | None:
    """A unit, None where the text is none that is known; what stands in brackets behind one explains it."""
    before, bracket, _ = text.strip().partition(" (")
    if bracket and (explained := parse(before)) is not None:
        return explained
    plain = re.sub(r"\s+", " ", text.translate(_SUPERSCRIPTS).strip().strip("()[]").strip().lower())
    plain = re.sub(r"\bper (cubic|square) (\w+)", lambda m: f"/{m[2]}^{3 if m[1] == 'cubic' else 2}", plain)
    plain = re.sub(r"\s*\bper\s+", "/", plain)
    if (match := _LOG.match(plain)) and plain not in ("l",):
        inner = _product(
            match["inner"].split("/", 1)[-1] if match["inner"].startswith(("n/", "ne/")) else match["inner"]
        )
        word = match["log"].replace(" ", "")
        kind = {"lg": "log10", "ln": "ln", "log": "log", "db": "db"}.get(
            word, "db" if word.startswith("10") else "log10"
        )
        return None if inner is None else Unit(inner.factor, inner.metre, inner.second, kind)
    return _product(plain)


def _product(text: str) -> Unit | None:
    """A product of powers: `10^6 m^-3`, `m s-1`, `el/m^2`; a slash turns the word behind it over."""
    text = {"ms-1": "m s-1", "ms^-1": "m s-1", "kmh-1": "km h-1", "kmh": "km/h", "kph": "km/h"}.get(text, text)
    position, factor, metre, second = 0, 1.0, 0, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or not match.group(0).strip():
            return None
        position = match.end()
        while position < len(text) and text[position] == " ":
            position += 1
        one = _power(match["word"], match["power"])
        if one is None:
            return None
        sign = -1 if match["op"] == "/" else 1
        factor *= one.factor**sign
        metre, second = metre + sign * one.metre, second + sign * one.second
    return Unit(factor, metre, second) if text else None


# No unit has a higher power, nor a factor one: 10^30.
_HIGHEST_POWER = 30


def _power(word: str, power: str | None) -> Unit | None:
    number = int(power) if power else 1
    if abs(number) > _HIGHEST_POWER:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", word):
        return Unit(float(word) ** number, 0, 0)
    base = _BASE.get(word, _BASE.get(word.rstrip("s")))
    if base is None:
        digits = re.fullmatch(r"([a-z]+)(\d)", word)
        return _power(digits[1], digits[2]) if digits and power is None else None
    return Unit(base[0] ** number, base[1] * number, base[2] * number)


def is_unit(text: str) -> bool:
    """Whether a cell can stand in a row of units."""
    return bool(_OTHER_WORDS.match(text.strip())) or parse(text) is not None


def without_logarithm(values: np.ndarray, logarithm: str) -> np.ndarray:
    """Values of which the logarithm was written; `log` is taken for the decimal one by those who call this.

    Parameters
    ----------
    values
        of any dims.
    logarithm
        empty where none was taken.

    Returns
    -------
    ndarray
        dims of `values`.
    """
    if not logarithm:
        return values
    with np.errstate(over="ignore"):
        if logarithm == "ln":
            return np.exp(values)
        return 10.0 ** (values / 10.0 if logarithm == "db" else values)
