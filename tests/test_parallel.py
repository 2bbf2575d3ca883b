"""The same answer and the same bytes, in the order of the nights, from every kind of client."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from metalclouds import io, parallel
from metalclouds.detect import batch
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ConfigError
from metalclouds.parallel import NETCDF
from tests.detect import scenes

NIGHTS = ("2021-01-10", "2021-01-11")


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


@pytest.fixture(scope="module")
def scheduler():
    """Address of a scheduler that somebody else started, with one worker process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


def test_an_address_is_used(scheduler):
    with parallel.client(scheduler) as client:
        assert parallel.map_nights(slow_square, [3], client) == [9]


@pytest.mark.parametrize("spec", ["none", "threads"])
def test_each_result_is_told_once(spec):
    told = []
    with parallel.client(spec, workers=2) as client:
        assert parallel.map_nights(slow_square, [1, 2, 3], client, told.append) == [1, 4, 9]
    assert sorted(told) == [1, 4, 9]


def test_workers_are_forked_from_one_process_that_has_imported_what_they_need():
    # In a process of its own: the server that workers are forked from is started once.
    code = (
        "import os, sys\nfrom metalclouds import parallel\n"
        "def where(_):\n    return os.getppid(), 'metalclouds.physics.sun' in sys.modules\n"
        "with parallel.client('processes', workers=2, modules=['metalclouds.physics.sun']) as client:\n"
        "    found = parallel.map_nights(where, [1, 2, 3, 4], client)\n"
        "print(len({parent for parent, _ in found}), all(there for _, there in found))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout == "1 True\n"


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Two short nights of counts, as the ingest writes them."""
    folder = tmp_path_factory.mktemp("ingested")
    for seed, night in enumerate(NIGHTS):
        dataset = scenes.make_night(replace(scenes.Scene(), night=night, seed=seed, start=13.0, end=14.0))
        dataset.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
        io.write_netcdf(folder / f"{night}.nc", dataset)
    return [folder / f"{night}.nc" for night in NIGHTS]


def products(folder, files, client) -> dict[str, bytes]:
    """Every file that detection leaves, by name."""
    batch.run_batch(files, folder / "batches/b.json", folder / "b", DetectSettings(), client)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.fixture(scope="module")
def here(nights, tmp_path_factory):
    """Products of detection without any client."""
    return products(tmp_path_factory.mktemp("here") / "detect", nights, None)


@pytest.mark.parametrize("kind", ["threads", "processes", "address"])
def test_same_bytes_from_every_client(kind, nights, here, scheduler, tmp_path):
    with parallel.client(scheduler if kind == "address" else kind, workers=2) as client:
        assert products(tmp_path / "detect", nights[::-1], client) == here
    assert {f"b/{night}.nc" for night in NIGHTS} <= here.keys()


def copy_file(job: tuple[str, str]) -> None:
    """Read and write a netCDF file; small, so that two threads are often at it at once."""
    source, target = job
    io.write_netcdf(target, io.read_netcdf(source))


def test_threads_do_not_meet_in_the_netcdf_library(tmp_path):
    source = tmp_path / "source.nc"
    values = xr.Dataset({"x": ("time", np.arange(100.0))})
    values.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
    io.write_netcdf(source, values)
    # In a process of its own: without the lock it would take the tests with it (segmentation fault within 40 files).
    code = (
        "import sys\nfrom tests.test_parallel import copy_file\nfrom metalclouds import parallel\n"
        "source, folder = sys.argv[1:]\n"
        "with parallel.client('threads', workers=4) as client:\n"
        "    parallel.map_nights(copy_file, [(source, f'{folder}/{i}.nc') for i in range(40)], client)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(source), str(tmp_path)], check=True, timeout=120)
    assert {(tmp_path / f"{i}.nc").read_bytes() for i in range(40)} == {source.read_bytes()}


def test_a_file_waits_until_the_library_is_free(tmp_path):
    import threading

    source = tmp_path / "source.nc"
    values = xr.Dataset({"x": ("time", np.arange(3.0))})
    values.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
    io.write_netcdf(source, values)
    reader = threading.Thread(target=io.read_netcdf, args=(source,))
    with NETCDF:
        reader.start()
        reader.join(0.3)
        assert reader.is_alive()
    reader.join(10)
    assert not reader.is_alive()


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


def test_a_client_that_cannot_be_is_explained():
    with pytest.raises(ConfigError, match="no such kind"), parallel.client("cloud", workers=2):
        pass
