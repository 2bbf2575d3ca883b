"""What a claim is, what a measurement of it is, and the data that measurements are made from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from metalclouds.claims.settings import ClaimsSettings
from metalclouds.errors import ConfigError
from metalclouds.files import read_yaml

Kind = Literal["count", "value", "range", "ordering", "time", "ratio", "presence"]
Source = Literal["lidar", "tec", "fpi", "ionosonde", "model"]


class Unavailable(Exception):
    """What a claim needs is not among the data. The message says what, for the reader of the page."""


def clock_hours(text: object) -> object:
    """Hours of the UT day of a clock time "HH:MM"; anything else is returned as it is."""
    if isinstance(text, str) and len(text) == 5 and text[2] == ":":
        return int(text[:2]) + int(text[3:]) / 60.0
    return text


def clock_text(hours: float) -> str:
    """HH:MM of hours of the UT day, to the nearest minute."""
    minutes = round(hours * 60.0)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


Number = Annotated[float, BeforeValidator(clock_hours)]


class Expected(BaseModel):
    """What the paper says, as the set of values that agree with it. Times may be written "HH:MM" (UT).

    `tolerance` is what reading the paper costs: half the last printed digit, or more with a reason in the claim.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    equals: Number | None = Field(default=None, description="one number")
    at_least: Number | None = Field(default=None, description="a lower bound")
    above: Number | None = Field(default=None, description="a lower bound that is not met by equality")
    at_most: Number | None = Field(default=None, description="an upper bound")
    between: tuple[Number, Number] | None = Field(default=None, description="a range")
    ordering: bool = Field(default=False, description="judged by the probability of an ordering")
    tolerance: Number = Field(default=0.0, ge=0, description="widens the set on both sides")
    shown: bool = Field(default=False, description="the whole interval must lie in the set, not only the value")
    resolution: Number | None = Field(
        default=None, gt=0, description="an interval with a half-width beyond this decides nothing"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Expected:
        forms = [self.equals, self.at_least, self.above, self.at_most, self.between, self.ordering or None]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("exactly one of equals, at_least, above, at_most, between, ordering")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Ends of the set of values that agree, tolerance included; an open end is infinite."""
        if self.between is not None:
            low, high = self.between
        elif self.equals is not None:
            low = high = self.equals
        elif self.above is not None:
            low, high = math.nextafter(self.above, math.inf), math.inf
        else:
            low = -math.inf if self.at_least is None else self.at_least
            high = math.inf if self.at_most is None else self.at_most
        return low - self.tolerance, high + self.tolerance


class Part(BaseModel):
    """One number of a claim: how it is measured and what the paper has for it.

    A part that is only shown stands beside the verdict and has no share in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="what is measured, a few words")
    measure: str = Field(description="function of metalclouds.claims.measures")
    arguments: dict[str, Any] = Field(default_factory=dict, description="its arguments")
    expected: Expected
    assumed: tuple[Expected, ...] = Field(
        default=(), description="other readings of what the paper says: met only if all of them are"
    )
    own_choices: Literal["all", "any"] = Field(
        default="all",
        description="all: met only if it is under each choice of settings that was tried; any: not met only if it is "
        "met under none of them",
    )
    only_shown: bool = Field(default=False, description="shown with the verdict, which does not depend on it")
    unit: str = Field(default="1", description="unit of the value; h UT for a time")


