"""Campaigns drawn at the level of the derived tables: a stated truth, seen through stated errors.

`Truth()` is what the paper says; a changed field is another truth. The errors are of the size that detection and
derivation state on simulated nights (seconds to minutes, a few km, 10-30 % of a width); they are assumptions of this
test, and the tables hold only the columns that claims read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.claims.model import Data
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.derive.correlation import fisher_interval
from tests.claims.campaign import CASES, moment
from tests.claims.supplements import supplements

Tables = dict[str, pd.DataFrame]
# Chance that a quiet night is taken for one with clouds, and that a night with clouds is missed.
FALSE_NIGHT, MISSED_NIGHT = 0.002, 0.002
# Scatter of ln(column) from night to night.
SCATTER = 0.5
# Errors (one sigma): edges of clouds and of connections (min), altitudes (km), a zenith angle (degree).
CLOUD_MINUTES, STRIPE_MINUTES, EDGE_KM, ANGLE_DEG = 2.0, 1.0, 2.0, 0.4
# Wind of all stripes (km/s), and the error of the slowness of the two marked ones (s/km).
WIND_KM_S, PAIR_SIGMA = 0.06, 0.04
# Stripes on a night with clouds, and the share of them that reaches the main layer.
STRIPES, REACHING = 30, 0.7


@dataclass(frozen=True)
class Truth:
    """What is true in a campaign; the defaults are the paper's claims, with what it does not number assumed."""

    # Numbers by calendar month.
    nights: tuple[int, ...] = (22, 22, 24, 22, 20, 21, 18, 20, 24, 28, 20, 16)
    cloudy: tuple[int, ...] = (5, 1, 0, 1, 6, 9, 7, 5, 2, 0, 0, 1)
    column: tuple[float, ...] = (4.6, 2.2, 1.0, 2.2, 8.0, 9.5, 9.0, 8.0, 2.6, 2.2, 2.2, 2.2)
    density: tuple[float, ...] = (4.6, 2.2, 1.0, 2.2, 8.0, 9.5, 9.0, 4.0, 2.6, 2.2, 2.2, 2.2)
    clear: int = 15
    # The main layer and the clouds.
    present: float = 0.995
    mean_hours: float = 5.0
    cloud_middle_km: float = 200.0
    density_ratio: float = 0.02
    later_minutes: float = 0.0
    higher_km: float = 0.0
    detached: bool = True
    direct: bool = True
    descending: bool = True
    # The stripes: scatter of the slowness (s/km; on panel e), bend over width, d ln(width) in 100 km, steps.
    signal_share: float = 0.8
    parallel: float = 0.3
    parallel_e: float = 3.0
    bend: float = 0.2
    widening: float = -1.0
    step: float = 3.0
    stripes: bool = True
    length_km: float = 45.0
    ceiling_km: float = 288.0
    longest: tuple[float, float] = (110.0, 260.0)
    beta: float = 1.0
    pair_difference: float = -0.5
    # Electron content and sporadic E.
    enhancement: bool = True
    area_km2: float = 3000.0
    trend: float = -0.5
    rise_mhz: float = 3.0
    es_km: float = 106.0
    spread_f: float = 0.7
    blanketing: float = 0.9
    blanketing_else: float = 0.03
    double: bool = True
    es_gone: bool = True
    step_minutes: int = 15
    # Hourly change of the wind during enhancements over the usual one.
    disturbance: float = 1.0
    # A factor of 100 in 32 km.
    scale_height_km: float = 6.95
    # Enhancements on nights without clouds, and only on them; time from profile to profile.
    quiet_enhancement: bool = False
    profile_s: int = 33
    # Whether the tests of the explanation come out as trails of meteoroids would have it.
    trails: bool = True


# ---- nights ----------------------------------------------------------------------------------------------


def _p_false(real: bool, found: bool, random: np.random.Generator) -> float:
    """A night's false-alarm probability: uniform on a quiet night, tiny on most nights with clouds."""
    if real:
        return 10.0 ** -random.uniform(5, 30) if found else random.uniform(FALSE_NIGHT, 10 * FALSE_NIGHT)
    return random.uniform(0.0, FALSE_NIGHT) if found else random.uniform(FALSE_NIGHT, 1.0)


