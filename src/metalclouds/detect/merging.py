"""Clouds that descend into the main layer: where the lower edges lead (descent.py), and when they arrive.

**Onset**: the time at which the lower edge, where the density passes half of that above it, crosses the top of the
main layer (`main_layer_top_km`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis
from metalclouds.detect.descent import Descent, Field, descents
from metalclouds.detect.events import Event
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import FWHM, Stripe


def descending_merges(analysis: Analysis, expected: np.ndarray, settings: DetectSettings) -> list[Event]:
    """The merging of each cloud whose lower edge comes down to the main layer.

    Parameters
    ----------
    expected
        counts without clouds and stripes, the main layer's upper side included, (row, slot).
    """
    start = analysis.image.rows_above(settings.main_layer_top_km)
    near = analysis.image.rows_above(settings.merge_lowest_edge_km)
    if not analysis.labels[start:near].any():
        return []
    field = field_above(analysis, expected, settings)
    found = [_event(descent, field, settings) for descent in descents(field, settings)]
    # A cloud of which nothing is left when its edge arrives has left the beam, unless the night ends then.
    stay = 60.0 * settings.merge_least_stay_minutes
    return [event for event in found if event.end - event.start >= stay or event.end >= field.time[-1]]


def field_above(analysis: Analysis, expected: np.ndarray, settings: DetectSettings) -> Field:
    """Light above the main layer, its upper side and the stripes that reach it directly taken out."""
    image = analysis.image
    start = image.rows_above(settings.main_layer_top_km)
    expected = expected[start:]
    used = (image.bins[start:] > 0) & np.isfinite(image.gain) & ~direct_cells(analysis, settings)[start:]
    with np.errstate(invalid="ignore", divide="ignore"):
        light = image.bins[start:] / (image.gain * image.range_km[start:, None] ** 2)
    return Field(
        np.where(used, image.counts[start:] - expected, 0.0), np.where(used, light, 0.0),
        np.where(used, expected, 0.0), image.time, image.step,
        float(image.altitude[start]) - 0.5 * image.row_km - settings.main_layer_top_km, image.row_km,
    )  # fmt: skip


def direct_cells(analysis: Analysis, settings: DetectSettings) -> np.ndarray:
    """Cells of the tall stripes that reach the main layer, and of their flares, (row, slot)."""
    out = np.zeros(analysis.image.counts.shape, bool)
    for stripe in analysis.stripes:
        if reaches(stripe, settings) and not is_piece(stripe, settings):
            _mark(out, stripe, analysis, settings)
    return out


def reaches(stripe: Stripe, settings: DetectSettings) -> bool:
    """Whether a stripe's lower end lies in the main layer."""
    return stripe.ends[0] <= settings.reaches_main_layer_km


def is_piece(stripe: Stripe, settings: DetectSettings) -> bool:
    """Whether a stripe can be a piece or an edge of a merging cloud: short, or as slow as such a cloud."""
    short = stripe.ends[1] - settings.main_layer_top_km < settings.merge_tall_km
    return short or float(stripe.theta[1]) < -1e3 / settings.merge_fastest_m_s


def _mark(out: np.ndarray, stripe: Stripe, analysis: Analysis, settings: DetectSettings) -> None:
    """Mark the cells of a stripe in place, below the flare's upper end for some minutes."""
    image = analysis.image
    rows = np.flatnonzero((image.altitude >= stripe.ends[0]) & (image.altitude <= stripe.ends[1]))
    z = image.altitude[rows]
    reach = FWHM * stripe.sigma_at(z) + image.step
    reach = np.where(z < settings.stripe_straight_bottom_km, reach + 60.0 * settings.merge_flare_minutes, reach)
    centre = stripe.time_at(z)
    low, high = np.searchsorted(image.time, centre - reach), np.searchsorted(image.time, centre + reach)
    for row, a, b in zip(rows, low, high, strict=True):
        out[row, a:b] = True


def _event(descent: Descent, field: Field, settings: DetectSettings) -> Event:
    """The merge's event: it ends when the whole cloud is down."""
    curve, last, edges = descent.curve, descent.last, descent.edges
    height = field.offset_km + field.row_km * (np.arange(field.excess.shape[0])[:, None] + 0.5)
    above = height - curve.height(field.time)
    cells = (above > 0) & (above < settings.merge_reach_km) & (field.light > 0)
    cells &= (field.time > curve.arrival - curve.lasts) & (field.time < curve.arrival)
    score = masking.region_score(field.excess + field.variance, field.variance, cells)
    end = time_down(field, last.arrival, float(np.median(edges.density)), settings)
    top = float(edges.height.max()) + settings.main_layer_top_km
    return Event(
        eventing.DESCENDING, last.arrival, end, settings.main_layer_top_km,
        top + settings.merge_reach_km, top, settings.main_layer_top_km, last.speed, score, float(ndtr(-score)),
        float(edges.density.max()), False,
    )  # fmt: skip


def time_down(field: Field, arrival: float, density: float, settings: DetectSettings) -> float:
    """Time (s) from which little of a cloud of some density (cm-3) is left just above the main layer.

    Little is a share of the density, for as long as gaps between a cloud's stripes last at the most.
    """
    rows = slice(1, max(2, round(settings.merge_above_km / field.row_km)))
    after = np.flatnonzero(field.time >= arrival)
    excess, light = (values[rows, after].sum(axis=0) for values in (field.excess, field.light))
    window = np.ones(max(1, round(60.0 * settings.edge_bridge_minutes / field.step)))
    seen = np.convolve(light, window)[window.size - 1 :]
    left = np.convolve(excess, window)[window.size - 1 :]
    gone = np.flatnonzero((seen > 0) & (left < settings.merge_edge_share * density * seen))
    last = after[gone[0]] if gone.size else -1
    return float(max(field.time[last], arrival))
