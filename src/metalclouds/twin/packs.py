"""Packs of stripes: trails of parallel meteoroids, carried over the beam by the wind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.twin.sky import Cloud, Time, TrueStripe

LEAST_SPEED_M_S = 15.0
"""Drift used where the wind is weaker: |slowness| stays near the 60 s/km that the project expects at most."""

MOST_SLOWNESS_S_PER_KM = 60.0
LONGEST_CROSSING_S = 2400.0
SHORTEST_STRIPE_KM = 8.0
ATTACHED_KM = 116.0
"""A stripe whose lower end lies below this reaches the main layer."""


@dataclass(frozen=True)
class Pack:
    """How the stripes of one cloud are drawn.

    beta_deg and its scatter; range of peak density (cm-3) and of half-width (km); `turned_share` of them lean the
    other way; `ascending`: the trails' upper ends point against the drift; `free_ends`: false lets every stripe
    fill the cloud's whole band.
    """

    count: int
    beta_deg: float
    beta_scatter_deg: float
    peak_cm3: tuple[float, float]
    half_width_km: tuple[float, float]
    turned_share: float = 0.0
    ascending: bool = False
    free_ends: bool = True


def slowness_s_per_km(beta_deg: float, drift_angle_deg: float, speed_m_s: float) -> float:
    """Slowness dt/dz of the time of maximum: p = -tan(beta) cos(D) / v (project's geometry of a stripe).

    Examples
    --------
    >>> round(slowness_s_per_km(5.82, 0.0, 60.0), 3)
    -1.699
    """
    slowness = -1e3 * np.tan(np.deg2rad(beta_deg)) * np.cos(np.deg2rad(drift_angle_deg)) / speed_m_s
    return float(np.clip(slowness, -MOST_SLOWNESS_S_PER_KM, MOST_SLOWNESS_S_PER_KM))


def widest_drift_angle_deg(beta_deg: float, half_width_km: float, length_km: float) -> float:
    """Largest angle D at which a trail stays in the beam over `length_km`: sin D = 2 W / (H tan(beta))."""
    return float(np.rad2deg(np.arcsin(min(1.0, 2 * half_width_km / (length_km * np.tan(np.deg2rad(beta_deg)))))))


def scaled_beta_deg(beta_deg: float, scale: float) -> float:
    """Zenith angle with its tangent multiplied by `scale`."""
    return float(np.rad2deg(np.arctan(scale * np.tan(np.deg2rad(beta_deg)))))


def stripes_of(
    cloud: Cloud,
    pack: Pack,
    *,
    speed_m_s: Callable[[Time], float],
    beta_scale: float,
    rng: np.random.Generator,
) -> tuple[TrueStripe, ...]:
    """Draw the stripes of a cloud, evenly spread over its time with scatter, in order of time."""
    whole = float((cloud.end - cloud.start).astype("timedelta64[s]").astype(float))
    places = _places(pack.count, rng)
    drawn = [
        _stripe(cloud, pack, cloud.start + np.timedelta64(round(whole * place), "s"), speed_m_s, beta_scale, rng)
        for place in places
    ]
    return tuple(drawn)


def _places(count: int, rng: np.random.Generator) -> NDArray[Any]:
    """Shares of the cloud's time, in order; the first and last near its ends, a single one in its middle."""
    if count == 1:
        return np.array([0.5])
    within = rng.uniform(0.15, 0.85, count)
    if count:
        within[0], within[-1] = 0.05, 0.95
    return (np.arange(count) + within) / max(count, 1)


def _stripe(
    cloud: Cloud,
    pack: Pack,
    time: Time,
    speed_m_s: Callable[[Time], float],
    beta_scale: float,
    rng: np.random.Generator,
) -> TrueStripe:
    speed = max(speed_m_s(time), LEAST_SPEED_M_S)
    beta = float(np.clip(rng.normal(pack.beta_deg, pack.beta_scatter_deg), 0.21, 49.07))
    beta = scaled_beta_deg(beta, beta_scale)
    half_width = _log_uniform(pack.half_width_km, rng)
    bottom, top = _ends(cloud, time, pack.free_ends, rng)
    limit = widest_drift_angle_deg(beta, half_width, top - bottom)
    leaning_away = pack.ascending != (rng.random() < pack.turned_share)
    drift_angle = rng.uniform(-limit, limit) + (180.0 if leaning_away else 0.0)
    slowness = slowness_s_per_km(beta, drift_angle, speed)
    top = max(bottom + SHORTEST_STRIPE_KM, min(top, bottom + LONGEST_CROSSING_S / max(abs(slowness), 1e-6)))
    # Stripes that reach the main layer are placed by their foot, the others by their middle.
    offset = 0.0 if bottom < ATTACHED_KM else slowness * (top - bottom) / 2
    return TrueStripe(
        time_bottom=time - np.timedelta64(round(offset), "s"),
        bottom_km=round(bottom, 2),
        top_km=round(top, 2),
        slowness_s_per_km=slowness,
        width_s=1e3 * half_width / speed,
        peak_density_cm3=_log_uniform(pack.peak_cm3, rng),
        curvature_s_per_km2=_curvature(rng),
        group=cloud.group,
        beta_deg=beta,
        marked=False,
        drift_angle_deg=(drift_angle + 180.0) % 360.0 - 180.0,
    )


def _ends(cloud: Cloud, middle: Time, free: bool, rng: np.random.Generator) -> tuple[float, float]:
    low, high = (float(edge[0]) for edge in cloud.edges_km(np.array([middle])))
    if not free:
        return low, high
    thickness = high - low
    bottom = low + 0.2 * thickness * rng.random() ** 2
    return bottom, max(high - 0.35 * thickness * rng.random() ** 2, bottom + SHORTEST_STRIPE_KM)


def _curvature(rng: np.random.Generator) -> float:
    """s/km^2: nearly straight (paper, lines 222-223), one in ten bent more; both assumed."""
    return float(rng.normal(0, 0.004 if rng.random() < 0.1 else 0.0005))


def _log_uniform(span: tuple[float, float], rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(span[0]), np.log(span[1]))))