def nights(truth: Truth, random: np.random.Generator) -> pd.DataFrame:
    """A row a night: what detection decides on it, and its columns."""
    rows = []
    clear_left = truth.clear
    for month, (total, cloudy) in enumerate(zip(truth.nights, truth.cloudy, strict=True), start=1):
        year = 2021 if month not in (6, 7, 8, 9, 10) else 2020
        for day in range(1, total + 1):
            real = day <= cloudy
            clear = real and clear_left > 0
            clear_left -= clear
            rows.append({"night": f"{year}-{month:02d}-{day:02d}"} | _night(truth, month, real, clear, random))
    return pd.DataFrame(rows)


def _night(truth: Truth, month: int, real: bool, clear: bool, random: np.random.Generator) -> dict:
    found = random.random() > MISSED_NIGHT if real else random.random() < FALSE_NIGHT
    noise = float(np.exp(random.normal(0.0, SCATTER)))
    density = truth.density[month - 1] * 10.0 * noise
    ratio = truth.density_ratio * float(np.exp(random.normal(0.0, 0.8)))
    present, striped = random.random() < truth.present, random.normal(truth.signal_share, 0.1)
    return {
        "observed": True, "above_150": found, "p_false": _p_false(real, found, random), "profiles": 800, "hours": 8.0,
        "negatives": "kept", "noise_floor_cm3": 3.0,
        "score_150": 20.0 + random.exponential(20.0) if found else 4.0 + 0.2 * random.normal(),
        "clear_200_300": clear, "score_200_300": 10.0 + random.exponential(8.0) if clear else random.normal(),
        "column_density_cm2": truth.column[month - 1] * 1e7 * noise, "main_layer_density_cm3": density,
        "main_layer_present_share": 1.0 if present else random.uniform(0.7, 0.97),
        "cloud_hours": random.exponential(truth.mean_hours) if real else 0.0,
        "profile_seconds": float(truth.profile_s),
        "stripe_signal_share": striped if real and truth.stripes else np.nan,
        "stripes": STRIPES if real and truth.stripes else 0,
        "cloud_density_cm3": density * ratio if real else np.nan,
    }  # fmt: skip


def correlation(table: pd.DataFrame) -> pd.DataFrame:
    """The row monthly_r of correlation.csv, with Fisher's interval."""
    month = table["night"].str[5:7]
    means = table.groupby(month)[["above_150", "column_density_cm2"]].mean().astype(float)
    r = float(means.corr().iloc[0, 1])
    low, high = fisher_interval(r, len(means), 0.95)
    season = {"name": "monthly_r", "value": r, "low": low, "high": high, "n": len(means)}
    nightly = {"name": "nightly_log_ratio_lag0", "value": 0.0, "low": -0.2, "high": 0.2, "n": len(table)}
    return pd.DataFrame([season, nightly])


# ---- events ----------------------------------------------------------------------------------------------

# Panel, kind, start, end, lower and upper end (km), as the paper has them.
EVENTS = (
    ("a", "cloud", "14:36", "18:00", 190, 290),
    ("b", "cloud", "14:36", "18:00", 160, 260),
    ("b", "direct_connection", "14:00", "14:10", 110, 250),
    ("b", "direct_connection", "14:20", "14:30", 110, 250),
    ("b", "descending_merge", "19:00", "19:40", 110, 160),
    ("c", "cloud", "13:44", "15:06", 190, 250),
    ("c", "direct_connection", "15:32", "15:40", 110, 250),
    ("c", "direct_connection", "17:00", "17:10", 110, 250),
    ("c", "descending_merge", "18:00", "19:30", 110, 200),
    ("d", "cloud", "14:36", "17:15", 160, 230),
    ("d", "direct_connection", "15:14", "15:18", 110, 250),
    ("d", "descending_merge", "17:30", "18:30", 110, 230),
    ("e", "direct_connection", "15:41", "15:45", 110, 250),
    ("f", "direct_connection", "14:31", "14:36", 110, 260),
    ("f", "direct_connection", "14:58", "15:03", 110, 260),
)


