"""Vertical TEC as arrays: maps with axes, cubes of station, epoch and satellite, and columns of points."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.said import statements
from metalclouds.ingest.evidence.shell import shell_km
from metalclouds.ingest.evidence.time import first_day, regular_times, time_axis, time_name
from metalclouds.ingest.evidence.zones import clock_of_file
from metalclouds.ingest.readers.columns import as_numbers, bare, find, known, refuse_losses
from metalclouds.ingest.readers.parts import for_part, refuse_repeated
from metalclouds.ingest.readers.tec_unit import in_tecu
from metalclouds.ingest.source import Member

_NAMES = {
    "tec": r"(gps)?v?tec|vertical_?tec|v?tec_?maps?|tec_?grid|(垂直)?(tec|电子总?含量)|v?tec_?zhi",
    "latitude": r"(gps|gd|g|ipp_?|pierce_?)?lat(itude)?s?|纬度|weidu",
    "longitude": r"(gps|gd|g|ipp_?|pierce_?)?lon(gitude)?s?|经度|jingdu",
    "elevation": r"(gps)?el(ev|e|m|evation)?|仰角",
}
# Madrigal's names of its parameters; its times are UT.
_MADRIGAL = {"gdlat", "glon"}
# Closer to 0 than this share of the median, other values make it likely that a 0 is TEC cut off.
_CLOSE_TO_ZERO = 0.2
# Epochs of a day at 30, 15 and 1 s and at 5 min: no number of satellites or stations is like them.
_EPOCHS_OF_A_DAY = (2880, 5760, 86400, 288)


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Maps or observations of one file.

    Returns
    -------
    Dataset
        Maps: `vertical_tec` TECU, dims (time, latitude, longitude). Points: dim `observation`, `observation_time`,
        `stated_vertical_tec`, `pierce_latitude`, `pierce_longitude`, `elevation` (NaN where not given).

    Raises
    ------
    ReadError, UndecidedError
        If TEC, latitude or longitude is missing, or shapes and times do not fit.
    """
    arrays = load(members[0])
    if arrays.parts and not context.options.get("variables"):
        return _of_parts(arrays, members[0], context)
    return _of_arrays(arrays, members[0], context)


def _of_parts(arrays: Arrays, member: Member, context: Context) -> xr.Dataset:
    """Elements of an array of structures, or sheets: each has its own date, time and maps."""
    parts = {name: _of_arrays(part, member, for_part(name, context)) for name, part in arrays.parts.items()}
    titles, dim = ", ".join(parts), "time" if all("time" in part.dims for part in parts.values()) else "observation"
    if not all(dim in part.dims for part in parts.values()):
        raise ReadError("some parts hold maps and others points", file=member.full_name, given=titles)
    context.decisions.record("parts", f"{len(parts)} read each by itself", titles)
    if dim == "observation":
        return xr.concat(parts.values(), dim)
    refuse_repeated({title: part["time"].values for title, part in parts.items()}, member.full_name)
    if len({part[axis].values.tobytes() for part in parts.values() for axis in ("latitude", "longitude")}) > 2:
        raise ReadError("the parts have maps on different grids", file=member.full_name, given=titles)
    return xr.concat(parts.values(), dim, combine_attrs="override").sortby("time")


def _of_arrays(arrays: Arrays, member: Member, context: Context) -> xr.Dataset:
    if {bare(name) for name in arrays.values} >= _MADRIGAL and not clock_of_file(arrays.attributes_of_file):
        said = {**arrays.attributes_of_file, "clock": "UT: Madrigal's parameters gdlat and glon"}
        arrays = replace(arrays, attributes_of_file=said)
    found = find(arrays, _NAMES, context)
    missing = [role for role in ("tec", "latitude", "longitude") if role not in found]
    if missing:
        roles = {role: found.get(role, "NAME") for role in ("tec", "latitude", "longitude")}
        raise context.undecided(
            f"no {' and no '.join(missing)} in the file",
            seen=", ".join(f"{name} {value.shape}" for name, value in arrays.values.items()),
            lines=({"variables": roles},),
        )
    arrays = _eastward(arrays, found["longitude"], context)
    tec, latitude, longitude = (arrays.values[found[role]] for role in ("tec", "latitude", "longitude"))
    if latitude.shape == tec.shape == longitude.shape:
        return _points(arrays, found, context)
    if latitude.ndim == 1 and longitude.ndim == 1 and tec.ndim in (2, 3):
        return _maps(arrays, found, context)
    shapes = ", ".join(f"{found[role]} {arrays.values[found[role]].shape}" for role in found)
    raise ReadError("TEC, latitude and longitude do not fit one another", file=member.full_name, given=shapes)


