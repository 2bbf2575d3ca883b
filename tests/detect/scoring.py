"""Scores of found stripes against the truth of a scene: matching, matched SNR, the bound on the slowness error."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from tests.detect import scenes
from tests.detect.scenes import Scene, Stripe


def window(scene: Scene, stripe: Stripe) -> tuple[np.ndarray, np.ndarray]:
    """Profile times (s) around a stripe and the altitudes (km) of a coarser grid of ten bins."""
    z = np.arange(stripe.bottom_km + 0.48, stripe.top_km, 0.96)
    reach = 5 * stripe.width_s + 100 + abs(stripe.slowness) * 0.5 * (stripe.top_km - stripe.bottom_km)
    reach += abs(stripe.curvature) * (0.5 * (stripe.top_km - stripe.bottom_km)) ** 2
    time = np.arange(stripe.hour * 3600 - reach, stripe.hour * 3600 + reach, scene.step_s)
    return time, z


def signal(scene: Scene, stripe: Stripe, time: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Expected counts of a stripe in cells of ten bins."""
    density = np.zeros((time.size, z.size))
    scenes.add_stripe(density, time, z, scene.step_s, stripe)
    return 10 * density / (scenes.CALIBRATION * (z - scenes.STATION_KM) ** 2)


def matched_snr(scene: Scene, stripe: Stripe) -> float:
    """sqrt(sum signal^2 / variance), the variance being background plus signal."""
    time, z = window(scene, stripe)
    light = signal(scene, stripe, time, z)
    return float(np.sqrt(np.sum(light**2 / (light + 10 * scene.background))))


def slowness_bound(scene: Scene, stripe: Stripe) -> float:
    """Cramer-Rao bound on dt/dz with time, width and density unknown (s/km), by numerical derivatives."""
    from dataclasses import replace

    time, z = window(scene, stripe)
    light = signal(scene, stripe, time, z)
    steps = {"hour": 0.5 / 3600, "slowness": 0.01, "width_s": 0.02 * stripe.width_s, "density": 0.02 * stripe.density}
    unit = {"hour": 3600.0}
    slopes = []
    for name, step in steps.items():
        up = signal(scene, replace(stripe, **{name: getattr(stripe, name) + step}), time, z)
        down = signal(scene, replace(stripe, **{name: getattr(stripe, name) - step}), time, z)
        slopes.append((up - down) / (2 * step * unit.get(name, 1.0)))
    information = np.array([[np.sum(a * b / (light + 10 * scene.background)) for a in slopes] for b in slopes])
    scale = 1 / np.sqrt(np.diag(information))
    return float(np.sqrt(np.linalg.inv(information * np.outer(scale, scale))[1, 1]) * scale[1])


def found_times(row: pd.Series, night: str, z: np.ndarray) -> np.ndarray:
    """Time of maximum (s of the night) of a found stripe at altitudes, from its row in stripes.csv."""
    origin = pd.Timestamp(night)
    bottom = (row["time_bottom"] - origin).total_seconds()
    top = (row["time_top"] - origin).total_seconds()
    middle, half = 0.5 * (row["bottom_km"] + row["top_km"]), 0.5 * (row["top_km"] - row["bottom_km"])
    q = row["curvature_s_per_km2"]
    u, q = z - middle, 0.0 if np.isnan(q) or abs(q) < 4 * row["curvature_sigma_s_per_km2"] else q
    return 0.5 * (bottom + top) + row["slowness_s_per_km"] * u + q * (u**2 - half**2)


def distance(scene: Scene, stripe: Stripe, row: pd.Series) -> float:
    """Median distance in time over the common altitudes (s); infinite if they share less than a third."""
    low, high = max(stripe.bottom_km, row["bottom_km"]), min(stripe.top_km, row["top_km"])
    shorter = min(stripe.top_km - stripe.bottom_km, row["top_km"] - row["bottom_km"])
    if high - low < shorter / 3:
        return np.inf
    z = np.linspace(low, high, 9)
    return float(np.median(np.abs(stripe.centre_s(z) - found_times(row, scene.night, z))))


def match(scene: Scene, found: pd.DataFrame, furthest_s: float = 40.0) -> list[tuple[int, int]]:
    """Pairs (stripe of the scene, row found), each used once, no further apart than a little over a profile."""
    if not len(found) or not scene.stripes:
        return []
    cost = np.array([[distance(scene, s, row) for _, row in found.iterrows()] for s in scene.stripes])
    bounded = np.where(cost <= furthest_s, cost, 1e6)
    pairs = zip(*linear_sum_assignment(bounded), strict=True)
    return [(int(a), int(b)) for a, b in pairs if bounded[a, b] < 1e6]


def score_night(scene: Scene, found: pd.DataFrame, bound: bool = True) -> tuple[pd.DataFrame, int]:
    """One row a true stripe with what was found of it, and the number of found stripes that match none."""
    pairs = dict(match(scene, found))
    rows = []
    for index, stripe in enumerate(scene.stripes):
        row = {
            "snr": matched_snr(scene, stripe),
            "density": stripe.density,
            "slowness": stripe.slowness,
            "length": stripe.top_km - stripe.bottom_km,
            "found": index in pairs,
            "error": np.nan,
            "sigma": np.nan,
            "bound": slowness_bound(scene, stripe) if bound else np.nan,
            "bottom": np.nan,
            "top": np.nan,
        }
        if index in pairs:
            hit = found.iloc[pairs[index]]
            low, high = hit["bottom_km"], hit["top_km"]
            # A bent stripe's slope is that of the part that was found.
            middle = 0.5 * (stripe.bottom_km + stripe.top_km)
            truth = stripe.slowness + 2 * stripe.curvature * (0.5 * (low + high) - middle)
            row |= {
                "error": hit["slowness_s_per_km"] - truth,
                "sigma": hit["slowness_sigma_s_per_km"],
                "bottom": low - stripe.bottom_km,
                "top": high - stripe.top_km,
                "width": hit["width_s"] / stripe.width_s,
                "n": hit["peak_density_cm3"] / stripe.density,
            }
        rows.append(row)
    return pd.DataFrame(rows), len(found) - len(pairs)
