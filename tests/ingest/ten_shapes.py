"""Write the table of docs/readers.md: `python -m tests.ingest.ten_shapes` prints it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import xarray as xr

from metalclouds import io
from metalclouds.errors import MetalcloudsError, UndecidedError
from tests.ingest.papers import read_any
from tests.ingest.shapes import SHAPES, truth


def difference(night: xr.Dataset) -> float:
    """Largest difference from the truth in cm-3, over cells that the file has; infinite if axes or night differ."""
    expected = truth(night.attrs["night"])
    if night.sizes["time"] != expected.hours.size or night.sizes["altitude"] != expected.altitude.size:
        return float("inf")
    late = np.abs(night["time"].values - expected.times).max() > np.timedelta64(10, "ms")
    if late or np.abs(night["altitude"].values - expected.altitude).max() > 2e-3:
        return float("inf")
    density, _ = io.number_density(night)
    return float(np.nanmax(np.abs(density.values - expected.density)))


def outcome(name: str) -> tuple[list[xr.Dataset], str]:
    """Nights of one shape, and a word on how it went."""
    write, _ = SHAPES[name]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        try:
            nights = read_any(folder)
        except UndecidedError as error:
            return [], f"stops: {error.problem}"
        except MetalcloudsError as error:
            return [], f"fails: {error.problem}"
    return nights, "read, no user line"


def table() -> str:
    """The table as it stands in docs/readers.md."""
    lines = [
        "| shape | outcome | nights | largest difference (cm-3) | printed to | negatives |",
        "|---|---|---|---|---|---|",
    ]
    for name, (_, half_digit) in SHAPES.items():
        nights, word = outcome(name)
        worst = max((difference(night) for night in nights), default=float("nan"))
        lost = ", ".join(sorted({night.attrs["negatives"] for night in nights}))
        printed = f"{2 * half_digit:.0e}" if half_digit > 1e-5 else "all digits"
        lines.append(f"| {name} | {word} | {len(nights)} | {worst:.1g} | {printed} | {lost} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    print(table())


if __name__ == "__main__":
    main()
