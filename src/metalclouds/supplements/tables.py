"""All supplements of a run: from its tables to derive/supplements.csv and the tables behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import xarray as xr

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import Wind
from metalclouds.schema.tables import (
    DERIVE_TABLES,
    DETECT_TABLES,
    SUPPLEMENT_AIR,
    SUPPLEMENT_NIGHTS,
    SUPPLEMENT_STRIPES,
)
from metalclouds.schema.variables import DENSITY_SPECIES
from metalclouds.supplements import (
    content,
    decision,
    directions,
    neutral,
    review,
    season,
    showers,
    spacing,
    speed,
    spread,
    supply,
    widening,
)
from metalclouds.supplements.air import air
from metalclouds.supplements.observable import NotTestable, Observable, table
from metalclouds.supplements.settings import SupplementSettings
from metalclouds.supplements.stripes import with_drift

# The sky, the air and the magnetic field are those over the paper's lidar: right for a lidar within so many degrees.
SAME_PLACE_DEG = 2.0
# What a record may lack altogether.
NO_WINDS, NO_TEC = "no winds", "no maps of TEC that could be searched"


@dataclass(frozen=True)
class Given:
    """What the supplements read: tables by name (tables of detect/ with the prefix `detect_`) and the wind.

    `calcium` is the density of neutral Ca (cm-3; time, altitude) of the nights that have it; no reader makes it yet.
    """

    tables: Mapping[str, pd.DataFrame]
    wind: Wind
    trail: TrailSettings
    settings: SupplementSettings
    calcium: Mapping[str, xr.DataArray] = field(default_factory=dict)
    species: str = DENSITY_SPECIES  # of the stripes
    site: tuple[float, float] = (LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG)  # of the lidar, degrees north and east

    def other(self) -> str:
        """Why the stripes are not those that the supplements are about: their metal or place; empty if they are."""
        if self.species != DENSITY_SPECIES:
            return f"it is about {DENSITY_SPECIES}; the record holds {self.species}"
        north, east = self.site[0] - LIDAR_LATITUDE_DEG, (self.site[1] - LIDAR_LONGITUDE_DEG + 180.0) % 360.0 - 180.0
        if max(abs(north), abs(east)) > SAME_PLACE_DEG:
            paper = f"{LIDAR_LATITUDE_DEG} N {LIDAR_LONGITUDE_DEG} E"
            return f"it is worked out for the sky over {paper}; the record's lidar stands elsewhere"
        return ""

    def as_far_as_theirs(self) -> Given:
        """The same without stripes where these are of another metal or place than the supplements are about."""
        if not self.other():
            return self
        names = ("detect_stripes", "detect_stripe_profiles")
        return replace(self, tables={**self.tables, **{name: self.tables[name].iloc[:0] for name in names}})


def read_tables(files: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
    """Tables of derive/ and detect/ by name; tables of detect/ get the prefix `detect_`.

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


def with_tests(given: Given) -> pd.DataFrame:
    """Stripes with what the tests derive for each: drift, supply, highest speed, widening.

    Returns
    -------
    DataFrame
        a row a stripe, with the columns of `SUPPLEMENT_STRIPES` and others.
    """
    settings = given.settings
    stripes = with_drift(given.tables["detect_stripes"], given.wind, given.trail)
    stripes = speed.limits(stripes, settings.supply.slant_deg, given.trail.long_km)
    widths = widening.slopes(given.tables["detect_stripe_profiles"])
    stripes = stripes.astype({"id": str, "night": str}).merge(
        widths.astype({"id": str, "night": str}), on=["night", "id"], how="left"
    )
    sized = supply.areas(stripes, settings.supply)
    return stripes.join(sized[["area_least_m2", "area_m2", "area_largest_m2"]])


def of_nights(stripes: pd.DataFrame, given: Given) -> pd.DataFrame:
    """derive/supplement_nights.csv: a row a night with stripes.

    Parameters
    ----------
    stripes
        as `with_tests` gives them.

    Returns
    -------
    DataFrame
        columns of `SUPPLEMENT_NIGHTS`.
    """
    enhancement = given.tables["tec_enhancement"]
    whole = enhancement[enhancement["left_out"].isna()].groupby("night")[["peak_tecu", "tilt_deg"]].median()
    known = stripes.groupby("night")["tangent"].count()
    parts = [directions.nights(stripes, fit) for fit in (directions.night, showers.night)]
    parts = [one.set_index("night").drop(columns="stripes", errors="ignore") for one in parts if len(one)]
    parts.append(content.columns(given.tables["nights"], stripes).set_index("night"))
    parts.append(whole.rename(columns={"peak_tecu": "tec_tecu", "tilt_deg": "tec_tilt_deg"}))
    # No merge: keys of tables without rows have no type to compare.
    out = pd.concat([one.reindex(known.index) for one in parts], axis=1).reset_index()
    out = out.assign(night=known.index.astype(str), stripes=known.to_numpy()).reindex(columns=list(SUPPLEMENT_NIGHTS))
    return SUPPLEMENT_NIGHTS.ordered(out.astype({"shower": object}))


