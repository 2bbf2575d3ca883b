"""Draw a truth and a way to write it down; the seed is all that is needed to draw it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.ingest.variety import cells, clocks, containers, truth
from tests.ingest.variety.truth import Matrix, Series

INSTRUMENTS = ("ionosonde", "winds", "tec points", "tec maps", "lidar matrix", "lidar rows")


@dataclass(frozen=True)
class Way:
    """How a file is written: its name without ending, and what was drawn for it."""

    rng: np.random.Generator
    stem: Path
    container: str
    zone: clocks.Zone
    missing: cells.Missing
    names: dict[str, str]
    units: dict[str, str]


@dataclass(frozen=True)
class Drawn:
    """A file, what is true of it, and how it was written."""

    path: Path
    truth: Series | Matrix
    missing: str
    choices: dict[str, str]


def draw(seed: int, folder: Path, instrument: str | None = None) -> Drawn:
    """Write the file of a seed."""
    rng = np.random.default_rng([20210510, seed])
    kind = instrument or INSTRUMENTS[seed % len(INSTRUMENTS)]
    return DRAWS[kind](rng, folder)


def _ionosonde(rng: np.random.Generator, folder: Path) -> Drawn:
    return _series(rng, folder, truth.ionosonde(rng), "ionosonde_BP")


def _winds(rng: np.random.Generator, folder: Path) -> Drawn:
    return _series(rng, folder, truth.winds(rng), "FPI_wind_250km")


def _tec_points(rng: np.random.Generator, folder: Path) -> Drawn:
    return _series(rng, folder, truth.tec_points(rng), "tec")


def _lidar_rows(rng: np.random.Generator, folder: Path) -> Drawn:
    """One row for each time and altitude."""
    whole = truth.lidar(rng)
    times = np.repeat(whole.axes["time"], whole.axes["altitude"].size)
    altitude = np.tile(whole.axes["altitude"], whole.axes["time"].size)
    rows = Series("lidar", times, {"density": whole.values.ravel()}, {"altitude": altitude})
    drawn = _series(rng, folder, rows, "lidar_Ca+", whole)
    return Drawn(drawn.path, (drawn.choices.pop("lost") and drawn.truth) or whole, drawn.missing, drawn.choices)


def _series(rng: np.random.Generator, folder: Path, series: Series, stem: str, whole: Matrix | None = None) -> Drawn:
    container = str(rng.choice(["text", "text", "text", "xlsx", "mat", "netcdf", "hdf5"]))
    zone = clocks.draw_zone(rng)
    signed = series.instrument in ("fpi", "lidar")
    missing = cells.draw_missing(rng, container in ("text", "xlsx"), signed)
    names = _names(rng, {**series.points, **series.values}, container)
    units = {role: cells.draw_unit(rng, role) for role in names}
    choices = {"container": container, "zone": f"{zone.clock} {zone.said} {zone.word}", "missing": missing.word}
    choices |= {f"unit of {role}": unit for role, unit in units.items() if unit != next(iter(cells.UNITS[role]))}
    values = {r: cells.UNITS[r][units[r]](v) for r, v in {**series.points, **series.values}.items()}
    seen = _seen(series, values, units, whole)
    choices["lost"] = "log" if seen is not (whole or series) else ""
    way = Way(rng, folder / stem, container, zone, missing, names, units)
    path, more = (_netcdf_series if container == "netcdf" else _columns)(way, series, values)
    return Drawn(path, seen, missing.word, choices | more)


def _seen(series: Series, values: dict, units: dict, whole: Matrix | None) -> Series | Matrix:
    """The truth as far as the notation carries it: a logarithm has no negatives."""
    if whole is None or not units["density"].startswith("log"):
        return whole or series
    kept = np.where(np.isnan(values["density"]), np.nan, series.values["density"]).reshape(whole.values.shape)
    return Matrix(whole.instrument, whole.axes, whole.name, kept)


def _names(rng: np.random.Generator, roles: dict[str, Any], container: str) -> dict[str, str]:
    """One language a file: the same place in each list where there are as many names."""
    at = int(rng.integers(8))
    chosen = {role: cells.NAMES[role][at % len(cells.NAMES[role])] for role in roles}
    if container == "mat":
        chosen = {role: _identifier(name, role) for role, name in chosen.items()}
    return chosen


_MATLAB_NAMES = {"观测时间": "time", "时间": "time", "日期": "date", "年": "year", "月": "month", "日": "day",
                 "时": "hour", "分": "minute", "垂直TEC": "TEC", "电子总含量": "TEC",
                 "钙离子数密度": "nCa"}  # fmt: skip


def _identifier(name: str, role: str) -> str:
    for chinese, ascii_word in (("世界时", "UT"), ("北京时间", "BJT")):
        name = name.replace(chinese, ascii_word)
    base, _, zone = name.partition(" (")
    name = f"{_MATLAB_NAMES.get(base, base)} ({zone}" if zone else _MATLAB_NAMES.get(name, name)
    kept = (
        name.replace(" (", "_").replace(")", "").replace(" ", "_").replace("'", "").replace("`", "").replace("+", "")
    )
    return kept if kept.isidentifier() and kept.isascii() else _MATLAB_NAMES.get(name, role)


Cells = dict[str, list[Any]]


def _columns(way: Way, series: Series, values: dict[str, np.ndarray]) -> tuple[Path, dict[str, str]]:
    rng, container = way.rng, way.container
    clock, zone, how = _clock(way, series)
    units_row = container in ("text", "xlsx") and rng.random() < 0.2
    columns: Cells = dict(clock.columns)
    for role, name in way.names.items():
        header = name if units_row or container in ("mat", "hdf5") else cells.header_of(rng, name, way.units[role])
        columns[header] = cells.with_missing(values[role], way.missing)
    if container in ("text", "xlsx") and rng.random() < 0.15:
        columns["remarks"] = ["" if container == "text" else "ok"] * series.times.size
    row = [""] * len(clock.columns) + [way.units[role] for role in way.names]
    row += [""] * (len(columns) - len(row))
    more = {
        "time": how,
        "units row": str(units_row),
        "names": "/".join(way.names.values()),
        "said": f"{zone.clock} {zone.said}",
    }
    path = _dated(way.stem, clock)
    return _written(way, path, columns, tuple(row) if units_row else ()), more


def _clock(way: Way, series: Series) -> tuple[clocks.Clock, clocks.Zone, str]:
    """Times in a notation that the container can hold; of long tables mostly in a plain one."""
    rng, container = way.rng, way.container
    encoders = clocks.NUMBER if container in ("mat", "hdf5") and rng.random() < 0.7 else clocks.TEXT | clocks.NUMBER
    if series.instrument in ("lidar", "tec") and rng.random() < 0.5:
        encoders = {k: v for k, v in encoders.items() if k in ("iso T", "unix s", "datenum", "slashes", "compact")}
    how = str(rng.choice(list(encoders)))
    real_cells = container == "xlsx" and rng.random() < 0.4
    zone = clocks.sayable(way.zone, how)
    local = clocks.on_clock(series.times, zone)
    if not real_cells:
        return encoders[how](local, zone, rng), zone, how
    word = zone.word if zone.said == "header" else zone.clock
    zone = clocks.Zone(zone.clock, "nowhere" if zone.said == "nowhere" else "header", word)
    return clocks.Clock({zone.header("time"): local}), zone, "cells of dates"


def _dated(stem: Path, clock: clocks.Clock) -> Path:
    return stem.with_name(stem.name + (f"_{clock.day}" if clock.day else ""))


def _written(way: Way, path: Path, columns: Cells, units_row: tuple[str, ...]) -> Path:
    rng, container, names, units = way.rng, way.container, way.names, way.units
    if container == "text":
        path = path.with_name(path.name + str(rng.choice([".csv", ".txt", ".dat"])))
        blank = any(isinstance(v, str) and (v == "" or " " in v) for c in columns.values() for v in c)
        spaced = blank or any(" " in name for name in columns) or bool(units_row)
        page = containers.draw_page(rng, columns, spaced)
        containers.text(path, columns, containers.Page(**{**page.__dict__, "units": units_row}))
    elif container == "xlsx":
        path = path.with_name(path.name + ".xlsx")
        title = ("Observations of the station",) if rng.random() < 0.2 else ()
        dated = any(isinstance(c[0], datetime) for c in columns.values())
        containers.xlsx(path, columns, title, units_row, epoch_1904=dated and rng.random() < 0.3)
    elif container == "mat":
        path = path.with_name(path.name + ".mat")
        arrays = {_identifier(name, f"column{n}"): value for n, (name, value) in enumerate(columns.items())}
        assert len(arrays) == len(columns)
        arrays |= {f"{_identifier(names[r], r)}_units": unit for r, unit in units.items() if unit}
        containers.mat(path, _plain(arrays), "data" if rng.random() < 0.25 else "")
    else:
        path = path.with_name(path.name + ".h5")
        attributes = {name: {"units": units[role]} for role, name in names.items() if units[role]}
        containers.hdf5(path, _plain({k.replace("/", " "): v for k, v in columns.items()}), attributes)
    return path


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    """Arrays have NaN for a missing word."""
    out: dict[str, Any] = {}
    for name, column in columns.items():
        mixed = isinstance(column, list) and any(isinstance(v, float) for v in column)
        out[name] = [np.nan if isinstance(v, str) else v for v in column] if mixed else column
    return out


def _netcdf_series(way: Way, series: Series, values: dict[str, np.ndarray]) -> tuple[Path, dict[str, str]]:
    time, more = _cf_variable(way.rng, series.times, way.zone, ("time",))
    variables = {"time": time}
    for role, name in way.names.items():
        variables[name] = _cf_values(way.rng, ("time",), values[role], way.units[role], way.missing)
    path = way.stem.with_name(way.stem.name + ".nc")
    containers.netcdf(path, variables, {})
    return path, more | {"names": "/".join(way.names.values())}


def _cf_variable(
    rng: np.random.Generator, times: np.ndarray, zone: clocks.Zone, dims: tuple[str, ...]
) -> tuple[containers.NcVariable, dict[str, str]]:
    if zone.said == "nowhere":
        zone = clocks.Zone("UT", "nowhere", "")
    if rng.random() < 0.2:
        offset = "Z" if zone.clock == "UT" else "+08:00"
        cell = np.array([t.isoformat() + offset for t in clocks.on_clock(times, zone)], dtype=object)
        return containers.NcVariable(dims, cell, {}), {"time": "strings " + offset}
    cf = clocks.draw_cf(times, zone, rng)
    attributes = {"units": cf.units, "calendar": cf.calendar}
    if rng.random() < 0.5:
        attributes.pop("calendar") if cf.calendar == "standard" else None
    return containers.NcVariable(dims, cf.numbers, attributes), {"time": cf.units}


def _cf_values(
    rng: np.random.Generator, dims: tuple[str, ...], values: np.ndarray, unit: str, missing: cells.Missing
) -> containers.NcVariable:
    attributes: dict[str, Any] = {"units": unit} if unit else {}
    said = str(rng.choice(["fill", "missing_value", "not", "packed"]))
    finite = values[np.isfinite(values)]
    if said == "packed" and finite.size and np.abs(finite).max() < 1e12:
        step = float(np.ptp(finite) / 6e8) or 1e-3
        packed = np.where(np.isnan(values), -2147483647, np.round((values - finite.min()) / step)).astype("i4")
        attributes |= {"scale_factor": step, "add_offset": float(finite.min())}
        return containers.NcVariable(dims, packed, attributes, -2147483647)
    stored = cells.as_numbers(values, missing)
    if missing.is_word or said == "not":
        return containers.NcVariable(dims, stored, attributes)
    if said == "missing_value":
        attributes["missing_value"] = missing.number
        return containers.NcVariable(dims, stored, attributes)
    return containers.NcVariable(dims, stored, attributes, missing.number)


# ---- matrices --------------------------------------------------------------------------------------------


def _lidar_matrix(rng: np.random.Generator, folder: Path) -> Drawn:
    return _matrix(rng, folder, truth.lidar(rng), "lidar")


def _tec_maps(rng: np.random.Generator, folder: Path) -> Drawn:
    return _matrix(rng, folder, truth.tec_maps(rng), "tec_map")


def _matrix(rng: np.random.Generator, folder: Path, matrix: Matrix, stem: str) -> Drawn:
    flat = matrix.values.ndim == 2
    container = str(rng.choice(["mat", "netcdf", "hdf5", *(["text", "xlsx"] if flat else [])]))
    zone = clocks.draw_zone(rng)
    missing = cells.draw_missing(rng, False, flat)
    names = _names(rng, dict.fromkeys((*list(matrix.axes)[1:], matrix.name)), container)
    units = {role: cells.draw_unit(rng, role) for role in names}
    order = [int(n) for n in rng.permutation(matrix.values.ndim)]
    values = cells.UNITS[matrix.name][units[matrix.name]](matrix.values)
    kept = Matrix(matrix.instrument, matrix.axes, matrix.name, np.where(np.isnan(values), np.nan, matrix.values))
    axes = {role: cells.UNITS[role][units[role]](axis) for role, axis in list(matrix.axes.items())[1:]}
    choices = {
        "container": container,
        "missing": missing.word,
        "order": str(order),
        "names": "/".join(names.values()),
    }
    choices |= {f"unit of {role}": unit for role, unit in units.items() if unit != next(iter(cells.UNITS[role]))}
    write = {"netcdf": _netcdf_matrix, "text": _flat_matrix, "xlsx": _flat_matrix}.get(container, _array_matrix)
    way = Way(rng, folder / stem, container, zone, missing, names, units)
    path, more = write(way, Grid(matrix.axes["time"], axes, matrix.name, values, order))
    return Drawn(path, kept, missing.word, choices | more)


@dataclass(frozen=True)
class Grid:
    """A matrix in the file's units: times (UT), the other axes, and the order in which the dims are stored."""

    times: np.ndarray
    axes: dict[str, np.ndarray]
    name: str
    values: np.ndarray
    order: list[int]


