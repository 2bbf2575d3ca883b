"""Find the column of a table that holds a quantity, by its whole name without unit."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context


def find(arrays: Arrays, patterns: Mapping[str, str], context: Context) -> dict[str, str]:
    """Role -> name of the array; the catalogue's `variables` go first, roles without a column are left out.

    A name is compared in lower case, without a unit in brackets and without the name of a structure around it.
    """
    given = context.options.get("variables") or {}
    found: dict[str, str] = {}
    for role, pattern in patterns.items():
        names = [given[role]] if role in given else list(arrays.values)
        for name in names:
            if name in arrays.values and (role in given or re.fullmatch(pattern, bare(name))):
                found[role] = name
                break
    return found


def bare(name: str) -> str:
    """A column's name in lower case without unit, owner (`MOHE_UT`) or structure (`data.UT`)."""
    text = re.sub(r"[\[(].*?[\])]", "", name.split(".")[-1]).strip().lower()
    return re.sub(r"^(mohe|xlg|xinglong|fpi)_", "", text)


def numbers(arrays: Arrays, name: str) -> np.ndarray:
    """A column as floats, flat; text that is no number becomes NaN."""
    return as_numbers(arrays.values[name].ravel())


def as_numbers(values: np.ndarray) -> np.ndarray:
    """Floats; text that is no number becomes NaN."""
    if values.dtype.kind in "iufb":
        return values.astype(float)
    return pd.to_numeric(pd.Series(values.astype(str)), errors="coerce").to_numpy(float)
