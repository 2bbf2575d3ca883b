"""A lidar night, or all nights, from arrays with any names: netCDF, HDF5, MATLAB, spreadsheet, matrix of text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.companions import with_axes_beside
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import FROM_CATALOGUE, Context
from metalclouds.ingest.evidence.altitude import altitude_axis, regular_altitudes
from metalclouds.ingest.evidence.density import density_cm3, quantity, without_missing
from metalclouds.ingest.evidence.errors import error_cm3
from metalclouds.ingest.evidence.flags import BAD, GOOD, flag_legend, is_bad, legend_in
from metalclouds.ingest.evidence.matrix import (
    DENSITY_WORDS,
    Signal,
    find_signal,
    is_altitude,
    is_error,
    matrices,
    signal_name,
    with_channels_summed,
    with_species_chosen,
    with_vectors,
)
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.said import Statement, of_notes
from metalclouds.ingest.evidence.species import check_wavelength, wavelength_of
from metalclouds.ingest.evidence.time import IS_UTC, has_calendar, regular_times, time_axis, time_columns
from metalclouds.ingest.readers.columns import as_numbers, unit_of
from metalclouds.ingest.readers.lidar_night import integration_times, joined_in_time, middle_of, night_dataset
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.source import Member

# Least share of a full matrix that a list of rows must fill: sparser lists are not profiles.
_MOST_CELLS_PER_ROW = 50
_ROLES = {
    "integration_time": r"integration|accumulation|^acc|duration|exposure",
    "background_counts": r"^(bg|bkg|background|noise)",
    "background_counts_error": r"^(bg|bkg|background)\w*(err|sigma|std)",
    "calibration_factor": r"^cal",
}


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Profiles of one file in the names of ingest/lidar, times UTC, altitude km above sea level.

    Returns
    -------
    Dataset
        dims (time, altitude).

    Raises
    ------
    UndecidedError
        If the file does not say, and its values do not show, which array is what.
    ReadError
        If the file is damaged.
    """
    arrays = load(members[0])
    context = at_its_station(context, stated_in(arrays))
    check_wavelength(arrays, context)
    arrays = with_species_chosen(long_as_matrix(arrays, context), context)
    arrays = with_vectors(with_channels_summed(arrays, context))
    nights = _nights_of_names(arrays, context)
    if not nights:
        return _of_arrays(arrays, members, context)
    parts = []
    for day, part in nights.items():
        told = replace(context, date=np.datetime64(day), date_because="name of the array, group or sheet")
        parts.append(_of_arrays(part, members, told))
    if any(not part["altitude"].equals(parts[0]["altitude"]) for part in parts):
        raise ReadError(
            "nights of different altitudes in one file",
            file=context.file,
            given=", ".join(nights),
            remedy="write each night into a file of its own",
        )
    context.decisions.record("parts", f"{len(parts)} nights, each read by itself", ", ".join(nights))
    return joined_in_time(parts).sortby("time")


def _nights_of_names(arrays: Arrays, context: Context) -> dict[str, Arrays]:
    """The arrays of each night, where names of matrices (of their groups or sheets) have different dates; else none.

    Arrays without a date in their names are those of all nights.
    """
    dated = {name: str(found[0]) for name in arrays.values if len(found := naming.dates(name)) == 1}
    days = sorted({dated[name] for name in matrices(arrays) if name in dated})
    if len(days) < 2:
        return {}
    if (given := (context.options.get("variables") or {}).get("signal")) is not None:
        left = [day for day in days if dated.get(given) != day]
        context.decisions.record("nights left out", ", ".join(left), f"the catalogue's signal is {given}")
        return {}
    return {day: _part(arrays, [name for name in arrays.values if dated.get(name, day) == day]) for day in days}


def _part(arrays: Arrays, names: Sequence[str]) -> Arrays:
    """Some of the arrays of a file."""
    values = {name: arrays.values[name] for name in names}
    return replace(arrays, values=values, dims={name: dims for name, dims in arrays.dims.items() if name in values})


