"""SAOXML 5: scaled characteristics of each SAORecord; names and attributes as in the DTD of UMLCAR, release 5.0.1."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.readers.ionosonde_table import CHARACTERISTICS, without_missing
from metalclouds.ingest.source import Member

# 2021-05-10T14:30:00.000Z, or with the day of the year between date and time.
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T|\s+(?:[-(]*\d{3}[-)]*\s+)?)(\d{2}:\d{2}:\d{2}(?:\.\d+)?)")
_UNITS = {"": 1.0, "mhz": 1.0, "km": 1.0, "khz": 1e-3, "hz": 1e-6, "m": 1e-3}


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Characteristics of all records of all files, dim `time`; UTC, MHz and km, NaN where a record has none.

    Raises
    ------
    ReadError
        If a file is not XML, has no record, or a record has no time.
    """
    rows = [row for member in members for row in _records(member)]
    context.decisions.record("clock", "UT", "StartTimeUTC of SAOXML")
    out = xr.Dataset(coords={"time": np.array([time for time, _ in rows])})
    for name in CHARACTERISTICS:
        values = np.array([found.get(name, np.nan) for _, found in rows])
        out[name] = ("time", without_missing(values, name, context))
    return out


def _records(member: Member) -> list[tuple[np.datetime64, dict[str, float]]]:
    try:
        root = ElementTree.fromstring(member.data())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ReadError("not an XML file", file=member.full_name, given=str(error)) from error
    records = [root] if root.tag == "SAORecord" else root.findall(".//SAORecord")
    if not records:
        raise ReadError("no SAORecord in the file", file=member.full_name, given=f"<{root.tag}>")
    return [(_time(record, member), _characteristics(record, member)) for record in records]


def _time(record: ElementTree.Element, member: Member) -> np.datetime64:
    text = record.get("StartTimeUTC", "")
    match = _TIME.search(text)
    if match is not None:
        with contextlib.suppress(ValueError):
            return np.datetime64(f"{match.group(1)}T{match.group(2)}", "ns")
    raise ReadError("a record without time", file=member.full_name, where="StartTimeUTC", given=text)


def _characteristics(record: ElementTree.Element, member: Member) -> dict[str, float]:
    found: dict[str, float] = {}
    for entry in record.iter("URSI"):
        name = bare(entry.get("Name", ""))
        role = next((role for role, pattern in CHARACTERISTICS.items() if re.fullmatch(pattern, name)), None)
        if role is not None:
            found[role] = _value(entry, member)
    return found


def _value(entry: ElementTree.Element, member: Member) -> float:
    text, units = entry.get("Val", ""), entry.get("Units", "").lower()
    try:
        return float(text) * _UNITS[units]
    except (ValueError, KeyError) as error:
        where = f"URSI {entry.get('Name')}"
        raise ReadError("not a value", file=member.full_name, where=where, given=f"{text} {units}") from error
