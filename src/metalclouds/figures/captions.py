"""Captions with the numbers in them, and small tables of the numbers for the notebooks."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.constants import LOCAL_TIME_OFFSET_HOURS
from metalclouds.figures import figure1, figure2, figure3, figure4, figure5, figure6, maps
from metalclouds.figures.images import noise_floor
from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings

NUMBERS = ("panel", "quantity", "value", "unit")


def caption(name: str, data: object, settings: FiguresSettings) -> str:
    """The caption of a figure, `figure1` to `figure6`, as one paragraph."""
    text = _CAPTIONS[name](data, settings)
    return " ".join(part.strip() for part in text if part.strip())


def numbers(name: str, data: object) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit."""
    return pd.DataFrame(_NUMBERS[name](data), columns=list(NUMBERS))


def _synthetic(is_so: bool, what: str = "All data") -> str:
    return f"SYNTHETIC: {what} are simulated and no observation." if is_so else ""


def _missing(*things: object) -> str:
    reasons = sorted({thing.text(10_000) for thing in things if isinstance(thing, Missing)})
    return f"Missing: {'; '.join(reasons)}." if reasons else ""


def _clock(time: pd.Timestamp) -> str:
    return "?" if pd.isna(time) else f"{time:%H:%M}"


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else "none"


# ---- Figure 1 ----------------------------------------------------------------------------------------------


def _figure1(data: figure1.Data, settings: FiguresSettings) -> list[str]:
    nights = _listed(f"({case.panel}) {case.night}" for case in data.nights)
    text = [
        _synthetic(data.synthetic),
        f"Ca+ number density between {settings.image_floor_km:.0f} and {settings.image_ceiling_km:.0f} km on {nights}.",
        f"LT = UT + {LOCAL_TIME_OFFSET_HOURS:.0f} h. Means over cells of {settings.altitude_cell_km:g} km by "
        f"{settings.time_cell_s:.0f} s, one logarithmic scale; black: below the scale, noise included; hatched: not "
        "observed.",
        _noise(data, settings),
    ]
    if settings.overlays:
        counts = _listed(f"{case.panel} {len(case.stripes)}" for case in data.nights)
        text.append(
            f"Triangles mark the ends of detected stripes (number: {counts}); white outlines, detected clouds."
        )
    return [*text, _missing(*(case.image for case in data.nights))]


def _noise(data: figure1.Data, settings: FiguresSettings) -> str:
    high = settings.image_floor_km + 0.95 * (settings.image_ceiling_km - settings.image_floor_km)
    floor = noise_floor(data.images, high)
    return f"Noise of a cell at {high:.0f} km: {floor:.2g} cm-3 (1σ, median)." if np.isfinite(floor) else ""


def _numbers1(data: figure1.Data) -> list[tuple]:
    rows = []
    for case in data.nights:
        rows.append((case.panel, "stripes detected", len(case.stripes), "1"))
        for _, event in data.events[data.events["night"] == case.night].iterrows():
            span = f"{_clock(event['start_utc'])} to {_clock(event['end_utc'])} UT"
            rows.append((case.panel, str(event["kind"]).replace("_", " "), span, ""))
            rows.append((case.panel, "its altitudes", f"{event['bottom_km']:.0f} to {event['top_km']:.0f}", "km"))
    return rows


# ---- Figure 2 ----------------------------------------------------------------------------------------------


def _figure2(data: figure2.Data, settings: FiguresSettings) -> list[str]:
    if isinstance(data.maps, Missing):
        return ["Maps of vertical TEC could not be drawn.", _missing(data.maps)]
    times = [pd.Timestamp(value) for value in data.maps["time"].values]
    panels = ", ".join(
        f"({letter}) {time:%Y-%m-%d %H:%M}"
        for letter, time in zip(figure2.letters(data.maps), times, strict=True)
        if not pd.isna(time)
    )
    text = [
        _synthetic(data.synthetic),
        f"Vertical TEC at {panels} UT, one colour scale. Dot: the lidar. Hatched: no observation.",
        "Red dashed line: axis and latitude reach of the enhanced region found against the background, in maps within "
        "its duration; white: half of its peak excess.",
    ]
    return [*text, *_regions(data, times), str(data.maps.attrs.get("why", "")), maps.credit()]


