"""Figure 5: the geometry of a stripe, the two marked stripes, the neutral density, and the wind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Polygon
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from metalclouds.derive.beta import with_stripes
from metalclouds.figures import captions, style
from metalclouds.figures.axes import ut_axis
from metalclouds.figures.images import Image, density_image, density_norm, draw_image
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import station_of
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import BETA, DENSITY_FACTORS, DENSITY_PROFILE, STRIPES
from metalclouds.schema.variables import VARIABLES, density_variable

HEIGHT_CM = 15.5
MARK_COLOURS = ("#1F6FFF", "#FF2A2A")
BREAK_COLOUR = "#FF2A2A"
KIND_WORDS = {"value": "", "lower_limit": "lower limit", "upper_limit": "upper limit", "no_wind": "no wind"}
# The drawing of panel a: an angle large enough to be seen.
DRAWN_ANGLE_DEG = 28.0
# Room for words above the image of panel b, as a share of its height.
WORDS_SHARE = 0.36
# Half of the drawn depth of the inclined plane, in the drawing's units.
PLANE_DEPTH = np.array([0.2, 0.07])
NO_PROFILE = Missing(
    "no profile of neutral density", "the solar and geomagnetic indices of this night are not among those shipped"
)


@dataclass(frozen=True)
class Data:
    """Everything Figure 5 shows."""

    night: str
    image: Image | Missing
    marked: pd.DataFrame
    profile: pd.DataFrame
    factors: pd.DataFrame
    wind: xr.Dataset | Missing
    synthetic_lidar: bool
    synthetic_wind: bool
    inputs: dict[str, str] = field(default_factory=dict)


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Data:
    """Read the night of the marked stripes, its wind, and the density profile."""
    run = Run(run_dir)
    stripes = run.table("detect/stripes.csv", STRIPES, optional=True)
    beta = run.table("derive/beta.csv", BETA)
    marked = marked_stripes(beta, stripes)
    named = {case["panel"]: case["night"] for case in cases}
    night = str(marked["night"].iloc[0]) if len(marked) else named.get(settings.enlarged_panel, "")
    factors = run.table("derive/density_factors.csv", DENSITY_FACTORS)
    profile = run.table("derive/density_profile.csv", DENSITY_PROFILE)
    return Data(
        night,
        _enlargement(run, night, marked, settings),
        marked,
        profile,
        factors,
        _wind(run, night, settings),
        run.synthetic("lidar"),
        run.synthetic("fpi"),
        run.inputs,
    )


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


def _enlargement(run: Run, night: str, marked: pd.DataFrame, settings: FiguresSettings) -> Image | Missing:
    lidar = run.dataset(f"ingest/lidar/cases/{night}.nc")
    if lidar is None:
        return run.missing("lidar", "no lidar data", night)
    found = run.dataset(f"detect/cases/{night}.nc")
    hours = _window(marked, night, settings)
    step = float(np.median(lidar["integration_time"].values))
    return density_image(
        lidar,
        settings,
        found=found,
        hours=hours,
        time_cell_s=step if hours is not None else None,
    )


def _window(marked: pd.DataFrame, night: str, settings: FiguresSettings) -> tuple[float, float] | None:
    if marked.empty:
        return None
    hours = np.concatenate([hours_of_night(marked[name], night) for name in ("time_bottom", "time_top")])
    margin = settings.enlargement_minutes / 60.0
    return float(hours.min() - margin), float(hours.max() + margin)


def _wind(run: Run, night: str, settings: FiguresSettings) -> xr.Dataset | Missing:
    fpi = run.dataset(f"ingest/fpi/cases/{night}.nc")
    if fpi is None:
        return run.missing("fpi", "no FPI wind", night)
    nearest = int(np.argmin(np.abs(fpi["emission_wavelength"].values - settings.wind_emission_nm)))
    return fpi.isel(emission=nearest)


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


def simulated_panels(data: Data) -> list[str]:
    """Letters of the panels that were made from simulated data; the density profile never is."""
    return [letter for letter, is_so in (("b", data.synthetic_lidar), ("d", data.synthetic_wind)) if is_so]


def draw(data: Data, settings: FiguresSettings) -> Figure:
    """Four panels."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        upper, lower = figure.subfigures(2, 1, height_ratios=(1.15, 1.0))  # type: ignore[misc]
        geometry, enlargement = upper.subplots(1, 2, width_ratios=(1.0, 1.25))
        profile, wind = lower.subplots(1, 2, width_ratios=(1.0, 1.25))
        geometry_panel(geometry)
        enlargement_panel(data, enlargement, settings)
        profile_panel(data, profile)
        wind_panel(data, wind, settings)
        simulated = simulated_panels(data)
        if simulated:
            style.mark_synthetic(figure, "panel" + ("s " if len(simulated) > 1 else " ") + " and ".join(simulated))
    return figure


