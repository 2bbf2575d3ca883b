"""One row a night: what detection decided, and the column density."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from metalclouds import io
from metalclouds.derive.columns import NightFiles
from metalclouds.errors import ContractError
from metalclouds.schema.tables import COLUMNS, DETECT_NIGHTS, NIGHTS


def nights_of_batches(indices: Iterable[Path | str], run_dir: Path | str) -> dict[str, Path]:
    """Files of the nights that the batch indices of a stage list, in the order of the nights.

    Parameters
    ----------
    indices
        `<stage folder>/batches/<batch>.json`; each holds `nights`: [{night, path below the run's folder, sha256}].
    run_dir
        folder of the run.

    Raises
    ------
    ContractError
        If two indices list the same night.
    """
    found: dict[str, Path] = {}
    for index in indices:
        for entry in io.read_json(index)["nights"]:
            if entry["night"] in found:
                raise ContractError("a night stands in two batches", file=index, given=entry["night"])
            found[entry["night"]] = Path(run_dir) / entry["path"]
    return dict(sorted(found.items()))


def night_files(
    lidar_indices: Iterable[Path | str], detect_indices: Iterable[Path | str], run_dir: Path | str
) -> list[NightFiles]:
    """Ingested and detected file of each lidar night, in the order of the nights."""
    detect = nights_of_batches(detect_indices, run_dir)
    lidar = nights_of_batches(lidar_indices, run_dir)
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
        return NIGHTS.empty()
    DETECT_NIGHTS.ordered(detected)
    COLUMNS.ordered(columns)
    table = detected.merge(columns[["night", "column_density_cm2"]], on="night", how="left", validate="one_to_one")
    for name in ("observed", "above_150", "clear_200_300"):
        table[name] = flags(table[name])
    dates = pd.to_datetime(table["night"])
    table = table.assign(year=dates.dt.year, month=dates.dt.month).sort_values("night", ignore_index=True)
    return NIGHTS.ordered(table[list(NIGHTS)])


def flags(column: pd.Series) -> pd.Series:
    """Booleans of a column that holds True/False or 1/0, as they come back from CSV; empty is False."""
    return column.map(lambda value: str(value).strip().lower() in ("true", "1", "1.0")).astype(bool)
