"""Find and measure the enhanced region of a night in its TEC excess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label, uniform_filter
from scipy.optimize import least_squares, minimize_scalar

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.derive.tec_background import Grid, weighted_solution
from metalclouds.derive.tec_settings import EnhancementSettings

Array = NDArray[np.floating]
KM_PER_DEGREE = EARTH_RADIUS_KM * np.pi / 180.0
ROUNDING = 1e-6
"""Five epochs of 6 min are half an hour, whatever their hours as floating-point numbers say."""


@dataclass(frozen=True)
class TecRegion:
    """A connected set of cells in time, latitude and longitude where the excess is significant.

    `mass` is the sum of its standard scores; the statistic by which nights are compared.
    """

    mass: float
    cells: NDArray[np.bool_]


@dataclass(frozen=True)
class Measure:
    """The enhanced region as numbers.

    `template` is the share of its strength in each cell, dims (latitude, longitude), NaN outside the window that is
    fitted. Longitudes and latitudes in degrees.
    """

    axis: float
    axis_error: float
    tilt_deg: float
    width_km: float
    south: float
    north: float
    area_km2: float
    template: Array


# ---- search ----------------------------------------------------------------------------------------------


def smoothed(excess: Array, grid: Grid, settings: EnhancementSettings) -> Array:
    """Running mean of the excess over the settings' spans; gaps are left out, NaN below a third of the values.

    Maps may be rarer than the epochs of the grid. Epochs without a map between two others have the mean of these, so
    that a region is not cut in pieces by them.
    """
    spans = (
        settings.smooth_minutes / 60.0 / (grid.hours[1] - grid.hours[0]),
        settings.smooth_latitude_deg / (grid.latitude[1] - grid.latitude[0]),
        settings.smooth_longitude_deg / (grid.longitude[1] - grid.longitude[0]),
    )
    return _box_mean(excess, [max(round(span) | 1, 1) for span in spans], 1 / 3, between=True)


def _box_mean(values: Array, size: list[int], share: float, between: bool = False) -> Array:
    """Running mean over boxes of `size` cells; only the part of the grid that holds values is worked on.

    It is NaN where the values are; with `between` not in epochs that hold no value at all, and the share is that of
    the cells of the other epochs.
    """
    out = np.full(values.shape, np.nan)
    part = _extent(np.isfinite(values))
    there = np.isfinite(values[part])
    weight = uniform_filter(there.astype(float), size, mode="constant")
    total = uniform_filter(np.where(there, values[part], 0.0), size, mode="constant")
    needed: Array | float = share
    if between:
        held = there.any(axis=(1, 2), keepdims=True)
        windows = [uniform_filter(one, [size[0], 1, 1], mode="constant") for one in (1.0 * held, np.ones(held.shape))]
        needed = np.maximum(share * windows[0] / windows[1], 1e-9)
        there = there | ~held
    out[part] = np.where(there & (weight >= needed), total / np.maximum(weight, 1e-12), np.nan)
    return out


def _extent(there: NDArray[np.bool_]) -> tuple[slice, ...]:
    """The smallest box that holds all true cells."""
    ends = []
    for axis in range(there.ndim):
        seen = np.flatnonzero(there.any(axis=tuple(other for other in range(there.ndim) if other != axis)))
        ends.append(slice(seen[0], seen[-1] + 1) if seen.size else slice(0, 0))
    return tuple(ends)


def quiet_scatter(quiet: list[Array], grid: Grid, settings: EnhancementSettings) -> Array:
    """Root mean square of the smoothed excess on quiet days, itself smoothed, dims (epoch, latitude, longitude)."""
    count, total = np.zeros(quiet[0].shape), np.zeros(quiet[0].shape)
    for excess in quiet:
        there = np.isfinite(excess)
        count += there
        total += np.where(there, np.square(excess), 0.0)
    return box_scatter(np.sqrt(np.where(count > 0, total / np.maximum(count, 1), np.nan)), grid, settings)


def box_scatter(scatter: Array, grid: Grid, settings: EnhancementSettings) -> Array:
    """Scatter averaged in squares over the time and box of the settings, dims (epoch, latitude, longitude)."""
    step = (grid.hours[1] - grid.hours[0], grid.latitude[1] - grid.latitude[0], grid.longitude[1] - grid.longitude[0])
    spans = (settings.scatter_hours, settings.scatter_deg, settings.scatter_deg)
    size = [max(round(span / one) | 1, 1) for span, one in zip(spans, step, strict=True)]
    return np.sqrt(_box_mean(np.square(scatter), size, 0.0))


def find_region(
    score: Array, grid: Grid, settings: EnhancementSettings, over: NDArray[np.bool_] | None = None
) -> TecRegion:
    """The heaviest connected region that is long enough in latitude and time, and longer than it is wide.

    Parameters
    ----------
    score
        smoothed excess over the quiet days' scatter, dims (epoch, latitude, longitude).
    over
        cells (latitude, longitude) of which the region must hold one at some time; any where None.
    """
    above = score > settings.region_sigma
    labels = _without_specks(label(above)[0], grid, settings)
    best = TecRegion(0.0, np.zeros(score.shape, dtype=bool))
    for number, box in enumerate(find_objects(labels), start=1):
        if not _is_long(box, grid, settings):
            continue
        inside = labels[box] == number
        if over is not None and not (inside & over[box[1:]]).any():
            continue
        mass = float(score[box][inside].sum())
        if mass > best.mass and _is_meridional(inside, grid, box):
            cells = np.zeros(score.shape, dtype=bool)
            cells[box] = inside
            best = TecRegion(mass, cells)
    return best


def _without_specks(labels: NDArray[np.int_], grid: Grid, settings: EnhancementSettings) -> NDArray[np.int_]:
    """Labels, numbered anew, without regions of too few cells to be long enough in time and latitude."""
    epochs = settings.minimum_minutes / 60 / (grid.hours[1] - grid.hours[0])
    rows = settings.minimum_meridional_deg / (grid.latitude[1] - grid.latitude[0])
    large = np.bincount(labels.ravel()) >= max(epochs, rows) - ROUNDING
    large[0] = False
    return (np.cumsum(large) * large)[labels]


def _is_long(box: tuple[slice, ...], grid: Grid, settings: EnhancementSettings) -> bool:
    """Whether a region that fills this box lasts long enough and reaches far enough in latitude."""
    minutes = (box[0].stop - box[0].start) * (grid.hours[1] - grid.hours[0]) * 60
    reach = np.ptp(grid.latitude[box[1]])
    long = minutes >= settings.minimum_minutes - ROUNDING
    return bool(long and reach >= settings.minimum_meridional_deg - ROUNDING)


def _is_meridional(inside: NDArray[np.bool_], grid: Grid, box: tuple[slice, ...]) -> bool:
    _, row, column = np.nonzero(inside)
    latitude, longitude = grid.latitude[box[1]][row], grid.longitude[box[2]][column]
    eastward = (longitude - longitude.mean()) * np.cos(np.radians(latitude))
    return bool(np.std(latitude) > np.std(eastward))


# ---- measure ---------------------------------------------------------------------------------------------


def measure_region(excess: Array, region: TecRegion, grid: Grid, settings: EnhancementSettings) -> Measure:
    """Axis, width, reach and area of a region found.

    The excess is averaged over the epochs in which the region is strong. At each latitude it is a gaussian in the
    distance from one meridian, of one width, on a constant: axis and width are fitted together, strengths and
    constants solved for (variable projection, Golub & Pereyra 1973, SIAM J. Numer. Anal. 10, 413). Latitude ends
    lie where the strength falls to `edge_fraction` of its inner median.
    """
    weight = region.cells.sum(axis=(1, 2))
    strong = weight >= 0.5 * weight.max()
    mean = _mean_of(excess[strong])
    rows = np.flatnonzero(region.cells.any(axis=(0, 2)))
    columns = _window(region, grid, settings)
    axis, width = _fit_axis(mean, rows, columns, region, grid)
    bands = _band_axes(mean, rows, columns, axis, width, grid)
    strength = _strengths(mean, columns, axis, width, grid)
    south, north = _reach(strength, rows, grid.latitude, settings.edge_fraction)
    template = _template(south, north, axis, width, columns, grid)
    area = _area(settings.edge_fraction, south, north, width)
    return Measure(axis, _axis_error(bands), _tilt(bands), width, south, north, area, template)


def _mean_of(values: Array) -> Array:
    count = np.isfinite(values).sum(axis=0)
    return np.where(count > 0, np.nansum(values, axis=0) / np.maximum(count, 1), np.nan)


def _window(region: TecRegion, grid: Grid, settings: EnhancementSettings) -> NDArray[np.intp]:
    """Columns around the region that are fitted."""
    seen = grid.longitude[region.cells.any(axis=(0, 1))]
    middle = np.average(grid.longitude, weights=region.cells.sum(axis=(0, 1)))
    half = max(settings.fit_half_width_deg, 0.75 * float(np.ptp(seen)))
    return np.flatnonzero(np.abs(grid.longitude - middle) <= half)


def _distance(axis: float, rows: NDArray[np.intp], columns: NDArray[np.intp], grid: Grid) -> Array:
    """Distance from the meridian `axis` in km, dims (row, column)."""
    shrink = np.cos(np.radians(grid.latitude[rows]))[:, None]
    return KM_PER_DEGREE * (grid.longitude[columns] - axis)[None, :] * shrink


def _profile(distance: Array, width: float) -> Array:
    return np.exp(-4 * np.log(2) * (distance / width) ** 2)


def _row_fit(mean: Array, shape: Array) -> tuple[Array, Array]:
    """Strength of the shape in each row, with a constant, and the residuals, dims (row,), (row, column)."""
    good = np.isfinite(mean)
    design = np.where(good[:, None], np.stack([shape, np.ones_like(shape)], axis=1), 0.0)
    solution = weighted_solution(design, np.where(good, mean, 0.0), good.astype(float))
    residual = np.where(good, mean - (solution[:, None] @ design)[:, 0], 0.0)
    return solution[:, 0], residual


def _fit_axis(
    mean: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], region: TecRegion, grid: Grid
) -> tuple[float, float]:
    """Longitude of the axis (deg) and full width at half maximum (km)."""
    part = mean[np.ix_(rows, columns)]
    start = np.average(grid.longitude, weights=region.cells.sum(axis=(0, 1)))
    span = KM_PER_DEGREE * np.ptp(grid.longitude[columns])
    low, high = grid.longitude[columns][[0, -1]]

    def residual(parameters: Array) -> Array:
        shape = _profile(_distance(parameters[0], rows, columns, grid), np.exp(parameters[1]))
        return _row_fit(part, shape)[1].ravel()

    bounds = ([low, np.log(KM_PER_DEGREE * 0.5)], [high, np.log(span)])
    first = [np.clip(start, low + 0.1, high - 0.1), np.log(span / 5)]
    solution = least_squares(residual, first, bounds=bounds, x_scale=[1.0, 0.3]).x
    return float(solution[0]), float(np.exp(solution[1]))


def _band_axes(
    mean: Array, rows: NDArray[np.intp], columns: NDArray[np.intp], axis: float, width: float, grid: Grid
) -> Array:
    """Middle latitude and longitude of the axis (deg) in each of four bands of latitude, dims (band, 2)."""
    best = []
    for band in np.array_split(rows, 4):
        part = mean[np.ix_(band, columns)]

        def residual(longitude: float, part: Array = part, band: NDArray[np.intp] = band) -> float:
            return float(np.sum(_row_fit(part, _profile(_distance(longitude, band, columns, grid), width))[1] ** 2))

        if band.size and np.isfinite(part).any():
            found = minimize_scalar(residual, bounds=(axis - 2, axis + 2), method="bounded").x
            best.append((float(grid.latitude[band].mean()), float(found)))
    return np.array(best).reshape(-1, 2)


def _axis_error(bands: Array) -> float:
    """Standard error of the axis (deg) from its scatter between bands of latitude."""
    return float(np.std(bands[:, 1], ddof=1) / np.sqrt(len(bands))) if len(bands) > 1 else float("nan")


def _tilt(bands: Array) -> float:
    """Angle (deg) of the axis from the meridian: the straight line through the bands' axes."""
    if len(bands) < 2:
        return float("nan")
    latitude, longitude = bands.T
    eastward = (longitude - longitude.mean()) * np.cos(np.radians(latitude))
    northward = latitude - latitude.mean()
    return float(np.degrees(np.arctan(northward @ eastward / (northward @ northward))))