# ---- a: geometry -------------------------------------------------------------------------------------------


def geometry_panel(ax: Axes) -> Axes:
    """How a drifting inclined trail becomes a stripe: seen from the side, and from above. Not to scale."""
    style.panel_letter(ax, "a", "geometry (not to scale)")
    ax.set_xlim(-0.8, 2.1)
    ax.set_ylim(-0.12, 1.3)
    ax.set_xticks([])
    ax.set_yticks([])
    _side_view(ax)
    _plan_view(ax)
    return ax


def _side_view(ax: Axes) -> None:
    lean = np.tan(np.radians(DRAWN_ANGLE_DEG))
    _plane(ax, lean)
    ax.plot([0, 0], [0.0, 1.22], color="#2E8B57", linewidth=1.4, alpha=0.8)
    ax.text(0.0, -0.03, "lidar beam", color="#2E8B57", ha="center", va="top")
    for shift, alpha in ((-0.42, 1.0), (-0.16, 0.35)):
        ax.plot([shift, shift + lean], [0.1, 1.1], color=style.PURPLE, linewidth=2.0, alpha=alpha)
    ax.text(-0.45, 0.1, "trail", color=style.PURPLE, ha="right", va="center")
    _arrow(ax, (-0.38, 0.2), (-0.12, 0.2), "black")
    ax.text(-0.26, 0.155, "$v$", ha="center", va="top")
    first, later = 0.1 + 0.42 / lean, 0.1 + 0.16 / lean
    _arrow(ax, (-0.06, first), (-0.06, later), style.RED)
    height = 0.5 * (first + later)
    ax.text(-0.48 + lean * (height - 0.1), height, "$v_c$", color=style.RED, ha="right", va="center")
    ax.plot([0, 0], [first, later], "o", color=style.RED, markersize=3)
    ax.add_patch(Arc((0.0, later), 0.8, 0.8, theta1=90 - DRAWN_ANGLE_DEG, theta2=90, linewidth=0.8))
    middle = np.radians(90 - DRAWN_ANGLE_DEG / 2)
    ax.text(0.48 * np.cos(middle), later + 0.48 * np.sin(middle), "$\\beta$", ha="center", va="center")


def _plane(ax: Axes, lean: float) -> None:
    """The inclined plane that the drift sweeps the trail into the beam in: the trail, and lines along the depth."""
    low, high = np.array([-0.42, 0.1]), np.array([-0.42 + lean, 1.1])
    corners = [low - PLANE_DEPTH, high - PLANE_DEPTH, high + PLANE_DEPTH, low + PLANE_DEPTH]
    ax.add_patch(Polygon(corners, color=style.PURPLE, alpha=0.13, linewidth=0.6, zorder=0))
    ax.text(-0.75, high[1] - 0.12, "inclined\nplane", color=style.PURPLE, ha="left", va="center")


