"""Which array is the signal, which its axes, and which way it lies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.altitude import regular_altitudes
from metalclouds.ingest.evidence.species import (
    folder_of_another,
    is_another,
    of_another,
    of_attributes,
    of_wavelength,
    species_in,
    words_of,
)
from metalclouds.ingest.evidence.time import time_name

# Chinese, German, French, Spanish and Russian for density, altitude and error.
DENSITY_WORDS = r"密度|dichte|densit|densidad|плотность|концентрация"
ALTITUDE_WORDS = r"高度|海拔|höhe|hoehe|hauteur|altura|высота"
ERROR_WORDS = r"误差|fehler|erreur|погрешность|ошибка"
_SIGNAL = re.compile(
    rf"count|photon|den(s|$)|ca_?ion|nca|ca_?plus|number|signal|^(na|fe|k|ni|li|he)\+?$|^n$|{DENSITY_WORDS}|计数|光子"
)
_ERROR = re.compile(rf"err|sigma|std|uncert|{ERROR_WORDS}")
_NOT_SIGNAL = re.compile(rf"{_ERROR.pattern}|flag|mask|quality|snr|mhours|temperature|wind")
_TIME = re.compile(
    r"时间|时刻|世界时|北京时|"
    r"^(time|times|t|tt|ut|lt|utc|ut_?time|utc_?time|lt_?time|datenum|date_?num|mjd|h(ou)?rs?|epoch|doy|day|jd)\b"
    r"|time|datenum"
)
_ALTITUDE = re.compile(rf"alt|height|^h$|^z(?![a-zé])|range|elev|^hgt|^km$|{ALTITUDE_WORDS}")
_SMALLEST_MATRIX = 8
_LARGEST_KM = 2500.0
_MOST_CHANNELS = 7
# Arrays that are proposed as the signal, one of which may be it.
_MOST_PROPOSED = 4
# MATLAB's number of 2000-01-01; unix times are larger, altitudes in m smaller.
_FIRST_DATENUM = 730486.0
# Steps of an altitude axis differ by no more than this share of their median.
_EVEN = 0.01


@dataclass(frozen=True)
class Signal:
    """Names of the arrays of a lidar night; `transposed` if the signal is altitude x time."""

    values: np.ndarray
    name: str
    time: str | None
    altitude: str | None
    error: str | None
    transposed: bool


def is_altitude(name: str) -> bool:
    """Whether a name is that of an altitude."""
    return bool(_ALTITUDE.search(name.lower()))


def is_error(name: str) -> bool:
    """Whether a name is that of an error."""
    return bool(_ERROR.search(name.lower()))


def matrices(arrays: Arrays) -> dict[str, np.ndarray]:
    """Two-dimensional numeric arrays that can be a signal; a cube of counts by channel is their sum.

    Returns
    -------
    dict
        name -> array of two dims.
    """
    flat = {name: _summed(name, value, arrays.dims.get(name, ())) for name, value in arrays.numeric().items()}
    return {name: value for name, value in flat.items() if value.ndim == 2 and min(value.shape) >= _SMALLEST_MATRIX}


def with_channels_summed(arrays: Arrays, context: Context) -> Arrays:
    """The same arrays, where counts of (time, channel, altitude) are summed over the channels."""
    values, dims = dict(arrays.values), dict(arrays.dims)
    for name, value in arrays.numeric().items():
        axis = _channel_axis(name, value, arrays.dims.get(name, ()))
        if axis is not None:
            values[name] = value.sum(axis=axis)
            dims[name] = tuple(dim for number, dim in enumerate(arrays.dims.get(name, ())) if number != axis)
            context.decisions.record("channels", f"sum of {value.shape[axis]}", f"{name} {value.shape}")
    return Arrays(arrays.kind, values, arrays.attributes, dims, arrays.attributes_of_file)


def with_species_chosen(arrays: Arrays, context: Context) -> Arrays:
    """The same arrays, where of a cube with an axis of metals (by names or wavelengths) only one is left.

    Raises
    ------
    UndecidedError
        If the axis names metals, and none or several of them are the one that is asked for.
    """
    species = str(context.options.get("species") or context.settings.lidar.species)
    values, dims = dict(arrays.values), dict(arrays.dims)
    for name, value in arrays.numeric().items():
        for label, metals in _axes_of_metals(arrays, value) if value.ndim == 3 else ():
            axis = value.shape.index(len(metals))
            at = [number for number, metal in enumerate(metals) if metal == species]
            if len(at) != 1:
                raise context.undecided(
                    f"which of {', '.join(metals)}?",
                    seen=f"{name} {value.shape}, {label}; {species} is asked for",
                    lines=tuple({"species": metal} for metal in dict.fromkeys(metals) if metal != species)[:2],
                )
            values[name] = np.take(value, at[0], axis=axis)
            dims[name] = tuple(dim for number, dim in enumerate(dims.get(name, ())) if number != axis)
            said = np.asarray(arrays.values[label]).ravel()[at[0]]
            context.decisions.record("species", species, f"{label} of {name}, number {at[0] + 1}: {said}")
            break
    return replace(arrays, values=values, dims=dims)


def _axes_of_metals(arrays: Arrays, cube: np.ndarray) -> list[tuple[str, list[str]]]:
    """Vectors as long as just one side of a cube that name different metals, or their wavelengths."""
    found = []
    for label, value in arrays.values.items():
        flat = np.asarray(value).ravel()
        if not 1 < flat.size <= _MOST_CHANNELS or cube.shape.count(flat.size) != 1:
            continue
        metals = [_metal_of(one) for one in flat]
        if all(metals) and len(set(metals)) > 1:
            found.append((label, [str(metal) for metal in metals]))
    return found


def _metal_of(label: Any) -> str:
    """The metal of a name or of a wavelength in nm; "" where it is none."""
    if isinstance(label, str | np.str_):
        named = species_in(str(label).replace("nm", " "))
        if len(named) == 1:
            return named.pop()
        number = re.fullmatch(r"\s*(\d{3}(?:\.\d+)?)\s*(nm)?\s*", str(label))
        return _metal_of(float(number.group(1))) if number else ""
    return of_wavelength(float(label)) or ""


def _summed(name: str, value: np.ndarray, dims: tuple[str, ...]) -> np.ndarray:
    axis = _channel_axis(name, value, dims)
    return value if axis is None else value.sum(axis=axis)


def _channel_axis(name: str, value: np.ndarray, dims: tuple[str, ...]) -> int | None:
    """The axis of a cube of counts that is one of channels: by the dimension's name, else the one short axis."""
    if value.ndim != 3 or not re.search(r"count|photon|计数|光子", name.lower()):
        return None
    named = [number for number, dim in enumerate(dims) if re.search(r"chan|^ch$|telescope|detector", dim.lower())]
    short = [number for number, size in enumerate(value.shape) if size <= _MOST_CHANNELS]
    found = named or short
    return found[0] if len(found) == 1 else None


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
        of_attributes([str(given)], arrays, context)
        return str(given)
    found = matrices(arrays)
    likely = of_attributes([name for name in found if not _NOT_SIGNAL.search(name.lower())], arrays, context)
    candidates = of_species(_wanted(likely, context), context)
    if len(candidates) > 1:
        whole = [name for name in candidates if _has_axes(arrays, found[name], context)]
        candidates = whole or candidates
    if len(candidates) != 1:
        _refuse_maps(arrays, [found[name] for name in candidates], context)
        raise context.undecided(
            "which array is the density or the counts?",
            seen=_shapes(arrays),
            lines=tuple({"variables": {"signal": name}} for name in (candidates[:_MOST_PROPOSED] or ["NAME"])),
        )
    context.decisions.record("signal", candidates[0], f"name and shape {found[candidates[0]].shape}")
    return candidates[0]


