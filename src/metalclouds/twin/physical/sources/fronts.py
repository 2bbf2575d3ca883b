"""Descending wave fronts: ions of a broad cloud gathered by the vertical drift of a wave whose phase descends.

Above the beam n(z, t) follows dn/dt = -d(w n)/dz + d/dz (D sin^2 I dn/dz) + (reservoir - n) / tau, with w the drift
of the night and of the wave. The reservoir stands for what the wind brings. The wave's phase descends; where its
drift converges a crest forms and descends with it, as wide as diffusion and convergence leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from metalclouds.constants import MAGNETIC_DIP_DEG
from metalclouds.twin.density import Axes
from metalclouds.twin.physical.drift import BEFORE_S, STEP_S
from metalclouds.twin.physical.field import SOURCE_ALTITUDE_KM, MetalSource, accumulated
from metalclouds.twin.physical.puffs import Passage
from metalclouds.twin.physical.scene import Scene

Values = NDArray[Any]

GRID_KM = np.arange(80.0, 380.0, 0.5)
CELL_KM = 0.5
INNER_S, OUTER_S = 2.5, 10.0
"""Step of the transport, step of what is kept."""

TRAINS = (1, 2)
PERIOD_S = (700.0, 2700.0)
PHASE_SPEED_KM_S = (0.012, 0.15)
WAVELENGTH_KM = (25.0, 180.0)
DRIFT_KM_S = (0.008, 0.04)
ENVELOPE_KM, ENVELOPE_DEPTH_KM = (150.0, 230.0), (25.0, 60.0)
LASTS_S = (5400.0, 18000.0)
RESERVOIR_KM, RESERVOIR_DEPTH_KM = (150.0, 250.0), (15.0, 40.0)
RESERVOIR_CM3 = (0.5, 12.0)
REPLACED_S = (3000.0, 9000.0)
PHASES, SMOOTHED_ROWS = 24, 41
SPIN_UP_S = 7200.0
"""Gravity waves of the thermosphere; amplitudes of the ions' vertical drift. Ranges assumed."""


@dataclass(frozen=True)
class Train:
    """A train of waves: w = `drift_km_s` envelope(z) window(t) cos(2 pi (z / wavelength + t / period + phase))."""

    period_s: float
    wavelength_km: float
    drift_km_s: float
    envelope_km: float
    envelope_depth_km: float
    middle_s: float
    lasts_s: float
    phase: float
    reservoir_km: float
    reservoir_depth_km: float
    reservoir_cm3: float
    replaced_s: float


def draw_train(scene: Scene) -> Train:
    """A train of a night; its vertical wavelength follows from period and phase speed."""
    rng = scene.rng
    period = float(np.exp(rng.uniform(*np.log(PERIOD_S))))
    speed = float(np.exp(rng.uniform(*np.log(PHASE_SPEED_KM_S))))
    return Train(
        period_s=period,
        wavelength_km=float(np.clip(speed * period, *WAVELENGTH_KM)),
        drift_km_s=rng.uniform(*DRIFT_KM_S),
        envelope_km=rng.uniform(*ENVELOPE_KM),
        envelope_depth_km=rng.uniform(*ENVELOPE_DEPTH_KM),
        middle_s=rng.uniform(scene.start_s, scene.end_s),
        lasts_s=rng.uniform(*LASTS_S),
        phase=rng.random(),
        reservoir_km=rng.uniform(*RESERVOIR_KM),
        reservoir_depth_km=rng.uniform(*RESERVOIR_DEPTH_KM),
        reservoir_cm3=float(np.exp(rng.uniform(*np.log(RESERVOIR_CM3)))),
        replaced_s=rng.uniform(*REPLACED_S),
    )


def window(train: Train, time_s: Values) -> Values:
    """Share of the cloud and the wave at a time: 1 in the middle, half at the ends."""
    return 1 / (1 + np.abs((time_s - train.middle_s) / (0.5 * train.lasts_s)) ** 8)


def wave_drift(train: Train, time_s: Any, altitude_km: Values) -> Values:
    """Vertical drift of the ions by the wave, km/s; its phase descends with wavelength / period."""
    envelope = np.exp(-0.5 * ((altitude_km - train.envelope_km) / train.envelope_depth_km) ** 2)
    cycle = altitude_km / train.wavelength_km + time_s / train.period_s + train.phase
    return train.drift_km_s * envelope * window(train, time_s) * np.cos(2 * np.pi * cycle)


def cloud_over_beam(scene: Scene, train: Train) -> Passage:
    """Density above the beam every 10 s through the night, on the source altitudes."""
    times = np.arange(scene.start_s - SPIN_UP_S, scene.end_s + 600.0, OUTER_S)
    steady = np.stack([_background_drift(scene, t) for t in np.arange(times[0], times[-1] + STEP_S, STEP_S)])
    diffusion = np.interp(GRID_KM, scene.air.altitude_km, scene.air.along_km2_s)
    diffusion = diffusion * np.sin(np.radians(MAGNETIC_DIP_DEG)) ** 2
    offset = (GRID_KM - train.reservoir_km) / train.reservoir_depth_km
    reservoir = train.reservoir_cm3 * np.exp(-0.5 * offset**2)
    kept = np.zeros((times.size, GRID_KM.size), dtype=np.float32)
    supply = window(train, times)
    for i, time in enumerate(times):
        part = (time - times[0]) / STEP_S
        low = int(part)
        drift = (1 - part + low) * steady[low] + (part - low) * steady[low + 1] + wave_drift(train, time, GRID_KM)
        before = kept[i - 1].astype(float) if i else np.zeros(GRID_KM.size)
        kept[i] = transported(before, drift, diffusion, reservoir * supply[i], train.replaced_s)
    shown = times >= scene.start_s - 300.0
    return Passage(times[shown], np.stack([np.interp(SOURCE_ALTITUDE_KM, GRID_KM, row) for row in kept[shown]]))


