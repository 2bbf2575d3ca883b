"""One row a night: what detection decided, and the column density."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from metalclouds.batches import nights_of
from metalclouds.derive.columns import NightFiles
from metalclouds.schema.table import is_true
from metalclouds.schema.tables import COLUMNS, DETECT_NIGHTS, NIGHTS


def night_files(lidar_indices: Iterable[Path | str], detect_indices: Iterable[Path | str]) -> list[NightFiles]:
    """Ingested and detected file of each lidar night, in the order of the nights."""
    detect = nights_of(detect_indices)
    return [NightFiles(night, path, detect.get(night)) for night, path in nights_of(lidar_indices).items()]


def nights(detected: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Join the decisions of detection with the columns.

    Parameters
    ----------
    detected
        detect/nights.csv.
    columns
        columns.csv; a night that is not in it has no column density.

    Returns
    -------
    DataFrame
        nights.csv in the order of the nights; `observed`, `above_150`, `clear_200_300` are booleans.
    """
    if detected.empty:
        return NIGHTS.empty()
    DETECT_NIGHTS.ordered(detected)
    COLUMNS.ordered(columns)
    table = detected.merge(columns[["night", "column_density_cm2"]], on="night", how="left", validate="one_to_one")
    for name in ("observed", "above_150", "clear_200_300"):
        table[name] = is_true(table[name])
    dates = pd.to_datetime(table["night"])
    table = table.assign(year=dates.dt.year, month=dates.dt.month).sort_values("night", ignore_index=True)
    return NIGHTS.ordered(table[list(NIGHTS)])
