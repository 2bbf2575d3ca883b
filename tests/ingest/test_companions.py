"""A matrix whose axes lie in other files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from metalclouds.errors import UndecidedError
from metalclouds.ingest.inspection import inspect
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any
from tests.ingest.shapes import NIGHTS, truth
from tests.ingest.ten_shapes import difference

# Half the last printed digit, and float32.
TOLERANCE = 5.1e-5 + 1000 * np.finfo("float32").eps


def as_text(path: Path, values: np.ndarray, digits: int) -> None:
    np.savetxt(path, values, fmt=f"%.{digits}f")


def text_matrices(folder: Path) -> None:
    """A folder a night with matrix and times as text, and one file of heights in metres above them all."""
    for night in NIGHTS:
        t, own = truth(night), folder / night.replace("-", "")
        own.mkdir(parents=True)
        as_text(own / "density.txt", t.density, 4)
        as_text(own / "UT_hours.txt", t.hours, 7)
    as_text(folder / "height_m.txt", 1e3 * truth(NIGHTS[0]).altitude, 1)


def mat_vectors(folder: Path) -> None:
    """Matrix, times and heights in MAT files of one variable each, the date in the names; altitude x time."""
    for night in NIGHTS:
        t, date = truth(night), night.replace("-", "")
        scipy.io.savemat(folder / f"Ca_{date}.mat", {"data": t.density.T})
        scipy.io.savemat(folder / f"time_UT_{date}.mat", {"x": t.hours})
        scipy.io.savemat(folder / f"alt_{date}.mat", {"y": t.altitude})


@pytest.mark.parametrize("write", [text_matrices, mat_vectors])
def test_axes_in_files_beside_the_matrix(tmp_path, write):
    write(tmp_path)
    nights = read_any(tmp_path)
    assert [night.attrs["night"] for night in nights] == list(NIGHTS)
    assert max(difference(night) for night in nights) < TOLERANCE
    decided = {entry["what"]: entry["because"] for entry in json.loads(nights[0].attrs["decisions"])}
    assert {"time axis", "altitude axis"} <= set(decided)


@pytest.mark.parametrize("write", [text_matrices, mat_vectors])
def test_axes_beside_the_matrix_in_an_archive(tmp_path, write):
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "record.zip", "w") as archive:
        for path in sorted((tmp_path / "folder").rglob("*.*")):
            archive.write(path, path.relative_to(tmp_path))
    nights = read_any(tmp_path / "record.zip")
    assert max(difference(night) for night in nights) < TOLERANCE


def test_two_files_that_could_be_the_axis_stop_and_the_line_decides(tmp_path):
    night = truth(NIGHTS[0])
    scipy.io.savemat(tmp_path / "Ca_20210603.mat", {"data": night.density})
    for name in ("time_UT_a", "time_UT_b"):
        scipy.io.savemat(tmp_path / f"{name}.mat", {"x": night.hours})
    scipy.io.savemat(tmp_path / "alt.mat", {"x": night.altitude})
    with pytest.raises(UndecidedError, match="which file holds the time") as caught:
        read_any(tmp_path)
    assert "axes: {time: time_UT_a.mat}" in str(caught.value)
    own = tmp_path / "own.yaml"
    own.write_text(
        "entries:\n- {glob: 'Ca_*.mat', instrument: lidar, reader: lidar_arrays,"
        " options: {axes: {time: 'time_UT_a.mat'}}}\n"
    )
    (found,) = read_any(tmp_path, IngestSettings(catalogue=(str(own),)))
    assert difference(found) < TOLERANCE


def test_a_matrix_without_any_axis_names_the_option(tmp_path):
    scipy.io.savemat(tmp_path / "Ca_20210603.mat", {"data": truth(NIGHTS[0]).density})
    (tmp_path / "other.txt").write_text("1\n2\n3\n")
    with pytest.raises(UndecidedError, match=r"FILE is one of other.txt[\s\S]*axes: \{time: FILE, altitude: FILE\}"):
        read_any(tmp_path)


def test_inspect_calls_an_axis_an_axis(tmp_path):
    mat_vectors(tmp_path)
    reports = {report["file"].split("_")[0]: report for report in inspect(tmp_path, IngestSettings())}
    assert {name: report["status"] for name, report in reports.items()} == {
        "Ca": "read",
        "alt": "axis",
        "time": "axis",
    }
