"""Record B: a whole campaign in compact form, by people who like archives.

    python make_record.py OUT_DIR

writes OUT_DIR/record/, OUT_DIR/zenodo.json and OUT_DIR/truth.json.  All data
are invented (see ../sky.py).
"""

import argparse
import io
import json
import pathlib
import sys

import netCDF4
import numpy as np
import openpyxl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import formats
import sky

LT_HOURS = 8.0
MINUTES = 5
GATES = 10  # 0.96 km
NO_LOG = -32768
PACK = 0.0005  # step of the packed logarithm
TEC_NIGHTS = ["2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18"]
STATIONS = {
    "bjfs": (39.61, 115.89),
    "hlar": (49.27, 119.74),
    "sdjx": (35.43, 116.31),
    "hahb": (35.70, 114.50),
    "jxjj": (29.65, 115.98),
    "fjxp": (26.88, 119.98),
    "gdsg": (24.80, 113.60),
    "lnyk": (40.68, 122.60),
    "nmxl": (43.94, 116.11),
    "sxly": (35.60, 113.10),
}

README = """\
# Ca+ over Beijing 2020-2022: lidar, TEC, FPI, sporadic E

| file | content |
|---|---|
| ca_ion_2020.mat | Ca+ lidar, Jun-Dec 2020 (v7.3) |
| ca_lidar_YYYYMM.nc | Ca+ (and Ca, where available) lidar, one file per month |
| tec_maps_*.zip | regional vTEC maps, one text file per epoch |
| tec_rx_20210603.zip | receiver files for 3 June 2021 (no maps made yet) |
| FPI_Xinglong_2021_hourly.txt | hourly winds |
| foEs_Beijing_manual.xlsx | manually scaled Es parameters |

Lidar: 5-min x 0.96-km averages, 70-300 km. The logarithm is stored in order \
to save space (the layer spans five decades); bins without signal are masked.
All times are Beijing Time (BT) unless stated otherwise.
Please cite the paper when using the data.
"""

# What the owner would answer (NOTES.md in words).
OWNER_SAYS = {
    "ca_ion_2020.mat": {
        "species": "Ca+",
        "density": "NCaII",
        "density_unit": "m^-3",
        "log10": False,
        "time": "mtime",
        "time_unit": "MATLAB datenum",
        "time_zone": "UT+8",
        "altitude": "alt",
        "altitude_unit": "km",
        "order_in_matlab": "time x altitude",
        "zero_means": "no signal",
    },
    "ca_lidar_*.nc": {
        "species": "Ca+",
        "density": "lg_n_Ca_ion",
        "density_unit": "m^-3",
        "log10": True,
        "time_zone": "UT+8",
        "altitude_unit": "m",
        "ignore": ["lg_n_Ca"],
    },
    "ca_lidar_202210.nc": {"density": "Ca_ion_density", "density_unit": "cm^-3", "log10": False},
    "tec_maps_*.zip": {"unit": "0.1 TECU", "time_zone": "UT", "void": 9999},
    "tec_rx_20210603.zip": {"unit": "TECU", "time_zone": "UT", "void": -999, "Jdatet": "modified Julian date"},
    "FPI_Xinglong_2021_hourly.txt": {
        "time_zone": "UT+8",
        "east": "Vz",
        "north": "Vm",
        "void": 9999.0,
        "emission": "OI630.0",
        "alt_km": 250,
        "quality_bad": [2],
    },
    "foEs_Beijing_manual.xlsx": {
        "time_zone": "UT+8",
        "unit": "0.1 MHz",
        "letters": {
            "E": "less than",
            "D": "greater than",
            "C": "no data",
            "JA": "derived from fxEs",
            "AA": "total blanketing",
        },
    },
}

ZENODO = {
    "title": "Ca+ layers over Beijing 2020-2022 with TEC, winds and sporadic E",
    "publication_date": "2025-06-22",
    "description": "<p>Processed observations of the Yanqing Ca<sup>+</sup> "
    "lidar (257 nights) with supporting TEC, FPI and Digisonde "
    "data. See README.md.</p>",
    "creators": [{"name": "Doe, J."}],
    "license": {"id": "cc-by-4.0"},
}


