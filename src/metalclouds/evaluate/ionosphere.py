"""Scores of what surrounds the metal: TEC enhancement, and wind of the thermosphere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from metalclouds import batches, io
from metalclouds.evaluate.scores import groups, spread
from metalclouds.evaluate.tables import NOT_THERE, Section, Tables, missing
from metalclouds.schema.table import is_true

THERMOSPHERE_NM = 630.0
THERMOSPHERE_KM = 250.0
ENHANCEMENT_TIMES = ("onset_utc", "peak_utc", "end_utc")
ENHANCEMENT_ERRORS = ("onset_error_minutes", "end_error_minutes")
ENHANCEMENT_NUMBERS = ("axis_longitude", "latitude_south", "latitude_north", "width_km", "peak_tecu")


def enhancement(tables: Tables) -> Section:
    """TEC enhancement by each method: minutes, degrees, km and TECU off, stated errors; satellites left out aside."""
    found = tables.product("derive/tec_enhancement")
    if found is None:
        return missing("derive/tec_enhancement")
    truth = tables.truth("enhancements")
    found = found[found["left_out"].isna() & is_true(found["found"])] if len(found) else found
    return {method: _enhancement_errors(truth, part) for method, part in groups(found, "method").items()}


def _enhancement_errors(truth: pd.DataFrame, found: pd.DataFrame) -> Section:
    both = truth.merge(found, on="night", suffixes=("_true", ""))
    rows = {}
    for _, row in both.iterrows():
        late = {name: (row[name] - row[f"{name}_true"]).total_seconds() / 60 for name in ENHANCEMENT_TIMES}
        off = {name: row[name] - row[f"{name}_true"] for name in ENHANCEMENT_NUMBERS}
        stated = {name: row[name] for name in ENHANCEMENT_ERRORS if name in row}
        late = {f"{name.removesuffix('_utc')}_minutes": value for name, value in late.items()}
        rows[row["night"]] = late | stated | off
    false = sorted(set(found["night"]) - set(truth["night"]))
    return {"found": len(both), "false_nights": false, "errors": rows}


def wind(tables: Tables) -> Section:
    """Wind at 250 km of the ingested nights against the truth, m/s and in stated errors."""
    folder = tables.run_dir / "ingest" / "fpi"
    truth = tables.truth("winds")
    truth = truth[truth["altitude_km"] == THERMOSPHERE_KM]
    found = (batches.file_of_night(folder, night) for night in sorted(set(truth["night"])))
    paths = [path for path in found if path is not None]
    if not paths:
        return {"status": NOT_THERE, "missing": "ingest/fpi"}
    parts = [_wind_errors(path, truth[truth["night"] == path.stem]) for path in paths]
    table = pd.concat(parts, ignore_index=True)
    section: Section = {"nights": len(paths)}
    for name in ("eastward", "northward"):
        inside = (table[name].abs() <= table[f"{name}_sigma"])[table[name].notna()]
        section[f"{name}_m_s"] = {**spread(table[name]), "within_stated_68_percent": inside.mean()}
    return section


def _wind_errors(path: Path, truth: pd.DataFrame) -> pd.DataFrame:
    data = io.read_netcdf(path)
    data = data.isel(emission=int(np.abs(data["emission_wavelength"].values - THERMOSPHERE_NM).argmin()))
    times = data["time"].values.astype("datetime64[s]").astype(float)
    known = truth["time_utc"].to_numpy().astype("datetime64[s]").astype(float)
    out = {}
    for name in ("eastward", "northward"):
        expected = np.interp(times, known, truth[f"{name}_wind"], left=np.nan, right=np.nan)
        out[name] = data[f"{name}_wind"].values - expected
        out[f"{name}_sigma"] = data[f"{name}_wind_error"].values
    return pd.DataFrame(out)
