"""HTTP requests that wait for rate limits, bound the size of bodies and send the token to one origin only."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests import exceptions
from requests.auth import AuthBase

from metalclouds import __version__
from metalclouds.errors import FetchError
from metalclouds.fetch.settings import FetchSettings

# Default agents of Python clients have been blocked by Zenodo; it asks for tool/version (url).
USER_AGENT = f"metalclouds/{__version__} (https://doi.org/10.5194/egusphere-2026-2356)"
# Small, so that little is lost with a connection: what came of a block before the break is not kept.
BLOCK = 1 << 14
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
# The largest listing or table that is taken into memory, bytes: a record of 10 000 files lists 10 MB.
LARGEST_TEXT = 32 << 20
# So much of an unexpected answer is shown, characters.
SHOWN = 200
# So much of it is read: a token that lies across the end of what is shown is taken out whole, bytes.
READ_FOR_SHOWN = 4096
# Zenodo sends "Retry-After: 0" while its limit is still in force, s.
LEAST_WAIT_S = 1.0
# A long wait is counted down in steps of so many seconds.
STEP_S = 10.0


@dataclass(frozen=True)
class Clock:
    """How to wait, and what time it is (unix s); tests have one of their own."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


class Retry(Exception):
    """A try that may go better later; `damaged` if the answer came, but is not what the record says."""

    def __init__(self, reason: str, wait_s: float | None = None, damaged: bool = False) -> None:
        super().__init__(reason)
        self.wait_s, self.damaged = wait_s, damaged


