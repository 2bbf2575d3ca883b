"""Tables of scaled characteristics: published foEs tables, SAO characteristics, spreadsheets, MATLAB vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import UndecidedError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.containers.cells import is_number, numbers_of
from metalclouds.ingest.containers.units import Unit, parse
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import Wanted, bare, find, in_unit, unit_of
from metalclouds.ingest.readers.monthly import unrolled
from metalclouds.ingest.readers.parts import for_part, refuse_repeated, with_order
from metalclouds.ingest.readers.scaling import ABSENT, EMPTY, REASON, UNREAD, UNSAID, VALUE, Scaled, scaled
from metalclouds.ingest.source import Member
from metalclouds.schema.variables import ES_FLAGS

# Of Es nothing is said: whether it was absent, the other characteristics of the sounding tell.
ES_LEFT_TO_OTHERS = 3

CHARACTERISTICS = {
    "foEs": r"(es)?[^a-z]*f[o0]_?es|es层?临界频率|es层?截止频率",
    "hEs": r"(es)?[^a-z]*h[`'’′]?_?es|h_?prime_?es|hpes|es层?虚高",
    "fbEs": r"(es)?[^a-z]*fb_?es|es层?遮蔽频率",
    "foF2": r"(f2)?[^a-z]*f[o0]_?f2|f2层?临界频率",
    "hF2": r"(f2)?[^a-z]*h[`'’′]?_?f2|h_?prime_?f2|hpf2|f2层?虚高",
    "range_spread": r"qf",
    "frequency_spread": r"ff",
}
_FREQUENCY, _HEIGHT = ("MHz", "kHz", "Hz"), ("km", "m")
WANTED = {
    "foEs": Wanted("MHz", _FREQUENCY, (0.5, 20.0), (*_FREQUENCY, "0.1 MHz")),
    "fbEs": Wanted("MHz", _FREQUENCY, (0.5, 20.0), (*_FREQUENCY, "0.1 MHz")),
    "foF2": Wanted("MHz", _FREQUENCY, (0.5, 30.0)),
    "hEs": Wanted("km", _HEIGHT, (70.0, 250.0)),
    "hF2": Wanted("km", _HEIGHT, (100.0, 1000.0)),
}
# Words in a header by which a station says that no value of foEs means no Es.
_CONVENTION = re.compile(r"foes (?:is )?missing while fof2 is given: no es")

_LESS_THAN = re.compile(r"(\d+(?:\.\d+)?)\s*/?E[A-Z]?$")
_MEGAHERTZ = Unit(1e6, 0, -1)
_FREQUENCIES = ("foEs", "fbEs", "foF2")
# Words for cells without a value that a header explains: no Es, or no observation.
_EXPLAINED = re.compile(
    r"([^\s=:：,，;#]+)\s*[=:：]\s*((?:无 ?es层?|no es|es absent|no trace)|"
    r"无数据|无观测|缺测|no data|no observation|not observed|no ionogram|not scala?ble|missing)",
    re.IGNORECASE,
)
_NO_ES = re.compile(r"无 ?es层?|no es|es absent|no trace", re.IGNORECASE)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Characteristics of one table, dim `time` in the order of the file; MHz and km, NaN where missing.

    `es_said` is what the table says of Es where it has no value: 0 absent, 2 not observed, 3 left to the other
    characteristics of the sounding.

    Returns
    -------
    Dataset
        dim time.

    Raises
    ------
    ReadError
        If there is no column foEs and none foF2.
    UndecidedError
        If the time, its clock or the unit of foEs is not decided.
    """
    arrays = load(members[0])
    if not arrays.parts or context.option("date") is not None or context.options.get("variables"):
        return _of_arrays(arrays, members[0], context)
    ordered = with_order(arrays.parts, context)
    parts = {name: _of_arrays(part, members[0], for_part(name, ordered)) for name, part in arrays.parts.items()}
    refuse_repeated({name: part["time"].values for name, part in parts.items()}, members[0].full_name)
    context.decisions.record("parts", f"{len(parts)} read each by itself", ", ".join(parts))
    return xr.concat(parts.values(), "time", combine_attrs="override")


