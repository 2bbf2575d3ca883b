"""Files of any kind: written whole or not at all, with checksums. Imports nothing heavy."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metalclouds.errors import ReadError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path next to `path`; move it to `path` when the block ends well, remove it otherwise."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
        If the file is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise ReadError("not a JSON file", file=path, given=str(error)) from error
