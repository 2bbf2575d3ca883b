"""Chains of puffs: how a line of ions is carried, sheared and spread, and which part of it enters the beam.

A trail, sheet or patch is a chain of Gaussian puffs. Each keeps its ions; its centre moves with the drift and its
covariance follows dS/dt = G S + S G^T + 2 D, with G the gradient of the drift and D the diffusion. Where the density
is taken, a puff is stretched along the chain by its distance to its neighbours, so that the chain has no beads; on a
straight even chain that changes nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from metalclouds.twin.physical.drift import STEP_S, IonDrift
from metalclouds.twin.physical.geometry import FIELD

Values = NDArray[Any]

PUFF_STEP_S = 120.0
"""Steps in which chains are carried; between them all is linear."""

STRETCH = 0.7
"""Stretch along the chain in distances of neighbours: ripple 2 exp(-2 pi^2 0.7^2) = 1e-4."""

REACH = 4.5
"""Puffs are cut off at so many standard deviations."""

LEAST_CM3 = 3e-3
"""A puff counts while it can add this much, about a hundredth of what the lidar sees."""

FASTEST_KM_S = 0.15
XX, XY, XZ, YY, YZ, ZZ = range(6)


@dataclass(frozen=True)
class Chain:
    """A line of ions at its birth.

    `position` dims (puff, 3), km; `covariance` dims (puff, 6), km2, order xx xy xz yy yz zz; `ions` cm-3 km3.
    `zenith_deg`, `azimuth_deg`: direction of a trail's upper end, NaN where there is none.
    """

    what: str
    birth_s: float
    position: Values
    covariance: Values
    ions: Values
    zenith_deg: float = np.nan
    azimuth_deg: float = np.nan


@dataclass(frozen=True)
class History:
    """A chain through time: dims (step, puff, ...), steps of `PUFF_STEP_S` from the birth.

    A puff counts up to its step `last`: from there on it is too thin or too far away to matter.
    """

    birth_s: float
    position: Values
    covariance: Values
    ions: Values
    last: Values


def packed(matrix: Values) -> Values:
    """Symmetric 3 x 3 matrices as their six numbers."""
    return np.stack([matrix[..., i, j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))], axis=-1)


def history(chain: Chain, drift: IonDrift, until_s: float) -> History:
    """Carry a chain from its birth until a time."""
    steps = max(int(np.ceil((until_s - chain.birth_s) / PUFF_STEP_S)), 1) + 1
    position = np.empty((steps, *chain.position.shape))
    covariance = np.empty((steps, *chain.covariance.shape))
    position[0], covariance[0] = chain.position, chain.covariance
    last = np.full(chain.ions.size, steps - 1)
    table = drift.start_s, drift.bottom_km, drift.velocity, drift.along, drift.across
    used = _carry(position, covariance, chain.ions, last, chain.birth_s, table, FIELD)
    return History(chain.birth_s, position[:used], covariance[:used], chain.ions, last)


@njit(nogil=True, cache=True, error_model="numpy")
def _velocity(table, start_s, bottom_km, time_s, altitude_km, out):
    """Velocity in out[:3], its gradient with altitude in out[3:], bilinear; constant beyond the table's ends."""
    steps, heights = table.shape[0], table.shape[1]
    t = min(max((time_s - start_s) / STEP_S, 0.0), steps - 1.0001)
    z = min(max(altitude_km - bottom_km, 0.0), heights - 1.0001)
    i, j = int(t), int(z)
    a, b = t - i, z - j
    for k in range(3):
        low = (1 - a) * table[i, j, k] + a * table[i + 1, j, k]
        high = (1 - a) * table[i, j + 1, k] + a * table[i + 1, j + 1, k]
        out[k] = (1 - b) * low + b * high
        out[3 + k] = high - low


