"""Figure 3: sporadic E on the case nights beside the connections found in the lidar, and nine ionograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle
from matplotlib.ticker import MultipleLocator

from metalclouds.figures import captions, style
from metalclouds.figures.axes import clock, joined, label_outermost, outermost, rounded_limits, ut_axis
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import Station, listed_places, offset_words, station_of
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import ES_CASES, EVENTS
from metalclouds.schema.variables import ES_FLAGS, VARIABLES

BAR_LETTERS, UPPER_LETTERS, SEQUENCE_LETTERS = "abcde", "fghi", "jklmn"
DOUBLE_PLACE = 1
BLOCK_CM = (10.6, 4.3, 4.0)
# Rows of marks above the bars, as shares of the panel's height.
BLANKETING_ROW, DOUBLE_ROW = 0.94, 0.85
DIRECT, DESCENDING = "direct_connection", "descending_merge"
NO_SOUNDING = Missing("no ionosonde data", "no sounding on this night")


@dataclass(frozen=True)
class EsNight:
    """Soundings and connections of one night."""

    panel: str
    night: str
    soundings: pd.DataFrame
    events: pd.DataFrame
    limit_mhz: float
    missing: Missing = NO_SOUNDING
    station: Station | None = None

    def local_offset_hours(self, settings: FiguresSettings) -> float | None:
        """Local time minus UT (h); None where neither settings nor file say it."""
        if self.station is None:
            return settings.local_time_offset_hours
        return self.station.local_offset_hours(settings.local_time_offset_hours)


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


@dataclass(frozen=True)
class Data:
    """Everything Figure 3 shows."""

    nights: list[EsNight]
    ionograms: list[Ionogram]
    cadence_hours: float
    missing: Missing
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)
    giro: bool = False


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Data:
    """Read soundings, connections and ionograms of the nights that the settings name."""
    run = Run(run_dir)
    soundings = with_status(run.table("derive/es_cases.csv", ES_CASES))
    events = run.table("detect/batches/cases.events.csv", EVENTS, optional=True)
    missing = run.missing("ionosonde", "no ionosonde data")
    shown = [case for panel in settings.es_panels for case in cases if case["panel"] == panel]
    files = {case["night"]: run.dataset(f"ingest/ionosonde/cases/{case['night']}.nc") for case in shown}
    nights = [
        _night(case, soundings, events, files[case["night"]], run.missing("ionosonde", missing.what, case["night"]))
        for case in shown
    ]
    ionograms = [_with_echoes(choice, files, missing) for choice in choose_ionograms(nights, settings)]
    synthetic = run.synthetic("ionosonde") or run.synthetic("lidar")
    giro = captions.from_giro(run.inventory("ionosonde"))
    return Data(nights, ionograms, cadence_hours(soundings), missing, synthetic, run.inputs, giro)


def with_status(soundings: pd.DataFrame) -> pd.DataFrame:
    """Soundings in order of time with `es_status` as words, whether the table holds words or flags.

    Parameters
    ----------
    soundings
        table ES_CASES.

    Returns
    -------
    DataFrame
        the same columns, flags as booleans.
    """
    words = {str(value): name for name, value in ES_FLAGS.items()}
    status = soundings["es_status"].map(lambda value: words.get(str(value).removesuffix(".0"), str(value)))
    flags = {name: is_true(soundings[name]) for name in ("blanketing", "double_es")}
    return soundings.assign(es_status=status, **flags).sort_values("time_utc", kind="stable")


def cadence_hours(soundings: pd.DataFrame) -> float:
    """Median time between soundings (h); a quarter where there are fewer than two.

    Parameters
    ----------
    soundings
        table ES_CASES.
    """
    steps = soundings.groupby("night")["time_utc"].diff().dropna() / pd.Timedelta(hours=1)  # type: ignore[operator]
    return float(steps.median()) if len(steps) else 0.25


def _night(
    case: dict, soundings: pd.DataFrame, events: pd.DataFrame, file: xr.Dataset | None, missing: Missing
) -> EsNight:
    night = case["night"]
    own = events[(events["night"] == night) & events["kind"].isin([DIRECT, DESCENDING])]
    limit = float(file.attrs["foEs_limit_MHz"]) if file is not None else float("nan")
    station = station_of(file.attrs) if file is not None else None
    return EsNight(case["panel"], night, soundings[soundings["night"] == night], own, limit, missing, station)


# ---- which ionograms ---------------------------------------------------------------------------------------


def choose_ionograms(nights: list[EsNight], settings: FiguresSettings) -> list[Ionogram]:
    """The nine ionograms by rule: blanketing Es, the double Es, and a sequence across a first connection."""
    count = settings.blanketing_ionograms
    blanketing = _blanketing(nights, count)
    upper: list[tuple[str, tuple[EsNight, int] | None]] = [("blanketing Es", found) for found in blanketing]
    upper += [("blanketing Es", None)] * (count - len(upper))
    upper.insert(DOUBLE_PLACE, ("double Es", _first_double(nights)))
    chosen = [
        _choice(letter, rule, found, settings) for letter, (rule, found) in zip(UPPER_LETTERS, upper, strict=False)
    ]
    return chosen + _sequence(nights[-1] if nights else None, settings)


def _blanketing(nights: list[EsNight], count: int) -> list[tuple[EsNight, int]]:
    """First of each night from its first connection on; then the later ones, night by night."""
    first, later = [], []
    for night in nights:
        start = night.events["start_utc"].min() if len(night.events) else pd.NaT
        rows = night.soundings.reset_index(drop=True)
        hits = rows.index[rows["blanketing"] & ~(rows["time_utc"] < start)]
        first += [(night, int(row)) for row in hits[:1]]
        later += [(night, int(row)) for row in hits[1:]]
    return (first + later)[:count]


def _first_double(nights: list[EsNight]) -> tuple[EsNight, int] | None:
    for night in nights:
        rows = night.soundings.reset_index(drop=True)
        hits = rows.index[rows["double_es"]]
        if len(hits):
            return night, int(hits[0])
    return None


def _sequence(night: EsNight | None, settings: FiguresSettings) -> list[Ionogram]:
    """Soundings in a row, from the one before that nearest to the night's first connection."""
    letters = SEQUENCE_LETTERS[: settings.sequence_soundings]
    rule = "sequence across the first connection"
    if night is None or night.events.empty or night.soundings.empty:
        return [_choice(letter, rule, None, settings) for letter in letters]
    direct = night.events[night.events["kind"] == DIRECT]
    start = (direct if len(direct) else night.events)["start_utc"].min()
    times = night.soundings["time_utc"].reset_index(drop=True)
    first = max(0, int((times - start).abs().idxmin()) - 1)
    rows = [(night, row) if row < len(times) else None for row in range(first, first + len(letters))]
    return [_choice(letter, rule, found, settings) for letter, found in zip(letters, rows, strict=True)]


