"""Read and write the project's files: whole or not at all, and the same bytes for the same content."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import __version__
from metalclouds.errors import ContractError, ReadError
from metalclouds.files import REMEDY, read_json, reading, replacing, sha256, write_json
from metalclouds.heaps import check_file
from metalclouds.parallel import NETCDF
from metalclouds.physics.density import number_density
from metalclouds.schema.discovery import discovery
from metalclouds.schema.variables import VARIABLES, named_by_contract, named_by_species

__all__ = [
    "number_density",
    "open_netcdf",
    "provenance",
    "read_csv",
    "read_json",
    "read_netcdf",
    "replacing",
    "sha256",
    "with_attributes",
    "write_csv",
    "write_json",
    "write_netcdf",
]

# On a night of counts, level 2 takes 0.7 of the time of level 4 and 1.03 of its room (docs/decisions/ingest.md).
COMPRESSION = {"zlib": True, "complevel": 2, "shuffle": True}


def write_csv(path: str | Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, 10 significant digits, times as ISO UTC with a Z, missing as empty, atomically.

    Parameters
    ----------
    table
        a row an entry; times naive UTC.
    """
    out = table.copy()
    for name in out.columns:
        if pd.api.types.is_datetime64_any_dtype(out[name]):
            out[name] = out[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    with replacing(path) as temporary:
        out.to_csv(temporary, index=False, float_format="%.10g", lineterminator="\n")


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read a table that `write_csv` wrote; `*_utc` and `time*` columns become naive UTC datetime64.

    Column `night` stays a string YYYY-MM-DD.

    Returns
    -------
    DataFrame
        a row an entry; times naive UTC, empty cells NaN or NaT.

    Raises
    ------
    ReadError
        If the file is not such a table.
    """
    with reading(path, "table") as file:
        table = pd.read_csv(file, dtype={"night": str})
        for name in table.columns:
            if name.endswith("_utc") or name in ("time", "time_bottom", "time_middle", "time_top"):
                table[name] = pd.to_datetime(table[name], utc=True, format="ISO8601").dt.tz_localize(None)
    return table


REFERENCES = "https://doi.org/10.5194/egusphere-2026-2356"
# Of data from another station: the paper is about the method, not about them.
METHOD_ONLY = f"method: {REFERENCES}; the data are not those of the paper"


def provenance(*, title: str, source: str, synthetic: bool, inputs: dict[str, str], **more: Any) -> dict:
    """Global attributes of every netCDF product (CF-1.11, ACDD-1.3), without time, host or path.

    Parameters
    ----------
    inputs
        name of each input (no folder) -> its sha256.
    """
    return {
        "Conventions": "CF-1.11, ACDD-1.3",
        "title": title,
        "source": source,
        "synthetic": "true" if synthetic else "false",
        "history": f"written by metalclouds {__version__}",
        "references": REFERENCES,
        "input_sha256": json.dumps(inputs, sort_keys=True),
        **more,
    }


def with_attributes(dataset: xr.Dataset) -> xr.Dataset:
    """Give each variable that stands in the table of variables its units, names and valid range.

    Parameters
    ----------
    dataset
        of any dims; attributes that it has already stay.

    Returns
    -------
    Dataset
        a shallow copy.
    """
    out = dataset.copy()
    for name, variable in out.variables.items():
        if name in VARIABLES:
            variable.attrs = {**VARIABLES[str(name)].attributes(variable.dtype), **variable.attrs}
    return out


def write_netcdf(path: str | Path, dataset: xr.Dataset) -> None:
    """Write a product as netCDF-4: zlib, attributes from the table of variables, times as seconds, atomically.

    The density of a lidar gets the name of its species (attribute `species`); `read_netcdf` takes it back.

    Parameters
    ----------
    dataset
        a product with the attributes of `provenance`, times naive UTC.

    Raises
    ------
    ContractError
        If a provenance attribute is missing.
    """
    missing = {"Conventions", "title", "source", "synthetic", "input_sha256"} - dataset.attrs.keys()
    if missing:
        raise ContractError("attributes missing", file=path, given=sorted(missing), remedy="use provenance()")
    out = named_by_species(with_attributes(dataset))
    out.attrs = {**discovery(out), **out.attrs}
    encoding: dict[str, dict] = {}
    for name, variable in out.variables.items():
        entry: dict[str, Any] = {"_FillValue": None}
        if np.issubdtype(variable.dtype, np.datetime64):
            entry.update(units="seconds since 1970-01-01 00:00:00", calendar="standard", dtype="float64")
        elif np.issubdtype(variable.dtype, np.floating) and name not in out.coords:
            entry["_FillValue"] = variable.dtype.type(np.nan)
        if variable.ndim and variable.dtype.kind in "iufM":
            entry.update(COMPRESSION)
        elif variable.ndim and variable.dtype.kind == "U":
            # Characters of fixed width are compressed; strings of any length are not, and take twenty times the room.
            entry.update(dtype="S1", zlib=True, complevel=4)
        encoding[str(name)] = entry
    with replacing(path) as temporary, NETCDF:
        out.to_netcdf(temporary, engine="netcdf4", format="NETCDF4", encoding=encoding)


@contextlib.contextmanager
def open_netcdf(path: str | Path, leave_out: Sequence[str] = ()) -> Iterator[xr.Dataset]:
    """A product, open for reading, the density under the contract's name: variables are read when they are used.

    Parameters
    ----------
    leave_out
        names of variables that are not decoded.

    Yields
    ------
    Dataset
        the product, closed when the block ends.

    Raises
    ------
    ReadError
        If the file is not a readable netCDF file.
    """
    with NETCDF:
        with reading(path, "netCDF file") as file:
            check_file(file)
            dataset = xr.open_dataset(file, engine="netcdf4", decode_timedelta=False, drop_variables=list(leave_out))
        try:
            with dataset:
                yield named_by_contract(dataset)
        except (OSError, RuntimeError) as error:
            raise ReadError("the netCDF file is damaged", file=path, given=str(error), remedy=REMEDY) from error


def read_netcdf(path: str | Path, leave_out: Sequence[str] = ()) -> xr.Dataset:
    """Load a product into memory and close the file; the density of any species has the contract's name.

    Variables of `leave_out` are not read.

    Parameters
    ----------
    leave_out
        names of variables.

    Returns
    -------
    Dataset
        in memory, times naive UTC.

    Raises
    ------
    ReadError
        If the file is not a readable netCDF file.
    """
    with open_netcdf(path, leave_out) as dataset, reading(path, "netCDF file"):
        return named_by_contract(dataset.load())
