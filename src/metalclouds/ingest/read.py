"""Read files of one catalogue entry, and put the parts of a night together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from metalclouds import io
from metalclouds.errors import ConfigError, ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.assemble import INPUT_FILE, fpi, ionosonde, lidar, tec
from metalclouds.ingest.decisions import Context, Decisions
from metalclouds.ingest.faults import reporting
from metalclouds.ingest.readers import READERS
from metalclouds.ingest.settings import IngestSettings, Site
from metalclouds.ingest.source import Member
from metalclouds.schema.datasets import INGEST, check_dataset

TIMES = {
    "time": "time",
    "observation_time": "observation",
    "look_time": "look",
    "sample_time": "sample",
    "ionogram_time": "ionogram_time",
}
TITLES = {
    "lidar": "Lidar profiles of a night",
    "tec": "Vertical total electron content of a day",
    "fpi": "Horizontal winds of a night",
    "ionosonde": "Ionosonde soundings of a day",
}


_ASSEMBLE: dict[str, Callable[..., xr.Dataset]] = {
    "lidar": lidar.night,
    "tec": tec.day,
    "fpi": fpi.night,
    "ionosonde": ionosonde.day,
}


def context_for(
    members: Sequence[Member],
    instrument: str,
    options: dict[str, Any],
    settings: IngestSettings,
    decisions: Decisions,
) -> Context:
    """What a reader is told about these files."""
    day = options.get("date")
    dates = [np.datetime64(str(day), "D")] if day else date_of_name(members[0])
    return Context(
        settings=settings,
        site=site_of(options, instrument, settings),
        options=options,
        decisions=decisions,
        date=dates[0] if len(dates) == 1 else None,
        file=members[0].full_name,
    )


def site_of(options: dict[str, Any], instrument: str, settings: IngestSettings) -> Site:
    """The station: the catalogue's `site` (latitude, longitude, altitude_km), else that of the settings.

    Raises
    ------
    ConfigError
        If the catalogue's site is not one.
    """
    given = options.get("site")
    if given is None:
        return settings.site(instrument)
    try:
        return Site.model_validate(given)
    except ValidationError as error:
        raise ConfigError("option site of the catalogue", given=given, rule=str(error)) from error


def date_of_name(member: Member) -> list[np.datetime64]:
    """Dates in the file's own name, else in the folder or archive around it."""
    for name in (member.name, member.member, member.path.name, member.tail):
        found = naming.dates(name)
        if found:
            return found
    return []


def read_files(
    members: Sequence[Member], reader: str, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> list[xr.Dataset]:
    """Datasets of some files of one entry, each with the name of its first file as attribute `input_file`.

    Raises
    ------
    ReadError
        If a file is damaged, or is not what the catalogue says.
    ProgramFault
        If the reader fails in a way that it does not expect.
    """
    how = READERS[reader]
    groups = [list(members)] if how.many else [[member] for member in members]
    where: dict[str, Any] = station(site_of(options, how.instrument, settings))
    if how.instrument == "lidar" and "species" in options:
        where["species"] = str(options["species"])
    datasets = []
    for group in groups:
        file = group[0].full_name
        with reporting(f"reader {reader}", file):
            dataset = how.read(group, context_for(group, how.instrument, options, settings, decisions))
        datasets.append(dataset.assign_attrs({**where, **dataset.attrs, INPUT_FILE: file}))
    return datasets


def station(site: Site) -> dict[str, float]:
    """A station as it stands in attributes."""
    return {
        "station_latitude": site.latitude,
        "station_longitude": site.longitude,
        "station_altitude_km": site.altitude_km,
    }


def nights_in(dataset: xr.Dataset, instrument: str) -> list[str]:
    """Nights (lidar, fpi) or UT days that a dataset has times in."""
    found: set[np.datetime64] = set()
    for name in TIMES:
        if name in dataset.variables:
            times = dataset[name].values
            known = np.unique(times[~np.isnat(times)].astype("datetime64[s]"))
            found |= set(np.unique(_night_of(known, dataset, instrument)))
    return sorted(str(night) for night in found)


def _night_of(times: np.ndarray, dataset: xr.Dataset, instrument: str) -> np.ndarray:
    if instrument in ("lidar", "fpi"):
        return naming.nights_of(times, float(dataset.attrs["station_longitude"]))
    return naming.days_of(times)


def cut_to(dataset: xr.Dataset, night: str, instrument: str) -> xr.Dataset | None:
    """The part of a dataset within a night or day; None where nothing is."""
    out, wanted = dataset, np.datetime64(night, "D")
    for name, dim in TIMES.items():
        if name in out.variables:
            inside = _night_of(out[name].values, dataset, instrument) == wanted
            out = out if inside.all() else out.isel({dim: np.flatnonzero(inside)})
    sizes = [out.sizes[dim] for name, dim in TIMES.items() if name in out.variables]
    return out if any(sizes) else None


def finished(
    parts: list[xr.Dataset],
    night: str,
    instrument: str,
    settings: IngestSettings,
    decisions: Decisions,
    *,
    source: str,
    synthetic: bool,
    inputs: dict[str, str],
) -> xr.Dataset:
    """One night as the contract has it, from the parts of all its files.

    Raises
    ------
    ReadError
        If no part has a time in the night.
    ContractError
        If the result breaks the contract.
    """
    inside = _inside(parts, night, instrument)
    with reporting(f"assembly of {instrument}", f"{night}.nc"):
        # A copy: a part may be kept for the next night.
        out = _ASSEMBLE[instrument](inside, getattr(settings, instrument), decisions).copy()
    more = {**inside[0].attrs, **out.attrs}
    more.pop(INPUT_FILE, None)
    if instrument == "lidar":
        more.setdefault("species", settings.lidar.species)
    if instrument == "tec":
        more = {key: value for key, value in more.items() if not key.startswith("station_")}
    out.attrs = io.provenance(
        title=f"{TITLES[instrument]}, {night}",
        source=source,
        synthetic=synthetic,
        inputs=inputs,
        night=night,
        decisions=decisions.as_json(),
        **more,
    )
    return check_dataset(out, INGEST[instrument], f"ingest/{instrument}/{night}.nc")


def _inside(parts: list[xr.Dataset], night: str, instrument: str) -> list[xr.Dataset]:
    """Parts cut to the night.

    Raises
    ------
    ReadError
        If nothing is left: the name of a file gave a night that its times are not in.
    """
    inside = [part for part in (cut_to(part, night, instrument) for part in parts) if part is not None]
    if not inside:
        seen = sorted({other for part in parts for other in nights_in(part, instrument)})
        raise ReadError(
            "no time of the file lies in the night that its name gives",
            rule=night,
            given=", ".join(seen[:5]),
            remedy="options: {clock: UT} or {clock: LT}, or {nights: from_times}",
        )
    return inside


def night_path(run_dir: Path, instrument: str, night: str) -> Path:
    """Where the file of a night goes."""
    return run_dir / "ingest" / instrument / f"{night}.nc"
