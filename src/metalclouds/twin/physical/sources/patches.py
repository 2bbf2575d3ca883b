"""Patches of the E region and the valley: columns of ions of limited breadth, carried and sheared by the wind.

Each begins upwind as an upright column, or as one along B, and leans as the drift differs with altitude. Where the
vertical drift converges it becomes a layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.twin.physical.geometry import FIELD, horizontal
from metalclouds.twin.physical.puffs import Chain, packed
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources.sheets import ions_per_puff, travelled
from metalclouds.twin.physical.sources.trails import power_law

Values = NDArray[Any]

STEP_KM = 1.0
GROUPS = (2, 5)
LASTS_S = (1800.0, 12000.0)
PATCHES_PER_H = (4.0, 22.0)
MIDDLE_KM, DEPTH_KM = (112.0, 175.0), (4.0, 35.0)
BREADTH_KM, LENGTH_RATIO = (0.7, 20.0), (1.0, 6.0)
DENSITY_CM3, DENSITY_INDEX = (0.8, 60.0), 1.5
AGE_S = (0.0, 3600.0)
CLEAR = 3.5
"""A patch forms at least so many of its sizes upwind, out of the beam."""

ALONG_FIELD = 0.5
"""Sizes of patches of sporadic E from scintillation and imaging: some to some tens of km; the rest is assumed."""


def chains(scene: Scene) -> list[Chain]:
    """Patches of a night: two to five groups, each at about one altitude and of about one size."""
    count = scene.rng.integers(GROUPS[0], GROUPS[1] + 1)
    return [patch for _ in range(count) for patch in _group(scene)]


def _group(scene: Scene) -> list[Chain]:
    rng = scene.rng
    middle, lasts = rng.uniform(scene.start_s, scene.end_s), rng.uniform(*LASTS_S)
    altitude, depth = rng.uniform(*MIDDLE_KM), float(np.exp(rng.uniform(*np.log(DEPTH_KM))))
    breadth = float(np.exp(rng.uniform(*np.log(BREADTH_KM))))
    count = rng.poisson(rng.uniform(*PATCHES_PER_H) * lasts / 3600)
    return [
        patch_chain(
            scene,
            middle + lasts * rng.uniform(-0.5, 0.5),
            altitude + rng.normal(0, 0.3 * depth),
            depth * float(np.exp(rng.normal(0, 0.3))),
            breadth * float(np.exp(rng.normal(0, 0.5))),
        )
        for _ in range(count)
    ]


def patch_chain(scene: Scene, passes_s: float, middle_km: float, depth_km: float, breadth_km: float) -> Chain:
    """A patch whose middle is over the beam at `passes_s` if it keeps its altitude.

    Parameters
    ----------
    depth_km, breadth_km
        standard deviations in altitude and of the narrow side.
    """
    rng = scene.rng
    altitude = np.arange(max(middle_km - 3 * depth_km, 92.0), middle_km + 3 * depth_km, STEP_KM)
    axis = FIELD / FIELD[2] if rng.random() < ALONG_FIELD else np.array([0.0, 0.0, 1.0])
    long = horizontal(rng.uniform(0, 180))
    ratio = rng.uniform(*LENGTH_RATIO)
    covariance = breadth_km**2 * (np.eye(3) + (ratio**2 - 1) * np.outer(long, long))
    drift = scene.drift.at(passes_s, middle_km) * np.array([1.0, 1.0, 0.0])
    speed = float(np.linalg.norm(drift))
    size = float(np.sqrt(drift @ covariance @ drift) + abs(axis @ drift) * 2 * depth_km) / speed
    age = rng.uniform(*AGE_S) + CLEAR * size / (speed + 2e-3)
    place = -travelled(scene, passes_s - age, passes_s, middle_km)
    place += rng.normal(0, 0.5 * breadth_km * ratio) * long
    position = place + np.array([0, 0, middle_km]) + (altitude - middle_km)[:, None] * axis
    density = power_law(*DENSITY_CM3, DENSITY_INDEX, rng) * np.exp(-0.5 * ((altitude - middle_km) / depth_km) ** 2)
    ions = density * ions_per_puff(covariance, STEP_KM * axis)
    return Chain("patch", passes_s - age, position, np.tile(packed(covariance), (altitude.size, 1)), ions)