_WEST = re.compile(r"(?<![a-z])(?:west(?:ward)?|ouest|oeste|westlich\w*)(?![a-z])|°\s*w(?![a-z])|西经", re.IGNORECASE)


def _eastward(arrays: Arrays, name: str, context: Context) -> Arrays:
    """The arrays with longitudes that count eastward: those whose name or unit says west, of 0 to 180 degrees."""
    words = f"{name} {arrays.words(name)} {arrays.attribute(name, 'units')}".replace("_", " ")
    said = _WEST.search(words)
    if said is None:
        return arrays
    values = arrays.values[name]
    known = values[np.isfinite(values)]
    if ((known < 0.0) | (known > 180.0)).any():
        because = f"{said[0]!r} of {name}, and negative or above 180"
        context.decisions.record("longitude", "as it is, positive eastward", because)
        return arrays
    context.decisions.record("longitude", "turned round, positive eastward", f"{said[0]!r} of {name}")
    return replace(arrays, values={**arrays.values, name: -values})


def _known(arrays: Arrays, name: str, context: Context) -> np.ndarray:
    values = arrays.values[name]
    refuse_losses(arrays, name, context)
    return known(as_numbers(values.ravel()).reshape(values.shape), name, context)


def without_zeros(values: np.ndarray, name: str, context: Context) -> np.ndarray:
    """NaN for TEC of exactly 0: no ionosphere is without electrons, where no receiver was there is a 0.

    Zeros may also be small or negative TEC that somebody cut off. They are taken for missing only where the other
    values keep their distance from 0.

    Parameters
    ----------
    values
        TECU, of any dims.

    Returns
    -------
    ndarray
        dims of `values`.

    Raises
    ------
    UndecidedError
        If other values come close to 0.
    """
    zero = values == 0.0
    others = values[np.isfinite(values) & ~zero]
    if not zero.any() or "missing" in context.options:
        return values
    if not others.size or np.abs(others).min() < _CLOSE_TO_ZERO * np.median(np.abs(others)):
        least = f"the smallest other one {np.abs(others).min():.3g}" if others.size else "there is no other value"
        raise context.undecided(
            "is a TEC of exactly 0 a place without a receiver, or small TEC cut off?",
            seen=f"{int(zero.sum())} of {values.size} values of {name} are 0, {least}",
            lines=("missing: 0", "missing: []"),
            where=name,
        )
    context.decisions.record(
        "missing", "0", f"{int(zero.sum())} of {values.size} values of {name} are exactly 0, none lies near it"
    )
    return np.where(zero, np.nan, values)


def _maps(arrays: Arrays, found: dict[str, str], context: Context) -> xr.Dataset:
    tec, latitude, longitude = (arrays.values[found[role]] for role in ("tec", "latitude", "longitude"))
    tec = without_zeros(_known(arrays, found["tec"], context), found["tec"], context)
    tec = in_tecu(tec, arrays, found["tec"], "tec", statements(arrays, context), context)
    cube = tec[None] if tec.ndim == 2 else tec
    axes = _axes(Map(found["tec"], cube.shape, latitude.size, longitude.size, tec.ndim == 2), arrays, context)
    cube = cube.transpose(axes)
    given = (context.options.get("variables") or {}).get("time")
    name = str(given) if given in arrays.values else time_name(arrays, cube.shape[0])
    if name is not None or cube.shape[0] > 1:
        times = _times_of_maps(arrays, name, cube.shape[0], context)
    else:
        times = _time_of_name(context)
    values = {"vertical_tec": (("time", "latitude", "longitude"), cube)}
    out = xr.Dataset(
        values, {"time": times, "latitude": latitude.astype(float), "longitude": longitude.astype(float)}
    )
    return out.assign_attrs(_shell(arrays, context)).sortby(["time", "latitude", "longitude"])


def _shell(arrays: Arrays, context: Context) -> dict[str, object]:
    height = shell_km(statements(arrays, context), context)
    if height is None:
        context.decisions.record("shell", "not known", "not stated in the file")
    return {
        "pierce_point_altitude_km": float("nan") if height is None else float(height),
        "mapping_function": "not stated (maps of the source)",
        "elevation_rule": "not stated (maps of the source)",
    }


def _times_of_maps(arrays: Arrays, name: str | None, count: int, context: Context) -> np.ndarray:
    """Times of maps; of a file without any the catalogue says the first and the step.

    Raises
    ------
    UndecidedError
        If neither says them.
    """
    given = context.options.get("time")
    if isinstance(given, dict):
        return regular_times(given, count, context)
    if name is not None:
        return time_axis(arrays, name, count, context, works_by_night=False)
    step = 1440 / count
    raise context.undecided(
        "the times of the maps",
        seen=f"{count} maps, and no array of so many times",
        lines=(f"time: {{start: '{first_day(context)}00:00', step_minutes: {step:g}}}", "variables: {time: NAME}"),
    )


