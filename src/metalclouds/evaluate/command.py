"""`metalclouds evaluate`: the scores as text, and as a JSON file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, TextIO

from metalclouds import io
from metalclouds.evaluate.campaign import evaluate
from metalclouds.evaluate.tables import NOT_THERE, Section
from metalclouds.subcommand import parser_of

EXAMPLE = """example:
  metalclouds evaluate --truth truth/twin --run results/twin --json evaluate.json
"""


def lines(sections: dict[str, Section]) -> list[str]:
    """The scores as a table in plain text."""
    out = []
    for name, section in sections.items():
        out.append(name.replace("_", " "))
        if section.get("status") == NOT_THERE:
            out.append(f"  {NOT_THERE}: {section['missing']}")
            continue
        for label, value in _flat(section):
            out.append(f"  {label:<52} {value}")
    return out


def _flat(section: Section, prefix: str = "") -> list[tuple[str, str]]:
    """Leaves of a nested section as (path, text)."""
    rows = []
    for key, value in section.items():
        label = f"{prefix}{str(key).replace('_', ' ')}"
        if isinstance(value, dict) and _is_row(value):
            rows.append((label, "  ".join(f"{name.replace('_', ' ')} {_text(item)}" for name, item in value.items())))
        elif isinstance(value, dict):
            rows += _flat(value, f"{label}: ")
        else:
            rows.append((label, _text(value)))
    return rows


def _is_row(value: Section) -> bool:
    """Whether a section fits on one line."""
    return 0 < len(value) <= 9 and not any(isinstance(item, (dict, list)) for item in value.values())


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {_text(item)}" for key, item in value.items())
    return str(value)


def report(sections: dict[str, Section], stream: TextIO | None = None) -> None:
    """Print the scores."""
    print("\n".join(lines(sections)), file=stream or sys.stdout)


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `metalclouds evaluate`."""
    parser = parser_of(
        subparsers,
        "evaluate",
        "score a run on the simulated campaign against its truth",
        "Score a run on the simulated campaign against its truth.",
        EXAMPLE,
    )
    parser.add_argument("--truth", required=True, type=Path, metavar="DIR", help="folder of the truth, truth/<run>")
    parser.add_argument("--run", required=True, type=Path, metavar="DIR", dest="run_dir", help="results/<run>")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the scores here")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    sections = evaluate(options.truth, options.run_dir)
    report(sections)
    if options.json:
        io.write_json(options.json, sections)
    return 0
