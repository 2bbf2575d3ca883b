"""Tell a fault of this program from a damaged file: the run goes on after both, but only one is worth a report."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from typing import Literal

from metalclouds.errors import MetalcloudsError, ReadError, UndecidedError


class ProgramFault(ReadError):
    """An exception that no code here expects. It says nothing about the file; its trace is in the log."""


@contextlib.contextmanager
def reporting(step: str, file: str) -> Iterator[None]:
    """Turn an exception that nothing expects into a `ProgramFault`; its trace goes to stderr, which is the log.

    Parameters
    ----------
    step
        what was being done, e.g. "reader meridian".
    file
        name of the file that it was done to.

    Raises
    ------
    ProgramFault
        In place of any exception but the project's own.
    """
    try:
        yield
    except MetalcloudsError:
        raise
    except Exception as error:
        traceback.print_exc()
        raise ProgramFault(
            f"unexpected error in {step}",
            file=file,
            given=f"{type(error).__name__}: {error}",
            remedy="this is a fault of the program, not of the file; please report it with the trace in the log",
        ) from error


def kind_of(error: MetalcloudsError) -> Literal["undecided", "fault", "damaged"]:
    """What a record calls a failure: undecided (lines for the catalogue help), fault (of the program) or damaged."""
    if isinstance(error, ProgramFault):
        return "fault"
    return "undecided" if isinstance(error, UndecidedError) else "damaged"
