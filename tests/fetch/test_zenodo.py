"""Every fault of a real provider is injected and asserted, requests and bytes counted."""

from __future__ import annotations

import hashlib
import socket

import numpy as np
import pytest

from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.giro import fetch_giro
from metalclouds.fetch.http import Client, Clock
from metalclouds.fetch.settings import FetchSettings, GiroSettings, ZenodoSettings
from metalclouds.fetch.zenodo import fetch_zenodo, newer_version
from metalclouds.schema.documents import DamagedRawFile

from .server import Provider, start

SIZE = 300_000
# 2026-01-01, as the tests have it.
NOW = 1767225600.0


@pytest.fixture
def provider():
    random = np.random.default_rng(1)
    return Provider({key: random.bytes(SIZE) for key in ("a.mat", "b.zip", "c.txt")})


@pytest.fixture
def base_url(provider):
    server, url = start(provider)
    yield url
    server.shutdown()


@pytest.fixture
def settings(base_url, tmp_path):
    return FetchSettings(
        zenodo=ZenodoSettings(base_url=base_url, manifest=str(tmp_path / "committed.json")),
        giro=GiroSettings(base_url=f"{base_url}/fastchar/getbest"),
        cache=str(tmp_path / "cache"),
        attempts=3,
        backoff_s=0.01,
        timeout_s=0.5,
    )


@pytest.fixture
def waits():
    return []


@pytest.fixture
def fetch(settings, tmp_path, waits):
    def run(**changes):
        changed = settings.model_copy(update=changes)
        return fetch_zenodo(
            changed, tmp_path / "run", Client(changed, token="secret", clock=Clock(waits.append, lambda: NOW))
        )

    return run


def paths(provider, ending):
    return [r["path"] for r in provider.requests if r["path"].endswith(ending)]


def test_brings_every_file_whole(fetch, provider, tmp_path):
    manifest = fetch()
    assert [entry.key for entry in manifest.files] == ["a.mat", "b.zip", "c.txt"]
    for entry in manifest.files:
        assert (tmp_path / "run" / entry.path).read_bytes() == provider.files[entry.key]
        assert len(entry.sha256) == 64
    assert not manifest.damaged
    assert provider.bytes_sent == 3 * SIZE


def test_second_run_opens_no_socket(fetch, provider, monkeypatch):
    first = fetch()
    asked = len(provider.requests)

    def refuse(*arguments, **keywords):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert fetch() == first
    assert len(provider.requests) == asked


def test_names_itself_and_sends_the_token(fetch, provider):
    fetch()
    for request in provider.requests:
        assert request["headers"]["User-Agent"].startswith("metalclouds/")
        assert "(https://" in request["headers"]["User-Agent"]
        assert request["headers"]["Authorization"] == "Bearer secret"


def test_token_is_never_printed_or_written(fetch, provider, tmp_path, capfd):
    provider.fault("a.mat", {"status": 503}, "corrupt")
    fetch()
    assert "secret" not in "".join(capfd.readouterr())
    for path in tmp_path.rglob("*.json"):
        assert "secret" not in path.read_text()


def test_resumes_a_dying_connection_with_range(fetch, provider):
    provider.fault("a.mat", ("die after", 100_000))
    fetch()
    asked = [r["headers"].get("Range") for r in provider.requests if "a.mat" in r["path"]]
    assert asked[0] is None
    assert asked[1].startswith("bytes=")
    # What came before the break is not asked for again; a few kB may have been lost with the connection.
    assert provider.bytes_sent < 3 * SIZE + 100_000


def test_resumes_after_an_interrupted_run(fetch, provider, settings, tmp_path):
    for key in provider.files:
        provider.fault(key, *[("die after", 50_000)] + [{"status": 500}] * 3)
    with pytest.raises(FetchError, match="run again"):
        fetch()
    parts = sorted((tmp_path / "cache").rglob("*.part"))
    assert parts, "the partial file stays, under another name"
    assert not (tmp_path / "run/raw").exists()
    provider.faults.clear()
    provider.bytes_sent = 0
    fetch()
    assert provider.bytes_sent < 3 * SIZE


