"""One entry for all sources: what the rules and the command call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from metalclouds.errors import FetchError
from metalclouds.fetch.folder import fetch_folder
from metalclouds.fetch.giro import fetch_giro
from metalclouds.fetch.manifest import Manifest
from metalclouds.fetch.settings import FetchSettings
from metalclouds.fetch.zenodo import fetch_zenodo


def fetch_source(source: str, settings: FetchSettings, nights: Sequence[str], run_dir: Path) -> Manifest:
    """Bring all files of a source into a run.

    Parameters
    ----------
    source
        "zenodo" (the record, and the case nights' Digisonde data from GIRO) or "local".
    nights
        case nights, YYYY-MM-DD.

    Raises
    ------
    FetchError
        If the source cannot be had, or is not one of the two.
    """
    if source == "local":
        local = settings.local
        if local.folder is None:
            raise FetchError("source is local, but no folder is given", remedy="set fetch.local.folder")
        return fetch_folder(Path(local.folder), run_dir, title=local.title, synthetic=local.synthetic)
    if source != "zenodo":
        raise FetchError("unknown source", rule="zenodo or local", given=source)
    manifest = fetch_zenodo(settings, run_dir)
    if not settings.giro.enabled:
        return manifest
    entries, unavailable = fetch_giro(settings, nights, run_dir)
    return replace(manifest, files=manifest.files + tuple(entries), unavailable=tuple(unavailable))
