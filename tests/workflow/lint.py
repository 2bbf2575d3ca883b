"""Snakemake's own lint, without the one demand that does not hold here: python -m tests.workflow.lint

The software is installed beforehand as one hash-locked environment (envs/), or the whole project as one image
(envs/Dockerfile); rules bring none of their own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PASSED_OVER = "Specify a conda environment or container for each rule"


def complaints(text: str) -> list[str]:
    """Titles of what the lint found, the one that is passed over left out."""
    titles = [line.removeprefix("    * ").strip(" .:") for line in text.splitlines() if line.startswith("    * ")]
    return [title for title in titles if title != PASSED_OVER]


def main() -> int:
    """Run the lint; 1 if it found something or could not be run."""
    snakemake = str(Path(sys.executable).with_name("snakemake"))
    done = subprocess.run([snakemake, "--lint"], capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    found = complaints(text)
    if found or (done.returncode and PASSED_OVER not in text):
        print("\n".join(found) or text, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
