"""The same answer, in the order of the nights, from every kind of client."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from metalclouds import parallel


def slow_square(number: int) -> int:
    time.sleep((7 - number) * 0.01)
    return number * number


@pytest.mark.parametrize("spec", ["none", "processes", "threads"])
def test_results_come_in_the_order_of_the_nights(spec):
    with parallel.client(spec, workers=2) as client:
        assert (client is None) == (spec == "none")
        assert parallel.map_nights(slow_square, [1, 2, 3, 4, 5, 6], client) == [1, 4, 9, 16, 25, 36]


def test_one_worker_needs_no_cluster():
    with parallel.client("processes", workers=1) as client:
        assert client is None


def test_address_of_a_running_scheduler():
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        parallel.client(cluster.scheduler_address) as client,
    ):
        assert parallel.map_nights(slow_square, [3], client) == [9]


def test_a_script_without_a_guard_is_run_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "print('begun')\n"
        "from metalclouds import parallel\n"
        "with parallel.client('processes', workers=2) as client:\n"
        "    print(parallel.map_nights(abs, [-1, -2, -3], client))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == ["begun", "[1, 2, 3]"]


def test_an_error_of_a_night_is_raised():
    def fail(night):
        raise ValueError(f"night {night}")

    with parallel.client("threads", workers=2) as client, pytest.raises(ValueError, match="night 2"):
        parallel.map_nights(fail, [2], client)
