"""From the analysis of a night to the mask's flags, its clouds, and their connections to the main layer."""

from __future__ import annotations

from dataclasses import dataclass

import cc3d
import numpy as np

from metalclouds.detect import edges, merging, topside
from metalclouds.detect import events as eventing
from metalclouds.detect import mask as masking
from metalclouds.detect.core import Analysis, dilated
from metalclouds.detect.decide import upper_tail
from metalclouds.detect.events import Event
from metalclouds.detect.method import Method
from metalclouds.detect.stripes.kernels import FIRST_DENSITY
from metalclouds.detect.stripes.model import FWHM, Stripe
from metalclouds.schema.variables import MASK_FLAGS

Box = tuple[slice, slice]


@dataclass(frozen=True)
class Clouds:
    """The clouds of a night, trimmed to their edges; arrays (row, slot)."""

    labels: np.ndarray  # number of the component, 0 none
    expected: np.ndarray  # counts without clouds and stripes, the layer's upper side included if a cloud comes near
    boxes: dict[int, Box]  # rows and slots that hold a component


def clouds_of(analysis: Analysis, method: Method) -> Clouds:
    """The components of the mask that are clouds.

    A component that stays below the main layer's top is that layer, not a cloud, nor is one that does not stand out
    as a whole.
    """
    rise = analysis.image.rows_above(method.settings.main_layer_top_km + method.edges.cloud_least_rise_km)
    high = [(label, box) for label, box in component_boxes(analysis.labels) if box[0].stop > rise]
    labels, boxes = np.zeros_like(analysis.labels), {}
    # Where no cloud comes near the layer, its upper side does not matter.
    side = topside.topside_rows(analysis.image, method)
    near = any(box[0].start < side.stop for _, box in high)
    expected = with_topside(analysis, method) if near else analysis.expected
    for label, box in high:
        cells, counts, mean = analysis.labels[box] == label, analysis.image.counts[box], expected[box]
        if masking.region_score(counts, mean, cells) > method.mask.low_sigma:
            labels[box][edges.trimmed(counts, mean, cells, analysis.image.step, method)] = label
            boxes[label] = box
    return Clouds(labels, expected, boxes)


def component_boxes(labels: np.ndarray) -> list[tuple[int, Box]]:
    """Number and box, rows and slots, of each component.

    Parameters
    ----------
    labels
        number of the component of each cell, 0 for none, dims (row, slot).
    """
    if not labels.any():
        return []
    found = cc3d.statistics(labels)["bounding_boxes"]
    return [(label, (box[0], box[1])) for label, box in enumerate(found) if label and box is not None]


def with_topside(analysis: Analysis, method: Method) -> np.ndarray:
    """Expected counts with the main layer's upper side, from where no cloud was found, float32 (row, slot).

    Returns
    -------
    ndarray
        counts in a cell.
    """
    rows = topside.topside_rows(analysis.image, method)
    wide = slice(max(rows.start - 2, 0), rows.stop + 2)  # the margin of `dilated`
    found = dilated(analysis.labels[wide] > 0)[rows.start - wide.start :][: rows.stop - rows.start]
    out = analysis.expected.copy()
    out[rows] += topside.expected_topside(analysis.image, analysis.background, method, found)[1]
    return out


def mask_flags(analysis: Analysis, clouds: Clouds) -> np.ndarray:
    """clear, cloud, stripe, no_data of each cell, uint8 (row, slot).

    Returns
    -------
    ndarray
        of `schema.variables.MASK_FLAGS`.
    """
    image = analysis.image
    flags = np.zeros(image.counts.shape, np.uint8)
    flags[clouds.labels > 0] = MASK_FLAGS["cloud"]
    if analysis.stripes:
        flags[stripe_cells(analysis)] = MASK_FLAGS["stripe"]
    flags[image.bins <= 0] = MASK_FLAGS["no_data"]
    return flags


def stripe_cells(analysis: Analysis) -> np.ndarray:
    """Cells within the half width at half maximum of a stripe, at least the nearest one, (row, slot).

    Returns
    -------
    ndarray
        bool.
    """
    image = analysis.image
    # 1 where a stripe's cells begin in a row and -1 behind their end: what is summed up along the row lies inside.
    change = np.zeros((image.altitude.size, image.time.size + 1), np.int16)
    for stripe in analysis.stripes:
        rows = np.arange(*np.searchsorted(image.altitude, stripe.ends))
        z = image.altitude[rows]
        centre = stripe.time_at(z)
        reach = np.maximum(0.5 * FWHM * stripe.sigma_at(z), 0.5 * image.step)
        reach += 0.5 * abs(float(stripe.theta[1])) * image.row_km
        low = np.searchsorted(image.time, centre - reach)
        high = np.maximum(np.searchsorted(image.time, centre + reach), np.minimum(low + 1, image.time.size))
        change[rows, low] += 1
        change[rows, high] -= 1
    return np.cumsum(change[:, :-1], axis=1, dtype=np.int16) > 0


