"""Batches, collected tables, wind and the command."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds import cli, io
from metalclouds.batches import nights_of
from metalclouds.detect import batch
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ReadError
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import read_wind_csv, wind_at
from metalclouds.schema.datasets import DETECT, check_dataset
from metalclouds.schema.tables import REJECTED, STRIPES
from tests.detect import scenes
from tests.detect.scenes import Scene, Stripe

SETTINGS = DetectSettings()
PLAIN = SETTINGS.model_dump(mode="json")
# 5.82 deg at 60 m/s: p = tan(5.82 deg) / 60 m/s = 1.6988 s/km.
STRIPE = Stripe(14.0, 120.0, 260.0, -1.6988, 40.0)


def wind_table(speed: float = 60.0) -> pd.DataFrame:
    hours = pd.date_range("2021-01-10T12:00", "2021-01-10T20:00", freq="h")
    return pd.DataFrame({"time": hours, "eastward_wind": speed * 0.6, "northward_wind": speed * 0.8,
                         "eastward_wind_error": 5.0, "northward_wind_error": 5.0})  # fmt: skip


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run with a busy and a quiet night, and the wind of the first only."""
    folder = tmp_path_factory.mktemp("run")
    entries = []
    for name, stripes in (("2021-01-10", (STRIPE,)), ("2021-01-11", ())):
        night = scenes.make_night(Scene(seed=41, night=name, start=12.5, end=15.5, stripes=stripes))
        night.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
        io.write_netcdf(folder / f"ingest/lidar/2021/{name}.nc", night)
        entries.append({"night": name, "path": f"../2021/{name}.nc", "sha256": ""})
    io.write_json(folder / "ingest/lidar/batches/2021.json", {"nights": entries, "failed": []})
    table = wind_table()
    wind = xr.Dataset(
        {name: (("time", "emission"), np.stack([np.full(len(table), 5.0), table[name]], axis=1))
         for name in table.columns if name != "time"},
        coords={"time": table["time"].to_numpy("datetime64[ns]")},
    )  # fmt: skip
    wind["emission_wavelength"] = ("emission", [557.7, 630.0])
    wind.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
    io.write_netcdf(folder / "ingest/fpi/rest/2021-01-10.nc", wind)
    fpi = [{"night": "2021-01-10", "path": "../rest/2021-01-10.nc", "sha256": ""}]
    io.write_json(folder / "ingest/fpi/batches/rest.json", {"nights": fpi, "failed": []})
    nights = list(nights_of([folder / "ingest/lidar/batches/2021.json"]).values())
    index = folder / "detect/batches/2021.json"
    batch.run_batch(nights, index, folder / "detect/2021", DetectSettings(**PLAIN))
    batch.collect_tables([index], [folder / "ingest/fpi/batches/rest.json"], folder / "detect", {})
    return folder


def test_index_names_the_products_with_their_checksums(run_dir):
    index = io.read_json(run_dir / "detect/batches/2021.json")
    assert [entry["night"] for entry in index["nights"]] == ["2021-01-10", "2021-01-11"]
    assert index["failed"] == []
    for entry in index["nights"]:
        assert io.sha256(run_dir / "detect/batches" / entry["path"]) == entry["sha256"]


def test_product_is_cf(run_dir):
    night = io.read_netcdf(run_dir / "detect/2021/2021-01-10.nc")
    check_dataset(night, DETECT, "night")
    assert night["mic_mask"].attrs["flag_meanings"] == "clear cloud stripe no_data"
    assert night.attrs["synthetic"] == "true"
    assert "time of maximum at each altitude" in night.attrs["slowness"]


def test_collected_tables_have_the_columns_of_the_contract(run_dir):
    for name, columns in batch.TABLES.items():
        table = io.read_csv(run_dir / f"detect/{name}.csv")
        assert list(table.columns) == list(columns), name
    assert list(io.read_csv(run_dir / "detect/nights.csv")["night"]) == ["2021-01-10", "2021-01-11"]


