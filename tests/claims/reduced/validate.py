"""All reduced records, from their files to the verdicts; one of them to the page. Written as JSON.

    python -m tests.claims.reduced.validate results/validate/claims.reduced.json [FULL_RUN [NAME ...]]

FULL_RUN is a folder for the full run, kept and used again. About a minute of computing a record.
Then every number of detection and of the feet of stripes is moved on the full run (`tests.claims.moved_settings`),
where no names are given: a quarter of an hour.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from metalclouds import io
from tests.claims import moved_settings
from tests.claims.reduced.suite import CASES, changes, faults, run, verdicts_of, without_products
from tests.workflow.checkout import Checkout

# The record that goes on to the page.
TO_THE_PAGE = "no_digisonde"


def main(out: str, kept: str = "", names: tuple[str, ...] = ()) -> int:
    """Run the reduced records; 1 if a verdict turned or is missing."""
    with tempfile.TemporaryDirectory() as folder:
        full = Checkout(Path(kept or f"{folder}/full"))
        full.snakemake("claims")
        expected, rows = verdicts_of(full), []
        for name in names or CASES:
            targets = ("report",) if name == TO_THE_PAGE else ()
            checkout, seconds = run(CASES[name], full, Path(folder) / name, *targets)
            found = verdicts_of(checkout)
            wrong = faults(CASES[name], expected, found)
            rows.append({"record": name, "faults": wrong, "changes": changes(expected, found), "passed": not wrong})
            print(f"{name}: {seconds:.0f} s", rows[-1], flush=True)
            assert not targets or checkout.path("results/twin/report/index.html").exists()
            without_products(checkout)
        beside = Path(out).with_name("claims.settings.json")
        followed = 0 if names else moved_settings.main(str(beside), str(full.path("results/twin")))
    io.write_json(out, {"records": rows})
    return max(followed, int(not all(row["passed"] for row in rows)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *sys.argv[2:3], tuple(sys.argv[3:])))
