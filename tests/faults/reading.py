"""Read a file as ingest does, in a process of its own: what came of it, processor time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MOST_MB = 1000.0
# Processor time: the machine may have other work.
LONGEST_S = 20.0
GIVEN_UP_S = 200.0


@dataclass(frozen=True)
class Reading:
    """What came of a file: read, stopped (by a message of ours) or wrong (anything else), with the text."""

    outcome: str
    text: str
    seconds: float
    memory_mb: float

    @property
    def wrong(self) -> str:
        """Which rule is broken, "" if none is."""
        if self.outcome == "wrong":
            return self.text
        if self.memory_mb > MOST_MB:
            return f"{self.memory_mb:.0f} MB"
        return f"{self.seconds:.1f} s" if self.seconds > LONGEST_S else ""


def read(path: Path) -> Reading:
    """Try all that a run does with a file of a record."""
    begin = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.reading", str(path)], capture_output=True, text=True,
            timeout=GIVEN_UP_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Reading("wrong", "no end", time.monotonic() - begin, 0.0)
    if done.returncode != 0:
        return Reading("wrong", done.stderr[-400:], time.monotonic() - begin, 0.0)
    told = json.loads(done.stdout.splitlines()[-1])
    return Reading(told["outcome"], told["text"], told["seconds"], told["memory_mb"])


def tried(path: Path) -> tuple[str, str]:
    """Outcome and text of the look that `inspect` and ingest take at a file."""
    from metalclouds.errors import MetalcloudsError
    from metalclouds.ingest.faults import ProgramFault
    from metalclouds.ingest.inspection import inspect
    from metalclouds.ingest.settings import IngestSettings

    try:
        reports = inspect(path, IngestSettings(catalogue=("config/catalogue/formats.yaml",)))
    except ProgramFault as error:
        return "wrong", str(error)
    except MetalcloudsError as error:
        return "stopped", str(error)
    said = [str(report.get("problem") or "") for report in reports]
    faults = [text for text in said if "unexpected error" in text]
    if faults:
        return "wrong", faults[0]
    read = any(report.get("status") == "read" for report in reports)
    return ("read" if read else "stopped"), "; ".join(said)[:600]


def main(path: Path) -> None:
    """The child: one line of JSON on stdout."""
    outcome, text = tried(path)
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory = int(status["VmHWM"].split()[0]) / 1024
    told = {"outcome": outcome, "text": text, "seconds": time.process_time(), "memory_mb": memory}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
