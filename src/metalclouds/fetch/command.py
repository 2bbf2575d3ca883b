"""`metalclouds fetch`: bring the record of the paper to disk."""

from __future__ import annotations

import argparse
from pathlib import Path

from metalclouds.subcommand import parser_of

EXAMPLE = """example:
  metalclouds fetch --out results/zenodo
      Downloads the record of the paper (and the Digisonde's characteristics of the case nights) into
      downloads/, verifies size, md5 and sha256, and links the files into results/zenodo/raw/files.
      A file that is still damaged after all attempts is named and left out; the exit code is then 2.
      Interrupted? Run it again: it goes on where it stopped. If everything is there, no
      connection is made.
"""


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `fetch`."""
    parser = parser_of(
        subparsers,
        "fetch",
        "download and verify the record of the paper",
        "Download and verify the files of the configured source.",
        EXAMPLE,
    )
    parser.add_argument("--config", type=Path, default=Path("config/config.yaml"), help="configuration file")
    parser.add_argument(
        "--source", choices=("zenodo", "local"), default="zenodo", help="where the files come from (default: zenodo)"
    )
    parser.add_argument("--out", type=Path, default=Path("results/zenodo"), help="folder of the run")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from metalclouds import config
    from metalclouds.fetch.source import fetch_source

    settings = config.load(options.config)
    nights = [case.night for case in settings.cases]
    manifest = fetch_source(options.source, settings.fetch, nights, options.out)  # type: ignore[attr-defined]
    manifest.write(options.out / "raw/manifest.json")
    print(f"{len(manifest.files)} files verified, {len(manifest.damaged)} damaged: {options.out}/raw/manifest.json")
    return 2 if manifest.damaged else 0
