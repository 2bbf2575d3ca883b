"""Read anybody's files through the catalogue, for commands and people that take a file rather than a run."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xarray as xr
from pydantic import ValidationError

from metalclouds import io
from metalclouds.constants import INSTRUMENTS
from metalclouds.errors import ConfigError, ContractError, MetalcloudsError, ReadError
from metalclouds.ingest import budget
from metalclouds.ingest.batch import read_what_can_be
from metalclouds.ingest.captions import is_readme
from metalclouds.ingest.catalogue import Entry, read_catalogue
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.describe import describe
from metalclouds.ingest.placing import place
from metalclouds.ingest.read import Origin, finished, nights_in, read_files
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.record import Found, Looked, look_at, reason_of
from metalclouds.ingest.settings import IngestSettings, LidarSettings, Site
from metalclouds.ingest.source import Member


@budget.by_settings
def read_any(
    path: str | Path, settings: IngestSettings | None = None, instrument: str | None = None
) -> list[xr.Dataset]:
    """Nights in a file, folder or archive, each as its contract has it; a product of ingest is read as it is.

    Parameters
    ----------
    path
        any file that the catalogue knows, or `ingest/<instrument>/<night>.nc`.
    settings
        section `ingest` of the configuration. The paper's stations are taken for files that name none only where
        `assume_station` is set in it.
    instrument
        only this instrument's nights.

    Returns
    -------
    list of Dataset
        in order of instrument and night; attribute `instrument` says whose. A file that cannot be read is named in
        a warning, and the others are read.

    Raises
    ------
    ReadError
        If no file fits an entry of the catalogue, or none that fits can be read; also where nobody names a station.
    """
    path, settings = Path(path), _asking(settings or IngestSettings())
    if not path.exists():
        raise ReadError("no such file or folder", file=path)
    product = _product(path)
    if product is not None:
        return [product]
    entries = read_catalogue(settings.catalogue)
    looked = look_at([path], entries)
    wanted = [
        name
        for name in sorted(INSTRUMENTS)
        if instrument in (None, name) and any(one.entry and one.entry.instrument == name for one in looked.files)
    ]
    if not wanted:
        raise _nothing(path, looked)
    return [night for name in wanted for night in _nights(name, looked, entries, path, settings)]


def open_nights(
    path: str | Path,
    site: Site | dict[str, float] | None = None,
    species: str | None = None,
    settings: IngestSettings | None = None,
    clock: str | None = None,
) -> list[xr.Dataset]:
    """Lidar nights in a file, folder or archive, with the station that they are of.

    Parameters
    ----------
    path
        as for `read_any`.
    site
        latitude and longitude (degree), altitude_km (above sea level); where it is not given that of `settings`, else
        the one that the file names. It decides between UT and local time where a file leaves that open.
    species
        of a file that does not say it, such as Na or Fe+; Ca+ by default.
    settings
        section `ingest` of the configuration: catalogue, limits of altitude and density, zone of local times.
    clock
        of a file that does not name it: UT, LT, or for example UTC+1, which is also what a file's LT then means.

    Returns
    -------
    list of Dataset
        in order of night: dims (time, altitude), time in UTC, altitude in km above sea level, counts or density in
        cm-3 (`metalclouds.io.number_density` gives the density of either). Attribute `decisions`: what was decided
        about the file and why.

    Raises
    ------
    ReadError
        If no file fits an entry of the catalogue, or none that fits can be read; also where nobody names a station.
    ConfigError
        If `site` is no station, or `clock` no clock.

    Examples
    --------
    >>> import metalclouds
    >>> place = {"latitude": 40.6, "longitude": -105.1, "altitude_km": 1.5}
    >>> nights = metalclouds.open_nights("mydata", site=place, species="Na")  # doctest: +SKIP
    """
    settings = settings or IngestSettings()
    lidar = settings.lidar
    if site is not None:
        lidar = lidar.model_copy(update={"site": _site(site)})
    if species is not None:
        lidar = lidar.model_copy(update={"species": species})
    if clock is not None:
        lidar = lidar.model_copy(update={"clock": _clock(clock)})
    return read_any(path, settings.model_copy(update={"lidar": lidar}), "lidar")


def _asking(settings: IngestSettings) -> IngestSettings:
    """Settings that assume no station, unless they say themselves that they do."""
    if "assume_station" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"assume_station": False})


def _clock(given: str) -> str | None:
    """A clock as Python users give it.

    Raises
    ------
    ConfigError
        If it is none.
    """
    try:
        return LidarSettings(clock=given).clock
    except ValidationError as error:
        raise ConfigError("no clock", given=repr(given), rule="UT, LT, or for example UTC+1") from error


def _site(given: Any) -> Site:
    """A station as Python users give it.

    Raises
    ------
    ConfigError
        If it is no station.
    """
    try:
        return given if isinstance(given, Site) else Site.model_validate(given)
    except ValidationError as error:
        raise ConfigError(
            "site is not a station",
            given=repr(given),
            rule="{'latitude': -90 to 90, 'longitude': -180 to 360, 'altitude_km': -0.5 to 9, 0 where left out}: "
            + "; ".join(f"{'.'.join(map(str, one['loc'])) or 'site'}: {one['msg']}" for one in error.errors()),
        ) from error


def _nothing(path: Path, looked: Looked) -> ReadError:
    """Why no file fits: where one could not be opened, that."""
    for one in looked.unopened:
        return ReadError(one.reason, file=one.path)
    for found in looked.files:
        if isinstance(found.problem, ReadError):
            return found.problem
    data = [found.member for found in looked.files if not is_readme(found.member)]
    why = describe(data[0]).problem if len(data) == 1 else ""
    return ReadError(
        "no file fits an entry of the catalogue", file=path, given=why or None, remedy=f"metalclouds inspect {path}"
    )


def _product(path: Path) -> xr.Dataset | None:
    """A file that ingest wrote; None for any other."""
    if path.suffix != ".nc" or not path.is_file():
        return None
    try:
        dataset = io.read_netcdf(path)
    except ReadError:
        return None
    return dataset if {"night", "decisions", "input_sha256"} <= dataset.attrs.keys() else None


def _nights(
    instrument: str, looked: Looked, entries: list[Entry], path: Path, settings: IngestSettings
) -> list[xr.Dataset]:
    places = place(looked, entries, instrument, settings)
    out: list[xr.Dataset] = []
    failed = [one for one in [*places.unmapped, *places.damaged] if one["instrument"] == instrument]
    by_night: dict[str, list[tuple[Entry, str, list[Member]]]] = {}
    for (night, index, options), files in sorted(places.nights.items()):
        by_night.setdefault(night, []).append((entries[index], options, files))
    for night, items in by_night.items():
        decisions, parts = Decisions(), list[xr.Dataset]()
        inputs = {one.path.name: io.sha256(one.path) for _, _, files in items for one in files if one.path.is_file()}
        for entry, options, files in items:
            found, lost = read_what_can_be(files, entry.reader, json.loads(options), settings, decisions)
            parts += found
            failed += lost
        if parts:
            try:
                dataset = finished(parts, night, instrument, settings, decisions, Origin(path.name, inputs=inputs))
            except ReadError as error:
                failed.append({"file": f"{night} of {files[0].full_name}", "reason": reason_of(error)})
                continue
            out.append(dataset.assign_attrs(instrument=instrument))
    if not out:
        raise _first_error(looked, instrument, settings, failed) or ContractError("no night in the files", file=path)
    for one in failed:
        warnings.warn(f"not read: {one['file']}: {one.get('reason') or one.get('seen')}", stacklevel=3)
    return out


def _first_error(
    looked: Looked, instrument: str, settings: IngestSettings, failed: list[dict[str, str]]
) -> MetalcloudsError | None:
    """The error as a reader raises it; that of the whole record where each file by itself can be read."""
    for group in _groups(looked, instrument):
        try:
            entry = group[0].entry
            assert entry is not None
            files = [found.member for found in group]
            for part in read_files(files, entry.reader, group[0].options, settings, Decisions()):
                for night in nights_in(part, instrument):
                    finished([part], night, instrument, settings, Decisions(), Origin())
        except MetalcloudsError as error:
            return error
    return (
        ReadError(str(failed[0].get("reason") or failed[0].get("seen")), file=failed[0]["file"]) if failed else None
    )


def _groups(looked: Looked, instrument: str) -> Iterator[list[Found]]:
    """Files that are read in one call: all of an entry where a night has many, else each."""
    together: dict[str, list[Found]] = {}
    for number, found in enumerate(looked.files):
        if found.entry is not None and found.entry.instrument == instrument:
            key = found.entry.reader if READERS[found.entry.reader].many else str(number)
            together.setdefault(key, []).append(found)
    yield from together.values()
