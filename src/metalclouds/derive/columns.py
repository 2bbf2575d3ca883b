"""Column density, centroid and width of the main layer, night by night, and the densities of layer and cloud.

What is averaged: the profiles of a night, each weighted with its accumulation time, give the night's mean profile;
column, centroid and width are moments of that profile. A gap in time adds nothing (no interpolation between
profiles), a gap in altitude makes the column missing. Months average nights, each with the same weight.

Where negative densities were lost the mean of each block is corrected (`physics.density`). Such a night says
`corrected` in column `negatives`, or `lost` where there are no quiet altitudes to measure the noise.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io, parallel
from metalclouds.derive import moments
from metalclouds.derive.moments import Profiles, thickness_within
from metalclouds.derive.settings import ColumnSettings
from metalclouds.physics.density import (
    QUIET_BOTTOM_KM,
    clipped_mean_inverse,
    filled,
    noise_at_unit_distance,
    number_density,
    usable_profiles,
    with_background,
)
from metalclouds.progress import Progress
from metalclouds.schema.tables import COLUMNS
from metalclouds.schema.variables import DENSITY_SPECIES, MASK_FLAGS


@dataclass(frozen=True)
class NightFiles:
    """Where a night's products are; `detect` is None where the night was not searched for clouds."""

    night: str
    lidar: Path
    detect: Path | None = None


@dataclass(frozen=True)
class NightColumns:
    """A row of columns.csv, and the night's mean density (cm-3) on the common altitude grid."""

    row: dict[str, Any]
    density: np.ndarray
    synthetic: bool
    species: str = DENSITY_SPECIES


def columns(
    files: Sequence[NightFiles], settings: ColumnSettings, dask_client: Any = None
) -> tuple[pd.DataFrame, xr.Dataset]:
    """Columns of all nights.

    Parameters
    ----------
    files
        the nights, in their order.
    dask_client
        see `parallel.map_nights`.

    Returns
    -------
    table, density
        columns.csv, a row a night, and nightly_density.nc: the mean profile of each night on the common grid.
    """
    told, work = Progress("columns", len(files)), functools.partial(night_columns, settings=settings)
    nights = parallel.map_nights(work, list(files), dask_client, lambda night: told.night(in_a_line(night)))
    rows = pd.DataFrame([night.row for night in nights]) if nights else COLUMNS.empty()
    return COLUMNS.ordered(rows), _nightly_density(files, nights, settings)


def in_a_line(night: NightColumns) -> str:
    """What the log says of a night."""
    row = night.row
    return (
        f"{row['night']}: {row['profiles']} profiles, column {row['column_density_cm2']:.3g} cm-2, "
        f"negatives {row['negatives']}"
    )


def night_columns(files: NightFiles, settings: ColumnSettings) -> NightColumns:
    """Columns of one night, read from its ingested file and, where there is one, what detection made of it."""
    detect = io.read_netcdf(files.detect, leave_out=["significance"]) if files.detect else None
    with io.open_netcdf(files.lidar) as lidar:
        lidar = with_background(lidar, detect)
        used = usable_profiles(lidar, detect, settings.excluded_flags)
        layer, state = layer_profiles(lidar, used, settings)
        cloud = cloud_density(lidar, detect, used, settings)
        synthetic = lidar.attrs.get("synthetic") == "true"
        species = str(lidar.attrs.get("species", DENSITY_SPECIES))
    row, density = _row(layer, settings) if layer.time_s.size else ({}, np.full(_grid(settings).size - 1, np.nan))
    row = {"night": files.night, "profiles": 0, "hours": 0.0, "negatives": state, **row}
    row.update(cloud_density_cm3=cloud[0], cloud_density_error_cm3=cloud[1])
    return NightColumns({name: row.get(name, np.nan) for name in COLUMNS}, density, synthetic, species)


def read_profiles(lidar: xr.Dataset, used: np.ndarray, bottom_km: float, top_km: float) -> Profiles:
    """Density of the used profiles between two altitudes, as the source has it.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`, dims (time, altitude).
    used
        bool, dims (time,).
    """
    altitude = lidar["altitude"].values
    first, last = np.searchsorted(altitude, [bottom_km - 1.0, top_km + 1.0])
    part = lidar.isel(altitude=slice(first, last)).load()
    density, error = number_density(part)
    time = lidar["time"].values[used]
    return Profiles(
        time_s=(time - time[:1]) / np.timedelta64(1, "s"),
        weight_s=lidar["integration_time"].values[used].astype(float),
        edges_km=moments.bin_edges(part["altitude"].values.astype(float)),
        density=density.values[used],
        variance=error.values[used] ** 2,
    )


