"""Read record B back, knowing what its owner knows, and compare with the truth.

python check_b.py OUT_DIR
"""

import io
import json
import pathlib
import re
import sys
import zipfile

import h5py
import netCDF4
import numpy as np
import pandas as pd

HOUR = np.timedelta64(3600, "s")


def moment(stamp):
    return np.datetime64(stamp[:-1])


def profiles(path):
    """UT times, altitudes (km, upwards), density cm^-3 (time, altitude)."""
    if path.suffix == ".mat":
        with h5py.File(path) as f:
            days = f["mtime"][()].ravel() - 719529.0 - 8 / 24
            ut = np.datetime64("1970-01-01", "ms") + np.round(days * 86400e3).astype("timedelta64[ms]")
            return ut, f["alt"][()].ravel(), f["NCaII"][()].T * 1e-6
    with netCDF4.Dataset(path) as f:
        origin = np.datetime64(f["time"].units.split()[2], "ms")
        ut = origin + np.round((f["time"][:].data - 8 / 24) * 86400e3).astype("timedelta64[ms]")
        z = f["altitude"][:].data[::-1] / 1000
        if "Ca_ion_density" in f.variables:
            n = f["Ca_ion_density"][:]
        else:
            n = 10.0 ** (f["lg_n_Ca_ion"][:] - 6)
        return ut, z, np.ma.filled(n, np.nan)[::-1].T


def check_lidar(record, truth):
    files = {}
    for entry in truth:
        name = entry["files"][0]
        if name not in files:
            files[name] = profiles(record / name)
        ut, z, n = files[name]
        night = (ut - np.datetime64(entry["night"])) / HOUR
        here = (night > 0) & (night < 24)
        assert here.sum() == entry["n_profiles"], entry["night"]
        t = ut[here]
        second = np.timedelta64(1000, "ms")
        assert abs(t[0] - moment(entry["ut_start"])) < second
        assert abs(t[-1] - moment(entry["ut_end"])) < second
        assert abs(z[0] - entry["alt_min_km"]) < 1e-3
        assert abs(z[-1] - entry["alt_max_km"]) < 1e-3
        for s in entry["samples"]:
            value = n[here][np.argmin(abs(t - moment(s["ut"]))), np.argmin(abs(z - s["alt_km"]))]
            assert np.isnan(value) if s["density_cm3"] is None else np.isclose(value, s["density_cm3"], rtol=1e-4), s
        mean = np.nanmean(n[here], axis=0)
        near = abs(z - entry["main_layer"]["alt_km"]) < 0.5
        assert np.isclose(mean[near].mean(), entry["main_layer"]["peak_density_cm3"], rtol=0.05)
    profiles_seen = sum(x[0].size for x in files.values())
    assert profiles_seen == sum(e["n_profiles"] for e in truth)
    print("lidar nights", len(truth), "profiles", profiles_seen, "above 150 km", sum(e["above_150km"] for e in truth))


def check_maps(record, entry):
    maps = {}
    with zipfile.ZipFile(record / entry["files"][0]) as archive:
        for name in archive.namelist():
            lines = archive.read(name).decode().splitlines()
            date, clock = lines[0].split()[2:4]
            assert name == f"CHN{pd.Timestamp(date):%y%j}.{clock.replace(':', '')}.txt"
            v = np.loadtxt(lines[8:])
            maps[f"{date}T{clock}:00.000Z"] = np.where(v == 9999, np.nan, v / 10)
    assert len(maps) == entry["n_maps"]
    assert min(maps) == entry["ut_start"] and max(maps) == entry["ut_end"]
    for s in entry["samples"]:
        value = maps[s["ut"]][55 - s["lat"], s["lon"] - 70]
        assert np.isnan(value) if s["vtec_tecu"] is None else np.isclose(value, s["vtec_tecu"])


def check_rays(record, entry):
    rows = {}
    with zipfile.ZipFile(record / entry["files"][0]) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode().split("\n", 5)[5]
            rows[name[:4]] = np.loadtxt(io.StringIO(text))
    assert len(rows) == entry["n_receivers"]
    assert sum(len(r) for r in rows.values()) == entry["n_rows"]
    for s in entry["samples_rays"]:
        r = rows[s["station"]]
        hour = (moment(s["ut"]) - np.datetime64(entry["night"])) / HOUR
        row = r[(r[:, 2] == s["prn"]) & (abs(r[:, 1] - hour) < 1e-4)][0]
        assert np.isclose(row[5], s["ipp_lat"], atol=2e-3)
        assert np.isclose(row[8], -999 if s["vtec_tecu"] is None else s["vtec_tecu"], atol=0.011)


def check_wind(record, truth):
    table = pd.read_csv(record / truth[0]["files"][0], comment="#", sep=r"\s+")
    table = table[table["Emission"] == "OI630.0"].replace(9999.0, np.nan)
    lt = pd.to_datetime(dict(year=table.Year, month=table.Mon, day=table.Day, hour=table.Hour))
    table.index = lt - pd.Timedelta(hours=8)
    rows = [r for entry in truth for r in entry["rows"]]
    assert len(rows) == len(table)
    for r in rows:
        seen = table.loc[pd.Timestamp(r["ut"][:-1])]
        assert seen.q == r["quality"]
        assert np.isnan(seen.Vz) if r["east_m_s"] is None else (seen.Vz, seen.Vm) == (r["east_m_s"], r["north_m_s"])


def check_foes(record, truth):
    book = pd.read_excel(record / truth[0]["files"][0], sheet_name=None, header=1, dtype=str)
    for entry, (name, sheet) in zip(truth, book.items()):
        assert "20" + name == entry["night"].replace("-", "")
        assert len(sheet) == len(entry["rows"])
        for r, (_, seen) in zip(entry["rows"], sheet.iterrows()):
            lt = moment(r["ut"]) + np.timedelta64(8, "h")
            assert str(lt)[11:16].replace(":", "") == seen["BT"]
            number, letters = re.fullmatch(r"(\d*)([A-Z]*)", seen["foEs"]).groups()
            assert (number == "") == (r["foEs_MHz"] is None)
            if number:
                assert np.isclose(int(number) / 10, r["foEs_MHz"])
            assert (letters[:1] == "E") == (r["meaning"] == "less than")


def main():
    base = pathlib.Path(sys.argv[1])
    record = base / "record"
    truth = json.loads((base / "truth.json").read_text())
    check_lidar(record, truth["lidar"])
    for entry in truth["tec"]:
        (check_rays if "samples_rays" in entry else check_maps)(record, entry)
    check_wind(record, truth["wind"])
    check_foes(record, truth["foes"])
    print("record B agrees with its truth")


if __name__ == "__main__":
    main()
