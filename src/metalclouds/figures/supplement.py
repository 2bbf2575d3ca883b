"""What the figures of all supplements share: reading, words on what could not be tested, the table of observables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from metalclouds.figures import captions, style
from metalclouds.figures.inputs import Missing, Run
from metalclouds.schema.tables import DERIVE_TABLES, SUPPLEMENTS
from metalclouds.schema.words import to_its_error

PREFIX = "supplement_"
# Units of observables that count some of n.
COUNTED = ("nights", "entries")


@dataclass(frozen=True)
class SupplementData:
    """Tables of the supplements: observables, and the tables behind a figure by name without the prefix."""

    observed: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    synthetic: bool
    inputs: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> float:
        """A number that was observed; NaN where it could not be tested."""
        rows = self.observed.loc[self.observed["name"] == name, "value"]
        return float(rows.iloc[0]) if len(rows) else np.nan

    def words(self, name: str) -> str:
        """A number with its interval, or why there is none."""
        rows = self.observed[self.observed["name"] == name]
        if rows.empty:
            return "not in this run"
        return in_words(rows.iloc[0])

    def missing(self, name: str, what: str) -> Missing | None:
        """Why a number is not there; None where it is."""
        rows = self.observed[self.observed["name"] == name]
        if len(rows) and np.isfinite(rows["value"].iloc[0]):
            return None
        return Missing(what, str(rows["why"].iloc[0]) if len(rows) else "not in this run")


def load(run_dir: str | Path, names: Iterable[str]) -> SupplementData:
    """Read derive/supplements.csv and the tables derive/supplement_<name>.csv."""
    run = Run(run_dir)
    observed = run.table("derive/supplements.csv", SUPPLEMENTS)
    files = {name: f"{PREFIX}{name}.csv" for name in names}
    tables = {name: run.table(f"derive/{file}", DERIVE_TABLES[file]) for name, file in files.items()}
    return SupplementData(observed, tables, run.synthetic("lidar"), run.inputs)


def in_words(row: pd.Series) -> str:
    """A row of supplements.csv: value, interval, unit, number behind it; or why it could not be tested.

    Parameters
    ----------
    row
        a row of SUPPLEMENTS.
    """
    if not np.isfinite(row["value"]):
        return f"not testable ({row['why']})"
    text = to_its_error(row["value"], row["low"], row["high"])
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    if row["unit"] in COUNTED:
        return f"{row['value']:.0f} of {row['n']:.0f}{unit}"
    # One number that was worked out: there is nothing to count.
    return f"{text}{unit}" + (f", n = {row['n']:.0f}" if row["n"] > 1 else "")


def numbers_of(names: Mapping[str, str]) -> Callable[[SupplementData], pd.DataFrame]:
    """The function `numbers` of a figure's module: its observables for the notebook.

    Parameters
    ----------
    names
        name in derive/supplements.csv -> what it is.

    Returns
    -------
    function
        of the figure's data; gives a table with columns quantity and value.
    """

    def numbers(data: SupplementData) -> pd.DataFrame:
        rows = data.observed.set_index("name").reindex(list(names))
        values = [in_words(row) if isinstance(row["unit"], str) else "not in this run" for _, row in rows.iterrows()]
        return pd.DataFrame({"quantity": list(names.values()), "value": values})

    return numbers


def opening(data: SupplementData) -> str:
    """The sentence that stands first in a caption where data were simulated."""
    return captions.synthetic(data.synthetic, "the stripes")


def legend_below(ax: Axes, columns: int = 1) -> None:
    """A legend under the axes, where it lies on no data.

    Parameters
    ----------
    columns
        columns of the legend.
    """
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=columns, fontsize=style.SMALL_PT)
