"""Clouds that descend into the main layer: where the lower edges lead (descent.py), and when they arrive.

**Onset**: the time at which the line through the lower edges, where the density passes half of that above them,
crosses the top of the main layer (`main_layer_top_km`).
"""

from __future__ import annotations

import numpy as np

from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis
from metalclouds.detect.decide import upper_tail
from metalclouds.detect.descent import Descent, Edges, Field, descents, lower_edges, rows_needed
from metalclouds.detect.events import Event
from metalclouds.detect.method import Method
from metalclouds.detect.stripes.model import Stripe


def descending_merges(analysis: Analysis, expected: np.ndarray, method: Method) -> list[Event]:
    """The merging of each cloud whose lower edge comes down to the main layer.

    Parameters
    ----------
    expected
        counts without clouds and stripes, the main layer's upper side included, (row, slot).
    """
    start = analysis.image.rows_above(method.settings.main_layer_top_km)
    near = analysis.image.rows_above(method.settings.main_layer_top_km + method.connections.merge_lowest_edge_km)
    if not analysis.labels[start:near].any():
        return []
    field = field_above(analysis, expected, method)
    edges = lower_edges(field, method)
    out: list[Event] = []
    for line in descents(field, edges, method):
        # What arrives while a cloud is still coming down is another part of that cloud.
        if not out or line.arrival > out[-1].end:
            out.append(_event(line, edges, field, method))
    return out


def field_above(analysis: Analysis, expected: np.ndarray, method: Method) -> Field:
    """Light above the main layer, its upper side taken out, as far up as edges are sought.

    Parameters
    ----------
    expected
        counts in a cell, dims (row, slot).
    """
    image = analysis.image
    start = image.rows_above(method.settings.main_layer_top_km)
    rows = slice(start, start + rows_needed(image.row_km, method))
    usable = np.isfinite(image.gain) & (image.gain > 0)
    used = (image.bins[rows] > 0) & usable
    light = image.bins[rows] / (np.where(usable, image.gain, 1.0) * image.square_km2[rows, None])
    return Field(
        np.where(used, image.counts[rows] - expected[rows], 0.0).astype(np.float32),
        np.where(used, light, 0.0).astype(np.float32), np.where(used, expected[rows], 0.0).astype(np.float32),
        image.time, image.step,
        float(image.altitude[start]) - 0.5 * image.row_km - method.settings.main_layer_top_km, image.row_km,
    )  # fmt: skip


def reaches(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe comes from well above the main layer's top and has its lower end in the layer."""
    top = method.settings.main_layer_top_km + method.edges.cloud_least_rise_km
    return stripe.ends[0] <= method.settings.reaches_main_layer_km and stripe.ends[1] >= top


def is_piece(stripe: Stripe, method: Method) -> bool:
    """Whether a stripe can be a piece or an edge of a merging cloud: short, or as slow as such a cloud."""
    short = stripe.ends[1] - method.settings.main_layer_top_km < method.connections.merge_tall_km
    return short or float(stripe.theta[1]) < -1e3 / method.connections.merge_fastest_m_s


def _event(line: Descent, edges: Edges, field: Field, method: Method) -> Event:
    """The merge's event, from the highest edge followed until the whole cloud is down."""
    height = field.offset_km + field.row_km * (np.arange(field.excess.shape[0])[:, None] + 0.5)
    above = height - edges.height[line.slots]
    cells = (above > 0) & (above < method.connections.merge_reach_km)
    excess, mean = field.excess[:, line.slots], field.variance[:, line.slots]
    score = masking.region_score(excess + mean, mean, cells)
    top = float(edges.height[line.slots].max()) + method.settings.main_layer_top_km
    density = edges.density[line.slots]
    return Event(
        eventing.DESCENDING, line.arrival, time_down(line.arrival, float(np.median(density)), edges, method),
        method.settings.main_layer_top_km, top + method.connections.merge_reach_km, top,
        method.settings.main_layer_top_km, line.speed, score, upper_tail(score), float(density.max()), False,
    )  # fmt: skip


def time_down(arrival: float, density: float, edges: Edges, method: Method) -> float:
    """Time (s) from which little of a cloud of some density (cm-3) is left at the main layer.

    Little is a share of the density, for longer than gaps between a cloud's stripes last.
    """
    left = edges.at_layer(method) & (edges.density > method.connections.merge_left_share * density)
    times = edges.time[left & (edges.time >= arrival)]
    gaps = np.diff(times, prepend=arrival) > 60.0 * method.edges.bridge_minutes
    stays = times[: int(gaps.argmax()) if gaps.any() else times.size]
    return float(max(stays[-1] if stays.size else arrival, arrival))