def _of_arrays(arrays: Arrays, member: Member, context: Context) -> xr.Dataset:
    context = at_its_station(context, stated_in(arrays), needed=False)
    arrays = unrolled(arrays, context)
    found = find(arrays, CHARACTERISTICS, context)
    if "foEs" not in found and "foF2" not in found:
        raise context.undecided(
            "no foEs in the table", seen=", ".join(arrays.values), lines=("variables: {foEs: NAME}",)
        )
    length = arrays.values[next(iter(found.values()))].size
    times = time_axis(_with_sao_clock(arrays, context), None, length, context, works_by_night=False)
    out = xr.Dataset(coords={"time": times}, attrs=context.site.attributes())
    for role, name in found.items():
        _put(out, role, name, arrays, context)
    header = str(arrays.attributes_of_file.get("header", "")).lower()
    limit = re.search(r"foes[^\n]*?above\s+(\d+(?:\.\d+)?)\s*mhz", header)
    if limit:
        out.attrs["foEs_limit_MHz"] = float(limit.group(1))
        context.decisions.record("foEs_limit_MHz", limit.group(1), "header of the table")
    return out


def _put(out: xr.Dataset, role: str, name: str, arrays: Arrays, context: Context) -> None:
    """A characteristic in our unit; one other than foEs whose unit is open is left out, and that is said."""
    given = context.option("missing")
    texts = arrays.cells.get(name)
    lettered = None if texts is None else _in_letters(texts, arrays)
    cells = scaled(
        _in_letters(arrays.values[name], arrays) if lettered is None or lettered is texts else lettered,
        texts,
        role,
        None if given is None else np.atleast_1d(given).astype(float),
    )
    _count_losses(cells, name, context)
    if role in _FREQUENCIES and not unit_of(arrays, name) and _in_tenths(arrays, name):
        arrays.attributes[name] = {**arrays.attributes.get(name, {}), "units": "0.1 MHz"}
        context.decisions.record(f"unit of {role}", "0.1 MHz", "three digits a cell, as the URSI handbook has it")
    try:
        values = in_unit(cells.values, arrays, name, role, WANTED[role], context) if role in WANTED else cells.values
    except UndecidedError as error:
        if role == "foEs":
            raise
        context.decisions.record(f"{role} left out", name, error.problem)
        return
    out[role] = ("time", values)
    if role == "foEs":
        said, below = es_said(cells.states, arrays, context), _below_limit(arrays, name, context)
        out["es_said"] = ("time", np.where(below, ES_FLAGS["absent"], said).astype("int8"))


def _below_limit(arrays: Arrays, name: str, context: Context) -> np.ndarray:
    """Soundings with `less than` a frequency, 014EB, no higher than the limit above which Es is looked for."""
    texts, unit = arrays.cells.get(name, arrays.values[name]).ravel(), parse(unit_of(arrays, name))
    if texts.dtype.kind not in "SUO" or unit is None or not unit_of(arrays, name):
        return np.zeros(texts.size, bool)
    found = [_LESS_THAN.match(str(text).strip()) for text in texts]
    bounds = np.array([float(match[1]) if match else np.inf for match in found]) * unit.factor_to(_MEGAHERTZ)
    limit = context.settings.ionosonde.foEs_limit_MHz
    below = bounds <= limit + 1e-6
    if below.any():
        context.decisions.record(
            "Es absent", f"{int(below.sum())} soundings", f"less than a value up to {limit:g} MHz"
        )
    return below


def _in_tenths(arrays: Arrays, name: str) -> bool:
    """Whether text cells have three digits, some with a leading 0, no point: tenths of MHz (UAG-23, chapter 2)."""
    values = arrays.cells.get(name, arrays.values[name])
    if values.dtype.kind not in "SUO":
        return False
    cells = [str(cell).strip() for cell in values.ravel() if str(cell).strip()[:1].isdigit()]
    padded = [cell for cell in cells if re.fullmatch(r"0\d\d[A-Za-z]{0,2}", cell)]
    return bool(padded) and all(re.fullmatch(r"\d{2,3}[A-Za-z]{0,2}", cell) for cell in cells)


