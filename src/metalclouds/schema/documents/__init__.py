"""The JSON files of a run: what each holds, how it is read and written.

A document is a frozen dataclass. `read` and `write` check every key and its kind; a breach is named with the file,
the key, the rule and what was there.
"""

from __future__ import annotations

from metalclouds.schema.documents.batch import BatchIndex, FailedNight, NightFile
from metalclouds.schema.documents.claims import (
    ChangedVerdict,
    CheckedNote,
    Sensitivity,
    SettingValue,
    Survival,
    TriedClaim,
    TriedRow,
    TriedSetting,
    Verdict,
    VerdictPart,
    VerdictSummary,
)
from metalclouds.schema.documents.document import Document, Number, Options, plain, read
from metalclouds.schema.documents.record import (
    DamagedFile,
    DamagedRawFile,
    Inventory,
    Manifest,
    NightOfFiles,
    RawFile,
    RawMember,
    RecordReference,
    UnavailableItem,
    UnmappedFile,
    safe_key,
)
from metalclouds.schema.documents.run import (
    FigureRecord,
    FileState,
    GitState,
    JobCost,
    Machine,
    RunRecord,
    ShownCase,
    Sums,
)

__all__ = [
    "BatchIndex",
    "ChangedVerdict",
    "CheckedNote",
    "DamagedFile",
    "DamagedRawFile",
    "Document",
    "FailedNight",
    "FigureRecord",
    "FileState",
    "GitState",
    "Inventory",
    "JobCost",
    "Machine",
    "Manifest",
    "NightFile",
    "NightOfFiles",
    "Number",
    "Options",
    "RawFile",
    "RawMember",
    "RecordReference",
    "RunRecord",
    "Sensitivity",
    "SettingValue",
    "ShownCase",
    "Sums",
    "Survival",
    "TriedClaim",
    "TriedRow",
    "TriedSetting",
    "UnavailableItem",
    "UnmappedFile",
    "Verdict",
    "VerdictPart",
    "VerdictSummary",
    "plain",
    "read",
    "safe_key",
]
