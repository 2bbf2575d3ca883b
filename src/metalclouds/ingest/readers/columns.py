"""Find the column of a table that holds a quantity, by its whole name without unit, and read it in our unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from metalclouds.ingest.containers import Arrays, units
from metalclouds.ingest.containers.cells import is_missing, numbers_of
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.missing import without_missing
from metalclouds.ingest.evidence.said import missing_in, of_notes

_BRACKETS = re.compile(r"[\[(（].*?[\])）]")
# A unit behind a name: `foEs_MHz`, `U, m/s`.
_UNIT_BEHIND = re.compile(r"(?:[_/,\s]+)(k?hz|mhz|km|m|m/s|cm/s|km/h|m_?s-1|tecu|deg|cm-?3|m-?3)$")


@dataclass(frozen=True)
class Wanted:
    """Our unit of a quantity, units that files without one use, the range that its median (without sign) is in, and
    units that a stop offers.
    """

    unit: str
    others: tuple[str, ...]
    usual: tuple[float, float]
    offered: tuple[str, ...] = ()

    def is_usual(self, values: np.ndarray) -> bool:
        """Whether the median lies in the usual range; nothing known is no contradiction.

        Parameters
        ----------
        values
            in the wanted unit, dims (row,).
        """
        middle = _median(values)
        return bool(np.isnan(middle) or self.usual[0] <= middle <= self.usual[1])


def find(arrays: Arrays, patterns: Mapping[str, str], context: Context) -> dict[str, str]:
    """Role -> name of the array; the catalogue's `variables` go first, roles without a column are left out.

    A name is compared in lower case, without a unit and without the name of a structure around it.
    """
    given = context.options.get("variables") or {}
    found: dict[str, str] = {}
    words = {name: bare(name) for name in arrays.values}
    for role, pattern in patterns.items():
        names = [given[role]] if role in given else list(arrays.values)
        for name in names:
            if name in arrays.values and (role in given or re.fullmatch(pattern, words[name])):
                found[role] = name
                break
    return found


def bare(name: str) -> str:
    """A column's name in lower case without unit, owner (`MOHE_UT`) or structure (`data.UT`), words joined by `_`."""
    text = _BRACKETS.sub("", name.split(".")[-1]).strip().lower()
    text = _UNIT_BEHIND.sub("", text)
    return re.sub(r"[\s\-]+", "_", re.sub(r"^(mohe|xlg|xinglong|fpi)_", "", text)).strip("_")


def unit_of(arrays: Arrays, name: str) -> str:
    """What a file says of the unit of a column: its attribute, a row of units, brackets, or the end of its name."""
    for key in ("units", "unit", "Units", "Unit"):
        if arrays.attribute(name, key).strip():
            return arrays.attribute(name, key).strip()
    own = name.split(".")[-1]
    brackets = _BRACKETS.findall(own)
    if brackets:
        return brackets[-1][1:-1].strip()
    behind = _UNIT_BEHIND.search(own.lower())
    return behind.group(1) if behind else ""


def numbers(arrays: Arrays, name: str) -> np.ndarray:
    """A column as floats, flat; text that is no number becomes NaN.

    Returns
    -------
    ndarray
        as the file has them, dims (row,).
    """
    return as_numbers(arrays.values[name].ravel())


def as_numbers(values: np.ndarray) -> np.ndarray:
    """Floats; text that is no number becomes NaN.

    Parameters
    ----------
    values
        numbers or text, of any dims.

    Returns
    -------
    ndarray
        dims of `values`.
    """
    if values.dtype.kind in "iufb":
        return values.astype(float)
    if values.dtype.kind in "SUO":
        return numbers_of(values.astype(str))
    return pd.to_numeric(pd.Series(values.astype(str)), errors="coerce").to_numpy(float)


