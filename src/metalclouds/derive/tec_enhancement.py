"""Regional enhancement of TEC: table of regions, series at the lidar, for every night there are data for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from metalclouds.constants import EARTH_RADIUS_KM
from metalclouds.derive.tec_background import (
    Grid,
    GriddedObservations,
    common_grid,
    excess_over_quiet_days,
    excess_over_zonal_background,
    grid_observations,
    on_grid,
    quiet_background,
)
from metalclouds.derive.tec_region import (
    Measure,
    Region,
    box_scatter,
    find_region,
    measure_region,
    quiet_scatter,
    smoothed,
    strength_series,
    surroundings,
)
from metalclouds.derive.tec_settings import TecSettings
from metalclouds.derive.tec_shape import Shape, fit_shape, noise_covariance
from metalclouds.schema.tables import TEC_ENHANCEMENT, TEC_SERIES

Array = NDArray[np.floating]
METHODS = ("quiet_days", "zonal_highpass")
# Blocks of the jackknife over latitudes.
BANDS = 5


@dataclass(frozen=True)
class Campaign:
    """All nights with TEC on the common grid; `values` has dims (night, epoch, latitude, longitude), TECU."""

    nights: tuple[str, ...]
    values: Array
    grid: Grid
    settings: TecSettings

    def neighbours(self, night: str) -> list[int]:
        """Indices of the other nights within the quiet window."""
        days = np.abs((np.array(self.nights, "datetime64[D]") - np.datetime64(night)).astype(int))
        return list(np.flatnonzero((days > 0) & (days <= self.settings.quiet_window_days)))


@dataclass(frozen=True)
class Judged:
    """The excess of a night by one method, and what the search over the lidar says.

    `found` is None where there was nothing to judge by; `least_tecu` is the mean excess of the least region over the
    lidar that would have been found.
    """

    excess: Array
    region: Region
    quiet: tuple[int, ...]
    significance: float
    found: bool | None
    least_tecu: float


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


@dataclass(frozen=True)
class Changed:
    """Maps of a night without a satellite: `values` beside the `whole` maps and the excess of these, TECU."""

    values: Array
    whole: Array
    whole_excess: Array


def load_campaign(nights: Sequence[xr.Dataset], settings: TecSettings) -> Campaign:
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
    return Campaign(names, np.stack(values) if values else np.empty(shape), grid, settings)


# ---- is there an enhancement -----------------------------------------------------------------------------


class Judge:
    """Decides over which nights there is an enhancement above the lidar, by one background method.

    Each night has an excess over the background and a heaviest region over the lidar in it. A night is enhanced if
    that region is far heavier than those of the quiet nights near it. Where there are too few quiet nights, the zonal
    high-pass, which needs none for its background, takes the noise from the night itself: see `own_noise`. Nights
    thought enhanced take no part as quiet
    ones: first the suspects, then those that were found; the search is repeated until the set stands.
    """

    def __init__(self, campaign: Campaign, method: str, suspects: Collection[str]) -> None:
        self.campaign, self.method = campaign, method
        self.busy = {index for index, night in enumerate(campaign.nights) if night in suspects}
        self.shapes: dict[str, Shape] = {}
        self._background: dict[tuple, Array] = {}
        self._excess: dict[tuple, Array] = {}
        self._smoothed: dict[tuple, Array] = {}
        self._scatter: dict[tuple, Array] = {}
        self._regions: dict[int, Region] = {}
        self._own: dict[int, Noise] = {}
        self.lidar = _lidar_box(campaign.grid, campaign.settings.place, campaign.settings.over_lidar_deg)
        for _ in range(campaign.settings.rounds):
            found = {i for i in range(len(campaign.nights)) if self.judge(i).found}
            if found <= self.busy:
                break
            self.busy |= found
            self._forget()

    def _forget(self) -> None:
        """Drop what rests on another set of quiet nights."""
        self._regions.clear()
        self._scatter.clear()
        self._background.clear()
        valid = {self._key(index) for index in range(len(self.campaign.nights))}
        for kept in (self._excess, self._smoothed):
            for key in set(kept) - valid:
                del kept[key]

    def _key(self, index: int) -> tuple:
        return (index,) if self.method == "zonal_highpass" else (index, self.quiet(index))

    def quiet(self, index: int) -> tuple[int, ...]:
        """Indices of the quiet nights that a night is compared with."""
        near = self.campaign.neighbours(self.campaign.nights[index])
        return tuple(i for i in near if i not in self.busy)

    def excess(self, values: Array, quiet: Sequence[int]) -> Array:
        """Excess of one night's maps over the background."""
        settings = self.campaign.settings
        if self.method == "zonal_highpass":
            return excess_over_zonal_background(values, settings)
        return excess_over_quiet_days(values, self.background(quiet), settings)

    def renewed(
        self,
        excess: Array,
        values: Array,
        quiet: Sequence[int],
        where: NDArray[np.bool_],
        exclude: NDArray[np.bool_] | None = None,
    ) -> Array:
        """The excess where the fits that hold some cells are made anew, without the excluded ones.

        A fit is that of an epoch, or for the zonal background that of a latitude at an epoch.

        Parameters
        ----------
        excess, values
            excess and vertical TEC of the night, TECU, dims (epoch, latitude, longitude).
        quiet
            numbers of the quiet nights in the campaign.
        where, exclude
            bool, dims of `values`; None for no cell.

        Returns
        -------
        ndarray
            TECU, dims of `values`.
        """
        out, settings = excess.copy(), self.campaign.settings
        if self.method == "zonal_highpass":
            lines = np.nonzero(where.any(axis=2))
            fitted = None if exclude is None else exclude[lines][:, None]
            out[lines] = excess_over_zonal_background(values[lines][:, None], settings, fitted)[:, 0]
            return out
        epochs = np.flatnonzero(where.any(axis=(1, 2)))
        fitted = None if exclude is None else exclude[epochs]
        out[epochs] = excess_over_quiet_days(values[epochs], self.background(quiet)[epochs], settings, fitted)
        return out

    def excess_of_changed(self, changed: Changed, quiet: Sequence[int]) -> Array:
        """Excess of maps of which some are another's: only what differs is fitted."""
        same = (changed.values == changed.whole) | (np.isnan(changed.values) & np.isnan(changed.whole))
        return self.renewed(changed.whole_excess, changed.values, quiet, ~same)

    def background(self, quiet: Sequence[int]) -> Array:
        """Median of some quiet nights, kept so that it is made once."""
        key = tuple(quiet)
        if key not in self._background:
            self._background[key] = quiet_background(self.campaign.values[list(key)], self.campaign.settings)
        return self._background[key]

    def excess_of(self, index: int) -> Array:
        """Excess of a night over the quiet nights near it, kept so that it is made once."""
        key = self._key(index)
        if key not in self._excess:
            self._excess[key] = self.excess(self.campaign.values[index], self.quiet(index))
        return self._excess[key]

    def _smoothed_of(self, index: int) -> Array:
        key = self._key(index)
        if key not in self._smoothed:
            self._smoothed[key] = smoothed(self.excess_of(index), self.campaign.grid, self.campaign.settings)
        return self._smoothed[key]

    def quiet_excesses(self, quiet: Sequence[int]) -> list[Array]:
        """Excess of each of some quiet nights."""
        return [self.excess_of(i) for i in quiet]

    def scatter(self, quiet: Sequence[int]) -> Array:
        """Scatter of the smoothed excess on quiet nights."""
        key = tuple(quiet)
        if key not in self._scatter:
            nights = [self._smoothed_of(i) for i in quiet]
            self._scatter[key] = quiet_scatter(nights, self.campaign.grid, self.campaign.settings)
        return self._scatter[key]

    def region(self, smooth: Array, quiet: Sequence[int]) -> Region:
        """The heaviest region over the lidar of a smoothed excess, in the scatter of quiet nights."""
        return self._over_lidar(smooth / self.scatter(quiet))

    def _over_lidar(self, score: Array) -> Region:
        return find_region(score, self.campaign.grid, self.campaign.settings, self.lidar)

    def _region_of(self, index: int) -> Region:
        if index not in self._regions:
            self._regions[index] = self.region(self._smoothed_of(index), self.quiet(index))
        return self._regions[index]

    def enough(self, quiet: Sequence[int]) -> bool:
        """Whether some quiet nights are enough to judge by."""
        return len(quiet) >= max(self.campaign.settings.minimum_quiet_days, 2)

    def noise(self, index: int) -> Noise | None:
        """What the excess of a night is judged by; None if there is nothing."""
        quiet = self.quiet(index)
        if self.enough(quiet):
            masses = [self._region_of(i).mass for i in quiet if self.quiet(i)]
            return Noise(self.scatter(quiet), np.array(masses))
        return self.own_noise(index) if self.method == "zonal_highpass" else None

    def own_noise(self, index: int) -> Noise | None:
        """Noise from the residual of the night itself and of others that have too few quiet nights.

        The scatter of a cell is that of the epochs outside the hours of the region over the lidar; masses are those
        of the heaviest regions of the excess with its sign changed, in each third of the map, outside these hours.
        None if the maps hold fewer than two such regions' worth of data.
        """
        alone = [i for i in range(len(self.campaign.nights)) if not self.enough(self.quiet(i))]
        parts = [self._own_noise(i) for i in alone]
        masses = np.concatenate([part.masses for part in parts])
        own = self._own_noise(index)
        there = np.isfinite(own.scatter[..., self.lidar]).any()
        return Noise(own.scatter, masses) if there and masses.size >= 2 else None

    def _own_noise(self, index: int) -> Noise:
        if index not in self._own:
            smooth = self._smoothed_of(index)
            grid, settings = self.campaign.grid, self.campaign.settings
            first = own_scatter(smooth, np.ones(grid.hours.size, dtype=bool), grid, settings)
            outside = ~_hours_with_margin(self._over_lidar(smooth / first), grid, settings)
            scatter = own_scatter(smooth, outside, grid, settings)
            score = np.where(outside[:, None, None], -smooth / scatter, np.nan)
            self._own[index] = Noise(scatter, masses_by_third(score, grid, settings))
        return self._own[index]

    def judge(self, index: int, changed: Changed | None = None) -> Judged:
        """Search a night; `changed` replaces its maps, as where a satellite is left out."""
        quiet, settings, noise = self.quiet(index), self.campaign.settings, self.noise(index)
        if noise is None:
            return self._undecided(index, quiet)
        excess = self.excess_of(index) if changed is None else self.excess_of_changed(changed, quiet)
        if changed is None and self.enough(quiet):
            region = self._region_of(index)
        else:
            region = self._over_lidar(smoothed(excess, self.campaign.grid, settings) / noise.scatter)
        significance, chance = standing(region.mass, noise.masses, least_mass(settings), settings.minimum_scatter)
        found = region.mass > 0 and chance < settings.false_alarm
        return Judged(excess, region, quiet, significance, bool(found), self.least_tecu(noise))

    def least_tecu(self, noise: Noise) -> float:
        """Mean excess of the least region over the lidar that the search would find, TECU.

        The region lasts two hours and reaches over ten degrees of latitude with the width of the smoothing; its cells
        must pass the sigma of a region, and its mass what noise makes with the probability of a false alarm.
        """
        settings = self.campaign.settings
        needed = needed_mass(noise.masses, least_mass(settings), settings.minimum_scatter, settings.false_alarm)
        score = max(settings.region_sigma, needed / reference_cells(settings))
        return score * float(np.sqrt(np.nanmean(noise.scatter[..., self.lidar] ** 2)))

    def _undecided(self, index: int, quiet: tuple[int, ...]) -> Judged:
        """Nothing to judge by: the excess may be there or not."""
        excess = self.excess_of(index)
        nothing = Region(0.0, np.zeros(excess.shape, dtype=bool))
        return Judged(excess, nothing, quiet, float("nan"), None, float("nan"))


