"""Files of any kind: written whole or not at all, with checksums. Imports nothing heavy."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metalclouds.errors import ReadError

PART = ".part"
"""Ending of a file that is being written; its name begins with a dot."""
# A file system takes 255 bytes a name: what a dot, the random part and the ending leave of it.
_LONGEST_STEM = 200


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path next to `path`; move it to `path` when the block ends well, remove it otherwise.

    The file gets the rights that the user's umask leaves, as any new file does.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = path.name.encode()[:_LONGEST_STEM].decode(errors="ignore")
    temporary = path.with_name(f".{stem}.{secrets.token_hex(4)}{PART}")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def sweep(folder: str | Path) -> int:
    """Remove what killed writers left below a folder; how many files. Only for who holds the lock of the run."""
    left = [path for path in Path(folder).rglob(f".*{PART}*") if path.is_file()]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def sha256(path: str | Path) -> str:
    """Hex sha256 of a file's bytes."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: str | Path, content: Any) -> None:
    """Write JSON with sorted keys, indented, NaN refused, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(content, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n",
            encoding="utf-8",
        )


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    ReadError
        If the file is not there, cannot be read or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ReadError(f"cannot be read ({error.strerror})", file=path) from error
    except (ValueError, RecursionError) as error:
        raise ReadError("not a JSON file", file=path, given=str(error)) from error
