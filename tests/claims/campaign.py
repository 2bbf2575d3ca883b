"""Small invented tables that keep the contracts and in which every claim of the paper is true, for the tests.

Nothing here was measured or simulated: the tables are written down so that the truth is known exactly.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.claims.run import DERIVE_TABLES, DETECT_TABLES, RunFiles
from metalclouds.schema import tables as schema
from metalclouds.schema.datasets import INSTRUMENTS
from metalclouds.schema.table import Table
from tests.claims.supplements import supplements

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
CASES = {
    "a": "2021-01-08",
    "b": "2021-06-03",
    "c": "2021-06-04",
    "d": "2021-06-18",
    "e": "2022-01-16",
    "f": "2021-05-10",
}
CASE_LIST = [{"panel": panel, "night": night} for panel, night in CASES.items()]
# Nights with Ca+ above 150 km and all nights of each month: 37 of 257, 0 in March, 1 in April and December.
ANGLES = ("wind_m_s", "wind_sigma_m_s", "beta_deg", "beta_low_deg", "beta_high_deg", "beta_kind")
CLOUDY = (5, 1, 0, 1, 6, 8, 6, 5, 2, 1, 1, 1)
OBSERVED = (22, 20, 22, 22, 22, 24, 24, 22, 21, 20, 19, 19)
CLEAR = 15
COLUMNS = (60, 30, 10, 30, 200, 240, 220, 190, 40, 30, 30, 30)
DENSITIES = (60, 30, 10, 30, 200, 240, 220, 90, 40, 30, 30, 30)


def moment(night: str, clock: str) -> pd.Timestamp:
    """A time of a night."""
    return pd.Timestamp(f"{night} {clock}")


def _fill(columns: Table, rows: list[dict]) -> pd.DataFrame:
    """A table of the contract's columns; what a row leaves out is missing."""
    table = pd.DataFrame(rows).reindex(columns=list(columns))
    for name in table.columns:
        if name.endswith("_utc"):
            table[name] = pd.to_datetime(table[name])
    return table


def _dates() -> list[tuple[str, int, bool]]:
    """(night, month, cloudy), the case nights among the cloudy ones."""
    nights = []
    for month, (total, cloudy) in enumerate(zip(OBSERVED, CLOUDY, strict=True), start=1):
        cases = [night for night in CASES.values() if int(night[5:7]) == month]
        years = (2020, 2021, 2022) if 6 <= month <= 10 else (2021, 2022)
        days = [f"{year}-{month:02d}-{day:02d}" for day in range(1, 29) for year in years]
        others = [day for day in days if day not in cases] if month not in (11, 12) else [
            f"{year}-{month:02d}-{day:02d}" for day in range(1, 29) for year in (2020, 2021)
        ]  # fmt: skip
        own = (cases + others)[:total]
        nights += [(night, month, place < cloudy) for place, night in enumerate(own)]
    return sorted(nights)


def _nights() -> tuple[pd.DataFrame, pd.DataFrame]:
    clear_left = CLEAR
    derived, detected = [], []
    for night, month, cloudy in _dates():
        clear = cloudy and clear_left > 0
        clear_left -= clear
        shared = {
            "night": night, "observed": True, "hours": 8.0, "above_150": cloudy, "clear_200_300": clear,
            "cloud_hours": 5.5 if cloudy and month in (5, 6, 7) else (1.0 if cloudy else 0.0),
            "p_false": 1e-9 if cloudy else 0.5, "cloud_top_km": 260.0 if cloudy else np.nan,
        }  # fmt: skip
        derived.append(shared | {"year": int(night[:4]), "month": month})
        end = "18:30" if night == CASES["d"] else "18:00"
        clock = {"cloud_start_utc": moment(night, "14:36"), "cloud_end_utc": moment(night, end)} if cloudy else {}
        share = {"stripe_signal_share": 0.8} if cloudy else {}
        detected.append(shared | clock | share | {
            "profiles": 800, "profile_seconds": 33.3, "noise_floor_cm3": 3.0, "score_150": 40.0 if cloudy else 4.0,
            "stripes": 30 if cloudy else 0,
            "score_200_300": 40.0 if clear else 1.0, "p_false_clear": 1e-9 if clear else 0.5,
        })  # fmt: skip
    return _fill(schema.NIGHTS, derived), _fill(schema.DETECT_NIGHTS, detected)


def _monthly() -> pd.DataFrame:
    return _fill(schema.MONTHLY, [{"month": month, "false_nights_expected": 0.01} for month in range(1, 13)])