def test_beta_of_the_collected_stripe(run_dir):
    row = io.read_csv(run_dir / "detect/stripes.csv").iloc[0]
    assert row["beta_kind"] == "value"
    assert row["wind_m_s"] == pytest.approx(60.0)
    # 5 m/s of the measurement and 5 m/s for the distance between interferometer and lidar.
    assert row["wind_sigma_m_s"] == pytest.approx(np.hypot(5.0, 5.0), rel=0.01)
    assert row["beta_deg"] == pytest.approx(5.82, abs=0.25)
    assert row["beta_low_deg"] < 5.82 < row["beta_high_deg"]


def test_no_wind_no_angle(run_dir, tmp_path):
    for name in ("ingest", "detect"):
        (tmp_path / name).symlink_to(run_dir / name)
    target = tmp_path / "again"
    (target / "detect").mkdir(parents=True)
    batch.collect_tables([run_dir / "detect/batches/2021.json"], [], target / "detect", {})
    row = io.read_csv(target / "detect/stripes.csv").iloc[0]
    assert row["beta_kind"] == "no_wind"
    assert np.isnan(row["beta_deg"])


def test_a_night_that_cannot_be_read_is_named(tmp_path):
    bad = tmp_path / "2021-01-12.nc"
    bad.write_bytes(b"no netCDF")
    batch.run_batch([bad], tmp_path / "detect/batches/x.json", tmp_path / "detect/x", SETTINGS)
    index = io.read_json(tmp_path / "detect/batches/x.json")
    assert index["nights"] == []
    assert index["failed"][0]["night"] == "2021-01-12"
    assert list(io.read_csv(tmp_path / "detect/batches/x.stripes.csv").columns) == list(STRIPES)


def test_wind_between_two_hours(tmp_path):
    table = wind_table()
    table["eastward_wind"] = np.linspace(0.0, 80.0, len(table))
    table["northward_wind"] = 0.0
    table.to_csv(tmp_path / "wind.csv", index=False)
    wind = read_wind_csv(tmp_path / "wind.csv")
    assert wind_at(wind, np.datetime64("2021-01-10T13:30"), TrailSettings()).eastward == pytest.approx(15.0)
    assert np.isnan(wind_at(wind, np.datetime64("2021-01-11T12:00"), TrailSettings()).eastward)


def test_command(run_dir, tmp_path, capsys):
    wind_table().to_csv(tmp_path / "wind.csv", index=False)
    night = run_dir / "ingest/lidar/2021/2021-01-10.nc"
    code = cli.main(["detect", str(night), "--out", str(tmp_path / "out"), "--wind", str(tmp_path / "wind.csv")])
    assert code == 0
    assert io.read_csv(tmp_path / "out/stripes.csv")["beta_kind"].iloc[0] == "value"
    assert (tmp_path / "out/2021-01-10.nc").is_file()
    REJECTED.checked(io.read_csv(tmp_path / "out/rejected.csv"))
    assert "1 night, 1 stripe, written to" in capsys.readouterr().out


def test_command_says_what_is_wrong(tmp_path, capsys):
    assert cli.main(["detect", str(tmp_path / "none.nc"), "--out", str(tmp_path)]) == 2
    assert "no such file" in capsys.readouterr().err


def test_a_file_that_is_no_wind_file(tmp_path):
    (tmp_path / "wind.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ReadError, match="not a wind file"):
        read_wind_csv(tmp_path / "wind.csv")


def test_command_goes_on_after_a_broken_file_and_takes_a_night_once(run_dir, tmp_path, capsys):
    night = run_dir / "ingest/lidar/2021/2021-01-10.nc"
    (tmp_path / "broken.nc").write_bytes(b"no netCDF")
    files = [str(tmp_path / "broken.nc"), str(night), str(night)]
    assert cli.main(["detect", *files, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert "broken.nc" in said.err
    assert "night 2021-01-10 comes twice" in said.err
    assert "2 of 3 files left out" in said.err
    assert list(io.read_csv(tmp_path / "out/nights.csv")["night"].astype(str)) == ["2021-01-10"]


def test_products_do_not_go_into_a_file(tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert cli.main(["detect", "x.nc", "--out", str(tmp_path / "out")]) == 2
    assert "it is a file" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"