def known(values: np.ndarray, name: str, context: Context) -> np.ndarray:
    """NaN for the catalogue's value for missing, or for numbers that stand for one; they are counted.

    Parameters
    ----------
    values
        as the file has them, dims (row,).

    Returns
    -------
    ndarray
        dims (row,).
    """
    given = context.option("missing")
    if given is not None:
        # 1e20 in 32 bits is another number than in 64.
        marks = np.atleast_1d(given).astype(float)
        marks = np.concatenate([marks, marks.astype("float32").astype(float)])
        return np.where(np.isin(values, marks), np.nan, values)
    for number, because in missing_in(of_notes(context)).items():
        if (count := int((values == number).sum())) > 0:
            context.decisions.record("missing", f"{number:g}", f"{count} of {values.size} of {name}; {because}")
            values = np.where(values == number, np.nan, values)
    out, left = without_missing(values)
    for number, count in left.items():
        context.decisions.record(
            "missing", f"{number:g}", f"{count} of {values.size} values of {name} are exactly this"
        )
    return out


def refuse_losses(arrays: Arrays, name: str, context: Context) -> None:
    """Count cells of a column that are neither numbers nor words for missing.

    Raises
    ------
    UndecidedError
        If they are more than a tenth.
    """
    values = arrays.values[name]
    if values.dtype.kind not in "SUO":
        return
    texts = np.char.strip(values.astype(str)).ravel()
    lost = np.isnan(numbers_of(texts)) & ~np.array([is_missing(str(text)) for text in texts])
    if lost.mean() > LARGEST_LOSS:
        raise context.undecided(
            f"the cells of {name} are not numbers",
            seen=f"{int(lost.sum())} of {lost.size}, e.g. {texts[lost][0]!r}",
            lines=("variables: {ROLE: NAME OF ANOTHER COLUMN}",),
            where=name,
        )
    if lost.any():
        context.decisions.record(f"{name} not read", int(lost.sum()), f"no numbers, e.g. {texts[lost][0]!r}")


def in_unit(values: np.ndarray, arrays: Arrays, name: str, role: str, wanted: Wanted, context: Context) -> np.ndarray:
    """Values of a column in our unit: by the stated unit, where none is stated by their size.

    The usual value is the check of both: a stated unit that makes it impossible while another one does not is a stop.

    Parameters
    ----------
    values
        in the unit of the file, dims (row,).

    Returns
    -------
    ndarray
        in the wanted unit, dims (row,).

    Raises
    ------
    UndecidedError
        If the stated unit is not known or measures another quantity, or none makes the values possible.
    """
    said = str((context.option("units") or {}).get(role, "") or unit_of(arrays, name))
    unit, ours = units.parse(said), units.parse(wanted.unit)
    assert ours is not None
    dimensionless = unit is not None and (unit.metre, unit.second) == (0, 0)
    if said and (unit is None or not (unit.is_like(ours) or (dimensionless and wanted.unit == "deg"))):
        raise _undecided(said, name, role, wanted, context)
    if unit is not None and said:
        factor = 1.0 if dimensionless else unit.factor_to(ours)
        out = units.without_logarithm(values, unit.logarithm) * factor
        if wanted.is_usual(out) or role in (context.option("units") or {}):
            context.decisions.record(f"unit of {role}", said, "said by the file or the catalogue")
            return out
        raise _undecided(f"{said}; the median is then {_median(out):.4g} {wanted.unit}", name, role, wanted, context)
    fits = [other for other in wanted.others if wanted.is_usual(values * _factor(other, ours))]
    if len(fits) != 1 and np.isfinite(values).any():
        raise _undecided(f"none stated; the median is {_median(values):.4g}", name, role, wanted, context)
    if not fits:
        return values
    context.decisions.record(f"unit of {role}", fits[0], f"not stated; the median is {_median(values):.4g}")
    return values * _factor(fits[0], ours)


def _factor(unit: str, ours: units.Unit) -> float:
    parsed = units.parse(unit)
    assert parsed is not None
    return parsed.factor_to(ours)


def _median(values: np.ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(np.median(finite)) if finite.size else np.nan


def _undecided(seen: str, name: str, role: str, wanted: Wanted, context: Context) -> Exception:
    lines = tuple(f"units: {{{role}: {unit}}}" for unit in wanted.offered or wanted.others)
    return context.undecided(f"in which unit is {name}?", seen=seen, lines=lines, where=name)
