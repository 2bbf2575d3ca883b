"""What was decided about a file, and the evidence for it; a record that ends in the output's attributes."""

from __future__ import annotations

import datetime
import functools
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import yaml

from metalclouds.errors import UndecidedError
from metalclouds.ingest.remarks import REMARKS
from metalclouds.ingest.settings import IngestSettings, Site

# More than this share of cells, soundings or profiles that cannot be read is a stop.
LARGEST_LOSS = 0.1
# Key among the options of what the record says about one of its files: {option: {"value", "because"}}.
EVIDENCE = "evidence"
FROM_CATALOGUE = "the catalogue says so"
# What is decided about an option that was given and had no effect.
UNUSED_OPTION = "option not used"
# The one question that a line of options does not answer.
UNPLACED = "where was this measured?"


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

    def replace(self, line: Mapping[str, Any], because: str) -> None:
        """Give what is recorded of the options of a line another reason than that the catalogue has them."""
        for key, value in line.items():
            self.entries = [one for one in self.entries if one["what"] != key or one["because"] != FROM_CATALOGUE]
            self.record(key, value if not isinstance(value, Mapping) else in_one_line(value), because)

    def as_json(self) -> str:
        """The list as it stands in the attribute `decisions`."""
        return json.dumps(self.entries, ensure_ascii=False)


@dataclass(frozen=True)
class Context:
    """What a reader is told besides the files: the catalogue's options, the settings, the site, the date.

    `date` is the date of the evening at the station, None where nothing gives it; `date_because` says what does.
    `site_given`: whether the catalogue, the user or the file names the station, which is else that of the settings.
    `height_given`: whether the height of the station is known, where the file names it.
    `place` is the file's name with the folders around it, `instrument` the section of the settings that holds.
    """

    settings: IngestSettings
    site: Site
    options: Mapping[str, Any] = field(default_factory=dict)
    date: np.datetime64 | None = None
    date_because: str = "name of the file"
    file: str = ""
    place: str = ""
    decisions: Decisions = field(default_factory=Decisions)
    site_given: bool = False
    instrument: str = "lidar"
    height_given: bool = True

    @property
    def local_minutes(self) -> int:
        """Local time minus UT in minutes: as given, or whole hours by the longitude of the station."""
        return round(60 * self.settings.local_hours(self.site, self.instrument))

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
            self.decisions.record(name, value, FROM_CATALOGUE)
        return value

    def evidence(self, name: str) -> tuple[Any, str] | None:
        """What the record says about this file beyond the file itself, and where; None where it says nothing."""
        found = (self.options.get(EVIDENCE) or {}).get(name)
        return (found["value"], found["because"]) if found else None

    def remark(self, name: str, words: str) -> str | None:
        """The remark of a kind (`remarks.REMARKS`) in a file's own words, else in the record's description."""
        own = REMARKS[name].search(words)
        if own:
            return f"the file says {own.group(0).strip()!r}"
        found = self.evidence(name)
        return found[1] if found else None

    @property
    def placed(self) -> bool:
        """Whether a place is known, or the paper's may be assumed."""
        return self.site_given or self.settings.assume_station

    def unplaced(self) -> UndecidedError:
        """The error for a file whose station nobody names."""
        rests = {
            "lidar": "the sun at the station tells UT from local time, and which night a profile is of",
            "fpi": "the longitude tells which night a wind is of, and what local time is",
        }
        return UndecidedError(
            UNPLACED,
            file=self.file,
            rule=rests.get(
                self.instrument, "the longitude tells what local time is, and the product names its station"
            ),
            given="no latitude and longitude in the file, and none given",
            remedy="--site LATITUDE LONGITUDE [ALTITUDE_KM]; in Python site={...}; in a configuration "
            f"ingest.{self.instrument}.site: {{latitude: N, longitude: N, altitude_km: N}}",
        )

    def undecided(
        self, question: str, *, seen: str, lines: Sequence[str | Mapping[str, Any]], where: str | None = None
    ) -> UndecidedError:
        """The error for a question that the evidence does not decide, with the lines that would decide it.

        A line is options in YAML's short form, `clock: UT`; those that the entry has already are repeated, so that a
        line can take the place of the one that is there.
        """
        asked = tuple(_parsed(line) for line in lines)
        readings = [merged(without_evidence(self.options), line) for line in asked]
        either = "\n      or ".join(f"options: {in_one_line(reading)}" for reading in readings)
        # What is asked for next need not wait.
        unknown = not self.placed and self.instrument in ("fpi", "ionosonde")
        place = ", and give --site LATITUDE LONGITUDE, which nobody names" if unknown else ""
        error = UndecidedError(
            question,
            file=self.file,
            where=where,
            given=f"seen: {seen}",
            remedy=f"add to the entry of this file in config/catalogue/own.yaml{_of_one(asked, self.file)}{place}\n"
            f"         {either}",
        )
        error.lines = asked
        return error


def asked_together(question: str, errors: Sequence[UndecidedError], context: Context) -> UndecidedError:
    """One stop for questions that do not depend on one another: each line answers all of them.

    Parameters
    ----------
    question
        what is asked where there are several; a single one stays as it is.
    """
    if len(errors) == 1:
        return errors[0]
    seen = dict.fromkeys(str(error.given).removeprefix("seen: ") for error in errors)
    choices = itertools.product(*(error.lines for error in errors))
    lines = [functools.reduce(merged, choice) for choice in choices]
    return context.undecided(question, seen="; ".join(seen), lines=lines)


def _of_one(lines: Sequence[Mapping[str, Any]], file: str) -> str:
    """What to mind with a line that gives a date: it is for one file."""
    name = re.split(r"[/\\]", file)[-1]
    return f" (with a date `glob: {name}`: it is that of one file)" if any(map(gives_date, lines)) else ""


_DATE = re.compile(r"\s*(\d{4}|YYYY)-")


def gives_date(options: Mapping[str, Any]) -> bool:
    """Whether options hold for the files of one date: `date`, or a `start` that is more than a time of day.

    Examples
    --------
    >>> gives_date({"date": "2021-01-08"}), gives_date({"time": {"start": "2021-01-08T00:00", "step_minutes": 5}})
    (True, True)
    >>> gives_date({"time": {"start": "00:00", "step_minutes": 5}}), gives_date({"time": "hours"})
    (False, False)
    """
    time = options.get("time")
    start = time.get("start", "") if isinstance(time, Mapping) else ""
    return "date" in options or bool(_DATE.match(str(start)))


def merged(options: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Options with others put in; mappings such as `variables` are joined."""
    out = dict(options)
    for key, value in more.items():
        own = out.get(key)
        out[key] = merged(own, value) if isinstance(own, Mapping) and isinstance(value, Mapping) else value
    return out


def in_one_line(options: Mapping[str, Any]) -> str:
    """Options in YAML's short form."""
    text = yaml.safe_dump(plain(options), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return re.sub(r"'(\d{4}-\d\d-\d\d)'", r"\1", text.strip())


def plain(value: Any) -> Any:
    """Content of YAML without dates, which it makes of 2021-01-08: text, numbers and lists, which JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _parsed(line: str | Mapping[str, Any]) -> dict[str, Any]:
    found = line if isinstance(line, Mapping) else yaml.safe_load(f"{{{line}}}")
    return dict(plain(found))


def without_evidence(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as a catalogue has them."""
    return {key: value for key, value in options.items() if key != EVIDENCE}
