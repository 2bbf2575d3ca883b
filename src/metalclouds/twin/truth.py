"""The truth as tables. Only `metalclouds evaluate` reads them; they lie outside the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.io import write_csv, write_json
from metalclouds.twin.density import COLUMN_KM, Axes, density
from metalclouds.twin.lidar import Conditions, conditions, matched_snr
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import WINDOW_HOURS, NightTruth, TrueStripe, moment, wind

Row = dict[str, Any]

SNR_ABOVE_KM = 120.0
"""The matched SNR counts the part of a stripe above the main layer."""
COLUMN_STEP_S = 120.0
COLUMN_BIN_KM = 0.2

# Table -> column -> what it is (unit in brackets). Times are UTC.
TABLES: dict[str, dict[str, str]] = {
    "nights": {
        "night": "UT date of the evening",
        "listed_as": "date in the file of case nights before any shift; else the night",
        "panel": "panel of Figure 1, empty for other nights",
        "start_utc": "start of operation in darkness",
        "end_utc": "end of operation",
        "profiles": "profiles recorded [1]",
        "above_150": "Ca+ above 150 km in the sky",
        "clear_200_300": "stripes of one cloud above 215 km over at least 20 min",
        "cloud_start_utc": "time of the first stripe's middle",
        "cloud_end_utc": "time of the last stripe's middle",
        "cloud_bottom_km": "lowest end of the stripes that do not reach the main layer [km]",
        "cloud_top_km": "highest end of the stripes [km]",
        "connection_utc": "start of the first connection",
        "connection_kind": "direct or descending",
        "stripes": "number of stripes [1]",
        "best_snr": "largest matched SNR of a stripe [1]",
        "spread_f": "spread F during the night",
        "transmission": "two-way transmission of the clear parts [1]",
        "background_median_counts": "median background per bin and profile [1]",
    },
    "stripes": {
        "night": "UT date of the evening",
        "id": "number within the night, by time",
        "time_bottom": "time of the maximum at the lower end",
        "time_top": "time of the maximum at the upper end",
        "bottom_km": "lower end, where half the density is left [km]",
        "top_km": "upper end, where half the density is left [km]",
        "slowness_s_per_km": "dt/dz of the time of maximum, at the lower end [s/km]",
        "curvature_s_per_km2": "t = time_bottom + slowness dz + curvature dz^2 [s/km2]",
        "width_s": "standard deviation in time at 200 km [s]",
        "peak_density_cm3": "largest density above 130 km, not averaged over a profile [cm-3]",
        "group": "number of the cloud that the stripe belongs to",
        "beta_deg": "zenith angle of the trail [degree]",
        "drift_angle_deg": "angle between drift and the azimuth of the trail's upper end [degree]",
        "wind_m_s": "speed of the neutral wind at 250 km at time_bottom [m/s]",
        "marked": "one of the two stripes that the paper marks",
        "matched_snr": "sqrt(sum S^2/(S+B)) above 120 km over the profiles recorded [1]",
        "profiles": "profiles recorded between its ends in time, three widths around [1]",
    },
    "clouds": {
        "night": "UT date of the evening",
        "group": "number within the night",
        "start_utc": "start",
        "end_utc": "end",
        "start_bottom_km": "lower edge at the start [km]",
        "start_top_km": "upper edge at the start [km]",
        "end_bottom_km": "lower edge at the end [km]",
        "end_top_km": "upper edge at the end [km]",
        "diffuse_cm3": "density of the part that is not in stripes [cm-3]",
        "descending": "the cloud sinks",
        "merges_utc": "time at which its lower edge reaches the main layer, empty if never",
        "stripes": "number of its stripes [1]",
    },
    "connections": {
        "night": "UT date of the evening",
        "kind": "direct or descending",
        "start_utc": "start",
        "end_utc": "end",
    },
    "es": {
        "night": "UT date of the evening",
        "start_utc": "start",
        "end_utc": "end",
        "foEs_MHz": "critical frequency [MHz]",
        "fbEs_MHz": "blanketing frequency [MHz]",
        "height_km": "height [km]",
        "blanketing": "hides the F region up to fbEs",
        "upper": "upper one of two layers",
        "response": "caused by a connection",
    },
    "enhancements": {
        "night": "UT date of the evening",
        "onset_utc": "onset",
        "peak_utc": "time of the largest excess",
        "end_utc": "end",
        "axis_longitude": "longitude of its axis [degrees_east]",
        "latitude_south": "southern end [degrees_north]",
        "latitude_north": "northern end [degrees_north]",
        "width_km": "full width at half maximum across the axis [km]",
        "peak_tecu": "largest excess [TECU]",
    },
    "columns": {
        "night": "UT date of the evening",
        "column_density_cm2": "mean over the operation of the integral over 83-120 km [cm-2]",
        "centroid_km": "centroid height of the mean profile, 83-120 km [km]",
        "rms_width_km": "rms width of the mean profile about it [km]",
        "main_layer_density_cm3": "mean density 83-120 km [cm-3]",
    },
    "winds": {
        "night": "UT date of the evening",
        "time_utc": "time",
        "altitude_km": "nominal altitude of the emission [km]",
        "eastward_wind": "[m/s]",
        "northward_wind": "[m/s]",
        "upward_wind": "[m/s]",
    },
}


def write(settings: TwinSettings, nights: Sequence[NightTruth], truth_dir: str | Path) -> None:
    """Write the truth: one CSV a table of `TABLES`, and their columns' meaning as `schema.json`.

    A table without rows keeps its header.
    """
    for name, rows in tables(settings, nights).items():
        write_csv(Path(truth_dir) / f"{name}.csv", pd.DataFrame(rows, columns=list(TABLES[name])))
    write_json(Path(truth_dir) / "schema.json", TABLES)


def tables(settings: TwinSettings, nights: Sequence[NightTruth]) -> dict[str, list[Row]]:
    """Rows of every table."""
    makers: dict[str, Callable[[NightTruth], Iterable[Row]]] = {
        "clouds": _clouds,
        "connections": _connections,
        "es": _es,
        "enhancements": _enhancements,
        "columns": columns_of,
        "winds": _winds,
    }
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for truth in nights:
        state = conditions(truth, settings, generator(settings.seed, "lidar", truth.night))
        stripes = [_stripe(truth, number, state, settings) for number in range(len(truth.stripes))]
        rows["nights"].append(_night(truth, state, stripes))
        rows["stripes"] += stripes
        for name, make in makers.items():
            rows[name] += [{"night": truth.night, **row} for row in make(truth)]
    return rows


def _night(truth: NightTruth, state: Conditions, stripes: list[Row]) -> Row:
    first = min(truth.connections, key=lambda one: one.start, default=None)
    free = [s.bottom_km for s in truth.stripes if s.bottom_km > SNR_ABOVE_KM]
    middles = [_middle(stripe) for stripe in truth.stripes]
    return {
        "night": truth.night,
        "listed_as": truth.listed_as,
        "panel": truth.panel,
        "start_utc": truth.start,
        "end_utc": truth.end,
        "profiles": state.axes.start_s.size,
        "above_150": truth.above_150,
        "clear_200_300": truth.clear_200_300,
        "cloud_start_utc": min(middles, default=np.datetime64("NaT", "s")),
        "cloud_end_utc": max(middles, default=np.datetime64("NaT", "s")),
        "cloud_bottom_km": min(free, default=np.nan),
        "cloud_top_km": max((stripe.top_km for stripe in truth.stripes), default=np.nan),
        "connection_utc": first.start if first else np.datetime64("NaT", "s"),
        "connection_kind": first.kind if first else None,
        "stripes": len(stripes),
        "best_snr": max((row["matched_snr"] for row in stripes), default=np.nan),
        "spread_f": truth.spread_f,
        "transmission": truth.transmission,
        "background_median_counts": float(np.median(state.background)) if state.background.size else np.nan,
    }


def _middle(stripe: TrueStripe) -> np.datetime64:
    return stripe.time_at(np.array([0.5 * (stripe.bottom_km + stripe.top_km)]))[0].astype("datetime64[s]")


def _stripe(truth: NightTruth, number: int, state: Conditions, settings: TwinSettings) -> Row:
    stripe = truth.stripes[number]
    eastward, northward, _ = wind(truth, np.array([stripe.time_bottom]), 250.0)
    ends = sorted(state.axes.seconds(time) for time in (stripe.time_bottom, stripe.time_top))
    rows = state.axes.profiles(ends[0] - 3 * stripe.width_s, ends[1] + 3 * stripe.width_s)
    return {
        "night": truth.night,
        "id": number + 1,
        "time_bottom": stripe.time_bottom,
        "time_top": stripe.time_top.astype("datetime64[s]"),
        "bottom_km": stripe.bottom_km,
        "top_km": stripe.top_km,
        "slowness_s_per_km": stripe.slowness_s_per_km,
        "curvature_s_per_km2": stripe.curvature_s_per_km2,
        "width_s": stripe.width_s,
        "peak_density_cm3": stripe.peak_density_cm3,
        "group": stripe.group,
        "beta_deg": stripe.beta_deg,
        "drift_angle_deg": stripe.drift_angle_deg,
        "wind_m_s": float(np.hypot(eastward, northward)[0]),
        "marked": stripe.marked,
        "matched_snr": matched_snr(stripe, state, settings, SNR_ABOVE_KM),
        "profiles": max(rows.stop - rows.start, 0),
    }


def _clouds(truth: NightTruth) -> list[Row]:
    return [
        {
            "group": cloud.group,
            "start_utc": cloud.start,
            "end_utc": cloud.end,
            "start_bottom_km": cloud.start_bottom_km,
            "start_top_km": cloud.start_top_km,
            "end_bottom_km": cloud.end_bottom_km,
            "end_top_km": cloud.end_top_km,
            "diffuse_cm3": cloud.density_cm3,
            "descending": cloud.descending,
            "merges_utc": np.datetime64("NaT", "s") if cloud.merges_at is None else cloud.merges_at,
            "stripes": sum(stripe.group == cloud.group for stripe in truth.stripes),
        }
        for cloud in truth.clouds
    ]


def _connections(truth: NightTruth) -> list[Row]:
    return [{"kind": one.kind, "start_utc": one.start, "end_utc": one.end} for one in truth.connections]


def _es(truth: NightTruth) -> list[Row]:
    names = ("foEs_MHz", "fbEs_MHz", "height_km", "blanketing", "upper", "response")
    return [
        {"start_utc": one.start, "end_utc": one.end, **{name: getattr(one, name) for name in names}}
        for one in truth.es
    ]


def _enhancements(truth: NightTruth) -> list[Row]:
    one = truth.enhancement
    if one is None:
        return []
    return [
        {
            "onset_utc": one.onset,
            "peak_utc": one.peak,
            "end_utc": one.end,
            "axis_longitude": one.longitude,
            "latitude_south": one.latitude_south,
            "latitude_north": one.latitude_north,
            "width_km": one.width_km,
            "peak_tecu": one.peak_tecu,
        }
    ]


def columns_of(truth: NightTruth) -> list[Row]:
    """Row of a night in the table `columns`, from the density without noise every two minutes."""
    whole = (truth.end - truth.start).astype("timedelta64[s]").astype(float)
    altitude = np.arange(COLUMN_KM[0] + COLUMN_BIN_KM / 2, COLUMN_KM[1], COLUMN_BIN_KM)
    axes = Axes(truth.start, np.arange(0.0, whole, COLUMN_STEP_S), COLUMN_STEP_S, altitude)
    profile = density(truth, axes).mean(axis=0, dtype=np.float64)
    centroid = float((altitude * profile).sum() / profile.sum())
    width = float(np.sqrt(((altitude - centroid) ** 2 * profile).sum() / profile.sum()))
    return [
        {
            "column_density_cm2": float(profile.sum() * COLUMN_BIN_KM * 1e5),
            "centroid_km": centroid,
            "rms_width_km": width,
            "main_layer_density_cm3": float(profile.mean()),
        }
    ]


def _winds(truth: NightTruth) -> list[Row]:
    hours = np.arange(WINDOW_HOURS[0], WINDOW_HOURS[1] + 0.5)
    times = np.array([moment(truth.night, hour) for hour in hours])
    rows = []
    for one in truth.winds:
        components = wind(truth, times, one.altitude_km)
        for time, u, v, w in zip(times, *components, strict=True):
            place = {"time_utc": time, "altitude_km": one.altitude_km}
            rows.append({**place, "eastward_wind": u, "northward_wind": v, "upward_wind": w})
    return rows
