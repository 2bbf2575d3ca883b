"""Writes docs/products.md: the schema of every table and derived file."""

from __future__ import annotations

import argparse
from pathlib import Path

from metalclouds import io
from metalclouds.schema.datasets import MONTHLY_DENSITY, NIGHTLY_DENSITY, TEC_MAPS, Product
from metalclouds.schema.results import RESULT_TABLES
from metalclouds.schema.table import Table
from metalclouds.schema.tables import DERIVE_TABLES, DETECT_TABLES, REJECTED
from metalclouds.schema.variables import VARIABLES, Variable

HEAD = """# Products

Every table of a run in `results/<run>/`, column by column, and the files of `derive/`. This page is made from
`metalclouds.schema` by `python -m metalclouds.products_page`; tests compare it
with the schema, and the files of a run with it. `rejected.csv` is written by `metalclouds detect` only.

Tables are CSV with a header, 10 significant digits, times in UTC as ISO 8601, missing as an empty cell. A table
without rows keeps its header: nothing was found, or its instrument is missing, which `raw/inventory/` tells. Files
are netCDF-4 after CF-1.11; a missing value is NaN. The images of Figure 1 and the maps of Figure 2 are in
`figures/figure1.nc` (mean density and its error of each cell, `density_a` and `error_a` of panel a, and so on) and
`figures/figure2.nc` (as `derive/tec_maps.nc`).

The density is named after its species in the files: `na_number_density` for sodium, `ca_ion_number_density` below.
"""
DATASETS: dict[str, tuple[Product, str]] = {
    "nightly_density.nc": (NIGHTLY_DENSITY, "mean density profile of each night"),
    "monthly_density.nc": (MONTHLY_DENSITY, "mean density profile of each calendar month"),
    "tec_maps.nc": (TEC_MAPS, "vertical TEC and its excess at the times of Figure 2"),
}
TABLES = (*DETECT_TABLES.values(), REJECTED, *DERIVE_TABLES.values(), *RESULT_TABLES.values())
# Quantities of these files that the table of variables does not name, and what NaN says in each.
OTHERS = {
    "night": Variable("1", "date of the evening at the station"),
    "tec_excess": Variable("1e16 m-2", "vertical TEC above its background"),
}
MISSING = {
    "ca_ion_number_density": "no usable profile at that altitude, or no night observed",
    "vertical_tec": "not observed, or no map near the time",
    "tec_excess": "not observed, or no background",
}


def _table(table: Table) -> list[str]:
    rows = ["| column | kind | unit | meaning | empty |", "|---|---|---|---|---|"]
    for name, column in table.columns.items():
        meaning = column.meaning + (f" ({', '.join(column.choices)})" if column.choices else "")
        rows.append(f"| `{name}` | {column.kind} | {column.unit} | {meaning} | {column.empty} |")
    return rows


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
    for table in TABLES:
        lines += [f"## {table.file}\n", *_table(table), ""]
    for name, (product, title) in DATASETS.items():
        lines += [f"## derive/{name}\n", f"{title[0].upper()}{title[1:]}.\n", *_dataset(product), ""]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write docs/products.md: the columns of every table.")
    parser.add_argument("path", nargs="?", default="docs/products.md", type=Path)
    with io.replacing(parser.parse_args().path) as temporary:
        temporary.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
