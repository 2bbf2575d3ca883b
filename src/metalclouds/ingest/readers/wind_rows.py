"""Winds of several emissions or altitudes in one file, as rows of one wind each: matrices, and columns by number."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.time import time_name
from metalclouds.ingest.readers.columns import bare, unit_of

Find = Callable[[Arrays], Mapping[str, str]]
_NUMBER = re.compile(r"(?:(?:oi|oh|line|wl)_?)?(?<!\d)(\d{2,4})(?:[._](\d)(?!\d))?(?:_?(?:nm|km|a))?(?![a-z0-9])")
_LINES_NM = {"557": 557.7, "558": 557.7, "630": 630.0, "892": 892.0}
_ALTITUDES_KM = (50.0, 500.0)
_COLOURS = ((r"red|红", 630.0), (r"green|绿", 557.7))


# No airglow line that is used has a longer wavelength.
_LONGEST_NM = 2000.0


def numbers_in_words(values: np.ndarray) -> np.ndarray:
    """Wavelengths, also those behind the name of what shines, `OI630.0`, or by their colour: `red line`.

    Parameters
    ----------
    values
        numbers or text, of any dims.

    Returns
    -------
    ndarray
        flat; NaN for a text that names none.
    """
    if values.dtype.kind in "iuf":
        numbers = values.astype(float).ravel()
        return np.where(numbers > _LONGEST_NM, numbers / 10.0, numbers)
    return np.array([_number_in_words(text) for text in values.astype(str).ravel()])


def _number_in_words(text: str) -> float:
    match = re.search(r"\d{3,4}(?:\.\d+)?", text)
    if match:
        number = float(match.group())
        # 6300 is in angstrom, as in OI6300.
        return number / 10.0 if number > _LONGEST_NM else number
    return next((line for word, line in _COLOURS if re.search(word, text, re.IGNORECASE)), np.nan)


def as_rows(arrays: Arrays, roles: Find, context: Context) -> Arrays:
    """Winds of (time, line), (time, altitude) or `u_557, u_630` as rows of one wind each; other content unchanged.

    Parameters
    ----------
    roles
        gives role -> name of the arrays of a file: eastward_wind, northward_wind, wavelength, altitude.

    Raises
    ------
    UndecidedError
        If nothing says what the second axis of the winds counts.
    """
    return _of_matrices(_of_numbers(arrays, roles, context), roles, context)


def _of_matrices(arrays: Arrays, roles: Find, context: Context) -> Arrays:
    found = roles(arrays)
    wind = arrays.values.get(found.get("eastward_wind", ""))
    if wind is None or wind.ndim != 2 or min(wind.shape) < 2 or time_name(arrays, wind.size) is not None:
        return arrays
    axis, name = _other_axis(arrays, wind, found, context)
    count = wind.shape[axis]
    values: dict[str, np.ndarray] = {}
    for key, value in arrays.values.items():
        if value.shape == wind.shape:
            values[key] = (value.T if axis == 0 else value).ravel()
        elif value.ndim == 1 and value.size == wind.shape[1 - axis] and key != name:
            values[key] = np.repeat(value, count)
        elif value.ndim == 1 and value.size == count:
            values[key] = np.tile(value, wind.shape[1 - axis])
        else:
            values[key] = value
    context.decisions.record("rows", f"{wind.shape[1 - axis]} times x {count} of {name}", "lengths of the axes")
    return replace(arrays, values=values, dims={})


def _other_axis(arrays: Arrays, wind: np.ndarray, found: Mapping[str, str], context: Context) -> tuple[int, str]:
    """Which axis of the winds counts emissions or altitudes, and the array that says which."""
    for role in ("wavelength", "altitude"):
        name = found.get(role, "")
        values = arrays.values.get(name)
        if values is None or values.ndim != 1 or values.size not in wind.shape:
            continue
        known = numbers_in_words(values)
        if np.isfinite(known).all() and np.unique(known).size == known.size:
            return _side(arrays, wind, values.size, (found["eastward_wind"], name), context), name
    raise context.undecided(
        "what does the second axis of the winds count?",
        seen=", ".join(f"{key} {value.shape}" for key, value in arrays.values.items()),
        lines=("variables: {wavelength: NAME OF THE ARRAY}", "variables: {altitude: NAME OF THE ARRAY}"),
        where=found["eastward_wind"],
    )


def _side(arrays: Arrays, wind: np.ndarray, size: int, names: tuple[str, str], context: Context) -> int:
    """The axis of a size; of a square matrix by the names of the dimensions, else the catalogue's `orientation`."""
    if wind.shape[0] != wind.shape[1]:
        return wind.shape.index(size)
    dims, own = (arrays.dims.get(name, ()) for name in names)
    if len(dims) == 2 and len(own) == 1 and own[0] in dims and dims[0] != dims[1]:
        return dims.index(own[0])
    orientation = context.option("orientation", ("time_altitude", "altitude_time"))
    if orientation is None:
        raise context.undecided(
            "do the rows of the winds count times?",
            seen=f"{names[0]} {wind.shape}, {names[1]} ({size},)",
            lines=("orientation: time_altitude", "orientation: altitude_time"),
        )
    return 1 if orientation == "time_altitude" else 0


