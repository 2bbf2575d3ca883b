"""The configuration: all mistakes at once; the page of keys is the code's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from metalclouds import config, config_page
from metalclouds.errors import ConfigError, ReadError

ROOT = Path(__file__).parents[1]


@pytest.fixture
def content():
    return yaml.safe_load((ROOT / "config/config.yaml").read_text())


def test_shipped_configuration_is_valid(content):
    settings = config.validate(content)
    assert settings.source == "twin"
    assert [case.panel for case in settings.cases] == list("abcdef")


def test_all_mistakes_are_reported_at_once(content):
    content.update(source="zenodoo", colour="red")
    content["cases"][0]["night"] = "2021-13-01"
    content["fetch"] = {"connections": 9}
    with pytest.raises(ConfigError) as raised:
        config.validate(content)
    text = str(raised.value)
    assert "4 mistakes" in text
    for key, value in (
        ("source", "zenodoo"),
        ("colour", "red"),
        ("cases.0.night", "2021-13-01"),
        ("fetch.connections", "9"),
    ):
        line = next(line for line in text.splitlines() if line.strip().startswith(f"{key}:"))
        assert value in line


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "twin"),
        ({"source": "zenodo"}, "zenodo"),
        ({"source": "local", "fetch": {"local": {"folder": "some/where/mine"}}}, "local-mine"),
        ({"source": "zenodo", "run": "second"}, "second"),
    ],
)
def test_name_of_the_run(content, changes, name):
    assert config.run_name(config.validate({**content, **changes})) == name


def test_not_yaml(tmp_path):
    (tmp_path / "c.yaml").write_text("a: [")
    with pytest.raises(ReadError, match="not a readable YAML"):
        config.load(tmp_path / "c.yaml")


def test_page_of_keys_is_up_to_date():
    assert (ROOT / "config/README.md").read_text() == config_page.page(), "run: python -m metalclouds.config_page"


def test_schema_for_editors_is_up_to_date_and_knows_a_wrong_key():
    text = (ROOT / "config/schema.json").read_text(encoding="utf-8")
    assert text == config_page.schema(), "run: python -m metalclouds.config_page"
    schema = json.loads(text)
    assert schema["additionalProperties"] is False
    assert set(config.SECTIONS) < set(schema["properties"])


def test_every_key_has_a_meaning():
    rows = [line for line in config_page.page().splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert not [row for row in rows if row.endswith("|  |")]


PAPERS = [{"panel": "a", "night": "2021-01-08"}, {"panel": "f", "night": "2021-05-10"}]
OWN = [{"panel": "a", "night": "2023-07-20"}]


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ({"source": "local", "cases": PAPERS}, 0),
        ({"source": "local"}, 0),
        ({"source": "local", "cases": OWN}, 1),
        ({"source": "local", "cases": PAPERS, "claims": {"local_is_the_paper": True}}, 2),
        ({"source": "zenodo", "cases": PAPERS}, 2),
    ],
)
def test_the_papers_nights_are_not_those_of_a_folder_of_ones_own(content, left):
    settings = config.validate(content)
    assert len(settings.cases) == left
    assert settings.figures.enlarged_panel == ("a" if not left else "f")


def test_a_panel_that_was_chosen_stays():
    content = {"source": "local", "figures": {"enlarged_panel": "b"}, "derive": {"beta": {"marked_panel": "c"}}}
    settings = config.validate(content)
    assert (settings.figures.enlarged_panel, settings.derive.beta.marked_panel) == ("b", "c")


def test_a_section_that_is_none_is_still_a_mistake():
    with pytest.raises(ConfigError, match="figures"):
        config.validate({"source": "local", "figures": 3})
