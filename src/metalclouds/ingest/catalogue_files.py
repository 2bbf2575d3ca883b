"""Where the files of the catalogue lie; apart from their content, so that the workflow can ask before any job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metalclouds.errors import ConfigError
from metalclouds.files import shipped_file

# A user's own entries; nobody has to have any.
OPTIONAL_CATALOGUE = "own.yaml"


def catalogue_files(names: Sequence[str]) -> list[Path]:
    """The catalogues named in the settings, in order; only `own.yaml` may be missing.

    Raises
    ------
    ConfigError
        If another one does not exist: without it its files would pass as not there.
    """
    found = {name: shipped_file(name) for name in names}
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
