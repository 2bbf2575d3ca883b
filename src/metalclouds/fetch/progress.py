"""Progress of downloads: rate and time to go, for each file and in all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class DownloadProgress:
    """Counts bytes of several files at once and prints a line now and then.

    Parameters
    ----------
    sizes
        key -> bytes expected.
    have
        key -> bytes already on disk.
    every_s
        least time between two lines of one file, s.
    """

    def __init__(
        self,
        sizes: dict[str, int],
        have: dict[str, int] | None = None,
        every_s: float = 2.0,
        say: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self._sizes, self._have = sizes, dict(have or {})
        self._every_s, self._say = every_s, say
        self._lock = threading.Lock()
        self._start = time.monotonic()
        self._received = 0
        self._begun: dict[str, tuple[float, int]] = {}
        self._said: dict[str, float] = {}

    def advance(self, key: str, size: int) -> None:
        """Some bytes of a file have come."""
        with self._lock:
            now = time.monotonic()
            self._begun.setdefault(key, (now, self._have.get(key, 0)))
            self._received += size
            self._have[key] = self._have.get(key, 0) + size
            done = self._have[key] >= self._sizes[key]
            if done or now - self._said.get(key, self._start) >= self._every_s:
                self._said[key] = now
                self._say(self._line(key, now))

    def restart(self, key: str) -> None:
        """A file begins anew."""
        with self._lock:
            self._have[key] = 0
            self._begun.pop(key, None)

    def _line(self, key: str, now: float) -> str:
        begun, before = self._begun[key]
        rate = (self._have[key] - before) / max(now - begun, 1e-3)
        rest = (self._sizes[key] - self._have[key]) / max(rate, 1.0)
        total, have = sum(self._sizes.values()), sum(self._have.values())
        total_rate = self._received / max(now - self._start, 1e-3)
        total_rest = (total - have) / max(total_rate, 1.0)
        return (
            f"{key}: {self._have[key] / 1e6:.1f} of {self._sizes[key] / 1e6:.1f} MB, {rate / 1e6:.2f} MB/s, "
            f"{rest:.0f} s to go | all: {100 * have / max(total, 1):.0f} % of {total / 1e6:.0f} MB, "
            f"{total_rest:.0f} s to go"
        )
