"""Files that hold columns or a matrix, written with other people's libraries or by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np
import openpyxl
import scipy.io

Columns = dict[str, list[Any]]


@dataclass(frozen=True)
class Page:
    """How a text table is laid out."""

    separator: str = ","
    comma: bool = False
    encoding: str = "utf-8"
    title: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    comment: str = ""
    footer: str = ""
    ending: str = "\n"


def draw_page(rng: np.random.Generator, columns: Columns, spaced: bool) -> Page:
    """A layout that the columns allow; white space only where no cell has any (`spaced`)."""
    separators = [",", ",", ";", "\t", *([" "] if not spaced else [])]
    separator = str(rng.choice(separators))
    names = " ".join(columns)
    titles = [
        (),
        (),
        ("# Yanqing station",),
        ("% data of 2021", "% please cite"),
        ("Observations of the station",),
        ("",),
    ]
    return Page(
        separator=separator,
        comma=separator in (";", "\t") and rng.random() < 0.3,
        encoding=str(rng.choice(["utf-8", "utf-8-sig", "gbk"] if not names.isascii() else ["utf-8", "utf-8-sig"])),
        title=titles[rng.integers(len(titles))],
        comment=str(rng.choice(["", "", "# gap of the instrument"])),
        footer=str(rng.choice(["", "", "", "# end"])),
        ending=str(rng.choice(["\n", "\r\n"])),
    )


def text(path: Path, columns: Columns, page: Page) -> None:
    """A table as text."""
    rows = [list(columns)] + ([list(page.units)] if page.units else [])
    body = [[_cell(value, page) for value in row] for row in zip(*columns.values(), strict=True)]
    lines = [*page.title, *(page.separator.join(row) for row in rows)]
    written = [page.separator.join(row) for row in body]
    if page.comment:
        written.insert(len(written) // 2, page.comment)
    lines += [*written, *([page.footer] if page.footer else [])]
    path.write_bytes((page.ending.join(lines) + page.ending).encode(page.encoding))


def _cell(value: Any, page: Page) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, float):
        shown = f"{value:.10g}" if abs(value) < 3e4 else f"{value:.6e}" if abs(value) >= 1e15 else repr(value)
        return shown.replace(".", ",") if page.comma else shown
    return str(value)


def xlsx(
    path: Path, columns: Columns, title: tuple[str, ...] = (), units: tuple[str, ...] = (), epoch_1904: bool = False
) -> None:
    """A table as a workbook; missing words stay text, NaN and blanks are empty cells."""
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    for line in title:
        sheet.append([line])
    sheet.append(list(columns))
    if units:
        sheet.append(list(units))
    for row in zip(*columns.values(), strict=True):
        sheet.append(
            [None if isinstance(v, float) and np.isnan(v) else (v.item() if hasattr(v, "item") else v) for v in row]
        )
    book.save(path)


def mat(path: Path, arrays: dict[str, Any], nested: str = "") -> None:
    """MAT v5: vectors, matrices, char matrices and cells of text."""
    content = {name: _matlab(value) for name, value in arrays.items()}
    scipy.io.savemat(path, {nested: content} if nested else content)


def _matlab(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], str):
        return np.array(value, dtype=object)
    return np.asarray(value)


def hdf5(path: Path, arrays: dict[str, Any], attributes: dict[str, dict[str, str]]) -> None:
    """HDF5 with attributes."""
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            content = [v.encode() for v in value] if isinstance(value, list) and isinstance(value[0], str) else value
            file[name] = np.asarray(content)
            file[name].attrs.update(attributes.get(name, {}))


@dataclass(frozen=True)
class NcVariable:
    """A netCDF variable."""

    dims: tuple[str, ...]
    values: np.ndarray
    attributes: dict[str, Any]
    fill: float | None = None


def netcdf(path: Path, variables: dict[str, NcVariable], title: dict[str, str]) -> None:
    """NetCDF as its library writes it, the values as they are."""
    with netCDF4.Dataset(path, "w") as file:
        file.setncatts(title)
        for variable in variables.values():
            for dim, size in zip(variable.dims, variable.values.shape, strict=True):
                if dim not in file.dimensions:
                    file.createDimension(dim, size)
        for name, variable in variables.items():
            kind = str if variable.values.dtype.kind in "UO" else variable.values.dtype
            made = file.createVariable(name, kind, variable.dims, fill_value=variable.fill)
            made.set_auto_maskandscale(False)
            made.setncatts(variable.attributes)
            made[:] = variable.values