def _strengths(mean: Array, columns: NDArray[np.intp], axis: float, width: float, grid: Grid) -> Array:
    """Strength of the region at every latitude of the grid, TECU."""
    rows = np.arange(grid.latitude.size)
    strength, _ = _row_fit(mean[:, columns], _profile(_distance(axis, rows, columns, grid), width))
    enough = np.isfinite(mean[:, columns]).sum(axis=1) >= 5
    return np.where(enough, strength, 0.0)


def _reach(strength: Array, rows: NDArray[np.intp], latitude: Array, fraction: float) -> tuple[float, float]:
    """Southern and northern end (deg)."""
    south, north = rows[0], rows[-1]
    for _ in range(10):
        plateau = float(np.median(strength[south : north + 1]))
        inner = np.flatnonzero(strength >= fraction * plateau)
        middle = inner[np.argmin(np.abs(inner - (south + north) / 2))]
        ends = _run(strength >= fraction * plateau, int(middle))
        if ends == (south, north):
            break
        south, north = ends
    level = fraction * plateau
    low = _crossing(latitude, strength, south, -1, level)
    return low, _crossing(latitude, strength, north, 1, level)


def _run(inside: NDArray[np.bool_], start: int) -> tuple[int, int]:
    """First and last index of the run of true values around `start`; single gaps are bridged."""
    ends = []
    for step in (-1, 1):
        index = start
        while 0 <= index + step < inside.size and (
            inside[index + step] or (0 <= index + 2 * step < inside.size and inside[index + 2 * step])
        ):
            index += step
        ends.append(index)
    return ends[0], ends[1]


