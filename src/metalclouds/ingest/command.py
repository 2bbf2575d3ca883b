"""`metalclouds inspect`: what is in a file, folder or archive, and how the catalogue would read it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from metalclouds.own_night import add_options
from metalclouds.subcommand import parser_of

EXAMPLE = """example:
  metalclouds inspect my_nights.zip
      Prints what is in each file, the reader that fits, its nights, and every decision with its reason.
  metalclouds inspect my_nights.zip --json
  metalclouds inspect my_nights.zip --write
      Appends the proposed entries to config/catalogue/own.yaml.
"""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `inspect`."""
    parser = parser_of(
        subparsers,
        "inspect",
        "say what is in a file and how it would be read",
        "Say what is in a file, folder or archive: arrays, ranges, the catalogue's entry, decisions.",
        EXAMPLE,
    )
    parser.add_argument("path", type=Path, help="file, folder or archive")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="append the proposed entries to the first catalogue")
    parser.add_argument("--all", action="store_true", help="a report for each file, with all arrays and decisions")
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from metalclouds.ingest.inspection import inspect, open_choices, page, write_entries
    from metalclouds.own_night import chosen

    settings = chosen(options).ingest
    reports = inspect(options.path, settings, every=options.all)
    if options.json:
        print(json.dumps(reports, indent=1, ensure_ascii=False))
    else:
        print(page(reports, settings, options.all))
    if options.write:
        print(f"{write_entries(reports, Path(settings.catalogue[0]))} entries appended to {settings.catalogue[0]}")
        if choices := open_choices(reports):
            print(f"{choices} files leave a choice: append one of the entries shown above yourself")
    found = {report["status"] for report in reports}
    return 2 if found & _STOPS or "read" not in found else 0


# A run would stop at these files, or leave them out: so inspect ends with 2, as detect does.
_STOPS = {"undecided", "failed", "fault"}
