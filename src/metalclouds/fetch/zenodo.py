"""The record of the paper, through Zenodo's public API."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.folder import RAW
from metalclouds.fetch.http import Client
from metalclouds.fetch.manifest import Entry, Manifest
from metalclouds.fetch.progress import Progress
from metalclouds.fetch.settings import FetchSettings

# Metadata of the record that the page shows and a citation needs.
KEPT_METADATA = (
    "title",
    "doi",
    "publication_date",
    "version",
    "license",
    "creators",
    "description",
    "access_right",
)


def listing(client: Client, settings: FetchSettings) -> Manifest:
    """What the API says of the record: its metadata and its files with size, md5 and address.

    Raises
    ------
    FetchError
        If the answer has another form, or the record lists no file.
    """
    zenodo = settings.zenodo
    url = f"{zenodo.base_url}/api/records/{zenodo.record}"
    answer = client.json(url)
    try:
        entries = tuple(_entry(item) for item in answer["files"])
        metadata = answer["metadata"]
    except (KeyError, TypeError, ValueError) as error:
        raise FetchError("the record's listing has an unknown form", file=url, given=repr(error)) from error
    if not entries:
        raise FetchError("the record lists no files", file=url, remedy="is access to the record restricted?")
    kept = {name: metadata[name] for name in KEPT_METADATA if name in metadata}
    return Manifest(
        "zenodo",
        str(metadata.get("title", f"Zenodo record {zenodo.record}")),
        False,
        entries,
        record={"id": int(answer.get("id", zenodo.record)), "doi": answer.get("doi", ""), "metadata": kept},
    )


def _entry(item: dict) -> Entry:
    kind, _, digest = str(item["checksum"]).partition(":")
    if kind != "md5" or len(digest) != 32:
        raise ValueError(f"checksum {item['checksum']!r}, md5:<hex> expected")
    return Entry(manifests.safe_key(item["key"]), int(item["size"]), digest, url=str(item["links"]["self"]))


def newer_version(client: Client, settings: FetchSettings) -> str | None:
    """A sentence if the record has a newer version; the pinned one is used all the same."""
    zenodo = settings.zenodo
    try:
        latest = client.json(f"{zenodo.base_url}/api/records/{zenodo.record}/versions/latest")
    except FetchError:
        return None
    if str(latest.get("id", zenodo.record)) == str(zenodo.record):
        return None
    return f"record {zenodo.record} is pinned; a newer version, {latest['id']}, exists (fetch.zenodo.record)"


def fetch_zenodo(settings: FetchSettings, run_dir: Path, client: Client | None = None) -> Manifest:
    """Bring the whole record into the cache, verified, and link it into the run.

    With a manifest (committed, or left in the cache by an earlier run) and all files in place, no socket is opened.

    Raises
    ------
    FetchError
        If the record cannot be reached, or the disk is too small. Files whose checksum stays wrong are named in
        `damaged` and the rest goes on.
    """
    cache = Path(settings.cache) / f"zenodo-{settings.zenodo.record}"
    client = client or Client(settings, os.environ.get(settings.zenodo.token_variable))
    known = _known(settings, cache)
    if known is not None:
        known = replace(known, files=tuple(replace(e, url=_address(e.url, settings)) for e in known.files))
    if known is None:
        known = listing(client, settings)
        if notice := newer_version(client, settings):
            print(notice)
        known.write(cache / "manifest.json")
    files, damaged = _complete(known, cache, client, settings)
    complete = replace(known, files=tuple(files))
    # What was learnt (sha256) is kept for the next run, which can then verify without asking.
    replace(complete, files=tuple(files) + tuple(e for e in known.files if e.key in damaged)).write(
        cache / "manifest.json"
    )
    for entry in files:
        manifests.place(cache / entry.key, run_dir / RAW / entry.key)
    linked = tuple(replace(entry, path=str(RAW / entry.key)) for entry in files)
    reasons = tuple({"key": key, "reason": reason} for key, reason in sorted(damaged.items()))
    return replace(complete, files=linked, damaged=reasons)


def _known(settings: FetchSettings, cache: Path) -> Manifest | None:
    """The manifest to verify against, if there is one of this version of the record."""
    for path in (Path(settings.zenodo.manifest), cache / "manifest.json"):
        if path.is_file() and (known := manifests.read(path)).record.get("id") == settings.zenodo.record:
            return known
    return None


def _address(url: str, settings: FetchSettings) -> str:
    """The address of a file at the provider of the settings, which may be another one than at the first contact."""
    path = url.partition("/api/")[2]
    return f"{settings.zenodo.base_url}/api/{path}" if path else url


def _complete(
    known: Manifest, cache: Path, client: Client, settings: FetchSettings
) -> tuple[list[Entry], dict[str, str]]:
    """Verified entries in the order of the manifest, and the reasons of those that stay damaged."""
    done: dict[str, Entry] = {}
    wanted: list[Entry] = []
    for entry in known.files:
        try:
            done[entry.key] = manifests.verified(cache / entry.key, entry)
        except (FetchError, FileNotFoundError):
            wanted.append(entry)
    damaged: dict[str, str] = {}
    if wanted:
        _check_space(wanted, cache)
        progress = Progress({e.key: e.size for e in wanted}, {e.key: _partial(cache, e) for e in wanted})
        fetched = _download_all(wanted, cache, client, settings, progress)
        done.update({e.key: e for e in fetched if isinstance(e, Entry)})
        damaged = dict(e for e in fetched if not isinstance(e, Entry))
    return [done[e.key] for e in known.files if e.key in done], damaged


def _download_all(
    wanted: list[Entry], cache: Path, client: Client, settings: FetchSettings, progress: Progress
) -> list[Entry | tuple[str, str]]:
    def one(entry: Entry) -> Entry | tuple[str, str]:
        try:
            return client.download(entry, cache / entry.key, progress)
        except FetchError as error:
            if "differs from the record" not in error.problem and "where data are expected" not in error.problem:
                raise
            print(f"damaged, not used: {entry.key}\n{error}", flush=True)
            return entry.key, error.problem

    with ThreadPoolExecutor(settings.connections) as pool:
        return list(pool.map(one, wanted))


def _partial(cache: Path, entry: Entry) -> int:
    part = cache / f"{entry.key}.part"
    return part.stat().st_size if part.exists() else 0


def _check_space(wanted: list[Entry], cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    needed = sum(entry.size - min(_partial(cache, entry), entry.size) for entry in wanted)
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise FetchError(
            "the disk is too small for the record",
            file=cache,
            rule=f"{needed / 1e9:.2f} GB needed",
            given=f"{free / 1e9:.2f} GB free",
            remedy="set fetch.cache to a larger disk",
        )
