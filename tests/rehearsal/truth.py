"""What a run made of a record, held against what its author says is in it (records/README.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io

# Outcome of one thing that the record holds.
RIGHT, WRONG, NOT_READ = "right", "wrong", "not read"
# Times of the author's samples are those of the file; readers may move them to the middle of an accumulation.
TIME_TOLERANCE_S = 60.0


def compare(truth: dict[str, Any], run_dir: Path) -> pd.DataFrame:
    """One row for each night and instrument of the record: instrument, night, outcome, why."""
    rows = [
        *_nights(truth["lidar"], run_dir / "ingest/lidar", lidar_faults),
        *_nights(truth["tec"], run_dir / "ingest/tec", tec_faults),
        *_nights(truth["wind"], run_dir / "ingest/fpi", wind_faults),
        *_nights(truth["foes"], run_dir / "ingest/ionosonde", es_faults),
        *_invented(truth, run_dir),
    ]
    return pd.DataFrame(rows, columns=["instrument", "night", "outcome", "why"])


def _nights(entries: list[dict], folder: Path, faults: Any) -> Iterator[tuple[str, str, str, str]]:
    for entry in entries:
        if entry.get("species", "Ca+") != "Ca+":
            continue
        found = next(iter(sorted(folder.glob(f"*/{entry['night']}.nc"))), None)
        if found is None:
            yield folder.name, entry["night"], NOT_READ, ""
            continue
        wrong = faults(entry, io.read_netcdf(found))
        yield folder.name, entry["night"], WRONG if wrong else RIGHT, "; ".join(wrong[:3])


def _invented(truth: dict[str, Any], run_dir: Path) -> Iterator[tuple[str, str, str, str]]:
    """Nights that were written although the record has none of that date."""
    for key, name in (("lidar", "lidar"), ("tec", "tec"), ("wind", "fpi"), ("foes", "ionosonde")):
        known = {entry["night"] for entry in truth[key]}
        for path in sorted((run_dir / "ingest" / name).glob("*/*.nc")):
            if path.stem not in known:
                yield name, path.stem, WRONG, "the record holds no such night"


def _time(text: str) -> np.datetime64:
    return np.datetime64(text.rstrip("Z"), "ns")


def _nearest(values: np.ndarray, wanted: Any) -> int:
    return int(np.argmin(np.abs(values - wanted)))


def lidar_faults(entry: dict, night: xr.Dataset) -> list[str]:
    """What differs in a night of lidar: species, span, number of profiles, sample values, main layer."""
    out = []
    if night.attrs["species"] != entry["species"]:
        out.append(f"species {night.attrs['species']}")
    for name, value in (("ut_start", night["time"].values[0]), ("ut_end", night["time"].values[-1])):
        late = abs(value - _time(entry[name])) / np.timedelta64(1, "s")
        if late > TIME_TOLERANCE_S:
            out.append(f"{name} off by {late:.0f} s")
    if abs(night.sizes["time"] - entry["n_profiles"]) > 0.02 * entry["n_profiles"]:
        out.append(f"{night.sizes['time']} profiles, not {entry['n_profiles']}")
    density = io.number_density(night)[0].transpose("time", "altitude").values
    for sample in entry["samples"]:
        row = _nearest(night["time"].values, _time(sample["ut"]))
        column = _nearest(night["altitude"].values, sample["alt_km"])
        # Readers may put a time at the middle of the accumulation: the neighbours count as well.
        near = density[max(row - 1, 0) : row + 2, column]
        out += _sample_faults(sample, near)
    return out


def _sample_faults(sample: dict, near: np.ndarray) -> list[str]:
    true = sample["density_cm3"]
    if true is None:
        lost = ~np.isfinite(near) | (near == 0)
        return [] if lost.any() else [f"{near} where the file has none ({sample['ut']}, {sample['alt_km']} km)"]
    if np.isclose(near, true, rtol=2e-3, atol=2e-3).any():
        return []
    return [f"{near} for {true:.5g} ({sample['ut']}, {sample['alt_km']} km)"]


def tec_faults(entry: dict, night: xr.Dataset) -> list[str]:
    """What differs in the maps of a night: number and sample values."""
    out = []
    if "n_maps" in entry and night.sizes["time"] < 0.9 * entry["n_maps"]:
        out.append(f"{night.sizes['time']} maps of {entry['n_maps']}")
    out += [fault for ray in entry.get("samples_rays", []) for fault in ray_faults(ray, night)]
    for sample in entry.get("samples", []):
        true = sample["vtec_tecu"]
        longitude = (night["longitude"].values + 180) % 360 - 180
        value = float(
            night["vertical_tec"].values[
                _nearest(night["time"].values, _time(sample["ut"])),
                _nearest(night["latitude"].values, sample["lat"]),
                _nearest(longitude, (sample["lon"] + 180) % 360 - 180),
            ]
        )
        missing = true is None
        if missing != bool(np.isnan(value)) or not (missing or np.isclose(value, true, rtol=2e-2, atol=0.11)):
            out.append(f"{value:.4g} for {true} TECU ({sample['ut']}, {sample['lat']} N {sample['lon']} E)")
    return out


# Degrees; rays lower down are left out by the rule of the settings.
LOWEST_USED = 30.0


def ray_faults(ray: dict, night: xr.Dataset) -> list[str]:
    """What differs in one line of sight: whether it is used, and its vertical TEC."""
    near = np.abs(night["observation_time"].values - _time(ray["ut"])) < np.timedelta64(1, "s")
    near &= night["satellite"].values.astype(str) == f"G{ray['prn']:02d}"
    near &= np.abs(night["pierce_latitude"].values - ray["ipp_lat"]) < 0.3
    near &= np.abs(night["pierce_longitude"].values - ray["ipp_lon"]) < 0.3
    used = ray["vtec_tecu"] is not None and ray["elevation_deg"] >= LOWEST_USED
    if bool(near.any()) != used:
        return [f"G{ray['prn']:02d} at {ray['ut']}, {ray['elevation_deg']} deg: {'not ' if used else ''}used"]
    found = night["observation_vertical_tec"].values[near]
    if used and not np.isclose(found, ray["vtec_tecu"], rtol=2e-2, atol=0.11).any():
        return [f"{found} for {ray['vtec_tecu']} TECU (G{ray['prn']:02d} at {ray['ut']})"]
    return []


def wind_faults(entry: dict, night: xr.Dataset) -> list[str]:
    """What differs in the wind of the 630.0 nm emission."""
    emission = _nearest(night["emission_wavelength"].values, entry.get("emission_nm", 630.0))
    one, out = night.isel(emission=emission), []
    for row in entry["rows"]:
        late = np.abs(night["time"].values - _time(row["ut"])) / np.timedelta64(1, "s")
        index = int(np.argmin(late)) if late.size else -1
        at_hand = index >= 0 and late[index] <= 1801.0
        for name, key in (("eastward_wind", "east_m_s"), ("northward_wind", "north_m_s")):
            true = row[key]
            value = float(one[name].values[index]) if at_hand else np.nan
            wanted = true is not None and row.get("quality", 0) == 0 and row.get("good", True)
            if wanted and not np.isclose(value, true, atol=0.06):
                out.append(f"{name} {value:.4g} for {true} ({row['ut']})")
            if true is None and late[index] < 1.0 and np.isfinite(value):
                out.append(f"{name} {value:.4g} where the file has none ({row['ut']})")
    return out


def es_faults(entry: dict, night: xr.Dataset) -> list[str]:
    """What differs in the soundings: foEs, and whether there is Es."""
    out = []
    times = night["time"].values
    for row in entry["rows"]:
        index = _nearest(times, _time(row["ut"]))
        if abs(times[index] - _time(row["ut"])) > np.timedelta64(60, "s"):
            out.append(f"no sounding at {row['ut']}")
            continue
        value, status = float(night["foEs"].values[index]), int(night["es_status"].values[index])
        present = row.get("es_present")
        wanted = {True: 1, False: 0, None: 2}[present]
        if status != wanted:
            out.append(f"Es {status} for {present} ({row['ut']})")
        if present and row["foEs_MHz"] is not None and not np.isclose(value, row["foEs_MHz"], atol=0.051):
            out.append(f"foEs {value:.3g} for {row['foEs_MHz']} ({row['ut']})")
    return out


def counted(table: pd.DataFrame) -> str:
    """The outcomes in a line an instrument."""
    lines = []
    for instrument, part in table.groupby("instrument", sort=True):
        number = Counter(part["outcome"])
        lines.append(f"  {instrument}: " + ", ".join(f"{number[name]} {name}" for name in (RIGHT, WRONG, NOT_READ)))
    return "\n".join(lines)
