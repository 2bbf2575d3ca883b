"""SAOXML 5: scaled characteristics of each SAORecord; names and attributes as in the DTD of UMLCAR, release 5.0.1."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import LARGEST_LOSS, Context
from metalclouds.ingest.evidence.place import Stated, at_its_station, stated_in
from metalclouds.ingest.readers.columns import bare
from metalclouds.ingest.readers.ionosonde_table import CHARACTERISTICS, es_said
from metalclouds.ingest.readers.scaling import UNREAD, UNSAID, Scaled, scaled
from metalclouds.ingest.source import Member

# 2021-05-10T14:30:00.000Z, or with the day of the year between date and time.
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T|\s+(?:[-(]*\d{3}[-)]*\s+)?)(\d{2}:\d{2}:\d{2}(?:\.\d+)?)")
_UNITS = {"": 1.0, "mhz": 1.0, "km": 1.0, "khz": 1e-3, "hz": 1e-6, "m": 1e-3}


# Numbers of the URSI list of characteristics (Ionospheric Informatics Working Group; SAOXML's attribute ID); the name
# is optional.
_NUMBERS = {"00": "foF2", "04": "hF2", "30": "foEs", "32": "fbEs", "34": "hEs"}
Characteristics = dict[str, tuple[str, float]]


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Characteristics of all records of all files, dim `time`; UTC, MHz and km, NaN where a record has none.

    Returns
    -------
    Dataset
        dim time.

    Raises
    ------
    ReadError
        If a file is not XML, has no record, a record has no time, or its name and number disagree.
    """
    rows = [row for member in members for row in _records(member)]
    context = at_its_station(context, _station(members[0]), needed=False)
    context.decisions.record("clock", "UT", "StartTimeUTC of SAOXML")
    out = xr.Dataset(coords={"time": np.array([time for time, _ in rows])}, attrs=context.site.attributes())
    option = context.option("missing")
    given = None if option is None else np.atleast_1d(option).astype(float)
    for name in CHARACTERISTICS:
        found = [row.get(name, (_NOT_LISTED, 1.0)) for _, row in rows]
        cells = scaled(np.array([text for text, _ in found]), None, name, given)
        _refuse_unread(cells, name, context)
        out[name] = ("time", cells.values * np.array([factor for _, factor in found]))
        if name == "foEs":
            out["es_said"] = ("time", es_said(cells.states, None, context))
    return out


# A characteristic that a record does not list; scaled Es that is not there is the format's way to say none was seen.
_NOT_LISTED = "---"


def _refuse_unread(cells: Scaled, name: str, context: Context) -> None:
    unread = int((cells.states == UNREAD).sum())
    if unread > LARGEST_LOSS * max(int((cells.states != UNSAID).sum()), 1):
        raise ReadError(
            "not a value", file=context.file, where=f"URSI {name}", given=f"{unread} of {cells.states.size}"
        )
    if unread:
        context.decisions.record(f"{name} not read", unread, "Val is not a number")


def _records(member: Member) -> list[tuple[np.datetime64, Characteristics]]:
    try:
        root = ElementTree.fromstring(member.data())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ReadError("not an XML file", file=member.full_name, given=str(error)) from error
    for element in root.iter():
        element.tag = str(element.tag).rpartition("}")[2]
    records = [root] if root.tag == "SAORecord" else root.findall(".//SAORecord")
    if not records:
        raise ReadError("no SAORecord in the file", file=member.full_name, given=f"<{root.tag}>")
    return [(_time(record, member), _characteristics(record, member)) for record in records]


def _station(member: Member) -> Stated | None:
    """The station of the first record, from its attributes GeoLatitude and GeoLongitude."""
    root = ElementTree.fromstring(member.data())
    records = (element for element in root.iter() if str(element.tag).rpartition("}")[2] == "SAORecord")
    first = next(records, root)
    numbers = {name: first.get(f"Geo{name.capitalize()}", "") for name in ("latitude", "longitude")}
    return stated_in(Arrays("text", {}, attributes_of_file=numbers))


def _time(record: ElementTree.Element, member: Member) -> np.datetime64:
    text = record.get("StartTimeUTC", "")
    match = _TIME.search(text)
    if match is not None:
        with contextlib.suppress(ValueError):
            return np.datetime64(f"{match.group(1)}T{match.group(2)}", "ns")
    raise ReadError("a record without time", file=member.full_name, where="StartTimeUTC", given=text)


def _characteristics(record: ElementTree.Element, member: Member) -> Characteristics:
    """Role -> text of the value with its letters, and factor of its unit."""
    found: Characteristics = {}
    for entry in record.iter("URSI"):
        role = _role(entry, member)
        if role is not None:
            found[role] = _value(entry, member)
    return found


def _role(entry: ElementTree.Element, member: Member) -> str | None:
    """Which characteristic an entry is, by its number and by its name."""
    name, number = entry.get("Name", ""), entry.get("ID", "").strip()
    by_name = next((role for role, pattern in CHARACTERISTICS.items() if re.fullmatch(pattern, bare(name))), None)
    by_number = _NUMBERS.get(number.zfill(2)) if number else None
    if by_name and by_number and by_name != by_number:
        raise ReadError("name and number disagree", file=member.full_name, where=f"URSI {number}", given=name)
    # A number that is another characteristic's is not overruled by a name of a variant.
    return by_number or by_name


def _value(entry: ElementTree.Element, member: Member) -> tuple[str, float]:
    text, units = entry.get("Val", "").strip(), entry.get("Units", "").strip().lower()
    if units not in _UNITS:
        where = f"URSI {entry.get('Name') or entry.get('ID')}"
        raise ReadError("not a value", file=member.full_name, where=where, given=f"{text} {units}")
    letters = (entry.get("QL", "") + entry.get("DL", "")).replace("/", "").replace(" ", "")
    return f"{text}{letters}", _UNITS[units]
