"""Lower edges of clouds that come down to the main layer.

In each profile the lowest light above the main layer's top is sought, and the **lower edge** above it: where the
density passes half of the largest in the next `merge_reach_km`. A cloud that comes down shows edges along a line
h = v (t0 - t) in height above the layer and time; it arrives at t0. All lines are tried on the edges of the lowest
`merge_band_km`: an edge on the line counts with the descent since the one before it (at most `merge_bridge_km`, so
that gaps between a cloud's stripes do not matter), an edge off it against it. Where the edge is at the layer, as
below a stripe that reaches it, and where nothing is seen, a profile says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from metalclouds.detect.events import theil_sen
from metalclouds.detect.method import Method


@dataclass(frozen=True)
class Field:
    """What lies above the main layer's top, without its upper side; arrays (row, slot), float32."""

    excess: np.ndarray  # counts
    light: np.ndarray  # counts of 1 cm-3, 0 where nothing was observed
    variance: np.ndarray  # of the counts without any cloud
    time: np.ndarray  # (slot) s of the night
    step: float  # s
    offset_km: float  # from the main layer's top to the lower edge of the first row
    row_km: float


@dataclass(frozen=True)
class Edges:
    """The lower edge in each slot."""

    time: np.ndarray  # s
    height: np.ndarray  # km above the main layer's top; infinite where there is no light, NaN where nothing was seen
    density: np.ndarray  # cm-3, the largest of the next merge_reach_km

    def at_layer(self, method: Method) -> np.ndarray:
        """Slots in which light begins at the main layer.

        Returns
        -------
        ndarray
            bool, dims (slot,).
        """
        return self.height < method.connections.merge_arrived_km


@dataclass(frozen=True)
class Descent:
    """An edge's way down to the main layer."""

    arrival: float  # s of the night
    speed: float  # m/s, positive downwards
    first: int  # slot from which it is followed
    slots: np.ndarray  # slots whose edges lie on it

    def height(self, time: np.ndarray) -> np.ndarray:
        """Height above the main layer's top (km); negative after the arrival.

        Parameters
        ----------
        time
            s, dims (slot,).

        Returns
        -------
        ndarray
            km, dims (slot,).
        """
        return 1e-3 * self.speed * (self.arrival - time)


def rows_needed(row_km: float, method: Method) -> int:
    """Rows above the main layer's top in which edges are sought."""
    return int(
        np.ceil(
            (
                method.connections.merge_band_km
                + method.connections.merge_tolerance_km
                + method.connections.merge_reach_km
            )
            / row_km
        )
    )


