"""What was decided about a file, and the evidence for it; a record that ends in the output's attributes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from metalclouds.errors import UndecidedError
from metalclouds.ingest.settings import IngestSettings, Site

# More than this share of cells, soundings or profiles that cannot be read is a stop.
LARGEST_LOSS = 0.1


@dataclass
class Decisions:
    """Ordered list of decisions; the same decision of many files is kept once."""

    entries: list[dict[str, str]] = field(default_factory=list)

    def record(self, what: str, decided: object, because: str) -> None:
        """Add a decision unless it stands there already."""
        entry = {"what": what, "decided": str(decided), "because": because}
        if entry not in self.entries:
            self.entries.append(entry)

    def extend(self, entries: list[dict[str, str]]) -> None:
        """Add decisions that were made elsewhere."""
        for entry in entries:
            self.record(entry["what"], entry["decided"], entry["because"])

    def as_json(self) -> str:
        """The list as it stands in the attribute `decisions`."""
        return json.dumps(self.entries, ensure_ascii=False)


@dataclass(frozen=True)
class Context:
    """What a reader is told besides the files: the catalogue's options, the settings, the site, the date.

    `date` is the UT date of the evening that the file's name gives, None where it gives none.
    """

    settings: IngestSettings
    site: Site
    options: Mapping[str, Any] = field(default_factory=dict)
    date: np.datetime64 | None = None
    file: str = ""
    decisions: Decisions = field(default_factory=Decisions)

    def option(self, name: str, allowed: Sequence[str] = ()) -> Any:
        """An option of the catalogue, None where it is not given; a value outside `allowed` is refused.

        Raises
        ------
        UndecidedError
            With the allowed values.
        """
        value = self.options.get(name)
        if value is not None and allowed and value not in allowed:
            raise UndecidedError(
                f"option {name} of the catalogue is not understood",
                file=self.file,
                given=value,
                rule=f"one of {', '.join(allowed)}",
            )
        if value is not None:
            self.decisions.record(name, value, "the catalogue says so")
        return value

    def undecided(
        self, question: str, *, seen: str, lines: Sequence[str], where: str | None = None
    ) -> UndecidedError:
        """The error for a question that the evidence does not decide, with the lines that would decide it."""
        either = "\n      or ".join(f"options: {{{line}}}" for line in lines)
        return UndecidedError(
            question,
            file=self.file,
            where=where,
            given=f"seen: {seen}",
            remedy=f"add to the entry of this file in config/catalogue/own.yaml\n         {either}",
        )
