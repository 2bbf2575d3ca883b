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

from metalclouds.errors import MetalcloudsError, ReadError, WriteError

PART = ".part"
"""Ending of a file that is being written; its name begins with a dot."""
REMEDY = "if a run wrote the file: remove it and run the same command again"
# A file system takes 255 bytes a name: what a dot, the random part and the ending leave of it.
_LONGEST_STEM = 200


# Above the library: a checkout's root, and inside it what the wheel carries of the folder config/.
_PLACES = (Path(__file__).resolve().parents[2], Path(__file__).resolve().parent / "data")


def shipped_file(name: str | Path) -> Path | None:
    """A file of the configuration: as given, else of the checkout or the installed package; None without one."""
    return next((path for path in (Path(name), *(place / name for place in _PLACES)) if path.is_file()), None)


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


def writable_folder(path: str | Path) -> Path:
    """A folder that can be written to, made if it is not there: asked before work of minutes, not after it.

    Raises
    ------
    WriteError
        If it cannot.
    """
    path = Path(path)
    try:
        with replacing(path / "writable"):
            raise _Tried
    except _Tried:
        return path
    except OSError as error:
        reason = "it is a file" if path.is_file() else error.strerror
        problem = f"cannot be written to ({reason})"
        raise WriteError(problem, file=path, remedy="name another folder") from error


class _Tried(Exception):
    """Ends the writing of a file that is not wanted."""


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


@contextlib.contextmanager
def reading(path: str | Path, what: str, remedy: str = REMEDY) -> Iterator[Path]:
    """The door that files are read through: whatever a library makes of a bad one, its name and the reason are said.

    Only the calls that read belong into the block: any exception in it is taken for the file's fault.

    Parameters
    ----------
    what
        what the file should be, e.g. "netCDF file".
    remedy
        what to do where its content is wrong.

    Raises
    ------
    ReadError
        If there is no file at `path` (a folder, a pipe), or the block fails.
    """
    path = Path(path)
    if not path.is_file():
        raise ReadError("a folder or a pipe where a file is expected" if path.exists() else "no such file", file=path)
    try:
        yield path
    except MetalcloudsError:
        raise
    except OSError as error:
        given = error.strerror or str(error)
        raise ReadError(f"cannot be read as {what}", file=path, given=given, remedy=REMEDY) from error
    except Exception as error:
        given = f"{type(error).__name__}: {error}"
        raise ReadError(f"not a readable {what}", file=path, given=given, remedy=remedy) from error


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    ReadError
        If the file is not there, cannot be read or is not JSON.
    """
    with reading(path, "JSON file") as file:
        return json.loads(file.read_text(encoding="utf-8"))


# People write these by hand: nothing may advise to remove them.
_EDIT = "mend it by hand: items of a list go below each other, at one indent, with nothing behind the key above"


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML file of keys and values; an empty one has none.

    Raises
    ------
    ReadError
        If the file is not there, cannot be read, is not YAML or holds something else.
    """
    import yaml

    with reading(path, "YAML file", _EDIT) as file:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content or {}, dict):
        raise ReadError("keys and values expected", file=path, given=repr(content)[:80])
    return content or {}
