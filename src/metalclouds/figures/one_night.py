"""A night on a page of its own: density against time and altitude, with what was found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from metalclouds.figures import style
from metalclouds.figures.figure1 import CaseNight, image_panel, legend_of_finds
from metalclouds.figures.images import density_image, density_norm, intervals
from metalclouds.figures.inputs import hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.tables import STRIPES
from metalclouds.schema.variables import PROFILE_FLAGS, VARIABLES, density_variable, named_by_contract, with_charge

if TYPE_CHECKING:
    from metalclouds.detect.night import DetectedNight

HEIGHT_CM = 10.0
# The bar under profiles that detection did not use, as a share of the panel's height.
UNUSED_SHARE, UNUSED_COLOUR = 0.02, "#E07B00"


def plot_night(
    night: xr.Dataset, found: DetectedNight | None = None, settings: FiguresSettings | None = None
) -> Figure:
    """Draw one night of lidar.

    Parameters
    ----------
    night
        dims (time, altitude), as `metalclouds.open_nights` gives it: counts or density (cm-3), altitude in km above
        sea level, times in UTC.
    found
        what `metalclouds.detect` found in it; without it the density alone is drawn.
    settings
        section `figures` of the configuration.

    Returns
    -------
    matplotlib.figure.Figure
        Save it by `figure.savefig("night.png")`.

    Examples
    --------
    >>> import metalclouds
    >>> place = {"latitude": 40.6, "longitude": -105.1}
    >>> night = metalclouds.open_nights("lidar.mat", site=place)[0]  # doctest: +SKIP
    >>> metalclouds.plot_night(night, metalclouds.detect(night)).savefig("night.png")  # doctest: +SKIP
    """
    settings = settings or FiguresSettings.model_validate({})
    night = named_by_contract(night)
    date = str(night.attrs["night"])
    image = density_image(night, settings, found=found.dataset if found is not None else None)
    stripes = found.stripes if found is not None else STRIPES.empty()
    mask = found.dataset["mic_mask"] if found is not None else None
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        ax = figure.subplots()
        colours, norm = style.colour_map(settings.colour_map), density_norm([image], settings)
        drawn = image_panel(CaseNight("", date, image, stripes, mask), ax, colours, norm, settings)
        ax.set_ylabel(VARIABLES["altitude"].label)
        if image.station is not None:
            where = f"{with_charge(image.species)} at {image.station.words()}"
            ax.annotate(
                where, (1.0, 1.0), (0.0, 1.95 * settings.font_pt), "axes fraction", "offset points", ha="right"
            )
        if found is not None:
            _mark(found, night, ax, settings)
        if drawn is not None:
            bar = figure.colorbar(drawn, ax=ax, extend="min", pad=0.02, aspect=30)
            bar.set_label(density_variable(image.species).label)
        if str(night.attrs.get("synthetic", "false")) == "true":
            style.mark_synthetic(figure)
    return figure


def _mark(found: DetectedNight, night: xr.Dataset, ax: Axes, settings: FiguresSettings) -> None:
    """The numbers of the stripes, as in `stripes.csv`, bars under profiles that were not used, and a legend."""
    date = str(night.attrs["night"])
    if settings.overlays:
        hours = hours_of_night(found.stripes["time_top"], date)
        for hour, top, name in zip(hours, found.stripes["top_km"], found.stripes["id"], strict=True):
            words = str(name).rsplit("-", 1)[-1].lstrip("0")
            ax.annotate(
                words, (hour, top), (0, 3), textcoords="offset points", color=style.STRIPE, fontsize=6, ha="center"
            )
    starts, stops = intervals(night, date)
    unused = found.dataset["profile_flag"].values != PROFILE_FLAGS["good"]
    for start, stop in zip(starts[unused], stops[unused], strict=True):
        bar = Rectangle((start, 0), stop - start, UNUSED_SHARE, transform=ax.get_xaxis_transform(), linewidth=0)
        bar.set_facecolor(UNUSED_COLOUR)
        ax.add_patch(bar)
    shown = legend_of_finds(style.colour_map(settings.colour_map)) if settings.overlays else {}
    if unused.any():
        shown["profile not used"] = Patch(facecolor=UNUSED_COLOUR)
    shown["not observed"] = Patch(facecolor="#7A7A7A", edgecolor="#A6A6A6", hatch=style.HATCH)
    figure = ax.get_figure(root=True)
    assert figure is not None, "a panel belongs to a figure"
    style.legend_below(figure, shown)