def test_starts_anew_where_the_server_has_no_ranges(fetch, provider, tmp_path):
    provider.ranges = False
    provider.fault("a.mat", ("die after", 100_000))
    manifest = fetch()
    assert (tmp_path / "run" / manifest.files[0].path).read_bytes() == provider.files["a.mat"]


def test_gives_up_a_stalled_connection_and_goes_on(fetch, provider, tmp_path):
    provider.fault("b.zip", ("stall after", 1000, 3.0))
    manifest = fetch()
    assert (tmp_path / "run" / manifest.files[1].path).read_bytes() == provider.files["b.zip"]


def test_truncated_body_is_completed(fetch, provider, tmp_path):
    provider.fault("c.txt", "truncate")
    manifest = fetch()
    assert (tmp_path / "run" / manifest.files[2].path).read_bytes() == provider.files["c.txt"]


def test_waits_as_retry_after_says(fetch, provider, waits):
    provider.fault("listing", {"status": 429, "headers": {"Retry-After": "17"}})
    fetch()
    assert sum(waits) == pytest.approx(17)
    assert max(waits) <= 10, "a long wait is counted down"


def test_waits_until_the_rate_limit_resets(fetch, provider, waits):
    reset = str(int(NOW) + 42)
    provider.fault("a.mat", {"status": 429, "headers": {"X-RateLimit-Reset": reset, "X-RateLimit-Remaining": "0"}})
    fetch()
    assert sum(waits) == pytest.approx(42)


def test_refuses_to_wait_for_ever(fetch, provider):
    provider.fault("listing", {"status": 429, "headers": {"Retry-After": "86400"}})
    with pytest.raises(FetchError, match="86400"):
        fetch()


def test_redirect_to_a_page_is_refused_and_shown(fetch, provider, tmp_path):
    provider.fault("a.mat", "redirect")
    with pytest.raises(FetchError, match=r"(?s)1 of 3 files: text/html.*please log in"):
        fetch()
    assert not list(tmp_path.rglob("a.mat"))
    kept = {path.name for path in (tmp_path / "cache/zenodo-15713532/files").iterdir()}
    assert kept == {"b.zip", "c.txt"}, "the others have arrived"
    provider.bytes_sent = 0
    assert len(fetch().files) == 3
    assert provider.bytes_sent == SIZE


def test_wrong_md5_once_is_mended(fetch, provider):
    provider.fault("a.mat", "corrupt")
    assert not fetch().damaged
    assert len(paths(provider, "a.mat/content")) == 2


def test_wrong_md5_twice_is_named_and_not_used(fetch, provider, tmp_path):
    provider.fault("a.mat", "corrupt", "corrupt")
    manifest = fetch()
    assert manifest.damaged == (DamagedRawFile("a.mat", "md5 differs from the record"),)
    assert not list(tmp_path.rglob("a.mat*"))


def test_file_changed_on_disk_is_fetched_again(fetch, provider, tmp_path):
    fetch()
    (tmp_path / "cache/zenodo-15713532/files/b.zip").unlink()
    (tmp_path / "cache/zenodo-15713532/files/b.zip").write_bytes(b"x" * SIZE)
    provider.bytes_sent = 0
    manifest = fetch()
    assert provider.bytes_sent == SIZE
    assert (tmp_path / "run" / manifest.files[1].path).read_bytes() == provider.files["b.zip"]


def test_changed_record_is_noticed_against_the_manifest(fetch, provider, tmp_path):
    fetch()
    (tmp_path / "cache/zenodo-15713532/files/a.mat").unlink()
    provider.files["a.mat"] = bytes(SIZE)
    assert [item.reason for item in fetch().damaged] == ["md5 differs from the record"]


def test_at_most_two_at_a_time(settings, base_url, provider, fetch):
    for key in provider.files:
        provider.fault(key, ("stall after", 10, 0.3))
    fetch()
    assert provider.most_concurrent == 2


def test_newer_version_is_only_reported(fetch, provider, settings, capfd):
    provider.latest = 99999999
    manifest = fetch()
    assert manifest.record.id == 15713532
    assert "99999999" in capfd.readouterr().out
    assert "99999999" in newer_version(Client(settings), settings)


def test_disk_space_is_checked_first(fetch, provider, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10})())
    with pytest.raises(FetchError, match="disk is too small"):
        fetch()
    assert provider.bytes_sent == 0