class Claim(BaseModel):
    """A statement of the paper, in our own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z]\d{1,2}[a-z]?$", description="a claim that was split has a suffix")
    statement: str
    lines: tuple[int, ...] = Field(description="lines of the preprint")
    figures: tuple[int, ...] = Field(default=(), description="figures of the paper that rest on the same numbers")
    printed: str = Field(description="the value as printed, with its precision")
    kind: Kind
    needs: tuple[Source, ...] = Field(description="instruments without which the claim cannot be tested")
    differs_if: str = Field(description="what would make the claim differ")
    ours: bool = Field(
        default=False,
        description="our own test, which the paper does not state: it speaks for the explanation or against it",
    )
    not_testable: str = Field(default="", description="set where no data that the paper names can decide; says why")
    not_simulated: str = Field(
        default="", description="set where the simulated campaign cannot hold it beside the other claims; says why"
    )
    least_nights: int = Field(
        default=0, ge=0, description="observed nights below which the record is a part of the campaign only"
    )
    remark: str = Field(default="", description="said with the verdict")
    parts: tuple[Part, ...] = ()

    @model_validator(mode="after")
    def _has_a_measure(self) -> Claim:
        if not self.parts and not self.not_testable:
            raise ValueError("a claim has parts or says why it is not testable")
        if self.parts and all(part.only_shown for part in self.parts) and not self.not_testable:
            raise ValueError("a claim has a part that decides")
        return self


class PaperNote(BaseModel):
    """An inconsistency in the paper, checked from the data or from definitions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    statement: str
    lines: tuple[int, ...]
    check: str = Field(default="", description="function of metalclouds.claims.notes; empty: nothing to compute")
    arguments: dict[str, Any] = Field(default_factory=dict)
    unit: str = "1"


