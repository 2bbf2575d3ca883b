"""Supplement: how fast bodies may be that come from where stripes point, and whether one radiant orders a night."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metalclouds.figures import captions, style, supplement
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.supplement import SupplementData
from metalclouds.supplements.directions import LEAST_POWER, LEVEL, SCATTER, TRAIL_SCATTER

HEIGHT_CM = 15.0
# Half width of the sky drawn (tangent of the zenith angle), its steps, circles of zenith angle (degrees), least sine.
SKY, STEPS, CIRCLES_DEG, LEAST_SINE = 2.1, 181, (30, 45, 60), 0.1
FAST_KM_S = 40.0
# Quantile of the sky's values that has the darkest shade.
MOST_SHOWN = 0.99

OBSERVED = {
    "speed_zenith": "highest entry speed from the zenith at the stripes' times (median)",
    "speed_long": "highest entry speed that long stripes (taller than 80 km unless set otherwise) allow (median)",
    "radiant_nights": "share of nights whose slopes change with time as one radiant requires",
    "radiant_hidden": "nights too poor for that test",
    "radiant_over_sheet": "misfit of the best sheet minus that of the best radiant (above 0: radiant better; median)",
    "shower_nights": "share of nights that an established shower fits",
}


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> SupplementData:
    """Read the stripes with their highest speeds and the nights with their fits."""
    return supplement.load(run_dir, ["stripes", "nights"])


def draw(data: SupplementData, settings: FiguresSettings) -> Figure:
    """Highest speeds against the hour and fits of nights above, one night's lines on the sky and its slopes below."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        (speeds, fits), (lines, course) = figure.subplots(2, 2)
        speed_panel(data, speeds)
        fit_panel(data, fits)
        sky_panel(data, lines)
        course_panel(data, course)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def speed_panel(data: SupplementData, ax: Axes) -> Axes:
    """Highest entry speed of a bound body against UT: from the zenith, and as each stripe allows."""
    style.panel_letter(ax, "a", "highest speed allowed")
    stripes = data.tables["stripes"]
    missing = data.missing("speed_zenith", "no speed to ask for")
    if missing is not None:
        return style.draw_missing(ax, missing)
    hours = _hours(stripes)
    if stripes["speed_limit_km_s"].notna().any():
        ax.plot(hours, stripes["speed_limit_km_s"], "o", color=style.BLUE, markersize=2, label="as the stripe allows")
    ax.plot(hours, stripes["zenith_speed_km_s"], ".", color=style.GREY, markersize=2, label="from the zenith")
    ax.axhline(
        FAST_KM_S,
        color=style.RED,
        linestyle="--",
        label=f"{FAST_KM_S:.0f} km/s: slower than showers seen to\nbegin above 130 km (60 and 71 km/s)",
    )
    ax.set_xlabel("UT (h)")
    ax.set_ylabel("entry speed (km s$^{-1}$)")
    supplement.legend_below(ax)
    ax.set_ylim(10.0, 90.0)
    return ax


def _hours(stripes: pd.DataFrame) -> np.ndarray:
    times = pd.to_datetime(stripes["time_utc"])
    return ((times - pd.to_datetime(stripes["night"])) / pd.Timedelta(hours=1)).to_numpy(float)


def fit_panel(data: SupplementData, ax: Axes) -> Axes:
    """Misfit of the best radiant against that of the best sheet, a point a night."""
    style.panel_letter(ax, "b", "one radiant or sheets")
    nights = data.tables["nights"].dropna(subset=["radiant_cost"])
    missing = data.missing("radiant_over_sheet", "no slopes to compare")
    if missing is not None:
        return style.draw_missing(ax, missing)
    able, ordered = nights["radiant_power"] >= LEAST_POWER, nights["radiant_p"] <= LEVEL
    for rows, marker, colour, words in (
        (nights[~able], "o", style.GREY, "too poor to show an order"),
        (nights[able & ~ordered], "o", style.BLUE, "slopes as good when shuffled"),
        (nights[able & ordered], "D", style.ORANGE, "one radiant orders the night"),
    ):
        if len(rows):
            ax.plot(rows["sheet_cost"], rows["radiant_cost"], marker, markersize=3.5, color=colour, label=words)
    top = 1.05 * float(nights[["sheet_cost", "radiant_cost"]].max().max())
    ax.plot([0.0, top], [0.0, top], color=style.GREY, linewidth=0.6)
    ax.set_xlabel("misfit of a field-aligned sheet")
    ax.set_ylabel("misfit of one radiant")
    supplement.legend_below(ax)
    return ax


def fullest(data: SupplementData) -> pd.DataFrame:
    """Stripes with a wind of the night that has most of them.

    Returns
    -------
    DataFrame
        rows of derive/supplement_stripes.csv.
    """
    known = data.tables["stripes"].dropna(subset=["tangent", "tangent_sigma"])
    if known.empty:
        return known
    return known[known["night"] == known["night"].value_counts().idxmax()].sort_values("time_utc")


