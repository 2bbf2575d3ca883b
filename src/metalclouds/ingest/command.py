"""`metalclouds inspect`: what is in a file, folder or archive, and how the catalogue would read it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metalclouds.ingest.settings import IngestSettings

EXAMPLE = """example:
  metalclouds inspect my_nights.zip
      Prints what is in each file, the reader that fits, its nights, and every decision with its reason.
  metalclouds inspect my_nights.zip --json
  metalclouds inspect my_nights.zip --write
      Appends the proposed entries to config/catalogue/own.yaml.
"""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `inspect`."""
    parser = subparsers.add_parser(
        "inspect",
        help="say what is in a file and how it would be read",
        description="Say what is in a file, folder or archive: arrays, ranges, the catalogue's entry, decisions.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, help="file, folder or archive")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="append the proposed entries to the first catalogue")
    parser.add_argument("--all", action="store_true", help="read every file, not one of those with like names")
    parser.add_argument("--config", type=Path, help="configuration file whose section `ingest` is taken")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from metalclouds.ingest.inspection import closing, inspect, text_of, write_entries

    settings = _settings(options.config)
    reports = inspect(options.path, settings, every=options.all)
    if options.json:
        print(json.dumps(reports, indent=1, ensure_ascii=False))
    else:
        print("\n".join(text_of(report) for report in reports))
        print(closing(reports))
    if options.write:
        print(f"{write_entries(reports, Path(settings.catalogue[0]))} entries appended to {settings.catalogue[0]}")
    return 0 if any(report["status"] == "read" for report in reports) else 2


def _settings(config: Path | None) -> IngestSettings:
    from metalclouds.ingest.settings import IngestSettings

    if config is None:
        return IngestSettings()
    from pydantic import ValidationError

    from metalclouds.errors import ConfigError
    from metalclouds.files import read_yaml

    try:
        return IngestSettings(**(read_yaml(config).get("ingest") or {}))
    except (ValidationError, TypeError) as error:
        raise ConfigError("section ingest of the configuration", file=config, given=str(error)) from error