def connections_and_clouds(analysis: Analysis, clouds: Clouds, method: Method) -> list[Event]:
    """Clouds, periods in which stripes reach the main layer, and clouds that descend into it."""
    merges = merging.descending_merges(analysis, clouds.expected, method) if clouds.boxes else []
    reaching = [stripe for stripe in analysis.stripes if merging.reaches(stripe, method)]
    direct = direct_connections([s for s in reaching if not _inside(s, merges, method)], method)
    return merges + direct + [_cloud(label, box, analysis, clouds, method) for label, box in clouds.boxes.items()]


def _inside(stripe: Stripe, merges: list[Event], method: Method) -> bool:
    """Whether a stripe is a piece of a cloud that merges at that time, not a connection of its own."""
    if not merging.is_piece(stripe, method):
        return False
    margin = 60.0 * method.connections.connection_gap_minutes
    time = float(stripe.time_at(stripe.ends[0]))
    return any(event.start - margin < time < event.end + margin for event in merges)


def direct_connections(stripes: list[Stripe], method: Method) -> list[Event]:
    """Periods in which stripes reach the main layer, one following the other within the gap allowed.

    A stripe connects while its lower end, between its half maxima in time, is in the beam. A period's
    altitudes span all its stripes; it starts at the top of the highest and ends at the bottom of the lowest.
    """
    periods: list[list[tuple[float, float, Stripe]]] = []
    last = -np.inf
    for low, high, stripe in sorted(((*_span(s), s) for s in stripes), key=lambda part: part[:2]):
        if low - last > 60.0 * method.connections.connection_gap_minutes:
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
        significance, upper_tail(significance),
        max(float(s.theta[FIRST_DENSITY:].max()) for s in stripes), False,
    )  # fmt: skip


def _cloud(label: int, box: Box, analysis: Analysis, clouds: Clouds, method: Method) -> Event:
    image = analysis.image
    cells = clouds.labels[box] == label
    rows, slots = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    time, exposure, altitude = image.time[box[1]][slots], image.exposure[box[1]][slots], image.altitude[box[0]]
    centre = altitude @ cells[:, slots] / cells[:, slots].sum(axis=0)  # mean altitude in each slot
    score = masking.region_score(image.counts[box], clouds.expected[box], cells)
    half = 0.5 * image.row_km
    bottom = float(altitude[rows[0]] - half)
    return Event(
        eventing.CLOUD, float(time[0] - 0.5 * exposure[0]), float(time[-1] + 0.5 * exposure[-1]),
        bottom, float(altitude[rows[-1]] + half), float(centre[0]), float(centre[-1]),
        eventing.descent_rate(time, centre), score, upper_tail(score),
        peak_density(analysis, cells, box), stands_apart(analysis, cells, box, method),
    )  # fmt: skip


def stands_apart(analysis: Analysis, cells: np.ndarray, box: Box, method: Method) -> bool:
    """Whether the density sinks below half of the cloud's between the main layer and the cloud.

    Densities are means over the cloud's times and three rows; the cloud's is the largest in its altitudes. A cloud
    that is seen below `main_layer_top_km` does not stand apart.

    Parameters
    ----------
    cells
        bool, dims (row, slot) of the box.
    """
    image, top = analysis.image, method.settings.main_layer_top_km
    lowest, highest = (int(box[0].start + row) for row in np.flatnonzero(cells.any(axis=1))[[0, -1]])
    if image.altitude[lowest] < top:
        return False
    slots = np.flatnonzero(cells.any(axis=0)) + box[1].start
    slots = slots[np.isfinite(image.gain[slots]) & (image.gain[slots] > 0)]
    light = (image.bins[:, slots] / (image.gain[slots] * image.square_km2[:, None])).sum(axis=1)
    excess = np.where(image.bins[:, slots] > 0, image.counts[:, slots] - analysis.expected[:, slots], 0.0).sum(axis=1)
    over_rows = np.ones(3)
    density = np.convolve(excess, over_rows, "same") / np.maximum(np.convolve(light, over_rows, "same"), 1e-300)
    layer = int(np.argmax(density[: max(image.rows_above(top), 1)]))
    return bool(density[layer : lowest + 1].min() < 0.5 * density[lowest : highest + 1].max())


def peak_density(analysis: Analysis, cells: np.ndarray, box: Box) -> float:
    """Largest density (cm-3) of a component, means over three rows and profiles.

    Parameters
    ----------
    cells
        bool, dims (row, slot) of the box.
    """
    image = analysis.image
    rows, slots = (slice(max(part.start - 1, 0), part.stop + 1) for part in box)
    usable = np.isfinite(image.gain[slots]) & (image.gain[slots] > 0)
    used = (image.bins[rows, slots] > 0) & usable
    excess = masking.integral(np.where(used, image.counts[rows, slots] - analysis.expected[rows, slots], 0.0))
    gain = np.where(usable, image.gain[slots], 1.0)
    light = np.where(used, image.bins[rows, slots] / (gain * image.square_km2[rows, None]), 0.0)
    density = masking.box_ratio(excess, masking.integral(light), 1, 1)
    row, slot = np.nonzero(cells)
    return float(density[row + box[0].start - rows.start, slot + box[1].start - slots.start].max())
