"""Records and folders that are on disk already."""

from __future__ import annotations

import hashlib
import json

import pytest

from metalclouds.errors import FetchError
from metalclouds.fetch import manifest as manifests
from metalclouds.fetch.folder import fetch_folder, fetch_record


@pytest.fixture
def record(tmp_path):
    folder = tmp_path / "record"
    folder.mkdir()
    files = []
    for key, body in (("one.zip", b"1" * 1000), ("two.csv", b"2" * 10)):
        (folder / key).write_bytes(body)
        digest = hashlib.md5(body).hexdigest()
        files.append({"key": key, "size": len(body), "checksum": f"md5:{digest}", "links": {"self": key}})
    (folder / "lidar.json").write_text(json.dumps({"title": "simulated", "synthetic": True, "files": files}))
    return folder / "lidar.json"


def test_record_is_taken_verified(record, tmp_path):
    manifest = fetch_record(record, tmp_path / "run")
    assert manifest.synthetic
    assert [(e.key, e.path) for e in manifest.files] == [
        ("one.zip", "raw/files/one.zip"),
        ("two.csv", "raw/files/two.csv"),
    ]
    assert (tmp_path / "run/raw/files/two.csv").read_bytes() == b"2" * 10
    assert manifest.files[1].sha256 == hashlib.sha256(b"2" * 10).hexdigest()


@pytest.mark.parametrize(("body", "reason"), [(b"2" * 9, "size"), (b"3" * 10, "md5"), (None, "cannot be read")])
def test_damaged_file_is_named_and_not_used(record, tmp_path, body, reason):
    path = record.parent / "two.csv"
    path.unlink()
    if body is not None:
        path.write_bytes(body)
    manifest = fetch_record(record, tmp_path / "run")
    assert [entry.key for entry in manifest.files] == ["one.zip"]
    assert manifest.damaged[0].key == "two.csv"
    assert reason in manifest.damaged[0].reason
    assert not (tmp_path / "run/raw/files/two.csv").exists()


def test_listing_of_another_form_is_refused(record, tmp_path):
    record.write_text("{}")
    with pytest.raises(FetchError, match="listing"):
        fetch_record(record, tmp_path / "run")


def test_local_folder_is_linked_not_copied(tmp_path):
    folder = tmp_path / "mine"
    (folder / "nights").mkdir(parents=True)
    (folder / "nights/a.txt").write_text("a")
    (folder / ".hidden").write_text("x")
    manifest = fetch_folder(folder, tmp_path / "run", title="mine", synthetic=False)
    assert [entry.key for entry in manifest.files] == ["nights/a.txt"]
    assert (tmp_path / "run/raw/files/nights/a.txt").is_symlink()


def test_empty_or_absent_folder_is_an_error(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FetchError, match="folder"):
            fetch_folder(folder, tmp_path / "run", title="", synthetic=False)


def test_manifest_comes_back_as_it_was_written(record, tmp_path):
    manifest = fetch_record(record, tmp_path / "run")
    manifest.write(tmp_path / "m.json")
    assert manifests.read(tmp_path / "m.json") == manifest
