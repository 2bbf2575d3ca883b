"""In what an error of a density is given: the density's unit, its own, per cent or a share of the density."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.density import factor_to_cm3, without_missing
from metalclouds.ingest.evidence.said import of_notes

# A number of per cent is a size, `68 % confidence`, and no unit.
_SIZE = re.compile(r"\d[\d.,]*\s*(?:%|per[ -]?cent|prozent)", re.IGNORECASE)
_PER_CENT = re.compile(r"%|(?<![a-z])(?:per[ -]?cent(?:age)?|pct|prozent|por ciento)(?![a-z])|百分", re.IGNORECASE)
_SHARE = re.compile(r"(?<![a-z])(?:relative?|rel|fraction(?:al)?)(?![a-z])|相对", re.IGNORECASE)
_OF_ERRORS = re.compile(r"(?<![a-z])(?:errors?|uncertaint\w+|fehler|sigma|std)(?![a-z])|误差|不确定", re.IGNORECASE)
_OF_OTHERS = re.compile(r"wind|(?<![a-z])v?tec(?![a-z])|foes|temperature", re.IGNORECASE)
_CLAUSES = re.compile(r"(?<=[^\s.]{2})\.\s+|[;；。]\s*")


def error_cm3(
    values: np.ndarray, density: np.ndarray, name: str, words: str, units: str, factor: float, context: Context
) -> np.ndarray | None:
    """The errors of densities in cm-3; None where nothing tells in what they are, which is recorded.

    Parameters
    ----------
    values
        as the file has them, dims (time, altitude).
    density
        cm-3, dims (time, altitude).
    name, words, units
        of the array of errors, what the file says about it, and its own unit, "" for none.
    factor
        of the density's unit to cm-3, which is that of errors without one; NaN for logarithms.

    Returns
    -------
    ndarray
        cm-3, dims (time, altitude).
    """
    said, because = _said(name, words, units, context)
    record = context.decisions.record
    values = without_missing(values, context)
    if said == "%":
        record("error", "per cent of the density", because)
        return np.abs(density) * values / 100.0
    if said == "1":
        record("error", "a share of the density", because)
        return np.abs(density) * values
    own = factor if not said else factor_to_cm3(said)
    if not np.isfinite(own):
        record("error left out", name, because if said else "no error of a density follows from one of a logarithm")
        return None
    if said and own != factor:
        record("error", f"in {said}", because)
    return values * own


def _said(name: str, words: str, units: str, context: Context) -> tuple[str, str]:
    """What an error is in, `%`, 1 for a share, a unit, or "" for that of the density, and who says so."""
    unit = units.strip()
    if unit and not _PER_CENT.search(unit) and unit != "1":
        given = str(context.options.get("unit") or "")
        return ("", "") if unit == given else (unit, f"{unit!r}, unit of {name}")
    own = (_SIZE.sub(" ", words) + (" %" if unit and unit != "1" else ""), f"attributes of {name}")
    for text, where in (own, *_notes_on(name, context)):
        if _PER_CENT.search(text):
            return "%", where
        if _SHARE.search(text.replace("_", " ")):
            return ("1", where) if unit else ("relative", f"{where}: relative, and not said whether in per cent")
    return ("1", f"{unit!r}, unit of {name}") if unit else ("", "")


def _notes_on(name: str, context: Context) -> Sequence[tuple[str, str]]:
    """Clauses of the record's descriptions on an array of errors: behind its name, else on errors at all."""
    bare = re.escape(name.split(".")[-1])
    own, all_errors = [], []
    for one in of_notes(context):
        for clause in _CLAUSES.split(one.text):
            named = re.search(rf"(?<![\w-]){bare}(?![\w-])(?P<behind>.*)", clause)
            if named:
                own.append((_SIZE.sub(" ", named["behind"]), one.because))
            elif _OF_ERRORS.search(clause) and not _OF_OTHERS.search(one.text):
                all_errors.append((_SIZE.sub(" ", clause), one.because))
    return own or all_errors
