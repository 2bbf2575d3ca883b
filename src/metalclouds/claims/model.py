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
        forms = [self.equals, self.at_least, self.at_most, self.between, self.ordering or None]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("exactly one of equals, at_least, at_most, between, ordering")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Ends of the set of values that agree, tolerance included; an open end is infinite."""
        if self.between is not None:
            low, high = self.between
        elif self.equals is not None:
            low = high = self.equals
        else:
            low = -math.inf if self.at_least is None else self.at_least
            high = math.inf if self.at_most is None else self.at_most
        return low - self.tolerance, high + self.tolerance


class Part(BaseModel):
    """One number of a claim: how it is measured and what the paper has for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="what is measured, a few words")
    measure: str = Field(description="function of metalclouds.claims.measures")
    arguments: dict[str, Any] = Field(default_factory=dict, description="its arguments")
    expected: Expected
    unit: str = Field(default="1", description="unit of the value; h UT for a time")


class Claim(BaseModel):
    """A statement of the paper, in our own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[A-Z]\d{1,2}$")
    statement: str
    lines: tuple[int, ...] = Field(description="lines of the preprint")
    figures: tuple[int, ...] = Field(default=(), description="figures of the paper that rest on the same numbers")
    printed: str = Field(description="the value as printed, with its precision")
    kind: Kind
    needs: tuple[Source, ...] = Field(description="instruments without which the claim cannot be tested")
    differs_if: str = Field(description="what would make the claim differ")
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
        return self


class Note(BaseModel):
    """An inconsistency in the paper, checked from the data or from definitions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    statement: str
    lines: tuple[int, ...]
    check: str = Field(default="", description="function of metalclouds.claims.notes; empty: nothing to compute")
    arguments: dict[str, Any] = Field(default_factory=dict)
    unit: str = "1"


class ClaimBook(BaseModel):
    """All of config/claims.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: tuple[Claim, ...]
    notes: tuple[Note, ...] = ()

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
    one nearest to what is expected is judged, and the number of candidates is said.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    probability: float | None = None
    candidates: tuple[Measurement, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


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

    def table(self, name: str) -> pd.DataFrame:
        """A table that has rows.

        Raises
        ------
        Unavailable
            If it has none.
        """
        self.used.add(name)
        found = self.tables.get(name)
        if found is None or found.empty:
            stage = "detect" if name.startswith("detect_") else "derive"
            raise Unavailable(f"{stage}/{name.removeprefix('detect_')}.csv has no rows in this run")
        return found

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

    def rows_of(self, name: str, panel: str) -> pd.DataFrame:
        """Rows of a table on the night of a panel; none is no error, but a night that was not observed is.

        Raises
        ------
        Unavailable
            If the table is empty or the night was not observed by the lidar (detect tables only).
        """
        night = self.night(panel)
        if name.startswith("detect_"):
            if night not in self.observed_nights:
                raise Unavailable(f"no lidar data on {night}")
            self.used.add(name)
            table = self.tables.get(name, pd.DataFrame({"night": []}))
        else:
            table = self.table(name)
        return table[table["night"] == night]

    @cached_property
    def observed_nights(self) -> frozenset[str]:
        """Nights with lidar data, whatever their length. That they exist is no number a claim rests on."""
        found = self.tables.get("detect_nights")
        if found is None or found.empty:
            raise Unavailable("detect/nights.csv has no rows in this run")
        return frozenset(found["night"])

    def months(self, nights: pd.Series) -> pd.Series:
        """Month (1-12) of nights; a month begins `month_offset_days` after the first day of the calendar's."""
        shift = pd.Timedelta(days=self.settings.month_offset_days)
        return (pd.to_datetime(nights) - shift).dt.month

    def generator(self, *key: object) -> np.random.Generator:
        """Random numbers of their own for each key."""
        digest = hashlib.sha256(repr(key).encode()).digest()
        words = np.frombuffer(digest[:16], dtype="<u4").tolist()
        return np.random.default_rng(np.random.SeedSequence([self.settings.seed, *words]))