def layer_profiles(lidar: xr.Dataset, used: np.ndarray, settings: ColumnSettings) -> tuple[Profiles, str]:
    """Complete profiles of the main layer, and what became of negative densities: kept, corrected or lost.

    Where negatives were lost or the source gives no error, the noise is measured at the quiet altitudes.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`, dims (time, altitude).
    used
        bool, dims (time,).
    """
    bottom = min(settings.bottom_km, settings.layer_bottom_km)
    layer = read_profiles(lidar, used, bottom, max(settings.top_km, settings.layer_top_km))
    kept = lidar.attrs["negatives"] == "kept"
    inside = thickness_within(layer.edges_km, settings.bottom_km, settings.top_km) > 0
    # Where negatives were lost, missing bins are no gaps: only a profile without any value is.
    layer = layer.of_coverage(inside, settings.minimum_coverage if kept else 1e-9)
    return with_noise(layer, lidar, used)


def with_noise(profiles: Profiles, lidar: xr.Dataset, used: np.ndarray) -> tuple[Profiles, str]:
    """Give profiles the variance that the source lacks and what the correction of lost negatives needs.

    Returns the profiles and what became of negative densities: kept, corrected or lost.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`, dims (time, altitude).
    used
        bool, dims (time,).
    """
    kept = lidar.attrs["negatives"] == "kept"
    if kept and np.isfinite(profiles.variance).any():
        return profiles, "kept"
    station = float(lidar.attrs["station_altitude_km"])
    noise = quiet_noise(lidar, used, station) * (profiles.altitude_km - station) ** 2
    variance = np.where(np.isfinite(profiles.variance), profiles.variance, noise**2)
    if kept:
        return replace(profiles, variance=variance), "kept"
    density = filled(profiles.density)
    if not np.isfinite(noise).all():
        return replace(profiles, density=density, variance=variance), "lost"
    return replace(profiles, density=density, variance=variance, clipped_noise=noise), "corrected"


def quiet_noise(lidar: xr.Dataset, used: np.ndarray, station_km: float) -> float:
    """Noise at the quiet altitudes of the used profiles, see `density.noise_at_unit_distance`; NaN without them.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`, dims (time, altitude).
    used
        bool, dims (time,).
    station_km
        altitude of the lidar.
    """
    altitude = lidar["altitude"].values
    if not (altitude > QUIET_BOTTOM_KM).any():
        return np.nan
    quiet = read_profiles(lidar, used, QUIET_BOTTOM_KM + 1.0, float(altitude[-1]))
    everywhere = np.ones(quiet.altitude_km.size, bool)
    lost = lidar.attrs["negatives"] != "kept"
    return noise_at_unit_distance(quiet.density, quiet.altitude_km - station_km, everywhere, lost)


def cloud_density(
    lidar: xr.Dataset, detect: xr.Dataset | None, used: np.ndarray, settings: ColumnSettings
) -> tuple[float, float]:
    """Mean density in the cells above `cloud_bottom_km` that the mask calls cloud or stripe, and its error, cm-3.

    NaN where there is no such cell. The mask was found on the same noise, so the mean is somewhat too high; where
    negatives were lost it is corrected at each altitude as the column is.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`, dims (time, altitude).
    detect
        dataset of detect/<night>.nc; None where the night was not searched.
    used
        bool, dims (time,).
    """
    if detect is None:
        return np.nan, np.nan
    rows = np.flatnonzero(detect["altitude"].values > settings.cloud_bottom_km)
    cells = np.isin(detect["mic_mask"].values[:, rows], [MASK_FLAGS["cloud"], MASK_FLAGS["stripe"]])
    if not cells.any():
        return np.nan, np.nan
    rows, cells = rows[cells.any(axis=0)], cells[:, cells.any(axis=0)]
    centres = detect["altitude"].values
    half = 0.5 * float(np.median(np.diff(centres)))
    above = read_profiles(lidar, used, centres[rows[0]] - half, centres[rows[-1]] + half)
    above, _ = with_noise(above, lidar, used)
    return _mean_in_cells(above, _cells_of(lidar, detect, used, cells), centres[rows], half)


