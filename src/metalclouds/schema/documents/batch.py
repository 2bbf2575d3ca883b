"""The index of a batch: nights that were made, and nights that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metalclouds.schema.documents.document import Document


@dataclass(frozen=True)
class NightFile(Document):
    """The file of a night; its path starts at the folder of the index that lists it."""

    night: str
    path: str
    sha256: str


@dataclass(frozen=True)
class FailedNight(Document):
    """A night, or a file of it, that could not be used.

    Attributes
    ----------
    kind
        of a raw file: damaged, undecided, or fault (of this program).
    """

    night: str
    reason: str
    file: str = ""
    kind: Literal["", "damaged", "undecided", "fault"] = ""


@dataclass(frozen=True)
class BatchIndex(Document):
    """The nights of a batch that were made, and what could not be made."""

    nights: tuple[NightFile, ...]
    failed: tuple[FailedNight, ...] = ()
