"""The page of faults keeps what was found before, and says what did not hold."""

from __future__ import annotations

from tests.coverage import holes, packages
from tests.faults.page import keep

PART = {
    "what": "Kills",
    "place": 4,
    "tried": 3,
    "held": 2,
    "seconds": 61.4,
    "share": 0.5,
    "note": "",
    "wrong": ["a\nb"],
}


def test_parts_that_are_run_at_different_times_stand_on_one_page(tmp_path):
    page = tmp_path / "faults.md"
    keep("kills", PART, page)
    keep("answers", {**PART, "what": "Answers", "place": 0, "held": 3, "wrong": []}, page)
    counts = {"derive/beta": [4, 2, 1], "derive/moments": [6, 6, 0], "physics/sun": [10, 9, 0]}
    keep(
        "mutants",
        {"tried": 20, "drawn": 30, "modules": counts, "alive": [["x -> y", "a turn"], ["p -> q", ""]]},
        page,
    )
    lines = page.read_text().splitlines()
    assert lines.index("| Answers | 3 | 3 | 61 s | 0.5 |  |") < lines.index("| Kills | 3 | 2 | 61 s | 0.5 |  |")
    assert "- `a b`" in lines
    assert "| **derive** | 10 | 8 (80%) | 1 | 1 |" in lines
    assert "| **all** | 20 | 17 (85%) | 1 | 2 |" in lines
    assert "- `x -> y`: a turn" in lines
    assert "- `p -> q`" in lines
    assert any("20 of 30 were tried" in line for line in lines)


def test_coverage_is_counted_by_package_and_holes_by_function():
    counts = {"num_statements": 10, "covered_lines": 8, "num_branches": 4, "covered_branches": 1}
    parts = {
        "f": {"missing_lines": [7, 5], "missing_branches": [[5, 7]]},
        "g": {"missing_lines": [], "missing_branches": []},
        "": {"missing_lines": [1], "missing_branches": []},
    }
    files = {
        "src/metalclouds/derive/beta.py": {"summary": counts, "functions": parts},
        "src/metalclouds/derive/deep/x.py": {"summary": counts, "functions": {}},
        "src/metalclouds/io.py": {"summary": counts, "functions": {}},
    }
    assert packages(files) == {"(top)": [10, 8, 4, 1], "derive": [20, 16, 8, 2]}
    assert holes(files) == [{"module": "derive/beta", "function": "f", "missed": 3, "line": 5}]
