"""Density over the beam: one field a source, averaged over the accumulations of the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from metalclouds.twin.physical.puffs import Chain, History, Passage, history, passage
from metalclouds.twin.physical.scene import Scene

Values = NDArray[Any]

SOURCE_ALTITUDE_KM = np.concatenate([np.arange(75.0, 135.0, 0.2), np.arange(135.0, 331.0, 0.5)])
"""Altitudes that sources are computed on: finer where layers are thin."""

LEAST_CM3 = 0.05
"""Sources whose largest density stays below this are left out."""

ION_BOTTOM_KM, ION_BOTTOM_DEPTH_KM = 88.0, 2.0
"""Ca+ is lost to molecules in the dense air below."""


@dataclass(frozen=True)
class MetalSource:
    """One source in the beam.

    `instant`: density at the source's own fine times; `rows`: profiles that it touches; `mean`: its average over
    each of them, dims (profile, altitude).
    """

    what: str
    birth_s: float
    zenith_deg: float
    azimuth_deg: float
    instant: Passage
    rows: slice
    mean: Values


def sources_of(scene: Scene, chains: Sequence[Chain], start_s: Values, length_s: float) -> list[MetalSource]:
    """The part of each chain that enters the beam while the lidar accumulates."""
    found = []
    kept = 0.5 * (1 + np.tanh((SOURCE_ALTITUDE_KM - ION_BOTTOM_KM) / ION_BOTTOM_DEPTH_KM)).astype(np.float32)
    for chain in chains:
        past: History = history(chain, scene.drift, scene.end_s + 120.0)
        seen = passage(past, SOURCE_ALTITUDE_KM, scene.start_s - 600.0, scene.end_s + 600.0)
        if seen is None or seen.density.max() < LEAST_CM3:
            continue
        seen.density[:] *= kept
        rows, mean = accumulated(seen, start_s, length_s)
        if mean.size:
            found.append(
                MetalSource(chain.what, chain.birth_s, chain.zenith_deg, chain.azimuth_deg, seen, rows, mean)
            )
    return found


def accumulated(seen: Passage, start_s: Values, length_s: float) -> tuple[slice, Values]:
    """Mean of a passage over each accumulation that it touches: integral of lines between its times, zero outside.

    Returns
    -------
    rows, mean
        the profiles, and the density of each, dims (profile, altitude).
    """
    time = seen.time_s
    first = int(np.searchsorted(start_s + length_s, time[0]))
    last = int(np.searchsorted(start_s, time[-1]))
    mean = np.zeros((max(last - first, 0), seen.density.shape[1]), dtype=np.float32)
    lit = np.nonzero(seen.density.any(axis=0))[0]
    if lit.size:
        step = time[1] - time[0]
        begin, length = (start_s[first:last] - time[0]) / step, length_s / step
        _accumulate(mean, seen.density, begin, length, lit[0], lit[-1] + 1)
    return slice(first, last), mean


@njit(nogil=True, cache=True, error_model="numpy")
def _accumulate(mean, density, begin, length, low, high):
    """Mean of piecewise linear densities over intervals, in units of their step."""
    last = density.shape[0] - 1
    for row in range(begin.size):
        stop = min(begin[row] + length, float(last))
        i = int(max(begin[row], 0.0))
        while i < last and i < stop:
            a, b = max(begin[row], float(i)) - i, min(stop, i + 1.0) - i
            late = 0.5 * (b - a) * (a + b) / length
            early = (b - a) / length - late
            for j in range(low, high):
                mean[row, j] += early * density[i, j] + late * density[i + 1, j]
            i += 1


def total(sources: Sequence[MetalSource], profiles: int) -> Values:
    """Sum of all sources, dims (profile, source altitude), cm-3."""
    field = np.zeros((profiles, SOURCE_ALTITUDE_KM.size), dtype=np.float32)
    for source in sources:
        field[source.rows] += source.mean
    return field


def on_bins(field: Values, altitude_km: Values, source_km: Values = SOURCE_ALTITUDE_KM) -> Values:
    """A field on source altitudes brought to the lidar's bins, linear between."""
    high = np.clip(np.searchsorted(source_km, altitude_km), 1, source_km.size - 1)
    share = ((altitude_km - source_km[high - 1]) / (source_km[high] - source_km[high - 1])).astype(np.float32)
    share = np.clip(share, 0, 1)
    return (1 - share) * field[:, high - 1] + share * field[:, high]