def towards(stripes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Unit vector of the drift of each stripe.

    Parameters
    ----------
    stripes
        with the drift in m/s.

    Returns
    -------
    tuple
        eastward and northward part, (stripe,).
    """
    east, north = (stripes[f"{side}ward_m_s"].to_numpy(float) for side in ("east", "north"))
    speed = np.hypot(east, north)
    return east / speed, north / speed


def sky_map(stripes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """How well each point of the sky goes with the lines of stripes, weighted by 1 / |sin D|.

    A stripe says x . V = -p v^2 for the radiant x in gnomonic projection about the zenith. Trails that lie at an
    angle D to the drift cross the beam |sin D| as often as those across it.

    Parameters
    ----------
    stripes
        with drift and `tangent`.

    Returns
    -------
    tuple
        tangents of the zenith angle, both ways; agreement over the largest, (north, east).
    """
    axis = np.linspace(-SKY, SKY, STEPS)
    east, north = np.meshgrid(axis, axis)
    total, distance = np.zeros(east.shape), np.maximum(np.hypot(east, north), 1e-6)
    sigma = np.hypot(stripes["tangent_sigma"], SCATTER)
    for e, n, tangent, error in zip(*towards(stripes), stripes["tangent"], sigma, strict=True):
        sine = np.abs(east * n - north * e) / distance
        total += np.exp(-0.5 * ((east * e + north * n + tangent) / error) ** 2) / np.maximum(sine, LEAST_SINE)
    return axis, total / total.max()


def _without_drift(data: SupplementData, what: str) -> Missing:
    """Why no stripe has a drift."""
    return data.missing("radiant_over_sheet", what) or Missing(what, "no stripe has a wind near enough in time")


def sky_panel(data: SupplementData, ax: Axes) -> Axes:
    """Lines on which the radiant of each stripe of the fullest night lies."""
    style.panel_letter(ax, "c", "where trails would come from")
    stripes = fullest(data)
    if stripes.empty:
        return style.draw_missing(ax, _without_drift(data, "no lines"))
    axis, total = sky_map(stripes)
    # Where a steady wind blows through the zenith, the weight makes a single bright point: it is cut off.
    most = float(np.quantile(total, MOST_SHOWN))
    drawn = ax.pcolormesh(axis, axis, total / most, cmap="Blues", vmin=0.0, vmax=1.0, rasterized=True)
    ax.figure.colorbar(drawn, ax=ax, label="weighted stripes (relative)", shrink=0.9, extend="max")
    angle = np.radians(np.arange(0.0, 361.0, 3.0))
    for zenith in CIRCLES_DEG:
        radius = np.tan(np.radians(zenith))
        ax.plot(radius * np.sin(angle), radius * np.cos(angle), color=style.GREY, linewidth=0.5)
        ax.text(0.0, radius, f"{zenith}°", fontsize=style.SMALL_PT, ha="center", va="bottom", color=style.GREY)
    ax.set_aspect("equal")
    ax.set_xlim(-SKY, SKY)
    ax.set_ylim(-SKY, SKY)
    ax.set_xlabel("tan(zenith angle), eastward")
    ax.set_ylabel("tan(zenith angle), northward")
    return ax


def course_panel(data: SupplementData, ax: Axes) -> Axes:
    """p v of that night's stripes against the hour, with what trails of one radiant scatter by besides."""
    style.panel_letter(ax, "d", "slopes through that night")
    stripes = fullest(data)
    if stripes.empty:
        return style.draw_missing(ax, _without_drift(data, "no slopes"))
    ax.errorbar(_hours(stripes), stripes["tangent"], yerr=stripes["tangent_sigma"], fmt="o", markersize=2.5,
                linewidth=0.6, color=style.BLUE, label=str(stripes["night"].iloc[0]))  # fmt: skip
    middle = float(stripes["tangent"].median())
    ax.axhspan(middle - TRAIL_SCATTER, middle + TRAIL_SCATTER, color=style.GREY, alpha=0.25, linewidth=0.0,
               label="scatter of simulated trails of one radiant")  # fmt: skip
    ax.axhline(0.0, color="black", linewidth=0.5)
    ax.set_xlabel("UT (h)")
    ax.set_ylabel("slowness times wind, p v (1)")
    # The band must end within the panel to be seen as a band.
    ax.margins(y=0.3)
    supplement.legend_below(ax)
    return ax


def plotted(data: SupplementData) -> pd.DataFrame:
    """The nights with their fits.

    Returns
    -------
    DataFrame
        columns of the table, units there (docs/products.md).
    """
    return data.tables["nights"]


def caption(data: SupplementData, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    return captions.paragraph(
        supplement.opening(data),
        "From where, and how fast? (a) Highest entry speed of a body bound to the sun, for the time of each "
        f"stripe: from the zenith (median {data.words('speed_zenith')}) and from the most favourable radiant that "
        f"the stripe allows (long stripes: {data.words('speed_long')}). Dashed: {FAST_KM_S:.0f} km/s, a round number "
        "well below the Perseids' 60 and the Leonids' 71 km/s, meteors of which were seen to begin above 130 km "
        "(Koten et al. 2006). (b) How badly the "
        "slopes of a night fit one radiant that moves with the sky, and sheets along the magnetic field "
        "carried by the zonal wind; chi-squared per stripe, cut off at nine; "
        "below the line a radiant fits better, and grey nights are too poor for the test. "
        "Share of nights whose slopes change "
        f"with time as one radiant requires: {data.words('radiant_nights')}; nights too poor for that test: "
        f"{data.words('radiant_hidden')}. "
        f"Share of nights that an established shower fits: {data.words('shower_nights')}. (c) Each stripe of the "
        "night with most of them puts the radiant on a line of the sky across the drift (zenith in the middle, "
        "circles at zenith angles); weighted by 1 / |sin D|, D the angle between trail and drift, since trails along "
        "the drift seldom cross the beam; the highest 1 % have one shade. "
        "Only where the drift turns do lines cross. (d) The same slopes against the hour. Shaded: by how much "
        "simulated trails of one radiant scatter, since ions do not drift as the wind blows and trails spread into "
        "sheets.",
    )


numbers = supplement.numbers_of(OBSERVED)
