"""Put the parts of lidar profiles, whatever file they came from, into one dataset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.density import negatives
from metalclouds.ingest.evidence.species import note_species
from metalclouds.schema.datasets import LIDAR

_LARGEST_COUNT = 65535
# Name of a variable -> its dims and values.
Variables = dict[str, tuple[str | tuple[str, ...], np.ndarray]]


def integration_times(times: np.ndarray, given: np.ndarray | None, context: Context) -> np.ndarray:
    """Length of each accumulation in s: as given, else the usual step of the time axis.

    Parameters
    ----------
    times
        UTC, datetime64, increasing.
    given
        s, one or one a profile; None where the file has none.

    Returns
    -------
    ndarray
        s, float32, dims (time,).
    """
    if given is not None:
        return np.broadcast_to(np.asarray(given, float), times.shape).astype("float32")
    order = np.argsort(times, kind="stable")
    seconds = np.diff(times[order]).astype("timedelta64[ns]").astype(float) / 1e9
    seconds = seconds[seconds > 0]
    usual = float(np.median(seconds)) if seconds.size else np.nan
    local = _local_steps(times[order])
    if np.nanmean(np.abs(local - usual) > _SAME_STEP * usual) > _OTHER_STEPS:
        context.decisions.record(
            "integration time",
            f"{np.nanmin(local):.4g} to {np.nanmax(local):.4g} s",
            "steps of the time axis around each profile, for they change within the night; the file gives none",
        )
        out = np.empty(times.shape, dtype="float32")
        out[order] = local
        return out
    context.decisions.record(
        "integration time", f"{usual:.4g} s", "median step of the time axis; the file gives none"
    )
    return np.full(times.shape, usual, dtype="float32")


# Steps that differ by less than this share of the median are the same resolution.
_SAME_STEP = 0.5
# From this share of profiles of another resolution on, it changed within the night; fewer are pauses.
_OTHER_STEPS = 0.1
_NEIGHBOURS = 5


def _local_steps(times: np.ndarray) -> np.ndarray:
    """Usual step around each profile in s: the shorter of its two steps, as the median of some neighbours."""
    seconds = np.diff(times).astype("timedelta64[ns]").astype(float) / 1e9
    seconds = np.where(seconds > 0, seconds, np.nan)
    if seconds.size < _NEIGHBOURS:
        return np.full(times.shape, np.nanmedian(seconds) if np.isfinite(seconds).any() else np.nan)
    shorter = np.fmin(np.r_[np.nan, seconds], np.r_[seconds, np.nan])
    return pd.Series(shorter).rolling(_NEIGHBOURS, center=True, min_periods=1).median().to_numpy()


def middle_of(times: np.ndarray, lengths: np.ndarray, words: str, context: Context) -> np.ndarray:
    """Times moved to the middle of the accumulation, where the file or the catalogue says what they mark.

    Parameters
    ----------
    times
        UTC, datetime64, dims (time,).
    lengths
        of the accumulations, s, dims (time,).

    Returns
    -------
    ndarray
        UTC, dims (time,).
    """
    marks = context.option("time_marks", ("start", "middle", "end"))
    for word, mark in (
        ("start", "start"),
        ("begin", "start"),
        ("middle", "middle"),
        ("centre", "middle"),
        ("center", "middle"),
        ("end of", "end"),
    ):
        if marks is None and word in words:
            marks = mark
            context.decisions.record("time marks", mark, f"the file says {word!r}")
    if marks is None:
        half = float(np.nanmedian(lengths)) / 2.0 if np.isfinite(lengths).any() else float("nan")
        context.decisions.record(
            "time marks", "middle", f"not stated; if it is the start, all times are {half:.3g} s early"
        )
    shift = {"start": 0.5, "middle": 0.0, "end": -0.5, None: 0.0}[marks]
    if shift == 0.0:
        return times
    return times + np.round(shift * lengths.astype(float) * 1e3).astype("int64").astype("timedelta64[ms]")


def night_dataset(
    times: np.ndarray,
    altitude: np.ndarray,
    values: np.ndarray,
    *,
    quantity: str,
    lengths: np.ndarray,
    context: Context,
    error: np.ndarray | None = None,
    extra: dict[str, np.ndarray] | None = None,
) -> xr.Dataset:
    """The dataset of a lidar source, cut to the altitudes of the settings, in increasing time and altitude.

    Parameters
    ----------
    times
        UTC, middle of the accumulation.
    altitude
        km above sea level.
    values, error
        dims (time, altitude); counts, or density in cm-3 with NaN where missing.
    extra
        further variables, dims (time,), or (altitude,) where the contract says so.
    lengths
        of the accumulations, s, dims (time,).

    Returns
    -------
    Dataset
        dims (time, altitude).

    Raises
    ------
    ReadError
        If no profile has a time, or counts do not fit 16 bits.
    """
    order, rising = _order(times, context), np.argsort(altitude, kind="stable")
    limits = context.settings.lidar
    rising = rising[(altitude[rising] >= limits.bottom_km) & (altitude[rising] <= limits.top_km)]
    if not order.size or not rising.size:
        raise ReadError(
            "no profile within the altitudes and times that count",
            file=context.file,
            rule=f"{limits.bottom_km:g} to {limits.top_km:g} km",
            given=_range(altitude),
        )
    out = xr.Dataset(
        coords={"time": times[order].astype("datetime64[ns]"), "altitude": altitude[rising].astype(float)}
    )
    data: Variables = {"integration_time": ("time", lengths[order].astype("float32"))}
    for name, value in (extra or {}).items():
        (dim,) = LIDAR.optional[name]
        data[name] = (dim, np.asarray(value, float)[order if dim == "time" else rising])
    if quantity == "photon_counts":
        data["photon_counts"] = (("time", "altitude"), _as_counts(_cut(values, order, rising), context))
        kept = "kept"
    else:
        kept = _put_density(data, altitude[rising].astype(float), values, error, order, rising, context)
    # At once: each assignment to a dataset aligns it anew.
    out.update(data)
    note_species(context)
    out.attrs = {"negatives": kept, **context.site.attributes(), "quantity": quantity}
    return out


def joined_in_time(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """Parts with the same altitudes, one after the other; what has no time is that of the first.

    Parameters
    ----------
    parts
        dims (time, altitude), in order of time.

    Returns
    -------
    Dataset
        dims (time, altitude).
    """
    return xr.concat(
        parts, "time", data_vars="minimal", coords="minimal", compat="override", combine_attrs="override"
    )


def _put_density(
    data: Variables,
    altitude: np.ndarray,
    values: np.ndarray,
    error: np.ndarray | None,
    order: np.ndarray,
    rising: np.ndarray,
    context: Context,
) -> str:
    """Put density and error among the variables of a night; what became of negative values."""
    density = _plausible(_cut(values, order, rising), context)
    _check_layer(density, _cut(values, order, rising), altitude, context)
    data["ca_ion_number_density"] = (("time", "altitude"), density)
    if not np.isfinite(density).any():
        raise ReadError(
            "no density in the file could be read as a number",
            file=context.file,
            given=f"{density.size} cells, all missing",
            remedy="look at the cells: metalclouds inspect FILE --all",
        )
    if error is not None:
        data["ca_ion_number_density_error"] = (("time", "altitude"), _plausible(_cut(error, order, rising), context))
    kept, because = negatives(density)
    context.decisions.record("negatives", kept, because)
    return kept


def _check_layer(density: np.ndarray, values: np.ndarray, altitude: np.ndarray, context: Context) -> None:
    """Stop where much of the main layer is beyond what a density can be: the unit is another one.

    Raises
    ------
    UndecidedError
        With the units.
    """
    limits = context.settings.lidar
    layer = (altitude >= limits.layer_bottom_km) & (altitude <= limits.layer_top_km)
    lost = np.isfinite(values[:, layer]) & ~np.isfinite(density[:, layer])
    if lost.size and lost.mean() > LARGEST_LOSS:
        raise context.undecided(
            "densities that cannot be",
            seen=f"{100 * lost.mean():.0f} % of the main layer is beyond {limits.largest_density_cm3:g} cm-3",
            lines=({"unit": "m-3"}, {"unit": "cm-3"}),
        )


def _plausible(values: np.ndarray, context: Context) -> np.ndarray:
    """float32, NaN for what no density can be; such values are counted, and a damaged file has some."""
    largest = context.settings.lidar.largest_density_cm3
    wrong = np.abs(values) > largest
    if wrong.any():
        context.decisions.record("values left out", int(wrong.sum()), f"beyond {largest:g} cm-3")
        values = np.where(wrong, np.nan, values)
    return values.astype("float32")


def _cut(values: np.ndarray, order: np.ndarray, rising: np.ndarray) -> np.ndarray:
    """Rows and columns in order; no copy where they stand in order already."""
    if rising.size and np.array_equal(rising, np.arange(rising[0], rising[0] + rising.size)):
        cut = values[:, rising[0] : rising[0] + rising.size]
    else:
        cut = values[:, rising]
    return cut if np.array_equal(order, np.arange(values.shape[0])) else cut[order]


def _order(times: np.ndarray, context: Context) -> np.ndarray:
    """Indices of profiles in increasing time; without time or with a time that is there already they are left out."""
    known = np.flatnonzero(~np.isnat(times))
    order = known[np.argsort(times[known], kind="stable")]
    keep = np.ones(order.size, dtype=bool)
    keep[1:] = np.diff(times[order]) > np.timedelta64(0, "ns")
    if lost := times.size - int(keep.sum()):
        context.decisions.record("profiles left out", lost, "no time, or a time that another profile has")
    return order[keep]


def _as_counts(values: np.ndarray, context: Context) -> np.ndarray:
    """Counts as uint16, or as float32 with NaN where some were not recorded (a file's fill value).

    Anything else that is not a number from 0 to 65535 is an error of the file.
    """
    if values.dtype == np.uint16:
        return values
    missing = np.isnan(values)
    wrong = ~missing & ((values < 0) | (values > _LARGEST_COUNT))
    if wrong.any():
        raise ReadError(
            "counts must be whole numbers from 0 to 65535",
            file=context.file,
            given=f"{int(wrong.sum())} values outside, e.g. {values[wrong].ravel()[0]}",
            remedy="if these are densities: options: {quantity: number_density}",
        )
    if missing.all():
        raise ReadError("no counts at all", file=context.file, given="fill values only")
    if missing.any():
        context.decisions.record("counts not recorded", int(missing.sum()), "the fill value of the file")
        return np.round(values).astype(np.float32)
    return np.round(values).astype(np.uint16)


def _range(altitude: np.ndarray) -> str:
    return (
        f"{altitude.size} altitudes from {np.min(altitude):g} to {np.max(altitude):g} km" if altitude.size else "none"
    )