def _regions(data: figure2.Data, times: list[pd.Timestamp]) -> list[str]:
    out = []
    for night in dict.fromkeys(figure2.night_of(time) for time in times if not pd.isna(time)):
        region = figure2.region_of(data.regions, night)
        if region is None:
            out.append(f"{night}: no enhanced region found.")
        else:
            out.append(
                f"{night}: {_clock(region['onset_utc'])} to {_clock(region['end_utc'])} UT at "
                f"{region['axis_longitude']:.1f}°E, {region['latitude_south']:.0f} to {region['latitude_north']:.0f}°N, "
                f"peak {region['peak_tecu']:.1f} ± {region['peak_error_tecu']:.1f} TECU, {region['area_km2']:.2g} km2."
            )
    return out


def _numbers2(data: figure2.Data) -> list[tuple]:
    rows = []
    chosen = data.regions[data.regions["left_out"].isna()] if len(data.regions) else data.regions
    for _, region in chosen.iterrows():
        where = f"{region['night']}, {region['method']}"
        if not bool(figure2.true(pd.Series([region["found"]])).iloc[0]):
            rows.append(("", f"{where}: enhanced region", "not found", ""))
            continue
        rows += [
            ("", f"{where}: onset", _clock(region["onset_utc"]), "UT"), ("", f"{where}: end", _clock(region["end_utc"]), "UT"),
            ("", f"{where}: sunrise at 250 km above the lidar", _clock(region["sunrise_250km_utc"]), "UT"),
            ("", f"{where}: axis", f"{region['axis_longitude']:.1f} ± {region['axis_longitude_error']:.1f}", "°E"),
            ("", f"{where}: latitudes", f"{region['latitude_south']:.1f} to {region['latitude_north']:.1f}", "°N"),
            ("", f"{where}: peak", f"{region['peak_tecu']:.2f} ± {region['peak_error_tecu']:.2f}", "TECU"),
            ("", f"{where}: area", f"{region['area_km2']:.3g}", "km2"),
        ]  # fmt: skip
    return rows


# ---- Figure 3 ----------------------------------------------------------------------------------------------


def _figure3(data: figure3.Data, settings: FiguresSettings) -> list[str]:
    bars = _listed(
        f"({letter}) {night.night}" for letter, night in zip(figure3.BAR_LETTERS, data.nights, strict=False)
    )
    shown = [choice for choice in data.ionograms if choice.sounding is not None]
    ionograms = ", ".join(f"({c.letter}) {c.night} {_clock(c.sounding['time_utc'])}" for c in shown)
    limits = sorted({night.limit_mhz for night in data.nights if np.isfinite(night.limit_mhz)})
    below = f" (foEs below {limits[0]:.1f} MHz)" if limits else ""
    return [
        _synthetic(data.synthetic),
        f"foEs on {bars}; no bar, but a triangle, where Es is absent{below}; hatched where no sounding was made. "
        "Red dashed box: stripes reach the main layer; blue line: a descending cloud begins to merge with it, both from "
        "the lidar. Filled squares: blanketing Es; open squares: double Es.",
        f"Ionograms, UT: {ionograms}. Chosen by rule: blanketing Es from the first connection of a night on, the first "
        f"double Es, and {settings.sequence_soundings} soundings across the first connection of the last night. Red: Es "
        f"that was absent a sounding before, or rose by {settings.sudden_rise_mhz:g} MHz."
        if shown
        else "",
        _missing(
            *(choice.missing for choice in data.ionograms),
            *([] if any(len(n.soundings) for n in data.nights) else [data.missing]),
        ),
    ]


def _numbers3(data: figure3.Data) -> list[tuple]:
    rows = []
    for letter, night in zip(figure3.BAR_LETTERS, data.nights, strict=False):
        own = night.soundings
        rows.append(
            (letter, "soundings with Es, of all", f"{(own['es_status'] == 'present').sum()} of {len(own)}", "1")
        )
        rows.append(
            (letter, "blanketing, double Es", f"{own['blanketing'].sum()}, {own['double_es'].sum()}", "soundings")
        )
        for _, event in night.events.iterrows():
            around = _around(own, event["start_utc"])
            rows.append(
                (
                    letter,
                    f"{str(event['kind']).replace('_', ' ')} at {_clock(event['start_utc'])} UT: "
                    "largest foEs in the hour before, after",
                    around,
                    "MHz",
                )
            )
    return rows


