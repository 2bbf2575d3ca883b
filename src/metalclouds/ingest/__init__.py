"""Turn raw files of any known shape into one CF netCDF file a night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from metalclouds.ingest.settings import IngestSettings


def read_any(
    path: str | Path, settings: IngestSettings | None = None, instrument: str | None = None
) -> list[xr.Dataset]:
    """Nights in a file, folder or archive; see `metalclouds.ingest.files.read_any`, imported when it is called.

    Returns
    -------
    list
        one a night, as the contract of its instrument has it.
    """
    from metalclouds.ingest import files

    return files.read_any(path, settings, instrument)
