"""Write the committed reference: what `metalclouds compare` reads of the small simulated campaign.

    python -m tests.regression.make_reference [FOLDER]

FOLDER is a folder of tests.workflow.checkout to make the run in or to go on with (METALCLOUDS_SMALL_RUN); without it
the run is made in a temporary one. What belongs to the reference stands in reference/reference.txt.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from metalclouds import io
from metalclouds.compare.folders import REFERENCE, SETTINGS, files_of, patterns_of
from metalclouds.compare.model import fits
from metalclouds.files import read_json
from tests.workflow.checkout import Checkout

FOLDER = Path(__file__).with_name("reference")
LARGEST_BYTES = 4_000_000
"""A reference is committed anew with every change of the results, so it has to stay small."""


def write_reference(run: Path, folder: Path = FOLDER) -> list[str]:
    """Replace the files of a reference folder by those of a run; their names.

    Raises
    ------
    ValueError
        If nothing fits the patterns, or the files are too large to be committed.
    """
    patterns = patterns_of(folder)
    names = sorted(name for name in files_of(run) if any(fits(name, pattern) for pattern in patterns))
    size = sum((run / name).stat().st_size for name in names)
    if not names or size > LARGEST_BYTES:
        raise ValueError(f"{len(names)} files of {run} with {size} bytes fit {folder / REFERENCE}")
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != REFERENCE:
            path.unlink()
    io.write_json(folder / SETTINGS, read_json(run / "run.json")["configuration"])
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / name, folder / name)
    return names


def main() -> int:
    """Make the run where it is not there yet, and copy."""
    kept = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("METALCLOUDS_SMALL_RUN")
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Checkout(Path(kept) if kept else Path(temporary) / "run")
        checkout.snakemake()
        names = write_reference(checkout.path("results/twin"))
    print(f"{len(names)} files in {FOLDER}; look at the difference (git diff) before you commit it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
