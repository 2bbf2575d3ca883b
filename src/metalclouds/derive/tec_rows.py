"""Rows of the table of TEC enhancements: with all data, and with a satellite or a band of latitudes left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.derive.tec_background import (
    GriddedObservations,
)
from metalclouds.derive.tec_campaign import Array, TecCampaign
from metalclouds.derive.tec_excess import Changed
from metalclouds.derive.tec_noise import hours_with_margin
from metalclouds.derive.tec_region import (
    Measure,
    TecRegion,
    measure_region,
    strength_series,
    surroundings,
)
from metalclouds.derive.tec_search import QuietDayComparison, SearchedNight
from metalclouds.derive.tec_shape import Shape, fit_shape, noise_covariance
from metalclouds.schema.tables import TEC_ENHANCEMENT

# Blocks of the jackknife over latitudes.
BANDS = 5


class EnhancementRows:
    """Rows of the nights of one comparison with quiet nights; times and places are missing where nothing is found.

    Without a satellite the strength is bent in time as with all of them, so the shape of each night is kept.
    """

    def __init__(self, comparison: QuietDayComparison) -> None:
        self.comparison = comparison
        self.campaign = comparison.campaign
        self._shapes: dict[str, Shape] = {}

    def row(self, index: int, changed: Changed | None = None, left_out: str = "") -> dict:
        """Row of a night; `changed` are its maps without the satellite `left_out`."""
        searched = self.comparison.search(index, changed)
        maps = self.campaign.values[index] if changed is None else changed.values
        return self._row(index, searched, maps, left_out)

    def left_out(self, index: int, observations: GriddedObservations | None) -> list[dict]:
        """Rows of a night with each satellite left out in turn; with bands of latitudes, where none are known.

        A bias of a satellite follows its track over the map and may look like a region that moves. So the maps are
        made again without it.
        """
        if observations is None:
            return self._without_bands(index)
        whole = observations.mean()
        excesses = self.comparison.excesses
        whole_excess = excesses.over_background(whole, excesses.quiet(index))
        return [
            self.row(index, Changed(observations.without(name), whole, whole_excess), name)
            for name in observations.names
        ]

    def _row(self, index: int, searched: SearchedNight, maps: Array, left_out: str) -> dict:
        night = self.campaign.nights[index]
        row: dict[str, Any] = dict.fromkeys(TEC_ENHANCEMENT, np.nan)
        for name in TEC_ENHANCEMENT:
            if name.endswith("_utc"):
                row[name] = np.datetime64("NaT", "s")
        row.update(night=night, method=self.comparison.method, left_out=left_out)
        row["found"] = pd.NA if searched.found is None else searched.found
        row["significance"], row["least_tecu"] = searched.significance, searched.least_tecu
        if searched.found:
            row.update(self._measured(night, searched, maps, left_out))
        return row

    def _measured(self, night: str, searched: SearchedNight, values: Array, left_out: str) -> dict:
        grid, settings, region = self.campaign.grid, self.campaign.settings, searched.region
        excess = searched.excess
        # the region raises the background that is fitted with it, so it is measured again with its cells left out
        for _ in range(settings.refits):
            measure = measure_region(excess, region, grid, settings)
            around = surroundings(measure, region, grid, settings)
            excess = self.comparison.excesses.renewed(searched.excess, values, searched.quiet, around, around)
        measure = measure_region(excess, region, grid, settings)
        quiet = _quiet_strength(self.comparison, searched, excess, measure)
        known = self._shapes.get(night) if left_out else None
        shape = _time_shape(self.campaign, region, strength_series(excess, measure.template), quiet, known)
        self._shapes.setdefault(night, shape)
        over = grid.hours[region.cells[:, self.comparison.lidar].any(axis=1)]
        return {
            "onset_utc": _clock(night, shape.onset),
            "onset_error_minutes": 60 * shape.onset_error,
            "peak_utc": _clock(night, shape.peak),
            "end_utc": _clock(night, shape.end),
            "end_error_minutes": 60 * shape.end_error,
            "axis_longitude": measure.axis,
            "axis_longitude_error": measure.axis_error,
            "latitude_south": measure.south,
            "latitude_north": measure.north,
            "width_km": measure.width_km,
            "tilt_deg": measure.tilt_deg,
            "over_lidar_start_utc": _clock(night, float(over[0])),
            "over_lidar_end_utc": _clock(night, float(over[-1])),
            "peak_tecu": shape.peak_value,
            "peak_error_tecu": float(np.sqrt(np.nanmean(quiet**2))),
            "area_km2": measure.area_km2,
            "lidar_distance_km": meridian_distance(settings.place, measure.axis, measure.south, measure.north),
        }

    def _without_bands(self, index: int) -> list[dict]:
        """Rows of a night with a fifth of the region's latitudes left out in turn; none where no region was found.

        The block jackknife of maps of which no single observations are kept. The search is not repeated, as a gap
        would cut the region in two, and the ends in latitude are left empty, as a gap may hide them.
        """
        searched = self.comparison.search(index)
        if not searched.found:
            return []
        latitude = self.campaign.grid.latitude
        rows = np.flatnonzero(searched.region.cells.any(axis=(0, 2)))
        return [self._without_band(index, searched, latitude[band]) for band in np.array_split(rows, BANDS)]

    def _without_band(self, index: int, searched: SearchedNight, band: Array) -> dict:
        without = np.isin(self.campaign.grid.latitude, band)
        values, excess = self.campaign.values[index].copy(), searched.excess.copy()
        values[:, without] = np.nan
        excess[:, without] = np.nan
        row = self._row(index, replace(searched, excess=excess), values, f"latitudes {band[0]:g} to {band[-1]:g}")
        return row | dict.fromkeys(("latitude_south", "latitude_north", "area_km2", "lidar_distance_km"), np.nan)


def _quiet_strength(
    comparison: QuietDayComparison, searched: SearchedNight, excess: Array, measure: Measure
) -> Array:
    """Strength of the region's shape where there is no region, dims (night, epoch): on quiet nights, else outside."""
    if comparison.enough(searched.quiet):
        quiet = comparison.excesses.of_quiet(searched.quiet)
        return np.stack([strength_series(one, measure.template) for one in quiet])
    campaign = comparison.campaign
    outside = ~hours_with_margin(searched.region, campaign.grid, campaign.settings)
    return np.where(outside, strength_series(excess, measure.template), np.nan)[None]


