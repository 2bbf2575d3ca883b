"""One night of lidar: the first source that has it, cut to the night."""

from __future__ import annotations

import itertools

import xarray as xr

from metalclouds.ingest.assemble import files_of
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.readers.kinds import names_species
from metalclouds.ingest.readers.lidar_night import joined_in_time
from metalclouds.ingest.settings import LidarSettings


def night(parts: list[xr.Dataset], settings: LidarSettings, decisions: Decisions) -> xr.Dataset:
    """One night of ingest/lidar. Two files of one night with the same kind of profiles are joined in time.

    Of several species in one night, that of the settings goes first; where a file does not say, its name may.

    Parameters
    ----------
    parts
        what the readers gave, dims (time, altitude).

    Returns
    -------
    Dataset
        dims (time, altitude).
    """
    first = next((part for part in parts if _is_of(part, settings.species)), parts[0])
    alike = [part for part in parts if _same_kind(part, first)]
    if len(alike) > 1 and not _overlap(alike):
        out = joined_in_time(sorted(alike, key=lambda part: part["time"].values[0]))
    else:
        alike, out = [first], first
    if unused := [part for part in parts if not any(part is one for one in alike)]:
        kept = f"the night is taken from {files_of(alike)}"
        decisions.record("sources left out", files_of(unused), kept)
    return out


def _is_of(part: xr.Dataset, species: str) -> bool:
    stated = part.attrs.get("species")
    return stated == species if stated else names_species(files_of([part]), species)


def _same_kind(part: xr.Dataset, first: xr.Dataset) -> bool:
    if part is first:
        return True
    same = part.attrs.get("species") == first.attrs.get("species")
    return same and part["altitude"].equals(first["altitude"]) and set(part) == set(first)


def _overlap(parts: list[xr.Dataset]) -> bool:
    spans = sorted((part["time"].values[0], part["time"].values[-1]) for part in parts)
    return any(later[0] <= earlier[1] for earlier, later in itertools.pairwise(spans))
