"""A cache that several runs share, what may be written where, and who may see a secret."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from metalclouds import config
from metalclouds.errors import ConfigError, FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.cache import Cache
from metalclouds.fetch.folder import fetch_folder
from metalclouds.fetch.giro import fetch_giro
from metalclouds.fetch.http import Client, Clock
from metalclouds.fetch.zenodo import fetch_zenodo
from metalclouds.files import replacing
from tests.faults.provider import SIZE, fetch_settings
from tests.fetch.server import Provider, start

KEYS = ("a.mat", "b.zip", "c.txt")
GIRO = "# GIRO\n2021-06-03T13:00:00.000Z 100 4.20 // 105.0 // --- -- 5.1 // 300 //\n"


@pytest.fixture
def provider():
    random = np.random.default_rng(1)
    return Provider({key: random.bytes(SIZE) for key in KEYS})


@pytest.fixture
def settings(provider, tmp_path):
    server, url = start(provider)
    yield fetch_settings(url, tmp_path)
    server.shutdown()


def right(provider: Provider, run: Path) -> bool:
    """Whether a run holds every file as the provider has it."""
    return all((run / "raw/files" / key).read_bytes() == body for key, body in provider.files.items())


@pytest.mark.parametrize("trial", range(5))
def test_two_fetches_at_once_bring_each_file_once(settings, provider, tmp_path, trial):
    for key in KEYS:
        provider.fault(key, ("stall after", 1000 * (trial + 1), 0.1))
    runs, troubles = [tmp_path / f"run{number}" for number in range(3)], []

    def work(run: Path) -> None:
        try:
            fetch_zenodo(settings, run, Client(settings, clock=Clock(lambda seconds: None)))
        except FetchError as error:
            troubles.append(error)

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not troubles
    assert all(right(provider, run) for run in runs)
    assert provider.bytes_sent <= len(KEYS) * (SIZE + 5000), "nothing is downloaded twice"
    assert not list(tmp_path.rglob("*.part"))


def test_what_was_verified_is_never_open_for_writing_elsewhere(tmp_path):
    """Where locks do not work, two writers have two names: the second cannot change what the first has verified."""
    cache = Cache(tmp_path)
    with cache.writing("a") as first:
        first.write_bytes(b"begun")
        late = open(first, "ab")  # noqa: SIM115  (a writer that the lock did not stop)
    with cache.writing("a") as second:
        late.write(b" and more")
        late.flush()
        assert second.read_bytes() == b"begun"
        assert second != first
    with late, cache.writing("b") as other:
        assert not other.exists()


def test_what_had_arrived_is_kept_where_there_is_no_room_for_a_copy(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    with cache.writing("a") as first:
        first.write_bytes(b"begun")

    def full(source: Path, target: Path) -> None:
        target.write_bytes(b"be")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    with cache.writing("a") as second:
        assert second.read_bytes() == b"begun"
        assert list(second.parent.iterdir()) == [second]


def test_verified_cache_that_cannot_be_written_is_enough(settings, provider, tmp_path):
    fetch_zenodo(settings, tmp_path / "run", Client(settings))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")}
    fetch_zenodo(settings, tmp_path / "again", Client(settings))
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")} == before


def test_file_called_manifest_is_the_records_own(settings, tmp_path):
    provider = Provider({"manifest.json": b'{"theirs": 1}', "partial/x": b"x", "locks": b"y"})
    server, url = start(provider)
    settings = fetch_settings(url, tmp_path)
    for _ in range(2):
        fetch_zenodo(settings, tmp_path / "run", Client(settings))
        assert right(provider, tmp_path / "run")
    server.shutdown()


@pytest.mark.parametrize("field", ["key", "path"])
@pytest.mark.parametrize("name", ["../../x", "/x", "a/../../x"])
def test_manifest_of_a_cache_is_checked_like_a_listing(settings, tmp_path, field, name):
    fetch_zenodo(settings, tmp_path / "run", Client(settings))
    path = Cache(tmp_path / "cache/zenodo-15713532").manifest
    content = json.loads(path.read_text())
    content["files"][0][field] = name
    path.write_text(json.dumps(content))
    with pytest.raises(FetchError, match="unsafe"):
        fetch_zenodo(settings, tmp_path / "other", Client(settings))
    assert not (tmp_path / "x").exists()


def test_giro_does_not_replace_a_file_of_the_record(settings, provider, tmp_path):
    name = "GIRO_BP440_2021-06-03.txt"
    provider.files[name], provider.giro = b"theirs", {"2021/06/03": (200, GIRO)}
    provider.listed[name] = hashlib.md5(b"theirs").hexdigest()
    record = fetch_zenodo(settings, tmp_path / "run", Client(settings))
    entries, _ = fetch_giro(settings, ["2021-06-03"], tmp_path / "run")
    assert right(provider, tmp_path / "run")
    assert "foEs" in (tmp_path / "run" / entries[0].path).read_text()
    manifests.merge([record, manifests.Manifest("zenodo", "", False, tuple(entries))])


def test_token_goes_to_the_configured_host_alone(settings, provider, tmp_path):
    other = Provider(provider.files)
    server, url = start(other)
    port = url.rsplit(":", 1)[1]

    def elsewhere(handler, content):
        for file in content["files"]:
            file["links"]["self"] = file["links"]["self"].replace(
                settings.zenodo.base_url, f"http://127.0.0.1:{port}"
            )
        handler.json(content)

    provider.always("listing", elsewhere)
    fetch_zenodo(settings, tmp_path / "run", Client(settings, "a-secret-token"))
    server.shutdown()
    assert other.requests
    assert not any("Authorization" in request["headers"] for request in other.requests)
    assert all(request["headers"]["Authorization"] == "Bearer a-secret-token" for request in provider.requests)


@pytest.mark.parametrize("key", ["proxy", "zenodo", "giro"])
def test_password_in_an_address_is_refused_and_not_repeated(key):
    address = "http://user:hunter2@proxy.example:8080"
    section = {"proxy": address} if key == "proxy" else {key: {"base_url": address}}
    with pytest.raises(ConfigError, match="HTTPS_PROXY") as error:
        config.validate({"fetch": section, "cases": []})
    assert "hunter2" not in str(error.value)


def test_local_folder_with_odd_files_gives_the_others(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "数据 1.txt").write_text("a")
    (folder / "nowhere.txt").symlink_to(tmp_path / "not there")
    (folder / "back\\slash.txt").write_text("b")
    os.mkfifo(folder / "pipe")
    with open(os.path.join(os.fsencode(folder), b"\xca\xfd.txt"), "w") as stream:
        stream.write("c")
    manifest = fetch_folder(folder, tmp_path / "run", title="", synthetic=False)
    assert [entry.key for entry in manifest.files] == ["数据 1.txt"]
    assert len(manifest.damaged) == 3
    manifest.write(tmp_path / "m.json")
    assert manifests.read(tmp_path / "m.json") == manifest


def test_written_files_have_the_rights_of_the_umask(tmp_path):
    old = os.umask(0o027)
    try:
        with replacing(tmp_path / "x") as temporary:
            temporary.write_text("x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


def test_name_of_255_bytes_can_be_written(tmp_path):
    with replacing(tmp_path / ("数" * 85)) as temporary:
        temporary.write_text("x")
    assert len(list(tmp_path.iterdir())) == 1
