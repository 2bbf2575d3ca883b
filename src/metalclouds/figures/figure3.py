"""Figure 3: sporadic E on the case nights beside the connections found in the lidar, and nine ionograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from metalclouds.derive.ionogram_choice import (
    DESCENDING,
    DIRECT,
    ChoiceRules,
    ChosenSounding,
    choose_ionograms,
    in_order,
)
from metalclouds.figures import captions, style
from metalclouds.figures.axes import clock, joined
from metalclouds.figures.es_bars import BAR_LETTERS, EsNight, draw_bars
from metalclouds.figures.inputs import Missing, Run, hours_of_night
from metalclouds.figures.ionogram_panel import Ionogram, draw_ionograms
from metalclouds.figures.settings import FiguresSettings
from metalclouds.figures.station import listed_places, offset_words, station_of
from metalclouds.schema.tables import ES_CASES, EVENTS

UPPER_LETTERS = "fghi"
SEQUENCE_LETTERS = "jklmn"
BLOCK_CM = (10.6, 4.3, 4.0)


@dataclass(frozen=True)
class Figure3Data:
    """Everything Figure 3 shows."""

    nights: list[EsNight]
    ionograms: list[Ionogram]
    cadence_hours: float
    missing: Missing
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)
    giro: bool = False

    @property
    def observed(self) -> bool:
        """Whether any of the nights has a sounding."""
        return any((night.soundings["es_status"] != "not_observed").any() for night in self.nights)


def load(run_dir: str | Path, cases: Sequence[dict], settings: FiguresSettings) -> Figure3Data:
    """Read soundings, connections and ionograms of the nights that the settings name."""
    run = Run(run_dir)
    soundings = in_order(run.table("derive/es_cases.csv", ES_CASES))
    events = run.table("detect/batches/cases.events.csv", EVENTS, optional=True)
    missing = run.missing("ionosonde", "no ionosonde data")
    shown = [case for panel in settings.es_panels for case in cases if case["panel"] == panel]
    files = {case["night"]: run.dataset(f"ingest/ionosonde/cases/{case['night']}.nc") for case in shown}
    nights = [
        _night(case, soundings, events, files[case["night"]], run.missing("ionosonde", missing.what, case["night"]))
        for case in shown
    ]
    observed = any((night.soundings["es_status"] != "not_observed").any() for night in nights)
    ionograms = [_with_echoes(*one, files, missing, observed) for one in _lettered(nights, settings)]
    synthetic = run.synthetic("ionosonde") or run.synthetic("lidar")
    giro = captions.from_giro(run.inventory("ionosonde"))
    return Figure3Data(nights, ionograms, cadence_hours(soundings), missing, synthetic, run.inputs, giro)


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
    return EsNight(night, soundings[soundings["night"] == night], own, case["panel"], limit, missing, station)


def _lettered(nights: Sequence[EsNight], settings: FiguresSettings) -> list[tuple[str, ChosenSounding]]:
    """The ionograms with the letters of their panels."""
    rules = ChoiceRules(settings.blanketing_ionograms, settings.sequence_soundings, settings.sudden_rise_mhz)
    chosen = choose_ionograms(nights, rules)
    rows = ((UPPER_LETTERS, chosen.single), (SEQUENCE_LETTERS, chosen.sequence))
    return [pair for letters, row in rows for pair in zip(letters, row, strict=False)]


def _with_echoes(
    letter: str, chosen: ChosenSounding, files: dict[str, xr.Dataset | None], missing: Missing, observed: bool
) -> Ionogram:
    if chosen.sounding is None:
        what = f"no {chosen.rule}"
        nothing = Missing(what, "none found on these nights") if observed else replace(missing, what=what)
        return Ionogram(letter, chosen.rule, missing=nothing)
    file = files.get(chosen.night)
    unseen = Missing("no ionogram", "the source holds scaled values only", missing.where)
    if file is None or "echo_amplitude" not in file:
        return Ionogram(letter, chosen.rule, chosen.night, missing=unseen)
    echoes = file[["echo_amplitude"] + [n for n in ("echo_amplitude_x",) if n in file]]
    nearest = echoes.sel(ionogram_time=chosen.sounding["time_utc"], method="nearest")
    away = abs(pd.Timestamp(nearest["ionogram_time"].values.item()) - chosen.sounding["time_utc"])
    if away > pd.Timedelta(minutes=5):
        return Ionogram(letter, chosen.rule, chosen.night, missing=unseen)
    return Ionogram(letter, chosen.rule, chosen.night, chosen.sounding, nearest, chosen.sudden)


def draw(data: Figure3Data, settings: FiguresSettings) -> Figure:
    """Five panels of bars above nine ionograms, or a line where no sounding was made."""
    with style.journal(settings):
        if not data.observed:
            return style.line_of_missing(data.missing)
        figure = style.new_figure(style.PAGE_CM, sum(BLOCK_CM))
        top, middle, bottom = figure.subfigures(3, 1, height_ratios=BLOCK_CM)  # type: ignore[misc]
        draw_bars(top, data.nights, data.cadence_hours, settings)
        upper = [choice for choice in data.ionograms if choice.letter in UPPER_LETTERS]
        lower = [choice for choice in data.ionograms if choice.letter in SEQUENCE_LETTERS]
        draw_ionograms(middle, upper, settings)
        draw_ionograms(bottom, lower, settings)
        if data.synthetic:
            style.mark_synthetic(figure)
    return figure


def plotted(data: Figure3Data) -> pd.DataFrame:
    """The soundings behind the bars.

    Returns
    -------
    DataFrame
        table ES_CASES.
    """
    if not data.nights:
        return pd.DataFrame({name: [] for name in ES_CASES})
    return pd.concat([night.soundings for night in data.nights], ignore_index=True)


def caption(data: Figure3Data, settings: FiguresSettings) -> str:
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


def _where(data: Figure3Data, settings: FiguresSettings) -> str:
    """Where the sounder stands, and its local time."""
    stations = listed_places(dict.fromkeys(night.station for night in data.nights if night.station is not None))
    local = dict.fromkeys(offset_words(night.local_offset_hours(settings)) for night in data.nights)
    words = ", ".join(word for word in local if word)
    return (f" at {stations}" if stations else "") + (f" ({words})" if words else "")


def _ionogram_words(data: Figure3Data, settings: FiguresSettings) -> str:
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


def numbers(data: Figure3Data) -> pd.DataFrame:
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