def _hours_with_margin(region: Region, grid: Grid, settings: TecSettings) -> NDArray[np.bool_]:
    """Epochs from a margin before a region to one after it."""
    there = grid.hours[region.cells.any(axis=(1, 2))]
    if not there.size:
        return np.zeros(grid.hours.size, dtype=bool)
    margin = settings.exclude_margin_hours
    return (grid.hours >= there[0] - margin) & (grid.hours <= there[-1] + margin)


def own_scatter(smooth: Array, epochs: NDArray[np.bool_], grid: Grid, settings: TecSettings) -> Array:
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


def masses_by_third(score: Array, grid: Grid, settings: TecSettings) -> Array:
    """Mass of the heaviest region in the west, the middle and the east of the map, where there are data."""
    masses = []
    for columns in np.array_split(np.arange(grid.longitude.size), 3):
        part = np.full(score.shape, np.nan)
        part[..., columns] = score[..., columns]
        if np.isfinite(part).any():
            masses.append(find_region(part, grid, settings).mass)
    return np.array(masses)


def reference_cells(settings: TecSettings) -> float:
    """Cells of a region of two hours and ten degrees of latitude with the width of the smoothing."""
    columns = settings.smooth_longitude_deg / settings.cell_deg + 1
    return 120.0 / settings.epoch_minutes * 10.0 / settings.cell_deg * columns


