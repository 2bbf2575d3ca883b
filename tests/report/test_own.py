"""The page of somebody's own nights: theirs, and nothing of the paper's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from metalclouds.config import validate
from metalclouds.figures import stripe_words
from metalclouds.report import own
from metalclouds.schema.datasets import INSTRUMENTS
from metalclouds.schema.documents import Inventory
from tests.figures import fake_run

PAPERS = re.compile(
    r"Yanqing|Changping|Xinglong|Beijing|Ca\s?\+|Ca⁺|\b202[0-2]-|Chen et al|40\.[234]°|11[67]\.\d°|the paper says"
)
NIGHTS = [case["night"] for case in fake_run.CASES[:2]]


@pytest.fixture(scope="module")
def folder(own_runs):
    return own_runs["own"]


def _words(path: Path) -> str:
    html = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_front_page_is_of_the_nights_at_hand(folder):
    words = _words(folder / "report/index.html")
    assert "Na lidar of Fort Collins" in words
    assert "Na lidar, 40.6°N, 105.1°W" in words
    assert all(night in words for night in NIGHTS)
    assert "none of its 40 profiles can be used" in words
    assert "claims" not in words.lower()


@pytest.mark.parametrize("page", ["index", *(f"figure{number}" for number in range(1, 7))])
def test_no_page_names_what_is_the_papers(folder, page):
    assert PAPERS.findall(_words(folder / f"report/{page}.html")) == []


ROW = {"profiles": 600, "profiles_bad": 20, "score_150": 3.1, "noise_floor_cm3": 0.4, "observed": True}


@pytest.mark.parametrize(
    ("change", "clouds", "wanted"),
    [
        ({"profiles_bad": 600}, 0, "none of its 600 profiles"),
        ({}, 3, "3 structures were taken for clouds"),
        ({}, 1, "one structure was taken for clouds"),
        ({}, 0, "nothing rises above the noise (highest score 3.1 standard deviations; noise of a cell 0.4 cm-3)"),
        ({"observed": False}, 0, "too few usable hours"),
        ({"score_150": float("nan")}, 0, "no cell above the boundary was observed"),
    ],
)
def test_no_stripes_come_with_their_reason(change, clouds, wanted):
    assert wanted in own.why_none(pd.Series(ROW | change), clouds)


def test_a_figure_of_an_instrument_that_is_not_there_is_a_line():
    """A folder with a lidar alone: maps, sporadic E and the figure that needs winds are named, not framed."""
    there = {
        name: Inventory(name, "present" if name == "lidar" else "absent", synthetic=False) for name in INSTRUMENTS
    }
    lacking = {number: own.lacking(number, there) for number in own.NEEDED}
    assert {number for number, words in lacking.items() if words} == {2, 3, 6}
    assert lacking[6] == "winds"


def test_folded_settings_are_of_the_instruments_at_hand():
    there = {
        name: Inventory(name, "present" if name == "lidar" else "absent", synthetic=False) for name in INSTRUMENTS
    }
    kept = own.settings_shown(validate({}).model_dump(mode="json"), there)
    words = json.dumps(kept)
    assert kept["ingest"].keys() >= {"lidar", "catalogue"}
    assert not [
        word for word in ("BP440", "tec", "es_panels", "ionosonde", "claims", "zenodo") if f'"{word}' in words
    ]


def test_a_table_is_linked_once_by_its_own_name(folder):
    html = (folder / "report/index.html").read_text(encoding="utf-8")
    labels = re.findall(r"<a [^>]*>([^<]*nights\.csv)</a>", html)
    assert len(labels) == len(set(labels)) > 0


STRIPE = {
    "id": "a", "peak_density_cm3": 97.226, "width_s": 65.7, "width_sigma_s": 2.8, "slowness_s_per_km": -0.2407,
    "slowness_sigma_s_per_km": 0.103, "resolved": False,
}  # fmt: skip


def test_a_peak_has_the_digits_that_it_is_known_to():
    assert [stripe_words.two_digits(value) for value in (32.62906, 153.2, 4.07)] == ["33", "150", "4.1"]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    # The rule of the Particle Data Group: 3.6 has one digit, 1.4 has two.
    [(66.199, 3.6, "66 ± 4"), (12.34, 1.4, "12.3 ± 1.4"), (153.2, 47.0, "150 ± 50"), (4.071, float("nan"), "4.1"),
     (97.226, 364.6, "97 (error not bounded)")],
)  # fmt: skip
def test_a_peak_is_given_to_its_error(value, error, words):
    row = pd.Series(STRIPE | {"peak_density_cm3": value})
    assert stripe_words.peak(row, {"a": error}) == words
    assert stripe_words.peak(row, {}) == stripe_words.two_digits(value)


def test_a_width_is_no_limit_where_only_the_slant_is_not_resolved():
    """`resolved` is about the slant: a stripe of 70 s in profiles of 33 s has a width of its own."""
    row = pd.Series(STRIPE)
    assert (stripe_words.width(row), stripe_words.slowness(row)) == ("66 ± 3", "−0.24 ± 0.10")


def test_a_peak_has_the_error_of_its_altitude():
    profiles = pd.DataFrame(
        {"id": ["a", "a", "b"], "peak_density_cm3": [12.0, 20.0, 7.0], "peak_density_sigma_cm3": [1.0, 2.0, 0.5]}
    )
    assert stripe_words.peak_errors(profiles) == {"a": 2.0, "b": 0.5}
