"""Figure 6: how the clouds may form, drawn to scale from measured stripes, main layer and density profile.

The stripes of one night are put back into space: what passes over the beam at time t lies at the distance
x = -v (t - t0) along the drift, v the wind used for beta (frozen drift). The axes have the same scale, so the tilt
of a stripe in the drawing is its zenith angle as the paper takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon

from metalclouds.figures import captions, style
from metalclouds.figures.density_panel import profile_moment
from metalclouds.figures.inputs import Missing, Run
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.results import FIGURE6
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import COLUMNS, DENSITY_PROFILE, STRIPES
from metalclouds.schema.variables import VARIABLES

# Words over the drawing stand on a pale ground, clear of trails and arrows.
WORDS: dict[str, Any] = {
    "fontsize": 7, "va": "center", "zorder": 6,
    "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
}  # fmt: skip
HEIGHT_CM, BOTTOM_CM, TALL_CM = 9.6, 1.55, 6.9
# A stripe is drawn at least this wide.
LEAST_WIDTH_KM = 0.8
PROFILE_CM, CLOUD_CM = (1.3, 2.3), (4.1, 12.2)
LAYER_COLOUR, LONG_COLOUR, SHORT_COLOUR, METEOR_COLOUR = "#E8A33D", "#5B2A86", "#A98BC9", "#C0392B"


# Altitudes at which meteors have been seen to begin (km): commonly (Ceplecha et al. 1998, Space Sci. Rev. 84, 327),
# and the highest luminosity of bright Leonids (Fujiwara et al. 1998, Geophys. Res. Lett. 25, 285).
BEGINNING_KM, HIGHEST_KM = (90.0, 115.0), 160.0
PLOTTED = tuple(FIGURE6)


@dataclass(frozen=True)
class Figure6Data:
    """Stripes of one night, the main layer, and the neutral density."""

    night: str
    stripes: pd.DataFrame
    wind_m_s: float
    centroid_km: float
    rms_width_km: float
    profile: pd.DataFrame
    missing: Missing | None
    synthetic: bool
    width_km: float = 0.0
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def placed(self) -> pd.DataFrame:
        """The stripes in the drawing: `place`, from its left edge, with `drawn` for those that lie in it."""
        out = place(self)
        shift = _busiest_distance(out, self.width_km) - self.width_km / 2
        for end in ("x_bottom", "x_top"):
            out[end] -= shift
        half = 0.5 * out["width_km"].clip(lower=LEAST_WIDTH_KM)
        left, right = out[["x_bottom", "x_top"]].min(axis=1) - half, out[["x_bottom", "x_top"]].max(axis=1) + half
        return out.assign(drawn=(right > 0.0) & (left < self.width_km))


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure6Data:
    """Read the stripes of the case night that shows how the layer is fed, and their surroundings."""
    run = Run(run_dir)
    stripes = run.table("detect/stripes.csv", STRIPES, optional=True)
    stripes = stripes[stripes["night"].isin([case["night"] for case in cases])]
    columns = run.table("derive/columns.csv", COLUMNS)
    profile = run.table("derive/density_profile.csv", DENSITY_PROFILE)
    night = busiest_night(stripes)
    own = stripes[(stripes["night"] == night) & np.isfinite(stripes["slowness_s_per_km"].astype(float))]
    wind = float(own["wind_m_s"].astype(float).median()) if len(own) else float("nan")
    missing = None if len(own) and np.isfinite(wind) else _why(run, own)
    return Figure6Data(
        night,
        own,
        wind,
        float(columns["centroid_km"].astype(float).median()),
        float(columns["rms_width_km"].astype(float).median()),
        profile,
        missing,
        run.synthetic("lidar"),
        drawn_width_km(settings),
        run.inputs,
    )


def drawn_width_km(settings: FiguresSettings) -> float:
    """Distance along the drift that the drawing shows (km), on the same scale as altitude."""
    return CLOUD_CM[1] / TALL_CM * (settings.image_ceiling_km - settings.image_floor_km)


def _why(run: Run, stripes: pd.DataFrame) -> Missing:
    if stripes.empty:
        return run.missing("lidar", "no stripes")
    return run.missing("fpi", "no wind to place the stripes")


def busiest_night(stripes: pd.DataFrame) -> str:
    """Night with the most stripes down to the main layer, of equals that with the most; empty where there is none.

    The drawing is about how the layer is fed. Stripes count that have a wind; the earliest of equal nights is taken.

    Parameters
    ----------
    stripes
        table STRIPES with `wind_m_s`.
    """
    placed = stripes[stripes["wind_m_s"].notna()]
    if placed.empty:
        return str(stripes["night"].iloc[0]) if len(stripes) else ""
    counted = is_true(placed["reaches_main_layer"]).groupby(placed["night"]).agg(["sum", "size"])
    return str(counted.sort_values(["sum", "size"], ascending=False, kind="stable").index[0])


def draw(data: Figure6Data, settings: FiguresSettings) -> Figure:
    """The density profile at the left, the drawing at the right, with one axis of altitude; or why there is none."""
    with style.journal(settings):
        if data.missing is not None:
            return style.line_of_missing(data.missing)
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM, layout=None)
        left, right = _axes(figure, PROFILE_CM), _axes(figure, CLOUD_CM)
        density_panel(data, left, settings)
        cloud_panel(data, right, settings)
        for ax, place, letter in ((left, 0.93, "(a)"), (right, 0.985, "(b)")):
            ax.text(place, 0.965, letter, transform=ax.transAxes, fontweight="bold", **(WORDS | {"ha": "right"}))
        words = f"the paper's hypothesis, drawn with the stripes of {data.night}"
        right.text(0.935, 0.965, words, transform=right.transAxes, **(WORDS | {"ha": "right"}))
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def _axes(figure: Figure, box: tuple[float, float]) -> Axes:
    """Axes at a distance from the left and of a width in cm: both scales of the drawing must come out equal."""
    left, width = box
    return figure.add_axes((left / style.PAGE_CM, BOTTOM_CM / HEIGHT_CM, width / style.PAGE_CM, TALL_CM / HEIGHT_CM))


def density_panel(data: Figure6Data, ax: Axes, settings: FiguresSettings) -> Axes:
    """Neutral density that an incoming particle meets."""
    ax.set_ylabel(VARIABLES["altitude"].label)
    ax.set_ylim(settings.image_floor_km, settings.image_ceiling_km)
    if data.profile.empty:
        return style.draw_missing(ax, Missing("no density profile", "no indices for this night"))
    ax.semilogx(data.profile["density_kg_m3"], data.profile["altitude_km"], color=style.BLUE)
    ax.fill_betweenx(
        data.profile["altitude_km"], data.profile["density_kg_m3"], 1e-20, color=style.BLUE, alpha=0.12, linewidth=0.0
    )
    ax.set_xlim(float(data.profile["density_kg_m3"].min()) / 2, float(data.profile["density_kg_m3"].max()) * 2)
    ax.set_xlabel("neutral density\n(kg m$^{-3}$)")
    return ax


def cloud_panel(data: Figure6Data, ax: Axes, settings: FiguresSettings) -> Axes:
    """Main layer and stripes, horizontal and vertical scale equal; distance from the left edge."""
    ax.set_ylim(settings.image_floor_km, settings.image_ceiling_km)
    ax.tick_params(labelleft=False)
    ax.set_xlim(0.0, data.width_km)
    _draw_layer(data, ax)
    placed = data.placed
    for _, stripe in placed[placed["drawn"]].iterrows():
        _draw_trail(stripe, ax)
    _draw_meteors(data, ax)
    _annotate(data, ax)
    if not is_true(placed.loc[placed["drawn"], "reaches_main_layer"]).any():
        ax.text(0.5 * data.width_km, 140.0, "no stripe drawn here reaches the main layer", ha="center", **WORDS)
    ax.set_xlabel("distance along the drift (km), same scale as altitude; earlier to the right")
    return ax


def place(data: Figure6Data) -> pd.DataFrame:
    """Stripes with the place of both ends along the drift at the time of the first one (km, the beam at 0).

    Returns
    -------
    DataFrame
        the stripes with `x_bottom` and `x_top`, km.
    """
    start = data.stripes["time_top"].min()
    speed = data.wind_m_s / 1000.0
    out = data.stripes.copy()
    for end in ("bottom", "top"):
        seconds = (out[f"time_{end}"] - start) / pd.Timedelta(seconds=1)
        out[f"x_{end}"] = -speed * seconds.astype(float)
    out["width_km"] = speed * out["width_s"].astype(float)
    return out


def _busiest_distance(placed: pd.DataFrame, width: float) -> float:
    """Centre of the window of a width that holds most stripes down to the main layer, and most of all of these."""
    ordered = placed.assign(middle=0.5 * (placed["x_bottom"] + placed["x_top"]).astype(float)).sort_values("middle")
    middle = ordered["middle"].to_numpy(float)
    windows = [(middle >= x) & (middle <= x + 0.8 * width) for x in middle]
    joined = is_true(ordered["reaches_main_layer"]).to_numpy(bool)
    counts = [window.sum() + len(middle) * (window & joined).sum() for window in windows]
    first = middle[int(np.argmax(counts))]
    inside = middle[(middle >= first) & (middle <= first + 0.8 * width)]
    return float(0.5 * (inside[0] + inside[-1]))


def _draw_layer(data: Figure6Data, ax: Axes) -> None:
    """The main layer as a Gaussian of the measured centroid and rms width."""
    if not np.isfinite(data.centroid_km):
        return
    low, high = ax.get_ylim()
    altitude = np.linspace(low, high, 600)
    strength = np.exp(-0.5 * ((altitude - data.centroid_km) / data.rms_width_km) ** 2)[:, None]
    fade = LinearSegmentedColormap.from_list("layer", [(1, 1, 1, 0), LAYER_COLOUR])
    ax.imshow(
        strength,
        extent=(*ax.get_xlim(), low, high),
        origin="lower",
        aspect="auto",
        cmap=fade,
        vmin=0,
        vmax=1,
        zorder=0,
        rasterized=True,
    )


def _is_long(stripe: pd.Series) -> bool:
    return bool(is_true(pd.Series([stripe["reaches_main_layer"]])).iloc[0])


def _draw_trail(stripe: pd.Series, ax: Axes) -> None:
    """A stripe as wide as it was measured, and the path along which its meteoroid would have come."""
    half = 0.5 * max(float(stripe["width_km"]), LEAST_WIDTH_KM)
    x0, x1, z0, z1 = (float(stripe[name]) for name in ("x_bottom", "x_top", "bottom_km", "top_km"))
    ax.add_patch(
        Polygon(
            [(x0 - half, z0), (x0 + half, z0), (x1 + half, z1), (x1 - half, z1)],
            linewidth=0.0,
            facecolor=LONG_COLOUR if _is_long(stripe) else SHORT_COLOUR,
            alpha=0.9,
        )
    )
    top = ax.get_ylim()[1]
    if z1 > z0 and top - z1 > 0.04 * top:
        along = (x1 - x0) / (z1 - z0)
        reach = min(top - z1, 28.0)
        ax.annotate(
            "",
            xy=(x1, z1),
            xytext=(x1 + along * reach, z1 + reach),
            annotation_clip=True,
            arrowprops={
                "arrowstyle": "-|>",
                "color": "0.45",
                "lw": 0.6,
                "linestyle": (0, (2, 1.5)),
                "shrinkA": 0,
                "shrinkB": 1,
                "mutation_scale": 5,
            },
        )


def _draw_meteors(data: Figure6Data, ax: Axes) -> None:
    """Bright meteors below the layer: a sign, not a measurement."""
    low = ax.get_ylim()[0]
    start = data.centroid_km - 1.2 * data.rms_width_km if np.isfinite(data.centroid_km) else low + 20.0
    left, right = ax.get_xlim()
    _draw_beginnings(ax)
    for share in (0.06, 0.11, 0.16):
        x = left + share * (right - left)
        ax.add_patch(
            Polygon(
                [(x, start), (x - 3.0, low + 5.0), (x - 4.5, low + 6.0)],
                facecolor=METEOR_COLOUR,
                linewidth=0.0,
                zorder=3,
            )
        )


def _draw_beginnings(ax: Axes) -> None:
    """Measured beginning heights of meteors, right of the drawing, beside what is sketched."""
    beside: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "color": METEOR_COLOUR, "clip_on": False}
    ax.plot([1.02, 1.02], BEGINNING_KM, linewidth=3.0, solid_capstyle="butt", **beside)
    ax.plot([1.02, 1.02], [BEGINNING_KM[1], HIGHEST_KM], linewidth=0.8, linestyle=(0, (3, 2)), **beside)
    ax.plot(1.02, HIGHEST_KM, marker="_", markersize=6, **beside)
    words = (
        f"measured: meteors begin at {BEGINNING_KM[0]:.0f}-{BEGINNING_KM[1]:.0f} km,\n"
        f"bright Leonids up to {HIGHEST_KM:.0f} km"
    )
    ax.text(1.035, BEGINNING_KM[0], words, rotation=90, ha="left", va="bottom", fontsize=7, **beside)


def _annotate(data: Figure6Data, ax: Axes) -> None:
    left, right = ax.get_xlim()
    inner = left + 0.2 * (right - left)
    ax.text(
        inner,
        ax.get_ylim()[0] + 9.0,
        "bright meteors ablate below the layer (a sketch)",
        color=METEOR_COLOUR,
        ha="left",
        **WORDS,
    )
    ax.text(right - 4.0, data.centroid_km, f"main metal layer, {data.centroid_km:.0f} km", ha="right", **WORDS)
    ax.annotate(
        "",
        xy=(left + 0.805 * (right - left), ax.get_ylim()[0] + 9.0),
        xytext=(left + 0.725 * (right - left), ax.get_ylim()[0] + 9.0),
        arrowprops={"arrowstyle": "-|>", "lw": 1.0, "color": "black"},
    )
    words = f"drift, {data.wind_m_s:.0f} m s$^{{-1}}$"
    ax.text(left + 0.82 * (right - left), ax.get_ylim()[0] + 9.0, words, ha="left", **WORDS)
    ax.legend(
        handles=[
            Patch(facecolor=LONG_COLOUR, label="stripe down to the main layer"),
            Patch(facecolor=SHORT_COLOUR, label="stripe that ends above it"),
            Line2D(
                [],
                [],
                color="0.45",
                linewidth=0.6,
                linestyle=(0, (2, 1.5)),
                marker="v",
                markersize=3,
                label="path of a meteoroid (sketched)",
            ),
        ],
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=3,
        fontsize=style.SMALL_PT,
        borderaxespad=0.2,
    )


def plotted(data: Figure6Data) -> pd.DataFrame:
    """The stripes as placed, distances (km) from the left edge of the drawing, and which of them it shows.

    Returns
    -------
    DataFrame
        table FIGURE6.
    """
    if data.missing is not None:
        return pd.DataFrame({name: [] for name in PLOTTED})
    return data.placed[list(PLOTTED)]


def caption(data: Figure6Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    if data.missing is not None:
        return captions.paragraph("Schematic of cloud formation; no stripes to draw.", captions.missing(data.missing))
    shown = data.placed[data.placed["drawn"]]
    long = int(is_true(shown["reaches_main_layer"]).sum())
    reaching = f"{long or 'none'} reach{'es' if long == 1 else ''}"
    return captions.paragraph(
        captions.synthetic(data.synthetic),
        f"How the clouds may form. (b) Drawn to scale: {_how_many(len(shown), len(data.stripes))} stripes of "
        f"{data.night} ({reaching} the main layer), placed along the drift by their times and the wind of "
        f"{data.wind_m_s:.0f} m/s, as wide as they were measured (the drift within a profile's "
        "accumulation included); the main layer at the median "
        f"centroid of {data.centroid_km:.1f} km and rms width of {data.rms_width_km:.1f} km; (a) neutral density of "
        f"NRLMSISE-00{_profile_words(data)}. The tilt is that of the stripe in the plane of "
        "the drift. Paths of meteoroids and bright meteors are sketched, not measured; red at the right: where "
        f"meteors have been seen to begin, {BEGINNING_KM[0]:.0f}-{BEGINNING_KM[1]:.0f} km commonly (Ceplecha et al. "
        f"1998), bright Leonids up to {HIGHEST_KM:.0f} km (Fujiwara et al. 1998).",
    )


def _how_many(drawn: int, found: int) -> str:
    """How many stripes are drawn: the 12, or 22 of the 46 where others lie beyond the edges."""
    return f"the {found}" if drawn == found else f"{drawn} of the {found}"


def _profile_words(data: Figure6Data) -> str:
    return "" if data.profile.empty else f" ({profile_moment(data.profile)})"


def numbers(data: Figure6Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    if data.missing is not None:
        return captions.table([])
    lengths = data.stripes["top_km"] - data.stripes["bottom_km"]
    values = {
        "stripes": (len(data.stripes), "1"),
        "stripes drawn": (int(data.placed["drawn"].sum()), "1"),
        "lowest lower end": (f"{data.stripes['bottom_km'].min():.0f}", "km"),
        "highest upper end": (f"{data.stripes['top_km'].max():.0f}", "km"),
        "height, shortest to tallest": (f"{lengths.min():.0f} to {lengths.max():.0f}", "km"),
        "centroid of the main layer": (f"{data.centroid_km:.1f}", "km"),
        "wind": (f"{data.wind_m_s:.0f}", "m s-1"),
    }
    return captions.table(("", name, value, unit) for name, (value, unit) in values.items())