def campaign(rng):
    """All nights: date -> (UT hours, density (time, altitude), class)."""
    z = sky.gates(70, 300)[GATES // 2 :: GATES]
    nights = {}
    for seed, (date, kind) in enumerate(sky.choose_nights(rng).items(), 900):
        contents, begin, end = sky.campaign_night(date, kind, seed)
        t = np.arange(begin, end, MINUTES / 60.0)
        if date.startswith("2021-08"):  # a month of pauses
            t = t[(t < 14.0) | (t > 15.1)]
        n = sky.observed_means(contents, t, z, rng, MINUTES, GATES)
        nights[date] = (t, n, kind)
    return z, nights


def neutral_ca(t, z, seed):
    """Neutral Ca, only to have a second species in the files (cm^-3)."""
    return sky.main_layer(t, z, 14 + seed % 7, 91.0, seed)


def write_2020(path, z, nights):
    """One MAT v7.3: all nights in a row, datenum of local time, m^-3."""
    days_to_1970 = 719529.0
    mtime, rows = [], []
    for date, (t, n, _) in nights.items():
        day = np.datetime64(date).astype(int) + days_to_1970
        mtime.append(day + (t + LT_HOURS) / 24.0)
        rows.append(np.where(n > 0, n, 0.0) * 1e6)
    formats.save_mat73(
        path,
        {
            "mtime": np.concatenate(mtime)[None, :],
            "alt": z[:, None],
            "NCaII": np.concatenate(rows).astype(np.float32),
            "readme": "Ca II, m^-3. mtime: datenum (BT)",
        },
    )
    return {date: np.where(n > 0, n, 0.0).astype(np.float32) for date, (_, n, _) in nights.items()}


def pack_log(n):
    """log10 of the density in m^-3 as 16 bit integers; nothing for n <= 0."""
    with np.errstate(all="ignore"):
        packed = np.round((np.log10(n * 1e6) - 6.0) / PACK)
    return np.where(n > 0, packed, NO_LOG).astype(np.int16)


def write_month(path, z, nights, linear):
    """NetCDF of one month: (altitude, time), altitude downwards, BT."""
    month = path.stem[-6:]
    origin = np.datetime64(f"{month[:4]}-{month[4:]}-01")
    time, columns, calcium, seen = [], [], [], {}
    high = z <= 120
    for seed, (date, (t, n, _)) in enumerate(nights.items()):
        day = (np.datetime64(date) - origin).astype(int)
        time.append(day + (t + LT_HOURS) / 24.0)
        if linear:
            columns.append(n)
            seen[date] = n.astype(np.float32)
        else:
            p = pack_log(n)
            columns.append(p)
            value = 10.0 ** (p * PACK)
            seen[date] = np.where(p == NO_LOG, np.nan, value)
        calcium.append(neutral_ca(t, z[high], seed))
    with netCDF4.Dataset(path, "w", format="NETCDF4") as f:
        f.title = "Yanqing resonance lidar"
        f.location = "40.4N 116.0E"
        f.createDimension("altitude", z.size)
        f.createDimension("time", sum(x.size for x in time))
        v = f.createVariable("time", "f8", ("time",))
        v.units = f"days since {origin} 00:00:00"
        v.long_name = "time of profile (centre)"
        v[:] = np.concatenate(time)
        v = f.createVariable("altitude", "f4", ("altitude",))
        v.units = "m"
        v[:] = z[::-1] * 1000
        if linear:
            v = f.createVariable("Ca_ion_density", "f4", ("altitude", "time"), zlib=True)
            v.units = "cm-3"
        else:
            v = f.createVariable("lg_n_Ca_ion", "i2", ("altitude", "time"), zlib=True, fill_value=NO_LOG)
            v.set_auto_maskandscale(False)
            v.scale_factor = PACK
            v.add_offset = 6.0
            v.units = "m-3"
        v.long_name = "Ca+ number density"
        v[:] = np.concatenate(columns).T[::-1]
        if month in ("202106", "202107"):
            f.createDimension("alt_Ca", int(high.sum()))
            v = f.createVariable("alt_Ca", "f4", ("alt_Ca",))
            v.units = "m"
            v[:] = z[high][::-1] * 1000
            v = f.createVariable("lg_n_Ca", "f4", ("alt_Ca", "time"), zlib=True)
            v.units = "m-3"
            v.long_name = "Ca number density"
            with np.errstate(divide="ignore"):
                v[:] = np.log10(np.concatenate(calcium) * 1e6).T[::-1]
    return seen


def lidar(out, rng):
    z, nights = campaign(rng)
    months = sorted({d[:7] for d in nights if d > "2021"})
    groups = [("ca_ion_2020.mat", {d: x for d, x in nights.items() if d < "2021"})]
    groups += [(f"ca_lidar_{m.replace('-', '')}.nc", {d: x for d, x in nights.items() if d[:7] == m}) for m in months]
    truth = []
    for name, part in groups:
        linear = name == "ca_lidar_202210.nc"
        if name.endswith(".mat"):
            seen = write_2020(out / name, z, part)
            kept = "zero"
        else:
            seen = write_month(out / name, z, part, linear)
            kept = "kept" if linear else "nan"
        for date, (t, _, kind) in part.items():
            truth.append(
                sky.lidar_truth(
                    date,
                    t,
                    z,
                    seen[date],
                    rng,
                    files=[name],
                    negatives=kept,
                    quantity="number density",
                    counts=False,
                    above_150km=kind > 0,
                    layer_200_300km=kind == 2,
                )
            )
    return truth


def tec_map_text(date, hour, lat, lon, v):
    """Eight header lines, then rows from 55N to 15N."""
    head = [
        f"vTEC map   {date} {int(hour):02d}:{round(hour % 1 * 60):02d} UT",
        "unit: 0.1 TECU",
        "missing: 9999",
        "IPP height: 250 km    elevation mask: 30 deg",
        f"lat: {lat[0]:.1f} {lat[-1]:.1f} {lat[1] - lat[0]:.1f}",
        f"lon: {lon[0]:.1f} {lon[-1]:.1f} {lon[1] - lon[0]:.1f}",
        f"rows: {lat.size}  columns: {lon.size}",
        "-" * 40,
    ]
    rows = ["".join("%6d" % x for x in row) for row in v]
    return "\r\n".join(head + rows) + "\r\n"


def tec_maps(out, rng):
    lat, lon = np.arange(55.0, 14.0, -1), np.arange(70.0, 141.0)
    lat2, lon2 = np.meshgrid(lat, lon, indexing="ij")
    inside = sky.in_china(lat2, lon2)
    truth = []
    for date in TEC_NIGHTS:
        if date == "2021-06-03":
            continue
        doy = (np.datetime64(date) - np.datetime64(date[:4])).astype(int) + 1
        hours = np.round(np.arange(12.0, 20.05, 0.3), 1)
        members, maps = [], []
        for hour in hours:
            v = sky.vertical_tec(date, hour, lat2, lon2)
            v = np.round(10 * (v + rng.normal(0, 0.25, v.shape)))
            v[~inside] = 9999
            maps.append(v)
            name = f"CHN{date[2:4]}{doy:03d}.{int(hour):02d}{round(hour % 1 * 60):02d}.txt"
            text = tec_map_text(date, hour, lat, lon, v)
            members.append((name, text.encode()))
        name = f"tec_maps_{date.replace('-', '')}.zip"
        (out / name).write_bytes(formats.zip_bytes(members))
        found = []
        for la, lo, i in ((40, 116, 0), (30, 117, 13), (25, 110, 20), (42, 85, 26), (18, 140, 5)):
            x = maps[i][55 - la, lo - 70]
            found.append(
                {"ut": sky.iso(date, hours[i]), "lat": la, "lon": lo, "vtec_tecu": None if x == 9999 else x / 10}
            )
        truth.append(
            {
                "night": date,
                "files": [name],
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


def receivers(out, rng):
    """One text file a receiver: slant and vertical TEC of each satellite."""
    date, members, found, count = "2021-06-03", [], [], 0
    mjd = np.datetime64(date).astype(int) + 40587
    for station, (lat, lon) in STATIONS.items():
        text = io.StringIO()
        text.write(f'"{station}, 21154"\n\n')
        text.write(f"{lat:10.3f} {lon:10.3f} {87.2:10.3f}\n\n")
        text.write("  Jdatet        Time      PRN    Az     Ele      Lat      Lon     Stec    Vtec      S4\n")
        for prn in rng.choice(np.arange(1, 33), 8, replace=False):
            az0, speed = rng.uniform(0, 360), rng.uniform(-12, 12)
            rise, top = rng.uniform(10, 18), rng.uniform(45, 88)
            for hour in np.arange(12.0, 20.0, 0.1):
                ele = top - 18 * abs(hour - rise - 1.5)
                if ele < 15:
                    continue
                az = (az0 + speed * (hour - rise)) % 360
                psi = 90 - ele - np.degrees(np.arcsin(6371 / 6621 * np.cos(np.radians(ele))))
                pla = lat + psi * np.cos(np.radians(az))
                plo = lon + psi * np.sin(np.radians(az)) / np.cos(np.radians(lat))
                vertical = float(sky.vertical_tec(date, hour, pla, plo) + rng.normal(0, 0.2))
                zenith = np.arcsin(6371 / 6621 * np.cos(np.radians(ele)))
                slant = vertical / np.cos(zenith)
                s4 = "-99.000" if rng.random() < 0.1 else " 0.0%02d" % rng.integers(10, 90)
                bad = rng.random() < 0.01
                if bad:
                    vertical = slant = -999.0
                text.write(
                    f"{mjd + hour / 24:12.6f} {hour:10.6f} {prn:5d} "
                    f"{az:7.2f} {ele:6.2f} {pla:8.3f} {plo:8.3f} "
                    f"{slant:8.2f} {vertical:7.2f} {s4}\n"
                )
                if count % 500 == 0:
                    found.append(
                        {
                            "ut": sky.iso(date, hour),
                            "station": station,
                            "prn": int(prn),
                            "elevation_deg": round(ele, 2),
                            "ipp_lat": round(float(pla), 3),
                            "ipp_lon": round(float(plo), 3),
                            "vtec_tecu": None if bad else round(vertical, 2),
                        }
                    )
                count += 1
        members.append((f"{station}154-2021-06-03.Cmn", text.getvalue().encode()))
    (out / "tec_rx_20210603.zip").write_bytes(formats.zip_bytes(members))
    return {
        "night": date,
        "files": ["tec_rx_20210603.zip"],
        "quantity": "TEC per receiver and satellite",
        "unit": "TECU",
        "n_receivers": len(STATIONS),
        "n_rows": count,
        "ipp_height_km": 250,
        "samples_rays": found,
    }


def wind(out, rng):
    """Hourly winds of three emissions; BT; 9999 for none."""
    lines = [
        "# Xinglong FPI, hourly means, BT (hour = start of the hour)",
        ("# Vz zonal (+E), Vm meridional (+N), Vv vertical; m/s; q 0 good 1 moderate 2 poor"),
        ("Year Mon Day Hour Emission      Vz     eVz      Vm     eVm      Vv  q"),
    ]
    truth = []
    for date in ("2021-01-08", "2021-05-10", "2021-06-03", "2021-06-04", "2021-06-17", "2021-06-18"):
        rows = []
        first, last = (10, 21) if date[5:7] == "01" else (12, 19)
        for hour in range(first, last + 1):
            stamp = np.datetime64(date, "h") + int(hour + LT_HOURS)
            y, m, d, h = (int(x) for x in str(stamp).replace("T", "-").split("-"))
            for emission, damp in (("OH892.0", 0.4), ("OI557.7", -0.6), ("OI630.0", 1.0)):
                east, north = (damp * float(x) + rng.normal(0, 5) for x in sky.wind_250km(date, hour))
                quality = int(rng.choice([0, 0, 0, 0, 1, 2]))
                lost = date == "2021-06-17" or rng.random() < 0.06
                if lost:
                    cells = [9999.0] * 5
                    quality = 2
                else:
                    cells = [east, rng.uniform(5, 12), north, rng.uniform(5, 12), rng.normal(0, 4)]
                lines.append(
                    f"{y:4d} {m:3d} {d:3d} {h:4d} {emission:>8s} "
                    + " ".join("%7.1f" % x for x in cells)
                    + f" {quality:2d}"
                )
                if damp == 1.0:
                    rows.append(
                        {
                            "ut": sky.iso(date, hour),
                            "quality": quality,
                            "east_m_s": None if lost else round(east, 1),
                            "north_m_s": None if lost else round(north, 1),
                        }
                    )
        truth.append(
            {
                "night": date,
                "emission_nm": 630.0,
                "alt_km": 250,
                "files": ["FPI_Xinglong_2021_hourly.txt"],
                "rows": rows,
            }
        )
    (out / "FPI_Xinglong_2021_hourly.txt").write_text("\n".join(lines) + "\n")
    return truth


def foes_cell(value, rng):
    """A cell as URSI scaling writes it, with what it means."""
    if value is None:
        if rng.random() < 0.15:
            return "C", None, "no observation"
        limit = int(rng.integers(12, 16))
        return f"0{limit}EB", limit / 10, "less than"
    tenths = int(round(value * 10))
    if rng.random() < 0.1:
        return f"{tenths:03d}JA", tenths / 10, "from fxEs"
    if rng.random() < 0.04:
        return f"{tenths:03d}DS", tenths / 10, "greater than"
    return f"{tenths:03d}", tenths / 10, ""


def foes(out, rng):
    """One sheet a night; 0.1 MHz with scaling letters; BT."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    truth = []
    for date in sky.ES:
        sheet = book.create_sheet(date[2:].replace("-", ""))
        sheet.append(["Beijing (Changping) 40.3N 116.2E", None, None, None, "120E mean time", "0.1 MHz / km"])
        sheet.append(["BT", "foEs", "fbEs", "h'Es", "type", "remarks"])
        rows = []
        for ut in np.arange(12.0, 20.01, 0.25):
            value, height, kind = sky.es_layer(date, ut, rng)
            cell, number, meaning = foes_cell(value, rng)
            clock = (ut + LT_HOURS) % 24
            blanket = None
            if value:
                blanket = "AA" if value > 6.5 else f"{int(value * 7):03d}"
            number_cell = int(cell) if cell.isdigit() and rng.random() < 0.2 else cell
            sheet.append(
                [
                    f"{int(clock):02d}{round(clock % 1 * 60):02d}",
                    number_cell,
                    blanket,
                    None if height is None else int(height),
                    kind or None,
                    "blanketing" if blanket == "AA" else None,
                ]
            )
            rows.append(
                {
                    "ut": sky.iso(date, ut),
                    "foEs_MHz": number,
                    "meaning": meaning,
                    "type": kind,
                    # A missing observation is no absent Es (NOTES.md).
                    "es_present": None if cell == "C" else value is not None,
                    "hEs_km": None if height is None else int(height),
                }
            )
        truth.append({"night": date, "files": ["foEs_Beijing_manual.xlsx"], "rows": rows})
    formats.save_workbook(book, out / "foEs_Beijing_manual.xlsx")
    return truth


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=pathlib.Path)
    base = parser.parse_args().out_dir
    out = base / "record"
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(4711)
    truth = {
        "record": "b",
        "lidar": lidar(out, rng),
        "tec": tec_maps(out, rng) + [receivers(out, rng)],
        "wind": wind(out, rng),
        "foes": foes(out, rng),
    }
    truth["other_species"] = [
        {
            "species": "Ca",
            "files": ["ca_lidar_202106.nc", "ca_lidar_202107.nc"],
            "variable": "lg_n_Ca",
            "note": "neutral: must not be taken for Ca+",
        }
    ]
    truth["problems"] = []
    truth["owner_says"] = OWNER_SAYS
    (out / "README.md").write_text(README)
    (base / "zenodo.json").write_text(json.dumps(ZENODO, indent=1))
    (base / "truth.json").write_text(json.dumps(truth, indent=1))


if __name__ == "__main__":
    main()