def test_progress_shows_rate_and_time_to_go(fetch, capfd):
    fetch()
    lines = [line for line in capfd.readouterr().out.splitlines() if "MB/s" in line]
    assert len(lines) >= 3
    assert all("to go" in line and "all:" in line for line in lines)


def test_server_error_says_what_to_do(fetch, provider):
    provider.fault("listing", *[{"status": 502}] * 3)
    with pytest.raises(FetchError, match="run again"):
        fetch()


@pytest.mark.parametrize("key", ["../x", "/etc/x", "a/../../b", "", "a\\b"])
def test_unsafe_names_are_refused(key):
    with pytest.raises(FetchError, match="unsafe"):
        manifests.safe_key(key)


TABLE = "# GIRO\n2021-06-03T13:00:00.000Z 100 4.20 // 105.0 // --- -- 5.1 // 300 //\n"


def test_giro_one_request_a_night_and_then_none(settings, provider, tmp_path, waits, capfd):
    provider.giro = {"2021/06/03": (200, TABLE), "2021/06/04": (200, TABLE)}
    nights = ["2021-06-03", "2021-06-04", "2022-01-16"]
    entries, unavailable = fetch_giro(settings, nights, tmp_path / "run", sleep=waits.append)
    assert len(provider.requests) == 2
    assert waits == [settings.giro.pause_s]
    assert [entry.key for entry in entries] == ["GIRO_BP440_2021-06-03.txt", "GIRO_BP440_2021-06-04.txt"]
    assert "2022-01-16" in unavailable[0].what
    assert "2021-11-07" in unavailable[0].why
    assert "CC BY-NC-SA" in capfd.readouterr().out
    kept = (tmp_path / "run" / entries[0].path).read_text()
    assert kept == f"# requested characteristics: foEs,hEs,fbEs,foF2,hF2\n{TABLE}"
    fetch_giro(settings, nights, tmp_path / "run", sleep=waits.append)
    assert len(provider.requests) == 2


def test_giro_asks_for_what_the_service_expects(settings, provider, tmp_path):
    provider.giro = {"2021/06/03": (200, TABLE)}
    fetch_giro(settings, ["2021-06-03"], tmp_path / "run")
    assert "ursiCode=BP440" in provider.requests[0]["path"]
    assert "charName=foEs,hEs,fbEs,foF2,hF2" in provider.requests[0]["path"]
    assert "fromDate=2021/06/03+00:00:00" in provider.requests[0]["path"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, "# STATUS: ERROR (no data)"), "no data"),
        ((404, "gone"), "404"),
        ((200, "<html>down</html>"), "something else"),
    ],
)
def test_giro_failure_is_said_and_nothing_kept(settings, provider, tmp_path, answer, reason):
    provider.giro = {"2021/06/03": answer}
    entries, unavailable = fetch_giro(settings, ["2021-06-03"], tmp_path / "run")
    assert not entries
    assert reason in unavailable[0].why
    assert not list(tmp_path.rglob("GIRO*"))


def test_another_mirror_goes_on_with_what_the_first_listed(fetch, provider, settings):
    provider.fault("a.mat", *[{"status": 403}])
    with pytest.raises(FetchError, match="403"):
        fetch()
    mirror = Provider(provider.files)
    server, url = start(mirror)
    asked = len(provider.requests)
    manifest = fetch(zenodo=settings.zenodo.model_copy(update={"base_url": url}))
    server.shutdown()
    assert len(manifest.files) == 3
    assert len(provider.requests) == asked
    assert all(request["path"].endswith("/content") for request in mirror.requests)


def test_manifest_of_another_version_of_the_record_is_not_used(fetch, provider, settings, tmp_path):
    fetch()
    (tmp_path / "cache/zenodo-15713532/manifest.json").rename(tmp_path / "committed.json")
    newer = settings.zenodo.model_copy(update={"record": 99999999})
    provider.record = 99999999
    provider.files["d.txt"] = b"new"
    provider.listed["d.txt"] = hashlib.md5(b"new").hexdigest()
    assert [entry.key for entry in fetch(zenodo=newer).files] == ["a.mat", "b.zip", "c.txt", "d.txt"]
