"""One day of an ionosonde: characteristics of all tables, and ionograms."""

from __future__ import annotations

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import LARGEST_LOSS, Decisions
from metalclouds.ingest.readers.ionosonde_table import ES_LEFT_TO_OTHERS
from metalclouds.ingest.settings import IonosondeSettings
from metalclouds.schema.variables import ES_FLAGS, VARIABLES, YES_NO_FLAGS

NAMES = ("foEs", "hEs", "fbEs", "foF2", "hF2")
IMAGES = ("echo_amplitude", "echo_amplitude_x")


def day(parts: list[xr.Dataset], settings: IonosondeSettings, decisions: Decisions) -> xr.Dataset:
    """One day of ingest/ionosonde.

    A sounding that two tables hold is taken from the first. An Es that is not there while the sounding has another
    characteristic is absent: below the sounder's limit, not missing.

    Parameters
    ----------
    parts
        what the readers gave: tables (dim time) or ionograms (dim ionogram_time); MHz, km, UTC.

    Returns
    -------
    Dataset
        dims (time) and, with ionograms, (ionogram_time, frequency, virtual_height).

    Raises
    ------
    ReadError
        If there is no sounding at all.
    """
    tables = [part for part in parts if "time" in part.dims]
    images = [part for part in parts if "ionogram_time" in part.dims]
    if not tables and not images:
        raise ReadError("no sounding in the files of the day")
    out = _characteristics(tables, settings, decisions) if tables else _nothing(images)
    if images:
        ionograms = _ionograms(images, decisions)
        out = out.merge(ionograms[[name for name in IMAGES if name in ionograms]])
    limits = [part.attrs["foEs_limit_MHz"] for part in parts if "foEs_limit_MHz" in part.attrs]
    out.attrs["foEs_limit_MHz"] = float(limits[0]) if limits else settings.foEs_limit_MHz
    if not limits:
        decisions.record("foEs_limit_MHz", settings.foEs_limit_MHz, "not stated in the files; from the settings")
    return out


def _characteristics(tables: list[xr.Dataset], settings: IonosondeSettings, decisions: Decisions) -> xr.Dataset:
    joined = (
        xr.concat(tables, "time", join="outer", coords="minimal", compat="override") if len(tables) > 1 else tables[0]
    )
    known = np.flatnonzero(~np.isnat(joined["time"].values))
    if lost := joined.sizes["time"] - known.size:
        decisions.record("soundings left out", lost, "no time")
    joined = joined.isel(time=known)
    _, first = np.unique(joined["time"].values, return_index=True)
    repeated = known.size - first.size
    if repeated > LARGEST_LOSS * known.size and len(tables) == 1:
        raise ReadError(
            "soundings of one table share their times",
            rule="no more than a tenth",
            given=f"{repeated} of {known.size}",
            remedy="the column of the hours was not found: options: {variables: {time: NAME}}",
        )
    if repeated:
        decisions.record("soundings left out", repeated, "another sounding has the same time; the first is kept")
    joined = joined.isel(time=first)
    out = xr.Dataset(coords={"time": joined["time"]})
    for name in NAMES:
        values = joined[name].values if name in joined else np.full(joined.sizes["time"], np.nan)
        out[name] = ("time", _within_range(name, values.astype(float), decisions))
    out["es_status"] = ("time", _es_status(out, joined, decisions))
    out["spread_f"] = ("time", _spread_f(joined, settings))
    return out


def _within_range(name: str, values: np.ndarray, decisions: Decisions) -> np.ndarray:
    """Values outside the valid range of the table of variables are no measurements; they are counted and left out."""
    low, high = VARIABLES[name].valid_range or (-np.inf, np.inf)
    wrong = ~np.isnan(values) & ((values < low) | (values > high))
    if wrong.any():
        decisions.record(
            f"{name} left out", int(wrong.sum()), f"outside {low:g} to {high:g}, e.g. {values[wrong][0]:g}"
        )
    return np.where(wrong, np.nan, values)


def _es_status(out: xr.Dataset, joined: xr.Dataset, decisions: Decisions) -> np.ndarray:
    """Absent where the scaler says so, or left Es without a value in a sounding that has another characteristic."""
    present = np.isfinite(out["foEs"].values)
    sounded = np.zeros(present.shape, bool)
    for name in ("foF2", "hF2", "fbEs", "hEs"):
        sounded |= np.isfinite(out[name].values)
    said = joined["es_said"].values if "es_said" in joined else np.full(present.shape, ES_LEFT_TO_OTHERS)
    left = ~present & ~np.isin(said, list(ES_FLAGS.values()))
    if left.any():
        decisions.record(
            "Es absent",
            f"{int((left & sounded).sum())} soundings without foEs that have another characteristic",
            f"the format's word for no value; {int((left & ~sounded).sum())} without any are not observed",
        )
    status = np.where(left & sounded, ES_FLAGS["absent"], ES_FLAGS["not_observed"])
    status = np.where(~left & (said == ES_FLAGS["absent"]), ES_FLAGS["absent"], status)
    return np.where(present, ES_FLAGS["present"], status).astype("int8")


def _spread_f(joined: xr.Dataset, settings: IonosondeSettings) -> np.ndarray:
    """By the average spread of the F trace in range (QF) and frequency (FF) of SAO; not observed without either."""
    limits = {"range_spread": settings.spread_f_least_km, "frequency_spread": settings.spread_f_least_MHz}
    out = np.full(joined.sizes["time"], YES_NO_FLAGS["not_observed"], "int8")
    found = [(joined[name].values, least) for name, least in limits.items() if name in joined]
    for values, _ in found:
        out[np.isfinite(values)] = YES_NO_FLAGS["no"]
    for values, least in found:
        out[np.nan_to_num(values, nan=-1.0) >= least] = YES_NO_FLAGS["yes"]
    return out


def _nothing(images: list[xr.Dataset]) -> xr.Dataset:
    """Characteristics of soundings that nobody has scaled: missing at the times of the ionograms."""
    times = np.unique(np.concatenate([image["ionogram_time"].values for image in images])).astype("datetime64[ns]")
    out = xr.Dataset(coords={"time": times})
    for name in NAMES:
        out[name] = ("time", np.full(times.size, np.nan))
    out["es_status"] = ("time", np.full(times.size, ES_FLAGS["not_observed"], "int8"))
    out["spread_f"] = ("time", np.full(times.size, YES_NO_FLAGS["not_observed"], "int8"))
    return out


def _ionograms(images: list[xr.Dataset], decisions: Decisions) -> xr.Dataset:
    first = images[0]
    same = [
        image for image in images if all(image[axis].equals(first[axis]) for axis in ("frequency", "virtual_height"))
    ]
    if len(same) < len(images):
        decisions.record("ionograms left out", len(images) - len(same), "other frequencies or heights than the first")
    joined = xr.concat(same, "ionogram_time") if len(same) > 1 else first
    _, order = np.unique(joined["ionogram_time"].values, return_index=True)
    return joined.isel(ionogram_time=order)