class Bearer(AuthBase):
    """Send a token to one origin only, whatever addresses a listing names."""

    def __init__(self, token: str, home: str) -> None:
        self._token, self._home = token, origin(home)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token if the request goes to its origin; requests drops it when another host is redirected to."""
        if origin(str(request.url)) == self._home:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class Client:
    """Requests to one provider.

    Parameters
    ----------
    settings
        pauses, tries, time-out and proxy.
    token
        sent as a bearer token to the host of `fetch.zenodo.base_url` only; never printed or written.
    """

    def __init__(self, settings: FetchSettings, token: str | None = None, clock: Clock | None = None) -> None:
        self._settings, self._token, self._clock = settings, token, clock or Clock()
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
        if token:
            self._session.auth = Bearer(token, settings.zenodo.base_url)
        if settings.proxy:
            self._session.proxies = {"http": settings.proxy, "https": settings.proxy}

    def text(self, url: str, headers: dict[str, str] | None = None) -> str:
        """The text at a URL; waits and tries again where that can help.

        Raises
        ------
        FetchError
            After the last try, at once on an answer that waiting does not mend (404, 403, ...), or if the text is
            larger than any listing.
        """
        return self._patiently(url, lambda: self._text_once(url, headers or {}))

    def json(self, url: str) -> dict[str, Any]:
        """The JSON object at a URL.

        Raises
        ------
        FetchError
            If the answer is not a JSON object; its beginning is shown.
        """
        text = self.text(url, {"Accept": "application/json"})
        try:
            content = json.loads(text)
            json.dumps(content, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise FetchError("JSON expected", file=url, given=text[:SHOWN]) from error
        if not isinstance(content, dict):
            raise FetchError("a JSON object expected", file=url, given=text[:SHOWN])
        return content

    def once(self, url: str, headers: dict[str, str], accepted: tuple[int, ...] = ()) -> requests.Response:
        """One answer with status below 400 or an accepted one, its body not read yet.

        Raises
        ------
        Retry
            If the same may go better later.
        FetchError
            If not.
        """
        try:
            response = self._session.get(url, headers=headers, stream=True, timeout=self._settings.timeout_s)
        except (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema) as error:
            raise FetchError("not an address of the web", given=self.without_token(url)) from error
        except requests.RequestException as error:
            raise Retry(f"no connection ({type(error).__name__})") from error
        if response.status_code < 400 or response.status_code in accepted:
            return response
        with response:
            if response.status_code in RETRIED:
                raise Retry(f"HTTP {response.status_code}", self._asked_wait(response))
            raise FetchError(f"HTTP {response.status_code}", file=self.without_token(url), given=self.shown(response))

    def pause(self, trouble: Retry, failures: int, what: str) -> None:
        """Wait before the next try, as long as the server asks or twice as long as before, with a countdown.

        Raises
        ------
        FetchError
            If the server asks for a longer wait than the settings allow.
        """
        seconds = trouble.wait_s
        if seconds is None:
            seconds = self._settings.backoff_s * 2 ** max(failures - 1, 0)
        elif seconds > self._settings.longest_wait_s:
            raise FetchError(
                f"the server asks to wait {seconds:.0f} s",
                rule=f"fetch.longest_wait_s = {self._settings.longest_wait_s:.0f}",
                remedy="run again later: what is there stays",
            )
        while seconds > 0:
            print(f"waiting {seconds:.0f} s: {self.without_token(what)}: {trouble}", flush=True)
            self._clock.sleep(min(seconds, STEP_S))
            seconds -= STEP_S

    def shown(self, response: requests.Response) -> str:
        """The beginning of an answer, for people; the token is taken out, where the server echoes it."""
        try:
            return self.beginning(_bounded(response, READ_FOR_SHOWN, cut=True))
        except (requests.RequestException, FetchError):
            return "(the body could not be read)"

    def beginning(self, body: bytes) -> str:
        """The first characters of a body, without the token; of the bytes more than these, so that none is cut."""
        return self.without_token(body[:READ_FOR_SHOWN].decode("utf-8", "replace"))[:SHOWN]

    def without_token(self, text: str) -> str:
        """The text with the token taken out."""
        return text.replace(self._token, "***") if self._token else text

    def _text_once(self, url: str, headers: dict[str, str]) -> str:
        with self.once(url, headers) as response:
            try:
                body = _bounded(response, LARGEST_TEXT)
            except requests.RequestException as error:
                raise Retry(f"connection lost ({type(error).__name__})") from error
        return self.without_token(body.decode("utf-8", "replace"))

    def _patiently(self, url: str, act: Callable[[], str]) -> str:
        for failures in range(1, self._settings.attempts + 1):
            try:
                return act()
            except Retry as error:
                trouble = error
            if failures < self._settings.attempts:
                self.pause(trouble, failures, url)
        raise FetchError(
            f"no answer in {self._settings.attempts} tries: {trouble}",
            file=url,
            remedy="check the network (or fetch.proxy), then run again",
        ) from trouble

    def _asked_wait(self, response: requests.Response) -> float | None:
        """Seconds that the server asks to wait: Retry-After (s or date), else X-RateLimit-Reset (unix s)."""
        after, reset = response.headers.get("Retry-After"), response.headers.get("X-RateLimit-Reset")
        try:
            if after is not None:
                seconds = _seconds(after, self._clock.now())
            elif reset is not None:
                seconds = float(reset) - self._clock.now()
            else:
                return None
        except (ValueError, OverflowError, urllib3.exceptions.InvalidHeader):
            return LEAST_WAIT_S
        return LEAST_WAIT_S if math.isnan(seconds) else max(seconds, LEAST_WAIT_S)


def _seconds(after: str, now: float) -> float:
    """The header Retry-After, a number or a date, as seconds from now."""
    if after.strip().isdigit():
        return float(after)
    # urllib3 counts a date from the clock of the machine.
    return urllib3.util.Retry().parse_retry_after(after) + time.time() - now


def blocks(response: requests.Response, size: int) -> Iterator[bytes]:
    """The body in blocks, no more of it than a block beyond `size` bytes."""
    come = 0
    for block in response.iter_content(BLOCK):
        yield block
        come += len(block)
        if come > size:
            return


def _bounded(response: requests.Response, size: int, cut: bool = False) -> bytes:
    """The body, if it is no longer than `size` bytes; or its first bytes with `cut`."""
    body = b"".join(blocks(response, size))
    if len(body) > size and not cut:
        raise FetchError("the answer is larger than any listing", file=response.url, rule=f"{size} bytes at most")
    return body[:size]