def _choice(letter: str, rule: str, found: tuple[EsNight, int] | None, settings: FiguresSettings) -> Ionogram:
    if found is None:
        return Ionogram(letter, rule, missing=Missing(f"no {rule}", "none found on these nights"))
    night, row = found
    sounding = night.soundings.iloc[row]
    before = night.soundings.iloc[row - 1] if row else None
    return Ionogram(letter, rule, night.night, sounding, sudden=is_sudden(sounding, before, settings))


def is_sudden(sounding: pd.Series, before: pd.Series | None, settings: FiguresSettings) -> bool:
    """Whether Es is there and was not in the sounding before, or its foEs rose by the settings' step.

    Parameters
    ----------
    sounding
        a row of ES_CASES.
    before
        the row before it; None for the first.
    """
    if sounding["es_status"] != "present" or before is None:
        return False
    if before["es_status"] == "absent":
        return True
    rise = scaled(sounding, "foEs") - scaled(before, "foEs")
    return bool(before["es_status"] == "present" and rise >= settings.sudden_rise_mhz)


def scaled(sounding: pd.Series, name: str) -> float:
    """`foEs` or `hEs` as scaled from the ionogram here; the source's own value where that is missing.

    Parameters
    ----------
    sounding
        a row of ES_CASES.
    name
        foEs (MHz) or hEs (km).
    """
    unit = {"foEs": "MHz", "hEs": "km"}[name]
    own = sounding[f"scaled_{name}_{unit}"]
    return float(own if pd.notna(own) else sounding[f"{name}_{unit}"])


def _with_echoes(choice: Ionogram, files: dict[str, xr.Dataset | None], missing: Missing) -> Ionogram:
    if choice.missing is not None or choice.sounding is None:
        return choice
    file = files.get(choice.night)
    reason = Missing("no ionogram", "the source holds scaled values only", missing.where)
    if file is None or "echo_amplitude" not in file:
        return Ionogram(choice.letter, choice.rule, choice.night, missing=reason)
    echoes = file[["echo_amplitude"] + [n for n in ("echo_amplitude_x",) if n in file]]
    nearest = echoes.sel(ionogram_time=choice.sounding["time_utc"], method="nearest")
    away = abs(pd.Timestamp(nearest["ionogram_time"].values.item()) - choice.sounding["time_utc"])
    if away > pd.Timedelta(minutes=5):
        return Ionogram(choice.letter, choice.rule, choice.night, missing=reason)
    return Ionogram(choice.letter, choice.rule, choice.night, choice.sounding, nearest, choice.sudden)


