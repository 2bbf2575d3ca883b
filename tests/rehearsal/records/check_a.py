"""Read record A back, knowing what its owner knows, and compare with the truth.

python check_a.py OUT_DIR
"""

import json
import pathlib
import sys

import h5py
import numpy as np
import pandas as pd
from scipy.io import loadmat


def hours(stamp):
    """Hours after 00 UT of the date in an ISO stamp."""
    return (np.datetime64(stamp[:-1]) - np.datetime64(stamp[:10])) / np.timedelta64(1, "h")


def night(path):
    """Time (UT h), altitude (km), density (time, altitude) of a lidar file."""
    if path.name == "Fig1e.mat":
        with h5py.File(path) as f:
            return f["LT"][()].ravel() - 8, f["height"][()].ravel() / 1e3, f["Ca_ion"][()]
    m = loadmat(path)
    if path.name == "Fig1d.mat":
        return m["ut"].ravel(), m["h"].ravel(), m["den"]
    if path.name == "Fig1f.mat":
        return m["X"][0], m["Y"][:, 0], m["Z"].T
    return m["X"].ravel(), m["Y"].ravel(), m["Z"].T


def main():
    base = pathlib.Path(sys.argv[1])
    record = base / "record"
    truth = json.loads((base / "truth.json").read_text())

    for entry in truth["lidar"]:
        t, z, n = night(record / entry["files"][0])
        assert n.shape == (entry["n_profiles"], entry["n_gates"])
        assert abs(t[0] - hours(entry["ut_start"])) < 1e-3
        assert abs(t[-1] - hours(entry["ut_end"])) < 1e-3
        assert abs(z[0] - entry["alt_min_km"]) < 1e-3
        assert abs(z[-1] - entry["alt_max_km"]) < 1e-3
        for s in entry["samples"]:
            value = n[np.argmin(abs(t - hours(s["ut"]))), np.argmin(abs(z - s["alt_km"]))]
            if s["density_cm3"] is None:
                assert np.isnan(value)
            else:
                assert np.isclose(value, s["density_cm3"])
        mean = np.nanmean(n, axis=0)
        near = abs(z - entry["main_layer"]["alt_km"]) < 0.6
        assert np.isclose(mean[near].mean(), entry["main_layer"]["peak_density_cm3"], rtol=0.05)
        column = np.nansum(mean[(z > 83) & (z < 120)]) * (z[1] - z[0]) * 1e5
        print(entry["night"], n.shape, entry["main_layer"], f"{column:.2e}")

    part = loadmat(record / "Fig5b.mat")
    t, z, n = night(record / "Fig1f.mat")
    whole = n[np.ix_(np.isin(t, part["X"]), np.isin(z, part["Y"]))].T
    assert np.allclose(10 ** part["Z"], np.where(whole > 0, whole, np.nan), equal_nan=True)

    array = loadmat(record / "TEC_case_nights.mat")["TEC"]
    maps = {}
    for entry, s in zip(truth["tec"], array[0]):
        assert s["date"][0] == entry["night"].replace("-", "")
        v = np.where(s["VTEC"] == 0, np.nan, s["VTEC"])
        ut, lat, lon = (s[k].ravel() for k in ("UT", "lat", "lon"))
        maps[entry["night"]] = (ut, s["VTEC"])
        assert v.shape == (41, 71, entry["n_maps"])
        assert np.isfinite(v[..., 0]).sum() == entry["n_valid_cells_first_map"]
        for x in entry["samples"]:
            value = v[lat == x["lat"], lon == x["lon"], np.argmin(abs(ut - hours(x["ut"])))][0]
            assert np.isnan(value) if x["vtec_tecu"] is None else np.isclose(value, x["vtec_tecu"])
    figure = loadmat(record / "Fig2.mat")
    for p in truth["tec_figure_panels"]:
        ut, v = maps[p["ut"][:10]]
        at = np.argmin(abs(ut - hours(p["ut"])))
        assert np.array_equal(figure["fig2" + p["panel"]], v[..., at], equal_nan=True)

    sheets = pd.read_excel(record / "Fig5d_FPI_wind_250km.xlsx", sheet_name=None, header=1)
    assert len(sheets) == len(truth["wind"])
    for entry, sheet in zip(truth["wind"], sheets.values()):
        for row, (_, seen) in zip(entry["rows"], sheet.iterrows()):
            assert seen["UT"] == hours(row["ut"])
            assert (
                np.isnan(seen["U (m/s)"])
                if row["east_m_s"] is None
                else seen["U (m/s)"] == row["east_m_s"] and seen["V (m/s)"] == row["north_m_s"]
            )

    table = pd.read_excel(record / "Fig4.xlsx", sheet_name="nights")
    dates = [pd.Timestamp(str(d)) for d in table["Date"]]
    s = truth["statistics"]
    assert (len(set(dates)), table[">150 km"].notna().sum(), table["200-300 km"].notna().sum()) == (
        s["n_nights"],
        s["n_above_150km"],
        s["n_layer_200_300km"],
    )
    assert (str(dates[0].date()), str(dates[-1].date())) == (s["first"], s["last"])
    for x in s["samples"]:
        row = table.iloc[dates.index(pd.Timestamp(x["night"]))]
        assert np.isclose(row.iloc[4] * 1e7, x["column_cm2"])
        assert (row[">150 km"] == "\u221a") == x["above_150km"]
    print("record A agrees with its truth", s["n_nights"], s["n_above_150km"])


if __name__ == "__main__":
    main()