def _axes(tec: Map, arrays: Arrays, context: Context) -> tuple[int, int, int]:
    """Order of the axes as (time, latitude, longitude): by the option, their lengths, the names of the dimensions, or
    what words say, `tec(lon,lat,time)`.

    Raises
    ------
    UndecidedError
        If none or several orders fit.
    """
    fitting = [order for order in itertools.permutations((0, 1, 2))
               if tec.shape[order[1]] == tec.latitudes and tec.shape[order[2]] == tec.longitudes]  # fmt: skip
    if tec.single:
        fitting = [order for order in fitting if order[0] == 0]
    orders, because = fitting, f"lengths {tec.shape[1:] if tec.single else tec.shape}"
    dims = arrays.dims.get(tec.name, ())
    kinds = [next((k for k in ("lat", "lon", "time") if k in dim.lower()), "") for dim in dims]
    if len(orders) > 1 and len(kinds) == 3:
        orders = [order for order in orders if kinds[order[1]] == "lat" and kinds[order[2]] == "lon"]
    said = {name: one.because for one in statements(arrays, context) for name in _orders_in(one.text, tec.name)
            if name.count("_") == (1 if tec.single else 2)}  # fmt: skip
    if len(orders) > 1 and said:
        orders, because = [order for order in orders if _words(order, tec) in said], "; ".join(said.values())
    option = context.option("orientation", [_words(order, tec) for order in fitting] if fitting else ())
    if option is not None:
        orders, because = [order for order in fitting if _words(order, tec) == option], "the catalogue says so"
    if len(orders) != 1:
        raise context.undecided(
            "which axis of the maps is which?",
            seen=f"shape {tec.shape[1:] if tec.single else tec.shape}, {tec.latitudes} latitudes, "
            f"{tec.longitudes} longitudes{'; ' if said else ''}{'; '.join(said.values())}",
            lines=tuple(f"orientation: {_words(order, tec)}" for order in fitting)
            or ("variables: {latitude: NAME, longitude: NAME}",),
        )
    context.decisions.record("orientation", f"axes {orders[0]} are time, latitude, longitude", because)
    time, latitude, longitude = orders[0]
    return time, latitude, longitude


@dataclass(frozen=True)
class Map:
    """Shape of the maps of a file, time first where there is a single one, and the lengths of the axes."""

    name: str
    shape: tuple[int, ...]
    latitudes: int
    longitudes: int
    single: bool


def _words(order: tuple[int, ...], tec: Map) -> str:
    """An order of axes as the option `orientation` names it: `longitude_latitude_time`."""
    names = dict(zip(order, ("time", "latitude", "longitude"), strict=True))
    return "_".join(names[axis] for axis in range(3) if not (tec.single and axis == 0))


_AXIS_WORD = r"(n?lat(?:itudes?)?|n?lon(?:gitudes?)?|n?times?|hours?|hr|ut|epochs?|t)"
_ORDER = re.compile(rf"{_AXIS_WORD}\s*([x×*,-])\s*{_AXIS_WORD}(?:\s*\2\s*{_AXIS_WORD})?(?![\w])", re.IGNORECASE)


def _orders_in(text: str, name: str) -> list[str]:
    """Orders of axes that words give: `lon x lat x time`, and in brackets behind the name `tec(lon,lat,time)`."""
    found = []
    for match in _ORDER.finditer(text):
        behind_name = re.search(rf"{re.escape(name)}\s*[(\[{{]\s*$", text[: match.start()], re.IGNORECASE)
        # `A grid of lat x lon` is a manner of speaking.
        if (match[2] in "x×*" and match[4]) or behind_name:
            words = [word.lower().removeprefix("n")[:3] for word in (match[1], match[3], match[4]) if word]
            found.append("_".join({"lat": "latitude", "lon": "longitude"}.get(word, "time") for word in words))
    return found


def _time_of_name(context: Context) -> np.ndarray:
    found = naming.moments(context.file)
    if not found or not naming.has_clock(context.file):
        raise context.undecided(
            "the time of the map", seen=f"one map, name {context.file}", lines=("variables: {time: NAME}",)
        )
    context.decisions.record("time", "of the map", "name of the file")
    words = re.sub(r"[_\d.]+", " ", context.file)
    moment = np.array([found[-1]]).astype("datetime64[ns]")
    return to_utc(moment, words, context, False, usual="the time of a map in its name is taken for UT")


