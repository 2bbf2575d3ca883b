"""Say what is inside a file: arrays, shapes, ranges, and what they look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from metalclouds.errors import MetalcloudsError
from metalclouds.ingest.containers import kind_of, load
from metalclouds.ingest.source import Member

_ARRAYS_IN_SUMMARY = 12


@dataclass(frozen=True)
class Description:
    """Format of a file, its arrays (name, shape, type, range, units), or why it cannot be opened."""

    kind: str
    arrays: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.problem:
            return f"{self.kind}; {self.problem}"
        parts = [
            f"{a['name']} {tuple(a['shape'])} {a['type']}{_range_text(a)}" for a in self.arrays[:_ARRAYS_IN_SUMMARY]
        ]
        more = len(self.arrays) - len(parts)
        return f"{self.kind}: " + "; ".join(parts) + (f"; and {more} more" if more > 0 else "")


def _range_text(array: dict[str, Any]) -> str:
    units = f" {array['units']}" if array["units"] else ""
    return f" from {array['low']:.6g} to {array['high']:.6g}{units}" if array["low"] is not None else units


_LONGEST_GIVEN = 120


def describe(member: Member) -> Description:
    """What is in a file; never raises for a damaged one."""
    try:
        kind = kind_of(member)
        arrays = load(member)
    except MetalcloudsError as error:
        return Description("unreadable" if "kind" not in locals() else kind, problem=_opening_text(member, error))
    return Description(
        arrays.kind, [_array(name, value, arrays.attribute(name, "units")) for name, value in arrays.values.items()]
    )


def _opening_text(member: Member, error: MetalcloudsError) -> str:
    try:
        opening = member.opening(120)
    except MetalcloudsError:
        return error.problem
    readable = bool(opening) and b"\0" not in opening
    problem = f"{error.problem} ({str(error.given)[:_LONGEST_GIVEN]})" if error.given else error.problem
    return f"{problem}; it begins {opening[:60]!r}" if readable else problem


def _array(name: str, value: np.ndarray, units: str) -> dict[str, Any]:
    low = high = None
    if value.dtype.kind in "iuf" and value.size and np.isfinite(value).any():
        low, high = float(np.nanmin(value)), float(np.nanmax(value))
    return {
        "name": name,
        "shape": list(value.shape),
        "type": str(value.dtype),
        "low": low,
        "high": high,
        "units": units,
        "missing": int(np.isnan(value).sum()) if value.dtype.kind == "f" else 0,
    }