def _plan_view(ax: Axes) -> None:
    centre = np.array([1.3, 0.95])
    ax.text(centre[0], 1.25, "from above", ha="center", va="top")
    ax.plot(*centre, "o", color="#2E8B57", markersize=3.5)
    _arrow(ax, centre, centre + np.array([0.4, 0.0]), "black")
    ax.text(centre[0] + 0.43, centre[1], "$v$", ha="left", va="center")
    turned = np.radians(DRAWN_ANGLE_DEG)
    along = 0.42 * np.array([np.cos(turned), np.sin(turned) * 0.9])
    ax.plot(*np.array([centre - along, centre + along]).T, color=style.PURPLE, linewidth=2.0)
    ax.add_patch(Arc(tuple(centre), 0.42, 0.4, theta1=0, theta2=DRAWN_ANGLE_DEG, linewidth=0.8))
    ax.text(centre[0] + 0.27, centre[1] + 0.055, "$\\Delta$", ha="center", va="center", fontsize=7)
    ax.text(
        0.72,
        0.52,
        "$\\Delta = 0$:  $\\tan\\beta = v\\,/\\,|v_c|$\n$\\Delta \\neq 0$:  a limit of $\\beta$,\nand a short stripe",
        ha="left",
        va="top",
        linespacing=1.4,
    )


def _arrow(ax: Axes, start: ArrayLike, end: ArrayLike, colour: str) -> None:
    ax.annotate(
        "",
        xy=tuple(np.asarray(end, float)),
        xytext=tuple(np.asarray(start, float)),
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.0, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7},
    )


# ---- b: enlargement ----------------------------------------------------------------------------------------


def enlargement_panel(data: Data, ax: Axes, settings: FiguresSettings) -> Axes:
    """The image around the marked stripes, their fitted lines, and the line where the paper sees a break."""
    style.panel_letter(ax, "b", data.night, above_ticks=True)
    if isinstance(data.image, Missing):
        return style.draw_missing(ax, data.image)
    drawn = draw_image(data.image, ax, style.colour_map(settings.colour_map), density_norm([data.image], settings))
    offset = data.image.local_offset_hours(settings)
    ut_axis(ax, float(data.image.hours[0]), float(data.image.hours[-1]), offset, labels=5)
    ax.set_ylabel(VARIABLES["altitude"].label)
    _break_line(data, ax)
    for (_, stripe), colour in zip(data.marked.iterrows(), MARK_COLOURS, strict=False):
        _marked_line(stripe, data.night, ax, colour)
    _room_above(data.image, ax)
    _parameters(data, ax)
    bar = ax.figure.colorbar(drawn, ax=ax, extend="min", pad=0.02, aspect=22)
    bar.set_label(density_variable(data.image.species).label)
    return ax


def _break_line(data: Data, ax: Axes) -> None:
    """The altitude from which the rise of density is counted."""
    altitude = reference_altitude(data.factors)
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


def _marked_line(stripe: pd.Series, night: str, ax: Axes, colour: str) -> None:
    hours = hours_of_night([stripe["time_bottom"], stripe["time_top"]], night)
    ax.plot(hours, [stripe["bottom_km"], stripe["top_km"]], color=colour, linewidth=1.1, linestyle=(0, (4, 2)))


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
        between = f" ({low:.1f} to {high:.1f})" if np.isfinite(low) and np.isfinite(high) else ""
        text += f"\n$\\beta$ = {stripe['beta_deg']:.1f}°{between}" + (f", {kind}" if kind else "")
    return text.replace("= -", "= −")


def _speeds(stripe: pd.Series) -> str:
    """Slope and drift of a stripe in m/s, and its height; a slope that its error does not bound is no number."""
    slowness, error = stripe["slowness_s_per_km"], stripe["slowness_sigma_s_per_km"]
    slope = f"v_c = {1000.0 / slowness:.0f} m/s" if abs(slowness) > error else "v_c not bounded"
    drift = f", v = {stripe['wind_m_s']:.0f} m/s" if np.isfinite(stripe["wind_m_s"]) else ""
    height = stripe["top_km"] - stripe["bottom_km"]
    return f"{slope}{drift}, {height:.0f} km tall"


