"""netCDF-3, netCDF-4 and HDF5 as named arrays.

netCDF4 reads the first two, packing and fill values included; h5py reads HDF5 that netCDF4 refuses and MATLAB's
version 7.3, which is HDF5 with the axes in reverse order.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import netCDF4
import numpy as np

from metalclouds.errors import ReadError
from metalclouds.heaps import check_heaps
from metalclouds.ingest import budget
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.source import Member
from metalclouds.parallel import NETCDF

# Attributes by which the stored numbers are not yet the values.
_DECODED = (
    "_FillValue",
    "missing_value",
    "scale_factor",
    "add_offset",
    "_Unsigned",
    "valid_range",
    "valid_min",
    "valid_max",
)
_UNWRITTEN = 9.9e36

# Real files have groups three deep; a link of a group to itself has no end.
_DEEPEST = 12

# The bytes of the file that was read last, and its global attributes.
_opened_last: list[Any] = [None, {}]

_SUFFIXES = (".nc", ".nc4", ".cdf", ".h5", ".hdf5")


def load_netcdf(member: Member, only: frozenset[str] | None = None) -> Arrays:
    """All variables of a netCDF file, or those named in `only`; fill values of floats become NaN.

    Raises
    ------
    ReadError
        If the file is damaged.
    """
    data = member.data()
    check_heaps(data, member.full_name)
    _check_groups(data, member.full_name)
    try:
        with NETCDF, budget.memory(len(data)), netCDF4.Dataset("in_memory.nc", memory=data) as dataset:
            # Tables with fields of text, such as Madrigal's, crash the netCDF library.
            if any(group.cmptypes for group in _groups(dataset)):
                return load_hdf5(member)
            arrays = _variables(dataset, only, _Claims(len(data), member.full_name))
            _opened_last[:] = [data, arrays.attributes_of_file]
            return arrays
    except (OSError, RuntimeError, ValueError, IndexError, AttributeError, UnicodeError, MemoryError) as error:
        if data[:4] == b"\x89HDF":
            return load_hdf5(member)
        raise ReadError("not a readable netCDF file", file=member.full_name, given=str(error)) from error


@dataclass
class _Claims:
    """What the arrays of a file claim to hold together, bytes; a file of `size` bytes may hold only so much."""

    size: int
    file: str
    claimed: float = 0.0

    def add(self, shape: Sequence[int], itemsize: int) -> None:
        """One array more.

        Raises
        ------
        ReadError
            If it is too much.
        """
        self.claimed = budget.check_shape(shape, itemsize, self.size, self.file, self.claimed)


def _variables(dataset: netCDF4.Dataset, only: frozenset[str] | None, claims: _Claims) -> Arrays:
    """Variables of all groups, those of an inner group by its path: `Ca_ion.density`."""
    out = Arrays("netcdf", {}, attributes_of_file={key: dataset.getncattr(key) for key in dataset.ncattrs()})
    for group in _groups(dataset):
        prefix = group.path.strip("/").replace("/", ".")
        for name, variable in group.variables.items():
            if only is None or name in only:
                claims.add(variable.shape, getattr(variable.dtype, "itemsize", 8))
                _keep_variable(f"{prefix}.{name}" if prefix else name, variable, out)
    if out.unread and not out.values:
        raise ValueError("; ".join(f"{name}: {why}" for name, why in out.unread.items()))
    return out


def _check_groups(data: bytes, file: str) -> None:
    """Stop at an HDF5 file with a group inside itself: the netCDF library follows it until the process crashes.

    Raises
    ------
    ReadError
        Naming the group.
    """
    import h5py

    if data[:4] != b"\x89HDF":
        return
    # A file that h5py cannot open is for the netCDF library to refuse.
    with contextlib.suppress(OSError, RuntimeError, ValueError, KeyError), h5py.File(io.BytesIO(data), "r") as opened:
        _descend(opened["/"], (), set(), file)


def _descend(group: Any, above: tuple[int, ...], seen: set[int], file: str) -> None:
    import h5py

    address = h5py.h5o.get_info(group.id).addr
    if address in above or len(above) > _DEEPEST:
        raise ReadError("groups inside groups without end", file=file, where=group.name[:80])
    if address in seen:
        return
    seen.add(address)
    for name in group.id:
        # Soft and external links are not followed; the netCDF library does not either.
        hard = group.id.links.get_info(name).type == h5py.h5l.TYPE_HARD
        if hard and h5py.h5o.get_info(group.id, name).type == h5py.h5o.TYPE_GROUP:
            _descend(group[name], (*above, address), seen, file)


def _groups(group: netCDF4.Dataset) -> Iterator[netCDF4.Dataset]:
    yield group
    for inner in group.groups.values():
        yield from _groups(inner)


def _keep_variable(name: str, variable: netCDF4.Variable, out: Arrays) -> None:
    """Put a variable among the arrays; one that cannot be read does not lose the others."""
    try:
        out.values[name] = _values(variable)
    except (OSError, RuntimeError, ValueError, TypeError, IndexError, UnicodeError, OverflowError) as error:
        out.unread[name] = str(error)
        return
    out.dims[name] = tuple(variable.dimensions)
    out.attributes[name] = {key: _plain(variable.getncattr(key)) for key in variable.ncattrs()}


def _values(variable: netCDF4.Variable) -> np.ndarray:
    """Values as the library decodes them, NaN where they are filled, missing or outside the valid range."""
    if variable.dtype is str:
        return np.asarray(variable[...]).astype(str)
    if variable.dtype.kind in "SUV":
        return _text(np.asarray(variable[...]))
    variable.set_auto_maskandscale(any(key in variable.ncattrs() for key in _DECODED))
    value = variable[...]
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        return np.ma.filled(value.astype(float), np.nan)
    value = np.asarray(value.data if isinstance(value, np.ma.MaskedArray) else value)
    # Cells that nobody wrote hold the library's own fill value.
    if value.dtype.kind == "f" and (value > _UNWRITTEN).any():
        return np.where(value > _UNWRITTEN, np.nan, value)
    return value


def _text(values: np.ndarray) -> np.ndarray:
    """Rows of single characters as words."""
    if values.dtype.kind != "S" or values.dtype.itemsize > 1 or values.ndim < 1:
        return values
    return np.array(netCDF4.chartostring(values)).astype(str)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def load_hdf5(member: Member, reverse_axes: bool = False) -> Arrays:
    """All datasets of an HDF5 file; `reverse_axes` for files that MATLAB wrote.

    Fields of a compound dataset (Madrigal's `Data`) become arrays of their own.

    Raises
    ------
    ReadError
        If the file is damaged.
    """
    import h5py

    out = Arrays("matlab 7.3" if reverse_axes else "hdf5", {})
    try:
        data = member.data()
        check_heaps(data, member.full_name)
        with budget.memory(len(data)), h5py.File(io.BytesIO(data), "r") as file:
            _walk(file, "", out, reverse_axes, _Claims(len(data), member.full_name))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise ReadError("not a readable HDF5 file", file=member.full_name, given=str(error)) from error
    return out


def _walk(group: Any, prefix: str, out: Arrays, reverse_axes: bool, claims: _Claims) -> None:
    import h5py

    if prefix.count(".") > _DEEPEST:
        raise ReadError("groups inside groups without end", file=claims.file, where=prefix[:80])
    for key in group:
        if key.startswith("#"):
            continue
        item = group.get(key)
        if isinstance(item, h5py.Group):
            _walk(item, f"{prefix}{key}.", out, reverse_axes, claims)
        elif isinstance(item, h5py.Dataset):
            claims.add(item.shape or (), item.dtype.itemsize)
            _keep(item, f"{prefix}{key}", out, reverse_axes)


def _characters(codes: np.ndarray) -> np.ndarray:
    """A text, or the rows of a matrix of characters, that MATLAB stores as numbers with its axes reversed."""
    rows = [""] if codes.ndim < 2 else ["".join(chr(c) for c in row) for row in codes.astype(int).T]
    return np.array(rows[0] if len(rows) == 1 else rows)


def _words(value: np.ndarray, dataset: Any) -> np.ndarray | None:
    """Text of variable length, or MATLAB's cells of text; None for other objects."""
    flat = value.ravel()
    if all(isinstance(item, str | bytes) for item in flat):
        return np.array([_plain(item) for item in flat]).reshape(value.shape)
    if _plain(dataset.attrs.get("MATLAB_class", "")) == "cell":
        inner = [dataset.file[item] for item in flat]
        if all(_plain(item.attrs.get("MATLAB_class", "")) == "char" for item in inner):
            return np.array(["".join(chr(c) for c in np.asarray(item).ravel(order="F")) for item in inner])
    return None


def _keep(dataset: Any, name: str, out: Arrays, reverse_axes: bool) -> None:
    value = np.asarray(dataset[()])
    if value.dtype.names:
        out.values.update({f"{name}.{field}": value[field] for field in value.dtype.names})
        return
    if "MATLAB_object_decode" in dataset.attrs:
        # Numbers that point into a hidden part of the file.
        kind = _plain(dataset.attrs.get("MATLAB_class", "")) or "object"
        out.unread[name] = f"a MATLAB {kind}: write datenum(time) or cellstr(text) instead"
        return
    if _plain(dataset.attrs.get("MATLAB_class", "")) == "char":
        value = _characters(value)
    elif value.dtype.kind == "O":
        words = _words(value, dataset)
        if words is None:
            out.unread[name] = "cells or objects"
            return
        value = words
    elif reverse_axes:
        value = value.T
    out.values[name] = np.squeeze(value) if value.ndim > 1 and 1 in value.shape else value
    out.attributes[name] = {k: _plain(v) for k, v in dataset.attrs.items() if isinstance(v, str | bytes | np.number)}


def says_synthetic(member: Member) -> bool:
    """Whether a netCDF file says of itself that it is simulated: attribute `synthetic`; False for other files."""
    if not member.name.lower().endswith(_SUFFIXES):
        return False
    data = member.data()
    # The name of an attribute stands in a file as it is: most files need not be opened once more.
    if b"synthetic" not in data:
        return False
    try:
        last, attributes = _opened_last
        # The bytes themselves, not equal ones: a reader has just opened this very file.
        said = str(attributes.get("synthetic", "")) if data is last else _said_synthetic(data, member.full_name)
    except (OSError, RuntimeError, ReadError):
        return False
    return said.lower() in ("true", "1", "yes")


def _said_synthetic(data: bytes, file: str) -> str:
    check_heaps(data, file)
    with netCDF4.Dataset("in memory", memory=data) as dataset:
        return str(dataset.getncattr("synthetic")) if "synthetic" in dataset.ncattrs() else ""
