"""Record A: what a small group uploads for the figures of its paper.

    python make_record.py OUT_DIR

writes OUT_DIR/record/ (the files of the record), OUT_DIR/zenodo.json (title
and description as the record's page shows them) and OUT_DIR/truth.json.
All data are invented (see ../sky.py).
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import openpyxl
import pandas as pd

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import formats
import sky

# panel: (night, first and last UT hour, every n-th gate, gaps)
PANELS = {
    "a": ("2021-01-08", 12.02, 20.0, 3, []),
    "b": ("2021-06-03", 12.61, 20.2, 1, [(15.12, 15.37)]),
    "c": ("2021-06-04", 12.70, 20.1, 1, []),
    "d": ("2021-06-18", 12.63, 19.9, 1, []),
    "e": ("2022-01-16", 11.84, 19.4, 3, []),
    "f": ("2021-05-10", 12.80, 19.6, 1, []),
}
TEC_NIGHTS = ["2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18"]
FIG2 = [("2021-06-18", t) for t in (12.3, 13.2, 13.9, 14.6, 15.3, 16.3, 17.6, 18.6, 19.6)]
FIG2 += [("2021-01-08", 18.0), ("2021-06-03", 16.5), ("2021-06-04", 16.9)]
WIND_NIGHTS = {
    "Jan8": "2021-01-08",
    "May10": "2021-05-10",
    "June3": "2021-06-03",
    "June4": "2021-06-04",
    "June18": "2021-06-18",
}

# What the owner would answer, file by file (NOTES.md in words).
OWNER_SAYS = {
    f"Fig1{p}.mat": {
        "night": date,
        "species": "Ca+",
        "density_unit": "cm^-3",
        "log10": False,
        "time": "X",
        "time_zone": "UT",
        "time_unit": "hour",
        "altitude": "Y",
        "altitude_unit": "km",
        "density": "Z",
        "order_in_matlab": "altitude x time",
    }
    for p, (date, *_) in PANELS.items()
}
OWNER_SAYS["Fig1d.mat"].update(time="ut", altitude="h", density="den", order_in_matlab="time x altitude")
OWNER_SAYS["Fig1e.mat"].update(time="LT", time_zone="UT+8", altitude="height", altitude_unit="m", density="Ca_ion")
OWNER_SAYS["Fig5b.mat"] = dict(OWNER_SAYS["Fig1f.mat"], log10=True, part_of="Fig1f.mat")
OWNER_SAYS["TEC_case_nights.mat"] = {
    "unit": "TECU",
    "time_zone": "UT",
    "ipp_height_km": 250,
    "order_in_matlab": "lat x lon x time",
    "void": ["NaN", 0],
}
OWNER_SAYS["Fig2.mat"] = dict(
    OWNER_SAYS["TEC_case_nights.mat"],
    order_in_matlab="lat x lon",
    lat="55 to 15 by -1",
    lon="70 to 140 by 1",
    panels={c: sky.iso(*at) for c, at in zip("abcdefghijkl", FIG2)},
)
OWNER_SAYS["Fig5d_FPI_wind_250km.xlsx"] = {
    "time_zone": "UT",
    "alt_km": 250,
    "nights": WIND_NIGHTS,
    "east": "U",
    "north": "V",
    "unit": "m/s",
}
OWNER_SAYS["Fig4c.txt"] = {"not": "a lidar night: monthly means, cm^-3"}
OWNER_SAYS["Fig5c.txt"] = {"not": "observed: NRLMSISE-00, km and g cm^-3"}

README = """\
Dataset of the manuscript "Meteoroids as a source of metal ion clouds in \
Earth's upper thermosphere"

Fig1a.mat - Fig1f.mat: the Ca+ density (cm^-3) observed by the Ca+ lidar in \
Yanqing. The dates of Figure 1a-1f are 8 January, 3 June, 4 June and 18 June \
2021, 16 January 2022, and 10 May 2021, respectively. X: time, Y: height, \
Z: density. LT=UT+8.

