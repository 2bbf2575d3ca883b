"""The record of the paper, through Zenodo's public API."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue

from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.cache import Cache
from metalclouds.fetch.download import Download, PageInstead
from metalclouds.fetch.folder import RAW
from metalclouds.fetch.http import Client
from metalclouds.fetch.manifest import DamagedError, Manifest, RawFile
from metalclouds.fetch.progress import DownloadProgress
from metalclouds.fetch.settings import FetchSettings
from metalclouds.schema.documents import DamagedRawFile, RecordReference

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
MD5 = re.compile("(md5:)?[0-9a-f]{32}")
# Links of a file, the one that surely leads to its content first: in some forms of the API `self` describes it.
CONTENT_LINKS = ("content", "download", "self")


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
    metadata = answer.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    if not answer.get("files"):
        raise FetchError(
            "the record lists no files: is it restricted or embargoed?", file=url,
            given=f"access: {metadata.get('access_right', 'not said')}",
            remedy=f"if you have access, put a token into the environment variable {zenodo.token_variable}",
        )  # fmt: skip
    try:
        entries = tuple(_entry(item) for item in answer["files"])
        record = RecordReference(int(answer.get("id", zenodo.record)), str(answer.get("doi", "")), _kept(metadata))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise FetchError("the record's listing has an unknown form", file=url, given=repr(error)) from error
    title = str(metadata.get("title", f"Zenodo record {zenodo.record}"))
    return Manifest("zenodo", title, False, entries, record=record)


def _kept(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: metadata[name] for name in KEPT_METADATA if name in metadata}


def _entry(item: dict) -> RawFile:
    """One file of a listing; older forms of the API have `filename`, `filesize` and an md5 without its name."""
    checksum = str(item["checksum"]).lower()
    if not MD5.fullmatch(checksum):
        raise ValueError(f"checksum {checksum[:80]!r}, md5:<hex> expected")
    links = {name: item["links"][name] for name in CONTENT_LINKS if name in item["links"]}
    url = str(links[next(iter(links), "self")])
    key = item["key"] if "key" in item else item["filename"]
    size = item["size"] if "size" in item else item["filesize"]
    return RawFile(key, int(size), checksum.removeprefix("md5:"), url=url)


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
        If the record cannot be reached, web pages come in place of files, or the disk is too small. Files whose
        checksum stays wrong are named in `damaged` and the rest goes on.
    """
    cache = Cache(Path(settings.cache) / f"zenodo-{settings.zenodo.record}")
    client = client or Client(settings, os.environ.get(settings.zenodo.token_variable))
    known = _known(settings, cache)
    if known is not None:
        known = replace(known, files=tuple(replace(e, url=_address(e.url, settings)) for e in known.files))
    else:
        known = listing(client, settings)
        if notice := newer_version(client, settings):
            print(notice)
        known.write(cache.manifest)
    files, damaged = _complete(known, cache, client, settings)
    _remember(known, files, cache)
    for entry in files:
        manifests.place(cache.file(entry.key), run_dir / RAW / entry.key)
    linked = tuple(replace(entry, path=str(RAW / entry.key)) for entry in files)
    reasons = tuple(DamagedRawFile(key, reason) for key, reason in sorted(damaged.items()))
    return replace(known, files=linked, damaged=reasons)


def _remember(known: Manifest, files: list[RawFile], cache: Cache) -> None:
    """Keep the sha256 of what came, so that the next run can verify without asking; a full cache is not written."""
    learnt = {entry.key: entry for entry in files}
    updated = replace(known, files=tuple(learnt.get(entry.key, entry) for entry in known.files))
    if updated != known or not cache.manifest.is_file():
        with contextlib.suppress(PermissionError):
            updated.write(cache.manifest)


def _known(settings: FetchSettings, cache: Cache) -> Manifest | None:
    """The manifest to verify against, if there is one of this version of the record."""
    for path in (Path(settings.zenodo.manifest), cache.manifest):
        if path.is_file() and (known := manifests.read(path)).record.id == settings.zenodo.record:
            return known
    return None


def _address(url: str, settings: FetchSettings) -> str:
    """The address of a file at the provider of the settings, which may be another one than at the first contact."""
    path = url.partition("/api/")[2]
    return f"{settings.zenodo.base_url}/api/{path}" if path else url


def _complete(
    known: Manifest, cache: Cache, client: Client, settings: FetchSettings
) -> tuple[list[RawFile], dict[str, str]]:
    """Verified entries in the order of the manifest, and the reasons of those that stay damaged."""
    done: dict[str, RawFile] = {}
    wanted: list[RawFile] = []
    for entry in known.files:
        try:
            done[entry.key] = manifests.verified(cache.file(entry.key), entry)
        except (FetchError, OSError):
            wanted.append(entry)
    damaged: dict[str, str] = {}
    if wanted:
        _check_space(wanted, cache)
        progress = DownloadProgress({e.key: e.size for e in wanted}, {e.key: cache.arrived(e.key) for e in wanted})
        download = Download(client, cache, progress, settings.attempts)
        fetched, damaged = _download_all(wanted, download, settings.connections)
        done.update({entry.key: entry for entry in fetched})
    return [done[e.key] for e in known.files if e.key in done], damaged


def _download_all(
    wanted: list[RawFile], download: Download, connections: int
) -> tuple[list[RawFile], dict[str, str]]:
    """What could be brought, and the reasons of what is damaged.

    Raises
    ------
    PageInstead
        At the end, where web pages came in place of files: the others are in the cache.
    """

    def one(entry: RawFile) -> RawFile | FetchError:
        try:
            return download.bring(entry)
        except (DamagedError, PageInstead) as error:
            print(f"not used: {entry.key}\n{error}", flush=True)
            return error

    with ThreadPoolExecutor(connections) as pool:
        results = list(zip(wanted, pool.map(one, wanted), strict=True))
    pages = [result for _, result in results if isinstance(result, PageInstead)]
    if pages:
        raise PageInstead(
            f"a page came in place of {len(pages)} of {len(wanted)} files: {pages[0].problem}",
            file=pages[0].file, where=pages[0].where, given=pages[0].given,
            remedy="is it a login page? Open the address in a browser, then run again: what arrived stays",
        )  # fmt: skip
    damaged = {entry.key: result.problem for entry, result in results if isinstance(result, DamagedError)}
    return [result for _, result in results if isinstance(result, RawFile)], damaged


def _check_space(wanted: list[RawFile], cache: Cache) -> None:
    cache.folder.mkdir(parents=True, exist_ok=True)
    needed = sum(entry.size - min(cache.arrived(entry.key), entry.size) for entry in wanted)
    free = shutil.disk_usage(cache.folder).free
    if needed > free:
        raise FetchError(
            "the disk is too small for the record",
            file=cache.folder,
            rule=f"{needed / 1e9:.2f} GB needed",
            given=f"{free / 1e9:.2f} GB free",
            remedy="set fetch.cache to a larger disk",
        )
