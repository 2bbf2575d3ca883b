"""Panels of Figure 3: ionograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.ticker import MultipleLocator

from metalclouds.derive.ionogram_choice import scaled
from metalclouds.figures import style
from metalclouds.figures.axes import label_outermost, outermost
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.variables import VARIABLES


@dataclass(frozen=True)
class Ionogram:
    """One ionogram, or why the rule found none."""

    letter: str
    rule: str
    night: str = ""
    sounding: pd.Series | None = None
    echoes: xr.Dataset | None = None
    sudden: bool = False
    missing: Missing | None = None


def draw_ionograms(figure: Figure, choices: list[Ionogram], settings: FiguresSettings) -> None:
    grid = figure.subplots(1, max(len(choices), 1), sharex=True, sharey=True, squeeze=False)
    for choice, ax in zip(choices, grid[0], strict=False):
        ionogram_panel(choice, ax, settings)
    left, *_ = outermost(grid)
    for ax in left:
        ax.set_ylabel(VARIABLES["virtual_height"].label)
    label_outermost(grid)


def ionogram_panel(choice: Ionogram, ax: Axes, settings: FiguresSettings) -> Axes:
    """Ordinary echoes by amplitude, extraordinary ones in a second colour; sudden Es circled."""
    time = f"{choice.sounding['time_utc']:%H:%M} UT" if choice.sounding is not None else ""
    style.panel_letter(ax, choice.letter, time)
    if choice.missing is not None or choice.echoes is None:
        return style.draw_missing(ax, choice.missing or Missing("no ionogram", "none near this time"))
    for name, colours in (("echo_amplitude_x", "Greens"), ("echo_amplitude", "Greys")):
        if name in choice.echoes:
            _draw_echoes(choice.echoes[name], ax, colours, settings.ionogram_height_km)
    ax.set_ylim(*settings.ionogram_height_km)
    ax.text(
        0.04,
        0.96,
        choice.night,
        transform=ax.transAxes,
        ha="left",
        va="top",
        fontsize=settings.font_pt - 1,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
    )
    ax.set_xlabel(VARIABLES["frequency"].label, labelpad=1.5)
    ax.yaxis.set_major_locator(MultipleLocator(200.0))
    frequency = choice.echoes["frequency"].values
    ax.set_xlim(float(frequency.min()) - 0.5, float(frequency.max()))
    ax.xaxis.set_major_locator(MultipleLocator(4.0))
    ax.xaxis.set_minor_locator(MultipleLocator(1.0))
    if choice.sudden:
        _circle(choice, ax, settings)
    return ax


def _draw_echoes(echo: xr.DataArray, ax: Axes, colours: str, shown_km: tuple[float, float]) -> None:
    """Echoes of the heights that are shown: drawing the cells beyond takes most of the figure's time."""
    height = echo["virtual_height"]
    margin = float(np.abs(height.diff("virtual_height")).max())
    shown = (height >= shown_km[0] - margin) & (height <= shown_km[1] + margin)
    echo = echo.isel(virtual_height=np.flatnonzero(shown))
    frequency = echo["frequency"].values
    values = np.ma.masked_equal(echo.transpose("virtual_height", "frequency").values, 0)
    ax.pcolormesh(
        frequency,
        echo["virtual_height"].values,
        values,
        cmap=colours,
        vmin=-20,
        vmax=40,
        shading="nearest",
        rasterized=True,
    )


def _circle(choice: Ionogram, ax: Axes, settings: FiguresSettings) -> None:
    """An oval around the Es trace, from its lowest echo to foEs at the virtual height."""
    if choice.sounding is None or choice.echoes is None:
        return
    top, height = scaled(choice.sounding, "foEs"), scaled(choice.sounding, "hEs")
    if not (np.isfinite(top) and np.isfinite(height)):
        return
    lowest = float(choice.echoes["frequency"].values.min())
    tall = 0.14 * (settings.ionogram_height_km[1] - settings.ionogram_height_km[0])
    ax.add_patch(
        Ellipse(
            (0.5 * (lowest + top), height),
            top - lowest + 1.6,
            tall,
            fill=False,
            edgecolor="#E00000",
            linewidth=1.0,
            clip_on=False,
        )
    )
