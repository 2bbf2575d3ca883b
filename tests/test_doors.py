"""Whatever lies where a file is expected: its name and the reason, exit code 2, and no traceback."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from metalclouds import config, io
from metalclouds.claims.model import load_claims
from metalclouds.cli import main
from metalclouds.compare.model import load_tolerances
from metalclouds.errors import MetalcloudsError, ReadError, WriteError
from metalclouds.files import sweep, writable_folder
from tests.test_io import lidar

READERS = (io.read_json, io.read_csv, io.read_netcdf, config.load, load_claims, load_tolerances)


def odd(folder: Path, kind: str) -> Path:
    """Something that is no good file of any kind."""
    path = folder / "odd"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind != "nothing":
        path.write_bytes({"empty": b"", "bytes": bytes(range(256)), "brackets": b"[" * 100_000,
                          "bad yaml": b"a: [1\nb: }", "a tag": b"!!python/object:os.system {}"}[kind])  # fmt: skip
    return path


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe", "link to itself", "bytes", "brackets", "bad yaml",
                                  "a tag"])  # fmt: skip
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_reader_names_the_file(tmp_path, reader, kind):
    if reader is io.read_csv and kind in ("bad yaml", "brackets", "a tag"):
        pytest.skip("a table, to a reader of any table")
    path = odd(tmp_path, kind)
    with pytest.raises(MetalcloudsError, match=re.escape(str(path))):
        reader(path)


def test_damaged_netcdf_is_a_read_error_whatever_the_library_raises(tmp_path):
    path, chance = tmp_path / "night.nc", random.Random(1)
    io.write_netcdf(path, lidar())
    whole = path.read_bytes()
    failed = []
    for _ in range(150):
        damaged = bytearray(whole)
        start = chance.randrange(len(whole))
        damaged[start : start + chance.choice((1, 8, 64))] = chance.randbytes(chance.choice((1, 8, 64)))
        path.write_bytes(bytes(damaged))
        try:
            io.read_netcdf(path)
        except ReadError as error:
            failed.append(str(error))
    assert len(failed) > 20, "the damage has to be noticed at all"
    assert all(str(path) in text and "remove it and run" in text for text in failed)


def test_detect_goes_on_after_a_damaged_night(tmp_path, capsys):
    good, bad = tmp_path / "2021-06-03.nc", tmp_path / "2021-06-04.nc"
    io.write_netcdf(good, lidar())
    whole = good.read_bytes()
    bad.write_bytes(whole[:4000] + bytes(500) + whole[4500:])
    os.mkfifo(tmp_path / "pipe.nc")
    code = main(
        ["detect", str(bad), str(tmp_path / "pipe.nc"), str(tmp_path), str(good), "--out", str(tmp_path / "o")]
    )
    said = capsys.readouterr().err
    assert code == 2
    assert bad.name in said
    assert "pipe.nc" in said
    assert "Traceback" not in said.split("2021-06-03")[0]


def test_out_that_cannot_be_written_is_said_before_the_work(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    night = tmp_path / "2021-06-03.nc"
    io.write_netcdf(night, lidar())
    for out in (tmp_path / "file", tmp_path / "file/below", Path("/proc/nowhere")):
        assert main(["detect", str(night), "--out", str(out)]) == 2
        said = capsys.readouterr().err
        assert "cannot be written" in said
        assert str(out) in said
        assert "compiling" not in said
    with pytest.raises(WriteError):
        writable_folder("/proc/nowhere")


@pytest.mark.parametrize(
    "arguments",
    [
        ["twin", "--config", "{odd}", "--out", "{new}/a", "--truth", "{new}/b", "--nights", "2021-05-10"],
        ["twin", "--out", "/proc/a", "--truth", "/proc/b", "--nights", "2021-05-10"],
        ["inspect", "{odd}"],
        ["inspect", "--config", "{odd}", "{odd}"],
        ["fetch", "--config", "{odd}"],
        ["detect", "{odd}", "--out", "{new}"],
        ["compare", "{odd}", "{odd}"],
        ["compare", "{new}", "{new}", "--tolerances", "{odd}"],
        ["evaluate", "--truth", "{odd}", "--run", "{odd}"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", ["nothing", "pipe", "bad yaml"])
def test_command_says_what_is_wrong(tmp_path, arguments, kind, capsys):
    path, new = odd(tmp_path, kind), tmp_path / "new"
    new.mkdir()
    assert main([word.format(odd=path, new=new) for word in arguments]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    first = next(line for line in said.err.splitlines() if "reading" not in line) if said.err else ""
    assert first.startswith("metalclouds: ") or (arguments[0] == "inspect" and "odd" in said.out)


def test_what_killed_writers_left_is_swept_and_nothing_else(tmp_path):
    for name in (".a.nc.1234abcd.part", "deep/.figure1.part.ipynb", "a.nc", ".hidden", "b.part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert sweep(tmp_path) == 2
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [".hidden", "a.nc", "b.part"]
