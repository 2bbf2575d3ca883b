"""Files that are on disk already: the simulated record, and folders of somebody's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from metalclouds.errors import FetchError
from metalclouds.fetch.manifest import Manifest, RawFile, place, safe_key, verified
from metalclouds.files import read_json
from metalclouds.schema.documents import DamagedRawFile

RAW = Path("raw/files")


def fetch_record(record: Path, run_dir: Path, into: Path = RAW) -> Manifest:
    """Take a record like a published one (an API-style listing next to its files) into a run.

    Parameters
    ----------
    record
        JSON listing with `title`, `synthetic` and `files`: key, size, checksum "md5:<hex>", links.self relative
        to the listing.
    into
        folder of the files below `run_dir`.

    Returns
    -------
    Manifest
        Files that differ from their size or checksum are named in `damaged` and not used.

    Raises
    ------
    FetchError
        If the listing has another form.
    """
    listing = read_json(record)
    try:
        entries = [_entry(item) for item in listing["files"]]
        title, synthetic = str(listing["title"]), bool(listing["synthetic"])
    except (KeyError, TypeError, ValueError) as error:
        raise FetchError("not a listing of a record", file=record, given=repr(error)) from error
    return _take(entries, record.parent, run_dir, into, Manifest("twin", title, synthetic))


def _entry(item: dict) -> RawFile:
    kind, _, digest = str(item["checksum"]).partition(":")
    if kind != "md5":
        raise ValueError(f"checksum of kind {kind!r}, md5 expected")
    return RawFile(safe_key(item["key"]), int(item["size"]), digest, url=safe_key(item["links"]["self"]))


def _take(entries: list[RawFile], folder: Path, run_dir: Path, into: Path, manifest: Manifest) -> Manifest:
    files: list[RawFile] = []
    damaged: list[DamagedRawFile] = []
    for entry in entries:
        source, path = folder / entry.url, into / entry.key
        try:
            checked = verified(source, entry)
        except (FetchError, OSError) as error:
            damaged.append(DamagedRawFile(entry.key, _reason(error)))
            print(f"damaged, not used: {entry.key}: {_reason(error)}")
            continue
        place(source, run_dir / path)
        files.append(replace(checked, path=str(path)))
    return replace(manifest, files=tuple(files), damaged=tuple(damaged))


def fetch_folder(folder: Path, run_dir: Path, *, title: str, synthetic: bool) -> Manifest:
    """Take every file below a folder into a run, as links: nothing is copied, nothing of the folder is changed.

    Hidden files are left out.

    Returns
    -------
    Manifest
        Files that cannot be read, links to nowhere and names that are not UTF-8 are named in `damaged`.

    Raises
    ------
    FetchError
        If the folder is not there or holds no file.
    """
    if not folder.is_dir():
        raise FetchError(
            "the local folder is not there", file=folder, remedy="set fetch.local.folder in the configuration"
        )
    files: list[RawFile] = []
    damaged: list[DamagedRawFile] = []
    for source in _files_of(folder):
        key = source.relative_to(folder).as_posix()
        try:
            files.append(_link(source, key, run_dir))
        except (FetchError, OSError) as error:
            shown = key.encode(errors="surrogateescape").decode(errors="replace")
            damaged.append(DamagedRawFile(shown, _reason(error)))
            print(f"not used: {shown}: {_reason(error)}")
    if not files:
        raise FetchError("the local folder holds no file that can be read", file=folder)
    return Manifest("local", title, synthetic, tuple(files), tuple(damaged))


def _files_of(folder: Path) -> list[Path]:
    """Files and links to nowhere, in order; neither hidden ones nor pipes and devices."""
    shown = (path for path in folder.rglob("*") if not any(p.startswith(".") for p in path.relative_to(folder).parts))
    return sorted(path for path in shown if path.is_file() or (path.is_symlink() and not path.exists()))


def _link(source: Path, key: str, run_dir: Path) -> RawFile:
    path = RAW / safe_key(key)
    entry = verified(source, RawFile(key, source.stat().st_size))
    target = run_dir / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(source.resolve())
    return replace(entry, path=path.as_posix())


def _reason(error: FetchError | OSError) -> str:
    return error.problem if isinstance(error, FetchError) else f"cannot be read ({error.strerror})"
