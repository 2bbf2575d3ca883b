"""What may differ, and what did."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metalclouds.errors import ConfigError
from metalclouds.files import read_yaml

DEFAULT = Path(__file__).with_name("tolerances.yaml")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MayDiffer(_Model):
    """Files that are not compared."""

    pattern: str
    why: str


class Follows(_Model):
    """An attribute or key that follows from something that is compared itself."""

    name: str
    why: str


class Numbers(_Model):
    """Tolerance of the numbers of some files: |a - b| <= absolute + relative * max(|a|, |b|)."""

    pattern: str
    variable: str = "*"
    relative: float = Field(default=0.0, ge=0)
    absolute: float = Field(default=0.0, ge=0)
    share: float = Field(default=0.0, ge=0, le=1)
    why: str


class Pictures(_Model):
    """Tolerance of pictures."""

    level: int = Field(ge=0, le=255)
    share: float = Field(ge=0, le=1)
    why: str


class Stripes(_Model):
    """How far apart two stripes may lie and still be the same one."""

    file: str
    time_s: float = Field(gt=0)
    altitude_km: float = Field(gt=0)


class Tolerances(_Model):
    """All of tolerances.yaml."""

    may_differ: tuple[MayDiffer, ...] = ()
    follows: tuple[Follows, ...] = ()
    numbers: tuple[Numbers, ...]
    pictures: Pictures
    keys: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    stripes: Stripes

    def excused(self, name: str) -> str:
        """Why a file is not compared; empty if it is."""
        return next((entry.why for entry in self.may_differ if fits(name, entry.pattern)), "")

    def of(self, name: str, variable: str) -> Numbers:
        """Tolerance of a variable or column of a file; exact if no entry fits."""
        for entry in self.numbers:
            if fits(name, entry.pattern) and fnmatch.fnmatchcase(variable, entry.variable):
                return entry
        return Numbers(pattern=name, why="exact")

    def follows_from(self, name: str) -> str:
        """Why a key may differ; empty if it may not."""
        return next((entry.why for entry in self.follows if entry.name == name), "")

    def key_of(self, name: str) -> tuple[str, ...]:
        """Columns that name a row of a table."""
        return next((columns for pattern, columns in self.keys.items() if fits(name, pattern)), ())


def fits(name: str, pattern: str) -> bool:
    """Whether a path below the run's folder fits a pattern; `**/` is any folders or none, `*` stays in one."""
    parts = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        parts.append({"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece, re.escape(piece)))
    return re.fullmatch("".join(parts), name) is not None


def load_tolerances(path: str | Path | None = None) -> Tolerances:
    """Read and check a file of tolerances; the project's own by default.

    Raises
    ------
    ConfigError
        With every mistake.
    """
    path = path or DEFAULT
    try:
        return Tolerances.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ConfigError("not a valid file of tolerances", file=path, given=str(error)) from error


@dataclass(frozen=True)
class Difference:
    """Something that is not the same in both runs."""

    file: str
    where: str
    what: str
    a: str = ""
    b: str = ""
    tolerated: bool = False
    why: str = ""


@dataclass
class Result:
    """Outcome of a comparison."""

    compared: int = 0
    identical: int = 0
    differences: list[Difference] = field(default_factory=list)
    not_compared: list[Difference] = field(default_factory=list)
    excused: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)  # that differ, in words

    @property
    def moved(self) -> list[Difference]:
        """Differences beyond the tolerances."""
        return [one for one in self.differences if not one.tolerated]

    @property
    def tolerated(self) -> list[Difference]:
        """Differences within the tolerances."""
        return [one for one in self.differences if one.tolerated]

    @property
    def exit_code(self) -> int:
        """0 same within tolerance, 1 moved, 2 something could not be compared."""
        return 2 if self.not_compared or not self.compared else 1 if self.moved else 0

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return {
            "exit_code": self.exit_code,
            "compared": self.compared,
            "identical": self.identical,
            "moved": [asdict(one) for one in self.moved],
            "tolerated": [asdict(one) for one in self.tolerated],
            "not_compared": [asdict(one) for one in self.not_compared],
            "may_differ": self.excused,
            "left_out": self.left_out,
            "settings": self.settings,
        }