Fig2.mat: TEC maps in Figure 2 (fig2a-fig2l). Figures 2a-2i are at 12:18, \
13:12, 13:54, 14:36, 15:18, 16:18, 17:36, 18:36 and 19:36 UT on 18 June 2021. \
Figures 2j-2l are at 18:00 UT on 8 January, 16:30 UT on 3 June and 16:54 UT \
on 4 June.
TEC_case_nights.mat: TEC (TECU) of the 4 nights, one map every 6 minutes.

Fig4.xlsx: statistics of the 257 nights (Figure 4a) and the monthly mean \
column density. Fig4c.txt: monthly mean density, 83-120 km.

Fig5b.mat: enlargement of Figure 1f.
Fig5c.txt: NRLMSISE-00.
Fig5d_FPI_wind_250km.xlsx: FPI wind at Xinglong. Eastward and northward are \
positive.

The ionograms belong to the Institute of Geology and Geophysics and are not \
included here.

If you have any questions, please contact us.
"""

ZENODO = {
    "title": "Metal ion clouds composed by the dense meteoroid trails in middle thermosphere",
    "publication_date": "2025-06-22",
    "description": "<p>The data of Ca<sup>+</sup> lidar, TEC and FPI used in "
    "the manuscript.</p><p>Figure 1. Ca<sup>+</sup> variations "
    "between 70-300 km altitude for (a) January 8, 2021, (b) "
    "June 3, 2021, (c) June 4, 2021, (d) June 18, 2021, (e) "
    "January 16, 2022, and (f) May 10, 2021.</p>",
    "creators": [{"name": "Xu, Y."}, {"name": "Chen, G."}],
    "license": {"id": "cc-by-4.0"},
}


def lidar(out, rng):
    """Figures 1 and 5b: six files, saved by different hands."""
    truth = []
    for panel, (date, begin, end, every, gaps) in PANELS.items():
        t = sky.profile_times(begin, end, gaps)
        z = sky.gates(70, 300, every)
        n = sky.observed(sky.CASES[date], t, z, rng)
        name = f"Fig1{panel}.mat"
        more = dict(
            files=[name],
            quantity="number density",
            negatives="kept",
            counts=False,
            implanted=sky.CASES[date]["parts"],
        )
        row, column = t[None, :], z[:, None]
        if panel in "ab":
            formats.save_mat5(out / name, {"X": row, "Y": z[None, :], "Z": n.T})
        elif panel == "c":  # the whole workspace
            formats.save_mat5(
                out / name,
                {
                    "ans": np.array([[1.0]]),
                    "X": row,
                    "Y": z[None, :],
                    "Z": n.T,
                    "Zmean": n.mean(axis=0)[:, None],
                    "k": 731.0,
                    "cmap": np.linspace(0, 1, 192).reshape(64, 3),
                    "fname": "Fig1c",
                },
            )
        elif panel == "d":  # other names, other way round
            n[n <= 0] = np.nan
            more["negatives"] = "nan"
            formats.save_mat5(out / name, {"ut": t[:, None], "h": column, "den": n})
        elif panel == "e":  # v7.3, LT above 24 h, metres
            formats.save_mat73(out / name, {"LT": row + 8, "height": column * 1000, "Ca_ion": n.T})
        else:  # made with meshgrid
            xx, yy = np.meshgrid(t, z)
            formats.save_mat5(out / name, {"X": xx, "Y": yy, "Z": n.T})
            part = (t >= 14.2) & (t <= 15.4)
            high = (z >= 100) & (z <= 280)
            with np.errstate(all="ignore"):
                logn = np.log10(n[np.ix_(part, high)])
            logn[~np.isfinite(logn)] = np.nan
            formats.save_mat5(out / "Fig5b.mat", {"X": t[None, part], "Y": z[None, high], "Z": logn.T})
            more["also_in_log10"] = {
                "file": "Fig5b.mat",
                "ut_start": sky.iso(date, t[part][0]),
                "ut_end": sky.iso(date, t[part][-1]),
                "n_profiles": int(part.sum()),
                "alt_min_km": round(float(z[high][0]), 4),
                "alt_max_km": round(float(z[high][-1]), 4),
            }
        truth.append(sky.lidar_truth(date, t, z, n, rng, **more))
    return truth


def tec(out, rng):
    """Figure 2: nights in a struct array, and twelve maps without axes."""
    lat = np.arange(55.0, 14.0, -1.0)
    lon = np.arange(70.0, 141.0)
    lat2, lon2 = np.meshgrid(lat, lon, indexing="ij")
    inside = sky.in_china(lat2, lon2)
    fields = [(k, object) for k in ("date", "UT", "lat", "lon", "VTEC")]
    nights = np.zeros((1, len(TEC_NIGHTS)), dtype=fields)
    maps, truth = {}, []
    for i, date in enumerate(TEC_NIGHTS):
        ut = np.round(np.arange(120, 201) * 0.1, 1)  # 12:00-20:00
        v = sky.vertical_tec(date, ut, lat2[..., None], lon2[..., None])
        v = v + rng.normal(0, 0.25, v.shape)
        empty = ~inside[..., None] | (rng.random(v.shape) < 0.03)
        # the oldest night was processed into an array of zeros
        v[empty] = 0 if date == "2021-01-08" else np.nan
        v = v.astype(np.float32)
        nights[0, i] = (date.replace("-", ""), ut[None, :], lat[:, None], lon[None, :], v)
        maps[date] = v
        found = []
        for la, lo, hour in (
            (40, 116, 14.6),
            (30, 117, 16.0),
            (25, 110, 12.0),
            (40, 116, 18.0),
            (45, 125, 19.6),
            (50, 75, 15.0),
        ):
            value = float(v[55 - la, lo - 70, int(round(hour * 10)) - 120])
            void = np.isnan(value) or (value == 0)
            found.append({"ut": sky.iso(date, hour), "lat": la, "lon": lo, "vtec_tecu": None if void else value})
        truth.append(
            {
                "night": date,
                "files": ["TEC_case_nights.mat", "Fig2.mat"],
                "quantity": "vertical TEC",
                "unit": "TECU",
                "n_maps": int(ut.size),
                "ut_start": sky.iso(date, ut[0]),
                "ut_end": sky.iso(date, ut[-1]),
                "lat_min": 15,
                "lat_max": 55,
                "lon_min": 70,
                "lon_max": 140,
                "void": "0" if date == "2021-01-08" else "NaN",
                "n_valid_cells_first_map": int(np.sum(np.isfinite(v[..., 0]) & (v[..., 0] != 0))),
                "ipp_height_km": 250,
                "samples": found,
            }
        )
    formats.save_mat5(out / "TEC_case_nights.mat", {"TEC": nights})
    panels = {}
    for letter, (date, hour) in zip("abcdefghijkl", FIG2):
        panels["fig2" + letter] = maps[date][:, :, round(hour * 10) - 120]
    formats.save_mat5(out / "Fig2.mat", panels)
    return truth, [{"panel": letter, "ut": sky.iso(*at)} for letter, at in zip("abcdefghijkl", FIG2)]


def wind(out, rng):
    """Figure 5d: one sheet a night, no year, a blank hour."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    truth = []
    for sheet_name, date in WIND_NIGHTS.items():
        sheet = book.create_sheet(sheet_name)
        sheet.append(["FPI 630.0 nm, 250 km"])
        sheet.append(["UT", "U (m/s)", "V (m/s)", "dU", "dV"])
        first, last = (10, 21) if date == "2021-01-08" else (12, 19)
        rows = []
        for hour in range(first, last + 1):
            east, north = sky.wind_250km(date, hour)
            east, north = (round(float(x + rng.normal(0, 5)), 1) for x in (east, north))
            error = [round(float(x), 1) for x in rng.uniform(6, 11, 2)]
            if date == "2021-06-03" and hour == 17:
                sheet.append([hour])
                rows.append({"ut": sky.iso(date, hour), "east_m_s": None, "north_m_s": None})
            else:
                sheet.append([hour, east, north, *error])
                rows.append({"ut": sky.iso(date, hour), "east_m_s": east, "north_m_s": north})
        truth.append(
            {"night": date, "files": ["Fig5d_FPI_wind_250km.xlsx"], "alt_km": 250, "emission_nm": 630.0, "rows": rows}
        )
    formats.save_workbook(book, out / "Fig5d_FPI_wind_250km.xlsx")
    return truth