def _of_line(names: Sequence[str], species: str) -> list[str]:
    """Of names that all have the resonance line of a metal (n_393, n_423) those of the species; else none."""
    numbers = {name: re.findall(r"(?<!\d)(\d{3})(?!\d)", name) for name in names}
    metals = {name: of_wavelength(float(found[0])) for name, found in numbers.items() if len(found) == 1}
    whole = len(metals) == len(names) > 1 and None not in metals.values()
    return [name for name, metal in metals.items() if metal == species] if whole else []


def _wanted(likely: Sequence[str], context: Context) -> list[str]:
    """Of some matrices those that name the species, else a density; all, where these are only of other metals."""
    species = str(context.options.get("species") or context.settings.lidar.species)
    exact = [name for name in likely if species in species_in(name)] or _of_line(likely, species)
    named = [name for name in likely if _SIGNAL.search(name.lower())]
    others = [name for name in likely if is_another(name, species)]
    if exact or not named:
        return exact or list(likely)
    return list(likely) if set(named) <= set(others) else [name for name in likely if name in {*named, *others}]


# Two matrices of one shape may be a density and its error, or two metals.
_FEWEST_MAPS = 3


def _refuse_maps(arrays: Arrays, values: Sequence[np.ndarray], context: Context) -> None:
    """Stop at several matrices of one shape without a vector that could be an axis: no line makes nights of them.

    Raises
    ------
    ReadError
        If they are such.
    """
    sides = {size + more for value in values for size in value.shape for more in (0, 1)}
    has_axis = any(value.ndim == 1 and value.size in sides for value in arrays.values.values())
    if len(values) >= _FEWEST_MAPS and len({value.shape for value in values}) == 1 and not has_axis:
        raise ReadError(
            "matrices of one shape without axes, as maps are",
            file=context.file,
            given=_shapes(arrays),
            remedy="write the axes into the file: latitude, longitude and times of maps of TEC, altitude and time of "
            "densities",
        )


