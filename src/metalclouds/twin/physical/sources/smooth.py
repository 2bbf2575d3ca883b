"""Smooth clouds: broad bodies of ions without a wave, carried in and away by the wind over hours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from metalclouds.twin.density import Axes
from metalclouds.twin.physical.field import MetalSource, accumulated
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources.fronts import cloud_over_beam, draw_train

CLOUDS = (1, 2)
LASTS_S = (7200.0, 21600.0)


def sources(scene: Scene, axes: Axes) -> list[MetalSource]:
    """One or two clouds of a night; where the vertical drift converges below they feed layers."""
    found = []
    for _ in range(scene.rng.integers(CLOUDS[0], CLOUDS[1] + 1)):
        train = replace(draw_train(scene), drift_km_s=0.0, lasts_s=scene.rng.uniform(*LASTS_S))
        seen = cloud_over_beam(scene, train)
        rows, mean = accumulated(seen, axes.start_s, axes.length_s)
        found.append(MetalSource("smooth", float(seen.time_s[0]), np.nan, np.nan, seen, rows, mean))
    return found
