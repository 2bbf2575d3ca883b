"""Compare CSV tables: rows by their key, stripes by where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from metalclouds import io
from metalclouds.compare.model import Difference, Stripes, Tolerances
from metalclouds.compare.numbers import compare_arrays

# Pairs that may not be matched get this cost; any number far above the allowed ones does.
FORBIDDEN = 1e6
VERDICTS, VERDICTS_JSON = "claims/verdicts.csv", "claims/verdicts.json"
"""The table of which each row that differs is listed."""
Identities = dict[tuple[str, str], str]


def match_stripes(a: pd.DataFrame, b: pd.DataFrame, limits: Stripes) -> Identities:
    """Names in `b` -> names in `a` of the same stripes: the pairing of least total distance on each night.

    Parameters
    ----------
    a, b
        stripes.csv of the two runs.
    """
    names: Identities = {}
    for night, own in a.groupby("night"):
        other = b[b["night"] == night]
        if other.empty:
            continue
        cost = _distance(own, other, limits)
        for i, j in zip(*linear_sum_assignment(cost), strict=True):
            if cost[i, j] < FORBIDDEN:
                names[str(night), str(other["id"].iloc[j])] = str(own["id"].iloc[i])
    return names


def _distance(a: pd.DataFrame, b: pd.DataFrame, limits: Stripes) -> np.ndarray:
    """Distance of each stripe of `a` from each of `b`, in units of the limits; FORBIDDEN beyond them."""
    middle = [0.5 * (_seconds(t["time_bottom"]) + _seconds(t["time_top"])) for t in (a, b)]
    parts = [np.subtract.outer(*middle) / limits.time_s]
    for column in ("bottom_km", "top_km"):
        parts.append(np.subtract.outer(a[column].to_numpy(), b[column].to_numpy()) / limits.altitude_km)
    distances = np.abs(parts)
    return np.where(distances.max(axis=0) <= 1.0, distances.sum(axis=0), FORBIDDEN)


def _seconds(times: pd.Series) -> np.ndarray:
    return (times - pd.Timestamp(0)).dt.total_seconds().to_numpy()


def stripe_names(folder_a: Path, folder_b: Path, limits: Stripes) -> Identities | None:
    """Matched stripes of two runs; None if either has no stripes file, so that names are taken as they are."""
    files = [folder / limits.file for folder in (folder_a, folder_b)]
    if not all(file.is_file() for file in files):
        return None
    a, b = (io.read_csv(file) for file in files)
    return match_stripes(a, b, limits) if len(a) and len(b) else {}


def _renamed(table: pd.DataFrame, names: Identities | None) -> pd.DataFrame:
    """Give the stripes of the second run the names that they have in the first."""
    if "id" not in table or "night" not in table:
        return table
    if names is None:
        return table.assign(id=table["id"].astype(str))
    ids = [names.get((str(night), str(one)), f"{one} (second run)") for night, one in
           zip(table["night"], table["id"], strict=True)]  # fmt: skip
    return table.assign(id=ids)


def _keyed(table: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Index rows by their key as text and by a running number where keys repeat."""
    columns = [name for name in key if name in table]
    if not columns:
        return table.set_axis(table.index.astype(str))
    # str() of each value, since a missing one must give a text too.
    rows = zip(*(table[name] for name in columns), strict=True)
    labels = pd.Series([" ".join(map(str, row)) for row in rows], index=table.index, dtype=str)
    again = labels.groupby(labels).cumcount()
    return table.set_axis(labels.where(again == 0, labels + " #" + again.astype(str)))


def compare_tables(name: str, a: Path, b: Path, tolerances: Tolerances, names: Identities | None) -> list[Difference]:
    """All differences of two CSV files: columns, rows of one only, values."""
    first, second = io.read_csv(a), io.read_csv(b)
    if list(first.columns) != list(second.columns):
        return [
            Difference(name, "columns", "columns differ", ", ".join(map(str, first)), ", ".join(map(str, second)))
        ]
    is_stripes = name == tolerances.stripes.file
    first = first.assign(id=first["id"].astype(str)) if "id" in first else first
    key = ("night", "id") if is_stripes else tolerances.key_of(name)
    first, second = _keyed(first, key), _keyed(_renamed(second, names), key)
    found = _lonely_rows(name, first, second)
    common = first.index.intersection(second.index, sort=False)
    for column in first.columns:
        if column == "id":
            continue
        found += _compare_column(name, str(column), first.loc[common, column], second.loc[common, column], tolerances)
    return found


def _lonely_rows(name: str, a: pd.DataFrame, b: pd.DataFrame) -> list[Difference]:
    lost = [Difference(name, row, "row in the first run only", row, "") for row in a.index.difference(b.index)]
    new = [Difference(name, row, "row in the second run only", "", row) for row in b.index.difference(a.index)]
    return lost + new


def _compare_column(name: str, column: str, a: pd.Series, b: pd.Series, tolerances: Tolerances) -> list[Difference]:
    if a.empty:
        return []
    numeric = all(pd.api.types.is_numeric_dtype(one) for one in (a, b))
    if not numeric:
        unlike = [row for row, x, y in zip(a.index, a, b, strict=True) if str(x) != str(y)]
        why = tolerances.follows_from(column)
        return [
            Difference(name, f"{column} of {row}", "text differs", str(a[row]), str(b[row]), bool(why), why)
            for row in unlike
        ]
    # Of other tables the row that differs most stands for its column.
    parts = [slice(row, row + 1) for row in range(len(a))] if name == VERDICTS else [slice(None)]
    return [
        _named(one, column, a.index[part])
        for part in parts
        for one in compare_arrays(name, column, a.to_numpy()[part], b.to_numpy()[part], tolerances.of(name, column))
    ]


def _named(one: Difference, column: str, rows: pd.Index) -> Difference:
    """Say the row's key instead of its number."""
    number = int(one.where.rsplit("[", 1)[1].rstrip("]")) if "[" in one.where else 0
    return Difference(one.file, f"{column} of {rows[number]}", one.what, one.a, one.b, one.tolerated, one.why)