# ---- drawing -----------------------------------------------------------------------------------------------


def draw(data: Data, settings: FiguresSettings) -> Figure:
    """Five panels of bars above nine ionograms."""
    with style.journal(settings):
        figure = style.new_figure(style.PAGE_CM, sum(BLOCK_CM))
        top, middle, bottom = figure.subfigures(3, 1, height_ratios=BLOCK_CM)  # type: ignore[misc]
        _draw_bars(top, data, settings)
        upper = [choice for choice in data.ionograms if choice.letter in UPPER_LETTERS]
        lower = [choice for choice in data.ionograms if choice.letter in SEQUENCE_LETTERS]
        _draw_ionograms(middle, upper, settings)
        _draw_ionograms(bottom, lower, settings)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def window(nights: list[EsNight], settings: FiguresSettings) -> tuple[float, float]:
    """Hours shown in all panels: the settings' if all connections lie in them, else those of the connections."""
    starts = [hours_of_night(night.events["start_utc"], night.night) for night in nights]
    ends = [hours_of_night(night.events["end_utc"], night.night) for night in nights]
    hours = np.concatenate([*starts, *ends]) if starts else np.array([])
    if not hours.size:
        hours = np.concatenate([hours_of_night(n.soundings["time_utc"], n.night) for n in nights] or [np.array([])])
    hours = hours[np.isfinite(hours)]
    if not hours.size:
        return 0.0, 24.0
    fixed = settings.es_hours
    if fixed is not None and fixed[0] <= hours.min() and hours.max() <= fixed[1]:
        return fixed
    return rounded_limits(hours.min() - settings.es_margin_hours, hours.max() + settings.es_margin_hours, 0.5)


def _draw_bars(figure: Figure, data: Data, settings: FiguresSettings) -> None:
    grid = figure.subplots(3, 2, sharex=True)
    limits = window(data.nights, settings)
    top = _top_mhz(data.nights, limits)
    for number, ax in enumerate(grid.flat[:-1]):
        if number < len(data.nights):
            style.panel_letter(ax, BAR_LETTERS[number], data.nights[number].night, above_ticks=True)
            bars_panel(data.nights[number], ax, data, limits, top, settings)
        else:
            ax.set_axis_off()
    grid.flat[-1].set_axis_off()
    _name_axes(grid)
    grid.flat[-1].legend(handles=_legend(), loc="center left", ncols=1, labelspacing=0.45)


def _name_axes(grid: np.ndarray) -> None:
    """Every panel has its hours; the outermost ones also name their axes."""
    left, lowest, topmost = outermost(grid)
    for ax in left:
        ax.set_ylabel(VARIABLES["foEs"].label)
    for ax in lowest:
        # Seaborn hides the name of an axis whose tick labels sharing had hidden.
        ax.set_xlabel("UT (h)", labelpad=1.5, visible=True)
    for ax in topmost:
        for local in ax.child_axes:
            local.set_xlabel("LT (h)", labelpad=2.0)


def _top_mhz(nights: list[EsNight], limits: tuple[float, float]) -> float:
    largest = [0.0]
    for night in nights:
        hours = hours_of_night(night.soundings["time_utc"], night.night)
        inside = (hours >= limits[0]) & (hours <= limits[1])
        largest.append(float(np.nanmax(np.append(night.soundings["foEs_MHz"].to_numpy(float)[inside], 0.0))))
    return max(1.0, 1.4 * max(largest))


