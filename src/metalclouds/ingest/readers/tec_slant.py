"""Tables of slant TEC along lines of sight: Madrigal's, and a receiver's position with elevation and azimuth."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from metalclouds.ingest.containers import Arrays, load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.said import Statement, statements
from metalclouds.ingest.evidence.shell import shell_km
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import as_numbers, bare, known
from metalclouds.ingest.readers.tec_unit import in_tecu
from metalclouds.ingest.source import Member

# Column of a table for each quantity, by whole name; the first that is there counts.
_COLUMNS = {
    "slant_tec": r"los_tec|stec|slant_?tec|slant",
    "elevation": r"elm|el|ele|elev|elevation|gpselev|仰角",
    "azimuth": r"azm|az|azim?|azimuth|方位角",
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
# What a name that is not known may look like.
_LIKE = {"slant_tec": "stec|slant|los|斜", "elevation": "el|仰角"}


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
    UndecidedError
        If a needed column is missing.
    """
    arrays = load(members[0])
    found = {role: _column(arrays, role, context) for role in _COLUMNS}
    missing = [role for role in _NEEDED if found[role] is None]
    if missing:
        like = {role: [n for n in arrays.values if re.search(_LIKE[role], n, re.I)] for role in missing}
        roles = {role: names[0] if len(names) == 1 else "NAME" for role, names in like.items()}
        raise context.undecided(
            "columns of a slant TEC table are missing",
            seen=f"no {' and no '.join(missing)} among {', '.join(arrays.values)}",
            lines=({"variables": roles},),
        )
    length = arrays.values[str(found["slant_tec"])].size
    columns = {role: _values(arrays.values[name], role, context) for role, name in found.items() if name is not None}
    for role in columns.keys() & {"slant_tec", "stated_vertical_tec"}:
        columns[role] = in_tecu(columns[role], arrays, str(found[role]), role, statements(arrays, context), context)
    columns["observation_time"] = _times(arrays, found["unix_time"], length, context)
    columns["satellite"] = _satellites(columns.pop("satellite", None), columns.pop("constellation", None), length)
    columns.pop("unix_time", None)
    context.decisions.record(
        "columns", ", ".join(f"{role}={name}" for role, name in found.items() if name), "their names"
    )
    out = xr.Dataset({name: ("observation", value) for name, value in columns.items()})
    height = _shell_km(arrays, columns, context)
    return out if height is None else out.assign_attrs(shell_km=height)


_RECEIVER = {"receiver_latitude", "receiver_longitude", "azimuth"}


def _shell_km(arrays: Arrays, columns: Mapping[str, np.ndarray], context: Context) -> float | None:
    """Height of the shell as the catalogue gives it, or of pierce points without receivers as the source does; None
    for that of the settings.
    """
    if columns.keys() >= _RECEIVER and context.options.get("pierce_point_km") is None:
        return None
    said = statements(arrays, context)
    if "pierce_altitude" in columns and np.isfinite(columns["pierce_altitude"]).any():
        middle = float(np.nanmedian(columns["pierce_altitude"]))
        said.append(Statement(f"pierce altitude: {middle:g} km", "column of the pierce points' altitude"))
    height = shell_km(said, context)
    if height is None:
        context.decisions.record("shell", "that of the settings", "the height of the pierce points is not stated")
    return height


def _column(arrays: Arrays, role: str, context: Context) -> str | None:
    given = (context.options.get("variables") or {}).get(role)
    if given is not None:
        return str(given) if given in arrays.values else None
    for name in arrays.values:
        if re.fullmatch(_COLUMNS[role], bare(name)):
            return name
    return None


def _values(values: np.ndarray, role: str, context: Context) -> np.ndarray:
    if role in ("receiver", "satellite", "constellation"):
        return np.char.strip(values.astype(str))
    return known(as_numbers(values), role, context)


def _times(arrays: Arrays, unix: str | None, length: int, context: Context) -> np.ndarray:
    if unix is not None:
        return time_axis(
            Arrays(arrays.kind, {unix: arrays.values[unix]}), unix, length, context, works_by_night=False
        )
    name = next(
        (n for n in arrays.values if re.fullmatch(r"(date_?)?time|utc?(_?h(ours?)?)?|epoch|m?jdatet?", n.lower())),
        None,
    )
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
