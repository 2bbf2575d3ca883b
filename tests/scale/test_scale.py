"""The campaigns that the scale is measured on are what they are said to be."""

from __future__ import annotations

import netCDF4
import pytest

from metalclouds import io
from tests.detect import scenes
from tests.scale import __main__ as command
from tests.scale import dag, nights


def test_dates_are_that_many_different_nights_with_the_cases():
    for number in (10, 257, 36500):
        found = dag.dates(number)
        assert len(found) == len(set(found)) == number
        assert {"2021-01-08", "2021-05-10"} <= set(found)


@pytest.mark.workflow
def test_the_job_graph_has_the_batches_of_the_campaign(tmp_path):
    # The last 94 days of 2022 and 6 case nights: batches 2022 and cases of the lidar, each ingested and
    # detected; "cases" and "rest" of three small instruments, ingested.
    found = dag.measure(tmp_path / "campaign", 100)
    rules = (tmp_path / "campaign/log.txt").read_text()
    count = {line.split()[0]: int(line.split()[1]) for line in rules.splitlines() if len(line.split()) == 2
             and line.split()[1].isdigit()}  # fmt: skip
    assert count["detect"] == 2
    assert count["ingest"] == 2 + 3 * 2
    assert found["jobs"] == count["total"]
    assert 50 < found["memory_mb"] < 2000


@pytest.fixture
def night(tmp_path):
    path = tmp_path / "source/2021-01-10.nc"
    attributes = io.provenance(title="a night", source="a scene", synthetic=True, inputs={})
    io.write_netcdf(path, scenes.make_night(scenes.Scene(night="2021-01-10", end=12.5)).assign_attrs(attributes))
    return path


def test_copies_have_their_own_date_and_their_nights_times(night, tmp_path):
    made = nights.under_dates([night], 3, tmp_path / "copies")
    assert [path.stem for path in made] == ["2000-01-01", "2000-01-02", "2000-01-03"]
    first = io.read_netcdf(night)["time"].values[0]
    copy = io.read_netcdf(made[2])
    assert copy.attrs["night"] == "2000-01-03"
    # 2021-01-10 is 7678 days after 2000-01-03 (proleptic Gregorian calendar: 21 years with 6 leap days, and 7 days).
    assert (first - copy["time"].values[0]).astype("timedelta64[D]").astype(int) == 7678
    with netCDF4.Dataset(night) as before, netCDF4.Dataset(made[2]) as after:
        assert (before["photon_counts"][...] == after["photon_counts"][...]).all()


def test_all_nights_of_a_folder_are_detected(night, tmp_path):
    nights.under_dates([night], 2, tmp_path / "copies")
    found = nights.detect_all(tmp_path / "copies", workers=1)
    assert found["nights"] == 2
    assert found["processor_s"] > 0
    assert found["worker_mb"] is None


def test_ratios_are_of_the_longest_to_the_shortest():
    rows = [{"nights": n, "workers": 2, "processor_s": s, "clock_s": s, "client_mb": 100.0 + s, "worker_mb": 200.0}
            for n, s in ((257, 10.0), (2570, 110.0))]  # fmt: skip
    assert command.ratios(rows, 2) == {"nights": 10.0, "workers": 2, "processor_s": 11.0, "clock_s": 11.0,
                                       "client_mb": pytest.approx(210 / 110), "worker_mb": 1.0}  # fmt: skip
