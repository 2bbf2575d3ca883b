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
    parser.add_argument("--all", action="store_true", help="a report for each file, with all arrays and decisions")
    parser.add_argument("--site", type=float, nargs="+", metavar="NUMBER", help="latitude, longitude, altitude in km")
    parser.add_argument("--config", type=Path, help="configuration file whose section `ingest` is taken")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from metalclouds.ingest.inspection import inspect, page, write_entries

    settings = _with_site(_settings(options.config), options.site)
    reports = inspect(options.path, settings, every=options.all)
    if options.json:
        print(json.dumps(reports, indent=1, ensure_ascii=False))
    else:
        print(page(reports, settings, bool(options.site or options.config), options.all))
    if options.write:
        print(f"{write_entries(reports, Path(settings.catalogue[0]))} entries appended to {settings.catalogue[0]}")
    return 0 if any(report["status"] == "read" for report in reports) else 2


def _with_site(settings: IngestSettings, site: list[float] | None) -> IngestSettings:
    """Settings with the station that the user gave for the instruments of the night."""
    from metalclouds.errors import ConfigError
    from metalclouds.ingest.settings import Site

    if site is None:
        return settings
    if len(site) not in (2, 3):
        raise ConfigError("--site needs a latitude, a longitude and, if known, an altitude in km", given=site)
    place = Site(latitude=site[0], longitude=site[1], altitude_km=site[2] if len(site) == 3 else 0.0)
    lidar = settings.lidar.model_copy(update={"site": place})
    return settings.model_copy(update={"lidar": lidar, "fpi": settings.fpi.model_copy(update={"site": place})})


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
