"""MATLAB files as named arrays: version 5 through scipy.io, version 7.3 through h5py."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest import budget
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.netcdf import load_hdf5
from metalclouds.ingest.source import Member


def load_mat(member: Member) -> Arrays:
    """All variables of a MATLAB file; fields of structures get dotted names; axes in MATLAB's own order.

    Raises
    ------
    ReadError
        If the file is damaged.
    """
    data = member.data()
    if data[:10] == b"MATLAB 7.3" or data[512:516] == b"\x89HDF":
        return load_hdf5(member, reverse_axes=True)
    import scipy.io

    damage = (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OSError,
        EOFError,
        NotImplementedError,
        OverflowError,
        MemoryError,
        AttributeError,
        UnicodeError,
        zlib.error,
        struct.error,
        ZeroDivisionError,
        scipy.io.matlab.MatReadError,
        AssertionError,
    )
    try:
        with budget.memory(len(data)):
            content = scipy.io.loadmat(io.BytesIO(data), simplify_cells=True)
    except damage as error:
        raise ReadError("not a readable MATLAB file", file=member.full_name, given=repr(error)) from error
    out = Arrays("matlab 5", {})
    for name, value in content.items():
        if not name.startswith("__"):
            _keep(name, value, out)
        elif isinstance(value, np.ndarray) or name == "__function_workspace__":
            out.unread.setdefault(
                "(unnamed)", "a MATLAB object (datetime, table or string): write datenum(time) instead"
            )
    return out


def _keep(name: str, value: Any, out: Arrays) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _keep(f"{name}.{key}", inner, out)
        return
    if _is_array_of_structures(value):
        _keep_elements(name, value, out)
        return
    try:
        array = np.asarray(value)
    except ValueError:
        out.unread[name] = "cells of several shapes"
        return
    if array.dtype.kind == "O":
        if not all(isinstance(item, str) for item in array.ravel()):
            out.unread[name] = _object(array)
            return
        array = array.astype(str)
    if array.dtype.names is not None:
        out.unread[name] = _object(array)
    elif array.dtype.kind in "iufSUb":
        out.values[name] = array


def _is_array_of_structures(value: Any) -> bool:
    """Whether a value is a list of structures of the same fields."""
    if not isinstance(value, list | np.ndarray) or (isinstance(value, np.ndarray) and value.dtype.kind != "O"):
        return False
    elements = list(value.ravel()) if isinstance(value, np.ndarray) else value
    return bool(elements) and all(isinstance(one, dict) and one.keys() == elements[0].keys() for one in elements)


def _keep_elements(name: str, value: Any, out: Arrays) -> None:
    """The elements of an array of structures, `TEC(1)`, `TEC(2)`, each a part of its own as well."""
    for number, fields in enumerate(np.asarray(value, object).ravel(), start=1):
        part = Arrays(out.kind, {})
        for key, inner in fields.items():
            _keep(str(key), inner, part)
        title = f"{name}({number})"
        out.parts[title] = part
        out.values |= {f"{title}.{key}": inner for key, inner in part.values.items()}
        out.unread |= {f"{title}.{key}": why for key, why in part.unread.items()}


def _object(array: np.ndarray) -> str:
    """What an array of objects is, and how to write it so that others can read it."""
    names = array.dtype.names or ()
    if "s0" in names or "arr" in names or "MCOS" in repr(array)[:2000]:
        return "a MATLAB object (datetime, table or string): write datenum(time) or cellstr(text) instead"
    return "cells or structures of several kinds"
