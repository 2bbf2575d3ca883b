"""Documents of a run as a whole: run.json, records of figures, checksums of jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from metalclouds.schema.documents.document import Document, Number


@dataclass(frozen=True)
class Machine(Document):
    """The machine that a run was made on; no name of a host."""

    system: str
    processor: str
    cores: int | None
    memory_gib: float


@dataclass(frozen=True)
class GitState(Document):
    """Commit of the checkout, and whether files differ from it; empty outside a repository."""

    commit: str
    changed: bool


@dataclass(frozen=True)
class JobCost(Document):
    """Seconds (wall clock, processor) and largest memory of a job, from its benchmark file."""

    job: str
    wall_s: Number = None
    cpu_s: Number = None
    max_rss_mb: Number = None


@dataclass(frozen=True)
class ShownCase(Document):
    """A case night and the panel of Figure 1 that shows it."""

    panel: str
    night: str


@dataclass(frozen=True)
class RunRecord(Document):
    """All that may differ between two equal runs: run.json.

    Attributes
    ----------
    elapsed_s
        from the start of the first job to the end of the last.
    configuration
        the whole configuration, defaults included: section -> its keys.
    versions
        package -> version.
    """

    date: str = ""
    elapsed_s: Number = None
    configuration: dict[str, JsonValue] = field(default_factory=dict)
    git: GitState | None = None
    machine: Machine | None = None
    jobs: tuple[JobCost, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)

    def cases(self) -> tuple[ShownCase, ...]:
        """The case nights of the configuration."""
        cases: Any = self.configuration.get("cases", [])
        return tuple(ShownCase(str(one["panel"]), str(one["night"])) for one in cases)


@dataclass(frozen=True)
class FigureRecord(Document):
    """What a figure was made from: figures/figureN.json.

    Attributes
    ----------
    numbers
        name of the file of plotted numbers.
    inputs
        file of the run -> its sha256.
    """

    figure: str
    caption: str
    numbers: str
    inputs: dict[str, str]
    version: str
    settings_sha256: str
    synthetic: bool


@dataclass(frozen=True)
class FileState(Document):
    """A product as its job has written it: bytes, time of the last change (ns), checksum."""

    size: int
    mtime_ns: int
    sha256: str


Sums = dict[str, dict[str, FileState]]
"""sums/<job>.json: declared output -> file in it ("." for a file) -> its state."""
