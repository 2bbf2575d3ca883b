"""What the code imports is pinned, and what is pinned is imported."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Pinned and not imported -> why.
NOT_IMPORTED = {"pysocks": "requests loads it for an address socks5://"}


def named(requirements: list[str]) -> set[str]:
    """Names of requirements, as the index of packages compares them."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", one, maxsplit=1)[0]).lower() for one in requirements}


def imported() -> dict[str, set[str]]:
    """Modules of other projects that the package imports, wherever in a file -> the files."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "src/metalclouds").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            else:
                continue
            for module in modules:
                found.setdefault(module.split(".")[0], set()).add(path.name)
    return {name: files for name, files in found.items() if name not in {*sys.stdlib_module_names, "metalclouds"}}


def test_imports_and_pins_are_the_same():
    owners = importlib.metadata.packages_distributions()
    used = {name: named(owners[name]) for name in imported()}
    library, workflow = named(PROJECT["dependencies"]), named(PROJECT["optional-dependencies"]["workflow"])
    assert {name: files for name, files in imported().items() if not used[name] & (library | workflow)} == {}
    assert library - set().union(*used.values()) == set(NOT_IMPORTED)