def needed_mass(quiet: Array, least: float, minimum_scatter: float, false_alarm: float) -> float:
    """Mass from which a region stands out of those of quiet nights; the inverse of `standing`."""
    logs = np.log(least + quiet)
    scatter = max(float(np.std(logs, ddof=1)), minimum_scatter) * np.sqrt(1 + 1 / logs.size)
    return float(np.exp(logs.mean() + stdtrit(logs.size - 1, 1 - false_alarm) * scatter) - least)


def least_mass(settings: TecSettings) -> float:
    """Mass of the least region that the rules of the search admit: least duration, reach, width and score."""
    epochs = settings.minimum_minutes / settings.epoch_minutes
    rows = settings.minimum_meridional_deg / settings.cell_deg + 1
    columns = settings.smooth_longitude_deg / settings.cell_deg + 1
    return epochs * rows * columns * settings.region_sigma


def standing(mass: float, quiet: Array, least: float, minimum_scatter: float) -> tuple[float, float]:
    """How far a night's region stands out from those of quiet nights, and the chance of that on a quiet night.

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


# ---- rows ------------------------------------------------------------------------------------------------


def enhancement_row(
    campaign: Campaign, judge: Judge, index: int, changed: Changed | None = None, left_out: str = ""
) -> dict:
    """One row of the table of enhancements; times and places are missing where none is found.

    `changed` are the night's maps without the satellite `left_out`.
    """
    judged = judge.judge(index, changed)
    maps = campaign.values[index] if changed is None else changed.values
    return _row(campaign, judge, index, judged, maps, left_out)


def _row(campaign: Campaign, judge: Judge, index: int, judged: Judged, maps: Array, left_out: str) -> dict:
    night = campaign.nights[index]
    row: dict[str, Any] = dict.fromkeys(TEC_ENHANCEMENT, np.nan)
    for name in TEC_ENHANCEMENT:
        if name.endswith("_utc"):
            row[name] = np.datetime64("NaT", "s")
    row.update(night=night, method=judge.method, left_out=left_out)
    row["found"] = pd.NA if judged.found is None else judged.found
    row["significance"], row["least_tecu"] = judged.significance, judged.least_tecu
    if judged.found:
        row.update(_measured(campaign, judge, night, judged, maps, left_out))
    return row


def _measured(campaign: Campaign, judge: Judge, night: str, judged: Judged, values: Array, left_out: str) -> dict:
    grid, settings = campaign.grid, campaign.settings
    excess = judged.excess
    # the region raises the background that is fitted with it, so it is measured again with its cells left out
    for _ in range(settings.refits):
        measure = measure_region(excess, judged.region, grid, settings)
        around = surroundings(measure, judged.region, grid, settings)
        excess = judge.renewed(judged.excess, values, judged.quiet, around, around)
    measure = measure_region(excess, judged.region, grid, settings)
    # without a satellite the strength is bent as with all of them
    known = judge.shapes.get(night) if left_out else None
    quiet = _quiet_strength(judge, judged, excess, measure)
    shape = _time_shape(campaign, judged, strength_series(excess, measure.template), quiet, known)
    judge.shapes.setdefault(night, shape)
    over = grid.hours[judged.region.cells[:, judge.lidar].any(axis=1)]
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
        "lidar_distance_km": meridian_distance(campaign.settings.place, measure.axis, measure.south, measure.north),
    }


def _quiet_strength(judge: Judge, judged: Judged, excess: Array, measure: Measure) -> Array:
    """Strength of the region's shape where there is no region, dims (night, epoch): on quiet nights, else outside."""
    if judge.enough(judged.quiet):
        return np.stack([strength_series(one, measure.template) for one in judge.quiet_excesses(judged.quiet)])
    outside = ~_hours_with_margin(judged.region, judge.campaign.grid, judge.campaign.settings)
    return np.where(outside, strength_series(excess, measure.template), np.nan)[None]


