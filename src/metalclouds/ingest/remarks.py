"""Remarks of a description or a header that change what numbers mean: slant ranges, zeros."""

from __future__ import annotations

import re

# Kind -> what is written. A match is the remark itself.
REMARKS: dict[str, re.Pattern[str]] = {
    "slant": re.compile(
        r"(?:range|distance|path)s?\b[^.;\n]{0,20}\balong\s+(?:the\s+)?(?:beam|line|laser|los)|slant[\s_-]*(?:range|distance|path)"
        r"|along[\s_-]beam",
        re.IGNORECASE,
    ),
    "zero": re.compile(
        r"(?<![\d.eE+-])0(?:\.0+)?\s*(?:=|:|means?|is|stands? for|indicates?)\s*(?:no\s+(?:data|value|measurement|"
        r"observation)s?|missing|not\s+(?:observed|measured)|invalid)|zeros?\s+(?:are|mean|stand\s+for|indicate)\s+"
        r"(?:no\s+data|missing)|(?<!\d)0\s*[=为:：]?\s*(?:表示|代表)?(?:无数据|缺测|缺失)",
        re.IGNORECASE,
    ),
}
# Instrument whose data a remark is about.
OF_INSTRUMENT = {"slant": "lidar", "zero": "lidar"}
_TILT = re.compile(
    r"(\d{1,2}(?:\.\d+)?)\s*(?:degrees?|deg\.?|°)\s*(?:off|from)[\s-]*(?:the\s*)?(?:zenith|vertical)"
    r"|(?<!solar )zenith\s*(?:angle|distance)?\s*(?:of|is|=|:)?\s*(\d{1,2}(?:\.\d+)?)",
    re.IGNORECASE,
)


def tilt_in(text: str) -> float | None:
    """Degrees from the zenith at which a beam is said to point; None where nothing is said.

    Examples
    --------
    >>> tilt_in("the beam was tilted 30 degrees from zenith"), tilt_in("zenith angle 15 deg"), tilt_in("night")
    (30.0, 15.0, None)
    """
    found = _TILT.search(text)
    return float(found.group(1) or found.group(2)) if found else None
