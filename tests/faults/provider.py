"""One record of three files fetched from a provider that gives one of the hostile answers."""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metalclouds.errors import FetchError
from metalclouds.fetch.http import Client, Clock
from metalclouds.fetch.settings import FetchSettings, GiroSettings, ZenodoSettings
from metalclouds.fetch.zenodo import fetch_zenodo
from tests.faults.answers import ENDLESS, Answer
from tests.fetch.server import Provider, start

SIZE = 300_000
ATTEMPTS = 3
TOKEN = "a-secret-token"
# Tries of the listing, its newest version, and each file; redirects count as one each, thirty at most.
MOST_REQUESTS = 40 * ATTEMPTS
LONGEST_S = 20.0


@dataclass(frozen=True)
class Trial:
    """What came of one answer."""

    outcome: str
    text: str
    wrong: tuple[str, ...]


def fetch_settings(url: str, folder: Path) -> FetchSettings:
    """Settings for a provider at an address of the loopback."""
    return FetchSettings(
        zenodo=ZenodoSettings(base_url=url, manifest=str(folder / "committed.json")),
        giro=GiroSettings(base_url=f"{url}/fastchar/getbest"),
        cache=str(folder / "cache"), attempts=ATTEMPTS, backoff_s=0.01, timeout_s=0.5,
    )  # fmt: skip


def attempt(answer: Answer, folder: Path) -> Trial:
    """Fetch from a provider that gives the answer, and say what broke a rule."""
    random = np.random.default_rng(1)
    provider = Provider({key: random.bytes(SIZE) for key in ("a.mat", "b.zip", "c.txt")})
    answer.arrange(provider)
    server, url = start(provider)
    waits: list[float] = []
    said = io.StringIO()
    begin = time.monotonic()
    try:
        with contextlib.redirect_stdout(said):
            settings = fetch_settings(url, folder)
            client = Client(settings, TOKEN, Clock(waits.append, time.time))
            manifest = fetch_zenodo(settings, folder / "run", client)
        outcome, text = ("damaged", manifest.damaged[0].reason) if manifest.damaged else ("whole", "")
    except FetchError as error:
        outcome, text = "stopped", str(error)
    finally:
        server.shutdown()
        server.server_close()
    wrong = _broken_rules(provider, folder, said.getvalue() + text, time.monotonic() - begin)
    if outcome == "whole":
        wrong += _differing(provider, folder)
    if any(wait > 0 and wait < 1 for wait in waits) and answer.name.startswith(("Retry-After", "reset")):
        wrong.append("a wait of less than a second where the server asks to wait")
    return Trial(outcome, text, tuple(wrong))


def _broken_rules(provider: Provider, folder: Path, said: str, seconds: float) -> list[str]:
    rules = {
        "the token is printed": TOKEN[:6] in said,
        "the token is written": any(TOKEN.encode() in path.read_bytes() for path in folder.rglob("*.json")),
        "too many requests": len(provider.requests) > MOST_REQUESTS,
        "too many bytes asked for": provider.bytes_sent > ENDLESS,
        "too slow": seconds > LONGEST_S,
        "a file outside": Path("/tmp/metalclouds-climbed").exists() or len(list(folder.iterdir())) > 2,
        "more on disk than listed": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) > 8 * SIZE,
    }
    return [words for words, broken in rules.items() if broken]


def _differing(provider: Provider, folder: Path) -> list[str]:
    """Files of the run that are not what the provider has, whatever name they came under."""
    there = sorted(path.read_bytes() for path in (folder / "run/raw/files").rglob("*") if path.is_file())
    return [] if there == sorted(provider.files.values()) else ["the files are not those of the provider"]
