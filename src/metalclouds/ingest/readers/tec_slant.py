"""Tables of slant TEC along lines of sight: Madrigal's, and a receiver's position with elevation and azimuth."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import as_numbers, known
from metalclouds.ingest.remarks import REMARKS
from metalclouds.ingest.source import Member

# Column of a table for each quantity, by whole name; the first that is there counts.
_COLUMNS = {
    "slant_tec": r"los_tec|stec|slant_?tec|slant",
    "elevation": r"elm|el|ele|elev|elevation|gpselev",
    "azimuth": r"azm|az|azi|azimuth",
    "receiver_latitude": r"gdlatr|glat_?receiver|rec(eiver)?_?lat(itude)?|lat(itude)?_?rec(eiver)?|site_?lat",
    "receiver_longitude": r"gdlonr|glon_?receiver|rec(eiver)?_?lon(gitude)?|lon(gitude)?_?rec(eiver)?|site_?lon",
    "receiver": r"gps_site|receiver|rec|site|station|sta",
    "satellite": r"sat_id|satellite|sat|prn|sv",
    "constellation": r"gnss_type|constellation|system",
    "pierce_latitude": r"gdlat|glat|ipp_?lat|pierce_?lat(itude)?|lat",
    "pierce_longitude": r"glon|ipp_?lon|pierce_?lon(gitude)?|lon",
    "pierce_altitude": r"pierce_alt|ipp_?alt|alt",
    "stated_vertical_tec": r"tec|vtec|vertical_?tec",
    "unix_time": r"ut1_unix|unix(_?time)?|epoch",
}
_NEEDED = ("slant_tec", "elevation")


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Observations of one table, dim `observation`, in the order of the file.

    Returns
    -------
    Dataset
        `observation_time`, `receiver`, `satellite`, `slant_tec` (TECU), `elevation`, `azimuth` (deg, from north over
        east), `receiver_latitude`, `receiver_longitude`; and where the table states them `pierce_latitude`,
        `pierce_longitude`, `pierce_altitude`, `stated_vertical_tec`.

    Raises
    ------
    ReadError
        If a needed column is missing.
    """
    arrays = load(members[0])
    found = {role: _column(arrays, role, context) for role in _COLUMNS}
    missing = [role for role in _NEEDED if found[role] is None]
    if missing:
        raise ReadError(
            "columns of a slant TEC table are missing",
            file=members[0].full_name,
            rule=", ".join(missing),
            given=", ".join(arrays.values),
            remedy="options: {variables: {" + missing[0] + ": NAME}}",
        )
    length = arrays.values[str(found["slant_tec"])].size
    columns = {role: _values(arrays.values[name], role, context) for role, name in found.items() if name is not None}
    columns["observation_time"] = _times(arrays, found["unix_time"], length, context)
    columns["satellite"] = _satellites(columns.pop("satellite", None), columns.pop("constellation", None), length)
    columns.pop("unix_time", None)
    context.decisions.record(
        "columns", ", ".join(f"{role}={name}" for role, name in found.items() if name), "their names"
    )
    out = xr.Dataset({name: ("observation", value) for name, value in columns.items()})
    height = _shell_km(arrays, context)
    return out if height is None else out.assign_attrs(shell_km=height)


def _shell_km(arrays: Arrays, context: Context) -> float | None:
    """Height of the shell as the catalogue or a description gives it; None for that of the settings."""
    option = context.option("pierce_point_km")
    said = context.remark("shell", str(arrays.attributes_of_file.get("header", "")))
    match = REMARKS["shell"].search(said) if said else None
    if option is None and match is not None:
        context.decisions.record("shell", f"{match['km']} km", str(said))
        return float(match["km"])
    return None if option is None else float(option)


def _column(arrays: Arrays, role: str, context: Context) -> str | None:
    given = (context.options.get("variables") or {}).get(role)
    if given is not None:
        return str(given) if given in arrays.values else None
    for name in arrays.values:
        if re.fullmatch(_COLUMNS[role], _bare(name)):
            return name
    return None


def _bare(name: str) -> str:
    """A name in lower case without its unit: `STEC_TECU`, `elev (deg)`, `UT_h`."""
    plain = re.sub(r"[\[(].*?[\])]", "", name.split(".")[-1]).strip().lower()
    return re.sub(r"_(tecu|deg(rees?)?|hours?|h|km|m)$", "", plain)


def _values(values: np.ndarray, role: str, context: Context) -> np.ndarray:
    if role in ("receiver", "satellite", "constellation"):
        return np.char.strip(values.astype(str))
    return known(as_numbers(values), role, context)


def _times(arrays: Arrays, unix: str | None, length: int, context: Context) -> np.ndarray:
    if unix is not None:
        return time_axis(
            Arrays(arrays.kind, {unix: arrays.values[unix]}), unix, length, context, works_by_night=False
        )
    name = next((n for n in arrays.values if re.fullmatch(r"(date_?)?time|utc|ut|epoch|m?jdatet?", _bare(n))), None)
    return time_axis(arrays, name, length, context, works_by_night=False)


def _satellites(names: np.ndarray | None, constellation: np.ndarray | None, length: int) -> np.ndarray:
    """Satellites as G07, R24...: a number alone gets the letter of its constellation, G where none is stated."""
    if names is None:
        return np.full(length, "?")
    letters = {"GPS": "G", "GLONASS": "R", "GALILEO": "E", "BEIDOU": "C", "BDS": "C", "QZSS": "J"}
    kinds = np.full(names.shape, "GPS") if constellation is None else constellation
    pairs, inverse = np.unique(np.stack([names, kinds]), axis=1, return_inverse=True)
    labels = [
        f"{letters.get(kind.upper(), kind[:1])}{int(float(name)):02d}" if re.fullmatch(r"\d+(\.0*)?", name) else name
        for name, kind in pairs.T
    ]
    return np.array(labels)[inverse.ravel()]
