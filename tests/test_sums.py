"""A product that is lost, cut, longer or changed is noticed, and taken away on demand; nothing else is."""

from __future__ import annotations

import hashlib
import os

import pytest

from metalclouds import cli, sums


@pytest.fixture
def run(tmp_path):
    """A run of two jobs: a table, and a folder of two nights with its index; the record lies outside."""
    folder = tmp_path / "results/twin"
    contents = {
        "derive/columns.csv": b"night,x\n2021-01-08,1\n",
        "detect/batches/2021.json": b"{}",
        "detect/2021/2021-01-09.nc": b"one night",
        "detect/2021/2021-01-10.nc": b"another night",
        "../../record/twin/lidar/lidar.json": b"[]",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "detect/2021/.snakemake_timestamp").touch()
    for job, outputs in {
        "columns": ["derive/columns.csv"],
        "detect/2021": ["detect/batches/2021.json", "detect/2021"],
        "twin/lidar": ["../../record/twin/lidar"],
    }.items():
        record = sums.record_path(folder, folder / f"logs/{job}.log")
        sums.write_record(folder, record, [str(folder / name) for name in outputs])
    return folder


def found(run, full=False) -> dict[str, str]:
    return {loss.path: loss.what for loss in sums.losses(run, full)}


def test_a_whole_run_has_no_losses(run):
    assert found(run) == found(run, full=True) == {}


def test_what_is_recorded_is_the_sha256(run):
    state = dict(sums.records(run))[run / "sums/columns.json"]["derive/columns.csv"]["."]
    assert state.sha256 == hashlib.sha256(b"night,x\n2021-01-08,1\n").hexdigest()


def damage(path, how: str) -> None:
    content = path.read_bytes()
    if how == "lost":
        path.unlink()
    elif how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "longer":
        path.write_bytes(content + b"\n")
    else:
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


@pytest.mark.parametrize("how", ["lost", "cut", "longer", "changed"])
@pytest.mark.parametrize(
    "name", ["derive/columns.csv", "detect/2021/2021-01-10.nc", "../../record/twin/lidar/lidar.json"]
)
def test_each_damage_is_named(run, name, how):
    damage(run / name, how)
    assert found(run) == {name: how}


def test_a_flipped_bit_under_the_old_time_needs_the_full_look(run):
    path = run / "detect/2021/2021-01-09.nc"
    before = path.stat()
    damage(path, "changed")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert found(run) == {}
    assert found(run, full=True) == {"detect/2021/2021-01-09.nc": "changed"}


def test_a_touched_file_is_no_loss(run):
    os.utime(run / "derive/columns.csv", (1, 1))
    assert found(run) == {}


def test_a_run_copied_without_its_record_is_whole(run, tmp_path):
    (tmp_path / "record").rename(tmp_path / "elsewhere")
    assert found(run) == {}


def test_repair_takes_the_declared_output_away_and_nothing_else(run, capsys):
    damage(run / "detect/2021/2021-01-10.nc", "cut")
    assert cli.main(["verify", str(run)]) == 1
    said = capsys.readouterr().err
    assert "cut: detect/2021/2021-01-10.nc" in said
    assert f"metalclouds verify --repair {run}" in said
    assert cli.main(["verify", "--repair", str(run)]) == 0
    assert not (run / "detect/2021").exists()
    assert (run / "detect/batches/2021.json").exists()
    assert (run / "derive/columns.csv").exists()
    capsys.readouterr()
    assert cli.main(["verify", "--full", str(run)]) == 0
    assert "2 files are as" in capsys.readouterr().out


def test_a_folder_that_is_no_run(tmp_path, capsys):
    assert cli.main(["verify", str(tmp_path)]) == 2
    assert "no checksums of a run" in capsys.readouterr().err
    assert cli.main(["verify", "--repair", str(tmp_path / "not made yet")]) == 0
