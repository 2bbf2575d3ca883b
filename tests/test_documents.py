"""The JSON files of a run: read only in the form that is declared, written in no other."""

from __future__ import annotations

import dataclasses
import json

import pytest

from metalclouds.errors import ContractError, FetchError, ReadError
from metalclouds.schema.documents import BatchIndex, Document, Inventory, Manifest, NightFile, RawFile

# As a run has it on disk, written by hand.
INVENTORY = {
    "instrument": "lidar", "status": "present", "synthetic": False, "why": "", "where": "Zenodo", "source": "files",
    "batches": {"cases": [{"night": "2021-06-03", "reader": "lidar_arrays", "options": {"unit": "m-3"},
                           "files": [{"path": "raw/files/a.zip", "member": "x.nc"}]}],
                "2021": [{"night": "2021-01-05", "reader": "lidar_arrays", "options": {}, "files": []}]},
    "unmapped": [{"file": "b.dat", "seen": "text", "instrument": "", "lines": ""}],
    "damaged": [{"file": "c.zip", "reason": "cut", "kind": "damaged", "instrument": "lidar"}],
    "sha256": {"raw/files/a.zip": "00"},
}  # fmt: skip


def written(folder, content):
    path = folder / "inventory.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_document_comes_back_as_it_lies_on_disk(tmp_path):
    inventory = Inventory.read(written(tmp_path, INVENTORY))
    assert inventory.nights() == ["2021-01-05", "2021-06-03"]
    assert inventory.batches["cases"][0].files[0].member == "x.nc"
    inventory.write(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == INVENTORY


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("status", "here", ["status", "'present', 'absent' or 'unread'", "here"]),
        ("synthetic", "no", ["synthetic", "valid boolean", "no"]),
        ("colour", "red", ["colour", "no such key", "red"]),
        ("batches", {"cases": [{"night": 7, "reader": "x", "files": []}]}, ["batches.cases.0.night", "string", "7"]),
    ],
)
def test_a_breach_is_named_with_file_key_rule_and_value(tmp_path, key, value, said):
    path = written(tmp_path, INVENTORY | {key: value})
    with pytest.raises(ReadError) as caught:
        Inventory.read(path)
    for words in (str(path), *said):
        assert words in str(caught.value)


def test_a_missing_key_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"(?s)status.*must be there"):
        Inventory.read(written(tmp_path, {"instrument": "lidar", "synthetic": True}))


def test_nothing_is_written_of_another_kind(tmp_path):
    index = BatchIndex((NightFile("2021-06-03", "../cases/2021-06-03.nc", None),))  # type: ignore[arg-type]
    with pytest.raises(ContractError, match=r"nights\.0\.sha256"):
        index.write(tmp_path / "index.json")
    assert not (tmp_path / "index.json").exists()


def test_files_of_a_manifest_stay_in_their_folder_and_have_a_place_each(tmp_path):
    with pytest.raises(FetchError, match="unsafe"):
        Manifest.read(written(tmp_path, {"source": "local", "title": "", "synthetic": False,
                                         "files": [{"key": "../a", "size": 1}]}))  # fmt: skip
    with pytest.raises(FetchError, match="one place"):
        Manifest("local", "", False, (RawFile("a", 1), RawFile("a/b", 1)))


@pytest.mark.parametrize("kind", Document.__subclasses__(), ids=lambda kind: kind.__name__)
def test_documents_are_frozen(kind):
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