@njit(nogil=True, cache=True, error_model="numpy")
def _carry(position, covariance, ions, last, birth_s, table, field):
    """Fill the steps after the first until all puffs are spent; how many steps there are then.

    Midpoint rule for the centre, exact for a constant gradient for the spread.
    """
    start_s, bottom_km, velocity, along, across = table
    state = np.empty(6)
    steps = position.shape[0]
    for step in range(1, steps):
        time = birth_s + (step - 1) * PUFF_STEP_S
        alive = False
        for k in range(position.shape[1]):
            if last[k] < step:
                continue
            _velocity(velocity, start_s, bottom_km, time, position[step - 1, k, 2], state)
            middle = position[step - 1, k, 2] + 0.5 * PUFF_STEP_S * state[2]
            _velocity(velocity, start_s, bottom_km, time + 0.5 * PUFF_STEP_S, middle, state)
            for c in range(3):
                position[step, k, c] = position[step - 1, k, c] + PUFF_STEP_S * state[c]
            j = int(min(max(middle - bottom_km, 0.0), along.size - 1.0001))
            _spread(covariance[step - 1, k], covariance[step, k], state[3:], along[j], across[j], field)
            if _spent(position[step, k], covariance[step, k], ions[k], (steps - step) * PUFF_STEP_S):
                last[k] = step
            alive = True
        if not alive:
            return step
    return steps


@njit(nogil=True, cache=True, error_model="numpy")
def _spent(position, s, ions, left_s):
    """Whether a puff is too thin to matter, or farther away than drift can bring it in the time that is left."""
    minor = s[YY] * s[ZZ] - s[YZ] * s[YZ]
    determinant = s[XX] * minor - s[XY] * (s[XY] * s[ZZ] - s[YZ] * s[XZ]) + s[XZ] * (s[XY] * s[YZ] - s[YY] * s[XZ])
    if ions * (2 * np.pi) ** -1.5 < LEAST_CM3 * np.sqrt(determinant):
        return True
    near = FASTEST_KM_S * left_s + REACH * np.sqrt(s[XX] + s[YY])
    return position[0] ** 2 + position[1] ** 2 > near**2


@njit(nogil=True, cache=True, error_model="numpy")
def _spread(old, new, gradient, along, across, field):
    """One step of the covariance: F S F^T + 2 D dt, F the deformation of a step by a velocity that varies with z."""
    stretch = np.exp(gradient[2] * PUFF_STEP_S)
    shear = PUFF_STEP_S if abs(gradient[2]) < 1e-9 else (stretch - 1) / gradient[2]
    fx, fy = gradient[0] * shear, gradient[1] * shear
    xz = old[XZ] + fx * old[ZZ]
    yz = old[YZ] + fy * old[ZZ]
    new[XX] = old[XX] + fx * (old[XZ] + xz)
    new[YY] = old[YY] + fy * (old[YZ] + yz)
    new[XY] = old[XY] + fx * old[YZ] + fy * xz
    new[XZ] = stretch * xz
    new[YZ] = stretch * yz
    new[ZZ] = stretch * stretch * old[ZZ]
    twice = 2 * PUFF_STEP_S
    n = 0
    for i in range(3):
        for j in range(i, 3):
            new[n] += twice * (along - across) * field[i] * field[j]
            if i == j:
                new[n] += twice * across
            n += 1


@dataclass(frozen=True)
class Passage:
    """Density of one chain in the beam: dims (time, altitude), cm-3, at `time_s`, evenly spaced."""

    time_s: Values
    density: Values


FINEST_S = 4.0
COARSEST_S = 25.0
PER_SIGMA = 1.25
"""Steps in time and altitude are at most so many standard deviations of a puff; thinner ones are widened to it."""


