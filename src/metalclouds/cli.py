"""The `metalclouds` command. Each subcommand lives in the package that does its work."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Iterable

from metalclouds import __version__
from metalclouds.checkout import check_own_code
from metalclouds.errors import MetalcloudsError, in_words

# Subcommand -> module with a function add_command(subparsers) that registers it and sets `run`, which is called with
# the parsed arguments and returns the exit code.
COMMANDS = {
    "fetch": "metalclouds.fetch.command",
    "inspect": "metalclouds.ingest.command",
    "twin": "metalclouds.twin.command",
    "detect": "metalclouds.detect.command",
    "plot": "metalclouds.figures.command",
    "evaluate": "metalclouds.evaluate",
    "compare": "metalclouds.compare",
    "bench": "metalclouds.bench",
    "verify": "metalclouds.verify",
}


def parser(asked: Iterable[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The command line with the subcommands that are asked for."""
    top = argparse.ArgumentParser(
        prog="metalclouds",
        description="Metal ion clouds: fetch, inspect, detect, evaluate and compare. "
        "The whole reproduction is `make paper`; these are its parts.",
    )
    top.add_argument("--version", action="version", version=f"metalclouds {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in asked:
        importlib.import_module(COMMANDS[name]).add_command(subparsers)
    return top


def _asked(arguments: list[str]) -> Iterable[str]:
    """The subcommand of a command line, so that the others are not imported; all of them for --help and mistakes."""
    if arguments[:1] == ["--version"]:
        return ()
    return arguments[:1] if arguments and arguments[0] in COMMANDS else tuple(COMMANDS)


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; errors of the input and of the disk go to stderr with exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not have must not end the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser(_asked(arguments)).parse_args(arguments)
    try:
        check_own_code()
        return int(options.run(options) or 0)
    except BrokenPipeError:
        # Whoever read our output has left (| head): nothing more can be said, also not while Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (MetalcloudsError, OSError) as error:
        print(f"metalclouds: {in_words(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("metalclouds: interrupted; run again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