def events(truth: Truth, random: np.random.Generator) -> pd.DataFrame:
    """events.csv of the case nights, with as many other clouds as there are other nights with clouds."""
    rows = [_event(truth, *event, random) for event in EVENTS]
    if not truth.descending:
        rows = [row for row in rows if row["kind"] != "descending_merge"]
    if not truth.direct:
        rows = [row for row in rows if row["kind"] != "direct_connection"]
    for number in range(31):
        middle = random.normal(truth.cloud_middle_km, 10.0)
        half = random.uniform(10.0, 60.0) if truth.cloud_middle_km > 150.0 else 5.0
        rows.append({"night": f"2020-01-{number + 1:02d}", "kind": "cloud",
                     "bottom_km": middle - half,
                     "top_km": min(middle + half, 300.0), "detached": truth.detached and not number % 4})  # fmt: skip
    # As many merging clouds on other nights that they are more than false ones explain.
    for number in range(4 if truth.descending else 0):
        night = f"2020-01-{number + 1:02d}"
        rows.append({"night": night, "kind": "descending_merge", "start_utc": moment(night, "18:00"),
                     "end_utc": moment(night, "19:00"), "bottom_km": 110.0, "top_km": 160.0, "detached": False,
                     "start_altitude_km": 160.0, "end_altitude_km": 110.0, "descent_m_s": 20.0})  # fmt: skip
    return pd.DataFrame(rows)


def _event(truth: Truth, panel: str, kind: str, start: str, end: str, bottom: float, top: float, random) -> dict:
    night = CASES[panel]
    error = CLOUD_MINUTES if kind != "direct_connection" else STRIPE_MINUTES
    times = [moment(night, clock) + pd.Timedelta(minutes=truth.later_minutes + random.normal(0.0, error))
             for clock in (start, end)]  # fmt: skip
    low, high = (edge + truth.higher_km + random.normal(0.0, EDGE_KM) for edge in (bottom, top))
    if kind == "cloud" and truth.cloud_middle_km < 150.0:
        low, high = truth.cloud_middle_km - 5.0, truth.cloud_middle_km + 5.0
    return {
        "night": night, "kind": kind, "start_utc": min(times), "end_utc": max(times), "bottom_km": low,
        "top_km": min(high, 300.0), "start_altitude_km": high, "end_altitude_km": low,
        "detached": truth.detached and kind == "cloud", "descent_m_s": random.normal(20.0, 3.0),
    }  # fmt: skip


def masks(table: pd.DataFrame, profile_s: int) -> dict[str, xr.Dataset]:
    """Boxes of cloud cells (5 km x 1 min) for the clouds of the case nights."""
    altitude, found = np.arange(110.0, 301.0, 5.0), {}
    clouds = table[table["kind"] == "cloud"]
    for night in CASES.values():
        minutes = pd.date_range(f"{night} 11:00", f"{night} 21:00", freq=f"{profile_s}s")
        cells = np.zeros((len(minutes), altitude.size), dtype=np.uint8)
        for row in clouds[clouds["night"] == night].itertuples():
            rows = (minutes >= row.start_utc) & (minutes <= row.end_utc)
            cells[np.ix_(rows, (altitude >= row.bottom_km - 2.5) & (altitude <= row.top_km + 2.5))] = 1
        falling = table[(table["kind"] == "descending_merge") & (table["night"] == night) & (night == CASES["d"])]
        high = clouds.loc[clouds["night"] == night, "top_km"].max() > 150.0
        for row in falling.itertuples() if high else ():
            seconds = (minutes - row.start_utc).total_seconds()
            middle = np.interp(seconds, [0, 3600], [row.start_altitude_km, row.start_altitude_km - 100.0])
            rows = (minutes >= row.start_utc) & (minutes <= row.end_utc)
            cells[rows[:, None] & (np.abs(altitude - middle[:, None]) <= 15.0)] = 1
        good = np.zeros(len(minutes), dtype=np.uint8)
        found[night] = xr.Dataset({"mic_mask": (("time", "altitude"), cells), "profile_flag": ("time", good)},
                                  coords={"time": minutes.to_numpy(), "altitude": altitude})  # fmt: skip
    return found


# ---- stripes ---------------------------------------------------------------------------------------------


def stripes(truth: Truth, random: np.random.Generator) -> Tables:
    """detect_stripes and detect_stripe_profiles of the case nights and of ten others."""
    dates = [*CASES.values(), *(f"2021-07-{day:02d}" for day in range(1, 11))]
    parts = [_stripes_of(truth, night, random) for night in dates]
    table = pd.concat(parts, ignore_index=True)
    if not truth.direct:
        table = table[~table["reaches_main_layer"]]
    if not truth.stripes:
        table = table.iloc[:0]
    return {"detect_stripes": table, "detect_stripe_profiles": _profiles(truth, table, random)}