def _room_above(image: Image, ax: Axes) -> None:
    """A white band above the image, so that words hide nothing of it."""
    low, high = float(image.altitude_km[0]), float(image.altitude_km[-1])
    top = high + WORDS_SHARE * (high - low)
    ax.axhspan(high, top, facecolor="white", edgecolor="none", zorder=2)
    ax.set_ylim(low, top)
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])


def _parameters(data: Data, ax: Axes) -> None:
    """The parameters of the marked stripes in their colours, above the image."""
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    if data.marked.empty:
        ax.text(0.02, 0.97, "no stripe is marked", transform=ax.transAxes, va="top", bbox=white)
    for number, (_, stripe) in enumerate(data.marked.iterrows()):
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


# ---- c: density --------------------------------------------------------------------------------------------


def profile_panel(data: Data, ax: Axes) -> Axes:
    """Neutral density against altitude, its rise from the reference altitude down, and its scale height."""
    if data.profile.empty:
        style.panel_letter(ax, "c", "neutral density", above_ticks=True)
        return style.draw_missing(ax, NO_PROFILE)
    style.panel_letter(ax, "c", profile_moment(data.profile)[:10], above_ticks=True)
    altitude, density = data.profile["altitude_km"], data.profile["density_kg_m3"]
    ax.semilogx(density, altitude, color=style.BLUE)
    ax.set_ylim(float(altitude.min()), float(altitude.max()))
    ax.set_xlabel("density of NRLMSISE-00 (kg m$^{-3}$)", color=style.BLUE)
    ax.set_ylabel(VARIABLES["altitude"].label)
    reference = reference_altitude(data.factors)
    _break_line(data, ax)
    _mark_factors(data, ax, reference)
    height = ax.twiny()
    height.plot(data.profile["scale_height_km"], altitude, color="0.45", linewidth=0.9, linestyle=(0, (4, 2)))
    height.set_xlim(0.0, None)
    height.set_xlabel("scale height (km)", color="0.35", loc="right")
    return ax


def _mark_factors(data: Data, ax: Axes, reference: float) -> None:
    lines = []
    for name, value in zip(data.factors["name"], data.factors["value"], strict=True):
        if str(name).startswith("rise_") and np.isfinite(value):
            altitude = float(str(name).rsplit("_", 1)[1])
            density = np.interp(altitude, data.profile["altitude_km"], data.profile["density_kg_m3"])
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


# ---- d: wind -----------------------------------------------------------------------------------------------


def wind_panel(data: Data, ax: Axes, settings: FiguresSettings) -> Axes:
    """Eastward and northward wind with errors through the night, and the vector above them."""
    style.panel_letter(ax, "d", data.night, above_ticks=True)
    if isinstance(data.wind, Missing):
        return style.draw_missing(ax, data.wind)
    hours = hours_of_night(data.wind["time"].values, data.night)
    for name, colour, marker in (("eastward_wind", style.RED, "o"), ("northward_wind", style.BLUE, "s")):
        ax.errorbar(
            hours,
            data.wind[name].values,
            yerr=data.wind[f"{name}_error"].values,
            color=colour,
            marker=marker,
            markersize=3,
            elinewidth=0.7,
            capsize=1.5,
            label=name.split("_")[0],
        )
    _vectors(data.wind, hours, ax)
    ax.axhline(0.0, color="0.6", linewidth=0.5, zorder=0)
    for (_, stripe), colour in zip(data.marked.iterrows(), MARK_COLOURS, strict=False):
        ax.axvline(
            hours_of_night([stripe["time_top"]], data.night)[0],
            color=colour,
            linewidth=0.8,
            linestyle=(0, (4, 2)),
            zorder=0,
        )
    station = station_of(data.wind.attrs)
    offset = station.local_offset_hours(settings.local_time_offset_hours) if station else None
    ut_axis(ax, float(hours.min()) - 0.5, float(hours.max()) + 0.8, offset)
    ax.set_ylabel(f"wind at {float(data.wind['altitude']):.0f} km (m s$^{{-1}}$)")
    ax.legend(loc="lower left", ncols=2, frameon=True, framealpha=0.9, edgecolor="none", borderaxespad=0.2)
    return ax


