"""When a file was made, changed or published says nothing of the times in it."""

import h5py
import numpy as np
import pytest

from metalclouds.errors import UndecidedError
from metalclouds.ingest.file_dates import of_the_data, says_when_made
from metalclouds.ingest.inspection import inspect
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any

HOURS = np.arange(12.0, 14.0, 0.05)
HEIGHTS = np.arange(80.0, 140.0, 1.0)
SODIUM = 3000.0 * np.exp(-(((HEIGHTS - 91.0) / 4.0) ** 2)) + np.random.default_rng(4).normal(0.0, 20.0, (40, 60))
ASKED = IngestSettings.model_validate({"lidar": {"species": "Na"}})


def night(folder, name, *header, values=SODIUM, corner="UT hour"):
    """A matrix of hours and altitudes below some lines of a header."""
    rows = [f"{corner}," + ",".join(f"{height:g}" for height in HEIGHTS)]
    rows += [
        f"{hour:.4f}," + ",".join(f"{value:.2f}" for value in row) for hour, row in zip(HOURS, values, strict=True)
    ]
    path = folder / name
    lines = [*(f"# {line}" for line in ("Na number density (cm-3)", *header)), *rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "line",
    ["Created: 2024-03-04", "FileCreateTime: 2024-03-04", "CreationDate 2024-03-04",
     "File written 4 March 2024", "Version 2 of 2024-03-04", "Erstellt am 04.03.2024",
     "生成时间 2024-03-04", "Uploaded to the repository on 2024-03-04"],
)  # fmt: skip
def test_the_date_of_a_file_is_not_that_of_its_night(tmp_path, line):
    with pytest.raises(UndecidedError, match="hours without a date"):
        read_any(night(tmp_path, "Figure2a.csv", line), ASKED)


def test_a_date_of_the_data_beside_it_is_taken(tmp_path):
    path = night(tmp_path, "Figure2a.csv", "Created: 2024-03-04", "Night of 2021-05-10")
    (found,) = read_any(path, ASKED)
    assert found["time"].values[0] == np.datetime64("2021-05-10T12:00:00", "ns")


def test_a_line_of_a_readme_about_a_version_gives_no_date(tmp_path):
    night(tmp_path, "Fig2a.csv")
    (tmp_path / "README.txt").write_text("Fig2a.csv: Na density, version of 4 March 2024\n", encoding="utf-8")
    with pytest.raises(UndecidedError, match="hours without a date"):
        read_any(tmp_path, ASKED)


@pytest.mark.parametrize("line", ["Created by Matlab on 04-Mar-2024 10:22:01 CET", "Saved 2024-03-04 18:00 UTC+8"])
def test_the_clock_of_the_making_is_not_that_of_the_times(tmp_path, line):
    (found,) = read_any(night(tmp_path, "Na_20210510.csv", line), ASKED)
    assert found["time"].values[0] == np.datetime64("2021-05-10T12:00:00", "ns")


@pytest.mark.parametrize("line", ["local air density of NRLMSISE-00 for calibration", "heights above local ground"])
def test_local_of_something_else_is_no_clock(tmp_path, line):
    """At 12 UT it is 20 LT near Beijing: the sun says UT, the header would have said LT."""
    (found,) = read_any(night(tmp_path, "Na_20210510.csv", line, corner="hour"), ASKED)
    assert found["time"].values[0] == np.datetime64("2021-05-10T12:00:00", "ns")


@pytest.mark.parametrize("mark", [-999.99, -99.99, 9999.999])
def test_marks_of_two_and_three_decimals_are_missing(tmp_path, mark):
    values = SODIUM.copy()
    values[:, 20:30] = mark
    lines = night(tmp_path, "Na_20210510.csv", values=values).read_text(encoding="utf-8")
    path = tmp_path / "Na_20210510.csv"
    path.write_text(lines.replace(f"{mark:.2f}", f"{mark:g}" if mark < 0 else "9999.999"), encoding="utf-8")
    (found,) = read_any(path, ASKED)
    density = found["ca_ion_number_density"].values
    assert int(np.isnan(density).sum()) == 400


def test_a_header_keeps_the_lines_about_its_data():
    assert of_the_data("Night 2021-05-10\nexported 2024-03-04") == "Night 2021-05-10"
    assert not says_when_made("Date: 2021-05-10, recreation of nothing")


def test_two_files_of_one_name_in_dated_folders_are_both_shown(tmp_path):
    """Two arrays could be the density: both files are asked about, in one question."""
    for day in ("20190314", "20190315"):
        (tmp_path / day).mkdir()
        with h5py.File(tmp_path / day / "sodium.h5", "w") as file:
            file["Data/HEIGHT"], file["Data/HOUR_UT"] = HEIGHTS, HOURS
            file["Data/DENS"], file["Data/DDENS"] = SODIUM, np.abs(SODIUM) + 50.0
    (report,) = inspect(tmp_path, ASKED)
    assert (report["status"], report["alike"]) == ("undecided", 2)
