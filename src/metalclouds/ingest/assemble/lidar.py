"""One night of lidar: the first source that has it, cut to the night."""

from __future__ import annotations

import itertools

import xarray as xr

from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.settings import LidarSettings


def night(parts: list[xr.Dataset], settings: LidarSettings, decisions: Decisions) -> xr.Dataset:
    """One night of ingest/lidar. Two files of one night with the same kind of profiles are joined in time."""
    first = parts[0]
    alike = [part for part in parts if part["altitude"].equals(first["altitude"]) and set(part) == set(first)]
    if len(alike) > 1 and not _overlap(alike):
        out = xr.concat(sorted(alike, key=lambda part: part["time"].values[0]), "time", combine_attrs="override")
    else:
        out = first
    if (unused := len(parts) - (len(alike) if out is not first else 1)) > 0:
        decisions.record(
            "sources left out", unused, "the night is there already from an earlier entry of the catalogue"
        )
    return out


def _overlap(parts: list[xr.Dataset]) -> bool:
    spans = sorted((part["time"].values[0], part["time"].values[-1]) for part in parts)
    return any(later[0] <= earlier[1] for earlier, later in itertools.pairwise(spans))
