"""Read files of one catalogue entry, and put the parts of a night together."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from pydantic import ValidationError

from metalclouds import io
from metalclouds.errors import ConfigError, ReadError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.assemble import INPUT_FILE, fpi, ionosonde, lidar, tec
from metalclouds.ingest.containers.netcdf import says_synthetic
from metalclouds.ingest.decisions import (
    EVIDENCE,
    FROM_CATALOGUE,
    UNUSED_OPTION,
    Context,
    Decisions,
    in_one_line,
    without_evidence,
)
from metalclouds.ingest.evidence.plausible import Measured, measured, objections
from metalclouds.ingest.faults import reporting
from metalclouds.ingest.hypotheses import read_decided
from metalclouds.ingest.options import not_asked, noting
from metalclouds.ingest.placeholders import with_names, with_unread
from metalclouds.ingest.readers import READERS, Reader
from metalclouds.ingest.settings import PAPERS_STATIONS, IngestSettings, Site
from metalclouds.ingest.source import Member, folders_of
from metalclouds.schema.datasets import INGEST, check_dataset

TIMES = {
    "time": "time",
    "observation_time": "observation",
    "look_time": "look",
    "sample_time": "sample",
    "ionogram_time": "ionogram_time",
}
# Attribute of a part: whether its file says that it is simulated.
SAYS_SYNTHETIC = "says_synthetic"
# Degree, and km of altitude: the paper's station, or another.
_SAME_PLACE = 1.0
# A name may give the date of the evening or of the morning after.
_NAME_MAY_DIFFER = np.timedelta64(1, "D")
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
    date, because = _date_for(members, options, len(members) > 1)
    if (order := options.get("date_in_name")) is not None:
        decisions.record("date_in_name", order, FROM_CATALOGUE)
    return Context(
        settings=settings,
        site=site_of(options, instrument, settings),
        options=options,
        decisions=decisions,
        date=date,
        date_because=because,
        file=members[0].full_name,
        place=members[0].tail,
        site_given="site" in options or settings.site_given(instrument),
        instrument=instrument,
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


def date_of_name(member: Member, many: bool = False) -> list[np.datetime64]:
    """Dates in the file's own name, else in the folder or archive around it where that is this file's alone.

    Parameters
    ----------
    many
        whether a night has many such files: then a folder's date is that of all of them.
    """
    own = naming.dates(member.name)
    if own:
        return own
    for folder in folders_of(member):
        found = naming.dates(folder.name)
        if found:
            return found if many or folder.files_like(member) <= 1 else []
    return []


def _date_for(members: Sequence[Member], options: dict[str, Any], many: bool) -> tuple[np.datetime64 | None, str]:
    """The date that a reader is told, and who says so: catalogue, name, the record's description, folder."""
    given = options.get("date")
    if given is not None:
        try:
            return np.datetime64(str(given)[:10], "D"), FROM_CATALOGUE
        except ValueError as error:
            raise UndecidedError(
                "the option date is not a date",
                file=members[0].full_name,
                given=given,
                rule="options: {date: 2021-01-08}",
            ) from error
    own, order = naming.dates(members[0].name), options.get("date_in_name")
    if not own and order in naming.orders(members[0].name):
        return naming.orders(members[0].name)[order], f"name of the file, {order}"
    said = (options.get(EVIDENCE) or {}).get("date")
    if not own and said:
        return np.datetime64(said["value"], "D"), said["because"]
    dates = own or date_of_name(members[0], many)
    return (
        (dates[0], "name of the file" if own else "name of the folder around it") if len(dates) == 1 else (None, "")
    )


