"""Smooth clouds: broad, deep bodies of ions without crests, carried by the drift."""

from __future__ import annotations

import numpy as np

from metalclouds.twin.physical.geometry import horizontal
from metalclouds.twin.physical.puffs import Chain, packed
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources.sheets import ions_per_puff, travelled

CLOUDS = (1, 3)
STEP_KM = 2.0
MIDDLE_KM, DEPTH_KM = (140.0, 260.0), (8.0, 30.0)
BREADTH_S = (2400.0, 9000.0)
"""Time in which the drift carries a cloud by its standard deviation: never minutes."""

LEAST_BREADTH_KM = 40.0
LENGTH_RATIO = (1.0, 3.0)
DENSITY_CM3 = (0.8, 15.0)
AGE_S = (0.0, 1800.0)
CLEAR = 3.0


def chains(scene: Scene) -> list[Chain]:
    """One to three clouds."""
    return [_cloud(scene) for _ in range(scene.rng.integers(CLOUDS[0], CLOUDS[1] + 1))]


def _cloud(scene: Scene) -> Chain:
    rng = scene.rng
    passes, middle = rng.uniform(scene.start_s, scene.end_s), rng.uniform(*MIDDLE_KM)
    depth = rng.uniform(*DEPTH_KM)
    speed = float(np.linalg.norm(scene.drift.at(passes, middle)[:2])) + 2e-3
    breadth = max(speed * rng.uniform(*BREADTH_S), LEAST_BREADTH_KM)
    age = rng.uniform(*AGE_S)
    altitude = np.arange(max(middle - 3 * depth, 95.0), middle + 3 * depth, STEP_KM)
    place = -travelled(scene, passes - age, passes, middle)
    position = place + np.array([0, 0, middle]) + (altitude - middle)[:, None] * np.array([0, 0, 1.0])
    long = horizontal(rng.uniform(0, 180))
    ratio = rng.uniform(*LENGTH_RATIO)
    covariance = breadth**2 * (np.eye(3) + (ratio**2 - 1) * np.outer(long, long))
    density = float(np.exp(rng.uniform(*np.log(DENSITY_CM3)))) * np.exp(-0.5 * ((altitude - middle) / depth) ** 2)
    ions = density * ions_per_puff(covariance, np.array([0, 0, STEP_KM]))
    return Chain("smooth", passes - age, position, np.tile(packed(covariance), (altitude.size, 1)), ions)
