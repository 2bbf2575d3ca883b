"""Ionograms that SAO-Explorer exported as text: a line of date and time, then a row for each echo.

The columns are named in each file: Freq (MHz), Range (km, virtual height), Pol (90 ordinary, -90 extraordinary), MPA
(most probable amplitude, the noise of the frequency, dB), Amp (dB), Doppler, Az, Zn (direction of arrival, degree),
PGH.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import budget
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member

_STAMP = re.compile(r"^(\d{4})\.(\d\d)\.(\d\d) \(\d{3}\) (\d\d:\d\d:\d\d(?:\.\d+)?)[ \t]*\r?$", re.MULTILINE)
_NEEDED = ("freq", "range", "pol", "amp")
_WAVES = {"echo_amplitude": 90.0, "echo_amplitude_x": -90.0}
# A sounding of 0.025 MHz and 2.5 km steps has 600 x 512 cells.
_LONGEST_AXIS = 10_000


@dataclass(frozen=True)
class Sounding:
    """One ionogram: time (UTC) and columns by their names in lower case, a value an echo."""

    time: np.datetime64
    columns: dict[str, np.ndarray]


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Ionograms of all files on common axes.

    Returns
    -------
    Dataset
        `echo_amplitude` of the ordinary and `echo_amplitude_x` of the extraordinary wave, uint8, dB above the noise
        of the frequency, 0 = no echo, dims (ionogram_time, frequency, virtual_height); MHz, km, times UTC.

    Raises
    ------
    ReadError
        If a file has no sounding, a needed column is missing or a row is not one.
    """
    soundings = sorted((one for member in members for one in soundings_of(member)), key=lambda one: one.time)
    context.decisions.record("clock", "UT", "SAO-Explorer writes universal time")
    soundings = [_from_above(sounding, context) for sounding in soundings]
    times = np.unique(np.array([sounding.time for sounding in soundings]))
    frequency = _axis([sounding.columns["freq"] for sounding in soundings], context.file)
    height = _axis([sounding.columns["range"] for sounding in soundings], context.file)
    shape = (times.size, frequency.size, height.size)
    budget.check_shape((len(_WAVES), *shape), 1, sum(one.columns["freq"].nbytes for one in soundings), context.file)
    images = {name: np.zeros(shape, np.uint8) for name in _WAVES}
    for sounding in soundings:
        moment = int(np.searchsorted(times, sounding.time))
        for name, polarisation in _WAVES.items():
            _put(images[name][moment], sounding, polarisation, frequency, height)
    context.decisions.record("amplitude", _amplitude_words(soundings), "columns of the file")
    dims = ("ionogram_time", "frequency", "virtual_height")
    coords = {"ionogram_time": times, "frequency": frequency, "virtual_height": height}
    return xr.Dataset({name: (dims, image) for name, image in images.items()}, coords)


def soundings_of(member: Member) -> Iterator[Sounding]:
    """The soundings of one file, in its order.

    Raises
    ------
    ReadError
        As `read`.
    """
    text = member.text()
    stamps = list(_STAMP.finditer(text))
    if not stamps:
        raise ReadError("no sounding in the file", file=member.full_name, rule="a line YYYY.MM.DD (DOY) HH:MM:SS.sss")
    ends = [stamp.start() for stamp in stamps[1:]] + [len(text)]
    names: list[str] | None = None
    for stamp, end in zip(stamps, ends, strict=True):
        lines = text[stamp.end() : end].splitlines()
        names = next((line.lower().split() for line in lines if line.lower().split()[:1] == ["freq"]), names)
        yield Sounding(_time(stamp, member), _columns(lines, names, stamp.group(0).strip(), member))


def _time(stamp: re.Match[str], member: Member) -> np.datetime64:
    year, month, day, clock = stamp.groups()
    try:
        return np.datetime64(f"{year}-{month}-{day}T{clock}", "ns")
    except ValueError as error:
        raise ReadError("not a time", file=member.full_name, given=stamp.group(0).strip()) from error


def _columns(lines: list[str], names: list[str] | None, where: str, member: Member) -> dict[str, np.ndarray]:
    missing = [name for name in _NEEDED if name not in (names or [])]
    if names is None or missing:
        raise ReadError("columns are missing", file=member.full_name, where=where, rule=", ".join(missing))
    rows = [line.split() for line in lines if re.match(r"\s*[-+.\d]", line)]
    try:
        table = np.array(rows, dtype=float).reshape(len(rows), len(names))
    except ValueError as error:
        raise ReadError(
            "a row that is not an echo", file=member.full_name, where=where, rule=" ".join(names), given=str(error)
        ) from error
    if not np.isfinite(table).all():
        raise ReadError("an echo without a number", file=member.full_name, where=where)
    return dict(zip(names, table.T, strict=True))


def _from_above(sounding: Sounding, context: Context) -> Sounding:
    """Echoes that come from above, where the catalogue sets a limit; all of them where it does not."""
    limit = context.option("largest_zenith_angle")
    if limit is None or "zn" not in sounding.columns:
        return sounding
    above = np.abs(sounding.columns["zn"]) <= float(limit)
    return Sounding(sounding.time, {name: values[above] for name, values in sounding.columns.items()})


def _axis(values: Sequence[np.ndarray], file: str) -> np.ndarray:
    """Evenly spaced values from the first to the last, where all lie on multiples of a step; else those there are.

    Only frequencies and heights with echoes are in the file.
    """
    there = np.unique(np.round(np.concatenate(values), 3))
    if there.size < 3:
        return there
    step = float(np.diff(there).min())
    steps = (there - there[0]) / step
    if np.abs(steps - np.round(steps)).max() > 0.01:
        return there
    if steps[-1] > _LONGEST_AXIS:
        given = f"{there[0]:g} to {there[-1]:g} in steps of {step:g}"
        raise ReadError("more frequencies or heights than an ionosonde has", file=file, given=given)
    return np.round(there[0] + step * np.arange(round(steps[-1]) + 1), 3)


def _put(
    image: np.ndarray, sounding: Sounding, polarisation: float, frequency: np.ndarray, height: np.ndarray
) -> None:
    """Write the echoes of one wave into its image; of several in a cell the strongest."""
    columns = sounding.columns
    mine = columns["pol"] == polarisation
    above = columns["amp"] - columns.get("mpa", 0.0)
    rows = np.searchsorted(frequency, np.round(columns["freq"], 3) - 5e-4)
    cells = np.searchsorted(height, np.round(columns["range"], 3) - 5e-4)
    np.maximum.at(image, (rows[mine], cells[mine]), np.clip(np.rint(above[mine]), 1, 255).astype(np.uint8))


def _amplitude_words(soundings: Sequence[Sounding]) -> str:
    with_noise = all("mpa" in sounding.columns for sounding in soundings)
    return "Amp - MPA, above the noise" if with_noise else "Amp as written; the file gives no noise"
