"""What the values of a flag mean, as attributes, a header or a description explain them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from metalclouds.ingest.evidence.said import Statement

# Values with words behind the name of a column: `cond: 0 clear, 1 thin clouds`, `cond (1=clear 0=cloudy)`.
_VALUE = r"(?<![\w.])(\d{1,3})\s*(?:=|:|-|is|means|为|表示)?\s*([^\W\d][^,;\d]*)"
_LEGEND_OF_FLAG = (
    r"(?<!\w){name}\s*(?:description|comment|long_name|meaning)?\s*(?:[:=-]|is)?\s*[(\[]?\s*"
    r"((?:\d{{1,3}}\s*(?:=|:|-|is|means|为|表示)?\s*[^\W\d][^,;\d]*[,;]?\s*)+)"
)
GOOD = re.compile(
    r"(?<![a-z])(?:good|ok(?:ay)?|clear|valid|usable|reliable|cloudless|cloud[ -]?free|no clouds?)(?![a-z])"
    r"|好|晴|(?<!无)有效|可用|正常",
    re.I,
)
BAD = re.compile(
    r"(?<![a-z])(?:bad|poor|cloudy|overcast|suspect\w*|invalid|un(?:usable|reliable)|(?:do )?not[ -]use"
    r"|not (?:good|valid))(?![a-z])|坏|差|无效",
    re.I,
)
HEDGED = re.compile(
    r"(?<![a-z])(?:not|don't|never|partly|mostly|probably|perhaps|less|nearly|almost)(?![a-z])|不", re.I
)

# What is bad beyond doubt, and what is only doubted.
CERTAINLY_BAD = re.compile(
    r"(?<![a-z])(?<!not )(?<!less )(?:bad|poor|invalid|fail(?:ed|ure)?|unusable|unreliable"
    r"|rejected|missing|no data|not valid|not usable"
    r"|(?:do )?not use|saturated|cloudy|schlecht|ungültig|mala?|mauvais\w*)(?![a-z])|坏|无效|缺测",
    re.I,
)
DOUBTED = re.compile(
    r"(?<![a-z])(?:suspect\w*|suspicious|questionable|caution|care|doubtful|possibly|maybe|probably|perhaps|partly|nearly)(?![a-z])",
    re.I,
)


def flag_legend(name: str, said: Sequence[Statement]) -> dict[float, str]:
    """Values of a column that words explain as good and bad -> the words; empty where they are of something else.

    Examples
    --------
    >>> flag_legend("cond", [Statement("cond: 0 cloudy, 1 clear", "header")])
    {0.0: 'cloudy', 1.0: 'clear'}
    >>> flag_legend("line", [Statement("line: 0 red, 1 green; cond 0 good", "header")])
    {}
    """
    for one in said:
        match = re.search(_LEGEND_OF_FLAG.format(name=re.escape(name)), one.text, re.IGNORECASE)
        legend = {float(value): words.strip(" )]") for value, words in re.findall(_VALUE, match[1])} if match else {}
        if any(GOOD.search(words) or BAD.search(words) for words in legend.values()):
            return legend
    return {}


def legend_in(attributes: Mapping[str, Any]) -> dict[float, str]:
    """Values of a flag and their meanings by CF's `flag_values` and `flag_meanings`; empty where they are not stated.

    Examples
    --------
    >>> legend_in({"flag_values": [0, 1, 2], "flag_meanings": "good suspect bad"})
    {0.0: 'good', 1.0: 'suspect', 2.0: 'bad'}
    """
    values, meanings = attributes.get("flag_values"), str(attributes.get("flag_meanings", ""))
    if values is None or not meanings:
        return {}
    text = re.findall(r"[+-]?\d+", values) if isinstance(values, str) else np.ravel(values)
    numbers = [float(value) for value in text]
    words = re.split(r"\s*[,;]\s*|\s+", meanings.strip())
    return {} if len(numbers) != len(words) else dict(zip(numbers, words, strict=True))


def is_bad(words: str) -> bool:
    """Whether words call a value bad or missing without a doubt: `suspect` and `probably bad` do not."""
    text = words.replace("_", " ")
    return bool(CERTAINLY_BAD.search(text)) and not DOUBTED.search(text)
