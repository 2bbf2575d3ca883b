"""Record C: one zip a night with one text file a profile, in Chinese.

    python make_record.py OUT_DIR

writes OUT_DIR/record/, OUT_DIR/zenodo.json and OUT_DIR/truth.json.  All data
are invented (see ../sky.py).
"""

import argparse
import json
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import formats
import sky

LT_HOURS = 8
# zip name: (night, first and last UT hour, gaps, full resolution)
ZIPS = {
    "20200812": ("2020-08-12", 12.9, 19.2, [], False),
    "20210108": ("2021-01-08", 11.0, 20.5, [(13.0, 14.5)], False),
    "20210510": ("2021-05-10", 13.5, 16.0, [], True),
    "20210603": ("2021-06-03", 12.7, 20.1, [], False),
    "20210604": ("2021-06-04", 12.7, 20.0, [], False),
    "20210616": ("2021-06-18", 12.8, 19.8, [], False),  # misnamed
    "20210619": ("2021-06-19", 13.0, 19.0, [], False),  # broken below
    "20220116": ("2022-01-16", 11.5, 19.7, [], False),  # local time
}
PRODUCTS = {"Ca+": ("NDCI", "CaIonDen", "Ca Ions", "钙离子"), "Ca": ("NDCA", "CaDen", "Ca Atoms", "钙原子")}

README = """\
《热层金属离子云》论文数据说明

1. 激光雷达:Ca离子密度_日期.zip,每晚一个压缩包,每条廓线一个文本文件,数密度单位 \
cm^-3,延庆站(40.4N,116.0E)。文件名中的时间为廓线开始时间。
2. TEC:CHN21155.INX、CHN21169.INX 为IONEX格式;TEC_20210108.mat、TEC_20210603.mat \
为尚未转换的格网数据(经度、纬度、时间)。
3. FPI:兴隆FPI风场_630nm.csv,250 km,纬向风向东为正,经向风向北为正。
4. 测高仪:北京Es手工判读.txt;BP440_2021130.SAO 为5月10日自动判读结果。

未注明的时间为世界时。联系人:课题组。
"""

# What the owner would answer (NOTES.md in words).
OWNER_SAYS = {
    "Ca离子密度_*.zip": {"density_unit": "cm^-3", "time_zone": "UT", "member_names": "GBK", "negative_values": "NaN"},
    "Ca离子密度_20220116.zip": {"time_zone": "UT+8", "member_names": "UTF-8"},
    "Ca离子密度_20210616.zip": {"night": "2021-06-18"},
    "TEC_*.mat": {
        "lon": "jingdu",
        "lat": "weidu",
        "time": "shijian",
        "tec": "TECzhi",
        "time_zone": "UT+8",
        "order_in_matlab": "lon x lat x time",
        "unit": "TECU",
        "void": -1,
        "night": "from the name",
    },
    "兴隆FPI风场_630nm.csv": {
        "encoding": "GBK",
        "time_zone": "UT+8",
        "date": "of the evening",
        "east": "纬向风(m/s)",
        "north": "经向风(m/s)",
        "void": -999,
        "flag_good": 1,
        "alt_km": 250,
    },
    "北京Es手工判读.txt": {
        "encoding": "GBK",
        "time_zone": "UT+8",
        "unit": "MHz",
        "无": "no Es",
        "缺测": "no observation",
    },
    "BP440_2021130.SAO": {"time_zone": "UT", "void": 9999.0},
    "~$新建 Microsoft Excel 工作表.xlsx": {"not": "data"},
}

ZENODO = {
    "title": "热层金属离子云观测数据 (metal ion clouds, lidar, TEC, FPI)",
    "publication_date": "2025-06-22",
    "description": "<p>延庆钙离子激光雷达、TEC、FPI及北京测高仪数据,详见数据说明.txt。</p>",
    "creators": [{"name": "课题组"}],
    "license": {"id": "cc-by-4.0"},
}


# ---------------------------------------------------------------------- lidar


def observe(contents, t, z, rng, profiles, gates, scale=1.0):
    """Density (negative values as NaN) and its error in percent."""
    n = 0.0
    for part in range(profiles):
        shift = (part + 0.5) * sky.PROFILE_S / 3600
        n = n + sky.density(contents, t + shift, z) / profiles
    cells = profiles * gates
    k = sky.counts(n * scale, z, rng, cells)
    value = sky.retrieve(k, z, rng, cells).astype(float)
    value[value < 0] = np.nan
    with np.errstate(divide="ignore"):
        error = 100 / np.sqrt(k)
    error[~(error <= 100)] = np.nan
    return np.round(value, 1), np.round(error, 1)


