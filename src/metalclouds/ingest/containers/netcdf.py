"""netCDF-3, netCDF-4 and HDF5 as named arrays.

netCDF4 reads the first two, packing and fill values included; h5py reads HDF5 that netCDF4 refuses and MATLAB's
version 7.3, which is HDF5 with the axes in reverse order.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import netCDF4
import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.source import Member
from metalclouds.parallel import NETCDF


def load_netcdf(member: Member, only: frozenset[str] | None = None) -> Arrays:
    """All variables of a netCDF file, or those named in `only`; fill values of floats become NaN.

    Raises
    ------
    ReadError
        If the file is damaged.
    """
    data = member.data()
    try:
        with NETCDF, netCDF4.Dataset("in_memory.nc", memory=data) as dataset:
            # Tables with fields of text, such as Madrigal's, crash the netCDF library.
            if any(group.cmptypes for group in _groups(dataset)):
                return load_hdf5(member)
            return _variables(dataset, only)
    except (OSError, RuntimeError, ValueError, IndexError, AttributeError, UnicodeError, MemoryError) as error:
        if data[:4] == b"\x89HDF":
            return load_hdf5(member)
        raise ReadError("not a readable netCDF file", file=member.full_name, given=str(error)) from error


def _variables(dataset: netCDF4.Dataset, only: frozenset[str] | None) -> Arrays:
    out = Arrays("netcdf", {}, attributes_of_file={key: dataset.getncattr(key) for key in dataset.ncattrs()})
    for group in _groups(dataset):
        for name, variable in group.variables.items():
            if only is None or name in only:
                _keep_variable(name, variable, out)
    return out


def _groups(group: netCDF4.Dataset) -> Iterator[netCDF4.Dataset]:
    yield group
    for inner in group.groups.values():
        yield from _groups(inner)


def _keep_variable(name: str, variable: netCDF4.Variable, out: Arrays) -> None:
    out.values[name] = _values(variable)
    out.dims[name] = tuple(variable.dimensions)
    out.attributes[name] = {key: _plain(variable.getncattr(key)) for key in variable.ncattrs()}


def _values(variable: netCDF4.Variable) -> np.ndarray:
    if variable.dtype is str or variable.dtype.kind in "SUV":
        return np.asarray(variable[...])
    filled = any(key in variable.ncattrs() for key in ("_FillValue", "missing_value", "scale_factor", "add_offset"))
    variable.set_auto_maskandscale(filled)
    value = variable[...]
    if isinstance(value, np.ma.MaskedArray):
        if not np.ma.is_masked(value):
            return np.asarray(value.data)
        return np.ma.filled(value.astype(float), np.nan)
    return np.asarray(value)


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
        with h5py.File(io.BytesIO(member.data()), "r") as file:
            _walk(file, "", out, reverse_axes)
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
        raise ReadError("not a readable HDF5 file", file=member.full_name, given=str(error)) from error
    return out


def _walk(group: Any, prefix: str, out: Arrays, reverse_axes: bool) -> None:
    import h5py

    for key in group:
        if key.startswith("#"):
            continue
        item = group.get(key)
        if isinstance(item, h5py.Group):
            _walk(item, f"{prefix}{key}.", out, reverse_axes)
        elif isinstance(item, h5py.Dataset):
            _keep(item, f"{prefix}{key}", out, reverse_axes)


def _keep(dataset: Any, name: str, out: Arrays, reverse_axes: bool) -> None:
    value = np.asarray(dataset[()])
    if value.dtype.names:
        out.values.update({f"{name}.{field}": value[field] for field in value.dtype.names})
        return
    if _plain(dataset.attrs.get("MATLAB_class", "")) == "char":
        value = np.array("".join(chr(code) for code in value.astype(int).ravel(order="F")))
    elif value.dtype.kind == "O":
        return
    elif reverse_axes:
        value = value.T
    out.values[name] = np.squeeze(value) if value.ndim > 1 and 1 in value.shape else value
    out.attributes[name] = {k: _plain(v) for k, v in dataset.attrs.items() if isinstance(v, str | bytes | np.number)}
