"""IONEX 1.0 and 1.1: global maps of vertical TEC (Schaer et al. 1998). Checked against PyPI spinifex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest import budget
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.source import Member

_LABEL = 60
_MISSING = 9999
# Longer than any global map in use (0.5 deg): a bigger grid is a damaged header.
_MOST_VALUES = 1_000_000


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Maps of one file.

    Returns
    -------
    Dataset
        `vertical_tec` in TECU with dims (time, latitude, longitude), latitude and longitude ascending, longitude as
        written; NaN where the file has 9999. A map at 24 h belongs to the next day and is kept.

    Raises
    ------
    ReadError
        If the header or a map is not complete.
    """
    member = members[0]
    lines = member.text().splitlines()
    header, body = _header(lines, member)
    _refuse_three_dimensions(header, member)
    latitude, longitude = _axis(header, "LAT1 / LAT2 / DLAT", member), _axis(header, "LON1 / LON2 / DLON", member)
    if latitude.size * longitude.size > _MOST_VALUES:
        raise ReadError(
            "the grid of the header is too large", file=member.full_name, given=latitude.size * longitude.size
        )
    times: list[np.datetime64] = []
    maps: list[np.ndarray] = []
    for epoch, values in _maps(lines[body:], header, latitude, longitude, member):
        budget.check_shape((len(maps) + 1, *values.shape), values.itemsize, len(lines) * _LABEL, member.full_name)
        times.append(epoch)
        maps.append(values)
    if not maps:
        raise ReadError("no TEC map in the file", file=member.full_name)
    out = xr.Dataset(
        {"vertical_tec": (("time", "latitude", "longitude"), np.stack(maps))},
        {"time": np.array(times, "datetime64[ns]"), "latitude": latitude, "longitude": longitude},
    )
    _state_shell(out, header, context, member)
    _, first = np.unique(out["time"].values, return_index=True)
    return out.isel(time=first).sortby(["latitude", "longitude"])


def _header(lines: list[str], member: Member) -> tuple[dict[str, str], int]:
    header: dict[str, str] = {}
    for number, line in enumerate(lines):
        label = line[_LABEL:].strip()
        if label == "END OF HEADER":
            return header, number + 1
        if label not in ("COMMENT", "DESCRIPTION"):
            header.setdefault(label, line[:_LABEL])
    raise ReadError("the header has no end", file=member.full_name, rule="END OF HEADER from column 61")


def _refuse_three_dimensions(header: dict[str, str], member: Member) -> None:
    dimension = _numbers(header.get("MAP DIMENSION", "2"), 1, "MAP DIMENSION", member)[0]
    bottom, top = _numbers(header.get("HGT1 / HGT2 / DHGT", ""), 2, "HGT1 / HGT2 / DHGT", member)[:2]
    if dimension != 2 or bottom != top:
        raise ReadError(
            "maps of several heights are not read: which of them would be the vertical TEC?",
            file=member.full_name,
            where="MAP DIMENSION, HGT1 / HGT2 / DHGT",
            rule="two dimensions, one height",
            given=f"{dimension:g} dimensions, {bottom:g} to {top:g} km",
        )


def _numbers(text: str, count: int, label: str, member: Member) -> list[float]:
    try:
        values = [float(token) for token in text.split()]
    except ValueError as error:
        raise ReadError("not a number", file=member.full_name, where=label, given=text.strip()) from error
    if len(values) < count or not np.isfinite(values).all():
        raise ReadError(f"{count} numbers expected", file=member.full_name, where=label, given=text.strip())
    return values


def _axis(header: dict[str, str], label: str, member: Member) -> np.ndarray:
    first, last, step = _numbers(header.get(label, ""), 3, label, member)[:3]
    if step == 0 or (last - first) / step < 0 or (last - first) / step > _MOST_VALUES:
        raise ReadError("not a grid", file=member.full_name, where=label, given=header.get(label, "").strip())
    return first + step * np.arange(round((last - first) / step) + 1)


