"""Winds that a source gives by component: `Mw` meridional, `Zw` zonal, and the like, in MATLAB files and columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.containers import load
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.readers.columns import find, numbers
from metalclouds.ingest.readers.fpi_looks import _known, _wavelength
from metalclouds.ingest.source import Member

_COLUMNS = {
    "northward_wind": r"mw|meridional(_?wind)?|northward(_?wind)?|v_?north|vn2|mer(_?wind)?",
    "eastward_wind": r"zw|zonal(_?wind)?|eastward(_?wind)?|v_?east|vn1|zon(_?wind)?",
    "northward_wind_error": r"dmw|meridional_?(wind_?)?(error|sigma)|northward_wind_error|dvn2",
    "eastward_wind_error": r"dzw|zonal_?(wind_?)?(error|sigma)|eastward_wind_error|dvn1",
    "wavelength": r"wavlen|wavelength|wvlen",
    "flag": r"flag|wind_?flag|quality",
    "altitude": r"alt|altitude|height",
    "clock": r"ut|utc|ut_?hours?|time",
    "local_clock": r"lt",
}


def read(members: Sequence[Member], context: Context) -> xr.Dataset:
    """Winds of one file, dim `sample`: `sample_time` (UTC), components and errors in m s-1, `wavelength`, `quality`.

    Raises
    ------
    ReadError
        If a component is missing.
    """
    arrays = load(members[0])
    found = find(arrays, _COLUMNS, context)
    if "northward_wind" not in found or "eastward_wind" not in found:
        raise ReadError(
            "a component of the wind is missing",
            file=members[0].full_name,
            given=", ".join(arrays.values),
            remedy="options: {variables: {northward_wind: NAME, eastward_wind: NAME}}",
        )
    length = arrays.values[found["eastward_wind"]].size
    clock = found.get("clock") or found.get("local_clock")
    columns = {role: numbers(arrays, name) for role, name in found.items() if "clock" not in role}
    empty = np.full(length, np.nan)
    out = {name: _known(columns.get(name, empty)) for name in list(_COLUMNS)[:4]}
    out["sample_time"] = time_axis(arrays, clock, length, context, works_by_night=True)
    out["wavelength"] = np.broadcast_to(_wavelength(columns, length, members[0], context), (length,))
    out["emission_altitude"] = np.broadcast_to(columns.get("altitude", empty), (length,))
    good = float(context.option("good_flag") or 0.0)
    out["quality"] = np.where(columns.get("flag", np.full(length, good)) == good, 0.0, 2.0)
    context.decisions.record(
        "wind", ", ".join(f"{role}={name}" for role, name in found.items()), "names of the columns"
    )
    return xr.Dataset({name: ("sample", np.asarray(value)) for name, value in out.items()})
