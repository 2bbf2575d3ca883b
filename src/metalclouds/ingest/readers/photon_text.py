"""Raw photon counts as text: `<species>/<YYYYMMDD>/CH1..CH4/*.txt`, one file an accumulation and channel.

Some header lines with the time, then two columns, height in km and counts. The signal is the sum of the channels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import naming
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.place import at_its_station
from metalclouds.ingest.readers.kinds import of_one_kind
from metalclouds.ingest.readers.lidar_night import integration_times, middle_of, night_dataset
from metalclouds.ingest.readers.retrieval import calibration
from metalclouds.ingest.source import Member

_CLOCK = re.compile(r"(?<!\d)([0-2]?\d):([0-5]\d):([0-5]\d)(\.\d+)?")
_CHANNEL = re.compile(r"(?:^|/)ch(?:annel)?[_ ]?(\d+)/", re.IGNORECASE)
_MOST_HEADER_LINES = 60


@dataclass(frozen=True)
class Accumulation:
    """One file: `time` as its header has it, channel, heights in km, counts."""

    time: np.datetime64
    channel: str
    height: np.ndarray
    counts: np.ndarray
    file: str


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Counts of a night, summed over channels and to the bins of the settings, with the retrieval's calibration.

    Returns
    -------
    Dataset
        dims (time, altitude).

    Raises
    ------
    ReadError
        If a file has no time or no counts, or the heights differ.
    UndecidedError
        If the clock of the headers cannot be decided, or channels of two metals lie together.
    """
    mine = of_one_kind(members, context, _folder)
    files = _complete([accumulation(member, context) for member in mine], context)
    height, times, counts = _summed(files, context)
    context = at_its_station(context, None)
    height, counts = _rebinned(height, counts, context)
    times = to_utc(times, "", context, works_by_night=True)
    lengths = integration_times(times, None, context)
    middle = middle_of(times, lengths, "", context)
    profile = calibration(counts, height, times, context)
    context.decisions.record(
        "altitude above", "station", f"{context.site.altitude_km:g} km added; counts are by range"
    )
    return night_dataset(
        middle,
        height + context.site.altitude_km,
        counts,
        quantity="photon_counts",
        lengths=lengths,
        context=context,
        extra=profile,
    )


def _folder(member: Member) -> str:
    """The folder around those of the channels, without digits."""
    return re.sub(r"\d+", "#", _CHANNEL.split(member.tail)[0])


def accumulation(member: Member, context: Context) -> Accumulation:
    """Content of one file.

    Raises
    ------
    ReadError
        If no time or no two columns of numbers are in it.
    """
    lines = member.text().splitlines()
    start = next(
        (
            n
            for n, line in enumerate(lines[:_MOST_HEADER_LINES])
            if _is_row(line) and _is_row(lines[min(n + 1, len(lines) - 1)])
        ),
        None,
    )
    if start is None:
        raise ReadError("no columns of height and counts", file=member.full_name)
    try:
        table = np.array(
            [
                [float(token) for token in re.split(r"[,\s]+", line.strip())[:2]]
                for line in lines[start:]
                if line.strip()
            ]
        )
        height, counts = table[:, 0], table[:, 1]
    except (ValueError, IndexError) as error:
        raise ReadError("a row that is not height and counts", file=member.full_name, given=str(error)) from error
    channel = _CHANNEL.search(member.tail)
    return Accumulation(
        _time(lines[:start], member, context), channel.group(1) if channel else "1", height, counts, member.full_name
    )


def _is_row(line: str) -> bool:
    return bool(re.fullmatch(r"\s*[-+.\deE]+[,\s]+[-+.\deE]+\s*", line))


def _time(header: list[str], member: Member, context: Context) -> np.datetime64:
    """Time in the header: date and clock in one line, else the clock with the date of the header or the folder."""
    days = [day for line in header for day in naming.dates(line.replace("/", "-"))] or naming.dates(member.tail)
    for line in header:
        clock = _CLOCK.search(line)
        if clock and days:
            day = (naming.dates(line.replace("/", "-")) or days)[0].astype("datetime64[ns]")
            seconds = (
                int(clock.group(1)) * 3600
                + int(clock.group(2)) * 60
                + int(clock.group(3))
                + float(clock.group(4) or 0)
            )
            return day + np.timedelta64(round(seconds * 1e3), "ms")
    raise ReadError(
        "no time in the header",
        file=member.full_name,
        given=" | ".join(header[:12])[:200],
        rule="a date and a clock hh:mm:ss in the header, or the date in the folder's name",
    )


def _complete(files: list[Accumulation], context: Context) -> list[Accumulation]:
    """Without files shorter than the usual one: the last file of a night may be incomplete."""
    sizes, count = np.unique([file.height.size for file in files], return_counts=True)
    usual = sizes[np.argmax(count)]
    short = [file.file for file in files if file.height.size != usual]
    if short:
        context.decisions.record(
            "files left out", f"{len(short)}, the first {short[0]}", f"not {usual} bins as the others"
        )
    return [file for file in files if file.height.size == usual]


def _summed(files: list[Accumulation], context: Context) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights, times and counts (time, height); times that not all channels have are left out."""
    channels = sorted({file.channel for file in files})
    by_time: dict[np.datetime64, list[Accumulation]] = {}
    for file in files:
        by_time.setdefault(file.time, []).append(file)
    whole = {time: group for time, group in by_time.items() if len(group) == len(channels)}
    if not whole:
        raise ReadError("no accumulation has all channels", file=context.file, given=f"channels {channels}")
    if len(whole) < len(by_time):
        context.decisions.record(
            "accumulations left out", len(by_time) - len(whole), f"not all of the channels {channels}"
        )
    times = np.array(sorted(whole))
    context.decisions.record("channels", f"sum of {len(channels)}", "one folder a channel")
    return files[0].height, times, np.stack([sum(file.counts for file in whole[time]) for time in times])


def _rebinned(height: np.ndarray, counts: np.ndarray, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Counts summed over whole bins of the settings; heights of their centres (rows mark the lower edge of a bin)."""
    step = float(np.median(np.diff(height)))
    number = max(1, round(context.settings.lidar.counts_bin_km / step))
    size = height.size // number * number
    starts = height[:size:number]
    context.decisions.record(
        "bins", f"{number} x {step:.4g} km", "summed to the bin of the settings; heights are lower edges"
    )
    return starts + 0.5 * number * step, counts[:, :size].reshape(len(counts), -1, number).sum(axis=2)