class Unclaimed(BaseModel):
    """Lines of the paper from which no claim is made, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: int
    last: int
    reason: str = Field(min_length=1)


class ClaimBook(BaseModel):
    """All of config/claims.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: tuple[Claim, ...]
    notes: tuple[PaperNote, ...] = ()
    unclaimed: tuple[Unclaimed, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> ClaimBook:
        for items in (self.claims, self.notes):
            names = [item.id for item in items]
            if len(names) != len(set(names)):
                raise ValueError("an id occurs twice")
        return self


def load_claims(path: str | Path) -> ClaimBook:
    """Read and check the claims.

    Raises
    ------
    ConfigError
        With every mistake: where, rule and value.
    """
    try:
        return ClaimBook.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError("not a valid list of claims", file=path, given=str(error)) from error


@dataclass(frozen=True)
class Measurement:
    """A measured value, its interval and how many things it rests on.

    `candidates` holds the alternatives of a time or altitude (e.g. the onsets of all connections of a night): the
    one nearest to what is expected is judged, and the chance that a random one within `span` would match is said.
    `choices` holds the value under other choices of ours (a threshold, a weighting), by their names.
    `missed` says why a further candidate may have been missed: what was found cannot contradict then.

    Raises
    ------
    ValueError
        For a value that is not a number: what could not be measured raises `Unavailable`, what was sought and is not
        there is `NotFound`.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    probability: float | None = None
    candidates: tuple[Measurement, ...] = ()
    span: tuple[float, float] | None = None
    choices: Mapping[str, Measurement] = field(default_factory=dict)
    limit: Literal["", "lower", "upper"] = ""
    missed: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.value):
            raise ValueError("a measured value is a number; otherwise it is Unavailable or NotFound")


@dataclass(frozen=True)
class NotFound:
    """The result of a search that could have found a thing and did not.

    Parameters
    ----------
    sought
        what was sought, in words.
    least, unit
        the smallest that the search would have found.

    Raises
    ------
    ValueError
        Without a finite `least`: a search of unknown power finds nothing out and raises `Unavailable`.
    """

    sought: str
    least: float
    unit: str
    n: int | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.least):
            raise ValueError("a search that finds nothing says what it would have found; otherwise it is Unavailable")


Result = Measurement | NotFound


def file_of(name: str) -> str:
    """Where a table lies below the folder of a run."""
    return f"detect/{name.removeprefix('detect_')}.csv" if name.startswith("detect_") else f"derive/{name}.csv"


def with_values(table: pd.DataFrame, file: str, *columns: str) -> pd.DataFrame:
    """Rows in which all the columns hold values.

    Parameters
    ----------
    table
        any table of the run.
    file
        its name, for what is said.

    Returns
    -------
    DataFrame
        the rows without a gap in these columns.

    Raises
    ------
    Unavailable
        If a column holds none in a table that has rows: what it would say could not be looked for.
    """
    if table.empty:
        return table
    empty = [column for column in columns if column not in table or table[column].isna().all()]
    if empty:
        raise Unavailable(f"{file} holds no {' and no '.join(empty)}")
    return table.dropna(subset=list(columns))


@dataclass(frozen=True)
class Data:
    """Everything that measurements may look at.

    Parameters
    ----------
    tables
        name -> table, columns as in schema/tables.py: those of derive/ by their stem, those of detect/ with the
        prefix `detect_`. An absent instrument leaves a table without rows.
    panels
        letter of a panel of Figure 1 -> night (YYYY-MM-DD).
    masks
        night -> its file of detect/, with `mic_mask` (time, altitude); the case nights only.
    used
        names of the tables that measurements have asked for, filled by them: what a claim rests on.
    """

    tables: Mapping[str, pd.DataFrame]
    panels: Mapping[str, str]
    settings: ClaimsSettings
    masks: Mapping[str, xr.Dataset] = field(default_factory=dict)
    used: set[str] = field(default_factory=set, compare=False)

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Rows of a table in which the columns hold values.

        Parameters
        ----------
        name
            of the table, e.g. nights; `detect_` before those of detect/.

        Returns
        -------
        DataFrame
            rows without a gap in these columns.

        Raises
        ------
        Unavailable
            If the table has no rows, or a column no value.
        """
        self.used.add(name)
        found = self.tables.get(name)
        if found is None or found.empty:
            raise Unavailable(f"{file_of(name)} has no rows in this run")
        return with_values(found, file_of(name), *columns)

    def night(self, panel: str) -> str:
        """Night of a panel of Figure 1.

        Raises
        ------
        Unavailable
            If the run has no such panel.
        """
        if panel not in self.panels:
            raise Unavailable(f"panel {panel} is not among the case nights")
        return self.panels[panel]

    def rows_of(self, name: str, panel: str, *columns: str) -> pd.DataFrame:
        """Rows of a table on the night of a panel in which the columns hold values.

        None is no error for what detection found, if the lidar observed on that night.

        Returns
        -------
        DataFrame
            rows of that night.

        Raises
        ------
        Unavailable
            If the table is empty, a column holds no value, or the night was not observed by the lidar (detect tables
            only).
        """
        night = self.night(panel)
        if name.startswith("detect_"):
            if night not in self.observed_nights:
                raise Unavailable(f"no lidar data on {night}")
            self.used.add(name)
            table = self.tables.get(name)
            if table is None or table.empty:
                return pd.DataFrame({column: [] for column in ("night", *columns)})
            table = with_values(table, file_of(name), "night", *columns)
        else:
            table = self.table(name, "night", *columns)
        return table[table["night"] == night]

    def file(self, night: str) -> xr.Dataset:
        """What detection wrote of a case night.

        Returns
        -------
        Dataset
            dataset of detect/<night>.nc, dims (time, altitude).

        Raises
        ------
        Unavailable
            If the night was not observed.
        """
        if night not in self.masks:
            raise Unavailable(f"no lidar data on {night}")
        return self.masks[night]

    @cached_property
    def observed_nights(self) -> frozenset[str]:
        """Nights with lidar data, whatever their length. That they exist is no number a claim rests on."""
        found = self.tables.get("detect_nights")
        if found is None or found.empty:
            raise Unavailable("detect/nights.csv has no rows in this run")
        return frozenset(with_values(found, "detect/nights.csv", "night")["night"])

    def months(self, nights: pd.Series) -> pd.Series:
        """Month (1-12) of nights; a month begins `month_offset_days` after the first day of the calendar's.

        Parameters
        ----------
        nights
            YYYY-MM-DD.

        Returns
        -------
        Series
            1 to 12, with the index of `nights`.
        """
        shift = pd.Timedelta(days=self.settings.month_offset_days)
        return (pd.to_datetime(nights) - shift).dt.month

    def generator(self, *key: object) -> np.random.Generator:
        """Random numbers of their own for each key."""
        digest = hashlib.sha256(repr(key).encode()).digest()
        words = np.frombuffer(digest[:16], dtype="<u4").tolist()
        return np.random.default_rng(np.random.SeedSequence([self.settings.seed, *words]))
