"""Panel c of Figure 5: neutral density against altitude, and how far it rises."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from metalclouds.figures import captions, style
from metalclouds.figures.inputs import Missing
from metalclouds.schema.variables import VARIABLES

BREAK_COLOUR = "#FF2A2A"
NO_PROFILE = Missing(
    "no profile of neutral density", "the solar and geomagnetic indices of this night are not among those shipped"
)


def profile_moment(profile: pd.DataFrame) -> str:
    """Date and time of the density profile: YYYY-MM-DD HH:MM UT.

    Parameters
    ----------
    profile
        table DENSITY_PROFILE.
    """
    return f"{pd.Timestamp(profile['time_utc'].iloc[0]):%Y-%m-%d %H:%M} UT"


def reference_altitude(factors: pd.DataFrame) -> float:
    """Altitude from which the rise of density is counted, as the names of the table's rows say (km).

    Parameters
    ----------
    factors
        table DENSITY_FACTORS.
    """
    names = [name.split("_") for name in factors["name"] if str(name).startswith("rise_")]
    return float(names[0][1]) if names else float("nan")


def break_line(factors: pd.DataFrame, ax: Axes) -> None:
    """The altitude from which the rise of density is counted.

    Parameters
    ----------
    factors
        table DENSITY_FACTORS.
    """
    altitude = reference_altitude(factors)
    ax.axhline(altitude, color=BREAK_COLOUR, linewidth=0.8)
    ax.annotate(
        f"{altitude:.0f} km",
        xy=(0.0, altitude),
        xytext=(3, 1.5),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        color=BREAK_COLOUR,
        fontsize=7,
        va="bottom",
        path_effects=[withStroke(linewidth=1.2, foreground="white")],
    )


def profile_panel(profile: pd.DataFrame, factors: pd.DataFrame, ax: Axes) -> Axes:
    """Neutral density against altitude, its rise from the reference altitude down, and its scale height.

    Parameters
    ----------
    profile
        table DENSITY_PROFILE.
    factors
        table DENSITY_FACTORS.
    """
    if profile.empty:
        style.panel_letter(ax, "c", "neutral density", above_ticks=True)
        return style.draw_missing(ax, NO_PROFILE)
    style.panel_letter(ax, "c", profile_moment(profile)[:10], above_ticks=True)
    altitude, density = profile["altitude_km"], profile["density_kg_m3"]
    ax.semilogx(density, altitude, color=style.BLUE)
    ax.set_ylim(float(altitude.min()), float(altitude.max()))
    ax.set_xlabel("density of NRLMSISE-00 (kg m$^{-3}$)", color=style.BLUE)
    ax.set_ylabel(VARIABLES["altitude"].label)
    break_line(factors, ax)
    _mark_factors(profile, factors, ax)
    height = ax.twiny()
    height.plot(profile["scale_height_km"], altitude, color="0.45", linewidth=0.9, linestyle=(0, (4, 2)))
    height.set_xlim(0.0, None)
    height.set_xlabel("scale height (km)", color="0.35", loc="right")
    return ax


def _mark_factors(profile: pd.DataFrame, factors: pd.DataFrame, ax: Axes) -> None:
    lines, reference = [], reference_altitude(factors)
    for name, value in zip(factors["name"], factors["value"], strict=True):
        if str(name).startswith("rise_") and np.isfinite(value):
            altitude = float(str(name).rsplit("_", 1)[1])
            density = np.interp(altitude, profile["altitude_km"], profile["density_kg_m3"])
            ax.plot(density, altitude, "o", color=style.BLUE, markersize=3)
            lines.append(f"{altitude:.0f} km: ×{value:.0f}")
    ax.text(
        0.5,
        0.96,
        "\n".join([f"rise from {reference:.0f} km", *lines]),
        transform=ax.transAxes,
        ha="center",
        va="top",
        fontsize=7,
    )


def profile_words(profile: pd.DataFrame, factors: pd.DataFrame) -> str:
    """What the caption says of the panel.

    Parameters
    ----------
    profile
        table DENSITY_PROFILE.
    factors
        table DENSITY_FACTORS.
    """
    if profile.empty:
        return "(c) Neutral density: none."
    return (
        f"(c) Neutral density of NRLMSISE-00 above the lidar's site on {profile_moment(profile)} and its scale "
        f"height (grey), {_index_words(factors)}; red in b and c: {reference_altitude(factors):.0f} km, "
        f"from where it rises {_rise_words(factors)} (dots)."
    )


def _rise_words(factors: pd.DataFrame) -> str:
    rises = factors[factors["name"].astype(str).str.startswith("rise_")]
    pairs = zip(rises["name"], rises["value"], strict=True)
    return captions.listed(f"×{value:.0f} to {str(name).rsplit('_', 1)[1]} km" for name, value in pairs)


def _index_words(factors: pd.DataFrame) -> str:
    known = factors.set_index("name")["value"]
    names = {"f107": "F10.7", "f107_mean": "F10.7a", "ap": "Ap"}
    words = [f"{word} {known[name]:g}" for name, word in names.items() if name in known]
    return "with " + ", ".join(words) if words else "indices not recorded"
