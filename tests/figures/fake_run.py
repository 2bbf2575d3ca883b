"""A small made-up run that keeps the contracts: random, on dates and at times that no paper shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.schema.datasets import DETECT, FPI, INSTRUMENTS, IONOSONDE, LIDAR, check_dataset
from metalclouds.schema.tables import (
    BETA,
    COLUMNS,
    DERIVE_TABLES,
    ES_CASES,
    EVENTS,
    MONTHLY,
    STRIPES,
    TEC_ENHANCEMENT,
    TEC_SERIES,
)
from metalclouds.schema.variables import MASK_FLAGS

CASES = [
    {"panel": letter, "night": night}
    for letter, night in zip(
        "abcdef",
        ("2031-02-03", "2031-07-11", "2031-07-12", "2031-07-20", "2032-02-09", "2031-09-05"),
        strict=True,
    )
]
MARKED_NIGHT = CASES[-1]["night"]
SLOPE_S_PER_KM = -1.4
WIND_M_S = 55.0


def _provenance(title: str) -> dict:
    return io.provenance(title=title, source="made up for a test", synthetic=True, inputs={})


def _stripes_of(night: str, rng: np.random.Generator) -> pd.DataFrame:
    count = int(rng.integers(6, 12))
    start = pd.Timestamp(night) + pd.Timedelta(hours=float(rng.uniform(13, 16)))
    rows = []
    for number in range(count):
        bottom, top = rng.uniform(108, 190), rng.uniform(200, 280)
        if number < 2:
            bottom, top = 111.0, 262.0
        slope = SLOPE_S_PER_KM + rng.normal(0, 0.05)
        begin = start + pd.Timedelta(seconds=float(number * rng.uniform(200, 320)))
        rows.append(
            {
                "night": night,
                "id": f"{night}-{number + 1:03d}",
                "time_bottom": begin,
                "time_top": begin + pd.Timedelta(seconds=slope * (top - bottom)),
                "bottom_km": bottom,
                "top_km": top,
                "slowness_s_per_km": slope,
                "slowness_sigma_s_per_km": 0.06,
                "width_s": 45.0,
                "peak_density_cm3": rng.uniform(10, 45),
                "significance": 40.0,
                "group": 1,
                "resolved": True,
                "wind_m_s": WIND_M_S,
                "wind_sigma_m_s": 9.0,
                "beta_deg": np.degrees(np.arctan(abs(slope) * WIND_M_S / 1000)),
                "beta_low_deg": 3.6,
                "beta_high_deg": 5.4,
                "beta_kind": "value",
                "bottom_sigma_km": 0.7,
                "top_sigma_km": 0.8,
                "width_sigma_s": 3.0,
                "curvature_s_per_km2": 0.0,
                "curvature_sigma_s_per_km2": 0.001,
                "reaches_main_layer": bool(bottom < 118),
            }
        )
    return pd.DataFrame(rows)


def _density(night: str, stripes: pd.DataFrame, time: np.ndarray, altitude: np.ndarray) -> np.ndarray:
    seconds = (time - np.datetime64(night, "ns")) / np.timedelta64(1, "s")
    t, z = seconds[:, None], altitude[None, :]
    layer = 900 * np.exp(-0.5 * ((z - 97 - 1.5 * np.sin(t / 7000)) / 4.5) ** 2)
    cloud = 12 * np.exp(-0.5 * ((z - 235 + (t - 57000) / 400) / 12) ** 2 - 0.5 * ((t - 59000) / 2500) ** 2)
    out = layer + cloud
    for _, stripe in stripes.iterrows():
        at_bottom = (stripe["time_bottom"] - pd.Timestamp(night)).total_seconds()
        centre = at_bottom + stripe["slowness_s_per_km"] * (z - stripe["bottom_km"])
        inside = (z > stripe["bottom_km"]) & (z < stripe["top_km"])
        width = 25 + 40 * np.exp(-(z - 105) / 20)
        out = out + inside * stripe["peak_density_cm3"] * np.exp(-0.5 * ((t - centre) / width) ** 2)
    return out


def _lidar(night: str, stripes: pd.DataFrame, rng: np.random.Generator, step_s: float, step_km: float) -> xr.Dataset:
    begin, hours = 11.0 + rng.uniform(0, 1), 8.5
    time = np.datetime64(night, "ns") + ((begin + np.arange(0, hours, step_s / 3600)) * 3.6e12).astype(
        "timedelta64[ns]"
    )
    keep = np.ones(time.size, bool)
    keep[int(0.7 * time.size) : int(0.74 * time.size)] = False
    time = time[keep]
    altitude = np.arange(70, 300.001, step_km)
    density = _density(night, stripes, time, altitude)
    calibration = 1.6e-4 * (0.096 / step_km) * (33 / step_s)
    background = 0.5 * (step_km / 0.096) * (step_s / 33)
    expected = density / (calibration * (altitude - 0.5)[None, :] ** 2) + background
    counts = rng.poisson(expected).astype("uint16")
    full = np.full(time.size, 1.0)
    return xr.Dataset(
        {
            "photon_counts": (("time", "altitude"), counts),
            "integration_time": ("time", full * step_s),
            "background_counts": ("time", full * background),
            "background_counts_error": ("time", full * 0.01),
            "calibration_factor": ("time", full * calibration),
        },
        coords={"time": time, "altitude": altitude},
        attrs={
            **_provenance("lidar"),
            "night": night,
            "quantity": "photon_counts",
            "negatives": "kept",
            "species": "Ca+",
            "station_latitude": 40.4,
            "station_longitude": 116.0,
            "station_altitude_km": 0.5,
            "decisions": "{}",
        },
    )


def _detection(lidar: xr.Dataset, stripes: pd.DataFrame) -> xr.Dataset:
    altitude = np.arange(76, 300, 1.44)
    clean = _density(lidar.attrs["night"], stripes, lidar["time"].values, altitude)
    mask = np.where((clean > 4) & (altitude > 120), MASK_FLAGS["cloud"], MASK_FLAGS["clear"]).astype("uint8")
    flag = np.zeros(lidar.sizes["time"], "uint8")
    flag[3] = 1
    return xr.Dataset(
        {
            "significance": (("time", "altitude"), clean.astype("float32")),
            "mic_mask": (("time", "altitude"), mask),
            "background": ("time", np.ones(flag.size)),
            "profile_flag": ("time", flag),
        },
        coords={"time": lidar["time"], "altitude": altitude},
        attrs={
            **_provenance("detection"),
            "night": lidar.attrs["night"],
            "species": "Ca+",
            "method": "made for this test",
        },
    )


def _events(stripes: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for night, own in stripes.groupby("night", sort=False):
        base = {
            "night": night,
            "significance": 30.0,
            "p_false": 1e-6,
            "peak_density_cm3": 20.0,
            "detached": False,
            "descent_m_s": np.nan,
            "start_altitude_km": np.nan,
            "end_altitude_km": np.nan,
        }
        for _, stripe in own[own["reaches_main_layer"]].iterrows():
            rows.append(
                {
                    **base,
                    "event": len(rows) + 1,
                    "kind": "direct_connection",
                    "start_utc": min(stripe["time_bottom"], stripe["time_top"]),
                    "end_utc": max(stripe["time_bottom"], stripe["time_top"]) + pd.Timedelta(minutes=12),
                    "bottom_km": stripe["bottom_km"],
                    "top_km": stripe["top_km"],
                }
            )
        start = own["time_top"].max() + pd.Timedelta(hours=2)
        if int(str(night)[-1]) % 2:
            rows.append(
                {
                    **base,
                    "event": len(rows) + 1,
                    "kind": "descending_merge",
                    "start_utc": start,
                    "end_utc": start + pd.Timedelta(hours=1),
                    "bottom_km": 112.0,
                    "top_km": 220.0,
                }
            )
    return pd.DataFrame(rows)[list(EVENTS)]


def _soundings(night: str, events: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    times = pd.date_range(f"{night}T10:00", f"{night}T22:00", freq="15min")
    starts = events.loc[events["night"] == night, "start_utc"]
    rows = []
    for number, time in enumerate(times):
        near = any(abs((time - start).total_seconds()) < 1700 for start in starts)
        present = near or rng.random() < 0.45
        frequency = rng.uniform(3, 6) if near else rng.uniform(1.8, 3)
        blanketing = near and frequency > 5
        rows.append(
            {
                "night": night,
                "time_utc": time,
                "foEs_MHz": frequency if present else np.nan,
                "es_status": "present" if present else ("not_observed" if number == 5 else "absent"),
                "hEs_km": 108.0 if present else np.nan,
                "fbEs_MHz": frequency if blanketing else np.nan,
                "blanketing": blanketing,
                "double_es": bool(near and rng.random() < 0.2),
                "upper_hEs_km": np.nan,
                "spread_f": "no",
                "scaled_foEs_MHz": frequency if present else np.nan,
                "scaled_hEs_km": 107.5 if present else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _ionosonde(night: str, soundings: pd.DataFrame, rng: np.random.Generator) -> xr.Dataset:
    frequency, height = np.arange(1.0, 14.0, 0.1), np.arange(80.0, 700.0, 5.0)
    echo = (rng.random((len(soundings), frequency.size, height.size)) < 0.002) * 12
    for number, (_, row) in enumerate(soundings.iterrows()):
        f2 = 6.5
        trace = 250 + 60 / np.clip(f2 - frequency, 0.15, None)
        low = row["fbEs_MHz"] if np.isfinite(row["fbEs_MHz"]) else 1.5
        echo[number][
            (np.abs(height[None, :] - trace[:, None]) < 12) & ((frequency > low) & (frequency < f2))[:, None]
        ] = 35
        if np.isfinite(row["foEs_MHz"]):
            echo[number][(np.abs(height[None, :] - row["hEs_km"]) < 6) & (frequency < row["foEs_MHz"])[:, None]] = 45
    size = ("time",)
    return xr.Dataset(
        {
            "foEs": (size, soundings["foEs_MHz"]),
            "hEs": (size, soundings["hEs_km"]),
            "fbEs": (size, soundings["fbEs_MHz"]),
            "foF2": (size, np.full(len(soundings), 6.5)),
            "hF2": (size, np.full(len(soundings), 250.0)),
            "es_status": (size, (soundings["es_status"] == "present").astype("uint8")),
            "spread_f": (size, np.zeros(len(soundings), "uint8")),
            "echo_amplitude": (("ionogram_time", "frequency", "virtual_height"), echo.astype("uint8")),
        },
        coords={
            "time": soundings["time_utc"].to_numpy(),
            "ionogram_time": soundings["time_utc"].to_numpy(),
            "frequency": frequency,
            "virtual_height": height,
        },
        attrs={
            **_provenance("ionosonde"),
            "night": night,
            "station_latitude": 40.3,
            "station_longitude": 116.2,
            "foEs_limit_MHz": 1.4,
            "decisions": "{}",
        },
    )


def _fpi(night: str, rng: np.random.Generator) -> xr.Dataset:
    time = pd.date_range(f"{night}T11:30", f"{night}T20:30", freq="h")
    shape = (time.size, 3)
    dims = ("time", "emission")
    wind = {
        name: (dims, base + rng.normal(0, 12, shape))
        for name, base in (("eastward_wind", 40.0), ("northward_wind", -35.0), ("upward_wind", 0.0))
    }
    errors = {f"{name}_error": (dims, np.full(shape, 8.0)) for name in wind}
    return xr.Dataset(
        {
            **wind,
            **errors,
            "emission_wavelength": ("emission", [557.7, 630.0, 892.0]),
            "altitude": ("emission", [97.0, 250.0, 87.0]),
        },
        coords={"time": time.to_numpy()},
        attrs={
            **_provenance("fpi"),
            "night": night,
            "station_latitude": 40.2,
            "station_longitude": 117.4,
            "decisions": "{}",
        },
    )


def _tec(regions: pd.DataFrame) -> xr.Dataset:
    nights = [CASES[3]["night"]] * 9 + [CASES[number]["night"] for number in (0, 1, 2)]
    hours = [*np.linspace(12, 20, 9), 16.0, 15.0, 17.0]
    latitude, longitude = np.arange(15.0, 56.0), np.arange(70.0, 141.0)
    maps, excess = [], []
    for night, hour in zip(nights, hours, strict=True):
        region = regions[regions["night"] == night].iloc[0]
        field = 22 * np.exp(-(((latitude - 17) / 16) ** 2))[:, None] * (1.3 - 0.05 * (hour - 12)) + 4 + 0 * longitude
        excess.append(np.zeros(field.shape))
        now = pd.Timestamp(night) + pd.Timedelta(hours=hour)
        if region["onset_utc"] <= now <= region["end_utc"]:
            along = (latitude > region["latitude_south"]) & (latitude < region["latitude_north"])
            excess[-1] = 4 * along[:, None] * np.exp(-(((longitude - region["axis_longitude"]) / 2.5) ** 2))
        field[(latitude > 48)[:, None] & ((longitude < 85) | (longitude > 130))[None, :]] = np.nan
        maps.append(field + excess[-1])
    dims = ("panel", "latitude", "longitude")
    time = [pd.Timestamp(night) + pd.Timedelta(hours=float(hour)) for night, hour in zip(nights, hours, strict=True)]
    return xr.Dataset(
        {"vertical_tec": (dims, np.array(maps)), "tec_excess": (dims, np.array(excess))},
        coords={"time": ("panel", pd.DatetimeIndex(time).to_numpy()), "latitude": latitude, "longitude": longitude},
        attrs={**_provenance("maps"), "station_latitude": 40.4, "station_longitude": 116.0},
    )


def _series(maps: xr.Dataset) -> pd.DataFrame:
    """Excess at the lidar at the time of each map but the first, which has none near it."""
    time = pd.DatetimeIndex(maps["time"].values[1:])
    return pd.DataFrame(
        {
            "night": time.strftime("%Y-%m-%d"),
            "time_utc": time,
            "method": "quiet_days",
            "excess_tecu": np.linspace(-0.04, -12.0, time.size),
            "excess_error_tecu": 0.1,
            "vertical_tec_tecu": 8.0,
        }
    )


def _regions() -> pd.DataFrame:
    rows = []
    for case in CASES[:4]:
        night = pd.Timestamp(case["night"])
        for method in ("zonal_highpass", "quiet_days"):
            rows.append(
                {
                    "night": case["night"],
                    "method": method,
                    "onset_utc": night + pd.Timedelta(hours=14),
                    "onset_error_minutes": 2.0,
                    "peak_utc": night + pd.Timedelta(hours=15.5),
                    "end_utc": night + pd.Timedelta(hours=18),
                    "end_error_minutes": 9.0,
                    "axis_longitude": 117.2,
                    "axis_longitude_error": 0.4,
                    "latitude_south": 27.0,
                    "latitude_north": 43.0,
                    "width_km": 300.0,
                    "peak_tecu": 4.0,
                    "peak_error_tecu": 0.5,
                    "area_km2": 4.5e5,
                    "lidar_distance_km": 100.0,
                    "significance": 7.0,
                    "tilt_deg": 2.0,
                    "over_lidar_start_utc": night + pd.Timedelta(hours=15),
                    "over_lidar_end_utc": night + pd.Timedelta(hours=18),
                    "least_tecu": 0.3,
                    "left_out": None,
                    "found": True,
                }
            )
    return pd.DataFrame(rows)


def _monthly(rng: np.random.Generator) -> pd.DataFrame:
    month = np.arange(1, 13)
    observed = rng.integers(12, 30, 12)
    above = rng.binomial(observed, 0.1 + 0.2 * np.exp(-(((month - 7) / 1.5) ** 2)))
    rate = above / observed
    spread = np.sqrt((rate * (1 - rate) + 0.02) / observed)
    column = 3e7 * (1 + 2 * np.exp(-(((month - 7) / 1.6) ** 2))) * rng.uniform(0.8, 1.2, 12)
    return pd.DataFrame(
        {
            "month": month,
            "nights_observed": observed,
            "nights_above_150": above,
            "nights_clear_200_300": above // 2,
            "occurrence": rate,
            "occurrence_low": np.clip(rate - 2 * spread, 0, 1),
            "occurrence_high": np.clip(rate + 2 * spread, 0, 1),
            "hours": observed * 8.0,
            "occurrence_per_hour": rate / 8,
            "false_nights_expected": 0.1,
            "column_density_cm2": column,
            "column_low_cm2": 0.7 * column,
            "column_high_cm2": 1.5 * column,
            "column_nights": observed,
            "density_cm3": column / 3.7e6,
            "density_low_cm3": 0.7 * column / 3.7e6,
            "density_high_cm3": 1.5 * column / 3.7e6,
        }
    )


def _profile() -> tuple[pd.DataFrame, pd.DataFrame]:
    altitude = np.arange(70.0, 301.0)
    height = 6 + 34 / (1 + np.exp(-(altitude - 170) / 30))
    density = 8e-5 * np.exp(-np.cumsum(1 / height))
    at = lambda z: float(np.interp(z, altitude, density))  # noqa: E731
    factors = pd.DataFrame(
        [
            ("rise_140_to_115", at(115) / at(140), "1"),
            ("rise_140_to_100", at(100) / at(140), "1"),
            ("altitude_of_rise_100", 104.0, "km"),
            ("scale_height_140", 18.0, "km"),
            ("f107", 80.0, "sfu"),
        ],
        columns=["name", "value", "unit"],
    )
    return pd.DataFrame(
        {
            "time_utc": pd.Timestamp(f"{MARKED_NIGHT}T14:15"),
            "altitude_km": altitude,
            "density_kg_m3": density,
            "scale_height_km": height,
            "temperature_K": 200 + 5 * (altitude - 70),
        }
    ), factors


def build(
    folder: Path, *, seed: int = 1, step_s: float = 120.0, step_km: float = 0.96, absent: tuple[str, ...] = ()
) -> Path:
    """Write the run; instruments named in `absent` are not there and their products are empty."""
    rng = np.random.default_rng(seed)
    for instrument in INSTRUMENTS:
        gone = instrument in absent
        io.write_json(
            folder / f"raw/inventory/{instrument}.json",
            {
                "instrument": instrument,
                "status": "absent" if gone else "present",
                "synthetic": not gone,
                "why": "the test took it away" if gone else "",
                "where": "an archive of its own" if gone else "",
                "source": "made up",
                "batches": {}
                if gone
                else {"cases": [{"night": case["night"], "files": [], "reader": ""} for case in CASES]},
                "unmapped": [],
                "damaged": [],
            },
        )
    stripes = pd.concat([_stripes_of(case["night"], rng) for case in CASES], ignore_index=True)[list(STRIPES)]
    events = _events(stripes)
    _write_nights(folder, stripes, events, rng, step_s, step_km, absent)
    _write_derived(folder, stripes, rng, absent)
    return folder


def move(folder: Path, species: str, latitude: float, longitude: float) -> Path:
    """Say that everything of a run was measured elsewhere, of another species."""
    place = {"station_latitude": latitude, "station_longitude": longitude}
    for path in sorted(folder.rglob("*.nc")):
        dataset = io.read_netcdf(path)
        attrs = {name: value for name, value in (place | {"species": species}).items() if name in dataset.attrs}
        io.write_netcdf(path, dataset.assign_attrs(attrs))
    return folder


def _write_nights(
    folder: Path,
    stripes: pd.DataFrame,
    events: pd.DataFrame,
    rng: np.random.Generator,
    step_s: float,
    step_km: float,
    absent: tuple[str, ...],
) -> None:
    soundings = []
    for case in CASES:
        night = case["night"]
        if "lidar" not in absent:
            own = stripes[stripes["night"] == night]
            lidar = _lidar(night, own, rng, step_s, step_km)
            io.write_netcdf(folder / f"ingest/lidar/cases/{night}.nc", check_dataset(lidar, LIDAR, night))
            io.write_netcdf(
                folder / f"detect/cases/{night}.nc",
                check_dataset(_detection(lidar, own), DETECT, night),
            )
        if "fpi" not in absent:
            io.write_netcdf(folder / f"ingest/fpi/cases/{night}.nc", check_dataset(_fpi(night, rng), FPI, night))
        if "ionosonde" not in absent:
            soundings.append(_soundings(night, events, rng))
            io.write_netcdf(
                folder / f"ingest/ionosonde/cases/{night}.nc",
                check_dataset(_ionosonde(night, soundings[-1], rng), IONOSONDE, night),
            )
    table = pd.concat(soundings, ignore_index=True) if soundings else ES_CASES.empty()
    io.write_csv(folder / "derive/es_cases.csv", ES_CASES.ordered(table))
    if "lidar" not in absent:
        io.write_csv(folder / "detect/batches/cases.stripes.csv", stripes)
        io.write_csv(folder / "detect/stripes.csv", stripes)
        io.write_csv(folder / "detect/batches/cases.events.csv", events)


def _write_derived(folder: Path, stripes: pd.DataFrame, rng: np.random.Generator, absent: tuple[str, ...]) -> None:
    regions = TEC_ENHANCEMENT.empty() if "tec" in absent else _regions()
    maps = _tec(_regions())
    series = TEC_SERIES.empty() if "tec" in absent else _series(maps)
    io.write_netcdf(folder / "derive/tec_maps.nc", maps.isel(panel=[]) if "tec" in absent else maps)
    lidar = "lidar" not in absent
    monthly = _monthly(rng) if lidar else MONTHLY.empty()
    beta = _beta(stripes) if lidar else BETA.empty()
    columns = _columns(rng) if lidar else COLUMNS.empty()
    profile, factors = _profile()
    for name, table in (
        ("tec_enhancement", regions),
        ("tec_series", series),
        ("monthly", monthly),
        ("beta", beta),
        ("columns", columns),
        ("density_profile", profile),
        ("density_factors", factors),
    ):
        io.write_csv(folder / f"derive/{name}.csv", DERIVE_TABLES[f"{name}.csv"].ordered(table))
    altitude = np.arange(83.0, 120.5, 0.5)
    layer = np.exp(-0.5 * ((altitude - 97) / 5) ** 2)
    density = np.outer(_monthly(rng)["density_cm3"], 3 * layer)
    if not lidar:
        density[:] = np.nan
    io.write_netcdf(
        folder / "derive/monthly_density.nc",
        xr.Dataset(
            {"ca_ion_number_density": (("month", "altitude"), density.astype("float32"))},
            coords={"month": np.arange(1, 13), "altitude": altitude},
            attrs={**_provenance("monthly"), "species": "Ca+", "method": "made up"},
        ),
    )


def _beta(stripes: pd.DataFrame) -> pd.DataFrame:
    marked = (stripes["night"] == MARKED_NIGHT) & stripes["id"].str[-3:].isin(["001", "002"])
    length = stripes["top_km"] - stripes["bottom_km"]
    same = stripes[["night", "id"]]
    return same.assign(
        length_km=length, beta_zonal_deg=4.0, beta_ion_deg=1.2, azimuth_deg=130.0, long=length > 80, marked=marked
    )[list(BETA)]


def _columns(rng: np.random.Generator) -> pd.DataFrame:
    count = len(CASES)
    values = {name: rng.uniform(1, 2, count) for name in COLUMNS}
    return pd.DataFrame(
        {
            **values,
            "night": [case["night"] for case in CASES],
            "centroid_km": 96.5 + rng.normal(0, 1, count),
            "rms_width_km": 5.5 + rng.normal(0, 0.3, count),
        }
    )[list(COLUMNS)]
