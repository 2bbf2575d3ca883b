"""The JSON files of a run: what each holds, how it is read and written.

A document is a frozen dataclass. `read` and `write` check every key and its kind; a breach is named with the file,
the key, the rule and what was there.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from metalclouds.errors import ContractError, FetchError, MetalcloudsError, ReadError
from metalclouds.files import REMEDY, reading, write_json
from metalclouds.schema.words import outcome_of

_FAULTS_SHOWN = 5
# pydantic calls them arguments; for the reader of a file they are keys.
_RULES = {"unexpected_keyword_argument": "no such key", "missing": "a key that must be there"}

Number = float | None
Options = dict[str, Any]
"""What the catalogue tells a reader of a file: each reader has keys of its own (docs/readers.md)."""


class Document:
    """A JSON object whose keys are the fields of a frozen dataclass; no other key is taken."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a file of this kind.

        Raises
        ------
        ReadError
            If the file is not there, is not JSON, or a key breaks the form.
        """
        return read(cls, path)

    @classmethod
    def read_all(cls, path: str | Path) -> tuple[Self, ...]:
        """Read a file with a list of such objects.

        Raises
        ------
        ReadError
            As `read`.
        """
        return read(tuple[cls, ...], path)  # type: ignore[valid-type]

    def write(self, path: str | Path) -> None:
        """Write the file, whole or not at all.

        Raises
        ------
        ContractError
            If a field is of another kind than declared; nothing is written.
        """
        write_json(path, plain(self, path))

    @classmethod
    def write_all(cls, path: str | Path, documents: Sequence[Self]) -> None:
        """Write a file with a list of such objects.

        Raises
        ------
        ContractError
            As `write`.
        """
        write_json(path, [plain(one, path) for one in documents])


def read(kind: Any, path: str | Path) -> Any:
    """Read a JSON file as a kind that pydantic knows: a document, or a list or a mapping of documents.

    Raises
    ------
    ReadError
        If the file is not there, is not JSON, or a key breaks the form.
    """
    with reading(path, "JSON file") as file:
        text = file.read_bytes()
    return _checked(kind, text, path, ReadError)


def plain(document: Document, path: str | Path = "") -> Any:
    """A document as JSON has it.

    Parameters
    ----------
    path
        the file that an error names.

    Raises
    ------
    ContractError
        If a field is of another kind than declared.
    """
    kind: Any = type(document)
    adapter = _adapter(kind)
    _checked(kind, adapter.dump_json(document, warnings=False), path, ContractError)
    return adapter.dump_python(document, mode="json", warnings=False)


@functools.cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _checked(kind: Any, text: bytes, path: str | Path, failure: type[MetalcloudsError]) -> Any:
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        faults = error.errors()[:_FAULTS_SHOWN]
        raise failure(
            f"not {kind.__name__} as this version has it" if isinstance(kind, type) else "not a file of this version",
            file=path,
            where="; ".join(".".join(map(str, one["loc"])) or "the file" for one in faults),
            rule="; ".join(dict.fromkeys(_RULES.get(one["type"], one["msg"]) for one in faults)),
            given="; ".join(repr(one["input"])[:80] for one in faults),
            remedy=REMEDY,
        ) from error


# ---- raw/manifest.json -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RawFile(Document):
    """One file of a source. `path` is relative to the folder of the run; empty strings are not known (yet).

    Raises
    ------
    FetchError
        If `key` or `path` leads out of its folder, or `size` is no number of bytes: whatever made the entry.
    """

    key: str
    size: int
    md5: str = ""
    sha256: str = ""
    url: str = ""
    path: str = ""

    def __post_init__(self) -> None:
        safe_key(self.key)
        if self.path:
            safe_key(self.path)
        if not isinstance(self.size, int) or self.size < 0:
            raise FetchError("size of a file in the record", file=self.key, rule="bytes", given=repr(self.size))


@dataclass(frozen=True)
class DamagedRawFile(Document):
    """A file of a source that is not what its record says."""

    key: str
    reason: str


@dataclass(frozen=True)
class UnavailableItem(Document):
    """Something of a source that could not be had."""

    what: str
    why: str


@dataclass(frozen=True)
class RecordReference(Document):
    """The published record that a source is: its number and DOI (0 and empty without one), and its metadata."""

    id: int = 0
    doi: str = ""
    metadata: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest(Document):
    """All files of a source, with what is damaged and what could not be had.

    Raises
    ------
    FetchError
        If two files have one place.
    """

    source: str
    title: str
    synthetic: bool
    files: tuple[RawFile, ...] = ()
    damaged: tuple[DamagedRawFile, ...] = ()
    unavailable: tuple[UnavailableItem, ...] = ()
    record: RecordReference = RecordReference()

    def __post_init__(self) -> None:
        _check_places([entry.path or entry.key for entry in self.files])

    def write(self, path: str | Path) -> None:
        """Write the file, its entries in the order of their keys.

        Raises
        ------
        ContractError
            If a field is of another kind than declared; nothing is written.
        """
        write_json(path, plain(replace(self, files=tuple(sorted(self.files, key=lambda entry: entry.key))), path))


def safe_key(key: str) -> str:
    """The key, if it names a file inside a folder.

    Raises
    ------
    FetchError
        If it is absolute, climbs out with `..`, or has characters that no name should have.
    """
    path = Path(key) if isinstance(key, str) else Path()
    inside = bool(path.parts) and not path.is_absolute() and ".." not in path.parts
    if not inside or key.endswith("/") or any(_unfit(character) for character in key):
        raise FetchError(
            "unsafe file name in the record", given=ascii(key), rule="a relative path without '..', '\\' and controls"
        )
    return key


def _unfit(character: str) -> bool:
    """A backslash, a control character, or half of a pair of UTF-16 (what is not UTF-8 in a name on disk)."""
    return character == "\\" or unicodedata.category(character) in ("Cc", "Cs")


def _check_places(names: Sequence[str]) -> None:
    """Every file has a place of its own: no name comes twice, none is the folder of another."""
    counted = Counter(Path(name).as_posix() for name in names)
    folders = {folder.as_posix() for name in counted for folder in Path(name).parents}
    shared = [name for name, count in counted.items() if count > 1 or name in folders]
    if shared:
        raise FetchError("two files of the record have one place", given=", ".join(shared[:5]))


# ---- raw/inventory/<instrument>.json -----------------------------------------------------------------------


@dataclass(frozen=True)
class RawMember(Document):
    """A raw file (path below the folder of the run), or a file in it where it is an archive."""

    path: str
    member: str = ""


@dataclass(frozen=True)
class NightOfFiles(Document):
    """Files of a night that one reader reads in one way."""

    night: str
    files: tuple[RawMember, ...]
    reader: str
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class UnmappedFile(Document):
    """A file that no entry of the catalogue fits, or that leaves a question open.

    Attributes
    ----------
    seen
        what is in it.
    instrument
        whose data it is likely to be; empty where that is not known.
    lines
        lines for the catalogue that would help.
    """

    file: str
    seen: str
    instrument: str = ""
    lines: str = ""


@dataclass(frozen=True)
class DamagedFile(Document):
    """A file that cannot be used; `kind` says whether it is damaged or this program failed on it."""

    file: str
    reason: str
    kind: Literal["damaged", "fault"] = "damaged"
    instrument: str = ""


@dataclass(frozen=True)
class Inventory(Document):
    """Which files of a record hold which nights of one instrument.

    Attributes
    ----------
    status
        absent: the source has no file of it; unread: it has, and none could be read.
    why
        the reason where it is not present.
    where
        where the data could be had.
    source
        what the data are, for people.
    batches
        name of a batch -> its nights.
    sha256
        path of each raw file used -> its checksum.
    """

    instrument: str
    status: Literal["present", "absent", "unread"]
    synthetic: bool
    why: str = ""
    where: str = ""
    source: str = ""
    batches: dict[str, tuple[NightOfFiles, ...]] = field(default_factory=dict)
    unmapped: tuple[UnmappedFile, ...] = ()
    damaged: tuple[DamagedFile, ...] = ()
    sha256: dict[str, str] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        """Whether there are nights of the instrument."""
        return self.status == "present"

    def items(self) -> Iterator[NightOfFiles]:
        """The nights of all batches; a night that is read in two ways comes twice."""
        for batch in self.batches.values():
            yield from batch

    def nights(self) -> list[str]:
        """Dates of the nights of all batches, in order, each once."""
        return sorted({item.night for item in self.items()})


# ---- <stage>/batches/<batch>.json --------------------------------------------------------------------------


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


# ---- claims/*.json -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VerdictPart(Document):
    """What was found for a part of a claim. Numbers that were not found are null.

    Attributes
    ----------
    low, high
        ends of the interval.
    distance
        from the expected value, in standard errors.
    if_false
        what would have been found if the claim were false.
    """

    name: str
    outcome: str
    sentence: str
    unit: str
    value: Number = None
    low: Number = None
    high: Number = None
    n: int | None = None
    distance: Number = None
    probability: Number = None
    if_false: str = ""


@dataclass(frozen=True)
class Verdict(Document):
    """The verdict on a claim: an entry of claims/verdicts.json.

    Attributes
    ----------
    about
        the paper, or the simulation.
    verdict
        agrees, differs or not_testable of the paper; recovered, not_recovered or not_testable of a simulation.
    status
        why it is not testable: missing, undecided, by_design, not_simulated, other_data.
    value, low, high, n, distance, probability
        of the part that decides.
    printed, place
        what the paper prints, and the lines of the preprint.
    """

    id: str
    about: Literal["paper", "simulation"]
    verdict: Literal["agrees", "differs", "recovered", "not_recovered", "not_testable"]
    status: str
    reason: str
    statement: str
    printed: str
    place: str
    kind: str
    unit: str
    differs_if: str
    remark: str = ""
    figures: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    value: Number = None
    low: Number = None
    high: Number = None
    n: int | None = None
    distance: Number = None
    probability: Number = None
    parts: tuple[VerdictPart, ...] = ()

    @property
    def outcome(self) -> str:
        """Key of `words.OUTCOMES`."""
        return outcome_of(self.verdict, self.status)


@dataclass(frozen=True)
class CheckedNote(Document):
    """A note on the paper with what was computed for it: an entry of claims/notes.json."""

    id: str
    statement: str
    lines: tuple[int, ...]
    unit: str
    values: tuple[float, ...] = ()
    computed: str = ""
    checked: bool = False


@dataclass(frozen=True)
class VerdictSummary(Document):
    """Counts over all claims, and how many true ones would differ by chance: claims/summary.json.

    Attributes
    ----------
    expected_by_chance
        expectation if every tested claim were true.
    p_as_many_by_chance
        probability that chance alone gives as many that differ as there are.
    """

    claims: int
    tested: int
    tested_on_the_papers_data: int
    verdicts: dict[str, int]
    differing: int
    expected_by_chance: Number
    p_as_many_by_chance: Number
    sentence: str
    chance_note: str


SettingValue = int | float | str
Survival = Literal["survives", "weakens", "turns", "settles", "untried"]


@dataclass(frozen=True)
class TriedSetting(Document):
    """A setting that was tried at other values, and the claims that have a number which some value moves."""

    setting: str
    words: str
    unit: str
    base: SettingValue
    values: tuple[SettingValue, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class ChangedVerdict(Document):
    """Another verdict on a claim, and the value of the setting that gives it."""

    setting: str
    value: SettingValue
    verdict: str


@dataclass(frozen=True)
class TriedClaim(Document):
    """What other settings do to a verdict (`metalclouds.claims.sensitivity` explains the keys)."""

    id: str
    verdict: str
    survival: Survival
    tried: int
    kept: int
    settings: int
    sentence: str
    changed_by: tuple[ChangedVerdict, ...] = ()


@dataclass(frozen=True)
class TriedRow(Document):
    """A claim judged with one value of a setting; the run's own verdict has no setting."""

    claim: str
    setting: str
    setting_value: SettingValue | None
    base: bool
    value: Number
    low: Number
    high: Number
    unit: str
    verdict: str
    status: str
    kept: bool


@dataclass(frozen=True)
class Sensitivity(Document):
    """Whether each verdict survives other settings: claims/sensitivity.json."""

    settings: tuple[TriedSetting, ...] = ()
    claims: tuple[TriedClaim, ...] = ()
    rows: tuple[TriedRow, ...] = ()


# ---- run.json and what figures leave -----------------------------------------------------------------------


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
