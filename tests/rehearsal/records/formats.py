"""Writers that give the same bytes on every run, headers as in the field."""

import io
import pathlib
import re
import zipfile

import h5py
import numpy as np
from scipy.io import savemat

MOMENT = (2025, 6, 19, 21, 4, 10)
STAMP = "Thu Jun 19 21:04:10 2025"


def save_mat5(path, variables):
    """MATLAB v5, compressed, with a header as MATLAB itself writes it."""
    savemat(path, variables, do_compression=True)
    text = f"MATLAB 5.0 MAT-file, Platform: PCWIN64, Created on: {STAMP}"
    with open(path, "r+b") as f:
        f.write(text.encode().ljust(116))


def save_mat73(path, variables):
    """MATLAB v7.3: HDF5 behind 512 bytes, arrays transposed.

    A str becomes a row of UTF-16 codes, as MATLAB stores char arrays.
    """
    with h5py.File(path, "w", userblock_size=512) as f:
        for name, value in variables.items():
            if isinstance(value, str):
                value = np.frombuffer(value.encode("utf-16-le"), "<u2")[None, :]
                kind = "char"
            else:
                value = np.atleast_2d(value)
                kind = "single" if value.dtype == np.float32 else "double"
            packed = value.size > 1000
            data = f.create_dataset(
                name,
                data=np.ascontiguousarray(value.T),
                chunks=True if packed else None,
                compression="gzip" if packed else None,
                compression_opts=3 if packed else None,
            )
            data.attrs["MATLAB_class"] = np.bytes_(kind)
            if kind == "char":
                data.attrs["MATLAB_int_decode"] = np.int32(2)
    text = f"MATLAB 7.3 MAT-file, Platform: PCWIN64, Created on: {STAMP} HDF5 schema 1.00 ."
    with open(path, "r+b") as f:
        f.write(text.encode().ljust(116) + bytes(8) + b"\x00\x02IM")


def zip_bytes(members, encoding="utf-8"):
    """A zip of [(name, bytes)].

    With another encoding than UTF-8 the names are stored in that code page
    without the UTF-8 flag, as old Windows programs do.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            if encoding != "utf-8":
                # zipfile writes names as cp437 where it can; smuggle the
                # bytes of the code page through it
                name = name.encode(encoding).decode("cp437")
            info = _Entry(name, MOMENT) if encoding != "utf-8" else zipfile.ZipInfo(name, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


class _Entry(zipfile.ZipInfo):
    """An entry whose name is written as its cp437 bytes, flag 11 unset."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def save_workbook(book, path):
    """Save an openpyxl workbook without the time of the run in it."""
    buffer = io.BytesIO()
    book.save(buffer)
    members = []
    with zipfile.ZipFile(buffer) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-06-19T13:04:10Z", data)
            members.append((name, data))
    pathlib.Path(path).write_bytes(zip_bytes(members))
