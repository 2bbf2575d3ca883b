"""Small wrong changes of a module: the sites where one can be made, and the source with one of them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OTHER_COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
OTHER_OPERATOR: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
OTHER_NAME = {
    "min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor", "nanmin": "nanmax",
    "nanmax": "nanmin", "minimum": "maximum", "maximum": "minimum", "argmin": "argmax", "argmax": "argmin",
    "sin": "cos", "cos": "sin", "nanmedian": "nanmax", "median": "max", "mean": "max", "first": "last",
}  # fmt: skip
# Compiled code comes from a cache that does not see the change; texts of errors decide nothing.
COMPILED = ("njit", "jit")


@dataclass(frozen=True)
class Site:
    """One change: the field `field` of the node number `node` (of `ast.walk`) gets the value number `choice`."""

    module: str
    function: str
    line: int
    before: str
    after: str
    node: int
    choice: int

    @property
    def name(self) -> str:
        """What survives a renumbering of lines: module, function and the change."""
        return f"{self.module}:{self.function}: {self.before} -> {self.after}"


def sites(module: str, source: str) -> list[Site]:
    """Every change that can be made in the functions of a module, in the order of the source."""
    tree = ast.parse(source)
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}
    found = []
    for function, node in _of_functions(tree):
        for choice, changed in enumerate(_others(node)):
            before, after = _shown(node), _shown(changed)
            found.append(Site(module, function, getattr(node, "lineno", 0), before, after, numbers[id(node)], choice))
    return sorted(found, key=lambda site: (site.line, site.node, site.choice))


def changed(source: str, site: Site) -> str:
    """The source with the change of a site."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[site.node]
    other = _others(node)[site.choice]
    for name in node._fields:
        setattr(node, name, getattr(other, name))
    return ast.unparse(ast.fix_missing_locations(tree))


def _of_functions(tree: ast.AST, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.AST]]:
    """(function, node) of all nodes of code that runs; annotations, decorators, docstrings, errors are left out."""
    for child in _of_code(tree):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            if not any(word in ast.unparse(one) for one in child.decorator_list for word in COMPILED):
                yield from _of_functions(child, (*names, child.name))
        else:
            if names and isinstance(child, ast.expr | ast.stmt):
                yield ".".join(names), child
            yield from _of_functions(child, names)


def _of_code(node: ast.AST) -> Iterator[ast.AST]:
    left_out = {"annotation", "returns", "decorator_list", "type_params", "format_spec"}
    if isinstance(node, ast.Raise):
        return
    for name, value in ast.iter_fields(node):
        if name not in left_out:
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST))


def _others(node: ast.AST) -> list[ast.AST]:
    """What can stand in place of a node: of the same class, with one field changed."""
    match node:
        case ast.Compare():
            return [
                _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
                for place, one in enumerate(node.ops)
                for other in OTHER_COMPARE[type(one)]
            ]
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OTHER_OPERATOR:
            return [_with(node, op=OTHER_OPERATOR[type(node.op)]())]
        case ast.BoolOp():
            return [_with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())]
        case ast.UnaryOp(op=ast.USub()):
            return [_with(node, op=ast.UAdd())]
        case ast.Constant(value=bool()):
            return [_with(node, value=not node.value)]
        case ast.Constant(value=int() | float()):
            return [_with(node, value=node.value + 1)]
        case ast.If() | ast.IfExp() | ast.While():
            return [_with(node, test=ast.UnaryOp(ast.Not(), node.test))]
        case ast.Call(func=ast.Name(id=name)) if name in OTHER_NAME:
            return [_with(node, func=_with(node.func, id=OTHER_NAME[name]))]
        case ast.Call(func=ast.Attribute(attr=name)) if name in OTHER_NAME:
            return [_with(node, func=_with(node.func, attr=OTHER_NAME[name]))]
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            return [_with(node, value=ast.Constant(None))]
    return []


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _shown(node: ast.AST) -> str:
    """A node in one line: of a branch or a loop its condition."""
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(ast.fix_missing_locations(node.test))}"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())[:120]