def read_files(
    members: Sequence[Member], reader: str, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> list[xr.Dataset]:
    """Datasets of some files of one entry, each with the name of its first file as attribute `input_file`.

    Returns
    -------
    list
        as the reader gives them, in the names of the contract.

    Raises
    ------
    ReadError
        If a file is damaged, or is not what the catalogue says.
    ProgramFault
        If the reader fails in a way that it does not expect.
    """
    how = READERS[reader]
    groups = [list(members)] if how.many else [[member] for member in members]
    where: dict[str, Any] = site_of(options, how.instrument, settings).attributes()
    if how.instrument == "lidar" and "species" in options:
        where["species"] = str(options["species"])
    datasets = []
    for group in groups:
        file = group[0].full_name
        more = {**where, INPUT_FILE: file}
        asked: set[str] = set()
        own = Decisions()
        read = noting(functools.partial(_read_once, group, how, reader, settings, more), asked)
        against = functools.partial(_objections, group=group, how=how, options=options, settings=settings)
        try:
            dataset = read_decided(read, options, own, against)
            _refuse_unplaced(group, how, options, settings, own)
        except ReadError as error:
            raise with_names(with_unread(error, group[0]), group[0], options) from error.__cause__
        dataset.attrs[SAYS_SYNTHETIC] = any(map(says_synthetic, group))
        decisions.extend(own.entries)
        for name in not_asked(without_evidence(options), asked | _ELSEWHERE):
            decisions.record(UNUSED_OPTION, name, f"reader {reader} had no use for it in this file")
        if how.instrument == "lidar":
            found = measured(dataset, how.instrument, settings)
            _check_times(dataset, found, group, options)
            for odd in (one.objection for one in found if one.objection):
                decisions.record("odd night", odd, "written all the same: what a night is like is not for its reader")
        _check_name(dataset, group, how, options)
        datasets.append(dataset)
    return datasets


def _refuse_unplaced(
    group: Sequence[Member], how: Reader, options: dict[str, Any], settings: IngestSettings, decisions: Decisions
) -> None:
    """Stop where nobody names the station of winds or soundings, and the settings do not allow to assume the paper's.

    It is the last question: what else is open is asked before it, with a word on the station.

    Raises
    ------
    UndecidedError
        Asking for the station.
    """
    known = any(one["what"] == "station" for one in decisions.entries)
    if not known and how.instrument in ("fpi", "ionosonde"):
        context = context_for(group, how.instrument, options, settings, Decisions())
        if not context.placed:
            raise context.unplaced()


# Options that are asked for outside the readers: whose night a file is, where, and of which metal.
_ELSEWHERE = {"nights", "date_in_name", "site", "species", "date"}


def _objections(
    dataset: xr.Dataset, group: Sequence[Member], how: Reader, options: dict[str, Any], settings: IngestSettings
) -> list[str]:
    """What speaks against a reading: bounds that it breaks, and a date in the name that its times do not have."""
    found = objections(dataset, how.instrument, settings)
    named = _contradiction(dataset, group, how, options)
    return [*found, *([f"its times are of {named[1]}, its name says {named[0]}"] if named else [])]


def _contradiction(
    dataset: xr.Dataset, group: Sequence[Member], how: Reader, options: dict[str, Any]
) -> tuple[str, str] | None:
    """The date of a file's own name and those of its times, where they are more than a day apart."""
    named = naming.dates(group[0].name)
    if len(named) != 1 or len(group) > 1 or options.get("date_in_name") == "of_writing":
        return None
    nights = nights_in(dataset, how.instrument)
    near = [night for night in nights if abs(np.datetime64(night, "D") - named[0]) <= _NAME_MAY_DIFFER]
    return None if near or not nights else (str(named[0]), ", ".join(nights[:3]))


def _check_times(
    dataset: xr.Dataset, found: Sequence[Measured], group: Sequence[Member], options: dict[str, Any]
) -> None:
    """Stop where profiles were taken by day, or over more hours than a night has: the times are read wrongly.

    Raises
    ------
    UndecidedError
        With the clocks that could be meant.
    """
    against = [
        one
        for one in found
        if one.objection and one.option in ("clock", "time") and one.option not in options and "clock" not in options
    ]
    if not against:
        return
    place = "{station_latitude:g} N {station_longitude:g} E".format(**dataset.attrs)
    error = UndecidedError(
        "the times as they are read cannot be those of a night",
        file=group[0].full_name,
        given=f"seen: at {place} {dataset['time'].values[0]} to {dataset['time'].values[-1]}; "
        + "; ".join(one.objection for one in against),
        remedy="where the station is wrong: --site LATITUDE LONGITUDE; where the clock is: --clock UT or LT, or add "
        "to the entry of this file in config/catalogue/own.yaml\n         "
        + "\n      or ".join(f"options: {in_one_line({**without_evidence(options), **line})}" for line in _CLOCKS),
    )
    error.lines = _CLOCKS
    raise error


_CLOCKS: tuple[dict[str, Any], ...] = ({"clock": "UT"}, {"clock": "LT"})


def _check_name(dataset: xr.Dataset, group: Sequence[Member], how: Reader, options: dict[str, Any]) -> None:
    """Stop where a name, or the entry's date, contradicts the times of a file: nothing says which is wrong.

    Raises
    ------
    ReadError
        With both.
    """
    given = options.get("date")
    nights = nights_in(dataset, how.instrument) if given is not None else []
    if nights and all(abs(np.datetime64(night, "D") - np.datetime64(str(given)[:10], "D")) > _NAME_MAY_DIFFER
                      for night in nights):  # fmt: skip
        raise ReadError(
            "the times of the file lie on other days than the option date says",
            file=group[0].full_name,
            rule=f"{given}, in the entry of the catalogue",
            given=f"times of {', '.join(nights[:3])}, with dates of their own",
            remedy="take the option date out: it is for hours without a date",
        )
    found = _contradiction(dataset, group, how, options)
    if found:
        raise ReadError(
            "the times of the file lie on other days than its name says",
            file=group[0].full_name,
            rule=f"{found[0]}, in its name",
            given=f"times of {found[1]}",
            remedy="find out which is right, and correct the file's name or its times; where the date in the name is "
            "not meant as a night's: docs/readers.md, date_in_name",
        )


def _read_once(
    group: Sequence[Member],
    how: Reader,
    reader: str,
    settings: IngestSettings,
    more: dict[str, Any],
    options: dict[str, Any],
    decisions: Decisions,
) -> xr.Dataset:
    """One reading of files, with the station and what the caller says of them as attributes."""
    with reporting(f"reader {reader}", group[0].full_name):
        dataset = how.read(group, context_for(group, how.instrument, options, settings, decisions))
    for key, value in more.items():
        dataset.attrs.setdefault(key, value)
    return dataset


def nights_in(dataset: xr.Dataset, instrument: str) -> list[str]:
    """Nights (lidar, fpi) or UT days that a dataset has times in.

    Parameters
    ----------
    dataset
        what a reader gave, times UTC.
    """
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
    """The part of a dataset within a night or day; None where nothing is.

    Parameters
    ----------
    dataset
        what a reader gave, times UTC.

    Returns
    -------
    Dataset
        the same variables.
    """
    out, wanted = dataset, np.datetime64(night, "D")
    for name, dim in TIMES.items():
        if name in out.variables:
            inside = _night_of(out[name].values, dataset, instrument) == wanted
            out = out if inside.all() else out.isel({dim: np.flatnonzero(inside)})
    sizes = [out.sizes[dim] for name, dim in TIMES.items() if name in out.variables]
    return out if any(sizes) else None


@dataclass(frozen=True)
class Origin:
    """Where the data of a night are from, for the attributes of its file.

    Attributes
    ----------
    source
        for people; empty where nothing is written.
    inputs
        name of each file -> its sha256.
    """

    source: str = ""
    synthetic: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)


