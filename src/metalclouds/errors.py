"""Errors that a user sees. Each says what is wrong, where, the rule, what was given, and what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any


class MetalcloudsError(Exception):
    """Base of all errors that are the input's fault, not the program's. Exit code 2."""

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        where: str | None = None,
        rule: str | None = None,
        given: object | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem, self.file, self.where = problem, file, where
        self.rule, self.given, self.remedy = rule, given, remedy
        lines = [problem]
        for label, value in (
            ("file", file),
            ("where", where),
            ("rule", rule),
            ("given", given),
            ("what to do", remedy),
        ):
            if value is not None:
                lines.append(f"  {label}: {value}")
        super().__init__("\n".join(lines))


class ConfigError(MetalcloudsError):
    """A configuration key or value breaks a rule."""


class FetchError(MetalcloudsError):
    """A file of the source could not be had, or is not what its record says."""


class ReadError(MetalcloudsError):
    """A file cannot be read as what it is said to be."""


class UndecidedError(ReadError):
    """The evidence in a file does not decide a question; the remedy holds the catalogue lines that would.

    `lines` are the options of those lines, one a reading of the file.
    """

    lines: tuple[dict[str, Any], ...] = ()


class WriteError(MetalcloudsError):
    """A place cannot be written to."""


class ContractError(MetalcloudsError):
    """A product breaks the contract that the next stage relies on."""


def in_words(error: BaseException) -> str:
    """An exception as one that reads the terminal should see it: the text of ours, a word on the machine's."""
    if isinstance(error, MetalcloudsError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        lines = [error.strerror, f"  file: {error.filename}" if error.filename else ""]
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            lines.append("  what to do: make room on that disk, then run the same command again")
        return "\n".join(line for line in lines if line)
    return f"{type(error).__name__}: {error}"