def _background_drift(scene: Scene, time_s: float) -> Values:
    step = int(np.clip((time_s + BEFORE_S) / STEP_S, 0, len(scene.drift.velocity) - 1))
    return np.interp(GRID_KM, scene.air.altitude_km, scene.drift.velocity[step, :, 2])


def transported(before: Values, drift: Values, diffusion: Values, reservoir: Values, replaced_s: float) -> Values:
    """Density after 10 s: van Leer's scheme for the drift, implicit diffusion, relaxation to the reservoir."""
    after = before.copy()
    for _ in range(round(OUTER_S / INNER_S)):
        _advect(after, drift, INNER_S / CELL_KM)
    _diffuse(after, diffusion, OUTER_S / CELL_KM**2)
    return after + (reservoir - after) * (1 - np.exp(-OUTER_S / replaced_s))


@njit(nogil=True, cache=True, error_model="numpy")
def _advect(n, drift, ratio):
    """One step of dn/dt = -d(w n)/dz: upwind fluxes with van Leer's limiter; closed at both ends."""
    flux = np.zeros(n.size + 1)
    for i in range(2, n.size - 1):
        w = 0.5 * (drift[i - 1] + drift[i])
        up = i - 1 if w > 0 else i
        ahead, behind = n[up + 1] - n[up], n[up] - n[up - 1]
        slope = 2 * ahead * behind / (ahead + behind) if ahead * behind > 0 else 0.0
        side = 0.5 * (1 - abs(w) * ratio) * slope
        flux[i] = w * (n[up] + (side if w > 0 else -side))
    for i in range(n.size):
        n[i] -= ratio * (flux[i + 1] - flux[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _diffuse(n, diffusion, ratio):
    """One implicit step of dn/dt = d/dz (D dn/dz), closed at both ends (Thomas algorithm)."""
    size = n.size
    upper, right = np.empty(size), np.empty(size)
    for i in range(size):
        low = 0.5 * ratio * (diffusion[i - 1] + diffusion[i]) if i > 0 else 0.0
        high = 0.5 * ratio * (diffusion[i] + diffusion[i + 1]) if i < size - 1 else 0.0
        pivot = 1 + low + high - (low * upper[i - 1] if i > 0 else 0.0)
        upper[i] = high / pivot
        right[i] = (n[i] + (low * right[i - 1] if i > 0 else 0.0)) / pivot
    n[size - 1] = right[size - 1]
    for i in range(size - 2, -1, -1):
        n[i] = right[i] + upper[i] * n[i + 1]


def sources(scene: Scene, axes: Axes) -> list[MetalSource]:
    """Fronts of a night: the cloud of each train, cut along its troughs into one source a crest, and its rest."""
    found = []
    for _ in range(scene.rng.integers(TRAINS[0], TRAINS[1] + 1)):
        train = draw_train(scene)
        seen = cloud_over_beam(scene, train)
        for part in fronts_of(train, seen):
            rows, mean = accumulated(part, axes.start_s, axes.length_s)
            if mean.size:
                found.append(MetalSource("front", float(part.time_s[0]), np.nan, np.nan, part, rows, mean))
    return found


def fronts_of(train: Train, seen: Passage) -> list[Passage]:
    """The cloud cut along its troughs: each part is one cycle of the wave, at each altitude a period long."""
    cycle = SOURCE_ALTITUDE_KM[None, :] / train.wavelength_km + seen.time_s[:, None] / train.period_s + train.phase
    number = np.floor(cycle - troughs(cycle, seen.density)[None, :]).astype(int)
    parts = []
    for k in range(int(number.min()), int(number.max()) + 1):
        density = np.where(number == k, seen.density, 0).astype(np.float32)
        lit = np.nonzero((density > 1e-3 * max(float(seen.density.max()), 1e-6)).any(axis=1))[0]
        if lit.size < 3:
            continue
        rows = slice(max(lit[0] - 1, 0), lit[-1] + 2)
        parts.append(Passage(seen.time_s[rows], density[rows]))
    return parts


def troughs(cycle: Values, density: Values) -> Values:
    """Phase of the least density at each altitude, without jumps; averaged over the night and some 20 km.

    It lies between the phase of the strongest divergence (strong waves) and a quarter of a period later (weak ones).
    """
    phase = np.floor((cycle % 1) * PHASES).astype(int)
    mean = np.stack([np.where(phase == k, density, 0).sum(axis=0) for k in range(PHASES)])
    mean = ndimage.uniform_filter1d(mean, SMOOTHED_ROWS, axis=1)
    least = (mean.argmin(axis=0) + 0.5) / PHASES
    return np.unwrap(2 * np.pi * least) / (2 * np.pi)
