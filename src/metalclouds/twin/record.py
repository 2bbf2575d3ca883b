"""A record like a published one: archives with fixed bytes, and a listing per instrument as an API gives it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from metalclouds.io import replacing, write_json

EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every member: the earliest that the format knows, so that bytes do not depend on the clock."""

RECORD_NUMBER = "synthetic"


def md5(path: str | Path) -> str:
    """Hex md5 of a file's bytes, the checksum that public records give."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def write_zip(path: str | Path, members: Iterable[tuple[str, bytes]], *, deflate: bool = False) -> None:
    """Write a zip archive whole or not at all; same members, same bytes.

    Parameters
    ----------
    members
        name in the archive and content, in the order of writing.
    deflate
        compress (text); leave it off for content that is compressed already.
    """
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, date_time=EARLIEST_ZIP_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content, compress_type=method, compresslevel=6)


def manifest_entry(record_dir: str | Path, key: str) -> dict[str, object]:
    """Listing of one file: key, size, md5 and a link relative to the listing."""
    path = Path(record_dir) / key
    return {
        "key": key,
        "size": path.stat().st_size,
        "checksum": f"md5:{md5(path)}",
        "links": {"self": key},
    }


def write_manifest(record_dir: str | Path, instrument: str, title: str, keys: Sequence[str]) -> None:
    """Write `<record_dir>/<instrument>.json`, the listing of one instrument's files, after its files.

    Parameters
    ----------
    keys
        names of the files in `record_dir`; listed in sorted order.
    """
    listing = {
        "record": RECORD_NUMBER,
        "title": title,
        "synthetic": True,
        "files": [manifest_entry(record_dir, key) for key in sorted(keys)],
    }
    write_json(Path(record_dir) / f"{instrument}.json", listing)


MAT_HEADER = b"MATLAB 5.0 MAT-file, written by metalclouds".ljust(116)
"""Text at the head of a MAT file of version 5; scipy puts the time of writing there."""


def mat_bytes(variables: dict[str, object], *, compress: bool = True) -> bytes:
    """Content of a MAT file (version 5) with these variables; the same bytes for the same variables."""
    from scipy.io import savemat

    stream = io.BytesIO()
    savemat(stream, variables, do_compression=compress, oned_as="column")
    content = stream.getvalue()
    return MAT_HEADER + content[len(MAT_HEADER) :]
