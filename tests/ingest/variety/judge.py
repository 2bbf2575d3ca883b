"""What a reader made of a file, beside what was written into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
import yaml

from metalclouds import io
from metalclouds.errors import MetalcloudsError
from metalclouds.ingest.faults import ProgramFault
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any
from tests.ingest.variety.truth import Matrix, Series

# Decimal hours of six digits, datenum and Excel's days are good to some milliseconds, MJD and JD to 50 ms.
TIME_TOLERANCE = np.timedelta64(500, "ms")
RELATIVE = 2e-4
ABSENT, NOT_OBSERVED = 0, 2
# The ionosonde's own words for "scaled, and there is none" (ARTIST, SAO); any other is no statement.
WORDS_OF_THE_SCALER = {"G", "9999", "---"}


@dataclass(frozen=True)
class Outcome:
    """`right`, `stop`, `pasted` (a stop, and one of its lines read it right), `wrong` or `fault`."""

    kind: str
    why: str = ""


def outcome(path: Path, truth: Series | Matrix, missing: str, catalogue: tuple[str, ...] | None = None) -> Outcome:
    """Read a file and judge the result."""
    settings = IngestSettings() if catalogue is None else IngestSettings(catalogue=catalogue)
    try:
        nights = read_any(path, settings)
    except ProgramFault as error:
        return Outcome("fault", str(error))
    except MetalcloudsError as error:
        return Outcome("stop", str(error))
    except Exception as error:
        return Outcome("fault", repr(error))
    wrong = compare(nights, truth, missing)
    return Outcome("wrong", wrong) if wrong else Outcome("right")


def tried(path: Path, truth: Series | Matrix, missing: str) -> Outcome:
    """The same, and after a stop with each of the lines that it proposes; a line may lead to the next question."""
    first = outcome(path, truth, missing)
    if first.kind != "stop":
        return first
    waiting: list[tuple[str, dict]] = [(first.why, {})]
    for _ in range(QUESTIONS):
        asked, waiting = waiting, []
        for why, options in asked:
            for line in proposed(why):
                own = path.parent / "own.yaml"
                entry = {"glob": path.name, "instrument": truth.instrument, "reader": READERS[truth.instrument]}
                entry["options"] = options | line
                own.write_text(yaml.safe_dump({"entries": [entry]}, allow_unicode=True))
                found = outcome(path, truth, missing, (str(own), *IngestSettings().catalogue))
                if found.kind == "right":
                    return Outcome("pasted", first.why)
                if found.kind == "stop":
                    waiting.append((found.why, options | line))
    return first


# At most so many questions of one file are answered one after the other.
QUESTIONS = 3
READERS = {"lidar": "lidar_arrays", "fpi": "fpi_winds", "ionosonde": "ionosonde_table", "tec": "tec_arrays"}


def proposed(message: str) -> list[dict]:
    """Options of the lines that a message proposes."""
    found = []
    for line in re.findall(r"options: (\{.*\})", message):
        try:
            options = yaml.safe_load(line)
        except yaml.YAMLError:
            continue
        found += [options] if isinstance(options, dict) else []
    return found


def compare(nights: list[xr.Dataset], truth: Series | Matrix, missing: str) -> str:
    """What differs; empty where nothing does."""
    if not nights:
        return "no night"
    if any("time" not in night.dims for night in nights):
        return "no time"
    if truth.instrument == "ionosonde":
        return _ionosonde(nights, truth, missing)
    if truth.instrument == "fpi":
        return _winds(nights, truth)
    if isinstance(truth, Matrix):
        return _lidar(nights, truth) if truth.instrument == "lidar" else _maps(nights, truth)
    return _points(nights, truth)


def _times(nights: list[xr.Dataset], wanted: np.ndarray) -> str:
    found = np.concatenate([night["time"].values for night in nights])
    if found.size != wanted.size:
        return f"{found.size} times instead of {wanted.size}, from {found[0]}; wanted {wanted[0]}"
    off = np.abs(found - wanted.astype(found.dtype))
    return f"time {found[off.argmax()]} instead of {wanted[off.argmax()]}" if off.max() > TIME_TOLERANCE else ""


def _values(name: str, found: np.ndarray, wanted: np.ndarray, least: float = 1e-3) -> str:
    if found.shape != wanted.shape:
        return f"{name}: shape {found.shape} instead of {wanted.shape}"
    if (np.isnan(found) != np.isnan(wanted)).any():
        at = np.argwhere(np.isnan(found) != np.isnan(wanted))[0]
        return f"{name}: {found[tuple(at)]} instead of {wanted[tuple(at)]}"
    bad = ~np.isclose(found, wanted, rtol=RELATIVE, atol=least, equal_nan=True)
    return f"{name}: {found[bad][0]} instead of {wanted[bad][0]}" if bad.any() else ""


def _ionosonde(nights: list[xr.Dataset], truth: Series, missing: str) -> str:
    wrong = _times(nights, truth.times)
    for name, wanted in truth.values.items():
        wrong = wrong or _values(name, np.concatenate([night[name].values for night in nights]), wanted)
    if wrong:
        return wrong
    status = np.concatenate([night["es_status"].values for night in nights])[np.isnan(truth.values["foEs"])]
    allowed = {ABSENT, NOT_OBSERVED} if missing in WORDS_OF_THE_SCALER else {NOT_OBSERVED}
    if missing == "G":
        allowed = {ABSENT}
    return (
        "" if set(status.tolist()) <= allowed else f"es_status {sorted(set(status.tolist()))} where {missing!r} stood"
    )


def _winds(nights: list[xr.Dataset], truth: Series) -> str:
    known = ~np.isnan(truth.values["eastward"])
    found = np.concatenate([night["time"].values for night in nights])
    keep = known if found.size == known.sum() else np.ones_like(known)
    wrong = _times(nights, truth.times[keep])
    for name, wanted in truth.values.items():
        if not wrong:
            columns = [night[f"{name}_wind"].values for night in nights]
            values = np.concatenate([c[:, c.shape[1] // 2] if c.shape[1] > 1 else c[:, 0] for c in columns])
            wrong = _values(name, values, wanted[keep])
    return wrong


def _lidar(nights: list[xr.Dataset], truth: Matrix) -> str:
    if len(nights) != 1:
        return f"{len(nights)} nights"
    wrong = _times(nights, truth.axes["time"])
    if wrong:
        return wrong
    altitude = nights[0]["altitude"].values
    if altitude.size != truth.axes["altitude"].size or np.abs(altitude - truth.axes["altitude"]).max() > 0.76:
        return f"altitude {altitude[:2]} of {altitude.size}"
    return _values("density", io.number_density(nights[0])[0].values, truth.values, 2e-3)


def _maps(nights: list[xr.Dataset], truth: Matrix) -> str:
    wrong = _times(nights, truth.axes["time"])
    found = xr.concat([night["vertical_tec"] for night in nights], "time")
    for axis in ("latitude", "longitude"):
        wrong = wrong or _values(axis, np.sort(found[axis].values), truth.axes[axis])
    return wrong or _values("tec", found.sortby("latitude").sortby("longitude").values, truth.values)


def _points(nights: list[xr.Dataset], truth: Series) -> str:
    wrong = _times(nights, np.unique(truth.times)) if len(nights) == 1 else ""
    known = np.flatnonzero(~np.isnan(truth.values["tec"]))
    found = xr.concat([night["vertical_tec"] for night in nights], "time")
    at = {
        "time": xr.DataArray(truth.times[known].astype("datetime64[ns]"), dims="p"),
        "latitude": xr.DataArray(truth.points["latitude"][known], dims="p"),
        "longitude": xr.DataArray(truth.points["longitude"][known], dims="p"),
    }
    if wrong:
        return wrong
    try:
        values = found.sel(at, method="nearest").values
    except (KeyError, ValueError) as error:
        return f"tec: {error}"
    if int(np.isfinite(found.values).sum()) != known.size:
        return f"{int(np.isfinite(found.values).sum())} cells instead of {known.size}"
    return _values("tec", values, truth.values["tec"][known])
