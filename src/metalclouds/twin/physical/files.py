"""The record and the truth of a physical campaign."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds import parallel
from metalclouds.io import write_csv, write_json
from metalclouds.twin import fpi, record
from metalclouds.twin.lidar import LidarNight
from metalclouds.twin.lidar_formats import density_cm3, netcdf_bytes
from metalclouds.twin.physical import truth
from metalclouds.twin.physical.night import PhysicalNight, simulate
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import hour_of

Row = dict[str, Any]
Member = tuple[str, bytes]

ABSENT = {"tec": "TEC", "ionosonde": "Soundings"}
NEGATIVES = ("kept", "kept", "lost_nan", "lost_zero")
"""What a publisher does to negative densities; drawn for each night."""

FAMILIES = ("build", "judge")
"""Even seeds are for building a detector, odd ones for judging it."""

# Table -> column -> what it is (unit in brackets). Times are UTC, or s since 10:00 UT where they say so.
TABLES: dict[str, dict[str, str]] = {
    "nights": {
        "night": "UT date of the evening",
        "explanation": "what the clouds of the night are made of",
        "family": "build (even seeds) or judge (odd seeds)",
        "form": "counts or density",
        "start_utc": "start of operation in darkness",
        "end_utc": "end of operation",
        "profiles": "profiles recorded [1]",
        "ridges": "separate ridges with a signal-to-noise ratio of 5 or more [1]",
        "clouds": "clouds [1]",
        "above_150": "a cloud reaches above 150 km",
        "background_window_km": "altitudes that the stated background was taken at",
        "negatives": "kept, lost_nan or lost_zero",
        "transmission": "two-way transmission of the clear parts [1]",
        "drift_eastward_m_s": "drift of Ca+ at 250 km in the middle of the night [m/s]",
        "drift_northward_m_s": "same, northward [m/s]",
        "drift_upward_m_s": "same, upward [m/s]",
    },
    "ridges": {
        "night": "UT date of the evening",
        "id": "number within the night, by time",
        "what": "trail, sheet, front or patch",
        "snr": "signal over background and signal: sqrt(sum S^2 / (S + B)) from bottom to top [1]",
        "p": "slowness dt/dz of the crest at z_mid [s/km]",
        "crlb": "least standard deviation of p that the counts allow [s/km]",
        "width": "full width at half maximum in time, before averaging over profiles [s]",
        "isolation": "distance in time to the nearest other source, in widths [1]",
        "bottom": "lower end [km]",
        "top": "upper end [km]",
        "z_mid": "mean altitude, weighted by squared signal-to-noise ratio [km]",
        "t_mid": "time of the crest at z_mid [s since 10:00 UT]",
        "peak": "largest true density, before averaging over profiles [cm-3]",
        "bend": "t = t_mid + p (z - z_mid) + bend (z - z_mid)^2 [s/km2]",
        "age": "time since the source was born [s]",
        "zenith": "zenith angle of a trail, empty for other sources [degree]",
        "azimuth": "azimuth of its upper end, from north over east [degree]",
    },
    "crests": {
        "night": "UT date of the evening",
        "id": "number of the ridge",
        "altitude_km": "altitude [km]",
        "time_s": "time of the largest density of the source [s since 10:00 UT]",
        "width_s": "full width at half maximum in time there, before averaging over profiles [s]",
        "density_cm3": "true density of the source there [cm-3]",
    },
    "clouds": {
        "night": "UT date of the evening",
        "id": "number within the night, by time",
        "start_utc": "start",
        "end_utc": "end",
        "bottom_km": "lowest edge [km]",
        "top_km": "highest edge [km]",
        "peak_cm3": "largest mean density of a block of 5 min x 2 km [cm-3]",
        "reaches_layer": "goes down to 120 km at some time",
    },
    "cloud_edges": {
        "night": "UT date of the evening",
        "id": "number of the cloud",
        "time_s": "middle of a block of 5 min [s since 10:00 UT]",
        "lower_km": "lower edge [km]",
        "reaches_layer": "goes down to 120 km",
    },
}

CREST_COLUMNS = ("altitude_km", "time_s", "width_s", "density_cm3")


def lidar_night(night: PhysicalNight) -> LidarNight:
    """The record of a night in the form that the twin's writers take."""
    recorded = night.recorded
    axes = replace(night.axes, altitude_km=recorded.altitude_km)
    return LidarNight(night.sky, axes, recorded.counts, recorded.background_counts, recorded.calibration)


def negatives(settings: TwinSettings, night: str) -> str:
    """What becomes of negative densities on a night."""
    return NEGATIVES[generator(settings.seed, "physical negatives", night).integers(len(NEGATIVES))]


def density_bytes(night: LidarNight, rule: str) -> bytes:
    """A night of density as MAT version 5, in the names of the twin's own; `rule`: what becomes of negative ones."""
    density = np.round(density_cm3(night), 2)
    if rule != "kept":
        density[density < 0] = np.nan if rule == "lost_nan" else 0.0
    hours = hour_of(night.truth.night, night.time)
    return record.mat_bytes({"Ca_density": density.T.copy(), "height": night.axes.altitude_km, "UT": hours})


