"""Trails of one radiant, which moves with the sky through the night."""

from __future__ import annotations

import numpy as np

from metalclouds.twin.physical.geometry import on_the_sky
from metalclouds.twin.physical.puffs import Chain
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources.trails import FLATTEST_DEG, STEEPEST_DEG, Meteoroid, births

SCATTER_DEG = (0.3, 2.0)
SPEED_KM_S = (12.0, 68.0)
RATE_PER_KM2_H = (0.25e-3, 1.6e-3)
LASTS_S = (2400.0, 14400.0)
"""A stream's dense part: how long the trails come that make one cloud. Assumed from the length of the clouds."""

BACKGROUND = 0.05
HIGHEST_ZENITH_DEG = 50.0


def chains(scene: Scene) -> list[Chain]:
    """Trails of a night: one radiant, high in the sky at the middle of its activity, and one burst of it."""
    rng = scene.rng
    lasts = rng.uniform(*LASTS_S)
    middle = rng.uniform(scene.start_s, scene.end_s)
    ascension, declination = radiant(scene, middle)
    scatter, speed = rng.uniform(*SCATTER_DEG), rng.uniform(*SPEED_KM_S)

    def meteoroid(birth_s: float) -> Meteoroid | None:
        offset = rng.normal(0, scatter, 2)
        right = ascension + offset[0] / max(np.cos(np.radians(declination)), 0.05)
        zenith, azimuth = on_the_sky(right, declination + offset[1], scene.time(birth_s))
        if not STEEPEST_DEG < zenith < FLATTEST_DEG:
            return None
        return Meteoroid(birth_s, zenith, azimuth, speed)

    def activity(birth_s: float) -> float:
        return BACKGROUND + (1 - BACKGROUND) * float(np.exp(-0.5 * ((birth_s - middle) / (0.4 * lasts)) ** 2))

    return births(scene, np.exp(rng.uniform(*np.log(RATE_PER_KM2_H))), meteoroid, activity)


def radiant(scene: Scene, middle_s: float) -> tuple[float, float]:
    """Right ascension and declination (deg), even over the part of the sky within 50 deg of the zenith at a time."""
    rng = scene.rng
    while True:
        ascension = rng.uniform(0, 360)
        declination = float(np.degrees(np.arcsin(rng.uniform(-1, 1))))
        if on_the_sky(ascension, declination, scene.time(middle_s))[0] < HIGHEST_ZENITH_DEG:
            return ascension, declination
