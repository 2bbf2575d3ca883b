"""Moments of a layer from the profiles of a night: pure numpy, no files."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from metalclouds.physics.density import clipped_mean_inverse

CM_PER_KM = 1e5
# Bins pooled before a clipped mean is inverted: the inverse is concave, so that scatter of the mean would lower it.
POOLED_BINS = 5


@dataclass(frozen=True)
class Profiles:
    """Density of the used profiles of a night between two altitudes.

    Attributes
    ----------
    time_s
        middle of each profile, s since the first one.
    weight_s
        accumulation time, s.
    edges_km
        edges of the altitude bins, one more than bins.
    density, variance
        (time, altitude), cm-3 and cm-6; NaN where there is none.
    clipped_noise
        (altitude), cm-3: noise of a bin before its negative values were lost; None where they were kept.
    """

    time_s: np.ndarray
    weight_s: np.ndarray
    edges_km: np.ndarray
    density: np.ndarray
    variance: np.ndarray
    clipped_noise: np.ndarray | None = None

    @property
    def altitude_km(self) -> np.ndarray:
        """Centres of the bins."""
        return 0.5 * (self.edges_km[1:] + self.edges_km[:-1])

    def of_coverage(self, inside: np.ndarray, share: float) -> Profiles:
        """The profiles that hold data in at least this share of the bins `inside` (a mask over altitude).

        Parameters
        ----------
        inside
            bool, dims (altitude,).
        """
        keep = np.isfinite(self.density[:, inside]).mean(axis=1) >= share
        if keep.all():
            return self
        return replace(
            self,
            time_s=self.time_s[keep],
            weight_s=self.weight_s[keep],
            density=self.density[keep],
            variance=self.variance[keep],
        )


def bin_edges(altitude_km: np.ndarray) -> np.ndarray:
    """Edges of bins from their centres: halfway between neighbours, the outer ones mirrored.

    Parameters
    ----------
    altitude_km
        dims (bin,), ascending.

    Returns
    -------
    ndarray
        km, dims (bin + 1,).
    """
    middle = 0.5 * (altitude_km[1:] + altitude_km[:-1])
    return np.concatenate([[2 * altitude_km[0] - middle[0]], middle, [2 * altitude_km[-1] - middle[-1]]])


def thickness_within(edges_km: np.ndarray, bottom_km: float, top_km: float) -> np.ndarray:
    """Part of each bin that lies between two altitudes, km.

    Parameters
    ----------
    edges_km
        dims (bin + 1,), ascending.

    Returns
    -------
    ndarray
        km, dims (bin,); 0 outside.
    """
    return np.clip(np.minimum(edges_km[1:], top_km) - np.maximum(edges_km[:-1], bottom_km), 0.0, None)


def block_numbers(time_s: np.ndarray, minutes: float) -> np.ndarray:
    """Number of the time block of each profile, counted over the blocks that hold a profile.

    Parameters
    ----------
    time_s
        dims (time,), ascending.

    Returns
    -------
    ndarray
        int from 0, dims (time,).
    """
    return np.unique(np.floor(time_s / (60.0 * minutes)).astype(int), return_inverse=True)[1]


def block_sums(values: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Sum over the profiles of each block; the profiles stand in the order of time.

    Parameters
    ----------
    values
        dims (time, ...), any unit.
    blocks
        number of the block of each profile, dims (time,), ascending.

    Returns
    -------
    ndarray
        dims (block, ...).
    """
    return np.add.reduceat(values, np.flatnonzero(np.diff(blocks, prepend=-1)), axis=0)