def _stripes_of(truth: Truth, night: str, random: np.random.Generator) -> pd.DataFrame:
    reaching = np.arange(STRIPES) < REACHING * STRIPES
    bottom = np.where(reaching, random.normal(110.0, EDGE_KM, STRIPES), random.uniform(125.0, 160.0, STRIPES))
    tall = truth.length_km * np.exp(random.normal(0.0, 0.4, STRIPES))
    if night in CASES.values():
        # Four long ones a case night, as their widths are asked for.
        tall[2:6] = 100.0
    top = np.clip(bottom + tall, None, truth.ceiling_km)
    if truth.ceiling_km > 295.0:
        bottom, top = bottom + 50.0, np.full(STRIPES, truth.ceiling_km)
    if night == CASES["f"]:
        bottom[:2], top[:2] = (end + random.normal(0.0, EDGE_KM, 2) for end in truth.longest)
        top[2:] = np.minimum(top[2:], bottom[2:] + 100.0)
    spread = truth.parallel_e if night == CASES["e"] else truth.parallel
    sigma = 0.2 * np.exp(random.normal(0.0, 0.5, STRIPES))
    slowness = random.normal(-2.0, 1.0) + random.normal(0.0, spread, STRIPES) + random.normal(0.0, sigma)
    if night == CASES["f"]:
        angle = np.radians(5.82 * truth.beta + np.array([0.0, truth.pair_difference]))
        sigma[:2] = PAIR_SIGMA
        slowness[:2] = np.tan(angle) / WIND_KM_S + random.normal(0.0, PAIR_SIGMA, 2)
    width, lever = 40.0, 0.25 * (top - bottom) ** 2
    sign = random.choice([-1.0, 1.0], STRIPES)
    told = 0.2 * width / lever
    return pd.DataFrame({
        "night": night, "id": [f"{night}-{number}" for number in range(STRIPES)],
        "time_bottom": moment(night, "14:00") + pd.to_timedelta(np.arange(STRIPES) * 6.0, unit="min"),
        "time_top": moment(night, "14:00") + pd.to_timedelta(np.arange(STRIPES) * 6.0 - 4.0, unit="min"),
        "bottom_km": bottom, "top_km": top, "bottom_sigma_km": EDGE_KM, "top_sigma_km": EDGE_KM,
        "slowness_s_per_km": slowness, "slowness_sigma_s_per_km": sigma, "width_s": width,
        "curvature_s_per_km2": sign * truth.bend * width / lever + random.normal(0.0, told),
        "curvature_sigma_s_per_km2": told, "reaches_main_layer": reaching,
    })  # fmt: skip