def _of_numbers(arrays: Arrays, roles: Find, context: Context) -> Arrays:
    """Columns with a wavelength or an altitude in their names, as rows with a column for it."""
    groups: dict[str, dict[str, str]] = {}
    for name in arrays.values:
        match = _NUMBER.search(bare(name))
        if match:
            stem = re.sub(r"_+", "_", _NUMBER.sub("", bare(name), count=1)).strip("_")
            groups.setdefault(match[1], {})[stem or name] = name
    common = {name for name in arrays.values if not any(name in group.values() for group in groups.values())}
    tables = {
        number: table
        for number, group in groups.items()
        if {"eastward_wind", "northward_wind"} <= roles(table := _table(arrays, group, common)).keys()
        and "wavelength" not in roles(table)
    }
    if len(tables) < 2:
        return arrays
    context.decisions.record("rows", ", ".join(tables), "numbers in the names of the columns")
    return _stacked(tables, context)


def _table(arrays: Arrays, group: Mapping[str, str], common: set[str]) -> Arrays:
    names = {**{name: name for name in arrays.values if name in common}, **group}
    attributes = {label: dict(arrays.attributes.get(name, {})) for label, name in names.items()}
    for label, name in group.items():
        if unit := unit_of(arrays, name):
            attributes[label]["units"] = unit
    return replace(
        arrays,
        values={label: arrays.values[name] for label, name in names.items()},
        cells={label: arrays.cells[name] for label, name in names.items() if name in arrays.cells},
        attributes=attributes,
        dims={},
    )


def _stacked(tables: Mapping[str, Arrays], context: Context) -> Arrays:
    first = next(iter(tables.values()))
    labels = [label for label in first.values if all(label in table.values for table in tables.values())]
    for label in labels:
        stated = {str(table.attributes[label].get("units", "")) for table in tables.values()}
        if len(stated) > 1:
            raise ReadError("columns of one quantity are in two units", file=context.file, where=label, given=stated)
    length = max(value.size for value in first.values.values())
    values = {label: np.concatenate([table.values[label].ravel() for table in tables.values()]) for label in labels}
    cells = {label: np.concatenate([table.cells[label] for table in tables.values()])
             for label in labels if all(label in table.cells for table in tables.values())}  # fmt: skip
    meanings = [_meaning(number, context) for number in tables]
    if len({role for role, _ in meanings}) > 1:
        raise _unknown_numbers(tables, context)
    values[meanings[0][0]] = np.repeat([value for _, value in meanings], length)
    return replace(first, values=values, cells=cells)


def _meaning(number: str, context: Context) -> tuple[str, float]:
    """The emission in nm or the altitude in km that a number in a name stands for."""
    if number[:3] in _LINES_NM:
        return "wavelength", _LINES_NM[number[:3]]
    if _ALTITUDES_KM[0] <= float(number) <= _ALTITUDES_KM[1]:
        return "altitude", float(number)
    raise _unknown_numbers({number: None}, context)


def _unknown_numbers(numbers: Mapping[str, object], context: Context) -> Exception:
    return context.undecided(
        "what do the numbers in the names of the winds count?",
        seen=", ".join(numbers),
        lines=("variables: {eastward_wind: NAME, northward_wind: NAME}",),
    )
