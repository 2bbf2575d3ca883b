"""From the analysis of a night to the mask's flags, its clouds, and their connections to the main layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from metalclouds.detect import edges, merging, topside
from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis, grown
from metalclouds.detect.events import Event
from metalclouds.detect.fit import FIRST_DENSITY
from metalclouds.detect.image import Image
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import FWHM, Stripe
from metalclouds.variables import MASK_FLAGS


@dataclass(frozen=True)
class Clouds:
    """The clouds of a night, trimmed to their edges; arrays (row, slot)."""

    labels: np.ndarray  # number of the component, 0 none
    expected: np.ndarray  # counts without clouds and stripes, the main layer's upper side included


def clouds_of(analysis: Analysis, settings: DetectSettings) -> Clouds:
    """The components of the mask that are clouds.

    A component that stays below the main layer's top is that layer, not a cloud.
    """
    expected = with_topside(analysis, settings)
    labels = np.zeros_like(analysis.labels)
    for label in cloud_labels(analysis, expected, settings):
        cells = edges.trimmed(
            analysis.image.counts, expected, analysis.labels == label, analysis.image.step, settings
        )
        labels[cells] = label
    return Clouds(labels, expected)


def with_topside(analysis: Analysis, settings: DetectSettings) -> np.ndarray:
    """Expected counts with the main layer's upper side, from where no cloud was found, (row, slot)."""
    out = analysis.expected.astype(np.float64)
    if not analysis.labels.any():
        return out
    found = grown(analysis.labels > 0)
    rows, layer = topside.expected_topside(analysis.image, analysis.background, settings, found)
    out[rows] += layer
    return out


def mask_flags(analysis: Analysis, clouds: Clouds) -> np.ndarray:
    """clear, cloud, stripe, no_data of each cell, uint8 (row, slot)."""
    image = analysis.image
    flags = np.zeros(image.counts.shape, np.uint8)
    flags[clouds.labels > 0] = MASK_FLAGS["cloud"]
    for stripe in analysis.stripes:
        _paint(flags, stripe, analysis)
    flags[image.bins <= 0] = MASK_FLAGS["no_data"]
    return flags


def cloud_labels(analysis: Analysis, expected: np.ndarray, settings: DetectSettings) -> np.ndarray:
    """Labels of the components that rise well above the main layer's top and stand out as a whole."""
    start = analysis.image.rows_above(settings.main_layer_top_km + settings.cloud_least_rise_km)
    present = np.unique(analysis.labels[start:])
    counts = analysis.image.counts
    least = settings.mask_low_sigma
    names = [n for n in present[present > 0] if masking.region_score(counts, expected, analysis.labels == n) > least]
    return np.array(names, dtype=analysis.labels.dtype)


def _paint(flags: np.ndarray, stripe: Stripe, analysis: Analysis) -> None:
    """Mark the cells within the half width at half maximum of a stripe, at least the nearest one."""
    image = analysis.image
    rows = np.flatnonzero((image.altitude >= stripe.ends[0]) & (image.altitude <= stripe.ends[1]))
    z = image.altitude[rows]
    centre = stripe.time_at(z)
    reach = np.maximum(0.5 * FWHM * stripe.sigma_at(z), 0.5 * image.step)
    reach += 0.5 * abs(float(stripe.theta[1])) * image.row_km
    low = np.searchsorted(image.time, centre - reach)
    high = np.maximum(np.searchsorted(image.time, centre + reach), low + 1)
    for row, a, b in zip(rows, low, high, strict=True):
        flags[row, a:b] = MASK_FLAGS["stripe"]


def connections_and_clouds(analysis: Analysis, clouds: Clouds, settings: DetectSettings) -> list[Event]:
    """Clouds, periods in which stripes reach the main layer, and clouds that descend into it."""
    labels = np.unique(clouds.labels[clouds.labels > 0])
    merges = merging.descending_merges(analysis, clouds.expected, settings) if labels.size else []
    reaching = [stripe for stripe in analysis.stripes if merging.reaches(stripe, settings)]
    out = merges + direct_connections([s for s in reaching if not _inside(s, merges, settings)], settings)
    if labels.size:
        sharp = smooth_density(analysis, 1)
        for label in labels:
            cells = clouds.labels == label
            out.append(_cloud(cells, float(np.nanmax(sharp[cells])), analysis.image, clouds.expected, settings))
    return out


