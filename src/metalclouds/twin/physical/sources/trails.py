"""Trails of meteoroids: where they are born, how many ions they hold along their length, how wide they begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.twin.physical.atmosphere import Atmosphere, gyrofrequency_s
from metalclouds.twin.physical.geometry import direction
from metalclouds.twin.physical.puffs import Chain, packed
from metalclouds.twin.physical.scene import Scene

Values = NDArray[Any]

TOP_KM, BOTTOM_KM = 305.0, 92.0
FINE_BELOW_KM, FINE_STEP_KM, STEP_KM = 140.0, 0.5, 1.5
LONGEST_LIFE_S = 5400.0
"""Older trails have spread into the diffuse background."""

MARGIN_KM = 30.0
STEEPEST_DEG, FLATTEST_DEG = 1.0, 75.0

IONS_RANGE = (30.0, 4000.0)
"""Ions per length, cm-3 km2 (1e13 ions per m is 10): seen when young, to the brightest of a campaign."""

IONS_INDEX = 1.8
"""Differential index of that number over trails: masses of small meteoroids have 1.5 to 2.3."""

BEGIN_KM, END_KM = (185.0, 300.0), (95.0, 150.0)
EDGE_KM = (2.0, 10.0)
LOG_SLOPE_PER_KM = (-1 / 60, 1 / 120)
"""Growth upwards of the logarithm of ions per length: from ablation, which needs dense air, to outgassing."""

PATCHINESS = (0.1, 0.8)
PATCH_LENGTH_KM = (3.0, 20.0)
FLARES_PER_TRAIL = 1.0
FLARE_LENGTH_KM = (1.0, 8.0)
FLARE_GAIN = (0.5, 5.0)
"""Fragmentation and uneven shedding along the path: scatter of the logarithm, its length, flares. Assumed."""

RADIUS_FREE_PATHS = (0.5, 2.5)
REFERENCE_SPEED_KM_S = 40.0
SPEED_EXPONENT = 0.8
"""Initial radius in mean free paths at 40 km/s, and its growth with speed (Bronshten 1983; Jones 1995)."""

LEAST_RADIUS_KM = 0.003


@dataclass(frozen=True)
class Meteoroid:
    """A body: birth (s), direction of its radiant, speed (km/s)."""

    birth_s: float
    zenith_deg: float
    azimuth_deg: float
    speed_km_s: float


def heights(top_km: float = TOP_KM, bottom_km: float = BOTTOM_KM) -> Values:
    """Altitudes of the puffs of a trail, upwards."""
    fine = np.arange(bottom_km, FINE_BELOW_KM, FINE_STEP_KM)
    return np.concatenate([fine, np.arange(FINE_BELOW_KM, top_km, STEP_KM)])


def initial_radius_km(air: Atmosphere, altitude_km: Values, speed_km_s: float, free_paths: float) -> Values:
    """Radius W of exp(-r^2/W^2) at birth: some mean free paths, and the gyroradius of a fresh ion."""
    spread = free_paths * air.at("mean_free_path_km", altitude_km)
    spread = spread * (speed_km_s / REFERENCE_SPEED_KM_S) ** SPEED_EXPONENT
    magnetisation = air.at("magnetisation", altitude_km)
    gyration = speed_km_s / gyrofrequency_s() * magnetisation / (1 + magnetisation)
    return np.sqrt(spread**2 + gyration**2 + LEAST_RADIUS_KM**2)


def ions_along(altitude_km: Values, rng: np.random.Generator) -> Values:
    """Ions per length along a trail, relative to its middle: begin, end, trend, patches and flares."""
    begin, end = rng.uniform(*BEGIN_KM), rng.uniform(*END_KM)
    edges = rng.uniform(*EDGE_KM, 2)
    shape = 0.25 * (1 + np.tanh((altitude_km - end) / edges[0])) * (1 - np.tanh((altitude_km - begin) / edges[1]))
    shape = shape * np.exp(rng.uniform(*LOG_SLOPE_PER_KM) * (altitude_km - 0.5 * (begin + end)))
    scatter, length = rng.uniform(*PATCHINESS), rng.uniform(*PATCH_LENGTH_KM)
    knots = np.arange(altitude_km[0], altitude_km[-1] + length, length)
    shape = shape * np.exp(scatter * np.interp(altitude_km, knots, rng.standard_normal(knots.size)))
    for _ in range(rng.poisson(FLARES_PER_TRAIL)):
        offset = (altitude_km - rng.uniform(end, begin)) / rng.uniform(*FLARE_LENGTH_KM)
        shape = shape * (1 + rng.uniform(*FLARE_GAIN) * np.exp(-0.5 * offset**2))
    return shape


def power_law(low: float, high: float, index: float, rng: np.random.Generator) -> float:
    """A number drawn from x^-index between two ends."""
    a, b = low ** (1 - index), high ** (1 - index)
    return float((a + rng.random() * (b - a)) ** (1 / (1 - index)))


def trail(scene: Scene, body: Meteoroid, place_km: Values, what: str = "trail") -> Chain:
    """Chain of a trail whose axis passes (x, y) = `place_km` at 200 km at its birth."""
    rng = scene.rng
    altitude = heights()
    axis = direction(body.zenith_deg, body.azimuth_deg)
    along = (altitude - 200.0) / axis[2]
    position = along[:, None] * axis + np.array([place_km[0], place_km[1], 200.0])
    radius = initial_radius_km(scene.air, altitude, body.speed_km_s, rng.uniform(*RADIUS_FREE_PATHS))
    density = power_law(*IONS_RANGE, IONS_INDEX, rng) * ions_along(altitude, rng)
    kept = density > 1e-3 * density.max()
    length = np.gradient(altitude) / axis[2]
    covariance = packed(0.5 * radius[:, None, None] ** 2 * np.eye(3))
    return Chain(
        what,
        body.birth_s,
        position[kept],
        covariance[kept],
        (density * length)[kept],
        body.zenith_deg,
        body.azimuth_deg,
    )


def births(
    scene: Scene,
    rate_per_km2_h: float,
    meteoroid: Callable[[float], Meteoroid | None],
    activity: Callable[[float], float],
) -> list[Chain]:
    """Trails whose ions may come into the beam: uniform over the ground and over time.

    A trail is drawn where the drift takes it towards the beam: over the rectangle that holds all places within a
    trail's reach upwind, for as long as trails live.

    Parameters
    ----------
    rate_per_km2_h
        trails per km2 of horizontal area and hour at full activity, for a radiant in the zenith.
    meteoroid
        body born at a time, or None if its radiant gives none.
    activity
        share of the rate at a time.
    """
    rng = scene.rng
    reach = (TOP_KM - 200.0) * np.tan(np.radians(FLATTEST_DEG)) * 0.5 + MARGIN_KM
    chains = []
    hours = (scene.end_s - scene.start_s + LONGEST_LIFE_S) / 3600
    side = 2 * reach
    fastest = 1.3 * np.linalg.norm(scene.drift.velocity[:, 130, :2], axis=1).max() + 0.01
    length = side + fastest * LONGEST_LIFE_S
    for _ in range(rng.poisson(rate_per_km2_h * side * length * hours)):
        birth = rng.uniform(scene.start_s - LONGEST_LIFE_S, scene.end_s)
        body = meteoroid(birth)
        across, upwind, accepted = rng.uniform(-reach, reach), rng.uniform(-reach, length - reach), rng.random()
        if body is None or accepted > activity(birth) * np.cos(np.radians(body.zenith_deg)):
            continue
        drift = scene.drift.at(birth + LONGEST_LIFE_S / 2, 200.0)[:2]
        along = drift / np.linalg.norm(drift)
        place = -upwind * along + across * np.array([-along[1], along[0]])
        chains.append(trail(scene, body, place))
    return chains