def passage(past: History, altitude_km: Values, first_s: float, last_s: float) -> Passage | None:
    """Density of a chain in the beam between two times, None if it stays away.

    Puffs thinner than 0.8 steps in altitude or 0.8 x 4 s of drift are widened to that.
    """
    limits = float(altitude_km[0]), float(altitude_km[-1])
    low, high, shortest = _window(past.position, past.covariance, past.ions, past.last, limits)
    if high < low:
        return None
    start = max(past.birth_s + PUFF_STEP_S * (low - 1), past.birth_s, first_s)
    stop = min(past.birth_s + PUFF_STEP_S * (high + 2), last_s)
    step = float(np.clip(PER_SIGMA * shortest, FINEST_S, COARSEST_S))
    if stop - start < 2 * step:
        return None
    fine = np.arange(start, stop, step)
    field = np.zeros((fine.size, altitude_km.size), dtype=np.float32)
    _add(field, fine, altitude_km, past.birth_s, (past.position, past.covariance, past.ions, past.last))
    return Passage(fine, field)


@njit(nogil=True, cache=True, error_model="numpy")
def _window(position, covariance, ions, last_step, limits_km):
    """First and last step with a puff near the beam; shortest time (s) in which one moves by its own width."""
    first, last, shortest = position.shape[0], -1, 1e9
    s, found = np.empty(6), np.empty(3)
    norm = (2 * np.pi) ** -1.5
    for step in range(position.shape[0] - 1):
        for k in range(position.shape[1]):
            if step >= last_step[k]:
                continue
            x, y, z = position[step, k, 0], position[step, k, 1], position[step, k, 2]
            vx, vy = position[step + 1, k, 0] - x, position[step + 1, k, 1] - y
            _stretched(s, covariance[step, k], position[step], k, step, last_step)
            wide = s[XX] + s[YY] + vx * vx + vy * vy
            if x * x + y * y > REACH * REACH * wide:
                continue
            _conditional(s, x, y, found)
            amount = ions[k] * norm * found[2]
            # The puff may be nearest between two steps: allow for half a step's way.
            s[XX] += 0.25 * vx * vx
            s[XY] += 0.25 * vx * vy
            s[YY] += 0.25 * vy * vy
            _conditional(s, x, y, found)
            reach = REACH / np.sqrt(found[1])
            centre = z + found[0]
            if amount * np.exp(-0.5 * _least(s, x, y)) < LEAST_CM3:
                continue
            if centre + reach < limits_km[0] or centre - reach > limits_km[1]:
                continue
            first, last = min(first, step), max(last, step)
            xx, xy, yy = covariance[step, k, XX], covariance[step, k, XY], covariance[step, k, YY]
            moved = vx * vx + vy * vy
            thin = (xx * yy - xy * xy) / max(xx * vy * vy + yy * vx * vx - 2 * xy * vx * vy, 1e-12) * moved
            shortest = min(shortest, np.sqrt(max(thin, 1e-6) / max(moved, 1e-8)) * PUFF_STEP_S)
    return first, last, shortest


@njit(nogil=True, cache=True, error_model="numpy")
def _add(field, times, altitude, birth_s, chain):
    """Add the density of all puffs of a chain (position, covariance, ions, last) to field (time, altitude)."""
    position, covariance, ions, last = chain
    puffs = position.shape[1]
    norm = (2 * np.pi) ** -1.5
    early, late, found = np.empty(6), np.empty(6), np.empty(3)
    for i in range(times.size):
        place = min(max((times[i] - birth_s) / PUFF_STEP_S, 0.0), position.shape[0] - 1.0001)
        step = int(place)
        b = place - step
        for k in range(puffs):
            if step >= last[k]:
                continue
            x = (1 - b) * position[step, k, 0] + b * position[step + 1, k, 0]
            y = (1 - b) * position[step, k, 1] + b * position[step + 1, k, 1]
            _stretched(early, covariance[step, k], position[step], k, step, last)
            wide = early[XX] + early[YY]
            if x * x + y * y > 2 * REACH * REACH * (wide + 1.0):
                continue
            z = (1 - b) * position[step, k, 2] + b * position[step + 1, k, 2]
            _stretched(late, covariance[step + 1, k], position[step + 1], k, step + 1, last)
            for c in range(6):
                early[c] += b * (late[c] - early[c])
            _widen(early, position[step + 1, k] - position[step, k], z, altitude)
            least = _least(early, x, y)
            if least < REACH * REACH:
                _conditional(early, x, y, found)
                peak = ions[k] * norm * found[2] * np.exp(-0.5 * least)
                _paint(field[i], altitude, z + found[0], found[1], peak, least)