def _around(soundings: pd.DataFrame, start: pd.Timestamp) -> str:
    lag = (soundings["time_utc"] - start) / pd.Timedelta(hours=1)
    values = [soundings.loc[(lag >= low) & (lag < low + 1), "foEs_MHz"].max() for low in (-1.0, 0.0)]
    return ", ".join("no Es" if pd.isna(value) else f"{value:.2f}" for value in values)


# ---- Figure 4 ----------------------------------------------------------------------------------------------


def _figure4(data: figure4.Data, settings: FiguresSettings) -> list[str]:
    if data.missing is not None:
        return ["Monthly statistics could not be drawn.", _missing(data.missing)]
    table = data.monthly
    total, above, clear = (
        int(table[name].sum()) for name in ("nights_observed", "nights_above_150", "nights_clear_200_300")
    )
    return [
        _synthetic(data.synthetic),
        f"(a) By calendar month, all years together: nights observed (grey, {total} in all), nights with Ca+ above 150 km "
        f"(blue, {above}; clear at 200 to 300 km on {clear}; {table['false_nights_expected'].sum():.1f} expected to be "
        "false), and their ratio (curve) with its binomial interval.",
        "(b) Mean of the nights' column densities, each night with the same weight, with the interval of the arithmetic "
        "mean of log-normal nights; above, the number of nights.",
        "(c) Mean density by month and altitude.",
        f"Highest occurrence: {_months(table, 'occurrence', 3)}; highest column density: "
        f"{_months(table, 'column_density_cm2', 4)}; lowest: {_months(table, 'column_density_cm2', 1, True)}.",
    ]


def _months(table: pd.DataFrame, name: str, count: int, smallest: bool = False) -> str:
    ranked = table.dropna(subset=[name]).sort_values(name, ascending=smallest, kind="stable")["month"].head(count)
    return _listed(calendar.month_name[int(month)] for month in ranked)


def _numbers4(data: figure4.Data) -> list[tuple]:
    rows = []
    for _, month in data.monthly.iterrows():
        name = calendar.month_abbr[int(month["month"])]
        rows.append(
            (
                "a",
                f"{name}: nights above 150 km, of observed",
                f"{month['nights_above_150']:.0f} of {month['nights_observed']:.0f}",
                "1",
            )
        )
        rows.append(
            (
                "b",
                f"{name}: column density",
                f"{month['column_density_cm2']:.2e} "
                f"({month['column_low_cm2']:.1e} to {month['column_high_cm2']:.1e})",
                "cm-2",
            )
        )
    return rows


# ---- Figure 5 ----------------------------------------------------------------------------------------------


def _figure5(data: figure5.Data, settings: FiguresSettings) -> list[str]:
    reference = figure5.reference_altitude(data.factors)
    simulated = [letter for letter, is_so in (("b", data.synthetic_lidar), ("d", data.synthetic_wind)) if is_so]
    stripes = "; ".join(f"{_clock(s['time_top'])} UT: {_plain(s)}" for _, s in data.marked.iterrows())
    return [
        _synthetic(bool(simulated), f"data of panel{'s' if len(simulated) > 1 else ''} {_listed(simulated)}"),
        "(a) A trail of zenith angle β drifts with speed v through the vertical beam, and its maximum moves along the "
        "beam with v_c; for an angle Δ between trail and drift, arctan(v/|v_c|) is a limit.",
        f"(b) {data.night}, {settings.altitude_cell_km:g} km by one profile, with the marked stripes: {stripes or 'none'}.",
        f"(c) Neutral density of NRLMSISE-00 above the lidar and its scale height (grey), {_indices(data.factors)}; red "
        f"in b and c: {reference:.0f} km, from where it rises {_rises(data.factors)}.",
        f"(d) {data.night}: eastward and northward wind with standard errors, and the wind as a vector, north up.",
        _missing(data.image, data.wind),
    ]