def _profiles(truth: Truth, table: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Width and peak density every 8 km, with errors of 15 % and a scatter of density of 30 %."""
    counts = np.maximum(((table["top_km"] - table["bottom_km"]) // 8).astype(int), 1).to_numpy()
    along = table.loc[table.index.repeat(counts), ["night", "id", "bottom_km"]]
    step = np.concatenate([np.arange(count) for count in counts]) if len(table) else np.empty(0)
    altitude = along["bottom_km"].to_numpy() + 8.0 * step + 1.0
    below = altitude < 130.0
    width = 40.0 * np.exp(truth.widening * (altitude - 130.0) / 100.0) * np.where(below, truth.step**0.5, 1.0)
    width *= np.exp(random.normal(0.0, 0.15, altitude.size))
    density = 20.0 * np.where(below, truth.step, 1.0) * np.exp(random.normal(0.0, 0.3, altitude.size))
    return pd.DataFrame({
        "night": along["night"].to_numpy(), "id": along["id"].to_numpy(), "altitude_km": altitude,
        "width_s": width, "width_sigma_s": 0.15 * width, "peak_density_cm3": density,
    })  # fmt: skip


def feet(truth: Truth, table: pd.DataFrame, happened: pd.DataFrame, random: np.random.Generator) -> Tables:
    """stripe_feet of the stripes that reach the layer on the case nights, and layer_maxima every ten minutes.

    Peaks are known to 10 %, altitudes to 1.5 km; the layer of a cloud that has descended is a maximum of its own, and
    a layer stays below the first stripe of panel f for three quarters of an hour.
    """
    own = table[table["reaches_main_layer"] & table["night"].isin(list(CASES.values()))] if len(table) else table
    count = len(own)
    upper = 20.0 * np.exp(random.normal(0.0, 0.3, count))
    lowest = own["bottom_km"].to_numpy(dtype=float) + random.normal(0.0, 1.5, count) if count else np.empty(0)
    rows = pd.DataFrame({
        "night": own["night"].to_numpy(), "id": own["id"].to_numpy(), "upper_density_cm3": upper,
        "upper_error_cm3": 0.1 * upper, "upper_width_s": 70.0 * np.exp(random.normal(0.0, 0.1, count)),
        "lower_density_cm3": upper * truth.step * np.exp(random.normal(0.0, 0.1, count)),
        "lower_error_cm3": 0.1 * upper * truth.step,
        "lower_width_s": 70.0 * truth.step * np.exp(random.normal(0.0, 0.1, count)),
        "lowest_km": lowest, "densest_km": lowest + 1.0,
        # Without a step the rise is smooth.
        "break_km": 130.0 + random.normal(0.0, 2.0, count), "break_error_km": 2.0,
        "break_gain": (8.0 if truth.step > 1.5 else -1.5) + random.normal(0.0, 3.0, count).clip(-1.4, None),
    })  # fmt: skip
    maxima = []
    for panel, night in CASES.items():
        layers = happened[(happened["night"] == night) & (happened["kind"] != "cloud")]
        first = layers["start_utc"].min()
        for time in pd.date_range(f"{night} 12:00", f"{night} 20:00", freq="10min"):
            altitudes = [95.0]
            altitudes += [
                110.0 + truth.higher_km for row in layers.itertuples()
                if (row.kind == "descending_merge" and time >= row.start_utc)
                or (row.kind == "direct_connection" and panel == "f" and row.start_utc == first
                    and row.start_utc <= time <= row.start_utc + pd.Timedelta("46min"))
            ]  # fmt: skip
            maxima += [
                {"night": night, "time_utc": time, "altitude_km": z + random.normal(0.0, 0.5), "density_cm3": 300.0,
                 "prominence_cm3": 200.0, "error_cm3": 2.0} for z in altitudes
            ]  # fmt: skip
    return {"stripe_feet": rows, "layer_maxima": pd.DataFrame(maxima)}


def angles(truth: Truth, random: np.random.Generator) -> Tables:
    """beta: the two marked stripes, the two extremes and 60 others between; no rows without stripes.

    The smallest angle is given an error of 0.02 degrees, which profiles of 33 s would not reach: whether the rule is
    right can only be seen where it decides.
    """
    true = np.concatenate([[5.82, 5.32, 0.21, 49.07], np.clip(7.0 * np.exp(random.normal(0, 0.6, 60)), 4.0, 35.0)])
    error = np.concatenate([[ANGLE_DEG, ANGLE_DEG, 0.02, 2.0], np.full(60, ANGLE_DEG)])
    value = np.clip(truth.beta * true + random.normal(0.0, error), 0.0, 90.0)
    table = pd.DataFrame({
        "night": CASES["f"], "id": [f"{CASES['f']}-{number}" for number in range(true.size)],
        "wind_m_s": 1000.0 * WIND_KM_S,
        "beta_deg": value, "beta_low_deg": value - error, "beta_high_deg": value + error,
        "beta_kind": "value", "marked": np.arange(true.size) < 2, "beta_ion_deg": 0.4 * value,
    })  # fmt: skip
    table.loc[30:, ["beta_kind", "beta_high_deg"]] = ["lower_limit", 90.0]
    return {"beta": table.iloc[slice(None) if truth.stripes else slice(0)]}


# ---- electron content ------------------------------------------------------------------------------------


def electron_content(truth: Truth, random: np.random.Generator) -> Tables:
    """tec_enhancement (two methods, each with twelve satellites left out) and tec_series every 6 min."""
    rows, series = [], []
    for panel in "abcd":
        start = 14.15 if panel == "d" else 15.0
        # The paper's maps leave an end between 17:36 and 19:36.
        night, onset, end = CASES[panel], start + random.normal(0, 0.035), 19.0 + random.normal(0, 0.1)
        rows += _enhancements(truth, night, onset, end, random)
        series.append(_series(truth, panel, start, random))
    return {"tec_enhancement": pd.DataFrame(rows), "tec_series": pd.concat(series, ignore_index=True)}


def wind_steps(truth: Truth, regions: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Changes of the wind from hour to hour on the nights with enhancements and on forty others."""
    found = regions[regions["onset_utc"].notna()].drop_duplicates("night").set_index("night")
    rows = []
    for night in [*CASES.values(), *(f"2022-{month:02d}-{day:02d}" for month in (2, 3) for day in range(1, 21))]:
        for hour in range(12, 21):
            time = moment(night, f"{hour}:00")
            during = night in found.index and found.loc[night, "onset_utc"] <= time <= found.loc[night, "end_utc"]
            change = np.hypot(*random.normal(0.0, 9.0, 2)) * (truth.disturbance if during else 1.0)
            rows.append({"night": night, "time_utc": time, "change_m_s": change})
    return pd.DataFrame(rows)


def _enhancements(truth: Truth, night: str, onset: float, end: float, random: np.random.Generator) -> list[dict]:
    north, south = 42.0 + random.normal(0, 0.3), 25.0 + random.normal(0, 0.3)
    distance, area = abs(random.normal(20.0, 15.0)), truth.area_km2 * np.exp(random.normal(0, 0.2))
    day, rows = pd.Timestamp(night), []
    for method in ("quiet_days", "zonal_highpass"):
        for left_out in (None, *(f"G{number:02d}" for number in range(12))):
            small = random.normal(0, 0.01, 4)
            rows.append({
                "night": night, "method": method, "left_out": left_out, "found": truth.enhancement,
                "onset_utc": day + pd.Timedelta(hours=onset + small[0]),
                "onset_error_minutes": 60 * 0.035, "end_error_minutes": 60 * 0.1,
                "end_utc": day + pd.Timedelta(hours=end + small[1]), "latitude_north": north + 10 * small[2],
                "over_lidar_start_utc": day + pd.Timedelta(hours=onset),
                "over_lidar_end_utc": day + pd.Timedelta(hours=end), "least_tecu": 0.3,
                "latitude_south": south + 10 * small[3], "area_km2": area, "lidar_distance_km": distance,
                "axis_longitude_error": 0.05,
            })  # fmt: skip
    quiet = [f"2021-03-{number:02d}" for number in range(1, 13)]
    other = {"method": "quiet_days", "left_out": None, "found": truth.quiet_enhancement, "least_tecu": 0.3}
    cloudy = [f"2021-01-{number:02d}" for number in range(1, 6)]
    like = other | {"found": truth.enhancement}
    return rows + [{"night": one} | other for one in quiet] + [{"night": one} | like for one in cloudy]


def _series(truth: Truth, panel: str, start: float, random: np.random.Generator) -> pd.DataFrame:
    """Excess that rises for an hour, stays, and falls to a third at 17:36 on panel d; noise with a memory of 1 h."""
    hours = 11.0 + 0.1 * np.arange(100)
    ends = (17.2, 17.6, 19.3) if panel == "d" else (18.2, 18.8, 19.3)
    shape = np.interp(hours, [start, start + 1.0, *ends], [0.0, 3.0, 3.0, 0.9, 0.0]) * truth.enhancement
    memory, noise = np.exp(-0.1), np.empty(hours.size)
    noise[0] = random.normal()
    for index in range(1, hours.size):
        noise[index] = memory * noise[index - 1] + np.sqrt(1 - memory**2) * random.normal()
    return pd.DataFrame({
        "night": CASES[panel], "time_utc": pd.Timestamp(CASES[panel]) + pd.to_timedelta(hours, unit="h"),
        "method": "quiet_days", "excess_tecu": shape + 0.2 * random.normal(size=hours.size),
        "excess_error_tecu": 0.2, "vertical_tec_tecu": 15.0 + truth.trend * (hours - 11.0) + shape + 0.2 * noise,
    })  # fmt: skip


# ---- sporadic E ------------------------------------------------------------------------------------------


def sporadic_e(truth: Truth, table: pd.DataFrame, random: np.random.Generator) -> Tables:
    """es_cases of panels b to f, and es_response of the connections of `table`."""
    connections = table[table["kind"].isin(("direct_connection", "descending_merge"))]
    cases = pd.concat([_soundings(truth, panel, connections, random) for panel in "bcdef"], ignore_index=True)
    rows = []
    for row in connections.itertuples():
        error = random.uniform(0.3, 0.6)
        # Of four soundings before and three during; that of four is known with three degrees of freedom.
        scatter = error / np.sqrt(1 / 4 + 1 / 3) * np.sqrt(random.chisquare(3) / 3)
        rise = random.normal(truth.rise_mhz, 0.2) + random.normal(0.0, error)
        rows.append({"night": row.night, "connection_utc": row.start_utc, "end_utc": row.end_utc,
                     "rise_during_MHz": rise, "rise_during_low_MHz": rise - 1.96 * error,
                     "rise_during_high_MHz": rise + 1.96 * error, "soundings_before": 4, "soundings_during": 3,
                     "absent_before": 0,
                     "scatter_before_MHz": scatter})  # fmt: skip
    names = ["night", "connection_utc", "end_utc", "rise_during_MHz", "rise_during_low_MHz", "rise_during_high_MHz",
             "scatter_before_MHz", "soundings_before", "soundings_during", "absent_before"]  # fmt: skip
    return {"es_cases": cases, "es_response": pd.DataFrame(rows, columns=names)}


def _soundings(truth: Truth, panel: str, connections: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    night = CASES[panel]
    times = pd.date_range(moment(night, "13:00"), moment(night, "20:00"), freq=f"{truth.step_minutes}min")
    clock = times.strftime("%H:%M")
    hour = (times - pd.Timestamp(night)).total_seconds().to_numpy() / 3600.0
    back = clock.isin(["13:00", "14:30", "15:00"])
    present = back if panel == "f" and truth.es_gone else np.full(len(times), True)
    own = connections[connections["night"] == night]
    near = np.zeros(len(times), dtype=bool)
    for row in own.itertuples():
        near |= (times >= row.start_utc) & (times <= row.end_utc + pd.Timedelta("60min"))
    chance = np.where(near, truth.blanketing if panel in "bd" else truth.blanketing_else, truth.blanketing_else)
    double = (panel == "c") & (clock >= "19:00") & truth.double
    height = np.where(present, truth.es_km + random.normal(0, 1.5, len(times)), np.nan)
    height = np.where(back & (panel == "f"), height - 106.0 + 110.0, height)
    spread = (hour > 14.0) & (hour < 18.5) & (random.random(len(times)) < truth.spread_f)
    return pd.DataFrame({
        "night": night, "time_utc": times, "es_status": np.where(present, "present", "absent"), "hEs_km": height,
        "scaled_hEs_km": np.nan, "blanketing": present & (random.random(len(times)) < chance), "double_es": double,
        "upper_hEs_km": np.where(double, 110.0 + random.normal(0, 1.5, len(times)), np.nan),
        "spread_f": np.where(spread, "true", "false"),
    })  # fmt: skip


def density_profile(truth: Truth) -> pd.DataFrame:
    """A density that falls with a constant scale height."""
    altitude = np.arange(70.0, 301.0)
    density = 1e-8 * np.exp(-(altitude - 130.0) / truth.scale_height_km)
    return pd.DataFrame({"altitude_km": altitude, "density_kg_m3": density})


# ---- all -------------------------------------------------------------------------------------------------


def campaign(truth: Truth, random: np.random.Generator, settings: ClaimsSettings) -> Data:
    """Everything that claims read, of one campaign."""
    # A generator for each part, so that another truth in one leaves the errors of the others as they are.
    parts = dict(zip(("nights", "events", "stripes", "angles", "tec", "es"), random.spawn(6), strict=True))
    table, happened = nights(truth, parts["nights"]), events(truth, parts["events"])
    # The case nights were observed, whatever nights the months hold.
    cases = pd.DataFrame(
        {"night": list(CASES.values()), "noise_floor_cm3": 3.0, "profile_seconds": float(truth.profile_s)}
    )
    tables = {
        "nights": table, "columns": table, "correlation": correlation(table),
        "detect_nights": pd.concat([table, cases[~cases["night"].isin(table["night"])]], ignore_index=True),
        "detect_events": happened,
    }  # fmt: skip
    tables["monthly"] = pd.DataFrame({"month": range(1, 13), "false_nights_expected": FALSE_NIGHT * 20.0})
    tables |= stripes(truth, parts["stripes"]) | angles(truth, parts["angles"])
    tables |= feet(truth, tables["detect_stripes"], happened, np.random.default_rng(parts["stripes"].integers(2**31)))
    tables |= electron_content(truth, parts["tec"]) | sporadic_e(truth, happened, parts["es"])
    winds = np.random.default_rng(parts["tec"].integers(2**31))
    tables["wind_steps"] = wind_steps(truth, tables["tec_enhancement"], winds)
    tables["density_profile"] = density_profile(truth)
    tables["supplements"] = supplements(truth.trails, np.random.default_rng(parts["es"].integers(2**31)))
    return Data(tables, CASES, settings, masks(happened, truth.profile_s))