@njit(nogil=True, cache=True, error_model="numpy")
def _stretched(out, covariance, position, k, step, last):
    """Covariance of a puff with its stretch along the chain, out to the neighbours that still count."""
    low = k - 1 if k > 0 and last[k - 1] >= step else k
    high = k + 1 if k + 1 < last.size and last[k + 1] >= step else k
    share = STRETCH / max(high - low, 1)
    ux = share * (position[high, 0] - position[low, 0])
    uy = share * (position[high, 1] - position[low, 1])
    uz = share * (position[high, 2] - position[low, 2])
    out[XX] = covariance[XX] + ux * ux
    out[XY] = covariance[XY] + ux * uy
    out[XZ] = covariance[XZ] + ux * uz
    out[YY] = covariance[YY] + uy * uy
    out[YZ] = covariance[YZ] + uy * uz
    out[ZZ] = covariance[ZZ] + uz * uz


@njit(nogil=True, cache=True, error_model="numpy")
def _least(s, x, y):
    """Least squared distance of the beam from a puff, in standard deviations of the puff seen from above."""
    return (s[YY] * x * x - 2 * s[XY] * x * y + s[XX] * y * y) / (s[XX] * s[YY] - s[XY] * s[XY])


@njit(nogil=True, cache=True, error_model="numpy")
def _conditional(s, x, y, out):
    """Of a puff along the beam: height of its maximum over its centre, 1 / variance in altitude, 1 / sqrt(det S)."""
    flat = s[XX] * s[YY] - s[XY] * s[XY]
    px = (s[YY] * s[XZ] - s[XY] * s[YZ]) / flat
    py = (s[XX] * s[YZ] - s[XY] * s[XZ]) / flat
    variance = s[ZZ] - px * s[XZ] - py * s[YZ]
    out[0] = -(px * x + py * y)
    out[1] = 1 / variance
    out[2] = 1 / np.sqrt(flat * variance)


@njit(nogil=True, cache=True, error_model="numpy")
def _widen(s, way, z, altitude):
    """Widen a puff that is thinner than the steps in time or altitude to what they can hold.

    `way`: how far it goes in a step. S + c v v^T has 1 / (v S^-1 v) larger by c: just what is missing is added.
    """
    vx, vy = way[0] / PUFF_STEP_S, way[1] / PUFF_STEP_S
    axx = s[YY] * s[ZZ] - s[YZ] * s[YZ]
    axy = s[XZ] * s[YZ] - s[XY] * s[ZZ]
    ayy = s[XX] * s[ZZ] - s[XZ] * s[XZ]
    flat = s[XX] * s[YY] - s[XY] * s[XY]
    determinant = s[XX] * axx + s[XY] * axy + s[XZ] * (s[XY] * s[YZ] - s[XZ] * s[YY])
    short = (FINEST_S / PER_SIGMA) ** 2 - determinant / max(axx * vx * vx + 2 * axy * vx * vy + ayy * vy * vy, 1e-30)
    if short > 0:
        s[XX] += short * vx * vx
        s[XY] += short * vx * vy
        s[YY] += short * vy * vy
    j = min(max(np.searchsorted(altitude, z), 1), altitude.size - 1)
    s[ZZ] += max(((altitude[j] - altitude[j - 1]) / PER_SIGMA) ** 2 - determinant / flat, 0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def _paint(row, altitude, centre, curvature, peak, least):
    """Add one puff to a profile: a Gaussian in altitude along the beam."""
    reach = np.sqrt((REACH * REACH - least) / curvature)
    first = np.searchsorted(altitude, centre - reach)
    last = np.searchsorted(altitude, centre + reach)
    for j in range(first, last):
        row[j] += peak * np.exp(-0.5 * curvature * (altitude[j] - centre) ** 2)
