"""Time-height images of density: averaged onto cells, drawn with a noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, LogNorm
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import Station, station_of
from metalclouds.figures.style import hatch_background
from metalclouds.physics.density import UsableDensity, clipped_mean_inverse, usable_density
from metalclouds.schema.variables import DENSITY_SPECIES


@dataclass(frozen=True)
class DensityImage:
    """Mean density of cells.

    Attributes
    ----------
    hours, altitude_km
        edges of the cells; hours since 00 UT of the night.
    density, error
        (altitude, time), cm-3; NaN where less than half of a cell was observed.
    lost
        whether the source had lost its negative values.
    species
        whose density it is.
    station
        where it was measured.
    """

    night: str
    hours: np.ndarray
    altitude_km: np.ndarray
    density: np.ndarray
    error: np.ndarray
    lost: bool = False
    species: str = DENSITY_SPECIES
    station: Station | None = None

    def local_offset_hours(self, settings: FiguresSettings) -> float | None:
        """Local time minus UT (h); None where neither settings nor file say it."""
        if self.station is None:
            return settings.local_time_offset_hours
        return self.station.local_offset_hours(settings.local_time_offset_hours)


def average(
    values: np.ndarray, starts: np.ndarray, stops: np.ndarray, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over cells along axis 0 of values that each hold for an interval, weighted by overlap.

    Parameters
    ----------
    values
        (n, m); NaN is left out.
    starts, stops
        (n,) ends of the intervals, ascending and without overlap.
    edges
        (k + 1,) edges of the cells.

    Returns
    -------
    mean, covered
        (k, m): the mean, NaN where nothing was observed; the share of the cell that was observed.
    """
    known = np.isfinite(values)
    length = (stops - starts)[:, None]
    total = _between(np.where(known, values, 0.0) * length, starts, stops, edges)
    observed = _between(known * length, starts, stops, edges)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(observed > 0, total / observed, np.nan)
    return mean, observed / np.diff(edges)[:, None]


