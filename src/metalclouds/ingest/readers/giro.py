"""Characteristics from GIRO (fastchar, DIDBase): `#` lines, then time, confidence, and value with qualifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.constants import GIRO_REQUESTED
from metalclouds.errors import ReadError
from metalclouds.ingest.containers.cells import is_number
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.place import at_its_station, in_header
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.readers.ionosonde_table import CHARACTERISTICS
from metalclouds.ingest.source import Member

_MANUAL = 999
_MISSING = "---"


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Characteristics of one or more answers, dim `time`; UTC, MHz and km, NaN where `---`.

    Returns
    -------
    Dataset
        dim time.

    Raises
    ------
    ReadError
        If the service answered with an error, or a row does not fit the header.
    """
    parts = [_one(member, context) for member in members]
    return xr.concat(parts, "time", join="outer") if len(parts) > 1 else parts[0]


def _one(member: Member, context: Context) -> xr.Dataset:
    text = member.text()
    failure = re.search(r"#\s*STATUS:\s*ERROR\s*(.*)", text) or re.search(r"^\s*ERROR:?\s*(.*)", text, re.MULTILINE)
    if failure:
        raise ReadError("the service answered with an error", file=member.full_name, given=failure.group(0).strip())
    lines = text.splitlines()
    names = _names(lines, member)
    rows = [_paired(line.split(), len(names)) for line in lines if re.match(r"\d{4}-\d{2}-\d{2}T", line)]
    if not rows:
        raise ReadError("no sounding in the answer", file=member.full_name, given=text[:200])
    width = 2 + 2 * len(names)
    odd = [row for row in rows if len(row) != width]
    if len(odd) > LARGEST_LOSS * len(rows):
        raise ReadError(
            "a row does not fit the header",
            file=member.full_name,
            where=odd[0][0],
            rule=f"time, CS and {len(names)} pairs of value and QD",
            given=f"{len(odd[0])} words, {len(odd)} such rows of {len(rows)}",
        )
    if odd:
        context.decisions.record(
            "soundings left out", len(odd), f"rows that do not fit the header, first {odd[0][0]}"
        )
        rows = [row for row in rows if len(row) == width]
    context.decisions.record("clock", "UT", "GIRO gives UTC")
    header = "\n".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    context = at_its_station(context, in_header(header), needed=False)
    return _dataset(rows, names, member, context)


def _paired(words: list[str], count: int) -> list[str]:
    """A row as time, CS and pairs of value and QD, also where `---` stands without a QD; else the row as it is."""
    pairs: list[str] = []
    for word in words[2:]:
        is_value = _is_value(word)
        if is_value and len(pairs) % 2:
            pairs.append("//")
        pairs.append(word)
    out = pairs + ["//"] * (len(pairs) % 2)
    return [*words[:2], *out] if len(out) == 2 * count and all(map(_is_value, out[::2])) else words


def _is_value(word: str) -> bool:
    return word == _MISSING or is_number(word)


def _names(lines: list[str], member: Member) -> list[str]:
    """Characteristics in the order of the columns: by the last header line with Time and CS, else by the request."""
    for line in reversed(lines):
        words = line.lstrip("# ").split()
        if (
            line.startswith("#")
            and len(words) > 2
            and words[0].lower().startswith("time")
            and words[1].upper() == "CS"
        ):
            return [word for word in words[2:] if word.upper() != "QD"]
    for line in lines:
        if line.startswith(GIRO_REQUESTED):
            return line.removeprefix(GIRO_REQUESTED).strip().split(",")
    raise ReadError(
        "no header line with the names of the columns", file=member.full_name, rule="# Time CS foEs QD ..."
    )


def _dataset(rows: list[list[str]], names: list[str], member: Member, context: Context) -> xr.Dataset:
    try:
        times = np.array([np.datetime64(row[0].rstrip("Z"), "ns") for row in rows])
        score = np.array([int(row[1]) for row in rows])
        values = np.array([[_number(text) for text in row[2::2]] for row in rows])
    except ValueError as error:
        raise ReadError("a row that is not a sounding", file=member.full_name, given=str(error)) from error
    least = float(context.option("least_confidence") or 0.0)
    bad = (score < least) & (score >= 0)
    values[bad] = np.nan
    context.decisions.record(
        "confidence",
        f"{int(bad.sum())} of {bad.size} soundings below {least:g} left out",
        f"CS 0 to 100, {_MANUAL} scaled by hand ({int((score == _MANUAL).sum())}), -1 unknown; 0 is bad, not good",
    )
    out = xr.Dataset(coords={"time": times}, attrs=context.site.attributes())
    for index, name in enumerate(names):
        for role, pattern in CHARACTERISTICS.items():
            if re.fullmatch(pattern, bare(name)):
                out[role] = ("time", values[:, index])
    return out


def _number(text: str) -> float:
    return np.nan if set(text) <= {"-"} else float(text)