def bars_panel(
    night: EsNight,
    ax: Axes,
    data: Data,
    limits: tuple[float, float],
    top_mhz: float,
    settings: FiguresSettings,
) -> Axes:
    """foEs of one night as bars; connections, blanketing and double Es marked."""
    import seaborn

    if night.soundings.empty:
        return style.draw_missing(ax, night.missing)
    rows = night.soundings.assign(hours=hours_of_night(night.soundings["time_utc"], night.night))
    rows = rows[rows["hours"].between(*limits, inclusive="neither")]
    present = rows[rows["es_status"] == "present"]
    if len(present):
        seaborn.barplot(
            present,
            x="hours",
            y="foEs_MHz",
            native_scale=True,
            color=style.GREY,
            ax=ax,
            legend=False,
            saturation=1.0,
            width=0.9,
            errorbar=None,
            edgecolor="none",
        )
        for bar in (patch for patch in ax.patches if isinstance(patch, Rectangle)):
            middle = bar.get_x() + 0.5 * bar.get_width()
            bar.set_width(0.85 * data.cadence_hours)
            bar.set_x(middle - 0.425 * data.cadence_hours)
    _mark_soundings(rows, ax, night.limit_mhz, data.cadence_hours)
    _mark_connections(night, ax)
    ax.set_ylim(0.0, top_mhz)
    ax.set_ylabel("")
    ax.tick_params(labelbottom=True)
    ut_axis(ax, *limits, night.local_offset_hours(settings), below=False, above=False)
    ax.set_xlabel("")
    return ax


def _mark_soundings(rows: pd.DataFrame, ax: Axes, limit_mhz: float, cadence: float) -> None:
    """Absent Es as an upper limit, soundings not made, blanketing and double Es."""
    absent = rows[rows["es_status"] == "absent"]
    if np.isfinite(limit_mhz):
        ax.plot(
            absent["hours"],
            np.full(len(absent), limit_mhz),
            "v",
            color=style.GREY,
            markersize=2.2,
            markerfacecolor="none",
            markeredgewidth=0.5,
        )
    for hour in rows.loc[rows["es_status"] == "not_observed", "hours"]:
        ax.axvspan(
            hour - cadence / 2,
            hour + cadence / 2,
            facecolor="none",
            edgecolor="#BBBBBB",
            hatch=style.HATCH,
            linewidth=0.0,
        )
    across = ax.get_xaxis_transform()
    for name, row, face in (("blanketing", BLANKETING_ROW, style.PURPLE), ("double_es", DOUBLE_ROW, "none")):
        hits = rows.loc[rows[name], "hours"]
        ax.plot(
            hits,
            np.full(len(hits), row),
            "s",
            transform=across,
            markersize=3.6,
            color=style.PURPLE,
            markerfacecolor=face,
            markeredgewidth=0.8,
            linestyle="none",
        )


def _mark_connections(night: EsNight, ax: Axes) -> None:
    """A red dashed box for as long as stripes reach the main layer, a blue line where a cloud begins to merge."""
    direct = night.events[night.events["kind"] == DIRECT]
    for start, end in joined(
        hours_of_night(direct["start_utc"], night.night), hours_of_night(direct["end_utc"], night.night), gap=0.25
    ):
        ax.add_patch(
            Rectangle(
                (start, 0.02),
                end - start,
                0.76,
                transform=ax.get_xaxis_transform(),
                fill=False,
                edgecolor="#E00000",
                linestyle=(0, (3, 1.5)),
                linewidth=0.9,
                zorder=5,
            )
        )
    onset = night.events.loc[night.events["kind"] == DESCENDING, "start_utc"]
    for hour in hours_of_night(onset, night.night):
        ax.axvline(hour, ymax=0.78, color="#0050D0", linewidth=1.3, zorder=6)


def _legend() -> list:
    square: dict[str, Any] = {"color": style.PURPLE, "marker": "s", "linestyle": "none", "markersize": 4}
    return [
        Patch(facecolor=style.GREY, label="foEs"),
        Line2D(
            [],
            [],
            color=style.GREY,
            marker="v",
            linestyle="none",
            markersize=3,
            markerfacecolor="none",
            markeredgewidth=0.5,
            label="no Es (foEs below the limit shown)",
        ),
        Patch(
            facecolor="none",
            edgecolor="#E00000",
            linestyle=(0, (3, 1.5)),
            label="stripes reach the main layer (lidar)",
        ),
        Line2D([], [], color="#0050D0", linewidth=1.3, label="descending cloud begins to merge (lidar)"),
        Line2D([], [], **square, label="blanketing Es"),
        Line2D([], [], **square, markerfacecolor="none", markeredgewidth=0.8, label="double Es"),
        Line2D(
            [],
            [],
            color="#E00000",
            marker="o",
            linestyle="none",
            markersize=5,
            markerfacecolor="none",
            label="Es absent or weaker a sounding before (f–n)",
        ),
        Patch(facecolor="#3C3C3C", label="ordinary echo (f–n)"),
        Patch(facecolor="#2E9A53", label="extraordinary echo (f–n)"),
    ]


