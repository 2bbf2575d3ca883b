"""A table as data: its columns, what they mean, and how it is read, written and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from metalclouds.errors import ContractError, ReadError
from metalclouds.files import replacing

Kind = Literal["text", "date", "time", "integer", "number", "true or false"]
NEVER = "never empty"
TRUTH = {"True": True, "False": False}
TRUE_WORDS = frozenset(("true", "yes", "1", "1.0"))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    kind
        date: YYYY-MM-DD; time: naive datetime64 in memory, ISO 8601 with a Z in files, always UTC.
    unit
        "" where there is none.
    empty
        what an empty cell says; `NEVER` where none may be empty.
    choices
        the values that a text may take; any where empty.
    """

    kind: Kind
    meaning: str
    unit: str = ""
    empty: str = NEVER
    choices: tuple[str, ...] = ()


def number(meaning: str, unit: str = "", empty: str = NEVER) -> Column:
    """A column of numbers."""
    return Column("number", meaning, unit, empty)


def integer(meaning: str, unit: str = "", empty: str = NEVER) -> Column:
    """A column of whole numbers."""
    return Column("integer", meaning, unit, empty)


def flag(meaning: str, empty: str = NEVER) -> Column:
    """A column of True and False."""
    return Column("true or false", meaning, "", empty)


def time(meaning: str, empty: str = NEVER) -> Column:
    """A column of times, UTC."""
    return Column("time", meaning, "", empty)


def date(meaning: str, empty: str = NEVER) -> Column:
    """A column of dates."""
    return Column("date", meaning, "", empty)


def text(meaning: str, empty: str = NEVER, choices: tuple[str, ...] = ()) -> Column:
    """A column of words."""
    return Column("text", meaning, "", empty, choices)


@dataclass(frozen=True)
class Table:
    """A table of a run.

    Attributes
    ----------
    file
        where it lies below the folder of a run.
    columns
        in the order of the file.
    """

    file: str
    columns: dict[str, Column]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def empty(self) -> pd.DataFrame:
        """The table without rows.

        Returns
        -------
        DataFrame
            no row, all columns in the order of the table.
        """
        return pd.DataFrame(index=pd.RangeIndex(0), columns=list(self.columns), dtype=object)

    def ordered(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame with its columns in the order of the table.

        Parameters
        ----------
        frame
            a row an entry, columns in any order.

        Returns
        -------
        DataFrame
            the same rows.

        Raises
        ------
        ContractError
            If a column is missing or one is there that the table does not have.
        """
        missing = [name for name in self.columns if name not in frame]
        unknown = [name for name in frame if name not in self.columns]
        if missing or unknown:
            raise ContractError(
                "columns differ from the schema",
                file=self.file,
                given=f"missing {missing}, unknown {unknown}",
                rule="docs/products.md",
                remedy="fill it where the row is made (docs/adding.md, A column of a table)",
            )
        return frame[list(self.columns)]

    def breaches(self, frame: pd.DataFrame) -> list[str]:
        """What is of another kind than its column, empty where it must not be, or none of the choices.

        Parameters
        ----------
        frame
            a row an entry; columns that the table does not have are passed over.
        """
        return [
            f"{self.file}: {name} {fault}"
            for name, column in self.columns.items()
            if name in frame
            for fault in _faults(frame[name], column)
        ]

    def checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame in the order of the table if it keeps the schema.

        Parameters
        ----------
        frame
            a row an entry, columns in any order.

        Returns
        -------
        DataFrame
            the same rows.

        Raises
        ------
        ContractError
            With all the breaches found.
        """
        out = self.ordered(frame)
        found = self.breaches(out)
        if found:
            raise ContractError("; ".join(found), file=self.file, rule="docs/products.md")
        return out

    def write(self, path: str | Path, frame: pd.DataFrame) -> None:
        """Check a frame and write it as CSV: 10 significant digits, missing as empty, whole or not at all.

        Parameters
        ----------
        frame
            a row an entry, times naive UTC.

        Raises
        ------
        ContractError
            With all the breaches found; nothing is written.
        """
        out = self.checked(frame).copy()
        for name, column in self.columns.items():
            if column.kind == "time":
                out[name] = pd.to_datetime(out[name]).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        with replacing(path) as temporary:
            out.to_csv(temporary, index=False, float_format="%.10g", lineterminator="\n")

    def read(self, path: str | Path) -> pd.DataFrame:
        """Read a file that `write` wrote: times naive UTC, True and False as booleans, words and dates as text.

        A column of True and False with empty cells has the type `boolean`, with NA where it is empty.

        Returns
        -------
        DataFrame
            a row an entry, columns in the order of the table.

        Raises
        ------
        ReadError
            If the file is missing, is no CSV, or does not have the columns.
        """
        words = {name: str for name, column in self.columns.items() if column.kind in ("date", "text")}
        try:
            frame = pd.read_csv(path, dtype=words, keep_default_na=False, na_values=[""])
            frame = self.ordered(frame)
            for name, column in self.columns.items():
                frame[name] = _decoded(frame[name], column)
        except (OSError, ValueError, ContractError) as error:
            raise ReadError(f"not a {Path(self.file).name} of this version", file=path, given=str(error)) from error
        return frame


def is_true(column: pd.Series) -> pd.Series:
    """A column of True and False as booleans, whatever way it was written; an empty cell is False.

    Parameters
    ----------
    column
        booleans, or the words True and False as a file has them.

    Returns
    -------
    Series
        bool, with the index of `column`.
    """
    return column.map(lambda value: str(value).strip().lower() in TRUE_WORDS).astype(bool)


def by_file(*tables: Table) -> dict[str, Table]:
    """Tables by the name of their file."""
    return {Path(table.file).name: table for table in tables}


def _decoded(values: pd.Series, column: Column) -> pd.Series:
    if column.kind == "time":
        return pd.to_datetime(values, utc=True, format="ISO8601").dt.tz_localize(None)
    if column.kind == "true or false":
        known = values.map(lambda value: TRUTH.get(str(value)), na_action="ignore")
        if known.isna().sum() > values.isna().sum():
            raise ValueError(f"{values.name} holds something else than True and False")
        return known.astype("boolean") if known.isna().any() else known.astype(bool)
    return values


def _faults(values: pd.Series, column: Column) -> list[str]:
    known = values.dropna()
    found = []
    if column.empty == NEVER and len(known) < len(values):
        found.append(f"is empty in {len(values) - len(known)} rows")
    if not _is_kind(known, column.kind):
        found.append(f"is not {column.kind}")
    if column.choices and not known.isin(column.choices).all():
        found.append(f"holds {sorted(set(known) - set(column.choices))}, none of {list(column.choices)}")
    return found


def _is_kind(values: pd.Series, kind: Kind) -> bool:
    if values.empty:
        return True
    if kind == "time":
        return bool(pd.api.types.is_datetime64_any_dtype(values))
    if kind == "date":
        return bool(values.astype(str).str.fullmatch(r"\d{4}-\d{2}-\d{2}").all())
    if kind == "true or false":
        return bool(values.astype(str).isin(list(TRUTH)).all())
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if kind == "text":
        return not numeric
    return bool(numeric and (kind == "number" or (values % 1 == 0).all()))
