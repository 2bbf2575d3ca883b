"""`make coverage`: which branches of the package the tests of the single rooms take, a room a process.

Kernels run as plain Python in a part of their own, so that they are seen. What child processes run is not seen:
Snakemake's jobs, notebooks, workers. All holes are in results/faults/coverage.json, the largest in docs/faults.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.faults.page import keep, of_coverage

FOLDER = Path("results/faults")
RESULTS = FOLDER / "coverage.json"
PACKAGE = "src/metalclouds"
MARKS = "not slow and not cluster and not workflow"
# Tests of seconds, which run in the process that looks. "kernels" is without compilation.
ROOMS: dict[str, tuple[str, ...]] = {
    "kernels": ("tests/detect/test_kernels.py", "tests/detect/test_pieces.py"),
    "detect": ("tests/detect",),
    "physics": ("tests/physics", "tests/supplements"),
    "derive": ("tests/derive",),
    "claims": ("tests/claims",),
    "fetch": ("tests/fetch", "tests/faults"),
    "ingest": ("tests/ingest",),
    "twin": ("tests/twin",),
    "report": ("tests/report", "tests/figures"),
    "rest": ("tests",),
}
PLAIN = {"NUMBA_DISABLE_JIT": "1"}
# Holes of so many branches and lines of one function are named.
NAMED_HOLES = 15


def look(room: str) -> int:
    """Run the tests of a room under coverage; what they reach is kept in a file of the room."""
    tests = ROOMS[room] if room != "rest" else tuple(str(path) for path in sorted(Path("tests").glob("test_*.py")))
    command = [
        sys.executable, "-m", "coverage", "run", "--branch", f"--source={PACKAGE}",
        f"--data-file={FOLDER / f'reached.{room}'}", "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider",
        "-m", MARKS, *tests,
    ]  # fmt: skip
    FOLDER.mkdir(parents=True, exist_ok=True)
    return subprocess.run(command, env={**os.environ, **(PLAIN if room == "kernels" else {})}, check=False).returncode


def summary() -> dict[str, Any]:
    """Lines and branches of each package, and the largest holes, from all rooms that were looked at."""
    reached = [path for path in sorted(FOLDER.glob("reached.*")) if path.suffix != ".all"]
    joined, told = FOLDER / "reached.all", FOLDER / "reached.json"
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    base = [sys.executable, "-m", "coverage"]
    subprocess.run([*base, "combine", "-q", "--keep", f"--data-file={joined}", *map(str, reached)], **quiet)
    subprocess.run([*base, "json", "-q", f"--data-file={joined}", "-o", str(told)], **quiet)
    files = json.loads(told.read_text(encoding="utf-8"))["files"]
    told.unlink()
    return {"rooms": [path.suffix[1:] for path in reached], "packages": packages(files), "holes": holes(files)}


def packages(files: dict[str, Any]) -> dict[str, list[int]]:
    """Of each package: lines, lines reached, branches, branches taken."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, one in files.items():
        parts = Path(name).relative_to(PACKAGE).parts
        package = parts[0] if len(parts) > 1 else "(top)"
        for place, kind in enumerate(("num_statements", "covered_lines", "num_branches", "covered_branches")):
            counts[package][place] += one["summary"][kind]
    return dict(sorted(counts.items()))


def holes(files: dict[str, Any]) -> list[dict[str, Any]]:
    """Functions with the most lines and branches that no test took."""
    found = []
    for name, one in files.items():
        for function, part in one["functions"].items():
            missed = len(part["missing_lines"]) + len(part["missing_branches"])
            if function and missed:
                module = str(Path(name).relative_to(PACKAGE).with_suffix(""))
                lines = part["missing_lines"] or [pair[0] for pair in part["missing_branches"]]
                found.append({"module": module, "function": function, "missed": missed, "line": min(lines)})
    return sorted(found, key=lambda one: (-one["missed"], one["module"], one["line"]))


def main() -> int:
    """Look at some rooms, or all; 1 if a test fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="rooms to look at (default: all)")
    options = parser.parse_args()
    failed = [room for room in options.rooms or ROOMS if look(room)]
    content = summary()
    RESULTS.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    kept = {**content, "holes": content["holes"][:NAMED_HOLES]}
    keep("coverage", kept)
    print("\n".join(of_coverage(kept)))
    print(f"tests failed: {', '.join(failed)}" if failed else "all tests passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
