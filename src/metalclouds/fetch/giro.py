"""Sporadic-E characteristics of a Digisonde from GIRO's service, one request a day."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from metalclouds.constants import GIRO_REQUESTED
from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.http import Client
from metalclouds.fetch.manifest import RawFile
from metalclouds.fetch.settings import FetchSettings
from metalclouds.files import replacing
from metalclouds.schema.documents import UnavailableItem

# Beside the files of the record, whose names are its own.
FOLDER = Path("raw/giro")
LICENCE = (
    "GIRO data: CC BY-NC-SA 4.0 (non-commercial, share alike); acknowledge the Lowell GIRO Data Center and the "
    "station's owner. Downloaded for this run, not part of the project."
)


def request_url(settings: FetchSettings, night: str) -> str:
    """Address of one UT day of characteristics."""
    giro, day = settings.giro, night.replace("-", "/")
    query = {
        "ursiCode": giro.station,
        "charName": ",".join(giro.characteristics),
        "fromDate": f"{day} 00:00:00",
        "toDate": f"{day} 23:59:59",
    }
    return f"{giro.base_url}?{urlencode(query, safe='/:,')}"


def fetch_giro(
    settings: FetchSettings,
    nights: Sequence[str],
    run_dir: Path,
    client: Client | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[list[RawFile], list[UnavailableItem]]:
    """Characteristics of some nights, from the cache where they are.

    Returns
    -------
    entries, unavailable
        Files in the run, and for each night that could not be had the reason.
    """
    cache = Path(settings.cache) / f"giro-{settings.giro.station}"
    client = client or Client(settings)
    entries: list[RawFile] = []
    unavailable: list[UnavailableItem] = []
    asked = False
    for night in sorted(nights):
        path = cache / f"GIRO_{settings.giro.station}_{night}.txt"
        try:
            if not path.is_file():
                _check_held(settings, night)
                if asked:
                    sleep(settings.giro.pause_s)
                asked = True
                _download(client, settings, night, path)
        except FetchError as error:
            unavailable.append(UnavailableItem(f"Digisonde characteristics of {night}", error.problem))
            continue
        target = FOLDER / path.name
        manifests.place(path, run_dir / target)
        entry = RawFile(path.name, path.stat().st_size, url=request_url(settings, night))
        entries.append(replace(manifests.verified(path, entry), path=str(target)))
    if entries:
        print(LICENCE, flush=True)
    for item in unavailable:
        print(f"not available: {item.what}: {item.why}", flush=True)
    return entries, unavailable


def _check_held(settings: FetchSettings, night: str) -> None:
    if datetime.date.fromisoformat(night) > datetime.date.fromisoformat(settings.giro.last_day):
        raise FetchError(f"GIRO holds {settings.giro.station} until {settings.giro.last_day} only")


def _download(client: Client, settings: FetchSettings, night: str, path: Path) -> None:
    """Keep the answer, below a line that names the columns: not every answer does."""
    url = request_url(settings, night)
    text = client.text(url)
    # The service reports failures in the body, with status 200.
    failure = next((line for line in text.splitlines() if line.startswith("# STATUS: ERROR")), None)
    if failure:
        raise FetchError(f"GIRO answered: {failure.removeprefix('# STATUS: ').strip()}", file=url)
    if not text.lstrip().startswith("#"):
        raise FetchError("GIRO answered something else than a table", file=url, given=text[:200])
    with replacing(path) as temporary:
        temporary.write_text(f"{GIRO_REQUESTED} {','.join(settings.giro.characteristics)}\n{text}", encoding="utf-8")