def _between(amounts: np.ndarray, starts: np.ndarray, stops: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """What lies between consecutive edges, each amount spread evenly over its interval."""
    points = np.empty(2 * starts.size)
    points[0::2], points[1::2] = starts, stops
    sums = np.zeros((points.size, amounts.shape[1]))
    np.cumsum(amounts, axis=0, out=sums[1::2])
    sums[2::2] = sums[1:-1:2]
    at = np.clip(np.searchsorted(points, edges, side="right") - 1, 0, points.size - 2)
    gap = points[at + 1] - points[at]
    part = np.clip((edges - points[at]) / np.where(gap > 0, gap, 1.0), 0.0, 1.0)[:, None]
    return np.diff(sums[at] + part * (sums[at + 1] - sums[at]), axis=0)


def centre_edges(centres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper edges of contiguous bins of known centres.

    Parameters
    ----------
    centres
        any unit, dims (bin,), ascending.

    Returns
    -------
    tuple
        the two, dims (bin,) each, in the unit of `centres`.
    """
    half = np.gradient(centres) / 2.0
    return centres - half, centres + half


def intervals(lidar: xr.Dataset, night: str) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop of each accumulation, hours since 00 UT; one that runs into the next is cut there.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`; `integration_time` in s.

    Returns
    -------
    tuple
        the two, h, dims (time,) each.
    """
    centre = (lidar["time"].values - np.datetime64(night, "ns")) / np.timedelta64(1, "h")
    half = lidar["integration_time"].values / 7200.0
    starts, stops = centre - half, centre + half
    stops[:-1] = np.maximum(np.minimum(stops[:-1], starts[1:]), starts[:-1])
    return starts, stops


def density_image(
    lidar: xr.Dataset,
    settings: FiguresSettings,
    *,
    found: xr.Dataset | None = None,
    hours: tuple[float, float] | None = None,
    time_cell_s: float | None = None,
) -> DensityImage:
    """Average a night's density onto cells; profiles that detection flags as bursts count as not observed.

    Where the source lost its negative values, the mean of a cell is corrected (`physics.density`).

    Parameters
    ----------
    lidar
        Dataset of `ingest/lidar`.
    found
        Dataset of `detect/<batch>/<night>.nc`, on the same profiles.
    hours
        limits, hours since 00 UT; the whole night where None.
    time_cell_s
        width of a cell; None takes the settings' width.
    """
    night = str(lidar.attrs["night"])
    density = usable_density(lidar, found)
    altitude = lidar["altitude"].values.astype(float)
    starts, stops = intervals(lidar, night)
    first, last = hours if hours is not None else (starts[0], stops[-1])
    step = (time_cell_s or settings.time_cell_s) / 3600.0
    edges = np.linspace(first, last, max(2, round((last - first) / step) + 1))
    keep = (stops > first) & (starts < last)
    heights = np.arange(settings.image_floor_km, settings.image_ceiling_km + 1e-6, settings.altitude_cell_km)
    kept = replace(density, values=density.values[keep], error=density.error[keep])
    mean, sigma = _average_cells(kept, altitude, heights, (starts[keep], stops[keep], edges))
    lost, species = str(lidar.attrs["negatives"]).startswith("lost"), str(lidar.attrs.get("species", DENSITY_SPECIES))
    return DensityImage(night, edges, heights, mean, sigma, lost, species, station_of(lidar.attrs))


def _average_cells(
    density: UsableDensity,
    altitude: np.ndarray,
    heights: np.ndarray,
    times: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each cell and its standard error, (altitude, time); `times`: starts, stops and edges of the cells."""
    starts, stops, edges = times
    low, high = centre_edges(altitude)
    mean, _ = average(density.values.T, low, high, heights)
    variance, _ = average(density.error.T**2, low, high, heights)
    variance *= np.minimum(1.0, np.median(high - low) / np.diff(heights))[:, None]
    mean, covered = average(mean.T, starts, stops, edges)
    variance, _ = average(variance.T, starts, stops, edges)
    seen = np.where(covered > 0, covered, 1.0) * np.diff(edges)[:, None]
    variance *= np.minimum(1.0, np.median(stops - starts) / seen)
    mean = corrected(mean, density.clipped_noise, altitude, 0.5 * (heights[1:] + heights[:-1]))
    mean[covered < 0.5] = np.nan
    variance[covered < 0.5] = np.nan
    return mean.T, np.sqrt(variance).T


def corrected(
    mean: np.ndarray, clipped_noise: np.ndarray | None, altitude: np.ndarray, heights: np.ndarray
) -> np.ndarray:
    """Means (time, heights), corrected for lost negative values where the noise is known.

    Parameters
    ----------
    clipped_noise
        (altitude), of `UsableDensity`.
    mean
        cm-3, dims (time, heights).
    altitude
        of `clipped_noise`, km, dims (altitude,).
    heights
        of the means, km, dims (heights,).

    Returns
    -------
    ndarray
        cm-3, dims (time, heights).
    """
    if clipped_noise is None or not np.isfinite(clipped_noise).all():
        return mean
    noise = np.interp(heights, altitude, clipped_noise)
    return clipped_mean_inverse(mean, np.broadcast_to(noise, mean.shape))


def noise_floor(images: list[DensityImage], altitude_km: float) -> float:
    """Median standard error of a cell at an altitude over the nights shown (cm-3); NaN where unknown."""
    rows = [image.error[int(np.searchsorted(image.altitude_km, altitude_km)) - 1] for image in images]
    values = np.concatenate(rows) if rows else np.array([])
    values = values[np.isfinite(values)]
    return float(np.median(values)) if values.size else float("nan")


def density_norm(images: list[DensityImage], settings: FiguresSettings) -> LogNorm:
    """The shared logarithmic scale: from the noise at the middle altitude to the maximum, in half decades."""
    if settings.density_range_cm3 is not None:
        return LogNorm(*settings.density_range_cm3)
    if not images:
        return LogNorm(1.0, 1000.0)
    middle = 0.5 * (settings.image_floor_km + settings.image_ceiling_km)
    floor = noise_floor(images, middle)
    floor = floor if np.isfinite(floor) else _scatter(images, middle)
    values = np.concatenate([image.density[np.isfinite(image.density)] for image in images])
    top = float(np.percentile(values, 99.95)) if values.size else 1000.0
    low = floor if np.isfinite(floor) and floor > 0 else top / 1e4
    return LogNorm(10 ** (np.floor(2 * np.log10(low)) / 2), 10 ** (np.ceil(2 * np.log10(max(top, 10 * low))) / 2))


def _scatter(images: list[DensityImage], altitude_km: float) -> float:
    """Median scatter of the cells above an altitude in time (cm-3), of nights without errors; NaN where unknown."""
    upper = [image.density[image.altitude_km[1:] > altitude_km] for image in images if not image.lost]
    rows = [row[np.isfinite(row)] for rows in upper for row in rows]
    scatter = [1.4826 * float(np.median(np.abs(row - np.median(row)))) for row in rows if row.size]
    return float(np.median(scatter)) if scatter else float("nan")


def draw_image(image: DensityImage, ax: Axes, colours: Colormap, norm: LogNorm) -> AxesImage:
    """The image in a panel; not observed is hatched, below the scale has the colour of the noise."""
    hatch_background(ax, face="#7A7A7A", lines="#A6A6A6")
    shown = np.where(image.density <= 0, float(norm.vmin or 1.0) * 1e-3, image.density)
    drawn = ax.imshow(
        np.ma.masked_invalid(shown),
        extent=(image.hours[0], image.hours[-1], image.altitude_km[0], image.altitude_km[-1]),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        norm=norm,
        cmap=colours.with_extremes(under=tuple(colours.get_under()), bad=(0, 0, 0, 0)),
        rasterized=True,
    )
    ax.set_ylim(image.altitude_km[0], image.altitude_km[-1])
    ax.yaxis.set_major_locator(MultipleLocator(50.0))
    return drawn


def mark_floor(bar: Colorbar, images: list[DensityImage], altitudes_km: Sequence[float]) -> list[Line2D]:
    """Mark the standard error of a cell at some altitudes above a horizontal colour bar.

    Returns
    -------
    list of matplotlib.lines.Line2D
        One entry for a legend, which says the values; none where no error is known.
    """
    floors = [(altitude, noise_floor(images, altitude)) for altitude in altitudes_km]
    floors = [(altitude, value) for altitude, value in floors if np.isfinite(value) and value > 0]
    if not floors:
        return []
    low, high = bar.ax.get_xlim()
    # Values below the scale are marked at its arrow.
    shown = [max(value, low * (high / low) ** -0.02) for _, value in floors if value <= high]
    mark: dict[str, Any] = {
        "marker": "|",
        "color": "black",
        "markersize": 5.0,
        "linestyle": "none",
        "markeredgewidth": 1.2,
    }
    bar.ax.plot(shown, [1.35] * len(shown), transform=bar.ax.get_xaxis_transform(), clip_on=False, **mark)
    values = ", ".join(f"{value:.2g}" for _, value in floors)
    heights = ", ".join(f"{altitude:.0f}" for altitude, _ in floors)
    return [Line2D([], [], label=f"noise of a cell (1σ): {values} cm$^{{-3}}$\nat {heights} km", **mark)]