_OF_ARRAYS = [
    "unix s",
    "datenum",
    "hours, day in name",
    "mjd",
    "julian date",
    "iso T",
    "matlab",
    "hhmmss, day in name",
]


def _netcdf_matrix(way: Way, grid: Grid) -> tuple[Path, dict[str, str]]:
    rng, names, units, axes, order = way.rng, way.names, way.units, grid.axes, grid.order
    dims = ["time", *(names[role] for role in axes)]
    time, more = _cf_variable(rng, grid.times, way.zone, ("time",))
    variables = {"time": time}
    for role, axis in axes.items():
        variables[names[role]] = containers.NcVariable(
            (names[role],), axis, {"units": units[role]} if units[role] else {}
        )
    turned = tuple(dims[n] for n in order)
    stored = _cf_values(rng, turned, grid.values.transpose(order), units[grid.name], way.missing)
    variables[names[grid.name]] = stored
    path = way.stem.with_name(way.stem.name + ".nc")
    containers.netcdf(path, variables, {})
    return path, more


def _array_matrix(way: Way, grid: Grid) -> tuple[Path, dict[str, str]]:
    rng, container, names, units = way.rng, way.container, way.names, way.units
    how = str(rng.choice(_OF_ARRAYS))
    zone = clocks.sayable(way.zone, how)
    clock = (clocks.TEXT | clocks.NUMBER)[how](clocks.on_clock(grid.times, zone), zone, rng)
    name, column = next(iter(clock.columns.items()))
    if container == "mat":
        name = _identifier(name, zone.clock if zone.said == "header" else "time")
    arrays = {name: column, **{names[r]: axis for r, axis in grid.axes.items()}}
    arrays[names[grid.name]] = cells.as_numbers(grid.values, way.missing).transpose(grid.order)
    stem = _dated(way.stem, clock)
    path = stem.with_name(stem.name + (".mat" if container == "mat" else ".h5"))
    if container == "mat":
        arrays |= {f"{names[r]}_units": unit for r, unit in units.items() if unit}
        containers.mat(path, arrays, "data" if rng.random() < 0.25 else "")
    else:
        containers.hdf5(path, arrays, {names[r]: {"units": unit} for r, unit in units.items() if unit})
    return path, {"time": how, "zone": f"{zone.clock} {zone.said} {zone.word}"}


