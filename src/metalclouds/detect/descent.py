"""Lower edges of clouds that come down to the main layer.

A descending edge is a curve z(t) with cloud above it and nothing of the cloud below it. Its height above the main
layer's top is h = S (exp(v (t0 - t) / S) - 1): it arrives at time t0 with speed v, and came faster before if the
scale S is finite. All such curves are tried on the contrast between the densities above and below them, in blocks
of some minutes so that stripes make up a mean density. Along the best curve the edge is then measured in pieces:
the columns are shifted along the curve and summed, so that nothing is smeared, and the edge lies where the density
passes half of that above it. The measured edges correct the curve.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from metalclouds.detect.settings import DetectSettings

LEAST_EDGES = 3


@dataclass(frozen=True)
class Field:
    """What lies above the main layer's top, without background and direct stripes; arrays (row, slot)."""

    excess: np.ndarray  # counts
    light: np.ndarray  # counts of 1 cm-3, 0 where nothing was observed
    variance: np.ndarray  # of the counts without any cloud
    time: np.ndarray  # (slot) s of the night
    step: float  # s
    offset_km: float  # from the main layer's top to the lower edge of the first row
    row_km: float


@dataclass(frozen=True)
class Curve:
    """An edge's way down to the main layer."""

    arrival: float  # s of the night
    speed: float  # m/s on arrival, positive downwards
    scale_km: float  # its speed grows by a factor e over this height, and more above
    lasts: float  # s before the arrival for which it is seen

    def height(self, time: np.ndarray | float) -> np.ndarray:
        """Height above the main layer's top (km); negative after the arrival."""
        straight = 1e-3 * self.speed * (self.arrival - np.asarray(time))
        if not np.isfinite(self.scale_km):
            return straight
        return self.scale_km * np.expm1(np.minimum(straight / self.scale_km, 20.0))


@dataclass(frozen=True)
class Edges:
    """Edges measured along a curve, the lowest first."""

    time: np.ndarray  # s
    height: np.ndarray  # km above the main layer's top
    density: np.ndarray  # cm-3 above the edge


@dataclass(frozen=True)
class Descent:
    """An edge that comes down to the main layer."""

    last: Curve  # the straight line through its lowest part, which gives arrival and speed
    curve: Curve  # through all of it
    edges: Edges


def descents(field: Field, settings: DetectSettings) -> list[Descent]:
    """All edges that come down to the main layer, in order of their arrival."""
    starts = np.arange(0, field.time.size, settings.merge_block_profiles)
    contrast = edge_contrast(field, starts, settings)
    time = _block_times(field.time, starts)
    out: list[Descent] = []
    for _ in range(settings.merge_most_tried):
        curve = best_curve(contrast, time, field, settings)
        if curve is None:
            break
        found = followed(field, curve, settings)
        if found is not None and all(_apart(found, other, settings) for other in out):
            out.append(found)
        _take_out(contrast, time, field, curve if found is None else found.curve, settings)
    return sorted(out, key=lambda descent: descent.last.arrival)


def _apart(one: Descent, other: Descent, settings: DetectSettings) -> bool:
    return abs(one.last.arrival - other.last.arrival) > 60.0 * settings.merge_separate_minutes