def _of_arrays(arrays: Arrays, members: Sequence[Member], context: Context) -> xr.Dataset:
    """Profiles of one night's arrays, or of all nights where each profile has its own date."""
    arrays = with_axes_beside(arrays, members[0], context)
    arrays, signal = find_signal(arrays, context)
    values = signal.values.T if signal.transposed else signal.values
    altitude = _altitude(arrays, signal, values.shape[1], context)
    given = context.options.get("time")
    if signal.time is None and not isinstance(given, dict) and not has_calendar(arrays, values.shape[0]):
        raise context.undecided(
            "no time axis found",
            seen=", ".join(f"{name} {value.shape}" for name, value in arrays.values.items()),
            lines=(
                "variables: {time: NAME OF THE ARRAY}",
                "axes: {time: FILE BESIDE THIS ONE}",
                "time: {start: 'YYYY-MM-DDThh:mm:ss', step_s: N}",
            ),
        )
    if isinstance(given, dict):
        times = regular_times(given, values.shape[0], context)
    else:
        times = time_axis(arrays, signal.time, values.shape[0], context, works_by_night=True)
    extra = {role: _profile_values(arrays, role, values.shape[0], context) for role in _ROLES}
    lengths = integration_times(times, extra.pop("integration_time"), context)
    times = middle_of(times, lengths, arrays.words(signal.time) if signal.time else "", context)
    kind = quantity(values, arrays.words(signal.name), arrays.attribute(signal.name, "units"), context)
    if kind == "number_density":
        return _density(arrays, signal, values, times, altitude, lengths, context)
    response = _response(arrays, values.shape)
    if response is not None:
        density, error = _by_response(values, response, extra["background_counts"], context)
        return night_dataset(
            times, altitude, density, quantity="number_density", lengths=lengths, context=context, error=error
        )
    values, altitude = _without_padding(values, altitude, context)
    profile = _counts_profile(extra, values, altitude, times, context, wavelength_of(arrays, signal.name))
    return night_dataset(times, altitude, values, quantity=kind, lengths=lengths, context=context, extra=profile)


def _density(
    arrays: Arrays,
    signal: Signal,
    values: np.ndarray,
    times: np.ndarray,
    altitude: np.ndarray,
    lengths: np.ndarray,
    context: Context,
) -> xr.Dataset:
    values = _without_empty_bins(without_missing(values, context), context)
    values = _without_flagged(values, arrays, signal, context)
    of_file = arrays.attributes_of_file
    words = f"{of_file.get('unit_in_names', '')} {arrays.words(signal.name)} {of_file.get('header', '')}"
    values, factor = density_cm3(values, altitude, words, arrays.attribute(signal.name, "units"), context)
    error = None
    if signal.error is not None:
        error = error_cm3(
            arrays.values[signal.error].T if signal.transposed else arrays.values[signal.error],
            values,
            signal.error,
            arrays.words(signal.error),
            unit_of(arrays, signal.error),
            factor,
            context,
        )
    return night_dataset(
        times,
        altitude,
        values,
        quantity="number_density",
        lengths=lengths,
        context=context,
        error=error,
    )


def _without_empty_bins(values: np.ndarray, context: Context) -> np.ndarray:
    """Densities with noise, where bins or profiles that are exactly 0 throughout are missing."""
    zero = values == 0.0
    empty = zero.all(axis=0)[None, :] | zero.all(axis=1)[:, None]
    if not empty.any() or not (values < 0.0).any():
        return values
    context.decisions.record("values left out", int(empty.sum()), "bins or profiles that are exactly 0 throughout")
    return np.where(empty, np.nan, values)


# Attributes in which the values of a flag are explained in words.
_IN_WORDS = ("long_name", "description", "comment", "meaning", "units")
_FLAG = re.compile(r"^(qc|flag|quality)_?(?P<behind>.*)$|^(?P<before>.*?)_?(qc|flags?|quality)$")


