"""TEC maps of all nights on one grid, and the box around the lidar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from metalclouds.derive.tec_background import (
    Grid,
    GriddedObservations,
    common_grid,
    grid_observations,
    on_grid,
)
from metalclouds.derive.tec_settings import EnhancementSettings

Array = NDArray[np.floating]


@dataclass(frozen=True)
class TecCampaign:
    """All nights with TEC on the common grid; `values` has dims (night, epoch, latitude, longitude), TECU."""

    nights: tuple[str, ...]
    values: Array
    grid: Grid
    settings: EnhancementSettings

    def neighbours(self, night: str) -> list[int]:
        """Indices of the other nights within the quiet window."""
        days = np.abs((np.array(self.nights, "datetime64[D]") - np.datetime64(night)).astype(int))
        return list(np.flatnonzero((days > 0) & (days <= self.settings.quiet_window_days)))


def load_campaign(nights: Sequence[xr.Dataset], settings: EnhancementSettings) -> TecCampaign:
    """Bring ingested nights to the common grid, in the order of their dates.

    Parameters
    ----------
    nights
        datasets of `ingest/tec`, in any order.
    """
    grid = common_grid(settings)
    ordered = sorted(nights, key=lambda night: str(night.attrs["night"]))
    values = [on_grid(night, grid) for night in ordered]
    shape = (0, grid.hours.size, grid.latitude.size, grid.longitude.size)
    names = tuple(str(night.attrs["night"]) for night in ordered)
    return TecCampaign(names, np.stack(values) if values else np.empty(shape), grid, settings)


def observations_of(night: xr.Dataset, campaign: TecCampaign) -> GriddedObservations | None:
    """Single observations of a night on the grid; None where they are not kept or not wanted, or name no satellites.

    Parameters
    ----------
    night
        dataset of `ingest/tec`.
    """
    kept = "observation_vertical_tec" in night and "satellite" in night
    if not kept or not campaign.settings.leave_satellites_out:
        return None
    return grid_observations(night, campaign.settings.minimum_elevation_deg, campaign.grid)


def lidar_box(grid: Grid, place: tuple[float, float], radius: float) -> NDArray[np.bool_]:
    """Cells within some degrees of a place (latitude, longitude), counted as along the equator.

    Returns
    -------
    ndarray
        bool, dims (latitude, longitude).
    """
    latitude, longitude = place
    north = np.abs(grid.latitude - latitude) <= radius
    east = np.abs(grid.longitude - longitude) * np.cos(np.radians(latitude)) <= radius
    return north[:, None] & east[None, :]


def box_series(values: Array, box: NDArray[np.bool_]) -> Array:
    """Mean over the cells of a box that hold data, against time.

    Parameters
    ----------
    values
        dims (epoch, latitude, longitude).
    box
        bool, dims (latitude, longitude).

    Returns
    -------
    ndarray
        dims (epoch,); NaN where the box holds no data.
    """
    inside = values[:, box]
    count = np.isfinite(inside).sum(axis=1)
    return np.where(count > 0, np.nansum(inside, axis=1) / np.maximum(count, 1), np.nan)
