"""What passes between the rooms has a declared shape: no public function that another room calls takes or gives
a dictionary of anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src/metalclouds"
LOOSE = {"dict", "Dict", "Mapping", "MutableMapping"}
# Function of a room's door -> why its dictionary stays.
SECTION = "a section of the configuration, validated on the first line"
ATTRIBUTES = "attributes of a netCDF file, as CF names them"
SCORES = "subject -> its scores, nested as the subject needs; printed and written as they are"
NOT_YET = "to be given a declared shape"
KEPT = {
    "detect.batch.collect_tables": SECTION,
    "detect.batch.detect_file": NOT_YET,
    "errors.UndecidedError": "options of a reader: each reader has keys of its own",
    "evaluate.campaign.evaluate": SCORES,
    "evaluate.command.report": SCORES,
    "figures.night_page.build": SECTION,
    "figures.render.execute": "values of a notebook's cell of parameters",
    "figures.station.station_of": ATTRIBUTES,
    "files.read_yaml": "a file of any keys; who reads it validates them",
    "io.provenance": ATTRIBUTES,
    "report.graph.rule_graph": "the whole configuration, handed to Snakemake as it is",
    "report.page.build": SECTION,
    "schema.discovery.discovery": ATTRIBUTES,
    "schema.documents.record.NightOfFiles": "options of a reader: each reader has keys of its own",
    "schema.variables.Variable": ATTRIBUTES,
}


def modules() -> dict[str, Path]:
    """Dotted name of each module of the package and of the workflow's scripts -> its file."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ("metalclouds", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    for path in sorted((ROOT / "workflow/scripts").glob("*.py")):
        found[f"workflow.{path.stem}"] = path
    return found


def room(module: str) -> str:
    """The package folder of a module, or the module itself where it lies beside them."""
    parts = module.split(".")
    return ".".join(parts[:2])


def uses(tree: ast.AST, known: set[str]) -> Iterator[tuple[str, str]]:
    """(module, name) of what a file takes from other modules: by name, or as an attribute of the module."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                if whole in known:
                    aliases[one.asname or one.name] = whole
                elif node.module in known:
                    yield node.module, one.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr


def loose(annotation: ast.expr, aliases: dict[str, ast.expr]) -> bool:
    """Whether an annotation holds a mapping to Any, or a bare dict; names of the module are looked up."""
    if isinstance(annotation, ast.Subscript):
        head, inside = annotation.value, annotation.slice
        if isinstance(head, ast.Name) and head.id in LOOSE and isinstance(inside, ast.Tuple):
            value = inside.elts[1]
            return (isinstance(value, ast.Name) and value.id == "Any") or loose(value, aliases)
        return loose(inside, aliases)
    if isinstance(annotation, ast.Name):
        if annotation.id in aliases:
            return loose(aliases[annotation.id], {k: v for k, v in aliases.items() if k != annotation.id})
        return annotation.id in LOOSE
    return any(loose(one, aliases) for one in ast.iter_child_nodes(annotation) if isinstance(one, ast.expr))


def annotations(node: ast.stmt) -> Iterator[ast.expr]:
    """Annotations of a function's parameters and result, or of a class' fields and public methods."""
    if isinstance(node, ast.FunctionDef):
        given = node.args
        for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            if one.annotation is not None:
                yield one.annotation
        if node.returns is not None:
            yield node.returns
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.AnnAssign):
                yield inner.annotation
            elif isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                yield from annotations(inner)


def own_aliases(tree: ast.Module) -> dict[str, ast.expr]:
    """Types that a module gives a name."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def aliases_of(module: str, trees: dict[str, ast.Module]) -> dict[str, ast.expr]:
    """Types that a module gives a name, or takes by name from another module of the package."""
    found = own_aliases(trees[module])
    for node in trees[module].body:
        if isinstance(node, ast.ImportFrom) and node.module in trees:
            theirs = own_aliases(trees[node.module])
            found |= {one.name: theirs[one.name] for one in node.names if one.name in theirs}
    return found


def declared_in(module: str, name: str, trees: dict[str, ast.Module]) -> tuple[str, str]:
    """Where a name is declared that a package hands on from one of its modules."""
    for node in trees[module].body:
        if isinstance(node, ast.ImportFrom) and node.module in trees and any(one.name == name for one in node.names):
            return node.module, name
    return module, name


def loose_doors() -> set[str]:
    """`module.name` of each function or class used by another room that has a loose annotation."""
    files = modules()
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    doors = {
        declared_in(*use, trees)
        for name, tree in trees.items()
        for use in uses(tree, set(files))
        if room(use[0]) != room(name)
    }
    found = set()
    for module, name in doors:
        body, aliases = trees[module].body, aliases_of(module, trees)
        for node in body:
            declares = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
            if declares and any(loose(one, aliases) for one in annotations(node)):
                found.add(f"{module.removeprefix('metalclouds.')}.{name}")
    return found


def test_no_room_hands_out_a_dictionary_of_anything():
    assert loose_doors() == set(KEPT)
