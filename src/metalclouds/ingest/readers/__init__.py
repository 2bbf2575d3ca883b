"""Readers, one a file format; each gives datasets in the names of schema/variables.py, times UTC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xarray as xr

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.readers import (
    fpi_cpi,
    fpi_looks,
    fpi_winds,
    giro,
    ionex,
    ionogram,
    ionosonde_table,
    lidar_arrays,
    lidar_profiles,
    meridian,
    photon_text,
    sao,
    sao_explorer,
    saoxml,
    tec_arrays,
    tec_grid,
    tec_slant,
)
from metalclouds.ingest.source import Member


@dataclass(frozen=True)
class Reader:
    """A reader: its instrument, its function, and whether many files of a night are read in one call."""

    instrument: str
    read: Callable[[Sequence[Member], Context], xr.Dataset]
    many: bool = False


READERS = {
    "lidar_arrays": Reader("lidar", lidar_arrays.read),
    "lidar_profiles": Reader("lidar", lidar_profiles.read, many=True),
    "meridian": Reader("lidar", meridian.read, many=True),
    "photon_text": Reader("lidar", photon_text.read, many=True),
    "ionex": Reader("tec", ionex.read),
    "tec_grid": Reader("tec", tec_grid.read, many=True),
    "tec_arrays": Reader("tec", tec_arrays.read),
    "tec_slant": Reader("tec", tec_slant.read),
    "fpi_looks": Reader("fpi", fpi_looks.read),
    "fpi_winds": Reader("fpi", fpi_winds.read),
    "fpi_cpi": Reader("fpi", fpi_cpi.read),
    "ionosonde_table": Reader("ionosonde", ionosonde_table.read),
    "giro": Reader("ionosonde", giro.read, many=True),
    "sao": Reader("ionosonde", sao.read, many=True),
    "saoxml": Reader("ionosonde", saoxml.read, many=True),
    "ionogram": Reader("ionosonde", ionogram.read),
    "sao_explorer": Reader("ionosonde", sao_explorer.read, many=True),
}
