"""A product table is written by its declaration, so that a breach stops the job that made it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metalclouds.errors import ContractError
from metalclouds.schema.tables import CORRELATION, DERIVE_TABLES, DETECT_TABLES

ROOT = Path(__file__).resolve().parents[1]
# File -> what it writes unchecked, and why.
UNCHECKED = {
    "src/metalclouds/io.py": "the writer itself",
    "src/metalclouds/schema/table.py": "the writer of declared tables",
    "src/metalclouds/twin/truth.py": "the truth, declared by its own schema.json",
    "src/metalclouds/twin/physical/files.py": "the truth, declared by its own schema.json",
    "src/metalclouds/detect/batch.py": "tables of a batch, without wind; checked when they are collected",
}


def test_no_product_is_written_past_its_declaration():
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow/scripts").glob("*.py")]
    writing = re.compile(r"\.to_csv\(|\bwrite_csv\(")
    found = {str(path.relative_to(ROOT)) for path in files if writing.search(path.read_text(encoding="utf-8"))}
    assert found == set(UNCHECKED)


@pytest.mark.parametrize("table", [*DERIVE_TABLES.values(), *DETECT_TABLES.values()], ids=lambda table: table.file)
def test_a_table_without_rows_can_be_written(table, tmp_path):
    table.write(tmp_path / "table.csv", table.empty())
    assert list(table.read(tmp_path / "table.csv")) == list(table)


def test_a_breach_stops_the_writing(tmp_path):
    frame = CORRELATION.empty().reindex([0])
    with pytest.raises(ContractError, match="empty in 1 rows"):
        CORRELATION.write(tmp_path / "correlation.csv", frame)
    assert not (tmp_path / "correlation.csv").exists()