def of_species(names: Sequence[str], context: Context) -> list[str]:
    """Of some arrays those that are, or may be, of the species that is read; never one of another metal.

    Raises
    ------
    UndecidedError
        If all of them, or the file or folder that they lie in, are about other metals.
    """
    species = str(context.options.get("species") or context.settings.lidar.species)
    exact = [name for name in names if species in species_in(name)]
    others = [name for name in names if is_another(name, species)]
    left = exact or [name for name in names if name not in others]
    *folders, own = re.split(r"[/\\]", context.place or context.file)
    around = [folder for folder in folders if folder_of_another(folder, species)]
    around += [own] if is_another(own, species) else []
    if exact or (left and not around) or not names:
        if others and left and not exact:
            _ask_which(left, others, species, context)
        if exact and not others:
            context.decisions.record("species", species, f"by name: {', '.join(exact[:2])}")
        if others and left:
            context.decisions.record("species", species, f"by name; of other metals: {', '.join(others)}")
        return left
    if "species" in context.options and left:
        return left
    said = {metal: f"{word!r} in {text}" for text in (others or around) for metal, word in words_of(text).items()}
    raise of_another(species, said, context)


def _ask_which(left: Sequence[str], others: Sequence[str], species: str, context: Context) -> None:
    """Stop at an array that may be of the species, beside one of another metal, where nothing says that it is.

    Raises
    ------
    UndecidedError
        With the arrays and the other metals.
    """
    around = f"{context.place} {context.file}"
    if "species" in context.options or any(species in species_in(part) for part in re.split(r"[/\\\s]", around)):
        return
    metals = sorted({metal for name in others for metal in species_in(name)})
    raise context.undecided(
        f"is this {species}, beside {', '.join(metals)}?",
        seen=f"{', '.join(left)} beside {', '.join(others)}; no name says {species}",
        lines=(
            *({"variables": {"signal": name}} for name in left[:_MOST_PROPOSED]),
            *({"species": metal} for metal in metals[:1]),
        ),
    )


def _has_axes(arrays: Arrays, values: np.ndarray, context: Context) -> bool:
    return all(axis_name(arrays, role, values, context) is not None for role in ("time", "altitude"))


def with_vectors(arrays: Arrays) -> Arrays:
    """The same arrays, where an axis spread over a matrix (MATLAB's meshgrid), or in one row, is a vector.

    The signal is left alone: a matrix that is the same in all rows or all columns is no night.
    """
    values = {}
    for name, value in arrays.values.items():
        flat = value.ravel() if value.ndim == 2 and 1 in value.shape and value.size > 1 else value
        values[name] = _spread_vector(flat) if flat.ndim == 2 and flat.dtype.kind in "iuf" else flat
    dims = {name: dims for name, dims in arrays.dims.items() if values[name].ndim == len(dims)}
    return Arrays(arrays.kind, values, arrays.attributes, dims, arrays.attributes_of_file)


