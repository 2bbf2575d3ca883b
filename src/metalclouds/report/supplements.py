"""The supplements of the page: tests of the explanation, each with its picture, notebook and claims."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metalclouds.report.figure import existing
from metalclouds.report.sources import SUPPLEMENTS
from metalclouds.schema.documents import Verdict
from metalclouds.schema.tables import SUPPLEMENT_DECISIONS
from metalclouds.schema.words import campaigns_in_words

WAYS = ("campaigns", "for_trails", "against_trails")

LINKS = (("notebook as it ran", "html"), ("picture (PDF)", "pdf"), ("plotted numbers (CSV)", "csv"))
TABLES = ("supplements", *(f"supplement_{name}" for name in (
    "decisions", "stripes", "nights", "season", "air", "lifetimes", "escape",
)))  # fmt: skip


def cards(run_dir: Path, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """What the page says of each supplement that was drawn in a run."""
    made = []
    for name, (title, claims) in SUPPLEMENTS.items():
        stem = f"figures/supplement_{name}"
        caption = run_dir / f"{stem}.caption.txt"
        if not caption.is_file():
            continue
        made.append({
            "name": name, "title": title, "image": f"../{stem}.png",
            "caption": caption.read_text(encoding="utf-8").strip(),
            "links": existing(run_dir, [(label, f"{stem}.{ending}") for label, ending in LINKS]),
            "claims": [one for one in verdicts if one.id in claims],
        })  # fmt: skip
    return made


def tables(run_dir: Path) -> list[dict[str, str]]:
    """Links to the tables of the supplements."""
    return existing(run_dir, [(f"{name}.csv", f"derive/{name}.csv") for name in TABLES])


def decision_rows(run_dir: Path) -> list[dict[str, Any]]:
    """The decision table: a row for each observable, with what each explanation predicts and its shares."""
    path = run_dir / "derive/supplement_decisions.csv"
    if not path.is_file():
        return []
    rows: dict[str, dict[str, Any]] = {}
    for one in SUPPLEMENT_DECISIONS.read(path).to_dict("records"):
        head = {name: one[name] for name in ("claim", "observable", "seen")}
        row = rows.setdefault(one["claim"], head | {"cells": []})
        known = one["campaigns"] == one["campaigns"]
        shares = campaigns_in_words(*(one[name] for name in WAYS)) if known else ""
        row["cells"].append({"predicts": one["predicts"], "shares": shares})
    return list(rows.values())
