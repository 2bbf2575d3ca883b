"""Rehearse `make paper` on the foreign records; prints what each run came to: make rehearse [RECORDS="a b c"]."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tests.rehearsal.stage import NAMES, lines_of_a_user, play
from tests.rehearsal.truth import RIGHT, counted


def main(names: list[str]) -> None:
    """Play each record without and, where there are any, with the lines of a user."""
    for name in names or NAMES:
        with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
            for with_lines in (False, True) if lines_of_a_user(name) else (False,):
                found = play(name, Path(folder) / name, with_lines)
                lines = len(lines_of_a_user(name)) if with_lines else 0
                print(f"record {name}, {lines} entries written by a user: exit code {found.code}, "
                      f"{found.seconds:.0f} s, page {'written' if found.page else 'missing'}")  # fmt: skip
                print(counted(found.compared))
                print(f"  verdicts: {dict(Counter(found.verdicts.values()))}")
                for row in found.compared[found.compared["outcome"] != RIGHT].head(20).itertuples():
                    print(f"    {row.instrument} {row.night}: {row.outcome}  {row.why}")
                if found.code:
                    print("  told on the terminal:\n" + "\n".join(f"    {line}" for line in found.told.splitlines()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal", description=__doc__)
    parser.add_argument("records", nargs="*", metavar="RECORD", help=f"some of {', '.join(NAMES)}; all where none")
    chosen = parser.parse_args().records
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"no record {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    main(chosen)
