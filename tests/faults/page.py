"""docs/faults.md: what `make faults`, `make mutants` and `make coverage` found when they were last run.

The figures are kept beside it in docs/faults.json, so that parts can be run at different times.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from metalclouds.files import read_json, replacing, write_json

PAGE = Path("docs/faults.md")
MOST_WRONG = 20
ORDER = (
    "## Random order", "",
    "The files of the tests in an order of their own, another number another order:", "",
    "```bash",
    "python -m pytest -n 0 -m 'not slow and not cluster' \\",
    "  $(find tests -name 'test_*.py' | sort | shuf --random-source=<(yes 1))",
    "```",
)  # fmt: skip


def keep(name: str, content: dict[str, Any], page: Path = PAGE) -> None:
    """Keep what came of a part, and write the page anew.

    Parameters
    ----------
    name
        of a part of the campaign, "mutants" or "coverage".
    content
        as `row`, `of_mutants` and `of_coverage` take it.
    """
    kept = page.with_suffix(".json")
    known = read_json(kept) if kept.is_file() else {}
    known[name] = content
    write_json(kept, known)
    with replacing(page) as temporary:
        temporary.write_text("\n".join(lines_of(known)) + "\n", encoding="utf-8")


def lines_of(known: dict[str, dict[str, Any]]) -> list[str]:
    """The page as Markdown."""
    parts = {name: one for name, one in known.items() if name not in ("mutants", "coverage")}
    lines = [
        "# Faults", "",
        "What was broken on purpose, how often, and what came of it; written by `make faults`, `make mutants` and",
        "`make coverage`. Held: whole and right, or stopped with a message that names the file and the reason;",
        "nothing half-written taken for good. Parts can be run one at a time: each row is of its last run.", "",
        "| what | tried | held | time | share of the full time | note |", "|---|---|---|---|---|---|",
        *(row(one) for one in sorted(parts.values(), key=lambda one: one["place"])),
    ]  # fmt: skip
    for one in parts.values():
        if one["wrong"]:
            lines += ["", f"## {one['what']}: what did not hold", ""]
            lines += [f"- `{' '.join(words.split())[:400]}`" for words in one["wrong"][:MOST_WRONG]]
    if "mutants" in known:
        lines += ["", *of_mutants(known["mutants"])]
    if "coverage" in known:
        lines += ["", *of_coverage(known["coverage"])]
    return [*lines, "", *ORDER]


def row(one: dict[str, Any]) -> str:
    """A part of the campaign: what, tried, held, seconds, share, note."""
    counts = f"{one['tried']} | {one['held']} | {one['seconds']:.0f} s | {one['share']:g}"
    return f"| {one['what']} | {counts} | {one['note']} |"


def of_mutants(content: dict[str, Any]) -> list[str]:
    """Small wrong changes of the code: counts of each module, and what survives."""
    lines = [
        "## Mutants of the code", "",
        "`make mutants`: one small change at a time (a comparison, an operator, a number, a condition, a result),",
        "drawn with a fixed seed from all that is possible in the functions of these modules; only the module's own",
        f"tests of seconds are run. Kernels are left out. {content['tried']} of {content['drawn']} were tried.", "",
        "| module | changes | killed | nothing changes | survive |", "|---|---|---|---|---|",
    ]  # fmt: skip
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for module, counts in content["modules"].items():
        lines.append(_mutants_row(module, counts))
        for name in (f"**{module.split('/')[0]}**", "**all**"):
            rooms[name] = [a + b for a, b in zip(rooms[name], counts, strict=True)]
    lines += [_mutants_row(name, rooms[name]) for name in sorted(rooms, key=lambda name: (name == "**all**", name))]
    lines += ["", "What survives, and why, where it changes nothing that a test should hold:", ""]
    return lines + [f"- `{change}`" + (f": {why}" if why else "") for change, why in content["alive"]]


def _mutants_row(name: str, counts: list[int]) -> str:
    tried, killed, alike = counts
    return f"| {name} | {tried} | {killed} ({killed / tried:.0%}) | {alike} | {tried - killed - alike} |"


def of_coverage(content: dict[str, Any]) -> list[str]:
    """Lines and branches of each package that tests reach, and the largest holes."""
    lines = [
        "## Branches that tests take", "",
        f"`make coverage`; rooms: {', '.join(content['rooms'])}. Seen is what runs in the process of the tests: no",
        "jobs of Snakemake, notebooks or workers.", "",
        "| package | lines | reached | branches | taken |", "|---|---|---|---|---|",
    ]  # fmt: skip
    total = [0, 0, 0, 0]
    for package, counts in content["packages"].items():
        lines.append(_coverage_row(package, counts))
        total = [a + b for a, b in zip(total, counts, strict=True)]
    lines += [_coverage_row("all", total), "", "Functions with the most lines and branches that no test took:", ""]
    return lines + [f"- {one['module']}: `{one['function']}` {one['missed']}" for one in content["holes"]]


def _coverage_row(package: str, counts: list[int]) -> str:
    lines, reached, branches, taken = counts
    return f"| {package} | {lines} | {reached / max(lines, 1):.0%} | {branches} | {taken / max(branches, 1):.0%} |"
