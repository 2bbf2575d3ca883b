"""`metalclouds inspect`: text, JSON, proposed entries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import scipy.io
import yaml

from metalclouds.cli import main
from metalclouds.errors import ConfigError
from metalclouds.ingest.catalogue import read_catalogue
from metalclouds.ingest.inspection import inspect, open_choices, write_entries
from metalclouds.ingest.settings import IngestSettings
from tests.ingest import shapes
from tests.ingest.test_formats import mohe

DATA = Path(__file__).parents[1] / "data"


def test_text_says_what_is_inside_and_why(capsys):
    assert main(["inspect", str(DATA / "fpi/bfp220301g.7100.txt")]) == 0
    text = capsys.readouterr().out
    assert "VNHLU (208,) float64" in text
    assert "fpi, fpi_looks" in text
    assert "nights: 1 (2022-03-01)" in text


def test_json_of_a_folder_groups_files_that_differ_in_digits(tmp_path, capsys):
    shapes.meridian(tmp_path)
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    reports = json.loads(capsys.readouterr().out)
    assert [report["alike"] for report in reports] == [80]
    assert reports[0]["status"] == "read"


def test_an_unknown_file_is_exit_code_2(tmp_path, capsys):
    (tmp_path / "x.txt").write_text("hello\n")
    assert main(["inspect", str(tmp_path)]) == 2
    assert main(["inspect", str(tmp_path / "nothing")]) == 2


def test_proposed_lines_make_an_undecided_file_readable(tmp_path):
    """An undecided file's error names two lines; with both questions answered in the written entry it is read."""
    path = tmp_path / "Xinglong_630.0nm.mat"
    scipy.io.savemat(path, mohe())
    own = tmp_path / "own.yaml"
    settings = IngestSettings(catalogue=(str(own), "config/catalogue/formats.yaml"))
    reports = inspect(path, settings)
    assert reports[0]["status"] == "undecided"
    assert "look_elevation: 45" in reports[0]["problem"]
    assert (write_entries(reports, own), open_choices(reports)) == (0, 1)
    entry = reports[0]["proposed"] | {"options": {"look_elevation": 45, "wind_is": "line_of_sight"}}
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    assert inspect(path, settings)[0]["status"] == "read"


def test_the_only_line_that_answers_is_written_and_answers(tmp_path):
    """The entry that is written holds the options of the line, not the bare pattern of names."""
    own = tmp_path / "own.yaml"
    settings = IngestSettings(catalogue=(str(own), "config/catalogue/formats.yaml"))
    shapes.netcdf(tmp_path)
    path = tmp_path / "lidar_2021-06-03.nc"
    report = inspect(path, settings)[0] | {"status": "undecided", "problem": "which?\n  options: {species: Ca+}"}
    assert write_entries([report], own) == 1
    assert read_catalogue([str(own)])[0].options == {"species": "Ca+"}
    assert inspect(path, settings)[0]["status"] == "read"


def test_written_entries_keep_what_was_there(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("# mine\nentries:\n- {glob: a.nc, instrument: lidar, reader: lidar_arrays}\n")
    shapes.netcdf(tmp_path)
    settings = IngestSettings(catalogue=(str(own), "config/catalogue/formats.yaml"))
    reports = inspect(tmp_path / "lidar_2021-06-03.nc", settings)
    assert write_entries(reports, own) == 0
    assert write_entries([one | {"status": "unknown"} for one in reports], own) == 1
    assert own.read_text().startswith("# mine\n")
    assert [entry.glob for entry in read_catalogue([str(own)])] == ["a.nc", "lidar_????-??-??.nc"]


def test_all_mistakes_of_a_catalogue_at_once(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "entries:\n- {glob: a, instrument: radar, reader: lidar_arrays}\n"
        "- {glob: b, instrument: fpi, reader: x, z: 1}\n"
    )
    with pytest.raises(ConfigError) as caught:
        read_catalogue([str(own)])
    text = str(caught.value)
    assert "entry 1, instrument" in text
    assert "entry 2, reader" in text
    assert "entry 2, z" in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.nc", b"", "the file is empty"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40), "a JPEG image, not a format with data"),
        ("paper.pdf", b"%PDF-1.7\n" + bytes(40), "a PDF document, not a format with data"),
        ("disk.bin", bytes(100), "a binary file, not a format with data"),
    ],
)
def test_files_without_data_are_called_what_they_are(tmp_path, capsys, name, content, said):
    (tmp_path / name).write_bytes(content)
    assert main(["inspect", str(tmp_path)]) == 2
    text = capsys.readouterr().out
    assert said in text
    assert "it begins" not in text
    assert "files: 1 fit no entry" in text


def test_an_empty_folder_says_so(tmp_path, capsys):
    assert main(["inspect", str(tmp_path)]) == 2
    assert "no file in the folder" in capsys.readouterr().err


def test_a_night_without_time_names_what_can_be_answered(tmp_path, capsys):
    import netCDF4
    import numpy as np

    with netCDF4.Dataset(tmp_path / "night.nc", "w") as file:
        file.createDimension("x", 50)
        file.createDimension("z", 60)
        file.createVariable("density", "f4", ("x", "z"))[:] = np.ones((50, 60))
        file.createVariable("altitude", "f4", ("z",))[:] = 75 + np.arange(60)
    assert main(["inspect", str(tmp_path), "--site", "40.4", "116"]) == 2
    text = capsys.readouterr().out
    assert "no time axis found" in text
    # No other array and no other file is there: only the first time and the step are left to say.
    assert "options: {time: {start: 'YYYY-MM-DDThh:mm:ss', step_s: N}}" in text
    assert "NAME OF THE ARRAY" not in text
    assert "FILE BESIDE" not in text


def test_what_was_read_and_the_nights_of_files_alike_are_shown(tmp_path, capsys):
    shapes.meridian(tmp_path)
    assert main(["inspect", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "as read: 40 time from 2021-06-03T13:00:00 to 2021-06-03T16:15:00, 60 altitude from 75 to 188.28" in text
    assert "dates in the names of these files: 2 (2021-06-03, 2021-06-04)" in text
    assert "files: 80 read" in text


def test_a_radar_of_madrigal_is_not_taken_for_a_lidar(tmp_path, capsys):
    import h5py
    import numpy as np

    with h5py.File(tmp_path / "jul20100519_esf.hdf5", "w") as file:
        file["Data/Table Layout"] = np.zeros(20, dtype=[("recno", "i8"), ("gdalt", "f8"), ("snl", "f8")])
        file["Data/Array Layout/vipn1"] = np.ones((30, 40))
    assert main(["inspect", str(tmp_path)]) == 2
    assert "no entry of the catalogue fits" in capsys.readouterr().out