def _time_shape(campaign: Campaign, judged: Judged, strength: Array, quiet: Array, known: Shape | None) -> Shape:
    """Onset, peak and end from the strength of the region within some hours of it, in the noise of quiet nights."""
    hours, settings = campaign.grid.hours, campaign.settings
    there = hours[judged.region.cells.any(axis=(1, 2))]
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


def satellite_rows(
    campaign: Campaign, judge: Judge, index: int, observations: GriddedObservations | None
) -> list[dict]:
    """Rows of a night with each satellite left out in turn; none where single observations are not kept.

    A bias of a satellite follows its track over the map and may look like a region that moves. So the maps are
    made again without it.
    """
    if observations is None:
        return band_rows(campaign, judge, index)
    whole = observations.mean()
    whole_excess = judge.excess(whole, judge.quiet(index))
    return [
        enhancement_row(campaign, judge, index, Changed(observations.without(name), whole, whole_excess), name)
        for name in observations.names
    ]


def band_rows(campaign: Campaign, judge: Judge, index: int) -> list[dict]:
    """Rows of a night with a fifth of the region's latitudes left out in turn; none where no region was found.

    The block jackknife of maps of which no single observations are kept. The search is not repeated, as a gap would
    cut the region in two, and the ends in latitude are left empty, as a gap may hide them.
    """
    judged = judge.judge(index)
    if not judged.found:
        return []
    latitude = campaign.grid.latitude
    rows = np.flatnonzero(judged.region.cells.any(axis=(0, 2)))
    return [_band_row(campaign, judge, index, judged, latitude[band]) for band in np.array_split(rows, BANDS)]


