"""The schema of the derived files: complete, current on the page, and able to find a breach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metalclouds import products_page
from metalclouds.claims import run as claims
from metalclouds.claims.sensitivity import grid
from metalclouds.schema.results import RESULT_TABLES, SENSITIVITY, VERDICTS
from metalclouds.schema.tables import DENSITY_FACTORS, DERIVE_TABLES

ROOT = Path(__file__).parents[1]


def test_page_of_products_is_up_to_date():
    page = (ROOT / "docs/products.md").read_text()
    assert page == products_page.page(), "run: python -m metalclouds.products_page"


def test_every_column_of_every_table_has_a_meaning():
    columns = [column for table in products_page.TABLES for column in table.columns.values()]
    assert len(columns) > 200
    assert all(column.meaning for column in columns)


def test_every_table_of_the_claims_is_on_the_page():
    assert tuple(VERDICTS) == (*claims.COLUMNS, "words")
    assert tuple(SENSITIVITY) == grid.ROW


def test_every_netcdf_product_of_the_contracts_stands_on_the_page():
    """Each file that the rules of derive declare, found in their text."""
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("derive*.smk"))
    declared = {name for name in products_page.DATASETS if f"derive/{name}" in rules}
    assert declared == set(products_page.DATASETS)
    assert rules.count('.nc"') >= len(declared)


def _factors(**columns) -> pd.DataFrame:
    return pd.DataFrame({"name": ["rise"], "value": [1.0], "unit": ["1"]} | columns)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (_factors(), []),
        (_factors(value=[np.nan]), []),
        (_factors(name=[None]), ["name is empty in 1 rows"]),
        (_factors(value=["much"]), ["value is not number"]),
        (_factors(name=[3.0]), ["name is not text"]),
    ],
)
def test_a_breach_is_found(table, words):
    assert DENSITY_FACTORS.breaches(table) == [f"derive/density_factors.csv: {word}" for word in words]


@pytest.mark.parametrize(
    ("name", "column", "value", "kind"),
    [
        ("monthly.csv", "nights_observed", 2.5, "integer"),
        ("beta.csv", "long", 3, "true or false"),
        ("beta.csv", "night", "10 May 2021", "date"),
        ("es_cases.csv", "time_utc", "noon", "time"),
    ],
)
def test_each_kind_is_checked(name, column, value, kind):
    table = DERIVE_TABLES[name].empty()
    table[column] = [value]
    assert f"derive/{name}: {column} is not {kind}" in DERIVE_TABLES[name].breaches(table)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src/metalclouds/figures").glob("supplement_*.py")), ids=lambda p: p.stem
)
def test_the_numbers_of_each_supplement_are_declared(path):
    """Without it the figure's job stops where it writes its numbers."""
    assert f"{path.stem}.csv" in RESULT_TABLES