def _flat_matrix(way: Way, grid: Grid) -> tuple[Path, dict[str, str]]:
    """First row and column are the axes."""
    rng, names, units, order = way.rng, way.names, way.units, grid.order
    how = str(rng.choice(["iso T", "hours, day in name", "clock, day in name", "slashes", "unix s"]))
    zone = clocks.sayable(way.zone, how)
    clock = (clocks.TEXT | clocks.NUMBER)[how](clocks.on_clock(grid.times, zone), zone, rng)
    ((time_name, column),) = clock.columns.items()
    altitude = [float(a) for a in grid.axes["altitude"]]
    body = cells.as_numbers(grid.values, way.missing)
    down, across = (column, altitude) if order[0] == 0 else (altitude, column)
    body = body if order[0] == 0 else body.T
    corner = str(
        rng.choice([time_name, names["altitude"] + (f"({units['altitude']})" if units["altitude"] else ""), ""])
    )
    columns: Cells = {corner: list(down)}
    columns |= {str(a): [float(v) for v in body[:, n]] for n, a in enumerate(across)}
    stem = _dated(way.stem.with_name(f"{way.stem.name}_{names['density'].replace(' ', '_')}"), clock)
    if way.container == "xlsx":
        path = stem.with_name(stem.name + ".xlsx")
        containers.xlsx(path, columns)
    else:
        path = stem.with_name(stem.name + ".csv")
        unit = units["density"]
        page = containers.Page(
            separator=str(rng.choice([",", "\t"])), title=(f"# density in {unit}",) if unit else ()
        )
        containers.text(path, columns, page)
    return path, {"time": how, "corner": corner, "zone": f"{zone.clock} {zone.said} {zone.word}"}


DRAWS: dict[str, Callable[[np.random.Generator, Path], Drawn]] = {
    "ionosonde": _ionosonde,
    "winds": _winds,
    "tec points": _tec_points,
    "tec maps": _tec_maps,
    "lidar matrix": _lidar_matrix,
    "lidar rows": _lidar_rows,
}