def _spread_vector(value: np.ndarray) -> np.ndarray:
    if min(value.shape) < _SMALLEST_MATRIX or not np.isfinite(value[0]).all() or not np.isfinite(value[:, 0]).all():
        return value
    if np.array_equal(value[0], value[-1]) and np.ptp(value[0]) > 0 and (value == value[:1]).all():
        return value[0]
    if np.array_equal(value[:, 0], value[:, -1]) and np.ptp(value[:, 0]) > 0 and (value == value[:, :1]).all():
        return value[:, 0]
    return value


def of_owner(arrays: Arrays, name: str) -> Arrays:
    """Arrays of a signal's own group or structure, and those of none; not those of a group beside it."""
    owner = name.rpartition(".")[0]
    if not owner:
        return arrays
    own: dict[str, np.ndarray] = {}
    others: dict[str, np.ndarray] = {}
    for key, value in arrays.values.items():
        of = key.rpartition(".")[0]
        if of == owner:
            own[key] = value
        elif not of or owner.startswith(f"{of}."):
            others[key] = value
    # The first of several that fit is taken: those of the signal's own group go before those around it.
    return replace(arrays, values={**own, **dict(sorted(others.items(), key=lambda one: -one[0].count(".")))})


def _shapes(arrays: Arrays) -> str:
    return ", ".join(f"{name} {value.shape}" for name, value in arrays.values.items()) or "nothing"


def find_signal(arrays: Arrays, context: Context) -> tuple[Arrays, Signal]:
    """The signal with its axes; axes stored in the first row and column are taken out.

    Raises
    ------
    UndecidedError
        If an axis is missing or the orientation is not decided by names, lengths or the main layer.
    """
    arrays = with_vectors(arrays)
    name = signal_name(arrays, context)
    arrays = of_owner(arrays, name)
    values = arrays.values[name]
    time, altitude = (
        axis_name(arrays, "time", values, context),
        axis_name(arrays, "altitude", values, context),
    )
    if time is None and altitude is None and (not _axes_are_given(context) or _has_margins(values)):
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


def _axes_are_given(context: Context) -> bool:
    """Whether the catalogue gives start and step of both axes."""
    return all(isinstance(context.options.get(axis), dict) for axis in ("time", "altitude"))


