"""Read record C back, knowing what its owner knows, and compare with the truth.

python check_c.py OUT_DIR
"""

import hashlib
import json
import pathlib
import re
import sys
import zipfile

import numpy as np
import pandas as pd
from scipy.io import loadmat

HOUR = np.timedelta64(3600, "s")


def moment(stamp):
    return np.datetime64(stamp[:-1])


def read_profile(text):
    """Species, UT, heights, densities of one text file."""
    lines = text.splitlines()
    head = dict(x[1:].split(": ", 1) for x in lines if x[0] == "#" and ":" in x)
    when = head["DataTime"]
    ut = np.datetime64(when.removesuffix("(BJT)"))
    if when.endswith("(BJT)"):
        ut -= 8 * HOUR
    rows = [x.split() for x in lines[20:]]
    if len(rows) != int(head["RecordNumber"]):
        raise ValueError("cut off")
    z = [float(r[0]) for r in rows]
    n = [float(r[1].replace("*" * 9, "nan")) for r in rows]
    species = "Ca+" if "Ions" in head["DataName"] else "Ca"
    return species, ut, z, n


def read_night(path):
    """{species: {UT: (z, n)}} of a zip, and the members that are broken."""
    newest, broken = {}, []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = info.filename
            if not info.flag_bits & 0x800:
                name = name.encode("cp437").decode("gbk")
            if not name.endswith(".TXT") or "__MACOSX" in name:
                continue
            product, version = re.search(r"(_ND.*)_(V[\d.]+)\.TXT", name).groups()
            if newest.get(product, ("", ""))[0] < version:
                newest[product] = (version, name, archive.read(info))
    night = {}
    for _, name, data in newest.values():
        try:
            species, ut, z, n = read_profile(data.decode("gbk"))
        except (ValueError, KeyError):
            broken.append(name)
            continue
        night.setdefault(species, {})[ut] = (z, n)
    return night, broken


def check_lidar(record, truth):
    nights = {}
    for entry in truth["lidar"]:
        name = entry["files"][0]
        if name not in nights:
            nights[name] = read_night(record / name)
        night, broken = nights[name]
        profiles = night[entry["species"]]
        t = np.array(sorted(profiles))
        z = np.array(profiles[t[0]][0])
        n = np.array([profiles[x][1] for x in t])
        assert n.shape == (entry["n_profiles"], entry["n_gates"]), name
        assert str(t[0])[:10] == entry["night"]
        assert t[0] == moment(entry["ut_start"])
        assert t[-1] == moment(entry["ut_end"])
        assert (z[0], z[-1]) == (entry["alt_min_km"], entry["alt_max_km"])
        for s in entry["samples"]:
            value = n[np.argmin(abs(t - moment(s["ut"]))), np.argmin(abs(z - s["alt_km"]))]
            assert np.isnan(value) if s["density_cm3"] is None else np.isclose(value, s["density_cm3"]), s
        mean = np.nanmean(n, axis=0)
        near = abs(z - entry["main_layer"]["alt_km"]) < 0.55
        assert np.isclose(mean[near].mean(), entry["main_layer"]["peak_density_cm3"], rtol=0.05)
        print(entry["night"], entry["species"], n.shape, "broken", len(broken))
    for problem in truth["problems"]:
        if problem["what"].startswith("zip cut off"):
            assert not zipfile.is_zipfile(record / problem["files"][0])
        if problem["what"].startswith("the same zip"):
            assert len({hashlib.md5((record / f).read_bytes()).digest() for f in problem["files"]}) == 1


def read_ionex(text):
    head, body = text.split("END OF HEADER", 1)
    found = re.search(r"(-?\d+)\s+EXPONENT", head)
    scale = 10.0 ** (int(found[1]) if found else -1)
    maps = {}
    for part in body.split("START OF TEC MAP")[1:]:
        lines = part.splitlines()[1:]
        y, m, d, hh, mm, _ = (int(x) for x in lines[0][:60].split())
        numbers = []
        for line in lines[1:]:
            if "END OF TEC MAP" in line:
                break
            if "LAT/LON1" not in line:
                numbers += [int(line[i : i + 5]) for i in range(0, len(line), 5)]
        v = np.array(numbers, float).reshape(41, 71)
        v[v == 9999] = np.nan
        when = np.datetime64(f"{y}-{m:02d}-{d:02d}T{hh:02d}:{mm:02d}")
        maps[when] = v * scale
    return maps


