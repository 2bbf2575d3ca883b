"""Columns of height and density (or counts), one file a profile, whose time stands in the file's name alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.altitude import altitude_axis
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.density import density_cm3, quantity, without_missing
from metalclouds.ingest.evidence.errors import error_cm3
from metalclouds.ingest.evidence.header_clock import said_in_header
from metalclouds.ingest.evidence.matrix import ALTITUDE_WORDS, DENSITY_WORDS, ERROR_WORDS
from metalclouds.ingest.evidence.place import at_its_station, stated_in
from metalclouds.ingest.evidence.species import wavelength_of
from metalclouds.ingest.readers.columns import as_numbers, find, unit_of
from metalclouds.ingest.readers.kinds import of_one_kind
from metalclouds.ingest.readers.lidar_night import integration_times, middle_of, night_dataset
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.source import Member

_COLUMNS = {
    "altitude": rf".*(alt|height|hgt|range|elev|{ALTITUDE_WORDS}).*|z|h",
    "signal": rf"(?!.*(err|sigma|std|{ERROR_WORDS})).*(dens|count|photon|ion|signal|{DENSITY_WORDS}|计数|光子).*"
    r"|n|na|fe|k|ca",
    "error": rf".*(err|sigma|std|uncert|{ERROR_WORDS}).*",
}


@dataclass(frozen=True)
class ProfileFile:
    """One file: the time that its name gives, its columns, and what it says about height and signal."""

    time: np.datetime64
    altitude: np.ndarray
    signal: np.ndarray
    error: np.ndarray | None
    names: dict[str, str]
    arrays: Arrays
    file: str


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Profiles of all files in the names of ingest/lidar; an hour past 24 in a name is of the next day.

    Returns
    -------
    Dataset
        dims (time, altitude).

    Raises
    ------
    ReadError
        If a name gives no time, or the heights of a file are others than those of the first.
    UndecidedError
        If the columns, the clock, the quantity or a unit is not decided, or files of two metals lie together.
    """
    mine = of_one_kind(members, context, lambda member: re.sub(r"\d+", "#", member.name))
    profiles = sorted((_profile(member, context) for member in mine), key=lambda profile: profile.time)
    first = profiles[0]
    for profile in profiles[1:]:
        if not np.array_equal(profile.altitude, first.altitude):
            raise ReadError(
                "profiles of a night have different heights", file=profile.file, given=f"not as {first.file}"
            )
    context = at_its_station(context, stated_in(first.arrays))
    words = _clock_words(first, context)
    context.decisions.record("time", f"from {first.time} to {profiles[-1].time}", "names of the files")
    times = to_utc(np.array([profile.time for profile in profiles]), words, context, works_by_night=True)
    lengths = integration_times(times, None, context)
    times = middle_of(times, lengths, "", context)
    altitude = _altitude(first, context)
    values = np.stack([profile.signal for profile in profiles])
    name = first.names["signal"]
    kind = quantity(values, first.arrays.words(name), "", context)
    if kind == "photon_counts":
        given = calibration(
            values, altitude - context.site.altitude_km, times, context, wavelength_of(first.arrays, name)
        )
        return night_dataset(times, altitude, values, quantity=kind, lengths=lengths, context=context, extra=given)
    values = without_missing(values, context)
    values, factor = density_cm3(values, altitude, first.arrays.words(name), "", context)
    return night_dataset(
        times,
        altitude,
        values,
        quantity=kind,
        lengths=lengths,
        context=context,
        error=_errors(profiles, values, factor, context),
    )


def _clock_words(first: ProfileFile, context: Context) -> str:
    """The name of a file without its numbers, and the line of its header that names a clock.

    A line with another time of day than the name's is about that time, not about the name.
    """
    name = re.sub(r"[\d_.]+", " ", first.file)
    lines = str(first.arrays.attributes_of_file.get("header", "")).splitlines()
    clock = str(first.time)[11:16]
    own = [
        line for line in lines if not (found := _TIME_OF_DAY.search(line)) or f"{found[1]:0>2}:{found[2]}" == clock
    ]
    return f"{name} {said_in_header(name, own, context)}"


_TIME_OF_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[:时]\s*(\d\d)(?!\d)")


def _profile(member: Member, context: Context) -> ProfileFile:
    moments = naming.moments(member.name)
    if len(moments) != 1 or not naming.has_clock(member.name):
        raise ReadError(
            "one profile, and no time in the file's name", file=member.full_name, rule="YYYYMMDD_HHMM in the name"
        )
    arrays = load(member)
    found = find(arrays, _COLUMNS, context) or _by_values(arrays, context)
    if "altitude" not in found or "signal" not in found:
        names = [*arrays.values, "NAME", "NAME"]
        raise context.undecided(
            "which column is the altitude, and which the density or the counts?",
            seen=", ".join(arrays.values),
            lines=(f"variables: {{altitude: {names[0]}, signal: {names[1]}}}",),
        )
    columns = {role: as_numbers(arrays.values[name].ravel()) for role, name in found.items()}
    return ProfileFile(
        moments[0].astype("datetime64[ns]"),
        columns["altitude"],
        columns["signal"],
        columns.get("error"),
        found,
        arrays,
        member.full_name,
    )


def _by_values(arrays: Arrays, context: Context) -> dict[str, str]:
    """Columns without names: the first rises in even steps to where a lidar sees, the second is the signal."""
    names = list(arrays.values)
    if len(names) not in (2, 3) or any(not re.fullmatch(r"column_\d", name) for name in names):
        return {}
    first = as_numbers(arrays.values[names[0]].ravel())
    steps, top = np.diff(first), float(np.max(first))
    even = steps.size > 1 and bool((steps > 0).all()) and float(np.ptp(steps)) <= 0.1 * float(np.median(steps))
    if not even or not (60.0 <= top <= 2500.0 or 6e4 <= top <= 2.5e6):
        return {}
    context.decisions.record("columns", "altitude, signal, error", f"no names; the first rises evenly to {top:g}")
    return dict(zip(("altitude", "signal", "error"), names, strict=False))


def _altitude(first: ProfileFile, context: Context) -> np.ndarray:
    name = first.names["altitude"]
    words, units = first.arrays.words(name), first.arrays.attribute(name, "units")
    return altitude_axis(first.altitude, first.altitude.size, words, units, context)


def _errors(
    profiles: Sequence[ProfileFile], density: np.ndarray, factor: float, context: Context
) -> np.ndarray | None:
    """Errors in cm-3, dims (time, altitude); None where not all profiles have them, or nothing tells their unit."""
    errors = [profile.error for profile in profiles if profile.error is not None]
    if len(errors) != len(profiles):
        if errors:
            context.decisions.record("error left out", f"{len(errors)} profiles", "the others have none")
        return None
    first, name = profiles[0].arrays, profiles[0].names["error"]
    return error_cm3(np.stack(errors), density, name, first.words(name), unit_of(first, name), factor, context)
