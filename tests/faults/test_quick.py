"""A small part of `make faults` (python -m tests.faults), for every run of the tests."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults import mutants
from tests.faults.archives import TRAPS
from tests.faults.reading import tried
from tests.faults.runs import Tally

SAMPLES = Path("tests/ingest/cells")
# Traps that are made in no time; the others take seconds to make.
QUICK = (
    "zips in zips, five deep", "tar whose header claims 8 TB",
    "tar with 13 GB of nothing", "workbook that claims all cells", "HDF5 groups inside themselves",
    "HDF5 that claims 800 GB", "netCDF with a heap without end",
    "netCDF that claims 320 GB", "MATLAB that claims 2^60 values", "ionogram at 2^31 MHz",
    "zip with names that climb",
)  # fmt: skip


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if trap.name in QUICK], ids=lambda trap: trap.name)
def test_trap_is_stopped(trap, tmp_path):
    trap.write(tmp_path / trap.file)
    outcome, text = tried(tmp_path / trap.file)
    assert outcome in ("read", "stopped"), text
    assert sorted(path.name for path in tmp_path.iterdir()) == [trap.file]


def test_every_quick_trap_is_there():
    assert set(QUICK) <= {trap.name for trap in TRAPS}


def test_mutants_of_small_samples_are_read_or_stopped(tmp_path):
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".csv", ".nc", ".xlsx"))
    chance = random.Random(3)
    for number in range(20):
        origin = chance.choice(files)
        (tmp_path / origin.name).write_bytes(mutants.mutated(origin.read_bytes(), chance))
        outcome, text = tried(tmp_path / origin.name)
        assert outcome in ("read", "stopped"), f"{number} {origin.name}: {text}"


@pytest.mark.parametrize("seed", range(20))
def test_a_mutant_differs_from_its_origin_in_most_cases(seed):
    data = bytes(range(256)) * 10
    assert mutants.mutated(data, random.Random(seed)) != data


def test_a_reader_that_fails_is_counted_as_wrong(tmp_path, monkeypatch):
    def broken(path: Path) -> tuple[str, str]:
        raise KeyError(path.name)

    assert mutants._attempt(broken, tmp_path / "x")["outcome"] == "wrong"


def test_a_tally_counts_what_did_not_hold():
    tally = Tally()
    tally.count(True, "a")
    tally.count(False, "b")
    assert (tally.tried, tally.held, tally.wrong) == (2, 1, ["b"])
