"""The table of options is that of the readers, and of the page."""

from __future__ import annotations

import re
from pathlib import Path

import metalclouds.ingest
from metalclouds.ingest.options import OPTIONS, Asked, not_asked

PAGE = (Path(__file__).parents[2] / "docs/readers.md").read_text(encoding="utf-8")
CODE = "\n".join(path.read_text() for path in Path(metalclouds.ingest.__file__).parent.rglob("*.py"))


def test_options_that_readers_ask_for_are_in_the_table():
    asked = set(re.findall(r"context\.(?:option|options\.get)\(\s*\"(\w+)\"", CODE)) - {"evidence"}
    assert asked - OPTIONS.keys() == set()


def test_options_of_the_table_are_on_the_page():
    rows = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"(?m)^\| (`.*?) \|", PAGE))))
    assert OPTIONS.keys() - rows == set()


def test_what_was_not_asked_for_is_named():
    asked: set[str] = set()
    given = {"clock": "UT", "date": "2021-01-08", "variables": {"time": "t", "tiem": "h"}}
    options = Asked(given, asked)
    assert options.get("clock") == "UT"
    assert options["variables"].get("time") == "t"
    assert not_asked(given, asked) == ["date", "variables.tiem"]