def _columns() -> pd.DataFrame:
    generator = np.random.default_rng(7)
    rows = []
    for night, month, cloudy in _dates():
        scatter = float(np.exp(generator.normal(0.0, 0.1)))
        rows.append({
            "night": night, "profiles": 800, "hours": 8.0, "negatives": "kept",
            "column_density_cm2": COLUMNS[month - 1] * 1e6 * scatter,
            "main_layer_density_cm3": DENSITIES[month - 1] * scatter, "main_layer_present_share": 1.0,
            "cloud_density_cm3": 0.05 * DENSITIES[month - 1] if cloudy else np.nan,
        })  # fmt: skip
    return _fill(schema.COLUMNS, rows)


EVENTS = (
    ("a", "cloud", "14:36", "18:00", 190, 290),
    ("b", "cloud", "14:36", "18:00", 150, 260),
    ("b", "direct_connection", "14:00", "14:10", 110, 250),
    ("b", "direct_connection", "14:20", "14:30", 110, 250),
    ("b", "descending_merge", "19:00", "19:40", 110, 160),
    ("c", "cloud", "13:44", "15:06", 190, 250),
    ("c", "direct_connection", "15:32", "15:40", 110, 250),
    ("c", "direct_connection", "17:00", "17:10", 110, 250),
    ("c", "descending_merge", "18:00", "19:30", 110, 200),
    ("d", "cloud", "14:36", "17:20", 150, 230),
    ("d", "direct_connection", "15:16", "15:20", 110, 250),
    ("d", "descending_merge", "17:30", "18:30", 110, 230),
    ("e", "direct_connection", "15:43", "15:50", 110, 250),
    ("f", "direct_connection", "14:30", "14:40", 110, 260),
    ("f", "direct_connection", "14:58", "15:04", 110, 260),
)


def _events() -> pd.DataFrame:
    rows = []
    for number, (panel, kind, start, end, bottom, top) in enumerate(EVENTS):
        night = CASES[panel]
        rows.append({
            "night": night, "event": number, "kind": kind, "start_utc": moment(night, start),
            "end_utc": moment(night, end), "bottom_km": bottom, "top_km": top, "detached": kind == "cloud",
            "start_altitude_km": top, "end_altitude_km": bottom,
            "descent_m_s": 20.0 + number if kind == "descending_merge" else np.nan,
        })  # fmt: skip
    # As many on other nights, so that clouds that merge are more than false ones explain.
    others = [night for night, _, cloudy in _dates() if cloudy and night not in CASES.values()]
    rows += [
        {"night": night, "event": 100 + number, "kind": "descending_merge", "start_utc": moment(night, "18:00"),
         "end_utc": moment(night, "19:00"), "bottom_km": 110, "top_km": 160, "detached": False,
         "start_altitude_km": 160, "end_altitude_km": 110, "descent_m_s": 20.0}
        for number, night in enumerate(others[:3])
    ]  # fmt: skip
    return _fill(schema.EVENTS, rows)


def masks() -> dict[str, xr.Dataset]:
    """A box of cloud cells for each cloud of the case nights, on cells of 5 km x 1 min, and the main layer's wing."""
    altitude, found = np.arange(110.0, 301.0, 5.0), {}
    for panel, night in CASES.items():
        minutes = pd.date_range(f"{night} 12:00", f"{night} 21:00", freq="33s")
        cells = np.zeros((len(minutes), altitude.size), dtype=np.uint8)
        cells[:, altitude <= 125] = 1
        for own, kind, start, end, bottom, top in EVENTS:
            if (own, kind) == (panel, "cloud"):
                rows = (minutes >= moment(night, start)) & (minutes <= moment(night, end))
                cells[np.ix_(rows, (altitude >= max(bottom, 130)) & (altitude <= top))] = 1
            if (own, kind, panel) == ("d", "descending_merge", "d"):
                falls = np.interp((minutes - moment(night, start)).total_seconds(), [0, 3600], [top, bottom + 20.0])
                rows = (minutes >= moment(night, start)) & (minutes <= moment(night, end))
                cells[rows[:, None] & (np.abs(altitude - falls[:, None]) <= 15.0)] = 1
        good = np.zeros(len(minutes), dtype=np.uint8)
        found[night] = xr.Dataset({"mic_mask": (("time", "altitude"), cells), "profile_flag": ("time", good)},
                                  coords={"time": minutes.to_numpy(), "altitude": altitude})  # fmt: skip
    return found