def _time_shape(
    campaign: TecCampaign, region: TecRegion, strength: Array, quiet: Array, known: Shape | None
) -> Shape:
    """Onset, peak and end from the strength of the region within some hours of it, in the noise of quiet nights."""
    hours, settings = campaign.grid.hours, campaign.settings
    there = hours[region.cells.any(axis=(1, 2))]
    margin = settings.shape_margin_hours
    near = (hours >= there[0] - margin) & (hours <= there[-1] + margin)
    noise = noise_covariance(quiet, max(round(60 * settings.noise_hours / settings.epoch_minutes), 1))
    return fit_shape(hours[near], strength[near], float(there[0]), float(there[-1]), noise, known)


def meridian_distance(place: tuple[float, float], axis: float, south: float, north: float) -> float:
    """Distance of a place (latitude, longitude) from the nearest point of a piece of a meridian, km (haversine)."""
    latitude = np.linspace(south, north, 201)
    a, b = np.radians(place[0]), np.radians(latitude)
    half = np.radians(axis - place[1]) / 2
    haversine = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(half) ** 2
    return float(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(haversine)).min())


def _clock(night: str, hours: float) -> np.datetime64:
    if not np.isfinite(hours):
        return np.datetime64("NaT", "s")
    return np.datetime64(night, "s") + np.timedelta64(round(3600 * hours), "s")
