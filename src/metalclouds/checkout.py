"""Whether the code that runs belongs to the folder it runs in."""

from __future__ import annotations

from pathlib import Path

from metalclouds.errors import ConfigError

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
