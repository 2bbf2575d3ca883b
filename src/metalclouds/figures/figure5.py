"""Figure 5: the geometry of a stripe, the two marked stripes, the neutral density, and the wind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from metalclouds.figures import captions, style
from metalclouds.figures.density_panel import NO_PROFILE, profile_panel, profile_words
from metalclouds.figures.images import DensityImage, density_image
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.marked_stripes import enlargement_panel, in_words, marked_stripes
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import station_of
from metalclouds.figures.trail_geometry import geometry_panel
from metalclouds.figures.wind_panel import wind_panel
from metalclouds.schema.tables import BETA, DENSITY_FACTORS, DENSITY_PROFILE, STRIPES

HEIGHT_CM = 15.5


@dataclass(frozen=True)
class Figure5Data:
    """Everything Figure 5 shows."""

    night: str
    image: DensityImage | Missing
    marked: pd.DataFrame
    profile: pd.DataFrame
    factors: pd.DataFrame
    wind: xr.Dataset | Missing
    synthetic_lidar: bool
    synthetic_wind: bool
    inputs: dict[str, str] = field(default_factory=dict)


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure5Data:
    """Read the night of the marked stripes, its wind, and the density profile."""
    run = Run(run_dir)
    stripes = run.table("detect/stripes.csv", STRIPES, optional=True)
    beta = run.table("derive/beta.csv", BETA)
    marked = marked_stripes(beta, stripes)
    named = {case["panel"]: case["night"] for case in cases}
    night = str(marked["night"].iloc[0]) if len(marked) else named.get(settings.enlarged_panel, "")
    factors = run.table("derive/density_factors.csv", DENSITY_FACTORS)
    profile = run.table("derive/density_profile.csv", DENSITY_PROFILE)
    return Figure5Data(
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


def _enlargement(run: Run, night: str, marked: pd.DataFrame, settings: FiguresSettings) -> DensityImage | Missing:
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


def simulated_panels(data: Figure5Data) -> list[str]:
    """Letters of the panels that were made from simulated data; the density profile never is."""
    return [letter for letter, is_so in (("b", data.synthetic_lidar), ("d", data.synthetic_wind)) if is_so]


def draw(data: Figure5Data, settings: FiguresSettings) -> Figure:
    """Four panels."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, HEIGHT_CM)
        upper, lower = figure.subfigures(2, 1, height_ratios=(1.15, 1.0))  # type: ignore[misc]
        geometry, enlargement = upper.subplots(1, 2, width_ratios=(1.0, 1.25))
        profile, wind = lower.subplots(1, 2, width_ratios=(1.0, 1.25))
        geometry_panel(geometry)
        style.panel_letter(enlargement, "b", data.night, above_ticks=True)
        enlargement_panel(data.image, data.marked, data.factors, enlargement, settings)
        profile_panel(data.profile, data.factors, profile)
        wind_panel(data.wind, data.night, data.marked, wind, settings)
        simulated = simulated_panels(data)
        if simulated:
            style.mark_synthetic(figure, "panel" + ("s " if len(simulated) > 1 else " ") + " and ".join(simulated))
    return figure


def plotted(data: Figure5Data) -> pd.DataFrame:
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


def caption(data: Figure5Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    simulated = simulated_panels(data)
    panels = f"data of panel{'s' if len(simulated) > 1 else ''} {captions.listed(simulated)}"
    stripes = "; ".join(f"{captions.clock(row['time_top'])} UT: {in_words(row)}" for _, row in data.marked.iterrows())
    return captions.paragraph(
        captions.synthetic(bool(simulated), panels),
        "(a) A trail of zenith angle β drifts with speed v through the vertical beam, and its maximum moves along "
        "the beam with v_c; for an angle Δ between trail and drift, arctan(v/|v_c|) is a limit.",
        f"(b) {data.night}{_lidar_place(data)}, cells of {settings.altitude_cell_km:g} km by one profile, with the "
        f"marked stripes between dashed lines, which run parallel to their fits: {stripes or 'none'}.",
        "Intervals of β hold 68 % and rest on the errors of slope and wind alone; that the trail moves with the "
        "neutral wind at 250 km and leans along it (Δ = 0) is assumed."
        if data.marked["beta_deg"].notna().any()
        else "",
        profile_words(data.profile, data.factors),
        f"(d) {data.night}{_wind_place(data)}: eastward and northward wind with standard errors, joined by straight "
        "lines, and the wind as a vector, north up; vertical lines: times of the marked stripes.",
        captions.missing(data.image, data.wind, NO_PROFILE if data.profile.empty else None),
    )


def _lidar_place(data: Figure5Data) -> str:
    if not isinstance(data.image, DensityImage) or data.image.station is None:
        return ""
    return f", {data.image.species} at {data.image.station.words()}"


def _wind_place(data: Figure5Data) -> str:
    station = station_of(data.wind.attrs) if isinstance(data.wind, xr.Dataset) else None
    return f", {station.words()}" if station else ""


def numbers(data: Figure5Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows = [
        ("b", f"marked stripe {number + 1}", in_words(row), "")
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
