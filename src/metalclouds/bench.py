"""`metalclouds bench`."""

from __future__ import annotations

import argparse


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `bench`."""
    subparsers.add_parser("bench", help="measure speed and memory")
