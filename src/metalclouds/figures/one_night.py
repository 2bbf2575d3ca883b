"""A night on a page of its own: density against time and altitude, with what was found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr
from matplotlib.figure import Figure

from metalclouds.figures import style
from metalclouds.figures.figure1 import CaseNight, image_panel
from metalclouds.figures.images import density_image, density_norm
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.tables import STRIPES
from metalclouds.schema.variables import VARIABLES, density_variable, named_by_contract

if TYPE_CHECKING:
    from metalclouds.detect.night import DetectedNight

HEIGHT_CM = 10.0


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
        if drawn is not None:
            bar = figure.colorbar(drawn, ax=ax, extend="min", pad=0.02, aspect=30)
            bar.set_label(density_variable(image.species).label)
        if str(night.attrs.get("synthetic", "false")) == "true":
            style.mark_synthetic(figure)
    return figure
