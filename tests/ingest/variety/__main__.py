"""`python -m tests.ingest.variety [FIRST LAST] [INSTRUMENT]`: draw, read, and say what came of each."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.ingest.variety import draw, judge


def main(arguments: list[str]) -> int:
    """Print each draw that was not read right, and the shares."""
    first, last = (int(arguments[0]), int(arguments[1])) if len(arguments) > 1 else (0, 60)
    instrument = arguments[2] if len(arguments) > 2 else None
    counts: dict[str, Counter] = {}
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            drawn = draw.draw(seed, Path(folder), instrument)
            found = judge.tried(drawn.path, drawn.truth, drawn.missing)
            name = instrument or draw.INSTRUMENTS[seed % len(draw.INSTRUMENTS)]
            counts.setdefault(name, Counter())[found.kind] += 1
            if found.kind != "right":
                why = " | ".join(found.why.splitlines())[:600].replace(folder, "")
                print(f"{found.kind:6s} {seed:4d} {name}: {drawn.path.name} {drawn.choices}\n       -> {why}")
    for name, kinds in counts.items():
        print(f"{name}: {dict(kinds)}")
    total = sum(counts.values(), Counter())
    print("all:", {kind: f"{100 * n / total.total():.1f} %" for kind, n in total.most_common()})
    return int(bool(total["wrong"] + total["fault"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