def _maps(
    lines: list[str], header: dict[str, str], latitude: np.ndarray, longitude: np.ndarray, member: Member
) -> Iterator[tuple[np.datetime64, np.ndarray]]:
    exponent = int(_numbers(header.get("EXPONENT", "-1"), 1, "EXPONENT", member)[0])
    values, epoch, row, inside = _empty(latitude, longitude), None, None, False
    tokens: list[tuple[str, int]] = []
    for number, line in enumerate(lines):
        label = line[_LABEL:].strip()
        if label == "START OF TEC MAP":
            values, epoch, row, inside, tokens = _empty(latitude, longitude), None, None, True, []
        elif label == "END OF TEC MAP" and inside:
            if epoch is None:
                raise ReadError("a map without epoch", file=member.full_name, where=f"line {number + 1} of the maps")
            _fill(values, row, tokens, member)
            inside = False
            yield epoch, values
        elif label == "EXPONENT":
            # It holds for all values that follow, wherever it stands.
            exponent = int(_numbers(line[:_LABEL], 1, "EXPONENT", member)[0])
        elif not inside:
            continue
        elif label == "EPOCH OF CURRENT MAP":
            epoch = _epoch(line[:_LABEL], member)
        elif label == "COMMENT":
            continue
        elif label == "LAT/LON1/LON2/DLON/H":
            _fill(values, row, tokens, member)
            row, tokens = _row(line, latitude, longitude, member), []
        else:
            tokens += [(line[start : start + 5], exponent) for start in range(0, len(line.rstrip()), 5)]
    if inside:
        raise ReadError("the file is cut short", file=member.full_name, where="last TEC map")


def _empty(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    return np.full((latitude.size, longitude.size), np.nan)


def _row(line: str, latitude: np.ndarray, longitude: np.ndarray, member: Member) -> int:
    fields = _numbers(
        " ".join(line[start : start + 6] for start in range(2, 32, 6)), 4, "LAT/LON1/LON2/DLON/H", member
    )
    index = int(np.argmin(np.abs(latitude - fields[0])))
    ends = fields[1:3] != [longitude[0], longitude[-1]] and not np.allclose(
        fields[1:3], longitude[[0, -1]], atol=1e-3
    )
    if abs(latitude[index] - fields[0]) > 1e-3 or ends:
        raise ReadError(
            "a row that is not on the grid of the header", file=member.full_name, given=line[:_LABEL].strip()
        )
    return index


def _fill(values: np.ndarray, row: int | None, tokens: list[tuple[str, int]], member: Member) -> None:
    """Put the values of a row, each with the exponent that held where it stands, into a map."""
    if row is None:
        return
    known = [(token, exponent) for token, exponent in tokens if token.strip()]
    try:
        numbers = np.array([int(token) for token, _ in known], dtype=float)
    except ValueError as error:
        raise ReadError("a value that is not a whole number", file=member.full_name, given=str(error)) from error
    if numbers.size != values.shape[1]:
        raise ReadError(
            f"a row of {numbers.size} values where the header has {values.shape[1]}", file=member.full_name
        )
    scales = 10.0 ** np.array([exponent for _, exponent in known], dtype=float)
    values[row] = np.where(numbers == _MISSING, np.nan, numbers * scales)


def _epoch(text: str, member: Member) -> np.datetime64:
    year, month, day, hour, minute, second = _numbers(text, 6, "EPOCH OF CURRENT MAP", member)[:6]
    try:
        date = np.datetime64(f"{int(year):04d}-{int(month):02d}-{int(day):02d}", "ns")
    except ValueError as error:
        raise ReadError(
            "not a date", file=member.full_name, where="EPOCH OF CURRENT MAP", given=text.strip()
        ) from error
    return date + np.timedelta64(round((hour * 3600 + minute * 60 + second) * 1e3), "ms")


def _state_shell(out: xr.Dataset, header: dict[str, str], context: Context, member: Member) -> None:
    height = _numbers(header.get("HGT1 / HGT2 / DHGT", ""), 1, "HGT1 / HGT2 / DHGT", member)[0]
    cutoff = header.get("ELEVATION CUTOFF", "").strip() or "not stated"
    out.attrs = {
        "pierce_point_altitude_km": height,
        "elevation_rule": f"elevation above {cutoff} degree (of the source)",
        "mapping_function": header.get("MAPPING FUNCTION", "").strip() or "not stated",
    }
    context.decisions.record("shell", f"{height:g} km", "HGT1 of the header")
    context.decisions.record(
        "unit", f"10^{header.get('EXPONENT', '-1').strip()} TECU", "EXPONENT of the header, -1 where it has none"
    )