def _draw_ionograms(figure: Figure, choices: list[Ionogram], settings: FiguresSettings) -> None:
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


def plotted(data: Data) -> pd.DataFrame:
    """The soundings behind the bars.

    Returns
    -------
    DataFrame
        table ES_CASES.
    """
    if not data.nights:
        return pd.DataFrame({name: [] for name in ES_CASES})
    return pd.concat([night.soundings for night in data.nights], ignore_index=True)


def caption(data: Data, settings: FiguresSettings) -> str:
    """The caption with its numbers, one paragraph."""
    nights = zip(BAR_LETTERS, data.nights, strict=False)
    bars = captions.listed(f"({letter}) {night.night}" for letter, night in nights)
    limits = sorted({night.limit_mhz for night in data.nights if np.isfinite(night.limit_mhz)})
    below = f" (foEs below {limits[0]:.1f} MHz)" if limits else ""
    nothing = [] if any(len(night.soundings) for night in data.nights) else [data.missing]
    return captions.paragraph(
        captions.synthetic(data.synthetic),
        f"foEs{_where(data, settings)} on {bars}; no bar, but a triangle, where Es is absent{below}; hatched where "
        "no sounding was made. Red dashed box: stripes reach the main layer; blue line: a descending cloud begins to "
        "merge with it, both from the lidar. Filled squares: blanketing Es; open squares: double Es.",
        _ionogram_words(data, settings),
        captions.giro(data.giro),
        captions.missing(*(choice.missing for choice in data.ionograms), *nothing),
    )


def _where(data: Data, settings: FiguresSettings) -> str:
    """Where the sounder stands, and its local time."""
    stations = listed_places(dict.fromkeys(night.station for night in data.nights if night.station is not None))
    local = dict.fromkeys(offset_words(night.local_offset_hours(settings)) for night in data.nights)
    words = ", ".join(word for word in local if word)
    return (f" at {stations}" if stations else "") + (f" ({words})" if words else "")


def _ionogram_words(data: Data, settings: FiguresSettings) -> str:
    shown = [choice for choice in data.ionograms if choice.sounding is not None]
    if not shown:
        return ""
    times = ", ".join(
        f"({c.letter}) {c.night} {captions.clock(c.sounding['time_utc'])}" for c in shown if c.sounding is not None
    )
    return (
        f"Ionograms, UT: {times}. Chosen by rule: blanketing Es from the first connection of a night on, the first "
        f"double Es, and {settings.sequence_soundings} soundings across the first connection of the last night. Red "
        f"oval: Es that was absent a sounding before, or rose by {settings.sudden_rise_mhz:g} MHz. The "
        "darker an echo, the stronger; flat traces above the circled one are its echoes of second and third order."
    )


def numbers(data: Data) -> pd.DataFrame:
    """What the figure lets a reader check, read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        columns `captions.NUMBERS`.
    """
    rows = []
    for letter, night in zip(BAR_LETTERS, data.nights, strict=False):
        own = night.soundings
        present = (own["es_status"] == "present").sum()
        rows.append((letter, "soundings with Es, of all", f"{present} of {len(own)}", "1"))
        marks = f"{own['blanketing'].sum()}, {own['double_es'].sum()}"
        rows.append((letter, "soundings with blanketing, double Es", marks, "1"))
        rows += [
            (letter, f"{what}: largest foEs in the hour before, after", around, "MHz")
            for what, around in _responses(night)
        ]
    return captions.table(rows)


def _responses(night: EsNight) -> list[tuple[str, str]]:
    """Each connection as it is drawn, and the largest foEs before and after its start."""
    out = []
    for kind, events in night.events.groupby("kind", sort=False):
        starts, ends = (
            hours_of_night(events["start_utc"], night.night),
            hours_of_night(events["end_utc"], night.night),
        )
        for start, end in joined(starts, ends, gap=0.25 if kind == DIRECT else -np.inf):
            words = f"{str(kind).replace('_', ' ')} {clock(start)} to {clock(end)} UT"
            out.append((words, _around(night.soundings, pd.Timestamp(night.night) + pd.Timedelta(hours=start))))
    return out


def _around(soundings: pd.DataFrame, start: pd.Timestamp) -> str:
    lag = (soundings["time_utc"] - start) / pd.Timedelta(hours=1)
    values = [soundings.loc[(lag >= low) & (lag < low + 1), "foEs_MHz"].max() for low in (-1.0, 0.0)]
    return ", ".join("no Es" if pd.isna(value) else f"{value:.2f}" for value in values)