def write_masks(folder: Path, content: dict[str, xr.Dataset]) -> None:
    """Write the case nights of detect/ and the index of their batch."""
    for night, dataset in content.items():
        attributes = io.provenance(title="invented", source="invented", synthetic=True, inputs={})
        io.write_netcdf(folder / f"detect/cases/{night}.nc", dataset.assign_attrs(attributes))
    nights = [{"night": night, "path": f"../cases/{night}.nc", "sha256": ""} for night in sorted(content)]
    io.write_json(folder / "detect/batches/cases.json", {"nights": nights})


# Stripes of a night are parallel, those of different nights are not (s/km).
SLOWNESS = {"a": -3.0, "b": 4.0, "c": -6.0, "d": 9.0, "e": 12.0, "f": 1.6}


def _stripes() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, profiles = [], []
    for panel, night in CASES.items():
        # The order-statistic interval of a median needs ten stripes where four nights are judged together.
        for number in range(10):
            # Three long ones where their widths are asked for, 12 of 60 in all.
            long = {0: 150.0, 1: 150.0, 2: 90.0} if panel in "cdef" else {}
            tall = long.get(number, 40.0 + 4.0 * number)
            bottom = 110.0 if number < 8 else 160.0
            rows.append({
                "night": night, "id": number, "time_bottom": moment(night, f"14:{10 + 4 * number:02d}"),
                "time_top": moment(night, f"14:{10 + 4 * number:02d}"), "bottom_km": bottom,
                "top_km": bottom + tall, "bottom_sigma_km": 1.0, "top_sigma_km": 1.0,
                "slowness_s_per_km": SLOWNESS[panel] + 0.01 * number - (4.0 if (panel, number) == ("e", 5) else 0.0),
                "slowness_sigma_s_per_km": 0.1, "width_s": 60.0, "curvature_s_per_km2": 1e-4,
                "curvature_sigma_s_per_km2": 1e-4, "reaches_main_layer": bottom == 110.0, "group": 1,
                "resolved": True,
            })  # fmt: skip
            for altitude in range(112, 250, 6):
                below = altitude < 130
                profiles.append({
                    "night": night, "id": number, "altitude_km": altitude,
                    "width_s": (120.0 if below else 60.0) * np.exp(-0.004 * (altitude - 130)),
                    "width_sigma_s": 1.0, "peak_density_cm3": 60.0 if below else 20.0,
                    "peak_density_sigma_cm3": 1.0,
                })  # fmt: skip
    stripes = _fill(schema.STRIPES, rows)
    for name in ("time_bottom", "time_top"):
        stripes[name] = pd.to_datetime(stripes[name])
    return stripes, _fill(schema.STRIPE_PROFILES, profiles)