def lower_edges(field: Field, method: Method) -> Edges:
    """The lower edge in each slot, from means over three rows and three slots.

    The edge is found twice, since the first light may lie far below the cloud's full density.
    """
    seen = field.light.any(axis=0)
    excess, light, variance = (_three(_three(x, 1), 0) for x in (field.excess, field.light, field.variance))
    lit = excess > method.connections.merge_edge_sigma * np.sqrt(np.maximum(variance, 1e-6))
    density = np.where(light > 0, excess / np.where(light > 0, light, 1.0), 0.0)
    row, slot = np.arange(density.shape[0])[:, None], np.arange(density.shape[1])
    first = _lowest(lit)
    edge, reach = first, round(method.connections.merge_reach_km / field.row_km)
    for _ in range(2):
        plateau = np.where((row >= edge) & (row < edge + reach), density, 0.0).max(axis=0)
        edge = _lowest((row >= first) & (density >= 0.5 * plateau))
    inner = np.clip(edge, 1, row.size - 1)
    low, high = density[inner - 1, slot], density[inner, slot]
    share = np.clip((0.5 * plateau - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    height = field.offset_km + field.row_km * (inner - 0.5 + share)
    height[edge >= row.size] = np.inf
    height[~seen] = np.nan
    return Edges(field.time, height, plateau)


def _three(values: np.ndarray, axis: int) -> np.ndarray:
    """Running sums over three cells along an axis, two at its ends."""
    out = values.copy()
    many, few = np.moveaxis(out, axis, 0), np.moveaxis(values, axis, 0)
    many[1:] += few[:-1]
    many[:-1] += few[1:]
    return out


def _lowest(found: np.ndarray) -> np.ndarray:
    """Lowest row that is true in each slot; the number of rows where there is none."""
    return np.where(found.any(axis=0), found.argmax(axis=0), found.shape[0])


def descents(field: Field, edges: Edges, method: Method) -> list[Descent]:
    """All edges that come down to the main layer, in order of their arrival."""
    free = np.isfinite(edges.height) & ~edges.at_layer(method)
    candidates = _arrivals(edges, field.step, method)
    speeds = np.geomspace(
        method.connections.merge_slowest_m_s, method.connections.merge_fastest_m_s, method.connections.merge_speeds
    )
    out: list[Descent] = []
    while free.any():
        descent, last, first, speed = longest_descent(
            edges.height, free, field.time, candidates, speeds, method.connections.merge_tolerance_km,
            method.connections.merge_band_km, method.connections.merge_bridge_km, field.step,
        )  # fmt: skip
        if descent < method.connections.merge_least_descent_km:
            break
        line = fitted(edges, Descent(float(field.time[last]), speed, first, np.zeros(0, int)), method)
        if line is not None and comes_down(line, edges, field.step, method):
            out.append(line)
        free[first:last] = False
    return sorted(out, key=lambda line: line.arrival)


def _arrivals(edges: Edges, step: float, method: Method) -> np.ndarray:
    """Slots in which a cloud may arrive: soon afterwards light begins at the layer, or the night ends."""
    wait = max(1, round(60.0 * method.connections.merge_gap_minutes / step))
    at_layer = np.concatenate([[0], np.cumsum(edges.at_layer(method)), np.full(wait, edges.time.size)])
    number = edges.time.size
    return at_layer[wait : wait + number] - at_layer[:number] >= method.connections.merge_least_arrived


@njit(nogil=True, cache=True)
def longest_descent(
    height: np.ndarray, free: np.ndarray, time: np.ndarray, candidates: np.ndarray, speeds: np.ndarray,
    tolerance: float, band: float, bridge: float, step: float,
) -> tuple[float, int, int, float]:  # fmt: skip
    """The line with the longest descent (km) along the free edges; the descent, slots of arrival and start, speed.

    Parameters
    ----------
    height
        of the edge above the layer's top, km, dims (slot,).
    free
        whether a descent may take the edge, dims (slot,).
    time
        s, dims (slot,).
    candidates
        whether a descent may arrive, dims (slot,).
    speeds
        m/s, dims (speed,).
    """
    best, chosen, start, fastest = 0.0, 0, 0, 0.0
    for speed in speeds:
        rate = 1e-3 * speed
        for last in range(1, time.size):
            if not candidates[last]:
                continue
            total, before = 0.0, time[last]
            for i in range(last - 1, -1, -1):
                line = rate * (time[last] - time[i])
                if line > band:
                    break
                if not free[i]:
                    continue
                if abs(height[i] - line) > tolerance:
                    total -= rate * step
                    continue
                total += min(rate * (before - time[i]), bridge)
                before = time[i]
                if total > best:
                    best, chosen, start, fastest = total, last, i, speed
    return best, chosen, start, fastest


def fitted(edges: Edges, line: Descent, method: Method) -> Descent | None:
    """The line laid through the edges near it (Theil and Sen); None where they are too few or do not come down.

    Edges at the layer take part, down to half the tolerance above it, since here it matters when they come down.
    """
    tolerance = method.connections.merge_tolerance_km
    used = (edges.height > 0.5 * tolerance) & (edges.height < method.connections.merge_band_km)
    used[: line.first] = False
    slots = np.flatnonzero(used)
    time, height = edges.time[slots], edges.height[slots]
    for _ in range(3):
        near = np.abs(height - line.height(time)) < tolerance
        if near.sum() < method.connections.merge_least_profiles:
            return None
        slope, offset = theil_sen(time[near] - line.arrival, height[near])
        if slope >= 0.0:
            return None
        line = Descent(line.arrival - offset / slope, -1e3 * slope, line.first, slots[near])
    return line


def comes_down(line: Descent, edges: Edges, step: float, method: Method) -> bool:
    """The rule of acceptance, written once."""
    height = edges.height[line.slots]
    rules = [
        line.speed >= method.connections.merge_slowest_m_s,
        height.min() <= method.connections.merge_lowest_edge_km,
        _dark(line, edges) * step <= 60.0 * method.connections.merge_gap_minutes,
        _stays(line, edges, method),
    ]
    return all(rules)


def _dark(line: Descent, edges: Edges) -> int:
    """Slots without light between the last edge on the line and its arrival."""
    between = (edges.time > edges.time[line.slots[-1]]) & (edges.time < line.arrival)
    return int(np.isposinf(edges.height[between]).sum())


def _stays(line: Descent, edges: Edges, method: Method) -> bool:
    """Whether light at the layer follows the arrival, or the night ends."""
    end = line.arrival + 60.0 * method.connections.merge_gap_minutes
    after = (edges.time >= line.arrival) & (edges.time < end)
    arrived = int((after & edges.at_layer(method)).sum()) >= method.connections.merge_least_arrived
    return bool(arrived or end > edges.time[-1])
