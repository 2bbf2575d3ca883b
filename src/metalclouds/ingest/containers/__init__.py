"""Files as named arrays, whatever their format; the format is known by the first bytes, not by the name."""

from __future__ import annotations

from metalclouds.errors import ReadError
from metalclouds.ingest.containers.arrays import Arrays
from metalclouds.ingest.containers.days_and_hours import with_hours_across
from metalclouds.ingest.containers.mat import load_mat
from metalclouds.ingest.containers.netcdf import load_netcdf
from metalclouds.ingest.containers.table import load_text
from metalclouds.ingest.containers.workbook import load_xlsx
from metalclouds.ingest.faults import reporting
from metalclouds.ingest.source import UTF_16, Member

__all__ = ["Arrays", "kind_of", "load"]

_KINDS = {
    b"\x89HDF": "netcdf",
    b"CDF\x01": "netcdf",
    b"CDF\x02": "netcdf",
    b"CDF\x05": "netcdf",
    b"PK\x03\x04": "xlsx",
}

# Files that lie beside data and hold none that could be read.
_NO_DATA = {
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office document (save it as .xlsx)",
}


def kind_of(member: Member) -> str:
    """Format of a file by its opening bytes: netcdf, matlab, xlsx or text."""
    opening = member.opening(1024)
    if opening[:6] == b"MATLAB" or opening[512:516] == b"\x89HDF":
        return "matlab"
    return _KINDS.get(opening[:4], "text")


def load(member: Member) -> Arrays:
    """Named arrays of a file.

    Raises
    ------
    ReadError
        If the file is damaged or holds no numbers.
    """
    loaders = {"netcdf": load_netcdf, "matlab": load_mat, "xlsx": load_xlsx, "text": load_text}
    kind = kind_of(member)
    opening = member.opening()
    if not opening:
        raise ReadError("the file is empty", file=member.full_name)
    if kind == "text" and b"\0" in opening and opening[:2] not in UTF_16:
        what = next((words for magic, words in _NO_DATA.items() if opening.startswith(magic)), "a binary file")
        raise ReadError(f"{what}, not a format with data that is read", file=member.full_name)
    with reporting(f"the opening of {kind} files", member.full_name):
        arrays = loaders[kind](member).with_units_beside().with_dates_of_six()
        return with_hours_across(arrays, member.name) if kind in ("text", "xlsx") else arrays
