"""What is asked seldom: sources by name, disks without links, partial files too long, listings of folders."""

from __future__ import annotations

import errno
import hashlib
import json
import os

import numpy as np
import pytest

from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.cache import Cache
from metalclouds.fetch.folder import fetch_record
from metalclouds.fetch.http import Client
from metalclouds.fetch.settings import FetchSettings, LocalSettings
from metalclouds.fetch.source import fetch_source
from metalclouds.fetch.zenodo import fetch_zenodo, newer_version
from tests.faults.provider import SIZE, fetch_settings
from tests.fetch.server import Provider, start

KEYS = ("a.mat", "b.zip")
NIGHT = "2021-06-03"
GIRO = "# GIRO\n2021-06-03T13:00:00.000Z 100 4.20 // 105.0 // --- -- 5.1 // 300 //\n"


@pytest.fixture
def provider():
    random = np.random.default_rng(2)
    made = Provider({key: random.bytes(SIZE) for key in KEYS})
    made.giro = {"2021/06/03": (200, GIRO)}
    return made


@pytest.fixture
def settings(provider, tmp_path):
    server, url = start(provider)
    made = fetch_settings(url, tmp_path)
    yield made.model_copy(update={"giro": made.giro.model_copy(update={"pause_s": 0.0})})
    server.shutdown()


def test_the_record_and_the_soundings_come_together(settings, tmp_path):
    found = fetch_source("zenodo", settings, [NIGHT], tmp_path / "run")
    assert [entry.key for entry in found.files][:2] == list(KEYS)
    assert len(found.files) == 3
    assert all((tmp_path / "run" / entry.path).is_file() for entry in found.files)


def test_soundings_that_are_not_wanted_are_not_asked_for(settings, provider, tmp_path):
    without = settings.model_copy(update={"giro": settings.giro.model_copy(update={"enabled": False})})
    assert len(fetch_source("zenodo", without, [NIGHT], tmp_path / "run").files) == 2
    assert not [request for request in provider.requests if "getbest" in request["path"]]


def test_a_folder_of_ones_own_has_to_be_named(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/x.txt").write_text("x")
    with pytest.raises(FetchError, match=r"fetch\.local\.folder"):
        fetch_source("local", FetchSettings(), [], tmp_path / "run")
    local = LocalSettings(folder=str(tmp_path / "mine"), synthetic=True, title="mine")
    found = fetch_source("local", FetchSettings(local=local), [], tmp_path / "run")
    assert ([entry.key for entry in found.files], found.synthetic, found.title) == (["x.txt"], True, "mine")
    with pytest.raises(FetchError, match="zenodo or local"):
        fetch_source("elsewhere", FetchSettings(), [], tmp_path / "run")


def test_a_partial_file_longer_than_the_record_says_is_begun_anew(settings, provider, tmp_path):
    cache = Cache(tmp_path / f"cache/zenodo-{settings.zenodo.record}")
    with cache.writing("a.mat") as part:
        part.write_bytes(b"x" * (SIZE + 1))
    fetch_zenodo(settings, tmp_path / "run", Client(settings))
    assert (tmp_path / "run/raw/files/a.mat").read_bytes() == provider.files["a.mat"]


def test_a_disk_without_links_gets_copies(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"content")

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", refuse)
    manifests.place(tmp_path / "a", tmp_path / "run/a")
    assert (tmp_path / "run/a").read_bytes() == b"content"
    assert not (tmp_path / "run/a").samefile(tmp_path / "a")


def test_a_newer_version_that_cannot_be_asked_for_stops_nothing(settings):
    unreachable = settings.model_copy(
        update={"zenodo": settings.zenodo.model_copy(update={"base_url": "http://127.0.0.1:9"}), "attempts": 1}
    )
    assert newer_version(Client(unreachable), unreachable) is None


def test_the_proxy_of_the_settings_is_asked_for_other_hosts(settings, provider):
    """The provider plays the proxy: it sees the whole address of another host."""
    proxy = settings.zenodo.base_url
    client = Client(settings.model_copy(update={"proxy": proxy, "attempts": 1}))
    client.text("http://zenodo.invalid/api/records/1")
    assert provider.requests[-1]["path"].startswith("http://zenodo.invalid/")


@pytest.mark.parametrize("checksum", ["sha1:aa", "", "aa"])
def test_a_listing_of_a_folder_with_another_checksum_is_refused(tmp_path, checksum):
    (tmp_path / "x").write_text("x")
    item = {"key": "x", "size": 1, "checksum": checksum, "links": {"self": "x"}}
    (tmp_path / "record.json").write_text(json.dumps({"title": "t", "synthetic": True, "files": [item]}))
    with pytest.raises(FetchError, match="md5 expected"):
        fetch_record(tmp_path / "record.json", tmp_path / "run")
    item["checksum"] = "md5:" + hashlib.md5(b"x").hexdigest()
    (tmp_path / "record.json").write_text(json.dumps({"title": "t", "synthetic": True, "files": [item]}))
    assert len(fetch_record(tmp_path / "record.json", tmp_path / "run").files) == 1
