"""Files are written whole or not at all, with the same bytes for the same content."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.errors import ContractError, ReadError
from metalclouds.schema import table as schema
from metalclouds.schema.datasets import LIDAR, check_dataset
from metalclouds.schema.table import Table


def lidar(**attributes):
    time_axis = np.datetime64("2021-06-03T12:00", "ns") + np.arange(3) * np.timedelta64(33, "s")
    altitude = np.array([100.5, 200.5])
    return xr.Dataset(
        {
            "photon_counts": (("time", "altitude"), np.array([[12, 6], [7, 2], [2, 3]], "uint16")),
            "background_counts": ("time", np.array([2.0, 2.0, 2.0], "float32")),
            "calibration_factor": ("time", np.array([1e-4, 1e-4, 2e-4], "float32")),
            "integration_time": ("time", np.full(3, 33.0, "float32")),
        },
        {"time": time_axis, "altitude": altitude},
        {
            **io.provenance(title="t", source="s", synthetic=True, inputs={"a": "0"}),
            "night": "2021-06-03", "quantity": "photon_counts", "negatives": "kept", "species": "Ca+",
            "station_latitude": 40.4, "station_longitude": 116.0, "station_altitude_km": 0.5, "decisions": "[]",
            **attributes,
        },
    )  # fmt: skip


def test_density_from_counts_by_hand():
    density, error = io.number_density(lidar())
    # n = C r^2 (N - B): 1e-4 * 100^2 * 10 = 10; 1e-4 * 200^2 * 4 = 16; last profile has twice the factor.
    np.testing.assert_allclose(density, [[10, 16], [5, 0], [0, 8]], rtol=1e-6)
    np.testing.assert_allclose(error[0], [np.sqrt(12), 4 * np.sqrt(6)], rtol=1e-6)


def test_netcdf_comes_back_and_has_the_same_bytes(tmp_path):
    for name in ("a.nc", "b.nc"):
        io.write_netcdf(tmp_path / name, lidar())
        time.sleep(1.1)  # a time in the file would differ now
    assert (tmp_path / "a.nc").read_bytes() == (tmp_path / "b.nc").read_bytes()
    back = io.read_netcdf(tmp_path / "a.nc")
    xr.testing.assert_equal(back, lidar())
    assert back["time"].dtype == "datetime64[ns]"
    assert back["altitude"].attrs["units"] == "km"
    assert back["photon_counts"].dtype == "uint16"


def test_provenance_is_required(tmp_path):
    with pytest.raises(ContractError, match="synthetic"):
        io.write_netcdf(tmp_path / "a.nc", xr.Dataset(attrs={"title": "t"}))
    assert not list(tmp_path.iterdir())


def test_table_comes_back(tmp_path):
    table = pd.DataFrame(
        {
            "night": ["2021-06-03", "2021-06-04"],
            "onset_utc": pd.to_datetime(["2021-06-03T14:36:00", None]),
            "value": [1.2345678901, np.nan],
        }
    )
    io.write_csv(tmp_path / "t.csv", table)
    assert "2021-06-03T14:36:00Z" in (tmp_path / "t.csv").read_text()
    back = io.read_csv(tmp_path / "t.csv")
    assert back["night"].tolist() == table["night"].tolist()
    assert back["onset_utc"][0] == table["onset_utc"][0]
    assert pd.isna(back["onset_utc"][1])
    assert back["value"][0] == pytest.approx(table["value"][0], rel=1e-9)


def test_nothing_is_left_when_writing_fails(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail() -> None:
        with io.replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_killed_while_writing_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    code = (
        "import sys, time\nfrom metalclouds import io\n"
        "with io.replacing(sys.argv[1]) as t:\n"
        "    t.write_text('half'); print('in', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE)
    process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert target.read_text() == "old"


@pytest.mark.parametrize("content", ["", "{", "\x00\x01"])
def test_bad_json_names_the_file(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ReadError, match=r"a\.json"):
        io.read_json(tmp_path / "a.json")


def test_nan_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        io.write_json(tmp_path / "a.json", {"a": float("nan")})


def test_bad_netcdf_names_the_file(tmp_path):
    (tmp_path / "a.nc").write_bytes(b"CDF but not really")
    with pytest.raises(ReadError, match=r"a\.nc"):
        io.read_netcdf(tmp_path / "a.nc")


def test_contract_accepts_and_names_every_breach():
    good = lidar()
    assert check_dataset(good, LIDAR, "x") is good
    bad = good.isel(time=[1, 0, 2]).drop_vars("calibration_factor")
    bad["altitude"] = bad["altitude"] * 1000
    del bad.attrs["negatives"]
    with pytest.raises(ContractError) as raised:
        check_dataset(bad, LIDAR, "night.nc")
    for word in ("night.nc", "time does not increase", "negatives", "altitude spans", "none of the groups"):
        assert word in str(raised.value)


TABLE = Table(
    "a.csv",
    {
        "when": schema.time("a time"),
        "found": schema.flag("whether it was found", empty="not known"),
        "name": schema.text("a name"),
    },
)


def test_a_table_comes_back_as_it_was_written(tmp_path):
    frame = pd.DataFrame(
        {
            "name": ["NA", "b"],
            "when": pd.to_datetime(["2021-05-10 14:30", "2021-05-10 15:00"]),
            "found": [True, None],
        }
    )
    TABLE.write(tmp_path / "a.csv", frame)
    back = TABLE.read(tmp_path / "a.csv")
    assert list(back) == ["when", "found", "name"]
    assert back["when"].equals(frame["when"].astype(back["when"].dtype))
    assert back["found"][0] == True  # noqa: E712
    assert back["found"].isna().tolist() == [False, True]
    assert back["name"].tolist() == ["NA", "b"]


@pytest.mark.parametrize(
    ("change", "word"),
    [({"name": [None]}, "name is empty"), ({"found": ["perhaps"]}, "found is not"), ({"more": [1]}, "more")],
)
def test_a_table_that_breaks_its_schema_is_not_written(tmp_path, change, word):
    frame = pd.DataFrame({"when": pd.to_datetime(["2021-05-10"]), "found": [True], "name": ["a"]} | change)
    with pytest.raises(ContractError, match=word):
        TABLE.write(tmp_path / "a.csv", frame)
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize(
    "text", ["when,found\n", "when,found,name\n2021-05-10T00:00:00Z,yes,a\n", "when,found,name\nnoon,True,a\n"]
)
def test_a_table_of_another_kind_is_not_read(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ReadError, match=r"a\.csv"):
        TABLE.read(tmp_path / "a.csv")
