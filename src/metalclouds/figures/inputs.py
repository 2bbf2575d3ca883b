"""Read the files of one run for a figure, and remember which."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.schema.documents import Inventory
from metalclouds.schema.table import Table

# A DOI or an address in brackets: it stands in the caption, and would break over the lines of a panel.
LINK = re.compile(r"\s*\((?:doi:|https?://)[^()]*\)")


@dataclass(frozen=True)
class Missing:
    """Something that is not there: a first-class state of a panel."""

    what: str
    why: str
    where: str = ""

    def text(self) -> str:
        """What stands in a caption: "no TEC: why — where it could be had"."""
        return f"{self.what}: {self.why}" + (f" — {self.where}" if self.where else "")

    def short(self, wrap: int = 60) -> str:
        """Text for the panel: as `text`, with the first place only and without what would not fit on a line."""
        place = LINK.sub("", self.where).split(";")[0].strip()
        words = f"{self.what}: {self.why}" + (f" — {place}" if place else "")
        return "\n".join(textwrap.wrap(words, wrap, break_on_hyphens=False))


class Run:
    """The folder results/<run> of one run.

    Attributes
    ----------
    inputs
        name below the folder -> sha256 of each file read so far.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.inputs: dict[str, str] = {}

    def has(self, name: str) -> bool:
        """Whether a file exists and belongs to this source, not to an earlier configuration."""
        return (self.folder / name).is_file() and self._listed(name)

    def _listed(self, name: str) -> bool:
        """Whether the inventory lists the night or the batch that a file of a night or a batch belongs to."""
        stage, *others = Path(name).parts
        owner = {"ingest": others[0] if others else "", "detect": "lidar"}.get(stage)
        inventory = self.folder / f"raw/inventory/{owner}.json"
        if owner is None or not inventory.is_file():
            return True
        listed = Inventory.read(inventory)
        stem = Path(name).name.split(".")[0]
        if "batches" in others:
            return stem in listed.batches
        return stem in listed.nights() or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", stem)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        if path.is_file():
            self.inputs[name] = io.sha256(path)
        return path

    def table(self, name: str, columns: Table, optional: bool = False) -> pd.DataFrame:
        """A table that keeps its contract; an optional table that does not exist has no rows.

        Parameters
        ----------
        columns
            the declaration of the table.

        Returns
        -------
        DataFrame
            a row an entry.
        """
        if optional and not self.has(name):
            return columns.empty()
        return columns.ordered(io.read_csv(self._path(name)))

    def dataset(self, name: str) -> xr.Dataset | None:
        """A netCDF product, or None where it is not there.

        Returns
        -------
        Dataset
            in memory; None where the file is not there.
        """
        return io.read_netcdf(self._path(name)) if self.has(name) else None

    def inventory(self, instrument: str) -> Inventory:
        """What is known about an instrument."""
        return Inventory.read(self._path(f"raw/inventory/{instrument}.json"))

    def synthetic(self, instrument: str) -> bool:
        """Whether what there is of an instrument was simulated."""
        inventory = self.inventory(instrument)
        return inventory.present and inventory.synthetic

    def missing(self, instrument: str, what: str, night: str = "") -> Missing:
        """Why there is nothing of an instrument, or nothing of it for one night."""
        inventory = self.inventory(instrument)
        where = inventory.where
        if not inventory.present:
            return Missing(what, inventory.why or "not in the source", where)
        damaged = "; ".join(f"{entry.file}: {entry.reason}" for entry in inventory.damaged)
        why = f"the source holds none for {night}" if night else "the source holds none that can be used"
        return Missing(what, why + (f" (damaged: {damaged})" if damaged else ""), where)


def hours_of_night(times: Iterable | pd.Series, night: str) -> np.ndarray:
    """Hours since 00 UT of the night's date, float64; NaN where a time is missing.

    Parameters
    ----------
    times
        naive UTC.

    Returns
    -------
    ndarray
        dims (time,).
    """
    stamps = pd.to_datetime(pd.Series(times))
    return ((stamps - pd.Timestamp(night)) / pd.Timedelta(hours=1)).to_numpy(float)
