"""What run.json says of a run: its jobs, and how long they took together and from first to last."""

import datetime
import os

import pytest

from metalclouds.run_record import elapsed, run_record
from metalclouds.schema.documents import JobCost


@pytest.fixture
def run_dir(tmp_path):
    """Two jobs: one of 10 s that ended at 1000 s, one of 5 s that ended at 1025 s."""
    header = "s\tmax_rss\tcpu_time\n"
    for name, wall, memory, end in (("claims", 10.0, 120.5, 1000), ("figures/figure1", 5.0, "-", 1025)):
        path = tmp_path / f"benchmarks/{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{header}{wall}\t{memory}\t{wall / 2}\n", encoding="utf-8")
        os.utime(path, (end, end))
    return tmp_path


def test_elapsed_from_the_start_of_the_first_job_to_the_end_of_the_last(run_dir):
    # the first began at 990 s, the last ended at 1025 s
    assert elapsed(run_dir / "benchmarks") == 35.0
    assert elapsed(run_dir / "nothing") is None


def test_jobs_and_configuration_stand_in_the_record(run_dir):
    record = run_record(run_dir, {"source": "twin"})
    assert record.jobs == (
        JobCost("claims", 10.0, 5.0, 120.5),
        JobCost("figures/figure1", 5.0, 2.5, None),
    )
    assert record.configuration == {"source": "twin"}
    assert record.elapsed_s == 35.0
    assert abs(datetime.date.fromisoformat(record.date) - datetime.datetime.now(datetime.UTC).date()).days <= 1
    assert record.machine.cores >= 1
    assert {"python", "metalclouds", "numpy"} <= set(record.versions)
