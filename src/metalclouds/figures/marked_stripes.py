"""Panel b of Figure 5: the marked stripes in the lidar's image, with what was fitted to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from metalclouds.derive.beta import with_stripes
from metalclouds.figures import style
from metalclouds.figures.axes import ut_axis
from metalclouds.figures.density_panel import break_line
from metalclouds.figures.images import DensityImage, density_norm, draw_image
from metalclouds.figures.inputs import Missing, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.table import is_true
from metalclouds.schema.variables import VARIABLES, density_variable

MARK_COLOURS = ("#1F6FFF", "#FF2A2A")
KIND_WORDS = {"value": "", "lower_limit": "lower limit", "upper_limit": "upper limit", "no_wind": "no wind"}

# The lines beside a stripe lie its width and this further from its middle (s).
BESIDE_S = 20.0

# Room for words above the image of panel b, as a share of its height.
WORDS_SHARE = 0.36


def marked_stripes(beta: pd.DataFrame, stripes: pd.DataFrame) -> pd.DataFrame:
    """Marked stripes with their positions, in order of time; at most as many as there are colours.

    Parameters
    ----------
    beta
        table BETA.
    stripes
        table STRIPES.

    Returns
    -------
    DataFrame
        columns of both.
    """
    both = with_stripes(beta[is_true(beta["marked"])], stripes)
    return both.sort_values("time_top", kind="stable").head(len(MARK_COLOURS)).reset_index(drop=True)


def enlargement_panel(
    image: DensityImage | Missing, marked: pd.DataFrame, factors: pd.DataFrame, ax: Axes, settings: FiguresSettings
) -> Axes:
    """The image around the marked stripes, lines beside them, and the line where the paper sees a break.

    Parameters
    ----------
    marked
        rows of `marked_stripes`.
    factors
        table DENSITY_FACTORS.
    """
    if isinstance(image, Missing):
        return style.draw_missing(ax, image)
    drawn = draw_image(image, ax, style.colour_map(settings.colour_map), density_norm([image], settings))
    offset = image.local_offset_hours(settings)
    ut_axis(ax, float(image.hours[0]), float(image.hours[-1]), offset, labels=5)
    ax.set_ylabel(VARIABLES["altitude"].label)
    break_line(factors, ax)
    for (_, stripe), colour in zip(marked.iterrows(), MARK_COLOURS, strict=False):
        _marked_line(stripe, str(marked["night"].iloc[0]), ax, colour)
    _room_above(image, ax)
    _parameters(marked, ax)
    bar = ax.figure.colorbar(drawn, ax=ax, extend="min", pad=0.02, aspect=22)
    bar.set_label(density_variable(image.species).label)
    return ax


def _marked_line(stripe: pd.Series, night: str, ax: Axes, colour: str) -> None:
    """The fitted line a width earlier and a width later, so that the stripe itself stays in sight."""
    hours = hours_of_night([stripe["time_bottom"], stripe["time_top"]], night)
    for side in (-1.0, 1.0):
        ax.plot(
            hours + side * (stripe["width_s"] + BESIDE_S) / 3600.0, [stripe["bottom_km"], stripe["top_km"]],
            color=colour, linewidth=0.9, linestyle=(0, (4, 2)),
        )  # fmt: skip


def describe(stripe: pd.Series) -> str:
    """Slowness, slope, drift, height and beta of a stripe, with errors as far as they are known.

    Parameters
    ----------
    stripe
        a row of STRIPES with wind and beta.
    """
    slowness, error = stripe["slowness_s_per_km"], stripe["slowness_sigma_s_per_km"]
    text = f"$1/v_c$ = {slowness:.2f} ± {error:.2f} s km$^{{-1}}$\n"
    text += _speeds(stripe).replace("v_c", "$v_c$").replace(", v =", "\n$v$ =").replace("m/s", "m s$^{-1}$")
    if np.isfinite(stripe["beta_deg"]):
        kind = KIND_WORDS.get(str(stripe["beta_kind"]), str(stripe["beta_kind"]))
        low, high = stripe["beta_low_deg"], stripe["beta_high_deg"]
        between = f" ({low:.1f} to {high:.1f}, 68 %)" if np.isfinite(low) and np.isfinite(high) else ""
        text += f"\n$\\beta$ = {stripe['beta_deg']:.1f}°{between}" + (f", {kind}" if kind else "")
    return text.replace("= -", "= −")


def _speeds(stripe: pd.Series) -> str:
    """Slope and drift of a stripe in m/s, and its height; a slope that its error does not bound is no number."""
    slowness, error = stripe["slowness_s_per_km"], stripe["slowness_sigma_s_per_km"]
    slope = f"v_c = {1000.0 / slowness:.0f} m/s" if abs(slowness) > error else "v_c not bounded"
    drift = f", v = {stripe['wind_m_s']:.0f} m/s" if np.isfinite(stripe["wind_m_s"]) else ""
    height = stripe["top_km"] - stripe["bottom_km"]
    return f"{slope}{drift}, {height:.0f} km tall"


def _room_above(image: DensityImage, ax: Axes) -> None:
    """A white band above the image, so that words hide nothing of it."""
    seen = np.flatnonzero(np.isfinite(image.density).any(axis=1))
    low, high = float(image.altitude_km[0]), float(image.altitude_km[(seen[-1] if seen.size else -2) + 1])
    top = high + WORDS_SHARE * (high - low)
    ax.axhspan(high, top, facecolor="white", edgecolor="none", zorder=2)
    ax.set_ylim(low, top)
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])


def _parameters(marked: pd.DataFrame, ax: Axes) -> None:
    """The parameters of the marked stripes in their colours, above the image."""
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    if marked.empty:
        ax.text(0.02, 0.97, "no stripe is marked", transform=ax.transAxes, va="top", bbox=white)
    for number, (_, stripe) in enumerate(marked.iterrows()):
        ax.text(
            (0.015, 0.985)[number],
            0.98,
            describe(stripe),
            transform=ax.transAxes,
            va="top",
            fontsize=7,
            ha=("left", "right")[number],
            color=MARK_COLOURS[number],
            bbox=white,
        )


def in_words(stripe: pd.Series) -> str:
    """Slope, drift, height and beta of a stripe for the caption.

    Parameters
    ----------
    stripe
        a row of `marked_stripes`.
    """
    kind = str(stripe["beta_kind"]).replace("_", " ")
    slope = f"dt/dz = {stripe['slowness_s_per_km']:.2f} ± {stripe['slowness_sigma_s_per_km']:.2f} s/km"
    slope += f", {_speeds(stripe)}"
    if np.isnan(stripe["beta_deg"]):
        return f"{slope}, no β without a wind"
    low, high = stripe["beta_low_deg"], stripe["beta_high_deg"]
    return f"{slope}, β = {stripe['beta_deg']:.1f}° ({low:.1f} to {high:.1f}, {kind})"
