"""Figure 1: metal density against time and altitude on the case nights, with what the detector found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.ndimage import binary_closing, binary_dilation, binary_opening, find_objects, label

from metalclouds.figures import captions, style
from metalclouds.figures.axes import clock, joined, outermost, ut_axis
from metalclouds.figures.images import DensityImage, density_image, density_norm, draw_image, mark_floor, noise_floor
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import listed_places, offset_words
from metalclouds.schema.tables import EVENTS, STRIPES
from metalclouds.schema.variables import MASK_FLAGS, VARIABLES, density_variable

COLUMNS, ROW_CM, BAR_CM = 2, 5.4, 2.2
# An outline closes gaps of fewer profiles than this, and is drawn around what lasts at least so many.
CLOSED_PROFILES, OUTLINED_PROFILES = 5, 7
# Within this height of a stripe it bridges gaps of fewer profiles than this.
BESIDE_STRIPE_KM, BRIDGED_PROFILES = 12.0, 21
# A piece of an outline that is both shorter and lower than this is what noise made of the edge of a stripe.
SCRAP_PROFILES, SCRAP_KM = 21, 20.0
# Colour of a cloud's swatch in the legend, as a share of the scale.
CLOUD_SHARE = 0.45
# Altitudes at which the colour bar tells the noise, as shares of the way from bottom to top of the image.
FLOOR_SHARES = (0.35, 0.65, 0.95)


@dataclass(frozen=True)
class CaseNight:
    """One panel: the image, or why there is none, and the detections of the night."""

    panel: str
    night: str
    image: DensityImage | Missing
    stripes: pd.DataFrame
    mask: xr.DataArray | None = None


@dataclass(frozen=True)
class Figure1Data:
    """Everything Figure 1 shows."""

    nights: list[CaseNight]
    events: pd.DataFrame
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def images(self) -> list[DensityImage]:
        """The images there are."""
        return [case.image for case in self.nights if isinstance(case.image, DensityImage)]

    @property
    def species(self) -> str:
        """Whose density the images show; empty where there is none."""
        return ", ".join(sorted({image.species for image in self.images}))

    @property
    def places(self) -> str:
        """Where the images were measured, in words."""
        return listed_places(dict.fromkeys(image.station for image in self.images if image.station is not None))

    def local_time(self, settings: FiguresSettings) -> str:
        """How local time follows from UT: LT = UT + 8 h."""
        return ", ".join(dict.fromkeys(offset_words(image.local_offset_hours(settings)) for image in self.images))


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure1Data:
    """Read the lidar's case nights and their detections.

    Parameters
    ----------
    cases
        [{"panel", "night"}] of the configuration.
    """
    run = Run(run_dir)
    stripes = run.table("detect/batches/cases.stripes.csv", STRIPES, optional=True)
    events = run.table("detect/batches/cases.events.csv", EVENTS, optional=True)
    nights = [_case(run, case["panel"], case["night"], stripes, settings) for case in cases]
    return Figure1Data(nights, events, run.synthetic("lidar"), run.inputs)


def _case(run: Run, panel: str, night: str, stripes: pd.DataFrame, settings: FiguresSettings) -> CaseNight:
    lidar = run.dataset(f"ingest/lidar/cases/{night}.nc")
    own = stripes[stripes["night"] == night]
    if lidar is None:
        return CaseNight(panel, night, run.missing("lidar", "no lidar data", night), own)
    found = run.dataset(f"detect/cases/{night}.nc")
    image = density_image(lidar, settings, found=found)
    return CaseNight(panel, night, image, own, found["mic_mask"] if found is not None else None)


def plain(data: Figure1Data, settings: FiguresSettings) -> Figure:
    """The six images as they are, without what the detector found."""
    return draw(data, settings.model_copy(update={"overlays": False}))


def draw(data: Figure1Data, settings: FiguresSettings) -> Figure:
    """The six images with one colour scale."""
    rows = -(-len(data.nights) // COLUMNS)
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, rows * ROW_CM + BAR_CM * settings.font_pt / 8.0)
        grid = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False)
        colours, norm = style.colour_map(settings.colour_map), density_norm(data.images, settings)
        for case, ax in zip(data.nights, grid.flat, strict=False):
            image_panel(case, ax, colours, norm, settings)
        for ax in grid.flat[len(data.nights) :]:
            ax.set_axis_off()
        left, *_ = outermost(grid)
        for ax in left:
            ax.tick_params(labelleft=True)
            ax.set_ylabel(VARIABLES["altitude"].label)
        _colour_bar(figure, grid, data, colours, norm, settings)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def image_panel(
    case: CaseNight, ax: Axes, colours: Colormap, norm: LogNorm, settings: FiguresSettings
) -> AxesImage | None:
    """One night: density, and thin overlays of stripes and outlines of clouds."""
    style.panel_letter(ax, case.panel, case.night, above_ticks=True)
    if isinstance(case.image, Missing):
        style.draw_missing(ax, case.image)
        return None
    drawn = draw_image(case.image, ax, colours, norm)
    ut_axis(ax, float(case.image.hours[0]), float(case.image.hours[-1]), case.image.local_offset_hours(settings))
    if settings.overlays:
        draw_outline(case, ax)
        draw_stripes(case.stripes, case.night, ax)
    return drawn


def draw_outline(case: CaseNight, ax: Axes) -> None:
    """Outline of what the detector calls cloud or stripe, where it lasts; single stripes have marks of their own."""
    if case.mask is None:
        return
    inside = outlined(case.mask).astype(float)
    if inside.any():
        hours = hours_of_night(case.mask["time"].values, case.night)
        ax.contour(
            hours, case.mask["altitude"].values, inside.T, levels=[0.5], colors="white", linewidths=0.4, alpha=0.9
        )


def outlined(mask: xr.DataArray) -> np.ndarray:
    """What an outline goes around: cloud and stripes that last, without gaps of a few profiles.

    Beside the ends of a bright stripe a cloud is too faint to be seen, so an outline goes straight on there.

    Parameters
    ----------
    mask
        of `schema.variables.MASK_FLAGS`, dims (time, altitude).

    Returns
    -------
    ndarray
        bool, dims (time, altitude).
    """
    stripe = mask.values == MASK_FLAGS["stripe"]
    found = stripe | (mask.values == MASK_FLAGS["cloud"])
    # A lost profile does not cut a cloud in two, and a single stripe is no cloud.
    found = binary_closing(found, np.ones((CLOSED_PROFILES, 1)))
    step = float(np.median(np.diff(mask["altitude"].values)))
    rows = round(BESIDE_STRIPE_KM / step)
    ends = binary_dilation(stripe, np.ones((2 * CLOSED_PROFILES + 1, 2 * rows + 1)))
    found |= ends & binary_closing(found, np.ones((BRIDGED_PROFILES, 1)))
    return without_scraps(binary_opening(found, np.ones((OUTLINED_PROFILES, 1))), round(SCRAP_KM / step))


def without_scraps(found: np.ndarray, rows: int) -> np.ndarray:
    """What is found without pieces of fewer than SCRAP_PROFILES profiles and fewer than so many rows.

    Parameters
    ----------
    found
        bool, dims (time, altitude).

    Returns
    -------
    ndarray
        bool, dims (time, altitude).
    """
    pieces, _ = label(found)
    kept = found.copy()
    for number, box in enumerate(find_objects(pieces), start=1):
        profiles, heights = (part.stop - part.start for part in box)
        if profiles < SCRAP_PROFILES and heights < rows:
            kept[box] &= pieces[box] != number
    return kept


def draw_stripes(stripes: pd.DataFrame, night: str, ax: Axes) -> None:
    """Detected stripes: a mark at both ends and a thin dotted line between.

    Parameters
    ----------
    stripes
        rows of STRIPES of one night.
    """
    bottom, top = hours_of_night(stripes["time_bottom"], night), hours_of_night(stripes["time_top"], night)
    for t0, t1, z0, z1 in zip(bottom, top, stripes["bottom_km"], stripes["top_km"], strict=True):
        ax.plot([t0, t1], [z0, z1], color=style.STRIPE, linewidth=0.3, linestyle=(0, (1, 3)), alpha=0.6)
    ends: dict[str, Any] = {"linestyle": "none", "markersize": 1.9, "color": style.STRIPE, "markeredgewidth": 0.0}
    ax.plot(top, stripes["top_km"], marker="v", **ends)
    ax.plot(bottom, stripes["bottom_km"], marker="^", **ends)


def _colour_bar(
    figure: Figure, grid: np.ndarray, data: Figure1Data, colours: Colormap, norm: LogNorm, settings: FiguresSettings
) -> None:
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(
        ScalarMappable(norm, colours),
        ax=grid,
        orientation="horizontal",
        extend="min",
        fraction=0.03,
        aspect=55,
        shrink=0.6,
        extendfrac=0.04,
    )
    bar.set_label(density_variable(data.species).label, labelpad=1.5)
    span = settings.image_ceiling_km - settings.image_floor_km
    heights = [10.0 * round((settings.image_floor_km + share * span) / 10.0) for share in FLOOR_SHARES]
    shown = legend_of_finds(colours) if settings.overlays and data.images else {}
    shown |= {str(mark.get_label()): mark for mark in mark_floor(bar, data.images, heights)}
    shown["not observed"] = Patch(facecolor="#7A7A7A", edgecolor="#A6A6A6", hatch=style.HATCH)
    style.legend_below(figure, shown)


def legend_of_finds(colours: Colormap) -> dict[str, Artist | tuple[Artist, ...]]:
    """What the marks of stripes and clouds mean: text -> mark.

    Parameters
    ----------
    colours
        of the images: the swatch of a cloud has one of them, as grey is what lies below the scale.
    """
    outline = Patch(facecolor=colours(CLOUD_SHARE), edgecolor="white", linewidth=0.8)
    ends: dict[str, Any] = {"color": style.STRIPE, "linestyle": "none", "markersize": 3, "markeredgewidth": 0.0}
    both = [Line2D([], [], marker=marker, **ends) for marker in ("^", "v")]
    return {"lower and upper end of a stripe": tuple(both), "detected cloud (white outline)": outline}


def plotted(data: Figure1Data) -> xr.Dataset:
    """The numbers in the images: mean density and its error of each cell, a pair of dims a night.

    Returns
    -------
    Dataset
        cm-3, dims (time, altitude) of each panel.
    """
    out = xr.Dataset()
    for case in data.nights:
        if isinstance(case.image, DensityImage):
            out = out.merge(_plotted_night(case.panel, case.image))
    return out


def _plotted_night(panel: str, image: DensityImage) -> xr.Dataset:
    dims = ("altitude", f"hours_{panel}")
    middle = 0.5 * (image.hours[1:] + image.hours[:-1])
    heights = 0.5 * (image.altitude_km[1:] + image.altitude_km[:-1])
    units = {"units": "cm-3", "night": image.night}
    mean = {"cell_methods": f"altitude: hours_{panel}: mean"}
    return xr.Dataset(
        {
            f"density_{panel}": (
                dims,
                image.density.astype("float32"),
                {**units, **mean, "long_name": f"mean {image.species} density"},
            ),
            f"error_{panel}": (dims, image.error.astype("float32"), {**units, "long_name": "standard error"}),
        },
        coords={
            "altitude": heights,
            f"hours_{panel}": (
                f"hours_{panel}",
                middle,
                {"units": "h", "long_name": f"hours since {image.night} 00 UT"},
            ),
        },
    )


def caption(data: Figure1Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    nights = captions.listed(f"({case.panel}) {case.night}" for case in data.nights)
    counts = captions.listed(f"{case.panel} {len(case.stripes)}" for case in data.nights)
    return captions.paragraph(
        captions.synthetic(data.synthetic),
        f"{data.species or 'Metal'} number density between {settings.image_floor_km:.0f} and "
        f"{settings.image_ceiling_km:.0f} km{' at ' + data.places if data.places else ''} on {nights}.",
        f"{data.local_time(settings)}." if data.local_time(settings) else "",
        f"Means over cells of {settings.altitude_cell_km:g} km by {settings.time_cell_s:.0f} s, one logarithmic "
        "scale; dark grey: below the scale, as half of the noise is; hatched: not observed.",
        _noise_words(data, settings),
        _lost_words(data),
        f"Triangles mark the ends of detected stripes (number: {counts}); white outlines, detected clouds."
        if settings.overlays
        else "",
        captions.missing(*(case.image for case in data.nights)),
    )


def _noise_words(data: Figure1Data, settings: FiguresSettings) -> str:
    span = settings.image_ceiling_km - settings.image_floor_km
    altitude = settings.image_floor_km + FLOOR_SHARES[-1] * span
    floor = noise_floor(data.images, altitude)
    return f"Noise of a cell at {altitude:.0f} km: {floor:.2g} cm-3 (1σ, median)." if np.isfinite(floor) else ""


def _lost_words(data: Figure1Data) -> str:
    lost = [case.panel for case in data.nights if isinstance(case.image, DensityImage) and case.image.lost]
    if not lost:
        return ""
    return (
        f"The source of {captions.listed(lost)} holds no negative values; the mean of its noise was taken off at "
        "each altitude."
    )


def numbers(data: Figure1Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows: list[tuple[str, str, object, str]] = []
    for case in data.nights:
        rows.append((case.panel, "stripes detected", len(case.stripes), "1"))
        own = data.events[data.events["night"] == case.night]
        for kind, events in own.groupby("kind", sort=False):
            rows += [(case.panel, str(kind).replace("_", " "), words, "") for words in _spans(events, case.night)]
    return captions.table(rows)


def _spans(events: pd.DataFrame, night: str) -> list[str]:
    """Times and altitudes of events of one kind; direct connections that follow each other count as one."""
    starts, ends = hours_of_night(events["start_utc"], night), hours_of_night(events["end_utc"], night)
    spans = joined(starts, ends, gap=0.25 if events["kind"].iloc[0] == "direct_connection" else -np.inf)
    inside = [events[(starts >= start) & (ends <= end)] for start, end in spans]
    return [
        f"{clock(start)} to {clock(end)} UT, {part['bottom_km'].min():.0f} to {part['top_km'].max():.0f} km"
        for (start, end), part in zip(spans, inside, strict=True)
    ]