def _vectors(wind: xr.Dataset, hours: np.ndarray, ax: Axes) -> None:
    """Arrows in a row above the curves: up is northward, right is eastward, the key gives the length."""
    east, north = wind["eastward_wind"].values.astype(float), wind["northward_wind"].values.astype(float)
    low, high = _reach(wind)
    span = max(high - low, 1.0)
    ax.set_ylim(low - 0.22 * span, high + 0.62 * span)
    row = np.full(hours.size, high + 0.34 * span)
    scale = 22.0 * max(float(np.nanmax(np.hypot(east, north))), 1.0)
    arrows = ax.quiver(hours, row, east, north, angles="uv", scale=scale / 2.2, width=0.004, color="black", zorder=3)
    length = float(np.round(np.nanmedian(np.hypot(east, north)), -1)) or 10.0
    ax.quiverkey(
        arrows,
        0.78,
        0.94,
        length,
        f"{length:.0f} m s$^{{-1}}$",
        labelpos="E",
        labelsep=0.04,
        fontproperties={"size": 7},
    )


def _reach(wind: xr.Dataset) -> tuple[float, float]:
    lows, highs = [0.0], [0.0]
    for name in ("eastward_wind", "northward_wind"):
        value, error = wind[name].values, np.nan_to_num(wind[f"{name}_error"].values)
        lows.append(float(np.nanmin(value - error)))
        highs.append(float(np.nanmax(value + error)))
    return min(lows), max(highs)


def plotted(data: Data) -> pd.DataFrame:
    """Marked stripes, density profile and wind in one long table: panel, series, x, y, error of y.

    Returns
    -------
    DataFrame
        table FIGURE5.
    """
    parts = [
        _long(
            "c",
            "neutral density (kg m-3) against altitude (km)",
            data.profile["altitude_km"],
            data.profile["density_kg_m3"],
        )
    ]
    if isinstance(data.wind, xr.Dataset):
        hours = hours_of_night(data.wind["time"].values, data.night)
        for name in ("eastward_wind", "northward_wind"):
            parts.append(
                _long(
                    "d",
                    f"{name} (m s-1) against hours since {data.night} 00 UT",
                    hours,
                    data.wind[name].values,
                    data.wind[f"{name}_error"].values,
                )
            )
    for number, (_, stripe) in enumerate(data.marked.iterrows()):
        hours = hours_of_night([stripe["time_bottom"], stripe["time_top"]], data.night)
        parts.append(
            _long(
                "b",
                f"stripe {number + 1}: altitude (km) against hours since {data.night} 00 UT",
                hours,
                [stripe["bottom_km"], stripe["top_km"]],
            )
        )
    return pd.concat(parts, ignore_index=True)


def _long(panel: str, series: str, x: ArrayLike, y: ArrayLike, error: ArrayLike = np.nan) -> pd.DataFrame:
    return pd.DataFrame(
        {"panel": panel, "series": series, "x": np.asarray(x, float), "y": np.asarray(y, float), "y_error": error}
    )


