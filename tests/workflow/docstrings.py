"""Docstrings of functions over arrays and tables: python -m tests.workflow.docstrings

A public function that takes or gives arrays or tables says in numpy form what each of them is (dims, units), what
comes back, and what it raises.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src/metalclouds"
ARRAYS = re.compile(r"\b(np\.ndarray|NDArray|DataFrame|Series|xr\.Dataset|xr\.DataArray)\b")
SECTION = re.compile(r"^(Parameters|Returns|Yields|Raises)\n-{3,}\n", re.MULTILINE)
# Rooms whose docstrings are still to be written.
LATER: tuple[str, ...] = ()


def public_functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Name and node of the public functions of a module, and of the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


def sections(docstring: str) -> dict[str, str]:
    """Sections of a docstring in numpy form: name -> text."""
    parts = SECTION.split(docstring)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(text: str) -> set[str]:
    """Names that stand at the margin of a section: `a`, or several in one line, `a, b`."""
    lines = [line for line in text.splitlines() if re.match(r"[A-Za-z_*]", line)]
    return {name.strip(" *") for line in lines for name in line.split(":")[0].split(",")}


def lacking(function: ast.FunctionDef) -> list[str]:
    """What the docstring of a function over arrays or tables does not say; nothing for another function."""
    given = function.args
    parameters = [one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.annotation is not None]
    arrays = [one.arg for one in parameters if one.annotation and ARRAYS.search(ast.unparse(one.annotation))]
    gives = function.returns is not None and ARRAYS.search(ast.unparse(function.returns)) is not None
    if not arrays and not gives:
        return []
    found = sections(ast.get_docstring(function) or "")
    said = documented(found.get("Parameters", ""))
    faults = [f"parameter {name}" for name in arrays if name not in said]
    a_property = any(ast.unparse(one).endswith("property") for one in function.decorator_list)
    if gives and not a_property and not {"Returns", "Yields"} & found.keys():
        faults.append("what it returns")
    if "Raises" not in found and any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(function)):
        faults.append("what it raises")
    return faults


def complaints(package: Path = PACKAGE, later: tuple[str, ...] = LATER) -> list[str]:
    """A line for each function whose docstring lacks something, rooms that come later left out."""
    found = []
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        if place.parts[0] in later:
            continue
        for name, function in public_functions(ast.parse(path.read_text(encoding="utf-8"))):
            if faults := lacking(function):
                found.append(f"{place}:{function.lineno}: {name}: docstring does not say: {', '.join(faults)}")
    return found


def main() -> int:
    """Print what is lacking; 1 if anything is."""
    found = complaints()
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
