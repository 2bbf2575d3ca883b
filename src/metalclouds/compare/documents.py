"""Compare netCDF files, JSON files, pictures and anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from PIL import Image

from metalclouds import io
from metalclouds.compare.model import Difference, Numbers, Tolerances
from metalclouds.compare.numbers import beyond, compare_arrays, text


def compare_netcdf(name: str, a: Path, b: Path, tolerances: Tolerances) -> list[Difference]:
    """Dims, variables, types, attributes and values of two netCDF files."""
    with (
        xr.open_dataset(a, engine="netcdf4", decode_cf=False) as first,
        xr.open_dataset(b, engine="netcdf4", decode_cf=False) as second,
    ):
        found = _attributes(name, "", first.attrs, second.attrs, tolerances)
        for variable in sorted(map(str, set(first.variables) | set(second.variables))):
            if variable not in first.variables or variable not in second.variables:
                run = "first" if variable in first.variables else "second"
                found.append(Difference(name, variable, f"variable in the {run} run only"))
                continue
            found += _variable(name, variable, first[variable], second[variable], tolerances)
        return found


def _variable(name: str, variable: str, a: xr.DataArray, b: xr.DataArray, tolerances: Tolerances) -> list[Difference]:
    if a.dims != b.dims or a.dtype != b.dtype:
        return [Difference(name, variable, "dims or type", f"{a.dims} {a.dtype}", f"{b.dims} {b.dtype}")]
    found = _attributes(name, variable, a.attrs, b.attrs, tolerances)
    return found + compare_arrays(name, variable, a.values, b.values, tolerances.of(name, variable))


def _attributes(name: str, where: str, a: dict, b: dict, tolerances: Tolerances) -> list[Difference]:
    found = []
    for key in sorted(set(a) | set(b)):
        left, right = a.get(key), b.get(key)
        numbers = all(np.issubdtype(np.asarray(one).dtype, np.floating) for one in (left, right))
        if not np.array_equal(np.asarray(left), np.asarray(right), equal_nan=numbers):
            why = tolerances.follows_from(key)
            place = f"{where} attribute {key}".strip()
            found.append(Difference(name, place, "attribute differs", str(left), str(right), bool(why), why))
    return found


def compare_json(name: str, a: Path, b: Path, tolerances: Tolerances) -> list[Difference]:
    """Two JSON files, entry by entry; a list of objects with an `id` is matched by it."""
    return _nodes(name, "", io.read_json(a), io.read_json(b), tolerances)


def _by_id(node: Any) -> Any:
    """A list of objects that carry an id as a mapping from it."""
    if isinstance(node, list) and node and all(isinstance(one, dict) and "id" in one for one in node):
        return {str(one["id"]): one for one in node}
    return node


def _nodes(name: str, where: str, a: Any, b: Any, tolerances: Tolerances) -> list[Difference]:
    a, b = _by_id(a), _by_id(b)
    if isinstance(a, dict) and isinstance(b, dict):
        found = []
        for key in [*a, *(key for key in b if key not in a)]:
            place = f"{where}.{key}".lstrip(".")
            if key not in a or key not in b:
                found.append(Difference(name, place, f"in the {'first' if key in a else 'second'} run only"))
            else:
                found += _nodes(name, place, a[key], b[key], tolerances)
        return found
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b, strict=True))
        return [one for i, (x, y) in pairs for one in _nodes(name, f"{where}[{i}]", x, y, tolerances)]
    return _leaf(name, where, a, b, tolerances)


def _leaf(name: str, where: str, a: Any, b: Any, tolerances: Tolerances) -> list[Difference]:
    if a == b and isinstance(a, bool) == isinstance(b, bool):
        return []
    key = where.rsplit(".", 1)[-1].split("[")[0]
    tolerance, why = Numbers(pattern=name, why=""), tolerances.follows_from(key)
    near = False
    if all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (a, b)):
        tolerance = tolerances.of(name, key)
        near = not beyond(np.array([a]), np.array([b]), tolerance).any()
    what = "verdict changed" if key == "verdict" else "value differs"
    return [Difference(name, where, what, text(a), text(b), near or bool(why), why or tolerance.why)]


def compare_pictures(name: str, a: Path, b: Path, tolerances: Tolerances) -> list[Difference]:
    """Two pictures by their pixels."""
    with Image.open(a) as first, Image.open(b) as second:
        left, right = (np.asarray(one.convert("RGBA"), dtype=np.int16) for one in (first, second))
    if left.shape != right.shape:
        return [Difference(name, "", "size in pixels", str(left.shape[:2]), str(right.shape[:2]))]
    distance = np.abs(left - right).max(axis=2)
    share = float((distance > tolerances.pictures.level).mean())
    if not distance.any():
        return []
    rows, columns = np.nonzero(distance)
    where = f"rows {rows.min()}-{rows.max()}, columns {columns.min()}-{columns.max()}"
    what = f"{share:.3%} of the pixels differ by more than {tolerances.pictures.level} of 255"
    return [Difference(name, where, what, "", "", share <= tolerances.pictures.share, tolerances.pictures.why)]


def compare_bytes(name: str, a: Path, b: Path) -> list[Difference]:
    """Anything else: the same bytes or not."""
    left, right = io.sha256(a), io.sha256(b)
    return [] if left == right else [Difference(name, "", "bytes differ", left, right)]
