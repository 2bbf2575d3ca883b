"""Writes docs/products.md: the schema of every derived file, from the contracts and the meanings."""

from __future__ import annotations

import sys
from pathlib import Path

from metalclouds import contracts, io
from metalclouds.contracts import Product
from metalclouds.meanings import MEANINGS
from metalclouds.variables import VARIABLES, Variable

HEAD = """# Derived products

Every file of `results/<run>/derive/`. This page is made from `contracts.py`, `meanings.py` and `variables.py` by
`python -m metalclouds.products_page`; tests compare it with them, and the files of a run with it.

Tables are CSV with a header, 10 significant digits, times in UTC as ISO 8601, missing as an empty cell. A table
without rows keeps its header: nothing was found, or its instrument is missing, which `raw/inventory/` tells. Files
are netCDF-4 after CF-1.11; a missing value is NaN.
"""
DATASETS: dict[str, tuple[Product, str]] = {
    "nightly_density.nc": (contracts.NIGHTLY_DENSITY, "mean density profile of each night"),
    "monthly_density.nc": (contracts.MONTHLY_DENSITY, "mean density profile of each calendar month"),
    "tec_maps.nc": (contracts.TEC_MAPS, "vertical TEC and its excess at the times of Figure 2"),
}
# Quantities of these files that the table of variables does not name, and what NaN says in each.
OTHERS = {
    "night": Variable("1", "UT date of the evening"),
    "tec_excess": Variable("1e16 m-2", "vertical TEC above its background"),
}
MISSING = {
    "ca_ion_number_density": "no usable profile at that altitude, or no night observed",
    "vertical_tec": "not observed, or no map near the time",
    "tec_excess": "not observed, or no background",
}


def _table(name: str, units: dict[str, str]) -> list[str]:
    rows = ["| column | kind | unit | meaning | empty |", "|---|---|---|---|---|"]
    for column, unit in units.items():
        entry = MEANINGS[name][column]
        rows.append(f"| `{column}` | {entry.kind} | {_unit(unit)} | {entry.meaning} | {entry.empty} |")
    return rows


def _unit(unit: str) -> str:
    """A unit; words that stand in its place, such as the values a text takes, are told by the meaning."""
    first, *factors = unit.split() or [""]
    is_unit = "|" not in first and all(any(sign.isdigit() for sign in factor) for factor in factors)
    return unit if is_unit else ""


def _dataset(product: Product) -> list[str]:
    rows = ["| variable | dims | unit | meaning | NaN |", "|---|---|---|---|---|"]
    for name, dims in product.variables.items():
        entry = VARIABLES.get(name) or OTHERS[name]
        rows.append(
            f"| `{name}` | {', '.join(dims)} | {entry.units} | {entry.long_name} | {MISSING.get(name, 'never')} |"
        )
    return rows


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD]
    for name, units in contracts.DERIVE.items():
        lines += [f"## {name}\n", *_table(name, units), ""]
    for name, (product, title) in DATASETS.items():
        lines += [f"## {name}\n", f"{title[0].upper()}{title[1:]}.\n", *_dataset(product), ""]
    return "\n".join(lines)


def main(path: str = "docs/products.md") -> None:
    """Write the page."""
    with io.replacing(Path(path)) as temporary:
        temporary.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
