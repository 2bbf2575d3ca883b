"""The subcommand `compare`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from metalclouds import io
from metalclouds.compare.folders import REFERENCE, compare_folders
from metalclouds.compare.model import Difference, Result, load_tolerances
from metalclouds.compare.tables import VERDICTS, VERDICTS_JSON
from metalclouds.subcommand import parser_of

# Lines of each kind, and of each file among them, on the terminal; --json and --html have all of them.
SHOWN, SHOWN_OF_FILE = 40, 5
LONGEST = 60
WORDS = {0: "same within tolerance", 1: "changed", 2: "could not compare everything"}

EXAMPLE = """example:
  metalclouds compare /elsewhere/results/twin results/twin --html difference.html
  metalclouds compare tests/regression/reference results/small --json difference.json

Values are printed as A -> B, so give what was there before first.
A reference may hold a part of a run: reference.txt in its folder lists patterns of the files that it holds.
exit code: 0 same within tolerance, 1 something changed, 2 something could not be compared
"""


def add_command(subparsers: Any) -> None:
    """Register `metalclouds compare`."""
    command = parser_of(
        subparsers,
        "compare",
        "compare two result folders",
        "Compare two result folders: numbers with their tolerances, stripes matched, verdicts, pictures.",
        EXAMPLE,
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
    if result.exit_code == 1 and Path(options.a, REFERENCE).is_file():
        print(f"If that was intended, write the reference anew (`make reference` for {options.a}) and commit it.")
    if options.json:
        io.write_json(options.json, result.as_dict())
    if options.html:
        write_page(options.html, result, options.a, options.b)
    return result.exit_code


def lines(result: Result) -> list[str]:
    """The outcome as text."""
    # verdicts.json says again what verdicts.csv says.
    told = {one.file for one in result.moved}
    moved = [one for one in result.moved if one.file != VERDICTS_JSON or VERDICTS not in told]
    out = [*_listed("could not compare", result.not_compared), *_listed("changed", moved),
           *_listed("tolerated", result.tolerated)]  # fmt: skip
    if len(moved) < len(result.moved):
        out.append(f"changed: {len(result.moved) - len(moved)} values of {VERDICTS_JSON} with them")
    out.append(
        f"{result.compared} files compared, {result.identical} identical, {len(result.moved)} differences beyond "
        f"tolerance, {len(result.tolerated)} within, {len(result.not_compared)} files not compared, "
        f"{len(result.excused)} that may differ"
        + (f", {len(result.left_out)} outside the reference or the patterns" if result.left_out else "")
    )
    out += claims_moved(result)
    out += settings_words(result)
    out.append(WORDS[result.exit_code])
    return out


def claims_moved(result: Result) -> list[str]:
    """A line that says which claims moved and which verdicts changed; none where nothing moved.

    Parameters
    ----------
    result
        of two runs, or of a reference and a run.
    """
    if not result.moved:
        return []
    if VERDICTS in result.left_out and VERDICTS_JSON in result.left_out:
        return ["claims and verdicts: not compared"]
    places = [place for one in result.moved if (place := _claim_of(one))]
    claims = sorted({claim for claim, _ in places})
    turned = sorted({claim for claim, column in places if column in ("", "verdict", "status")})
    return [
        f"claims that changed: {', '.join(claims) or 'none'}; verdicts that changed: {', '.join(turned) or 'none'}"
    ]


def settings_words(result: Result) -> list[str]:
    """A line with the settings that differ; none where there are none, or one run does not say its own."""
    return [f"settings that are not those of the first run: {'; '.join(result.settings)}"] if result.settings else []


def _claim_of(one: Difference) -> tuple[str, str] | None:
    """Claim and field of a difference of the verdicts; a claim that one run lacks has no field."""
    if one.file == VERDICTS and " of " in one.where:
        column, claim = one.where.split(" of ")
        return claim, column
    if one.file == VERDICTS_JSON and one.where:
        claim, _, column = one.where.partition(".")
        return claim, column
    return None


def _listed(title: str, differences: list[Difference]) -> Iterable[str]:
    seen: Counter[str] = Counter()
    shown = 0
    for one in differences:
        seen[one.file] += 1
        if shown < SHOWN and seen[one.file] <= SHOWN_OF_FILE:
            shown += 1
            yield _line(title, one)
    if len(differences) > shown:
        yield f"{title}: {len(differences) - shown} more (--html and --json list them all)"


def _line(title: str, one: Difference) -> str:
    place = f" {one.where}" if one.where else ""
    values = f": {_short(one.a)} -> {_short(one.b)}" if one.a or one.b else ""
    why = f" ({one.why})" if one.tolerated and one.why else ""
    return f"{title}: {one.file}{place}: {one.what}{values}{why}"


def _short(value: str) -> str:
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}..."


def write_page(path: str | Path, result: Result, a: str, b: str) -> None:
    """The outcome as a page that opens from disk."""
    environment = Environment(
        loader=PackageLoader("metalclouds.compare"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    html = environment.get_template("difference.html.j2").render(
        result=result, a=a, b=b, words=WORDS, said=claims_moved(result) + settings_words(result)
    )
    with io.replacing(path) as temporary:
        temporary.write_text(html, encoding="utf-8")