def _crossing(latitude: Array, strength: Array, index: int, step: int, level: float) -> float:
    """Latitude beyond `index` where the strength falls through `level`, by linear interpolation."""
    beyond = index + step
    if not 0 <= beyond < latitude.size:
        return float(latitude[index])
    drop = strength[index] - strength[beyond]
    share = np.clip((strength[index] - level) / drop, 0.0, 1.0) if drop > 0 else 0.5
    return float(latitude[index] + share * (latitude[beyond] - latitude[index]))


def _template(south: float, north: float, axis: float, width: float, columns: NDArray[np.intp], grid: Grid) -> Array:
    """Share of the strength in each cell between the ends; NaN outside the fitted window."""
    out = np.full((grid.latitude.size, grid.longitude.size), np.nan)
    rows = np.flatnonzero((grid.latitude >= south) & (grid.latitude <= north))
    out[np.ix_(rows, columns)] = _profile(_distance(axis, rows, columns, grid), width)
    return out


def surroundings(measure: Measure, region: TecRegion, grid: Grid, settings: EnhancementSettings) -> NDArray[np.bool_]:
    """Cells that the region may reach: its time with a margin, and a width to each side and end of it.

    Parameters
    ----------
    measure
        axis (degrees east), width (km) and ends (degrees north) of the region.

    Returns
    -------
    ndarray
        bool, dims (epoch, latitude, longitude).
    """
    there = grid.hours[region.cells.any(axis=(1, 2))]
    margin = settings.exclude_margin_hours
    hours = (grid.hours >= there[0] - margin) & (grid.hours <= there[-1] + margin)
    all_rows, all_columns = np.arange(grid.latitude.size), np.arange(grid.longitude.size)
    near = np.abs(_distance(measure.axis, all_rows, all_columns, grid)) <= measure.width_km
    ends = (grid.latitude >= measure.south - 2.0) & (grid.latitude <= measure.north + 2.0)
    return hours[:, None, None] & (near & ends[:, None])[None]


def strength_series(excess: Array, template: Array) -> Array:
    """Strength of a template in the excess of each epoch, beside a plane; TECU, dims (epoch,).

    NaN where less than half of the template's cells are observed.
    """
    row, column = np.nonzero(np.isfinite(template))
    plane = [np.ones(row.size), (row - row.mean()) / row.size**0.5, (column - column.mean()) / row.size**0.5]
    design = np.stack([template[row, column], *plane])[None]
    values = excess[:, row, column]
    good = np.isfinite(values)
    solution = weighted_solution(design, np.where(good, values, 0.0), good.astype(float))
    return np.where(good.mean(axis=1) >= 0.5, solution[:, 0], np.nan)


def _area(fraction: float, south: float, north: float, width: float) -> float:
    """Area where the excess is above `fraction` of its peak: full width at that level times length, km2."""
    full = width * np.sqrt(np.log(1 / fraction) / np.log(2))
    return float(full * KM_PER_DEGREE * (north - south))