def finished(
    parts: list[xr.Dataset],
    night: str,
    instrument: str,
    settings: IngestSettings,
    decisions: Decisions,
    origin: Origin,
) -> xr.Dataset:
    """One night as the contract has it, from the parts of all its files.

    Parameters
    ----------
    parts
        what the readers gave of the night.

    Returns
    -------
    Dataset
        as the contract of the instrument has it.

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
    for key in (INPUT_FILE, SAYS_SYNTHETIC):
        more.pop(key, None)
    local = settings.given_local_hours(instrument)
    if local is not None:
        more["local_time_offset_hours"] = local
    if instrument == "lidar":
        more.setdefault("species", settings.lidar.species)
        papers = PAPERS_STATIONS["lidar"].attributes()
        if any(abs(float(more.get(key, value)) - value) > _SAME_PLACE for key, value in papers.items()):
            more["references"] = io.METHOD_ONLY
    if instrument == "tec":
        more = {key: value for key, value in more.items() if not key.startswith("station_")}
    out.attrs = io.provenance(
        title=f"{TITLES[instrument]}, {night}",
        source=origin.source,
        synthetic=origin.synthetic or any(part.attrs.get(SAYS_SYNTHETIC) for part in inside),
        inputs=dict(origin.inputs),
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
            remedy="options: {clock: UT} or {clock: LT}, or correct the file's name",
        )
    return inside