def check_tec(record, truth):
    for entry in truth:
        path = record / entry["files"][0]
        if path.suffix == ".INX":
            maps = read_ionex(path.read_text())
        else:
            m = loadmat(path)
            v = np.where(m["TECzhi"] == -1, np.nan, m["TECzhi"])
            assert m["weidu"][0, 0] == 15 and m["jingdu"][0, 0] == 70
            maps = {
                np.datetime64(entry["night"]) + np.timedelta64(round((h - 8) * 3600), "s"): v[:, ::-1, i].T
                for i, h in enumerate(m["shijian"][0])
            }
        assert len(maps) == entry["n_maps"]
        assert min(maps) == moment(entry["ut_start"])
        for s in entry["samples"]:
            value = maps[moment(s["ut"])][55 - s["lat"], s["lon"] - 70]
            assert np.isnan(value) if s["vtec_tecu"] is None else np.isclose(value, s["vtec_tecu"], rtol=1e-5)


def check_wind(record, truth):
    table = pd.read_csv(record / truth[0]["files"][0], encoding="gbk")
    rows = [r for entry in truth for r in entry["rows"]]
    assert len(rows) == len(table)
    for r, (_, seen) in zip(rows, table.iterrows()):
        hour, minute = (int(x) for x in seen["北京时"].split(":"))
        ut = pd.Timestamp(seen["日期"]) + pd.Timedelta(hours=hour - 8, minutes=minute)
        assert ut == pd.Timestamp(r["ut"][:-1])
        assert bool(seen["标志"]) == r["good"]
        expected = [-999.0 if r[k] is None else r[k] for k in ("east_m_s", "north_m_s")]
        assert [seen["纬向风(m/s)"], seen["经向风(m/s)"]] == expected


def check_ionosonde(record, truth):
    text = (record / "北京Es手工判读.txt").read_bytes().decode("gbk")
    scaled = {}
    for line in text.splitlines()[3:]:
        date, clock, value, *_ = line.split()
        ut = np.datetime64(f"{date}T{clock}") - 8 * HOUR
        scaled[ut] = value
    sao = (record / "BP440_2021130.SAO").read_text().split("\n")
    lines_per_record = 9
    for i in range(0, len(sao) - 1, lines_per_record):
        part = sao[i : i + lines_per_record]
        index = [int(x[j : j + 3]) for x in part[:2] for j in range(0, 120, 3)]
        assert index[79] == 4 and index[3] == 49
        p = part[4]
        ut = np.datetime64(f"{p[2:6]}-{p[9:11]}-{p[11:13]}T{p[13:15]}:{p[15:17]}:{p[17:19]}")
        numbers = [float(x[j : j + 8]) for x in part[5:9] for j in range(0, len(x) - 7, 8)]
        assert len(numbers) == 49
        scaled[ut] = numbers[5]
    count = 0
    for entry in truth:
        for r in entry["rows"]:
            value = scaled[moment(r["ut"])]
            count += 1
            if r["foEs_MHz"] is None:
                assert value in ("无", "缺测", 9999.0)
                assert (value == "缺测") == (r["es_present"] is None)
            else:
                assert np.isclose(float(value), r["foEs_MHz"], atol=1e-3)
    assert count == len(scaled)


def main():
    base = pathlib.Path(sys.argv[1])
    record = base / "record"
    truth = json.loads((base / "truth.json").read_text("utf-8"))
    check_lidar(record, truth)
    check_tec(record, truth["tec"])
    check_wind(record, truth["wind"])
    check_ionosonde(record, truth["foes"])
    print("record C agrees with its truth")


if __name__ == "__main__":
    main()
