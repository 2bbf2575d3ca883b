"""A page of a night that opens from disk: zoom to single bins, read values, see each stripe."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.colors import LogNorm

from metalclouds.figures import figure1, stripe_words, style
from metalclouds.figures.images import (
    DensityImage,
    average,
    centre_edges,
    corrected,
    density_image,
    density_norm,
    intervals,
)
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import offset_words
from metalclouds.io import replacing
from metalclouds.physics.density import usable_density
from metalclouds.schema.tables import STRIPE_PROFILES, STRIPES
from metalclouds.schema.variables import named_by_contract

if TYPE_CHECKING:
    from metalclouds.detect.night import DetectedNight

# One byte a cell: not observed, below the scale, and steps of equal ratio.
NOT_OBSERVED, BELOW, FIRST, LAST = 0, 1, 2, 255
# How many altitude bins are joined, one after the other, until a page is small enough.
JOINED_BINS = (1, 2, 4, 8, 16)
# The hardest levels take several times as long for a few per cent.
DEFLATE = 6
NOT_OBSERVED_COLOUR = "#7A7A7A"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Level:
    """Density of a night at one resolution.

    Attributes
    ----------
    name
        what the page calls it.
    starts, stops
        (time,) ends of the cells, s since 00 UT of the night; ascending, gaps between them stay open.
    bottom_km, step_km
        lower edge of the lowest cell, height of a cell.
    density
        (altitude, time), cm-3, NaN where nothing was observed.
    error
        (altitude,) median standard error of a cell, cm-3.
    clipped_noise
        (altitude,) of single bins whose negative values were lost, see `physics.density`; None else.
    """

    name: str
    starts: np.ndarray
    stops: np.ndarray
    bottom_km: float
    step_km: float
    density: np.ndarray
    error: np.ndarray
    clipped_noise: np.ndarray | None = None


@dataclass(frozen=True)
class Scale:
    """Density of a code: low * (high / low) ** ((code - FIRST) / (LAST - FIRST)), cm-3."""

    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Ratio of a code's density to the density of the code below."""
        return float((self.high / self.low) ** (1.0 / (LAST - FIRST)))

    def codes(self, density: np.ndarray) -> np.ndarray:
        """Codes of densities, uint8: the nearest step; below `low` (noise included) BELOW, NaN NOT_OBSERVED.

        Parameters
        ----------
        density
            cm-3, of any dims.

        Returns
        -------
        ndarray
            uint8, dims of `density`.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            steps = np.rint(np.log(density / self.low) / np.log(self.ratio)) + FIRST
        coded = np.where(density >= self.low, np.clip(steps, FIRST, LAST), BELOW)
        return np.where(np.isfinite(density), coded, NOT_OBSERVED).astype("uint8")

    def densities(self) -> np.ndarray:
        """Density of each code from FIRST on, cm-3.

        Returns
        -------
        ndarray
            cm-3, dims (code,).
        """
        return self.low * self.ratio ** np.arange(LAST - FIRST + 1)


def overview(image: DensityImage, settings: FiguresSettings) -> Level:
    """The cells of Figure 1."""
    seconds = image.hours * 3600.0
    name = f"overview, {settings.time_cell_s:.0f} s × {settings.altitude_cell_km:g} km"
    bottom, step = float(image.altitude_km[0]), settings.altitude_cell_km
    return Level(name, seconds[:-1], seconds[1:], bottom, step, image.density, _typical(image.error))


def profiles(lidar: xr.Dataset, found: xr.Dataset | None, settings: FiguresSettings) -> Level:
    """Every profile and altitude bin of the source between the limits of the images.

    Parameters
    ----------
    lidar
        dataset of `ingest/lidar`.
    found
        dataset of detect/<night>.nc; None where the night was not searched.
    """
    density = usable_density(lidar, found)
    starts, stops = intervals(lidar, str(lidar.attrs["night"]))
    altitude = lidar["altitude"].values.astype(float)
    shown = (altitude >= settings.image_floor_km) & (altitude <= settings.image_ceiling_km)
    low, high = centre_edges(altitude[shown])
    step = float(np.median(high - low))
    noise = None if density.clipped_noise is None else density.clipped_noise[shown]
    return Level(
        "", starts * 3600.0, stops * 3600.0, float(low[0]), step, density.values[:, shown].T,
        _typical(density.error[:, shown].T), noise,
    )  # fmt: skip


def _typical(error: np.ndarray) -> np.ndarray:
    """Median of each row; NaN where there is none."""
    known = np.ma.masked_invalid(error)
    return np.ma.median(known, axis=1).filled(np.nan).astype(float)


def joined(level: Level, bins: int) -> Level:
    """A level with altitude bins joined to their mean; those left over at the top are dropped."""
    rows = level.density.shape[0] // bins
    edges = np.arange(rows + 1.0) * bins
    lower = np.arange(rows * bins, dtype=float)
    density, covered = average(level.density[: rows * bins], lower, lower + 1.0, edges)
    if bins > 1 and level.clipped_noise is not None:
        centres = 0.5 * (edges[1:] + edges[:-1])
        density = corrected(density.T, level.clipped_noise[: rows * bins], lower + 0.5, centres).T
    density[covered < 0.5] = np.nan
    error = np.sqrt(np.mean(level.error[: rows * bins].reshape(rows, bins) ** 2, axis=1) / bins)
    return replace(level, step_km=level.step_km * bins, density=density, error=error, clipped_noise=None)


def named(level: Level, what: str) -> Level:
    """A level with its cell in its name."""
    length = float(np.median(level.stops - level.starts))
    return replace(level, name=f"{what}, {length:.0f} s × {level.step_km:.2g} km")


def levels(full: Level, image: DensityImage, settings: FiguresSettings, bins: int) -> list[Level]:
    """Overview, middle and finest resolution, with so many altitude bins joined in the finest."""
    finest = joined(full, bins)
    middle = max(bins, round(settings.night_middle_km / full.step_km))
    out = [overview(image, settings)]
    if bins < middle and full.step_km * middle < settings.altitude_cell_km:
        out.append(named(joined(full, middle), "profiles"))
    return [*out, named(finest, "single bins" if bins == 1 else f"{bins} bins joined")]


def packed(level: Level, scale: Scale) -> dict[str, Any]:
    """A level as the page holds it: codes deflated and in base 64, rows from the lowest altitude up."""
    codes = scale.codes(level.density)
    return {
        "name": level.name,
        "starts": np.round(level.starts, 1).tolist(),
        "stops": np.round(level.stops, 1).tolist(),
        "bottom": round(level.bottom_km, 4),
        "step": round(level.step_km, 5),
        "rows": int(codes.shape[0]),
        "error": [float(f"{value:.2g}") if np.isfinite(value) else None for value in level.error],
        "data": base64.b64encode(zlib.compress(codes.tobytes(), DEFLATE)).decode("ascii"),
    }


# ---- stripes -----------------------------------------------------------------------------------------------


def stripe_rows(stripes: pd.DataFrame, profiles: pd.DataFrame, night: str) -> list[dict[str, Any]]:
    """What the page says and draws of each stripe of a night.

    Parameters
    ----------
    stripes
        table STRIPES.
    profiles
        table STRIPE_PROFILES.
    """
    own = stripes[stripes["night"] == night]
    errors = stripe_words.peak_errors(profiles)
    bottom, top = hours_of_night(own["time_bottom"], night), hours_of_night(own["time_top"], night)
    return [
        _stripe(row, errors, 3600.0 * t0, 3600.0 * t1)
        for (_, row), t0, t1 in zip(own.iterrows(), bottom, top, strict=True)
    ]


def _stripe(row: pd.Series, errors: Mapping[str, float], bottom_s: float, top_s: float) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "t": [round(bottom_s, 1), round(top_s, 1)],
        "z": [round(float(row["bottom_km"]), 3), round(float(row["top_km"]), 3)],
        "from": _clock(bottom_s),
        "to": _clock(top_s),
        "slowness": stripe_words.slowness(row),
        "width": stripe_words.width(row),
        "density": stripe_words.peak(row, errors),
        "beta": beta_words(row),
    }


def beta_words(row: pd.Series) -> str:
    """Zenith angle with its kind and interval: "7.7° (6.7 to 8.7)", "at least 6.2° (from 5.4)".

    Parameters
    ----------
    row
        a row of STRIPES.
    """
    kind = row["beta_kind"]
    if kind == "value":
        return f"{row['beta_deg']:.1f}° ({row['beta_low_deg']:.1f} to {row['beta_high_deg']:.1f})"
    if kind == "lower_limit":
        return f"at least {row['beta_deg']:.1f}° (from {row['beta_low_deg']:.1f})"
    if kind == "upper_limit":
        return f"at most {row['beta_deg']:.1f}° (up to {row['beta_high_deg']:.1f})"
    return "no wind"


def _clock(seconds: float) -> str:
    whole = round(seconds) % 86400
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


# ---- page --------------------------------------------------------------------------------------------------


def colours(scale: Scale, norm: LogNorm, settings: FiguresSettings) -> list[str]:
    """Colour of each code: the map and scale of Figure 1."""
    table = style.colour_map(settings.colour_map)(norm(scale.densities()), bytes=True)[:, :3]
    return [NOT_OBSERVED_COLOUR, style.BELOW_FLOOR, *("#" + bytes(entry).hex().upper() for entry in table)]


def colour_bar(norm: LogNorm, settings: FiguresSettings) -> dict[str, Any]:
    """Colours from end to end of the scale, and where full decades stand, per cent."""
    low, high = float(norm.vmin or 1.0), float(norm.vmax or 10.0)
    shades = style.colour_map(settings.colour_map)(np.linspace(0.0, 1.0, 33), bytes=True)[:, :3]
    exponents = range(int(np.ceil(np.log10(low) - 1e-9)), int(np.floor(np.log10(high) + 1e-9)) + 1)
    marks = [{"at": round(100.0 * float(norm(10.0**one)), 2), "text": f"{10.0**one:g}"} for one in exponents]
    return {"colours": ["#" + bytes(shade).hex() for shade in shades], "marks": marks}


def render(
    case: figure1.CaseNight,
    shown: Sequence[Level],
    stripes: Sequence[dict[str, Any]],
    norm: LogNorm,
    settings: FiguresSettings,
    *,
    nights: Sequence[str],
    synthetic: bool,
) -> str:
    """HTML of the page of a night; without levels it says what is missing.

    Parameters
    ----------
    nights
        the case nights in order, for the links between the pages; none of a night that belongs to no run.
    """
    top = max([float(norm.vmax or 10.0)] + [float(np.nanmax(one.density)) for one in shown])
    scale = Scale(float(norm.vmin or 1.0), top)
    offset = None if isinstance(case.image, Missing) else case.image.local_offset_hours(settings)
    state = {
        "night": case.night,
        "offset": None if offset is None else 3600.0 * offset,
        "local": offset_words(offset),
        "low": scale.low,
        "ratio": scale.ratio,
        "colours": colours(scale, norm, settings),
        "levels": [packed(one, scale) for one in shown],
        "stripes": list(stripes),
        "stripe_colour": style.STRIPE,
        "overlays": settings.overlays,
    }
    environment = Environment(
        loader=PackageLoader("metalclouds.figures"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup((TEMPLATES / "night.css").read_text(encoding="utf-8"))
    environment.globals["script"] = Markup((TEMPLATES / "night.js").read_text(encoding="utf-8"))
    missing = case.image.text() if isinstance(case.image, Missing) else ""
    species, place = ("", "") if isinstance(case.image, Missing) else (case.image.species, _place(case.image))
    return environment.get_template("night.html.j2").render(
        case=case, state=state, bar=colour_bar(norm, settings), nights=nights, synthetic=synthetic, missing=missing,
        species=species, place=place,
        half_step=f"{50.0 * (scale.ratio - 1.0):.0f}", not_observed=NOT_OBSERVED_COLOUR, below=style.BELOW_FLOOR,
    )  # fmt: skip


def _place(image: DensityImage) -> str:
    return image.station.words() if image.station is not None else ""


def pages(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> dict[str, str]:
    """Night -> HTML of its page, one for each case night.

    Parameters
    ----------
    cases
        [{"panel", "night"}] of the configuration.

    Raises
    ------
    ReadError
        If a file of the run cannot be read.
    ContractError
        If a table lacks a column.
    """
    data = figure1.load(run_dir, cases, settings)
    run, norm = Run(run_dir), density_norm(data.images, settings)
    stripes = run.table("detect/stripes.csv", STRIPES, optional=True)
    more: dict[str, Any] = {"nights": [case.night for case in data.nights], "synthetic": data.synthetic}
    return {case.night: _page(run, case, stripes, norm, settings, more) for case in data.nights}


def _page(
    run: Run,
    case: figure1.CaseNight,
    stripes: pd.DataFrame,
    norm: LogNorm,
    settings: FiguresSettings,
    more: dict[str, Any],
) -> str:
    lidar = run.dataset(f"ingest/lidar/cases/{case.night}.nc")
    if lidar is None or isinstance(case.image, Missing):
        return render(case, [], [], norm, settings, **more)
    full = profiles(lidar, run.dataset(f"detect/cases/{case.night}.nc"), settings)
    along = run.table("detect/stripe_profiles.csv", STRIPE_PROFILES, optional=True)
    return _fitting(case, full, stripe_rows(stripes, along, case.night), norm, settings, more)


def _fitting(
    case: figure1.CaseNight,
    full: Level,
    rows: Sequence[dict[str, Any]],
    norm: LogNorm,
    settings: FiguresSettings,
    more: dict[str, Any],
) -> str:
    """The page with as many altitude bins joined as it takes to keep it small."""
    html = ""
    if isinstance(case.image, Missing):
        return html
    for bins in JOINED_BINS:
        html = render(case, levels(full, case.image, settings, bins), rows, norm, settings, **more)
        if len(html.encode("utf-8")) <= 1e6 * settings.night_page_mb:
            break
    return html


def single(night: xr.Dataset, found: DetectedNight | None, settings: FiguresSettings) -> str:
    """HTML of a night that belongs to no run, as `metalclouds plot --html` writes it.

    Parameters
    ----------
    night
        dataset of `ingest/lidar`, dims (time, altitude).
    found
        what `metalclouds.detect` found in it; without it the page lists no stripes.
    """
    night, date = named_by_contract(night), str(night.attrs["night"])
    searched = found.dataset if found is not None else None
    image = density_image(night, settings, found=searched)
    stripes = found.stripes if found is not None else STRIPES.empty()
    along = found.stripe_profiles if found is not None else STRIPE_PROFILES.empty()
    more = {"nights": [], "synthetic": str(night.attrs.get("synthetic", "false")) == "true"}
    case = figure1.CaseNight("", date, image, stripes)
    full = profiles(night, searched, settings)
    return _fitting(case, full, stripe_rows(stripes, along, date), density_norm([image], settings), settings, more)


def build(run_dir: str | Path, cases: Sequence[dict], settings: Mapping[str, Any], out_dir: str | Path) -> None:
    """Write OUT_DIR/night_<YYYY-MM-DD>.html for each case night.

    Parameters
    ----------
    settings
        the config section `figures`.
    """
    for night, html in pages(run_dir, cases, FiguresSettings.model_validate(dict(settings))).items():
        with replacing(Path(out_dir) / f"night_{night}.html") as temporary:
            temporary.write_text(html, encoding="utf-8")
