"""Trails of the sporadic sources around the ecliptic and of an even background."""

from __future__ import annotations

import numpy as np

from metalclouds.twin.physical.geometry import equatorial_deg, on_the_sky, solar_longitude_deg
from metalclouds.twin.physical.puffs import Chain
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources.trails import FLATTEST_DEG, STEEPEST_DEG, Meteoroid, births

SOURCES = (
    ("helion", 342.0, 0.0, 30.0, 0.18),
    ("antihelion", 198.0, 0.0, 30.0, 0.22),
    ("north apex", 270.0, 19.0, 55.0, 0.15),
    ("south apex", 270.0, -19.0, 55.0, 0.12),
    ("north toroidal", 270.0, 58.0, 35.0, 0.13),
    ("south toroidal", 270.0, -60.0, 35.0, 0.05),
    ("even", np.nan, np.nan, 35.0, 0.15),
)
"""Name, longitude from the sun, ecliptic latitude (deg), speed (km/s), share of the flux (Jones and Brown 1993)."""

SCATTER_DEG = 15.0
SPEED_SCATTER = 0.2
RATE_PER_KM2_H = (0.3e-3, 1.0e-3)
SWING = (0.0, 0.9)
PERIOD_S = (5400.0, 30000.0)
"""Slow change of the flux through the night, so that trails come in groups. Assumed."""


def chains(scene: Scene) -> list[Chain]:
    """Trails of a night, as the sources rise and set."""
    rng = scene.rng
    shares = np.array([share for *_, share in SOURCES])
    swing, period, phase = rng.uniform(*SWING), rng.uniform(*PERIOD_S), rng.uniform(0, 2 * np.pi)

    def meteoroid(birth_s: float) -> Meteoroid | None:
        _, longitude, latitude, speed, _ = SOURCES[rng.choice(len(SOURCES), p=shares / shares.sum())]
        time = scene.time(birth_s)
        ascension, declination = _radiant(longitude, latitude, time, rng)
        zenith, azimuth = on_the_sky(ascension, declination, time)
        speed = float(np.clip(speed * np.exp(rng.normal(0, SPEED_SCATTER)), 11.2, 72.0))
        return Meteoroid(birth_s, zenith, azimuth, speed) if STEEPEST_DEG < zenith < FLATTEST_DEG else None

    def activity(birth_s: float) -> float:
        return float(1 - swing * 0.5 * (1 + np.cos(2 * np.pi * birth_s / period + phase)))

    return births(scene, np.exp(rng.uniform(*np.log(RATE_PER_KM2_H))), meteoroid, activity)


def _radiant(
    longitude_deg: float, latitude_deg: float, time: np.datetime64, rng: np.random.Generator
) -> tuple[float, float]:
    offset = rng.normal(0, SCATTER_DEG, 2)
    even = rng.uniform(0, 360), float(np.degrees(np.arcsin(rng.uniform(-1, 1))))
    if np.isnan(longitude_deg):
        return even
    latitude = float(np.clip(latitude_deg + offset[1], -89, 89))
    longitude = solar_longitude_deg(time) + longitude_deg + offset[0] / np.cos(np.radians(latitude_deg))
    return equatorial_deg(longitude, latitude)
