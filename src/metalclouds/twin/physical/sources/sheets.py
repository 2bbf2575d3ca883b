"""Field-aligned sheets: spanned by B and a horizontal front, several side by side, carried by the drift."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.constants import MAGNETIC_DECLINATION_DEG
from metalclouds.twin.physical.geometry import FIELD, horizontal
from metalclouds.twin.physical.puffs import PUFF_STEP_S, Chain, packed
from metalclouds.twin.physical.scene import Scene

Values = NDArray[Any]

STEP_KM = 1.5
FAMILIES = (1, 3)
LASTS_S = (2400.0, 14400.0)
ANGLE_DEG = 50.0
"""Fronts lie within so much of magnetic north."""

ANGLE_SCATTER_DEG = (0.5, 5.0)
LENGTH_KM = (40.0, 300.0)
THICKNESS_KM = (0.3, 9.0)
THICKNESS_SCATTER = 0.5
SPACING_KM = (12.0, 80.0)
SPACING_SCATTER = (0.1, 0.5)
DENSITY_CM3 = (0.3, 15.0)
DENSITY_SCATTER = 0.6
BOTTOM_KM, TOP_KM = (105.0, 190.0), (180.0, 310.0)
LEAST_DEPTH_KM = 25.0
EDGE_KM = (3.0, 15.0)
PATCHINESS, PATCH_LENGTH_KM = (0.0, 0.4), (10.0, 40.0)
AGE_S = (0.0, 2400.0)
"""What is known of irregularities at mid latitudes are their direction and spacing; the rest is assumed."""

CLEAR = 4.0
"""A sheet forms at least so many of its thicknesses upwind, out of the beam."""


def chains(scene: Scene) -> list[Chain]:
    """Sheets of a night: up to three families, each of one direction and spacing."""
    count = scene.rng.integers(FAMILIES[0], FAMILIES[1] + 1)
    return [sheet for _ in range(count) for sheet in _family(scene)]


def _family(scene: Scene) -> list[Chain]:
    rng = scene.rng
    middle, lasts = rng.uniform(scene.start_s, scene.end_s), rng.uniform(*LASTS_S)
    angle, scatter = rng.uniform(-ANGLE_DEG, ANGLE_DEG), rng.uniform(*ANGLE_SCATTER_DEG)
    spacing, uneven = _log_uniform(rng, SPACING_KM), rng.uniform(*SPACING_SCATTER)
    thickness, density = _log_uniform(rng, THICKNESS_KM), _log_uniform(rng, DENSITY_CM3)
    bottom, top = rng.uniform(*BOTTOM_KM), rng.uniform(*TOP_KM)
    top = max(top, bottom + LEAST_DEPTH_KM)
    speed = float(abs(scene.drift.at(middle, 200.0)[:2] @ _normal(angle))) + 1e-3
    time, found = middle - lasts / 2, []
    while time < middle + lasts / 2:
        time += float(max(rng.normal(spacing, uneven * spacing), 0.2 * spacing)) / speed
        sheet = {
            "angle_deg": angle + rng.normal(0, scatter),
            "thickness_km": thickness * float(np.exp(rng.normal(0, THICKNESS_SCATTER))),
            "density_cm3": density * float(np.exp(rng.normal(0, DENSITY_SCATTER))),
        }
        limits = bottom + rng.normal(0, 8), top + rng.normal(0, 8)
        found.append(sheet_chain(scene, time, limits, **sheet))
    return found


def _normal(angle_deg: float) -> Values:
    """Horizontal unit vector across a front, angle from magnetic north over east."""
    return horizontal(angle_deg + MAGNETIC_DECLINATION_DEG + 90.0)[:2]


def sheet_chain(
    scene: Scene,
    passes_s: float,
    limits_km: tuple[float, float],
    angle_deg: float,
    thickness_km: float,
    density_cm3: float,
) -> Chain:
    """A sheet that is over the beam at 200 km at `passes_s` if it drifts as the ions there do.

    Parameters
    ----------
    limits_km
        bottom and top.
    angle_deg
        of the front, from magnetic north over east.
    thickness_km
        standard deviation across the sheet, along its horizontal normal.
    """
    rng = scene.rng
    front = horizontal(angle_deg + MAGNETIC_DECLINATION_DEG)
    altitude = np.arange(limits_km[0] - 25, limits_km[1] + 25, STEP_KM)
    speed = float(abs(scene.drift.at(passes_s, 200.0)[:2] @ _normal(angle_deg))) + 2e-3
    lean = abs(FIELD[:2] @ _normal(angle_deg) / FIELD[2]) * max(abs(altitude - 200.0))
    age = rng.uniform(*AGE_S) + (CLEAR * thickness_km + lean) / speed
    place = -travelled(scene, passes_s - age, passes_s, 200.0)
    place[:2] += rng.normal(0, 0.3) * rng.uniform(*LENGTH_KM) * front[:2]
    position = place + np.array([0, 0, 200.0]) + ((altitude - 200.0) / FIELD[2])[:, None] * FIELD
    length = rng.uniform(*LENGTH_KM)
    across = np.cross(FIELD, front)
    across /= np.linalg.norm(across)
    tilt = abs(across[:2] @ _normal(angle_deg))
    covariance = length**2 * np.outer(front, front) + (thickness_km * tilt) ** 2 * np.eye(3)
    spacing = STEP_KM / abs(FIELD[2]) * FIELD
    profile = density_cm3 * _profile(altitude, limits_km, rng)
    return Chain(
        "sheet", passes_s - age, position, np.tile(packed(covariance), (altitude.size, 1)),
        profile * ions_per_puff(covariance, spacing),
    )  # fmt: skip


def ions_per_puff(covariance: Values, spacing: Values) -> float:
    """Ions of each puff of an even chain whose axis holds a density of 1: (2 pi) |S|^(1/2) (u S^-1 u)^(1/2)."""
    return float(2 * np.pi * np.sqrt(np.linalg.det(covariance) * (spacing @ np.linalg.solve(covariance, spacing))))


def travelled(scene: Scene, first_s: float, last_s: float, altitude_km: float) -> Values:
    """Where the ions of one altitude go between two times."""
    times = np.arange(first_s, last_s, PUFF_STEP_S)
    step = np.diff(np.append(times, last_s))
    moved = sum((s * scene.drift.at(t, altitude_km) for t, s in zip(times, step, strict=True)), np.zeros(3))
    return moved * np.array([1.0, 1.0, 0.0])


def _profile(altitude_km: Values, limits_km: tuple[float, float], rng: np.random.Generator) -> Values:
    edges = rng.uniform(*EDGE_KM, 2)
    shape = np.tanh((altitude_km - limits_km[0]) / edges[0]) - np.tanh((altitude_km - limits_km[1]) / edges[1])
    length = rng.uniform(*PATCH_LENGTH_KM)
    knots = np.arange(altitude_km[0], altitude_km[-1] + length, length)
    scatter = rng.uniform(*PATCHINESS) * rng.standard_normal(knots.size)
    return np.clip(0.5 * shape, 0, None) * np.exp(np.interp(altitude_km, knots, scatter))


def _log_uniform(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))