def axis_name(arrays: Arrays, role: str, values: np.ndarray, context: Context) -> str | None:
    """The array that is an axis of a matrix, `role` time or altitude; None where the file has none.

    Parameters
    ----------
    values
        the matrix, of two dims.

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
    if exact:
        return exact[0]
    named = time_name(arrays, _side_of_times(values, vectors)) if role == "time" else None
    return named if named in vectors else _axis_by_values(vectors, role)


def _side_of_times(values: np.ndarray, vectors: dict[str, np.ndarray]) -> int:
    """Length of the side of a matrix that is not one of altitudes, as far as names tell; -1 where they do not."""
    heights = {value.size for name, value in vectors.items() if _ALTITUDE.search(name.split(".")[-1].lower())}
    sides = [size for size in values.shape if not heights & {size, size + 1}]
    return sides[0] if len(sides) == 1 else -1


def _axis_by_values(vectors: dict[str, np.ndarray], role: str) -> str | None:
    """The one vector without a telling name whose values are those of a time or an altitude; None for none or two."""
    unnamed = {
        name: value
        for name, value in vectors.items()
        if not (_TIME.search(name.split(".")[-1].lower()) or _ALTITUDE.search(name.split(".")[-1].lower()))
    }
    fitting = [name for name, value in unnamed.items() if _kind_of_values(value) == role]
    return fitting[0] if len(fitting) == 1 else None


def _kind_of_values(values: np.ndarray) -> str | None:
    if values.dtype.kind == "M":
        return "time"
    if values.dtype.kind in "SU":
        clocks = [re.search(r"\d{1,2}:\d\d", str(text)) for text in values[:5]]
        return "time" if all(clocks) else None
    return _kind_of_axis(values.astype(float)) if values.dtype.kind in "iuf" else None


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
    kinds = _kinds_of_margins(values)
    if sorted(map(str, kinds)) != ["altitude", "time"]:
        raise context.undecided(
            "a matrix without axes",
            seen=f"{name} {values.shape}, first row {row[:3]}, column {column[:3]}",
            lines=(
                "variables: {time: NAME, altitude: NAME}",
                "axes: {time: FILE, altitude: FILE}",
                "time: {start: 'YYYY-MM-DDThh:mm:ss', step_s: N}, altitude: {start_km: X, step_km: Y}",
            ),
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


def _kinds_of_margins(values: np.ndarray) -> list[str | None]:
    """What the first row and the first column are; beside altitudes a count that rises or falls is one of times."""
    margins = [values[0, 1:].astype(float), values[1:, 0].astype(float)]
    kinds = [_kind_of_axis(margin) for margin in margins]
    for own, other in ((0, 1), (1, 0)):
        counts = bool(np.isfinite(margins[own]).all()) and _is_monotonic(margins[own])
        if kinds[own] is None and kinds[other] == "altitude" and counts:
            kinds[own] = "time"
    return kinds


def _has_margins(values: np.ndarray) -> bool:
    """Whether the first row and column of a matrix are seen to be its axes, whatever a catalogue says of them."""
    return sorted(map(str, _kinds_of_margins(values))) == ["altitude", "time"]


def _kind_of_axis(values: np.ndarray) -> str | None:
    """Altitude or time by its values; None where it is neither or could be both."""
    if values.size < 2 or not np.isfinite(values).all():
        return None
    steps, low, high = np.diff(values), float(values.min()), float(values.max())
    if _is_hours(steps, low, high) or (high >= _FIRST_DATENUM and _is_monotonic(values)):
        return "time"
    even = bool(np.ptp(steps) <= _EVEN * abs(float(np.median(steps))))
    unit = 1000.0 if high > _LARGEST_KM else 1.0
    within = low < 250.0 * unit and 60.0 * unit <= high and high - low >= 0.1 * high
    return "altitude" if even and within and _is_monotonic(values) else None


def _is_hours(steps: np.ndarray, low: float, high: float) -> bool:
    """Hours of a night: they rise, and may start again at 0 after midnight."""
    back = steps < -12.0
    return low >= 0.0 and high <= 48.0 and bool((steps[~back] >= 0).all()) and int(back.sum()) <= 1


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
    if altitude is None and time is None and len(set(values.shape)) == 2:
        return _by_given_altitudes(values, context)
    return _by_layer(values, arrays.values[altitude].astype(float) if altitude else None, context)


def _fits(arrays: Arrays, shape: tuple[int, ...], time: str | None, altitude: str | None) -> bool:
    time_fits = time is None or arrays.values[time].size == shape[0]
    return time_fits and (altitude is None or arrays.values[altitude].size in (shape[1], shape[1] + 1))


def _word(transposed: bool) -> str:
    return "altitude x time" if transposed else "time x altitude"


def _by_given_altitudes(values: np.ndarray, context: Context) -> bool:
    """Which side counts the altitudes that the catalogue gives: the one along which the mean peaks in the layer."""
    given, lidar = context.options["altitude"], context.settings.lidar
    inside = []
    for axis in (0, 1):
        profile = np.nan_to_num(np.nanmean(values.astype(float), axis=axis))
        altitude = regular_altitudes(given, profile.size, context.file)[int(np.argmax(profile))]
        inside.append(bool(lidar.layer_bottom_km <= altitude <= lidar.layer_top_km))
    if inside[0] == inside[1]:
        raise context.undecided(
            "time x altitude or altitude x time?",
            seen=f"shape {values.shape}",
            lines=("orientation: time_altitude", "orientation: altitude_time"),
        )
    context.decisions.record("orientation", _word(inside[1]), "the mean peaks in the main layer only this way round")
    return inside[1]


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