def _band_row(campaign: Campaign, judge: Judge, index: int, judged: Judged, band: Array) -> dict:
    without = np.isin(campaign.grid.latitude, band)
    values = campaign.values[index].copy()
    values[:, without] = np.nan
    excess = judged.excess.copy()
    excess[:, without] = np.nan
    part = replace(judged, excess=excess)
    name = f"latitudes {band[0]:g} to {band[-1]:g}"
    row = _row(campaign, judge, index, part, values, name)
    return row | dict.fromkeys(("latitude_south", "latitude_north", "area_km2", "lidar_distance_km"), np.nan)


def observations_of(night: xr.Dataset, campaign: Campaign) -> GriddedObservations | None:
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


def series_of(campaign: Campaign, judge: Judge, index: int, judged: Judged) -> pd.DataFrame:
    """Mean excess and TEC in a box around the lidar against time.

    The error is the root mean square of quiet nights; without them that of the night outside the region's hours.

    Parameters
    ----------
    index
        number of the night in the campaign.

    Returns
    -------
    DataFrame
        table TEC_SERIES of one night, TECU.
    """
    box = _lidar_box(campaign.grid, campaign.settings.place, campaign.settings.lidar_radius_deg)
    excess = _box_series(judged.excess, box)
    quiet = [_box_series(one, box) for one in judge.quiet_excesses(judged.quiet)]
    if judged.found is not None and not judge.enough(judged.quiet):
        quiet = [excess[~_hours_with_margin(judged.region, campaign.grid, campaign.settings)]]
    error = float(np.sqrt(np.nanmean(np.square(quiet)))) if np.isfinite(quiet).any() else np.nan
    night = campaign.nights[index]
    return pd.DataFrame(
        {
            "night": night,
            "time_utc": campaign.grid.times(night),
            "method": judge.method,
            "excess_tecu": excess,
            "excess_error_tecu": error,
            "vertical_tec_tecu": _box_series(campaign.values[index], box),
        }
    )


