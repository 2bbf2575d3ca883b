"""The `metalclouds` command. Each subcommand lives in the package that does its work."""

from __future__ import annotations

import argparse
import importlib
import sys

from metalclouds import __version__
from metalclouds.errors import MetalcloudsError

# Modules with a function add_command(subparsers) that registers subcommands; each sets `run`, called with the
# parsed arguments, which returns the exit code.
COMMANDS = (
    "metalclouds.fetch.command",
    "metalclouds.ingest.command",
    "metalclouds.twin.command",
    "metalclouds.detect.command",
    "metalclouds.evaluate",
    "metalclouds.compare",
    "metalclouds.bench",
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="metalclouds",
        description="Metal ion clouds: fetch, inspect, detect, evaluate and compare. "
        "The whole reproduction is `make paper`; these are its parts.",
    )
    top.add_argument("--version", action="version", version=f"metalclouds {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        importlib.import_module(module).add_command(subparsers)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; errors of the input go to stderr with exit code 2."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except MetalcloudsError as error:
        print(f"metalclouds: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("metalclouds: interrupted; run again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