def _cells_of(lidar: xr.Dataset, detect: xr.Dataset, used: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Rows of the mask for the used profiles of the night; False where detection has no such time."""
    where = pd.Index(detect["time"].values).get_indexer(lidar["time"].values[used])
    return cells[where] & (where >= 0)[:, None]


def _mean_in_cells(
    profiles: Profiles, cells: np.ndarray, centres_km: np.ndarray, half_km: float
) -> tuple[float, float]:
    altitude = profiles.altitude_km
    nearest = np.abs(altitude[:, None] - centres_km[None, :]).argmin(axis=1)
    within = np.abs(altitude - centres_km[nearest]) <= half_km
    inside = cells[:, nearest] & within & np.isfinite(profiles.density)
    number = inside.sum(axis=0, dtype=float)
    if not number.any():
        return np.nan, np.nan
    with np.errstate(invalid="ignore"):
        density = np.where(inside, profiles.density, 0.0).sum(axis=0, dtype=float) / number
    if profiles.clipped_noise is not None:
        density = clipped_mean_inverse(density, profiles.clipped_noise)
    variance = float(np.where(inside, profiles.variance, 0.0).sum(dtype=float))
    return float(np.nan_to_num(density) @ number / number.sum()), float(np.sqrt(variance) / number.sum())


def _row(layer: Profiles, settings: ColumnSettings) -> tuple[dict[str, Any], np.ndarray]:
    """The main layer's part of a row, and the mean profile on the common grid."""
    blocks = moments.block_means(layer, settings.block_minutes)
    within_column = thickness_within(layer.edges_km, settings.bottom_km, settings.top_km)
    within_layer = thickness_within(layer.edges_km, settings.layer_bottom_km, settings.layer_top_km)
    found = moments.layer_moments(blocks, layer.altitude_km, within_column)
    short = moments.block_means(layer, settings.presence_minutes)
    profile, _ = blocks.mean()
    row = {
        "profiles": layer.time_s.size,
        "hours": layer.weight_s.sum() / 3600.0,
        "column_density_cm2": found.column,
        "column_density_error_cm2": found.column_error,
        "centroid_km": found.centroid,
        "centroid_error_km": found.centroid_error,
        "rms_width_km": found.width,
        "rms_width_error_km": found.width_error,
        "main_layer_present_share": moments.present_share(short, within_layer, settings.presence_significance),
        "main_layer_density_cm3": moments.density_at_centroid(profile, layer.altitude_km, found),
    }
    return row, moments.onto_grid(profile, layer.edges_km, _grid(settings))


def _grid(settings: ColumnSettings) -> np.ndarray:
    """Edges of the common altitude grid, km."""
    count = round((settings.layer_top_km - settings.layer_bottom_km) / settings.grid_step_km)
    return settings.layer_bottom_km + settings.grid_step_km * np.arange(count + 1)


def _nightly_density(
    files: Sequence[NightFiles], nights: Sequence[NightColumns], settings: ColumnSettings
) -> xr.Dataset:
    grid = _grid(settings)
    density = np.array([night.density for night in nights]).reshape(len(nights), grid.size - 1)
    species = ", ".join(sorted({night.species for night in nights})) or DENSITY_SPECIES
    return xr.Dataset(
        {"ca_ion_number_density": (("night", "altitude"), density.astype("float32"))},
        coords={
            "night": (
                "night",
                np.array([entry.night for entry in files], dtype="datetime64[ns]"),
                {"long_name": "date of the evening at the station"},
            ),
            "altitude": ("altitude", 0.5 * (grid[1:] + grid[:-1])),
        },
        attrs=io.provenance(
            title=f"Mean density of {species} in the main layer, night by night",
            source="ingest/lidar: profiles weighted with their accumulation time",
            synthetic=any(night.synthetic for night in nights),
            inputs=_hashes(files),
            species=species,
        ),
    )


def _hashes(files: Sequence[NightFiles]) -> dict[str, str]:
    lidar = {f"lidar {entry.night}": io.sha256(entry.lidar) for entry in files}
    return {**lidar, **{f"detect {entry.night}": io.sha256(entry.detect) for entry in files if entry.detect}}