def _plain(stripe: pd.Series) -> str:
    kind = str(stripe["beta_kind"]).replace("_", " ")
    return (
        f"dt/dz = {stripe['slowness_s_per_km']:.2f} ± {stripe['slowness_sigma_s_per_km']:.2f} s/km, "
        f"β = {stripe['beta_deg']:.2f}° ({stripe['beta_low_deg']:.2f} to {stripe['beta_high_deg']:.2f}, {kind})"
    )


def _rises(factors: pd.DataFrame) -> str:
    rises = factors[factors["name"].astype(str).str.startswith("rise_")]
    return _listed(
        f"×{value:.0f} to {str(name).rsplit('_', 1)[1]} km"
        for name, value in zip(rises["name"], rises["value"], strict=True)
    )


def _indices(factors: pd.DataFrame) -> str:
    known = factors.set_index("name")["value"]
    words = [
        f"{word} {known[name]:g}"
        for name, word in (("f107", "F10.7"), ("f107_mean", "F10.7a"), ("ap", "Ap"))
        if name in known
    ]
    return "with " + ", ".join(words) if words else "indices not recorded"


def _numbers5(data: figure5.Data) -> list[tuple]:
    rows = [("b", f"marked stripe {number + 1}", _plain(stripe), "") for number, stripe in data.marked.iterrows()]
    rows += [
        ("c", str(name).replace("_", " "), f"{value:.4g}", unit)
        for name, value, unit in zip(data.factors["name"], data.factors["value"], data.factors["unit"], strict=True)
    ]
    if isinstance(data.wind, xr.Dataset):
        for name in ("eastward_wind", "northward_wind"):
            values = data.wind[name].values
            rows.append(
                (
                    "d",
                    f"{name.replace('_', ' ')}, mean and range of the night",
                    f"{np.nanmean(values):.0f} ({np.nanmin(values):.0f} to {np.nanmax(values):.0f})",
                    "m s-1",
                )
            )
    return rows


# ---- Figure 6 ----------------------------------------------------------------------------------------------


def _figure6(data: figure6.Data, settings: FiguresSettings) -> list[str]:
    if data.missing is not None:
        return ["Schematic of cloud formation; no stripes to draw.", _missing(data.missing)]
    long = int(figure6.true(data.stripes["reaches_main_layer"]).sum())
    return [
        _synthetic(data.synthetic),
        f"How the clouds may form, drawn to scale: the {len(data.stripes)} stripes of {data.night} ({long} reach the main "
        f"layer), placed along the drift by their times and the wind of {data.wind_m_s:.0f} m/s, as wide as they were "
        f"measured; the main layer at the median centroid of {data.centroid_km:.1f} km and rms width of "
        f"{data.rms_width_km:.1f} km; neutral density at the left. The tilt is that of the stripe in the plane of the "
        "drift. Paths of meteoroids and bright meteors are sketched, not measured.",
    ]


def _numbers6(data: figure6.Data) -> list[tuple]:
    if data.missing is not None:
        return []
    lengths = data.stripes["top_km"] - data.stripes["bottom_km"]
    return [
        ("", "stripes", len(data.stripes), "1"), ("", "lowest lower end", f"{data.stripes['bottom_km'].min():.0f}", "km"),
        ("", "highest upper end", f"{data.stripes['top_km'].max():.0f}", "km"),
        ("", "height, shortest to tallest", f"{lengths.min():.0f} to {lengths.max():.0f}", "km"),
        ("", "centroid of the main layer", f"{data.centroid_km:.1f}", "km"), ("", "wind", f"{data.wind_m_s:.0f}", "m s-1"),
    ]  # fmt: skip


_CAPTIONS: dict[str, Callable] = {
    "figure1": _figure1, "figure2": _figure2, "figure3": _figure3, "figure4": _figure4, "figure5": _figure5,
    "figure6": _figure6,
}  # fmt: skip
_NUMBERS: dict[str, Callable] = {
    "figure1": _numbers1, "figure2": _numbers2, "figure3": _numbers3, "figure4": _numbers4, "figure5": _numbers5,
    "figure6": _numbers6,
}  # fmt: skip
