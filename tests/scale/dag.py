"""Building the job graph of a campaign of any length: time, jobs, memory of the process that submits."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from metalclouds import io
from metalclouds.constants import INSTRUMENTS
from metalclouds.ingest.inventory import batch_of
from metalclouds.schema.documents import Manifest
from tests.workflow.checkout import CASES, Checkout

LAST_NIGHT = datetime.date(2022, 12, 31)


def dates(number: int) -> list[str]:
    """The case nights, and the nights that end with the campaign's last year, one after the other."""
    days = (str(LAST_NIGHT - datetime.timedelta(days=n)) for n in range(number + len(CASES)))
    others = [day for day in days if day not in CASES]
    return sorted([*CASES, *others][:number])


def inventory(instrument: str, nights: list[str]) -> dict[str, Any]:
    """An inventory such as the ingest writes, one file a night."""
    batches: dict[str, list[dict[str, Any]]] = {}
    for night in nights:
        entry = {
            "night": night, "files": [{"path": f"raw/files/{instrument}_{night[:7]}.zip", "member": f"{night}.nc"}],
            "reader": "lidar_arrays", "options": {},
        }  # fmt: skip
        batches.setdefault(batch_of(night, instrument, list(CASES)), []).append(entry)
    return {
        "instrument": instrument, "status": "present", "why": "", "where": "", "synthetic": True, "source": "a test",
        "batches": batches, "unmapped": [], "damaged": [], "sha256": {},
    }  # fmt: skip


def campaign(folder: Path, nights: list[str]) -> Checkout:
    """A checkout in which all files are fetched and listed, and nothing is ingested yet."""
    checkout = Checkout(folder, {"source": "zenodo"})
    raw = checkout.path("results/zenodo/raw")
    for name in ("files", "giro"):
        (raw / name).mkdir(parents=True, exist_ok=True)
    Manifest("zenodo", "a test", False).write(raw / "manifest.json")
    for instrument in INSTRUMENTS:
        io.write_json(raw / f"inventory/{instrument}.json", inventory(instrument, nights))
    return checkout


# Linux counts the memory of the process that forked it to a child: a small one in between, and its child alone.
_USAGE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, flush=True)
sys.exit(code)
"""


def measure(folder: Path, number: int) -> dict[str, Any]:
    """Dry run of a campaign of so many nights.

    Returns
    -------
    dict
        `nights`, `jobs`, `processor_s` and `clock_s` of `snakemake -n`, `memory_mb` its largest resident memory.

    Raises
    ------
    RuntimeError
        If the dry run fails.
    """
    checkout = campaign(folder, dates(number))
    command = [str(Path(sys.executable).with_name("snakemake")), "-n", "--quiet", "rules", "--nolock", "--cores", "1"]
    command += ["--configfile", "config/config.yaml", str(checkout.settings)]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-c", _USAGE, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    text = done.stdout + done.stderr
    (folder / "log.txt").write_text(text, encoding="utf-8")
    total = re.search(r"^total\s+(\d+)", text, re.MULTILINE)
    if done.returncode or total is None:
        raise RuntimeError(f"the dry run of {number} nights failed:\n{text[-3000:]}")
    processor_s, memory_kb = (float(word) for word in done.stdout.splitlines()[-1].split())
    return {
        "nights": number, "jobs": int(total.group(1)), "processor_s": round(processor_s, 2),
        "clock_s": round(time.perf_counter() - start, 2), "memory_mb": round(memory_kb / 1e3, 1),
    }  # fmt: skip
