"""What is compared: tables of the truth and products of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from metalclouds import io
from metalclouds.errors import ReadError

NOT_THERE = "not there"
Section = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Truth tables and a run's products, read on demand; a product that is not there is None."""

    truth_dir: Path
    run_dir: Path

    def truth(self, name: str) -> pd.DataFrame:
        """A table of the truth.

        Returns
        -------
        DataFrame
            a row an entry, as schema.json beside it explains.

        Raises
        ------
        ReadError
            If it does not exist.
        """
        path = self.truth_dir / f"{name}.csv"
        if not path.is_file():
            raise ReadError("no truth table", file=path, remedy="write it: metalclouds twin ... --truth DIR")
        return io.read_csv(path)

    def product(self, name: str) -> pd.DataFrame | None:
        """A table of the run, e.g. derive/nights, or None.

        Returns
        -------
        DataFrame
            a row an entry; None where the run has no such table.
        """
        path = self.run_dir / f"{name}.csv"
        return io.read_csv(path) if path.is_file() else None


def missing(name: str) -> Section:
    """Section of a product that the run does not have."""
    return {"status": NOT_THERE, "missing": f"{name}.csv"}
