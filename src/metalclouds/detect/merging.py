"""Clouds that descend into the main layer: their lower edges, and when these touch the layer.

The lower edge of a cloud is, in each profile, the lowest altitude of a contiguous part of the cloud where the
density reaches a share of the largest within some 20 km above it. Edges that come down along one line z(t) over the
least time and height, seen in most of the profiles, are a descending cloud. A stripe is far too fast for that.

**Onset**: the time at which the robust straight line through the lowest part of that edge crosses the top of the
main layer (`main_layer_top_km`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis
from metalclouds.detect.events import Event
from metalclouds.detect.settings import DetectSettings


@dataclass(frozen=True)
class Descent:
    """A lower edge that comes down: its points, and the line through its lowest part."""

    time: np.ndarray  # s of the night
    edge: np.ndarray  # km
    onset: float  # s of the night
    speed: float  # m/s, positive downwards


def descending_merges(analysis: Analysis, labels: np.ndarray, settings: DetectSettings) -> list[Event]:
    """The merging of each cloud whose lower edge comes down to the main layer."""
    image = analysis.image
    start = image.rows_above(settings.main_layer_top_km)
    cells = np.isin(analysis.labels[start:], labels)
    smooth = smooth_density(analysis, settings.merge_window_profiles // 2)[start:]
    density = np.where(cells, np.maximum(smooth, 0.0), 0.0)
    slots, edges = lower_edges(density, image.altitude[start:], image.row_km, settings)
    found = descents(image.time[slots], edges, image.step, settings)
    return [_event(descent, density, start, analysis, settings) for descent in found]


def lower_edges(
    density: np.ndarray, altitude: np.ndarray, row_km: float, settings: DetectSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Slots and altitudes (km) of the lower edges of all parts of clouds, those at the lowest row left out.

    Parameters
    ----------
    density
        cm-3, 0 outside of clouds, (row, slot).
    """
    reach = max(1, round(settings.merge_edge_reach_km / row_km))
    padded = np.pad(density, ((0, reach), (0, 0)))
    largest = np.lib.stride_tricks.sliding_window_view(padded, reach + 1, axis=0).max(axis=-1)
    inside = (density > 0) & (density >= settings.merge_edge_share * largest)
    below = np.zeros_like(inside)
    # An edge has nothing of the cloud for some rows below: gaps inside a cloud are no edges.
    clear = np.ones_like(inside)
    gap = max(1, round(settings.merge_edge_gap_km / row_km))
    for shift in range(1, gap + 1):
        below[:] = False
        below[shift:] = inside[:-shift]
        clear &= ~below
    edge = inside & clear
    edge[:gap] = False
    rows, slots = np.nonzero(edge)
    return slots, altitude[rows] - 0.5 * row_km


def descents(time: np.ndarray, edge: np.ndarray, step: float, settings: DetectSettings) -> list[Descent]:
    """Descending edges among the points (s, km), the one of most points first, each point used once."""
    out = []
    left = np.ones(time.size, bool)
    while left.sum() >= 3:
        line = _best_line(time[left], edge[left], settings)
        if line is None:
            break
        onset, speed = line
        off = np.abs(edge - settings.main_layer_top_km - 0.001 * speed * (onset - time))
        on_line = left & (off < settings.merge_edge_tolerance_km)
        descent = _descent(time[on_line], edge[on_line], step, settings)
        if descent is not None:
            out.append(descent)
        # Neighbouring points are of the same edge, whether it was accepted or not.
        left &= off > 2 * settings.merge_edge_tolerance_km
    return sorted(out, key=lambda descent: descent.onset)


def _best_line(time: np.ndarray, edge: np.ndarray, settings: DetectSettings) -> tuple[float, float] | None:
    """Time of crossing the layer's top (s) and speed (m/s) of the line with most points near it."""
    best, chosen = 2, None
    for speed in np.geomspace(settings.merge_slowest_m_s, settings.merge_fastest_m_s, 40):
        width = 1000.0 * settings.merge_edge_tolerance_km / speed
        crossing = np.sort(time + 1000.0 * (edge - settings.main_layer_top_km) / speed)
        last = np.searchsorted(crossing, crossing + width, side="right")
        number = last - np.arange(crossing.size)
        index = int(np.argmax(number))
        if number[index] > best:
            best, chosen = int(number[index]), (float(np.median(crossing[index : last[index]])), float(speed))
    return chosen


def _descent(time: np.ndarray, edge: np.ndarray, step: float, settings: DetectSettings) -> Descent | None:
    """The descent that the points of a line make, None if it is too short, too sparse or ends too high."""
    seen = np.unique(time)
    if seen.size < 5:
        return None
    duration, height = seen[-1] - seen[0], float(edge.max() - edge.min())
    rules = [
        duration >= 60.0 * settings.merge_least_minutes,
        height >= settings.merge_least_descent_km,
        seen.size * step >= settings.merge_least_fill * duration,
        edge.min() <= settings.merge_lowest_edge_km,
    ]
    if not all(rules):
        return None
    low = edge <= edge.min() + max(settings.merge_band_km, 0.5 * height)
    from scipy.stats import theilslopes  # a second of import, for the few nights that need it

    slope, offset = theilslopes(edge[low], time[low])[:2]
    speed = -1000.0 * float(slope)
    if not settings.merge_slowest_m_s <= speed <= settings.merge_fastest_m_s:
        return None
    return Descent(time, edge, float((settings.main_layer_top_km - offset) / slope), speed)


def _event(
    descent: Descent, density: np.ndarray, start: int, analysis: Analysis, settings: DetectSettings
) -> Event:  # fmt: skip
    """The merge's event: it ends when the cloud's upper edge, at the speed of the lower one, is down as well."""
    image = analysis.image
    cells = np.zeros(density.shape, bool)
    height = image.altitude[start:, None] - (
        settings.main_layer_top_km + 0.001 * descent.speed * (descent.onset - image.time)
    )
    within = (image.time >= descent.time[0]) & (image.time <= descent.onset)
    cells = (density > 0) & (height > -image.row_km) & (height < settings.merge_band_km) & within
    whole = np.zeros(analysis.labels.shape, bool)
    whole[start:] = cells
    score = masking.region_score(analysis.image.counts, analysis.expected, whole)
    rows = np.flatnonzero(whole.any(axis=1))
    top = float(image.altitude[rows[-1]] + 0.5 * image.row_km) if rows.size else float(descent.edge.max())
    end = descent.onset + 1000.0 * settings.merge_band_km / descent.speed
    return Event(
        eventing.DESCENDING, descent.onset, min(end, float(image.time[-1])), settings.main_layer_top_km, top,
        float(descent.edge.max()), settings.main_layer_top_km, descent.speed, score, float(ndtr(-score)),
        float(density[cells].max()) if cells.any() else float("nan"), False,
    )  # fmt: skip


def smooth_density(analysis: Analysis, half_slots: int) -> np.ndarray:
    """Density (cm-3) averaged over three rows and 2 half_slots + 1 profiles, (row, slot)."""
    image = analysis.image
    usable = (image.bins > 0) & np.isfinite(image.gain)
    excess = masking.integral(np.where(usable, image.counts - analysis.expected, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        light = image.bins / (image.gain * image.range_km[:, None] ** 2)
    light = masking.integral(np.where(usable, light, 0.0))
    return masking.box_ratio(excess, light, 1, half_slots)
