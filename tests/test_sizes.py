"""Functions stay small: code lines and parameters of every function of the package."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src/metalclouds"
MOST_LINES, MOST_PARAMETERS = 40, 7
# Function -> why it may have more parameters.
MORE_PARAMETERS = {
    "detect/stripes/fit.py:fit_between": "two of its parameters are for single callers; goes with the search's turns",
    "ingest/readers/lidar_night.py:night_dataset": "what a reader found, by name; three of them optional",
}


def functions() -> Iterator[tuple[str, ast.FunctionDef, list[str]]]:
    """Place and node of every function, nested ones included, and the lines of its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(PACKAGE)}:{node.name}", node, text.splitlines()


def compiled(function: ast.FunctionDef) -> bool:
    """Whether numba compiles it: its kernels take plain arrays only, and loops stand where others call numpy."""
    return any("jit" in ast.unparse(one) or "KERNEL" in ast.unparse(one) for one in function.decorator_list)


def code_lines(function: ast.FunctionDef, lines: list[str]) -> int:
    """Lines of the body without docstrings, comments and empty ones."""
    docstrings = {
        number
        for node in ast.walk(function)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    body = range(function.body[0].lineno, (function.end_lineno or 0) + 1)
    texts = (lines[number - 1].strip() for number in body if number not in docstrings)
    return sum(bool(text) and not text.startswith("#") for text in texts)


def parameters(function: ast.FunctionDef) -> int:
    """Number of parameters, without self and cls."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_no_function_is_longer_than_a_page():
    found = {place: code_lines(node, lines) for place, node, lines in functions() if not compiled(node)}
    assert {place: size for place, size in found.items() if size > MOST_LINES} == {}
    assert statistics.median(found.values()) <= 7
    assert sorted(found.values())[int(0.9 * len(found))] <= 17


def test_no_function_has_more_parameters_than_can_be_kept_in_mind():
    found = {place: parameters(node) for place, node, _ in functions() if not compiled(node)}
    assert {place for place, number in found.items() if number > MOST_PARAMETERS} == set(MORE_PARAMETERS)
    assert sorted(found.values())[int(0.9 * len(found))] <= 4
