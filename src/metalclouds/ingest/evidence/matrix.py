"""Which array is the signal, which its axes, and which way it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context

_SIGNAL = re.compile(r"count|photon|dens|ca_?ion|nca|ca_?plus|number|signal|^(na|fe|k|ni|li|he)\+?$|^n$")
_NOT_SIGNAL = re.compile(r"err|sigma|std|uncert|flag|mask|quality|snr|mhours|temperature|wind")
_ERROR = re.compile(r"err|sigma|std|uncert")
_TIME = re.compile(
    r"^(time|times|t|tt|ut|lt|utc|ut_?time|utc_?time|lt_?time|datenum|date_?num|mjd|hours?|epoch|doy|day|jd)\b"
    r"|time|datenum"
)
_ALTITUDE = re.compile(r"alt|height|^h$|^z$|range|elev|^hgt|^km$")
_SMALLEST_MATRIX = 8


@dataclass(frozen=True)
class Signal:
    """Names of the arrays of a lidar night; `transposed` if the signal is altitude x time."""

    values: np.ndarray
    name: str
    time: str | None
    altitude: str | None
    error: str | None
    transposed: bool


def matrices(arrays: Arrays) -> dict[str, np.ndarray]:
    """Two-dimensional numeric arrays that can be a signal."""
    return {
        name: value
        for name, value in arrays.numeric().items()
        if value.ndim == 2 and min(value.shape) >= _SMALLEST_MATRIX
    }


def signal_name(arrays: Arrays, context: Context) -> str:
    """The array that holds counts or density.

    Raises
    ------
    UndecidedError
        If none or several could be it.
    """
    given = (context.option("variables") or {}).get("signal")
    if given is not None:
        if given not in arrays.values:
            raise context.undecided(
                f"the catalogue names {given}, which is not in the file",
                seen=", ".join(arrays.values),
                lines=("variables: {signal: NAME}",),
            )
        return str(given)
    found = matrices(arrays)
    wanted = [name for name in found if _SIGNAL.search(name.lower()) and not _NOT_SIGNAL.search(name.lower())]
    candidates = wanted or [name for name in found if not _NOT_SIGNAL.search(name.lower())]
    if len(candidates) != 1:
        raise context.undecided(
            "which array is the density or the counts?",
            seen=_shapes(arrays),
            lines=tuple(f"variables: {{signal: {name}}}" for name in (candidates or ["NAME"])[:2]),
        )
    context.decisions.record("signal", candidates[0], f"name and shape {found[candidates[0]].shape}")
    return candidates[0]


def _shapes(arrays: Arrays) -> str:
    return ", ".join(f"{name} {value.shape}" for name, value in arrays.values.items()) or "nothing"


def find_signal(arrays: Arrays, context: Context) -> tuple[Arrays, Signal]:
    """The signal with its axes; axes stored in the first row and column are taken out.

    Raises
    ------
    UndecidedError
        If an axis is missing or the orientation is not decided by names, lengths or the main layer.
    """
    name = signal_name(arrays, context)
    values = arrays.values[name]
    time, altitude = (
        axis_name(arrays, "time", values, context),
        axis_name(arrays, "altitude", values, context),
    )
    if time is None and altitude is None:
        arrays, values = _embedded(arrays, name, context)
        time, altitude = "embedded_time", "embedded_altitude"
    if altitude is None and "altitude" not in context.options:
        raise context.undecided(
            "no altitude axis found",
            seen=_shapes(arrays),
            lines=("axes: {altitude: FILE BESIDE THIS ONE}", "altitude: {start_km: X, step_km: Y}"),
        )
    transposed = _is_transposed(arrays, name, values, time, altitude, context)
    error = _error_of(arrays, name, values)
    return arrays, Signal(values, name, time, altitude, error, transposed)


def axis_name(arrays: Arrays, role: str, values: np.ndarray, context: Context) -> str | None:
    """The array that is an axis of a matrix, `role` time or altitude; None where the file has none.

    Raises
    ------
    UndecidedError
        If the catalogue names an array that is not there.
    """
    pattern = {"time": _TIME, "altitude": _ALTITUDE}[role]
    given = (context.option("variables") or {}).get(role)
    if given is not None:
        if given not in arrays.values:
            raise context.undecided(
                f"the catalogue names {given}, which is not in the file",
                seen=_shapes(arrays),
                lines=(f"variables: {{{role}: NAME}}",),
            )
        return str(given)
    lengths = {size + extra for size in values.shape for extra in ((0, 1) if role == "altitude" else (0,))}
    vectors = {name: value for name, value in arrays.values.items() if value.ndim == 1 and value.size in lengths}
    exact = [name for name in vectors if pattern.search(name.split(".")[-1].lower())]
    if len(exact) > 1:
        exact = _narrowed(exact, vectors, role)
    return exact[0] if exact else None


def _narrowed(names: list[str], vectors: dict[str, np.ndarray], role: str) -> list[str]:
    """Of several, those that are monotonic, and not an integration time or a resolution."""
    monotonic = [name for name in names if vectors[name].dtype.kind in "SUM" or _is_monotonic(vectors[name])]
    return [
        name for name in monotonic if not re.search(r"integration|duration|resol|width|local", name.lower())
    ] or monotonic


def _is_monotonic(values: np.ndarray) -> bool:
    steps = np.diff(values.astype(float))
    return bool(np.all(steps > 0) or np.all(steps < 0))


def _error_of(arrays: Arrays, name: str, values: np.ndarray) -> str | None:
    found = [
        other
        for other, value in arrays.numeric().items()
        if other != name and value.shape == values.shape and _ERROR.search(other.lower())
    ]
    return found[0] if len(found) == 1 else None


def _embedded(arrays: Arrays, name: str, context: Context) -> tuple[Arrays, np.ndarray]:
    """Axes in the first row and the first column of an unnamed matrix."""
    values = arrays.values[name].astype(float)
    row, column = values[0, 1:], values[1:, 0]
    kinds = [_kind_of_axis(row), _kind_of_axis(column)]
    if sorted(map(str, kinds)) != ["altitude", "time"]:
        raise context.undecided(
            "a matrix without axes",
            seen=f"{name} {values.shape}, first row {row[:3]}, column {column[:3]}",
            lines=("variables: {time: NAME, altitude: NAME}", "axes: {time: FILE, altitude: FILE}"),
        )
    context.decisions.record(
        "axes", f"first row {kinds[0]}, first column {kinds[1]}", "they ascend and have such values"
    )
    axes = dict(zip(kinds, (row, column), strict=True))
    inner = {
        **arrays.values,
        name: values[1:, 1:],
        "embedded_time": axes["time"],
        "embedded_altitude": axes["altitude"],
    }
    return Arrays(arrays.kind, inner, arrays.attributes, arrays.dims, arrays.attributes_of_file), values[1:, 1:]


def _kind_of_axis(values: np.ndarray) -> str | None:
    """Altitude or time by its values; None where it is neither or could be both."""
    if values.size < 2 or not np.isfinite(values).all() or not _is_monotonic(values):
        return None
    steps = np.abs(np.diff(values))
    even = bool(np.ptp(steps) <= 0.01 * np.median(steps))
    low, high = float(values.min()), float(values.max())
    if high <= 48.0 or high > 3e5:
        return "time"
    return "altitude" if even and low < 250.0 * (1000.0 if high > 2500.0 else 1.0) else None


def _is_transposed(
    arrays: Arrays, name: str, values: np.ndarray, time: str | None, altitude: str | None, context: Context
) -> bool:
    option = context.option("orientation", ("time_altitude", "altitude_time"))
    if option is not None:
        return option == "altitude_time"
    fits = {
        False: _fits(arrays, values.shape, time, altitude),
        True: _fits(arrays, values.shape[::-1], time, altitude),
    }
    if fits[False] != fits[True]:
        context.decisions.record("orientation", _word(fits[True]), f"lengths of the axes and shape {values.shape}")
        return fits[True]
    if not any(fits.values()):
        raise context.undecided(
            "the axes do not fit the matrix", seen=_shapes(arrays), lines=("variables: {signal: NAME}",)
        )
    dims = arrays.dims.get(name, ())
    if len(dims) == 2 and dims[0] != dims[1] and (_TIME.search(dims[0].lower()) or _TIME.search(dims[1].lower())):
        transposed = bool(_TIME.search(dims[1].lower()))
        context.decisions.record("orientation", _word(transposed), f"dimensions {dims}")
        return transposed
    return _by_layer(values, arrays.values[altitude].astype(float) if altitude else None, context)


def _fits(arrays: Arrays, shape: tuple[int, ...], time: str | None, altitude: str | None) -> bool:
    time_fits = time is None or arrays.values[time].size == shape[0]
    return time_fits and (altitude is None or arrays.values[altitude].size in (shape[1], shape[1] + 1))


def _word(transposed: bool) -> str:
    return "altitude x time" if transposed else "time x altitude"


def _by_layer(values: np.ndarray, altitude: np.ndarray | None, context: Context) -> bool:
    """A square matrix: the main layer stands at its altitude all night long."""
    lidar = context.settings.lidar
    if altitude is not None:
        kilometres = altitude * (1e-3 if np.max(altitude) > 2500.0 else 1.0)
        peaks = [kilometres[int(np.argmax(np.nan_to_num(np.nanmean(values, axis=axis))))] for axis in (0, 1)]
        inside = [bool(lidar.layer_bottom_km <= peak <= lidar.layer_top_km) for peak in peaks]
        if inside[0] != inside[1]:
            context.decisions.record(
                "orientation", _word(inside[1]), "the mean peaks in the main layer only this way round"
            )
            return inside[1]
    raise context.undecided(
        "time x altitude or altitude x time?",
        seen=f"shape {values.shape}",
        lines=("orientation: time_altitude", "orientation: altitude_time"),
    )