def _lidar_box(grid: Grid, place: tuple[float, float], radius: float) -> NDArray[np.bool_]:
    latitude, longitude = place
    north = np.abs(grid.latitude - latitude) <= radius
    east = np.abs(grid.longitude - longitude) * np.cos(np.radians(latitude)) <= radius
    return north[:, None] & east[None, :]


def _box_series(values: Array, box: NDArray[np.bool_]) -> Array:
    inside = values[:, box]
    count = np.isfinite(inside).sum(axis=1)
    return np.where(count > 0, np.nansum(inside, axis=1) / np.maximum(count, 1), np.nan)


# ---- all -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TecProducts:
    """Tables of tables TEC_ENHANCEMENT and TEC_SERIES, and the excess of each night for the maps."""

    enhancement: pd.DataFrame
    series: pd.DataFrame
    excess: dict[str, Array]
    campaign: Campaign


def derive_tec(nights: Sequence[xr.Dataset], settings: TecSettings, suspects: Collection[str] = ()) -> TecProducts:
    """Measure the enhancement of every night with TEC by each background method.

    Parameters
    ----------
    nights
        datasets of `ingest/tec`, in any order.
    settings
        of the measure.
    suspects
        nights that are not taken as quiet from the beginning, such as the case nights.
    """
    campaign = load_campaign(nights, settings)
    observations = {str(night.attrs["night"]): observations_of(night, campaign) for night in nights}
    rows: list[dict] = []
    series: list[pd.DataFrame] = []
    excess: dict[str, Array] = {}
    for method in METHODS:
        judge = Judge(campaign, method, suspects)
        for index, night in enumerate(campaign.nights):
            judged = judge.judge(index)
            rows.append(enhancement_row(campaign, judge, index))
            rows += satellite_rows(campaign, judge, index, observations[night])
            series.append(series_of(campaign, judge, index, judged))
            if night not in excess or not np.isfinite(excess[night]).any():
                excess[night] = judged.excess
        del judge
    return TecProducts(_enhancement_table(rows), _series_table(series), excess, campaign)


def _enhancement_table(rows: list[dict]) -> pd.DataFrame:
    if not rows:
        return TEC_ENHANCEMENT.empty()
    table = pd.DataFrame(rows)
    for name in table:
        if str(name).endswith("_utc"):
            table[name] = pd.to_datetime(table[name])
    table = table.sort_values(["night", "method", "left_out"], kind="stable", ignore_index=True)
    return TEC_ENHANCEMENT.ordered(table)


def _series_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return TEC_SERIES.empty()
    table = pd.concat(parts, ignore_index=True)
    table = table.dropna(subset=["excess_tecu", "vertical_tec_tecu"], how="all")
    table = table.sort_values(["night", "method", "time_utc"], kind="stable", ignore_index=True)
    return TEC_SERIES.ordered(table)
