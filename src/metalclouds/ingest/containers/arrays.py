"""Named arrays as a file holds them, before anybody says what they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_DATEVEC = 6
# Lowest and highest year, month, day, hour, minute and second.
_DATEVEC_SPAN = np.array([[1950.0, 1.0, 1.0, 0.0, 0.0, 0.0], [2100.0, 12.0, 31.0, 24.0, 59.0, 60.0]])


def _are_dates(rows: np.ndarray) -> bool:
    """Whether all rows can be dates and clocks, whole but for the seconds."""
    low, high = _DATEVEC_SPAN
    inside = np.isfinite(rows).all() and bool(((rows >= low) & (rows <= high)).all())
    return inside and bool((rows[:, :-1] == np.round(rows[:, :-1])).all())


def _as_times(rows: np.ndarray) -> np.ndarray:
    months = ((rows[:, 0] - 1970) * 12 + rows[:, 1] - 1).astype("int64").astype("datetime64[M]")
    seconds = ((rows[:, 2] - 1) * 24 + rows[:, 3]) * 3600 + rows[:, 4] * 60 + rows[:, 5]
    return months.astype("datetime64[ns]") + np.round(seconds * 1e3).astype("int64").astype("timedelta64[ms]")


@dataclass
class Arrays:
    """Content of a file.

    `values` by name in the order of the file; `attributes` and `dims` of each where the format has them;
    `attributes_of_file`; `kind` says which format it was. `unread` names what else is there, and why it was not read.
    `cells` are the cells as they stand of columns of numbers in which some cell is a word. `parts` are the elements
    of an array of structures, or the sheets of a workbook, where they are tables of one kind: each by itself, by its
    name.
    """

    kind: str
    values: dict[str, np.ndarray]
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)
    dims: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes_of_file: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    cells: dict[str, np.ndarray] = field(default_factory=dict)
    parts: dict[str, Arrays] = field(default_factory=dict)

    def attribute(self, name: str, key: str) -> str:
        """An attribute of an array as text, "" where there is none."""
        return str(self.attributes.get(name, {}).get(key, ""))

    def words(self, name: str) -> str:
        """Everything that the file says about an array in words, in lower case."""
        attributes = self.attributes.get(name, {})
        said = [name, *(str(value) for value in attributes.values() if isinstance(value, str))]
        return " ".join(said).lower()

    def numeric(self) -> dict[str, np.ndarray]:
        """Arrays of numbers, without scalars.

        Returns
        -------
        dict
            name -> array of any dims, as the file has it.
        """
        return {name: value for name, value in self.values.items() if value.dtype.kind in "iuf" and value.size > 1}

    def with_dates_of_six(self) -> Arrays:
        """Matrices of MATLAB's datevec (year, month, day, hour, minute, second) as times without a zone."""
        for name, value in list(self.values.items()):
            rows = value.T if value.ndim == 2 and value.shape[0] == _DATEVEC and value.shape[1] != _DATEVEC else value
            if rows.ndim == 2 and rows.shape[1] == _DATEVEC and rows.dtype.kind in "iuf" and _are_dates(rows):
                self.values[name] = _as_times(rows.astype(float))
                said = re.sub(r"_?(date)?_?vec(tor)?$", "", name.split(".")[-1], flags=re.IGNORECASE)
                self.attributes.setdefault(name, {}).setdefault("long_name", said)
                self.dims.pop(name, None)
        return self

    def with_units_beside(self) -> Arrays:
        """The units that stand as text in arrays of their own, `foEs_units` beside `foEs`, as attributes."""
        for name in list(self.values):
            owner = name.removesuffix("_units").removesuffix("_unit")
            if owner != name and owner in self.values and self.values[name].size == 1:
                self.attributes.setdefault(owner, {}).setdefault("units", str(self.values.pop(name).ravel()[0]))
        return self
