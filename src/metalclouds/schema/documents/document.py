"""A JSON file as a frozen dataclass: how it is read, written and checked."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, TypeAdapter, ValidationError

from metalclouds.errors import ContractError, MetalcloudsError, ReadError
from metalclouds.files import REMEDY, reading, write_json

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
