"""A record, a provider on the loopback address that serves it, and `make paper` on it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from tests.rehearsal.truth import compare
from tests.workflow.checkout import Checkout

HERE = Path(__file__).parent
RECORDS = HERE / "records"
NAMES = ("a", "b", "c")


@dataclass(frozen=True)
class Outcome:
    """What a run on a record came to.

    Attributes
    ----------
    code
        exit code of the command.
    seconds
        its time by the clock.
    told
        the last lines that it printed.
    compared
        what was read, held against the author's truth.
    page
        whether the page was written.
    verdicts
        id -> verdict; empty without a page.
    """

    code: int
    seconds: float
    told: str
    compared: pd.DataFrame
    page: bool
    verdicts: dict[str, str]


def make_record(name: str, folder: Path) -> Path:
    """Make a record; the folder then holds record/, truth.json and zenodo.json."""
    script = RECORDS / name / "make_record.py"
    subprocess.run([sys.executable, str(script), str(folder)], check=True, timeout=300, capture_output=True)
    return folder


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve record/ of a folder as Zenodo does; gives the base address."""
    command = [sys.executable, str(RECORDS / "serve.py"), str(folder / "record"), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1].rstrip("/")
    finally:
        server.kill()
        server.wait()


def lines_of_a_user(name: str) -> list[dict]:
    """The catalogue entries that a person had to write for a record; none where it is read without."""
    path = HERE / "answers" / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["entries"] if path.exists() else []


def play(name: str, folder: Path, with_lines: bool, targets: tuple[str, ...] = ()) -> Outcome:
    """Run `make paper` on a record from nothing, with or without the lines of a user."""
    made = folder if (folder / "truth.json").exists() else make_record(name, folder)
    checkout = Checkout(folder / ("with-lines" if with_lines else "without-lines"))
    own = checkout.path("own.yaml")
    own.write_text(yaml.safe_dump({"entries": lines_of_a_user(name) if with_lines else []}, allow_unicode=True))
    catalogue = ["own.yaml", "config/catalogue/formats.yaml"]
    with served(made) as address:
        fetch = {"zenodo": {"base_url": address}, "giro": {"enabled": False}, "backoff_s": 0.1}
        checkout.configure({"source": "zenodo", "fetch": fetch, "ingest": {"catalogue": catalogue}})
        began = time.monotonic()
        done = checkout.snakemake(*targets, check=False)
    run_dir = checkout.path("results/zenodo")
    return Outcome(
        done.returncode,
        time.monotonic() - began,
        "\n".join((done.stdout + done.stderr).splitlines()[-60:]),
        compare(json.loads((made / "truth.json").read_text(encoding="utf-8")), run_dir),
        (run_dir / "report/index.html").exists(),
        _verdicts(run_dir / "claims/verdicts.json"),
    )


def _verdicts(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {entry["id"]: entry["verdict"] for entry in json.loads(path.read_text(encoding="utf-8"))}
