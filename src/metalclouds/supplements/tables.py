"""All supplements of a run: from its tables to derive/supplements.csv and the tables behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import Wind
from metalclouds.schema.tables import DERIVE_TABLES, DETECT_TABLES, SUPPLEMENT_AIR, SUPPLEMENT_STRIPES
from metalclouds.supplements import supply
from metalclouds.supplements.air import air
from metalclouds.supplements.observable import NotTestable, Observable, table
from metalclouds.supplements.settings import SupplementSettings
from metalclouds.supplements.stripes import with_drift


@dataclass(frozen=True)
class Given:
    """What the supplements read: tables by name (those of detect/ with the prefix `detect_`) and the wind."""

    tables: Mapping[str, pd.DataFrame]
    wind: Wind
    trail: TrailSettings
    settings: SupplementSettings


def read_tables(files: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
    """Tables of derive/ and detect/ by name; those of detect get the prefix `detect_`.

    Returns
    -------
    dict
        name -> table.
    """
    found = {}
    for file in map(Path, files):
        detected = file.parent.name == "detect"
        schema = (DETECT_TABLES if detected else DERIVE_TABLES)[file.name]
        found[f"detect_{file.stem}" if detected else file.stem] = schema.read(file)
    return found


def attempt(names: tuple[str, ...], test: Callable[[], list[Observable]]) -> list[Observable]:
    """The rows of a test; where it cannot be made, a row for each of its names that says why."""
    try:
        return test()
    except NotTestable as error:
        return [Observable(name, why=str(error)) for name in names]


def supplements(given: Given) -> dict[str, pd.DataFrame]:
    """Every table of the supplements, by the stem of its file.

    Returns
    -------
    dict
        stem of the file -> table, by its declaration in `schema.tables`.
    """
    settings = given.settings
    stripes = with_drift(given.tables["detect_stripes"], given.wind, given.trail)
    sized = supply.areas(stripes, settings.supply)
    hours = float(given.tables["detect_nights"]["hours"].sum())
    rows = attempt(
        ("supply_area", "supply_area_least", "supply_area_that_comes", "supply_log_ratio"),
        lambda: supply.supply(sized, hours, settings.supply, settings.confidence),
    )
    areas = sized[["area_least_m2", "area_m2", "area_largest_m2"]]
    return {
        "supplements": table(rows),
        "supplement_stripes": SUPPLEMENT_STRIPES.ordered(stripes.join(areas)[list(SUPPLEMENT_STRIPES)]),
        "supplement_air": air(night) if (night := night_of(given.tables)) else SUPPLEMENT_AIR.empty(),
    }


def night_of(tables: Mapping[str, pd.DataFrame]) -> str:
    """The night in the middle of those with stripes, else of all; empty without any.

    Parameters
    ----------
    tables
        name -> table with a column `night`.
    """
    for name in ("detect_stripes", "detect_nights"):
        nights = sorted(set(tables[name]["night"]))
        if nights:
            return str(nights[len(nights) // 2])
    return ""
