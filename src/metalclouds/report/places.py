"""Where the data of a run were measured, and of which species, as its ingested files say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import netCDF4

from metalclouds import constants
from metalclouds.batches import file_of_night
from metalclouds.figures.station import Station, listed_places, station_of
from metalclouds.schema.documents import Inventory

# Names of the paper's stations. A folder of somebody's own never gets them: its site may be no more than the default.
NAMES = {
    "lidar": ("Yanqing", constants.LIDAR_LATITUDE_DEG, constants.LIDAR_LONGITUDE_DEG),
    "fpi": ("Xinglong", constants.FPI_LATITUDE_DEG, constants.FPI_LONGITUDE_DEG),
    "ionosonde": ("Changping", constants.IONOSONDE_LATITUDE_DEG, constants.IONOSONDE_LONGITUDE_DEG),
}
KINDS = {
    "lidar": "lidar",
    "tec": "total electron content (GNSS)",
    "fpi": "Fabry-Perot interferometer (wind)",
    "ionosonde": "ionosonde",
}


@dataclass(frozen=True)
class Place:
    """Stations and species of an instrument's files, each once, in the order of the nights.

    Attributes
    ----------
    named
        whether the stations may be called by the names that the paper gives them.
    """

    instrument: str
    stations: tuple[Station, ...]
    species: tuple[str, ...]
    named: bool

    def where(self) -> str:
        """Yanqing (40.4°N, 116.0°E), or the coordinates alone; empty where the files name no place."""
        words = listed_places(self.stations)
        name, latitude, longitude = NAMES.get(self.instrument, ("", 0.0, 0.0))
        known = self.named and [(one.latitude, one.longitude) for one in self.stations] == [(latitude, longitude)]
        return f"{name} ({words})" if known else words

    def title(self) -> str:
        """What the page calls the instrument: Ca+ lidar, Yanqing (40.4°N, 116.0°E)."""
        species = ", ".join(self.species)
        kind = KINDS[self.instrument]
        what = f"{species} {kind}" if species else kind[:1].upper() + kind[1:]
        return ", ".join(word for word in (what, self.where()) if word)


def place_of(run_dir: Path, inventory: Inventory, source: str) -> Place:
    """Stations and species of all nights that the inventory lists and ingest wrote.

    Parameters
    ----------
    source
        of the run: twin, zenodo or local.
    """
    name = inventory.instrument
    attributes = [_attributes(file_of_night(run_dir / f"ingest/{name}", night)) for night in inventory.nights()]
    stations = dict.fromkeys(one for one in map(station_of, attributes) if one is not None)
    species = dict.fromkeys(str(one["species"]) for one in attributes if one.get("species"))
    return Place(name, tuple(stations), tuple(species), source != "local")


def _attributes(path: Path | None) -> dict[str, Any]:
    """Global attributes of a file; none of one that is not there (a night that could not be read)."""
    if path is None or not path.is_file():
        return {}
    with netCDF4.Dataset(path) as file:
        return {name: file.getncattr(name) for name in file.ncattrs()}
