"""Files made for tests are the paper's: those that name no station are read as if measured at its stations."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from metalclouds.ingest import files
from metalclouds.ingest.settings import IngestSettings


def read_any(
    path: str | Path, settings: IngestSettings | None = None, instrument: str | None = None
) -> list[xr.Dataset]:
    """As `metalclouds.ingest.read_any`, which assumes no station unless the settings say so."""
    settings = settings or IngestSettings()
    return files.read_any(path, settings.model_copy(update={"assume_station": settings.assume_station}), instrument)