def member(night: PhysicalNight, form: str, settings: TwinSettings) -> Member:
    """Name and content of the file of a night."""
    compact = night.sky.night.replace("-", "")
    seen = lidar_night(night)
    if form == "counts":
        return f"Ca_ion_{compact}.nc", netcdf_bytes(seen, settings.lidar)
    return f"Ca_ion_{compact}.mat", density_bytes(seen, negatives(settings, night.sky.night))


def truth_rows(night: PhysicalNight, form: str, settings: TwinSettings) -> dict[str, list[Row]]:
    """Rows of every table for one night."""
    ridges, clouds = truth.ridges(night, settings), truth.clouds(night)
    label = {"night": night.sky.night}
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    rows["nights"].append(label | _night_row(night, form, settings, len(ridges), clouds))
    for number, ridge in enumerate(ridges, start=1):
        name = label | {"id": number}
        rows["ridges"].append(name | {key: getattr(ridge, key) for key in TABLES["ridges"] if key not in name})
        points = zip(*(getattr(ridge, key) for key in CREST_COLUMNS), strict=True)
        rows["crests"] += [name | dict(zip(CREST_COLUMNS, point, strict=True)) for point in points]
    for number, cloud in enumerate(clouds, start=1):
        name = label | {"id": number}
        rows["clouds"].append(name | _cloud_row(night, cloud))
        edges = zip(cloud.time_s, cloud.lower_km, cloud.reaches_layer, strict=True)
        rows["cloud_edges"] += [name | {"time_s": t, "lower_km": z, "reaches_layer": r} for t, z, r in edges]
    return rows


def _night_row(
    night: PhysicalNight, form: str, settings: TwinSettings, ridges: int, clouds: Sequence[truth.CloudTruth]
) -> Row:
    scene = night.scene
    drift = 1e3 * scene.drift.at(0.5 * (scene.start_s + scene.end_s), 250.0)
    low, high = night.recorded.window_km
    return {
        "explanation": night.explanation,
        "family": FAMILIES[settings.seed % 2],
        "form": form,
        "start_utc": night.sky.start,
        "end_utc": night.sky.end,
        "profiles": night.axes.start_s.size,
        "ridges": ridges,
        "clouds": len(clouds),
        "above_150": any(cloud.top > 150 for cloud in clouds),
        "background_window_km": f"{low:g}-{high:g}",
        "negatives": negatives(settings, night.sky.night) if form == "density" else "kept",
        "transmission": night.sky.transmission,
        "drift_eastward_m_s": drift[0],
        "drift_northward_m_s": drift[1],
        "drift_upward_m_s": drift[2],
    }


def _cloud_row(night: PhysicalNight, cloud: truth.CloudTruth) -> Row:
    return {
        "start_utc": night.scene.time(cloud.start_s),
        "end_utc": night.scene.time(cloud.end_s),
        "bottom_km": cloud.bottom,
        "top_km": cloud.top,
        "peak_cm3": cloud.peak,
        "reaches_layer": bool(cloud.reaches_layer.any()),
    }


def write_archive(
    explanation: str, form: str, settings: TwinSettings, folder: str, packed: tuple[str, list[str]]
) -> tuple[str, list[Any], list[dict[str, list[Row]]]]:
    """Simulate and write the nights of one archive; its name, their skies and the rows of their truth."""
    key, dates = packed
    skies: list[Any] = []
    rows: list[dict[str, list[Row]]] = []

    def content() -> Iterator[Member]:
        for date in dates:
            night = simulate(explanation, date, settings, form)
            skies.append(night.sky)
            rows.append(truth_rows(night, form, settings))
            yield member(night, form, settings)

    record.write_zip(Path(folder) / key, content())
    print(f"{key}: {len(dates)} nights")
    return key, skies, rows


def write(
    explanation: str,
    form: str,
    settings: TwinSettings,
    dates: Sequence[str],
    folders: tuple[Path, Path],
    dask_client: Any = None,
) -> None:
    """Write a campaign of one explanation: record (lidar and winds) and truth.

    Parameters
    ----------
    dates
        UT dates of the nights.
    folders
        of the record and of the truth.
    dask_client
        client of `parallel.client`, or None; the bytes do not depend on it.
    """
    out, truth_dir = folders
    packed: dict[str, list[str]] = {}
    for date in sorted(set(dates)):
        packed.setdefault(f"Ca_ion_lidar_{form}_{date[:7].replace('-', '')}.zip", []).append(date)
    task = functools.partial(write_archive, explanation, form, settings, str(out))
    done = parallel.map_nights(task, list(packed.items()), dask_client)
    title = f"Simulated Ca+ lidar at Yanqing, {form}; clouds of {explanation} (synthetic)"
    record.write_manifest(out, "lidar", title, [key for key, _, _ in done])
    fpi.write(settings, [sky for _, skies, _ in done for sky in skies], out)
    for name, what in ABSENT.items():
        record.write_manifest(out, name, f"{what}: not simulated in this campaign (synthetic)", [])
    write_truth([rows for _, _, nights in done for rows in nights], truth_dir)


def write_truth(nights: Sequence[dict[str, list[Row]]], truth_dir: Path) -> None:
    """Write one CSV a table, and the meaning of their columns as `schema.json`; an empty table keeps its header."""
    for name, columns in TABLES.items():
        rows = [row for night in nights for row in night[name]]
        write_csv(Path(truth_dir) / f"{name}.csv", pd.DataFrame(rows, columns=list(columns)))
    write_json(Path(truth_dir) / "schema.json", TABLES)
