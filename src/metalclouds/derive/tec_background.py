"""Background of vertical TEC by two methods, and the excess over it.

Maps are brought to one grid: UT epochs of the night by latitude (increasing) by longitude (increasing).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from metalclouds.derive.tec_settings import EnhancementSettings

Array = NDArray[np.floating]
IndexArray = NDArray[np.intp]
CELLS_AT_ONCE = 16000


@dataclass(frozen=True)
class Grid:
    """The common grid: UT hours of the epochs, latitude and longitude of the cells (deg)."""

    hours: Array
    latitude: Array
    longitude: Array

    def times(self, night: str) -> NDArray[np.datetime64]:
        """Times of the epochs in a night, UTC.

        Returns
        -------
        ndarray
            dims (epoch,).
        """
        return np.datetime64(night, "s") + np.rint(self.hours * 3600).astype("timedelta64[s]")


def common_grid(settings: EnhancementSettings) -> Grid:
    """Grid of the search, from the settings."""
    step = settings.epoch_minutes / 60.0
    count = int((settings.end_hour - settings.start_hour) / step + 1e-9) + 1
    cells = [
        np.arange(low, high + settings.cell_deg / 2, settings.cell_deg)
        for low, high in (settings.latitude_range, settings.longitude_range)
    ]
    return Grid(settings.start_hour + step * np.arange(count), *cells)


# ---- to the common grid ----------------------------------------------------------------------------------


def on_grid(night: xr.Dataset, grid: Grid) -> Array:
    """Vertical TEC of an ingested night on the common grid.

    Maps within half a step of an epoch are averaged; in the plane the values are interpolated linearly where the
    source's cells are not the grid's.

    Parameters
    ----------
    night
        dataset of `ingest/tec`, dims (time, latitude, longitude).

    Returns
    -------
    vertical_tec
        TECU, dims (epoch, latitude, longitude); NaN where there is no map or no observation.
    """
    maps = on_cells(night["vertical_tec"], grid)
    epoch = epoch_index(night["time"].values, str(night.attrs["night"]), grid)
    out = np.full((grid.hours.size, grid.latitude.size, grid.longitude.size), np.nan)
    values = maps.transpose("time", "latitude", "longitude").values.astype(float)
    found, first, count = np.unique(epoch, return_index=True, return_counts=True)
    alone = (found >= 0) & (count == 1)
    out[found[alone]] = values[first[alone]]
    for index in found[(found >= 0) & (count > 1)]:
        out[index] = _nanmean(values[epoch == index], axis=0)
    return out


def on_cells(maps: xr.DataArray, grid: Grid) -> xr.DataArray:
    """Maps with the grid's latitudes and longitudes, interpolated only where the source has others.

    Parameters
    ----------
    maps
        any unit, dims with latitude and longitude (degrees).

    Returns
    -------
    DataArray
        in the unit of `maps`, on the cells of the grid.
    """
    ordered = maps.sortby("latitude").sortby("longitude")
    if all(_same(ordered[axis].values, getattr(grid, axis)) for axis in ("latitude", "longitude")):
        return ordered
    return ordered.interp(latitude=grid.latitude, longitude=grid.longitude)


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-3))


def epoch_index(times: NDArray[np.datetime64], night: str, grid: Grid) -> IndexArray:
    """Index of the epoch that each time belongs to; -1 outside.

    Parameters
    ----------
    times
        UTC, dims (time,).
    """
    hours = (times.astype("datetime64[ms]") - np.datetime64(night, "ms")) / np.timedelta64(3_600_000, "ms")
    step = grid.hours[1] - grid.hours[0]
    # half a second of slack, for epochs on the border of two
    index = np.floor((hours - grid.hours[0]) / step + 0.5 + 0.5 / (3600 * step)).astype(int)
    return np.where((index >= 0) & (index < grid.hours.size), index, -1)


@dataclass(frozen=True)
class GriddedObservations:
    """Sums over the observations in each cell of the common grid, of all satellites and of each one.

    `cell` and `value` (flat cell and TECU) hold the observations ordered by satellite; those of `names[k]` are
    `start[k]` to `start[k + 1]`.
    """

    shape: tuple[int, ...]
    count: NDArray[np.int_]
    total: Array
    names: tuple[str, ...]
    start: NDArray[np.intp]
    cell: NDArray[np.intp]
    value: Array

    def mean(self) -> Array:
        """Mean vertical TEC of each cell, as `on_grid` returns it."""
        return self._mean(self.count, self.total)

    def without(self, name: str) -> Array:
        """The same without a satellite: its sums are taken off."""
        index = self.names.index(name)
        part = slice(self.start[index], self.start[index + 1])
        count, total = self.count.copy(), self.total.copy()
        np.subtract.at(count, self.cell[part], 1)
        np.subtract.at(total, self.cell[part], self.value[part])
        return self._mean(count, total)

    def _mean(self, count: NDArray[np.int_], total: Array) -> Array:
        return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(self.shape)


def grid_observations(night: xr.Dataset, minimum_elevation: float, grid: Grid) -> GriddedObservations:
    """Gather the observations of a night above an elevation (deg) in the cells of the common grid.

    Parameters
    ----------
    night
        dataset of `ingest/tec` with dim observation.
    """
    epoch = epoch_index(night["observation_time"].values, str(night.attrs["night"]), grid)
    row = _cell(night["pierce_latitude"].values, grid.latitude)
    column = _cell(night["pierce_longitude"].values % 360.0, grid.longitude)
    value = night["observation_vertical_tec"].values.astype(float)
    names, satellite = np.unique(night["satellite"].values.astype(str), return_inverse=True)
    use = (night["elevation"].values >= minimum_elevation) & np.isfinite(value)
    use &= (epoch >= 0) & (row >= 0) & (column >= 0)
    shape = (grid.hours.size, grid.latitude.size, grid.longitude.size)
    order = np.flatnonzero(use)[np.argsort(satellite[use], kind="stable")]
    flat, value = np.ravel_multi_index((epoch[order], row[order], column[order]), shape), value[order]
    size = int(np.prod(shape))
    count = np.bincount(flat, minlength=size)
    total: Array = np.asarray(np.bincount(flat, weights=value, minlength=size), float)
    start = np.searchsorted(satellite[order], np.arange(names.size + 1))
    return GriddedObservations(shape, count, total, tuple(str(n) for n in names), start, flat, value)


def _cell(position: Array, centres: Array) -> IndexArray:
    index = np.rint((position - centres[0]) / (centres[1] - centres[0]))
    inside = np.isfinite(index) & (index >= 0) & (index < centres.size)
    return np.where(inside, index, -1).astype(int)


def _nanmean(values: Array, axis: int) -> Array:
    count = np.isfinite(values).sum(axis=axis)
    return np.where(count > 0, np.nansum(values, axis=axis) / np.maximum(count, 1), np.nan)


# ---- the two backgrounds ---------------------------------------------------------------------------------


def quiet_background(quiet: Array, settings: EnhancementSettings) -> Array:
    """Median of quiet days at the same UT.

    Parameters
    ----------
    quiet
        TECU, dims (day, epoch, latitude, longitude).

    Returns
    -------
    background
        TECU, dims (epoch, latitude, longitude); NaN where fewer than `minimum_quiet_days` days have a value.
    """
    if quiet.shape[0] < settings.minimum_quiet_days:
        return np.full(quiet.shape[1:], np.nan)
    days = quiet.reshape(quiet.shape[0], -1)
    there = np.isfinite(days)
    count = there.sum(axis=0)
    cells = np.flatnonzero(count >= settings.minimum_quiet_days)
    background = np.full(days.shape[1], np.nan)
    seen = [np.where(one[cells], day[cells], np.inf) for one, day in zip(there, days, strict=True)]
    background[cells] = _median_of_few(seen, count[cells])
    return background.reshape(quiet.shape[1:])


def _median_of_few(days: list[Array], count: NDArray[np.int_]) -> Array:
    """Median over days at each cell, of the `count` that are finite; the others are infinite.

    Days are put in order by exchanging neighbours, all cells at once: sorting many rows of a few is slow.
    """
    for last in range(len(days) - 1, 0, -1):
        for index in range(last):
            one, other = days[index], days[index + 1]
            days[index], days[index + 1] = np.minimum(one, other), np.maximum(one, other)
    ordered, cell = np.concatenate(days), np.arange(count.size)
    low, high = ((middle * count.size + cell) for middle in ((count - 1) // 2, count // 2))
    return (ordered[low] + ordered[high]) / 2


def excess_over_quiet_days(
    values: Array, background: Array, settings: EnhancementSettings, exclude: NDArray[np.bool_] | None = None
) -> Array:
    """Excess over the median of quiet days at the same UT.

    Where `match_level` is set, the median is first multiplied by a plane in latitude and longitude that is fitted
    robustly at each epoch, since days differ in level by several per cent, which at the crest of the equatorial
    anomaly is more than an enhancement.

    Parameters
    ----------
    values, background
        TECU, dims (epoch, latitude, longitude); the background comes from `quiet_background`.
    exclude
        cells that take no part in fitting the level, dims of `values`.

    Returns
    -------
    excess
        TECU, dims of `values`; NaN where there is no background.
    """
    if not settings.match_level:
        return values - background
    latitude = np.linspace(-1, 1, values.shape[1])[:, None] + np.zeros(values.shape[2])
    longitude = np.linspace(-1, 1, values.shape[2])[None, :] + np.zeros((values.shape[1], 1))
    plane = np.stack([np.ones_like(latitude), latitude, longitude], axis=0).reshape(3, -1)
    flat = background.reshape(values.shape[0], -1)
    cells = np.flatnonzero(np.isfinite(flat).any(axis=0))
    use = None if exclude is None else ~exclude.reshape(values.shape[0], -1)[:, cells]
    design = flat[:, None, cells] * plane[None, :, cells]
    excess = np.full(flat.shape, np.nan)
    excess[:, cells] = robust_residual(
        values.reshape(values.shape[0], -1)[:, cells], design, settings.robust_iterations, use
    )
    return excess.reshape(values.shape)


def excess_over_zonal_background(
    values: Array, settings: EnhancementSettings, exclude: NDArray[np.bool_] | None = None
) -> Array:
    """Excess over a robust polynomial in longitude at each epoch and latitude: what is narrow in longitude.

    It needs no other day, but takes off part of anything wide, and leaves what is zonally structured every day.
    Cells of `exclude` (dims of `values`) take no part in the fit.

    Parameters
    ----------
    values
        TECU, dims (epoch, latitude, longitude).
    exclude
        bool, dims of `values`; None for none.

    Returns
    -------
    excess
        TECU, dims (epoch, latitude, longitude); NaN at latitudes with fewer than `highpass_minimum_cells` cells.
    """
    epochs, rows, columns = values.shape
    powers = np.polynomial.legendre.legvander(np.linspace(-1, 1, columns), settings.highpass_degree).T
    flat = values.reshape(-1, columns)
    use = None if exclude is None else ~exclude.reshape(-1, columns)
    residual = robust_residual(flat, powers[None], settings.robust_iterations, use)
    residual[np.isfinite(flat).sum(axis=1) < settings.highpass_minimum_cells] = np.nan
    return residual.reshape(epochs, rows, columns)


def robust_residual(values: Array, design: Array, iterations: int, use: NDArray[np.bool_] | None = None) -> Array:
    """Residuals of many small linear fits at once, each cell weighted by Tukey's biweight of its residual.

    Parameters
    ----------
    values
        dims (fit, cell); NaN cells take no part.
    design
        dims (fit, parameter, cell); a single fit serves all.
    iterations
        rounds of reweighting; the biweight's constant is 4.685 robust standard deviations (Holland & Welsch
        1977, Commun. Stat. A6, 813), 95 % efficient for normal errors.
    use
        cells that are fitted, dims (fit, cell); the residual is given for the others too.
    """
    good = np.isfinite(values) & np.isfinite(design).all(axis=1)
    # fits and cells without any data (more than half, over sea and beyond the border) are dropped
    fits, cells = np.flatnonzero(good.any(axis=1)), np.flatnonzero(good.any(axis=0))
    out = np.full(values.shape, np.nan)
    # few fits at a time, so that their arrays stay in the processor's cache
    shared = design.shape[0] == 1
    step = max(CELLS_AT_ONCE // max(cells.size, 1), 1)
    for start in range(0, fits.size, step):
        some = fits[start : start + step]
        part = np.ix_(some, cells)
        there = good[part]
        fitted = there if use is None else there & use[part]
        y = np.where(there, values[part], 0.0)
        x = design[:, :, cells] if shared else np.where(there[:, None], design[some][:, :, cells], 0.0)
        out[part] = np.where(there, _reweighted_residual(x, y, fitted, iterations), np.nan)
    return out


def _reweighted_residual(x: Array, y: Array, fitted: NDArray[np.bool_], iterations: int) -> Array:
    residual = _residual(x, y, fitted.astype(float))
    for _ in range(iterations):
        size = np.abs(residual)
        scale = 1.4826 * _row_median(np.where(fitted, size, np.nan))[:, None]
        share = size / np.maximum(4.685 * scale, 1e-9)
        residual = _residual(x, y, np.where(fitted & (share < 1), (1 - share**2) ** 2, 0.0))
    return residual


def _residual(x: Array, y: Array, weight: Array) -> Array:
    solution = weighted_solution(x, y, weight)
    return y - (solution @ x[0] if x.shape[0] == 1 else (solution[:, None] @ x)[:, 0])


def weighted_solution(x: Array, y: Array, weight: Array) -> Array:
    """Weighted least squares of each fit; a trace of damping keeps fits without data from failing.

    Design `x` has dims (fit, parameter, cell), so that the long axis is the contiguous one; `y` and `weight` have
    (fit, cell). A design of one fit serves all.
    """
    if x.shape[0] == 1:
        # one design for all fits: their sums of products are one product of matrices
        pairs = (x[0][:, None] * x[0][None]).reshape(-1, x.shape[2])
        normal = (weight @ pairs.T).reshape(-1, x.shape[1], x.shape[1])
        right = (weight * y) @ x[0].T
    else:
        weighted = x * weight[:, None]
        normal, right = weighted @ np.swapaxes(x, 1, 2), (weighted @ y[..., None])[..., 0]
    damping = 1e-9 * np.trace(normal, axis1=1, axis2=2) + 1e-12
    normal += damping[:, None, None] * np.eye(x.shape[1])
    return np.linalg.solve(normal, right[..., None])[..., 0]


def _row_median(values: Array) -> Array:
    """Median of each row without NaN, which sorting puts last."""
    ordered = np.sort(values, axis=1)
    count = np.isfinite(values).sum(axis=1)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, values.shape[1] - 1)
    rows = np.arange(values.shape[0])
    return (ordered[rows, low] + ordered[rows, high]) / 2
