"""The subcommand `bench`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from metalclouds.subcommand import parser_of

EXAMPLE = """example:
  metalclouds bench --run results/twin
      Takes nights of a finished run; each figure is a ratio of processor times to reading the same nights with the
      bare netCDF library in the same process. Writes results/bench/{figures.json,history.jsonl,page.png}.
  metalclouds bench --only detection --only memory --nights 2 --rounds 3
      A quick look at a part.

exit code: 0, or 1 with --strict where a figure became worse than the committed one
"""


def add_command(subparsers: Any) -> None:
    """Register `metalclouds bench`."""
    parser = parser_of(
        subparsers,
        "bench",
        "measure speed and memory",
        "Speed and memory as ratios within one run, compared with the committed figures.",
        EXAMPLE,
    )
    parser.add_argument("--run", dest="folder", type=Path, help="a finished run (default: results/twin)")
    parser.add_argument("--out", type=Path, help="folder for the figures (default: results/bench)")
    parser.add_argument("--reference", type=Path, help="figures to compare with (default: docs/bench/figures.json)")
    parser.add_argument("--nights", type=int, help="nights of each kind, at most (default: 3)")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (default: 5)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PART", help="measure this part only; repeatable"
    )
    parser.add_argument("--strict", action="store_true", help="exit code 1 where a figure became worse")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, and name what became worse."""
    from metalclouds.workflow import limit_threads

    limit_threads()
    from metalclouds.bench import history
    from metalclouds.bench.measure import measure
    from metalclouds.bench.settings import BenchSettings

    given = {"run": options.folder, "out": options.out, "reference": options.reference, "nights": options.nights,
             "rounds": options.rounds, "parts": tuple(options.only)}  # fmt: skip
    settings = BenchSettings(**{name: value for name, value in given.items() if value is not None})
    moved = measure(settings)
    figures = history.read_figures(settings.out / "figures.json")["figures"].values()
    print("\n".join(map(line, figures)))
    print("\n".join(sentence(change) for change in moved) or "no figure moved beyond its range and by more than 20 %")
    print(f"written: {settings.out}")
    return int(options.strict and any(change.worse for change in moved))


def line(figure: Any) -> str:
    """A figure for the terminal."""
    goal = figure.goal
    unit = "" if goal.unit == "1" else f" {goal.unit}"
    said = {True: "kept", False: "MISSED", None: ""}[figure.meets(goal.must)]
    wanted = f"  must {goal.must:g}, aim {goal.aim:g}: {said}" if goal.must is not None else ""
    return f"{goal.text:<66}{figure.value:>8.3g} ({figure.low:.3g} to {figure.high:.3g}){unit}{wanted}"


def sentence(change: Any) -> str:
    """What moved, in words."""
    kind = "REGRESSION" if change.worse else "better"
    return f"{kind}: {change.key} {change.before:.3g} -> {change.now:.3g} (times {change.factor:.2f} as bad)"
