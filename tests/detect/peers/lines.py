"""From cells of an image that belong together to rows of a table of stripes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import ndimage

from tests.detect.peers.image import NightImage

# What a stripe is for our detection too: taller than this (km), with a top above that (km).
LEAST_HEIGHT_KM = 10.0
LEAST_TOP_KM = 140.0
COLUMNS = ("time_bottom", "time_top", "bottom_km", "top_km", "slowness_s_per_km", "slowness_sigma_s_per_km",
           "curvature_s_per_km2", "curvature_sigma_s_per_km2", "width_s", "peak_density_cm3", "snr")  # fmt: skip


def line_through(image: NightImage, rows: np.ndarray, slots: np.ndarray) -> dict | None:
    """Straight line t(z) through cells, each with its significance as weight; None if it is no stripe.

    The time at each altitude is the weighted mean of the row's cells, and dt/dz a weighted fit to these.
    """
    weight = np.maximum(image.significance[rows, slots], 0.0)
    total = np.bincount(rows, weight, image.altitude.size)
    used = np.flatnonzero(total > 0)
    if used.size < 3:
        return None
    bottom, top = image.altitude[used[0]] - image.row_km / 2, image.altitude[used[-1]] + image.row_km / 2
    if top - bottom < LEAST_HEIGHT_KM or top < LEAST_TOP_KM:
        return None
    time = np.bincount(rows, weight * image.time[slots], image.altitude.size)[used] / total[used]
    slowness, start = np.polyfit(image.altitude[used], time, 1, w=np.sqrt(total[used]))
    origin = pd.Timestamp(image.night)
    ends = {f"time_{name}": origin + pd.Timedelta(seconds=start + slowness * z)
            for name, z in (("bottom", bottom), ("top", top))}  # fmt: skip
    snr = float(image.significance[rows, slots].sum() / np.sqrt(rows.size))
    return ends | {"bottom_km": bottom, "top_km": top, "slowness_s_per_km": slowness, "snr": snr}


def table(rows: Iterable[dict | None], least_snr: float) -> pd.DataFrame:
    """Lines whose cells together stand out by `least_snr`, as rows that the scoring reads."""
    kept = [row for row in rows if row is not None and row["snr"] >= least_snr]
    return pd.DataFrame(kept, columns=list(COLUMNS))


def of_labels(image: NightImage, labels: np.ndarray, least_snr: float) -> pd.DataFrame:
    """A line through the cells of each label; 0 is none."""
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is not None:
            rows, slots = np.nonzero(labels[box] == number)
            found.append(line_through(image, rows + box[0].start, slots + box[1].start))
    return table(found, least_snr)


def near_line(image: NightImage, first: tuple[float, float], last: tuple[float, float], reach: float):
    """Cells no further than `reach` slots from the line between two (slot, row) points."""
    (slot_a, row_a), (slot_b, row_b) = sorted((first, last), key=lambda point: point[1])
    rows = np.arange(int(row_a), int(row_b) + 1)
    centre = slot_a + (slot_b - slot_a) * (rows - row_a) / max(row_b - row_a, 1)
    offsets = np.arange(-int(np.ceil(reach)), int(np.ceil(reach)) + 1)
    slots = np.rint(centre).astype(int)[:, None] + offsets
    inside = (np.abs(slots - centre[:, None]) <= reach) & (slots >= 0) & (slots < image.time.size)
    return np.broadcast_to(rows[:, None], slots.shape)[inside], slots[inside]


def distinct(found: pd.DataFrame, least_distance_s: float) -> pd.DataFrame:
    """The strongest of lines that lie nearer than this to one another over half of the shorter one."""
    kept: list[pd.Series] = []
    for _, row in found.sort_values("snr", ascending=False).iterrows():
        if all(_apart(row, other, least_distance_s) for other in kept):
            kept.append(row)
    return pd.DataFrame(kept, columns=found.columns)


def _apart(a: pd.Series, b: pd.Series, least_distance_s: float) -> bool:
    low, high = max(a["bottom_km"], b["bottom_km"]), min(a["top_km"], b["top_km"])
    if high - low < 0.5 * min(a["top_km"] - a["bottom_km"], b["top_km"] - b["bottom_km"]):
        return True
    z = np.linspace(low, high, 5)
    times = [(row["time_bottom"] - a["time_bottom"]).total_seconds()
             + row["slowness_s_per_km"] * (z - row["bottom_km"]) for row in (a, b)]  # fmt: skip
    return float(np.median(np.abs(times[0] - times[1]))) > least_distance_s