def stamp(date, hours):
    """(yyyymmddHHMMSS, ISO with milliseconds) of hours after 00 of a date."""
    text = sky.iso(date, hours)[:-1]
    return "".join(c for c in text[:19] if c.isdigit()), text


def profile_text(species, date, hours, z, value, error, local):
    """One profile as the Meridian project's level 2 text."""
    _, column, name, _ = PRODUCTS[species]
    zone = LT_HOURS if local else 0
    when = stamp(date, hours + zone)[1] + ("(BJT)" if local else "")
    head = [
        f"DataName: Number Density of {name}",
        "CopyRight: Chinese Meridian Project",
        "Station: BJYQ(116.0E,40.4N,500m)",
        "Instrument: Ca/Ca+ Lidar(延庆)",
        "Producer: 课题组",
        "FileCreateTime: 2023-03-02T10:11:12",
        "DataLevel: L2",
        "DataVersion: V01.00",
        f"DataTime: {when}",
        f"RecordNumber: {z.size}",
        "QualityFlag: TBD",
        "DeviceState: BeamDirect=0.0 degree",
        "DeviceSpec: WaveLen=393nm, PRF=15Hz, PlsEnergy=30mJ",
        "ObsParameters: PlsAccu=500",
        f"Quantities: Number density of {name} (cm^-3)",
        "Elev(km): Height, F7.3, missingdata=NaN",
        f"{column}(cm^-3): Number Density, F9.1, missingdata=NaN",
        "DenEr(%): Density Error, F5.1, missingdata=NaN",
        "-" * 33,
    ]
    rows = np.column_stack([z, value, error])
    body = ("%7.3f %9.1f %5.1f\r\n" * z.size) % tuple(rows.ravel())
    return "".join(f"#{line}\r\n" for line in head) + f"   Elev  {column} DenEr\r\n" + body.replace("nan", "NaN")


def profile_name(species, date, hours, version="V01.00"):
    return f"BJYQ_MUCL01_{PRODUCTS[species][0]}_L2_STP_{stamp(date, hours)[0]}_{version}.TXT"


def night_files(label, species, rng):
    """Members of a night's zip and what is true of them."""
    date, begin, end, gaps, full = ZIPS[label]
    local = label == "20220116"
    profiles, gates = (1, 1) if full else (3, 3)
    step = 33.3 if full else 100.0
    z = sky.gates(70, 300, gates)
    contents = sky.CASES.get(date) or sky.ordinary_night(77, int(date[5:7]))
    if species == "Ca":
        z = sky.gates(80, 120, gates)
        contents = dict(peak=22, centre=91.0, seed=9, parts=[])
    z = np.round(z, 3)
    t = sky.profile_times(begin, end, gaps, step)
    value, error = observe(contents, t, z, rng, profiles, gates)
    if species == "Ca":
        value = np.nan_to_num(value)
    members = []
    folder = f"{label}/{PRODUCTS[species][3]}/"
    for i, hours in enumerate(t):
        text = profile_text(species, date, hours, z, value[i], error[i], local)
        if label == "20200812" and i == 40:  # a number that did not fit
            lines = text.split("\r\n")
            row = 20 + int(np.argmin(abs(z - 94.0)))
            lines[row] = lines[row][:8] + "*" * 9 + lines[row][17:]
            text = "\r\n".join(lines)
            value[i, row - 20] = np.nan
        name = profile_name(species, date, hours + (LT_HOURS if local else 0))
        members.append((folder + name, text.encode("gbk")))
    return date, t, z, value, members


