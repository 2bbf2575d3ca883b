"""What the page of somebody's own nights shows: nights, clouds and stripes, and why a night has none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from metalclouds import io
from metalclouds.figures import stripe_words
from metalclouds.report import figure
from metalclouds.schema.documents import Inventory
from metalclouds.schema.table import Table, is_true
from metalclouds.schema.tables import DETECT_NIGHTS, EVENTS, STRIPE_PROFILES, STRIPES

CLOUD = "cloud"
KINDS = {
    CLOUD: "cloud",
    "direct_connection": "stripes reach the main layer",
    "descending_merge": "cloud descends and merges with the main layer",
}


# Figures that show nothing without these instruments.
NEEDED = {1: ("lidar",), 2: ("tec",), 3: ("ionosonde",), 4: ("lidar",), 5: ("lidar",), 6: ("lidar", "fpi")}
_INSTRUMENTS = {"lidar": "a lidar", "tec": "total electron content", "fpi": "winds", "ionosonde": "an ionosonde"}


# Sections and keys of the configuration that are about other things than somebody's own nights.
_NOT_OWN = ("claims", "twin", "fetch.giro", "fetch.zenodo")
_OF_INSTRUMENT = {
    "tec": ("ingest.tec", "derive.tec", "figures.tec_range_tecu"),
    "fpi": ("ingest.fpi", "figures.wind_emission_nm", "trail.emission_nm"),
    "ionosonde": (
        "ingest.ionosonde", "derive.es", "figures.blanketing_ionograms", "figures.es_hours",
        "figures.es_margin_hours", "figures.es_panels", "figures.ionogram_height_km", "figures.sequence_soundings",
        "figures.sudden_rise_mhz",
    ),
}  # fmt: skip


def settings_shown(configuration: Mapping[str, Any], inventories: Mapping[str, Inventory]) -> dict[str, Any]:
    """The configuration without what is about instruments that the folder does not have, or about the paper."""
    absent = [name for name, one in inventories.items() if not one.present]
    left_out = {*_NOT_OWN, *(key for name in absent for key in _OF_INSTRUMENT.get(name, ()))}
    return {
        section: {key: value for key, value in values.items() if f"{section}.{key}" not in left_out}
        if isinstance(values, Mapping)
        else values
        for section, values in configuration.items()
        if section not in left_out
    }


def lacking(number: int, inventories: Mapping[str, Inventory]) -> str:
    """What a figure would need that the folder does not have, in words; "" where nothing is lacking."""
    missing = [name for name in NEEDED[number] if not inventories[name].present]
    return " and ".join(_INSTRUMENTS[name] for name in missing)


def content(run_dir: Path, configuration: Mapping[str, Any], inventories: Mapping[str, Inventory]) -> dict[str, Any]:
    """Rows of nights, events and stripes of a run, as the page's tables show them, and the settings that count."""
    nights, events, stripes = (_table(run_dir, table) for table in (DETECT_NIGHTS, EVENTS, STRIPES))
    errors = stripe_words.peak_errors(_table(run_dir, STRIPE_PROFILES))
    return {
        "nights": [_night(row, events, run_dir) for _, row in nights.iterrows()],
        "events": [_event(row) for _, row in events.iterrows()],
        "stripes": [_stripe(row, errors) for _, row in stripes.iterrows()],
        "configuration": settings_shown(configuration, inventories),
    }


def _table(run_dir: Path, table: Table) -> pd.DataFrame:
    path = run_dir / table.file
    return table.ordered(io.read_csv(path)) if path.is_file() else table.empty()


def _night(row: pd.Series, events: pd.DataFrame, run_dir: Path) -> dict[str, Any]:
    night = str(row["night"])
    clouds = int(((events["night"] == night) & (events["kind"] == CLOUD)).sum())
    pages = figure.existing(run_dir, [(night, name) for name in figure.pages_of(night)])
    return {
        "night": night,
        "page": pages[0]["href"] if pages else "",
        "hours": _number(row["hours"], 1),
        "profiles": f"{int(row['profiles']) - int(row['profiles_bad'])} of {int(row['profiles'])}",
        "noise": _number(row["noise_floor_cm3"], 2),
        "clouds": clouds,
        "stripes": int(row["stripes"]),
        "why": why_none(row, clouds) if not int(row["stripes"]) else "",
    }


def why_none(night: Mapping[str, Any] | pd.Series, clouds: int) -> str:
    """Why a night has no stripe, as far as its row of `detect/nights.csv` says it.

    Parameters
    ----------
    clouds
        how many clouds the night has.
    night
        a row of DETECT_NIGHTS.
    """
    profiles, bad = int(night["profiles"]), int(night["profiles_bad"])
    if profiles == bad:
        return f"none of its {profiles} profiles can be used (twilight, no signal, bursts or no background)"
    if clouds:
        things = "one structure was" if clouds == 1 else f"{clouds} structures were"
        return f"{things} taken for clouds: too wide for stripes, or without narrow ridges above the noise"
    if pd.isna(night["score_150"]):
        return "no cell above the boundary was observed"
    noise = night["noise_floor_cm3"]
    floor = "" if pd.isna(noise) else f"; noise of a cell {noise:.2g} cm-3"
    few = (
        ""
        if bool(is_true(pd.Series([night["observed"]])).iloc[0])
        else "; too few usable hours for the night to count as observed"
    )
    return f"nothing rises above the noise (highest score {night['score_150']:.1f} standard deviations{floor}){few}"


def _event(row: pd.Series) -> dict[str, str]:
    return {
        "night": str(row["night"]),
        "what": KINDS[str(row["kind"])],
        "start": _clock(row["start_utc"]),
        "end": _clock(row["end_utc"]),
        "altitudes": f"{row['bottom_km']:.0f} to {row['top_km']:.0f}",
        "density": stripe_words.two_digits(row["peak_density_cm3"]),
    }


def _stripe(row: pd.Series, errors: Mapping[str, float]) -> dict[str, str]:
    return {
        "night": str(row["night"]),
        "id": str(row["id"]),
        "start": _clock(row["time_bottom"]),
        "end": _clock(row["time_top"]),
        "altitudes": f"{row['bottom_km']:.0f} to {row['top_km']:.0f}",
        "slowness": stripe_words.slowness(row),
        "width": stripe_words.width(row),
        "density": stripe_words.peak(row, errors),
    }


def _clock(time: pd.Timestamp) -> str:
    return "–" if pd.isna(time) else f"{time:%H:%M:%S}"


def _number(value: float, digits: int) -> str:
    return "–" if pd.isna(value) else f"{float(value):.{digits}f}"
