"""One row a night: what detection decided, and the column density."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from metalclouds import io
from metalclouds.contracts import COLUMNS, DETECT_NIGHTS, NIGHTS, check_table, empty_table
from metalclouds.derive.columns import NightFiles
from metalclouds.errors import ContractError


def nights_of_batches(indices: Iterable[Path | str]) -> dict[str, Path]:
    """Files of the nights that batch indices list, in the order of the nights.

    An index lies in `<stage folder>/batches/` and holds `nights`: {night: sha256}; the file of a night is
    `<stage folder>/<night>.nc`.

    Raises
    ------
    ContractError
        If two indices list the same night.
    """
    found: dict[str, Path] = {}
    for index in indices:
        for night in io.read_json(index)["nights"]:
            if night in found:
                raise ContractError("a night stands in two batches", file=index, given=night)
            found[night] = Path(index).parent.parent / f"{night}.nc"
    return dict(sorted(found.items()))


def night_files(lidar_indices: Iterable[Path | str], detect_indices: Iterable[Path | str]) -> list[NightFiles]:
    """Ingested and detected file of each lidar night, in the order of the nights."""
    detect = nights_of_batches(detect_indices)
    lidar = nights_of_batches(lidar_indices)
    return [NightFiles(night, path, detect.get(night)) for night, path in lidar.items()]


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
        return empty_table(NIGHTS)
    check_table(detected, DETECT_NIGHTS, "detect/nights.csv")
    check_table(columns, COLUMNS, "columns.csv")
    table = detected.merge(columns[["night", "column_density_cm2"]], on="night", how="left", validate="one_to_one")
    for name in ("observed", "above_150", "clear_200_300"):
        table[name] = flags(table[name])
    dates = pd.to_datetime(table["night"])
    table = table.assign(year=dates.dt.year, month=dates.dt.month).sort_values("night", ignore_index=True)
    return check_table(table[list(NIGHTS)], NIGHTS, "nights.csv")


def flags(column: pd.Series) -> pd.Series:
    """Booleans of a column that holds True/False or 1/0, as they come back from CSV; empty is False."""
    return column.map(lambda value: str(value).strip().lower() in ("true", "1", "1.0")).astype(bool)
