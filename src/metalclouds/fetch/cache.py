"""Where downloads live, and who may write there. Several runs, also of several users, may share one cache."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

# Seconds between two looks at a lock that another run holds.
LOOK_S = 0.2


@dataclass(frozen=True)
class Cache:
    """The folder of one record: `files/` has the record's own names, so that none can meet one of our files.

    Beside it: `manifest.json`, `partial/` (files on their way, private names) and `locks/` (one a file).
    """

    folder: Path

    @property
    def manifest(self) -> Path:
        """What is known of the record."""
        return self.folder / "manifest.json"

    def file(self, key: str) -> Path:
        """The place of a verified file."""
        return self.folder / "files" / key

    def arrived(self, key: str) -> int:
        """Bytes of a file that an interrupted download left."""
        return max((path.stat().st_size for path in self._partials(key)), default=0)

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Give the path to write a file to, for as long as nobody else writes it; what had arrived is in it.

        Another run that brings the same file is waited for. The name is never used twice, so that a writer that
        the lock did not stop (a network disk without locks) cannot change bytes that this one has verified.
        """
        lock = self.folder / "locks" / f"{_digest(key)}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        # 0o666: in a shared cache the next one to take the lock may be another user; the umask still applies.
        held = filelock.FileLock(lock, mode=0o666, thread_local=False)
        if not _taken(held):
            print(f"waiting for another run that downloads {key}", flush=True)
            held.acquire(poll_interval=LOOK_S)
        try:
            yield self._adopted(key)
        finally:
            held.release()

    def _adopted(self, key: str) -> Path:
        """A new name that holds the largest of what earlier downloads left; the others are removed."""
        folder = self.folder / "partial"
        folder.mkdir(parents=True, exist_ok=True)
        mine = folder / f"{_digest(key)}.{secrets.token_hex(8)}.part"
        left = sorted(self._partials(key), key=lambda path: path.stat().st_size)
        if left:
            _take_over(left.pop(), mine)
        for path in left:
            path.unlink(missing_ok=True)
        return mine

    def _partials(self, key: str) -> list[Path]:
        return list((self.folder / "partial").glob(f"{_digest(key)}.*.part"))


def _taken(lock: filelock.BaseFileLock) -> bool:
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return False
    return True


def _take_over(old: Path, new: Path) -> None:
    """Give what had arrived another name and, where there is room, other blocks: somebody may have it open still."""
    try:
        shutil.copyfile(old, new)
    except OSError:
        old.replace(new)
    else:
        old.unlink(missing_ok=True)


def _digest(key: str) -> str:
    """A short name without folders for a name of the record."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]
