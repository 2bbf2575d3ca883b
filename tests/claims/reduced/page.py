"""The reduced records and the moved numbers as a page of the docs.

    python -m tests.claims.reduced.page docs/reduced.md results/validate/claims.reduced.json [claims.settings.json]

The files are those that `tests.claims.reduced.validate` and `tests.claims.moved_settings` write.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.claims.reduced.suite import CASES

HEAD = """# Reduced records, and numbers moved

Written by `python -m tests.claims.reduced.page`.

## Records cut down from one simulated record

Other groups publish less than a whole record. Each row is the full simulated record with the files of some
instruments replaced by what such a group would give (`tests/claims/reduced/records.py`), run from its files to the
verdicts and held against the full run. A claim may become undecided, with a reason. It must not turn to "does not
hold"; claims that need none of the replaced instruments must stay as they are; what `suite.py` lists for a record,
fixed before the first run, must still be decided where the full run decides it.

| record | what is left | still decided, as listed | no longer decided | decided now | faults |
|---|---|---|---|---|---|
"""
WHY = """
Why claims are no longer decided, in the words of their verdicts:

"""
MOVED = """
## Numbers moved by a little

Every altitude, time and threshold of detection and of some derived tables is moved up and down by a little, and the
case nights are detected or derived anew. A claim whose value follows one of them one to one would measure our number
rather than the sky.

| numbers of | moved | claims that follow |
|---|---|---|
"""
OPEN = "not_testable"


def words(text: str) -> str:
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("|", "/")


def record_rows(records: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Rows of the table, and a line on each record with the reasons."""
    rows, reasons = [], []
    for one in records:
        case = CASES[one["record"]]
        lost = {name: text for name, text in one["changes"].items() if f"-> {OPEN}" in text}
        others = [name for name in one["changes"] if name not in lost]
        kept = sorted(case.decided - set(lost))
        left = (case.reduce.__doc__ or "").strip().rstrip(".")
        cells = [
            one["record"].replace("_", " "),
            left,
            *(", ".join(names) or "none" for names in (kept, lost, others)),
        ]
        cells.append("; ".join(f"{name}: {text}" for name, text in one["faults"].items()) or "none")
        rows.append("| " + " | ".join(map(words, cells)) + " |")
        if lost:
            said = "; ".join(f"{name}: {words(text.split(': ', 1)[1]).rstrip('.')}" for name, text in lost.items())
            reasons.append(f"- **{one['record'].replace('_', ' ')}**: {said}.")
    return rows, reasons


def moved_rows(numbers: Sequence[dict[str, Any]]) -> list[str]:
    """A row for each group of numbers: how many were moved, and what follows."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in numbers:
        groups.setdefault(one["number"].rpartition(".")[0] or "claims", []).append(one)
    rows = []
    for group, own in groups.items():
        found = [f"{name} follows {one['number']}" for one in own for name in one["follows"]]
        moved = ", ".join(one["number"].rpartition(".")[2] for one in own)
        rows.append(f"| {group} ({len(own)}) | {moved} | {words('; '.join(found)) or 'none'} |")
    return rows


def page(records: Sequence[dict[str, Any]], numbers: Sequence[dict[str, Any]]) -> str:
    """The page as Markdown."""
    rows, reasons = record_rows(records)
    text = HEAD + "\n".join(rows) + "\n" + WHY + "\n".join(reasons) + "\n"
    return text + (MOVED + "\n".join(moved_rows(numbers)) + "\n" if numbers else "")


if __name__ == "__main__":
    read = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[2:]]
    merged = {key: value for one in read for key, value in one.items()}
    Path(sys.argv[1]).write_text(page(merged.get("records", []), merged.get("numbers", [])), encoding="utf-8")