def _without_flagged(values: np.ndarray, arrays: Arrays, signal: Signal, context: Context) -> np.ndarray:
    """Densities without those whose flags the file itself calls bad; flags that it does not explain are named."""
    out = values
    for name, flags in arrays.numeric().items():
        match = _FLAG.match(name.split(".")[-1].lower())
        if match is None or flags.shape not in (signal.values.shape, values.shape, values.shape[:1]):
            continue
        bad = _called_bad(name, flags, arrays.attributes.get(name, {}), context)
        if bad is None:
            context.decisions.record("flags not used", name, "the file does not say which of them are bad")
            continue
        bad = bad.T if signal.transposed and bad.ndim == 2 else bad
        bad = bad if bad.ndim == 2 else np.broadcast_to(bad[:, None], values.shape)
        if bad.any():
            context.decisions.record("values left out", int(bad.sum()), f"{name} calls them bad")
            out = np.where(bad, np.nan, out)
    return out


def _called_bad(name: str, flags: np.ndarray, attributes: Mapping[str, Any], context: Context) -> np.ndarray | None:
    """Where flags are those that are called bad, by attributes or a description; None where none are explained."""
    found = {key: str(value) for key, value in attributes.items() if re.fullmatch(r"(bit|flag)_\d+_assessment", key)}
    if not found:
        return _of_legend(name, flags, attributes, context)
    whole, out = np.nan_to_num(flags).astype(np.int64), np.zeros(flags.shape, bool)
    for key, value in found.items():
        kind, number, _ = key.split("_")
        if value.strip().lower() == "bad":
            out |= (whole >> (int(number) - 1) & 1).astype(bool) if kind == "bit" else whole == int(number)
    return out


def _of_legend(name: str, flags: np.ndarray, attributes: Mapping[str, Any], context: Context) -> np.ndarray | None:
    """Where flags have a value whose words call it bad; None where no words explain the values."""
    if "flag_masks" in attributes:
        return None
    own = [Statement(f"{name}: {value}", f"attribute {key}") for key, value in attributes.items() if key in _IN_WORDS]
    legend = legend_in(attributes) or flag_legend(name.split(".")[-1], [*own, *of_notes(context)])
    if not any(GOOD.search(words) or BAD.search(words) for words in legend.values()):
        return None
    context.decisions.record(
        "flags", ", ".join(f"{value:g} {words}" for value, words in legend.items()), f"explained of {name}"
    )
    bad = np.isin(flags, [value for value, words in legend.items() if is_bad(words)])
    doubted = np.isin(flags, [v for v, words in legend.items() if BAD.search(words) and not is_bad(words)])
    if doubted.any():
        context.decisions.record("values kept", int(doubted.sum()), f"{name} doubts them, and does not call them bad")
    return bad


def _altitude(arrays: Arrays, signal: Signal, length: int, context: Context) -> np.ndarray:
    given = context.options.get("altitude")
    if signal.altitude is None and isinstance(given, dict):
        context.decisions.record("altitude", given, FROM_CATALOGUE)
        return regular_altitudes(given, length, context.file)
    name = str(signal.altitude)
    return altitude_axis(
        arrays.values[name].astype(float), length, arrays.words(name), arrays.attribute(name, "units"), context
    )


def _profile_values(arrays: Arrays, role: str, length: int, context: Context) -> np.ndarray | None:
    """One value a profile, or one for all, by the catalogue's or a usual name."""
    name = (context.options.get("variables") or {}).get(role)
    names = [name] if name else [n for n in arrays.values if re.search(_ROLES[role], n.split(".")[-1].lower())]
    if role == "background_counts":
        names = [n for n in names if not re.search(r"err|sigma|std", n.lower())]
    for candidate in names:
        value = arrays.values.get(candidate)
        if value is not None and value.dtype.kind in "iuf" and value.size in (1, length):
            return np.broadcast_to(value.ravel().astype(float), (length,))
    return None


