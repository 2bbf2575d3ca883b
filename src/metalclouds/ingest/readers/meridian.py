"""Level-2 text of the Chinese Meridian Project: `#Key: value` lines, then height, density and error.

One file a profile, or all profiles of a night one after the other in one file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.density import density_cm3
from metalclouds.ingest.evidence.place import at_its_station, station_in
from metalclouds.ingest.readers.lidar_night import integration_times, middle_of, night_dataset
from metalclouds.ingest.source import Member

_HEADER = re.compile(r"^((?:#[^\n]*(?:\n|\Z))+)", re.MULTILINE)
# The line with the names of the columns below the header.
_NAMES = re.compile(r"\A\s*(?!nan\b)[A-Za-z][^\n]*\n", re.IGNORECASE)
_TIME = re.compile(
    r"^\s*(?P<day>\d{4}-\d\d-\d\d)[T ]+(?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?)\s*(?P<zone>\(?[A-Za-z+\-\d: ]*\)?)\s*$"
)
# Fortran writes stars where a number does not fit its width.
_STARS = re.compile(r"\*+")
_KEY = re.compile(r"^#\s*([^:]+?)\s*:\s*(.*?)\s*$")


@dataclass(frozen=True)
class MeridianProfile:
    """One profile: `keys` of its header; height in km, density and error (per cent) as written."""

    keys: dict[str, str]
    height: np.ndarray
    density: np.ndarray
    error: np.ndarray
    file: str

    @property
    def time(self) -> np.datetime64:
        """DataTime, by the clock that it names."""
        match = _TIME.match(self.keys.get("DataTime", ""))
        try:
            return np.datetime64(f"{match['day']}T{match['clock']}", "ns") if match else np.datetime64("NaT", "ns")
        except ValueError:
            return np.datetime64("NaT", "ns")

    @property
    def clock(self) -> str:
        """What stands behind DataTime: (UT), (BJT), Z, +08:00."""
        match = _TIME.match(self.keys.get("DataTime", ""))
        return match["zone"].strip(" ()") if match else ""

    @property
    def version(self) -> str:
        """Version of the data, of the header or else of the file's name."""
        named = re.search(r"_V(\d+\.\d+)", self.file)
        return self.keys.get("DataVersion", "").lstrip("vV") or (named.group(1) if named else "")


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Profiles of all files in the names of ingest/lidar; density in cm-3, its error from DenEr where given.

    Returns
    -------
    Dataset
        dims (time, altitude).

    Raises
    ------
    ReadError
        If a file has no profile, rows that are not numbers, or another height axis than the others.
    """
    profiles = [profile for member in members for profile in profiles_of(member)]
    profiles = _of_one_species(profiles, context)
    profiles = _newest(profiles, context)
    context = at_its_station(context, station_in(profiles[0].keys.get("Station", "")))
    heights = _common_heights(profiles)
    times = _times(profiles, context)
    density = np.stack([profile.density for profile in profiles])
    error = np.abs(density) * np.stack([profile.error for profile in profiles]) / 100.0
    density, factor = density_cm3(density, heights, _unit_words(profiles[0]), "", context)
    lengths = integration_times(times, _accumulation(profiles[0]), context)
    times = middle_of(times, lengths, "", context)
    out = night_dataset(
        times,
        heights,
        density,
        quantity="number_density",
        lengths=lengths,
        context=context,
        error=error * factor if np.isfinite(error).any() else None,
    )
    return out.assign_attrs(species=_species(profiles[0], context))


def profiles_of(member: Member) -> list[MeridianProfile]:
    """All profiles of a file: each is a block of `#` lines and the rows below it.

    Raises
    ------
    ReadError
        If there is none, or a row is not three numbers.
    """
    pieces = _HEADER.split(member.text().replace("\r\n", "\n"))
    blocks = [(head, body) for head, body in zip(pieces[1::2], pieces[2::2], strict=True) if body.strip()]
    if not blocks:
        raise ReadError(
            "no profile in the file", file=member.full_name, rule="#Key: value lines, then rows of numbers"
        )
    return [_profile(_keys(head), body, member) for head, body in blocks]


def _keys(head: str) -> dict[str, str]:
    matches = (_KEY.match(line) for line in head.splitlines())
    return {match.group(1): match.group(2) for match in matches if match}


def _profile(keys: dict[str, str], body: str, member: Member) -> MeridianProfile:
    rows = _STARS.sub(" nan ", _NAMES.sub("", body, count=1))
    lines = [line for line in rows.split("\n") if line and not line.isspace()]
    tokens, count, first = rows.split(), len(lines), lines[0].split() if lines else []
    try:
        if len(first) < 2 or len(tokens) != count * len(first):
            raise ValueError(f"{len(tokens)} numbers in {count} rows, {len(first)} in the first")
        table = np.array(tokens, dtype=float).reshape(count, len(first))
    except ValueError as error:
        raise ReadError(
            "rows that are not height, density and error",
            file=member.full_name,
            where=keys.get("DataTime"),
            given=str(error),
        ) from error
    expected = keys.get("RecordNumber", "")
    if expected.isdigit() and int(expected) != count:
        raise ReadError(
            "the profile is cut short",
            file=member.full_name,
            where=keys.get("DataTime"),
            rule=f"RecordNumber {expected}",
            given=f"{count} rows",
        )
    profile = MeridianProfile(
        keys, table[:, 0], _without(table[:, 1], keys), _error_column(table, keys), member.full_name
    )
    if np.isnat(profile.time):
        raise ReadError(
            "a profile without DataTime",
            file=member.full_name,
            rule="#DataTime: yyyy-mm-ddTHH:MM:SS",
            given=keys.get("DataTime", "nothing"),
        )
    return profile


_USUAL = "DataTime is UT in the format"


def _times(profiles: Sequence[MeridianProfile], context: Context) -> np.ndarray:
    """DataTime in UT: by the clock that stands behind it, else the format's UT, which the sun may contradict."""
    clocks = sorted({profile.clock for profile in profiles})
    times = np.array([profile.time for profile in profiles])
    context.decisions.record(
        "time", "DataTime", f"the format; behind it: {', '.join(filter(None, clocks)) or 'nothing'}"
    )
    out = np.empty_like(times)
    for clock in clocks:
        mine = np.array([profile.clock == clock for profile in profiles])
        out[mine] = to_utc(
            times[mine], clock.replace("Z", "UT") if clock == "Z" else clock, context, True, usual=_USUAL
        )
    return out