def _points(arrays: Arrays, found: dict[str, str], context: Context) -> xr.Dataset:
    tec = arrays.values[found["tec"]]
    times = _times_of_points(arrays, found, tec.shape, context)
    columns = {
        "stated_vertical_tec": in_tecu(
            _known(arrays, found["tec"], context), arrays, found["tec"], "tec", statements(arrays, context), context
        ).ravel(),
        "pierce_latitude": _known(arrays, found["latitude"], context).ravel(),
        "pierce_longitude": _known(arrays, found["longitude"], context).ravel(),
        "elevation": np.full(tec.size, np.nan),
    }
    if "elevation" in found and arrays.values[found["elevation"]].shape == tec.shape:
        columns["elevation"] = _known(arrays, found["elevation"], context).ravel()
    keep = np.isfinite(columns["stated_vertical_tec"])
    context.decisions.record("points", f"{int(keep.sum())} of {keep.size} with a value", "missing values left out")
    cube = _regular(columns, times.ravel(), keep)
    if cube is not None:
        context.decisions.record("maps", str(dict(cube.sizes)), "the points lie on the nodes of a grid")
        return cube.assign_attrs(_shell(arrays, context))
    out = {name: ("observation", value[keep]) for name, value in columns.items()}
    return xr.Dataset({**out, "observation_time": ("observation", times.ravel()[keep])})


# A grid of fewer cells in a direction, or filled less, is not taken for one.
_FEWEST_NODES, _LEAST_FILLED = 4, 0.2
_NODE_TOLERANCE = 1e-3


def _regular(columns: dict[str, np.ndarray], times: np.ndarray, keep: np.ndarray) -> xr.Dataset | None:
    """Maps, where points without an elevation lie on the nodes of a grid, one at each node and epoch; else None."""
    if np.isfinite(columns["elevation"]).any() or not keep.any():
        return None
    axes, where = zip(
        *(np.unique(values[keep], return_inverse=True) for values in
          (times, columns["pierce_latitude"], columns["pierce_longitude"])),
        strict=True,
    )  # fmt: skip
    shape = tuple(axis.size for axis in axes)
    flat = np.ravel_multi_index(where, shape)
    dense = keep.sum() >= _LEAST_FILLED * np.prod(shape, dtype=float)
    if not dense or np.unique(flat).size < flat.size or not all(_are_nodes(axis) for axis in axes[1:]):
        return None
    cube = np.full(int(np.prod(shape)), np.nan)
    cube[flat] = columns["stated_vertical_tec"][keep]
    names = ("time", "latitude", "longitude")
    return xr.Dataset({"vertical_tec": (names, cube.reshape(shape))}, dict(zip(names, axes, strict=True)))


def _are_nodes(axis: np.ndarray) -> bool:
    """Whether values are multiples of a step apart."""
    steps = np.diff(axis)
    if axis.size < _FEWEST_NODES or steps.min() <= 0.0:
        return False
    multiples = steps / steps.min()
    return bool(np.abs(multiples - np.round(multiples)).max() < _NODE_TOLERANCE)


def _times_of_points(arrays: Arrays, found: dict[str, str], shape: tuple[int, ...], context: Context) -> np.ndarray:
    """Time of each point, in the shape of the TEC."""
    if len(shape) == 1:
        return time_axis(arrays, None, shape[0], context, works_by_night=False)
    name = next((n for size in set(shape) for n in [time_name(arrays, size)] if n), None)
    lengths = [arrays.values[name].size] if name else list(_EPOCHS_OF_A_DAY)
    axes = [axis for axis, size in enumerate(shape) if size in lengths]
    if len(axes) != 1:
        raise context.undecided(
            "which axis of the TEC counts epochs?", seen=f"shape {shape}", lines=("variables: {time: NAME}",)
        )
    if name:
        times = time_axis(arrays, name, shape[axes[0]], context, works_by_night=False)
    else:
        times = _epochs_of_day(shape[axes[0]], context)
    spread = [1] * len(shape)
    spread[axes[0]] = shape[axes[0]]
    return np.broadcast_to(times.reshape(spread), shape)


def _epochs_of_day(count: int, context: Context) -> np.ndarray:
    if context.date is None:
        raise context.undecided("epochs without a date", seen=f"{count} epochs", lines=("date: YYYY-MM-DD",))
    context.decisions.record("time", f"{count} epochs of the UT day {context.date}", "as many as a day has")
    step = np.timedelta64(86_400_000 // count, "ms").astype("timedelta64[ns]")
    return context.date.astype("datetime64[ns]") + step * np.arange(count)
