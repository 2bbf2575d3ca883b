"""Tables of scaled characteristics: published foEs tables, SAO characteristics, spreadsheets, MATLAB vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import bare, find, numbers
from metalclouds.ingest.source import Member

CHARACTERISTICS = {
    "foEs": r"fo_?es",
    "hEs": r"h[`'’]?_?es|h_?prime_?es|hpes",
    "fbEs": r"fb_?es",
    "foF2": r"fo_?f2",
    "hF2": r"h[`'’]?_?f2|h_?prime_?f2|hpf2",
    "range_spread": r"qf",
    "frequency_spread": r"ff",
}
_TIME = r"(date_?)?time|utc?|lt|date|ut_?hours?|datetime|unnamed:? ?0|column_1|"
_MISSING = (9999.0, 999.0, 999.9, 99.0, -1.0, -99.0, -999.0, -9999.0, -99999999999.0)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Characteristics of one table, dim `time` in the order of the file; MHz and km, NaN where missing.

    Raises
    ------
    ReadError
        If there is no column foEs and none foF2.
    """
    arrays = load(members[0])
    found = find(arrays, CHARACTERISTICS, context)
    if "foEs" not in found and "foF2" not in found:
        raise ReadError(
            "no foEs in the table",
            file=members[0].full_name,
            given=", ".join(arrays.values),
            remedy="options: {variables: {foEs: NAME}}",
        )
    length = arrays.values[next(iter(found.values()))].size
    name = next((n for n in arrays.values if re.fullmatch(_TIME, bare(n)) and arrays.values[n].size == length), None)
    times = time_axis(_with_sao_clock(arrays, context), name, length, context, works_by_night=False)
    columns = {role: without_missing(numbers(arrays, label), role, context) for role, label in found.items()}
    out = xr.Dataset({role: ("time", values) for role, values in columns.items()}, {"time": times})
    limit = re.search(
        r"foes[^\n]*?above\s+(\d+(?:\.\d+)?)\s*mhz", str(arrays.attributes_of_file.get("header", "")).lower()
    )
    if limit:
        out.attrs["foEs_limit_MHz"] = float(limit.group(1))
        context.decisions.record("foEs_limit_MHz", limit.group(1), "header of the table")
    return out


def _with_sao_clock(arrays: Arrays, context: Context) -> Arrays:
    """SAO characteristics are in UT by definition of the format (49 columns from foF2 to type Es)."""
    names = {bare(name) for name in arrays.values}
    if (
        {"m(d)", "muf(d)"} & {name.lower() for name in arrays.values}
        and {"fof2", "foes"} <= names
        and "clock" not in context.options
    ):
        context.decisions.record("clock", "UT", "SAO characteristics; the format has UT")
        labels = {name: {**arrays.attributes.get(name, {}), "clock": "UT"} for name in arrays.values}
        return Arrays(arrays.kind, arrays.values, labels, arrays.dims, arrays.attributes_of_file)
    return arrays


def without_missing(values: np.ndarray, role: str, context: Context) -> np.ndarray:
    """NaN for the words that tables use for a missing number; a critical height of 99 km is a height."""
    option = context.option("missing")
    numbers_ = list(np.atleast_1d(option).astype(float)) if option is not None else list(_MISSING)
    if role.startswith("h"):
        numbers_ = [number for number in numbers_ if number != 99.0]
    return np.where(np.isin(values, numbers_), np.nan, values)