def _newest(profiles: list[MeridianProfile], context: Context) -> list[MeridianProfile]:
    """Profiles in the order of their time, of several versions of one the last; copies are one."""
    last: dict[tuple[np.datetime64, str], MeridianProfile] = {}
    for profile in sorted(profiles, key=lambda profile: profile.version):
        last[profile.time, profile.clock] = profile
    if replaced := len(profiles) - len(last):
        versions = ", ".join(sorted({profile.version for profile in profiles}))
        context.decisions.record("profiles replaced", replaced, f"of one time the last version counts; {versions}")
    return sorted(last.values(), key=lambda profile: profile.time)


def _error_column(table: np.ndarray, keys: dict[str, str]) -> np.ndarray:
    return _without(table[:, 2], keys) if table.shape[1] > 2 else np.full(len(table), np.nan)


def _without(values: np.ndarray, keys: dict[str, str]) -> np.ndarray:
    """NaN for the missing value that the header states."""
    stated = re.search(r"missingdata\s*=\s*([-+.\d]+)", " ".join(keys.values()))
    return np.where(values == float(stated.group(1)), np.nan, values) if stated else values


def _common_heights(profiles: Sequence[MeridianProfile]) -> np.ndarray:
    first = profiles[0]
    for profile in profiles[1:]:
        if profile.height.shape != first.height.shape or not np.allclose(profile.height, first.height, atol=2e-3):
            raise ReadError(
                "profiles of a night have different heights",
                file=profile.file,
                given=f"{profile.height.size} heights, {first.height.size} in {first.file}",
            )
    return first.height


def _unit_words(profile: MeridianProfile) -> str:
    """Where a header states the unit: the list of quantities, and the name of the density's column."""
    return f"{profile.keys.get('Quantities', '')} {_stated_species(profile)[1]}"


def _accumulation(profile: MeridianProfile) -> np.ndarray | None:
    """Length of an accumulation: number of pulses by their rate."""
    pulses = re.search(r"PlsAccu\s*=\s*([\d.]+)", profile.keys.get("ObsParameters", ""))
    rate = re.search(r"PRF\s*=\s*([\d.]+)\s*Hz", profile.keys.get("DeviceSpec", ""))
    if pulses and rate and float(rate.group(1)) > 0:
        return np.asarray(float(pulses.group(1)) / float(rate.group(1)))
    return None


def _of_one_species(profiles: list[MeridianProfile], context: Context) -> list[MeridianProfile]:
    """Profiles of one species of several that lie together: that of the catalogue, else of the settings.

    Raises
    ------
    UndecidedError
        If the files have several species and none of them is that of the settings.
    """
    found = sorted({_stated_species(profile)[0] for profile in profiles})
    if len(found) == 1:
        return profiles
    wanted = context.option("species") or context.settings.lidar.species
    if wanted not in found:
        raise context.undecided(
            "files of several species in one night",
            seen=", ".join(found),
            lines=tuple(f"species: {species}" for species in found[:2]),
        )
    mine = [profile for profile in profiles if _stated_species(profile)[0] == wanted]
    others = ", ".join(species for species in found if species != wanted)
    context.decisions.record("profiles left out", len(profiles) - len(mine), f"of {others}; wanted is {wanted}")
    return mine


def _stated_species(profile: MeridianProfile) -> tuple[str, str]:
    """Species by the name of the density's column, e.g. CaIonDen, NaDen, and that name; "" where it is not known."""
    for key in profile.keys:
        match = re.match(r"([A-Z][a-z]?)(Ion)?Den\b", key)
        if match:
            return match.group(1) + ("+" if match.group(2) else ""), key
    return "", ""


def _species(profile: MeridianProfile, context: Context) -> str:
    species, column = _stated_species(profile)
    if not species:
        return context.settings.lidar.species
    context.decisions.record("species", species, f"column {column}")
    return species
