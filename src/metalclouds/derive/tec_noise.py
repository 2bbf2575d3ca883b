"""What the excess of TEC looks like without an enhancement, and how far a region stands out from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from metalclouds.derive.tec_background import (
    Grid,
)
from metalclouds.derive.tec_campaign import Array
from metalclouds.derive.tec_region import (
    TecRegion,
    box_scatter,
    find_region,
)
from metalclouds.derive.tec_settings import EnhancementSettings


@dataclass(frozen=True)
class Noise:
    """What the excess of a night looks like without an enhancement.

    Parameters
    ----------
    scatter
        standard deviation of the smoothed excess (TECU), dims (epoch, latitude, longitude) or (1, ...).
    masses
        masses of regions that noise makes.
    """

    scatter: Array
    masses: Array


def hours_with_margin(region: TecRegion, grid: Grid, settings: EnhancementSettings) -> NDArray[np.bool_]:
    """Epochs from a margin before a region to one after it.

    Returns
    -------
    ndarray
        bool, dims (epoch,).
    """
    there = grid.hours[region.cells.any(axis=(1, 2))]
    if not there.size:
        return np.zeros(grid.hours.size, dtype=bool)
    margin = settings.exclude_margin_hours
    return (grid.hours >= there[0] - margin) & (grid.hours <= there[-1] + margin)


def own_scatter(smooth: Array, epochs: NDArray[np.bool_], grid: Grid, settings: EnhancementSettings) -> Array:
    """Scatter of a night's smoothed excess against time, dims (1, latitude, longitude), TECU.

    It is 1.4826 times the median of its absolute value over some epochs, which a region of a few hours does not
    move much, averaged in squares over the box of the settings.

    Parameters
    ----------
    smooth
        smoothed excess, TECU, dims (epoch, latitude, longitude).
    epochs
        bool, dims (epoch,).
    """
    some = smooth[epochs]
    there = np.isfinite(some).any(axis=0)
    typical = np.full(there.shape, np.nan)
    if some.size:
        typical[there] = 1.4826 * np.nanmedian(np.abs(some[:, there]), axis=0)
    return box_scatter(typical[None], grid, settings)


def masses_by_third(score: Array, grid: Grid, settings: EnhancementSettings) -> Array:
    """Mass of the heaviest region in the west, the middle and the east of the map, where there are data."""
    masses = []
    for columns in np.array_split(np.arange(grid.longitude.size), 3):
        part = np.full(score.shape, np.nan)
        part[..., columns] = score[..., columns]
        if np.isfinite(part).any():
            masses.append(find_region(part, grid, settings).mass)
    return np.array(masses)


def reference_cells(settings: EnhancementSettings) -> float:
    """Cells of a region of two hours and ten degrees of latitude with the width of the smoothing."""
    columns = settings.smooth_longitude_deg / settings.cell_deg + 1
    return 120.0 / settings.epoch_minutes * 10.0 / settings.cell_deg * columns


def needed_mass(quiet: Array, least: float, minimum_scatter: float, false_alarm: float) -> float:
    """Mass from which a region stands out from quiet nights' regions; the inverse of `standing`."""
    logs = np.log(least + quiet)
    scatter = max(float(np.std(logs, ddof=1)), minimum_scatter) * np.sqrt(1 + 1 / logs.size)
    return float(np.exp(logs.mean() + stdtrit(logs.size - 1, 1 - false_alarm) * scatter) - least)


def least_mass(settings: EnhancementSettings) -> float:
    """Mass of the least region that the rules of the search admit: least duration, reach, width and score."""
    epochs = settings.minimum_minutes / settings.epoch_minutes
    rows = settings.minimum_meridional_deg / settings.cell_deg + 1
    columns = settings.smooth_longitude_deg / settings.cell_deg + 1
    return epochs * rows * columns * settings.region_sigma


def standing(mass: float, quiet: Array, least: float, minimum_scatter: float) -> tuple[float, float]:
    """How far a night's region stands out from quiet nights' regions, and the chance of as much on a quiet night.

    log(least + mass) of quiet nights is taken as normal with unknown mean and variance, so that a further one
    follows Student's t with n - 1 degrees of freedom, scaled by sqrt(1 + 1/n). `least` keeps a night without any
    region at a finite distance from one with a small region.

    Returns
    -------
    significance
        in standard deviations of the quiet nights.
    chance
        probability of as much on a quiet night.
    """
    logs = np.log(least + quiet)
    scatter = max(float(np.std(logs, ddof=1)), minimum_scatter) * np.sqrt(1 + 1 / logs.size)
    significance = (np.log(least + mass) - logs.mean()) / scatter
    return float(significance), float(stdtr(logs.size - 1, -significance))
