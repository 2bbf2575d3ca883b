"""Nights of `metalclouds twin --explanation`, simulated once and kept: causes are drawn, not stripes.

A night costs a second or two of processor time. Kept nights carry the code that made them in the name of their
folder, so that a night of other code is never taken for one of this.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from metalclouds import code_hash, io
from metalclouds.figures.opened import cases_of
from metalclouds.twin.physical.files import truth_rows
from metalclouds.twin.physical.night import simulate
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import wind_250km

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "results/validate/supplement_nights"
SIMULATOR = "metalclouds.twin.physical"

Rows = dict[str, list[dict[str, Any]]]


def night_rows(explanation: str, night: str, seed: int) -> Rows:
    """Truth of a simulated night, with the true wind at 250 km each hour."""
    settings = TwinSettings(seed=seed, nights="cases")
    simulated = simulate(explanation, night, settings)
    rows = truth_rows(simulated, "counts", settings)
    hours = np.arange(np.datetime64(f"{night}T10:00"), np.datetime64(f"{night}T23:00"), np.timedelta64(1, "h"))
    east, north = wind_250km(simulated.sky, hours.astype("datetime64[ns]"))
    rows["winds"] = [
        {"night": night, "time": time, "eastward": e, "northward": n}
        for time, e, n in zip(hours.astype("datetime64[ns]"), east, north, strict=True)
    ]
    return rows


@cache
def version() -> str:
    """Hash of the code that makes a night, and of this module's part of it."""
    own = [f"{SIMULATOR}.{path.stem}" for path in sorted(code_hash.file_of(SIMULATOR).parent.glob("*.py"))]
    sources = [
        f"{SIMULATOR}.sources.{path.stem}" for path in (ROOT / "src/metalclouds/twin/physical/sources").glob("*.py")
    ]
    names = [name for name in [*own, *sources] if not name.endswith("__init__")]
    made = code_hash.modules_with_imports([name for name in names if name != f"{SIMULATOR}.files"])
    texts = [code_hash.source(path).digest for path in [*made.values(), code_hash.file_of(f"{SIMULATOR}.files")]]
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:12]


def kept(explanation: str, seed: int) -> Path:
    """Where the nights of a seed are kept."""
    return KEPT / version() / f"{explanation}_{seed}.pkl"


def nights(explanation: str, seed: int) -> list[Rows]:
    """The case nights of a seed, simulated once and kept."""
    path = kept(explanation, seed)
    if not path.is_file():
        dates = [case["night"] for case in cases_of(ROOT / "none")]
        rows = [night_rows(explanation, date, seed) for date in sorted(dates)]
        with io.replacing(path) as temporary:
            temporary.write_bytes(pickle.dumps(rows))
    return pickle.loads(path.read_bytes())


def make(explanations: Sequence[str], seeds: Sequence[int], workers: int) -> None:
    """Simulate what is not kept yet, in processes; each seed is kept when it is done, so that a next call goes on."""
    lacking = [(one, seed) for seed in seeds for one in explanations if not kept(one, seed).is_file()]
    began = time.monotonic()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_make, *one) for one in lacking]
        for done, job in enumerate(as_completed(jobs), start=1):
            job.result()
            if done % 25 == 0 or done == len(jobs):
                print(f"{done} of {len(jobs)} seeds simulated, {time.monotonic() - began:.0f} s", flush=True)


def _make(explanation: str, seed: int) -> None:
    """Without the rows, which need not come back."""
    nights(explanation, seed)