def _in_letters(values: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Cells with the words that the header explains, `无=无Es 0.00: no Es`, as letters of the handbook: G, C."""
    said = f"{arrays.attributes_of_file.get('header', '')}\n{arrays.attributes_of_file.get('footer', '')}"
    texts = np.char.strip(values.astype(str))
    out = texts.astype(object)
    for word, meaning in _EXPLAINED.findall(said):
        meant = (texts == word) | (numbers_of(texts) == float(word) if is_number(word) else False)
        out[meant] = "G" if _NO_ES.fullmatch(meaning) else "C"
    return out.astype(str) if (out != texts).any() else values


def _count_losses(cells: Scaled, name: str, context: Context) -> None:
    """Cells that were not understood; more than a tenth of them is a stop."""
    unread = cells.states == UNREAD
    if unread.mean() > LARGEST_LOSS:
        raise context.undecided(
            f"the cells of {name} are not values",
            seen=f"{int(unread.sum())} of {unread.size}",
            lines=("variables: {foEs: NAME OF ANOTHER COLUMN}",),
        )
    reasons = cells.states == REASON
    if reasons.any():
        context.decisions.record(f"{name} without value", int(reasons.sum()), "a letter or a formula in its place")
    if unread.any():
        context.decisions.record(f"{name} not read", int(unread.sum()), "text in place of a value")
    if cells.letters:
        context.decisions.record(f"{name} with scaling letters", cells.letters, "the values are used")


def es_said(states: np.ndarray, arrays: Arrays | None, context: Context) -> np.ndarray:
    """What cells without a value say of Es: an empty one nothing, unless the station's convention says so.

    Parameters
    ----------
    states
        what stands in cells without a value, dims (time,).

    Returns
    -------
    ndarray
        0 absent, 2 not observed, 3 open; dims (time,).
    """
    convention = context.option("es_without_value", ("absent", "not_observed"))
    if (
        convention is None
        and arrays is not None
        and _CONVENTION.search(str(arrays.attributes_of_file.get("header", "")).lower())
    ):
        convention = "absent"
        context.decisions.record("Es without value", "absent", "the header of the table says so")
    empty = (states == EMPTY).sum()
    if empty and convention is None:
        context.decisions.record(
            "Es without value", f"not observed in {int(empty)} soundings", "an empty cell says nothing; if the "
            "station leaves it empty where no Es was seen: options: {es_without_value: absent}",
        )  # fmt: skip
    left = ES_LEFT_TO_OTHERS if convention != "not_observed" else ES_FLAGS["not_observed"]
    meaning = {
        VALUE: ES_FLAGS["present"],
        ABSENT: ES_FLAGS["absent"],
        UNSAID: left,
        EMPTY: left if convention == "absent" else ES_FLAGS["not_observed"],
        REASON: ES_FLAGS["not_observed"],
        UNREAD: ES_FLAGS["not_observed"],
    }
    out = np.array([meaning[state] for state in range(len(meaning))], "int8")[states]
    others = [] if arrays is None else [bare(name) for name in arrays.values]
    if (
        convention == "absent"
        and arrays is not None
        and not any(re.fullmatch(CHARACTERISTICS["foF2"], name) for name in others)
    ):
        out[out == ES_LEFT_TO_OTHERS] = ES_FLAGS["absent"]
    return out


def _with_sao_clock(arrays: Arrays, context: Context) -> Arrays:
    """SAO characteristics are in UT by definition of the format (49 columns from foF2 to type Es)."""
    names = {bare(name) for name in arrays.values}
    if (
        {"m(d)", "muf(d)"} & {name.lower() for name in arrays.values}
        and {"fof2", "foes"} <= names
        and "clock" not in context.options
    ):
        said = "UT: SAO characteristics, by the format"
        labels = {name: {**arrays.attributes.get(name, {}), "clock": said} for name in arrays.values}
        return Arrays(arrays.kind, arrays.values, labels, arrays.dims, arrays.attributes_of_file)
    return arrays


def without_missing(values: np.ndarray, role: str, context: Context) -> np.ndarray:
    """NaN for the words that tables use for a missing number; a critical height of 99 km is a height.

    Parameters
    ----------
    values
        MHz or km, dims (time,).

    Returns
    -------
    ndarray
        dims (time,).
    """
    option = context.option("missing")
    given = None if option is None else np.atleast_1d(option).astype(float)
    return scaled(values, None, role, given).values
