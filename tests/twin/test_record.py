"""The simulated record: fixed bytes, a listing like a public one, formats read by other software."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat

from metalclouds.errors import ConfigError
from metalclouds.twin import command, lidar_formats, record, scenario, truth
from metalclouds.twin.settings import TwinSettings

# A short campaign: one case night as text, one as counts, one density night.
TEXT_NIGHT, COUNTS_NIGHT = "2022-01-16", "2021-06-18"


@pytest.fixture(scope="module")
def settings():
    whole = TwinSettings()
    density_night = next(n for n in scenario.calendar(whole) if n[:7] in whole.lidar.density_months)
    plain_night = next(n for n in scenario.calendar(whole) if n[:7] == "2022-06")
    return TwinSettings(nights=(TEXT_NIGHT, COUNTS_NIGHT, density_night, plain_night))


@pytest.fixture(scope="module")
def nights(settings):
    return scenario.campaign(settings)


@pytest.fixture(scope="module")
def folder(settings, nights, tmp_path_factory):
    path = tmp_path_factory.mktemp("record")
    lidar_formats.write(settings, nights, path)
    return path


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def only(names, end):
    (name,) = [name for name in names if name.endswith(end)]
    return name


def test_zip_has_the_same_bytes_at_any_time(tmp_path, monkeypatch):
    record.write_zip(tmp_path / "a.zip", [("x.txt", b"one"), ("y.txt", b"two")])
    monkeypatch.setattr("time.time", lambda: 2e9)
    record.write_zip(tmp_path / "b.zip", [("x.txt", b"one"), ("y.txt", b"two")])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert members(tmp_path / "a.zip") == {"x.txt": b"one", "y.txt": b"two"}


def test_a_failing_member_leaves_no_archive(tmp_path):
    def broken():
        yield "x.txt", b"one"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        record.write_zip(tmp_path / "a.zip", broken())
    assert list(tmp_path.iterdir()) == []


def test_mat_has_no_time_in_it():
    content = record.mat_bytes({"a": np.arange(3.0)})
    assert b"Created" not in content
    assert loadmat(io.BytesIO(content))["a"].ravel().tolist() == [0, 1, 2]


def test_listing_describes_every_file(folder):
    listing = json.loads((folder / "lidar.json").read_text())
    assert listing["synthetic"] is True
    names = {path.name for path in folder.iterdir()} - {"lidar.json"}
    assert {entry["key"] for entry in listing["files"]} == names
    for entry in listing["files"]:
        content = (folder / entry["links"]["self"]).read_bytes()
        assert entry["size"] == len(content)
        assert entry["checksum"] == "md5:" + hashlib.md5(content).hexdigest()


def test_whole_campaign_keeps_the_limits_of_a_record():
    settings = TwinSettings()
    nights = scenario.campaign(settings)
    packed = lidar_formats.archives(nights, settings.lidar)
    assert len(packed) <= 40  # leaves room for the other instruments below 100
    assert sum(map(len, packed.values())) == 257
    other = sum(n.night[:7] in settings.lidar.density_months for n in nights if n.panel is None) + 1
    assert 10 <= other <= 0.2 * 257  # at least 80 % as netCDF counts


def test_archives_of_case_nights_and_months(folder, nights):
    names = sorted(path.name for path in folder.glob("*.zip"))
    assert lidar_formats.CASES_KEY in names
    assert "Ca_ion_lidar_counts_202206.zip" in names
    cases = members(folder / lidar_formats.CASES_KEY)
    assert "Ca_ion_20210618.nc" in cases
    assert sum(name.startswith("20220116/YANQG_CAL01_NDCI_L2_STP_2022") for name in cases) > 500


def test_netcdf_counts_by_another_library(folder):
    content = members(folder / lidar_formats.CASES_KEY)["Ca_ion_20210618.nc"]
    with h5py.File(io.BytesIO(content)) as file:
        counts = file["counts"]
        assert counts.dtype == np.uint16
        assert counts.shape == (file["utc_time"].size, file["alt_km"].size)
        first = np.datetime64(int(file["utc_time"][0]), "s")
        assert str(first)[:13] == "2021-06-18T12"  # dusk at the site
        assert file["alt_km"].attrs["units"] in ("km", b"km")
        assert np.diff(file["utc_time"][:]).min() >= 33
        square = (file["alt_km"][:] - 0.5) ** 2
        density = file["cal"][:][:, None] * square * (counts[:] - file["bg"][:][:, None])
        layer = (file["alt_km"][:] > 83) & (file["alt_km"][:] < 120)
        column = np.median(density[:, layer].sum(axis=1)) * 0.096e5
    assert 1.6e6 < column < 4.2e8  # Xun et al. 2024


def test_netcdf_has_the_same_bytes_again(folder, settings, nights):
    night = next(one for one in nights if one.night == COUNTS_NIGHT)
    (member,) = lidar_formats.members(night, settings)
    assert member[1] == members(folder / lidar_formats.CASES_KEY)[member[0]]


def test_density_night_as_mat(folder, nights, settings):
    (path,) = folder.glob("Ca_ion_lidar_density_*.zip")
    (content,) = members(path).values()
    mat = loadmat(io.BytesIO(content))
    density, height, hours = mat["Ca_density"], mat["height"].ravel(), mat["UT"].ravel()
    assert density.shape == (height.size, hours.size)
    assert 10 <= hours[0] < hours[-1] <= 23
    assert (density < 0).mean() > 0.2  # the negative half of the noise is kept
    peak = height[density.mean(axis=1).argmax()]
    assert 90 < peak < 112


def test_text_night(folder):
    texts = {n: c.decode() for n, c in members(folder / lidar_formats.CASES_KEY).items() if n.endswith(".TXT")}
    name, text = next(iter(texts.items()))
    lines = text.splitlines()
    assert sum(line.startswith("#") for line in lines) == 19  # published format: 19 lines of keys
    stated = next(line for line in lines if line.startswith("#DataTime")).split(": ")[1]
    assert name.split("_")[5] == pd.Timestamp(stated).strftime("%Y%m%d%H%M%S")
    table = np.loadtxt(lines[20:])
    assert table.shape[1] == 3
    assert int(next(line for line in lines if line.startswith("#RecordNumber")).split(": ")[1]) == len(table)
    assert not (table[:, 1] < 0).any()
    assert 0.2 < np.isnan(table[:, 1]).mean() < 0.8  # negatives are lost
    assert np.nanmax(table[:, 2]) <= 100


def test_bytes_do_not_depend_on_the_other_nights(folder, nights, settings, tmp_path):
    plain = [one for one in nights if one.night.startswith("2022-06")]
    lidar_formats.write(settings, plain, tmp_path)
    name = "Ca_ion_lidar_counts_202206.zip"
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_truth_tables(nights, settings, tmp_path):
    truth.write(settings, nights, tmp_path)
    assert {path.stem for path in tmp_path.glob("*.csv")} == set(truth.TABLES)
    for name, columns in truth.TABLES.items():
        table = pd.read_csv(tmp_path / f"{name}.csv")
        assert list(table) == list(columns)
        assert all(len(text) > 2 for text in columns.values())
    by_night = pd.read_csv(tmp_path / "nights.csv").set_index("night")
    assert by_night.loc[COUNTS_NIGHT, "above_150"]
    assert by_night.loc[COUNTS_NIGHT, "connection_utc"] == "2021-06-18T15:14:00Z"
    assert by_night.loc[COUNTS_NIGHT, "best_snr"] > 60
    stripes = pd.read_csv(tmp_path / "stripes.csv")
    assert stripes.groupby("night").size()[COUNTS_NIGHT] == by_night.loc[COUNTS_NIGHT, "stripes"]
    columns = pd.read_csv(tmp_path / "columns.csv")
    assert columns.column_density_cm2.between(1.6e6, 4.2e8).all()
    assert columns.centroid_km.between(94, 104).all()


def test_empty_truth_tables_keep_their_headers(nights, settings, tmp_path):
    quiet = [one for one in nights if not one.stripes]
    truth.write(settings, quiet, tmp_path)
    assert list(pd.read_csv(tmp_path / "stripes.csv")) == list(truth.TABLES["stripes"])


def options(tmp_path, *more):
    import argparse

    parser = argparse.ArgumentParser()
    command.add_command(parser.add_subparsers())
    return parser.parse_args(["twin", "--out", str(tmp_path / "record"), "--truth", str(tmp_path / "truth"), *more])


def test_command_reads_nights_and_seed(tmp_path):
    chosen = options(tmp_path, "--seed", "7", "--nights", "2021-05-10,2021-06-18")
    settings = command.settings_of(chosen)
    assert settings.seed == 7
    assert settings.nights == ("2021-05-10", "2021-06-18")


def test_command_takes_the_section_of_a_configuration(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("twin:\n  seed: 11\n  changes: {shift_km: 15}\n", encoding="utf-8")
    settings = command.settings_of(options(tmp_path, "--config", str(path)))
    assert (settings.seed, settings.changes.shift_km) == (11, 15)


def test_command_names_all_mistakes(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("twin:\n  sed: 11\n  changes: {shift_km: 900}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        command.settings_of(options(tmp_path, "--config", str(path)))
    assert "sed" in str(caught.value)
    assert "changes.shift_km" in str(caught.value)


def test_truth_inside_the_record_is_refused(tmp_path):
    chosen = options(tmp_path)
    chosen.truth = chosen.out / "truth"
    with pytest.raises(ConfigError, match="outside the record"):
        chosen.run(chosen)
