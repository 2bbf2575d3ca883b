"""Maps in longitude and latitude with coast lines and borders."""

from __future__ import annotations

import functools
import json
from importlib import resources

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, MultipleLocator


@functools.cache
def _lines() -> dict[str, tuple[np.ndarray, ...]]:
    """Coast lines and borders, (longitude, latitude) in degrees; source and licence stand in the file."""
    text = resources.files("metalclouds.data").joinpath("coast_and_borders.geojson").read_text(encoding="utf-8")
    return {
        feature["properties"]["kind"]: tuple(np.array(line) for line in feature["geometry"]["coordinates"])
        for feature in json.loads(text)["features"]
    }


def credit() -> str:
    """Whom to credit for the lines."""
    text = resources.files("metalclouds.data").joinpath("coast_and_borders.geojson").read_text(encoding="utf-8")
    return json.loads(text)["credit"]


def draw_lines(ax: Axes) -> None:
    """Coast lines, and thinner borders."""
    ax.add_collection(LineCollection(_lines()["border"], colors="0.25", linewidths=0.25), autolim=False)
    ax.add_collection(LineCollection(_lines()["coast"], colors="black", linewidths=0.4), autolim=False)


def map_axes(ax: Axes, longitude: tuple[float, float], latitude: tuple[float, float], step: float = 15.0) -> Axes:
    """Equirectangular axes, true to scale along the middle latitude."""
    ax.set_xlim(*longitude)
    ax.set_ylim(*latitude)
    ax.set_aspect(1.0 / np.cos(np.radians(np.mean(latitude))))
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.yaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}°E"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}°N"))
    return ax
