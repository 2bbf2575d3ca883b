"""Imports run one way; the simulator and the detector know nothing of each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src/metalclouds"
# A module may import modules of its own rank's package and of lower ranks.
RANKS = {
    "errors": 0, "constants": 0, "files": 1, "heaps": 2, "schema": 2, "physics": 3,
    "io": 4, "parallel": 1, "parallel_settings": 1, "run_lock": 4, "checkout": 1, "workflow": 5,
    "batches": 3, "code_hash": 0, "subcommand": 0, "progress": 0, "sums": 3, "verify": 5,
    "fetch": 5, "ingest": 5, "detect": 5, "twin": 5,
    "derive": 6, "supplements": 7,
    "figures": 8, "claims": 8,
    "report": 9,
    "evaluate": 10, "compare": 10, "config": 10,
    "bench": 11, "config_page": 11, "products_page": 11, "run_record": 5, "own_night": 11, "cli": 12, "samples": 11,
}  # fmt: skip
ALLOWED_TWICE = {("ingest", "fetch")}
# The subcommands (command.py of a package) belong to the command line: they may import what it may.


def name_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            module = node.module or ""
            full = [f"{module}.{alias.name}" for alias in node.names] if module == "metalclouds" else [module]
        elif isinstance(node, ast.Import):
            full = [alias.name for alias in node.names]
        else:
            continue
        names.update(name.split(".")[1] for name in full if name.startswith("metalclouds."))
    return names - {"__version__"}


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def test_there_is_something_to_look_at():
    assert {name_of(path) for path in FILES} >= {"twin", "detect", "derive", "figures", "claims", "report"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    own = name_of(path)
    for other in imported(path) - {own}:
        rank = RANKS["cli"] if path.name == "command.py" else RANKS[own]
        lower = RANKS[other] < rank and {own, other} != {"detect", "twin"}
        assert lower or (own, other) in ALLOWED_TWICE, f"{own} imports {other}"


def test_rules_would_catch_a_breach():
    assert RANKS["detect"] == RANKS["twin"]
    assert "twin" not in {other for path in FILES if name_of(path) == "detect" for other in imported(path)}
