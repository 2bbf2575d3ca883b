"""The TEC products of a run: tables and maps with their provenance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.derive.tec_enhancement import derive_tec
from metalclouds.derive.tec_maps import tec_maps
from metalclouds.derive.tec_settings import EnhancementSettings

# Not needed here, and long to read where single observations are kept.
LEFT_OUT = ("receiver", "vertical_tec_count")


@dataclass(frozen=True)
class TecFiles:
    """What is written: tables TEC_ENHANCEMENT, TEC_SERIES and TEC_MAPS."""

    enhancement: pd.DataFrame
    series: pd.DataFrame
    maps: xr.Dataset


def tec_files(paths: Sequence[Path], settings: EnhancementSettings, cases: Collection[str]) -> TecFiles:
    """Derive the TEC products from ingested nights; without any, empty tables and maps of NaN that say why.

    Parameters
    ----------
    paths
        files of `ingest/tec`.
    cases
        nights that are not taken as quiet from the beginning.
    """
    nights = [read_night(path) for path in paths]
    products = derive_tec(nights, settings, cases)
    maps = tec_maps(nights, products.excess, settings, products.campaign.grid)
    synthetic = any(night.attrs.get("synthetic") == "true" for night in nights)
    maps.attrs |= io.provenance(
        title="Vertical TEC and its excess over a background at the times of Figure 2",
        source=_sources(nights),
        synthetic=synthetic,
        inputs={path.name: io.sha256(path) for path in paths},
        station_latitude=settings.place[0],
        station_longitude=settings.place[1],
    )
    return TecFiles(products.enhancement, products.series, maps)


def read_night(path: Path) -> xr.Dataset:
    """What the measure needs of a night: its maps, and the single observations where they are kept.

    Returns
    -------
    Dataset
        dataset of `ingest/tec`, the large variables that nothing uses left out.
    """
    return io.read_netcdf(path, LEFT_OUT)


def _sources(nights: Sequence[xr.Dataset]) -> str:
    """The sources of the nights, each once; a statement of their absence where there are none."""
    found = sorted({str(night.attrs.get("source", "")) for night in nights} - {""})
    return "; ".join(found) if found else "no TEC in this run"
