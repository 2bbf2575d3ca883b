"""The subcommand `compare`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from metalclouds import io
from metalclouds.compare.folders import compare_folders
from metalclouds.compare.model import Difference, Result, load_tolerances

# Lines of each kind on the terminal; --json and --html have all of them.
SHOWN = 40
WORDS = {0: "same within tolerance", 1: "moved", 2: "could not compare everything"}

EXAMPLE = """example:
  metalclouds compare results/twin /elsewhere/results/twin --html difference.html
  metalclouds compare tests/regression/reference results/twin --json difference.json

A reference may hold a part of a run: reference.txt in its folder lists patterns of the files that it holds.
exit code: 0 same within tolerance, 1 something moved, 2 something could not be compared
"""


def add_command(subparsers: Any) -> None:
    """Register `metalclouds compare`."""
    command = subparsers.add_parser(
        "compare",
        help="compare two result folders",
        description="Compare two result folders: numbers with their tolerances, stripes matched, verdicts, pictures.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("a", metavar="A", help="result folder of the first run, or a committed reference")
    command.add_argument("b", metavar="B", help="result folder of the second run")
    command.add_argument("--json", metavar="FILE", help="write all differences as JSON")
    command.add_argument("--html", metavar="FILE", help="write all differences as a page")
    command.add_argument("--tolerances", metavar="FILE", help="YAML file in place of the project's own tolerances")
    command.add_argument(
        "--only", metavar="PATTERN", action="append", default=[],
        help="compare only files that fit, e.g. 'derive/*.csv'; may be given more than once",
    )  # fmt: skip
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, print, write; return the exit code."""
    result = compare_folders(options.a, options.b, load_tolerances(options.tolerances), options.only)
    print("\n".join(lines(result)))
    if options.json:
        io.write_json(options.json, result.as_dict())
    if options.html:
        write_page(options.html, result, options.a, options.b)
    return result.exit_code


def lines(result: Result) -> list[str]:
    """The outcome as text."""
    out = [*_listed("could not compare", result.not_compared), *_listed("moved", result.moved),
           *_listed("tolerated", result.tolerated)]  # fmt: skip
    out.append(
        f"{result.compared} files compared, {result.identical} identical, {len(result.moved)} differences beyond "
        f"tolerance, {len(result.tolerated)} within, {len(result.not_compared)} files not compared, "
        f"{len(result.excused)} that may differ"
        + (f", {len(result.left_out)} outside the reference or the patterns" if result.left_out else "")
    )
    out.append(WORDS[result.exit_code])
    return out


def _listed(title: str, differences: list[Difference]) -> Iterable[str]:
    for one in differences[:SHOWN]:
        place = f" {one.where}" if one.where else ""
        values = f": {one.a} -> {one.b}" if one.a or one.b else ""
        why = f" ({one.why})" if one.tolerated and one.why else ""
        yield f"{title}: {one.file}{place}: {one.what}{values}{why}"
    if len(differences) > SHOWN:
        yield f"{title}: {len(differences) - SHOWN} more"


def write_page(path: str | Path, result: Result, a: str, b: str) -> None:
    """The outcome as a page that opens from disk."""
    environment = Environment(
        loader=PackageLoader("metalclouds.compare"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    html = environment.get_template("difference.html.j2").render(result=result, a=a, b=b, words=WORDS)
    with io.replacing(path) as temporary:
        temporary.write_text(html, encoding="utf-8")
