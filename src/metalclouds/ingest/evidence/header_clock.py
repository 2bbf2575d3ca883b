"""The clock that lines of a header state, beside what the times themselves say: two that differ are a question."""

from __future__ import annotations

from collections.abc import Iterable

from metalclouds.ingest.captions import clocks_in
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import clocks_of, says_clock


def said_in_header(own: str, lines: Iterable[str], context: Context) -> str:
    """The line of a header that states the clock of times which do not say it themselves; "" where none is needed.

    Parameters
    ----------
    own
        what the name, the attributes or the line of the times says.

    Raises
    ------
    UndecidedError
        If two clocks are stated, by two lines, or by the times and a line.
    """
    stated = list(clocks_in(lines).values())
    texts = ([own] if says_clock(own) else []) + stated
    minutes: dict[int, str] = {}
    for text in texts:
        found, _ = clocks_of(text, "", context)
        if found is not None:
            minutes.setdefault(found, text.strip())
    if len(minutes) > 1 and "clock" not in context.options:
        raise context.undecided(
            "two clocks are stated",
            seen="; ".join(repr(text) for text in minutes.values()),
            lines=tuple(f"clock: {_named(offset)}" for offset in minutes),
        )
    return "" if says_clock(own) or not stated else stated[0]


def _named(minutes: int) -> str:
    """A clock as the option `clock` has it."""
    hours, rest = divmod(abs(minutes), 60)
    return "UT" if not minutes else f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