def _feet() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stripes twice as wide and four times as dense below 130 km; two layers on panel c, a new one on panel f."""
    feet = [
        {"night": CASES[panel], "id": number, "upper_density_cm3": 20.0 + number, "upper_error_cm3": 0.2,
         "upper_width_s": 70.0, "lower_density_cm3": 4.0 * (20.0 + number), "lower_error_cm3": 0.5,
         "lower_width_s": 140.0 + number, "lowest_km": 109.0, "densest_km": 110.0,
         "break_km": 130.0, "break_error_km": 2.0, "break_gain": 8.0}
        for panel in "cdef" for number in range(3)
    ]  # fmt: skip
    layers = [("c", clock, 95.0) for clock in ("13:10", "13:40", "14:10", "14:40", "15:10")]
    layers += [("c", "18:45", 95.0), ("c", "18:55", 95.0), ("c", "18:55", 110.0), ("c", "19:05", 95.0),
              ("c", "19:05", 110.0), ("c", "19:15", 95.0), ("c", "19:15", 110.0)]  # fmt: skip
    layers += [("f", clock, 109.0) for clock in ("14:40", "14:50", "15:00", "15:10", "15:19")]
    maxima = [
        {"night": CASES[panel], "time_utc": moment(CASES[panel], clock), "altitude_km": altitude,
         "density_cm3": 300.0, "prominence_cm3": 200.0, "error_cm3": 2.0}
        for panel, clock, altitude in layers
    ]  # fmt: skip
    return _fill(schema.STRIPE_FEET, feet), _fill(schema.LAYER_MAXIMA, maxima)


def _beta() -> pd.DataFrame:
    angles = [(5.82, 0.3, True), (5.32, 0.3, True), (0.21, 0.03, False), (20.0, 2.0, False), (49.07, 2.0, False)]
    rows = [
        {"night": CASES["f"], "id": number, "wind_m_s": 60.0, "beta_deg": angle, "beta_low_deg": angle - error,
         "beta_high_deg": angle + error, "beta_kind": "value", "beta_ion_deg": 0.4 * angle, "long": True,
         "marked": marked}
        for number, (angle, error, marked) in enumerate(angles)
    ]  # fmt: skip
    return _fill(Table("beta", schema.BETA.columns | {name: schema.STRIPES.columns[name] for name in ANGLES}), rows)


def with_angles(stripes: pd.DataFrame, beta: pd.DataFrame) -> pd.DataFrame:
    """stripes.csv with the wind and the angles that stand in the table of the measurements."""
    known = beta.set_index(["night", "id"])[list(ANGLES)]
    known = known.reindex(pd.MultiIndex.from_frame(stripes[["night", "id"]])).reset_index(drop=True)
    known["beta_kind"] = known["beta_kind"].fillna("no_wind")
    return stripes.reset_index(drop=True).assign(**{name: known[name] for name in ANGLES})


def _tec() -> tuple[pd.DataFrame, pd.DataFrame]:
    enhancements, series = [], []
    for panel in "abcd":
        night = CASES[panel]
        start = "14:36" if panel == "d" else "15:00"
        for method in ("quiet_days", "zonal_highpass"):
            enhancements.append({
                "night": night, "method": method, "onset_utc": moment(night, start),
                "peak_utc": moment(night, "16:30"), "end_utc": moment(night, "19:10"), "latitude_south": 25.0,
                "latitude_north": 42.0, "area_km2": 5000.0, "lidar_distance_km": 40.0, "found": True,
                "axis_longitude_error": 0.05,
                "onset_error_minutes": 0.0, "end_error_minutes": 0.0, "least_tecu": 0.3,
                "over_lidar_start_utc": moment(night, start), "over_lidar_end_utc": moment(night, "19:00"),
                "left_out": None,
            })  # fmt: skip
        for other in range(1, 6):
            enhancements.append({
                "night": f"2021-03-{5 + other:02d}", "method": "quiet_days", "found": False, "least_tecu": 0.3,
                "left_out": None,
            })  # fmt: skip
        for step in range(49):
            hour = 11.0 + 0.2 * step
            inside = 14.6 <= hour <= 17.0
            series.append({
                "night": night, "time_utc": pd.Timestamp(night) + pd.Timedelta(hours=hour),
                "method": "quiet_days", "excess_tecu": 3.0 if inside or panel != "d" else 0.3,
                "excess_error_tecu": 0.2, "vertical_tec_tecu": 20.0 - hour + (3.0 if inside else 0.0),
            })  # fmt: skip
    return _fill(schema.TEC_ENHANCEMENT, enhancements), _fill(schema.TEC_SERIES, series)


def _wind_steps() -> pd.DataFrame:
    """A wind that changes by about 10 m/s from hour to hour on every night."""
    random = np.random.default_rng(8)
    rows = [
        {"night": night, "time_utc": moment(night, "13:00") + pd.Timedelta(hours=hour), "hours": 1.0,
         "change_m_s": 10.0 * float(np.exp(random.normal(0.0, 0.2))), "error_m_s": 5.0}
        for night, _, _ in _dates() for hour in range(7)
    ]  # fmt: skip
    return _fill(schema.WIND_STEPS, rows)


def _es() -> tuple[pd.DataFrame, pd.DataFrame]:
    cases, responses = [], []
    for panel in "bcdef":
        night = CASES[panel]
        direct = next(event for event in EVENTS if event[0] == panel and event[1] == "direct_connection")
        responses.append({
            "night": night, "event": 0, "kind": "direct_connection", "connection_utc": moment(night, direct[2]),
            "end_utc": moment(night, direct[3]), "rise_during_MHz": 1.5, "rise_during_low_MHz": 0.9,
            "rise_during_high_MHz": 2.1, "scatter_before_MHz": 0.3, "soundings_before": 4, "soundings_during": 3,
            "absent_before": 0,
        })  # fmt: skip
        for step in range(29):
            clock = moment(night, "13:00") + pd.Timedelta(minutes=15 * step)
            label = clock.strftime("%H:%M")
            present = panel != "f" or label in ("13:00", "14:30", "15:00")
            double = panel == "c" and label >= "19:00"
            cases.append({
                "night": night, "time_utc": clock, "es_status": "present" if present else "absent",
                "foEs_MHz": 4.0 if present else np.nan, "hEs_km": 110.0 if present else np.nan,
                "blanketing": panel in "bd" and "14:00" <= label <= "15:30", "double_es": double,
                "upper_hEs_km": 110.0 if double else np.nan, "spread_f": "14:45" <= label <= "18:00",
            })  # fmt: skip
    return _fill(schema.ES_CASES, cases), _fill(schema.ES_RESPONSE, responses)


def _profile() -> pd.DataFrame:
    # Scale height 6.95 km: a factor of 100 in 32 km, so that the claim about 98 km is true.
    rows = [{"altitude_km": float(z), "density_kg_m3": 1e-8 * np.exp(-(z - 130) / 6.95)} for z in range(70, 301)]
    return _fill(schema.DENSITY_PROFILE, rows)


def tables() -> dict[str, pd.DataFrame]:
    """All tables by the names that measurements use."""
    nights, detect_nights = _nights()
    stripes, profiles = _stripes()
    enhancement, series = _tec()
    es_cases, es_response = _es()
    feet, maxima = _feet()
    correlation = [
        {"name": "monthly_r", "value": 0.9, "low": 0.7, "high": 0.97, "n": 12},
        {"name": "nightly_log_ratio_lag0", "value": 0.2, "low": 0.1, "high": 0.3, "n": 183},
    ]
    return {
        "nights": nights, "detect_nights": detect_nights, "columns": _columns(), "detect_events": _events(),
        "detect_stripes": stripes, "detect_stripe_profiles": profiles, "beta": _beta(),
        "correlation": _fill(schema.CORRELATION, correlation), "monthly": _monthly(),
        "stripe_feet": feet, "layer_maxima": maxima, "wind_steps": _wind_steps(),
        "tec_enhancement": enhancement, "tec_series": series, "es_cases": es_cases, "es_response": es_response,
        "density_profile": _profile(), "supplements": supplements(),
    }  # fmt: skip


NEEDED_BY = {
    "lidar": ("nights", "detect_nights", "columns", "detect_events", "detect_stripes", "detect_stripe_profiles",
              "beta", "correlation", "monthly", "stripe_feet", "layer_maxima", "es_response",
              "supplements"),
    "tec": ("tec_enhancement", "tec_series"),
    "fpi": ("beta", "wind_steps"),
    "ionosonde": ("es_cases", "es_response"),
}  # fmt: skip


def write_run(
    folder: Path,
    source: str = "zenodo",
    absent: tuple[str, ...] = (),
    changed: dict | None = None,
    cells: dict[str, xr.Dataset] | None = None,
) -> Path:
    """Write raw/, derive/ and detect/ of a run; absent instruments leave tables without rows."""
    content = tables() | (changed or {})
    for name in (name for instrument in absent for name in NEEDED_BY[instrument]):
        content[name] = content[name].iloc[:0]
    content["detect_stripes"] = with_angles(content["detect_stripes"], content["beta"])
    content["beta"] = content["beta"][list(schema.BETA)]
    for name, table in content.items():
        detect = name.startswith("detect_")
        io.write_csv(folder / ("detect" if detect else "derive") / f"{name.removeprefix('detect_')}.csv", table)
    _write_raw(folder / "raw", source, absent)
    write_masks(folder, masks() if cells is None else cells)
    return folder


def _write_raw(folder: Path, source: str, absent: tuple[str, ...]) -> None:
    files = [{"key": "lidar.zip", "size": 12, "md5": "0" * 32, "sha256": "1" * 64, "url": "", "path": ""}]
    io.write_json(folder / "manifest.json", {
        "source": source, "title": "invented tables", "synthetic": source == "twin", "files": files, "damaged": [],
        "unavailable": [], "record": {},
    })  # fmt: skip
    for instrument in INSTRUMENTS:
        gone = instrument in absent
        io.write_json(folder / "inventory" / f"{instrument}.json", {
            "instrument": instrument, "status": "absent" if gone else "present",
            "why": f"the record has no {instrument} file" if gone else "", "where": "an archive" if gone else "",
            "synthetic": source == "twin", "source": "invented", "batches": {}, "unmapped": [], "damaged": [],
        })  # fmt: skip


def files(folder: Path) -> RunFiles:
    """What the claims of an invented run are judged from."""
    tables = [folder / "derive" / f"{table}.csv" for table in DERIVE_TABLES]
    tables += [folder / "detect" / f"{table}.csv" for table in DETECT_TABLES]
    inventories = [folder / "raw" / "inventory" / f"{instrument}.json" for instrument in INSTRUMENTS]
    index = folder / "detect" / "batches" / "cases.json"
    return RunFiles(tables, inventories, folder / "raw" / "manifest.json", CLAIMS, index)


def verdicts(folder: Path) -> dict[str, dict]:
    """Verdicts of a judged run by claim."""
    content = json.loads((folder / "claims" / "verdicts.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in content}
