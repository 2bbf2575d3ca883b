"""What a run looks like before a setting is changed, and what a change of it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from metalclouds.claims.model import ClaimBook, Data
from metalclouds.derive.es_response import Soundings
from metalclouds.derive.settings import DeriveSettings
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.settings import TrailSettings

Value = float | int | str


@dataclass(frozen=True)
class Base:
    """A judged run: its claims, its data and the settings that made them.

    `soundings` are those of the case nights; None without an ionosonde.
    """

    book: ClaimBook
    data: Data
    detect: DetectSettings
    derive: DeriveSettings
    trail: TrailSettings
    soundings: Soundings | None = None

    def table(self, name: str) -> pd.DataFrame:
        """A table of the run as a copy; without columns if there is none.

        Returns
        -------
        DataFrame
            a row an entry.
        """
        found = self.data.tables.get(name)
        return pd.DataFrame() if found is None else found.copy()


@dataclass(frozen=True)
class Change:
    """What changes when a setting changes.

    Parameters
    ----------
    tables
        name -> table made again.
    settings
        key of ClaimsSettings -> value.
    arguments
        argument of a measure -> (value in config/claims.yaml, value in its place).
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """A setting of the grid: how it is called, what the run has for it, and what another value changes."""

    name: str
    words: str
    unit: str
    base: Callable[[Base], Value]
    change: Callable[[Base, Any], Change]
