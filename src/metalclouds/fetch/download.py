"""Bring one file of a record: resumed where it stopped, never longer than listed, verified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import requests

from metalclouds.errors import FetchError
from metalclouds.fetch.cache import Cache
from metalclouds.fetch.http import BLOCK, READ_FOR_SHOWN, Client, Retry, blocks
from metalclouds.fetch.manifest import DamagedError, RawFile, verified
from metalclouds.fetch.progress import DownloadProgress

PAGES = ("text/html", "application/json", "application/xhtml")
"""Content types of what a provider, a proxy or a hotel's network sends in place of a file."""


class PageInstead(FetchError):
    """A web page or a message came where a file was asked for."""


@dataclass(frozen=True)
class Download:
    """Brings files into a cache.

    Parameters
    ----------
    attempts
        tries in a row without progress before giving up.
    """

    client: Client
    cache: Cache
    progress: DownloadProgress
    attempts: int

    def bring(self, entry: RawFile) -> RawFile:
        """The entry with its checksums, once the file is in the cache, whole and verified.

        Raises
        ------
        DamagedError
            If, twice in a row, the file is not what the record says.
        PageInstead
            If a web page came in its place.
        FetchError
            If the file cannot be had or written.
        """
        try:
            with self.cache.writing(entry.key) as part:
                return self._already(entry) or self._bring(entry, part)
        except OSError as error:
            raise FetchError(
                f"cannot be written ({error.strerror or error})", file=self.cache.file(entry.key),
                remedy="make room or set fetch.cache to another folder, then run again: what arrived stays",
            ) from error  # fmt: skip

    def _already(self, entry: RawFile) -> RawFile | None:
        """The entry, if another run brought the file while this one waited."""
        try:
            return verified(self.cache.file(entry.key), entry)
        except (DamagedError, FileNotFoundError):
            return None

    def _bring(self, entry: RawFile, part: Path) -> RawFile:
        for last in (False, True):
            kind = self._fill(entry, part)
            try:
                checked = verified(part, entry)
            except DamagedError as error:
                page = self._refused(kind, entry, part)
                part.unlink()
                self.progress.restart(entry.key)
                if last:
                    raise page or error from None
                continue
            target = self.cache.file(entry.key)
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
            return checked
        raise AssertionError("unreachable")

    def _fill(self, entry: RawFile, part: Path) -> str:
        """Grow the partial file until it has its size; the content type of the last answer.

        A try that brought a block or more resets the count of failures.
        """
        failures, kind = 0, ""
        part.touch()
        while (have := part.stat().st_size) != entry.size:
            if have > entry.size:
                part.write_bytes(b"")
                continue
            try:
                kind = self._append(entry, part, have)
            except Retry as trouble:
                failures = 0 if part.stat().st_size >= have + BLOCK else failures + 1
                if failures >= self.attempts:
                    raise _gave_up(trouble, entry, failures) from trouble
                self.client.pause(trouble, failures, entry.key)
        return kind

    def _append(self, entry: RawFile, part: Path, have: int) -> str:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self.client.once(entry.url, headers, accepted=(416,)) as response:
            kind = _kind(response, entry)
            resumed = response.status_code == 206 and _begins_at(response, have)
            if response.status_code == 416 or (response.status_code == 206 and not resumed):
                self._forget(entry, part)
                raise Retry("the server does not have the rest of it: from the start")
            wanted = entry.size - have if resumed else entry.size
            # What calls itself a page may be the file all the same, if its length is right.
            if kind in PAGES and response.headers.get("Content-Length") != str(wanted):
                raise _page(kind, entry, self.client.shown(response))
            if have and not resumed:
                self._forget(entry, part)
            self._take(response, entry, part, wanted)
        return kind

    def _take(self, response: requests.Response, entry: RawFile, part: Path, wanted: int) -> None:
        """Write the body behind what is there, up to the listed size."""
        come = 0
        try:
            with open(part, "ab") as stream:
                for block in blocks(response, wanted):
                    stream.write(block[: wanted - come])
                    come += len(block)
                    self.progress.advance(entry.key, len(block))
        except requests.RequestException as error:
            raise Retry(f"connection lost ({type(error).__name__})") from error
        if come > wanted:
            self._forget(entry, part)
            raise Retry(f"the body is longer than the record says ({entry.size} bytes)", damaged=True)
        if come < wanted:
            raise Retry("the body ended early")

    def _refused(self, kind: str, entry: RawFile, part: Path) -> PageInstead | None:
        """What to say of a body of the right length and the wrong checksum that calls itself a page."""
        if kind not in PAGES:
            return None
        with open(part, "rb") as stream:
            return _page(kind, entry, self.client.beginning(stream.read(READ_FOR_SHOWN)))

    def _forget(self, entry: RawFile, part: Path) -> None:
        part.write_bytes(b"")
        self.progress.restart(entry.key)


def _gave_up(trouble: Retry, entry: RawFile, failures: int) -> FetchError:
    if trouble.damaged:
        return DamagedError(str(trouble), file=entry.key, where=entry.url)
    return FetchError(
        f"no progress in {failures} tries: {trouble}", file=entry.key, where=entry.url,
        remedy="run again: it goes on where it stopped",
    )  # fmt: skip


def _begins_at(response: requests.Response, have: int) -> bool:
    return bool(have) and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _kind(response: requests.Response, entry: RawFile) -> str:
    """Content type of an answer; "" where the file itself may be a page or a message."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    return "" if entry.key.lower().endswith((".json", ".html", ".htm", ".xml", ".geojson")) else kind


def _page(kind: str, entry: RawFile, begins: str) -> PageInstead:
    where = entry.url.split("?")[0]
    return PageInstead(f"{kind} where data are expected", file=entry.key, where=where, given=begins)
