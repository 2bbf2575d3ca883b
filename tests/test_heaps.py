"""Damage after which the HDF5 library reads for ever is found before it reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import h5py
import netCDF4
import pytest
import scipy.io

from metalclouds.errors import ReadError
from metalclouds.heaps import check_file, check_heaps
from tests.faults.archives import heap_without_end

SAMPLES = [path for path in Path("tests/data").rglob("*") if path.suffix in (".nc", ".h5", ".hdf5", ".mat")]


def written(path: Path, before: int = 0) -> bytes:
    """A file with texts of any length, behind so many bytes of somebody else's."""
    with h5py.File(path, "w", userblock_size=before) as file:
        file.create_dataset("names", data=["one", "two", "three and more"], dtype=h5py.string_dtype())
        file["names"].attrs["of"] = ["four", "five"]
    return path.read_bytes()


@pytest.mark.parametrize("before", [0, 512, 2048])
@pytest.mark.parametrize("second", [False, True])
def test_a_heap_whose_objects_lead_nowhere_is_found(tmp_path, before, second):
    """Number and size of the first or of the second object become zero; the second begins at a multiple of eight."""
    good = written(tmp_path / "a.h5", before)
    check_heaps(good, "a.h5")
    start = good.find(b"GCOL") + 16
    if second:
        start += 16 + -(-int.from_bytes(good[start + 8 : start + 16], "little") // 8) * 8
    with pytest.raises(ReadError, match=f"byte {start}"):
        check_heaps(good[:start] + bytes(16) + good[start + 16 :], "a.h5")


def test_an_object_that_ends_behind_its_heap_is_found(tmp_path):
    good = bytearray(written(tmp_path / "a.h5"))
    start = good.find(b"GCOL") + 16
    good[start + 8 : start + 16] = (2**64 - 16).to_bytes(8, "little")
    with pytest.raises(ReadError, match="without end"):
        check_heaps(bytes(good), "a.h5")


@pytest.mark.parametrize(
    "content", [b"", b"\x89HDF\r\n\x1a\n", b"GCOL\x01\0\0\0" + bytes(100), b"\x89HDF\r\n\x1a\n\x02"]
)
def test_what_is_no_whole_file_is_left_to_the_library(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    check_file(tmp_path / "x")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_real_files_have_no_such_heap(path):
    check_file(path)


def test_files_of_other_kinds_are_not_looked_at(tmp_path):
    scipy.io.savemat(tmp_path / "a.mat", {"x": [1.0, 2.0]})
    with netCDF4.Dataset(tmp_path / "b.nc", "w", format="NETCDF3_CLASSIC") as file:
        file.createDimension("x", 3)
    check_file(tmp_path / "a.mat")
    check_file(tmp_path / "b.nc")


def test_reading_such_a_file_ends(tmp_path):
    """In processes of their own: without the check neither would come back."""
    path = tmp_path / "night.nc"
    heap_without_end(path)
    reader = f"from metalclouds import io; io.read_netcdf({str(path)!r})"
    for command in (["-c", reader], ["-m", "metalclouds.cli", "inspect", str(path)]):
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=120, check=False)
        assert "a heap without end" in done.stdout + done.stderr