def _block_times(time: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return np.add.reduceat(time, starts) / np.diff(np.append(starts, time.size))


def edge_contrast(field: Field, starts: np.ndarray, settings: DetectSettings) -> np.ndarray:
    """How much the cells look like a lower edge, (row, block): 0 without data, negative where there is none.

    The density in the box above a row's lower edge less `merge_contrast` times that in the box below, in standard
    errors, cut at `merge_most_sigma` so that one bright stripe does not decide, less `merge_least_sigma`.
    """
    high, reach = (max(2, round(km / field.row_km)) for km in (settings.merge_above_km, settings.merge_reach_km))
    above, below = ([], [])
    for values in (field.excess, field.light, field.variance):
        total = np.add.reduceat(values, starts, axis=1, dtype=np.float64)
        total = np.vstack([np.zeros(total.shape[1]), np.cumsum(total, axis=0)])
        row = np.arange(values.shape[0])
        middle = total[row]
        above.append(total[np.minimum(row + high, row.size)] - middle)
        below.append(middle - total[np.maximum(row - reach, 0)])
    upper, upper_variance = _density(*above)
    lower, lower_variance = _density(*below)
    factor = settings.merge_contrast
    seen = (above[1] > 0) & (below[1] > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (upper - factor * lower) / np.sqrt(upper_variance + factor**2 * lower_variance)
    limit = settings.merge_most_sigma
    return np.where(seen, np.clip(value, -limit, limit) - settings.merge_least_sigma, 0.0)


def _density(excess: np.ndarray, light: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density of boxes and its variance."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return excess / light, (variance + np.maximum(excess, 0.0)) / light**2


def best_curve(contrast: np.ndarray, time: np.ndarray, field: Field, settings: DetectSettings) -> Curve | None:
    """The curve with the largest sum of contrast from its arrival back to where it is first seen."""
    if time.size < 2:
        return None
    step = float(np.median(np.diff(time)))
    even = evenly(contrast, time, step)
    lags = step * np.arange(1, settings.merge_longest_hours * 3600.0 / step)
    top = min(settings.merge_top_km - settings.main_layer_top_km, (contrast.shape[0] - 2) * field.row_km)
    best, chosen = settings.merge_least_score, None
    for shape in _shapes(settings):
        height = shape.height(-lags)
        rows = np.rint((height[height < top] - field.offset_km) / field.row_km).astype(np.int64)
        total, last, first = largest_sum(even, rows)
        if total > best:
            best = total
            chosen = replace(shape, arrival=float(time[0]) + step * last, lasts=step * (last - first + 1))
    return chosen


def evenly(contrast: np.ndarray, time: np.ndarray, step: float) -> np.ndarray:
    """The contrast at even steps of time; 0 in the gaps."""
    even = np.arange(time[0], time[-1] + 0.5 * step, step)
    block = np.clip(np.searchsorted(time, even - 0.5 * step), 0, time.size - 1)
    return np.ascontiguousarray(np.where(np.abs(time[block] - even) < step, contrast[:, block], 0.0))


@njit(nogil=True, cache=True)
def largest_sum(contrast: np.ndarray, rows: np.ndarray) -> tuple[float, int, int]:
    """Largest sum of contrast[rows[j], last - 1 - j] over j from 0; the sum, `last` and the first column used.

    Rows below 2 have nothing to be compared with and add nothing.
    """
    best, chosen, start = -np.inf, 0, 0
    for last in range(contrast.shape[1]):
        total = 0.0
        for j in range(min(rows.size, last)):
            if rows[j] >= 2:
                total += contrast[rows[j], last - 1 - j]
                if total > best:
                    best, chosen, start = total, last, last - 1 - j
    return best, chosen, start


def _shapes(settings: DetectSettings) -> Iterator[Curve]:
    """Curves of all speeds and scales, arriving at 0."""
    for scale in settings.merge_scales_km:
        for speed in np.geomspace(settings.merge_slowest_m_s, settings.merge_fastest_m_s, settings.merge_speeds):
            yield Curve(0.0, float(speed), scale, 0.0)


def _take_out(
    contrast: np.ndarray, time: np.ndarray, field: Field, curve: Curve, settings: DetectSettings
) -> None:  # fmt: skip
    """No other curve uses the surroundings of this one; in place."""
    height = field.offset_km + field.row_km * np.arange(contrast.shape[0])[:, None]
    near = np.abs(height - curve.height(time)) < settings.merge_reach_km
    since = (time > curve.arrival - curve.lasts) & (time < curve.arrival)
    contrast[near & since] = -settings.merge_least_sigma


def followed(field: Field, curve: Curve, settings: DetectSettings) -> Descent | None:
    """The curve corrected by the edges measured along it; None if they do not come down to the layer."""
    for _ in range(settings.merge_rounds):
        edges = measured_edges(field, curve, settings)
        line = line_through(edges, curve, settings.merge_band_km)
        if line is None:
            return None
        curve = line.curve
    edges = measured_edges(field, curve, settings)
    straight = replace(curve, scale_km=math.inf)
    line = line_through(edges, straight, settings.merge_last_km)
    if line is None or not comes_down(line, edges, settings):
        return None
    return Descent(line.curve, curve, edges)


def comes_down(line: Line, edges: Edges, settings: DetectSettings) -> bool:
    """The rule of acceptance, written once."""
    rules = [
        settings.merge_slowest_m_s <= line.curve.speed <= settings.merge_fastest_m_s,
        line.scatter_km <= settings.merge_scatter_km,
        edges.time[0] - edges.time[-1] >= 60.0 * settings.merge_least_minutes,
        edges.height.max() - edges.height.min() >= settings.merge_least_descent_km,
        edges.height.min() <= settings.merge_lowest_edge_km - settings.main_layer_top_km,
    ]
    return all(rules)


@dataclass(frozen=True)
class Line:
    """A curve laid through the lowest edges, and their median distance from it (km)."""

    curve: Curve
    scatter_km: float


def line_through(edges: Edges, curve: Curve, band_km: float) -> Line | None:
    """The curve shifted and turned so that it passes through the lowest edges (Theil and Sen); None if too few."""
    if edges.height.size < LEAST_EDGES:
        return None
    low = edges.height <= max(edges.height.min() + band_km, np.sort(edges.height)[LEAST_EDGES - 1])
    from scipy.stats import theilslopes  # a second of import, for the few nights that need it

    time = edges.time[low] - curve.arrival
    off = edges.height[low] - curve.height(edges.time[low])
    slope, offset = (float(value) for value in theilslopes(off, time)[:2])
    speed = curve.speed - 1e3 * slope
    if speed <= 0:
        return None
    scatter = float(np.median(np.abs(off - offset - slope * time)))
    return Line(replace(curve, arrival=curve.arrival + 1e3 * offset / speed, speed=speed), scatter)


def measured_edges(field: Field, curve: Curve, settings: DetectSettings) -> Edges:
    """Edges of the pieces of a curve; left out are those that cannot be seen or are too faint beside the others."""
    found = []
    for slots in _pieces(field, curve, settings):
        edge = _edge_of(field, curve, slots, settings)
        if edge is not None:
            found.append((float(field.time[slots].mean()), *edge))
    time, height, density = np.array(found).reshape(-1, 3).T
    good = density >= settings.merge_edge_share * np.median(density) if density.size else density > 0
    return Edges(time[good], height[good], density[good])


def _pieces(field: Field, curve: Curve, settings: DetectSettings) -> Iterator[slice]:
    """Slots of the pieces of a curve from its arrival backwards: of a certain descent, neither short nor long."""
    last, first = curve.arrival, curve.arrival - curve.lasts
    shortest, longest = settings.merge_piece_minutes
    while last > first:
        fall = settings.merge_piece_km
        speed = 1e-3 * curve.speed * (1.0 + max(float(curve.height(last)), 0.0) / curve.scale_km)
        duration = min(max(fall / speed, 60.0 * shortest), 60.0 * longest)
        low, high = np.searchsorted(field.time, [last - duration, last])
        if high - low >= 3:
            yield slice(int(low), int(high))
        last -= duration


def _edge_of(
    field: Field, curve: Curve, slots: slice, settings: DetectSettings
) -> tuple[float, float] | None:  # fmt: skip
    """Height (km) of the edge above the main layer's top in a piece, and the density above it (cm-3)."""
    span = round(1.5 * settings.merge_reach_km / field.row_km)
    shift = np.rint((curve.height(field.time[slots]) - field.offset_km) / field.row_km).astype(int)
    rows = shift + np.arange(-span, span + 1)[:, None]
    inside = (rows >= 0) & (rows < field.excess.shape[0])
    rows, columns = np.clip(rows, 0, field.excess.shape[0] - 1), np.arange(slots.start, slots.stop)
    three = np.ones(3)
    excess, light, variance = (
        np.convolve(np.where(inside, values[rows, columns], 0.0).sum(axis=1), three, mode="same")
        for values in (field.excess, field.light, field.variance)
    )
    row = lower_edge(*_density(excess, light, variance), span, field.row_km, settings)
    if row is None:
        return None
    edge, plateau = row
    height = (edge - span + float(shift.mean())) * field.row_km + field.offset_km
    return (height, plateau) if height > field.row_km else None


def lower_edge(
    density: np.ndarray, variance: np.ndarray, middle: int, row_km: float, settings: DetectSettings
) -> tuple[float, float] | None:
    """Lower edge nearest to the middle of a profile (rows above its lower end), and the density above it.

    None where no cloud stands out, or where its density is found below the edge as well. Neighbouring rows of the
    profile are means over three.
    """
    reach, near = round(settings.merge_reach_km / row_km), round(settings.merge_near_km / row_km)
    values = np.nan_to_num(density)
    plateau = float(np.convolve(values[middle - near : middle + reach], np.full(5, 0.2), mode="same").max())
    filled = values >= 0.5 * max(plateau, 1e-6)
    window = slice(middle - near, middle + near + 1)
    starts = np.flatnonzero(filled[window] & ~filled[window.start - 1 : window.stop - 1]) + window.start
    for row in starts[np.argsort(np.abs(starts - middle), kind="stable")]:
        below, above = density[max(row - reach, 0) : row - 2], slice(row, row + 5)
        below = below[np.isfinite(below)]
        clear = not below.size or float(below.mean()) < settings.merge_clear_share * plateau
        # Five rows of means over three are seven rows, of which each mean holds three.
        error = math.sqrt(3.0 / 7.0 * float(np.nan_to_num(variance[above]).mean()))
        if clear and values[above].mean() > settings.merge_edge_sigma * error:
            low = values[row - 1]
            share = (0.5 * plateau - low) / (values[row] - low)
            return row - 0.5 + float(np.clip(share, 0.0, 1.0)), plateau
    return None