_RESPONSE = re.compile(r"counts?_?per_?(unit_?)?(number_?)?density|^response$|^sensitivity$")


def _response(arrays: Arrays, shape: tuple[int, ...]) -> np.ndarray | None:
    """Counts for a density of 1 cm-3 at each altitude, where a file has them; dims as the signal or (altitude,)."""
    for name, value in arrays.numeric().items():
        if _RESPONSE.search(name.split(".")[-1].lower()):
            if value.shape in (shape, shape[1:]):
                return value.astype(float)
            if value.shape == shape[::-1]:
                return value.T.astype(float)
    return None


def _by_response(
    counts: np.ndarray, response: np.ndarray, background: np.ndarray | None, context: Context
) -> tuple[np.ndarray, np.ndarray]:
    """Density and its Poisson error from counts and the counts for a density of 1 cm-3.

    Raises
    ------
    UndecidedError
        If the file gives no background: it may have been taken off.
    """
    if background is None:
        raise context.undecided(
            "counts with a response and no background",
            seen="counts_per_density",
            lines=("variables: {background_counts: NAME}",),
        )
    context.decisions.record("calibration", "counts per density of the file", "(counts - background) / response")
    usable = np.where(response > 0, response, np.nan)
    return (counts - background[:, None]) / usable, np.sqrt(np.maximum(counts, 1.0)) / usable