def lidar(out, rng):
    truth, problems = [], []
    for label in ZIPS:
        file = f"Ca离子密度_{label}.zip"
        date, t, z, value, members = night_files(label, "Ca+", rng)
        names, encoding = [file], "gbk"
        more = {}
        if label == "20200812":
            problems.append(
                {
                    "what": "a field of asterisks",
                    "files": [file],
                    "member": members[40][0],
                    "right": "no value there; the rest is good",
                }
            )
        if label == "20210603":
            # twelve profiles were processed again; both versions are there
            contents = sky.CASES[date]
            for i in range(100, 112):
                again, error = observe(contents, t[i : i + 1], z, rng, 3, 3, 1.08)
                value[i] = again[0]
                text = profile_text("Ca+", date, t[i], z, again[0], error[0], False).replace("V01.00", "V01.01")
                folder = members[i][0].rsplit("/", 1)[0]
                members.append((f"{folder}/" + profile_name("Ca+", date, t[i], "V01.01"), text.encode("gbk")))
            problems.append(
                {"what": "12 profiles in two versions", "files": [file], "right": "V01.01 replaces V01.00"}
            )
        if label == "20210604":
            # the last profile was cut off, the one before it never written
            last = members.pop()
            members.append((last[0], last[1][: len(last[1]) // 2 - 7]))
            members[-2] = (members[-2][0], b"")
            t, value = t[:-2], value[:-2]
            more["n_profiles_may_also_be"] = t.size + 1
            problems += [
                {
                    "what": "profile cut off in the middle of a line",
                    "files": [file],
                    "member": members[-1][0],
                    "right": "left out, or its whole rows used; reported",
                },
                {"what": "empty profile", "files": [file], "member": members[-2][0], "right": "left out; reported"},
            ]
            names.append(f"Ca离子密度_{label} - 副本.zip")
            problems.append({"what": "the same zip twice", "files": names[:], "right": "one night, not two"})
        if label == "20210616":
            problems.append(
                {
                    "what": "zip and folder carry another date than the profiles in them",
                    "files": [file],
                    "right": "night 2021-06-18",
                }
            )
            _, t_ca, z_ca, ca, more_members = night_files(label, "Ca", rng)
            members += more_members
            truth.append(
                sky.lidar_truth(
                    date,
                    t_ca,
                    z_ca,
                    ca,
                    rng,
                    species="Ca",
                    files=[file],
                    quantity="number density",
                    negatives="zero",
                    counts=False,
                )
            )
        if label == "20220116":  # packed on a Mac
            encoding = "utf-8"
            members = [
                m
                for name, data in members
                for m in (
                    (name, data),
                    (
                        "__MACOSX/" + name.replace("BJYQ", "._BJYQ"),
                        b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ",
                    ),
                )
            ]
        elif label in ("20210108", "20210603"):
            members.append((f"{label}/Thumbs.db", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)))
        data = formats.zip_bytes(members, encoding)
        if label == "20210619":  # the upload broke off
            data = data[: len(data) * 7 // 10]
            problems.append(
                {
                    "what": "zip cut off, no directory at its end",
                    "files": [file],
                    "night": date,
                    "right": "reported; its profiles are not needed",
                }
            )
        for name in names:
            (out / name).write_bytes(data)
        if label != "20210619":
            truth.append(
                sky.lidar_truth(
                    date,
                    t,
                    z,
                    value,
                    rng,
                    files=names,
                    negatives="nan",
                    quantity="number density",
                    counts=False,
                    **more,
                )
            )
    return truth, problems


# ------------------------------------------------------------------------ TEC


def ionex(date, hours, lat, lon, maps, exponent):
    """IONEX 1.0 of a region."""

    def line(text, label):
        return f"{text:<60}{label}\n"

    def epoch(hour):
        y, m, d = (int(x) for x in date.split("-"))
        return "%6d%6d%6d%6d%6d%6d" % (y, m, d, int(hour), round(hour % 1 * 60), 0)

    text = line("%8.1f%12s%-20s%-20s" % (1.0, "", "IONOSPHERE MAPS", "GNSS"), "IONEX VERSION / TYPE")
    text += line("%-20s%-20s%-20s" % ("tecgrid", "", "02-MAR-23 10:11"), "PGM / RUN BY / DATE")
    text += line(epoch(hours[0]), "EPOCH OF FIRST MAP")
    text += line(epoch(hours[-1]), "EPOCH OF LAST MAP")
    text += line("%6d" % round((hours[1] - hours[0]) * 3600), "INTERVAL")
    text += line("%6d" % len(hours), "# OF MAPS IN FILE")
    text += line("  COSZ", "MAPPING FUNCTION")
    text += line("%8.1f" % 30, "ELEVATION CUTOFF")
    text += line("CMONOC", "OBSERVABLES USED")
    text += line("%6d" % 260, "# OF STATIONS")
    text += line("%8.1f" % 6371, "BASE RADIUS")
    text += line("%6d" % 2, "MAP DIMENSION")
    text += line("  %6.1f%6.1f%6.1f" % (250, 250, 0), "HGT1 / HGT2 / DHGT")
    text += line("  %6.1f%6.1f%6.1f" % (lat[0], lat[-1], lat[1] - lat[0]), "LAT1 / LAT2 / DLAT")
    text += line("  %6.1f%6.1f%6.1f" % (lon[0], lon[-1], lon[1] - lon[0]), "LON1 / LON2 / DLON")
    if exponent != -1:
        text += line("%6d" % exponent, "EXPONENT")
    text += line("", "END OF HEADER")
    for number, (hour, v) in enumerate(zip(hours, maps), 1):
        text += line("%6d" % number, "START OF TEC MAP")
        text += line(epoch(hour), "EPOCH OF CURRENT MAP")
        for la, row in zip(lat, v):
            text += line(
                "  %6.1f%6.1f%6.1f%6.1f%6.1f" % (la, lon[0], lon[-1], lon[1] - lon[0], 250), "LAT/LON1/LON2/DLON/H"
            )
            cells = ["%5d" % x for x in row]
            for i in range(0, len(cells), 16):
                text += "".join(cells[i : i + 16]) + "\n"
        text += line("%6d" % number, "END OF TEC MAP")
    return text + line("", "END OF FILE")


def tec(out, rng):
    lat, lon = np.arange(55.0, 14.0, -1), np.arange(70.0, 141.0)
    lat2, lon2 = np.meshgrid(lat, lon, indexing="ij")
    inside = sky.in_china(lat2, lon2)
    hours = np.arange(12.0, 20.01, 0.25)
    truth = []
    for date, file, exponent in (
        ("2021-06-04", "CHN21155.INX", -1),
        ("2021-06-18", "CHN21169.INX", -2),
        ("2021-01-08", "TEC_20210108.mat", None),
        ("2021-06-03", "TEC_20210603.mat", None),
    ):
        maps = np.array([sky.vertical_tec(date, h, lat2, lon2) for h in hours])
        maps += rng.normal(0, 0.25, maps.shape)
        if exponent is None:
            # pinyin names, south first, longitude x latitude x local time
            v = np.where(inside, maps, -1.0)
            formats.save_mat5(
                out / file,
                {
                    "jingdu": lon[None, :],
                    "weidu": lat[::-1][:, None],
                    "shijian": (hours + LT_HOURS)[None, :],
                    "TECzhi": np.transpose(v[:, ::-1, :], (2, 1, 0)),
                },
            )
        else:
            scale = 10.0**-exponent
            v = np.where(inside, np.round(maps * scale), 9999)
            (out / file).write_text(ionex(date, hours, lat, lon, v, exponent))
            v = np.where(inside, v / scale, -1.0)
        found = []
        for la, lo, i in ((40, 116, 0), (30, 117, 16), (25, 110, 20), (42, 85, 32), (18, 140, 5)):
            x = float(v[i, 55 - la, lo - 70])
            found.append({"ut": sky.iso(date, hours[i]), "lat": la, "lon": lo, "vtec_tecu": None if x == -1 else x})
        truth.append(
            {
                "night": date,
                "files": [file],
                "unit": "TECU",
                "quantity": "vertical TEC",
                "n_maps": int(hours.size),
                "ut_start": sky.iso(date, hours[0]),
                "ut_end": sky.iso(date, hours[-1]),
                "lat_min": 15,
                "lat_max": 55,
                "lon_min": 70,
                "lon_max": 140,
                "ipp_height_km": 250,
                "samples": found,
            }
        )
    return truth


# ----------------------------------------------------------------------- wind


def wind(out, rng):
    """Winds in a GBK table; hours run past 24; flag 1 is good."""
    lines = ["日期,北京时,纬向风(m/s),误差,经向风(m/s),误差,标志"]
    truth = []
    for date in ("2021-01-08", "2021-05-10", "2021-06-03", "2021-06-04", "2021-06-18", "2022-01-16"):
        rows = []
        first, last = (10, 21) if date[5:7] == "01" else (12, 19)
        for hour in range(first, last + 1):
            middle = hour + 0.5
            east, north = (round(float(x + rng.normal(0, 5)), 1) for x in sky.wind_250km(date, middle))
            good = rng.random() > 0.12
            lost = rng.random() < 0.08
            cells = (
                ["-999"] * 4
                if lost
                else [f"{east:.1f}", f"{rng.uniform(5, 12):.1f}", f"{north:.1f}", f"{rng.uniform(5, 12):.1f}"]
            )
            clock = f"{hour + LT_HOURS}:30"
            good = good and not lost
            lines.append(",".join([date.replace("-", "/"), clock, *cells, str(int(good))]))
            rows.append(
                {
                    "ut": sky.iso(date, middle),
                    "good": good,
                    "east_m_s": None if lost else east,
                    "north_m_s": None if lost else north,
                }
            )
        truth.append(
            {"night": date, "alt_km": 250, "emission_nm": 630.0, "files": ["兴隆FPI风场_630nm.csv"], "rows": rows}
        )
    text = "\r\n".join(lines) + "\r\n"
    (out / "兴隆FPI风场_630nm.csv").write_bytes(text.encode("gbk"))
    return truth


# -------------------------------------------------------------------- ionosonde


def sao_record(date, ut, characteristics):
    """One SAO 4.3 record: index, constants, system, preface, 49 values."""
    index = [0] * 80
    index[0], index[1], index[2], index[3], index[79] = 5, 1, 57, 49, 4
    text = ""
    for half in (index[:40], index[40:]):
        text += "".join("%3d" % x for x in half) + "\r\n"
    text += "".join("%7.3f" % x for x in (1.2, 59.5, 40.3, 116.2, 35.0))
    text += "\r\n" + "BP440 DPS-4D, ARTIST 5, Beijing" + "\r\n"
    moment = stamp(date, ut)[0]
    doy = (np.datetime64(date) - np.datetime64(date[:4])).astype(int) + 1
    preface = f"FF{moment[:4]}{doy:03d}{moment[4:8]}{moment[8:]}440440"
    text += f"{preface:<57}" + "\r\n"
    cells = ["%8.3f" % x for x in characteristics]
    for i in range(0, 49, 15):
        text += "".join(cells[i : i + 15]) + "\r\n"
    return text


def ionosonde(out, rng):
    lines = [
        "# 北京站(40.3N,116.2E)Es层参数手工判读,时间为北京时",
        "# 无=无Es  缺测=无数据  频率MHz,高度km",
        "日期 时间 foEs fbEs h'Es 类型",
    ]
    truth = []
    for date in sky.ES:
        rows, sao = [], ""
        for ut in np.arange(12.0, 20.01, 0.25):
            value, height, kind = sky.es_layer(date, ut, rng)
            missing = rng.random() < 0.05
            row = {"ut": sky.iso(date, ut), "foEs_MHz": value, "meaning": "", "es_present": value is not None}
            if date == "2021-05-10":
                numbers = np.full(49, 9999.0)
                numbers[0] = round(6.5 - 0.25 * (ut - 12), 3)  # foF2
                numbers[4] = 1.4  # fmin
                if value is not None:
                    numbers[5] = value
                    numbers[13] = height  # h'Es
                else:
                    row["meaning"] = "none scaled: no Es or not seen"
                sao += sao_record(date, ut, numbers)
                rows.append(row)
                continue
            if missing:
                cells = ["缺测", "---", "---", "---"]
                row.update(foEs_MHz=None, meaning="no observation", es_present=None)
            elif value is None:
                cells = ["无", "---", "---", "---"]
                row["meaning"] = "no Es"
            else:
                value = round(value, 1)
                row["foEs_MHz"] = value
                cells = [f"{value:.1f}", f"{0.7 * value:.1f}", f"{height:.0f}", kind]
            local = stamp(date, ut + LT_HOURS)[1]
            lines.append(" ".join([local[:10], local[11:16], *cells]))
            rows.append(row)
        name = "BP440_2021130.SAO" if sao else "北京Es手工判读.txt"
        if sao:
            (out / name).write_bytes(sao.encode())
        truth.append({"night": date, "files": [name], "rows": rows})
    text = "\r\n".join(lines) + "\r\n"
    (out / "北京Es手工判读.txt").write_bytes(text.encode("gbk"))
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=pathlib.Path)
    base = parser.parse_args().out_dir
    out = base / "record"
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(8848)
    nights, problems = lidar(out, rng)
    truth = {
        "record": "c",
        "lidar": nights,
        "tec": tec(out, rng),
        "wind": wind(out, rng),
        "foes": ionosonde(out, rng),
        "problems": problems,
        "owner_says": OWNER_SAYS,
    }
    (out / "数据说明.txt").write_bytes(README.replace("\n", "\r\n").encode("gbk"))
    # the lock file of a table that was open when the folder was uploaded
    (out / "~$新建 Microsoft Excel 工作表.xlsx").write_bytes(b"\x04user" + b" " * 160)
    (base / "zenodo.json").write_text(json.dumps(ZENODO, indent=1, ensure_ascii=False), "utf-8")
    (base / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
