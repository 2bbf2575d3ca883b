"""The data that travel with the project: each file is named, with its holder, and has a licence of its own."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("tests/data", "src/metalclouds/data")
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix not in (".md", ".json", ".png")
)
# Holders that forbid to pass their files on.
FORBIDDEN = ("EMBRACE", "CGD_SAO", "CGK21", "Giro_stats")


def licences(name: str) -> list[str]:
    """Licences of a file, by the annotations that name it; the last one counts."""
    annotations = tomllib.loads((ROOT / "REUSE.toml").read_text())["annotations"]
    found = []
    for one in annotations:
        patterns = one["path"] if isinstance(one["path"], list) else [one["path"]]
        if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
            found.append(one["SPDX-License-Identifier"])
    return found


@pytest.mark.parametrize("name", FILES)
def test_data_of_others_have_a_licence_of_their_own(name):
    chosen = licences(name)[-1]
    assert chosen != "MIT"
    assert (ROOT / f"LICENSES/{chosen}.txt").is_file()


def test_every_test_file_is_in_the_list_with_its_holder():
    words = (ROOT / "tests/data/README.md").read_text()
    assert [name for name in FILES if name.startswith("tests/data") and Path(name).name not in words] == []


def test_no_file_is_of_a_holder_that_forbids_it():
    assert len(FILES) >= 9
    for name in FILES:
        assert not any(word in name for word in FORBIDDEN)