@dataclass(frozen=True)
class BlockMeans:
    """Mean profile of each block (block, altitude), its variance, and the block's accumulation time in s."""

    density: np.ndarray
    variance: np.ndarray
    weight_s: np.ndarray

    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean profile over the blocks and its variance; NaN where no block has data.

        Returns
        -------
        tuple
            cm-3 and its square, dims (altitude,) each.
        """
        weight = np.where(np.isfinite(self.density), self.weight_s[:, None], 0.0)
        total = weight.sum(axis=0)
        total[total == 0] = np.nan
        density = (weight * np.nan_to_num(self.density)).sum(axis=0) / total
        variance = np.where(weight > 0, weight**2 * self.variance, 0.0).sum(axis=0) / total**2
        return density, variance


def block_means(profiles: Profiles, minutes: float) -> BlockMeans:
    """Average the profiles of each block, weighted with their accumulation time; missing bins take no part.

    Where negatives were lost the mean is corrected for it.
    """
    blocks = block_numbers(profiles.time_s, minutes)
    weight = np.where(np.isfinite(profiles.density), profiles.weight_s[:, None], 0.0)
    total = block_sums(weight, blocks)
    with np.errstate(invalid="ignore", divide="ignore"):
        density = block_sums(weight * np.nan_to_num(profiles.density), blocks) / total
        variance = block_sums(weight**2 * np.where(weight > 0, profiles.variance, 0.0), blocks) / total**2
    if profiles.clipped_noise is not None:
        pooled = uniform_filter1d(density, POOLED_BINS, axis=1, mode="nearest")
        density = clipped_mean_inverse(pooled, np.broadcast_to(profiles.clipped_noise, density.shape))
    return BlockMeans(density, variance, block_sums(profiles.weight_s, blocks))


@dataclass(frozen=True)
class Moments:
    """Column density (cm-2), centroid and rms width (km) with their standard errors."""

    column: float
    column_error: float
    centroid: float
    centroid_error: float
    width: float
    width_error: float


def layer_moments(blocks: BlockMeans, altitude_km: np.ndarray, thickness_km: np.ndarray) -> Moments:
    """Moments of the mean profile over the bins of non-zero thickness.

    Column C = sum n dz, centroid z_c = sum n z dz / C, rms width w = sqrt(sum n (z - z_c)^2 dz / C). Each is
    linearised in the profile; its error comes from the photons, or, where it is larger and there are four
    blocks or more, the scatter of the blocks (which holds the photons' noise too), divided by the root of their
    number. Negative densities of the noise are kept, so that noise does not add to the column.

    Parameters
    ----------
    altitude_km, thickness_km
        centre of each bin and its part inside the layer, dims (altitude,).
    """
    inside = thickness_km > 0
    profile, variance = (values[inside] for values in blocks.mean())
    altitude, thickness = altitude_km[inside], thickness_km[inside]
    column = float(profile @ thickness)
    if not column > 0:
        centroid = width = np.nan
    else:
        centroid = float(profile @ (thickness * altitude)) / column
        second = float(profile @ (thickness * (altitude - centroid) ** 2)) / column
        width = float(np.sqrt(second)) if second > 0 else np.nan
    influence = {
        "column": thickness,
        "centroid": thickness * (altitude - centroid) / column,
        "width": thickness * ((altitude - centroid) ** 2 - width**2) / (2 * width * column),
    }
    errors = {
        name: _error(weights, blocks.density[:, inside], blocks.weight_s, variance)
        for name, weights in influence.items()
    }
    return Moments(
        column * CM_PER_KM, errors["column"] * CM_PER_KM, centroid, errors["centroid"], width, errors["width"]
    )


def _error(weights: np.ndarray, density: np.ndarray, block_weight_s: np.ndarray, variance: np.ndarray) -> float:
    """Standard error of `mean profile @ weights`: photons, or the scatter of the blocks if that is larger."""
    photons = float(np.sqrt(variance @ weights**2))
    values = density @ weights
    complete = np.isfinite(values)
    if complete.sum() < 4:
        return photons
    share = block_weight_s[complete] / block_weight_s[complete].sum()
    deviation = values[complete] - share @ values[complete]
    count = complete.sum()
    scatter = float(np.sqrt(np.sum(share**2 * deviation**2) * count / (count - 1)))
    return scatter if not photons > scatter else photons


def density_at_centroid(profile: np.ndarray, altitude_km: np.ndarray, found: Moments) -> float:
    """Mean of a profile within one rms width of the centroid: the density where the layer is, cm-3.

    Parameters
    ----------
    profile
        cm-3, dims (altitude,).
    altitude_km
        dims (altitude,).
    """
    near = np.abs(altitude_km - found.centroid) <= found.width
    return float(profile[near].mean()) if near.any() else np.nan


def present_share(blocks: BlockMeans, thickness_km: np.ndarray, significance: float) -> float:
    """Share of the blocks whose column exceeds this many of its standard errors; NaN without an error.

    Parameters
    ----------
    thickness_km
        part of each bin inside the layer, dims (altitude,).
    """
    inside = thickness_km > 0
    column = blocks.density[:, inside] @ thickness_km[inside]
    error = np.sqrt(blocks.variance[:, inside] @ thickness_km[inside] ** 2)
    usable = np.isfinite(column) & (error > 0)
    return float(np.mean(column[usable] > significance * error[usable])) if usable.any() else np.nan


def onto_grid(profile: np.ndarray, edges_km: np.ndarray, grid_km: np.ndarray) -> np.ndarray:
    """Average a profile over the bins of a coarser grid by their overlap; NaN where nothing overlaps.

    Parameters
    ----------
    profile
        any unit, dims (bin,), NaN where missing.
    edges_km
        dims (bin + 1,).
    grid_km
        edges of the coarser grid, dims (cell + 1,).

    Returns
    -------
    ndarray
        dims (cell,), in the unit of `profile`.
    """
    overlap = np.stack([thickness_within(edges_km, low, high) for low, high in itertools.pairwise(grid_km)])
    finite = np.isfinite(profile)
    with np.errstate(invalid="ignore"):
        return (overlap @ np.nan_to_num(profile)) / (overlap @ finite.astype(float))
