"""From the analysis of a night to the mask's flags, its clouds, and their connections to the main layer."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis
from metalclouds.detect.events import Event
from metalclouds.detect.fit import FIRST_DENSITY
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import FWHM, Stripe
from metalclouds.variables import MASK_FLAGS


def mask_flags(analysis: Analysis, settings: DetectSettings) -> np.ndarray:
    """clear, cloud, stripe, no_data of each cell, uint8 (row, slot).

    A component that stays below the main layer's top is that layer, not a cloud.
    """
    image = analysis.image
    flags = np.zeros(image.counts.shape, np.uint8)
    flags[np.isin(analysis.labels, cloud_labels(analysis, settings))] = MASK_FLAGS["cloud"]
    for stripe in analysis.stripes:
        _paint(flags, stripe, analysis)
    flags[image.bins <= 0] = MASK_FLAGS["no_data"]
    return flags


def cloud_labels(analysis: Analysis, settings: DetectSettings) -> np.ndarray:
    """Labels of the components that rise well above the main layer's top."""
    start = analysis.image.rows_above(settings.main_layer_top_km + settings.cloud_least_rise_km)
    present = np.unique(analysis.labels[start:])
    return present[present > 0]


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


def connections_and_clouds(analysis: Analysis, mask: np.ndarray, settings: DetectSettings) -> list[Event]:
    """Clouds, stripes that reach the main layer, and clouds that descend into it."""
    out = [_direct(stripe) for stripe in analysis.stripes if stripe.ends[0] <= settings.reaches_main_layer_km]
    labels = cloud_labels(analysis, settings)
    if not labels.size:
        return out
    sharp = smooth_density(analysis, 1)
    smooth = smooth_density(analysis, settings.merge_window_profiles // 2)
    for label in labels:
        cells = analysis.labels == label
        peak = float(np.nanmax(sharp[cells]))
        out.append(_cloud(cells, peak, analysis, settings))
        merge = _merge(cells, smooth, peak, analysis, settings)
        if merge is not None:
            out.append(merge)
    return out


def _direct(stripe: Stripe) -> Event:
    """The connection that a stripe makes, from its top to its bottom time whichever is first."""
    low, high = sorted(float(t) for t in stripe.time_at(np.array(stripe.ends)))
    return Event(
        eventing.DIRECT, low, high, *stripe.ends, stripe.ends[1], stripe.ends[0], float("nan"),
        stripe.significance, float(norm.sf(stripe.significance)),
        float(stripe.theta[FIRST_DENSITY:].max()), False,
    )  # fmt: skip


def _cloud(cells: np.ndarray, peak: float, analysis: Analysis, settings: DetectSettings) -> Event:
    image = analysis.image
    rows, slots = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    half = 0.5 * image.row_km
    centre = _centroid(cells, image.altitude)
    ends = centre[slots[[0, -1]]]
    score = _score(cells, analysis)
    bottom = float(image.altitude[rows[0]] - half)
    return Event(
        eventing.CLOUD, float(image.time[slots[0]] - 0.5 * image.exposure[slots[0]]),
        float(image.time[slots[-1]] + 0.5 * image.exposure[slots[-1]]),
        bottom, float(image.altitude[rows[-1]] + half), float(ends[0]), float(ends[1]),
        eventing.descent_rate(image.time, centre), score, float(norm.sf(score)),
        peak, bottom > settings.merge_altitude_km,
    )  # fmt: skip


def _centroid(cells: np.ndarray, altitude: np.ndarray) -> np.ndarray:
    """Mean altitude of a component in each slot, NaN where it has none."""
    number = cells.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where(number > 0, (cells * altitude[:, None]).sum(axis=0) / number, np.nan)


def _score(cells: np.ndarray, analysis: Analysis) -> float:
    """Significance of all the light of a component together."""
    number, mean = float(analysis.image.counts[cells].sum()), float(analysis.expected[cells].sum())
    return 2.0 * (math.sqrt(max(number, 0.0) + 0.375) - math.sqrt(mean + 0.125))


def smooth_density(analysis: Analysis, half_slots: int) -> np.ndarray:
    """Density (cm-3) averaged over three rows and 2 half_slots + 1 profiles, (row, slot)."""
    image = analysis.image
    usable = (image.bins > 0) & np.isfinite(image.gain)
    excess = masking.integral(np.where(usable, image.counts - analysis.expected, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        light = image.bins / (image.gain * image.range_km[:, None] ** 2)
    light = masking.integral(np.where(usable, light, 0.0))
    return masking.box_ratio(excess, light, 1, half_slots)


def _merge(
    cells: np.ndarray, smooth: np.ndarray, peak: float, analysis: Analysis, settings: DetectSettings
) -> Event | None:
    """The merging of a cloud whose lower edge comes down to the main layer, slower than any stripe."""
    image = analysis.image
    rows, slots = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    half, window = 0.5 * image.row_km, settings.merge_window_profiles
    if image.altitude[rows[0]] - half > settings.merge_altitude_km or slots.size < window:
        return None
    density = np.where(cells, smooth, np.nan)
    edge = eventing.lower_edge(
        density, image.altitude, half, settings.merge_edge_share, settings.merge_altitude_km + half
    )
    found = eventing.merge_onset(
        edge, image.time, settings.merge_altitude_km, settings.merge_least_descent_km, window
    )
    if found is None:
        return None
    first, onset = found
    descent = eventing.descent_rate(image.time[first : onset + 1], edge[first : onset + 1])
    if not 0 < descent <= settings.merge_fastest_m_s:
        return None
    score = _score(cells, analysis)
    return Event(
        eventing.DESCENDING, float(image.time[onset]), float(image.time[slots[-1]]),
        float(image.altitude[rows[0]] - half), float(image.altitude[rows[-1]] + half),
        float(edge[first]), float(edge[onset]), descent,
        score, float(norm.sf(score)), peak, False,
    )  # fmt: skip