def statistics(out, rng):
    """Figure 4: a table of nights typed by hand, and the monthly means."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "nights"
    sheet.append(
        ["No.", "Date", "Start (LT)", "End (LT)", "Column density 83-120 km (10^7 cm^-2)", ">150 km", "200-300 km"]
    )
    months = {m: [] for m in range(1, 13)}
    rows = []
    for number, (day, kind) in enumerate(sky.choose_nights(rng).items(), 1):
        day = pd.Timestamp(day)
        start = rng.uniform(18.5, 21.0) + (1.2 if 4 < day.month < 9 else 0)
        end = rng.uniform(2.0, 5.2) - (1.0 if 4 < day.month < 9 else 0)
        layer = sky.ordinary_night(number, day.month)["peak"]
        column = round(float(layer * 8.7e5 / 1e7), 2)
        months[day.month].append(column)
        # dates of 2020 were typed as text, the later ones are Excel dates
        date = day.strftime("%Y%m%d") if day.year == 2020 else day.date()
        clock = [f"{int(h):02d}:{int(h % 1 * 60):02d}" for h in (start, end)]
        sheet.append([number, date, *clock, column, "\u221a" if kind else None, "\u221a" if kind == 2 else None])
        rows.append((day, column, kind))
    means = book.create_sheet("monthly")
    means.append(["Month", "Observed days", "Ca+ >150 km", "Occurrence rate (%)", "Column density"])
    for month, (observed, above, _) in sky.NIGHTS_OF_MONTH.items():
        means.append([month, observed, above, round(100 * above / observed, 1), float(np.mean(months[month]) * 1e7)])
    formats.save_workbook(book, out / "Fig4.xlsx")
    z = np.arange(83, 120.5, 0.5)
    grid = [np.mean(months[m]) * 1e7 / 8.7e5 / 1.25 * np.exp(-0.5 * ((z - 96) / 6.0) ** 2) for m in range(1, 13)]
    np.savetxt(out / "Fig4c.txt", np.array(grid).T, fmt="%.3f", delimiter="\t")
    return {
        "files": ["Fig4.xlsx"],
        "n_nights": len(rows),
        "n_above_150km": sum(kind > 0 for *_, kind in rows),
        "n_layer_200_300km": sum(kind == 2 for *_, kind in rows),
        "first": str(rows[0][0].date()),
        "last": str(rows[-1][0].date()),
        "column_unit_cm2": 1e7,
        "by_month": {
            str(m): {"observed": o, "above_150km": a, "column_mean_cm2": float(np.mean(months[m]) * 1e7)}
            for m, (o, a, _) in sky.NIGHTS_OF_MONTH.items()
        },
        "samples": [
            {"night": str(rows[i][0].date()), "column_cm2": rows[i][1] * 1e7, "above_150km": rows[i][2] > 0}
            for i in (0, 60, 128, 256)
        ],
    }


def msis_like(out):
    """Figure 5c: two columns without a header (km, g cm^-3)."""
    z = np.arange(80, 301, 2.0)
    known = {
        80: 1.9e-8,
        100: 5.456e-10,
        110: 1.096e-10,
        120: 2.310e-11,
        150: 1.806e-12,
        200: 1.973e-13,
        250: 3.627e-14,
        300: 8.561e-15,
    }
    rho = np.exp(np.interp(z, list(known), np.log(list(known.values()))))
    np.savetxt(out / "Fig5c.txt", np.column_stack([z, rho]), fmt=["%6.1f", "%11.3e"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out_dir", type=pathlib.Path)
    base = parser.parse_args().out_dir
    out = base / "record"
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(20250622)
    nights = lidar(out, rng)
    maps, panels = tec(out, rng)
    truth = {
        "record": "a",
        "lidar": nights,
        "tec": maps,
        "tec_figure_panels": panels,
        "wind": wind(out, rng),
        "foes": [],
        "statistics": statistics(out, rng),
        "problems": [],
        "owner_says": OWNER_SAYS,
    }
    msis_like(out)
    # typed on Windows
    (out / "README.txt").write_bytes(README.replace("\n", "\r\n").encode("utf-8"))
    (base / "zenodo.json").write_text(json.dumps(ZENODO, indent=1))
    (base / "truth.json").write_text(json.dumps(truth, indent=1))


if __name__ == "__main__":
    main()
