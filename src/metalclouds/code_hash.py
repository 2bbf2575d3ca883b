"""Hash of the code that a rule runs, without modules that cannot change a result.

Snakemake does not see edits in an imported package. A rule therefore carries this hash as a parameter. Comments,
docstrings, layout and the texts of raised errors do not count, nor do modules that only carry, check or report.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parent
WITHOUT_RESULTS = frozenset(
    f"metalclouds.{name}"
    for name in (
        "batches", "code_hash", "errors", "files", "heaps", "parallel", "parallel_settings", "progress", "run_lock",
        "subcommand", "sums", "workflow",
    )
)  # fmt: skip
"""Modules that decide no value of a product: errors, plain input and output, spreading of the work, its log."""
CACHE = Path(".snakemake/metalclouds-code.json")
"""Reading 230 files takes a second; every job of a run would pay it. Written by Snakemake's main process alone."""


class SourceFile(NamedTuple):
    """A source file: what it imports of this package, the hash of its code, the keys of `settings` that it reads."""

    imports: tuple[str, ...]
    digest: str
    keys: tuple[str, ...]


class _Bare(ast.NodeTransformer):
    """Take out docstrings and the texts of raised errors."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            node.body = [one for one in body if not _is_text(one)] or [ast.Pass()]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc = ast.Call(node.exc.func, [], [])
        return node


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def bare_code(text: str) -> str:
    """Python source without comments, docstrings, layout and the texts of raised errors.

    Examples
    --------
    >>> bare_code('def f(x):  # twice\\n    "Double."\\n    return  2*x\\n')
    'def f(x):\\n    return 2 * x'
    """
    return ast.unparse(_Bare().visit(ast.parse(text)))


def _imports(tree: ast.AST) -> tuple[str, ...]:
    """Modules of this package that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return tuple(sorted(name for name in found if name.split(".")[0] == "metalclouds"))


def _keys(tree: ast.AST) -> tuple[str, ...]:
    """Attributes of whatever is called `settings`."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return tuple(sorted({node.attr for node in nodes if getattr(node.value, "id", "") == "settings"}))


def _read(path: Path) -> SourceFile:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    return SourceFile(_imports(tree), hashlib.sha256(bare_code(text).encode()).hexdigest(), _keys(tree))


@functools.cache
def _cached() -> dict[str, tuple[list[int], SourceFile]]:
    try:
        entries = json.loads(CACHE.read_text(encoding="utf-8"))
        return {
            path: (stamp, SourceFile(tuple(imports), digest, tuple(keys)))
            for path, (stamp, (imports, digest, keys)) in entries.items()
        }
    except (OSError, ValueError, TypeError):
        return {}


@functools.cache
def source(path: Path) -> SourceFile:
    """Imports and hash of a source file; from the cache where it has the file's size and time."""
    status = path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    known = _cached().get(str(path))
    if known is None or known[0] != stamp:
        known = (stamp, _read(path))
        _cached()[str(path)] = known
    return known[1]


def save_cache() -> None:
    """Keep what was read for the jobs of this run and for the next one."""
    text = json.dumps(_cached())
    if CACHE.parent.is_dir() and not (CACHE.is_file() and CACHE.read_text(encoding="utf-8") == text):
        temporary = CACHE.with_suffix(".part")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(CACHE)


def file_of(module: str) -> Path | None:
    """Source file of a module of this package; None where there is no such module."""
    base = PACKAGE.parent.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def modules_with_imports(names: Iterable[str]) -> dict[str, Path]:
    """Modules of this package and all that they import, by name, those without a say in results left out.

    Imports are read from the source text, so a module imported inside a function counts too. Names that are no
    module (a function that is imported) are passed over.
    """
    pending, found = list(names), {}
    while pending:
        name = pending.pop()
        path = file_of(name)
        # The root module holds the version number only; a release must not rerun everything.
        if path is None or name in found or name in WITHOUT_RESULTS or name == "metalclouds":
            continue
        found[name] = path
        pending.extend(source(path).imports)
    return dict(sorted(found.items()))


def code_hash(script: Path, *modules: str) -> str:
    """Hash of the code of a script and of all modules that it imports, and of further modules.

    Raises
    ------
    FileNotFoundError
        If one of `modules` does not exist.
    """
    for name in modules:
        if file_of(name) is None:
            raise FileNotFoundError(f"no module {name} below {PACKAGE}")
    digest = hashlib.sha256(source(script).digest.encode())
    for name, path in modules_with_imports([*source(script).imports, *modules]).items():
        digest.update(f"{name} {source(path).digest}\n".encode())
    return digest.hexdigest()[:16]


def keys_read(module: str) -> set[str]:
    """Keys of `settings` that a module reads, or one of its own package that it imports."""
    package = module.rsplit(".", 1)[0]
    modules = modules_with_imports([module]).items()
    return {key for name, path in modules if name.startswith(f"{package}.") for key in source(path).keys}
