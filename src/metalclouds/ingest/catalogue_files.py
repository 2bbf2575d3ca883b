"""Where the files of the catalogue lie; apart from their content, so that the workflow can ask before any job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metalclouds.errors import ConfigError

# A user's own entries; nobody has to have any.
OPTIONAL_CATALOGUE = "own.yaml"
# Of an installation from a clone: the catalogues lie next to the library.
_BESIDE_LIBRARY = Path(__file__).resolve().parents[3]


def find_file(name: str) -> Path | None:
    """A catalogue file: as given, else beside the library; None where there is none."""
    return next((path for path in (Path(name), _BESIDE_LIBRARY / name) if path.is_file()), None)


def catalogue_files(names: Sequence[str]) -> list[Path]:
    """The catalogues named in the settings, in order; only `own.yaml` may be missing.

    Raises
    ------
    ConfigError
        If another one does not exist: without it its files would pass as not there.
    """
    found = {name: find_file(name) for name in names}
    missing = [name for name, path in found.items() if path is None and Path(name).name != OPTIONAL_CATALOGUE]
    if missing:
        raise ConfigError(
            "a catalogue of the settings does not exist",
            where="ingest.catalogue",
            given=", ".join(missing),
            rule=f"each file exists; only {OPTIONAL_CATALOGUE} may be missing",
            remedy="correct the name, or take the line out",
        )
    return [path for path in found.values() if path is not None]
