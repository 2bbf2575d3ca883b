"""What comes of 500 files of hostile variety: shares read right, read after a proposed line, stopped, silently wrong.

python -m tests.ingest.validate OUT.json
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.ingest.variety import draw, judge

DRAWS = 500
# Aims: most are read without a line, all others after one of the proposed lines, none wrongly.
LEAST_RIGHT = 0.85


def shares(first: int, last: int) -> dict:
    """Outcomes of draws, by instrument and in all, and each draw that is wrong or stays a stop."""
    kinds: dict[str, Counter] = {}
    failures = []
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            drawn = draw.draw(seed, Path(folder))
            found = judge.tried(drawn.path, drawn.truth, drawn.missing)
            kinds.setdefault(draw.INSTRUMENTS[seed % len(draw.INSTRUMENTS)], Counter())[found.kind] += 1
            if found.kind not in ("right", "pasted"):
                why = found.why.replace(folder, "")
                failures.append(
                    {"seed": seed, "file": drawn.path.name, "kind": found.kind, "why": why, **drawn.choices}
                )
    total = sum(kinds.values(), Counter())
    return {
        "draws": total.total(),
        "shares": {kind: total[kind] / total.total() for kind in ("right", "pasted", "stop", "wrong", "fault")},
        "by_instrument": {name: dict(counter) for name, counter in kinds.items()},
        "failures": failures,
    }


def main(out: Path) -> int:
    """Draw, judge, write; exit code 1 if a file was silently wrong, or too few were right."""
    found = shares(0, DRAWS)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    share = found["shares"]
    print(", ".join(f"{kind} {100 * value:.1f} %" for kind, value in share.items()))
    return int(share["wrong"] + share["fault"] > 0 or share["right"] < LEAST_RIGHT)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
