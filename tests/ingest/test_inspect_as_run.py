"""What inspect says is what a run would say; its lines can be pasted and appended."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import xarray as xr
import yaml

from metalclouds.errors import ConfigError, ReadError
from metalclouds.ingest.catalogue import read_catalogue
from metalclouds.ingest.inspection import inspect, page, write_entries
from metalclouds.ingest.settings import IngestSettings
from tests.ingest import shapes


def as_unknown(record, settings):
    """Reports as if no entry fitted: only then is one written without a question."""
    return [one | {"status": "unknown"} for one in inspect(record, settings)]


FORMATS = "config/catalogue/formats.yaml"
ALTITUDE_KM = 75.0 + 1.92 * np.arange(60)


def cut_outs(folder: Path, *names: str) -> None:
    """Panels of a figure: hours without a date."""
    night = shapes.truth("2021-06-03")
    for name in names:
        scipy.io.savemat(folder / name, {"t": night.hours, "h": ALTITUDE_KM, "CaIon": night.density})


def with_own(folder: Path, text: str) -> IngestSettings:
    (folder / "own.yaml").write_text(text)
    return IngestSettings(catalogue=(str(folder / "own.yaml"), FORMATS))


def test_a_date_for_two_files_is_a_stop_for_both(tmp_path):
    """The hours of the second file would be put under the date of the first."""
    record = tmp_path / "record"
    record.mkdir()
    cut_outs(record, "Fig1a.mat", "Fig1b.mat")
    entry = "- {glob: 'Fig1?.mat', instrument: lidar, reader: lidar_arrays, options: {date: 2021-06-03}}\n"
    reports = inspect(record, with_own(tmp_path, "entries:\n" + entry))
    assert [report["status"] for report in reports] == ["undecided", "undecided"]
    assert "one date for 2 files" in reports[0]["problem"]


def test_a_line_with_a_date_names_its_file_whole(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    cut_outs(record, "panel_0001.mat", "panel_0002.mat")
    settings = IngestSettings(catalogue=(FORMATS,))
    text = page(inspect(record, settings), settings, every=False)
    assert "- {glob: panel_0001.mat, instrument: lidar, reader: lidar_arrays, options: {date: YYYY-MM-DD}}" in text
    assert "the 1 like it need entries of their own" in text


def test_a_file_whose_night_another_has_is_not_called_read(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    shapes.netcdf(record)
    first = record / "lidar_2021-06-03.nc"
    (record / "copy_2021-06-03.nc").write_bytes(first.read_bytes())
    reports = {Path(one["file"]).name: one for one in inspect(record, IngestSettings(catalogue=(FORMATS,)))}
    assert {name: report["status"] for name, report in reports.items()} == {
        "copy_2021-06-03.nc": "read",
        "lidar_2021-06-03.nc": "unused",
        "lidar_2021-06-04.nc": "read",
    }


def test_a_night_that_cannot_be_put_together_is_not_called_read(tmp_path, monkeypatch):
    """The files can be read one by one; the run writes nothing, and so says inspect."""
    from metalclouds.ingest import batch

    def stop(*_: object) -> xr.Dataset:
        raise ReadError("these do not go together")

    shapes.netcdf(tmp_path)
    monkeypatch.setattr(batch, "finished", stop)
    reports = inspect(tmp_path, IngestSettings(catalogue=(FORMATS,)))
    assert {report["status"] for report in reports} == {"failed"}
    assert "these do not go together" in reports[0]["problem"]


def test_a_line_says_what_was_read(tmp_path):
    """Numbers are those of the truth: 40 profiles from 13:00 to 16:15 UT, and its mean peak."""
    shapes.netcdf(tmp_path)
    report = inspect(tmp_path, IngestSettings(catalogue=(FORMATS,)))[0]
    density = shapes.truth("2021-06-03").density
    mean = density.mean(axis=0)
    assert report["in_short"] == [
        "40 profiles 2021-06-03 13:00 to 16:15 UT, 75.0 to 188.3 km, Ca+ density in cm-3, layer's mean peak "
        f"{mean.max():.3g} cm-3 at {ALTITUDE_KM[mean.argmax()]:.1f} km; nothing left out"
    ]


@pytest.mark.parametrize(
    "options",
    [
        "{date: YYYY-MM-DD}",
        "{altitude: {start_km: X, step_km: Y}}",
        "{time: {start: '2021-01-08T00:00', step_minutes: N}}",
        "{variables: {ROLE: foEs}}",
        "{unit: FACTOR cm-3}",
    ],
)
def test_a_line_left_unfilled_is_refused(tmp_path, options):
    settings = with_own(
        tmp_path, f"entries:\n- {{glob: a, instrument: lidar, reader: lidar_arrays, options: {options}}}\n"
    )
    with pytest.raises(ConfigError, match="stands for what only you know"):
        read_catalogue(settings.catalogue)


def test_an_array_may_be_called_by_one_letter(tmp_path):
    text = (
        "entries:\n- {glob: a, instrument: lidar, reader: lidar_arrays, options: {variables: {signal: N, time: X}}}\n"
    )
    assert read_catalogue(with_own(tmp_path, text).catalogue)[0].options["variables"]["signal"] == "N"


@pytest.mark.parametrize(
    "there",
    [
        "# mine\nentries:\n  - {glob: a.nc, instrument: lidar, reader: lidar_arrays}\n",
        "entries:\n    - glob: a.nc\n      instrument: lidar\n      reader: lidar_arrays\n",
        "entries:\n- {glob: a.nc, instrument: lidar, reader: lidar_arrays}",
        "entries: []\n",
        "entries:\n# none yet\n",
        "",
    ],
)
def test_entries_are_appended_in_the_column_of_those_that_are_there(tmp_path, there):
    record = tmp_path / "record"
    record.mkdir()
    shapes.netcdf(record)
    settings = with_own(tmp_path, there)
    before = yaml.safe_load(there) or {}
    assert write_entries(as_unknown(record, settings), tmp_path / "own.yaml") == 1
    after = yaml.safe_load((tmp_path / "own.yaml").read_text())["entries"]
    assert [entry["glob"] for entry in after] == [
        *(e["glob"] for e in before.get("entries") or []),
        "lidar_????-??-??.nc",
    ]
    assert len(read_catalogue(settings.catalogue[:1])) == len(after)


def test_a_catalogue_that_cannot_be_appended_to_is_left_as_it_is(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    shapes.netcdf(record)
    text = "entries: [{glob: a.nc, instrument: lidar, reader: lidar_arrays}]\n"
    settings = with_own(tmp_path, text)
    with pytest.raises(ReadError, match="cannot be appended"):
        write_entries(as_unknown(record, settings), tmp_path / "own.yaml")
    assert (tmp_path / "own.yaml").read_text() == text


def test_a_clock_by_default_is_not_said_by_the_file(tmp_path):
    """A start in the catalogue is UT by default: no word of the file says so."""
    record = tmp_path / "record"
    record.mkdir()
    night = shapes.truth("2021-06-03")
    scipy.io.savemat(record / "a.mat", {"h": ALTITUDE_KM, "CaIon": night.density})
    line = "options: {time: {start: '2021-06-03T13:00', step_minutes: 5}}"
    settings = with_own(tmp_path, f"entries:\n- {{glob: a.mat, instrument: lidar, reader: lidar_arrays, {line}}}\n")
    (report,) = inspect(record, settings)
    (clock,) = [one for one in report["decisions"] if one["what"] == "clock"]
    assert clock["decided"] == "UT"
    assert clock["because"].startswith("not stated")
