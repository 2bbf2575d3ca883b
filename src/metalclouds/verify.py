"""`metalclouds verify`: whether a run's products are what its jobs have written."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metalclouds import run_lock, sums
from metalclouds.errors import ReadError
from metalclouds.subcommand import parser_of

EXAMPLE = """\
Each job of a run records size, time and sha256 of its products in results/<run>/sums/. Files whose size and time are
the recorded ones count as unchanged; with --full every file is read.

examples:
  metalclouds verify results/twin            what is lost, cut or changed
  metalclouds verify --full results/zenodo   the same, every byte read
  metalclouds verify --repair results/twin   remove what is damaged, so that the next run makes it again

exit code: 0 every file is as written (with --repair: damaged ones were removed); 1 a file is lost or changed;
2 the check was not possible
"""
SHOWN = 20


def add_command(subparsers: Any) -> None:
    """Register the subcommand."""
    parser = parser_of(
        subparsers,
        "verify",
        "check that the files of a run are as its jobs wrote them",
        "Compare the products of a run with the checksums that its jobs recorded.",
        EXAMPLE,
    )
    parser.add_argument("run_dir", type=Path, metavar="RUN", help="results/<run>")
    parser.add_argument("--full", action="store_true", help="read every file")
    parser.add_argument("--repair", action="store_true", help="remove what is damaged: the next run makes it again")
    parser.set_defaults(run=_run)


def report(lost: Sequence[sums.Loss]) -> str:
    """What is wrong, a line a file; damaged files first, then those that are gone."""
    ordered = sorted(lost, key=lambda loss: loss.what == "lost")
    lines = [f"  {loss.what}: {loss.path}" for loss in ordered[:SHOWN]]
    if len(lost) > SHOWN:
        lines.append(f"  and {len(lost) - SHOWN} more")
    if any(loss.what == "lost" for loss in lost):
        lines.append("  (an interrupted run removes the files that it was about to make: that is not damage)")
    return "\n".join(lines)


def complaint(run_dir: Path, lost: Sequence[sums.Loss]) -> str:
    """What is wrong with a run, and what to do."""
    return (
        f"{run_dir}: not as the run has written it ({len(lost)}):\n{report(lost)}\n"
        f"  `metalclouds verify --repair {run_dir}` removes them; the next run makes them again"
    )


def repair(run_dir: Path, lost: Sequence[sums.Loss]) -> str:
    """Remove damaged products; what was done."""
    removed = sums.remove(run_dir, lost)
    return (
        f"{run_dir}: not as the run had written it ({len(lost)}):\n{report(lost)}\n"
        f"  taken away, to be made again by the next run: {', '.join(removed)}"
    )


def _run(options: argparse.Namespace) -> int:
    run_dir: Path = options.run_dir
    if not (run_dir / sums.FOLDER).is_dir():
        if options.repair:
            return 0
        raise ReadError("no checksums of a run", file=run_dir / sums.FOLDER, remedy="give results/<run> of a run")
    if options.repair:
        # A run that goes on has products that are not recorded yet.
        with run_lock.alone(run_dir.parent):
            if lost := sums.losses(run_dir, options.full):
                print(repair(run_dir, lost), file=sys.stderr)
        return 0
    if lost := sums.losses(run_dir, options.full):
        print(complaint(run_dir, lost), file=sys.stderr)
        return 1
    files = sum(len(files) for _, outputs in sums.records(run_dir) for files in outputs.values())
    print(f"{run_dir}: {files} files are as the run has written them")
    return 0
