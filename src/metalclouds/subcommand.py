"""How every subcommand of `metalclouds` introduces itself."""

from __future__ import annotations

import argparse
from typing import Any


def parser_of(subparsers: Any, name: str, summary: str, description: str, example: str) -> argparse.ArgumentParser:
    """Register a subcommand.

    Parameters
    ----------
    subparsers
        what `add_subparsers` gave.
    summary
        its line in `metalclouds --help`.
    description, example
        what its own help says before and after the options; the example keeps its line breaks.
    """
    return subparsers.add_parser(
        name,
        help=summary,
        description=description,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
