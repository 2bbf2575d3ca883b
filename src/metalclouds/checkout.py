"""Whether the code that runs belongs to the folder it runs in, and whether what it compiles can be kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from metalclouds.errors import ConfigError, WriteError

PACKAGE = Path(__file__).parent


def check_own_code(folder: str | Path = ".") -> None:
    """Stop where a folder has a copy of this project and another copy is running.

    A checkout that was moved or copied with its `.venv`, or two checkouts on one environment, would otherwise run the
    code of the other folder and change nothing when theirs is edited.

    Raises
    ------
    ConfigError
        Naming both.
    """
    here = Path(folder) / "src/metalclouds"
    if (here / "checkout.py").is_file() and not here.samefile(PACKAGE):
        raise ConfigError(
            "the environment runs the code of another folder", file=here.resolve(), given=f"it runs {PACKAGE}",
            remedy="make env (makes the environment of this folder), then its .venv/bin/ commands; in an environment "
            "of your own (ENV=none): pip install --no-deps --no-build-isolation -e . in this folder",
        )  # fmt: skip


def check_kernels_can_be_kept() -> None:
    """Stop where numba has no folder for its compiled kernels: beside the code, `NUMBA_CACHE_DIR`, or at home.

    It would end with a traceback when the first kernel is imported.

    Raises
    ------
    WriteError
        Naming the folders that were tried.
    """
    beside = PACKAGE / "detect" / "__pycache__"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"
    given = os.environ.get("NUMBA_CACHE_DIR")
    tried = [beside, *([Path(given)] if given else []), home]
    if not any(map(_can_be_written, tried)):
        raise WriteError(
            "compiled kernels cannot be kept anywhere", given=", ".join(map(str, tried)),
            remedy="export NUMBA_CACHE_DIR=/a/folder/of/yours (some 10 MB; only you should be able to write there)",
        )  # fmt: skip


def _can_be_written(folder: Path) -> bool:
    """Whether a file can be made there: permissions alone do not say it, neither for root nor on a read-only disk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
