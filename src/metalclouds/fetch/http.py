"""Polite, patient, resumable HTTP: rate limits are waited for, broken downloads go on where they stopped."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from pathlib import Path

import requests

from metalclouds import __version__
from metalclouds.errors import FetchError
from metalclouds.fetch.manifest import Entry, verified
from metalclouds.fetch.progress import Progress
from metalclouds.fetch.settings import FetchSettings

# Default agents of Python clients have been blocked by Zenodo; it asks for tool/version (url).
USER_AGENT = f"metalclouds/{__version__} (https://doi.org/10.5194/egusphere-2026-2356)"
# Small, so that little is lost with a connection: what came of a block before the break is not kept.
BLOCK = 1 << 14
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
NOT_DATA = ("text/html", "application/json", "application/xhtml")


class Retry(Exception):
    """A try that may go better later."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class Client:
    """Requests to one provider.

    Parameters
    ----------
    settings
        pauses, tries, time-out and proxy.
    token
        sent as a bearer token to the host of each request's own URL only; never printed.
    sleep
        replaced in tests.
    """

    def __init__(
        self, settings: FetchSettings, token: str | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._settings, self._sleep = settings, sleep
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        if settings.proxy:
            self._session.proxies = {"http": settings.proxy, "https": settings.proxy}

    def get(self, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        """One answer with status below 400, its body not read yet; waits and tries again where that can help.

        Raises
        ------
        FetchError
            After the last try, or at once on an answer that waiting does not mend (404, 403, ...).
        """
        return self._patiently(url, lambda: self._once(url, headers or {}))

    def json(self, url: str) -> dict:
        """The JSON object at a URL.

        Raises
        ------
        FetchError
            If the answer is not a JSON object; its beginning is shown.
        """
        with self.get(url, {"Accept": "application/json"}) as response:
            try:
                content = response.json()
            except ValueError as error:
                raise FetchError("JSON expected", file=url, given=response.text[:200]) from error
        if not isinstance(content, dict):
            raise FetchError("a JSON object expected", file=url, given=str(content)[:200])
        return content

    def download(self, entry: Entry, target: Path, progress: Progress) -> Entry:
        """Bring one file, going on with `<target>.part` if it is there; size, md5 and sha256 are checked.

        Raises
        ------
        FetchError
            If the file cannot be had or, twice in a row, is not what the record says.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        for last in (False, True):
            self._fill(entry, part, progress)
            try:
                checked = verified(part, entry)
            except FetchError:
                part.unlink()
                progress.restart(entry.key)
                if last:
                    raise
                continue
            part.replace(target)
            return checked
        raise AssertionError("unreachable")

    def _fill(self, entry: Entry, part: Path, progress: Progress) -> None:
        """Grow the partial file until it has its size; progress of any length resets the count of tries."""
        failures = 0
        while (have := _size(part)) != entry.size:
            if have > entry.size:
                part.unlink()
                continue
            try:
                self._append(entry, part, have, progress)
            except Retry as trouble:
                failures = 0 if _size(part) > have else failures + 1
                if failures >= self._settings.attempts:
                    raise FetchError(
                        f"no progress in {failures} tries: {trouble}",
                        file=entry.key,
                        where=entry.url,
                        remedy="run again: it goes on where it stopped",
                    ) from trouble
                self._wait(self._pause(trouble, failures), f"{entry.key}: {trouble}")
        if not entry.size:
            part.touch()

    def _append(self, entry: Entry, part: Path, have: int, progress: Progress) -> None:
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._once(entry.url, headers) as response:
            _refuse_other_than_data(response, entry)
            resumed = response.status_code == 206 and response.headers.get("Content-Range", "").startswith(
                f"bytes {have}-"
            )
            if have and not resumed:
                progress.restart(entry.key)
            try:
                with open(part, "ab" if resumed else "wb") as stream:
                    for block in response.iter_content(BLOCK):
                        stream.write(block)
                        progress.advance(entry.key, len(block))
            except requests.RequestException as error:
                raise Retry(f"connection lost ({type(error).__name__})") from error
        if _size(part) < entry.size:
            raise Retry("the body ended early")

    def _once(self, url: str, headers: dict[str, str]) -> requests.Response:
        try:
            response = self._session.get(url, headers=headers, stream=True, timeout=self._settings.timeout_s)
        except requests.RequestException as error:
            raise Retry(f"no connection ({type(error).__name__})") from error
        if response.status_code in RETRIED:
            response.close()
            raise Retry(f"HTTP {response.status_code}", _asked_wait(response))
        if response.status_code >= 400:
            begin = response.text[:200]
            response.close()
            raise FetchError(f"HTTP {response.status_code}", file=url, given=begin)
        return response

    def _patiently(self, url: str, act: Callable[[], requests.Response]) -> requests.Response:
        for failures in range(self._settings.attempts):
            try:
                return act()
            except Retry as error:
                trouble = error
            if failures + 1 < self._settings.attempts:
                self._wait(self._pause(trouble, failures + 1), f"{url}: {trouble}")
        raise FetchError(
            f"no answer in {self._settings.attempts} tries: {trouble}",
            file=url,
            remedy="check the network (or fetch.proxy), then run again",
        ) from trouble

    def _pause(self, trouble: Retry, failures: int) -> float:
        if trouble.wait_s is None:
            return self._settings.backoff_s * 2 ** max(failures - 1, 0)
        if trouble.wait_s > self._settings.longest_wait_s:
            raise FetchError(
                f"the server asks to wait {trouble.wait_s:.0f} s",
                rule=f"fetch.longest_wait_s = {self._settings.longest_wait_s:.0f}",
                remedy="run again later: what is there stays",
            )
        return trouble.wait_s

    def _wait(self, seconds: float, why: str) -> None:
        """Wait with a countdown that can be seen."""
        while seconds > 0:
            print(f"waiting {seconds:.0f} s: {why}", flush=True)
            step = min(seconds, 10.0)
            self._sleep(step)
            seconds -= step


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _asked_wait(response: requests.Response) -> float | None:
    """Seconds that the server asks to wait: Retry-After (s or date), else X-RateLimit-Reset (unix s)."""
    after, reset = response.headers.get("Retry-After"), response.headers.get("X-RateLimit-Reset")
    try:
        if after is not None:
            if after.strip().isdigit():
                return float(after)
            return max(0.0, email.utils.parsedate_to_datetime(after).timestamp() - time.time())
        if reset is not None:
            return max(0.0, float(reset) - time.time())
    except (ValueError, TypeError):
        pass
    return None


def _refuse_other_than_data(response: requests.Response, entry: Entry) -> None:
    """An HTML page or a JSON message must never be saved as data."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
    expected = entry.key.lower().endswith((".json", ".html", ".htm", ".xml", ".geojson"))
    if kind.startswith(NOT_DATA) and not expected:
        raise FetchError(
            f"{kind} where data are expected",
            file=entry.key,
            where=response.url.split("?")[0],
            given=response.raw.read(200, decode_content=True).decode("utf-8", "replace"),
        )