def _without_padding(values: np.ndarray, altitude: np.ndarray, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Counts without the bins at the ends in which no profile has a count: files of fixed length are filled up."""
    filled = np.flatnonzero(np.nan_to_num(values).any(axis=0))
    if not filled.size or filled.size == values.shape[1]:
        return values, altitude
    inside = slice(int(filled[0]), int(filled[-1]) + 1)
    if lost := values.shape[1] - (inside.stop - inside.start):
        context.decisions.record("bins left out", lost, "at the ends of the profiles, 0 counts all night: padding")
    return values[:, inside], altitude[inside]


def _counts_profile(
    extra: dict[str, np.ndarray | None],
    values: np.ndarray,
    altitude: np.ndarray,
    times: np.ndarray,
    context: Context,
    wavelength_nm: float | None,
) -> dict[str, np.ndarray]:
    """Background, its error and calibration of each profile; retrieved where the file has no calibration."""
    factor, background = extra["calibration_factor"], extra["background_counts"]
    if factor is None:
        return calibration(values, altitude - context.site.altitude_km, times, context, wavelength_nm)
    missing = np.full(values.shape[0], np.nan)
    if background is None:
        context.decisions.record("background", "missing", "the file gives none; left to the reader of the counts")
    error = extra["background_counts_error"]
    return {
        "background_counts": missing if background is None else background,
        "background_counts_error": missing if error is None else error,
        "calibration_factor": factor,
    }


def long_as_matrix(arrays: Arrays, context: Context) -> Arrays:
    """Rows of (time, altitude, value) as a matrix; other content unchanged."""
    columns = {name: value for name, value in arrays.values.items() if value.ndim == 1 and value.size > 1}
    if (
        len(columns) < 3
        or len({value.size for value in columns.values()}) != 1
        or any(value.ndim > 1 for value in arrays.values.values())
    ):
        return arrays
    altitude = next((n for n in columns if is_altitude(n)), None)
    times = time_columns(arrays, next(iter(columns.values())).size)
    if altitude is None:
        return arrays
    if not times or _is_wide(columns, altitude):
        return _wide_as_matrix(arrays, columns, altitude, context)
    return _pivoted(arrays, columns, times, altitude, context)


def _is_wide(columns: dict[str, np.ndarray], altitude: str) -> bool:
    values = columns[altitude].astype(float) if columns[altitude].dtype.kind in "iuf" else np.zeros(1)
    return bool(np.all(np.diff(values) > 0))


def _wide_as_matrix(arrays: Arrays, columns: dict[str, np.ndarray], altitude: str, context: Context) -> Arrays:
    """One column an altitude, the others one a profile, whose names are its time."""
    profiles = {name: value for name, value in columns.items() if name != altitude and value.dtype.kind in "iuf"}
    if len(profiles) < 2:
        return arrays
    names = [re.sub(r"^[a-zA-Z]+[_ ]?(?=\d)", "", name) for name in profiles]
    numbers = (
        np.array([float(n) for n in names]) if all(re.fullmatch(r"\d+\.?\d*", n) for n in names) else np.array(names)
    )
    context.decisions.record("axes", "a column a profile", f"{altitude} rises down the table")
    values = {"density": np.stack(list(profiles.values()), axis=1), "altitude": columns[altitude], "time": numbers}
    heading = re.sub(r"[\d.:]+", " ", " ".join(list(profiles)[:1]))
    attributes = {"altitude": {"long_name": altitude}, "time": {"long_name": heading}}
    return Arrays(arrays.kind, values, attributes, {}, arrays.attributes_of_file)


def _pivoted(
    arrays: Arrays, columns: dict[str, np.ndarray], times: list[str], altitude: str, context: Context
) -> Arrays:
    others = {n: as_numbers(v) for n, v in columns.items() if n not in (*times, altitude)}
    others = {n: v for n, v in others.items() if np.isfinite(v).any()}
    names = list(others)
    if len(names) > 1:
        wanted = re.compile(rf"den|count|photon|ion|cm-?3|nca|n_ca|{DENSITY_WORDS}")
        names = [n for n in names if wanted.search(n.lower()) and not is_error(n)]
    if len(names) != 1:
        names = [signal_name(Arrays(arrays.kind, {n: np.tile(v[:, None], 8) for n, v in others.items()}), context)]
    moments, row = _moments(arrays, times, context)
    heights, column = np.unique(columns[altitude], return_inverse=True)
    if moments.size * heights.size > _MOST_CELLS_PER_ROW * row.size:
        raise ReadError(
            "rows of time, altitude and value that form no matrix",
            file=context.file,
            given=f"{row.size} rows, {moments.size} times, {heights.size} altitudes",
        )
    matrix = np.full((moments.size, heights.size), np.nan)
    matrix[row, column] = others[names[0]]
    said = f"columns {', '.join(times)}, {altitude}, {names[0]}"
    context.decisions.record("axes", "rows of time, altitude and value", said)
    values = {names[0]: matrix, "time": moments, "altitude": heights}
    kept = {names[0]: arrays.attributes.get(names[0], {}), "time": {IS_UTC: "yes"}}
    kept["altitude"] = {"long_name": altitude, **arrays.attributes.get(altitude, {})}
    return Arrays(arrays.kind, values, kept, {}, arrays.attributes_of_file)


def _moments(arrays: Arrays, times: list[str], context: Context) -> tuple[np.ndarray, np.ndarray]:
    """The different times of the rows, UTC, in the order in which they come first, and which of them each row has.

    A clock that starts anew at midnight is followed from one of them to the next, whether the rows go on in time or
    in altitude.
    """
    length = arrays.values[times[0]].size
    code = np.zeros(length, dtype=np.int64)
    for name in times:
        _, inverse = np.unique(arrays.values[name], return_inverse=True)
        _, code = np.unique(code * (int(inverse.max()) + 1) + inverse, return_inverse=True)
    _, first, row = np.unique(code, return_index=True, return_inverse=True)
    order = np.argsort(first)
    few = {name: arrays.values[name][first[order]] for name in times}
    single = {name: value for name, value in arrays.values.items() if value.size == 1}
    part = replace(arrays, values={**few, **single}, cells={})
    moments = time_axis(part, None, order.size, context, works_by_night=True)
    return moments, np.argsort(order)[row]
