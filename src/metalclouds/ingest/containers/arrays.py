"""Named arrays as a file holds them, before anybody says what they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


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
        """Arrays of numbers, without scalars."""
        return {name: value for name, value in self.values.items() if value.dtype.kind in "iuf" and value.size > 1}

    def with_units_beside(self) -> Arrays:
        """The units that stand as text in arrays of their own, `foEs_units` beside `foEs`, as attributes."""
        for name in list(self.values):
            owner = name.removesuffix("_units").removesuffix("_unit")
            if owner != name and owner in self.values and self.values[name].size == 1:
                self.attributes.setdefault(owner, {}).setdefault("units", str(self.values.pop(name).ravel()[0]))
        return self
