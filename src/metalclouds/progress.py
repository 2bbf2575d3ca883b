"""What a long job says: a line a night in its log, now and then a line with the time left on the terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

FIRST_S, EVERY_S = 5.0, 10.0
"""Nothing is said on the terminal before the first, nor more often than the second."""

terminal: TextIO = sys.stderr
"""Where a person looks. A job of the workflow prints everything else to its log (`metalclouds.workflow.job`)."""


class Progress:
    """Counts nights, writes a line about each, and tells how long the rest will take.

    Parameters
    ----------
    title
        what is done, e.g. "detect 2021".
    total
        number of nights.
    """

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done = title, total, 0
        self.start = time.monotonic()
        self.said = self.start + FIRST_S - EVERY_S
        log(f"{title}: {total} nights")

    def night(self, text: str) -> None:
        """One more night is done; `text` says what came out of it."""
        self.done += 1
        log(text)
        now = time.monotonic()
        if now - self.said >= EVERY_S and self.done < self.total:
            self.said = now
            print(f"{self.title}: {self.line(now - self.start)}", file=terminal, flush=True)

    def line(self, elapsed_s: float) -> str:
        """How far it is, and how long the rest will take at this pace.

        Examples
        --------
        >>> progress = Progress("detect", 100)  # doctest: +SKIP
        >>> progress.done = 25
        >>> progress.line(30.0)
        '25 of 100 nights, about 90 s left'
        """
        left = elapsed_s / self.done * (self.total - self.done)
        return f"{self.done} of {self.total} nights, about {left:.0f} s left"


def log(text: str) -> None:
    """A line with the time, UTC, into the job's log (standard output)."""
    print(f"{time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())} {text}", flush=True)