def _inside(stripe: Stripe, merges: list[Event], settings: DetectSettings) -> bool:
    """Whether a stripe is a piece of a cloud that merges at that time, not a connection of its own."""
    if not merging.is_piece(stripe, settings):
        return False
    margin = 60.0 * settings.connection_gap_minutes
    time = float(stripe.time_at(stripe.ends[0]))
    return any(event.start - margin < time < event.end + margin for event in merges)


def direct_connections(stripes: list[Stripe], settings: DetectSettings) -> list[Event]:
    """Periods in which stripes reach the main layer, one following the other within the gap allowed.

    A stripe connects while its lower end, between its half maxima in time, is in the beam. A period's
    altitudes span all its stripes; it starts at the top of the highest and ends at the bottom of the lowest.
    """
    periods: list[list[tuple[float, float, Stripe]]] = []
    last = -np.inf
    for low, high, stripe in sorted(((*_span(s), s) for s in stripes), key=lambda part: part[:2]):
        if low - last > 60.0 * settings.connection_gap_minutes:
            periods.append([])
        periods[-1].append((low, high, stripe))
        last = max(last, high)
    return [_connection(period) for period in periods]


def _span(stripe: Stripe) -> tuple[float, float]:
    """Times of the half maxima at the lower end (s)."""
    bottom = stripe.ends[0]
    time, half = float(stripe.time_at(bottom)), 0.5 * FWHM * float(stripe.sigma_at(bottom))
    return time - half, time + half


def _connection(period: list[tuple[float, float, Stripe]]) -> Event:
    stripes = [stripe for _, _, stripe in period]
    bottom, top = min(s.ends[0] for s in stripes), max(s.ends[1] for s in stripes)
    significance = max(s.significance for s in stripes)
    return Event(
        eventing.DIRECT, period[0][0], max(high for _, high, _ in period), bottom, top, top, bottom, float("nan"),
        significance, float(ndtr(-significance)),
        max(float(s.theta[FIRST_DENSITY:].max()) for s in stripes), False,
    )  # fmt: skip


def _cloud(
    cells: np.ndarray, peak: float, image: Image, expected: np.ndarray, settings: DetectSettings
) -> Event:  # fmt: skip
    rows, slots = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    half = 0.5 * image.row_km
    centre = _centroid(cells, image.altitude)
    ends = centre[slots[[0, -1]]]
    score = masking.region_score(image.counts, expected, cells)
    bottom = float(image.altitude[rows[0]] - half)
    return Event(
        eventing.CLOUD, float(image.time[slots[0]] - 0.5 * image.exposure[slots[0]]),
        float(image.time[slots[-1]] + 0.5 * image.exposure[slots[-1]]),
        bottom, float(image.altitude[rows[-1]] + half), float(ends[0]), float(ends[1]),
        eventing.descent_rate(image.time, centre), score, float(ndtr(-score)),
        peak, bottom > settings.detached_km,
    )  # fmt: skip


def _centroid(cells: np.ndarray, altitude: np.ndarray) -> np.ndarray:
    """Mean altitude of a component in each slot, NaN where it has none."""
    number = cells.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, (cells * altitude[:, None]).sum(axis=0) / number, np.nan)


def smooth_density(analysis: Analysis, half_slots: int) -> np.ndarray:
    """Density (cm-3) averaged over three rows and 2 half_slots + 1 profiles, (row, slot)."""
    image = analysis.image
    usable = (image.bins > 0) & np.isfinite(image.gain)
    excess = masking.integral(np.where(usable, image.counts - analysis.expected, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        light = image.bins / (image.gain * image.range_km[:, None] ** 2)
    light = masking.integral(np.where(usable, light, 0.0))
    return masking.box_ratio(excess, light, 1, half_slots)