def observed(stripes: pd.DataFrame, nights: pd.DataFrame, air: pd.DataFrame, given: Given) -> list[Observable]:
    """Every row of derive/supplements.csv that rests on data.

    Parameters
    ----------
    stripes
        as `with_tests` gives them.
    nights
        derive/supplement_nights.csv.
    air
        derive/supplement_air.csv.
    """
    settings, enhancement = given.settings, given.tables["tec_enhancement"]
    sure, hours = settings.confidence, float(given.tables["detect_nights"]["hours"].sum())
    metal, fitted = nights.dropna(subset=["metal_tecu"]), nights.dropna(subset=["radiant_p"])
    tests: tuple[tuple[tuple[str, ...], Callable[[], list[Observable]]], ...] = (
        (("supply_area", "supply_area_least", "supply_area_that_comes", "supply_log_ratio"),
         lambda: supply.supply(stripes.dropna(subset=["area_m2"]), hours, settings.supply, sure)),
        (("speed_zenith",), lambda: speed.from_zenith(stripes, sure)),
        (("speed_long",), lambda: speed.of_long(stripes, sure)),
        (("widening", "widening_fresh"), lambda: widening.widening(stripes.dropna(subset=["widening"]), air, sure)),
        (("radiant_nights",), lambda: directions.ordered(fitted, sure)),
        (("radiant_hidden",), lambda: directions.hidden(fitted)),
        (("radiant_over_sheet",), lambda: directions.against_sheets(fitted, sure)),
        (("shower_nights",), lambda: showers.showers(nights, sure)),
        (("sheet_sign", "sheet_nights"), lambda: directions.sheets(stripes, enhancement, sure)),
        (("sheet_spread", "sheet_course"), lambda: directions.course(stripes, enhancement, sure)),
        (("spacing_cv",), lambda: spacing.spacing(stripes, sure)),
        (("spacing_chance", "spacing_train", "spacing_power"), lambda: spacing.expected(stripes)),
        (("radius_log_ratio",), lambda: spread.spread(stripes, air, sure)),
        (("peak_after_hour",), lambda: spread.left(air)),
        (("season_exponent", "season_power"), lambda: season.season(given.tables["detect_nights"], stripes, sure)),
        (("hour_exponent", "hour_power"), lambda: season.hour(stripes, sure)),
        (("neutral_life",), neutral.life),
        (("neutral_share",), lambda: neutral.neutral(given.calcium, stripes, sure)),
        (("metal_tecu", "metal_log_ratio"), lambda: content.content(metal, enhancement)),
        (("influx_days",), lambda: content.influx(metal)),
    )  # fmt: skip
    return [as_lacking(row, given) for names, test in tests for row in attempt(names, test)]


def as_lacking(row: Observable, given: Given) -> Observable:
    """A row whose reason is what the record lacks altogether: Ca+, winds, TEC. Nothing could be looked at.

    Parameters
    ----------
    row
        an observable, with a number or a reason.
    """
    if given.other() and row.why:
        return replace(row, why=given.other())
    lacking = [
        words
        for word, words, absent in (
            ("wind", NO_WINDS, not given.wind.time.size), ("TEC", NO_TEC, given.tables["tec_enhancement"].empty),
        )
        if absent and word in row.why
    ]  # fmt: skip
    return replace(row, why=f"the record holds {' and '.join(lacking)}") if lacking else row


def supplements(given: Given) -> dict[str, pd.DataFrame]:
    """Every table of the supplements, by the stem of its file.

    Returns
    -------
    dict
        stem of the file -> table, by its declaration in `schema.tables`.
    """
    given = given.as_far_as_theirs()
    night = night_of(given.tables)
    layers = air(night) if night else SUPPLEMENT_AIR.empty()
    stripes = with_tests(given)
    nights = of_nights(stripes, given)
    escaping, lives = review.escape_table(), review.lifetimes(layers)
    rows = observed(stripes, nights, layers, given) + review.review(escaping, lives)
    made = table(rows)
    return {
        "supplements": made,
        "supplement_stripes": SUPPLEMENT_STRIPES.ordered(stripes[list(SUPPLEMENT_STRIPES)]),
        "supplement_air": layers,
        "supplement_nights": nights,
        "supplement_escape": escaping,
        "supplement_lifetimes": lives,
        "supplement_season": season.table(given.tables["detect_nights"], stripes),
        "supplement_decisions": decision.decisions(made),
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