def caption(data: Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    simulated = simulated_panels(data)
    panels = f"data of panel{'s' if len(simulated) > 1 else ''} {captions.listed(simulated)}"
    stripes = "; ".join(f"{captions.clock(row['time_top'])} UT: {_plain(row)}" for _, row in data.marked.iterrows())
    return captions.paragraph(
        captions.synthetic(bool(simulated), panels),
        "(a) A trail of zenith angle β drifts with speed v through the vertical beam, and its maximum moves along "
        "the beam with v_c; for an angle Δ between trail and drift, arctan(v/|v_c|) is a limit.",
        f"(b) {data.night}{_lidar_place(data)}, cells of {settings.altitude_cell_km:g} km by one profile, with the "
        f"marked stripes: {stripes or 'none'}. Intervals of β hold 68 % and rest on the errors of slope and "
        "wind alone; that the trail moves with the neutral wind at 250 km and leans along it (Δ = 0) is assumed.",
        _profile_words(data),
        f"(d) {data.night}{_wind_place(data)}: eastward and northward wind with standard errors, joined by straight "
        "lines, and the wind as a vector, north up; vertical lines: times of the marked stripes.",
        captions.missing(data.image, data.wind, NO_PROFILE if data.profile.empty else None),
    )


def _profile_words(data: Data) -> str:
    if data.profile.empty:
        return "(c) Neutral density: none."
    return (
        f"(c) Neutral density of NRLMSISE-00 above the lidar's site on {profile_moment(data.profile)} and its scale "
        f"height (grey), {_index_words(data.factors)}; red in b and c: {reference_altitude(data.factors):.0f} km, "
        f"from where it rises {_rise_words(data.factors)} (dots)."
    )


def _lidar_place(data: Data) -> str:
    if not isinstance(data.image, Image) or data.image.station is None:
        return ""
    return f", {data.image.species} at {data.image.station.words()}"


def _wind_place(data: Data) -> str:
    station = station_of(data.wind.attrs) if isinstance(data.wind, xr.Dataset) else None
    return f", {station.words()}" if station else ""


def _plain(stripe: pd.Series) -> str:
    kind = str(stripe["beta_kind"]).replace("_", " ")
    slope = f"dt/dz = {stripe['slowness_s_per_km']:.2f} ± {stripe['slowness_sigma_s_per_km']:.2f} s/km"
    slope += f", {_speeds(stripe)}"
    if np.isnan(stripe["beta_deg"]):
        return f"{slope}, no β without a wind"
    low, high = stripe["beta_low_deg"], stripe["beta_high_deg"]
    return f"{slope}, β = {stripe['beta_deg']:.1f}° ({low:.1f} to {high:.1f}, {kind})"


def _rise_words(factors: pd.DataFrame) -> str:
    rises = factors[factors["name"].astype(str).str.startswith("rise_")]
    pairs = zip(rises["name"], rises["value"], strict=True)
    return captions.listed(f"×{value:.0f} to {str(name).rsplit('_', 1)[1]} km" for name, value in pairs)


def _index_words(factors: pd.DataFrame) -> str:
    known = factors.set_index("name")["value"]
    names = {"f107": "F10.7", "f107_mean": "F10.7a", "ap": "Ap"}
    words = [f"{word} {known[name]:g}" for name, word in names.items() if name in known]
    return "with " + ", ".join(words) if words else "indices not recorded"


def numbers(data: Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows = [
        ("b", f"marked stripe {number + 1}", _plain(row), "")
        for number, (_, row) in enumerate(data.marked.iterrows())
    ]
    factors = zip(data.factors["name"], data.factors["value"], data.factors["unit"], strict=True)
    rows += [("c", str(name).replace("_", " "), f"{value:.4g}", unit) for name, value, unit in factors]
    if isinstance(data.wind, xr.Dataset):
        for name in ("eastward_wind", "northward_wind"):
            values = data.wind[name].values
            words = f"{np.nanmean(values):.0f} ({np.nanmin(values):.0f} to {np.nanmax(values):.0f})"
            rows.append(("d", f"{name.replace('_', ' ')}, mean and range of the night", words, "m s-1"))
    return captions.table(rows)
